"""Made-up feature rows of every size, in blocks: the catalogue's columns with the skew of real returns, and an outcome.

Most pupils have no suspension (97%), no social care (nine in ten never), no placement (99.8%) and no unauthorised
session in most terms; rates are whole sessions over possible sessions that differ between schools; about 4% of pupils
have no earlier year. The outcome is met by about 5%. No real child is in them. A block depends on the seed and its own
number alone, so that any size can be made without holding it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from absence_risk.features.catalogue import FEATURES

Array = np.ndarray[Any, np.dtype[Any]]

BLOCK = 100_000
PUPILS_IN_A_SCHOOL = 400
FEATURE_YEAR = 2025
MISSING = np.nan


def blocks(rows: int, *, seed: int = 1, block: int = BLOCK) -> Iterator[dict[str, Array]]:
    """Columns of the features file, block by block, in the order of pupil_id.

    Yields
    ------
    dict of array
        ``pupil_id`` (bytes, 32 hexadecimal digits), ``school_id``, ``year_group``, ``first_seen``, every feature of
        the catalogue as float64 (NaN where not known), and ``outcome`` (0 or 1), which is no column of the file.
    """
    for start in range(0, rows, block):
        yield _block(np.random.default_rng([seed, start]), start, min(block, rows - start), rows)


def rows_and_outcomes(rows: int, *, seed: int = 1) -> tuple[dict[str, Array], Array]:
    """All rows at once: the columns without the outcome, and the outcome."""
    parts = list(blocks(rows, seed=seed))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return columns, columns.pop("outcome")


def write_features(path: Path, rows: int, *, seed: int = 1) -> Path:
    """A features file of so many rows: Parquet, zstd, row groups of one block; memory of one block alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for columns in blocks(rows, seed=seed):
        del columns["outcome"]
        table = pa.table({name: _arrow(name, values) for name, values in columns.items()})
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", version="2.6")
        writer.write_table(table, row_group_size=BLOCK)
    assert writer is not None, "one row or more"
    writer.close()
    return path


def _arrow(name: str, values: Array) -> Any:
    import pyarrow as pa

    if name in ("pupil_id", "school_id"):
        width = values.dtype.itemsize
        places = pa.array(np.arange(len(values) + 1, dtype=np.int32) * width).buffers()[1]
        return pa.Array.from_buffers(pa.string(), len(values), [None, places, pa.py_buffer(values.tobytes())])
    return pa.array(values, from_pandas=True)  # NaN is written as NULL, as features are


def _block(rng: np.random.Generator, start: int, n: int, rows: int) -> dict[str, Array]:
    z = rng.normal(size=n)
    school = (start + rng.permutation(n)) // PUPILS_IN_A_SCHOOL
    level = np.random.default_rng(7).normal(0, 0.25, school.max() + 1)[school]
    new = rng.random(n) < 0.04
    found = {
        **_suspensions(rng, z, n),
        **_social_care(rng, z, n),
        **_placements(rng, z, n),
        **_meals_and_moves(rng, z, n),
        **_attendance(rng, z + level, new, n),
    }
    found["school_unauthorised_rate"] = 0.015 * np.exp(level) + rng.normal(0, 1e-4, n)
    head = {
        "pupil_id": _identifiers(rng, start, n, rows),
        "school_id": np.char.add(b"8", np.char.zfill((school % 1_000_000).astype("S6"), 6)).astype("S7"),
        "year_group": found["year_group"].astype(np.int64),
        "first_seen": np.where(new, FEATURE_YEAR, FEATURE_YEAR - 2).astype(np.int64),
    }
    features = {f.name: np.ascontiguousarray(found[f.name], dtype=np.float64) for f in FEATURES}
    # The year group is a feature too: it stands once, in its place at the head, as a whole number.
    return {**head, **features, **head, "outcome": _outcome(rng, z + level, features)}


