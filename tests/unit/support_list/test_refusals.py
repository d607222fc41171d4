"""A list of names is refused where its data are too old or lacking, and where no name is needed."""

from datetime import date
from pathlib import Path

import pytest

from absence_risk.errors import RefusedError
from absence_risk.features.data_flags import Source
from absence_risk.support_list.refusals import refuse_aggregate_purpose, refuse_stale
from absence_risk.support_list.words import PURPOSES
from absence_risk.tables.canonical import RETURN_KINDS
from absence_risk.workflows.list_plan import plan_of

AS_OF = date(2026, 10, 31)
LIMITS = {"school_census": 200, "cin_census": 700, "ssda903": 700}
SHIPPED = Path(__file__).parents[3] / "configs" / "support_list.yaml"


def sources(**latest: str | None) -> list[dict[str, object]]:
    held = {
        "school_census": "2026-10-01",
        "cin_census": "2026-03-31",
        "ssda903": "2026-03-31",
        "ap_census": None,
    }
    return [Source(kind, "", day, False).as_dict() for kind, day in (held | latest).items()]


@pytest.mark.parametrize("limits", [LIMITS, plan_of(SHIPPED).refuse_after_days, {}])
def test_returns_of_the_year_are_taken_and_a_kind_without_a_limit_may_be_missing(limits) -> None:
    assert refuse_stale(sources(), AS_OF, limits) is None


def test_a_return_is_taken_on_its_last_day_and_refused_on_the_next() -> None:
    on_the_day = sources(school_census="2026-04-14")
    assert refuse_stale(on_the_day, AS_OF, LIMITS) is None
    with pytest.raises(
        RefusedError, match=r"School Census: the latest is of 14 April 2026, 201 days before; .* 200"
    ):
        refuse_stale(on_the_day, date(2026, 11, 1), LIMITS)


def test_every_source_too_old_or_missing_is_named_with_what_to_do() -> None:
    with pytest.raises(RefusedError) as found:
        refuse_stale(sources(cin_census=None, ssda903="2024-03-31"), AS_OF, LIMITS)
    said = str(found.value)
    assert "no list is made as of 31 October 2026" in said
    assert "CIN census: not held, so nobody can say who has a social worker" in said
    assert "SSDA903 return: the latest is of 31 March 2024, 944 days before; the limit is 700 days" in said
    assert "Since then we know nothing" in said and "School Census" not in said
    assert "Ingest the latest returns and score again" in said and "`refuse_after_days`" in said


def test_a_kind_that_the_scores_do_not_name_is_not_held() -> None:
    for kind in RETURN_KINDS:
        with pytest.raises(RefusedError, match="not held, so"):
            refuse_stale([], AS_OF, {kind: 200})


def test_planning_of_services_gets_tables_and_no_names() -> None:
    with pytest.raises(RefusedError, match=r"needs no child's name.*backtest.*impact"):
        refuse_aggregate_purpose("service_planning_aggregate")
    for purpose in PURPOSES:
        if purpose != "service_planning_aggregate":
            refuse_aggregate_purpose(purpose)
