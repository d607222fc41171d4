"""A small made-up store, and a model fitted on it, for tests of scoring and of the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from absence_risk.cohort import Cohort, select_cohort
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.features.build import collect_features
from absence_risk.features.catalogue import Family, model_features
from absence_risk.features.data_flags import sources_known
from absence_risk.models.bands import fit_bands
from absence_risk.models.boosting import TreeShape, fit_boosting
from absence_risk.models.bundle import Bundle
from absence_risk.models.calibration import LinearCalibration
from absence_risk.models.contract import learn_ranges
from absence_risk.models.met_in_training import YearMet, learn_training, year_met
from absence_risk.store import Store, create_store, lookup_path

AS_OF = date(2026, 10, 31)
PUPILS = 300
SCHOOLS = ("8504001", "8504002", "8504003")
NAMES = ("Hill Top School", "Brook Lane School", None)
CENSUSES = (
    (2025, "autumn", "2025-10-02"),
    (2025, "spring", "2026-01-15"),
    (2025, "summer", "2026-05-21"),
    (2026, "autumn", "2026-10-01"),
)
#: Term, possible sessions, and how much later than 1 January of the year's start it is known.
TERMS = (
    ("autumn", 140, "{y1}-01-15"),
    ("spring", 110, "{y1}-05-21"),
    ("summer_1", 100, "{y1}-10-01"),
    ("summer_2", 30, "{y1}-10-01"),
)


def pupil(number: int) -> str:
    return sha256(f"pupil {number}".encode()).hexdigest()[:32]


def made_up_upn(number: int) -> str:
    return f"Z{number:012d}"


def _insert(con: Any, table: str, rows: Sequence[Sequence[Any]]) -> None:
    frame = pd.DataFrame(list(rows), dtype=object)
    con.register("rows_to_insert", frame)
    con.execute(f"INSERT INTO {table} SELECT * FROM rows_to_insert")
    con.unregister("rows_to_insert")


def _pupil_rows(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    years = rng.integers(2, 11, PUPILS)
    rows = []
    for n in range(PUPILS):
        for academic_year, term, day in CENSUSES:
            if n >= PUPILS - 5 and academic_year == 2025:
                continue  # the last five come in autumn 2026
            if n < 4 and academic_year == 2026:
                continue  # the first four left before
            group = int(years[n]) + (academic_year - 2025)
            rows.append(
                (pupil(n), SCHOOLS[n % 3], academic_year, term, True, group, "C", "N", None, None, day, None)
            )
    return rows


def _attendance(rng: np.random.Generator) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    terms, codes = [], []
    level = rng.gamma(0.6, 0.09, PUPILS).clip(0, 0.5)
    level[10], level[11] = 0.62, 0.55
    for n in range(PUPILS - 5):
        for year in (2024, 2025):
            for term, possible, known in TERMS:
                day = known.format(y1=year + 1)
                key = (pupil(n), SCHOOLS[n % 3], year, term)
                terms.append((*key, possible, None, None, True, False, day, None))
                shares = (("O", level[n]), ("U", level[n] / 5), ("I", 0.04))
                for code, share in shares:
                    sessions = round(possible * share)
                    if sessions:
                        codes.append((*key, code, sessions, day, None))
    return terms, codes


def _events(rng: np.random.Generator) -> dict[str, list[tuple[Any, ...]]]:
    suspended = [n for n in range(PUPILS - 5) if rng.random() < 0.12]
    return {
        "suspensions": [
            (pupil(n), SCHOOLS[n % 3], "2026-03-10", "SUSP", 4, "2026-10-01", None) for n in suspended
        ],
        "social_care": [
            (pupil(10), "cin", "2025-06-01", None, "2026-03-31", None),
            (pupil(10), "cp_plan", "2024-02-01", "2025-03-05", "2025-03-31", None),
            *((pupil(n), "cin", "2024-01-10", "2025-01-20", "2025-03-31", None) for n in range(20, 40)),
            (pupil(11), "looked_after", "2026-02-01", None, "2026-03-31", None),
        ],
        "alternative_provision": [
            (pupil(12), "la_funded", None, "PT", 5, "2025-09-10", None, "2026-01-15", None)
        ],
        "fsm": [(pupil(n), "2023-09-01", None, "2025-10-02", None) for n in range(0, PUPILS, 4)],
    }


def _return_rows() -> list[tuple[Any, ...]]:
    census = [
        ("school_census", int(day[:4]), term, day, f"{year}-09-01", day, 3, 1, day)
        for year in (2023, 2024, 2025, 2026)
        for term, day in (
            ("autumn", f"{year}-10-02"),
            ("spring", f"{year + 1}-01-15"),
            ("summer", f"{year + 1}-05-21"),
        )
        if day <= "2026-10-02"
    ]
    yearly = [
        (kind, year, None, f"{year}-03-31", f"{year - 1}-04-01", f"{year}-03-31", None, 1, f"{year}-03-31")
        for kind in ("cin_census", "ssda903")
        for year in (2024, 2025, 2026)
    ]
    return [
        *census,
        *yearly,
        ("ap_census", 2025, None, "2025-01-16", "2024-01-17", "2025-01-16", None, 1, "2025-01-16"),
    ]


def write_store(path: Path, names: Sequence[str | None] = NAMES) -> Store:
    """The store and its lookup; the same content each time but for the schools' names."""
    rng = np.random.default_rng(7)
    terms, codes = _attendance(rng)
    with create_store(path, {"key_id": "k"}) as con:
        _insert(con, "pupils", _pupil_rows(rng))
        _insert(
            con,
            "schools",
            [
                (s, None, name, None, False, "2025-10-02", None)
                for s, name in zip(SCHOOLS, names, strict=True)
            ],
        )
        _insert(
            con,
            "enrolments",
            [
                (pupil(n), SCHOOLS[n % 3], "C", "2022-09-01", None, "2023-10-02", None)
                for n in range(PUPILS - 5)
            ],
        )
        _insert(con, "attendance_terms", terms)
        _insert(con, "attendance", codes)
        for table, rows in _events(rng).items():
            _insert(con, table, rows)
        _insert(con, "returns", _return_rows())
    lookup = pd.DataFrame(
        {"pupil_id": [pupil(n) for n in range(PUPILS)], "upn": [made_up_upn(n) for n in range(PUPILS)]}
    )
    lookup.to_parquet(lookup_path(path), index=False)
    return Store(path)