def _identifiers(rng: np.random.Generator, start: int, n: int, rows: int) -> Array:
    """Ascending, and random after the first eight digits, as keyed pseudonyms are."""
    raw = rng.integers(0, 256, size=(n, 16), dtype=np.uint8)
    ascending = (np.arange(start, start + n) * (2**32 - 1) // rows).astype(">u4")
    raw[:, :4] = ascending.view(np.uint8).reshape(n, 4)
    return np.frombuffer(raw.tobytes().hex().encode("ascii"), dtype="S32")


def _rare(rng: np.random.Generator, z: Array, share: float, pull: float = 0.9) -> Array:
    """1 for about ``share`` of rows, likelier where ``z`` is high."""
    return (rng.random(len(z)) < share * np.exp(pull * z - pull * pull / 2)).astype(np.float64)


def _suspensions(rng: np.random.Generator, z: Array, n: int) -> dict[str, Array]:
    now, before = (_rare(rng, z, share) * (1 + rng.poisson(0.7, n)) for share in (0.03, 0.04))
    since = np.where(
        now > 0, rng.integers(30, 425, n), np.where(before > 0, rng.integers(425, 1096, n), MISSING)
    )
    return {
        "suspensions_this_year": now,
        "suspensions_earlier_years": before,
        "suspension_sessions_this_year": now * rng.integers(2, 7, n),
        "days_since_suspension": since,
        "permanent_exclusions": _rare(rng, z, 0.0005),
    }


def _social_care(rng: np.random.Generator, z: Array, n: int) -> dict[str, Array]:
    found = {}
    for kind, current, ever in (
        ("cin", 0.014, 0.07),
        ("cp_plan", 0.004, 0.02),
        ("looked_after", 0.004, 0.01),
    ):
        now, previous = _rare(rng, z, current), _rare(rng, z, ever)
        found[f"{kind}_current"], found[f"{kind}_previous"] = now, previous
        found[f"{kind}_spells"] = now + previous * (1 + rng.poisson(0.3, n))
        found[f"{kind}_days_since_end"] = np.where(previous > 0, rng.integers(1, 1096, n), MISSING)
    return found


def _placements(rng: np.random.Generator, z: Array, n: int) -> dict[str, Array]:
    arranged, funded, earlier = (_rare(rng, z, share) for share in (0.002, 0.0015, 0.003))
    return {
        "ap_school_current": _rare(rng, z, 0.0015),
        "school_arranged_ap_current": arranged,
        "la_funded_ap_current": funded,
        "ap_previous": earlier,
        "ap_days_this_year": np.maximum(arranged, funded) * rng.integers(10, 366, n),
        "ap_days_since_end": np.where(earlier > 0, rng.integers(1, 1096, n), MISSING),
    }


def _meals_and_moves(rng: np.random.Generator, z: Array, n: int) -> dict[str, Array]:
    group = rng.integers(1, 12, n)
    now = _rare(rng, z, 0.24, 0.5)
    ever = np.maximum(now, _rare(rng, z, 0.1, 0.5))
    moved = _rare(rng, z, 0.03, 0.5)
    days = np.minimum(6, group + 1) * 365
    return {
        "fsm_now": now,
        "fsm_ever_six": ever,
        "fsm_share_of_time": ever * rng.integers(1, days + 1) / days,
        "year_group": group.astype(np.float64),
        "school_moves_this_year": moved,
        "school_moves_three_years": moved + _rare(rng, z, 0.05, 0.5),
    }


def _year(rng: np.random.Generator, level: Array, possible: Array) -> dict[str, Array]:
    """Sessions of one year by term and by code: most pupils have none unauthorised, a few have very many."""
    n = len(level)
    terms = np.stack([possible * 4 // 11, possible * 3 // 11], axis=1)
    terms = np.column_stack([terms, possible - terms.sum(axis=1)])
    expected = 0.011 * np.exp(1.15 * level) * rng.gamma(0.55, 1 / 0.55, n)
    missed = np.minimum(rng.poisson(expected[:, None] * terms), terms)
    total = missed.sum(axis=1)
    other = rng.binomial(total, 0.62)
    holiday = rng.binomial(total - other, 0.5)
    none_given = rng.binomial(total - other - holiday, 0.4)
    ill = np.minimum(rng.negative_binomial(1.1, 1.1 / (1.1 + 0.035 * possible)), possible - total)
    authorised = np.minimum(
        rng.negative_binomial(0.6, 0.6 / (0.6 + 0.012 * possible)), possible - total - ill
    )
    return {
        "terms": terms, "missed": missed, "possible": possible, "unauthorised": total, "O": other, "G": holiday,
        "N": none_given, "U": total - other - holiday - none_given, "ill": ill, "authorised": authorised,
        "L": rng.negative_binomial(0.4, 0.4 / (0.4 + 0.01 * possible)),
    }  # fmt: skip


def _attendance(rng: np.random.Generator, level: Array, new: Array, n: int) -> dict[str, Array]:
    days = 376 + 2 * rng.integers(0, 5, n)
    now = _year(rng, level, np.where(new, rng.integers(40, 330, n), days))
    before = _year(rng, level + rng.normal(0, 0.4, n), days)
    rate = now["missed"] / now["terms"]
    all_now = now["unauthorised"] + now["ill"] + now["authorised"]
    all_before = before["unauthorised"] + before["ill"] + before["authorised"]
    found = {
        **{
            f"unauthorised_rate_{term}": rate[:, place]
            for place, term in enumerate(("autumn", "spring", "summer"))
        },
        "unauthorised_trend": rate[:, 2] - rate[:, 0],
        "sessions_possible": now["possible"],
        "sessions_unauthorised": now["unauthorised"],
        "sessions_late_after_close": now["U"],
        "sessions_illness": now["ill"],
        "sessions_absent": all_now,
    }
    shares = {
        "unauthorised_rate": now["unauthorised"], "other_unauthorised_rate": now["O"], "holiday_rate": now["G"],
        "no_reason_rate": now["N"], "late_after_close_rate": now["U"], "late_before_close_rate": np.minimum(now["L"], 30),
        "illness_rate": now["ill"], "other_authorised_rate": now["authorised"],
    }  # fmt: skip
    found |= {name: sessions / now["possible"] for name, sessions in shares.items()}
    earlier = {
        "unauthorised_rate_previous_year": before["unauthorised"] / days,
        "unauthorised_rate_earlier_years": (
            before["unauthorised"] + rng.poisson(before["unauthorised"] + 0.3)
        )
        / (3 * days),
        "absence_rate_previous_year": all_before / days,
        "sessions_possible_previous_year": days,
        "sessions_unauthorised_previous_year": before["unauthorised"],
    }
    return found | {name: np.where(new, MISSING, values) for name, values in earlier.items()}


def _outcome(rng: np.random.Generator, level: Array, features: dict[str, Array]) -> Array:
    """Met by about 5%: by the child's own level, attendance so far, and a few facts that matter together."""
    log_odds = (
        -6.2
        + 0.9 * level
        + 14 * np.sqrt(features["unauthorised_rate"])
        + 0.5 * features["cin_current"]
        + 0.4 * (features["suspensions_this_year"] > 0)
        + 0.6 * features["fsm_now"] * (features["year_group"] >= 8)
    )
    return (rng.random(len(level)) < 1 / (1 + np.exp(-log_odds))).astype(np.int64)
