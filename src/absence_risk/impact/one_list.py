"""One list, or several counted together, as it may be printed: every count through the disclosure policy first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from ..disclosure import DisclosurePolicy
from ..domain.academic_year import feature_year_of
from ..domain.outcome import OUTCOMES, Outcome
from ..errors import InputError, KeyFileError
from ..labels import label_outcomes
from ..tables.frames import beside, open_table, to_pandas
from .afterwards import COMPARISON, afterwards_table, outcome_table
from .done import done_table, list_year, pace_table
from .groups import ListRecords
from .missed import TwoYears, follow, two_years
from .tables import IMPACT_TABLES, printed

if TYPE_CHECKING:
    import pandas as pd

ALL_LISTS = "all lists"


@dataclass(frozen=True)
class Afterwards:
    """The year after one list, pupil by pupil; it never leaves this room as it is."""

    years: TwoYears | None
    groups: Mapping[str, str] = field(repr=False)
    followed: pd.DataFrame | None = field(repr=False)
    labelled: pd.DataFrame | None = field(repr=False)


@dataclass(frozen=True)
class ListImpact:
    """What may be printed of one list, or of several together.

    Attributes
    ----------
    name : str
        The list's id; ``ALL_LISTS`` with owner and purpose where several are counted.
    lists : tuple of ListRecords
        The lists counted.
    years : TwoYears or None
        The years compared; None where several lists are counted.
    tables : mapping of str to DataFrame
        By the names in ``IMPACT_TABLES``; ``afterwards`` and ``outcome`` are empty where nothing is known.
    conflicts : int or str
        References with copies that differ, through the policy.
    ended : int
        Lists in the tables of the year after, where several are counted together.
    """

    name: str
    lists: tuple[ListRecords, ...] = field(repr=False)
    outcome: Outcome
    years: TwoYears | None
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    conflicts: int | str | None = 0
    ended: int = 0


def outcome_of(records: ListRecords) -> Outcome:
    """What a list looks ahead to, as this package defines it.

    Raises
    ------
    InputError
        If the list was made with another definition.
    """
    said = {**records.entry.outcome, "codes": list(records.entry.outcome.get("codes", ()))}
    found = OUTCOMES.get(str(said.get("name")))
    if found is None or found.definition() != said:
        raise InputError(
            f"list {records.entry.list_id} looks ahead to something that this package defines otherwise; "
            "use the version of the package that the list was made with"
        )
    return found


def check_pupils(tables: Mapping[str, Any], records: ListRecords) -> None:
    """Refuse a list of which most pupils are not in the store.

    Raises
    ------
    KeyFileError
        If fewer than half of the listed pupils are found: pseudonyms of another key match nobody, or few.
    """
    import pandas as pd

    wanted = pd.DataFrame({"pupil_id": sorted({p.pupil_id for p in records.entry.pupils})}, dtype="str")
    known = open_table(tables, "pupils").select("pupil_id").unique()
    found = len(to_pandas(beside(tables, wanted).join(known, on="pupil_id", how="inner")))
    if 2 * found < len(wanted):
        few = "none is" if not found else "most are not"
        raise KeyFileError(
            f"of the {len(wanted):,} pupils of list {records.entry.list_id}, {few} in this store; it was "
            "ingested with another key or from other returns. Give the store that the list was made from, or ingest "
            "the newer returns with the same key"
        )


def year_after(tables: Mapping[str, Any], records: ListRecords, known_by: date) -> Afterwards:
    """What became of a list's pupils and of the next in line, as known on a day."""
    outcome = outcome_of(records)
    before = feature_year_of(records.entry.as_of)
    years = two_years(tables, before, known_by)
    groups = records.next_year_groups()
    if not years.terms or not groups:
        return Afterwards(years, groups, None, None)
    followed = follow(tables, groups, outcome, years, known_by).frame
    if not years.whole:
        return Afterwards(years, groups, followed, None)
    labelled = label_outcomes(tables, followed, outcome, before, known_by=known_by)
    labelled = labelled.merge(followed[["pupil_id", "school_id"]], on="pupil_id", how="left")
    return Afterwards(years, groups, followed, labelled)


def list_impact(records: ListRecords, after: Afterwards, policy: DisclosurePolicy) -> ListImpact:
    """One list as it may be printed."""
    return _impact(records.entry.list_id, (records,), after, policy)


def together(
    lists: Sequence[ListRecords], afters: Sequence[Afterwards], policy: DisclosurePolicy
) -> ListImpact | None:
    """Several lists of one team and purpose counted together; a pupil on two of them counts twice.

    None where the policy hides small counts without rounding: taking all other lists from the total would show one.
    Only lists whose year after is held to its end are in the tables of the year after.
    """
    if len(lists) < 2 or not (policy.exact or policy.blurs):
        return None
    if len({str(outcome_of(one)) for one in lists}) > 1:
        return None
    ended = [
        (one.entry.list_id, after)
        for one, after in zip(lists, afters, strict=True)
        if after.years is not None and after.years.whole
    ]
    groups = {f"{name} {pupil}": group for name, after in ended for pupil, group in after.groups.items()}
    followed = _joined([(name, after.followed) for name, after in ended])
    labelled = _joined([(name, after.labelled) for name, after in ended])
    owner, purpose = lists[0].entry.owner, lists[0].entry.purpose
    joined = _impact(
        f"{ALL_LISTS}: {owner}, {purpose}", tuple(lists), Afterwards(None, groups, followed, labelled), policy
    )
    return replace(joined, ended=len(ended))


def _joined(frames: Sequence[tuple[str, pd.DataFrame | None]]) -> pd.DataFrame | None:
    import pandas as pd

    held = [
        frame.assign(pupil_id=name + " " + frame["pupil_id"]) for name, frame in frames if frame is not None
    ]
    return pd.concat(held, ignore_index=True) if held else None


def _impact(
    name: str, lists: tuple[ListRecords, ...], after: Afterwards, policy: DisclosurePolicy
) -> ListImpact:
    year = list_year(lists[0]) if len({list_year(one) for one in lists}) == 1 else "several years"
    exact = {"done": done_table(lists, policy), "pace": pace_table(lists)}
    if after.followed is not None:
        exact["afterwards"] = afterwards_table(after.followed, after.groups, year)
    if after.labelled is not None:
        exact["outcome"] = outcome_table(after.labelled, after.groups, year)
    tables = {
        table: _printed(table, exact[table].assign(year=year), policy)
        if table in exact
        else declared.frame([])
        for table, declared in IMPACT_TABLES.items()
    }
    conflicts = policy.count(sum(one.conflicts for one in lists))
    return ListImpact(name, lists, outcome_of(lists[0]), after.years, tables, conflicts)


def _printed(name: str, frame: pd.DataFrame, policy: DisclosurePolicy) -> pd.DataFrame:
    """Through the policy; the next in line are no part of the listed, so they go through it by themselves."""
    import pandas as pd

    if "attribute" not in frame.columns:
        return printed(IMPACT_TABLES[name], frame, policy)
    apart = frame["attribute"] == COMPARISON
    parts = [frame[~apart], frame[apart]]
    return pd.concat(
        [printed(IMPACT_TABLES[name], part, policy) for part in parts if len(part)], ignore_index=True
    )
