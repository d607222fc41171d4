"""Damaged models are refused, or score to the same bit, or are another model and say so; the parent never dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from damaging import DAMAGE, Files, resealed
from made_matrix import logistic_bundle, trees_bundle
from reading_models import read_in_a_child, write_files

from absence_risk.models.boosting import BoostedTrees, Tables
from absence_risk.models.bundle import Bundle

#: What the layer of hashes says; whatever a parser would say is not among it.
BEFORE_PARSING = (
    "hash differs",
    "is damaged",
    "is absent",
    "names files",
    "no whole bundle",
    "is not a bundle",
)


def without_tables() -> Bundle:
    bundle = trees_bundle()
    assert isinstance(bundle.model, BoostedTrees)
    return replace(bundle, model=replace(bundle.model, tables=Tables(None, "made without them for a test")))


KINDS: dict[str, Callable[[], Bundle]] = {
    "trees with tables": trees_bundle, "trees without tables": without_tables, "logistic": logistic_bundle,
}  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """The files of one sound bundle of each kind."""
    found = {}
    for kind, made in KINDS.items():
        folder = made().save(
            tmp_path_factory.mktemp("sound") / "bundle",
            extras={"card.md": "# A card\n\nIt found 11 of 20 in 2024/25.\n"},
        )
        found[kind] = {path.name: path.read_bytes() for path in folder.iterdir()}
    return found


def drawn(sound: dict[str, Files], kind: str, number: int) -> Files:
    """The files of one damaged copy; the same number, the same damage."""
    kinds = list(KINDS)
    draw = np.random.default_rng([number, kinds.index(kind)])
    other = sound[kinds[(kinds.index(kind) + 1) % len(kinds)]]
    while (found := DAMAGE[number % len(DAMAGE)](sound[kind], other, draw)) == sound[kind]:
        continue
    return found


def ends(
    sound: dict[str, Files], copies: dict[str, list[Files]], scratch: Path
) -> Iterator[tuple[str, Files, str, dict[str, Any]]]:
    """Each damaged copy: its kind, its files, the numbers of the sound bundle of that kind, and what came of it."""
    cases = [
        (write_files(scratch / kind / f"{number:04d}", files), KINDS[kind]().hash, kind, files)
        for kind in KINDS
        for number, files in enumerate([sound[kind], *copies[kind]])
    ]
    found = read_in_a_child([(folder, expected) for folder, expected, _, _ in cases], scratch)
    numbers = ""
    for (folder, _, kind, files), one in zip(cases, found, strict=True):
        if folder.name == "0000":
            assert one["end"] == "read" and one["vouched"], one
            numbers = one["numbers"]
        else:
            yield kind, files, numbers, one


def made(sound: dict[str, Files], cases: int) -> dict[str, list[Files]]:
    return {kind: [drawn(sound, kind, number) for number in range(cases // 3)] for kind in KINDS}


@pytest.mark.parametrize("cases", [12, pytest.param(402, marks=pytest.mark.slow)])
def test_damage_is_found_by_the_hashes_before_anything_is_parsed(
    cases: int, sound: dict[str, Files], tmp_path: Path, counted: Callable[[str, int, int], None]
) -> None:
    held, faults = 0, []
    for kind, files, numbers, one in ends(sound, made(sound, cases), tmp_path):
        untouched = all(files.get(name) == content for name, content in sound[kind].items())
        refused = one["end"] == "refused" and any(words in one["words"] for words in BEFORE_PARSING)
        # A file that the manifest does not name is never opened.
        fine = (one["end"] == "read" and one["numbers"] == numbers) if untouched else refused
        held += fine
        faults += [] if fine else [f"{kind}: {one}"]
    assert not faults, "\n".join(faults)
    counted("damaged models: hashes as they were", cases, held)


@pytest.mark.parametrize("cases", [24, pytest.param(1200, marks=pytest.mark.slow)])
def test_damage_under_hashes_made_anew_is_refused_or_changes_nothing_or_is_named_another_model(
    cases: int, sound: dict[str, Files], tmp_path: Path, counted: Callable[[str, int, int], None]
) -> None:
    """A folder can vouch for another model; then its hash is another, no record lets it through, and a list says so."""
    copies = {kind: [resealed(one, sound[kind]) for one in some] for kind, some in made(sound, cases).items()}
    seen, faults = Counter[str](), []
    for kind, _, numbers, one in ends(sound, copies, tmp_path):
        end = one["end"]
        if end == "read":
            end = (
                "same"
                if one["numbers"] == numbers
                else "another"
                if one["named"] and not one["vouched"]
                else end
            )
        seen[end] += 1
        faults += [] if end in ("refused", "same", "another") else [f"{kind}: {one}"]
    print(f"\nhashes made anew: {dict(seen)}")
    assert not faults, "\n".join(faults)
    assert seen["refused"] > cases / 2
    counted("damaged models: hashes made anew", cases, seen["refused"] + seen["same"] + seen["another"])
