"""Sound samples of every file with bytes changed, cut, doubled and moved at random: read, or refused in our words.

The same readers run under a fuzzer that follows the lines it reaches: see ``tests/fuzz/fuzz_reader.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from readers import Reader, holds, readers

Counted = Callable[[str, int, int], None]
READERS = readers()
#: What readers stumble over, put in by the mutations.
PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\r", b"\n\n", b",", b"\t", b";", b"=", b"&", b"<", b">", b"]]>",
    b"<!DOCTYPE x>", b"-", b"9" * 30, b"1E+99", b"31/02/2024", b"9999-12-31", "٣".encode(), "é".encode(), b"\xe9",
    b"NaN", b"null", b"[" * 50, b"{", b"*a", b"&a", b"!!x", b"\x1b", b"\xed\xa0\x80", b"%", b"\\",
)  # fmt: skip


def mutated(data: bytes, draw: random.Random) -> bytes:
    """A few changes of the kinds that befall files: bytes flipped, cut, doubled, moved, pieces put in."""
    for _ in range(draw.randint(1, 6)):
        at, to = sorted(draw.choices(range(len(data) + 1), k=2))
        kind = draw.randrange(7)
        to = min(to, at + draw.choice((1, 3, 20, 400)))
        if kind == 0 and data:
            place = draw.randrange(len(data))
            data = data[:place] + bytes([draw.randrange(256)]) + data[place + 1 :]
        elif kind == 1:
            data = data[:at] + data[to:]
        elif kind == 2:
            data = data[:to] + data[at:]
        elif kind == 3:
            data = data[:at] + draw.choice(PIECES) + data[at:]
        elif kind == 4:
            data = data[:at] + draw.choice(PIECES) + data[to:]
        elif kind == 5:
            data = data[:at] + data[at:to][::-1] + data[to:]
        else:
            data = data[:to] if draw.random() < 0.3 else data + data[at:to]
    return data


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("cases", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_changed_bytes_are_read_or_refused_in_our_words(name: str, cases: int, counted: Counted) -> None:
    read, samples = READERS[name]
    draw = random.Random(f"{name} {cases}")
    sound = samples()
    held = 0
    for _ in range(cases):
        data = mutated(draw.choice(sound), draw)
        try:
            held += holds(read, data)
        except Exception as fault:
            print(f"{name}: {type(fault).__name__}: {data!r:.400}")
    counted(f"fuzzed: {name}", cases, held)


#: What the fuzzer found: reader, and the bytes that were no fault of ours in words.
FINDS: tuple[tuple[str, bytes], ...] = (
    ("settings", b"a: 2026-02-30"),
    ("settings", b"a: " + b"9" * 5_000),
    ("settings", b"[" * 3_000),
    ("settings", b"a: &a [*a]"),
)


@pytest.mark.parametrize(("name", "data"), FINDS)
def test_what_the_fuzzer_found_stays_mended(name: str, data: bytes) -> None:
    reader: Reader = READERS[name][0]
    assert holds(reader, data)
