"""Scores + store + register -> the statement that a family may ask for, about one child."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from .exclusions import exclusions_of
from .list_at_hand import register_of
from .which_child import check_how_named, find_child

if TYPE_CHECKING:
    from ..decisions.register import Register
    from ..settings import ListSettings


@dataclass(frozen=True)
class StatementResult:
    """Where the statement stands, and what it holds in general."""

    out: Path
    estimated: bool
    lists: int | None

    def in_words(self) -> str:
        """What was written and what comes before it is handed over; nothing of the child."""
        return (
            "Read its first sheet, check who is asking and whose words stand in it, and take that sheet off before you "
            f"hand over the rest\nWrote the statement to {self.out}"
        )


def run_statement(  # noqa: PLR0913 - what may be said of a child comes from as many places
    pupil: str,
    scores: Path | str,
    store: Path | str,
    out: Path | str,
    *,
    ask: Callable[[], str],
    list_folder: Path | str | None = None,
    register: Path | str | None = None,
    config: ListSettings | Path | str | None = None,
    exclusions: Path | str | None = None,
    early_help: Path | str | None = None,
    today: date | None = None,
) -> StatementResult:
    """Write one child's statement as one page, whole or not at all.

    Parameters
    ----------
    pupil : str
        A review reference (A-014), a pseudonym (32 hexadecimal figures), or ``-``: then ``ask`` is called for the UPN.
    scores : Path
        A file written by ``score``, from the same store.
    ask : callable
        Gives the UPN that somebody types; it is asked only for ``-``, and repeated nowhere.
    list_folder : Path, optional
        The folder of the list that a reference belongs to; without it, the latest list of the register, if all its
        lists are of one team and purpose.
    register : Path, optional
        The register; by default ``decisions.sqlite`` beside ``list_folder``. Without either, nothing is said of lists.
    config : ListSettings or Path, optional
        Settings of the lists, for whom a family asks; by default the package's.
    exclusions, early_help : Path, optional
        Files of children left out, and of early help open.
    today : date, optional
        The day it is made; by default today.

    Raises
    ------
    UsageError
        If the child is named in another way (a UPN would stay in the history of commands), or the reference could
        mean more than one child.
    InputError, StoreError, OutputError
        If a file is not what it should be; an earlier statement stays.
    """
    from ..files import write_text
    from ..scored_folder import read_scored
    from ..store import Store
    from ..support_list.statement.statement import statement_of, statement_page
    from ..tables.frames import without_pupils
    from .list_plan import plan_of
    from .shipped_configs import config_path

    check_how_named(pupil)
    day, folder = today or date.today(), None if list_folder is None else Path(list_folder)
    if folder is not None:
        kept: Path | None = register_of(folder, register)
    else:
        kept = None if register is None else Path(register)
    contact = plan_of(config_path("support_list") if config is None else config).contact
    scored = read_scored(Path(scores))
    with Store(Path(store)) as opened, _opened(kept) as book:
        if scored.manifest.get("store_fingerprint") != opened.fingerprint:
            raise InputError(
                f"the scores were made from another store than {store}, or it was ingested again since; score it again"
            )
        found = find_child(pupil, Path(store), book, folder, ask)
        left_out, helped = _beside(Path(store), exclusions, early_help, day)
        statement = statement_of(
            without_pupils(opened.tables(), left_out),
            scored,
            found.pupil_id,
            found_by=found.found_by,
            register=book,
            early_help=helped,
            contact=contact,
            left_out=found.pupil_id in left_out,
        )
    write_text(Path(out), statement_page(statement, day))
    lists = None if statement.listings is None else len(statement.listings)
    return StatementResult(Path(out), statement.used is not None, lists)


def _beside(
    store: Path, exclusions: Path | str | None, early_help: Path | str | None, today: date
) -> tuple[frozenset[str], dict[str, date] | None]:
    from ..returns.pupil_files import read_early_help

    left_out = exclusions_of(store, exclusions, today).pupils
    return left_out, read_early_help(Path(early_help), store) if early_help else None


def _opened(kept: Path | None) -> contextlib.AbstractContextManager[Register | None]:
    from ..decisions.register import Register

    return contextlib.nullcontext() if kept is None else Register(kept, must_exist=True)
