"""Damage to the files of a model: bytes, lines, numbers and names, each drawn by a seeded generator."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from absence_risk.files import canonical_json
from absence_risk.models.bundle_files import MANIFEST_ABOUT
from absence_risk.models.bundle_text import FORMAT

Files = dict[str, bytes]
Draw = np.random.Generator
HOSTILE = (
    "0", "-1", "1", "2", "nan", "inf", "-inf", "1e308", "-1e308", "1e999", "4294967295", "2147483647", "99999999999",
    "-2147483648", "0.1", "1e-310", "", "null", "9" * 5000,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1, 10**30, 0.5, -0.0, 1e308, "", "x", "\x1b[2J", "../a", [], {}, [1, 2], {"a": 1}, "0" * 64,
)  # fmt: skip


def _bit(content: bytearray, draw: Draw) -> None:
    for _ in range(int(draw.integers(1, 4))):
        content[int(draw.integers(len(content)))] ^= 1 << int(draw.integers(8))


def _cut(content: bytearray, draw: Draw) -> None:
    del content[int(draw.integers(len(content))) :]


def _block(content: bytearray, draw: Draw) -> tuple[int, int]:
    begin = int(draw.integers(len(content)))
    return begin, min(len(content), begin + int(draw.integers(1, 600)))


def _zeroed(content: bytearray, draw: Draw) -> None:
    begin, end = _block(content, draw)
    content[begin:end] = bytes(end - begin)


def _doubled(content: bytearray, draw: Draw) -> None:
    begin, end = _block(content, draw)
    content[begin:begin] = content[begin:end]


def _lost(content: bytearray, draw: Draw) -> None:
    begin, end = _block(content, draw)
    del content[begin:end]


def _noise(content: bytearray, draw: Draw) -> None:
    begin, end = _block(content, draw)
    content[begin:end] = draw.bytes(end - begin)


def _digit(content: bytearray, draw: Draw) -> None:
    places = [place for place, one in enumerate(content) if 48 <= one <= 57]
    place = places[int(draw.integers(len(places)))]
    content[place] = 48 + (content[place] - 48 + int(draw.integers(1, 10))) % 10


def _number(content: bytearray, draw: Draw) -> None:
    found = list(re.finditer(rb"-?[0-9][0-9.e+-]*", bytes(content)))
    one = found[int(draw.integers(len(found)))]
    content[one.start() : one.end()] = HOSTILE[int(draw.integers(len(HOSTILE)))].encode()


def _line(content: bytearray, draw: Draw) -> None:
    lines = bytes(content).split(b"\n")
    here, there = (int(one) for one in draw.integers(len(lines), size=2))
    if draw.random() < 0.5:
        lines[here], lines[there] = lines[there], lines[here]
    else:
        lines.insert(there, lines[here])
    content[:] = b"\n".join(lines)


BYTES: tuple[Callable[[bytearray, Draw], None], ...] = (
    _bit, _cut, _zeroed, _doubled, _lost, _noise, _digit, _number, _line,
)  # fmt: skip


def _named(files: Files, draw: Draw) -> str:
    names = [name for name in sorted(files) if name != "manifest.json"]
    return names[int(draw.integers(len(names)))]


def in_bytes(files: Files, other: Files, draw: Draw) -> Files:
    """One file with bytes, lines or numbers changed."""
    name = _named(files, draw)
    content = bytearray(files[name])
    BYTES[int(draw.integers(len(BYTES)))](content, draw)
    return {**files, name: bytes(content)}


def in_a_tree(files: Files, other: Files, draw: Draw) -> Files:
    """A number of the trees changed, and the sizes that the text states made right again."""
    if "model.txt" not in files:
        return in_json(files, other, draw)
    content = bytearray(files["model.txt"])
    begin, end = content.index(b"\nTree="), content.index(b"end of trees")
    trees = content[begin:end]
    (_number if draw.random() < 0.6 else _digit)(trees, draw)
    content[begin:end] = trees
    return {**files, "model.txt": resized(bytes(content))}


def resized(text: bytes) -> bytes:
    """A model's text with the sizes of its trees stated anew."""
    begin, end = text.index(b"\nTree=") + 1, text.index(b"end of trees")
    sizes = [len(part) for part in re.split(rb"(?=Tree=)", text[begin:end])[1:]]
    stated = b"tree_sizes=" + b" ".join(b"%d" % size for size in sizes)
    return re.sub(rb"tree_sizes=[^\n]*", stated, text, count=1)


def in_an_array(files: Files, other: Files, draw: Draw) -> Files:
    """A number of the compiled tables changed, in any array."""
    if "tables.bin" not in files:
        return in_bytes(files, other, draw)
    content = files["tables.bin"]
    begin = content.index(b"\n") + 1
    array = np.frombuffer(content[begin:], dtype="<u4" if draw.random() < 0.7 else "<u8").copy()
    place = int(draw.integers(min(len(array), 4_000)))
    array[place] = (int(array[place]) + int(draw.choice([1, 2, 255, 65_536, 2**31, 2**32 - 1]))) % 2**32
    return {**files, "tables.bin": content[:begin] + array.tobytes()}


def in_json(files: Files, other: Files, draw: Draw) -> Files:
    """A value of a JSON file replaced by one of another kind, in the one layout that is read."""
    names = [name for name in sorted(files) if name.endswith(".json") and name != "manifest.json"]
    name = names[int(draw.integers(len(names)))]
    said = json.loads(files[name])
    held, key = said, list(said)[int(draw.integers(len(said)))]
    while isinstance(held[key], dict | list) and held[key] and draw.random() < 0.8:
        held = held[key]
        keys = list(held) if isinstance(held, dict) else list(range(len(held)))
        key = keys[int(draw.integers(len(keys)))]
    held[key] = VALUES[int(draw.integers(len(VALUES)))]
    return {**files, name: canonical_json(said).encode("utf-8")}


def in_names(files: Files, other: Files, draw: Draw) -> Files:
    """A file gone, one too many, two that changed places, or one of another model."""
    name, kind = _named(files, draw), int(draw.integers(4))
    if kind == 0:
        return {one: content for one, content in files.items() if one != name}
    if kind == 1:
        return {**files, "extra.bin": draw.bytes(100)}
    there = _named(files, draw) if kind == 2 else None
    if there is not None and there != name:
        return {**files, name: files[there], there: files[name]}
    return {**files, name: other.get(name, b"")}


DAMAGE = (in_bytes, in_bytes, in_a_tree, in_an_array, in_json, in_names)


def resealed(files: Files, sound: Files) -> Files:
    """Every hash stated anew, as whoever made the damage could: in the tables, in ``bundle.json``, in the manifest."""
    made = dict(files)
    for name, holder in (("model.txt", "tables.bin"), *((n, "bundle.json") for n in sorted(sound))):
        if name in made and name in sound and holder in made and name not in ("bundle.json", "manifest.json"):
            made[holder] = made[holder].replace(_digest(sound[name]), _digest(made[name]))
    digests = {name: _digest(content).decode() for name, content in made.items() if name != "manifest.json"}
    said = {"about": MANIFEST_ABOUT, "format": FORMAT, "files": digests}
    return {**made, "manifest.json": canonical_json(said).encode("utf-8")}


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
