from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from itertools import pairwise

from defusedxml import ElementTree

from absence_risk.domain.pupil import UpnState, upn_state


def _spells(returns, year: int) -> dict[tuple[str, str], str | None]:
    tree = ElementTree.parse(returns.folder / "cin_census" / f"CIN_{year}.xml")
    return {
        (child.findtext("ChildIdentifiers/LAchildID"), spell.findtext("CINreferralDate")): spell.findtext(
            "CINclosureDate"
        )
        for child in tree.iterfind("Children/Child")
        for spell in child.iterfind("CINdetails")
    }  # fmt: skip


def test_no_return_states_what_happened_after_its_year(returns) -> None:
    for year in (2022, 2025):
        last = date(year, 3, 31).isoformat()
        for (_, referral), closure in _spells(returns, year).items():
            assert referral <= last
            assert closure is None or referral <= closure <= last


def test_some_closures_are_recorded_a_year_late(returns) -> None:
    late = 0
    for year in range(2021, 2026):
        before, after = _spells(returns, year), _spells(returns, year + 1)
        for spell, closure in before.items():
            if closure is None and after.get(spell) is not None:
                late += after[spell] <= date(year, 3, 31).isoformat()
    assert late


def test_plans_lie_within_a_spell_of_need_and_only_in_one(returns) -> None:
    tree = ElementTree.parse(returns.folder / "cin_census" / "CIN_2025.xml")
    seen: set[tuple[str | None, str | None]] = set()
    for child in tree.iterfind("Children/Child"):
        for spell in child.iterfind("CINdetails"):
            for plan in spell.iterfind("ChildProtectionPlans"):
                start = plan.findtext("CPPstartDate")
                assert start >= spell.findtext("CINreferralDate")
                assert (child.findtext("ChildIdentifiers/LAchildID"), start) not in seen
                seen.add((child.findtext("ChildIdentifiers/LAchildID"), start))
    assert seen


def test_unborn_children_children_without_a_upn_and_referrals_with_no_action_occur(returns) -> None:
    text = (returns.folder / "cin_census" / "CIN_2025.xml").read_text(encoding="utf-8")
    for wanted in ("<UPNunknown>", "<ReferralNFA>true", "<ReferralNFA>false", "<Sex>"):
        assert wanted in text
    together = "".join(
        path.read_text(encoding="utf-8") for path in sorted((returns.folder / "cin_census").iterdir())
    )
    assert "<ReferralNFA>0" in together and "<GenderCurrent>" in together


def test_few_children_cannot_be_joined(authority) -> None:
    from absence_risk.synthetic.social_care_rows import unjoinable

    children = authority.care.cin.pupil
    assert 0.02 < unjoinable(children).mean() < 0.06


def test_upns_of_the_cin_census_are_well_formed(returns) -> None:
    tree = ElementTree.parse(returns.folder / "cin_census" / "CIN_2024.xml")
    for upn in tree.iterfind("Children/Child/ChildIdentifiers/UPN"):
        assert upn_state(upn.text) in {UpnState.VALID, UpnState.WRONG_CHECK_LETTER}


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


def test_an_episode_that_continues_is_followed_by_one_that_begins_the_day_it_ended(returns) -> None:
    continued = 0
    for year in range(2020, 2027):
        by_child: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in returns.rows(f"ssda903/SSDA903_{year}_episodes.csv"):
            by_child[row["CHILD"]].append(row)
        for rows in by_child.values():
            rows.sort(key=lambda row: _day(row["DECOM"]))
            for row, following in pairwise(rows):
                if row["REC"] == "X1":
                    assert row["DEC"] == following["DECOM"]
                    continued += 1
            assert all(bool(row["DEC"]) == bool(row["REC"]) for row in rows)
    assert continued


def test_every_child_with_episodes_is_in_the_header_once(returns) -> None:
    for year in (2022, 2026):
        header = [row["CHILD"] for row in returns.rows(f"ssda903/SSDA903_{year}_header.csv")]
        episodes = {row["CHILD"] for row in returns.rows(f"ssda903/SSDA903_{year}_episodes.csv")}
        assert len(header) == len(set(header))
        assert set(header) == episodes
