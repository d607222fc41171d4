"""A later return corrects an earlier one from its own date; a return sent twice unchanged adds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_returns import Census, cin_child, cin_details, cin_xml, ingested, pupil_id, rows, write_text


def _census(counts: dict[str, int], *, collected: str = "", ids: str = "", more: int = 0) -> Census:
    census = Census("spring", 2025, collected=collected, ids=ids)
    census.reasons(census.pupil(1, termlysessionspossible="100"), counts)
    for number in range(more):
        census.reasons(census.pupil(50 + number, termlysessionspossible="100"), {"/": 100})
    return census


def test_a_code_the_second_submission_leaves_out_is_withdrawn_from_its_date(tmp_path: Path) -> None:
    _census({"/": 90, "N": 10}).write(tmp_path / "returns" / "first")
    _census({"/": 90, "O": 10}, collected="2025-03-01").write(tmp_path / "returns" / "second")
    found = rows(
        ingested(tmp_path / "returns"),
        "SELECT reason_code, sessions, known_from, superseded_from FROM attendance ORDER BY 1",
    )
    assert found == [
        ("/", 90, "2025-01-16", None),
        ("N", 10, "2025-01-16", "2025-03-01"),
        ("O", 10, "2025-03-01", None),
    ]


def test_a_value_that_goes_and_comes_back_has_three_versions(tmp_path: Path) -> None:
    for folder, o, day in (("a", 10, ""), ("b", 12, "2025-02-01"), ("c", 10, "2025-03-01")):
        _census({"/": 80, "O": o}, collected=day).write(tmp_path / "returns" / folder)
    found = rows(
        ingested(tmp_path / "returns"),
        "SELECT sessions, known_from, superseded_from FROM attendance WHERE reason_code = 'O' ORDER BY 2",
    )
    assert found == [
        (10, "2025-01-16", "2025-02-01"),
        (12, "2025-02-01", "2025-03-01"),
        (10, "2025-03-01", None),
    ]


def test_a_return_sent_twice_unchanged_adds_nothing(tmp_path: Path) -> None:
    _census({"/": 90, "O": 10}).write(tmp_path / "once" / "a")
    _census({"/": 90, "O": 10}).write(tmp_path / "twice" / "a")
    _census({"/": 90, "O": 10}, ids="again").write(tmp_path / "twice" / "b")
    once = ingested(tmp_path / "once", tmp_path / "one.duckdb")
    twice = ingested(tmp_path / "twice", tmp_path / "two.duckdb")
    fingerprint = "SELECT value FROM absence_risk_store WHERE name = 'fingerprint'"
    assert rows(once, fingerprint) == rows(twice, fingerprint)
    assert not twice.ledger.unbalanced


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_rival_returns_of_one_date_are_settled_by_content_and_not_by_name(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    _census({"/": 90, "O": 10}).write(tmp_path / "returns" / names[0])
    _census({"/": 80, "O": 20}, ids="x", more=1).write(tmp_path / "returns" / names[1])
    result = ingested(tmp_path / "returns")
    assert rows(
        result, f"SELECT sessions FROM attendance WHERE reason_code = 'O' AND pupil_id = '{pupil_id(1)}'"
    ) == [(20,)]
    assert any("the fuller one is used" in what for what, _ in result.ledger.findings)
    assert not result.ledger.unbalanced


def test_two_sets_of_files_of_one_census_are_stacked(tmp_path: Path) -> None:
    for school, folder in (("9012001", "maintained"), ("9014001", "academies")):
        census = Census("spring", 2025, schools=(school,))
        census.pupil(1 if school == "9012001" else 2)
        census.write(tmp_path / "returns" / folder)
    result = ingested(tmp_path / "returns")
    assert rows(result, "SELECT schools, records FROM returns") == [(2, 2)]
    assert rows(result, "SELECT count(DISTINCT school_id) FROM pupils") == [(2,)]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (cin_details("2022-09-01"), "a copy of a return also given elsewhere"),
        (cin_details("2022-09-02"), "the same return given twice with different content"),
    ],
)
def test_a_yearly_return_given_twice_counts_once_and_the_report_says_which_kind(
    tmp_path: Path, second: str, words: str
) -> None:
    for name, details in (("a", cin_details("2022-09-01")), ("b", second)):
        write_text(tmp_path / "returns" / f"{name}.xml", cin_xml(2023, cin_child(1, details)))
    result = ingested(tmp_path / "returns")
    assert rows(result, "SELECT count(*) FROM social_care") == [(1,)]
    (told,) = [what for what, where in result.ledger.findings if where == "cin_census"]
    assert told.startswith(words)
    assert not result.ledger.unbalanced
