"""A logistic table in the form of the DfE study: odds ratios alone and beside one another. Statsmodels' one door.

Pupils of one school are alike, so standard errors are clustered by school (Liang and Zeger, 1986,
doi:10.1093/biomet/73.1.13). An odds ratio says how records and the outcome go together; it is no cause, and it is not
what the trees use.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..features.catalogue import FOUR_FACTORS, Family
from .factor_levels import FACTORS, NOT_RECORDED, Factor, any_of_family
from .tables import EVIDENCE_TABLES

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import Dataset

Array = np.ndarray[Any, np.dtype[Any]]

ENOUGH, REFERENCE, TOO_FEW = "enough", "reference", "too few to say"
FEWEST_PUPILS, FEWEST_EVENTS = 20, 10
NORMAL_95 = 1.959963984540054

_NAN = float("nan")

Key = tuple[str, str]


@dataclass(frozen=True)
class LogOdds:
    """Fitted log-odds ratios by (factor, level), with their covariance; only those that can be told from the others."""

    keys: tuple[Key, ...]
    values: Array
    covariance: Array

    def ratio(self, key: Key) -> tuple[float, float, float]:
        """The odds ratio and its 95% interval; NaN if the data do not give one."""
        if key not in self.keys:
            return _NAN, _NAN, _NAN
        place = self.keys.index(key)
        middle, half = self.values[place], NORMAL_95 * np.sqrt(self.covariance[place, place])
        with np.errstate(over="ignore"):
            ratio, low, high = (float(np.exp(end)) for end in (middle, middle - half, middle + half))
        return (ratio, low, high) if np.isfinite(high) else (_NAN, _NAN, _NAN)


def odds_ratios(data: Dataset, *, clustered: bool = True) -> pd.DataFrame:
    """How records go with the outcome, factor by factor, as the table ``odds_ratios``.

    Parameters
    ----------
    data : Dataset
        Pupil-years with a known outcome, of every year the model may know.
    clustered : bool
        Whether standard errors allow for pupils of one school being alike. False only to check against a hand
        calculation.

    Returns
    -------
    DataFrame
        The columns of ``EVIDENCE_TABLES["odds_ratios"]``. The reference level has ratio 1 and no interval. "Too few to
        say": fewer than 20 pupil-years or 10 who met the outcome, or no finite estimate; then no ratio is given.
    """
    groups = data.school_id if clustered else None
    codes = {factor.words: factor.codes(data.X) for factor in FACTORS}
    adjusted = _fit(data.y, {**_terms_of(codes), **_beside(data)}, groups)
    rows: list[dict[str, Any]] = []
    for factor in FACTORS:
        alone = _fit(data.y, _terms_of({factor.words: codes[factor.words]}), groups)
        rows += _rows(factor, codes[factor.words], data.y, alone, adjusted)
    return EVIDENCE_TABLES["odds_ratios"].frame(rows)


def family_log_odds(data: Dataset) -> LogOdds:
    """Adjusted log-odds ratio of having any factor of each of the four families, with their clustered covariance.

    Adjusted for the other families, year group and feature year. The keys are (family, "any"); a family of which too
    few pupil-years are on record is left out.
    """
    marks = {family: any_of_family(data.X, family) for family in FOUR_FACTORS}
    terms: dict[Key, Array] = {}
    for family, mark in marks.items():
        terms[family.value, "any"] = mark == 1
        terms[family.value, NOT_RECORDED] = mark == -1
    fitted = _fit(data.y, {**terms, **_beside(data)}, data.school_id)
    enough = [family.value for family, mark in marks.items() if _enough(mark == 1, data.y)]
    places = [n for n, key in enumerate(fitted.keys) if key[1] == "any" and key[0] in enough]
    kept = tuple(fitted.keys[n] for n in places)
    return LogOdds(kept, fitted.values[places], fitted.covariance[np.ix_(places, places)])


def family_odds_draws(fitted: LogOdds, families: tuple[Family, ...], *, rounds: int, seed: int) -> Array:
    """Draws of each family's log-odds ratio (normal approximation), shape (rounds, families); NaN if not fitted."""
    found = np.full((rounds, len(families)), _NAN)
    if not fitted.keys:
        return found
    random = np.random.default_rng([seed, 3])
    drawn = random.multivariate_normal(fitted.values, fitted.covariance, size=rounds, method="eigh")
    for place, family in enumerate(families):
        if (family.value, "any") in fitted.keys:
            found[:, place] = drawn[:, fitted.keys.index((family.value, "any"))]
    return found


def _terms_of(codes: dict[str, Array]) -> dict[Key, Array]:
    """One column per level but the reference, "not recorded" among them."""
    terms: dict[Key, Array] = {}
    for factor in FACTORS:
        if factor.words in codes:
            found = codes[factor.words]
            for place, level in enumerate(factor.levels[1:], start=1):
                terms[factor.words, level] = found == place
            terms[factor.words, NOT_RECORDED] = found == -1
    return terms


