"""Mutation testing of the rules that decide: small faults are planted one by one, and the quick tests must see each.

Run by hand, since it takes long: ``python tests/mutation/run.py [AREA ...]`` (docs/testing.md). Cosmic Ray makes the
mutants; each is tested in a fork of this process, which has the libraries loaded, and no file on the disk is changed.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "absence_risk"

#: Each module that holds a deciding rule, and the tests that are quick and are about it.
AREAS: dict[str, tuple[str, ...]] = {
    "domain/outcome": ("unit/domain/test_outcome.py",),
    "domain/pupil": ("unit/domain/test_pupil.py",),
    "returns/identity": ("unit/returns/test_identity.py",),
    "returns/people": ("unit/returns/test_people.py",),
    "features/known": ("unit/features/test_known.py", "spec/test_spec_known.py"),
    "cohort": ("spec/test_spec_cohort.py", "spec/test_spec_seen_pupils.py"),
    "disclosure/columns": ("unit/disclosure/test_columns.py",),
    "disclosure/records": ("unit/disclosure/test_records.py",),
    "disclosure/adding_up": ("unit/disclosure/test_adding_up.py",),
    "disclosure/policy": ("unit/disclosure",),
}
#: A mutant may loop for ever: it has so many times the seconds that its tests need without one.
PATIENCE = 10


class Mutant(NamedTuple):
    """One planted fault: what was done, on which line, and the whole text of the module with it."""

    operator: str
    line: int
    text: str


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module that is another program: annotations decide nothing, so one there is none."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    text = path.read_text(encoding="utf-8")
    tree, plain = get_ast_from_path(path), _program(text)
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments():
            continue
        places = [place for node in ast_nodes(tree) for place in operator().mutation_positions(node)]
        for number, (start, _) in enumerate(places):
            mutated = mutate_code(text, operator(), number)
            if mutated is not None and _program(mutated) != plain:
                yield Mutant(name.removeprefix("core/"), start[0], mutated)


def _program(text: str) -> str:
    """The text without annotations, in one layout; or as it is where it is no program."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Name("_")
    return ast.unparse(tree)


class _Planted(importlib.abc.MetaPathFinder):
    """Gives one module with the mutant's text in place of its own."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        self.name, self.path, self.text = name, path, text

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        text = self.text

        class Loader(SourceFileLoader):
            def get_code(self, fullname: str) -> Any:
                return compile(text, self.path, "exec", dont_inherit=True)

        return importlib.util.spec_from_file_location(name, self.path, loader=Loader(name, str(self.path)))


def survives(name: str, path: Path, text: str, tests: Sequence[str], seconds: float = 600) -> bool:
    """Whether every test passes with this text in the module's place, in time; in a fork, which takes it away."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        sys.meta_path.insert(0, _Planted(name, path, text))
        os._exit(_tested(tests))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _tested(tests: Sequence[str]) -> int:
    import pytest

    try:
        plain = ["-x", "-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist"]
        return int(pytest.main([*plain, *tests]))
    except BaseException:
        return 1


def run(area: str, sample: int) -> tuple[int, list[Mutant]]:
    """How many mutants of an area were tried, and those no test saw; ``sample`` of them, drawn by a seed, or all."""
    path = SOURCE / f"{area}.py"
    name = f"absence_risk.{area.replace('/', '.')}"
    tests = [str(ROOT / "tests" / test) for test in AREAS[area]]
    began = time.monotonic()
    if not survives(name, path, path.read_text(encoding="utf-8"), tests):
        raise SystemExit(f"{area}: its tests do not pass without a mutant; mend that first")
    seconds = PATIENCE * (time.monotonic() - began)
    found = list(mutants(path))
    if 0 < sample < len(found):
        found = random.Random(1).sample(found, sample)
    alive = [mutant for mutant in found if survives(name, path, mutant.text, tests, seconds)]
    return len(found), alive


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", default=list(AREAS), metavar="AREA")
    parser.add_argument(
        "--sample", type=int, default=0, help="So many mutants of each area, drawn by a fixed seed."
    )
    asked = parser.parse_args()
    for library in ("numpy", "pandas", "pyarrow", "duckdb", "narwhals", "hypothesis", "pytest"):
        __import__(library)
    sys.path.insert(0, str(SOURCE.parent))
    os.chdir(ROOT)
    total = killed = 0
    for area in asked.areas:
        number, alive = run(area, asked.sample)
        total, killed = total + number, killed + number - len(alive)
        print(f"{area:<24} {number:>5} mutants, {number - len(alive):>5} killed", flush=True)
        lines = (SOURCE / f"{area}.py").read_text(encoding="utf-8").splitlines()
        for one in alive:
            print(f"    line {one.line}: {one.operator}: {lines[one.line - 1].strip()}", flush=True)
    print(f"{'all':<24} {total:>5} mutants, {killed:>5} killed ({killed / max(total, 1):.1%})")


if __name__ == "__main__":
    main()
