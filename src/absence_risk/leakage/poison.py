"""Everything that was not known on a day is overwritten by noise: what is built as of that day must not notice.

An illegal glance ahead may move a measure by a thousandth, so no measure finds it; bytes do. Source: Kapoor and
Narayanan, Leakage and the reproducibility crisis in machine-learning-based science, Patterns 4(9), 2023,
https://doi.org/10.1016/j.patter.2023.100804 (kinds L1.2, L1.3 and L3.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from ..domain.academic_year import TERMS
from ..tables.canonical import AP_KINDS, CANONICAL_TABLES, CENSUS_TERMS, RETURN_KINDS, SOCIAL_CARE_KINDS
from ..tables.frames import beside, open_table, to_pandas
from ..tables.schema import Column, Table, Type

if TYPE_CHECKING:
    import pandas as pd

    LazyFrame = nw.LazyFrame[Any]

#: What a text column may come to hold, so that noise looks like a return; any other column gets `_ANY_TEXT`.
_TEXTS: dict[str, tuple[str, ...]] = {
    "census_term": CENSUS_TERMS,
    "term": TERMS,
    "enrol_status": ("C", "M", "S"),
    "sen": ("N", "K", "E"),
    "reason_code": ("O", "N", "G", "U", "I", "L", "/"),
    "category": ("SUSP", "LNCH", "PERM"),
    "social_care.kind": SOCIAL_CARE_KINDS,
    "alternative_provision.kind": AP_KINDS,
    "returns.kind": RETURN_KINDS,
}
_ANY_TEXT = ("A", "B", "C")

#: Primes for mixing whole numbers: the products stay far below the largest that every engine holds.
_MIX, _FOLD = 65_521, 32_749


def poison_after(tables: Mapping[str, Any], day: int, seed: int) -> dict[str, Any]:
    """The same tables, with all that was not known on a day turned into noise.

    A row known later keeps its pupil. Every other value of it, its day of knowledge and its school included, becomes
    noise, and about a third of such rows vanish, so that counting them shows too. A row known on the day stays as it
    was known then: when (or whether) it is replaced later, and an end that lies ahead, become noise.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables (``Store.tables()``), dates as day numbers: DuckDB relations or pandas frames. They are left
        as they are.
    day : int
        Day number; a row with ``known_from`` after it is poisoned.
    seed : int
        The same seed gives the same noise on every engine.

    Returns
    -------
    dict of str to frame
        Every canonical table, on the engine of ``tables``.
    """
    lots = _lots(tables, seed)
    return {name: _settled(_poisoned(tables, table, day, lots)) for name, table in CANONICAL_TABLES.items()}


def _settled(frame: LazyFrame) -> Any:
    """The poisoned rows, made once: an engine would else draw the noise again for every feature that reads them."""
    native = frame.to_native()
    if not frame.implementation.is_duckdb():
        return native
    held = frame.collect("pyarrow").to_native()  # noqa: F841 -- DuckDB finds it by its Python name
    return native.query("before_it_was_settled", "SELECT * FROM held")


def _lots(tables: Mapping[str, Any], seed: int) -> pd.DataFrame:
    """A number for each pupil to draw noise from, and another school: ``pupil_id``, ``lot``, ``elsewhere``."""
    import pandas as pd

    rng = np.random.default_rng([seed, 20_231])
    pupils = sorted(set().union(*(_distinct(tables, t.name, "pupil_id") for t in _of_pupils())))
    schools = sorted(_distinct(tables, "schools", "school_id")) or ["elsewhere"]
    return pd.DataFrame(
        {
            "pupil_id": pd.Series(pupils, dtype="str"),
            "lot": rng.integers(1, 2**31, len(pupils)),
            "elsewhere": pd.Series(rng.choice(schools, len(pupils)), dtype="str"),
        }
    )


def _of_pupils() -> list[Table]:
    return [table for table in CANONICAL_TABLES.values() if "pupil_id" in table.column_names]


def _distinct(tables: Mapping[str, Any], name: str, column: str) -> set[str]:
    found = to_pandas(open_table(tables, name).select(column).unique())[column]
    return set(found.dropna().astype("str"))


def _poisoned(tables: Mapping[str, Any], table: Table, day: int, lots: pd.DataFrame) -> LazyFrame:
    frame = open_table(tables, table.name)
    types = frame.collect_schema()
    if "pupil_id" in table.column_names:
        frame = frame.join(beside(tables, lots), on="pupil_id", how="left")
    else:
        frame = frame.with_columns(nw.lit(int(lots["lot"].sum()) % 2**31 if len(lots) else 1).alias("lot"))
    mixed = frame.with_columns(_mix(table).alias("mixed"))
    late = nw.col("known_from") > day
    kept = mixed.filter(~(late & (_draw("vanishes", 3) == 0)))
    columns = [
        nw.when(late).then(_noise(table, column)).otherwise(_as_known(column, day)).alias(column.name)
        for column in table.columns
    ]
    return kept.select(*columns).select(*(nw.col(n).cast(types[n]) for n in table.column_names))


def _mix(table: Table) -> nw.Expr:
    """A whole number that differs between a pupil's rows."""
    numbers = [c.name for c in table.columns if c.type in (Type.INTEGER, Type.DATE)]
    mixed = nw.col("lot").cast(nw.Int64) % _MIX
    for place, name in enumerate(numbers, start=2):
        mixed = (mixed * 31 + nw.col(name).cast(nw.Int64).fill_null(7) * (2 * place + 1)) % _MIX
    return mixed


