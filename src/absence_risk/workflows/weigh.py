"""What the final test year is weighed by beside its measures: refits, families left out, four factors, gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .fit import fit_kind, settled

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import Dataset
    from ..evidence.refits import Refit
    from ..evidence.stability import Stability
    from ..models.bundle import Bundle, Model
    from ..settings import Settings
    from ..splits import Split
    from ..store import Store
    from .contend import Judged


def refits_of(last: Judged, settings: Settings) -> tuple[Refit, ...]:
    """The candidate trained again on other draws of the same past pupils."""
    from ..evidence.refits import refit

    asked, features, parts = settings.evidence, settings.features, last.parts
    alike = settled(settings, last.fitted)

    def fit(X: pd.DataFrame, y: Any, sample_weight: Any, seed: int) -> Model:
        return fit_kind(settings.model, X, y, features, alike, sample_weight=sample_weight, seed=seed)

    return refit(parts.train, parts.calibrate, features, fit, refits=asked.refits, seed=asked.seed)


def memory_of(last: Judged, settings: Settings) -> Mapping[str, float] | None:
    """What an attack on models of the candidate's kind and shape tells of whom they were trained on."""
    from ..evidence.memorising import as_facts, memorising

    features, alike = settings.features, settled(settings, last.fitted)

    def fit(X: pd.DataFrame, y: Any) -> Model:
        return fit_kind(settings.model, X, y, features, alike)

    return as_facts(memorising(last.parts.train, features, fit, seed=settings.evidence.seed))


def stability_of_list(last: Judged, refits: tuple[Refit, ...], settings: Settings) -> Stability | None:
    """How much of the list stays over the refits; None if there were none."""
    from ..evidence.refits import risks_of
    from ..evidence.stability import stability_of

    if not refits:
        return None
    test, candidate = last.parts.test, last.measured.contest.candidate
    return stability_of(test.y, candidate.score, risks_of(refits, test.X), capacity=settings.capacity)


def stability_tables(stability: Stability | None) -> dict[str, pd.DataFrame]:
    """The two tables of stability, empty if there were no refits."""
    from ..evidence.tables import EVIDENCE_TABLES

    if stability is not None:
        return dict(stability.tables)
    return {name: EVIDENCE_TABLES[name].frame([]) for name in ("stability", "inclusion")}


def swings(stability: Stability | None) -> dict[str, float | None]:
    """What the refits say in single numbers; None if there were none."""
    return {
        name: None if stability is None else float(getattr(stability, name))
        for name in ("median_inclusion", "largest_swing", "swing_95")
    }


def factor_tables(
    last: Judged, every_year: Dataset, bundle: Bundle, settings: Settings
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Odds ratios, the four families ranked beside the DfE's order, and what is lost without each family."""
    from ..evidence.factors import family_log_odds, odds_ratios
    from ..evidence.family_ranking import family_ranking, ranking_in_words
    from ..evidence.left_out import leave_families_out, necessity
    from ..explanation.contributions import by_family, explain

    contest, draws = last.measured.contest, last.measured.draws
    test, alike = last.parts.test, settled(settings, last.fitted)
    left_out = leave_families_out(
        last.parts.train,
        test,
        settings.features,
        lambda X, y, features: fit_kind(settings.model, X, y, features, alike),
        contest.candidate.score,
        draws,
        capacity=settings.capacity,
    )
    explained = explain(bundle, test.X[list(bundle.feature_names)], num_threads=2)
    ranked = family_ranking(
        by_family(explained.contributions, bundle.features),
        left_out,
        family_log_odds(every_year),
        draws,
        seed=settings.evidence.seed,
    )
    tables = {
        "odds_ratios": odds_ratios(every_year),
        "family_ranking": ranked,
        "necessity": necessity(left_out),
    }
    return tables, ranking_in_words(ranked)


def gates_table(
    tables: Mapping[str, pd.DataFrame],
    stability: Stability | None,
    store: Store,
    last: Judged,
    settings: Settings,
) -> pd.DataFrame:
    """The gates of the settings, judged on the last test year."""
    from ..disclosure import DisclosurePolicy
    from ..evidence.gates import GateBars, judge_gates

    return judge_gates(
        tables,
        GateBars(**settings.gates.model_dump()),
        median_inclusion=None if stability is None else stability.median_inclusion,
        sources=sources_on_next_list(store, last.split, settings),
        final_year=last.year,
        candidate=last.fitted[0].name,
        policy=DisclosurePolicy(**settings.disclosure.model_dump()),
    )


def sources_on_next_list(store: Store, split: Split, settings: Settings) -> list[Any]:
    """How far each kind of return reaches on the day the next list would be made: a year after the test's."""
    from datetime import date

    from ..evidence.gates import SourceReach
    from ..features.data_flags import sources_known

    day = split.test_year.next.as_of(settings.as_of.month, settings.as_of.day)
    found = sources_known(store.tables(), day)
    return [
        SourceReach(
            source.words,
            source.latest,
            source.stale,
            (day - date.fromisoformat(source.latest)).days if source.latest else None,
        )
        for source in found
    ]
