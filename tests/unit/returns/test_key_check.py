"""What is said of a key file, and when a key is refused for a store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_returns import Census, ingested

from absence_risk.errors import KeyFileError
from absence_risk.returns.identity import Key, new_key_file
from absence_risk.returns.key_check import beside_outputs, check_key
from absence_risk.workflows.ingest import run_ingest

#: The authority number of schools that are made up, and one of schools that are not.
MADE_UP, REAL = "9912001", "9012001"


def returns(folder: Path, school: str) -> Path:
    census = Census("autumn", 2025, schools=(school,))
    census.pupil(1)
    return census.write(folder)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    return tmp_path / "keys"


def test_a_key_kept_apart_is_told_with_the_stores_made_with_it(keys: Path, tmp_path: Path) -> None:
    made = new_key_file(keys / "a.key")
    other = new_key_file(keys / "b.key")
    given = returns(tmp_path / "returns", REAL)
    for name, key in (("mine", made), ("other", other)):
        ingested(given, tmp_path / "stores" / f"{name}.duckdb", key)
    found = check_key(keys / "a.key", [tmp_path / "stores"])
    assert not found.faults and found.key_id == made.key_id
    assert [Path(name.split(" (")[0]).name for name in found.made_with] == ["mine.duckdb"]
    assert [Path(name).name for name in found.made_otherwise] == ["other.duckdb"]
    assert made.secret.hex() not in found.in_words() and "a real authority" in found.in_words()
    found.refuse_if_faulty()


def test_a_key_beside_outputs_is_to_be_moved(tmp_path: Path) -> None:
    made = new_key_file(tmp_path / "a.key")
    ingested(returns(tmp_path / "returns", MADE_UP), tmp_path / "a.duckdb", made)
    assert beside_outputs(tmp_path / "a.key") == ["a.duckdb", "a.upn-lookup.parquet"]
    found = check_key(tmp_path / "a.key")
    assert "a.duckdb" in found.faults[0]
    with pytest.raises(KeyFileError, match="to mend"):
        found.refuse_if_faulty()


def test_a_key_of_a_made_up_authority_used_for_a_real_one_is_told(keys: Path, tmp_path: Path) -> None:
    made = new_key_file(keys / "a.key")
    for name, school in (("demo", MADE_UP), ("real", REAL)):
        ingested(returns(tmp_path / name, school), tmp_path / "stores" / f"{name}.duckdb", made)
    assert any("made-up" in fault for fault in check_key(keys / "a.key", [tmp_path / "stores"]).faults)


@pytest.mark.parametrize("school", [MADE_UP, REAL])
def test_real_returns_are_refused_under_a_key_beside_the_store_and_made_up_ones_are_not(
    tmp_path: Path, school: str
) -> None:
    new_key_file(tmp_path / "a.key")
    given, store = returns(tmp_path / "returns", school), tmp_path / "a.duckdb"
    if school == MADE_UP:
        run_ingest(given, store, key_file=tmp_path / "a.key")
        assert store.is_file()
        return
    with pytest.raises(KeyFileError, match="stands beside"):
        run_ingest(given, store, key_file=tmp_path / "a.key")
    assert not store.exists()
    run_ingest(given, tmp_path / "stores" / "a.duckdb", key_file=tmp_path / "a.key")


def test_a_store_is_not_replaced_by_one_of_another_key(keys: Path, tmp_path: Path) -> None:
    given, store = returns(tmp_path / "returns", REAL), tmp_path / "a.duckdb"
    first = new_key_file(keys / "a.key")
    ingested(given, store, first)
    before = store.read_bytes()
    with pytest.raises(KeyFileError, match=r"another key.*new --store"):
        ingested(given, store, new_key_file(keys / "b.key"))
    assert store.read_bytes() == before
    ingested(given, store, first)


def test_a_folder_of_stores_that_is_not_there_is_said_and_not_passed_over(keys: Path, tmp_path: Path) -> None:
    new_key_file(keys / "a.key")
    with pytest.raises(KeyFileError, match=r"expected a folder of stores at .*absent; there is none"):
        check_key(keys / "a.key", [tmp_path / "absent"])


@pytest.mark.slow
def test_no_two_of_ten_million_pupils_share_a_pseudonym(counted: Callable[[str, int, int], None]) -> None:
    key, pupils = Key(hashlib.sha256(b"ten million").digest()), 10_000_000
    # Half of each pseudonym is enough: if no two halves are the same, no two pseudonyms are.
    halves = np.fromiter(
        (int(key.pupil_id(f"X{number:012d}")[:16], 16) for number in range(pupils)), np.uint64, pupils
    )
    counted("pseudonyms that no two pupils share", pupils, len(np.unique(halves)))
