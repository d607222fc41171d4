"""The report: one offline page whose every number went through the policy, and the files beside it."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from base64 import b64encode
from functools import cache
from html.parser import HTMLParser

import pytest
from made_evidence import FINAL, evidence_with, made_evidence
from made_matrix import trees_bundle

from absence_risk.disclosure import DisclosurePolicy
from absence_risk.evidence.tables import EVIDENCE_TABLES
from absence_risk.features.words import BANNED_WORDS
from absence_risk.reports.briefing.page import evidence_files, evidence_page
from absence_risk.reports.briefing.words import NOT_TO_CONCLUDE, verdict

POLICY = DisclosurePolicy()


@cache
def page() -> str:
    return evidence_page(made_evidence(), POLICY)


class _Page(HTMLParser):
    """Words that are read, tags that are opened, and names of parts."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)


@cache
def parsed() -> _Page:
    found = _Page()
    found.feed(page())
    return found


def text() -> str:
    return re.sub(r"\s+", " ", " ".join(parsed().words))


def test_the_page_needs_nothing_from_outside() -> None:
    tags = {tag for tag, _ in parsed().opened}
    assert not tags & {"script", "link", "img", "iframe", "form", "object"}
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page()))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "url(http" not in page() and "@import" not in page()


def test_the_policy_of_the_page_admits_its_own_style_and_nothing_else() -> None:
    style = re.search(r"<style>(.*?)</style>", page(), re.DOTALL)
    assert style is not None
    digest = b64encode(hashlib.sha256(style.group(1).encode("utf-8")).digest()).decode("ascii")
    assert f"style-src 'sha256-{digest}'" in page() and "default-src 'none'" in page()
    assert page().count("<style") == 1
    # The policy would drop a style attribute without a word, and a drawing would lose its colours.
    assert not [tag for tag, attributes in parsed().opened if "style" in attributes]


def test_no_two_parts_of_the_page_share_a_name() -> None:
    names = [attributes["id"] for _, attributes in parsed().opened if "id" in attributes]
    assert len(names) == len(set(names))
    links = {str(a["href"])[1:] for _, a in parsed().opened if str(a.get("href", "")).startswith("#")}
    assert links <= set(names)


def test_the_verdict_is_read_before_any_figure() -> None:
    said = verdict(made_evidence(), POLICY)
    assert page().index(said.headline) < page().index("<svg")
    for sentence in (*said.sentences, *NOT_TO_CONCLUDE):
        assert sentence in text()


def test_every_figure_and_every_table_has_a_reading_line() -> None:
    assert page().count("<svg") == page().count("<figcaption") >= 9
    tables = [a for tag, a in parsed().opened if tag == "table"]
    readings = [a for tag, a in parsed().opened if tag == "p" and a.get("class") == "reading"]
    assert len(tables) == len(readings) >= 15


def test_every_gate_stands_on_the_first_page_with_its_state() -> None:
    first = page()[: page().index("<nav")]
    for gate in made_evidence().tables["gates"].itertuples():
        assert gate.words in first and gate.found in first
    assert first.count(">Failed<") == 1 and first.count(">Cannot be judged<") == 1


def test_a_made_up_authority_is_said_before_the_verdict() -> None:
    assert page().index("Made-up authority.") < page().index('id="verdict"')
    assert "Made-up authority." not in exact_page()


@cache
def exact_page() -> str:
    """Of a real authority, with exact counts and a note that must be escaped."""
    about = {"made_up": False, "notes": ["<script>alert(1)</script>"]}
    return evidence_page(evidence_with(about=about), DisclosurePolicy(0, 1))


def test_exact_counts_are_said_to_stay_inside() -> None:
    exact = exact_page()
    assert exact.index("Exact counts: this stays inside the authority.") < exact.index('id="verdict"')
    assert "Exact counts" not in page()


def test_too_few_to_say_is_a_state_of_its_own() -> None:
    assert re.search(r"Sex.*not recorded.*too few to say", text())
    assert "Too few: too few pupils to say" in text()


def test_how_many_gaps_were_looked_at_and_chance_are_said() -> None:
    assert re.search(r"\d+ gaps were looked at, and \d+ look clear\.", text())
    assert "about 1 in 20 would look clear by chance" in text()


def test_no_small_number_of_a_group_is_printed() -> None:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page(), re.DOTALL)
    listed = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows if ">Social care: looked after<" in row
    ]
    assert listed
    for cells in listed:
        assert not set(cells) & {str(number) for number in range(1, 10)}


def test_words_for_people() -> None:
    said = f" {re.sub(r'[^a-z -]', ' ', text().lower())} "
    for word in (*BANNED_WORDS, "high risk"):
        if word not in ("score", "probability"):  # the Brier score is so named, and analysts read this page
            assert f" {word} " not in said, word


def test_what_comes_from_outside_is_escaped() -> None:
    assert "<script" not in exact_page() and "&lt;script&gt;" in exact_page()


def test_a_test_of_earlier_years_alone_is_a_page_too() -> None:
    tables = {
        name: frame[frame["year"] != FINAL].reset_index(drop=True) if "year" in frame else frame
        for name, frame in made_evidence().tables.items()
    }
    for name in ("gates", "stability", "inclusion", "odds_ratios", "family_ranking", "necessity"):
        tables[name] = tables[name].iloc[:0]
    found = evidence_page(evidence_with(**tables), POLICY)
    assert "was kept closed" in found and "No gate has been judged yet." in found
    assert "not refitted" in found


@cache
def files() -> dict[str, bytes]:
    return evidence_files(made_evidence(), POLICY, trees_bundle())


def test_report_card_and_every_table_are_written() -> None:
    assert set(files()) == {"report.html", "model_card.md"} | {
        f"tables/{name}.csv" for name in EVIDENCE_TABLES
    }
    assert files()["report.html"] == page().encode("utf-8"), "the same evidence must give the same bytes"


@pytest.mark.parametrize("name", EVIDENCE_TABLES)
def test_a_table_reads_back_with_its_columns_first(name: str) -> None:
    content = files()[f"tables/{name}.csv"]
    assert b"\r" not in content and not content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
    assert tuple(rows[0]) == EVIDENCE_TABLES[name].column_names
    assert len(rows) == 1 + len(made_evidence().tables[name])


def test_whole_numbers_are_written_as_whole_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(files()["tables/groups.csv"].decode("utf-8"))))
    assert all(re.fullmatch(r"c|\d+", row["n"]) for row in rows)
    assert {row["n"] for row in rows} & {"c"} and {row["n"] for row in rows} & {"6000"}


def test_the_card_says_the_verdict_in_the_same_words() -> None:
    card = files()["model_card.md"].decode("utf-8")
    said = verdict(made_evidence(), POLICY)
    assert f"**{said.headline}**" in card and all(sentence in card for sentence in said.sentences)
