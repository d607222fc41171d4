"""How long work tells what it is doing: one call per step. Silent by default, a bar on the command line."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called at the start of each step with its words, its place and how many steps there are."""

    def __call__(self, step: str, done: int, total: int) -> None: ...


def silent(step: str, done: int, total: int) -> None:
    """Say nothing: the default in notebooks and tests."""
