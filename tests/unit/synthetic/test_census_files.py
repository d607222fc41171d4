from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

from absence_risk.domain.attendance_codes import ATTENDANCE_CODES, CodeClass
from absence_risk.domain.pupil import UpnState, upn_state

_DATE = re.compile(r"^\d{4}-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{2} 00:00:00$")
_SESSION_TABLES = ("termlysessiondetails", "summerhalfterm2sessiondetails")


def _academic_year(census: str) -> int:
    return int(census[:4]) - 1


@pytest.mark.parametrize(
    ("census", "table", "has", "has_not"),
    [
        ("2023_spring", "pupilonroll", {"gender", "youngcarer", "ethnicity"}, {"sex", "eligibilitycode"}),
        ("2022_spring", "pupilonroll", {"termlysessionscoronavirus", "termlysessionsunauthorised"}, {"youngcarer"}),
        ("2023_autumn", "pupilonroll", {"sex", "summerhalfterm2sessionspossible"}, {"gender", "ethnicity"}),
        ("2023_autumn", "pupilnolongeronroll", {"leavingdate", "ncyearleaving"}, {"ncyearactual", "enrolstatus"}),
        ("2024_autumn", "pupilonroll", {"eligibilitycode", "summerhalfterm2sessionsunauthorised"}, {"thirtyhourcode"}),
        ("2025_spring", "pupilonroll", {"termlysessionspossible"}, {"termlysessionsunauthorised"}),
        ("2023_spring", "schoolarrangedapdetailonroll", {"placementreason", "applacementpostcode"}, set()),
        ("2022_summer", "schoolarrangedapdetailonroll", {"placementreason"}, {"applacementpostcode"}),
        ("2025_spring", "schoolcensus", {"term", "year", "referencedate", "lea", "urn", "collectiondate"}, set()),
    ],
)  # fmt: skip
def test_columns_follow_the_change_log(
    returns, census: str, table: str, has: set[str], has_not: set[str]
) -> None:
    header = set(returns.header(census, table))
    assert has <= header
    assert not has_not & header


def test_autumn_and_spring_name_their_meal_tables_differently(returns) -> None:
    assert returns.census("2024_autumn", "fsmperiodsonroll")
    assert returns.census("2025_spring", "fsmperiod")
    assert not (returns.folder / "school_census/2025_spring/2025_spring_fsmperiodsonroll.csv").exists()


def test_every_child_row_belongs_to_a_pupil_row_of_its_return(returns) -> None:
    for census in returns.censuses:
        for key, suffix in (("pupilonroll", "onroll"), ("pupilnolongeronroll", "offroll")):
            pupils = [row[f"{key}tableid"] for row in returns.census(census, key)]
            assert len(pupils) == len(set(pupils))
            for path in sorted((returns.folder / "school_census" / census).glob(f"*{suffix}.csv")):
                table = path.stem.removeprefix(f"{census}_")
                if table in {"pupilonroll", "pupilnolongeronroll"}:
                    continue
                found = {row[f"{key}tableid"] for row in returns.census(census, table)}
                assert found <= set(pupils), table


def test_possible_sessions_are_those_attended_and_those_missed(returns) -> None:
    for census in ("2023_spring", "2025_autumn"):
        for table, possible in zip(
            _SESSION_TABLES, ("termlysessionspossible", "summerhalfterm2sessionspossible"), strict=True
        ):
            if table.startswith("summer") and "autumn" not in census:
                continue
            sums: dict[str, int] = defaultdict(int)
            for row in returns.census(census, f"{table}onroll"):
                counts = ATTENDANCE_CODES[row["attendancereason"]].counts_as != CodeClass.NOT_POSSIBLE
                sums[row["pupilonrolltableid"]] += int(float(row["sessions"])) * counts
            stated = {
                row["pupilonrolltableid"]: int(float(row[possible]))
                for row in returns.census(census, "pupilonroll")
                if row[possible]
            }
            assert stated == {pupil: total for pupil, total in sums.items() if total}


def test_no_code_is_used_outside_its_years(returns) -> None:
    seen: Counter[str] = Counter()
    for census in returns.censuses:
        for table in _SESSION_TABLES:
            for suffix in ("onroll", "offroll"):
                if (returns.folder / f"school_census/{census}/{census}_{table}{suffix}.csv").exists():
                    for row in returns.census(census, table + suffix):
                        assert ATTENDANCE_CODES[row["attendancereason"]].in_use(_academic_year(census))
                        seen[row["attendancereason"]] += 1
    assert {"/", "\\", "O", "G", "U", "N", "I", "E", "C2", "Y2", "H", "J"} <= set(seen)


