"""Store + register of decisions -> what was done with each list, and what happened next beside the next in line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, UsageError
from ..progress import Progress, numbered, silent

if TYPE_CHECKING:
    import pandas as pd

    from ..decisions.register import Register
    from ..disclosure import DisclosurePolicy
    from ..impact.groups import ListRecords
    from ..impact.one_list import ListImpact

STEPS = ("Reading what was decided", "Following the pupils into the next year", "Writing")
KIND, FORMAT = "impact", 1
PAGE = "impact.html"


@dataclass(frozen=True)
class ImpactResult:
    """What may be said of the lists of a register.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        ``done``, ``pace``, ``afterwards`` and ``outcome``, every count through the disclosure policy.
    folder : Path or None
        Where the report was written, if anywhere.
    """

    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    words: str = field(repr=False)
    folder: Path | None = None

    def in_words(self) -> str:
        """What was done, what happened next, and how it may be read."""
        return (
            self.words if self.folder is None else f"{self.words}\n\nWrote the report to {self.folder / PAGE}"
        )


def run_impact(
    store: Path | str,
    decisions: Path | str,
    out: Path | str | None = None,
    *,
    list_id: str | None = None,
    today: date | None = None,
    policy: DisclosurePolicy | None = None,
    progress: Progress = silent,
) -> ImpactResult:
    """Say what was done with the lists of a register and, as far as it is known, what happened next.

    Parameters
    ----------
    store : Path
        The authority store; the newest one made with the key of the lists.
    decisions : Path
        The register, ``decisions.sqlite``.
    out : Path, optional
        Folder for the page and its tables; without it nothing is written.
    list_id : str, optional
        One list; by default every list of the register.
    today : date, optional
        Nothing that became known later is read; by default today.
    policy : DisclosurePolicy, optional
        What becomes of small numbers; by default the house's.

    Raises
    ------
    UsageError, InputError, StoreError, KeyFileError, OutputError
        An earlier folder at ``out`` stays then.
    """
    from ..decisions.register import Register
    from ..disclosure import DisclosurePolicy
    from ..impact.page import impact_page, impact_tables
    from ..impact.words import terminal_words
    from ..store import Store

    day, rule, say = today or date.today(), policy or DisclosurePolicy(), numbered(progress, STEPS)
    say(0)
    if out is not None:
        _check_place(Path(out))
    with Register(Path(decisions), must_exist=True) as register:
        lists = lists_of(register, list_id)
    say(1)
    with Store(Path(store)) as opened:
        results = results_of(opened.tables(), lists, day, rule)
        made_up = opened.meta.get("made_up") == "yes"
    words, tables = terminal_words(results, rule), impact_tables(results)
    if out is None:
        return ImpactResult(tables, words)
    say(2)
    page = impact_page(results, rule, until=day, made_up=made_up)
    _write(Path(out), page, tables)
    return ImpactResult(tables, words, Path(out))


def lists_of(register: Register, list_id: str | None = None) -> tuple[ListRecords, ...]:
    """The lists of a register with the records that stand, oldest first.

    Raises
    ------
    InputError
        If the register holds no list, or not the one asked for.
    """
    from ..impact.groups import ListRecords

    entries = register.lists()
    wanted = [entry for entry in entries if list_id in (None, entry.list_id)]
    if not wanted:
        said = f"no list {list_id}" if list_id else "no list"
        known = ", ".join(entry.list_id for entry in entries) or "none"
        raise InputError(f"{said} stands in the register {register.path}; lists known there: {known}")
    return tuple(
        ListRecords(
            entry,
            register.standing(entry.list_id),
            len({conflict.review_ref for conflict in register.conflicts(entry.list_id)}),
            _listed_elsewhere(entry, entries),
        )
        for entry in wanted
    )


def _listed_elsewhere(entry: Any, entries: Sequence[Any]) -> frozenset[str]:
    """Pupils of the other lists that look at the same school year: they may have been offered help after all."""
    from ..domain.academic_year import feature_year_of

    year = feature_year_of(entry.as_of)
    others = (e for e in entries if e.list_id != entry.list_id and feature_year_of(e.as_of) == year)
    return frozenset(pupil.pupil_id for other in others for pupil in other.pupils)


def results_of(
    tables: Mapping[str, Any], lists: Sequence[ListRecords], known_by: date, policy: DisclosurePolicy
) -> list[ListImpact]:
    """Every list as it may be printed, then the lists of one team and purpose counted together."""
    from ..impact.one_list import check_pupils, list_impact, together, year_after

    for records in lists:
        check_pupils(tables, records)
    afters = [year_after(tables, records, known_by) for records in lists]
    results = [list_impact(*pair, policy) for pair in zip(lists, afters, strict=True)]
    for owner, purpose in sorted({(r.entry.owner, r.entry.purpose) for r in lists}):
        same = [n for n, r in enumerate(lists) if (r.entry.owner, r.entry.purpose) == (owner, purpose)]
        joined = together([lists[n] for n in same], [afters[n] for n in same], policy)
        results += [] if joined is None else [joined]
    return results


def _check_place(out: Path) -> None:
    # A folder takes the place of an earlier one whole, so it must be an earlier report and not somebody's other files.
    if out.is_dir() and any(out.iterdir()) and not (out / PAGE).is_file():
        raise UsageError(f"{out} holds other files; give --out a new folder, or that of an earlier report")


def _write(out: Path, page: str, tables: Mapping[str, pd.DataFrame]) -> None:
    from ..files import whole_folder, write_manifest
    from ..impact.page import csv_bytes

    with whole_folder(out) as folder:
        (folder / "tables").mkdir(mode=0o700)
        (folder / PAGE).write_bytes(page.encode("utf-8"))
        for name, frame in tables.items():
            (folder / "tables" / f"{name}.csv").write_bytes(csv_bytes(name, frame))
        write_manifest(folder, {"kind": KIND, "format": FORMAT})
