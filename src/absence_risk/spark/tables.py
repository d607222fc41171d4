"""Canonical tables as Spark frames: from a folder of Parquet, or from tables that a catalogue knows by name.

Dates become day numbers, as on every engine. A table or column that is absent, or of another type, is refused by name
before anything runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, StoreError, all_at_once
from ..files import MANIFEST
from ..store.layout import check_version, read_layout
from ..tables.canonical import CANONICAL_TABLES
from ..tables.schema import Table, Type

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Spark's names of the types that a declared type may be held as.
_HELD_AS = {
    Type.TEXT: ("string", "varchar", "char"),
    Type.INTEGER: ("integer", "long", "short", "byte"),
    Type.DATE: ("date",),
    Type.BOOLEAN: ("boolean",),
    Type.NUMBER: ("double", "float"),
}


@dataclass(frozen=True)
class SparkTables:
    """Every canonical table as a Spark frame, dates as day numbers.

    Attributes
    ----------
    frames : dict of str to DataFrame
        What ``cohort`` and ``features`` read.
    meta : dict of str to str
        As in a store; ``fingerprint`` is empty for tables known by name, since nothing vouches for their content.
    """

    frames: dict[str, DataFrame]
    meta: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return self.meta.get("fingerprint", "")


def tables_in_folder(session: SparkSession, folder: Path | str) -> SparkTables:
    """The tables of a store's folder (``absence-risk export-tables``), on a disk or, as an address, elsewhere.

    Parameters
    ----------
    session : SparkSession
    folder : Path or str
        A folder that the driver and every worker can read, or an address with a scheme, like ``s3a://box/tables``.
        Of a folder on a disk the manifest's files are checked; of an address only that the manifest is there.

    Raises
    ------
    StoreError
        If it is not a store's folder, or was altered, or is of another version.
    InputError
        If a table or a column is absent or of another type.
    """
    place = str(folder)
    if "://" in place:
        meta = _distant_meta(session, place)
    else:
        meta = read_layout(Path(folder)).meta
        place = Path(folder).resolve().as_uri()
    check_version(meta, Path(folder))
    read = {name: _read(session, f"{place}/{name}") for name in CANONICAL_TABLES}
    return SparkTables(_checked(read, place), meta)


def tables_named(session: SparkSession, names: str | Mapping[str, str]) -> SparkTables:
    """The tables that a catalogue knows by name.

    Parameters
    ----------
    session : SparkSession
    names : str or mapping of str to str
        What stands before ``.pupils`` and the others, like ``lakehouse.children``; or the full name of each table.

    Raises
    ------
    InputError
        If a table or a column is absent or of another type.
    """
    if isinstance(names, str):
        full = {name: f"{names}.{name}" for name in CANONICAL_TABLES}
        where = names
    else:
        full = {name: names.get(name, "") for name in CANONICAL_TABLES}
        where = "the tables named"
    return SparkTables(_checked({name: _named(session, known) for name, known in full.items()}, where))


def _distant_meta(session: SparkSession, place: str) -> dict[str, str]:
    from pyspark.errors import PySparkException

    try:
        rows = session.read.text(f"{place}/{MANIFEST}", wholetext=True).collect()
        said = json.loads(rows[0][0])
        return {str(name): str(value) for name, value in said["meta"].items()}
    except (PySparkException, IndexError, KeyError, ValueError, AttributeError, TypeError):
        raise StoreError(
            f"{place} holds no {MANIFEST} of tables that can be read; make them with: absence-risk export-tables"
        ) from None


def _read(session: SparkSession, place: str) -> DataFrame | None:
    from pyspark.errors import PySparkException

    try:
        return session.read.parquet(place)
    except PySparkException:
        return None


def _named(session: SparkSession, name: str) -> DataFrame | None:
    from pyspark.errors import PySparkException

    try:
        return session.table(name) if name else None
    except PySparkException:
        return None


def _checked(read: Mapping[str, DataFrame | None], where: str) -> dict[str, DataFrame]:
    faults = [fault for name, frame in read.items() for fault in _faults(CANONICAL_TABLES[name], frame)]
    if faults:
        raise InputError(
            all_at_once(f"{where} does not hold the canonical tables; export them again:", faults)
        )
    return {name: _day_numbers(CANONICAL_TABLES[name], frame) for name, frame in read.items()}


def _faults(table: Table, frame: DataFrame | None) -> list[str]:
    if frame is None:
        return [f"{table.name}: no such table, or it cannot be read"]
    held = {column.name: column.dataType.typeName() for column in frame.schema.fields}
    absent = [f"{table.name}: the column {c.name} is absent" for c in table.columns if c.name not in held]
    other = [
        f"{table.name}: {c.name} is held as {held[c.name]}; expected {_HELD_AS[c.type][0]}"
        for c in table.columns
        if c.name in held and held[c.name] not in _HELD_AS[c.type]
    ]
    return absent + other


def _day_numbers(table: Table, frame: Any) -> DataFrame:
    from pyspark.sql import functions as F

    return frame.select(
        *(F.unix_date(c.name).alias(c.name) if c.type is Type.DATE else F.col(c.name) for c in table.columns)
    )
