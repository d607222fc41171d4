"""Pupils, schools and returns beside those of the training years: refused, reported, or nothing to say."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pytest

from absence_risk.features.data_flags import Source
from absence_risk.models.drift import NOT_RECORDED, Findings, findings
from absence_risk.models.drift_counts import DriftCounts
from absence_risk.models.met_in_training import ColumnMet, Training, YearMet

AS_OF = date(2026, 10, 31)
RETURNS = {
    "school_census autumn": {"age": 29, "records": 12_000},
    "school_census summer": {"age": 160, "records": 12_000},
    "cin_census year": {"age": 214, "records": 600},
}
YEARS = tuple(YearMet(f"{y}/{y - 1999}", 12_000, 10_000, 40, RETURNS) for y in (2022, 2023, 2024))
GROUPS = ColumnMet("year_group", 0.0, (7.0, 8.0, 9.0), (0.3, 0.7, 1.0), (1.0, 1.0, 1.0, 1.0))


def _sources(**changed: Any) -> list[Source]:
    census = {
        "autumn": {"day": "2026-10-01", "records": 12_000},
        "summer": {"day": "2026-05-21", "records": 12_000},
    }
    made = {
        "school_census": Source("school_census", "School Census", "2026-10-01", False, census),
        "cin_census": Source(
            "cin_census", "CIN census", "2026-03-31", False, {"year": {"day": "2026-03-31", "records": 600}}
        ),
    }
    return list({**made, **changed}.values())


def _found(
    *,
    eligible: int = 10_000,
    seen: int = 12_000,
    schools: int = 40,
    sources: list[Source] | None = None,
    training: Training | None = None,
    at_most: tuple[int, ...] = (),
) -> Findings:
    passed = DriftCounts(
        eligible,
        np.zeros(len(at_most) // 3, dtype=np.int64),
        np.array(at_most, dtype=np.int64),
        Counter({f"s{n}": eligible // schools for n in range(schools)}),
    )
    counts = {"seen": seen, "eligible": eligible}
    return findings(
        training or Training(30_000, (), YEARS),
        passed,
        counts,
        AS_OF,
        _sources() if sources is None else sources,
    )


def test_a_year_like_the_others_has_nothing_to_say() -> None:
    found = _found()
    assert (found.refused, found.reported) == ((), ()) and found.compared == 6


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"eligible": 20_000, "seen": 24_000},
            "20,000 pupils would be scored; 10,000 in 2024/25. Were they read twice?",
        ),
        (
            {"eligible": 5_000, "seen": 6_000},
            "5,000 pupils would be scored; 10,000 in 2024/25. Is the store whole?",
        ),
    ],
)
def test_twice_or_half_the_pupils_are_refused(changed: dict[str, int], words: str) -> None:
    assert _found(**changed).refused == (words,)


def test_a_fifth_fewer_pupils_are_reported_and_a_twentieth_is_nothing() -> None:
    assert _found(eligible=8_000, seen=9_600).reported == ("8,000 pupils would be scored; 10,000 in 2024/25",)
    assert _found(eligible=9_500, seen=11_400) == _found(eligible=9_500, seen=11_400, sources=_sources())
    assert not _found(eligible=9_500, seen=11_400).reported


def test_half_of_few_schools_may_be_chance_and_half_of_many_is_not() -> None:
    assert not _found(schools=30).refused
    many = Training(0, (), tuple(YearMet(y.year, y.seen, y.eligible, 400, RETURNS) for y in YEARS))
    assert any(
        "schools would be scored; 400" in words for words in _found(schools=200, training=many).refused
    )


def test_far_fewer_of_those_seen_would_be_scored() -> None:
    found = _found(eligible=9_800, seen=20_000)
    assert found.reported == ("49 in 100 of the pupils seen would be scored; 83 in 100 in training",)


def test_a_return_that_every_year_had_is_refused_where_it_is_absent() -> None:
    gone = _sources(cin_census=Source("cin_census", "CIN census", None, True))
    assert _found(sources=gone).refused == (
        "no CIN census is held; every year the model was made from had one. Was it ingested?",
    )


def test_a_return_that_some_years_had_is_reported_where_it_is_absent() -> None:
    first = YearMet("2021/22", 12_000, 10_000, 40, {k: v for k, v in RETURNS.items() if "cin" not in k})
    gone = _sources(cin_census=Source("cin_census", "CIN census", None, True))
    found = _found(sources=gone, training=Training(0, (), (first, *YEARS)))
    assert found.reported == ("no CIN census is held; 3 of 4 years in training had one",)


def test_last_years_return_is_reported_and_last_years_school_census_refused() -> None:
    old = {"year": {"day": "2025-03-31", "records": 600}}
    late = _sources(cin_census=Source("cin_census", "CIN census", "2025-03-31", True, old))
    assert [
        words
        for words in _found(sources=late).reported
        if words.startswith("the latest CIN census is 19 months")
    ]
    terms = {
        "autumn": {"day": "2026-10-01", "records": 12_000},
        "summer": {"day": "2025-05-22", "records": 12_000},
    }
    late = _sources(school_census=Source("school_census", "School Census", "2026-10-01", False, terms))
    assert _found(sources=late).refused[0].startswith("the latest summer School Census is 17 months old")


@pytest.mark.parametrize(
    ("records", "told"), [(0, "refused"), (250, "reported"), (1_400, "reported"), (640, "")]
)
def test_a_return_without_records_is_refused_and_one_of_another_size_reported(
    records: int, told: str
) -> None:
    held = {"year": {"day": "2026-03-31", "records": records}}
    found = _found(sources=_sources(cin_census=Source("cin_census", "CIN census", "2026-03-31", False, held)))
    assert [name for name in ("refused", "reported") if getattr(found, name)] == ([told] if told else [])


def test_a_store_that_holds_the_next_census_asks_whether_the_date_is_a_year_early() -> None:
    (census, cin) = _sources()
    held = Source(census.kind, census.words, census.latest, False, census.returns, "2027-10-07")
    assert "is the as-of date a year early?" in _found(sources=[held, cin]).reported[0]
    soon = Source(census.kind, census.words, census.latest, False, census.returns, "2027-01-21")
    assert not _found(sources=[soon, cin]).reported


def test_a_year_group_that_is_gone_is_told_by_name() -> None:
    training = Training(30_000, (GROUPS,), YEARS)
    found = _found(training=training, at_most=(3_000, 3_000, 10_000))
    assert found.reported == (
        "national curriculum year on the as-of date (year_group): 8 for none of the pupils; 40 in 100 in training",
    )


def test_a_model_that_recorded_nothing_says_that_nothing_was_compared() -> None:
    assert findings(Training(), None, {"seen": 1, "eligible": 1}, AS_OF, _sources()).reported == (
        NOT_RECORDED,
    )


def test_nobody_to_score_is_refused_as_too_few() -> None:
    found = findings(Training(30_000, (GROUPS,), YEARS), None, {"seen": 5, "eligible": 0}, AS_OF, _sources())
    assert any("0 pupils would be scored" in words for words in found.refused)


@pytest.mark.parametrize(("name", "schools", "said"), [
    ("unauthorised_rate", 40, True),
    ("school_unauthorised_rate", 40, False),
    ("school_unauthorised_rate", 1_000, True),
])  # fmt: skip
def test_a_schools_pupils_are_one_observation_of_what_is_the_schools(
    name: str, schools: int, said: bool
) -> None:
    """A tenth of the pupils lay above 0.02 in training, and three tenths do now: of 40 schools that may be chance."""
    met = ColumnMet(name, 0.0, (0.02, 0.1, 0.5), (0.9, 1.0, 1.0), (1.0, 1.0, 1.0, 1.0))
    found = _found(training=Training(30_000, (met,), YEARS), at_most=(7_000, 10_000, 10_000), schools=schools)
    assert any("more than 0.02 for 30 in 100" in words for words in found.reported) is said
