"""Hostile and broken files: a right answer, or a clear fault with the file's name; never a silent misreading."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_bytes import OTHER, REFUSED, SAME, Case, bytes_cases
from hostile_cells import date_cases, number_cases
from hostile_returns import AP, EPISODES, GROUPS, REASONS, SECRET, Read, changed, group_of, make_returns
from hostile_rows import row_cases, xml_cases

Counted = Callable[[str, int, int], None]

CASES = [
    *(case for name in (REASONS, EPISODES, AP) for case in bytes_cases(name)),
    *number_cases(),
    *date_cases(),
    *row_cases(),
    *xml_cases(),
]


def holds(case: Case, plain: Read, read: Read) -> bool:
    """Whether what came of a case is what it must come to, and no cell was repeated."""
    if SECRET in read.spoken:
        return False
    if case.expected == SAME:
        return not read.refused and read.held == plain.held
    if case.expected == REFUSED:
        return case.words in read.refused
    if case.expected == OTHER:
        return not read.spoken and read.held != plain.held
    return not read.refused and case.words in read.said


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Read]]:
    folder = tmp_path_factory.mktemp("sound")
    make_returns(folder)
    plain = [changed(folder, folder / f"plain{n}", n, lambda _: None) for n in range(len(GROUPS))]
    assert not any(read.refused for read in plain)
    assert all(any(read.held[table] for read in plain) for table in plain[0].held)
    return folder, plain


@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.slow)])
def test_a_hostile_return_is_read_rightly_refused_or_told(
    base: tuple[Path, list[Read]], tmp_path: Path, counted: Counted, every: int
) -> None:
    folder, plain = base
    cases = CASES[::every]
    wrong = []
    for number, case in enumerate(cases):
        group = group_of(case.file)
        try:
            read = changed(folder, tmp_path / str(number), group, case.change)
        except Exception as fault:  # whatever comes is a finding, not the end of the suite
            wrong.append(f"{case.name}: {type(fault).__name__}")
            continue
        finally:
            shutil.rmtree(tmp_path / str(number), ignore_errors=True)
        if not holds(case, plain[group], read):
            wrong.append(f"{case.name}: wanted {case.expected} ({case.words}), found {read.spoken[:300]!r}")
    print("\n".join(wrong))
    counted("hostile files: returns", len(cases), len(cases) - len(wrong))
