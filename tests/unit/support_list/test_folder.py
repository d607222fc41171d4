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

import pandas as pd
import pytest
from small_authority import AS_OF, PUPILS, SCHOOLS, Authority, made_up_upn, pupil, write_store

from absence_risk.errors import InputError, OutputError, RefusedError, UsageError
from absence_risk.features.words import BANNED_WORDS
from absence_risk.files import sha256_of
from absence_risk.pages import content_hash
from absence_risk.reports.outcome_words import OUT_WORDS
from absence_risk.scoring import Scored, score, write_scores
from absence_risk.spreadsheet import guarded, spreadsheet_bytes
from absence_risk.store import Store, lookup_path
from absence_risk.support_list import words as list_words
from absence_risk.support_list.cards import choose, in_list_order
from absence_risk.support_list.chronology import chronology
from absence_risk.support_list.folder import write_support_list
from absence_risk.support_list.involvement import involvement
from absence_risk.support_list.words import natural_frequency

TERMS: dict[str, Any] = {
    "capacity": 20,
    "owner": "Early Help, East",
    "expires": date(2027, 2, 12),
    "today": date(2026, 11, 2),
}
OUTCOME = {"name": "unauthorised", "threshold": "1/10"}


@pytest.fixture(scope="module")
def scored(authority: Authority) -> Scored:
    return score(authority.store.tables(), authority.bundle, AS_OF)


