"""Past years train, one calibrates, a later one tests beside the simple rules; that very model is saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..progress import Progress, numbered, silent
from ..reports.comparison import Comparison
from .fit import Parts, bundle_of, compare, fit_models
from .record import flow_of, record
from .tracked import tracking_for

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import Dataset
    from ..models.bundle import Bundle
    from ..settings import Settings
    from ..splits import Split
    from ..store import Store

STEPS = (
    "Finding the years that can be used",
    "Building features and labels",
    "Fitting the models, calibrating on a year not trained on",
    "Testing on the later year, beside the simple rules",
    "Saving the bundle",
    "Recording in MLflow",
)


@dataclass(frozen=True)
class Trained:
    """What a training run left behind.

    Attributes
    ----------
    bundle : Path
        The saved model.
    version : int
        Its version in the registry, alias ``challenger`` (and ``champion``, if there was none before).
    comparison : Comparison
        The model beside the rules on the test year.
    flow : DataFrame
        Pupils seen, left out by reason, and used, per feature year; the sums balance.
    years : str
        Which years trained, calibrated and tested.
    """

    bundle: Path
    run_id: str
    version: int
    champion: bool
    comparison: Comparison
    flow: pd.DataFrame
    years: str

    def in_words(self) -> str:
        """The verdict first, then the table, then what was written."""
        alias = "champion" if self.champion else "challenger"
        return "\n".join(
            (
                self.comparison.verdict(),
                "",
                self.years,
                self.comparison.in_words(),
                "",
                f"Wrote the bundle to {self.bundle}; registered as absence-risk version {self.version} ({alias})",
            )
        )


def run_train(
    store: Path | str,
    settings: Settings | Path | str,
    *,
    out: Path | str | None = None,
    tracking: str | None = None,
    progress: Progress = silent,
) -> Trained:
    """Train, test on a later year, save, register.

    Parameters
    ----------
    store : Path
        An authority store with at least three complete pairs of years.
    settings : Settings or Path
        What to train; a path is read as YAML.
    out : Path, optional
        Folder of the bundle; by default ``models/<name>`` beside the store.
    tracking : str, optional
        MLflow tracking address.

    Raises
    ------
    UsageError, InputError, StoreError, RefusedError
        If the settings, the years held or the store do not allow it; nothing is saved or registered then.
    """
    from ..splits import split_dataset
    from ..store import Store

    asked = _settings(settings)
    folder = Path(out) if out is not None else Path(store).resolve().parent / "models" / asked.name
    say = numbered(progress, STEPS)
    with Store(Path(store)) as opened:
        say(0)
        split = _split(opened, asked)
        say(1)
        data = _data(opened, split, asked)
        origin = {"fingerprint": opened.fingerprint, "made_up": opened.meta.get("made_up", "no")}
    parts = Parts(*split_dataset(data, split))
    say(2)
    fitted = fit_models(parts, asked)
    say(3)
    comparison = compare(parts.test, fitted, asked.capacity)
    say(4)
    bundle = bundle_of(parts, split, fitted[0], comparison, asked, origin)
    bundle.save(folder, extras={"card.md": _card(bundle)})
    say(5)
    run_id, version, champion = record(
        bundle, folder, parts, comparison, asked, tracking_for(Path(store), tracking)
    )
    return Trained(folder, run_id, version, champion, comparison, flow_of(data), _years_in_words(split))


def _settings(settings: Settings | Path | str) -> Settings:
    from ..settings import Settings, read_settings

    return settings if isinstance(settings, Settings) else read_settings(Path(settings))


def _split(store: Store, settings: Settings) -> Split:
    from ..dataset import usable_years
    from ..splits import temporal_split

    found = usable_years(store.tables(), as_of_month=settings.as_of.month, as_of_day=settings.as_of.day)
    try:
        return temporal_split(found.years)
    except UsageError as fault:
        left_out = "; ".join(f"{year}: {why}" for year, why in found.left_out.items())
        raise UsageError(f"{fault}. Years left out: {left_out or 'none'}") from None


def _data(store: Store, split: Split, settings: Settings) -> Dataset:
    from ..dataset import build_dataset

    years = (*split.train_years, split.calibration_year, split.test_year)
    return build_dataset(
        store.tables(),
        years,
        settings.outcome_definition,
        as_of_month=settings.as_of.month,
        as_of_day=settings.as_of.day,
    )


def _card(bundle: Bundle) -> bytes:
    from ..reports.model_card import model_card

    return model_card(bundle).encode("utf-8")


def _years_in_words(split: Split) -> str:
    trained = ", ".join(str(year) for year in split.train_years)
    return (
        f"Trained on feature years {trained}; calibrated on {split.calibration_year}; tested on {split.test_year}, "
        f"whose outcome is {split.test_year.next}."
    )
