"""A CSV is read whole and strictly: what stands in its way is said, and no cell is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from made_returns import write_text

from absence_risk.errors import InputError
from absence_risk.returns.reading import (
    CsvFile,
    as_utf8,
    header_of,
    read_rows,
    refuse_second_header,
    scan_sql,
)

PUPIL = "A901000120001"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x" * (1 << 16), "the first line is not a header"),
        ("upn,dob\0", "the first line is not a header"),
        (",,\n", "the first line holds no column names"),
        ("\n", "the first line holds no column names"),
    ],
)
def test_a_first_line_that_names_no_columns_is_refused(tmp_path: Path, line: str, words: str) -> None:
    path = write_text(tmp_path / "a.csv", f"{line}{PUPIL}")
    with pytest.raises(InputError, match=words) as fault:
        header_of(path)
    assert PUPIL not in str(fault.value)


def test_a_column_without_a_name_is_called_by_its_place(tmp_path: Path) -> None:
    assert header_of(write_text(tmp_path / "a.csv", "upn,,dob\n"))[0] == ("upn", "column 2", "dob")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_joined_one_after_another_are_refused(tmp_path: Path, mark: str) -> None:
    path = write_text(tmp_path / "a.csv", f"{mark}upn,dob\n{PUPIL},2013-03-05\nupn,dob\n{PUPIL},2012-07-01\n")
    with pytest.raises(InputError, match="the header stands in it twice") as fault:
        refuse_second_header(path)
    assert PUPIL not in str(fault.value)
    refuse_second_header(write_text(tmp_path / "b.csv", f"{mark}upn,dob\n{PUPIL},2013-03-05\n"))


def test_where_no_links_are_granted_a_file_is_read_through_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(path: Path, target: Path) -> None:
        raise OSError(1, "a privilege that the user does not have")

    monkeypatch.setattr(Path, "symlink_to", no_link)
    path = write_text(tmp_path / "a.csv", f"upn\n{PUPIL}\n")
    (tmp_path / "scratch").mkdir()
    target, encoding = as_utf8(path, tmp_path / "scratch")
    assert encoding == "UTF-8" and target.parent == tmp_path / "scratch" and not target.is_symlink()
    assert target.read_bytes() == path.read_bytes()


def test_a_file_that_goes_while_it_is_read_is_a_fault_that_quotes_nothing(
    tmp_path: Path, con: duckdb.DuckDBPyConnection
) -> None:
    path = write_text(tmp_path / f"{PUPIL}.csv", f"upn\n{PUPIL}\n")
    source = CsvFile("a.csv", path, path, ("upn",))
    sql = f"CREATE OR REPLACE TABLE read AS SELECT * FROM {scan_sql(source)}"
    assert read_rows(con, source, sql) == 1
    path.unlink()
    with pytest.raises(
        InputError, match=r"could not be read \(\w+\); if its lines end in different ways"
    ) as fault:
        read_rows(con, source, sql)
    assert PUPIL not in str(fault.value)
