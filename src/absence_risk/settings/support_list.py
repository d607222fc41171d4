"""Settings of the lists: who leads where, how long each list is, and the authority's own words for the decision record.

``support_list.plan.Plan`` is what the rooms above read; ``workflows.list_plan`` makes it from these.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt

from .printed import Choices, Name, RouteWords, Sentences, TeamChoices
from .reading import Strict, checked, fault, read_yaml, sha256_of_values

#: Situations a route may be given for; the same names as ``support_list.plan.SITUATIONS``, which stands above here.
SituationName = Literal[
    "looked_after",
    "social_worker",
    "early_help",
    "stepped_down",
    "ehc_plan",
    "illness",
    "alternative_provision",
    "none",
]
Places = Annotated[StrictInt, Field(ge=0, le=100_000)]
#: Five years and a day: an older source says nothing of a child today.
Days = Annotated[StrictInt, Field(ge=1, le=1_827)]


def _school(value: Any) -> Any:
    # YAML reads a school's number as a whole number; it is a name of seven figures.
    return str(value) if type(value) is int else value


def _seven_figures(value: str) -> str:
    if not (len(value) == 7 and value.isascii() and value.isdigit()):
        raise fault("is not a school's number of seven figures (authority and establishment, as 8504001)")
    return value


SchoolId = Annotated[str, BeforeValidator(_school), AfterValidator(_seven_figures)]


class RouteSettings(Strict):
    """Who leads where a situation holds, and what they receive (``support_list.plan.Route``)."""

    when: SituationName
    lead: RouteWords
    receives: RouteWords
    takes_a_place: StrictBool = True
    virtual_school: StrictBool = False


def _every_situation_once(routes: tuple[RouteSettings, ...]) -> tuple[RouteSettings, ...]:
    situations = [route.when for route in routes]
    faults = [
        f"gives `{when}` more than one route"
        for when in dict.fromkeys(situations)
        if situations.count(when) > 1
    ]
    if "none" not in situations:
        faults.append("has no route for `none`: say who leads where none of the situations holds")
    elif situations[-1] != "none":
        faults.append("has a route after `none`, which would never be asked; `none` comes last")
    if faults:
        raise fault("; ".join(faults))
    return routes


class FurtherLists(Strict):
    """Longest further lists; 0 makes none."""

    onset_places: Places = 50
    reserve_places: Places = 15
    virtual_school_places: Places = 200


class RecordSettings(Strict):
    """The authority's words for the drop-downs of the decision record."""

    levels: Choices
    stages: Choices
    teams: TeamChoices
    meetings: TeamChoices
    reasons: Choices


class OldestSources(Strict):
    """Days after which a kind of return is too old for a list; null asks nothing of that kind."""

    school_census: Days | None = 200
    cin_census: Days | None = 700
    ssda903: Days | None = 700
    ap_census: Days | None = None


def _each_school_once(localities: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    schools = [school for named in localities.values() for school in named]
    twice = [school for school in dict.fromkeys(schools) if schools.count(school) > 1]
    if twice:
        raise fault(f"names {', '.join(twice)} more than once; a school stands in one locality")
    return localities


class ListSettings(Strict):
    """Everything an authority decides about its lists; see ``configs/support_list.yaml`` for a remark per key."""

    routes: Annotated[tuple[RouteSettings, ...], AfterValidator(_every_situation_once)]
    lists: FurtherLists = FurtherLists()
    stepped_down_months: Annotated[StrictInt, Field(ge=0, le=60)] = 12
    illness_days: Annotated[StrictInt, Field(ge=1, le=190)] = 15
    localities: Annotated[dict[Name, tuple[SchoolId, ...]], AfterValidator(_each_school_once)] = Field(
        default_factory=dict
    )
    sheets_by: Literal["none", "school", "locality"] = "none"
    show_siblings: StrictBool = False
    record: RecordSettings
    questions: Sentences
    contact: Name
    refuse_after_days: OldestSources = OldestSources()


def list_settings_from(values: Any, *, where: str = "settings of the list") -> ListSettings:
    """Check a mapping of list settings.

    Raises
    ------
    UsageError
        With every fault at once: unknown keys and situations with the nearest known name, choices that are empty,
        too long or repeated, a school in two localities, words that no list prints.
    RefusedError
        The same, where a team, a meeting or a route is one of sanction or of another service's purposes (the users'
        reference, section 5.2).
    """
    return checked(ListSettings, values, where)


def read_list_settings(path: Path) -> ListSettings:
    """Read and check one YAML file of list settings.

    Raises
    ------
    UsageError, RefusedError
        If the file is absent, is not YAML, or holds a fault; see ``list_settings_from``.
    """
    path = Path(path)
    return list_settings_from(read_yaml(path, "configs/support_list.yaml"), where=str(path))


def list_settings_sha256(settings: ListSettings) -> str:
    """SHA-256 of all list settings as canonical JSON: equal settings, equal hash, however the file was laid out."""
    return sha256_of_values(settings)
