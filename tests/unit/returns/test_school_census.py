"""School Census returns become pupils, enrolments, attendance and events, re-dated and counted once."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_returns import Census, ingested, pupil_id, rows, upn, write_csv

from absence_risk.errors import InputError


def _one(folder: Path, census: Census, **named: object):
    census.write(folder / "returns" / f"{census.year}_{census.term}", **named)  # type: ignore[arg-type]
    return ingested(folder / "returns")


def test_the_spring_census_carries_the_autumn_term_of_the_same_academic_year(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    one = census.pupil(1, ncyearactual="7", enrolstatus="C", termlysessionspossible="134.0")
    census.reasons(one, {"/": "60.0", "\\": "60.0", "O": "10.0", "I": "4.0", "#": "6"})
    result = _one(tmp_path, census)
    assert rows(
        result,
        "SELECT academic_year, term, sessions_possible, has_reasons, exceeds_possible, known_from FROM "
        "attendance_terms",
    ) == [(2024, "autumn", 134, True, False, "2025-01-16")]
    found = rows(result, "SELECT reason_code, sessions FROM attendance ORDER BY reason_code")
    assert found == [("#", 6), ("/", 60), ("I", 4), ("O", 10), ("\\", 60)]
    assert rows(
        result, "SELECT pupil_id, school_id, academic_year, census_term, on_roll, year_group FROM pupils"
    ) == [(pupil_id(1), "9012001", 2024, "spring", True, 7)]


def test_the_autumn_census_carries_both_halves_of_the_summer_just_ended(tmp_path: Path) -> None:
    census = Census("autumn", 2025)
    one = census.pupil(1, ncyearactual="8", termlysessionspossible="60", summerhalfterm2sessionspossible="62")
    census.reasons(one, {"/": 55, "N": 5})
    census.reasons(one, {"/": 60, "U": 2}, half=2)
    result = _one(tmp_path, census)
    assert rows(
        result, "SELECT academic_year, term, sessions_possible FROM attendance_terms ORDER BY term"
    ) == [
        (2024, "summer_1", 60),
        (2024, "summer_2", 62),
    ]
    assert rows(
        result,
        "SELECT term, reason_code, sessions FROM attendance WHERE reason_code IN ('N', 'U') ORDER BY term",
    ) == [
        ("summer_1", "N", 5),
        ("summer_2", "U", 2),
    ]
    assert rows(result, "SELECT academic_year, year_group FROM pupils") == [(2025, 8)]
    assert rows(result, "SELECT covers_from, covers_to, schools, records FROM returns") == [
        ("2025-04-21", "2025-07-31", 1, 1)
    ]


def test_totals_are_read_only_where_there_are_no_reasons(tmp_path: Path) -> None:
    census = Census("summer", 2024)
    both = census.pupil(
        1, termlysessionspossible="100", termlysessionsauthorised="50", termlysessionsunauthorised="40"
    )
    census.reasons(both, {"/": 90, "O": 10})
    census.pupil(
        2, termlysessionspossible="100", termlysessionsauthorised="5", termlysessionsunauthorised="7"
    )
    census.pupil(3, termlysessionspossible="100")
    result = _one(tmp_path, census)
    found = rows(
        result,
        "SELECT pupil_id, has_reasons, sessions_authorised, sessions_unauthorised, exceeds_possible FROM "
        "attendance_terms",
    )
    assert sorted(found) == sorted([
        (pupil_id(1), True, None, None, False),
        (pupil_id(2), False, 5, 7, False),
        (pupil_id(3), False, None, None, False),
    ])  # fmt: skip


def test_no_row_means_no_absence_where_only_absences_were_returned(tmp_path: Path) -> None:
    census = Census("spring", 2019)
    one = census.pupil(1, termlysessionspossible="100", entrydate="2018-09-01")
    census.pupil(2, termlysessionspossible="100", entrydate="2018-09-01")
    census.reasons(one, {"O": 3}, column="absencesessions")
    result = _one(tmp_path, census)
    assert rows(result, "SELECT has_reasons, count(*) FROM attendance_terms GROUP BY 1") == [(True, 2)]


def test_absence_above_the_possible_sessions_is_marked_and_reported(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    one = census.pupil(1, termlysessionspossible="100")
    census.reasons(one, {"O": 60, "I": 41, "/": 3})
    result = _one(tmp_path, census)
    assert rows(result, "SELECT exceeds_possible FROM attendance_terms") == [(True,)]
    assert (
        result.ledger.findings[
            "pupil-terms: absence is more than the possible sessions: outcome unknown", "attendance"
        ]
        == 1
    )


def test_an_unreadable_count_makes_the_term_unknown_and_not_nought(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    one = census.pupil(1, termlysessionspossible="100")
    census.reasons(one, {"O": "ten", "/": 90})
    result = _one(tmp_path, census)
    assert rows(result, "SELECT sessions_possible FROM attendance_terms") == [(None,)]


def test_two_enrolments_at_one_school_in_one_term_are_summed(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    now = census.pupil(1, entrydate="2024-11-20", termlysessionspossible="40")
    before = census.pupil(
        1, on_roll=False, entrydate="2020-09-01", leavingdate="2024-10-01", termlysessionspossible="50"
    )
    census.reasons(now, {"O": 4, "/": 36})
    census.reasons(before, {"O": 5, "/": 45})
    result = _one(tmp_path, census)
    assert rows(result, "SELECT sessions_possible FROM attendance_terms") == [(90,)]
    assert rows(result, "SELECT sessions FROM attendance WHERE reason_code = 'O'") == [(9,)]
    assert rows(result, "SELECT start_date, end_date FROM enrolments ORDER BY 1") == [
        ("2020-09-01", "2024-10-01"),
        ("2024-11-20", None),
    ]
    assert rows(result, "SELECT on_roll FROM pupils") == [(True,)]


def test_enrolments_at_two_schools_stay_apart(tmp_path: Path) -> None:
    census = Census("spring", 2025, schools=("9012001", "9011100"), phases={"9011100": "PR"})
    for school, status in (("9012001", "M"), ("9011100", "S")):
        one = census.pupil(1, school=school, enrolstatus=status, termlysessionspossible="100")
        census.reasons(one, {"O": 1, "/": 99})
    result = _one(tmp_path, census)
    assert rows(result, "SELECT school_id, sessions FROM attendance WHERE reason_code = 'O' ORDER BY 1") == [
        ("9011100", 1),
        ("9012001", 1),
    ]
    assert rows(result, "SELECT school_id, phase, is_ap FROM schools ORDER BY 1") == [
        ("9011100", "PR", True),
        ("9012001", "SS", False),
    ]
    assert rows(result, "SELECT kind, setting, start_date, end_date FROM alternative_provision") == [
        ("ap_school", "9011100", "2020-09-01", None)
    ]


def test_a_school_that_fills_the_placement_table_is_alternative_provision(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    census.child("approvisiondetail", census.pupil(1), apreason="PEX")
    assert rows(_one(tmp_path, census), "SELECT is_ap FROM schools") == [(True,)]


def test_a_suspension_that_arrives_in_two_censuses_is_one_event(tmp_path: Path) -> None:
    for term, category in (("spring", "FIXD"), ("summer", "SUSP")):
        census = Census(term, 2025)
        one = census.pupil(1)
        census.child(
            "termlyexclusions", one, startdate="2024-11-04", sessions="4.0", category=category, reason1="PP"
        )
        census.write(tmp_path / "returns" / term)
    result = ingested(tmp_path / "returns")
    assert rows(
        result, "SELECT start_date, category, sessions, known_from, superseded_from FROM suspensions"
    ) == [("2024-11-04", "SUSP", 4, "2025-01-16", None)]
    assert result.ledger.findings["suspensions told more than once: counted once", "suspensions"] == 1


def test_a_corrected_suspension_supersedes_from_the_date_of_the_correction(tmp_path: Path) -> None:
    for term, sessions in (("spring", "4"), ("summer", "6")):
        census = Census(term, 2025)
        census.child(
            "termlyexclusions", census.pupil(1), startdate="2024-11-04", sessions=sessions, category="SUSP"
        )
        census.write(tmp_path / "returns" / term)
    assert rows(
        ingested(tmp_path / "returns"),
        "SELECT sessions, known_from, superseded_from FROM suspensions ORDER BY known_from",
    ) == [
        (4, "2025-01-16", "2025-05-02"),
        (6, "2025-05-02", None),
    ]


def test_lunchtimes_count_one_session_and_an_unknown_category_is_not_used(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    one = census.pupil(1)
    census.child("termlyexclusions", one, startdate="2024-11-04", sessions="", category="LNCH")
    census.child("termlyexclusions", one, startdate="2024-11-05", sessions="", category="PERM")
    census.child("termlyexclusions", one, startdate="2024-11-06", sessions="1", category="ZZZZ")
    result = _one(tmp_path, census)
    assert rows(result, "SELECT category, sessions FROM suspensions ORDER BY 1") == [
        ("LNCH", 1),
        ("PERM", None),
    ]
    assert result.ledger.codes["suspension category", "other text"] == 1


def test_free_meals_close_when_a_later_census_says_so(tmp_path: Path) -> None:
    for term, end in (("autumn", ""), ("spring", "2024-12-20")):
        census = Census(term, 2024 if term == "autumn" else 2025)
        census.child(
            "fsmperiods",
            census.pupil(1),
            fsmstartdate="2023-09-01",
            fsmenddate=end,
            ukcountry="ENG",
        )
        census.write(tmp_path / "returns" / term)
    assert rows(
        ingested(tmp_path / "returns"),
        "SELECT start_date, end_date, known_from, superseded_from FROM fsm ORDER BY known_from",
    ) == [
        ("2023-09-01", None, "2024-10-02", "2025-01-16"),
        ("2023-09-01", "2024-12-20", "2025-01-16", None),
    ]


def test_a_period_that_ends_before_it_starts_is_reported_and_not_used(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    one = census.pupil(1)
    census.child("fsmperiod", one, fsmstartdate="2024-09-05", fsmenddate="2024-09-01")
    result = _one(tmp_path, census)
    assert rows(result, "SELECT count(*) FROM fsm") == [(0,)]
    (account,) = [f for f in result.ledger.files if f.table == "free school meals"]
    assert account.not_used == {"it ends before it starts": 1}


def test_a_placement_a_school_arranged_keeps_its_setting_and_weekly_sessions(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    census.child(
        "schoolarrangedapdetail", census.pupil(1), urn="", ukprn="", entrydate="2024-10-01", leavingdate="",
        apsettingtype="OTH", apattendancepattern="PT", apsessionsperweek="4.0",
    )  # fmt: skip
    assert rows(
        _one(tmp_path, census),
        "SELECT kind, setting, pattern, sessions_per_week, start_date, end_date FROM alternative_provision",
    ) == [("school_arranged", "OTH", "PT", 4, "2024-10-01", None)]


def test_an_older_return_with_gender_and_old_categories_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "returns" / "2018_spring"
    write_csv(
        folder / "pupils.csv",
        ("PupilOnRollTableID", "NativeID", "UPN", "DOB", "Gender", "EntryDate", "SENprovision",
         "NCyearActual", "pupilonrollorderseqcolumn"),
        [{"PupilOnRollTableID": "a", "NativeID": "9012001", "UPN": upn(1), "DOB": "2010-Mar-05 00:00:00", "Gender": "M",
          "EntryDate": "2015-Sep-01 00:00:00", "SENprovision": "P", "NCyearActual": "R"}],
    )  # fmt: skip
    result = ingested(tmp_path / "returns")
    assert rows(result, "SELECT sen, year_group, birth_month FROM pupils") == [("K", 0, "2010-03-01")]
    assert rows(result, "SELECT sex FROM audit") == [("M",)]
    assert any("no schoolcensus table" in note for note in result.ledger.notes)


def test_the_same_pupil_twice_counts_once(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    for _ in range(2):
        census.reasons(census.pupil(1, termlysessionspossible="100"), {"O": 5, "/": 95})
    census.pupil(2, termlysessionspossible="90")
    census.pupil(2, termlysessionspossible="80")
    result = _one(tmp_path, census)
    assert rows(result, "SELECT sessions FROM attendance WHERE reason_code = 'O'") == [(5,)]
    assert rows(result, "SELECT sum(sessions_possible) FROM attendance_terms") == [(190,)]
    (account,) = [f for f in result.ledger.files if f.table == "pupilonroll"]
    assert account.not_used == {
        "the same pupil twice in one census of one school": 1,
        "the same pupil twice in one census of one school, differing: one kept": 1,
    }
    assert not result.ledger.unbalanced


def test_an_unknown_code_is_kept_and_reported_and_free_text_is_not_shown(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    one = census.pupil(1, termlysessionspossible="100")
    census.reasons(one, {"Q9": 2, "H": 1, "Margaret": 3, "/": 94})
    result = _one(tmp_path, census)
    assert rows(result, "SELECT count(*) FROM attendance") == [(4,)]
    assert result.ledger.codes["attendance code", "Q9"] == 1
    assert result.ledger.codes["attendance code not in use in 2024/25", "H"] == 1
    assert result.ledger.codes["attendance code", "other text"] == 1
    assert "argaret" not in result.quality_html.read_text(encoding="utf-8").lower()


def test_characteristics_for_audit_are_carried_over_a_census_that_does_not_ask(tmp_path: Path) -> None:
    for term, ethnicity in (("spring", "WBRI"), ("summer", "")):
        census = Census(term, 2025)
        census.pupil(1, ethnicity=ethnicity)
        census.write(tmp_path / "returns" / term)
    assert rows(
        ingested(tmp_path / "returns"), "SELECT ethnicity, known_from, superseded_from FROM audit"
    ) == [("WBRI", "2025-01-16", None)]


def test_a_return_without_a_table_of_pupils_is_refused(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    census.reasons(census.pupil(1), {"O": 1})
    folder = census.write(tmp_path / "returns")
    for table in ("pupilonroll", "pupilnolongeronroll"):
        (folder / f"2025_spring_{table}.csv").unlink()
    with pytest.raises(InputError, match="2025_spring: no pupilonroll or pupilnolongeronroll table"):
        ingested(folder)


def test_record_numbers_that_stand_for_two_pupils_are_refused_without_naming_either(tmp_path: Path) -> None:
    for number, folder in ((1, "returns"), (2, "elsewhere")):
        census = Census("spring", 2025)
        census.pupil(number)
        census.write(tmp_path / folder)
    (tmp_path / "elsewhere" / "2025_spring_pupilonroll.csv").rename(
        tmp_path / "returns" / "2025_spring_pupilonroll_2.csv"
    )
    with pytest.raises(InputError, match=r"1 record numbers \(tableid\) stand for different pupils") as fault:
        ingested(tmp_path / "returns")
    assert upn(1) not in str(fault.value) and upn(2) not in str(fault.value)


def test_pupils_whose_school_has_no_row_in_the_header_are_refused(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    for number in (1, 2):
        census.pupil(number, NativeId="7777777", schoolcensustableid="of another return")
    census.pupil(3)
    with pytest.raises(InputError, match="2 of 3 pupils have no schoolcensus row for their school"):
        ingested(census.write(tmp_path / "returns"))


def test_a_spell_on_roll_that_ends_before_it_starts_is_reported_and_not_used(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    census.pupil(1, on_roll=False, entrydate="2024-09-02", leavingdate="2024-07-19")
    census.pupil(2)
    result = _one(tmp_path, census)
    assert rows(result, "SELECT pupil_id FROM enrolments") == [(pupil_id(2),)]
    assert result.ledger.findings["enrolment spell not used: it ends before it starts", "enrolments"] == 1
