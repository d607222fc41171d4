"""The whole ingest: all or nothing, the same for any order, and no pupil's value in anything but the lookup."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from made_returns import (
    KEY,
    Census,
    cin_child,
    cin_details,
    cin_xml,
    ingested,
    long_date,
    looked_after,
    pupil_id,
    rows,
    upn,
    write_text,
)

from absence_risk.errors import InputError, KeyFileError
from absence_risk.returns.ingest import IngestResult, ingest
from absence_risk.store import Store

_FINGERPRINT = "SELECT value FROM absence_risk_store WHERE name = 'fingerprint'"


def _authority(folder: Path, *, secret: str = "") -> Path:
    """A few pupils over a year, with a former UPN, a leaver, social care and a looked-after child."""
    old = upn(5, temporary=True)
    for term, year in (("autumn", 2024), ("spring", 2025), ("summer", 2025), ("autumn", 2025)):
        census = Census(term, year)
        for number in (1, 2, 3):
            one = census.pupil(
                number, surname=f"{secret}NA", termlysessionspossible="100", ncyearactual="7", enrolstatus="C"
            )
            census.reasons(one, {"/": 80, "O": 10 + number, "I": 2})
            census.child("fsmperiod", one, fsmstartdate="2023-09-01", fsmenddate="", ukcountry="ENG")
            census.child(
                "termlyexclusions", one, startdate="2024-06-03", sessions=str(number), category="SUSP"
            )
        census.pupil(
            old if year == 2024 else 5, formerupn="" if year == 2024 else old, termlysessionspossible="100"
        )
        census.pupil(4, on_roll=False, leavingdate="2024-07-19")
        census.write(folder / f"{year}_{term}")
    write_text(folder / "cin" / "a.xml", cin_xml(2025, cin_child(1, cin_details("2024-09-01"))))
    looked_after(folder / "903", 2025, [("7", upn(2))], [("7", "01/05/2024", "", "C2")])
    return folder


def _read(folder: Path, name: str = "store.duckdb") -> IngestResult:
    return ingested(folder, folder.parent / name)


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    result = _read(_authority(tmp_path / "returns"))
    record = json.loads(result.quality_json.read_text(encoding="utf-8"))
    assert record["sums_balance"] and record["ingested"] and not result.ledger.unbalanced
    assert record["rows_in"] == sum(
        f["rows_used"] + sum(f["rows_not_used"].values()) for f in record["files"]
    )
    assert record["tables"]["pupils"] == 20 and result.pupils == 5
    assert [c["missing"] for c in record["censuses"]] == [["spring 2024", "summer 2024"], []]


def test_a_temporary_upn_and_its_permanent_one_are_one_pupil(tmp_path: Path) -> None:
    result = _read(_authority(tmp_path / "returns"))
    assert rows(result, f"SELECT count(*) FROM pupils WHERE pupil_id = '{pupil_id(5)}'") == [(4,)]


def test_the_lookup_stands_beside_the_store_for_its_owner_only(tmp_path: Path) -> None:
    result = _read(_authority(tmp_path / "returns"))
    lookup = dict(
        zip(*(pq.read_table(result.lookup).column(c).to_pylist() for c in ("pupil_id", "upn")), strict=True)
    )
    assert lookup == {pupil_id(n): upn(n) for n in (1, 2, 3, 4, 5)}
    if os.name == "posix":
        assert [p.stat().st_mode & 0o777 for p in (result.lookup, result.store)] == [0o600, 0o600]


def test_no_upn_is_anywhere_in_the_store(tmp_path: Path) -> None:
    result = _read(_authority(tmp_path / "returns"))
    written = result.store.read_bytes()
    assert not [n for n in (1, 2, 3, 4, 5) if upn(n).encode() in written]


def test_rows_and_files_in_another_order_give_the_same_store(tmp_path: Path) -> None:
    first = _read(_authority(tmp_path / "a" / "returns"))
    folder = _authority(tmp_path / "b" / "returns")
    for number, path in enumerate(sorted(folder.rglob("*.csv"))):
        header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(number).shuffle(lines)
        path.write_text(header + "".join(lines), encoding="utf-8", newline="")
    for number, path in enumerate(sorted(folder.iterdir())):
        if path.name != "903":
            path.rename(folder / f"{9 - number}{path.name}")
    second = _read(folder)
    assert rows(first, _FINGERPRINT) == rows(second, _FINGERPRINT)


def test_ingesting_twice_gives_the_same_reports(tmp_path: Path) -> None:
    folder = _authority(tmp_path / "returns")
    once = _read(folder)
    first = [p.read_bytes() for p in (once.quality_html, once.quality_json, once.lookup)]
    again = _read(folder)
    assert first == [p.read_bytes() for p in (again.quality_html, again.quality_json, again.lookup)]


def test_another_key_gives_other_pupils(tmp_path: Path) -> None:
    folder = _authority(tmp_path / "returns")
    with Store(_read(folder).store) as store:
        assert store.meta["key_id"] == KEY.key_id
    with pytest.raises(KeyFileError):
        ingest(folder, tmp_path / "x.duckdb", key=b"short")


def test_a_fault_leaves_the_earlier_store_and_lookup_and_says_so(tmp_path: Path) -> None:
    folder = _authority(tmp_path / "returns")
    good = _read(folder)
    before = [p.read_bytes() for p in (good.store, good.lookup)]
    write_text(folder / "bad.csv", "one,two\n1,2\n")
    with pytest.raises(InputError, match=r"bad\.csv"):
        _read(folder)
    assert before == [p.read_bytes() for p in (good.store, good.lookup)]
    record = json.loads(good.quality_json.read_text(encoding="utf-8"))
    assert not record["ingested"] and len(record["faults"]) == 1
    assert "Not ingested" in good.quality_html.read_text(encoding="utf-8")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_surname_na_stays_text_and_a_backslash_and_hash_survive(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    one = census.pupil(1, surname="NA", youngcarer="None", language="null", termlysessionspossible="9")
    census.reasons(one, {"\\": 3, "#": 2})
    census.write(tmp_path / "returns")
    result = _read(tmp_path / "returns")
    assert rows(result, "SELECT young_carer FROM pupils") == [("None",)]
    assert rows(result, "SELECT language FROM audit") == [("null",)]
    assert rows(result, "SELECT reason_code FROM attendance ORDER BY 1") == [("#",), ("\\",)]


def _spring(folder: Path, **more: str) -> Path:
    census = Census("spring", 2025, **more)  # type: ignore[arg-type]
    for number in range(30):
        census.pupil(number + 1, dob="2012-11-05", ncyearactual="7")
    return census.write(folder / "returns")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2025.0", "2024.0", "another census, or its header was altered"),
        ("SPR", "SUM", "another census, or its header was altered"),
        ("SPR", "WIN", "needs a term"),
        (long_date("2025-01-16"), "16/01/25", "no accepted form"),
    ],
)
def test_a_header_that_contradicts_itself_refuses_the_return(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    path = _spring(tmp_path) / "2025_spring_schoolcensus.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=words):
        _read(tmp_path / "returns")


def test_a_whole_return_of_another_year_is_refused_by_the_pupils_ages(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    for number in range(30):
        census.pupil(number + 1, dob="2011-11-05", ncyearactual="7")
    census.write(tmp_path / "returns")
    with pytest.raises(InputError, match=r"1 year\(s\) too old"):
        _read(tmp_path / "returns")


def test_a_return_with_neither_header_nor_name_is_refused(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    census.pupil(1)
    census.write(tmp_path / "returns", name="", headers=False)
    with pytest.raises(InputError, match="nothing says which census"):
        _read(tmp_path / "returns")


def test_child_rows_of_another_return_are_refused(tmp_path: Path) -> None:
    folder = _spring(tmp_path)
    other = Census("spring", 2025, ids="other")
    for number in range(30):
        other.reasons(other.pupil(number + 1), {"O": 1})
    other.write(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "2025_spring_termlysessiondetailsonroll.csv").rename(
        folder / "2025_spring_sessions.csv"
    )
    with pytest.raises(InputError, match="belong to no pupil of this return"):
        _read(tmp_path / "returns")


@pytest.mark.parametrize("line", ["a,b\n", 'a,"b\n', "a" + ",b" * 60 + "\n"])
def test_a_broken_line_is_named_without_its_text(tmp_path: Path, line: str) -> None:
    path = _spring(tmp_path) / "2025_spring_pupilonroll.csv"
    path.write_text(path.read_text(encoding="utf-8") + line.replace("b", "Sentinel"), encoding="utf-8")
    with pytest.raises(InputError, match="line") as fault:
        _read(tmp_path / "returns")
    assert "Sentinel" not in str(fault.value) and "2025_spring_pupilonroll.csv" in str(fault.value)


@pytest.mark.parametrize(
    "column",
    ["upn", "dob", "entrydate", "termlysessionspossible", "ncyearactual", "senprovision", "enrolstatus"],
)
def test_no_value_of_a_pupil_reaches_an_error_or_a_report(tmp_path: Path, column: str) -> None:
    census = Census("spring", 2025)
    one = census.pupil(1, **{column: "Sentinel77"})
    census.pupil(2)
    census.pupil(3)
    census.reasons(one, {"Sentinel77": 3, "O": "Sentinel77"})
    census.child(
        "termlyexclusions", one, startdate="Sentinel77", sessions="Sentinel77", category="Sentinel77"
    )
    census.write(tmp_path / "returns")
    store = tmp_path / "store.duckdb"
    try:
        _read(tmp_path / "returns")
        told = ""
    except InputError as fault:
        told = str(fault)
        assert fault.__cause__ is None and (fault.__context__ is None or fault.__suppress_context__)
    told += store.with_name("store.quality.html").read_text(encoding="utf-8")
    told += store.with_name("store.quality.json").read_text(encoding="utf-8")
    assert "entinel77" not in told.lower() and upn(2) not in told


def test_the_shared_samples_are_accepted_in_shape_and_reported_in_content(tmp_path: Path) -> None:
    samples = Path(__file__).resolve().parents[4] / "shared" / "samples"
    if not samples.is_dir():
        pytest.skip("the shared samples are not here")
    result = ingested(samples, tmp_path / "store.duckdb")
    assert not result.ledger.unbalanced
    assert {row[0] for row in rows(result, "SELECT kind FROM returns")} == {
        "school_census",
        "cin_census",
        "ssda903",
    }
    assert rows(result, "SELECT count(*) > 2000 FROM pupils") == [(True,)]
    found = {what for what, _ in result.ledger.findings}
    assert any("absence is more than the possible" in what for what in found)
    assert any("not of the form of a UPN" in what for what in found)
    fsm = next(f for f in result.ledger.files if f.table == "free school meals")
    assert fsm.not_used["it ends before it starts"] > 100


def test_what_was_written_is_said_with_the_report_to_read_first(tmp_path: Path) -> None:
    result = _read(_spring(tmp_path))
    assert result.in_words().splitlines() == [
        f"Read the quality report before you train: {tmp_path / 'store.quality.html'}",
        f"Wrote {tmp_path / 'store.duckdb'} (30 pupils from 4 files)",
    ]


def test_a_fault_of_the_engine_is_told_by_its_kind_since_the_engine_quotes_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("SELECT CAST('Sentinel' AS DATE)")

    monkeypatch.setattr("absence_risk.returns.ingest.fill_pupils", fill)
    with pytest.raises(
        InputError, match=r"as they stand \(ConversionException\); please report this"
    ) as fault:
        _read(_spring(tmp_path))
    assert "Sentinel" not in str(fault.value) and fault.value.__cause__ is None
    assert not (tmp_path / "store.duckdb").exists()
    report = (tmp_path / "store.quality.json").read_text(encoding="utf-8")
    assert "Sentinel" not in report and not json.loads(report)["ingested"]
