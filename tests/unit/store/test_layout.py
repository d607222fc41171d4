"""A store as a folder: the same rows as the file, in ranges of pupils, vouched for by its manifest."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.errors import OutputError, StoreError, UsageError
from absence_risk.files import MANIFEST, write_manifest
from absence_risk.store import Store, connect, create_store, export_tables
from absence_risk.store.layout import by_pupil, prefixes
from absence_risk.tables.canonical import CANONICAL_TABLES

PUPILS = [sha256(str(n).encode()).hexdigest()[:32] for n in range(40)]
BUCKETS = 5


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 40 pupils as a file, and beside it as a folder whose name no pattern should take for one."""
    path = tmp_path_factory.mktemp("layout") / "a.duckdb"
    with create_store(path, {"key_id": "k", "made_up": "yes"}) as con:
        for number, pupil in enumerate(PUPILS):
            con.execute(
                "INSERT INTO fsm VALUES (?, DATE '2024-09-01', NULL, DATE '2024-10-03', NULL)", [pupil]
            )
            if number % 3:
                row = [pupil, "8504001", None if number % 2 else 4]
                con.execute(
                    "INSERT INTO suspensions VALUES (?, ?, DATE '2025-03-01', 'SUSP', ?, DATE '2025-05-21', NULL)",
                    row,
                )
        con.execute(
            "INSERT INTO schools VALUES ('8504001', NULL, 'Hill', NULL, false, DATE '2024-10-03', NULL)"
        )
    with Store(path) as store:
        export_tables(store, path.with_name("it's [a] folder*"), BUCKETS)
    return path


@pytest.fixture(scope="module")
def stores(made: Path) -> Iterator[tuple[Store, Store]]:
    with Store(made) as file, Store(made.with_name("it's [a] folder*")) as folder:
        yield file, folder


def rows(store: Store, name: str, part: int | None = None, parts: int = 1) -> list[tuple[object, ...]]:
    return store.table(name, part, parts).order("ALL").fetchall()


def test_the_folder_holds_the_rows_of_the_file_and_what_it_said_of_itself(
    stores: tuple[Store, Store],
) -> None:
    file, folder = stores
    assert [rows(folder, name) for name in CANONICAL_TABLES] == [
        rows(file, name) for name in CANONICAL_TABLES
    ]
    assert folder.rows() == file.rows() and folder.meta == file.meta
    assert folder.fingerprint == file.fingerprint


def test_a_folder_called_like_a_column_does_not_take_its_place(made: Path) -> None:
    out = made.with_name("school_id=9999999") / "start_date=1999-01-01"
    with Store(made) as store:
        export_tables(store, out, 2)
        with Store(out) as moved:
            assert [rows(moved, name) for name in CANONICAL_TABLES] == [
                rows(store, name) for name in CANONICAL_TABLES
            ]


