"""What was opened, judged, overridden and promoted is written down for good."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from absence_risk.errors import InputError, RefusedError, UsageError
from absence_risk.logbook import Gate, GateState, Logbook, Opening, Override

MODEL, OTHER = "a" * 64, "b" * 64
MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)
ANN = Override("Ann Example", "Head of Early Help", "The rule we use cannot run this term.")


def _gates(**states: str) -> list[dict[str, str]]:
    return [
        {
            "gate": gate,
            "words": "Is it good?",
            "bar": "0.65 or more",
            "found": "0.60",
            "state": state.replace("_", " "),
        }
        for gate, state in states.items()
    ]


@pytest.fixture()
def book(tmp_path: Path) -> Logbook:
    return Logbook(tmp_path / "authority.duckdb")


def _judge(book: Logbook, model: str = MODEL, *, on: date = MONDAY, **states: str) -> Any:
    return book.record_judged(
        model,
        model="four_factors",
        capacity=150,
        outcome="unauthorised",
        gates=_gates(**states),
        evidence_sha256="c" * 64,
        on=on,
    )


def _open(
    book: Logbook,
    year: str = "2024/25",
    settings_sha256: str = "1" * 64,
    command: str = "train",
    gates_sha256: str = "a" * 64,
) -> Opening:
    return book.record_opening(
        test_year=year,
        command=command,
        settings="four_factors",
        settings_sha256=settings_sha256,
        gates_sha256=gates_sha256,
        store_fingerprint="f" * 64,
        on=MONDAY,
    )


def test_it_stands_beside_the_store_and_reading_an_absent_one_makes_none(
    book: Logbook, tmp_path: Path
) -> None:
    assert book.path == tmp_path / "authority.logbook.jsonl"
    assert book.openings("2024/25") == Opening(0, 0) and book.standing(MODEL).state == "not judged"
    assert list(tmp_path.iterdir()) == []


def test_openings_of_a_test_year_are_counted_with_the_number_of_different_settings(book: Logbook) -> None:
    assert _open(book) == Opening(1, 1)
    assert _open(book, command="backtest") == Opening(2, 1)
    assert _open(book, year="2023/24") == Opening(1, 1)
    assert _open(book, settings_sha256="2" * 64) == Opening(3, 2)
    assert book.openings("2024/25") == Opening(3, 2) and book.openings("2022/23") == Opening(0, 0)


def test_bars_that_moved_since_the_first_opening_are_seen(book: Logbook) -> None:
    assert not _open(book).gates_moved
    assert _open(book, gates_sha256="b" * 64).gates_moved
    assert not _open(book).gates_moved  # back where they were
    assert not _open(
        book, year="2023/24", gates_sha256="b" * 64
    ).gates_moved  # another year, its first opening


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ({"a": "passed", "b": "passed"}, "passed"),
        ({"a": "passed", "b": "failed"}, "failed"),
        ({"a": "passed", "b": "cannot_be_judged"}, "failed"),
    ],
)
def test_a_model_passes_only_if_every_gate_passed(book: Logbook, states: dict[str, str], state: str) -> None:
    standing = _judge(book, **states)
    assert standing.state == state == book.standing(MODEL).state
    assert standing.judged_on == MONDAY and standing.capacity == 150
    assert [gate.gate for gate in standing.not_passed] == [g for g, s in states.items() if s != "passed"]
    assert standing.gates[0] == Gate("a", "Is it good?", "0.65 or more", "0.60", GateState.PASSED)
    assert book.standing(OTHER).state == "not judged"


def test_the_newest_judgement_counts(book: Logbook) -> None:
    _judge(book, a="passed")
    assert _judge(book, a="failed", on=TUESDAY).state == "failed"
    assert _judge(book, a="passed", on=TUESDAY).judged_on == TUESDAY


def test_an_override_answers_for_the_gates_it_was_given_for_and_no_other(book: Logbook) -> None:
    _judge(book, a="failed", b="failed", c="passed")
    said = book.record_override(MODEL, version=3, failed=["b", "a"], override=ANN, on=TUESDAY)
    assert said.state == "overridden" and said.override == ANN and len(said.not_passed) == 2
    assert _judge(book, a="failed", b="passed", c="passed").state == "overridden"
    assert _judge(book, a="failed", b="passed", c="failed").state == "failed"
    passed = _judge(book, a="passed", b="passed", c="passed")
    assert passed.state == "passed" and passed.override is None
    assert book.standing(OTHER).state == "not judged"


def test_an_override_of_a_model_not_judged_ends_with_its_first_failed_judgement(book: Logbook) -> None:
    assert book.record_override(MODEL, version=1, failed=[], override=ANN, on=MONDAY).state == "overridden"
    assert _judge(book, a="failed").state == "failed"


@pytest.mark.parametrize(
    ("parts", "fault", "words"),
    [
        (("A", "Head of Early Help", "We have to, this term"), UsageError, "name of 2"),
        (("..........", "Head of Early Help", "We have to, this term"), UsageError, "name of 2"),
        (("Ann", " ", "We have to, this term"), UsageError, "role of 2"),
        (("Ann", "Head", "we must"), UsageError, "reason of 10"),
        (("Ann", "Head", "first line\nsecond line"), UsageError, "one line"),
        (("Ann", "Head", "turned \u202e round again"), UsageError, "one line"),
        (("Ann", "Head", "x" * 1001), UsageError, "at most"),
    ],
)
def test_an_override_that_says_too_little_is_refused(parts: Any, fault: type[Exception], words: str) -> None:
    with pytest.raises(fault, match=words):
        Override(*parts)


@pytest.mark.parametrize("number", ["P207000016049", "p207000016049", "A82000016049B", "0f" * 16])
def test_an_override_that_names_a_pupil_is_refused_without_repeating_it(number: str) -> None:
    with pytest.raises(RefusedError, match="names a pupil") as caught:
        Override("Ann", "Head of Early Help", f"Since {number}, needs help now")
    assert number not in str(caught.value)


def test_what_is_around_the_words_of_an_override_is_taken_off() -> None:
    assert Override(" Ann ", "Head", "The rule cannot run. ").in_words() == (
        "Ann (Head) decided this. The reason given: The rule cannot run."
    )


def test_lines_are_numbered_and_say_what_happened_in_order(book: Logbook) -> None:
    _open(book)
    _judge(book, a="failed")
    book.record_override(MODEL, version=3, failed=["a"], override=ANN, on=TUESDAY)
    book.record_promoted(MODEL, version=3, on=TUESDAY)
    lines = [json.loads(line) for line in book.path.read_text(encoding="utf-8").splitlines()]
    assert [(line["number"], line["kind"], line["on"]) for line in lines] == [
        (1, "opening", "2026-11-02"),
        (2, "judged", "2026-11-02"),
        (3, "override", "2026-11-03"),
        (4, "promoted", "2026-11-03"),
    ]
    assert lines[2] | {"seal": ""} == {
        "kind": "override", "number": 3, "on": "2026-11-03", "bundle_sha256": MODEL, "version": 3, "failed": ["a"],
        "name": ANN.name, "role": ANN.role, "reason": ANN.reason, "seal": "",
    }  # fmt: skip


def test_the_same_acts_give_the_same_bytes(tmp_path: Path) -> None:
    books = [Logbook(tmp_path / name / "a.duckdb") for name in ("one", "two")]
    for book in books:
        _open(book)
        _judge(book, a="failed")
    assert books[0].path.read_bytes() == books[1].path.read_bytes()


def _swap(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], *lines[2:]]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda lines: [*lines[:-1], lines[-1].replace("failed", "passed")], "line 3"),
        (lambda lines: [lines[0].replace("train", "trial"), *lines[1:]], "line 1"),
        (lambda lines: [lines[0], lines[2]], "line 2"),
        (_swap, "line 1"),
        (lambda lines: [*lines[:-1], lines[-1][:40]], "line 3"),
        (lambda lines: [*lines, "[]"], "line 4"),
        (lambda lines: [*lines, "{}"], "line 4"),
        (lambda lines: [*lines, ""], "line 4"),
        (lambda lines: [*lines[:2], "[" * 100_000], "line 3"),
    ],
)
def test_a_damaged_line_is_refused_and_never_skipped(book: Logbook, damage: Any, words: str) -> None:
    _open(book)
    _open(book)
    _judge(book, a="failed")
    lines = book.path.read_text(encoding="utf-8").splitlines()
    book.path.write_text("\n".join(damage(lines)) + "\n", encoding="utf-8", newline="\n")
    before = book.path.read_bytes()
    for act in (
        lambda: book.standing(MODEL),
        lambda: book.openings("2024/25"),
        lambda: _judge(book, a="passed"),
    ):
        with pytest.raises(InputError, match=words):
            act()
    assert book.path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe\n"])
def test_a_logbook_that_is_none_is_refused(book: Logbook, content: bytes) -> None:
    book.path.write_bytes(content)
    with pytest.raises(InputError, match="logbook"):
        book.openings("2024/25")


def test_a_write_that_is_cut_short_leaves_the_old_lines(
    book: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    _open(book)
    before = book.path.read_bytes()

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(Path, "replace", stopped)
        with pytest.raises(KeyboardInterrupt):
            _open(book)
    assert book.path.read_bytes() == before
    assert _open(book) == Opening(2, 1)


WRITER = (
    "import sys; from datetime import date; from absence_risk.logbook import Logbook\n"
    "for _ in range(10):\n"
    "    Logbook(sys.argv[1]).record_promoted('a' * 64, version=1, on=date(2026, 11, 2))\n"
)


def test_two_writers_at_once_lose_no_line(book: Logbook) -> None:
    command = [sys.executable, "-c", WRITER, str(book.path.with_name("authority.duckdb"))]
    children = [subprocess.Popen(command) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0]
    lines = book.path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, 21))


def test_a_judgement_without_gates_or_with_a_state_of_its_own_is_a_fault_of_ours(book: Logbook) -> None:
    with pytest.raises(ValueError, match="at least one gate"):
        _judge(book)
    with pytest.raises(ValueError, match="fine"):
        _judge(book, a="fine")
    with pytest.raises(ValueError, match="SHA-256"):
        _judge(book, model="short", a="passed")
    assert not book.path.exists()
