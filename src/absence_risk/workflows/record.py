"""What of a training run goes into MLflow: settings, measures, aggregates, figures and the bundle; never a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .fit import Parts

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import Dataset
    from ..disclosure import DisclosurePolicy
    from ..models.bundle import Bundle
    from ..reports.comparison import Comparison
    from ..settings import Settings
    from ..tracking import Tracking


def record(
    bundle: Bundle,
    extras: Mapping[str, bytes | str],
    parts: Parts,
    comparison: Comparison,
    settings: Settings,
    tracking: Tracking,
) -> tuple[str, int, bool]:
    """One run with everything that may leave the rows behind; a first version becomes champion at once.

    A tracking store is often shared, so numbers of pupils go through the disclosure policy first.
    """
    from ..disclosure import DisclosurePolicy, printable_record

    policy = DisclosurePolicy(**settings.disclosure.model_dump())
    flow = flow_of(parts.train, parts.calibrate, parts.test).set_index("academic_year")
    run_id = tracking.log_training(
        settings.name,
        params=_params(settings, bundle),
        measures={name: printable_record(found, policy) for name, found in bundle.measures.items()},
        tables={"comparison": comparison.table(policy), "flow": flow.map(policy.count).reset_index()},
        figures=_figures(bundle, parts.test, comparison, policy),
        bundle=bundle,
        extras=extras,
        tags={"made_up": bundle.data["made_up"], "verdict": comparison.verdict()},
    )
    version = tracking.register(run_id, bundle)
    if first := tracking.champion() is None:
        tracking.promote(version)
    return run_id, version, first


def _params(settings: Settings, bundle: Bundle) -> dict[str, object]:
    from ..settings import flat_settings

    stamps = {"data_fingerprint": bundle.data["fingerprint"], "bundle_sha256": bundle.hash}
    years = {f"years.{key}": value for key, value in bundle.years.items()}
    versions = {f"version.{name}": version for name, version in bundle.versions.items()}
    chosen = {"leaves_chosen": bundle.shape["leaves"]} if bundle.shape else {}
    return flat_settings(settings) | stamps | years | versions | chosen


def _figures(
    bundle: Bundle, test: Dataset, comparison: Comparison, policy: DisclosurePolicy
) -> dict[str, bytes]:
    """Aggregates only: calibration, found by length of list, and what the model goes by in general."""
    from ..evaluation.calibration import calibration_table
    from ..evaluation.ranking import by_list_length
    from ..evidence.one_year import list_lengths
    from ..explanation.contributions import by_family, explain, mean_size
    from ..models.rules import RULES
    from ..reports.figures import calibration_figure, list_length_figure, size_figure

    X = test.X[list(bundle.feature_names)]
    explained = explain(bundle, X, num_threads=2)
    best = next(rule for rule in RULES if rule.name == comparison.best_rule.name)
    lengths = list_lengths(bundle.capacity, len(test))
    scores = {comparison.saved.words: explained.risk, comparison.best_rule.words: best.score(test.X)}
    found = {words: by_list_length(test.y, score, lengths) for words, score in scores.items()}
    # A point that rests on a handful of pupils is left out of a drawing as its number is left out of a table.
    curves = {words: curve[~curve["found"].map(policy.hides)] for words, curve in found.items()}
    table = calibration_table(test.y, explained.risk)
    features = mean_size(explained.contributions, bundle.features).head(15)
    families = by_family(explained.contributions, bundle.features).abs().mean().sort_values(ascending=False)
    return {
        "calibration.svg": calibration_figure(table[~table["events"].map(policy.hides)]),
        "list_length.svg": list_length_figure(curves, capacity=bundle.capacity),
        "features.svg": size_figure(
            dict(zip(features["label"], features["mean_size"], strict=True)),
            title="What the model goes by: features",
        ),
        "families.svg": size_figure(
            {str(name).replace("_", " "): float(size) for name, size in families.items()},
            title="What the model goes by: families of records",
        ),
    }


def flow_of(*data: Dataset) -> pd.DataFrame:
    """Where every pupil went, one row per feature year."""
    import pandas as pd

    return pd.DataFrame([step for part in data for step in part.flow])