@pytest.mark.parametrize("parts", [1, 3, BUCKETS, 16, 256])
def test_parts_in_order_are_the_whole_in_order_and_no_pupil_is_in_two(
    stores: tuple[Store, Store], parts: int
) -> None:
    whole = rows(stores[0], "fsm")
    held = {int(row[0][:2], 16) * parts // 256 for row in whole}  # type: ignore[index]
    for store in stores:
        assert [row for part in sorted(held) for row in rows(store, "fsm", part, parts)] == whole
        assert rows(store, "schools", parts - 1, parts) == rows(store, "schools")


@given(parts=st.integers(1, 256))
def test_every_prefix_is_in_one_part(parts: int) -> None:
    ranges = [prefixes(part, parts) for part in range(parts)]
    assert ranges[0][0] == 0 and ranges[-1][1] == 256
    assert all(one[1] == other[0] for one, other in itertools.pairwise(ranges))
    assert all(prefix * parts // 256 == part for part, (a, b) in enumerate(ranges) for prefix in range(a, b))


def test_a_second_export_gives_the_same_bytes(
    made: Path, stores: tuple[Store, Store], tmp_path: Path
) -> None:
    first, again = made.with_name("it's [a] folder*"), tmp_path / "again"
    export_tables(stores[0], again, BUCKETS)
    names = sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    tables = [name for name in CANONICAL_TABLES if by_pupil(CANONICAL_TABLES[name])]
    assert len(names) == BUCKETS * len(tables) + len(CANONICAL_TABLES) - len(tables) + 1
    assert all((again / name).read_bytes() == (first / name).read_bytes() for name in names)


def test_a_folder_can_be_written_again_in_other_buckets(stores: tuple[Store, Store], tmp_path: Path) -> None:
    export_tables(stores[1], tmp_path / "again", 2)
    with Store(tmp_path / "again") as again:
        assert [rows(again, name) for name in CANONICAL_TABLES] == [
            rows(stores[0], name) for name in CANONICAL_TABLES
        ]


def test_rows_stand_by_pupil_in_every_file(made: Path) -> None:
    with connect() as con:
        for path in sorted((made.with_name("it's [a] folder*") / "fsm").iterdir()):
            name = path.as_posix().replace("'", "''").replace("[a]", "[[]a]").replace("folder*", "folder[*]")
            found = [row[0] for row in con.execute(f"SELECT pupil_id FROM read_parquet('{name}')").fetchall()]
            assert found == sorted(found) and found


@pytest.mark.parametrize("buckets", [0, 257])
def test_another_number_of_buckets_is_refused(
    stores: tuple[Store, Store], tmp_path: Path, buckets: int
) -> None:
    with pytest.raises(UsageError, match="1 to 256 buckets"):
        export_tables(stores[0], tmp_path / "out", buckets)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("parts", [0, 257])
def test_another_number_of_parts_is_refused(stores: tuple[Store, Store], parts: int) -> None:
    with pytest.raises(UsageError, match="1 to 256 parts"):
        stores[1].tables(0, parts)


def test_an_export_never_takes_the_place_of_the_store_or_of_other_things(
    stores: tuple[Store, Store], tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("keep me", encoding="utf-8")
    for store in stores:
        with pytest.raises(UsageError, match=r"give (another|an empty)"):
            export_tables(store, store.path if store is stores[1] else tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_export_that_fails_leaves_the_earlier_folder(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "tables"
    shutil.copytree(made.with_name("it's [a] folder*"), out)
    store = Store(made)
    store.close()
    with pytest.raises(OutputError, match="could not be written"):
        export_tables(store, out, 2)
    with Store(out, verify=True) as kept:
        assert kept.layout is not None and kept.layout.buckets == BUCKETS
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def _lose_the_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def _cut_the_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text('{"about": "absen', encoding="utf-8")


def _say(folder: Path, **said: object) -> None:
    manifest = folder / MANIFEST
    found = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(found | said), encoding="utf-8")


def _lose_a_file(folder: Path) -> None:
    (folder / "fsm" / "003.parquet").unlink()


def _add_a_file(folder: Path) -> None:
    shutil.copy(folder / "fsm" / "003.parquet", folder / "fsm" / "009.parquet")


def _cut_a_file(folder: Path) -> None:
    path = folder / "fsm" / "003.parquet"
    path.write_bytes(path.read_bytes()[:-9])


def _change_a_byte(folder: Path) -> None:
    path = folder / "fsm" / "003.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _another_type(folder: Path) -> None:
    found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    path = folder / "schools" / "all.parquet"
    path.unlink()
    with connect() as con:
        con.execute(f"COPY (SELECT 8504001 AS school_id) TO '{path.as_posix()}' (FORMAT parquet)")
    write_manifest(folder, {name: found[name] for name in ("about", "format", "meta", "buckets", "rows")})


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_lose_the_manifest, "holds no manifest.json"),
        (_cut_the_manifest, "cannot be read as a manifest"),
        (lambda folder: _say(folder, about="something else"), "not the manifest of a folder of tables"),
        (lambda folder: _say(folder, format=99), "format 99"),
        (lambda folder: _say(folder, buckets=0), "lacks what a reader needs"),
        (lambda folder: _say(folder, rows={}), "lacks what a reader needs"),
        (lambda folder: _say(folder, meta={"fingerprint": "f", "store_version": "9"}), "store version 9"),
        (_lose_a_file, "1 are absent"),
        (_add_a_file, "1 are not among"),
        (_cut_a_file, "not the ones its manifest describes"),
        (_change_a_byte, "not the ones its manifest describes"),
        (_another_type, "school_id, urn, name"),
    ],
)
def test_a_folder_that_its_manifest_does_not_vouch_for_is_refused(
    made: Path, tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    folder = tmp_path / "tables"
    shutil.copytree(made.with_name("it's [a] folder*"), folder)
    harm(folder)
    with pytest.raises(StoreError, match=words):
        Store(folder)
