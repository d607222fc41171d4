"""Settings of the lists: what is shipped, what is refused, and the plan that comes from them."""

from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.errors import RefusedError, UsageError
from absence_risk.features.words import BANNED_WORDS
from absence_risk.settings import (
    ListSettings,
    list_settings_from,
    list_settings_sha256,
    read_list_settings,
)
from absence_risk.settings.printed import REFUSED_WORDS, holds
from absence_risk.settings.support_list import OldestSources, SituationName
from absence_risk.support_list.plan import SITUATIONS, Plan, Route
from absence_risk.tables.canonical import RETURN_KINDS
from absence_risk.workflows.list_plan import plan_of

SHIPPED = Path(__file__).parents[2] / "configs" / "support_list.yaml"


@pytest.fixture
def good() -> dict[str, Any]:
    return deepcopy(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))


def refused(values: dict[str, Any], kind: type[Exception] = UsageError) -> str:
    with pytest.raises(kind) as found:
        list_settings_from(values)
    assert type(found.value) is kind
    return str(found.value)


def test_the_settings_we_ship_name_every_key_with_a_remark() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    for block in text.split("\n\n")[1:]:
        assert "#" in block, f"no remark on: {block.splitlines()[0]}"
    assert set(yaml.safe_load(text)) == set(ListSettings.model_fields)


def test_the_plan_we_ship_leads_as_the_users_reference_says() -> None:
    plan = plan_of(SHIPPED)
    assert [route.when for route in plan.routes] == list(SITUATIONS)
    passed_on = {route.when for route in plan.routes if not route.takes_a_place}
    assert passed_on == {"looked_after", "social_worker", "early_help"}
    assert {route.when for route in plan.routes if route.virtual_school} == {"looked_after", "social_worker"}
    assert plan.stepped_down_months == 12 and plan.illness_days == 15
    assert plan.refuse_after_days == {"school_census": 200, "cin_census": 700, "ssda903": 700}


def test_situations_and_kinds_of_return_have_the_names_that_the_rooms_above_use() -> None:
    assert get_args(SituationName) == tuple(SITUATIONS)
    assert tuple(OldestSources.model_fields) == RETURN_KINDS


def test_a_plan_holds_what_the_settings_say(good: dict[str, Any]) -> None:
    good |= {
        "routes": [{"when": "none", "lead": "Family hub", "receives": "The list"}],
        "lists": {"onset_places": 1, "reserve_places": 2, "virtual_school_places": 0},
        "localities": {"Amber Valley": [8504001, "8504002"], "South": []},
        "sheets_by": "locality",
        "show_siblings": True,
        "contact": "Ms Green, data team",
        "refuse_after_days": {"cin_census": None, "ap_census": 400},
    }
    plan = plan_of(list_settings_from(good))
    assert isinstance(plan, Plan) and plan.routes == (Route("none", "Family hub", "The list"),)
    assert (plan.onset_places, plan.reserve_places, plan.virtual_school_places) == (1, 2, 0)
    assert plan.localities == {"Amber Valley": ("8504001", "8504002"), "South": ()}
    assert plan.locality_of("8504002") == "Amber Valley" and plan.locality_of("8504009") == ""
    assert plan.sheets_by == "locality" and plan.show_siblings and plan.contact == "Ms Green, data team"
    assert plan.refuse_after_days == {"school_census": 200, "ssda903": 700, "ap_census": 400}
    assert plan.teams == tuple(good["record"]["teams"]) and plan.questions == tuple(good["questions"])


def test_what_may_be_left_out_has_the_values_that_are_shipped(good: dict[str, Any]) -> None:
    short = {key: good[key] for key in ("routes", "record", "questions", "contact")}
    assert list_settings_from(short) == read_list_settings(SHIPPED)
    for key in short:
        assert f"`{key}` is needed" in refused({k: v for k, v in short.items() if k != key})


ROUTES = {
    "a situation nobody knows": ({"when": "looked_afte"}, "did you mean `looked_after`"),
    "an empty lead": ({"lead": "  "}, r"`routes.0.lead` is empty"),
    "no lead": ({"lead": None}, r"`routes.0.lead`: input should be a valid string"),
    "a misspelt key": ({"recieves": "x"}, "did you mean `receives`"),
    "a word for yes": ({"takes_a_place": "maybe"}, r"`routes.0.takes_a_place`"),
}


@pytest.mark.parametrize(("change", "words"), ROUTES.values(), ids=ROUTES)
def test_a_route_that_says_nothing_clear_is_refused(good: dict[str, Any], change: Any, words: str) -> None:
    good["routes"][0] |= change
    assert words in refused(good)


