"""The laws of the house (docs/architecture.md, section 3) as tests over the source text."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "absence_risk"

#: Floors from the ground up: a room may import its own floor's own room and any room on a lower floor.
FLOORS = (
    ("errors", "domain", "progress"),
    ("tables", "pages", "locks", "spreadsheet"),
    ("files",),
    ("store", "evaluation", "logbook", "compiled"),
    ("features",),
    ("returns", "synthetic", "settings", "cohort", "labels", "splits", "scored_file"),
    ("dataset", "models", "disclosure", "scored_folder"),
    ("explanation", "scored_about"),
    ("evidence", "leakage"),
    ("scoring", "reports"),
    ("decisions",),
    ("support_list", "impact"),
    ("tracking", "spark"),
    ("workflows",),
    ("cli",),
    ("__main__",),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

#: One door for each heavy guest.
DOORS = {
    "lightgbm": {"models.boosting", "models.growing"},
    "shap": {"explanation.contributions"},
    "mlflow": {
        "tracking.quiet",
        "tracking.registry",
        "tracking.fetching",
        "tracking.saved_model",
        "tracking.model_code",
    },
    "numba": {"compiled.kernel"},
    "pyspark": {"spark.session", "spark.tables", "spark.score"},
    "duckdb": {"store.engine"},
    "matplotlib": {"reports.drawing"},
    "statsmodels": {"evidence.factors"},
    "interpret": {"models.additive"},
    "yaml": {"settings.reading"},
    "jinja2": {"pages"},
    "defusedxml": {"returns.cin_census"},
    "sqlite3": {"decisions.register"},
    "openpyxl": {"decisions.returned"},
    "xlsxwriter": {"support_list.workbook.workbook"},
}

MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(SOURCE.rglob("*.py"))
    if path != SOURCE / "__init__.py"
}


def _typing_only(tree: ast.Module) -> set[ast.AST]:
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)]
    return {inner for block in blocks for inner in ast.walk(block)}


@functools.cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@functools.cache
def imports_of(module: str, *, typing_too: bool = True) -> frozenset[str]:
    """Absolute names of everything a module imports; ours without the package's name, as `.room.module`."""
    path = MODULES[module]
    tree = tree_of(module)
    skipped = set() if typing_too else _typing_only(tree)
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module or "")
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            target = [*base, *(node.module.split(".") if node.module else [])]
            names = [".".join([*target, alias.name]) for alias in node.names]
            found |= {"." + (name if name in MODULES else ".".join(target)) for name in names}
    return frozenset(
        re.sub(r"^absence_risk\b", "", name) if name.startswith("absence_risk") else name for name in found
    )


def our_imports(module: str) -> set[str]:
    return {name[1:] for name in imports_of(module) if name.startswith(".") and len(name) > 1}


def room_of(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


@pytest.mark.parametrize("module", MODULES)
def test_every_room_has_a_floor_and_imports_go_down_only(module: str) -> None:
    room = room_of(module)
    assert room in FLOOR_OF, f"{room} has no floor: add it to FLOORS and to docs/architecture.md"
    for target in our_imports(module):
        other = room_of(target)
        assert other == room or FLOOR_OF[other] < FLOOR_OF[room], (
            f"{module} imports {target}, which is not below it"
        )


def test_modules_import_each_other_in_no_circle_not_even_for_type_hints() -> None:
    graph = {module: our_imports(module) & set(MODULES) for module in MODULES}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module not in done:
            for target in graph[module] - {module}:
                walk(target, (*path, module))
            done.add(module)

    for module in MODULES:
        walk(module, ())


def test_features_and_labels_do_not_know_each_other() -> None:
    for module in MODULES:
        if room_of(module) == "features":
            assert not {t for t in our_imports(module) if room_of(t) in ("labels", "dataset")}
    assert not {t for t in our_imports("labels") if room_of(t) in ("features", "dataset")} - {
        "features.known"
    }


def test_evaluation_imports_nothing_of_ours_but_evaluation() -> None:
    for module in MODULES:
        if room_of(module) == "evaluation":
            assert {room_of(t) for t in our_imports(module)} <= {"evaluation"}


@pytest.mark.parametrize("guest", DOORS)
def test_each_heavy_guest_has_one_door(guest: str) -> None:
    users = {
        module
        for module in MODULES
        if any(name == guest or name.startswith(guest + ".") for name in imports_of(module, typing_too=False))
    }
    assert users <= DOORS[guest], f"{guest} enters through {sorted(users - DOORS[guest])}"


def test_only_the_command_line_and_workflows_see_settings() -> None:
    users = {room_of(m) for m in MODULES if any(room_of(t) == "settings" for t in our_imports(m))}
    assert users <= {"cli", "workflows", "settings"}


def test_upn_stays_at_its_two_doors() -> None:
    """The word may stand in other rooms' docstrings; as a name in code it may not."""
    allowed = {"domain", "returns", "synthetic"}
    for module in MODULES:
        if room_of(module) in allowed or module in (
            "store",
            "support_list.who_is_who",
            "support_list.folder",
        ):
            continue
        names = {n.id for n in ast.walk(tree_of(module)) if isinstance(n, ast.Name)}
        assert not {n for n in names if re.search(r"\bupn\b|upn_|_upn", n)}, module


def test_no_room_is_called_a_drawer() -> None:
    drawers = {"utils", "helpers", "misc", "common", "base", "manager"}
    assert not {part for module in MODULES for part in module.split(".")} & drawers


def test_no_file_outgrows_its_roof() -> None:
    long = {m: n for m, p in MODULES.items() if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300}
    assert not long, f"files over 300 lines: {long}"


def test_help_loads_no_heavy_guest() -> None:
    heavy = [
        "pandas",
        "numpy",
        "lightgbm",
        "shap",
        "mlflow",
        "duckdb",
        "sklearn",
        "matplotlib",
        "pyarrow",
        "pydantic",
        "narwhals",
    ]
    code = f"import sys, absence_risk, absence_risk.cli; print([m for m in {heavy!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_no_name_of_the_face_is_the_name_of_a_room() -> None:
    """Importing a room binds its name on the package, in the place of a function of that name."""
    import absence_risk

    assert not set(absence_risk.__all__) & {room_of(module) for module in MODULES}
