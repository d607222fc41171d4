"""What may befall the bytes of any CSV, and how a case is said."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Change = Callable[[Path], object]
#: What a case must come to: the same rows as the sound folder, a fault, or rows that are told as not used or unknown.
SAME, OTHER, REFUSED, TOLD = "the same rows", "other rows, nothing told", "a fault", "told"


class Case(NamedTuple):
    """A change to one file, and what must come of it: the words are those of the fault, or of what is told."""

    name: str
    file: str
    change: Change
    expected: str
    words: str = ""


def edit(name: str, change: Callable[[bytes], bytes]) -> Change:
    def run(folder: Path) -> None:
        content = (folder / name).read_bytes()
        new = change(content)
        assert new != content, f"the case changes nothing in {name}"
        (folder / name).write_bytes(new)

    return run


def swap(name: str, old: str, new: str, times: int = 1) -> Change:
    return edit(name, lambda content: content.replace(old.encode(), new.encode(), times))


def body(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    header, rows = content.split(b"\n", 1)
    return header + b"\n" + change(rows)


def bytes_cases(name: str) -> list[Case]:
    """What may befall the bytes of any CSV."""

    def case(said: str, change: Callable[[bytes], bytes], expected: str, words: str = "") -> Case:
        return Case(f"{name}: {said}", name, edit(name, change), expected, words)

    quoted = re.compile(rb"[^,\n]+")
    return [
        case("byte order mark", lambda b: codecs.BOM_UTF8 + b, SAME),
        case("byte order mark twice", lambda b: codecs.BOM_UTF8 * 2 + b, SAME),
        case(
            "byte order mark and every cell quoted",
            lambda b: codecs.BOM_UTF8 + quoted.sub(lambda m: b'"' + m[0] + b'"', b),
            SAME,
        ),
        case("UTF-16", lambda b: b.decode().encode("utf-16"), SAME),
        case(
            "UTF-16, the other way round",
            lambda b: codecs.BOM_UTF16_BE + b.decode().encode("utf-16-be"),
            SAME,
        ),
        case("UTF-16 without a mark", lambda b: b.decode().encode("utf-16-le"), REFUSED, "NUL"),
        case("UTF-32", lambda b: b.decode().encode("utf-32"), REFUSED, "NUL"),
        case("NUL within a row", lambda b: body(b, lambda r: r.replace(b",", b",\0", 1)), REFUSED, "NUL"),
        case("a byte of no encoding", lambda b: b + b"\x81\x8d", REFUSED, "nor Windows-1252"),
        case(
            "two encodings in one",
            lambda b: b + "É,È".encode() + "é\n".encode("cp1252"),
            REFUSED,
            "throughout",
        ),
        case("cut within a character", lambda b: b + "é".encode() + b"\xc3", REFUSED, "throughout"),
        case("carriage returns alone", lambda b: b.replace(b"\n", b"\r"), SAME),
        case("lines ending as on Windows", lambda b: b.replace(b"\n", b"\r\n"), SAME),
        case("no line end at the end", lambda b: b.removesuffix(b"\n"), SAME),
        case("a blank line after each", lambda b: b.replace(b"\n", b"\n\n"), SAME),
        case("tabs", lambda b: b.replace(b",", b"\t"), SAME),
        case("semicolons", lambda b: b.replace(b",", b";"), SAME),
        case("bars", lambda b: b.replace(b",", b"|"), REFUSED, "fits no return"),
        case(
            "another delimiter from row two",
            lambda b: body(b, lambda r: r.replace(b",", b"|")),
            REFUSED,
            "cells",
        ),
        case(
            "a cell too many",
            lambda b: body(b, lambda r: r.replace(b"\n", b",x\n", 1)),
            REFUSED,
            "cells of the",
        ),
        case("a cell too few", lambda b: body(b, lambda r: r.replace(b",", b"", 1)), REFUSED, "cells of the"),
        case("a quotation never closed", lambda b: body(b, lambda r: b'"' + r), REFUSED, "do not close"),
        case("text behind a quotation", lambda b: body(b, lambda r: b'"x"y' + r), REFUSED, "do not close"),
        case("nothing at all", lambda b: b"", REFUSED, "empty"),
        case("only blanks", lambda b: b"   \n", REFUSED, "no column names"),
        case("a comma more in every line", lambda b: b.replace(b"\n", b",\n"), SAME),
        case("header twice", lambda b: b + b, REFUSED, "stands in it twice"),
        case(
            "header in capitals with blanks",
            lambda b: body_header(b, lambda h: b" , ".join(h.upper().split(b","))),
            SAME,
        ),
        case(
            "header with marks unseen",
            lambda b: body_header(b, lambda h: h.replace(b",", "\u200b,\u00a0".encode())),
            SAME,
        ),
        case("header in full-width letters", lambda b: body_header(b, full_width), SAME),
        case("a column twice", lambda b: b.replace(b"\n", b",upn,UPN\n", 1), REFUSED, "named twice"),
        case(
            "a header far too long",
            lambda b: b",".join(b"c%d" % n for n in range(200_000)),
            REFUSED,
            "first line",
        ),
        case("a line of five megabytes", lambda b: b + b"x" * 5_000_000, REFUSED, "cells of the header"),
        case("another kind of file", lambda b: b"PK\x03\x04\x14\x00\x06\x00", REFUSED, "NUL"),
    ]


def body_header(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    header, rows = content.split(b"\n", 1)
    return change(header) + b"\n" + rows


def full_width(header: bytes) -> bytes:
    letters = header.decode()
    return "".join(c if c == "," else chr(ord(c) + 0xFEE0) for c in letters).encode()
