"""Fit on the training years, calibrate on the next, measure on the last beside the rules, and make the bundle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..reports.comparison import Comparison, Contender

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import Dataset, PupilYears
    from ..evaluation.intervals import Uplift
    from ..features.catalogue import Feature
    from ..models.bundle import Bundle, Model
    from ..models.calibration import LinearCalibration
    from ..models.met_in_training import Training, YearMet
    from ..settings import Settings
    from ..splits import Split


@dataclass(frozen=True)
class Fitted:
    """One model with its calibration, by the words it has in tables.

    ``shape`` says how the size of its trees was chosen (``shape.shape_of``); empty if the settings gave a number, or if
    it has no trees.
    """

    name: str
    words: str
    model: Model
    calibration: LinearCalibration
    shape: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """The rows that train, calibrate and test.

    ``cohort`` is every eligible pupil of those years, with a known outcome or without, and ``met`` those years in
    numbers: what a later cohort is compared with. Both are needed only to make a bundle.
    """

    train: Dataset
    calibrate: Dataset
    test: Dataset
    cohort: PupilYears | None = None
    met: tuple[YearMet, ...] = ()


def parts_of(tables: Mapping[str, Any], gathered: PupilYears, split: Split, settings: Settings) -> Parts:
    """The rows of one split. What trains and calibrates is labelled as known on the test year's as-of date.

    A later correction would teach the model something that nobody could have known when it was to be used.

    Raises
    ------
    InputError
        If a year of any part has no pupil who met the outcome, or none who did not.
    UsageError
        If a leaf of trees could be about too few children (:func:`check_leaf`).
    """
    from ..splits import require_both_outcomes

    check_leaf(settings, len(split.train_years))
    outcome = settings.outcome_definition
    known_by = split.test_year.as_of(settings.as_of.month, settings.as_of.day)
    train, calibrate = (
        gathered.in_years(years).with_outcomes(tables, outcome, known_by=known_by)
        for years in (split.train_years, [split.calibration_year])
    )
    test = gathered.in_years([split.test_year]).with_outcomes(tables, outcome)
    require_both_outcomes(train, split.train_years)
    require_both_outcomes(calibrate, [split.calibration_year])
    require_both_outcomes(test, [split.test_year])
    cohort = gathered.in_years(split.years)
    return Parts(train, calibrate, test, cohort, tuple(_years_met(tables, cohort, settings)))


def _years_met(tables: Mapping[str, Any], cohort: PupilYears, settings: Settings) -> Iterator[YearMet]:
    from ..domain.academic_year import AcademicYear
    from ..features.data_flags import sources_known
    from ..models.met_in_training import year_met

    for step in cohort.counts:
        year = AcademicYear(step["academic_year"])
        day = year.as_of(settings.as_of.month, settings.as_of.day)
        yield year_met(
            str(year),
            seen=step["seen"],
            eligible=step["eligible"],
            schools=len(set(cohort.school_id[cohort.academic_year == year.start_year])),
            sources=sources_known(tables, day),
            as_of=day,
        )


def training_of(parts: Parts) -> Training:
    """What was met in the years of some parts, for the contract that a bundle carries."""
    from ..models.met_in_training import Training, learn_training

    if parts.cohort is None:
        return Training()
    cohort = parts.cohort
    return learn_training(cohort.X, cohort.school_id, cohort.academic_year, parts.met)


def check_leaf(settings: Settings, years: int) -> None:
    """Refuse leaves that could be about fewer than ten children, each of whom stands in every training year.

    A leaf is counted in rows, and a child has a row in each year.

    Raises
    ------
    UsageError
        Saying how many rows there must be.
    """
    from ..models.growing import SMALLEST_LEAF_ALLOWED

    needed = SMALLEST_LEAF_ALLOWED * years
    if settings.model == "boosting" and settings.boosting.smallest_leaf < needed:
        raise UsageError(
            f"smallest_leaf is {settings.boosting.smallest_leaf}, and a child stands in up to {years} training years; "
            f"expected {needed} or more, so that no leaf is about fewer than {SMALLEST_LEAF_ALLOWED} children"
        )


def fit_kind(
    kind: str,
    X: pd.DataFrame,
    y: Any,
    features: tuple[Feature, ...],
    settings: Settings,
    *,
    sample_weight: Any = None,
    seed: int | None = None,
) -> Model:
    """One model of a kind (``boosting`` or ``logistic``), shaped as the settings say; a seed replaces theirs.

    Trees need settings that give a number of leaves: see :func:`settled`.
    """
    from ..models.boosting import TreeShape, fit_boosting
    from ..models.logistic import fit_logistic

    if kind == "logistic":
        return fit_logistic(X, y, features, sample_weight=sample_weight)
    shape = settings.boosting.model_dump(exclude={"leaf_choices"}) | ({} if seed is None else {"seed": seed})
    return fit_boosting(X, y, features, TreeShape(**shape), sample_weight=sample_weight)


KINDS = {"boosting": "boosted trees", "logistic": "logistic regression"}


def fit_models(parts: Parts, settings: Settings) -> tuple[Fitted, ...]:
    """Both kinds of model on the training years, calibrated on the year after; the one to be saved comes first."""
    kinds = sorted(KINDS, key=lambda kind: kind != settings.model)
    return tuple(fit_calibrated(kind, parts, settings) for kind in kinds)


def fit_calibrated(kind: str, parts: Parts, settings: Settings) -> Fitted:
    """One kind of model on the training years, calibrated on the year after.

    Where the settings leave the size of trees to the evidence, every choice is fitted, and the one taken is given back.
    """
    from ..models.calibration import LinearCalibration
    from ..settings import BY_EVIDENCE

    if kind == "boosting" and settings.boosting.leaves == BY_EVIDENCE:
        return _fit_by_evidence(parts, settings)
    model = fit_kind(kind, parts.train.X, parts.train.y, settings.features, settings)
    values = parts.calibrate.X[list(model.feature_names)].to_numpy(dtype="float64")
    return Fitted(kind, KINDS[kind], model, LinearCalibration.fit(parts.calibrate.y, model.margin(values)))


def _fit_by_evidence(parts: Parts, settings: Settings) -> Fitted:
    from ..domain.academic_year import AcademicYear
    from ..settings import with_leaves
    from .shape import Choice, shape_of

    fitted = {
        leaves: fit_calibrated("boosting", parts, with_leaves(settings, leaves))
        for leaves in settings.boosting.leaf_choices
    }
    shape = shape_of(
        {leaves: Choice(one.model, one.calibration) for leaves, one in fitted.items()},
        parts.calibrate,
        year=str(AcademicYear(int(parts.calibrate.academic_year[0]))),
        capacity=settings.capacity,
        seed=settings.evidence.seed,
    )
    return replace(fitted[shape["leaves"]], shape=shape)


def settled(settings: Settings, fitted: Iterable[Fitted]) -> Settings:
    """The settings with the number of leaves that the evidence chose for trees already fitted.

    What is fitted after them, as refits and models without a family of records, has trees of the same size: then only
    what is meant to differ does.
    """
    from ..settings import with_leaves

    chosen = next((one.shape["leaves"] for one in fitted if one.shape), None)
    return settings if chosen is None else with_leaves(settings, chosen)


def risk_of(fitted: Fitted, data: Dataset) -> Any:
    values = data.X[list(fitted.model.feature_names)].to_numpy(dtype="float64")
    return fitted.calibration.risk(fitted.model.margin(values))


def compare(test: Dataset, fitted: tuple[Fitted, ...], capacity: int) -> Comparison:
    """Models and rules on the same pupils of the test year, at the same length of list."""
    from ..evaluation.summary import measure
    from ..models.rules import RULES

    if capacity >= len(test):
        raise UsageError(
            f"capacity {capacity:,} is not below the {len(test):,} pupils of the test year: every pupil would be listed"
        )
    risks = {f.name: risk_of(f, test) for f in fitted}
    scores = {r.name: r.score(test.X) for r in RULES}
    models = [
        Contender(f.name, f.words, False, measure(test.y, y_prob=risks[f.name], capacity=capacity))
        for f in fitted
    ]
    rules = [
        Contender(name, name.replace("_", " "), True, measure(test.y, score, capacity=capacity))
        for name, score in scores.items()
    ]
    found = Comparison((*models, *rules))
    return replace(found, uplift=_uplift(test, risks[fitted[0].name], scores[found.best_rule.name], capacity))


def _uplift(test: Dataset, risk: Any, score: Any, capacity: int) -> Uplift | None:
    from ..evaluation.intervals import uplift_at_k

    try:
        return uplift_at_k(test.y, risk, score, capacity, cluster=test.school_id)
    except ValueError:  # one school: nothing to draw again, and the verdict says so
        return None


def bundle_of(
    parts: Parts,
    split: Split,
    saved: Fitted,
    comparison: Comparison,
    settings: Settings,
    origin: dict[str, str],
) -> Bundle:
    import numpy as np

    from ..models.bands import fit_bands
    from ..models.bundle import Bundle
    from ..models.contract import learn_ranges

    held_out = [risk_of(saved, part) for part in (parts.calibrate, parts.test)]
    outcomes = np.concatenate([parts.calibrate.y, parts.test.y])
    measures = {"model": comparison.saved.measures} | {c.name: c.measures for c in comparison.contenders[1:]}
    return Bundle(
        name=settings.name,
        model=saved.model,
        features=settings.features,
        outcome=settings.outcome_definition.definition(),
        years={
            "trained": [str(year) for year in split.train_years],
            "calibrated": str(split.calibration_year),
            "tested": str(split.test_year),
        },
        as_of=(settings.as_of.month, settings.as_of.day),
        capacity=settings.capacity,
        calibration=saved.calibration,
        bands=fit_bands(held_out[0], np.concatenate(held_out), outcomes),
        ranges=learn_ranges(parts.train.X, settings.features),
        training=training_of(parts),
        measures=measures,
        shape=saved.shape,
        data=origin,
        versions=_versions(),
    )


def _versions() -> dict[str, str]:
    from importlib import metadata

    return {
        name: metadata.version(name)
        for name in ("absence-risk", "lightgbm", "numpy", "pandas", "scikit-learn")
    }
