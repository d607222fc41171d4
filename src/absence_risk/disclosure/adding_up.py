"""Which counts of a table add up to which, so that no hidden count can be had by taking the others from a total.

Complementary suppression, one set at a time (Hundepool et al., Statistical Disclosure Control, 2012, chapter 4): a
set with one hidden count gets a second, the next smallest, until no set has one alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..cohort import REASONS
from ..labels import UNKNOWN_REASONS
from .columns import EvidenceTable, Role

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

OVERALL = "overall"
_AND, _COMMA = " and ", ", "

#: Counts of one row that add up: the whole, then its parts.
_IN_A_ROW = (
    ("events", ("found", "missed")),
    ("listed", ("found", "listed_wrongly")),
    ("n", ("events", "non_events")),
    ("n", ("followed", "left", "not_held")),
)
#: Tables that are one set, and the columns whose total is known from elsewhere (the length of the list).
_ONE_SET = {"inclusion": ("listed",)}


@dataclass(frozen=True)
class Cell:
    """One count: its row, its column, and a name for it that does not depend on the order of rows."""

    row: int
    column: str
    key: tuple[str, ...]


@dataclass(frozen=True)
class Sum:
    """Parts that add up to ``total``; None where the total stands elsewhere."""

    parts: tuple[Cell, ...]
    total: Cell | None = None

    @property
    def cells(self) -> tuple[Cell, ...]:
        return self.parts if self.total is None else (*self.parts, self.total)


def hide_singles(
    values: Mapping[str, Array], hidden: Mapping[str, Array], sums: list[Sum], *, least: float = 0
) -> None:
    """Hide further counts, in ``hidden`` itself, until no sum has a hidden count alone.

    Parameters
    ----------
    values : mapping of str to array of float
        The exact counts by column; NaN where not known.
    hidden : mapping of str to array of bool
        What is hidden so far; more becomes true, none becomes false.
    sums : list of Sum
        In an order that does not depend on the order of rows.
    least : float
        The hidden counts of a sum must come to this many pupils together, or another joins them.
    """
    joined = True
    while joined:
        joined = False
        for one in sums:
            while (cell := _next_to_hide(one, values, hidden, least)) is not None:
                hidden[cell.column][cell.row] = joined = True


def _next_to_hide(
    one: Sum, values: Mapping[str, Array], hidden: Mapping[str, Array], least: float
) -> Cell | None:
    of = {cell: float(values[cell.column][cell.row]) for cell in one.cells}
    kept = [cell for cell in one.cells if hidden[cell.column][cell.row]]
    if not kept or (len(kept) > 1 and sum(of[cell] for cell in kept) >= least):
        return None
    # A nought is printed as it is and helps to hide nothing. The total comes last: other sums rest on it.
    free = [cell for cell in one.cells if cell not in kept and of[cell] > 0]
    return min(free, key=lambda cell: (cell == one.total, of[cell], cell.key), default=None)


def sums_of(table: EvidenceTable, frame: pd.DataFrame, *, within_rows: bool) -> list[Sum]:
    """Every sum of a table's counts that a reader could work out.

    Parameters
    ----------
    table : EvidenceTable
        ``groups_within`` names the sets.
    frame : DataFrame
        Its exact rows.
    within_rows : bool
        Also the sums within a row, as events = found + missed. Enough rounding blurs such a difference by itself.
    """
    keys = _keys(table, frame)
    counts = [column.name for column in table.columns if column.role is Role.COUNT]
    sums = []
    for parts, total in _sets(table, frame):
        for column in _ONE_SET.get(table.name, counts):
            cells = tuple(Cell(row, column, keys[row]) for row in parts)
            sums.append(Sum(cells, None if total is None else Cell(total, column, keys[total])))
    if within_rows:
        sums += _in_rows(counts, keys)
    return sorted(sums, key=lambda one: sorted((cell.key, cell.column) for cell in one.cells))


def _keys(table: EvidenceTable, frame: pd.DataFrame) -> list[tuple[str, ...]]:
    # Settings name rows too, as the number of a refit does.
    named = [c.name for c in table.columns if c.role in (Role.LABEL, Role.SETTING)]
    return [tuple(map(str, row)) for row in frame[named].itertuples(index=False)]


def _in_rows(counts: list[str], keys: list[tuple[str, ...]]) -> Iterator[Sum]:
    for whole, parts in _IN_A_ROW:
        if {whole, *parts} <= set(counts):
            for row, key in enumerate(keys):
                yield Sum(tuple(Cell(row, part, key) for part in parts), Cell(row, whole, key))


def _sets(table: EvidenceTable, frame: pd.DataFrame) -> Iterator[tuple[list[int], int | None]]:
    """Rows that add up, and the row of their total where there is one."""
    if table.name in _ONE_SET:
        yield list(range(len(frame))), None
    elif table.name == "flow":
        yield from _flow_sets(frame)
    elif "attribute" in table.groups_within:
        yield from _group_sets(frame)
    elif table.groups_within:
        places = frame.reset_index(drop=True).groupby(list(table.groups_within), sort=True).indices
        yield from ((list(rows), None) for rows in places.values())


def _flow_sets(frame: pd.DataFrame) -> Iterator[tuple[list[int], int | None]]:
    """Seen is who is out and who is eligible; eligible is who has no known outcome and who is used."""
    for _, rows in frame.reset_index(drop=True).groupby("year", sort=True):
        at = {str(step).replace(" ", "_"): row for row, step in zip(rows.index, rows["step"], strict=True)}
        out = [row for step, row in at.items() if step in REASONS]
        unknown = [row for step, row in at.items() if step in UNKNOWN_REASONS]
        for total, parts, rest in (("seen", out, "eligible"), ("eligible", unknown, "used")):
            if parts:
                yield [*parts, *([at[rest]] if rest in at else [])], at.get(total)


def _group_sets(frame: pd.DataFrame) -> Iterator[tuple[list[int], int | None]]:
    """Groups add up to everyone, and the pairs of two attributes to each group of either."""
    for _, rows in frame.reset_index(drop=True).groupby("year", sort=True):
        at = {
            (str(attribute), str(group)): int(row)
            for row, attribute, group in zip(rows.index, rows["attribute"], rows["group"], strict=True)
        }
        everyone = at.get((OVERALL, OVERALL))
        attributes = sorted({attribute for attribute, _ in at} - {OVERALL})
        for attribute in attributes:
            yield [row for (found, _), row in at.items() if found == attribute], everyone
            yield from _pair_sets(at, attribute, attributes)


def _pair_sets(
    at: Mapping[tuple[str, str], int], pair: str, attributes: list[str]
) -> Iterator[tuple[list[int], int | None]]:
    """The cells of a crossing, held at each level of either of its two attributes."""
    for first in attributes:
        second = pair.removeprefix(f"{first}{_AND}")
        if second == pair or second not in attributes:
            continue
        crossed = {group: row for (attribute, group), row in at.items() if attribute == pair}
        for attribute, level in at:
            starts, ends = f"{level}{_COMMA}", f"{_COMMA}{level}"
            if attribute == first:
                parts = [row for group, row in crossed.items() if group.startswith(starts)]
            elif attribute == second:
                parts = [row for group, row in crossed.items() if group.endswith(ends)]
            else:
                continue
            if parts:
                yield parts, at[(attribute, level)]
