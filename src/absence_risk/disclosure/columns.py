"""How the tables of a backtest are declared: a column's role says what disclosure control must do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class Role(StrEnum):
    """What a column holds, as far as disclosure is concerned."""

    LABEL = "label"  #: words, a year, a name: not about a number of pupils
    COUNT = "count"  #: pupils; suppressed and rounded
    RATE = (
        "rate"  #: ``part`` of ``of``, both columns of the same row; worked out again from the rounded counts
    )
    STATISTIC = "statistic"  #: a number that no count can be read from (an area under a curve, an odds ratio)
    SETTING = "setting"  #: a number somebody chose, as a capacity


@dataclass(frozen=True)
class Column:
    """One column. ``part`` and ``of`` name the counts a rate rests on; ``bounds`` a rate's or statistic's interval."""

    name: str
    role: Role
    words: str
    part: str = ""
    of: str = ""
    bounds: tuple[str, str] | None = None


@dataclass(frozen=True)
class EvidenceTable:
    """One tidy table. ``groups_within``: the columns that, held fixed, name a set of rows adding up to a total."""

    name: str
    words: str
    columns: tuple[Column, ...]
    groups_within: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def frame(self, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
        """Rows as a frame with exactly these columns, in this order; a missing or unknown column is a fault of ours."""
        import pandas as pd

        found = list(rows)
        for row in found:
            if set(row) != set(self.column_names):
                wrong = sorted(set(row) ^ set(self.column_names))
                raise ValueError(
                    f"the table {self.name} and a row of it differ in the columns {', '.join(wrong)}"
                )
        return pd.DataFrame(found, columns=list(self.column_names))


def label(name: str, words: str) -> Column:
    """Words, a year, a name."""
    return Column(name, Role.LABEL, words)


def count(name: str, words: str) -> Column:
    """A number of pupils."""
    return Column(name, Role.COUNT, words)


def setting(name: str, words: str) -> Column:
    """A number somebody chose."""
    return Column(name, Role.SETTING, words)


def plain(name: str, words: str) -> tuple[Column, ...]:
    """A statistic with its interval: ``name``, ``name_low``, ``name_high``."""
    ends = (f"{name}_low", f"{name}_high")
    return (
        Column(name, Role.STATISTIC, words, bounds=ends),
        *(Column(end, Role.STATISTIC, f"{words}: end of the 95% interval") for end in ends),
    )


def rate(name: str, words: str, part: str, of: str) -> tuple[Column, ...]:
    """A rate (0-1) with its interval."""
    ends = (f"{name}_low", f"{name}_high")
    return (
        Column(name, Role.RATE, words, part, of, ends),
        *(Column(end, Role.STATISTIC, f"{words}: end of the 95% interval") for end in ends),
    )
