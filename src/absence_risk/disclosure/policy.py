"""Small numbers are kept from whatever may leave the authority, by one policy that every table goes through.

Counts from 1 to the threshold print as ``c``, other counts are rounded, rates are worked out again from the rounded
counts, and a hidden count is never alone in a set that adds up. No single national rule exists, so the policy is a
setting; the default follows ONS's threshold of 10 for research outputs, the DfE's ``c`` and ehrQL's rounding to 5.
Lists for named professionals are personal data and do not go through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from .adding_up import hide_singles, sums_of
from .columns import Column, EvidenceTable, Role

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

HIDDEN = "c"  #: what stands for a hidden count, as in DfE releases; zero stays zero

EXACT_WORDS = "Exact counts: this stays inside the authority."

#: Sums over pupils can miss a whole number by float noise: less than this is nobody.
_NOBODY = 1e-9

#: Statistics that a small count could be read from, and the counts they rest on (beside the gaps of each rate).
_RESTS_ON = {
    "calibration_gap": ("events", "n"),
    "calibration_gap_gap": ("events", "n"),
    "unadjusted": ("events", "n"),
    "adjusted": ("events", "n"),
    "difference": ("candidate_found", "rival_found"),
    "loss": ("found_with", "found_without"),
    "lost": ("best_found", "found"),
}
#: These three are differences of counts that rounding blurs already; they go only where counts are not rounded enough.
_BLURRED = ("difference", "loss", "lost")


@dataclass(frozen=True)
class DisclosurePolicy:
    """What becomes of counts before they may leave the authority.

    Attributes
    ----------
    suppress_below : int
        Counts from 1 to one less than this print as ``c``; 0 hides none.
    round_to : int
        Other counts are rounded to the nearest multiple; 1 leaves them whole.
    secondary : bool
        A hidden count that stands alone in a set with a total is joined by the next smallest of the set.

    Raises
    ------
    UsageError
        If ``suppress_below`` is negative or ``round_to`` below 1.

    Examples
    --------
    >>> policy = DisclosurePolicy()
    >>> [policy.count(number) for number in (0, 1, 9, 10, 12, 13)]
    [0, 'c', 'c', 10, 10, 15]
    """

    suppress_below: int = 10
    round_to: int = 5
    secondary: bool = True

    def __post_init__(self) -> None:
        if self.suppress_below < 0 or self.round_to < 1:
            raise UsageError(
                "disclosure: suppress_below must be 0 or more and round_to 1 or more; found "
                f"{self.suppress_below} and {self.round_to}"
            )

    @property
    def exact(self) -> bool:
        """Every count is printed as it is, so nothing written under this policy may leave the authority."""
        return self.suppress_below <= 1 and self.round_to == 1

    @property
    def blurs(self) -> bool:
        """Rounding alone leaves a difference of two shown counts open to four values or more."""
        return 2 * self.round_to >= self.suppress_below

    @property
    def words(self) -> str:
        """What was done to the counts, for the foot of a page."""
        if self.exact:
            return f"{EXACT_WORDS} Nothing here may be published or sent outside it."
        parts = []
        if self.suppress_below > 1:
            parts.append(f"Numbers of pupils from 1 to {self.suppress_below - 1} are printed as {HIDDEN}.")
        if self.secondary and self.suppress_below > 1:
            parts.append(
                f"Where one hidden number could be had by subtraction, the next smallest is printed as {HIDDEN} too."
            )
        if self.round_to > 1:
            parts.append(f"Other numbers of pupils are rounded to the nearest {self.round_to}.")
        parts.append(
            "Nought is a true nought. Shares are worked out again from what is printed, and left out where a number "
            "is hidden; so parts need not add up to their total."
        )
        return " ".join(parts)

    def hides(self, value: float) -> bool:
        """Whether a count of pupils, on its own, must not be printed; a count that is not known is not hidden."""
        return _NOBODY < value < self.suppress_below

    def count(self, value: float | None) -> int | str | None:
        """One count on its own as it may be printed; None where it is not known."""
        if value is None or np.isnan(value):
            return None
        return HIDDEN if self.hides(value) else self._rounded(value)

    def _rounded(self, value: float) -> int:
        # Half goes up, whatever the multiple: Python's own rounding would send 12.5 to 10 and 17.5 to 20.
        return int(np.floor(value / self.round_to + 0.5)) * self.round_to

    def apply(self, table: EvidenceTable, frame: pd.DataFrame) -> pd.DataFrame:
        """The table as it may be printed, rows in the order given.

        Returns
        -------
        DataFrame
            The same columns. Counts become whole numbers, ``c`` or None (not known); rates, their intervals and gaps
            are missing where a count beneath them is hidden.

        Raises
        ------
        ValueError
            If the frame has not the table's columns.
        """
        if tuple(frame.columns) != table.column_names:
            raise ValueError(
                f"expected the columns of the table {table.name}, found {', '.join(frame.columns)}"
            )
        if self.exact:
            return _whole(table, frame, self)
        return _Printed(self, table, frame.reset_index(drop=True)).frame()


def _counts_of(table: EvidenceTable) -> list[str]:
    return [column.name for column in table.columns if column.role is Role.COUNT]


def _whole(table: EvidenceTable, frame: pd.DataFrame, policy: DisclosurePolicy) -> pd.DataFrame:
    counts = {
        name: _as_objects(policy.count(v) for v in frame[name].astype(float)) for name in _counts_of(table)
    }
    return frame.reset_index(drop=True).assign(**counts)


def _people(counts: Array) -> Array:
    return np.where(np.abs(counts) < _NOBODY, 0.0, counts)


def _as_objects(values: Any) -> Array:
    found = list(values)
    held = np.empty(len(found), dtype=object)
    held[:] = found
    return held


class _Printed:
    """One table on its way through the policy."""

    def __init__(self, policy: DisclosurePolicy, table: EvidenceTable, frame: pd.DataFrame) -> None:
        self.policy, self.table, self.exact = policy, table, frame
        self.values = {name: _people(frame[name].to_numpy(dtype=float)) for name in _counts_of(table)}
        self.small = {name: self._small(name) for name in self.values}
        self.hidden = {name: small.copy() for name, small in self.small.items()}
        if policy.secondary:
            least = 0 if policy.blurs else policy.suppress_below
            sums = sums_of(table, frame, within_rows=not policy.blurs)
            hide_singles(self.values, self.hidden, sums, least=least)

    def _small(self, name: str) -> Array:
        small = np.array([self.policy.hides(value) for value in self.values[name]], dtype=bool)
        return small & ~self._chosen(name)

    def _chosen(self, name: str) -> Array:
        """Where a count is the length of a list that somebody chose, so not a number of pupils to be kept."""
        if self.table.name != "measures" or name != "of":
            return np.zeros(len(self.exact), dtype=bool)
        return self.exact["measure"].astype(str).str.startswith("precision_at_").to_numpy(dtype=bool)

    def frame(self) -> pd.DataFrame:
        shown = self.exact.assign(**{name: self._column(name) for name in self.values})
        for column in self.table.columns:
            if column.role is Role.RATE:
                shown = self._with_rate(shown, column)
        shown = self._without(shown, _RESTS_ON)
        if self.table.name == "calibration":
            return _without_extremes(shown)
        return self._with_list_measures(shown) if self.table.name == "measures" else shown

    def _column(self, name: str) -> Array:
        chosen = self._chosen(name)
        return _as_objects(
            HIDDEN
            if hidden
            else None
            if np.isnan(value)
            else int(value)
            if kept
            else self.policy._rounded(value)
            for value, hidden, kept in zip(self.values[name], self.hidden[name], chosen, strict=True)
        )

    def _with_rate(self, shown: pd.DataFrame, rate: Column) -> pd.DataFrame:
        """The rate from the counts as printed; a row without counts holds a statistic, which stays."""
        none = np.zeros(len(shown), dtype=bool)
        hidden = self.hidden.get(rate.part, none) | self.hidden.get(rate.of, none)
        part, of = (_as_printed(shown, name) for name in (rate.part, rate.of))
        # The length of a list is not rounded, so the rounded count of those found on it could pass it.
        over = ~hidden & (part > of) & (rate.part in self.values)
        part = np.where(over, part - self.policy.round_to, part)
        shown = shown.assign(**{rate.part: _as_objects(np.where(over, part, shown[rate.part]))})
        counted = ~np.isnan(part) & ~np.isnan(of) & ~hidden
        again = np.divide(part, of, out=np.full(len(shown), np.nan), where=counted & (of > 0))
        value = np.where(hidden, np.nan, np.where(counted, again, shown[rate.name].to_numpy(dtype=float)))
        shown = shown.assign(**{rate.name: value})
        small = self.small.get(rate.part, none) | self.small.get(rate.of, none)
        gaps = {f"{rate.name}_gap": small}
        ends = dict.fromkeys(rate.bounds or (), hidden)
        return _emptied(shown, ends | _with_ends(gaps))

    def _without(self, shown: pd.DataFrame, rests_on: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
        """Without the statistics from which a small count could be read."""
        gone = {}
        for name, counts in rests_on.items():
            kept = name in _BLURRED and self.policy.blurs
            if not kept and all(count in self.small for count in counts):
                gone[name] = self.small[counts[0]] | self.small[counts[1]]
        ends = {"low": gone["difference"], "high": gone["difference"]} if "difference" in gone else {}
        return _emptied(shown, _with_ends(gone) | ends)

    def _with_list_measures(self, shown: pd.DataFrame) -> pd.DataFrame:
        """Pupils found, and pupils looked at per pupil found, say what the precision beside them says."""
        keys = list(zip(shown["year"], shown["rival"], shown["measure"], strict=True))
        precision = dict(zip(keys, shown["value"], strict=True))
        value, gone = shown["value"].to_numpy(dtype=float, copy=True), np.zeros(len(shown), dtype=bool)
        for row, (year, rival, measure) in enumerate(keys):
            if measure.startswith("found_at_"):
                gone[row] = self.policy.hides(value[row])
                value[row] = self.policy._rounded(value[row]) if not np.isnan(value[row]) else np.nan
            elif measure.startswith("reviews_per_find_at_"):
                beside = precision.get(
                    (year, rival, measure.replace("reviews_per_find", "precision")), np.nan
                )
                gone[row] = not beside > 0
                value[row] = np.nan if gone[row] else 1 / beside
        return _emptied(shown.assign(value=value), dict.fromkeys(("value", "low", "high"), gone))


def _without_extremes(shown: pd.DataFrame) -> pd.DataFrame:
    """Without the lowest and the highest chance of all: each is the value of one pupil, and edges within are not."""
    bins = shown.groupby(["year", "rival"])
    first = shown["lowest"] == bins["lowest"].transform("min")
    last = shown["highest"] == bins["highest"].transform("max")
    return _emptied(shown, {"lowest": first.to_numpy(), "highest": last.to_numpy()})


def _as_printed(shown: pd.DataFrame, name: str) -> Array:
    return np.array([np.nan if v is None or v == HIDDEN else float(v) for v in shown[name]], dtype=float)


def _with_ends(gone: Mapping[str, Array]) -> dict[str, Array]:
    return {f"{name}{end}": rows for name, rows in gone.items() for end in ("", "_low", "_high")}


def _emptied(shown: pd.DataFrame, gone: Mapping[str, Array]) -> pd.DataFrame:
    present = {name: rows for name, rows in gone.items() if name in shown.columns}
    return shown.assign(
        **{name: np.where(rows, np.nan, shown[name].to_numpy(dtype=float)) for name, rows in present.items()}
    )
