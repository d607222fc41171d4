"""Made-up pupils of one test year, and the rows that they give each table of a backtest.

Pupils are drawn, so that sums balance and rates lie where their counts put them. Intervals are only put around the
values: nothing here says how an interval is worked out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

CAPACITY = 150
YEARS = ("2023/24", "2024/25")
FINAL = YEARS[-1]
Row = dict[str, Any]
Array = np.ndarray[Any, np.dtype[Any]]

#: Short name, words, kind, and how much noise stands between the score and what will happen.
RIVALS = (
    ("boosting", "boosted trees on the families of records", "model", 0.55),
    ("logistic", "logistic regression on the same families", "model", 0.6),
    ("boosting_with_attendance", "boosted trees, attendance too", "model", 0.45),
    ("random", "places drawn by lot", "rule", 1e6),
    ("last_year_unauthorised", "share of sessions missed without authorisation in the feature year", "rule", 1.3),
    ("persistent_last_year", "persistently absent in the feature year, yes or no", "rule", 2.4),
    ("persistent_by_days", "persistently absent in the feature year, most days missed first", "rule", 1.8),
    ("four_factors", "how many of the four factors apply, in the DfE study's order", "rule", 2.2),
    ("roni_points", "points in the manner of the Risk of NEET Indicator", "rule", 2.0),
    ("school_rate", "unauthorised absence of the school's other pupils", "rule", 4.0),
)  # fmt: skip

_LEVELS = {
    "sex": (("F", "M", "not recorded"), (0.488, 0.511, 0.001)),
    "ethnicity": (("Asian", "Black", "Chinese or any other", "Mixed", "White", "not recorded"),
                  (0.12, 0.06, 0.02, 0.07, 0.715, 0.015)),
    "sen": (("EHC plan", "SEN support", "none"), (0.045, 0.135, 0.82)),
    "free school meals": (("eligible", "not eligible"), (0.25, 0.75)),
    "social care": (("child in need", "child protection plan", "looked after", "none"), (0.03, 0.006, 0.006, 0.958)),
    "phase of schooling": (("Years 1-6", "Years 7-9", "Years 10-11"), (0.6, 0.3, 0.1)),
    "school type": (("primary", "secondary", "special"), (0.6, 0.38, 0.02)),
}  # fmt: skip


@dataclass(frozen=True)
class Year:
    """The pupils of one test year."""

    name: str
    y: Array
    risk: Array
    scores: dict[str, Array]
    groups: dict[str, Array]
    views: dict[str, Array]
    descriptions: dict[str, Array]


def _listed(score: Array, k: int) -> Array:
    listed = np.zeros(len(score))
    listed[np.argsort(-score, kind="stable")[:k]] = 1.0
    return listed


@cache
def year_of(name: str, pupils: int = 6000) -> Year:
    rng = np.random.default_rng(int(name[:4]))
    groups = {
        attribute: rng.choice(np.array(levels, dtype=object), pupils, p=shares)
        for attribute, (levels, shares) in _LEVELS.items()
    }
    eta = -3.9 + 1.9 * rng.normal(size=pupils)
    eta += 0.8 * (groups["free school meals"] == "eligible") + 1.4 * (groups["social care"] != "none")
    risk = 1 / (1 + np.exp(-eta))
    y = (rng.random(pupils) < risk).astype(int)
    scores = {who: eta + noise * rng.normal(size=pupils) for who, _, _, noise in RIVALS}
    persistent = rng.random(pupils) < np.clip(risk + 0.1, 0, 1)
    views = {
        "persistently absent in the feature year": np.where(persistent, "yes", "no").astype(object),
        "pupil seen in training": np.where(rng.random(pupils) < 0.8, "yes", "no").astype(object),
        "school seen in training": np.where(rng.random(pupils) < 0.97, "yes", "no").astype(object),
    }
    suspended = rng.poisson(0.1 + risk)
    descriptions = {
        "persistently absent in the feature year": views["persistently absent in the feature year"],
        "suspensions in the feature year": np.select(
            [suspended >= 2, suspended == 1], ["2 or more", "1"], "none"
        ).astype(object),
        "social care": groups["social care"],
        "free school meals": groups["free school meals"],
    }
    return Year(name, y, risk, scores, groups, views, descriptions)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def around(value: float, spread: float) -> tuple[float, float]:
    return value - 1.96 * spread, value + 1.96 * spread


def _share_ends(value: float, n: float) -> tuple[float, float]:
    if not n or np.isnan(value):
        return float("nan"), float("nan")
    low, high = around(value, 1.2 * float(np.sqrt(max(value * (1 - value), 0.25 / n) / n)))
    return max(0.0, low), min(1.0, high)


def _labels(year: str, name: str) -> Row:
    who, words, kind, _ = next(rival for rival in RIVALS if rival[0] == name)
    return {"year": year, "rival": who, "words": words, "kind": kind, "candidate": who == "boosting"}


def found_by(year: Year, name: str, k: int = CAPACITY) -> float:
    if name == "random":
        return k * float(year.y.mean())
    return float((_listed(year.scores[name], k) * year.y).sum())


def measure_rows(year: Year) -> list[Row]:
    rows = []
    for name, _, kind, _ in RIVALS:
        for measure, value, spread, part, of in _measured(year, name, kind):
            low, high = _share_ends(value, of) if not np.isnan(of) else around(value, spread)
            ends = {"low": low, "high": high, "part": part, "of": of}
            rows.append({**_labels(year.name, name), "measure": measure, "value": value, **ends})
    return rows


def _measured(year: Year, name: str, kind: str) -> list[tuple[str, float, float, float, float]]:
    nan, events = float("nan"), float(year.y.sum())
    rows = []
    for length, k in (("half_capacity", 75), ("capacity", 150), ("double_capacity", 300)):
        found = found_by(year, name, k)
        rows.append((f"precision_at_{length}", found / k, 0.0, found, float(k)))
        rows.append((f"recall_at_{length}", found / events, 0.0, found, events))
        rows.append((f"reviews_per_find_at_{length}", k / found, 0.1, nan, nan))
    found = found_by(year, name)
    rows.append(("found_at_capacity", found, 6.0, nan, nan))
    rows.append(("average_precision", 0.25 + 0.2 * found / 150, 0.02, nan, nan))
    rows.append(("roc_auc", 0.6 + 0.3 * found / 150, 0.01, nan, nan))
    persistent = year.views["persistently absent in the feature year"] == "yes"
    listed = _listed(year.scores[name], CAPACITY)
    new = float((listed * year.y * ~persistent).sum())
    right = float((listed * year.y).sum())
    rows.append(("newly_known_share", _share(new, right), 0.0, new, right))
    for view, held in (("onset", ~persistent), ("continuing", persistent)):
        part = float((listed * year.y * held).sum())
        for share, of in (
            ("precision", float((listed * held).sum())),
            ("recall", float((year.y * held).sum())),
        ):
            rows.append((f"{view}_{share}", _share(part, of), 0.0, part, of))
    if kind == "model":
        slope = {"boosting": 1.04, "logistic": 0.93}.get(name, 0.97)
        for measure, value, spread in (("calibration_in_the_large", 0.03, 0.04), ("calibration_intercept", 0.02, 0.05),
                                       ("calibration_slope", slope, 0.05), ("brier", 0.061, 0.002),
                                       ("brier_reliability", 0.0006, 0.0001), ("brier_resolution", 0.014, 0.001),
                                       ("brier_uncertainty", 0.074, 0.002)):  # fmt: skip
            rows.append((measure, value, spread, nan, nan))
    return rows


def uplift_rows(year: Year) -> list[Row]:
    rows, candidate = [], found_by(year, "boosting")
    for name, *_ in RIVALS[1:]:
        gap = candidate - found_by(year, name)
        low, high = around(gap, 5.0)
        found = {"k": CAPACITY, "candidate_found": candidate, "rival_found": found_by(year, name)}
        rows.append({**_labels(year.name, name), **found, "difference": gap, "low": low, "high": high})
    return rows


def length_rows(year: Year) -> list[Row]:
    events = int(year.y.sum())
    return [
        {**_labels(year.name, name), "k": k, "found": found, "events": events, "precision": found / k,
         "recall": found / events}
        for name, *_ in RIVALS
        for k in (18, 37, 75, 112, 150, 225, 300, 450, 600)
        for found in [found_by(year, name, k)]
    ]  # fmt: skip


def onset_rows(year: Year) -> list[Row]:
    """The same rivals on a list of 150 from pupils not persistently absent; a quarter of the finds."""
    rows = []
    for name, *_ in RIVALS:
        found = found_by(year, name) / 4
        low, high = _share_ends(found / CAPACITY, CAPACITY)
        counts = {"k": CAPACITY, "n": 5000, "found": found, "events": 200}
        rates = {"precision": found / CAPACITY, "precision_low": low, "precision_high": high,
                 "recall": found / 200, "recall_low": found / 250, "recall_high": found / 160}  # fmt: skip
        rows.append({**_labels(year.name, name), **counts, **rates})
    return rows


def calibration_rows(year: Year) -> list[Row]:
    rows = []
    for name, _, kind, _ in RIVALS:
        if kind != "model":
            continue
        order = np.argsort(year.scores[name], kind="stable")
        stated = np.sort(year.risk)
        for place, part in enumerate(np.array_split(order, 10), 1):
            probs = np.array_split(stated, 10)[place - 1]
            n, events = len(part), int(year.y[part].sum())
            low, high = _share_ends(events / n, n)
            rows.append({**_labels(year.name, name), "bin": place, "lowest": probs[0], "highest": probs[-1],
                         "mean_prob": probs.mean(), "n": n, "events": events, "observed": events / n,
                         "observed_low": low, "observed_high": high})  # fmt: skip
    return rows


def benefit_rows(year: Year) -> list[Row]:
    rows = []
    n, share = len(year.y), float(year.y.mean())
    everyone = {"year": year.name, "kind": "rule", "candidate": False}
    for threshold in (round(0.02 * step, 2) for step in range(1, 31)):
        odds = threshold / (1 - threshold)
        named = {
            "everyone": ({**everyone, "rival": "everyone", "words": "an offer to all"}, share - (1 - share) * odds),
            "no_one": ({**everyone, "rival": "no_one", "words": "an offer to no one"}, 0.0),
        }  # fmt: skip
        for name, _, kind, noise in RIVALS:
            chance = 1 / (1 + np.exp(-year.scores[name] / np.hypot(1, noise)))
            listed = (chance >= threshold) if kind == "model" else _listed(year.scores[name], CAPACITY) > 0
            right = float((listed * year.y).sum())
            named[name] = (_labels(year.name, name), (right - (listed.sum() - right) * odds) / n)
        for labels, value in named.values():
            low, high = around(value, 0.001)
            ends = {"net_benefit": value, "net_benefit_low": low, "net_benefit_high": high}
            rows.append({**labels, "threshold": threshold, **ends})
    return rows


def group_rows(year: Year, groups: dict[str, Array]) -> list[Row]:
    everyone = np.full(len(year.y), "overall", dtype=object)
    rows = []
    for attribute, values in {"overall": everyone, **groups}.items():
        for group in sorted(set(values)):
            held = values == group
            rows.append({"year": year.name, "attribute": attribute, "group": group, **_group(year, held)})
    return rows


_GROUP_RATES = (("selection_rate", "listed", "n"), ("precision", "found", "listed"), ("miss_rate", "missed", "events"),
                ("false_listing_rate", "listed_wrongly", "non_events"))  # fmt: skip


def _counts(year: Year, held: Array) -> dict[str, float]:
    listed = _listed(year.scores["boosting"], CAPACITY) * held
    events, found = float((year.y * held).sum()), float((listed * year.y).sum())
    n = float(held.sum())
    return {"n": n, "events": events, "listed": float(listed.sum()), "found": found, "missed": events - found,
            "listed_wrongly": float(listed.sum()) - found, "non_events": n - events}  # fmt: skip


def _group(year: Year, held: Array) -> Row:
    counts, others = _counts(year, held), _counts(year, ~held)
    row: Row = {**counts}
    for rate, part, of in _GROUP_RATES:
        value = _share(counts[part], counts[of])
        gap = value - _share(others[part], others[of])
        row[rate], row[f"{rate}_gap"] = value, gap
        row[f"{rate}_low"], row[f"{rate}_high"] = _share_ends(value, counts[of])
        spread = 0.6 / np.sqrt(counts[of]) if counts[of] else float("nan")
        row[f"{rate}_gap_low"], row[f"{rate}_gap_high"] = around(gap, spread)
    calibration = counts["events"] / max(counts["n"], 1) - float(year.risk[held].mean())
    low, high = around(calibration, 0.3 / np.sqrt(max(counts["n"], 1)))
    for name in ("calibration_gap", "calibration_gap_gap"):
        row |= {name: calibration, f"{name}_low": low, f"{name}_high": high}
    row["state"] = "enough" if counts["events"] >= 20 and counts["n"] >= 20 else "too few to say"
    return row


def pairs(year: Year) -> dict[str, Array]:
    return {
        f"{one} and {other}": np.array(
            [f"{a}, {b}" for a, b in zip(year.groups[one], year.groups[other], strict=True)], dtype=object
        )
        for one, other in combinations(("sex", "sen", "free school meals"), 2)
    }


def missed_rows(year: Year) -> list[Row]:
    rows = []
    for description, levels in year.descriptions.items():
        for level in sorted(set(levels)):
            counts = _counts(year, levels == level)
            row = {name: counts[name] for name in ("events", "found", "missed")}
            rate = _share(counts["missed"], counts["events"])
            rows.append(
                {"year": year.name, "description": description, "level": level, **row, "miss_rate": rate}
            )
    return rows
