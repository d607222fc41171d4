"""Past years train, one calibrates, a later one tests beside the simple rules; that very model is saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..progress import Progress, numbered, silent
from ..reports.comparison import Comparison
from ..reports.flow_words import flow_in_words
from ..reports.shape import shape_in_words
from .already_there import MADE_OF_FILE, name_of_work
from .exclusions import exclusions_of, notes_on
from .fit import bundle_of, compare, fit_models, parts_of
from .record import flow_of, record
from .tracked import tracking_for

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import PupilYears, YearsFound
    from ..domain.academic_year import AcademicYear
    from ..logbook import Opening
    from ..models.bundle import Bundle
    from ..returns.pupil_files import Exclusions
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
    notes : tuple of str
        What is to be said of children left out; empty if no file named any.
    shape : dict
        How the size of the trees was chosen (``workflows.shape``); empty if the settings gave a number.
    """

    bundle: Path
    run_id: str
    version: int
    champion: bool
    comparison: Comparison
    flow: pd.DataFrame
    years: str
    notes: tuple[str, ...] = ()
    shape: Mapping[str, Any] = field(default_factory=dict)

    def in_words(self) -> str:
        """The verdict first, then the table, then what was written."""
        alias = "champion" if self.champion else "challenger"
        return "\n".join(
            (
                *self.notes,
                self.comparison.verdict(),
                "",
                self.years,
                self.comparison.in_words(),
                "",
                *flow_in_words(
                    {str(k): int(v) for k, v in year.items()} for year in self.flow.to_dict("records")
                ),
                "",
                *shape_in_words(self.shape),
                f"Wrote the bundle to {self.bundle}; registered as absence-risk version {self.version} ({alias})",
            )
        )


def run_train(
    store: Path | str,
    settings: Settings | Path | str,
    *,
    out: Path | str | None = None,
    tracking: str | None = None,
    exclusions: Path | str | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> Trained:
    """Train, test on a later year, save, register: the same bytes, and one version, however often.

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
    exclusions : Path, optional
        A CSV of children to leave out (``returns.pupil_files.read_exclusions``); no feature of anybody holds them.
    today : date, optional
        The day on which the test year is opened, for the store's logbook; by default today.

    Raises
    ------
    UsageError, InputError, StoreError, RefusedError
        If the settings, the years held or the store do not allow it; nothing is saved or registered then.
    """
    from ..store import Store

    asked = settings_of(settings)
    day = today or date.today()
    left_out = exclusions_of(store, exclusions, day)
    folder = bundle_folder(store, asked, out)
    say = numbered(progress, STEPS)
    with Store(Path(store)) as opened:
        say(0)
        split = folds_of(opened, asked)[0][-1]
        say(1)
        open_test_year(opened, split, asked, "train", day)
        tables = opened.tables()
        parts = parts_of(tables, gather(tables, split.years, asked, excluded=left_out.pupils), split, asked)
        origin = origin_of(opened, left_out)
    say(2)
    fitted = fit_models(parts, asked)
    say(3)
    comparison = compare(parts.test, fitted, asked.capacity)
    say(4)
    bundle = bundle_of(parts, split, fitted[0], comparison, asked, origin)
    extras = {"card.md": _card(bundle), MADE_OF_FILE: _named(origin, asked)}
    bundle.save(folder, extras=extras)
    say(5)
    run_id, version, champion = record(
        bundle, extras, parts, comparison, asked, tracking_for(Path(store), tracking)
    )
    return Trained(
        folder,
        run_id,
        version,
        champion,
        comparison,
        flow_of(parts.train, parts.calibrate, parts.test),
        _years_in_words(split),
        notes_on(left_out),
        bundle.shape,
    )


def bundle_folder(store: Path | str, settings: Settings, out: Path | str | None) -> Path:
    """Where the bundle goes: as asked, or ``models/<name>`` beside the store."""
    return Path(out) if out is not None else Path(store).resolve().parent / "models" / settings.name


def settings_of(settings: Settings | Path | str) -> Settings:
    """Settings as they are, or read from a YAML file."""
    from ..settings import Settings, read_settings

    return settings if isinstance(settings, Settings) else read_settings(Path(settings))


def folds_of(store: Store, settings: Settings) -> tuple[tuple[Split, ...], YearsFound]:
    """One split per later year that the store allows, the final test year last, and the years found.

    Raises
    ------
    UsageError
        If there are fewer than three usable years; every year left out is named with its reason.
    """
    from ..dataset import usable_years
    from ..splits import rolling_origin

    found = usable_years(store.tables(), as_of_month=settings.as_of.month, as_of_day=settings.as_of.day)
    try:
        return rolling_origin(found.years), found
    except UsageError as fault:
        left_out = "; ".join(f"{year}: {why}" for year, why in found.left_out.items())
        raise UsageError(f"{fault}. Years left out: {left_out or 'none'}") from None


def open_test_year(store: Store, split: Split, settings: Settings, command: str, day: date) -> Opening:
    """Count the opening of a test year in the store's logbook, before anything is measured on it."""
    from ..logbook import Logbook
    from ..settings import gates_sha256, settings_sha256

    return Logbook(store.path).record_opening(
        test_year=str(split.test_year),
        command=command,
        settings=settings.name,
        settings_sha256=settings_sha256(settings),
        gates_sha256=gates_sha256(settings),
        store_fingerprint=store.fingerprint,
        on=day,
    )


def origin_of(store: Store, left_out: Exclusions) -> dict[str, str]:
    """Where the data came from, as a bundle records it; children left out make it other data."""
    origin = {"fingerprint": store.fingerprint, "made_up": store.meta.get("made_up", "no")}
    return origin | ({"exclusions_sha256": left_out.sha256} if left_out.pupils else {})


def gather(
    tables: Mapping[str, Any],
    years: Sequence[AcademicYear],
    settings: Settings,
    *,
    excluded: Collection[str] = (),
    with_audit: bool = False,
) -> PupilYears:
    """Cohort and features of some feature years, before any outcome is looked at."""
    from ..dataset import gather_years

    return gather_years(
        tables,
        years,
        as_of_month=settings.as_of.month,
        as_of_day=settings.as_of.day,
        excluded=excluded,
        with_audit=with_audit,
    )


def _card(bundle: Bundle) -> bytes:
    from ..reports.model_card import model_card

    return model_card(bundle).encode("utf-8")


def _named(origin: Mapping[str, str], settings: Settings) -> bytes:
    return f"{name_of_work('model', origin, settings)}\n".encode("ascii")


def _years_in_words(split: Split) -> str:
    trained = ", ".join(str(year) for year in split.train_years)
    return (
        f"Trained on feature years {trained}; calibrated on {split.calibration_year}; tested on {split.test_year}, "
        f"whose outcome is {split.test_year.next}."
    )
