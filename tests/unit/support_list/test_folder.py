import csv
import html
import io
import json
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from made_lists import LIST_PLAN, TERMS, make_list, written_scores
from small_authority import AS_OF, PUPILS, Authority, made_up_upn, pupil

from absence_risk.decisions.register import Register
from absence_risk.errors import InputError, OutputError, RefusedError, UsageError
from absence_risk.features.words import BANNED_WORDS
from absence_risk.files import sha256_of
from absence_risk.reports.outcome_words import OUT_WORDS
from absence_risk.scoring import Scored, score
from absence_risk.store import Store, lookup_path
from absence_risk.support_list import words as list_words
from absence_risk.support_list.asked import Beside
from absence_risk.support_list.terms import Terms
from absence_risk.support_list.words import natural_frequency

ONE_LIST = replace(
    LIST_PLAN,
    routes=tuple(replace(route, takes_a_place=True) for route in LIST_PLAN.routes),
    onset_places=0,
    reserve_places=0,
    virtual_school_places=0,
)
OUTCOME = {"name": "unauthorised", "threshold": "1/10"}


@pytest.fixture(scope="module")
def scored(authority: Authority) -> Scored:
    return score(authority.store.tables(), authority.bundle, AS_OF)


@pytest.fixture(scope="module")
def scores(authority: Authority, scored: Scored, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_scores(scored, authority.store, tmp_path_factory.mktemp("scores") / "scores.parquet")


@pytest.fixture(scope="module")
def folder(authority: Authority, scores: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("list") / "list"
    make_list(authority.store, scores, out)
    return out


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def visible(page: str) -> str:
    """What a reader sees or hears: no script, no style, no tags, but the words of labels and titles."""
    body = re.sub(r"<(script|style)>.*?</\1>", " ", page, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'(?:aria-label|title|alt)="([^"]*)"', body))
    return html.unescape(re.sub(r"<[^>]+>", " ", body)) + " " + spoken


def page_of(folder: Path) -> str:
    return (folder / "index.html").read_text(encoding="utf-8")


def texts_of(folder: Path) -> dict[str, str]:
    """What each file of a list says, by its name: the workbook cell by cell, hidden sheets too."""
    said = {"index.html": visible(page_of(folder))}
    said |= {path.name: path.read_text(encoding="utf-8-sig") for path in folder.glob("*.csv")}
    book = openpyxl.load_workbook(folder / "support_list.xlsx")
    cells = [
        str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    return {**said, "support_list.xlsx": " | ".join(cells)}


# --- what a list needs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "fault", "words"),
    [
        ({"purpose": "penalty_notice"}, RefusedError, "offers of support alone"),
        ({"purpose": ""}, RefusedError, "offers of support alone"),
        ({"capacity": 0}, UsageError, "1 or more"),
        ({"owner": "  "}, UsageError, "team that answers"),
        ({"expires": AS_OF}, UsageError, "must lie after the as-of date"),
        ({"today": date(2027, 2, 13)}, UsageError, "not before today"),
    ],
)
def test_a_list_without_a_purpose_of_support_a_length_an_owner_or_a_last_day_is_not_made(
    authority: Authority,
    scores: Path,
    tmp_path: Path,
    changed: dict[str, Any],
    fault: type[Exception],
    words: str,
) -> None:
    with pytest.raises(fault, match=words):
        make_list(authority.store, scores, tmp_path / "list", **changed)
    assert not list(tmp_path.iterdir())


def test_a_list_may_be_used_on_its_last_day(authority: Authority, scores: Path, tmp_path: Path) -> None:
    made = make_list(authority.store, scores, tmp_path / "list", today=TERMS["expires"])
    assert made.listed == 20


def test_scores_of_another_store_are_refused(authority: Authority, scored: Scored, tmp_path: Path) -> None:
    written_scores(scored, authority.store, tmp_path / "s.csv", store_fingerprint="0" * 64)
    with pytest.raises(InputError, match="another store"):
        make_list(authority.store, tmp_path / "s.csv", tmp_path / "list")


def test_a_model_never_tested_on_a_later_year_makes_no_list(
    authority: Authority, scored: Scored, tmp_path: Path
) -> None:
    untested = replace(scored, about={**scored.about, "years": {**scored.about["years"], "tested": None}})
    written_scores(untested, authority.store, tmp_path / "s.csv")
    with pytest.raises(RefusedError, match="never tested on a later year"):
        make_list(authority.store, tmp_path / "s.csv", tmp_path / "list")


# --- who is on it ------------------------------------------------------------------------------------------------


def test_every_card_has_a_pupil_behind_it_and_the_key_names_each_by_upn(folder: Path, scored: Scored) -> None:
    upns = {made_up_upn(n): pupil(n) for n in range(PUPILS)}
    key = {row["review_ref"]: upns[row["upn"]] for row in rows_of(folder / "who_is_who.csv")}
    cards = rows_of(folder / "support_list.csv")
    on_the_way = {key[card["review_ref"]] for card in cards if card["part"] in ("main", "lead")}
    first = scored.frame.sort_values(["risk", "pupil_id"], ascending=[False, True])["pupil_id"]
    assert on_the_way == set(first.head(len(on_the_way)))
    assert [card["review_ref"] for card in cards if card["part"] == "main"] == [
        f"A-{n:03d}" for n in range(1, 21)
    ]


def test_a_upn_stands_in_the_key_alone_and_a_pupil_id_or_estimate_nowhere(
    folder: Path, scored: Scored
) -> None:
    estimates = [f"{risk:.3f}" for risk in scored.frame["risk"].nlargest(40)]
    for name, text in texts_of(folder).items():
        assert not [n for n in range(PUPILS) if pupil(n) in text], name
        assert not [estimate for estimate in estimates if estimate in text], name
        if name != "who_is_who.csv":
            assert not [n for n in range(PUPILS) if made_up_upn(n) in text], name
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    assert not [n for n in range(PUPILS) if pupil(n) in manifest or made_up_upn(n) in manifest]


@pytest.mark.parametrize(
    ("estimate", "shown"), [(0.0, [("B-001", "no")]), (1.0, [("A-001", "yes"), ("B-001", "no")])]
)
def test_pupils_who_missed_half_of_school_are_named_whatever_the_model_says(
    authority: Authority, scored: Scored, tmp_path: Path, estimate: float, shown: list[tuple[str, str]]
) -> None:
    half = scored.frame["pupil_id"].isin([pupil(10), pupil(11)])
    frame = scored.frame.assign(risk=scored.frame["risk"].mask(half, estimate))
    frame = frame[half | (frame["risk"] < 0.3)]
    written_scores(replace(scored, frame=frame), authority.store, tmp_path / "s.parquet")
    make_list(authority.store, tmp_path / "s.parquet", tmp_path / "list", capacity=1, plan=ONE_LIST)
    rows = rows_of(tmp_path / "list" / "missed_half_or_more.csv")
    assert sorted((row["review_ref"], row["on_the_list"]) for row in rows) == shown
    key = [row["review_ref"] for row in rows_of(tmp_path / "list" / "who_is_who.csv")]
    assert [ref for ref in key if ref[0] != "N"] == ["A-001", "B-001"]
    text = " ".join(visible(page_of(tmp_path / "list")).split())
    assert (
        "Missed half or more of school 2 pupils These pupils missed half or more of their possible sessions"
        in text
    )
    assert ("Not shown: 1 pupil;" in text) == (estimate == 0.0)


# --- what it says ------------------------------------------------------------------------------------------------


def test_no_word_that_judges_or_foretells_stands_on_the_page_in_the_workbook_or_in_the_tables(
    folder: Path,
) -> None:
    banned = re.compile(r"\b(" + "|".join(re.escape(word) for word in BANNED_WORDS) + r")\b", re.IGNORECASE)
    for name, text in texts_of(folder).items():
        assert not banned.findall(text), name


@pytest.mark.parametrize("purpose", list_words.PURPOSES)
def test_no_standing_words_are_banned_ones(purpose: str) -> None:
    said = [value for value in vars(list_words).values() if isinstance(value, str)]
    said += [list_words.PURPOSES[purpose], *OUT_WORDS.values()]
    for text in said:
        assert not [
            word for word in BANNED_WORDS if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
        ], text


def test_the_page_says_what_the_default_wording_asks(folder: Path) -> None:
    text = " ".join(visible(page_of(folder)).split())
    for words in (
        "A starting point for conversation",
        "made from records held on 16 January 2025, 31 March 2026 and 2 October 2026.",
        list_words.HUMAN, list_words.NOT_CAUSE, list_words.UNKNOWN, list_words.NOT_LISTED, list_words.SAFEGUARDING,
        list_words.PURPOSE_WALL, list_words.FAMILY, "Early Help, East", "12 February 2027",
        "What in the records moved this child up the list", "What moved them down",
        "Pupils who missed 19 or more days without authorisation", "since then we know nothing",
        "on a school's roll here at the autumn census",
    ):  # fmt: skip
        assert words in text, words


def test_a_rule_that_beat_the_model_is_said_before_anything_else(
    authority: Authority, scored: Scored, tmp_path: Path
) -> None:
    beaten = replace(scored, about={**scored.about, "best_rule_wins": True})
    written_scores(beaten, authority.store, tmp_path / "s.parquet")
    make_list(authority.store, tmp_path / "s.parquet", tmp_path / "list")
    text = visible(page_of(tmp_path / "list"))
    assert text.index(list_words.RULE_WINS) < text.index("Children whose families may welcome")


@pytest.mark.parametrize(
    ("events", "number", "words"),
    [
        (38, 100, "In past years, about 38 in 100 children with records like these missed 19 or more days without "
                  "authorisation in the next school year. About 62 did not. "
                  "(Past numbers allow roughly 29 to 48 in 100.)"),
        (1, 1000, "fewer than 1 in 100 children"),
        (40, 40, "nearly all of 100 children"),
        (5, 10, "too few children with records like these in past years"),
    ],
)  # fmt: skip
def test_how_sure_is_said_in_whole_children_both_ways_round(events: int, number: int, words: str) -> None:
    assert words in natural_frequency(events, number, OUTCOME)


# --- how it is written -------------------------------------------------------------------------------------------


def test_the_same_scores_and_terms_give_the_same_bytes(
    authority: Authority, scores: Path, folder: Path, tmp_path: Path
) -> None:
    make_list(authority.store, scores, tmp_path / "again")
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_the_manifest_vouches_for_every_file(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"] == {p.name: sha256_of(p) for p in folder.iterdir() if p.name != "manifest.json"}
    assert manifest["purpose"] == "early_help_offer" and manifest["expires"] == "2027-02-12"


def test_a_lookup_without_a_listed_pupil_publishes_nothing_and_the_earlier_list_stays(
    authority: Authority, scores: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.duckdb"
    shutil.copy(authority.store.path, path)
    shutil.copy(lookup_path(authority.store.path), lookup_path(path))
    with Store(path) as store:
        make_list(store, scores, tmp_path / "list")
        before = {p.name: p.read_bytes() for p in (tmp_path / "list").iterdir()}
        pd.read_parquet(lookup_path(path)).iloc[:5].to_parquet(lookup_path(path))
        with pytest.raises(InputError, match=r"lacks \d+ of the \d+ pupils to list") as refused:
            make_list(store, scores, tmp_path / "list", capacity=21)
        assert pupil(10) not in str(refused.value)
        lookup_path(path).write_bytes(b"not a lookup")
        with pytest.raises(InputError, match="lookup of UPNs"):
            make_list(store, scores, tmp_path / "list")
    assert {p.name: p.read_bytes() for p in (tmp_path / "list").iterdir()} == before


def test_a_folder_that_cannot_be_made_is_said_so(authority: Authority, scores: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError):
        make_list(authority.store, scores, tmp_path / "file" / "list")


def test_schools_without_a_name_stand_by_their_number(folder: Path) -> None:
    assert "School 8504003" in texts_of(folder)["index.html"]


# --- what is refused ---------------------------------------------------------------------------------------------


def test_terms_that_are_missing_are_asked_for_all_at_once_each_with_its_reason() -> None:
    with pytest.raises(UsageError) as refused:
        Terms.of("early_help_offer", None, " ", None)
    said = str(refused.value)
    assert all(option in said for option in ("--capacity", "--owner", "--expires"))
    assert Terms.of("early_help_offer", 5, " Team ", date(2027, 1, 1)).owner == "Team"


def test_data_older_than_the_authority_accepts_make_no_list(
    authority: Authority, scores: Path, tmp_path: Path
) -> None:
    strict = replace(LIST_PLAN, refuse_after_days={"school_census": 10})
    with pytest.raises(RefusedError, match="too old"):
        make_list(authority.store, scores, tmp_path / "list", plan=strict)
    assert not list(tmp_path.iterdir())


def test_planning_in_the_aggregate_needs_no_name_and_gets_none(
    authority: Authority, scores: Path, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match="no child's name"):
        make_list(authority.store, scores, tmp_path / "list", purpose="service_planning_aggregate")
    assert not list(tmp_path.iterdir())


def test_scores_made_with_exclusions_make_no_list_without_them(
    authority: Authority, scored: Scored, tmp_path: Path
) -> None:
    told = {"exclusions": {"by_reason": {"on request": "fewer than 10"}, "sha256": "a" * 64}}
    path = written_scores(scored, authority.store, tmp_path / "s.parquet", **told)
    with pytest.raises(RefusedError, match="--exclusions"):
        make_list(authority.store, path, tmp_path / "list")


# --- who was left out, and the register --------------------------------------------------------------------------


def test_a_child_left_out_after_scoring_stands_nowhere(
    authority: Authority, scores: Path, tmp_path: Path
) -> None:
    make_list(authority.store, scores, tmp_path / "all" / "list")
    listed = [row["upn"] for row in rows_of(tmp_path / "all" / "list" / "who_is_who.csv")][::3]
    gone = frozenset(pupil(n) for n in range(PUPILS) if made_up_upn(n) in listed)
    assert len(gone) > 10
    beside = Beside(excluded=gone, excluded_by_reason={"on request": "about 20"})
    make_list(authority.store, scores, tmp_path / "fewer" / "list", beside=beside)
    left = rows_of(tmp_path / "fewer" / "list" / "who_is_who.csv")
    assert not {row["upn"] for row in left} & set(listed)
    kept = (tmp_path / "fewer" / "decisions.sqlite").read_bytes()
    assert not [one for one in gone if one.encode() in kept]
    assert sum(row["review_ref"].startswith("A-") for row in left) == TERMS["capacity"]


def test_the_register_keeps_the_list_with_parts_that_add_up(
    authority: Authority, scores: Path, tmp_path: Path
) -> None:
    made = make_list(authority.store, scores, tmp_path / "list")
    with Register(tmp_path / "decisions.sqlite", must_exist=True) as register:
        entry = register.entry(made.list_id)
    assert entry is not None
    assert (entry.owner, entry.capacity, entry.as_of) == (TERMS["owner"], 20, AS_OF)
    carded = [row for row in entry.pupils if row.contributions]
    assert len(carded) >= sum(made.cards.values())
    for row in carded:
        assert row.base + sum(row.contributions.values()) == pytest.approx(row.log_odds, abs=1e-9)
    assert not set(entry.next_in_line) & {row.pupil_id for row in entry.pupils}


def test_a_first_list_says_so_and_the_next_one_says_what_changed(
    authority: Authority, scores: Path, scored: Scored, tmp_path: Path
) -> None:
    first = make_list(authority.store, scores, tmp_path / "list")
    said = texts_of(tmp_path / "list")["index.html"]
    assert "first list" in said
    # The next scores: one pupil of the list has fewer records of suspensions, another is further down than anyone.
    frame, key = scored.frame.copy(), rows_of(tmp_path / "list" / "who_is_who.csv")
    of = {made_up_upn(n): pupil(n) for n in range(PUPILS)}
    stays, falls = (of[next(r["upn"] for r in key if r["review_ref"] == ref)] for ref in ("A-001", "A-002"))
    moves = frame["pupil_id"] == stays
    for column, change in (("contribution_attendance", 1.0), ("log_odds", 1.0)):
        frame.loc[moves, column] += change
    frame.loc[moves, "risk"] = 0.999
    frame.loc[frame["pupil_id"] == falls, "risk"] = 0.0
    later = written_scores(replace(scored, frame=frame), authority.store, tmp_path / "later.parquet")
    second = make_list(authority.store, later, tmp_path / "list")
    cards = {row["review_ref"]: row for row in rows_of(tmp_path / "list" / "support_list.csv")}
    upns = {row["upn"]: row["review_ref"] for row in rows_of(tmp_path / "list" / "who_is_who.csv")}
    back = {pupil_id: upn for upn, pupil_id in of.items()}
    assert cards[upns[back[stays]]]["since_the_last_list"].startswith(
        "Records of attendance moved this child up"
    )
    assert "New on this list" in {card["since_the_last_list"] for card in cards.values()}
    assert f"{first.list_id}" in texts_of(tmp_path / "list")["index.html"] and first.list_id != second.list_id
    assert "A-002" in texts_of(tmp_path / "list")["index.html"]


def test_making_the_same_list_again_is_compared_with_the_one_before_and_not_with_itself(
    authority: Authority, scores: Path, tmp_path: Path
) -> None:
    make_list(authority.store, scores, tmp_path / "list")
    before = {path.name: path.read_bytes() for path in (tmp_path / "list").iterdir()}
    make_list(authority.store, scores, tmp_path / "list")
    assert {path.name: path.read_bytes() for path in (tmp_path / "list").iterdir()} == before


def test_a_list_that_goes_further_down_than_its_places_says_how_far(folder: Path) -> None:
    parts = [card["part"] for card in rows_of(folder / "support_list.csv")]
    met, leads = parts.count("main") + parts.count("lead"), parts.count("lead")
    assert leads > 0
    for name in ("index.html", "support_list.xlsx"):
        assert f"This list goes down to place {met} of the pupils looked at" in " ".join(
            texts_of(folder)[name].split()
        )


def test_the_manifest_says_where_every_scored_pupil_went(folder: Path, scored: Scored) -> None:
    account = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["account"]
    assert account["scored"] == len(scored.frame) == sum(n for step, n in account.items() if step != "scored")
    cards = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["cards"]
    assert {part: account[part] for part in cards} == cards and account["on_none"] > 0
