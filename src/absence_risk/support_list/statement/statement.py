"""The child's statement: the plain-language page a family may ask for, with a sheet for whoever hands it over.

A listing is a child's personal data and belongs in the answer to a subject access request (UK GDPR, Article 15); a
child who was looked at and not listed has a statement too. The page carries no name, no UPN and no pseudonym.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ...cohort import select_cohort
from ...decisions.register import Register
from ...errors import InputError
from ...features.phrasing import counted, day_words, listed
from ...pages import asset, render_page
from ...reports.outcome_words import outcome_words
from ...tables.frames import open_table, to_pandas
from ..words import FAMILY, natural_frequency
from . import words
from .listings import Listing, listings_of
from .records_used import RecordsUsed, records_used

if TYPE_CHECKING:
    from ...scored_file import ScoredFile


@dataclass(frozen=True)
class Statement:
    """Everything that stands on a statement, in words.

    ``used`` is None where no estimate was made, and ``why_none`` then says why. ``listings`` is None where no register
    was looked at: then nothing is said of lists, least of all that there were none.
    """

    found_by: str
    as_of: str
    feature_year: str
    why_none: str
    used: RecordsUsed | None
    how_sure: str
    estimate: tuple[str, ...]
    listings: tuple[Listing, ...] | None
    contact: str
    made_up: bool

    @property
    def in_short(self) -> tuple[str, ...]:
        """What came of it, in two or three sentences."""
        if self.used is None:
            estimate = f"{words.NOT_ESTIMATED.format(year=self.feature_year)} {self.why_none}"
        else:
            estimate = words.ESTIMATED
        if self.listings is None:
            return estimate, words.NO_RECORD_OF_LISTS
        lists = len({listing.list_id for listing in self.listings if listing.names_the_child})
        named = words.LISTED.format(lists=counted(lists, "list")) if lists else words.NOT_LISTED
        return estimate, named

    @property
    def free_text(self) -> tuple[str, ...]:
        """Headers of the fields that hold words written by a worker."""
        answers = (a for listing in self.listings or () for d in listing.decided for a in d.answers)
        return tuple(dict.fromkeys(answer.header for answer in answers if answer.free_text))

    @property
    def ask(self) -> str:
        """Whom to ask."""
        return words.ASK.format(contact=self.contact) if self.contact else words.ASK_WHO_GAVE


def statement_of(
    tables: Mapping[str, Any],
    scored: ScoredFile,
    pupil_id: str,
    *,
    found_by: str,
    register: Register | None = None,
    early_help: Mapping[str, date | None] | None = None,
    contact: str = "",
    left_out: bool = False,
) -> Statement:
    """What was used about one child, what was said, and what people decided.

    Parameters
    ----------
    tables : mapping of str to native frame
        The canonical tables of the store that was scored; without those left out, who are then told to be so.
    scored : ScoredFile
        The scored table; only this child's row is read.
    pupil_id : str
        The child.
    found_by : str
        How the child was found, for the person who checks that it is the right one.
    register : Register, optional
        Lists and decisions; without it the statement says that they were not looked at.
    early_help : mapping of str to date or None, optional
        The day early help opened, by pupil_id; not held without a mapping.
    contact : str
        Whom a family asks.
    left_out : bool
        Whether the child is on the file of those left out on request or for protection.

    Raises
    ------
    InputError
        If the register is damaged or was altered, or nothing at all is held of the child.
    """
    manifest = scored.manifest
    rows = scored.frame[scored.frame["pupil_id"] == pupil_id].to_dict("records")
    listings = None if register is None else listings_of(register, pupil_id)
    as_of = date.fromisoformat(manifest["as_of"])
    why_none = "" if rows and not left_out else _why_none(tables, pupil_id, as_of, left_out)
    if why_none == words.WHY_NO_ESTIMATE["not_seen"] and not listings and not _is_held(tables, pupil_id):
        raise InputError(
            "nothing is held of that child in this store, nor in the register if one was given; check how the child is "
            "named, and that the store is the right one"
        )
    row: Mapping[Any, Any] | None = None if why_none else rows[0]
    return Statement(
        found_by=found_by,
        as_of=day_words(as_of),
        feature_year=str(manifest["feature_year"]),
        why_none=why_none,
        used=None if row is None else records_used(tables, scored, row, early_help),
        how_sure="" if row is None else _how_sure(manifest, int(row["band"])),
        estimate=() if row is None else _estimate(manifest),
        listings=listings,
        contact=contact,
        made_up=bool(manifest.get("made_up")),
    )


def _why_none(tables: Mapping[str, Any], pupil_id: str, as_of: date, left_out: bool) -> str:
    """Why a child has no estimate. One who is in the cohort and not among the scores was left out before."""
    if left_out:
        return words.WHY_NO_ESTIMATE["left_out"]
    cohort = select_cohort(tables, as_of)
    reasons = dict(zip(cohort.reasons["pupil_id"], cohort.reasons["reason"], strict=True))
    eligible = bool((cohort.frame["pupil_id"] == pupil_id).any())
    reason = reasons.get(pupil_id, "left_out" if eligible else "not_seen")
    return words.WHY_NO_ESTIMATE[reason]


def _is_held(tables: Mapping[str, Any], pupil_id: str) -> bool:
    """Whether any census or roll that was ever ingested names the child."""
    import narwhals as nw

    return any(
        len(to_pandas(open_table(tables, name).filter(nw.col("pupil_id") == pupil_id).select("pupil_id")))
        for name in ("pupils", "enrolments")
    )


def _how_sure(manifest: Mapping[str, Any], index: int) -> str:
    band = next((band for band in manifest["bands"] if int(band["index"]) == index), None)
    if band is None:
        raise InputError("the manifest of the scores lacks a band that its rows name; make the scores again")
    return natural_frequency(int(band["events"]), int(band["n"]), manifest["outcome"])


def _estimate(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """What was done with the records and what it does not mean, around the natural frequency."""
    years = manifest["years"]
    how = words.ESTIMATE_HOW.format(
        trained=listed(years.get("trained") or ()) or "earlier years",
        tested=years.get("tested") or "not stated",
    )
    explained = (words.UNAUTHORISED,) if "authoris" in outcome_words(manifest["outcome"]) else ()
    label = manifest.get("model_label") or manifest["model_name"]
    card = words.MODEL_CARD.format(label=label, hash=str(manifest["model"])[:12])
    return (how, *explained, words.MANY_CHILDREN, words.NOT_CAUSE, words.UNKNOWN, card)


def statement_page(statement: Statement, made_on: date) -> str:
    """The statement as one self-contained page: no script, nothing fetched, the staff sheet first."""
    style = asset("support_list/statement.css")
    return render_page(
        "support_list/statement.html",
        style=style,
        said=statement,
        words=words,
        family=FAMILY,
        made_on=day_words(made_on),
        not_used=[line.format(as_of=statement.as_of) for line in words.NOT_USED],
    )
