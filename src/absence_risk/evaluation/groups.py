"""Whether the list serves each group of pupils alike: who is listed, who is missed, and whether the risks hold.

Groups stand beside the whole, after fairlearn's disaggregated results, and each against everyone else, with intervals
from draws of whole schools. A group of few pupils is marked "too few to say". Nothing is suppressed here: what leaves
the authority goes through disclosure control first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from .calibration import as_probabilities
from .drawn_ranking import DrawnList, DrawnRanking
from .draws import NAN, SchoolDraws, estimate, ratio
from .ranking import Array, as_labels

if TYPE_CHECKING:
    import pandas as pd

NOT_RECORDED = "not recorded"
OVERALL = "overall"
ENOUGH, TOO_FEW = "enough", "too few to say"

FEWEST_PUPILS = 20
FEWEST_EVENTS = 20  #: With fewer pupils who met the outcome, a group's miss rate says little.
FEWEST_LISTED = 10  #: With fewer pupils listed, a group's precision is not given.


@dataclass(frozen=True)
class _Sums:
    """Pupils of a group, as they are and in each draw; shape (1 + rounds,)."""

    n: Array
    events: Array
    listed: Array
    found: Array
    stated: Array  #: sum of the stated probabilities

    def without(self, group: _Sums) -> _Sums:
        """Everyone else."""
        pairs = ((getattr(self, f.name), getattr(group, f.name)) for f in fields(self))
        # What rounding leaves of nothing is nothing.
        return _Sums(*(np.where(all_ - own > 1e-9 * all_, all_ - own, 0.0) for all_, own in pairs))

    def rates(self, fewest_listed: int) -> dict[str, Array]:
        """Every rate by name; a precision that rests on too few listed pupils is NaN throughout."""
        precision = ratio(self.found, self.listed)
        return {
            "selection_rate": ratio(self.listed, self.n),
            "precision": precision if self.listed[0] >= fewest_listed else np.full_like(precision, NAN),
            "miss_rate": ratio(self.events - self.found, self.events),
            "false_listing_rate": ratio(self.listed - self.found, self.n - self.events),
            "calibration_gap": ratio(self.events - self.stated, self.n),
        }


def group_measures(
    y_true: Any,
    y_prob: Any,
    groups: Mapping[str, Any],
    *,
    k: int,
    draws: SchoolDraws,
    fewest_events: int = FEWEST_EVENTS,
    fewest_listed: int = FEWEST_LISTED,
) -> pd.DataFrame:
    """The list of the first ``k``, for all and group by group, each group also against everyone else.

    Parameters
    ----------
    y_true : array of int, shape (n,)
        0 or 1.
    y_prob : array of float, shape (n,)
        Calibrated probabilities.
    groups : mapping of str to array, shape (n,)
        By attribute, the name of each pupil's group; missing becomes "not recorded".
    k : int
        Length of the list over all pupils together.
    draws : SchoolDraws
        Of the same pupils in the same order.
    fewest_events, fewest_listed : int
        A group with fewer pupils who met the outcome (or fewer than 20 pupils) has the state "too few to say"; with
        fewer listed it has no precision.

    Returns
    -------
    DataFrame
        First the row ``overall``, then attribute by attribute as given, groups by name and "not recorded" last.
        Columns: ``attribute``, ``group``; the counts ``n``, ``events``, ``listed``, ``found``, ``missed``,
        ``listed_wrongly``, ``non_events`` (ties at the edge in expectation); the rates ``selection_rate``,
        ``precision``, ``miss_rate``, ``false_listing_rate``, ``calibration_gap`` (observed less stated) and, with
        ``_gap`` behind the name, each less that of everyone else; each with ``_low`` and ``_high``; ``state``.
        NaN where a share has nothing beneath it, and for the gaps of ``overall``.

    Raises
    ------
    ValueError
        If the arrays do not fit each other or ``k`` is not within 1 and n.
    """
    import pandas as pd

    labels = as_labels(y_true)
    probs = as_probabilities(y_prob, labels.size)
    top = DrawnRanking(probs, draws).top(k)
    fewest = (fewest_events, fewest_listed)
    everyone = _sums(labels, probs, top, np.zeros(labels.size, dtype=np.int64), 1)[0]
    rows = [_row((OVERALL, OVERALL), everyone, None, *fewest)]
    for attribute, values in groups.items():
        names, codes = _levels(values, labels.size)
        for name, group in zip(names, _sums(labels, probs, top, codes, len(names)), strict=True):
            rows.append(_row((attribute, name), group, everyone.without(group), *fewest))
    return pd.DataFrame(rows)


def pairs_of(groups: Mapping[str, Any]) -> dict[str, Array]:
    """Every two attributes crossed: "sex and free school meals" with levels like "F, eligible".

    Parameters
    ----------
    groups : mapping of str to array, shape (n,)
        By attribute; underscores in its name become spaces. Missing becomes "not recorded".

    Examples
    --------
    >>> pairs_of({"sex": ["F", "M"], "free_school_meals": ["eligible", None]})["sex and free school meals"].tolist()
    ['F, eligible', 'M, not recorded']
    """
    named = {attribute.replace("_", " "): _named(values) for attribute, values in groups.items()}
    return {
        f"{one} and {other}": np.array(
            [f"{a}, {b}" for a, b in zip(named[one], named[other], strict=True)], dtype=object
        )
        for one, other in combinations(named, 2)
    }


def _named(values: Any) -> Array:
    import pandas as pd

    given = pd.Series(np.asarray(values, dtype=object), dtype=object)
    return given.where(given.notna(), NOT_RECORDED).astype(str).to_numpy(dtype=object)


def _levels(values: Any, count: int) -> tuple[list[str], Array]:
    """The groups by name, "not recorded" last, and the place of each pupil's group among them."""
    names = _named(values)
    if names.shape != (count,):
        raise ValueError(f"expected one group per pupil for {count} pupils, found {names.size}")
    order = sorted(set(names), key=lambda name: (name == NOT_RECORDED, name))
    place = {name: number for number, name in enumerate(order)}
    return order, np.array([place[name] for name in names], dtype=np.int64)


