"""A table as lines of plain text, for people at a command line."""

from __future__ import annotations

from collections.abc import Sequence


def plain_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Heads, then rows: the first column to the left, the others to the right, two blanks between.

    >>> plain_table(["", "right"], [["trees", "7"], ["rate", "12"]])
    ['       right', 'trees      7', 'rate      12']
    """
    table = [heads, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(heads))]
    return [_line(row, widths) for row in table]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = cells
    return "  ".join(
        [first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(rest, widths[1:], strict=True))]
    ).rstrip()