def _year(store: Store, cohort: Cohort) -> YearMet:
    """The year itself, as if it were one that the model was made from."""
    seen, eligible = cohort.counts["seen"], cohort.counts["eligible"]
    sources = sources_known(store.tables(), AS_OF)
    return year_met(
        "2024/25", seen=seen, eligible=eligible, schools=len(SCHOOLS), sources=sources, as_of=AS_OF
    )


def fit_bundle(store: Store, families: tuple[Family, ...] = tuple(Family), **changed: Any) -> Bundle:
    """A real boosted model of this store's own pupils; its outcomes are drawn, so it means nothing."""
    features = model_features(families)
    cohort = select_cohort(store.tables(), AS_OF)
    X = collect_features(store.tables(), cohort.frame, AS_OF)
    rate = X["unauthorised_rate"].fillna(0.0).to_numpy()
    y = (np.random.default_rng(3).random(len(X)) < np.clip(0.05 + 2.5 * rate, 0, 0.9)).astype(int)
    names = [f.name for f in features]
    model = fit_boosting(X[names], y, features, TreeShape(trees=40, smallest_leaf=20))
    calibration = LinearCalibration(intercept=-0.1, slope=0.9)
    risk = calibration.risk(model.margin(X[names].to_numpy()))
    parts: dict[str, Any] = {
        "name": "small",
        "model": model,
        "features": features,
        "outcome": OUTCOMES["unauthorised"].definition(),
        "years": {"trained": ["2022/23"], "calibrated": "2023/24", "tested": "2024/25"},
        "as_of": (10, 31),
        "capacity": 20,
        "calibration": calibration,
        "bands": fit_bands(
            risk, np.tile(risk, 5), np.tile(y, 5)
        ),  # enough pupils in each band to say how many
        "ranges": learn_ranges(X, features),
        "training": learn_training(
            X, cohort.frame["school_id"].to_numpy(), np.full(len(X), 2024), [_year(store, cohort)]
        ),
        "measures": {
            "model": {"found_at_capacity": 11.0},
            "last_year_unauthorised": {"found_at_capacity": 9.0},
        },
    }
    return Bundle(**{**parts, **changed})


@dataclass(frozen=True)
class Authority:
    """The store (open) and a model of it."""

    store: Store
    bundle: Bundle