def test_routes_ask_each_situation_once_and_none_last(good: dict[str, Any]) -> None:
    routes = good["routes"]
    good["routes"] = [*routes, routes[0]]
    said = refused(good)
    assert "gives `looked_after` more than one route" in said and "a route after `none`" in said
    assert "no route for `none`" in refused(good | {"routes": routes[:-1]})


CHOICES = {
    "empty": ([""], "`record.levels.0` is empty"),
    "too long": (["x" * 61], "has 61 characters; at most 60"),
    "repeated": (["Level 1", "level 1"], "names `level 1` more than once"),
    "none at all": ([], "`record.levels` is empty; name at least one"),
    "a number": ([1], "`record.levels.0`: input should be a valid string"),
    "a formula": (["=1+1"], "a spreadsheet takes for a formula"),
    "two lines": (["a\nb"], "line break"),
    "blame": (["Non-compliant family"], "words that no list prints (non-compliant)"),
}


@pytest.mark.parametrize(("levels", "words"), CHOICES.values(), ids=CHOICES)
def test_a_choice_that_no_drop_down_could_show_is_refused(
    good: dict[str, Any], levels: Any, words: str
) -> None:
    good["record"]["levels"] = levels
    assert words in refused(good)


def test_a_choice_of_sixty_characters_fits(good: dict[str, Any]) -> None:
    good["record"]["levels"] = ["x" * 60]
    assert list_settings_from(good).record.levels == ("x" * 60,)


def test_a_school_stands_in_one_locality_and_has_seven_figures(good: dict[str, Any]) -> None:
    both = refused(good | {"localities": {"North": [8504001, 8504001], "South": ["8504001"]}})
    assert "names 8504001 more than once" in both
    assert "seven figures" in refused(good | {"localities": {"North": ["Hill Top School"]}})


@pytest.mark.parametrize("place", ["lead", "receives", "teams", "meetings"])
@pytest.mark.parametrize(
    "words", ["Penalty Notices team", "PROSECUTION", "Education supervision-order panel", "Exclusion panel",
              "Police liaison", "Immigration team", "Benefits office", "Housing"],
)  # fmt: skip
def test_a_route_or_team_of_sanction_or_of_another_service_is_refused_with_exit_8(
    good: dict[str, Any], place: str, words: str
) -> None:
    if place in ("lead", "receives"):
        good["routes"][2][place] = words
    else:
        good["record"][place].append(words)
    said = refused(good, RefusedError)
    assert "names what a list of support never leads to" in said and RefusedError.exit_code == 8


@pytest.mark.parametrize(
    "words", ["Inclusion and exclusions service", "Policy team", "Hampton Court family hub"]
)
def test_words_that_only_look_like_those_refused_may_stand(good: dict[str, Any], words: str) -> None:
    good["record"]["teams"].append(words)
    assert list_settings_from(good).record.teams[-1] == words


@pytest.mark.parametrize("place", ["questions", "contact", "reasons", "lead"])
def test_words_that_no_list_prints_are_refused_wherever_they_would_be_printed(
    good: dict[str, Any], place: str
) -> None:
    words = "Is this a high-risk child?"
    if place == "lead":
        good["routes"][0]["lead"] = words
    elif place == "reasons":
        good["record"]["reasons"][0] = words
    else:
        good[place] = [words] if place == "questions" else words
    assert "words that no list prints (high risk, high-risk)" in refused(good)


def test_every_fault_is_said_at_once_and_one_refusal_makes_it_a_refusal(good: dict[str, Any]) -> None:
    good["routes"][0] |= {"lead": "Fixed penalty team", "when": "lookedafter"}
    good |= {"locality": {}, "illness_days": 0, "refuse_after_days": {"cin": 3}}
    said = refused(good, RefusedError)
    for words in ("(penalty)", "`looked_after`", "`localities`", "`illness_days`", "known: ap_census"):
        assert words in said, words


def test_the_hash_follows_what_the_settings_say(good: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(good, sort_keys=True), encoding="utf-8")
    shipped = list_settings_sha256(read_list_settings(SHIPPED))
    assert list_settings_sha256(read_list_settings(path)) == shipped
    assert list_settings_sha256(list_settings_from(good | {"illness_days": 20})) != shipped


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "localities: {}\nlocalities: {}"])
def test_a_file_that_is_no_settings_of_lists_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"a\.yaml"):
        read_list_settings(path)
    with pytest.raises(UsageError, match=r"no settings at .*configs/support_list\.yaml"):
        read_list_settings(tmp_path / "none.yaml")


@given(st.sampled_from(REFUSED_WORDS + BANNED_WORDS), st.text(" -_,.()", min_size=1, max_size=3))
def test_words_are_found_in_any_case_and_between_any_blanks(word: str, blank: str) -> None:
    written = blank.join(part.title() for part in word.replace("-", " ").split())
    assert word in holds(f"The{blank}{written}{blank}team", (word,))
    assert not holds(f"The x{written}x team", (word,))
