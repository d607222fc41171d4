"""Each gate, on drawn tables of a few rows: what passes, what does not, and what cannot be judged."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from absence_risk.disclosure import DisclosurePolicy
from absence_risk.evidence.gates import GateBars, judge_gates
from absence_risk.evidence.tables import EVIDENCE_TABLES
from absence_risk.features.words import BANNED_WORDS
from absence_risk.settings import GateSettings

NAN = float("nan")
YEAR, EARLIER = "2024/25", "2023/24"
FRESH = [("School Census", "2026-10-01", False, 30), ("CIN census", "2026-03-31", False, 214)]


def _measures(*rows: tuple[Any, ...], rival: str = "boosting", year: str = YEAR) -> pd.DataFrame:
    columns = ("measure", "value", "low", "high", "part", "of")
    labels = {"year": year, "rival": rival}
    return pd.DataFrame([labels | dict(zip(columns, row, strict=True)) for row in rows])


def _good() -> pd.DataFrame:
    return _measures(
        ("precision_at_capacity", 98 / 150, 0.58, 0.72, 98, 150),
        ("calibration_slope", 0.94, 0.86, 1.02, NAN, NAN),
        ("calibration_in_the_large", 0.0012, -0.004, 0.006, NAN, NAN),
    )


def _uplift(*rows: tuple[Any, ...], year: str = YEAR) -> pd.DataFrame:
    columns = ("rival", "kind", "candidate_found", "rival_found", "difference", "low", "high")
    return pd.DataFrame([{"year": year, "k": 150} | dict(zip(columns, row, strict=True)) for row in rows])


RULES = (
    ("last_year_unauthorised", "rule", 98, 84, 14, 3, 25),
    ("school_rate", "rule", 98, 31, 67, 50, 84),
    ("logistic", "model", 98, 97, 1, -6, 8),
)


def _groups(*rows: tuple[Any, ...], year: str = YEAR) -> pd.DataFrame:
    gaps = [
        f"{gap}{end}" for gap in ("miss_rate_gap", "false_listing_rate_gap") for end in ("", "_low", "_high")
    ]
    columns = ("attribute", "group", "state", *gaps)
    return pd.DataFrame([{"year": year} | dict(zip(columns, row, strict=True)) for row in rows])


NO_GAP = (0.01, -0.05, 0.07)
EVEN = (("overall", "overall", "enough", *NO_GAP, *NO_GAP), ("sex", "F", "enough", *NO_GAP, *NO_GAP))


def _judged(**changed: Any) -> pd.DataFrame:
    asked = {
        "tables": {"measures": _good(), "uplift": _uplift(*RULES), "groups": _groups(*EVEN)},
        "bars": GateBars(),
        "median_inclusion": 0.93,
        "sources": FRESH,
        "final_year": YEAR,
        "candidate": "boosting",
    } | changed
    tables, bars = asked.pop("tables"), asked.pop("bars")
    return judge_gates(tables, bars, **asked).set_index("gate")


def _with(name: str, table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {"measures": _good(), "uplift": _uplift(*RULES), "groups": _groups(*EVEN)} | {name: table}


def test_a_model_that_clears_every_bar_passes_every_gate_in_a_fixed_order() -> None:
    found = _judged()
    assert set(found["state"]) == {"passed"}
    assert list(found.index) == [
        "beats_best_rule", "precision_at_capacity", "calibration_slope", "calibration_in_the_large",
        "median_inclusion_share", "group_gaps", "data_freshness",
    ]  # fmt: skip
    assert tuple(found.reset_index().columns) == EVIDENCE_TABLES["gates"].column_names


def test_without_any_number_no_gate_is_passed_and_none_is_said_to_have_failed() -> None:
    for tables in ({}, {name: t.iloc[:0] for name, t in _with("groups", _groups(*EVEN)).items()}):
        found = _judged(tables=tables, median_inclusion=None, sources=[])
        assert set(found["state"]) == {"cannot be judged"}


def test_only_the_final_year_and_the_candidate_decide() -> None:
    poor = (("precision_at_capacity", 0.1, 0.05, 0.2, 15, 150),)
    for other in (_measures(*poor, year=EARLIER), _measures(*poor, rival="logistic")):
        assert _judged(tables=_with("measures", pd.concat([other, _good()]))).state.eq("passed").all()
    earlier = _uplift(("school_rate", "rule", 98, 140, -42, -60, -20), year=EARLIER)
    assert _judged(tables=_with("uplift", pd.concat([earlier, _uplift(*RULES)]))).state.eq("passed").all()


@pytest.mark.parametrize(
    ("low", "bars", "state"),
    [
        (0.5, GateBars(), "passed"),
        (0.0, GateBars(), "failed"),
        (-2.0, GateBars(), "failed"),
        (4.0, GateBars(beats_best_rule_by=5), "failed"),
        (NAN, GateBars(), "cannot be judged"),
    ],
)
def test_the_best_rule_is_beaten_only_if_the_lower_end_lies_above_the_bar(
    low: float, bars: GateBars, state: str
) -> None:
    rows = (
        ("last_year_unauthorised", "rule", 98, 84, 14, low, 25),
        ("school_rate", "rule", 98, 31, 67, 50, 84),
    )
    assert _judged(tables=_with("uplift", _uplift(*rows)), bars=bars).state["beats_best_rule"] == state


def test_the_best_rule_is_the_one_that_found_most_and_never_a_model() -> None:
    found = _judged().found["beats_best_rule"]
    assert "14 more than the best simple rule (last year unauthorised)" in found and "3 to 25" in found


@pytest.mark.parametrize(
    ("part", "of", "bars", "state"),
    [
        (13, 20, GateBars(), "passed"),  # exactly 0.65
        (97, 150, GateBars(), "failed"),
        (98, 150, GateBars(), "passed"),
        (97, 150, GateBars(precision_at_capacity=0.6), "passed"),
        (NAN, NAN, GateBars(), "cannot be judged"),
    ],
)
def test_precision_passes_at_the_bar_and_above(part: float, of: float, bars: GateBars, state: str) -> None:
    table = pd.concat([_good()[1:], _measures(("precision_at_capacity", part / of, 0.5, 0.8, part, of))])
    assert _judged(tables=_with("measures", table), bars=bars).state["precision_at_capacity"] == state


def test_the_bar_set_in_national_testing_is_named_so_and_another_is_not() -> None:
    assert "national testing" in _judged().bar["precision_at_capacity"]
    assert "national" not in _judged(bars=GateBars(precision_at_capacity=0.5)).bar["precision_at_capacity"]


@pytest.mark.parametrize(
    ("slope", "state"),
    [(0.8, "passed"), (1.2, "passed"), (0.79, "failed"), (1.21, "failed"), (NAN, "cannot be judged")],
)
def test_the_slope_must_lie_between_its_bars(slope: float, state: str) -> None:
    table = pd.concat([_good().drop(index=1), _measures(("calibration_slope", slope, 0.5, 1.5, NAN, NAN))])
    assert _judged(tables=_with("measures", table)).state["calibration_slope"] == state


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [(-0.01, 0.01, "passed"), (0.0, 0.01, "passed"), (0.001, 0.01, "failed"), (-0.01, -0.001, "failed"),
     (NAN, NAN, "cannot be judged")],
)  # fmt: skip
def test_the_interval_of_calibration_in_the_large_must_cover_zero(
    low: float, high: float, state: str
) -> None:
    row = ("calibration_in_the_large", 0.001, low, high, NAN, NAN)
    assert (
        _judged(tables=_with("measures", pd.concat([_good()[:2], _measures(row)]))).state[
            "calibration_in_the_large"
        ]
        == state
    )


@pytest.mark.parametrize(
    ("share", "state"),
    [(0.8, "passed"), (0.79, "failed"), (None, "cannot be judged"), (NAN, "cannot be judged")],
)
def test_the_middle_pupil_of_the_list_must_be_listed_by_most_refits(share: float | None, state: str) -> None:
    assert _judged(median_inclusion=share).state["median_inclusion_share"] == state


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (("sen", "EHC plan", "enough", 0.24, 0.1, 0.38, *NO_GAP), "failed"),
        (("sen", "EHC plan", "enough", *NO_GAP, -0.24, -0.38, -0.1), "failed"),
        (
            ("sen", "EHC plan", "enough", 0.2, 0.1, 0.3, *NO_GAP),
            "passed",
        ),  # clear, and no larger than the limit
        (("sen", "EHC plan", "enough", 0.5, -0.01, 0.9, *NO_GAP), "passed"),  # large, and not clear of zero
        (("sen", "EHC plan", "too few to say", 0.5, 0.4, 0.6, *NO_GAP), "passed"),
        (("sen and sex", "EHC plan, F", "enough", 0.5, 0.4, 0.6, *NO_GAP), "passed"),
        (("overall", "overall", "enough", 0.5, 0.4, 0.6, *NO_GAP), "passed"),
        (("sen", "EHC plan", "enough", NAN, NAN, NAN, *NO_GAP), "passed"),
    ],
)
def test_only_a_clear_and_large_gap_of_a_group_with_enough_pupils_fails(row: Any, state: str) -> None:
    assert _judged(tables=_with("groups", _groups(*EVEN, row))).state["group_gaps"] == state


def test_the_largest_clear_gap_is_said_with_its_group_and_direction() -> None:
    rows = (
        ("sen", "EHC plan", "enough", -0.31, -0.4, -0.2, *NO_GAP),
        ("sex", "M", "enough", 0.12, 0.02, 0.2, 0.25, 0.1, 0.4),
    )
    gates = _judged(tables=_with("groups", _groups(*EVEN, *rows)))
    assert gates.found["group_gaps"] == (
        "the largest of 3 clear among 6 gaps: 31 in 100 fewer missed than of everyone else (sen: EHC plan); "
        "95% interval -0.40 to -0.20"
    )
    assert gates.state["group_gaps"] == "failed"


def test_groups_that_are_all_too_few_cannot_be_judged() -> None:
    table = _groups(("sex", "F", "too few to say", *NO_GAP, *NO_GAP))
    assert _judged(tables=_with("groups", table)).state["group_gaps"] == "cannot be judged"


def test_one_stale_or_absent_return_fails_and_is_named() -> None:
    stale = [
        *FRESH,
        ("SSDA903 return", "2025-03-31", True, 579),
        ("alternative provision census", None, True, None),
    ]
    gates = _judged(sources=stale)
    assert gates.state["data_freshness"] == "failed"
    assert gates.found["data_freshness"] == (
        "SSDA903 return to 31 March 2025, 579 days before; no alternative provision census is held"
    )
    assert "School Census to 1 October 2026" in _judged().found["data_freshness"]


def test_counts_in_the_words_are_suppressed_and_rounded_while_exact_numbers_decide() -> None:
    small = _measures(("precision_at_capacity", 7 / 150, 0.01, 0.09, 7, 150))
    rows = (("last_year_unauthorised", "rule", 7, 4, 3, 1, 5),)
    gates = _judged(tables={"measures": small, "uplift": _uplift(*rows), "groups": _groups(*EVEN)})
    assert gates.found["precision_at_capacity"] == "too few rightly listed to print"
    assert "which found fewer than 10" in gates.found["beats_best_rule"]
    assert _judged().found["precision_at_capacity"] == "0.67 (about 100 of 150); 95% interval 0.58 to 0.72"
    exact = _judged(policy=DisclosurePolicy(suppress_below=0, round_to=1)).found["precision_at_capacity"]
    assert exact == "0.65 (98 of 150); 95% interval 0.58 to 0.72"


def test_the_words_may_stand_on_a_list() -> None:
    import re

    for gates in (_judged(), _judged(tables={}, median_inclusion=None, sources=[])):
        said = " ".join(gates[["words", "bar", "found"]].to_numpy().ravel()).lower()
        assert not [word for word in BANNED_WORDS if re.search(rf"\b{re.escape(word)}\b", said)]


def test_the_bars_of_the_settings_are_the_bars_of_the_gates() -> None:
    assert GateBars(**GateSettings().model_dump()) == GateBars()
