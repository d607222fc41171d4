from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from made_contents import PLAN
from made_statements import FIRST, GONE, MADE_ON, NEXT, SECOND, UNLISTED, decide, entry, visible
from small_authority import AS_OF, Authority, made_up_upn, pupil

from absence_risk.cohort import REASONS
from absence_risk.decisions.register import Register
from absence_risk.errors import InputError
from absence_risk.features.catalogue import Family
from absence_risk.features.words import BANNED_WORDS
from absence_risk.pages import content_hash
from absence_risk.scored_file import ScoredFile, read_scores
from absence_risk.scoring import score, write_scores
from absence_risk.support_list.cards.chronology import events_of
from absence_risk.support_list.cards.gathered import gather
from absence_risk.support_list.cards.involvement import KINDS
from absence_risk.support_list.statement import words
from absence_risk.support_list.statement.listings import listings_of
from absence_risk.support_list.statement.records_used import dated_records, families_used
from absence_risk.support_list.statement.statement import Statement, statement_of, statement_page
from absence_risk.tables.outputs import contribution_column


@pytest.fixture(scope="module")
def scores(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scores") / "scores.parquet"
    about = {"store_fingerprint": authority.store.fingerprint, "model_label": "absence-risk version 2"}
    write_scores(score(authority.store.tables(), authority.bundle, AS_OF), path, about)
    return path


@pytest.fixture(scope="module")
def scored(scores: Path) -> ScoredFile:
    return read_scores(scores)


@pytest.fixture(scope="module")
def tables(authority: Authority) -> dict[str, Any]:
    """The tables as pandas, which plans nothing and is quicker for one child of three hundred."""
    return {name: relation.df() for name, relation in authority.store.tables().items()}


@pytest.fixture(scope="module")
def made(tables: dict[str, Any], scored: ScoredFile) -> dict[str, Statement]:
    """Statements without a register, each made once."""
    return {
        child: statement_of(tables, scored, child, found_by="a test", contact=PLAN.contact)
        for child in (FIRST, SECOND, NEXT, UNLISTED, GONE)
    }


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register(tmp_path / "decisions.sqlite") as book:
        book.add_list(entry())
        yield book


@pytest.fixture
def say(made: dict[str, Statement]) -> Any:
    def statement(child: str, register: Register | None = None, **changed: Any) -> Statement:
        listings = None if register is None else listings_of(register, child)
        return replace(made[child], listings=listings, **changed)

    return statement


@pytest.mark.parametrize("number", [10, 11, 12, 40])
def test_every_reason_of_the_estimate_stands_among_what_the_estimate_read(
    say: Any, scored: ScoredFile, number: int
) -> None:
    row = scored.frame[scored.frame["pupil_id"] == pupil(number)].to_dict("records")[0]
    used = say(pupil(number)).used
    read = {sentence for family in used.families for sentence in family.sentences}
    assert row["reasons_up"]
    assert {*row["reasons_up"], *row["reasons_down"]} <= read
    assert (used.up, used.down) == (tuple(row["reasons_up"]), tuple(row["reasons_down"]))


@pytest.mark.parametrize(
    ("number", "said", "source"),
    [
        (10, "Child in need spell", "Children in need census"),
        (10, "Child protection plan", "Children in need census"),
        (11, "looked-after spell", "Looked-after children return"),
        (12, "funded by the authority", "Alternative provision census"),
        (40, "Free school meals", "School Census"),
        (40, "Joined", "School Census"),
    ],
)
def test_every_dated_record_names_the_return_that_carries_it(
    say: Any, number: int, said: str, source: str
) -> None:
    dated = say(pupil(number)).used.dated
    assert {record.source for record in dated if said.lower() in record.said.lower()} == {source}


def test_early_help_comes_from_the_councils_own_list(tables: dict[str, Any], scored: ScoredFile) -> None:
    opened = {UNLISTED: date(2026, 6, 1)}
    gathered = gather(tables, [UNLISTED], AS_OF, scored.manifest["sources"], {}, early_help=opened)
    dated = dated_records(gathered.records[UNLISTED], gathered)
    assert ("1 June 2026", words.SOURCE_NAMES["early_help"]) in {(r.day, r.source) for r in dated}


def test_taken_apart_by_return_the_dated_records_are_those_of_the_card(
    tables: dict[str, Any], scored: ScoredFile
) -> None:
    children = [pupil(n) for n in range(60)]
    gathered = gather(tables, children, AS_OF, scored.manifest["sources"], {})
    for child in children:
        records = gathered.records[child]
        dated = dated_records(records, gathered)
        assert [(r.day, r.said) for r in dated] != []
        assert sorted((r.day, r.said) for r in dated) == sorted(
            (e.day, e.said) for e in events_of(records, gathered)
        )


def test_every_kind_of_record_has_a_source_in_words() -> None:
    assert {source for _, _, _, source in KINDS} <= set(words.RETURN_WORDS)
    assert set(words.FAMILY_HEADINGS) == set(Family)


def test_a_kind_of_records_that_moved_nobody_is_not_said_to_be_used(scored: ScoredFile) -> None:
    columns = {contribution_column(family.value): 0.0 for family in Family}
    frame = scored.frame.assign(**{**columns, contribution_column("social_care"): 0.25})
    assert families_used(frame) == (Family.SOCIAL_CARE,)


def test_a_term_that_is_not_held_is_said_so_and_none_is_none(say: Any) -> None:
    terms = {term.name: term.cells for term in say(pupil(10)).used.terms}
    assert set(terms["Autumn 2023/24"]) == {"not held"}
    assert terms["Autumn 2024/25"][0] == "70 days"
    assert "not held" not in terms["Autumn 2024/25"]


def test_the_estimate_is_said_as_a_frequency_among_past_children_and_nothing_about_this_one(say: Any) -> None:
    page = visible(statement_page(say(FIRST), MADE_ON))
    assert "in 100 children with records like these" in page
    assert words.MANY_CHILDREN in page
    assert words.NOT_CAUSE in page


def test_a_child_without_an_estimate_is_told_so_and_why(say: Any, register: Register) -> None:
    statement = say(GONE, register=register)
    page = visible(statement_page(statement, MADE_ON))
    assert statement.used is None
    assert "No estimate was made about your child from the records of 2025/26." in page
    assert words.WHY_NO_ESTIMATE["not_on_roll"] in page
    assert "in 100 children" not in page
    assert "What we used" not in page


def test_a_child_left_out_is_told_so_without_the_reason_and_nothing_is_worked_out(
    tables: dict[str, Any], scored: ScoredFile
) -> None:
    before = replace(scored, frame=scored.frame[scored.frame["pupil_id"] != FIRST])
    for statement in (
        statement_of(tables, scored, FIRST, found_by="a test", left_out=True),
        statement_of(tables, before, FIRST, found_by="a test"),
    ):
        assert statement.used is None
        assert statement.why_none == words.WHY_NO_ESTIMATE["left_out"]
        assert "on request or for protection" in visible(statement_page(statement, MADE_ON))


def test_every_reason_to_be_out_of_the_cohort_has_words_for_a_family() -> None:
    # Those left out are told apart before the cohort is asked.
    assert set(REASONS) - {"withdrawn", "excluded"} <= set(words.WHY_NO_ESTIMATE)


def test_a_child_of_whom_nothing_is_held_has_no_statement(
    tables: dict[str, Any], scored: ScoredFile, register: Register
) -> None:
    with pytest.raises(InputError, match="nothing is held of that child") as fault:
        statement_of(tables, scored, "0" * 32, found_by="a test", register=register)
    assert "0" * 32 not in str(fault.value)


def test_the_page_carries_no_identifier_no_script_and_asks_for_nothing(say: Any, register: Register) -> None:
    decide(register, "A-001")
    page = statement_page(say(FIRST, register=register), MADE_ON)
    assert FIRST not in page
    assert made_up_upn(10) not in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(?:\bsrc=|href=|url\()", page)
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)[0]
    assert f"style-src '{content_hash(style)}'" in html.unescape(page)


@pytest.mark.parametrize("number", [10, 11, 12, 40, 1])
def test_the_page_has_no_banned_word_no_decimal_and_no_share(
    say: Any, register: Register, number: int
) -> None:
    decide(register, "A-001", reason_text="")
    page = visible(statement_page(say(pupil(number), register=register), MADE_ON))
    assert not [word for word in BANNED_WORDS if re.search(rf"\b{word}\b", page, re.IGNORECASE)]
    assert not re.search(r"\d\.\d|%", page)
    assert "nan" not in page.lower().split()


def test_how_to_correct_object_and_be_heard_by_a_person_stands_in_every_statement(say: Any) -> None:
    for child in (FIRST, UNLISTED, GONE):
        page = visible(statement_page(say(child), MADE_ON))
        for said in (
            PLAN.contact,
            "will not count against you",
            "Articles 22A to 22D",
            "Article 21",
            "ico.org.uk",
        ):
            assert said in page
    assert words.ASK_WHO_GAVE in visible(statement_page(say(FIRST, contact=""), MADE_ON))


def test_sentences_for_families_are_short(say: Any, register: Register) -> None:
    fixed = [*words.WHY, *words.PART_WORDS.values(), *(line for _, line in words.RIGHTS)]
    fixed += [
        *words.WHY_NO_ESTIMATE.values(),
        words.ESTIMATE_HOW,
        words.UNKNOWN,
        words.MODEL_CARD,
        words.NOT_CAUSE,
    ]
    sentences = [sentence for line in fixed for sentence in re.split(r"(?<=[.;:]) ", line)]
    lengths = [len(sentence.split()) for sentence in sentences]
    assert max(lengths) <= 27
    assert sum(lengths) / len(lengths) < 14
