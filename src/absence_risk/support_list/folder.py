"""The support-offer list for an early-help team: a page, tables for spreadsheets, and apart from them, who is who.

The folder appears as one unit. No UPN, estimate or rank stands in it but for the UPNs of ``who_is_who.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, RefusedError
from ..files import whole_folder, write_manifest
from ..reports.gate_statement import gate_statement, standing_for_list
from ..reports.outcome_words import outcome_words
from ..spreadsheet import spreadsheet_bytes
from . import who_is_who as who
from .cards import (
    MOST_DOWN,
    MOST_UP,
    Beside,
    Card,
    ListContents,
    SevereRow,
    cards_of,
    choose,
    in_list_order,
    most_absent,
    severe_of,
    severe_rows,
)
from .page import page
from .terms import Terms
from .words import purpose_words

if TYPE_CHECKING:
    from ..evidence.refits import Refit
    from ..scored_file import ScoredFile
    from ..store import Store

LIST_HEADER = (
    "review_ref", "school", "year_group", "missed_without_authorisation_this_year",
    "missed_without_authorisation_last_year", "sessions_late_after_registers_closed", "missed_through_illness",
    *(f"why_listed_{n}" for n in range(1, MOST_UP + 1)),
    *(f"pointing_the_other_way_{n}" for n in range(1, MOST_DOWN + 1)),
    "how_sure", "who_is_already_involved", "check_first",
)  # fmt: skip
SEVERE_HEADER = ("review_ref", "school", "year_group", "missed_for_any_reason", "possible", "on_the_list")


@dataclass(frozen=True)
class SupportList:
    """What was written: where, how many pupils, and how many missed half or more of school."""

    folder: Path
    listed: int
    missed_half: int
    list_id: str


def write_support_list(  # noqa: PLR0913 - the terms of a list stand one by one on purpose
    store: Store,
    scores_path: Path,
    out: Path,
    *,
    capacity: int,
    owner: str,
    expires: date,
    today: date,
    purpose: str = "early_help_offer",
    evidence: Path | None = None,
) -> SupportList:
    """Write a folder with the list as a page and as a table, the key to who is who, and a manifest.

    Parameters
    ----------
    store : Store
        The store that was scored; its UPN lookup stands beside it.
    scores_path : Path
        A file written by ``scoring.write_scores``.
    out : Path
        The folder; an earlier one is replaced as a whole.
    capacity : int
        Families the team can offer help to in this period.
    owner : str
        The team that answers for the list; printed on every page.
    expires, today : date
        The last day of use, which must lie after the as-of date and not before ``today``.
    purpose : str
        One of ``list_words.PURPOSES``.
    evidence : Path, optional
        The folder of a backtest's evidence of the same model: its refits say who is firmly on the list and who is
        borderline. Without it, a pupil near the edge of the list is borderline.

    Raises
    ------
    RefusedError
        If the purpose is not one of support, the model was never tested on a later year, or it did not pass its gates
        and nobody has overridden that.
    UsageError
        If capacity, owner or expiry are not what they must be.
    InputError
        If the scores are not whole, were made from another store, or the lookup lacks a listed pupil.
    BundleError
        If the evidence holds no refits, or they are damaged, altered or of another model.
    OutputError
        If the folder cannot be written whole; an earlier one stays.
    """
    from ..scored_file import read_scores

    terms = Terms(purpose, capacity, owner.strip(), expires)
    purpose_words(purpose)  # before anything is opened: no file makes such a request acceptable
    scored = read_scores(Path(scores_path))
    terms.check(date.fromisoformat(scored.manifest["as_of"]), today)
    _check_scores(scored.manifest, store)
    standing = standing_for_list(store.path, str(scored.manifest["model"]))
    refits = _refits(evidence, scored.manifest)
    contents = list_contents(store.tables(), scored, capacity, refits=refits)
    key = list(who.who_is_who(store.path, contents.refs))
    about = _about(scored.manifest, terms, contents)
    with whole_folder(Path(out)) as folder:
        _write_tables(folder, contents, key)
        said = page(scored.manifest, terms, contents, gate_statement(standing))
        (folder / "index.html").write_bytes(said.encode("utf-8"))
        write_manifest(folder, {**about, "gates": standing.state})
    return SupportList(Path(out), len(contents.cards), contents.severe_total, about["list_id"])


def _check_scores(manifest: Mapping[str, Any], store: Store) -> None:
    if manifest.get("store_fingerprint") != store.fingerprint:
        raise InputError(
            f"the scores were made from another store than {store.path}, or it was ingested again since; "
            "score it again"
        )
    if not manifest["years"].get("tested"):
        raise RefusedError(
            "the model behind these scores was never tested on a later year; no list is made from it. Train one with "
            "enough years, or list by a simple rule."
        )


def _refits(evidence: Path | None, manifest: Mapping[str, Any]) -> tuple[Refit, ...]:
    if evidence is None:
        return ()
    from ..evidence.refits import read_refits

    return read_refits(Path(evidence), str(manifest["model"]))


def list_contents(
    tables: Mapping[str, Any], scored: ScoredFile, capacity: int, *, refits: Sequence[Refit] = ()
) -> ListContents:
    """The pupils of a list with their cards, and those who missed half or more of school.

    Parameters
    ----------
    tables : mapping of str to native frame
        The canonical tables of the store that was scored.
    scored : ScoredFile
        The scored table with its manifest.
    capacity : int
        How many cards; as many pupils again may be named for missing half or more of school.
    refits : sequence of Refit
        Of the model of the scores; they say who is firmly on the list. None: nobody is called firm.
    """
    from ..evidence.firmness import firm_pupils
    from ..features.build import collect_features
    from .chronology import chronology
    from .involvement import involvement

    manifest, frame = scored.manifest, scored.frame
    as_of = date.fromisoformat(manifest["as_of"])
    facts = collect_features(tables, frame[["pupil_id", "school_id", "year_group", "academic_year"]], as_of)
    schools = school_names(tables)
    firm = firm_pupils(refits, facts, capacity) if refits else None
    listed = in_list_order(choose(frame, capacity, firm), schools, "A")
    pupils = list(listed["pupil_id"])
    beside = Beside(
        involved=involvement(tables, pupils, as_of, manifest["sources"]),
        events=chronology(tables, pupils, as_of, schools),
    )
    bands = {int(band["index"]): band for band in manifest["bands"]}
    cards = cards_of(listed, facts, beside, bands, manifest["outcome"])
    listed_refs = dict(zip(listed["pupil_id"], listed["review_ref"], strict=True))
    contents = _with_severe(cards, listed_refs, severe_of(frame, facts), schools, capacity)
    return replace(contents, refits=len(refits))


def _with_severe(
    cards: list[Card], listed_refs: dict[str, str], severe: Any, schools: Mapping[str, str], capacity: int
) -> ListContents:
    on_list = severe["pupil_id"].isin(listed_refs)
    others = in_list_order(most_absent(severe[~on_list], capacity), schools, "B")
    other_refs = dict(zip(others["pupil_id"], others["review_ref"], strict=True))
    shown = in_list_order(severe[severe["pupil_id"].isin({**listed_refs, **other_refs})], schools, "B")
    return ListContents(
        cards=cards,
        severe=severe_rows(shown, listed_refs, other_refs),
        severe_total=len(severe),
        severe_listed=int(on_list.sum()),
        refs={ref: pupil for refs in (listed_refs, other_refs) for pupil, ref in refs.items()},
    )


def school_names(tables: Mapping[str, Any]) -> dict[str, str]:
    """The latest name held of each school that has one."""
    from ..tables.frames import open_table, to_pandas

    frame = to_pandas(open_table(tables, "schools")).sort_values(["known_from", "name"], kind="stable")
    named = frame[frame["name"].notna() & (frame["name"].str.strip() != "")]
    return dict(zip(named["school_id"], named["name"].str.strip(), strict=True))


def _padded(sentences: list[str], number: int) -> list[str]:
    return [*sentences, *[""] * (number - len(sentences))]


def _list_row(card: Card) -> list[str]:
    return [
        card.review_ref, card.school, card.year_group, card.days_this_year, card.days_last_year, card.late_sessions,
        card.illness_days, *_padded(card.why_listed, MOST_UP), *_padded(card.other_way, MOST_DOWN), card.how_sure,
        " | ".join(card.involved), " | ".join(card.checks),
    ]  # fmt: skip


def _severe_row(row: SevereRow) -> list[str]:
    on_list = "yes" if row.on_the_list else "no"
    return [row.review_ref, row.school, row.year_group, row.days_missed, row.days_possible, on_list]


def _write_tables(folder: Path, contents: ListContents, key: list[tuple[str, str, str]]) -> None:
    tables = (
        ("support_list.csv", LIST_HEADER, map(_list_row, contents.cards)),
        ("missed_half_or_more.csv", SEVERE_HEADER, map(_severe_row, contents.severe)),
        ("who_is_who.csv", who.HEADER, key),
    )
    for name, header, rows in tables:
        (folder / name).write_bytes(spreadsheet_bytes(header, rows))


def _about(manifest: Mapping[str, Any], terms: Terms, contents: ListContents) -> dict[str, Any]:
    return {
        "kind": "support_list",
        "format": 1,
        "list_id": terms.list_id(manifest["sha256"]),
        "purpose": terms.purpose,
        "owner": terms.owner,
        "expires": terms.expires.isoformat(),
        "capacity": terms.capacity,
        "listed": len(contents.cards),
        "missed_half_or_more": contents.severe_total,
        "refits": contents.refits,
        "outcome_in_words": outcome_words(manifest["outcome"]),
        "scores_sha256": manifest["sha256"],
        **{name: manifest[name] for name in ("as_of", "outcome", "sources", "model", "store_fingerprint")},
    }
