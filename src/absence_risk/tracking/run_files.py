"""The files kept with a run: tables of aggregates, figures, evidence. Never rows about pupils."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RefusedError
from ..files import write_manifest
from ..models.bundle_files import MANIFEST_ABOUT, read_checked
from ..models.bundle_text import FORMAT

if TYPE_CHECKING:
    import pandas as pd

#: Column names that would mean rows about pupils. A table with one of them is refused.
NEVER_IN_A_TABLE = ("pupil_id", "upn", "former_upn", "date_of_birth", "surname", "forename")


def refuse_pupils(tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise RefusedError if a table has a column, or an index, that identifies pupils."""
    for title, table in tables.items():
        names = {str(name).lower() for name in [*table.columns, *table.index.names]}
        if names & set(NEVER_IN_A_TABLE):
            raise RefusedError(
                f"the table {title} holds rows about pupils; only aggregates are recorded with a run"
            )


def write_run_files(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, bytes],
) -> None:
    """Lay out what is kept with a training beside its bundle: ``tables/*.csv`` and ``figures/*``."""
    for kind, content in (
        ("tables", {f"{title}.csv": _csv(table) for title, table in sorted(tables.items())}),
        ("figures", dict(sorted(figures.items()))),
    ):
        (folder / kind).mkdir()
        for name, one in content.items():
            (folder / kind / name).write_bytes(one)


def refuse_outside(names: Iterable[str]) -> None:
    """Raise ValueError if a file's name would lead out of the folder of its run."""
    for name in names:
        parts = name.split("/")
        if any(part in ("", ".", "..") or set(part) & set("\\:\0") for part in parts):
            raise ValueError(f"a file kept with a run needs a name inside it, as tables/a.csv, not {name!r}")


def write_backtest_files(
    folder: Path, tables: Mapping[str, pd.DataFrame], files: Mapping[str, bytes]
) -> None:
    """Lay out what is kept with a backtest: ``tables/*.csv``, and files under their own names."""
    content = {f"tables/{title}.csv": _csv(table) for title, table in tables.items()}
    for name, one in sorted({**content, **files}.items()):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(one)


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8")


def copy_checked(source: Path, target: Path, *, expected_hash: str) -> None:
    """Copy a fetched bundle into an existing folder: only the files its manifest names, once their hashes are right.

    Raises
    ------
    BundleError
        If it is damaged or is not the one expected.
    """
    content = read_checked(source, FORMAT, expected_hash=expected_hash)
    for name, one in content.items():
        (target / name).write_bytes(one)
    write_manifest(target, {"about": MANIFEST_ABOUT, "format": FORMAT})
