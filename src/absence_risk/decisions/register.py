"""The register of lists and decisions: one SQLite file to which rows are added and from which none is ever taken.

The only module that opens it; :class:`~absence_risk.decisions.book.Book` says what may be asked of it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError, OutputError
from ..files import private_folder, whole_file
from ..locks import file_lock
from .book import Book
from .sealing import APPLICATION_ID, COLUMNS, REGISTER_FORMAT, TABLES, Row, first_broken, seal_of, statements

#: The register's usual name, beside the folder of a list.
REGISTER_NAME = "decisions.sqlite"
_BEGINNING = b"SQLite format 3\x00"
#: How the database itself keeps the highest number given; made by it with the first AUTOINCREMENT.
_SEQUENCE = "CREATE TABLE sqlite_sequence(name,seq)"
_RESTORE = (
    "Put back a copy of it; nothing is read from, or added to, a register that cannot be read whole, and it is never "
    "edited by hand"
)


class Register(Book):
    """Lists with the pupils behind their references, what was decided about them, and who took contact lists out.

    Every call reads the file anew and checks the seal of every row it uses. Writers wait for each other.

    Parameters
    ----------
    path : Path
        The register; made by the first :meth:`add_list`. Its folder holds a lock file beside it.
    must_exist : bool
        Refuse an absent file. Otherwise it is a register in which nothing stands yet.

    Raises
    ------
    InputError
        If the file is not a register, is of another format, damaged, cut short or altered.
    """

    def __init__(self, path: Path | str, *, must_exist: bool = False) -> None:
        self.path = Path(path)
        self._connection: sqlite3.Connection | None = None
        if self.path.exists():
            self._connection = _opened(self.path)
        elif must_exist:
            raise InputError(
                f"no register of decisions at {self.path}; it is made beside the folder of a list when the list is "
                "made. Name it with --decisions"
            )

    def __enter__(self) -> Register:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def copy_to(self, out: Path, changed: Callable[[str, Row], Row]) -> None:
        """Write every row, changed, into a new register: sealed anew, whole or not at all; this one stays as it is.

        Parameters
        ----------
        out : Path
            A file that does not exist.
        changed : callable
            Given a table's name and a row, gives the row to write; it changes neither numbers nor their order.

        Raises
        ------
        OutputError
            If there is a file already, or it cannot be written.
        """
        if out.exists():
            raise OutputError(
                f"{out} exists; a register is never written over, give another name for the new one"
            )
        with self._writing():
            tables = [table for table in TABLES if table != "format"]
            _make(out, {table: [changed(table, row) for row in self._rows(table)] for table in tables})

    def _rows(self, table: str) -> list[Row]:
        if self._connection is None and self.path.exists():
            self._connection = _opened(self.path)
        return [] if self._connection is None else _read(self._connection, self.path, table)

    def _add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        assert self._connection is not None
        _append(self._connection, table, self._rows(table), rows)

    @contextlib.contextmanager
    def _writing(self, *, make: bool = False) -> Iterator[None]:
        """One transaction under the lock; what it reads is what it adds to."""
        if not make and not self.path.exists():
            yield  # there is no list here to add anything to, and the call says so
            return
        private_folder(self.path.parent)
        with file_lock(self.path.with_name(self.path.name + ".lock")):
            if not self.path.exists():
                self.close()
                _make(self.path)
            if self._connection is None:
                self._connection = _opened(self.path)
            with _one_transaction(self._connection, self.path):
                yield


def _fault(path: Path, what: str) -> InputError:
    return InputError(f"{path} {what}. {_RESTORE}")


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to a register that is whole and of this format.

    Raises
    ------
    InputError
        If it is anything else.
    """
    try:
        with path.open("rb") as handle:
            beginning = handle.read(len(_BEGINNING))
    except OSError as fault:
        raise InputError(
            f"the register {path} cannot be opened ({fault.strerror}); close what holds it"
        ) from None
    if beginning != _BEGINNING:
        raise _fault(path, "is not a register of decisions, or was emptied")
    try:
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    except sqlite3.Error as fault:
        raise _unreadable(path, fault) from None
    try:
        _check(connection, path)
    except (sqlite3.DatabaseError, InputError) as fault:
        connection.close()
        if isinstance(fault, InputError):
            raise
        raise _unreadable(path, fault) from None
    return connection


def _unreadable(path: Path, fault: sqlite3.Error) -> InputError:
    # The database's own message may quote what the file holds.
    if _kind(fault).startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR")):
        return InputError(f"the register {path} is held by another program; close it there and try again")
    return _fault(path, "is damaged or cut short")


def _kind(fault: sqlite3.Error) -> str:
    return getattr(fault, "sqlite_errorname", type(fault).__name__)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise _fault(path, "is a database of another program, not a register of decisions")
    found = connection.execute("SELECT format FROM format").fetchone()
    if found != (REGISTER_FORMAT,):
        raise InputError(
            f"the register {path} has format {found[0] if found else None}; this version reads format "
            f"{REGISTER_FORMAT}: install the version that wrote it"
        )
    if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise _fault(path, "is damaged or cut short")
    connection.execute("PRAGMA journal_mode = DELETE")  # another program may have left files beside it
    made = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}
    if made != {*statements(), _SEQUENCE}:
        raise _fault(path, "was altered: its tables or the rules that protect them are not as they were made")


def _make(path: Path, rows: Mapping[str, list[Row]] | None = None) -> None:
    """A register, empty but for rows that are given, whole or not at all, for its owner only."""
    with whole_file(path) as partial, _added(path), contextlib.closing(_empty(partial)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # the file is flushed as a whole, once it is made
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("BEGIN")
        for statement in statements():
            connection.execute(statement)
        _append(connection, "format", [], [{"format": REGISTER_FORMAT}])
        for table, given in (rows or {}).items():
            _append(connection, table, [], given)
        connection.execute("COMMIT")


def _empty(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _read(connection: sqlite3.Connection, path: Path, table: str) -> list[Row]:
    """Every row of a table, oldest first, once its seals are checked."""
    names = (*COLUMNS[table], "seal")
    try:
        found = connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY number").fetchall()
        last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    except sqlite3.DatabaseError as fault:
        raise _unreadable(path, fault) from None
    rows = [dict(zip(names, row, strict=True)) for row in found]
    broken = first_broken(table, rows, last[0] if last else 0)
    if broken is not None:
        raise _fault(path, f"was altered: row {broken} of {table} is not as it was written, or is missing")
    return rows


def _append(
    connection: sqlite3.Connection, table: str, standing: list[Row], rows: Iterable[Mapping[str, Any]]
) -> None:
    before = standing[-1]["seal"] if standing else ""
    sealed: list[Row] = []
    for number, row in enumerate(rows, start=len(standing) + 1):
        before = seal_of(table, numbered := {**row, "number": number}, before)
        sealed.append({**numbered, "seal": before})
    names = (*COLUMNS[table], "seal")
    places = ", ".join(f":{name}" for name in names)
    connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", sealed)


@contextlib.contextmanager
def _added(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        # The database may quote what it was given; only the kind of fault may be told.
        raise OutputError(
            f"nothing was added to the register {path} ({_kind(fault)}): expected a disk with room and a "
            "file that nobody else holds; try again"
        ) from None


@contextlib.contextmanager
def _one_transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    with _added(path):
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("COMMIT")
        finally:
            # Where the disk is full, SQLite may have taken the transaction back itself.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
