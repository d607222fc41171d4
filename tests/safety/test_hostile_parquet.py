"""Hostile Parquet in place of the lookup and of scores: refused in our words before a page is unpacked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from absence_risk.errors import AbsenceRiskError, InputError
from absence_risk.files import sha256_of, sidecar_manifest
from absence_risk.returns.lookup import upn_of_each_pupil
from absence_risk.scored_file import SCORES, read_scores
from absence_risk.store import lookup_path
from absence_risk.tables.outputs import SCORES_FORMAT

Counted = Callable[[str, int, int], None]


def _written(table: pa.Table, path: Path, **how: object) -> None:
    pq.write_table(table, path, **how)


def _bomb(path: Path) -> None:
    """A small file that says it holds more rows than there are pupils."""
    one = pa.repeat(pa.scalar("a"), 1_000_000)
    with pq.ParquetWriter(path, SOUND.schema, compression="zstd") as writer:
        for _ in range(2):
            writer.write_table(pa.table({"pupil_id": one, "upn": one}))


def _spoilt(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """A sound table whose bytes are then changed."""

    def make(path: Path) -> None:
        _written(SOUND, path)
        path.write_bytes(change(path.read_bytes()))

    return make


SOUND = pa.table({"pupil_id": ["a", "b"], "upn": ["X1", "X2"]})
#: What stands in place of the lookup of UPNs.
TABLES: dict[str, Callable[[Path], object]] = {
    "other columns": lambda path: _written(SOUND.rename_columns(["pupil_id", "upn "]), path),
    "a column more": lambda path: _written(SOUND.append_column("x", [[1, 2]]), path),
    "numbers for UPNs": lambda path: _written(pa.table({"pupil_id": ["a"], "upn": [1]}), path),
    "decimals": lambda path: _written(
        pa.table({"pupil_id": ["a"], "upn": pa.array([1], pa.decimal128(5, 2))}), path
    ),
    "times of the old kind": lambda path: _written(
        pa.table({"pupil_id": ["a"], "upn": pa.array([1], pa.timestamp("ns"))}),
        path,
        use_deprecated_int96_timestamps=True,
    ),
    "lists": lambda path: _written(pa.table({"pupil_id": ["a"], "upn": [["X1"]]}), path),
    "a pupil twice": lambda path: _written(pa.table({"pupil_id": ["a", "a"], "upn": ["X1", "X2"]}), path),
    "a pupil without a UPN": lambda path: _written(
        pa.table({"pupil_id": ["a", "b"], "upn": ["X1", None]}), path
    ),
    "more equal rows than pupils": _bomb,
    "a footer cut off": _spoilt(lambda data: data[:-8]),
    "a footer of nonsense": _spoilt(lambda data: data[:-40] + b"x" * 32 + data[-8:]),
    "pages of nonsense": _spoilt(lambda data: b"PAR1" + b"\xff" * 60 + data[64:]),
    "an encrypted footer": _spoilt(lambda data: b"PARE" + data[4:-4] + b"PARE"),
    "text": lambda path: path.write_text("pupil_id,upn\na,X1\n", encoding="utf-8"),
    "nothing": lambda path: path.write_bytes(b""),
    "a folder": lambda path: path.mkdir(),
}


def test_hostile_parquet_in_place_of_the_lookup_is_refused_in_words(
    tmp_path: Path, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("absence_risk.returns.lookup._MOST_PUPILS", 1_000_000)
    wrong = []
    for number, (name, make) in enumerate(TABLES.items()):
        store = tmp_path / f"{number}.duckdb"
        make(lookup_path(store))
        try:
            upn_of_each_pupil(store)
            wrong.append(f"{name}: read")
        except InputError as fault:
            if "X1" in str(fault) or "ingest the returns again" not in str(fault):
                wrong.append(f"{name}: {fault}")
    print("\n".join(wrong))
    counted("hostile files: Parquet", len(TABLES), len(TABLES) - len(wrong))


def test_scores_of_another_schema_are_refused_though_a_manifest_vouches_for_them(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    _written(pa.table({name: ["1"] for name in SCORES.column_names}), path)
    about = {"kind": "scores", "format": SCORES_FORMAT, "rows": 1, "sha256": sha256_of(path)}
    sidecar_manifest(path).write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(InputError, match="is of another type than"):
        read_scores(path)
    deep = "[" * 100_000
    sidecar_manifest(path).write_text(deep, encoding="utf-8")
    with pytest.raises(AbsenceRiskError, match="cannot be read as a manifest"):
        read_scores(path)
