"""A support-offer list as one folder: the page, the workbook, tables, and apart from them, who is who.

The folder appears as one unit. No UPN, estimate or rank stands in it but for the UPNs of ``who_is_who.csv``. The
register beside it keeps which pupil stands behind each reference, for decisions, the next list, and judging impact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..decisions.entries import ListEntry
from ..errors import InputError, RefusedError
from ..features.phrasing import counted
from ..files import whole_folder, write_manifest
from ..reports.gate_statement import GateStatement, gate_statement, standing_for_list
from ..reports.outcome_words import outcome_words
from ..spreadsheet import spreadsheet_bytes
from ..tables.frames import without_pupils
from . import who_is_who as who
from .asked import Asked
from .card import PARTS, ListContents
from .changes import Compared, compare
from .contents import list_contents, with_changes
from .list_tables import list_tables
from .page.page import page
from .page.words import NO_PAST
from .refusals import refuse_aggregate_purpose, refuse_stale
from .registered import entry_of
from .words import purpose_words
from .workbook.workbook import workbook_bytes

if TYPE_CHECKING:
    from ..decisions.register import Register
    from ..evidence.refits import Refit
    from ..logbook import Standing
    from ..scored_file import ScoredFile
    from ..store import Store

KIND, FORMAT = "support_list", 2
WORKBOOK = "support_list.xlsx"

#: The entry of a manifest that names the earlier list whose pupils this one was compared with; empty if there was none.
COMPARED_WITH = "compared_with"


@dataclass(frozen=True)
class SupportList:
    """What was written: where, its id, how many cards in each part, how many missed half or more of school."""

    folder: Path
    list_id: str
    cards: Mapping[str, int]
    missed_half: int

    @property
    def listed(self) -> int:
        """Pupils who take one of the team's places."""
        return self.cards["main"]


def write_support_list(
    store: Store, scores_path: Path, out: Path, asked: Asked, register: Register
) -> SupportList:
    """Write a folder with the list as a page, a workbook and tables, the key to who is who, and a manifest.

    Parameters
    ----------
    store : Store
        The store that was scored; its UPN lookup stands beside it.
    scores_path : Path
        A file written by ``scoring.write_scores``.
    out : Path
        The folder; an earlier one is replaced as a whole.
    asked : Asked
        Terms, plan, and what stands beside the returns.
    register : Register
        Keeps this list; gives the last one of the same owner and purpose to compare with.

    Raises
    ------
    RefusedError
        If the purpose is not one of support or needs no names, a source is too old, the model was never tested on a
        later year, or it did not pass its gates and nobody has overridden that.
    UsageError
        If capacity, owner or expiry are not what they must be.
    InputError
        If the scores are not whole, were made from another store, or the lookup lacks a listed pupil.
    BundleError
        If the evidence holds no refits, or they are damaged, altered or of another model.
    OutputError
        If the folder cannot be written whole; an earlier one stays.
    """
    from ..scored_folder import read_scored

    terms = asked.terms
    purpose_words(terms.purpose)  # before anything is opened: no file makes such a request acceptable
    refuse_aggregate_purpose(terms.purpose)
    scored = read_scored(Path(scores_path))
    terms.check(date.fromisoformat(scored.manifest["as_of"]), asked.today)
    standing = _may_be_made(store, scored.manifest, asked)
    found = _contents(store, scored, asked)
    entry = entry_of(scored, terms, found, asked.today)
    earlier = register.earlier_list(entry)
    contents = with_changes(found, _compared(earlier, entry, scored, asked.beside.excluded))
    key = list(who.who_is_who(store.path, {row.review_ref: row.pupil_id for row in contents.listed}))
    with whole_folder(Path(out), filled_in=(WORKBOOK,)) as folder:
        for name, content in _files(
            scored.manifest, asked, contents, entry.list_id, gate_statement(standing)
        ).items():
            (folder / name).write_bytes(content)
        (folder / "who_is_who.csv").write_bytes(spreadsheet_bytes(who.HEADER, key))
        about = _about(scored.manifest, asked, contents, entry.list_id)
        about |= {"gates": standing.state, "account": _account(scored, contents)}
        write_manifest(folder, {**about, COMPARED_WITH: "" if earlier is None else earlier.list_id})
        # Inside, so that a list which could not be kept in the register is not published either.
        register.add_list(entry)
    return SupportList(Path(out), entry.list_id, _cards(contents), contents.severe_total)


