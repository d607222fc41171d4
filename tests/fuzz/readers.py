"""Every reader as a function of bytes, with sound samples to begin from; a reader may only read or refuse in our words.

Samples are made at run time, of made-up pupils.
"""

from __future__ import annotations

import io
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
for room in ("safety", "unit", "unit/decisions", "unit/returns"):
    if (found := str(HERE.parent / room)) not in sys.path:
        sys.path.append(found)

Reader = Callable[[bytes], object]
_SHEET = "xl/worksheets/sheet2.xml"


@cache
def _returns() -> Path:
    from hostile_returns import make_returns

    folder = Path(tempfile.mkdtemp(prefix="fuzz_"))
    make_returns(folder)
    return folder


def _of_group(group: int, file: str) -> Reader:
    def read(data: bytes) -> object:
        from hostile_returns import SECRET, changed

        with tempfile.TemporaryDirectory() as scratch:
            found = changed(
                _returns(), Path(scratch) / "r", group, lambda folder: (folder / file).write_bytes(data)
            )
        assert SECRET not in found.spoken, "a fault repeats a cell"
        return found

    return read


def _to_file(name: str, read: Callable[[Path], object]) -> Reader:
    def run(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / name
            path.write_bytes(data)
            return read(path)

    return run


def _small(path: Path) -> object:
    from absence_risk.returns.small_files import date_in, read_small_file

    return [
        date_in(row["until"]) for _, row in read_small_file(path, "exclusions", ("upn", "reason"), ("until",))
    ]


def _settings(path: Path) -> object:
    from absence_risk.settings import read_list_settings, read_settings

    return read_list_settings(path) if b"routes" in path.read_bytes() else read_settings(path)


def _lookup(path: Path) -> object:
    from absence_risk.returns.lookup import upn_of_each_pupil
    from absence_risk.store import lookup_path

    store = path.with_name("s.duckdb")
    path.rename(lookup_path(store))
    return upn_of_each_pupil(store)


@cache
def _workbook() -> bytes:
    from made_copies import OFFER, write_copy

    with tempfile.TemporaryDirectory() as scratch:
        return write_copy(Path(scratch) / "c.xlsx", {"A-001": OFFER}).read_bytes()


def _returned(path: Path) -> object:
    from absence_risk.decisions.returned import read_returned

    return read_returned(path)


def _sheet(data: bytes) -> object:
    """A workbook whose sheet holds these bytes: mutations of the packed file rarely get past the packing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook())) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, data if name == _SHEET else source.read(name))
    return _to_file("c.xlsx", _returned)(out.getvalue())


def _sample(name: str) -> bytes:
    return (_returns() / name).read_bytes()


def _sheet_sample() -> bytes:
    with zipfile.ZipFile(io.BytesIO(_workbook())) as packed:
        return packed.read(_SHEET)


def _lookup_sample() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    held = io.BytesIO()
    pq.write_table(pa.table({"pupil_id": ["a", "b"], "upn": ["X1", "X2"]}), held)
    return held.getvalue()


def _config_samples() -> list[bytes]:
    configs = HERE.parents[1] / "configs"
    return [path.read_bytes() for path in sorted(configs.glob("*.yaml"))]


def readers() -> dict[str, tuple[Reader, Callable[[], Sequence[bytes]]]]:
    """Reader and samples by name."""
    from hostile_returns import AP, CIN, EPISODES, GROUPS, HEADER, PUPILS, REASONS, group_of

    csvs = {"pupils": PUPILS, "reasons": REASONS, "header": HEADER, "episodes": EPISODES, "ap_census": AP}
    assert all(group_of(name) < len(GROUPS) for name in csvs.values())
    found: dict[str, tuple[Reader, Callable[[], Sequence[bytes]]]] = {
        what: (_of_group(group_of(file), file), lambda f=file: [_sample(f)])  # type: ignore[misc]
        for what, file in {**csvs, "cin_census": CIN}.items()
    }
    small = b"upn,reason,until\nA1,objected,31/10/2026\nB2,withdrawn,2026-10-31\n"
    return found | {
        "small_file": (_to_file("c.csv", _small), lambda: [small, small.decode().encode("utf-16")]),
        "settings": (_to_file("s.yaml", _settings), _config_samples),
        "workbook": (_to_file("c.xlsx", _returned), lambda: [_workbook()]),
        "sheet": (_sheet, lambda: [_sheet_sample()]),
        "lookup": (_to_file("l.parquet", _lookup), lambda: [_lookup_sample()]),
    }


def holds(read: Reader, data: bytes) -> bool:
    """Whether a reader reads the bytes or refuses them in our words."""
    from absence_risk.errors import AbsenceRiskError

    try:
        read(data)
    except AbsenceRiskError:
        return True
    return True
