"""A folder of statutory returns becomes the authority store, its UPN lookup and its quality report.

All or nothing: every file's fault is collected and raised together, and an earlier store stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.school import MADE_UP_LA
from ..errors import InputError, all_at_once
from ..files import sha256_of, whole_files
from ..progress import Progress, silent
from ..store import Store, engine_error, fill_store, lookup_path
from .account import (
    account_for_censuses,
    account_for_joining,
    account_for_rows,
    account_for_tables,
    fill_returns,
)
from .ap_census import read_ap_census
from .census_children import read_children
from .census_pupils import read_pupils
from .census_sets import CENSUS_ROLES, CensusSet, census_sets, read_headers
from .cin_census import read_cin
from .fill_attendance import fill_attendance, fill_attendance_terms
from .fill_census import fill_audit, fill_enrolments, fill_pupils, fill_schools
from .fill_events import fill_alternative_provision, fill_fsm, fill_social_care, fill_suspensions
from .identity import Key
from .key_check import check_key_of_store, refuse_key_beside
from .layouts import Role
from .ledger import Ledger
from .quality import fill_quality_report, quality_paths, write_quality_report
from .recognise import Recognised, recognise
from .ssda903 import read_looked_after
from .staging import clear, lay_out
from .unify import name_pupils, settle_pupils, settle_returns, settle_submissions

if TYPE_CHECKING:
    import duckdb


class _Steps:
    """Counts the steps of one ingest for whoever watches."""

    def __init__(self, found: Recognised, progress: Progress) -> None:
        censuses = len(census_sets(found.of(*CENSUS_ROLES)))
        self.total = censuses + len(found.cin) + len(found.of(Role.AP_CENSUS)) + 4
        self.done = 0
        self.progress = progress

    def __call__(self, words: str) -> None:
        self.progress(words, self.done, self.total)
        self.done += 1


@dataclass(frozen=True)
class IngestResult:
    """What an ingest made, and its accounts."""

    store: Path
    lookup: Path
    quality_html: Path
    quality_json: Path
    ledger: Ledger
    key_id: str
    pupils: int

    @property
    def files(self) -> int:
        """Files read."""
        return len({file.name for file in self.ledger.files})

    @property
    def report(self) -> Path:
        """The quality report to read first."""
        return self.quality_html

    def in_words(self) -> str:
        """What was written and where, and what to read first."""
        return (
            f"Read the quality report before you train: {self.report}\n"
            f"Wrote {self.store} ({self.pupils:,} pupils from {self.files:,} files)"
        )


def ingest(
    returns: Path,
    store: Path,
    *,
    key: Key | bytes,
    made_of: str = "",
    key_beside: Sequence[str] = (),
    progress: Progress = silent,
) -> IngestResult:
    """Read a folder of returns and write the store, ``<store stem>.upn-lookup.parquet`` and the quality report.

    Parameters
    ----------
    returns : Path
        Folder of returns; files are recognised by content, in any sub-folders and under any names.
    store : Path
        The store to make or replace.
    key : Key or bytes
        The pseudonym key (see :func:`~absence_risk.returns.identity.read_key`).
    made_of : str
        What the caller calls these returns, this key and this code together; the quality report keeps it.
    key_beside : sequence of str
        Outputs that the key file stands beside (``key_check.beside_outputs``): then only made-up returns are read.
    progress : callable, optional
        Called as each step begins with its words, its place and how many steps there are.

    Raises
    ------
    InputError
        If any file is faulty; the message lists every fault of every file. The earlier store and lookup stay; the
        quality report is written and says that nothing was ingested.
    KeyFileError
        If the key is not 32 random bytes, made another store of that name, or stands beside outputs and the returns
        are a real authority's.
    OutputError
        If an output cannot be written; the earlier one stays.
    """
    key = key if isinstance(key, Key) else Key(key)
    store, ledger = Path(store), Ledger()
    check_key_of_store(key, store)
    lookup, (html, json) = lookup_path(store), quality_paths(store)
    try:
        # As one: a store beside an older lookup or report would say of its pupils what is no longer so.
        with whole_files(store, lookup, html, json) as (new_store, new_lookup, page, record):
            # Copies of returns are as private as what is made of them, and go when it is published or given up.
            scratch = new_store.with_name("scratch")
            scratch.mkdir(mode=0o700)
            found = recognise(Path(returns), scratch)
            pupils = _build(found, new_store, new_lookup, key, ledger, progress, key_beside)
            with Store(new_store) as made:
                # Not the hash of the store's file: a database of the same rows may lie otherwise on the disk.
                about = {"made_of": made_of, "store_fingerprint": made.fingerprint}
            about["lookup_sha256"] = sha256_of(new_lookup)
            fill_quality_report(page, record, ledger, ingested=True, key_id=key.key_id, about=about)
    except InputError as fault:
        ledger.faults = ledger.faults or [str(fault)]
        write_quality_report(store, ledger, ingested=False, key_id=key.key_id)
        raise
    except engine_error() as fault:
        # The engine quotes cells; only the kind of its fault may be told.
        words = f"the returns could not be read as they stand ({type(fault).__name__}); please report this"
        ledger.faults.append(words)
        write_quality_report(store, ledger, ingested=False, key_id=key.key_id)
        raise InputError(words) from None
    return IngestResult(store, lookup, html, json, ledger, key.key_id, pupils)


def _build(
    found: Recognised,
    store: Path,
    lookup: Path,
    key: Key,
    ledger: Ledger,
    progress: Progress,
    key_beside: Sequence[str],
) -> int:
    for note in found.notes:
        ledger.note(note)
    ledger.faults += found.faults
    meta = {"key_id": key.key_id}
    with fill_store(store, meta) as con:
        con.execute("SET preserve_insertion_order = false")
        lay_out(con)
        steps = _Steps(found, progress)
        _read_all(con, found, ledger, steps)
        if ledger.faults:
            raise InputError(
                all_at_once(
                    f"{len(ledger.faults)} fault(s) in the returns; nothing was ingested:", ledger.faults
                )
            )
        _fill_all(con, key, ledger, steps)
        meta["made_up"] = "yes" if _is_made_up(con) else "no"
        if meta["made_up"] == "no":
            refuse_key_beside(key_beside)
        pupils = _write_lookup(con, lookup)
        clear(con)
    return pupils


def _is_made_up(con: duckdb.DuckDBPyConnection) -> bool:
    row = con.execute("SELECT bool_and(starts_with(school_id, ?)) FROM schools", [MADE_UP_LA]).fetchone()
    return bool(row and row[0])


def _read_all(con: duckdb.DuckDBPyConnection, found: Recognised, ledger: Ledger, say: _Steps) -> None:
    for census in census_sets(found.of(*CENSUS_ROLES)):
        say(f"reading {census.label}")
        _collect(ledger, census.label, lambda c=census: _read_census(con, c, ledger))  # type: ignore[misc]
    for name, path in found.cin:
        say(f"reading {name}")
        _collect(ledger, name, lambda n=name, p=path: read_cin(con, n, p, ledger))  # type: ignore[misc]
    say("reading SSDA903")
    read_looked_after(con, found.of(Role.LOOKED_AFTER_HEADER, Role.LOOKED_AFTER_EPISODES), ledger)
    for one in found.of(Role.AP_CENSUS):
        say(f"reading {one.source.name}")
        _collect(ledger, one.source.name, lambda s=one.source: read_ap_census(con, s, ledger))  # type: ignore[misc]


def _read_census(con: duckdb.DuckDBPyConnection, census: CensusSet, ledger: Ledger) -> None:
    read_headers(con, census, ledger)
    read_pupils(con, census, ledger)
    read_children(con, census, ledger)


def _collect(ledger: Ledger, where: str, read: Callable[[], None]) -> None:
    try:
        read()
    except InputError as fault:
        words = str(fault)
        ledger.faults.append(words if words.startswith(where) else f"{where}: {words}")


def _fill_all(con: duckdb.DuckDBPyConnection, key: Key, ledger: Ledger, say: _Steps) -> None:
    say("joining children and schools")
    settle_submissions(con, ledger)
    settle_returns(con, ledger)
    name_pupils(con, key, ledger)
    settle_pupils(con)
    say("writing the canonical tables")
    fill_pupils(con)
    fill_audit(con)
    fill_enrolments(con, ledger)
    fill_schools(con, ledger)
    fill_attendance(con)
    fill_attendance_terms(con, ledger)
    fill_suspensions(con, ledger)
    fill_fsm(con)
    fill_alternative_provision(con)
    fill_social_care(con)
    fill_returns(con)
    say("accounting for every row")
    account_for_rows(con, ledger)
    ledger.refuse_unbalanced()
    account_for_joining(con, ledger)
    account_for_censuses(con, ledger)
    account_for_tables(con, ledger)


def _write_lookup(con: duckdb.DuckDBPyConnection, target: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # pyarrow writes into the private file already made; DuckDB would make its own with the usual rights.
    rows = con.execute("SELECT pupil_id, upn FROM stage.pupil ORDER BY pupil_id").fetchall()
    text = pa.string()
    pq.write_table(
        pa.table([pa.array([r[i] for r in rows], text) for i in (0, 1)], names=["pupil_id", "upn"]), target
    )
    return len(rows)
