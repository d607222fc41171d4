"""Models made by somebody who means harm: a sound bundle with one trap in it, which leaves a mark if it springs.

Every builder takes the folder of a sound bundle of trees and the place of the mark.
"""

from __future__ import annotations

import io
import json
import marshal
import os
import pickle
import re
import socket
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from damaging import Files, resealed, resized

from absence_risk.files import canonical_json

Trap = Callable[[Path, Path], None]

#: Traps whose files the manifest does not name, or that are no trap: such a model is read, and scores as it always did.
HARMLESS: set[str] = set()
TRAPS: dict[str, Trap] = {}


def _files(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def replaced(folder: Path, name: str, content: bytes) -> None:
    """One file replaced, and every hash made anew."""
    sound = _files(folder)
    for file, made in resealed({**sound, name: content}, sound).items():
        (folder / file).write_bytes(made)


class _Sprung:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.mark,))


def payloads(mark: Path) -> dict[str, bytes]:
    """Files that run code where somebody loads them with the library they are made for."""
    import cloudpickle
    import joblib

    code = compile(f"open({str(mark)!r}, 'w').close()", "<planted>", "exec")
    by_joblib, array, archive = io.BytesIO(), io.BytesIO(), io.BytesIO()
    joblib.dump(_Sprung(mark), by_joblib)
    np.save(array, np.array([_Sprung(mark)], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(archive, "w") as made:
        loader = {
            "__class__": "system",
            "__module__": "os",
            "__loader__": "ObjectNode",
            "content": f"touch {mark}",
        }
        made.writestr("schema.json", json.dumps({**loader, "protocol": 2, "_skops_version": "0.16"}))
        made.writestr("../../escaped.txt", "out of the folder")
    return {
        "a pickle in letters": b"cpathlib\nPath\n(V%s\ntR." % str(mark).encode(),
        "a pickle": pickle.dumps(_Sprung(mark), protocol=5),
        "a cloudpickle": cloudpickle.dumps(_Sprung(mark)),
        "a joblib file": by_joblib.getvalue(),
        "a skops archive": archive.getvalue(),
        "an ONNX file": b"\x08\x08\x12\x07planted:\x8a\x01\x08location\x12\x0f../../etc/passwd",
        "marshalled code": b"\xa7\r\r\n" + bytes(12) + marshal.dumps(code),
        "an array of objects": array.getvalue(),
        "YAML tags": f"!!python/object/apply:os.system ['touch {mark}']\n".encode(),
        "XML entities": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    }


def _plant(payload: str, name: str) -> Trap:
    return lambda folder, mark: replaced(folder, name, payloads(mark)[payload])


for _payload in payloads(Path("mark")):
    for _name in ("model.txt", "tables.bin", "bundle.json"):
        TRAPS[f"{_payload} as {_name}"] = _plant(_payload, _name)


def _trap(words: str, *, harmless: bool = False) -> Callable[[Trap], Trap]:
    def kept(trap: Trap) -> Trap:
        TRAPS[words] = trap
        HARMLESS.update([words] if harmless else [])
        return trap

    return kept


# --- files that another library would look for -------------------------------------------------------------------


@_trap("what MLflow and Python look for, beside the bundle", harmless=True)
def _beside(folder: Path, mark: Path) -> None:
    code = f"open({str(mark)!r}, 'w').close()\n"
    for name in (
        "sitecustomize.py",
        "__init__.py",
        "setup.py",
        "conftest.py",
        "model_code.py",
        "absence_risk.py",
    ):
        (folder / name).write_text(code, encoding="utf-8")
    (folder / "code").mkdir()
    (folder / "code" / "loader.py").write_text(code, encoding="utf-8")
    (folder / "MLmodel").write_text(
        "flavors:\n  python_function:\n    loader_module: loader\n    code: code\n    env: conda.yaml\n",
        encoding="utf-8",
    )
    (folder / "requirements.txt").write_text(
        f"-e {folder}\n--index-url http://localhost:9\n", encoding="utf-8"
    )
    (folder / "conda.yaml").write_text(
        "dependencies: [pip: [--extra-index-url http://localhost:9]]", encoding="utf-8"
    )
    for payload, ending in (("a pickle", "pkl"), ("a joblib file", "joblib"), ("a skops archive", "skops")):
        (folder / f"python_model.{ending}").write_bytes(payloads(mark)[payload])


@_trap("the same, named by the manifest", harmless=True)
def _beside_and_named(folder: Path, mark: Path) -> None:
    for name, content in (
        ("python_model.pkl", payloads(mark)["a pickle"]),
        ("MLmodel", b"loader_module: os\n"),
    ):
        replaced(folder, name, content)


@_trap("a card with script and entities", harmless=True)
def _card(folder: Path, mark: Path) -> None:
    replaced(folder, "card.md", b"<script src=http://localhost:9></script>" + payloads(mark)["XML entities"])


# --- ways out of the folder --------------------------------------------------------------------------------------


def _name_in_manifest(name: str) -> Trap:
    def trap(folder: Path, mark: Path) -> None:
        said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        said["files"][name] = said["files"]["card.md"]
        (folder / "manifest.json").write_bytes(canonical_json(said).encode("utf-8", "surrogatepass"))

    return trap


for _name in (
    "../card.md", "/etc/passwd", "C:\\card.md", "..\\card.md", "card.md:hidden", ".", "..", "", "nul", "CON.txt",
    "com1", "CARD.MD", "Bundle.json", "manifest.json", "card.md.", "a" * 500, "\x1b[2J\x1b[31m", "a\nb", "\u202ecard",
    "\ud800",
):  # fmt: skip
    TRAPS[f"the name {_name[:20]!r} in the manifest"] = _name_in_manifest(_name)


@_trap("a hundred thousand names in the manifest")
def _many_names(folder: Path, mark: Path) -> None:
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    said["files"] |= {f"f{number}": "0" * 64 for number in range(100_000)}
    (folder / "manifest.json").write_text(canonical_json(said), encoding="utf-8")


def _links(name: str) -> Trap:
    def trap(folder: Path, mark: Path) -> None:
        outside = folder.parent / f"outside {folder.name}"
        (folder / name).rename(outside)
        (folder / name).symlink_to(outside)

    return trap


def _put(name: str, make: Callable[[Path], object]) -> Trap:
    def trap(folder: Path, mark: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return trap


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _sparse(path: Path) -> None:
    with path.open("wb") as handle:
        handle.truncate(10 * 2**30)


for _name in ("manifest.json", "bundle.json", "model.txt", "tables.bin", "card.md"):
    TRAPS[f"{_name} as a link out of the folder"] = _links(_name)
    TRAPS[f"{_name} as a pipe nobody writes to"] = _put(_name, os.mkfifo)
    TRAPS[f"{_name} as a link to an endless device"] = _put(_name, lambda path: path.symlink_to("/dev/zero"))
    TRAPS[f"{_name} of ten gigabytes"] = _put(_name, _sparse)
TRAPS["model.txt as a folder"] = _put("model.txt", Path.mkdir)
TRAPS["model.txt as a socket"] = _put("model.txt", _socket)


@_trap("model.txt under two names on the disk", harmless=True)
def _hard_link(folder: Path, mark: Path) -> None:
    (folder.parent / f"hard {folder.name}").hardlink_to(folder / "model.txt")


# --- JSON --------------------------------------------------------------------------------------------------------


def _json(name: str, change: Callable[[bytes], bytes]) -> Trap:
    def trap(folder: Path, mark: Path) -> None:
        content = change((folder / name).read_bytes())
        if name == "manifest.json":
            (folder / name).write_bytes(content)
        else:
            replaced(folder, name, content)

    return trap


def _first(value: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(b'"format": 3', b'"format": ' + value)


for _name in ("manifest.json", "bundle.json"):
    for _words, _change in {
        "nested a million deep": lambda content: b"[" * 10**6 + b"]" * 10**6,
        "with names nested deep": lambda content: b'{"a":' * 10**5 + b"1" + b"}" * 10**5,
        "with a name twice": lambda content: content.replace(b"{", b'{"format": 3,', 1),
        "with NaN": _first(b"NaN"),
        "with Infinity": _first(b"-Infinity"),
        "with 1e999": _first(b"1e999"),
        "with a number of 5,000 digits": _first(b"9" * 5_000),
        "with a number of 4,000 digits": _first(b"9" * 4_000),
        "with half a letter": _first(b'"\\ud800"'),
        "in UTF-16": lambda content: content.decode().encode("utf-16"),
        "with a mark at the beginning": lambda content: b"\xef\xbb\xbf" + content,
        "with a million spaces": lambda content: content + b" " * 10**6,
    }.items():
        TRAPS[f"{_name} {_words}"] = _json(_name, _change)


def said(**changes: Any) -> Trap:
    """``bundle.json`` with some values others, in the layout that is read."""

    def trap(folder: Path, mark: Path) -> None:
        found = json.loads((folder / "bundle.json").read_bytes())
        replaced(folder, "bundle.json", canonical_json({**found, **changes}).encode("utf-8"))

    return trap


TRAPS |= {
    "a kind that is a module": said(kind="os"),
    "a name that clears the screen": said(name="\x1b[2Jgood\x1b[0m"),
    "an outcome that is a list": said(outcome=[]),
    "years that are no years": said(years={"trained": ["x"], "calibrated": "2023/24", "tested": None}),
    "30 February": said(as_of={"month": 2, "day": 30}),
    "a line that turns the list round": said(calibration={"intercept": 0.0, "slope": -1.0}),
    "a line of text": said(calibration={"intercept": "0", "slope": "1"}),
    "no bands": said(bands=[]),
    "room for a million": said(capacity=-1),
    "a word too many": said(loader_module="os"),
    "a file of the model outside": said(model={"files": {"../x": "0" * 64}, "remarks": {}}),
}


@_trap("features with names that a terminal obeys")
def _feature_names(folder: Path, mark: Path) -> None:
    found = json.loads((folder / "bundle.json").read_bytes())["features"]
    said(features=[{**found[0], "name": "\x1b]0;gone\x07"}, *found[1:]])(folder, mark)


# --- trees -------------------------------------------------------------------------------------------------------


def _line(key: str, change: Callable[[list[str]], list[str]]) -> Trap:
    """One line of the first tree that splits, changed; the sizes of the trees are made right again."""

    def trap(folder: Path, mark: Path) -> None:
        text = (folder / "model.txt").read_text(encoding="ascii")
        begin = text.index("\nTree=")
        found = re.compile(rf"^{key}=(.+)$", re.MULTILINE).search(text, begin)
        assert found is not None
        made = f"{text[: found.start()]}{key}={' '.join(change(found[1].split(' ')))}{text[found.end() :]}"
        replaced(folder, "model.txt", resized(made.encode("ascii")))

    return trap


def _chain(folder: Path, mark: Path) -> None:
    """One tree of 200,000 leaves, each split below the last."""
    leaves, text = 200_000, (folder / "model.txt").read_text(encoding="ascii")
    each = {"splits": leaves - 1, "leaves": leaves}
    lines = [
        "Tree=0", f"num_leaves={leaves}", "num_cat=0", *(
            f"{key}={' '.join([value] * each[kind])}"
            for key, value, kind in (
                ("split_feature", "0", "splits"), ("split_gain", "1", "splits"), ("threshold", "1", "splits"),
                ("decision_type", "2", "splits"),
            )
        ),
        f"left_child={' '.join(str(~n) for n in range(leaves - 1))}",
        f"right_child={' '.join(str(n) for n in range(1, leaves - 1))} {~(leaves - 1)}",
        *(f"{key}={' '.join([value] * each[kind])}" for key, value, kind in (
            ("leaf_value", "1", "leaves"), ("leaf_weight", "1", "leaves"), ("leaf_count", "1", "leaves"),
            ("internal_value", "1", "splits"), ("internal_weight", "1", "splits"), ("internal_count", "1", "splits"),
        )),
        "is_linear=0", "shrinkage=1", "", "", "",
    ]  # fmt: skip
    head, tail = text[: text.index("Tree=0")], text[text.index("end of trees") :]
    replaced(folder, "model.txt", resized((head + "\n".join(lines) + tail).encode("ascii")))


TRAPS |= {
    "a tree like a chain": _chain,
    "a child that is its own parent": _line("left_child", lambda v: ["0", *v[1:]]),
    "children that go in a circle": _line("right_child", lambda v: [*v[:-1], "0"]),
    "a child with two parents": _line("left_child", lambda v: [v[-1], *v[1:]]),
    "a child far outside": _line("right_child", lambda v: ["99999999", *v[1:]]),
    "a leaf far outside": _line("left_child", lambda v: ["-99999999", *v[1:]]),
    "a feature far outside": _line("split_feature", lambda v: ["40000", *v[1:]]),
    "a feature below nought": _line("split_feature", lambda v: ["-1", *v[1:]]),
    "an edge that is no number": _line("threshold", lambda v: ["nan", *v[1:]]),
    "an endless leaf": _line("leaf_value", lambda v: ["1e999", *v[1:]]),
    "leaves too large to add": _line("leaf_value", lambda v: ["1e308" for _ in v]),
    "a billion leaves": _line("num_leaves", lambda v: ["1000000000"]),
    "categories": _line("num_cat", lambda v: ["1"]),
    "linear leaves": _line("is_linear", lambda v: ["1"]),
    "more leaves than stated": _line("leaf_value", lambda v: [*v, "0.5"]),
    "rows that do not add up": _line("leaf_count", lambda v: ["1", *v[1:]]),
    "a million trees stated": lambda folder, mark: replaced(
        folder, "model.txt",
        re.sub(rb"tree_sizes=[^\n]*", b"tree_sizes=" + b"1 " * 10**6 + b"1", (folder / "model.txt").read_bytes()),
    ),
    "a size beyond the text": lambda folder, mark: replaced(
        folder, "model.txt",
        re.sub(rb"tree_sizes=\d+", b"tree_sizes=999999999", (folder / "model.txt").read_bytes()),
    ),
}  # fmt: skip


# --- compiled tables ---------------------------------------------------------------------------------------------


def _head(change: Callable[[dict[str, Any]], Any]) -> Trap:
    def trap(folder: Path, mark: Path) -> None:
        line, _, rest = (folder / "tables.bin").read_bytes().partition(b"\n")
        found = json.loads(line)
        change(found)
        made = json.dumps(found, sort_keys=True, separators=(",", ":")).encode()
        replaced(folder, "tables.bin", made + b" " * (-(len(made) + 1) % 8) + b"\n" + rest)

    return trap


def _numbers(folder: Path, mark: Path) -> None:
    """The tables say something else of nearly every pupil; the probe and all hashes are made anew."""
    from absence_risk.models.bundle import Bundle

    bundle = Bundle.load(folder)
    tables = bundle.model.tables.trees  # type: ignore[union-attr]
    columns = np.where(np.arange(len(tables.layout.columns)) % 7 == 0, 0.25, tables.layout.columns)  # type: ignore[union-attr]
    _forged(bundle, tables.layout._replace(columns=columns)).save(folder)  # type: ignore[union-attr]


def _one_cell(folder: Path, mark: Path) -> None:
    """One cell that no probe row comes to, moved by a millionth."""
    from absence_risk.models.bundle import Bundle

    bundle = Bundle.load(folder)
    layout = bundle.model.tables.trees.layout  # type: ignore[union-attr]
    columns = layout.columns.copy()
    columns[len(columns) // 3] += 1e-6
    _forged(bundle, layout._replace(columns=columns)).save(folder)


def _forged(bundle: Any, layout: Any) -> Any:
    from dataclasses import replace

    from absence_risk.models.boosting import Tables

    trees = replace(bundle.model.tables.trees, layout=layout)
    return replace(bundle, model=replace(bundle.model, tables=Tables(trees)))


TRAPS |= {
    "arrays of a billion": _head(lambda head: head["lengths"].update(columns=10**9)),
    "arrays of fewer than none": _head(lambda head: head["lengths"].update(edges=-1, columns=1)),
    "arrays of endless length": _head(lambda head: head["lengths"].update(edges=float("inf"))),
    "a base that is no number": _head(lambda head: head.update(base="nan")),
    "a base too large to hold": _head(lambda head: head.update(base="0x1p+99999")),
    "names that are one word": _head(lambda head: head.update(names="x" * len(head["names"]))),
    "a head that never ends": lambda folder, mark: replaced(folder, "tables.bin", b"{" * 2**21),
    "places outside the tables": lambda folder, mark: replaced(
        folder, "tables.bin",
        (folder / "tables.bin").read_bytes()[:-4096] + struct.pack("<I", 2**32 - 1) * 1024,
    ),
    "tables of other trees, probe and all": _numbers,
    "one cell of the tables moved by a millionth": _one_cell,
}  # fmt: skip
