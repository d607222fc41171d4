import html
import re
from dataclasses import replace

import pytest
from made_contents import GATES, MANIFEST, PLAN, TERMS, made_contents

from absence_risk.features.words import BANNED_WORDS
from absence_risk.pages import content_hash
from absence_risk.reports.gate_statement import GateStatement
from absence_risk.support_list import words
from absence_risk.support_list.card import ListContents
from absence_risk.support_list.page import words as page_words
from absence_risk.support_list.page.page import page

CONTENTS = made_contents()


def made(contents: ListContents = CONTENTS, **changed: object) -> str:
    given = {"manifest": MANIFEST, "terms": TERMS, "plan": PLAN, "gates": GATES, **changed}
    return page(contents=contents, list_id="5c0ffee5", **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def said() -> str:
    return made()


def visible(of: str) -> str:
    """What a reader sees or hears: no script, no style, no tags, but the words of labels and titles."""
    body = re.sub(r"<(script|style)>.*?</\1>", " ", of, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'(?:aria-label|title|alt)="([^"]*)"', body))
    text = html.unescape(re.sub(r"<[^>]+>", " ", body)) + " " + html.unescape(spoken)
    return re.sub(r" ([.,)])", r"\1", " ".join(text.split()))


def printed(of: str) -> str:
    """The words that only paper shows, from the style."""
    style = re.search(r"<style>(.*?)</style>", of, re.DOTALL)
    assert style
    strings = " ".join(re.findall(r'content: "([^"]*)"', style.group(1)))
    return re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found.group(1), 16)), strings)


def test_the_same_input_gives_the_same_page(said: str) -> None:
    assert made(made_contents()) == said


def test_every_card_stands_once_in_list_order_and_its_row_leads_to_it(said: str) -> None:
    refs = [card.review_ref for card in CONTENTS.cards]
    assert re.findall(r'<article class="card[^"]*" id="([^"]+)"', said) == refs
    assert re.findall(r'<a id="to-[^"]+" href="#([^"]+)"', said) == refs
    for ref in refs:
        assert said.count(f'id="{ref}"') == 1


def test_every_link_leads_to_something_on_the_page(said: str) -> None:
    ids = re.findall(r' id="([^"]+)"', said)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', said)) <= set(ids)


def test_no_word_that_judges_or_foretells_and_no_decimal_is_seen_heard_or_printed(said: str) -> None:
    banned = re.compile(r"\b(" + "|".join(map(re.escape, BANNED_WORDS)) + r")\b", re.IGNORECASE)
    for text in (visible(said), printed(said), visible(made(replace(CONTENTS, changes=None)))):
        assert banned.findall(text) == []
        assert re.findall(r"\d\.\d", text) == []


def test_the_words_of_the_page_hold_no_banned_one() -> None:
    texts = [value for value in vars(page_words).values() if isinstance(value, str)]
    texts += [text for pair in page_words.PART_WORDS.values() for text in pair]
    texts += [page_words.said_of_model(same) for same in (True, False)]
    for word in BANNED_WORDS:
        assert not [text for text in texts if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]


def test_the_page_says_what_the_default_wording_asks(said: str) -> None:
    text = visible(said)
    for sentence in (
        "A starting point for conversation, made from records held on 31 March 2025 and 1 October 2026.",
        words.HUMAN, words.NOT_CAUSE, words.UNKNOWN, words.NOT_LISTED, words.SAFEGUARDING, words.PURPOSE_WALL,
        words.FAMILY, "Early Help, East", "12 February 2027", "5c0ffee5", "To offer families early help",
        "What in the records moved this child up the list", "What moved them down", "Made-up records.",
        "Pupils who missed 19 or more days without authorisation", "since then we know nothing", PLAN.contact,
        "The model passed every gate", "20 places; 20 pupils listed, of 300 looked at", page_words.NO_PAST,
    ):  # fmt: skip
        assert sentence in text, sentence


def test_the_four_questions_stand_in_their_order(said: str) -> None:
    found = re.findall(r'<h2 id="(\w+)" tabindex', said)
    assert found == [name for name, _, _ in page_words.SECTIONS]


