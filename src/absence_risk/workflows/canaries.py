"""Leakage canaries: overwrite the future and demand the same bytes; plant leaks and demand that each is caught."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import Progress, numbered, silent
from .exclusions import exclusions_of
from .fit import Parts, fit_calibrated
from .train import folds_of, gather, settings_of

if TYPE_CHECKING:
    from ..dataset import Dataset, PupilYears
    from ..leakage.alarm import Alarm
    from ..leakage.sealed import BuiltTwice, Fit
    from ..leakage.verdict import Canaries, Row
    from ..settings import Settings
    from ..splits import Split

STEPS = (
    "Finding the years that can be used",
    "Building features from the data, and from data whose future is noise",
    "Training from both and comparing every byte",
    "Looking for columns that know too much and pupils who are there twice",
    "Planting leaks and looking whether each is caught",
)


def run_canaries(
    store: Path | str,
    settings: Settings | Path | str,
    *,
    seed: int = 1,
    exclusions: Path | str | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> Canaries:
    """Poison everything after the final test year's as-of date, plant leaks, and say what was caught.

    The final test year's outcomes stay closed: detectors look at the years that train and calibrate. Nothing is
    written, and the store is only read.

    Parameters
    ----------
    store : Path
        An authority store with at least three complete pairs of years.
    settings : Settings or Path
        What would be trained; a path is read as YAML.
    seed : int
        Seed of the noise.
    exclusions : Path, optional
        A CSV of children to leave out (``returns.pupil_files.read_exclusions``).
    today : date, optional
        The day on which an exclusion must not have ended; by default today.

    Raises
    ------
    UsageError, InputError, StoreError
        If the settings, the years held or the store do not allow it. A leak is no fault of this function: ask
        ``Canaries.refuse_if_leaking``.
    """
    from ..leakage.sealed import build_twice, train_is_sealed
    from ..leakage.verdict import canaries_of
    from ..store import Store
    from ..tables.frames import without_pupils

    asked = settings_of(settings)
    left_out = exclusions_of(store, exclusions, today or date.today())
    say = numbered(progress, STEPS)
    with Store(Path(store)) as opened:
        say(0)
        split = folds_of(opened, asked)[0][-1]
        say(1)
        as_of = (asked.as_of.month, asked.as_of.day)
        built = build_twice(
            without_pupils(opened.tables(), left_out.pupils),
            split,
            lambda tables: gather(tables, split.years, asked),
            as_of=as_of,
            seed=seed,
        )
        say(2)
        alarms = train_is_sealed(built, asked.outcome_definition, _fit(split, asked))
        say(3)
        rows = _on_clean_data(built, asked, alarms)
        say(4)
        rows += _on_planted_columns(built, asked) + _on_duplicates(built)
    return canaries_of(rows, built.cut_off)


def _fit(split: Split, settings: Settings) -> Fit:
    """The model to be saved, as ``train`` fits it, and its calibration, as bytes."""
    from ..splits import require_both_outcomes

    def fit(train: Dataset, calibrate: Dataset) -> Mapping[str, bytes]:
        require_both_outcomes(train, split.train_years)
        require_both_outcomes(calibrate, [split.calibration_year])
        fitted = fit_calibrated(settings.model, Parts(train, calibrate, calibrate), settings)
        line = fitted.calibration
        return {
            "the model": fitted.model.text().encode("utf-8"),
            "the calibration": f"{line.intercept!r} {line.slope!r}".encode(),
        }

    return fit


def _taught(built: BuiltTwice, pupils: PupilYears, settings: Settings) -> Dataset:
    """The rows that train and calibrate, with the outcomes known on the cut-off."""
    years = (*built.split.train_years, built.split.calibration_year)
    return pupils.in_years(years).with_outcomes(
        built.tables, settings.outcome_definition, known_by=built.cut_off
    )


def _on_clean_data(built: BuiltTwice, settings: Settings, sealed: tuple[Alarm, ...]) -> list[Row]:
    from ..domain.academic_year import day_number
    from ..leakage import alarm, detectors
    from ..leakage.verdict import not_judged, on_clean_data

    taught = _taught(built, built.clean, settings)
    columns = detectors.columns_that_know_too_much(taught)
    judged = detectors.can_be_judged(taught.y)
    rows = [
        on_clean_data("pupils, features, outcomes and models", alarm.POISONED_FUTURE, sealed),
        on_clean_data("every feature", alarm.SINGLE_COLUMN, columns)
        if judged
        else not_judged("every feature", alarm.SINGLE_COLUMN),
        on_clean_data("rows of pupils", alarm.TWICE_IN_A_YEAR, detectors.pupils_twice_in_a_year(built.clean)),
    ]
    ids = detectors.histories_under_two_ids(built.tables, day_number(built.cut_off))
    return [*rows, on_clean_data("pupil ids", alarm.TWO_IDS, ids)]


def _on_planted_columns(built: BuiltTwice, settings: Settings) -> list[Row]:
    from ..leakage import alarm, detectors
    from ..leakage.plants import PLANTED_COLUMNS, with_planted_columns
    from ..leakage.sealed import changed_features
    from ..leakage.verdict import on_planted

    outcome = settings.outcome_definition
    clean = with_planted_columns(built.tables, built.clean, outcome)
    poisoned = with_planted_columns(built.poisoned_tables, built.poisoned, outcome)
    taught = _taught(built, clean, settings)
    found: dict[str, tuple[Alarm, ...]] = {alarm.POISONED_FUTURE: changed_features(clean, poisoned)}
    if detectors.can_be_judged(taught.y):
        found[alarm.SINGLE_COLUMN] = detectors.columns_that_know_too_much(taught)
    return [
        on_planted(plant.words, detector, [a for a in found[detector] if a.where == plant.name])
        for plant in PLANTED_COLUMNS
        for detector in plant.caught_by
        if detector in found
    ]


def _on_duplicates(built: BuiltTwice) -> list[Row]:
    from ..domain.academic_year import day_number
    from ..leakage import alarm, detectors, plants
    from ..leakage.verdict import on_planted

    tables: dict[str, Any] = plants.duplicate_pupils(built.tables)
    found = detectors.histories_under_two_ids(tables, day_number(built.cut_off))
    return [on_planted(plants.DUPLICATE_PUPILS, alarm.TWO_IDS, found)]
