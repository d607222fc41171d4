"""Store -> a folder of Parquet in pupil buckets: for large stores, and for engines other than DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .already_there import in_words, made_of, stands


@dataclass(frozen=True)
class Exported:
    """The folder that was written, its buckets and its rows."""

    out: Path
    buckets: int
    rows: dict[str, int]
    already: bool = False

    def in_words(self) -> str:
        """What was written, and what was left behind; or that the same stood there already."""
        if self.already:
            return in_words(self.out)
        return (
            f"Wrote {self.out}: {sum(self.rows.values()):,} rows of {len(self.rows)} tables in {self.buckets} "
            "buckets of pupils. The UPN lookup is not in it."
        )


def run_export_tables(store: Path | str, out: Path | str, buckets: int = 16) -> Exported:
    """Write every canonical table of a store into a folder, whole or not at all; the same store, the same bytes.

    Parameters
    ----------
    store : Path
        An authority store: a file, or such a folder with another number of buckets.
    out : Path
        The folder; an earlier one is replaced once the new one is whole.
    buckets : int
        1 to 256.

    Raises
    ------
    UsageError, StoreError, OutputError
        An earlier folder stays then.
    """
    from ..store import Store, export_tables

    with Store(Path(store)) as opened:
        name = made_of("tables", meta=dict(opened.meta), buckets=buckets)
        already = stands(Path(out), name) is not None
        if not already:
            export_tables(opened, Path(out), buckets, made_of=name)
    with Store(Path(out)) as written:
        return Exported(Path(out), buckets, written.rows(), already)
