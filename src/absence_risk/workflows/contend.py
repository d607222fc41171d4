"""Fit every rival of one test year: the candidate, the other kinds of model, and the simple rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import RefusedError, UsageError
from .fit import KINDS, Fitted, Parts, fit_calibrated, parts_of, risk_of, settled

if TYPE_CHECKING:
    import numpy as np

    from ..dataset import Dataset, PupilYears
    from ..evidence.one_year import MeasuredContest
    from ..evidence.rivals import Contest, Rival
    from ..settings import Settings
    from ..splits import Split

_WITH, _WITHOUT = "boosting_with_attendance", "boosting_without_attendance"


def fit_rivals(parts: Parts, settings: Settings, *, additive: bool) -> tuple[tuple[Fitted, ...], list[str]]:
    """Every model of one test year, the candidate first, and sentences about those left out.

    Both kinds of model on the settings' families; trees on the same families with attendance, or without it, whichever
    the settings are not; an additive model if asked for and installed. Those trees are of the size chosen for the
    settings' own, so that the two differ in their records alone.
    """
    fitted, notes = [fit_calibrated(settings.model, parts, settings)], []
    for words, fit in _others(parts, settings, fitted, additive=additive):
        try:
            fitted.append(fit())
        except (RefusedError, UsageError) as fault:
            notes.append(f"Left out as a rival, {words}: {fault}")
    if with_attendance_turned(settings) is None:
        notes.append("Left out as a rival, trees without attendance: the settings name no other family.")
    return tuple(fitted), notes


def _others(
    parts: Parts, settings: Settings, fitted: Sequence[Fitted], *, additive: bool
) -> Iterator[tuple[str, Callable[[], Fitted]]]:
    """What each other model is called, and how it is fitted after those ``fitted`` so far."""
    for kind in KINDS:
        if kind != settings.model:
            yield KINDS[kind], partial(fit_calibrated, kind, parts, settings)
    other = with_attendance_turned(settings)
    if other is not None:
        name = _WITH if "attendance" in {f.value for f in other.families} else _WITHOUT
        words = f"{KINDS['boosting']}, {name.removeprefix('boosting_').replace('_', ' ')}"
        yield words, partial(_trees, name, words, parts, settled(other, fitted))
    if additive:
        yield "the additive model", partial(_additive, parts, settings)


def _trees(name: str, words: str, parts: Parts, settings: Settings) -> Fitted:
    return replace(fit_calibrated("boosting", parts, settings), name=name, words=words)


def with_attendance_turned(settings: Settings) -> Settings | None:
    """The same settings with attendance where they had none, without it where they had it; None if nothing is left."""
    from ..features.catalogue import Family

    families: list[Family] = [f for f in settings.families if f != Family.ATTENDANCE]
    if len(families) == len(settings.families):
        families.append(Family.ATTENDANCE)
    return (
        settings.model_copy(update={"families": tuple(families), "model": "boosting"}) if families else None
    )


def _additive(parts: Parts, settings: Settings) -> Fitted:
    from ..models.additive import fit_additive
    from ..models.calibration import LinearCalibration

    model: Any = fit_additive(parts.train.X, parts.train.y, settings.features, seed=settings.evidence.seed)
    values = parts.calibrate.X[[f.name for f in settings.features]].to_numpy(dtype="float64")
    line = LinearCalibration.fit(parts.calibrate.y, model.margin(values))
    return Fitted("additive", "additive model (EBM)", model, line)


def contest_of(year: str, parts: Parts, fitted: tuple[Fitted, ...]) -> Contest:
    """Models and rules on the pupils of the test year, with what is known of those pupils for audit."""
    from ..evidence.rivals import (
        Contest,
        descriptions_of,
        in_service,
        persistent_in_feature_year,
        rules_on,
        views_of,
    )

    test = parts.test
    assert test.audit is not None, "a backtest asks for the audit columns"
    return Contest(
        year=year,
        y=test.y,
        school=test.school_id,
        rivals=(*(_rival(f, test, place == 0) for place, f in enumerate(fitted)), *rules_on(test.X)),
        persistent=persistent_in_feature_year(test.X),
        in_service=in_service(test.X),
        groups=_groups(test),
        views=views_of(
            test.X,
            test.pupil_id,
            test.school_id,
            pupils_trained=parts.train.pupil_id,
            schools_trained=parts.train.school_id,
        ),
        descriptions=descriptions_of(test.X, test.audit),
    )


def _rival(fitted: Fitted, test: Dataset, candidate: bool) -> Rival:
    from ..evidence.rivals import Rival

    return Rival(fitted.name, fitted.words, "model", risk_of(fitted, test), candidate)


def _groups(test: Dataset) -> dict[str, np.ndarray]:
    """Audit groups by the words they have in tables."""
    assert test.audit is not None
    return {
        str(name).replace("_", " "): test.audit[name].to_numpy(dtype=object) for name in test.audit.columns
    }


@dataclass(frozen=True)
class Judged:
    """One test year: its split and rows, the models fitted (candidate first), and everything measured."""

    split: Split
    parts: Parts
    fitted: tuple[Fitted, ...]
    measured: MeasuredContest
    notes: tuple[str, ...]

    @property
    def year(self) -> str:
        """The feature year that tested, as 2024/25."""
        return str(self.split.test_year)


def judge(tables: Mapping[str, Any], gathered: PupilYears, split: Split, settings: Settings) -> Judged:
    """Fit every rival on the years before a test year, and measure all of them on it."""
    from ..evidence.one_year import measure_contest

    parts = parts_of(tables, gathered, split, settings)
    fitted, notes = fit_rivals(parts, settings, additive=settings.evidence.additive)
    contest = contest_of(str(split.test_year), parts, fitted)
    measured = measure_contest(
        contest, capacity=settings.capacity, rounds=settings.evidence.rounds, seed=settings.evidence.seed
    )
    return Judged(split, parts, fitted, measured, tuple(notes))