@pytest.fixture(scope="module")
def scores(authority: Authority, scored: Scored, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scores") / "scores.parquet"
    write_scores(scored, path, {"store_fingerprint": authority.store.fingerprint})
    return path


@pytest.fixture(scope="module")
def folder(authority: Authority, scores: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("list") / "list"
    write_support_list(authority.store, scores, out, **TERMS)
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
        write_support_list(authority.store, scores, tmp_path / "list", **{**TERMS, **changed})
    assert not list(tmp_path.iterdir())


def test_a_list_may_be_used_on_its_last_day(authority: Authority, scores: Path, tmp_path: Path) -> None:
    made = write_support_list(
        authority.store, scores, tmp_path / "list", **{**TERMS, "today": TERMS["expires"]}
    )
    assert made.listed == 20


def test_scores_of_another_store_are_refused(authority: Authority, scored: Scored, tmp_path: Path) -> None:
    write_scores(scored, tmp_path / "s.csv", {"store_fingerprint": "0" * 64})
    with pytest.raises(InputError, match="another store"):
        write_support_list(authority.store, tmp_path / "s.csv", tmp_path / "list", **TERMS)


def test_a_model_never_tested_on_a_later_year_makes_no_list(
    authority: Authority, scored: Scored, tmp_path: Path
) -> None:
    untested = replace(scored, about={**scored.about, "years": {**scored.about["years"], "tested": None}})
    write_scores(untested, tmp_path / "s.csv", {"store_fingerprint": authority.store.fingerprint})
    with pytest.raises(RefusedError, match="never tested on a later year"):
        write_support_list(authority.store, tmp_path / "s.csv", tmp_path / "list", **TERMS)


# --- who is on it ------------------------------------------------------------------------------------------------


def test_the_largest_estimates_are_listed_and_equals_by_pupil_id() -> None:
    frame = pd.DataFrame(
        {"pupil_id": ["c", "b", "a", "d"], "risk": [0.5, 0.5, 0.1, 0.9], "log_odds": [0.0, 0.0, -2.0, 2.0]}
    )
    chosen = choose(frame, 2)
    assert chosen["pupil_id"].tolist() == ["d", "b"]
    assert chosen["near_edge"].tolist() == [False, True]
    assert not choose(frame, 9)["near_edge"].any()


def test_within_the_list_pupils_stand_by_school_and_year_group_and_references_follow_that_order() -> None:
    frame = pd.DataFrame(
        {
            "pupil_id": ["a", "b", "c"],
            "school_id": ["2", "1", "1"],
            "year_group": [3, 10, 9],
            "risk": [0.9, 0.8, 0.7],
        }
    )
    ordered = in_list_order(frame, {"1": "Zeal", "2": "Ash"}, "A")
    assert ordered["pupil_id"].tolist() == ["a", "c", "b"]
    assert ordered["review_ref"].tolist() == ["A-001", "A-002", "A-003"]


def test_the_list_holds_the_pupils_with_the_largest_estimates_and_the_key_names_them(
    folder: Path, scored: Scored
) -> None:
    upns = {made_up_upn(n): pupil(n) for n in range(PUPILS)}
    listed = {
        upns[row["upn"]] for row in rows_of(folder / "who_is_who.csv") if row["review_ref"].startswith("A-")
    }
    assert listed == set(choose(scored.frame, 20)["pupil_id"])
    assert [r["review_ref"] for r in rows_of(folder / "support_list.csv")] == [
        f"A-{n:03d}" for n in range(1, 21)
    ]


def test_a_upn_stands_in_the_key_alone_and_a_pupil_id_or_estimate_nowhere(
    folder: Path, scored: Scored
) -> None:
    estimates = [f"{risk:.3f}" for risk in choose(scored.frame, 20)["risk"]]
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8-sig")
        assert not [n for n in range(PUPILS) if pupil(n) in text], path.name
        if path.name != "who_is_who.csv":
            assert not [n for n in range(PUPILS) if made_up_upn(n) in text], path.name
        if path.suffix in (".csv", ".html"):
            assert not [estimate for estimate in estimates if estimate in text], path.name


@pytest.mark.parametrize(
    ("estimate", "shown"), [(0.0, [("B-001", "no")]), (1.0, [("A-001", "yes"), ("B-001", "no")])]
)
def test_pupils_who_missed_half_of_school_are_named_whatever_the_model_says(
    authority: Authority, scored: Scored, tmp_path: Path, estimate: float, shown: list[tuple[str, str]]
) -> None:
    half = scored.frame["pupil_id"].isin([pupil(10), pupil(11)])
    frame = scored.frame.assign(risk=scored.frame["risk"].mask(half, estimate))
    frame = frame[half | (frame["risk"] < 0.3)]
    write_scores(
        replace(scored, frame=frame),
        tmp_path / "s.parquet",
        {"store_fingerprint": authority.store.fingerprint},
    )
    write_support_list(authority.store, tmp_path / "s.parquet", tmp_path / "list", **{**TERMS, "capacity": 1})
    rows = rows_of(tmp_path / "list" / "missed_half_or_more.csv")
    assert sorted((row["review_ref"], row["on_the_list"]) for row in rows) == shown
    assert [r["review_ref"] for r in rows_of(tmp_path / "list" / "who_is_who.csv")] == ["A-001", "B-001"]
    text = " ".join(visible(page_of(tmp_path / "list")).split())
    assert "2 pupils missed half or more of their possible sessions in 2025/26" in text
    assert ("Not shown: 1 pupil;" in text) == (estimate == 0.0)


def test_who_is_already_involved_is_said_as_known_on_the_day(authority: Authority, scored: Scored) -> None:
    pupils = [pupil(10), pupil(11), pupil(50)]
    said = involvement(authority.store.tables(), pupils, AS_OF, scored.about["sources"])
    assert said[pupil(10)] == [
        "Child protection plan, closed in March 2025",
        "Child in need spell, open since June 2025 (as at 31 March 2026)",
        "Speak first to the lead practitioner; this is not a new case.",
    ]
    assert said[pupil(11)][1] == "Speak first to the virtual school."
    assert said[pupil(50)] == ["No open or earlier involvement recorded"]


def test_a_card_says_what_is_on_record_by_date_latest_first_and_nothing_known_later(
    authority: Authority,
) -> None:
    said = chronology(
        authority.store.tables(), [pupil(10), pupil(12)], AS_OF, {"8504002": "Brook Lane School"}
    )
    assert said[pupil(10)] == [
        "1 June 2025: Child in need spell began",
        "5 March 2025: Child protection plan ended",
        "1 February 2024: Child protection plan began",
        "1 September 2022: Joined Brook Lane School",
    ]
    assert said[pupil(12)][0] == "10 September 2025: Alternative provision funded by the authority began"
    earlier = chronology(authority.store.tables(), [pupil(10)], date(2024, 10, 31), {})
    assert earlier[pupil(10)] == ["1 September 2022: Joined School 8504002"]


def test_involvement_is_not_known_rather_than_none_where_no_return_is_held(authority: Authority) -> None:
    sources = [{"kind": "cin_census", "latest": None}, {"kind": "ssda903", "latest": "2026-03-31"}]
    said = involvement(authority.store.tables(), [pupil(50)], AS_OF, sources)
    assert said[pupil(50)] == ["Child in need and child protection: not held"]


# --- what it says ------------------------------------------------------------------------------------------------


def test_no_word_that_judges_or_foretells_stands_on_the_page_or_in_the_tables(folder: Path) -> None:
    banned = re.compile(r"\b(" + "|".join(re.escape(word) for word in BANNED_WORDS) + r")\b", re.IGNORECASE)
    texts = [visible(page_of(folder))]
    texts += [
        (folder / name).read_text(encoding="utf-8-sig")
        for name in ("support_list.csv", "missed_half_or_more.csv")
    ]
    for text in texts:
        assert not banned.findall(text)


@pytest.mark.parametrize("purpose", list_words.PURPOSES)
def test_no_standing_words_are_banned_ones(purpose: str) -> None:
    said = [value for value in vars(list_words).values() if isinstance(value, str)]
    said += [list_words.PURPOSES[purpose], *list_words.QUESTIONS, *OUT_WORDS.values()]
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
        "not on a school's roll here at the autumn census",
    ):  # fmt: skip
        assert words in text, words


def test_a_rule_that_beat_the_model_is_said_before_anything_else(
    authority: Authority, scored: Scored, tmp_path: Path
) -> None:
    beaten = replace(scored, about={**scored.about, "best_rule_wins": True})
    write_scores(beaten, tmp_path / "s.parquet", {"store_fingerprint": authority.store.fingerprint})
    write_support_list(authority.store, tmp_path / "s.parquet", tmp_path / "list", **TERMS)
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
    write_support_list(authority.store, scores, tmp_path / "again", **TERMS)
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
        write_support_list(store, scores, tmp_path / "list", **TERMS)
        before = {p.name: p.read_bytes() for p in (tmp_path / "list").iterdir()}
        pd.read_parquet(lookup_path(path)).iloc[:5].to_parquet(lookup_path(path))
        with pytest.raises(InputError, match=r"lacks 2\d of the 2\d pupils") as refused:
            write_support_list(store, scores, tmp_path / "list", **{**TERMS, "capacity": 21})
        assert pupil(10) not in str(refused.value)
        lookup_path(path).write_bytes(b"not a lookup")
        with pytest.raises(InputError, match="lookup of UPNs"):
            write_support_list(store, scores, tmp_path / "list", **TERMS)
    assert {p.name: p.read_bytes() for p in (tmp_path / "list").iterdir()} == before


def test_a_folder_that_cannot_be_made_is_said_so(authority: Authority, scores: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError):
        write_support_list(authority.store, scores, tmp_path / "file" / "list", **TERMS)


def _tags(page: str) -> list[str]:
    return re.findall(r"<(/?[a-z0-9]+)", re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.DOTALL))


