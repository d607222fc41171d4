"""Everything that stands on a list, put together from a scored table: four kinds of list from one run.

Identify: the team's places and those not yet persistently absent. Intelligence and intervention: who is involved and
who leads, on each card. Impact: who stands next in line, for comparison later (DfE, Early help system guide).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from .card import Card, ListContents, Listed
from .changes import Compared
from .circumstances import circumstances, situation_of
from .further_lists import FurtherList, severe_list, virtual_school_list
from .off_roll import off_roll_list
from .order import school_names
from .plan import Plan
from .selection import Selection, in_parts, select, siblings_of, with_standing

if TYPE_CHECKING:
    import pandas as pd

    from ..evidence.refits import Refit
    from ..scored_file import ScoredFile

#: Parts of the list on which each row needs a decision; a reserve is for places that become free.
MUST_DECIDE = ("main", "lead", "onset")


def list_contents(
    tables: Mapping[str, Any],
    scored: ScoredFile,
    plan: Plan,
    *,
    capacity: int,
    refits: Sequence[Refit] = (),
    excluded: Set[str] = frozenset(),
    early_help: Mapping[str, date | None] | None = None,
    siblings: Mapping[str, str] | None = None,
) -> ListContents:
    """The cards and the further lists of one run; the same input, in whatever order its rows come, gives the same.

    Parameters
    ----------
    tables : mapping of str to native frame
        The canonical tables of the store that was scored.
    scored : ScoredFile
        The scored table with its manifest.
    plan : Plan
        Who leads in which situation, and how long the further lists are.
    capacity : int
        Families the team can offer help to: so many cards take a place. At most as many pupils without a card are named
        on the list of severe absence and on that of pupils off roll; both say the total.
    refits : sequence of Refit
        Of the model of the scores; they say who is firmly on the list. None: nobody is called firm.
    excluded : set of str
        pupil_id of pupils who are on no list, whatever holds for them.
    early_help : mapping of str to date or None, optional
        The day early help opened, by pupil_id; not held without a mapping.
    siblings : mapping of str to str, optional
        The family of each pupil_id; used only where the plan shows brothers and sisters.

    Returns
    -------
    ListContents
        ``changes`` and ``excluded`` are left to whoever holds the last list and the reasons.

    Raises
    ------
    InputError
        If the autumn census is not known on the as-of date of the scores.
    """
    manifest = scored.manifest
    as_of = date.fromisoformat(manifest["as_of"])
    schools = school_names(tables)
    cohort = _cohort(tables, scored.frame, as_of, plan, excluded, early_help)
    selection = select(cohort, plan, capacity)
    firm = _firm(tables, cohort, as_of, refits, selection) if refits else None
    families = siblings if siblings is not None and plan.show_siblings else {}
    chosen = in_parts(with_standing(selection, firm), schools)
    chosen["siblings"] = siblings_of(chosen, families)
    cards = _cards(tables, chosen, manifest, plan, schools, early_help)
    refs = dict(zip(chosen["pupil_id"], chosen["review_ref"], strict=True))
    severe = severe_list(cohort, refs, schools, capacity)
    virtual = virtual_school_list(cohort, refs, severe.own_refs, schools, plan)
    gone = off_roll_list(tables, as_of, excluded, schools, capacity)
    listed = _listed(chosen, {"severe": severe, "virtual_school": virtual, "off_roll": gone})
    seen = {one.pupil_id for one in listed}
    return ListContents(
        cards=tuple(cards),
        severe=severe.rows,
        severe_total=severe.total,
        virtual_school=virtual.rows,
        virtual_school_total=virtual.total,
        off_roll=gone.rows,
        off_roll_total=gone.total,
        changes=None,
        excluded={},
        refits=len(refits),
        listed=listed,
        next_in_line=tuple(p for p in selection.below["pupil_id"] if p not in seen)[:capacity],
    )


def _cohort(
    tables: Mapping[str, Any],
    scores: pd.DataFrame,
    as_of: date,
    plan: Plan,
    excluded: Set[str],
    early_help: Mapping[str, date | None] | None,
) -> pd.DataFrame:
    """The scored pupils who may stand on a list, by pupil_id, with what holds for each."""
    kept = scores[~scores["pupil_id"].isin(list(excluded))].sort_values("pupil_id", ignore_index=True)
    held = circumstances(tables, as_of, plan, kept["pupil_id"], early_help)
    held = held.assign(situation=situation_of(held, plan))
    return kept.merge(held, left_on="pupil_id", right_index=True, how="left", validate="one_to_one")


def _firm(
    tables: Mapping[str, Any],
    cohort: pd.DataFrame,
    as_of: date,
    refits: Sequence[Refit],
    selection: Selection,
) -> dict[str, bool]:
    """Who is firmly on a list as long as the one really drawn: those with a place and those met on the way."""
    from ..evidence.firmness import firm_pupils
    from ..features.build import collect_features

    facts = collect_features(tables, cohort[["pupil_id", "school_id", "year_group"]], as_of)
    return firm_pupils(refits, facts, selection.met)


def _cards(
    tables: Mapping[str, Any],
    chosen: pd.DataFrame,
    manifest: Mapping[str, Any],
    plan: Plan,
    schools: Mapping[str, str],
    early_help: Mapping[str, date | None] | None,
) -> list[Card]:
    from .cards.build import cards_of
    from .cards.gathered import gather

    as_of = date.fromisoformat(manifest["as_of"])
    gathered = gather(
        tables, list(chosen["pupil_id"]), as_of, manifest["sources"], schools, early_help=early_help
    )
    bands = {int(band["index"]): band for band in manifest["bands"]}
    return cards_of(chosen, gathered, plan, manifest["outcome"], bands)


def _listed(chosen: pd.DataFrame, further: Mapping[str, FurtherList]) -> tuple[Listed, ...]:
    """Who stands behind each reference, in the order of the parts; a pupil has one reference."""
    carded = [
        Listed(row["review_ref"], row["pupil_id"], row["part"], row["situation"], row["part"] in MUST_DECIDE)
        for row in chosen.to_dict("records")
    ]
    others = [
        Listed(ref, pupil, part, "", False)
        for part, of in further.items()
        for pupil, ref in of.own_refs.items()
    ]
    return (*carded, *others)


def with_changes(contents: ListContents, compared: Compared) -> ListContents:
    """The same contents with what changed since the last list, and on each card what moved it and whether it is new.

    Parameters
    ----------
    contents : ListContents
        Of this list.
    compared : Compared
        What ``changes.compare`` found, by pupil_id; a card that it does not name is neither new nor moved.
    """
    pupil_of = {one.review_ref: one.pupil_id for one in contents.listed}
    cards = tuple(
        replace(
            card,
            moved=tuple(compared.moved.get(pupil_of[card.review_ref], ())),
            is_new=compared.is_new.get(pupil_of[card.review_ref]),
        )
        for card in contents.cards
    )
    return replace(contents, cards=cards, changes=compared.changes)
