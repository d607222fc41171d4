"""The Children in Need census becomes spells, one for each child and start across returns."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_returns import cin_child, cin_details, cin_xml, ingested, pupil_id, rows, upn, write_text

from absence_risk.errors import InputError
from absence_risk.returns import cin_census
from absence_risk.returns.cin_census import parse

_SPELLS = (
    "SELECT kind, start_date, end_date, known_from, superseded_from FROM social_care "
    "ORDER BY kind, start_date, known_from"
)


def _read(folder: Path, **years: str):
    for year, children in years.items():
        number = int(year[1:])
        write_text(folder / "returns" / f"cin_{number}.xml", cin_xml(number, children))
    return ingested(folder / "returns")


def test_a_spell_open_in_one_return_and_closed_in_the_next_has_two_versions(tmp_path: Path) -> None:
    result = _read(
        tmp_path,
        y2023=cin_child(1, cin_details("2022-09-01")),
        y2024=cin_child(1, cin_details("2022-09-01", "2023-02-10")),
    )
    assert rows(result, _SPELLS) == [
        ("cin", "2022-09-01", None, "2023-03-31", "2024-03-31"),
        ("cin", "2022-09-01", "2023-02-10", "2024-03-31", None),
    ]


def test_plans_stand_apart_and_a_referral_without_further_action_is_no_spell(tmp_path: Path) -> None:
    plans = (
        "<CINPlanDates><CINPlanStartDate>2022-10-01</CINPlanStartDate></CINPlanDates>"
        "<ChildProtectionPlans><CPPstartDate>2022-11-01</CPPstartDate><CPPendDate>2023-01-01</CPPendDate></ChildProtectionPlans>"
    )
    children = cin_child(1, cin_details("2022-09-01", more=plans)) + cin_child(
        2, cin_details("2022-09-01", no_action="true")
    )
    result = _read(tmp_path, y2023=children)
    assert [row[:3] for row in rows(result, _SPELLS)] == [
        ("cin", "2022-09-01", None),
        ("cin_plan", "2022-10-01", None),
        ("cp_plan", "2022-11-01", "2023-01-01"),
    ]
    assert rows(result, "SELECT DISTINCT pupil_id FROM social_care") == [(pupil_id(1),)]
    assert result.ledger.files[0].not_used == {"a referral with no further action": 1}


def test_a_spell_that_ends_before_it_starts_is_reported_and_not_used(tmp_path: Path) -> None:
    result = _read(tmp_path, y2023=cin_child(1, cin_details("2022-09-01", "2022-08-01")))
    assert rows(result, _SPELLS) == []
    assert result.ledger.files[0].not_used == {"it ends before it starts": 1}


def test_a_child_without_a_upn_is_counted_and_never_joined(tmp_path: Path) -> None:
    unknown = (
        "<Child><ChildIdentifiers><LAchildID>A</LAchildID><UPNunknown>UN3</UPNunknown></ChildIdentifiers>"
    )
    child = unknown + cin_details("2022-09-01") + "</Child>"
    result = _read(tmp_path, y2023=child + child + cin_child(1, cin_details("2022-09-01")))
    assert rows(result, "SELECT count(*) FROM social_care") == [(1,)]
    (joining,) = result.ledger.joining
    assert (joining["children"], joining["no_usable_upn"], joining["upn_on_no_roll"]) == (3, 2, 1)
    assert joining["percent_not_joined"] == 100.0


def test_a_former_upn_joins_the_child(tmp_path: Path) -> None:
    old = upn(7, temporary=True)
    result = _read(
        tmp_path,
        y2023=cin_child(old, cin_details("2022-09-01")),
        y2024=cin_child(1, cin_details("2023-09-01"), identifiers=f"<FormerUPN>{old}</FormerUPN>"),
    )
    assert rows(result, "SELECT DISTINCT pupil_id FROM social_care") == [(pupil_id(1),)]


def test_a_namespace_is_ignored(tmp_path: Path) -> None:
    text = cin_xml(2023, cin_child(1, cin_details("2022-09-01"))).replace(
        "<Message>", '<Message xmlns="urn:some:schema">'
    )
    write_text(tmp_path / "returns" / "a.xml", text)
    assert rows(ingested(tmp_path / "returns"), "SELECT count(*) FROM social_care") == [(1,)]


def test_a_stated_collection_date_moves_what_could_be_known(tmp_path: Path) -> None:
    text = cin_xml(
        2023, cin_child(1, cin_details("2022-09-01")), more="<CollectionDate>2023-07-31</CollectionDate>"
    )
    write_text(tmp_path / "returns" / "a.xml", text)
    assert rows(ingested(tmp_path / "returns"), "SELECT known_from FROM social_care") == [("2023-07-31",)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (cin_xml(2023, "")[:-30], "cut short"),
        ('<!DOCTYPE Message [<!ENTITY a "b">]>' + cin_xml(2023, ""), "document type or entities"),
        (cin_xml(2023, "", reference="2024-03-31"), "another year's return"),
        (cin_xml(2023, "").replace(">CIN<", ">SC<"), "expected the collection CIN"),
        ("<CTfile></CTfile>", "root element Message"),
        ("", "empty"),
        (cin_xml(2023, cin_child(1, cin_details("2024-02-01"))), "later year's return"),
    ],
)
def test_a_faulty_file_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    write_text(tmp_path / "returns" / "cin.xml", text)
    with pytest.raises(InputError, match=words):
        ingested(tmp_path / "returns")


def test_closures_of_an_earlier_year_refuse_the_stated_year(tmp_path: Path) -> None:
    children = "".join(cin_child(n, cin_details("2020-09-01", "2021-02-01")) for n in range(25))
    write_text(tmp_path / "returns" / "cin.xml", cin_xml(2023, children))
    with pytest.raises(InputError, match="earlier year's return"):
        ingested(tmp_path / "returns")


def test_many_children_are_read_as_a_stream(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.xml", cin_xml(2023, cin_child(1, cin_details("2022-09-01")) * 500))
    assert len(parse(path).children) == 500


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (cin_xml(2023, "<a>" * 30 + "</a>" * 30), "more than 30 deep"),
        (cin_xml(2023, "<Child><Child></Child></Child>"), "a child stands within another child"),
        (cin_xml(2023, "<Header></Header>"), "more than one header"),
        (cin_xml(2023, "").replace("<Year>2023</Year>", ""), "needs a Year and a ReferenceDate"),
        (cin_xml(2023, "").replace(">2023<", ">٢٠٢٣<"), "needs a Year and a ReferenceDate"),
        (cin_xml(2023, "", reference="2023-02-31"), "needs a Year and a ReferenceDate"),
    ],
)
def test_a_file_that_is_not_built_like_one_census_is_refused(tmp_path: Path, text: str, words: str) -> None:
    write_text(tmp_path / "returns" / "cin.xml", text)
    with pytest.raises(InputError, match=words):
        ingested(tmp_path / "returns")


def test_a_file_beyond_all_measure_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cin_census, "LARGEST_XML", 2 << 20)
    with write_text(tmp_path / "a.xml", "no XML at all").open("ab") as handle:
        handle.truncate((2 << 20) + 1)
    with pytest.raises(InputError, match="larger than 2 MB"):
        cin_census.root_of(tmp_path / "a.xml")


def test_a_collection_date_that_is_none_is_reported_and_moves_nothing(tmp_path: Path) -> None:
    text = cin_xml(
        2023, cin_child(1, cin_details("2022-09-01")), more="<CollectionDate>2023-06-31</CollectionDate>"
    )
    write_text(tmp_path / "returns" / "a.xml", text)
    result = ingested(tmp_path / "returns")
    assert rows(result, "SELECT known_from FROM social_care") == [("2023-03-31",)]
    (found,) = [what for what, where in result.ledger.findings if where == "a.xml"]
    assert found.startswith("collection date: not a date") and "06-31" not in found


def test_a_referral_marked_by_an_unknown_word_is_used_and_the_word_is_not_shown(tmp_path: Path) -> None:
    children = cin_child(1, cin_details("2022-09-01", no_action="said of a child")) + cin_child(
        2, cin_details("2022-09-02", no_action="N")
    )
    result = _read(tmp_path, y2023=children)
    assert rows(result, "SELECT count(*) FROM social_care") == [(2,)]
    assert result.ledger.codes == {("ReferralNFA", "other text"): 1, ("ReferralNFA", "n"): 1}
