from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from absence_risk.support_list.statement import words
from absence_risk.support_list.statement.listings import Answer, Decided, Listing
from absence_risk.support_list.statement.records_used import (
    DatedRecord,
    FamilyRead,
    RecordsUsed,
    ReturnHeld,
    TermMissed,
)
from absence_risk.support_list.statement.statement import Statement, statement_page

Open = Callable[..., Any]
HOSTILE = '"><img src=https://example.invalid/x onerror=alert(1)>' + "unbroken" * 30


def made(school: str = "Hill Top School", written: str = "Mornings are hard.") -> str:
    used = RecordsUsed(
        school=school,
        year_group="9",
        returns=(ReturnHeld("School Census", "what your child’s school sends", "up to 1 October 2026"),),
        families=(
            FamilyRead("Suspensions and exclusions", ("School Census",), ("1 suspension in 2025/26",)),
        ),
        dated=tuple(DatedRecord(f"{n} May 2026", f"Joined {school}", "School Census") for n in range(1, 31)),
        terms=tuple(
            TermMissed(f"Autumn 202{n}/2{n + 1}", ("59 and a half days",) * 4 + ("not held",))
            for n in range(3, 6)
        ),
        up=("1 suspension in 2025/26",),
        down=(),
        lacking=("Attendance not held for 2024/25",),
        also_seen=("Early help: not held",),
    )
    answers = (Answer("Decision", "Offer early help", False), Answer("Reason in words", written, True))
    listing = Listing(
        list_id="0badcafe",
        review_ref="A-014",
        made_on="2 November 2026",
        as_of="31 October 2026",
        purpose="to offer families early help",
        owner="Early Help, East",
        last_day="12 February 2027",
        meaning=words.PART_WORDS["main"],
        decided=(Decided("9 November 2026", "Dana Reviewer", answers),),
        to_decide=True,
        differing="",
        seen=(words.SEEN_BY_OWNER.format(owner="Early Help, East"),),
    )
    return statement_page(
        Statement(
            found_by="a test",
            as_of="31 October 2026",
            feature_year="2025/26",
            why_none="",
            used=used,
            how_sure="In past years, about 38 in 100 children with records like these did.",
            estimate=(words.MANY_CHILDREN, words.NOT_CAUSE),
            listings=(listing,),
            contact="Early Help data team",
            made_up=True,
        ),
        date(2026, 11, 20),
    )


@pytest.mark.parametrize(
    "width", [1280, *(pytest.param(narrow, marks=pytest.mark.slow) for narrow in (640, 360))]
)
def test_axe_finds_nothing_to_mend_and_nothing_is_wider_than_the_window(opened: Open, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    seen = opened(made(HOSTILE, HOSTILE), width).page
    found = axe.Axe().run(seen).response["violations"]
    assert [f"{one['id']}: {node['html'][:150]}" for one in found for node in one["nodes"]] == []
    assert seen.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_it_asks_for_nothing_says_nothing_and_hostile_words_stay_words(opened: Open) -> None:
    plain, hostile = opened(made()), opened(made(HOSTILE, HOSTILE))
    for seen in (plain, hostile):
        assert seen.said == []
        assert seen.asked == [seen.page.url]
    count = "document.querySelectorAll('*').length"
    assert plain.page.evaluate(count) == hostile.page.evaluate(count)


def test_printed_the_sheet_for_staff_is_a_sheet_of_its_own(opened: Open) -> None:
    seen = opened(made()).page
    seen.emulate_media(media="print")
    sheet = "getComputedStyle(document.querySelector('.staff'))"
    assert seen.evaluate(f"{sheet}.breakAfter") == "page"
    assert len(seen.pdf(format="A4")) > 0
    before = "document.querySelector('.staff').compareDocumentPosition(document.querySelector('main'))"
    assert seen.evaluate(before) == 4
