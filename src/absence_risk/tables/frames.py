"""Canonical tables as engine-neutral lazy frames: pandas, DuckDB and Spark frames run the same lines after this door.

Dates arrive as day numbers (days since 1 January 1970) and stay integers: durations differ between engines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw

from .canonical import CANONICAL_TABLES
from .schema import Type

if TYPE_CHECKING:
    import pandas as pd

    LazyFrame = nw.LazyFrame[Any]

#: pandas types that hold a missing value and answer comparisons with "unknown", as SQL does.
_PANDAS_TYPES = {
    Type.TEXT: "string",
    Type.INTEGER: "Int64",
    Type.DATE: "Int64",
    Type.BOOLEAN: "boolean",
    Type.NUMBER: "Float64",
}


def open_table(tables: Mapping[str, Any], name: str) -> LazyFrame:
    """One canonical table as a lazy frame on the engine that holds it.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables by name (``Store.tables()``), dates as day numbers: DuckDB relations, pandas or Spark frames.
    name : str
        A name in ``CANONICAL_TABLES``.

    Returns
    -------
    narwhals.LazyFrame
        The declared columns. A pandas frame is first given types with a missing value: a plain NaN compares as
        false, where every other engine answers "unknown".

    Raises
    ------
    KeyError
        If the table or a declared column is absent (a fault of the caller: the store always has them all).
    """
    if name not in tables:
        raise KeyError(f"no canonical table {name} among those given: {', '.join(sorted(tables))}")
    frame = nw.from_native(tables[name])
    if frame.implementation.is_pandas():
        frame = nw.from_native(_with_missing_values(frame.to_native(), name))
    return frame.lazy()


def without_pupils(tables: Mapping[str, Any], pupils: Collection[str]) -> Mapping[str, Any]:
    """The same tables as if some pupils had never been in them: not even a school's average holds them.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables by name (``Store.tables()``), on any engine; they are left as they are.
    pupils : collection of str
        The pupil_ids to leave out; with none, the tables come back as they are.

    Returns
    -------
    mapping of str to frame
        Frames of the same engine. A lazy one stays lazy: the pupils are left out whenever it is read.
    """
    if not pupils:
        return tables
    return {name: _without(tables, name, sorted(pupils)) for name in tables}


def _without(tables: Mapping[str, Any], name: str, pupils: list[str]) -> Any:
    import pandas as pd

    if name not in CANONICAL_TABLES or "pupil_id" not in CANONICAL_TABLES[name].column_names:
        return tables[name]
    frame = nw.from_native(tables[name])
    if frame.implementation.is_pandas():
        return frame.filter(~nw.col("pupil_id").is_in(pupils)).to_native()
    left_out = beside(tables, pd.DataFrame({"pupil_id": pd.Series(pupils, dtype="str")}))
    return frame.lazy().join(left_out, on="pupil_id", how="anti").to_native()


def _with_missing_values(native: pd.DataFrame, name: str) -> pd.DataFrame:
    declared = CANONICAL_TABLES[name].columns
    types = {column.name: _PANDAS_TYPES[column.type] for column in declared}
    return native[list(types)].astype(types).reset_index(drop=True)


def beside(tables: Mapping[str, Any], frame: Any) -> LazyFrame:
    """A pandas frame set down on the engine that holds ``tables``, so that the two can be joined.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables; the ``pupils`` table says which engine.
    frame : pandas.DataFrame
        A small frame (a cohort), without missing values. For DuckDB it may be an Arrow table.
    """
    native = tables["pupils"]
    implementation = nw.from_native(native).implementation
    if implementation.is_duckdb():
        # DuckDB finds `frame` by its Python name on the relation's own connection; no second connection is opened.
        return nw.from_native(native.query("pupils_beside_cohort", "SELECT * FROM frame")).lazy()
    if implementation.is_spark_like():
        return nw.from_native(native.sparkSession.createDataFrame(frame)).lazy()
    return nw.from_native(frame.convert_dtypes().reset_index(drop=True)).lazy()


def kept(tables: Mapping[str, Any], frame: LazyFrame) -> LazyFrame:
    """The same rows, worked out now where the engine would otherwise work them out again at each use.

    For frames of a row a pupil. DuckDB reads them back from memory, and thinks about the short plans before and after
    far less long than about one deep plan of all; pandas has the rows already, and Spark decides for itself.
    """
    if not frame.implementation.is_duckdb():
        return frame
    return beside(tables, frame.to_native().to_arrow_table())


def to_pandas(frame: LazyFrame) -> pd.DataFrame:
    """The collected rows of a lazy frame as pandas, in whatever order the engine gave them."""
    collected = frame.collect("pandas").to_native()
    return collected.reset_index(drop=True)


def flag(condition: nw.Expr) -> nw.Expr:
    """1 where a condition holds, 0 where it does not or is unknown; for counting by summing."""
    return nw.when(condition).then(1).otherwise(0)


def sum_by(frame: LazyFrame, keys: Sequence[str], columns: Sequence[str]) -> LazyFrame:
    """Sums of integer columns by key, as Int64 on every engine; a group without a value sums to 0.

    The plain aggregation comes first and the cast after it: pandas cannot group by anything less plain, and DuckDB
    widens a sum to a type that pandas reads as a float.
    """
    sums = frame.group_by(*keys).agg(*(nw.col(name).sum() for name in columns))
    return sums.with_columns(*(nw.col(name).fill_null(0).cast(nw.Int64) for name in columns))
