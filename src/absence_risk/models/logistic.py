"""Logistic regression on the same features: the method of the DfE study, kept as numbers in a JSON file.

Counts and rates are standardised with the training year's mean and spread. A missing value takes the training mean,
and a column that says "not known" is added where that happened in training. A time since an event becomes recency,
exp(-days / 365): missing means that no event is known, which is recency 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..compiled.tables import summed
from ..errors import BundleError, RefusedError
from ..features.catalogue import Feature
from ..files import canonical_json
from .bundle_files import json_of
from .drawn import drawn_rows

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

#: Days over which recency falls to about a third. One year: half-forgotten after eight months.
RECENCY_DAYS = 365.0

#: ln 2: its first 32 bits, and what they leave out; and 1 / ln 2 (fdlibm, e_exp.c).
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_PER_LN2 = 1.44269504088896338700e00


def _is_recency(name: str) -> bool:
    return "days_since" in name


@dataclass(frozen=True)
class Term:
    """What one feature adds to the log-odds: ``coefficient * (value - centre) / scale``, and a part for "not known"."""

    name: str
    recency: bool
    centre: float
    scale: float
    coefficient: float
    missing_share: float
    missing_coefficient: float

    def contribution(self, values: Array) -> Array:
        """Log-odds added by each value, compared with the training mean.

        A missing value adds nothing if none was missing in training.
        """
        changed = _changed(values, self.recency)
        missing = np.isnan(changed)
        scaled = np.where(missing, 0.0, (changed - self.centre) / self.scale)
        if self.missing_share == 0.0:
            return self.coefficient * scaled
        return self.coefficient * scaled + self.missing_coefficient * (missing - self.missing_share)


def _changed(values: Array, recency: bool) -> Array:
    if not recency:
        return values
    return np.where(np.isnan(values), 0.0, exponential(-np.nan_to_num(values, nan=0.0) / RECENCY_DAYS))


def exponential(values: Array) -> Array:
    """e to the power of each value from -700 to 0, to the last bit or two, and the same bits on every machine.

    numpy's own differs in its last bit between processors, and a probe is compared bit for bit. Powers of two are taken
    out (ln 2 in two parts, so that nothing is lost), and the rest, below 0.35, is Taylor's series to its 14th term.
    """
    halvings = np.rint(values * _PER_LN2)
    rest = (values - halvings * _LN2_HIGH) - halvings * _LN2_LOW
    found = np.ones_like(rest)
    for term in range(14, 0, -1):
        found = 1.0 + found * rest / term
    return np.ldexp(found, halvings.astype(np.int64))


@dataclass(frozen=True)
class Logistic:
    """A fitted logistic regression: an intercept (log-odds at the training mean) and one term per feature."""

    intercept: float
    terms: tuple[Term, ...]

    kind = "logistic"
    file_name = "logistic.json"

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(term.name for term in self.terms)

    def contributions(self, values: Array, *, num_threads: int = 1) -> tuple[Array, float]:
        """Log-odds that each feature adds, shape (n, p), and the base they are added to."""
        columns = [term.contribution(values[:, place]) for place, term in enumerate(self.terms)]
        return np.column_stack(columns) if columns else np.zeros((len(values), 0)), self.intercept

    def margin(self, values: Array, *, num_threads: int = 1) -> Array:
        """Log-odds before calibration, shape (n,)."""
        parts, base = self.contributions(values)
        return base + summed(parts)

    def explained(self, values: Array, *, num_threads: int = 1) -> tuple[Array, float, Array]:
        """Contributions, their base, and the margin they make up."""
        parts, base = self.contributions(values)
        return parts, base, base + summed(parts)

    def compiled(self) -> Logistic:
        """The model itself: it is as quick as can be."""
        return self

    def check_tables(self) -> None:
        """It has none."""

    def text(self) -> str:
        """The model as JSON; the same model, the same bytes."""
        return canonical_json({"intercept": self.intercept, "terms": [asdict(term) for term in self.terms]})

    def files(self) -> dict[str, bytes]:
        """What a bundle keeps of the model."""
        return {self.file_name: self.text().encode("utf-8")}

    @property
    def remarks(self) -> dict[str, str]:
        """Nothing is to be said beside the file."""
        return {}

    @classmethod
    def from_files(cls, content: Mapping[str, bytes], remarks: Mapping[str, str]) -> Logistic:
        """A model from files whose hashes have been checked; see :meth:`from_text` for what is refused."""
        # What is no text becomes text that nobody wrote, and is refused as that.
        return cls.from_text(content[cls.file_name].decode("utf-8", "replace"))

    @classmethod
    def from_text(cls, text: str) -> Logistic:
        """Read what :meth:`text` wrote.

        Raises
        ------
        BundleError
            If it is not that, or holds a number that is not finite.
        """
        try:
            found = json_of(text.encode("utf-8"))
            model = cls(float(found["intercept"]), tuple(Term(**term) for term in found["terms"]))
            sound = math.isfinite(model.intercept) and all(map(_is_sound, model.terms))
            sound = sound and model.text() == text
        except (ValueError, KeyError, TypeError, OverflowError):
            raise BundleError(
                "logistic.json does not hold a logistic model of this package; train again"
            ) from None
        if not sound:
            raise BundleError("logistic.json holds numbers that cannot be used; train again")
        return model


def _is_sound(term: Term) -> bool:
    numbers = (value for name, value in asdict(term).items() if name not in ("name", "recency"))
    finite = all(type(number) is float and math.isfinite(number) for number in numbers)
    return finite and term.scale > 0 and term.recency is _is_recency(term.name)


def fit_logistic(
    X: pd.DataFrame,
    y: Array,
    features: tuple[Feature, ...],
    *,
    penalty: float = 1.0,
    sample_weight: Array | None = None,
) -> Logistic:
    """Fit a logistic regression with an L2 penalty on standardised features.

    Parameters
    ----------
    X : DataFrame of float64
        One column per feature (more are ignored); NaN where not known.
    y : array of int, shape (n,)
        0 or 1.
    features : tuple of Feature
        In the order the model keeps.
    penalty : float
        Strength of the L2 penalty, scikit-learn's 1/C.
    sample_weight : array, shape (n,), optional
        How often each row was drawn, whole numbers: the fit is that of the rows repeated so often.

    Raises
    ------
    RefusedError
        If only one kind of outcome is present: nothing can be learned.
    ValueError
        If a weight is not a whole number of 0 or more.
    """
    if sample_weight is not None:
        X, y, sample_weight = drawn_rows(X, y, sample_weight)
    if y.all() or not y.any():
        raise RefusedError(
            "training needs pupils who met the outcome and pupils who did not; found one kind only"
        )
    from sklearn.linear_model import LogisticRegression

    blank = [_standard(X[f.name].to_numpy(dtype=np.float64), f.name, sample_weight) for f in features]
    design = np.column_stack(
        [c for term in blank for c in _design(X[term.name].to_numpy(dtype=np.float64), term)]
    )
    solver = LogisticRegression(C=1.0 / penalty, solver="lbfgs", max_iter=2000, tol=1e-8)
    fitted = solver.fit(design, y, sample_weight=sample_weight)
    return Logistic(float(fitted.intercept_[0]), tuple(_with_coefficients(blank, list(fitted.coef_[0]))))


def _standard(values: Array, name: str, weight: Array | None) -> Term:
    changed = _changed(values, _is_recency(name))
    if weight is not None:
        changed = np.repeat(changed, weight.astype(np.int64))
    missing = np.isnan(changed)
    known = changed[~missing]
    centre = float(known.mean()) if known.size else 0.0
    # The spread is that of the column as fitted, where missing values stand at the mean.
    scale = float(np.sqrt(((known - centre) ** 2).sum() / len(changed))) if known.size else 0.0
    return Term(
        name, _is_recency(name), centre, scale if scale > 1e-12 else 1.0, 0.0, float(missing.mean()), 0.0
    )


def _design(values: Array, term: Term) -> list[Array]:
    changed = _changed(values, term.recency)
    missing = np.isnan(changed)
    columns = [np.where(missing, 0.0, (changed - term.centre) / term.scale)]
    if term.missing_share > 0.0:
        columns.append(missing - term.missing_share)
    return columns


def _with_coefficients(terms: list[Term], coefficients: list[float]) -> list[Term]:
    filled, left = [], iter(coefficients)
    for term in terms:
        coefficient = float(next(left))
        missing = float(next(left)) if term.missing_share > 0.0 else 0.0
        filled.append(Term(**{**asdict(term), "coefficient": coefficient, "missing_coefficient": missing}))
    return filled
