"""A made-up ``Evidence`` with every declared table: two test years, ten rivals, plausible numbers, a fixed seed.

The rows of each test year come from made-up pupils (``made_year``); the tables about refits, factors and gates are
written out here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from made_shape import made_shape
from made_year import (
    CAPACITY,
    FINAL,
    YEARS,
    Row,
    around,
    benefit_rows,
    calibration_rows,
    found_by,
    group_rows,
    length_rows,
    measure_rows,
    missed_rows,
    onset_rows,
    pairs,
    uplift_rows,
    year_of,
)

from absence_risk.domain.outcome import OUTCOMES
from absence_risk.evidence.result import Evidence
from absence_risk.evidence.tables import EVIDENCE_TABLES

ROUNDS = 200


def _years() -> list[Row]:
    rows = []
    for name, role in (("2019/20", "left out"), ("2020/21", "left out"), ("2021/22", "trains or calibrates only"),
                       ("2022/23", "trains or calibrates only"), *((year, "tested") for year in YEARS)):  # fmt: skip
        tested = role == "tested"
        known = year_of(name) if tested else None
        trained = {"2023/24": "2021/22", "2024/25": "2021/22, 2022/23"}.get(name, "")
        rows.append({
            "year": name, "role": role, "trained": trained,
            "calibrated": {"2023/24": "2022/23", "2024/25": "2023/24"}.get(name, ""),
            "why": "schools were closed to most pupils in part of the year" if role == "left out" else "",
            "final": name == FINAL, "n": len(known.y) if known else 0 if role == "left out" else 5900,
            "events": int(known.y.sum()) if known else 0 if role == "left out" else 480,
            "schools": 0 if role == "left out" else 21,
        })  # fmt: skip
    return rows


def _flow() -> list[Row]:
    out = {"year_11_in_feature_year": 540, "past_compulsory_age": 12, "not_on_roll": 3, "below_year_1": 420,
           "year_group_not_recorded": 0, "excluded": 4}  # fmt: skip
    unknown = {"left_during_year": 210, "too_few_sessions": 34}
    rows = []
    for year in YEARS:
        used = len(year_of(year).y)
        eligible = used + sum(unknown.values())
        seen = eligible + sum(out.values())
        steps = {"seen": seen, **out, "eligible": eligible, **unknown, "used": used,
                 "outcome_met": int(year_of(year).y.sum()), "on_the_line": 7}  # fmt: skip
        rows += [{"year": year, "step": step.replace("_", " "), "n": n} for step, n in steps.items()]
    return rows


def _stability() -> tuple[list[Row], list[Row]]:
    rng = np.random.default_rng(30)
    stays = rng.normal(0.84, 0.02, 30).round(3)
    refits = [
        {"refit": number, "share_that_stays": share, "jaccard": share / (2 - share), "found": 95 + number % 5}
        for number, share in enumerate(stays, 1)
    ]
    bands = [(f"{low / 10:.1f} to {(low + 1) / 10:.1f}", low) for low in range(10)]
    listed = {9: 78, 8: 30, 7: 17, 6: 12, 5: 8, 4: 5}
    others = {0: 210, 1: 46, 2: 25, 3: 14, 4: 9, 5: 3, 6: 1}
    return refits, [
        {"inclusion": words, "listed": listed.get(low, 0), "not_listed": others.get(low, 0)}
        for words, low in bands
    ]


_FACTORS = (
    ("suspensions", "suspensions this year",
     (("0", 11400, 700, 0.0), ("1", 380, 92, 1.1), ("2 or more", 210, 83, 1.6))),
    ("social_care", "child in need", (("never", 11100, 690, 0.0), ("before", 560, 105, 1.0), ("now", 332, 78, 1.2),
                                      ("not recorded", 8, 2, float("nan")))),
    ("social_care", "looked after", (("never", 11880, 868, 0.0), ("ever", 120, 17, -0.2))),
    ("alternative_provision", "alternative provision", (("never", 11890, 840, 0.0), ("now or before", 110, 35, 0.9))),
    ("free_school_meals", "free school meals", (("not eligible", 9000, 470, 0.0), ("eligible", 3000, 405, 0.9))),
)  # fmt: skip


def _odds_ratios() -> list[Row]:
    rows = []
    for family, factor, levels in _FACTORS:
        for place, (level, n, events, size) in enumerate(levels):
            state = "reference" if place == 0 else "too few to say" if np.isnan(size) else "enough"
            row: Row = {
                "family": family,
                "factor": factor,
                "level": level,
                "n": n,
                "events": events,
                "state": state,
            }
            for name, log_ratio in (("unadjusted", 1.3 * size), ("adjusted", size)):
                spread = 1.96 * np.sqrt(1 / max(events, 1)) if place else 0.0
                ends = np.exp([log_ratio, log_ratio - spread, log_ratio + spread])
                row |= dict(zip((name, f"{name}_low", f"{name}_high"), map(float, ends), strict=True))
            rows.append(row)
    return rows


def _ranking() -> list[Row]:
    rows = []
    for family, dfe, size, loss, ratio, places in (
        ("suspensions", 1, 0.21, 9.0, 3.9, (2, 2, 1)),
        ("social_care", 2, 0.33, 14.0, 3.1, (1, 1, 2)),
        ("alternative_provision", 3, 0.04, 1.0, 2.4, (4, 4, 4)),
        ("free_school_meals", 4, 0.17, 6.0, 2.5, (3, 3, 3)),
    ):
        row: Row = {"family": family, "dfe_rank": dfe}
        for name, value, spread in (
            ("mean_shap", size, 0.01),
            ("loss", loss, 4.0),
            ("odds_ratio", ratio, 0.4),
        ):
            low, high = around(value, spread)
            row |= {name: value, f"{name}_low": low, f"{name}_high": high}
        for name, place, swing in zip(("mean_shap", "loss", "odds_ratio"), places, (0, 1, 1), strict=True):
            row[f"{name}_rank"] = place
            row[f"{name}_rank_low"], row[f"{name}_rank_high"] = max(1, place - swing), min(4, place + swing)
        rows.append(row)
    return rows


def _necessity() -> list[Row]:
    found = found_by(year_of(FINAL), "boosting")
    rows = []
    for family, data_sets, loss in (
        ("suspensions", "School Census", 9.0),
        ("social_care", "CIN census and SSDA903", 14.0),
        ("alternative_provision", "School Census and AP census", 1.0),
        ("free_school_meals", "School Census", 6.0),
        ("context", "School Census", 7.0),
    ):
        low, high = around(loss, 3.0)
        without = {"found_with": found, "found_without": found - loss}
        lost = {"loss": loss, "loss_low": low, "loss_high": high, "average_precision_loss": loss / 500,
                "average_precision_loss_low": low / 500, "average_precision_loss_high": high / 500}  # fmt: skip
        rows.append({"family": family, "data_sets": data_sets, **without, **lost})
    return rows


def _gates() -> list[Row]:
    final = year_of(FINAL)
    found = found_by(final, "boosting")
    gap = found - found_by(final, "last_year_unauthorised")
    texts = (
        ("beats_best_rule", "Does it find more pupils than the best simple rule, for the same places?",
         "lower end of the 95% interval above 0",
         f"{gap:.0f} more, 95% interval {gap - 9.8:.0f} to {gap + 9.8:.0f}", True),
        ("precision_at_capacity", "Are enough of the listed pupils rightly listed?", "0.65 or more",
         f"{found / CAPACITY:.2f}", found / CAPACITY >= 0.65),
        ("calibration_slope", "Are its stated chances neither too bold nor too timid?", "0.8 to 1.2", "1.04", True),
        ("calibration_in_the_large", "Do its stated chances agree with what came, all pupils together?",
         "interval covers 0", "0.03, 95% interval -0.05 to 0.11", True),
        ("median_inclusion_share", "Would most listed pupils still be listed, had it been trained on other draws?",
         "0.80 or more", "0.77", False),
        ("group_gaps", "Is no group missed, or listed wrongly, far more often than everyone else?",
         "no clear gap above 0.20", "8 in 100 more missed than of everyone else (social care: none)", True),
        ("data_freshness", "Do the records reach as far as they should?", "no return out of date",
         "no AP census is held", None),
    )  # fmt: skip
    states = {True: "passed", False: "failed", None: "cannot be judged"}
    names = ("gate", "words", "bar", "found")
    return [{**dict(zip(names, text, strict=True)), "state": states[passed]} for *text, passed in texts]


def _tables() -> dict[str, pd.DataFrame]:
    years = [year_of(name) for name in YEARS]
    refits, inclusion = _stability()
    rows = {
        "years": _years(),
        "flow": _flow(),
        "measures": [row for year in years for row in measure_rows(year)],
        "uplift": [row for year in years for row in uplift_rows(year)],
        "list_lengths": [row for year in years for row in length_rows(year)],
        "onset_list": [row for year in years for row in onset_rows(year)],
        "calibration": [row for year in years for row in calibration_rows(year)],
        "net_benefit": [row for year in years for row in benefit_rows(year)],
        "groups": [row for year in years for row in group_rows(year, {**year.groups, **pairs(year)})],
        "views": [row for year in years for row in group_rows(year, year.views)],
        "missed": [row for year in years for row in missed_rows(year)],
        "model_shape": [
            {"year": year, **choice}
            for year, measured_on in zip(YEARS, ("2022/23", "2023/24"), strict=True)
            for choice in made_shape(measured_on, k=CAPACITY)["choices"]
        ],
        "stability": refits,
        "inclusion": inclusion,
        "odds_ratios": _odds_ratios(),
        "family_ranking": _ranking(),
        "necessity": _necessity(),
        "gates": _gates(),
    }
    return {name: table.frame(rows[name]) for name, table in EVIDENCE_TABLES.items()}


def _draws(measures: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    kept = measures[measures["measure"].isin(["found_at_capacity", "precision_at_capacity", "average_precision",
                                              "roc_auc"])]  # fmt: skip
    return pd.DataFrame(
        {
            f"{row.year}|{row.rival}|{row.measure}": row.value
            + rng.normal(0, (row.high - row.low) / 3.92, ROUNDS)
            for row in kept.itertuples()
        }
    )


@cache
def made_evidence() -> Evidence:
    """The evidence; frames are shared between tests and may not be changed in place."""
    tables = _tables()
    about = {
        "name": "four_factors", "model": "boosting", "leaves": 4, "outcome": OUTCOMES["unauthorised"].definition(),
        "families": ["suspensions", "social_care", "alternative_provision", "free_school_meals", "context"],
        "capacity": CAPACITY, "as_of": {"month": 10, "day": 31}, "final_year": FINAL,
        "trained": ["2021/22", "2022/23"], "calibrated": "2023/24", "rule_in_use": "last_year_unauthorised",
        "candidate": "boosting", "rounds": 2000, "refits": 30, "level": 0.95, "seed": 1, "openings": 3,
        "opened_with": 2, "store_fingerprint": "a" * 64, "settings_sha256": "b" * 64, "bundle_sha256": "c" * 64,
        "made_up": True, "versions": {"absence-risk": "0.1.0", "lightgbm": "4.7.0"},
        "notes": ["Groups by language are not recorded in this store."],
    }  # fmt: skip
    return Evidence(about, tables, _draws(tables["measures"]))


def evidence_with(*, about: Row | None = None, **tables: pd.DataFrame) -> Evidence:
    """The same evidence with some facts or tables put in the place of others."""
    made = made_evidence()
    return replace(made, about={**made.about, **(about or {})}, tables={**made.tables, **tables})
