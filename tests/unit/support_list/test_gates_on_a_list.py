"""No list from a model that did not pass its gates, unless somebody answers for it in the list's first lines."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from made_lists import make_list
from small_authority import AS_OF, Authority

from absence_risk.errors import InputError, RefusedError
from absence_risk.features.words import BANNED_WORDS
from absence_risk.logbook import Gate, GateState, Logbook, Override, Standing
from absence_risk.reports.gate_statement import gate_statement
from absence_risk.scoring import score, write_scores

ANN = Override("Ann <b>Example</b>", "Head of Early Help", "The rule we use cannot run this term.")
DAY, LATER = date(2026, 11, 2), date(2026, 11, 3)


@pytest.fixture(scope="module")
def scores(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("judged") / "scores.parquet"
    found = score(authority.store.tables(), authority.bundle, AS_OF)
    write_scores(found, path, {"store_fingerprint": authority.store.fingerprint})
    return path


@pytest.fixture()
def book(authority: Authority) -> Iterator[Logbook]:
    """The logbook beside the shared store, taken away afterwards."""
    found = Logbook(authority.store.path)
    yield found
    for path in (found.path, found.path.with_name(found.path.name + ".lock")):
        path.unlink(missing_ok=True)


def _judge(book: Logbook, bundle_sha256: str, **states: str) -> None:
    rows = [
        {
            "gate": gate,
            "words": "Are enough rightly listed?",
            "bar": "0.65 or more",
            "found": "0.61",
            "state": state,
        }
        for gate, state in states.items()
    ]
    book.record_judged(
        bundle_sha256,
        model="small",
        capacity=20,
        outcome="unauthorised",
        gates=rows,
        evidence_sha256="e" * 64,
        on=DAY,
    )


def _write(authority: Authority, scores: Path, out: Path) -> str:
    make_list(authority.store, scores, out)
    return (out / "index.html").read_text(encoding="utf-8")


def _header(page: str) -> str:
    return page.split("<header>")[1].split("</header>", maxsplit=1)[0]


def _text(part: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def test_a_failed_gate_without_an_override_makes_no_list(
    authority: Authority, scores: Path, book: Logbook, tmp_path: Path
) -> None:
    _judge(book, authority.bundle.hash, precision="failed", gaps="passed")
    with pytest.raises(RefusedError, match="did not pass its gates; no list") as refused:
        _write(authority, scores, tmp_path / "list")
    assert "Are enough rightly listed? Failed: 0.61 (the bar: 0.65 or more)" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_the_first_lines_of_an_overridden_list_say_who_which_role_and_why(
    authority: Authority, scores: Path, book: Logbook, tmp_path: Path
) -> None:
    _judge(book, authority.bundle.hash, precision="failed", gaps="passed")
    book.record_override(authority.bundle.hash, version=1, failed=["precision"], override=ANN, on=LATER)
    page = _write(authority, scores, tmp_path / "list")
    said = _text(_header(page))
    assert said.startswith(
        "The model behind this list did not pass 1 of its 2 gates (tests set in advance), and is used all the same. "
        "Ann <b>Example</b>, Head of Early Help, decided this on 3 November 2026. "
        "The reason given: The rule we use cannot run this term. "
        "Are enough rightly listed? Failed: 0.61 (the bar: 0.65 or more)"
    )
    assert "<b>Example" not in page
    # Said once in the style, and printed under every card by it.
    assert page.count("Gates overridden by Ann") == 1
    assert page.count('<p class="running">') == page.count('<article class="card"') >= 20
    assert (
        json.loads((tmp_path / "list" / "manifest.json").read_text(encoding="utf-8"))["gates"] == "overridden"
    )


def test_a_model_that_no_backtest_has_judged_says_so_first(
    authority: Authority, scores: Path, tmp_path: Path
) -> None:
    page = _write(authority, scores, tmp_path / "list")
    said = _text(_header(page))
    assert said.startswith(
        "No backtest has judged yet whether the model behind this list deserves to be used."
    )


def test_a_model_that_passed_has_one_quiet_sentence_with_the_date(
    authority: Authority, scores: Path, book: Logbook, tmp_path: Path
) -> None:
    _judge(book, authority.bundle.hash, precision="passed", gaps="passed")
    page = _write(authority, scores, tmp_path / "list")
    assert _text(_header(page)).startswith("Support-offer list")
    assert (
        page.count("The model passed every gate (tests set in advance) on 2 November 2026, at 20 places.")
        == 1
    )
    assert "overridden" not in page and "backtest" not in page


def test_another_models_judgement_says_nothing_of_this_one(
    authority: Authority, scores: Path, book: Logbook, tmp_path: Path
) -> None:
    _judge(book, "f" * 64, precision="failed")
    assert "No backtest has judged yet" in _write(authority, scores, tmp_path / "list")


def test_a_damaged_logbook_makes_no_list(
    authority: Authority, scores: Path, book: Logbook, tmp_path: Path
) -> None:
    _judge(book, authority.bundle.hash, precision="failed")
    book.path.write_text(
        book.path.read_text(encoding="utf-8").replace('"failed"', '"passed"'), encoding="utf-8", newline="\n"
    )
    with pytest.raises(InputError, match="logbook"):
        _write(authority, scores, tmp_path / "list")
    assert not (tmp_path / "list").exists()


@pytest.mark.parametrize("gates", [(), (Gate("a", "Is it so?", "yes", "no", GateState.FAILED),)])
def test_our_own_words_hold_no_banned_word(gates: tuple[Gate, ...]) -> None:
    for standing in (
        Standing("not judged"),
        Standing("passed", gates, judged_on=DAY, capacity=1),
        Standing("overridden", gates, ANN, DAY, 150, LATER),
    ):
        said = " ".join(
            " ".join(part) if isinstance(part, tuple) else part for part in gate_statement(standing)
        )
        assert not [word for word in BANNED_WORDS if re.search(rf"\b{re.escape(word)}\b", said.lower())]
    assert (
        "No backtest has judged the model"
        in gate_statement(Standing("overridden", (), ANN, DAY, None, LATER)).first[0]
    )