def _beside(data: Dataset) -> dict[Key, Array]:
    """What the adjusted table also holds equal: year group and feature year, one column per value but the first."""
    group = np.nan_to_num(data.X["year_group"].to_numpy(dtype=np.float64), nan=-1.0)
    terms: dict[Key, Array] = {}
    for name, values in (("year group", group), ("feature year", data.academic_year)):
        for value in np.unique(values)[1:]:
            terms[name, str(int(value))] = values == value
    return terms


def _enough(rows: Array, y: Array) -> bool:
    return int(rows.sum()) >= FEWEST_PUPILS and int(y[rows].sum()) >= FEWEST_EVENTS


def _rows(
    factor: Factor, codes: Array, y: Array, alone: LogOdds, adjusted: LogOdds
) -> Iterator[dict[str, Any]]:
    for place, level in (*enumerate(factor.levels), (-1, NOT_RECORDED)):
        held = codes == place
        if place == -1 and not held.any():
            continue
        key = (factor.words, level)
        ratios, said = [fitted.ratio(key) for fitted in (alone, adjusted)], ENOUGH
        if place == 0:
            ratios, said = [(1.0, _NAN, _NAN)] * 2, REFERENCE
        elif not (_enough(held, y) and np.isfinite(ratios).all()):
            ratios, said = [(_NAN, _NAN, _NAN)] * 2, TOO_FEW
        yield {
            "family": factor.family.value,
            "factor": factor.words,
            "level": level,
            "n": int(held.sum()),
            "events": int(y[held].sum()),
            **_named("unadjusted", ratios[0]),
            **_named("adjusted", ratios[1]),
            "state": said,
        }


def _named(name: str, ratio: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip((name, f"{name}_low", f"{name}_high"), ratio, strict=True))


def _fit(y: Array, terms: dict[Key, Array], groups: Array | None) -> LogOdds:
    """Maximum likelihood with an intercept; terms that cannot be told apart, or that have no end, are left out."""
    present = {key: column for key, column in terms.items() if column.any()}
    rows = _without_one_kind(present, y)
    present = {key: column[rows] for key, column in present.items() if column[rows].any()}
    nothing = LogOdds((), np.zeros(0), np.zeros((0, 0)))
    # Between fewer than two schools no error can be clustered, and nothing could be said of another school.
    if (
        not present
        or not 0 < y[rows].sum() < len(rows)
        or (groups is not None and len(set(groups[rows])) < 2)
    ):
        return nothing
    # The first columns win where columns say the same, so "not recorded" stands last.
    keys = sorted(present, key=lambda key: key[1] == NOT_RECORDED)
    design = np.column_stack([np.ones(len(rows)), *(present[key].astype(np.float64) for key in keys)])
    kept, told_apart = _independent(design)
    fitted = _logit(y[rows], design[:, kept], None if groups is None else groups[rows])
    if fitted is None:
        return nothing
    values, covariance = fitted
    wanted = [n for n, place in enumerate(kept) if place and told_apart[place]]
    names = tuple(keys[kept[n] - 1] for n in wanted)
    return LogOdds(names, values[wanted], covariance[np.ix_(wanted, wanted)])


def _without_one_kind(terms: dict[Key, Array], y: Array) -> Array:
    """Rows that a finite estimate can use.

    A level where everybody, or nobody, met the outcome has an odds ratio without end. In the limit its rows are fitted
    exactly and say nothing of the other levels, so leaving them out gives the others' estimates unchanged.
    """
    rows = np.arange(len(y))
    while True:
        one_kind = np.zeros(len(rows), dtype=bool)
        for column in terms.values():
            held = column[rows]
            met = int(y[rows][held].sum())
            if held.any() and met in {0, int(held.sum())}:
                one_kind |= held
        if not one_kind.any():
            return rows
        rows = rows[~one_kind]


def _independent(design: Array) -> tuple[list[int], Array]:
    """Columns that are not sums of earlier ones, and of every column whether its own share can be told at all."""
    gram = design.T @ design
    scale = np.sqrt(np.diag(gram))
    gram = gram / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(gram)
    null = vectors[:, values < 1e-9]
    kept: list[int] = []
    for place in range(len(scale)):
        tried = [*kept, place]
        if np.linalg.eigvalsh(gram[np.ix_(tried, tried)])[0] > 1e-9:
            kept = tried
    return kept, ~(np.abs(null) > 1e-6).any(axis=1)


def _logit(y: Array, design: Array, groups: Array | None) -> tuple[Array, Array] | None:
    import statsmodels.api as sm

    clustered: dict[str, Any] = {}
    if groups is not None:
        schools = np.unique(groups.astype(str), return_inverse=True)[1]
        clustered = {"cov_type": "cluster", "cov_kwds": {"groups": schools.ravel()}}
    try:
        with warnings.catch_warnings():
            # Whether it converged is asked of the result; separation shows as an estimate that is not finite.
            warnings.simplefilter("ignore")
            found = sm.Logit(y, design).fit(method="newton", maxiter=50, disp=0, **clustered)
            values, covariance = np.asarray(found.params), np.asarray(found.cov_params())
    except (np.linalg.LinAlgError, ValueError, sm.tools.sm_exceptions.PerfectSeparationError):
        return None
    sound = found.mle_retvals["converged"] and np.isfinite(values).all() and np.isfinite(covariance).all()
    return (values, covariance) if sound else None