def _draw(name: str, count: int) -> nw.Expr:
    """Noise from 0 to ``count`` - 1, another for each name."""
    salt = sum(place * ord(letter) for place, letter in enumerate(name, start=1)) % _FOLD
    spread = ((nw.col("mixed") + salt) % _MIX) * ((nw.col("mixed") * 17 + salt * 101 + 3) % _FOLD + 1)
    return (spread % _MIX) % count


def _noise(table: Table, column: Column) -> nw.Expr:
    name = column.name
    if name == "pupil_id" or (name == "school_id" and table.name == "schools"):
        return nw.col(name)
    if name == "school_id":
        return nw.col("elsewhere")
    if name == "known_from":
        return nw.col(name) + _draw(name, 60)
    values = _values(table, column)
    return values if column.required else nw.when(_draw(f"{name} is held", 8) > 0).then(values)


def _values(table: Table, column: Column) -> nw.Expr:
    name = column.name
    if column.type is Type.BOOLEAN:
        return _draw(name, 2) == 0
    if column.type is Type.TEXT:
        return _text(name, _TEXTS.get(f"{table.name}.{name}", _TEXTS.get(name, _ANY_TEXT)))
    if name == "superseded_from":
        return nw.col("known_from") + 61 + _draw(name, 700)
    if column.type is Type.DATE:
        return nw.col("known_from") + _draw(name, 1_500) - 1_000
    if name in ("academic_year", "year"):
        return nw.col(name) + _draw(name, 3) - 1
    return _draw(name, 14 if name in ("year_group", "sessions_per_week") else 160)


def _text(name: str, choices: tuple[str, ...]) -> nw.Expr:
    drawn = _draw(name, len(choices))
    chosen: nw.Expr = nw.lit(choices[0])
    for place, choice in enumerate(choices[1:], start=1):
        chosen = nw.when(drawn == place).then(nw.lit(choice)).otherwise(chosen)
    return chosen


def _as_known(column: Column, day: int) -> nw.Expr:
    """A value of a row known on the day, less what the day could not know of it."""
    value = nw.col(column.name)
    ahead = day + 1 + _draw(column.name, 900)
    if column.name == "superseded_from":
        perhaps = nw.when(_draw("is replaced", 2) == 0).then(ahead)
        return nw.when(value <= day).then(value).otherwise(perhaps)
    if column.name == "end_date":
        return nw.when(value > day).then(ahead).otherwise(value)
    return value
