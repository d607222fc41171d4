"""What pupils missed in the list's year and in the year after, in the same terms of both; integers, nothing guessed.

A pupil who left the rolls here has no year after, so they are counted apart and never as better: a move to home
education is no improvement. Source: the users' reference, sections 1.1 (row 35) and 2.3.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..domain.academic_year import TERMS, AcademicYear, day_number
from ..domain.outcome import Outcome
from ..features.known import known_on
from ..labels import CENSUSES_OF_A_YEAR, missing_censuses, rows_by_term
from ..tables.frames import beside, open_table, to_pandas

if TYPE_CHECKING:
    import pandas as pd

FOLLOWED, LEFT, NOT_HELD = "followed", "left", "not_held"
SUMS = ("counted_before", "possible_before", "counted_after", "possible_after")

#: The terms whose attendance each census of the next calendar year carries.
_CARRIES = dict(zip(CENSUSES_OF_A_YEAR, (("autumn",), ("spring",), ("summer_1", "summer_2")), strict=True))
#: The second half of summer is not collected for 15-year-olds, so the first half says who was still here.
_SAYS_WHO_IS_HERE = ("autumn", "spring", "summer_1")


@dataclass(frozen=True)
class TwoYears:
    """The two years of a list, and which terms of both are held.

    Attributes
    ----------
    before, after : AcademicYear
        The year whose records the list was made from, and the next.
    terms : tuple of str
        Terms held of both, in their order; empty where nothing is known of the year after.
    missing : tuple of str
        Censuses of the year after that are not held, in words.
    """

    before: AcademicYear
    after: AcademicYear
    terms: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """The year after is held to its end, so the outcome can be known."""
        return not self.missing


@dataclass(frozen=True)
class Followed:
    """One row per pupil: ``pupil_id``, ``school_id``, ``state`` and, where followed, the four sums of sessions."""

    years: TwoYears
    frame: pd.DataFrame = field(repr=False)


def two_years(tables: Mapping[str, Any], before: AcademicYear, known_by: date) -> TwoYears:
    """Which terms of a year and of the year after it the store holds, as known on a day."""
    held = {year: _terms_held(tables, year, known_by) for year in (before, before.next)}
    both = tuple(term for term in TERMS if all(term in terms for terms in held.values()))
    return TwoYears(before, before.next, both, missing_censuses(tables, before.next, known_by=known_by))


def _terms_held(tables: Mapping[str, Any], year: AcademicYear, known_by: date) -> set[str]:
    missing = {words.split()[0] for words in missing_censuses(tables, year, known_by=known_by)}
    return {term for census, terms in _CARRIES.items() if census not in missing for term in terms}


def follow(
    tables: Mapping[str, Any], pupils: Collection[str], outcome: Outcome, years: TwoYears, known_by: date
) -> Followed:
    """What each pupil missed in both years, as known on a day.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables, dates as day numbers.
    pupils : collection of str
        ``pupil_id`` of those to follow.
    outcome : Outcome
        Its codes are what counts as missed.
    years : TwoYears
        From :func:`two_years`; at least one term is held of both.
    known_by : datetime.date
        Nothing that became known later is read.

    Returns
    -------
    Followed
        Sorted by ``pupil_id``. A term counts for a pupil only if possible sessions and the sessions missed are held
        for it in both years. ``followed``: there is such a term, and the pupil was still here in the last of them.
        ``left``: not here then, and the last enrolment is known to have ended. ``not_held``: anything else.
    """
    import pandas as pd

    wanted = pd.DataFrame({"pupil_id": sorted(set(pupils))}, dtype="str")
    rows = {year: _rows_of(tables, wanted, outcome, year, known_by) for year in (years.before, years.after)}
    before, after = (_by_term(rows[year], years.terms) for year in (years.before, years.after))
    paired = before.join(after, how="inner", lsuffix="_before", rsuffix="_after")
    sums = paired.groupby(level="pupil_id")[list(SUMS)].sum()
    frame = wanted.merge(sums, left_on="pupil_id", right_index=True, how="left")
    here = frame["pupil_id"].isin(_still_here(rows[years.after], years.terms))
    gone = frame["pupil_id"].isin(_ended(tables, wanted, known_by))
    state = pd.Series(NOT_HELD, index=frame.index).mask(here & frame["possible_after"].notna(), FOLLOWED)
    state = state.mask(~here & gone, LEFT)
    kept = frame[list(SUMS)].where(state == FOLLOWED).fillna(0).astype("int64")
    school = frame["pupil_id"].map(_main_school(pd.concat(list(rows.values()))))
    return Followed(
        years,
        frame[["pupil_id"]].assign(school_id=school.fillna("").astype("str"), state=state, **kept),
    )


def _rows_of(
    tables: Mapping[str, Any], wanted: pd.DataFrame, outcome: Outcome, year: AcademicYear, known_by: date
) -> pd.DataFrame:
    rows = rows_by_term(tables, outcome, year, known_by)
    columns = ["pupil_id", "school_id", "term", "counted", "sessions_possible", "exceeding"]
    found = to_pandas(beside(tables, wanted).join(rows, on="pupil_id", how="inner").select(*columns))
    found = found.astype(dict.fromkeys(("pupil_id", "school_id", "term"), "str"))
    return found.astype(dict.fromkeys(("counted", "sessions_possible", "exceeding"), "Int64"))


def _by_term(rows: pd.DataFrame, terms: tuple[str, ...]) -> pd.DataFrame:
    """Sessions by pupil and term, over all schools; only where every school's number is held and can be true."""
    marked = rows[rows["term"].isin(terms)]
    unknown = marked["counted"].isna() | (marked["exceeding"] > 0)
    marked = marked.assign(possible=marked["sessions_possible"].fillna(0), unknown=unknown.astype("int64"))
    found = marked.groupby(["pupil_id", "term"])[["counted", "possible", "unknown"]].sum()
    true = (found["unknown"] == 0) & (found["possible"] > 0) & (found["counted"] <= found["possible"])
    return found.loc[true, ["counted", "possible"]]


def _still_here(rows: pd.DataFrame, terms: tuple[str, ...]) -> set[str]:
    last = [term for term in _SAYS_WHO_IS_HERE if term in terms][-1]
    found = rows[(rows["term"] == last) & (rows["sessions_possible"] > 0)]
    return set(found["pupil_id"])


def _ended(tables: Mapping[str, Any], wanted: pd.DataFrame, known_by: date) -> set[str]:
    """Pupils all of whose enrolments are known to have ended; without any, nothing is known."""
    enrolments = known_on(open_table(tables, "enrolments"), day_number(known_by))
    found = to_pandas(
        beside(tables, wanted)
        .join(enrolments, on="pupil_id", how="inner")
        .select("pupil_id", nw.col("end_date"))
    )
    still_open = set(found.loc[found["end_date"].isna(), "pupil_id"])
    return set(found["pupil_id"]) - still_open


def _main_school(rows: pd.DataFrame) -> dict[str, str]:
    """The school with most possible sessions over both years; of two alike, the first by number."""
    sums = rows.groupby(["pupil_id", "school_id"])[["sessions_possible"]].sum().reset_index()
    order = sums.sort_values(
        ["pupil_id", "sessions_possible", "school_id"], ascending=[True, False, True], kind="stable"
    )
    first = order.drop_duplicates("pupil_id")
    return dict(zip(first["pupil_id"], first["school_id"], strict=True))