def _sums(labels: Array, probs: Array, top: DrawnList, codes: Array, levels: int) -> list[_Sums]:
    members = (codes[:, None] == np.arange(levels)).astype(np.float64)
    lists = top.sums(np.hstack([members, members * labels[:, None]]))
    n, events, stated = (top.draws.sums_within(codes, levels, values) for values in (None, labels, probs))
    return [
        _Sums(n[:, i], events[:, i], lists[:, i], lists[:, levels + i], stated[:, i]) for i in range(levels)
    ]


def _row(
    name: tuple[str, str], group: _Sums, others: _Sums | None, fewest_events: int, fewest_listed: int
) -> dict[str, Any]:
    row: dict[str, Any] = {"attribute": name[0], "group": name[1], **_counts(group)}
    rates = group.rates(fewest_listed)
    elsewhere = {} if others is None else others.rates(fewest_listed)
    unknown = np.full_like(group.n, NAN)
    gaps = {f"{rate}_gap": values - elsewhere.get(rate, unknown) for rate, values in rates.items()}
    for rate, values in (rates | gaps).items():
        found = estimate(values)
        row |= {rate: found.value, f"{rate}_low": found.low, f"{rate}_high": found.high}
    enough = row["events"] >= fewest_events and row["n"] >= FEWEST_PUPILS
    return row | {"state": ENOUGH if enough else TOO_FEW}


def _counts(group: _Sums) -> dict[str, float]:
    n, events = int(group.n[0]), int(group.events[0])
    listed, found = float(group.listed[0]), float(group.found[0])
    return {
        "n": n,
        "events": events,
        "listed": listed,
        "found": found,
        "missed": events - found,
        "listed_wrongly": listed - found,
        "non_events": n - events,
    }
