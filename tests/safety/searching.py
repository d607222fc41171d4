"""Every byte under a folder, unpacked as far as it can be, searched for thousands of tokens at once."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tokens import Tokens

Array = np.ndarray[Any, np.dtype[Any]]

#: Bytes of a pattern that are looked up at every place of a file; no pattern is shorter.
KEY = 6
_BLOCK = 1 << 22


def forms_of(kind: str, token: str) -> Iterator[tuple[str, bytes]]:
    """Every way in which a token might be written, each with a name."""
    written = {"as it is": token, "lower case": token.lower()}
    if kind == "birth":
        year, month, day = token.split("-")
        month_name = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * int(month) - 3 : 3 * int(month)]
        written = {
            "year first": token,
            "day first": f"{day}/{month}/{year}",
            "day first, escaped": f"{day}%2F{month}%2F{year}",
            "day first, dashes": f"{day}-{month}-{year}",
            "COLLECT": f"{year}-{month_name}-{day}",
            "in words": f"{int(day)} {month_name}",
        }
        written.pop("in words")
    if kind == "place":
        written |= {"no blank": token.replace(" ", ""), "escaped": token.replace(" ", "%20")}
    for name, text in written.items():
        yield name, text.encode()
        yield f"{name}, UTF-16", text.encode("utf-16-le")[:-1]
    if kind != "birth":
        yield "backwards", token[::-1].encode()
    if kind == "upn":
        yield from _hidden(token)


def _hidden(upn: str) -> Iterator[tuple[str, bytes]]:
    for text in (upn, upn.lower()):
        for name in ("sha256", "sha1", "md5"):
            digest = hashlib.new(name, text.encode()).digest()
            # A part of a hash tells as much as the whole.
            yield f"{name}", digest[:12]
            yield f"{name} in figures", digest.hex()[:24].encode()
            yield f"{name} in capital figures", digest.hex().upper()[:24].encode()
            yield f"{name} in base64", base64.b64encode(digest)[:15]
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + upn.encode())
        yield "base64", whole[4:16] if shift else whole[:16]


class Searcher:
    """Looks for many patterns at once.

    Parameters
    ----------
    patterns : iterable of (what, bytes)
        At least six bytes each.
    """

    def __init__(self, patterns: Iterable[tuple[str, bytes]]) -> None:
        self._by_key: dict[int, list[tuple[str, bytes]]] = {}
        self.longest = KEY
        for what, pattern in patterns:
            assert len(pattern) >= KEY, what
            self._by_key.setdefault(int.from_bytes(pattern[:KEY], "little"), []).append((what, pattern))
            self.longest = max(self.longest, len(pattern))
        self._keys = np.array(sorted(self._by_key), dtype=np.uint64)
        self._first = np.zeros(1 << 24, dtype=bool)
        self._first[(self._keys & np.uint64(0xFFFFFF)).astype(np.int64)] = True

    @classmethod
    def of(cls, tokens: Tokens, more: Iterable[tuple[str, bytes]] = ()) -> Searcher:
        """For every form of every token, and further patterns."""
        planted = (
            (f"{kind} ({form})", pattern)
            for kind, token in tokens.pairs()
            for form, pattern in forms_of(kind, token)
        )
        return cls([*planted, *more])

    def found_in(self, data: bytes) -> set[str]:
        """What kinds of pattern occur in some bytes; never which token."""
        found: set[str] = set()
        for start in range(0, max(1, len(data)), _BLOCK):
            found |= self._in_block(data[start : start + _BLOCK + self.longest])
        return found

    def _in_block(self, data: bytes) -> set[str]:
        if len(data) < KEY:
            return set()
        seen = np.frombuffer(data, dtype=np.uint8)
        three = seen[:-2].astype(np.int32)
        three |= seen[1:-1].astype(np.int32) << 8
        three |= seen[2:].astype(np.int32) << 16
        places = np.flatnonzero(self._first[three[: len(seen) - KEY + 1]])
        keys = np.zeros(len(places), dtype=np.uint64)
        for byte in range(KEY):
            keys |= seen[places + byte].astype(np.uint64) << np.uint64(8 * byte)
        at = np.searchsorted(self._keys, keys).clip(max=len(self._keys) - 1)
        hits = self._keys[at] == keys
        return {
            what
            for place, key in zip(places[hits].tolist(), keys[hits].tolist(), strict=True)
            for what, pattern in self._by_key[key]
            if data.startswith(pattern, place)
        }


def layers_of(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file, and of everything packed into it."""
    yield name, data
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for member in packed.infolist():
                yield from layers_of(f"{name}!{member.filename}", packed.read(member))
    elif data[:2] == b"\x1f\x8b":
        yield from layers_of(f"{name}!gz", gzip.decompress(data))
    elif data[:4] == b"PAR1":
        yield f"{name}!columns", _parquet(data)
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        yield f"{name}!text", b"".join(_png_texts(data))
    elif data[8:12] == b"DUCK":
        pass  # read by tables_of, from its path
    for number, found in enumerate(re.findall(rb"base64,([A-Za-z0-9+/=]{40,})", data)):
        yield f"{name}!embedded {number}", base64.b64decode(found + b"==")


def _parquet(data: bytes) -> bytes:
    import pyarrow.parquet as pq

    if data[-4:] != b"PAR1":
        return b""  # cut short: its bytes are searched as they are
    table = pq.read_table(io.BytesIO(data))
    told = [str(table.schema).encode()]
    for column in table.columns:
        told += ["\n".join(str(cell) for cell in column.to_pylist()).encode()]
    return b"\n".join(told)


def _png_texts(data: bytes) -> Iterator[bytes]:
    place = 8
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        if kind in (b"tEXt", b"iTXt", b"zTXt"):
            yield body
            packed = body.find(b"\x78\x9c")
            if packed >= 0:
                yield zlib.decompressobj().decompress(body[packed:])
        place += 12 + length


def tables_of(path: Path) -> bytes:
    """Every cell of every table of a database file, as text; pages by themselves may cut a value in two."""
    with path.open("rb") as handle:
        start = handle.read(16)
    if start.startswith(b"SQLite format 3"):
        con: Any = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        names = [n for (n,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    elif start[8:12] == b"DUCK":
        import duckdb

        con = duckdb.connect(str(path), read_only=True)
        names = [n for (n,) in con.execute("SELECT table_name FROM information_schema.tables").fetchall()]
    else:
        return b""
    try:
        cells = (
            str(cell) for n in names for row in con.execute(f'SELECT * FROM "{n}"').fetchall() for cell in row
        )
        return "\n".join(cells).encode()
    finally:
        con.close()


def search(folder: Path, searcher: Searcher) -> Iterator[tuple[str, str]]:
    """Every file below a folder in which something was found, and what: name and kind of pattern."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        found = searcher.found_in(name.encode())
        for _, data in layers_of(name, path.read_bytes()):
            found |= searcher.found_in(data)
        found |= searcher.found_in(tables_of(path))
        yield from ((name, what) for what in sorted(found))
