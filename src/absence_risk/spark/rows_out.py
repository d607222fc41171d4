"""Scored rows out of Spark: as the files of a scored folder, or as a table or an address with a manifest beside."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..files import canonical_json, write_text
from ..scored_folder import part_file
from ..tables.outputs import SCORES_FORMAT
from .faults import in_our_words

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def write_parts(scored: DataFrame, folder: Path) -> None:
    """Write scored rows as the files of a scored folder, in the order of pupil_id.

    Parameters
    ----------
    scored : DataFrame
        The columns of ``SCORES`` and ``part``: ranges of pupil_id, each whole in one task (``score.in_parts``).
    folder : Path
        A folder that the driver and every worker can write to, for ``scored_folder.write_scored_folder``.

    Raises
    ------
    AbsenceRiskError
        If Spark or a worker failed.
    """
    rows = folder / "rows"
    with in_our_words():
        # Sorted after scoring: the writer would otherwise sort by part alone and lose the order of pupils.
        ordered = scored.sortWithinPartitions("part", "pupil_id")
        ordered.write.partitionBy("part").option("compression", "zstd").parquet(rows.resolve().as_uri())
    parts = sorted(rows.glob("part=*"), key=lambda part: int(part.name.removeprefix("part=")))
    files = [path for part in parts for path in sorted(part.glob("*.parquet"))]
    for number, path in enumerate(files):
        path.replace(folder / part_file(number))
    shutil.rmtree(rows)


def write_scored_table(
    scored: DataFrame, out: str, manifest: Path, about: Callable[[], Mapping[str, Any]]
) -> None:
    """Write scored rows as a new table, or as a new folder of Parquet at an address, and the manifest afterwards.

    There is no renaming here: how much of a failed write stays hidden is for the catalogue or the store of objects to
    say. The manifest is written only once every row stands, so rows without it are not to be used.

    Parameters
    ----------
    scored : DataFrame
        As in :func:`write_parts`; ``part`` is left out.
    out : str
        A table's name, or an address with a scheme.
    manifest : Path
        A file; it names ``out``, and cannot vouch for its bytes.
    about : callable
        As in ``scored_folder.write_scored_folder``.

    Raises
    ------
    UsageError
        If the table exists already.
    AbsenceRiskError
        If Spark or a worker failed; the manifest is not written, and an address that holds something is left alone.
    """
    rows = scored.sortWithinPartitions("part", "pupil_id").drop("part")
    with in_our_words():
        if "://" in out:
            rows.write.option("compression", "zstd").parquet(out)
        elif scored.sparkSession.catalog.tableExists(out):
            raise UsageError(f"the table {out} exists already; give the name of a new one")
        else:
            rows.write.saveAsTable(out)
    said = {**about(), "kind": "scores", "format": SCORES_FORMAT, "table": out}
    write_text(manifest, canonical_json(said))
