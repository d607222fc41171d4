"""How long work tells what it is doing: one call per step. Silent by default, a bar on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class Progress(Protocol):
    """Called at the start of each step with its words, its place and how many steps there are."""

    def __call__(self, step: str, done: int, total: int) -> None: ...


def silent(step: str, done: int, total: int) -> None:
    """Say nothing: the default in notebooks and tests."""


def numbered(progress: Progress, steps: Sequence[str]) -> Callable[[int], None]:
    """Tell of a recipe's steps by their number alone.

    >>> numbered(lambda step, done, total: print(step, done, total), ("read", "write"))(1)
    write 1 2
    """
    return lambda number: progress(steps[number], number, len(steps))
