from pathlib import Path

import pytest

from absence_risk.errors import InputError, StoreError
from absence_risk.store import Store, connect, create_store

PUPIL, OTHER = "a" * 32, "b" * 32
PERIODS = [(PUPIL, "2024-09-01", None), (OTHER, "2023-01-10", "2023-07-20")]


def make_store(path: Path, periods: list[tuple[str, str, str | None]] = PERIODS) -> Store:
    with create_store(path, {"key_id": "k"}) as con:
        for pupil, start, end in periods:
            con.execute("INSERT INTO fsm VALUES (?, ?, ?, DATE '2024-10-03', NULL)", [pupil, start, end])
    return Store(path)


def test_dates_leave_the_store_as_day_numbers(tmp_path: Path) -> None:
    with make_store(tmp_path / "a.duckdb", [(PUPIL, "1970-01-02", None)]) as store:
        assert store.table("fsm").fetchall() == [(PUPIL, 1, None, 19999, None)]


def test_the_order_of_rows_does_not_change_the_fingerprint_and_a_value_does(tmp_path: Path) -> None:
    prints = []
    for number, periods in enumerate(
        [PERIODS, PERIODS[::-1], [PERIODS[0], (OTHER, "2023-01-11", "2023-07-20")]]
    ):
        with make_store(tmp_path / f"{number}.duckdb", periods) as store:
            prints.append(store.fingerprint)
    assert prints[0] == prints[1] != prints[2]


def test_rows_that_break_a_declaration_are_refused_all_at_once_and_the_earlier_store_stays(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.duckdb"
    make_store(path).close()
    with pytest.raises(InputError) as refused, create_store(path, {}) as con:
        con.execute(
            "INSERT INTO fsm VALUES ('short', DATE '2024-01-01', NULL, DATE '2024-01-01', DATE '2024-01-01')"
        )
        con.execute("INSERT INTO fsm VALUES ('short', DATE '2024-01-01', NULL, DATE '2024-01-01', NULL)")
    message = str(refused.value)
    assert "32 hexadecimal" in message and "superseded_from must follow" in message and "unique" in message
    assert "short" not in message
    with Store(path) as store:
        assert len(store.table("fsm").fetchall()) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["a.duckdb"]


def test_a_store_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="absence-risk ingest"):
        Store(tmp_path / "none.duckdb")


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to look at" * 100])
def test_a_file_that_is_not_a_store_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not an authority store"):
        Store(path)


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    make_store(path).close()
    con = connect(path)
    con.execute("UPDATE absence_risk_store SET value = '99' WHERE name = 'store_version'")
    con.close()
    with pytest.raises(StoreError, match="version 99"):
        Store(path)
