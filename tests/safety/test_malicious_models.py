"""Models made to do harm run nothing, reach nothing, take little, and are refused in our words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from made_matrix import trees_bundle
from malice import HARMLESS, TRAPS
from reading_models import read_in_a_child

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, links and devices are POSIX here")

#: Kilobytes that reading any of them may take beyond what reading a sound one takes.
MOST_MEMORY = 600 * 1024
FAST = 3


@pytest.mark.parametrize("every", [FAST, pytest.param(1, marks=pytest.mark.slow)])
def test_a_model_that_means_harm_runs_nothing_and_is_refused_in_our_words(
    every: int, tmp_path: Path, counted: Callable[[str, int, int], None]
) -> None:
    bundle = trees_bundle()
    sound, marks = bundle.save(tmp_path / "sound", extras={"card.md": "# A card\n"}), tmp_path / "marks"
    marks.mkdir()
    chosen = list(TRAPS)[::every]
    cases = [(sound, bundle.hash)]
    for number, words in enumerate(chosen):
        folder = Path(shutil.copytree(sound, tmp_path / "cases" / f"{number:03d}"))
        TRAPS[words](folder, marks / f"{number:03d}")
        cases.append((folder, bundle.hash))
    first, *found = read_in_a_child(cases, tmp_path)
    assert first["end"] == "read", first
    faults = []
    for words, one in zip(chosen, found, strict=True):
        if words in HARMLESS:
            fine = one["end"] == "read" and one["numbers"] == first["numbers"]
        else:
            fine = one["end"] == "refused" and one["words"].isprintable() and not one["chained"]
        if not (fine and one["peak"] - first["peak"] < MOST_MEMORY):
            faults.append(f"{words}: {one}")
    assert not list(marks.iterdir()), "a trap has sprung"
    assert not faults, "\n".join(faults)
    counted("malicious models", len(chosen), len(chosen) - len(faults))
