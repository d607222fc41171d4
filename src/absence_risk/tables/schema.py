"""Table, Column, Limit: a limit describes itself in words and checks values by the same declaration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """Column types and the DuckDB type each is stored as."""

    TEXT = "VARCHAR"
    INTEGER = "INTEGER"
    DATE = "DATE"
    BOOLEAN = "BOOLEAN"
    NUMBER = "DOUBLE"


@dataclass(frozen=True)
class Limit:
    """What a column's values may be. ``sql`` is a condition on ``{column}`` that holds for good values;
    a missing value is judged by ``Column.required`` alone."""

    words: str
    sql: str


def at_least(lowest: int) -> Limit:
    return Limit(f"{lowest} or more", f"{{column}} >= {lowest}")


def between(lowest: int, highest: int) -> Limit:
    return Limit(f"{lowest} to {highest}", f"{{column}} BETWEEN {lowest} AND {highest}")


def one_of(*values: str) -> Limit:
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return Limit("one of " + " ".join(values), f"{{column}} IN ({listed})")


def matches(pattern: str, words: str) -> Limit:
    return Limit(words, f"regexp_full_match({{column}}, '{pattern}')")


@dataclass(frozen=True)
class Column:
    """One column: its name, type, words for the data dictionary, and what it may hold."""

    name: str
    type: Type
    words: str
    unit: str = ""
    required: bool = True
    limit: Limit | None = None


@dataclass(frozen=True)
class Table:
    """One canonical table. ``key`` columns, with ``known_from``, are unique together."""

    name: str
    words: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def create_sql(self) -> str:
        """The statement that makes the empty table."""
        body = ", ".join(
            f'"{c.name}" {c.type.value}{" NOT NULL" if c.required else ""}' for c in self.columns
        )
        return f'CREATE TABLE "{self.name}" ({body})'