def _may_be_made(store: Store, manifest: Mapping[str, Any], asked: Asked) -> Standing:
    """Where the model stands at its gates; refused where no list may be made from these scores."""
    if manifest.get("store_fingerprint") != store.fingerprint:
        raise InputError(
            f"the scores were made from another store than {store.path}, or it was ingested again since; "
            "score it again"
        )
    if not manifest["years"].get("tested"):
        raise RefusedError(
            "the model behind these scores was never tested on a later year; no list is made from it. Train one with "
            "enough years."
        )
    if manifest.get("exclusions") and not asked.beside.excluded_by_reason:
        raise RefusedError(
            "the scores left children out on request or for protection, and the list was given no such file; give the "
            "file that is in force today with --exclusions, or one of them may stand on a list without an estimate"
        )
    refuse_stale(manifest["sources"], date.fromisoformat(manifest["as_of"]), asked.plan.refuse_after_days)
    return standing_for_list(store.path, str(manifest["model"]))


def _refits(evidence: Path | None, manifest: Mapping[str, Any]) -> tuple[Refit, ...]:
    if evidence is None:
        return ()
    from ..evidence.refits import read_refits

    return read_refits(Path(evidence), str(manifest["model"]))


def _contents(store: Store, scored: ScoredFile, asked: Asked) -> ListContents:
    beside = asked.beside
    frame = scored.frame
    found = list_contents(
        without_pupils(store.tables(), beside.excluded),
        replace(scored, frame=frame[~frame["pupil_id"].isin(beside.excluded)]),
        asked.plan,
        capacity=asked.terms.capacity,
        refits=_refits(asked.evidence, scored.manifest),
        excluded=beside.excluded,
        early_help=beside.early_help,
        siblings=beside.siblings,
    )
    return replace(found, excluded=beside.excluded_by_reason)


def _cards(contents: ListContents) -> dict[str, int]:
    return {part: len(contents.of_part(part)) for part in PARTS}


def _account(scored: ScoredFile, contents: ListContents) -> dict[str, int]:
    """Where every scored pupil went: one part of the list or none; the parts come to all of them.

    Children left out since the scoring are among those on none, since their number alone could name one.
    """
    pupils = set(scored.frame["pupil_id"])
    found = Counter(one.part for one in contents.listed if one.pupil_id in pupils)
    parts = {part: found[part] for part in (*PARTS, "severe", "virtual_school")}
    return {"scored": len(pupils), **parts, "on_none": len(pupils) - sum(parts.values())}


def _compared(
    earlier: ListEntry | None, entry: ListEntry, scored: ScoredFile, excluded: frozenset[str]
) -> Compared:
    return compare(
        earlier,
        entry.pupils,
        model=entry.model,
        still_in_cohort=frozenset(scored.frame["pupil_id"]) - excluded,
    )


def _files(
    manifest: Mapping[str, Any], asked: Asked, contents: ListContents, list_id: str, gates: GateStatement
) -> dict[str, bytes]:
    terms, plan = asked.terms, asked.plan
    past = (*(asked.beside.past or (NO_PAST,)), *_further_down(contents))
    said = page(manifest, terms, plan, contents, gates, past, list_id=list_id)
    book = workbook_bytes(manifest, terms, plan, contents, list_id=list_id, gates=gates, past=past)
    return {"index.html": said.encode("utf-8"), WORKBOOK: book, **list_tables(contents)}


def _further_down(contents: ListContents) -> tuple[str, ...]:
    """How far down the cohort this list goes: further than its places, where others already lead."""
    main, lead = len(contents.of_part("main")), len(contents.of_part("lead"))
    if not lead:
        return ()
    return (
        f"This list goes down to place {main + lead:,} of the pupils looked at, as {counted(lead, 'pupil')} met on the "
        "way already have a lead and take no place; the further down, the fewer are rightly there.",
    )


def _about(manifest: Mapping[str, Any], asked: Asked, contents: ListContents, list_id: str) -> dict[str, Any]:
    terms = asked.terms
    return {
        "kind": KIND,
        "format": FORMAT,
        "list_id": list_id,
        "purpose": terms.purpose,
        "owner": terms.owner,
        "expires": terms.expires.isoformat(),
        "made_on": asked.today.isoformat(),
        "made_of": asked.made_of,
        "capacity": terms.capacity,
        "cards": _cards(contents),
        "missed_half_or_more": contents.severe_total,
        "refits": contents.refits,
        "outcome_in_words": outcome_words(manifest["outcome"]),
        "scores_sha256": manifest["sha256"],
        **{name: manifest[name] for name in ("as_of", "outcome", "sources", "model", "store_fingerprint")},
    }
