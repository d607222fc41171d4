"""A stated amount of memory is kept to, and nothing is spilled to disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from absence_risk.errors import UsageError
from absence_risk.store import Store, bytes_of, connect, create_store, within_memory

PUPIL = "a" * 32


@pytest.mark.parametrize(
    ("words", "expected"), [("4GB", 4_000_000_000), ("1.5 GiB", 3 << 29), ("800mb", 800_000_000)]
)
def test_an_amount_of_memory_is_read(words: str, expected: int) -> None:
    assert bytes_of(words) == expected


@pytest.mark.parametrize("words", ["4", "GB", "-1GB", "0GB", "4 gigs", ""])
def test_words_that_are_no_amount_of_memory_are_refused(words: str) -> None:
    with pytest.raises(UsageError, match="like 4GB"):
        bytes_of(words)


def test_the_engine_takes_as_many_threads_as_are_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABSENCE_RISK_THREADS", "3")
    with connect() as con:
        assert con.execute("SELECT current_setting('threads')").fetchall() == [(3,)]
    monkeypatch.delenv("ABSENCE_RISK_THREADS")
    with connect() as con:
        assert con.execute("SELECT current_setting('threads')").fetchall()[0][0] >= 1


@pytest.mark.parametrize("words", ["0", "-1", "two", "1.5", "1000"])
def test_words_that_are_no_number_of_threads_are_refused(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABSENCE_RISK_THREADS", words)
    with pytest.raises(UsageError, match="number of threads from 1 to 999"):
        connect()


def test_work_that_does_not_fit_is_refused_in_words_and_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with create_store(path, {}) as con:
        con.execute(f"INSERT INTO fsm VALUES ('{PUPIL}', DATE '2024-09-01', NULL, DATE '2024-10-03', NULL)")
    with Store(path, memory=64_000_000) as store:
        assert store.table("fsm").fetchall() == [(PUPIL, 19967, None, 19999, None)]
        with pytest.raises(UsageError, match=r"--parts 6") as refused, within_memory(3):
            store.connection.execute(
                "SELECT count(*) FROM (SELECT pupil_id || r AS p FROM fsm, range(20000000) t(r) ORDER BY p)"
            )
        assert PUPIL[:8] not in str(refused.value)
    assert [found.name for found in tmp_path.iterdir()] == ["a.duckdb"]


def test_a_store_can_be_read_within_a_limit_while_it_is_open_without_one(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with create_store(path, {}) as con:
        con.execute(f"INSERT INTO fsm VALUES ('{PUPIL}', DATE '2024-09-01', NULL, DATE '2024-10-03', NULL)")
    with Store(path) as one, Store(path, memory=100_000_000) as other:
        assert one.table("fsm").fetchall() == other.table("fsm").fetchall()
        assert one.suggested_parts(1) == 250 and other.suggested_parts(10**9) == 1
