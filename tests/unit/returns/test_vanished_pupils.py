"""A roll is a full statement: who is on neither table of a school's next census has left it."""

from __future__ import annotations

from pathlib import Path

from made_returns import Census, IngestResult, ingested, rows

PRU, SCHOOL = "9011100", "9012001"
SPELLS = "SELECT end_date, known_from, superseded_from FROM {} ORDER BY known_from"


def three_censuses(folder: Path, terms_present: tuple[str, ...]) -> IngestResult:
    """Pupil 1 at the referral unit in some censuses; pupil 2 there, and pupil 1 at another school, in all."""
    for term in ("spring", "summer", "autumn"):
        census = Census(term, 2025, schools=(SCHOOL, PRU), phases={PRU: "PR"})
        census.pupil(1, school=SCHOOL, entrydate="2020-09-01")
        census.pupil(2, school=PRU, entrydate="2020-09-01")
        if term in terms_present:
            census.pupil(1, school=PRU, entrydate="2024-11-01", enrolstatus="S")
        census.write(folder / "returns")
    return ingested(folder / "returns")


def ap_spells(result: IngestResult) -> list[tuple[object, ...]]:
    return rows(result, SPELLS.format("alternative_provision WHERE start_date = DATE '2024-11-01'"))


def test_a_place_at_a_referral_unit_ends_when_its_next_census_has_the_pupil_no_longer(tmp_path: Path) -> None:
    result = three_censuses(tmp_path, ("spring",))
    assert ap_spells(result) == [
        (None, "2025-01-16", "2025-05-02"),
        ("2025-05-01", "2025-05-02", None),
    ]
    assert any("neither table" in what for what, _ in result.ledger.findings)


def test_a_pupil_still_on_the_latest_roll_is_still_there(tmp_path: Path) -> None:
    result = three_censuses(tmp_path, ("spring", "summer", "autumn"))
    assert ap_spells(result) == [(None, "2025-01-16", None)]
    assert not any("neither table" in what for what, _ in result.ledger.findings)


def test_a_pupil_who_comes_back_with_the_same_entry_date_never_left(tmp_path: Path) -> None:
    result = three_censuses(tmp_path, ("spring", "autumn"))
    assert [end for end, _, _ in ap_spells(result)] == [None, "2025-05-01", None]