HOSTILE = (
    '"><script>alert(1)</script>',
    '=HYPERLINK("http://x")\r\n,x',
    "{{ 7*7 }} {% raw %} & <b onload=x>",
)


def test_hostile_names_of_schools_change_nothing_in_the_structure(
    scored: Scored, folder: Path, tmp_path: Path
) -> None:
    with write_store(tmp_path / "hostile.duckdb", HOSTILE) as store:
        write_scores(scored, tmp_path / "s.parquet", {"store_fingerprint": store.fingerprint})
        write_support_list(store, tmp_path / "s.parquet", tmp_path / "list", **TERMS)
    hostile = page_of(tmp_path / "list")
    assert sorted(_tags(page_of(folder))) == sorted(_tags(hostile))
    assert "<script>alert" not in hostile and "{{ 7*7 }}" in hostile
    header, *rows = csv.reader(
        io.StringIO((tmp_path / "list" / "support_list.csv").read_text(encoding="utf-8-sig"), newline="")
    )
    assert {len(row) for row in rows} == {len(header)} and len(rows) == TERMS["capacity"]
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]


def test_the_page_runs_its_own_script_and_style_and_nothing_else(folder: Path) -> None:
    page = page_of(folder)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; ")
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL)
        assert content is not None and f"{name} '{content_hash(content[1])}'" in policy[1]
    assert not re.search(
        r"https?:|//[a-z]|src=|url\(|@import|\son[a-z]+=|style=", page.replace("style-src", "")
    )


def test_schools_without_a_name_stand_by_their_number(folder: Path) -> None:
    assert f"School {SCHOOLS[2]}" in visible(page_of(folder))


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"), ("+44", "'+44"), ("-5", "'-5"), ("@x", "'@x"), ("\tx", "'\tx"), ("\rx", "'\rx"),
        ("＝1+1", "'＝1+1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠x", "'＠x"), ("  =1+1", "'  =1+1"),
        ("Hill School", "Hill School"), ("", ""), ("a=b", "a=b"),
    ],
)  # fmt: skip
def test_no_cell_can_run_as_a_formula(cell: str, shown: str) -> None:
    assert guarded(cell) == shown


def test_tables_open_in_a_spreadsheet_every_cell_quoted() -> None:
    assert spreadsheet_bytes(("a", "b"), [("1", 'say "x"')]) == b'\xef\xbb\xbf"a","b"\r\n"1","say ""x"""\r\n'