def test_nothing_may_run_or_load_but_the_pages_own_script_and_style(said: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', said)
    style, script = (re.search(rf"<{tag}>(.*?)</{tag}>", said, re.DOTALL) for tag in ("style", "script"))
    assert policy and style and script
    rules = html.unescape(policy.group(1))
    assert "default-src 'none'" in rules
    assert f"style-src '{content_hash(style.group(1))}'" in rules
    assert f"script-src '{content_hash(script.group(1))}'" in rules
    assert said.count("<script") == said.count("<style") == 1
    assert not re.search(r"<[^>]+\s(style|on\w+|src)=", said)


def test_past_years_are_told_where_one_was_judged() -> None:
    text = visible(made(past=("In 2024/25, of 150 listed, 61 went on to miss 19 or more days.",)))
    assert "of 150 listed, 61 went on" in text
    assert page_words.NO_PAST not in text


def test_gates_that_were_overridden_stand_first_and_on_every_printed_card() -> None:
    gates = GateStatement(
        ("Not passed.", "A. Person decided."), ("Gate one.",), "", "Gates overridden by A. Person."
    )
    of = made(gates=gates)
    assert of.index("Not passed.") < of.index("<h1>")
    assert "Gates overridden by A. Person." in printed(of)


def test_a_simple_rule_that_found_more_is_said_before_the_list() -> None:
    of = made(manifest={**MANIFEST, "best_rule_wins": True})
    assert of.index("Read this first.") < of.index("<main>")
    assert words.RULE_WINS in visible(of)


def test_a_cohort_unlike_training_is_told_and_one_that_was_accepted_is_told_first() -> None:
    differs = "social care: no pupil has any record, though some had in training"
    assert words.UNLIKE not in visible(made())
    of = made(
        manifest={
            **MANIFEST,
            "drift": {"reported": [differs], "accepted": ["A. Person decided.", "Why <b>."]},
        }
    )
    assert of.index("A. Person decided.") < of.index("Why &lt;b&gt;.") < of.index("<main>")
    assert of.index(words.UNLIKE) < of.index(differs)


def test_a_first_list_says_there_is_nothing_to_compare_and_has_no_column_for_new_pupils() -> None:
    cards = tuple(replace(card, is_new=None, moved=()) for card in CONTENTS.cards)
    of = made(replace(CONTENTS, cards=cards, changes=None))
    assert page_words.FIRST_LIST in visible(of)
    assert 'scope="col">New' not in of
    assert "Since the last list" not in of


def test_what_changed_is_told_with_why_pupils_left(said: str) -> None:
    text = visible(said)
    assert "New on this list 1 pupil: A-002" in text
    assert "A-009 No longer among the first." in text
    assert page_words.said_of_model(True) in text
    assert page_words.said_of_model(False) in visible(
        made(replace(CONTENTS, changes=CONTENTS.changes and CONTENTS.changes._replace(same_model=False)))
    )


def test_routes_stand_in_the_plans_order_each_with_its_pupils(said: str) -> None:
    table = said[said.index('aria-label="Who leads, by rule"') :]
    table = table[: table.index("</table>")]
    leads = [html.unescape(lead) for lead in re.findall(r"<tr><th scope=\"row\">[^<]+<td>([^<]+)", table)]
    assert [lead.strip() for lead in leads] == [route.lead for route in PLAN.routes]
    assert sorted(re.findall(r'href="#([^"]+)"', table)) == sorted(card.review_ref for card in CONTENTS.cards)


def test_lists_that_are_longer_than_shown_say_how_many_are_not_shown() -> None:
    text = visible(made(replace(CONTENTS, severe_total=7, virtual_school_total=60, off_roll_total=9)))
    assert "Not shown: 5 pupils" in text
    assert "2 are shown; for the others ask" in text
    assert "1 is shown; for the others ask" in text


def test_an_empty_list_says_so() -> None:
    empty = replace(
        CONTENTS, cards=(), severe=(), severe_total=0, virtual_school=(), virtual_school_total=0,
        off_roll=(), off_roll_total=0, excluded={}, changes=None,
    )  # fmt: skip
    text = visible(made(empty))
    assert "Nobody is on the list." in text
    assert "No pupil with attendance held missed half or more" in text


def test_firm_and_borderline_are_counted_over_the_teams_places_only(said: str) -> None:
    standings = [card.standing for card in CONTENTS.of_part("main")]
    assert words.firmness(standings.count("firm"), standings.count("borderline"), 30) in visible(said)
    alone = visible(made(replace(CONTENTS, refits=0)))
    assert (
        f"{standings.count('borderline')} pupils stand near the edge of the list; their cards say so."
        in alone
    )


def test_brothers_and_sisters_are_named_only_where_the_card_names_them(said: str) -> None:
    assert "Brothers or sisters" not in said
    first = replace(CONTENTS.cards[0], siblings=("A-002",))
    assert "Brothers or sisters on this list: A-002" in visible(
        made(replace(CONTENTS, cards=(first, *CONTENTS.cards[1:])))
    )