def test_reception_and_newcomers_have_no_sessions_but_year_one_does(returns) -> None:
    rows = returns.census("2025_spring", "pupilonroll")
    by_group: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_group[row["ncyearactual"]].append(row["termlysessionspossible"])
    assert not any(by_group["R"])
    assert sum(map(bool, by_group["1"])) > 0.9 * len(by_group["1"])


def test_pupils_who_left_are_off_roll_with_their_sessions(returns) -> None:
    left = returns.census("2024_autumn", "pupilnolongeronroll")
    groups = Counter(row["ncyearleaving"] for row in left)
    assert groups["6"] > 30 and groups["11"] > 30  # transfer and the end of school
    assert all(_DATE.match(row["leavingdate"]) for row in left)
    assert any(row["summerhalfterm2sessionspossible"] for row in left)


def test_each_suspension_arrives_in_two_censuses(returns) -> None:
    arrivals: Counter[tuple[str, str, str]] = Counter()
    lengths: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for census in (name for name in returns.censuses if not name.endswith("resubmitted")):
        for key, suffix in (("pupilonroll", "onroll"), ("pupilnolongeronroll", "offroll")):
            native = {
                row[f"{key}tableid"]: row["dob"] + row["NativeId"] for row in returns.census(census, key)
            }
            for row in returns.census(census, f"termlyexclusions{suffix}"):
                event = (native[row[f"{key}tableid"]], row["startdate"], row["category"])
                arrivals[event] += 1
                lengths[event].add(row["sessions"])
    inside = {
        event: count
        for event, count in arrivals.items()
        if event[1] > "2022-Jan-01" and event[1][:4] in {"2022", "2023", "2024", "2025"}
    }
    assert inside
    assert set(inside.values()) == {2}
    assert any(len(found) == 2 for found in lengths.values())  # a length corrected in the second arrival


def test_dates_numbers_and_blanks_are_written_as_collect_writes_them(returns) -> None:
    for row in returns.census("2025_summer", "pupilonroll"):
        assert _DATE.match(row["dob"]) and _DATE.match(row["entrydate"])
        assert re.fullmatch(r"(\d+\.0)?", row["termlysessionspossible"])
        assert row["parttime"] == "False"


def test_a_resubmission_states_its_day_and_turns_missing_reasons_into_other_absence(returns) -> None:
    later = returns.census("2025_spring_resubmitted", "schoolcensus")
    assert all(_DATE.match(row["collectiondate"]) for row in later)
    assert not any(row["collectiondate"] for row in returns.census("2025_spring", "schoolcensus"))
    schools = {row["NativeId"] for row in later}

    def sessions(census: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for row in returns.census(census, "termlysessiondetailsonroll"):
            if row["NativeId"] in schools:
                found[row["attendancereason"]] += int(float(row["sessions"]))
        return found

    before, after = sessions("2025_spring"), sessions("2025_spring_resubmitted")
    assert after["N"] < before["N"]
    assert after["N"] + after["O"] == before["N"] + before["O"]
    assert after["/"] == before["/"]


def test_a_temporary_upn_becomes_permanent_and_is_then_the_former_one(returns) -> None:
    censuses = [name for name in returns.censuses if not name.endswith("resubmitted")]
    used: set[str] = set()
    former: set[str] = set()
    for census in censuses:
        for row in returns.census(census, "pupilonroll"):
            used.add(row["upn"])
            former |= {row["formerupn"]} - {""}
    temporary = {upn for upn in used if upn[-1].isalpha()}
    assert temporary & former
    assert all(upn[-1].isalpha() for upn in former)


def test_upns_are_well_formed_and_their_letters_right_but_for_the_planted_share(returns) -> None:
    upns = {row["upn"] for row in returns.census("2025_spring", "pupilonroll")}
    states = Counter(upn_state(upn) for upn in upns)
    assert set(states) <= {UpnState.VALID, UpnState.WRONG_CHECK_LETTER}
    assert states[UpnState.WRONG_CHECK_LETTER] < 0.01 * len(upns)


def test_one_school_returned_totals_and_no_reasons_in_the_first_year(returns) -> None:
    reasons = Counter(row["NativeId"] for row in returns.census("2022_spring", "termlysessiondetailsonroll"))
    totals = {
        row["NativeId"]
        for row in returns.census("2022_spring", "pupilonroll")
        if row["termlysessionsunauthorised"]
    }
    assert len(totals - set(reasons)) == 1
    assert {row["NativeId"] for row in returns.census("2023_spring", "termlysessiondetailsonroll")} >= totals
