"""What stands on an evidence page: sections, figures and tables as text, each with a line that says how to read it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...disclosure import DisclosurePolicy
from .standing import Beside, judged_year, ours_and_best

if TYPE_CHECKING:
    import pandas as pd

    from ...evidence.result import Evidence

NOT_KNOWN = "–"

#: Nearer to nought than this, a difference in pupils is printed as nought.
_NEARLY_NONE = 0.05


@dataclass(frozen=True)
class Table:
    """A table as text: the first column names the row.

    ``reading`` says how to read it; ``strong`` are rows to stand out; ``worded`` tables hold words more than numbers.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    reading: str
    strong: frozenset[int] = frozenset()
    worded: bool = False


@dataclass(frozen=True)
class FigureShown:
    """A figure by its name, what a screen reader says of it, and the line below it."""

    name: str
    label: str
    reading: str


@dataclass(frozen=True)
class Section:
    """One part of the page, in the order of its fields."""

    name: str
    title: str
    words: tuple[str, ...] = ()
    figures: tuple[FigureShown, ...] = ()
    tables: tuple[Table, ...] = ()
    points: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Results:
    """A backtest with the policy applied: what every section of the page is written from."""

    evidence: Evidence
    policy: DisclosurePolicy
    tables: Mapping[str, pd.DataFrame]

    @property
    def year(self) -> str:
        return judged_year(self.evidence)

    @property
    def capacity(self) -> int:
        return int(self.evidence.about["capacity"])

    @property
    def candidate(self) -> str:
        return str(self.evidence.about["candidate"])

    @property
    def ours(self) -> Beside:
        """The rule in use, or the best simple rule where none is named."""
        return ours_and_best(self.evidence, self.year)[0]

    def rows(self, table: str, year: str | None = None) -> list[dict[str, Any]]:
        """The printable rows of a table, of the judged year where the table has years."""
        frame = self.tables[table]
        if "year" in frame.columns:
            frame = frame[frame["year"] == (year or self.year)]
        return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]

    def measure(self, name: str, *, rival: str | None = None, year: str | None = None) -> dict[str, Any]:
        """One printable measure, of the candidate by default; missing where it was not measured."""
        for row in self.rows("measures", year):
            if row["rival"] == (rival or self.candidate) and row["measure"] == name:
                return row
        return dict.fromkeys(("value", "low", "high", "part", "of"), math.nan)


def number(count: Any) -> str:
    """A printed count.

    >>> number(1240), number("c"), number(None)
    ('1,240', 'c', '–')
    """
    if isinstance(count, str):
        return count
    if count is None or math.isnan(count):
        return NOT_KNOWN
    return f"{count:,.0f}"


def share(value: float, digits: int = 0) -> str:
    """A share as a percentage.

    >>> share(0.64), share(float("nan")), share(0.0125, 1)
    ('64%', '–', '1.3%')
    """
    return NOT_KNOWN if math.isnan(value) else f"{_half_up(value * 100, digits):.{digits}f}%"


def _half_up(value: float, digits: int) -> float:
    # Python rounds an exact half to the even neighbour; people do not.
    return math.floor(value * 10**digits + 0.5 + 1e-9) / 10**digits


def statistic(value: float, digits: int = 2, *, signed: bool = False) -> str:
    """A number that is not of pupils, with a true minus sign."""
    if math.isnan(value):
        return NOT_KNOWN
    rounded = math.copysign(_half_up(abs(value), digits), value)
    if rounded == 0:
        return f"{0:.{digits}f}"
    text = f"{rounded:+.{digits}f}" if signed else f"{rounded:.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def more_pupils(difference: float) -> str:
    """A difference in pupils with its sign; one just beside nought decides what is said, so it does not read as nought.

    >>> more_pupils(12.4), more_pupils(-0.4), more_pupils(0.0)
    ('+12', '−0.4', '0')
    """
    return statistic(difference, 1 if _NEARLY_NONE <= abs(difference) < 1 else 0, signed=True)


def between(low: str, high: str) -> str:
    """An interval in brackets that no line breaks, or nothing where it has no ends.

    >>> between("56%", "72%").split(" "), between("–", "–")
    (['', '(56%\\xa0to\\xa072%)'], '')
    """
    return "" if NOT_KNOWN in (low, high) else f" ({low}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}{high})"


def share_with_interval(row: Mapping[str, Any], name: str = "value", digits: int = 0) -> str:
    """A share and its 95% interval; a dash where a count beneath it is hidden."""
    keys = (name, "low", "high") if name == "value" else (name, f"{name}_low", f"{name}_high")
    value, low, high = (share(float(row[key]), digits) for key in keys)
    return value + between(low, high)


def gap_with_interval(row: Mapping[str, Any], name: str) -> str:
    """A gap of two shares in points of 100, with its interval."""
    points = [
        statistic(float(row[key]) * 100, 1, signed=True) for key in (name, f"{name}_low", f"{name}_high")
    ]
    return points[0] + between(points[1], points[2])


def difference_with_interval(row: Mapping[str, Any]) -> str:
    """A difference in pupils with its interval."""
    points = [more_pupils(float(row[key])) for key in ("difference", "low", "high")]
    return points[0] + between(points[1], points[2])
