"""What is read is never run: no line of the package unpickles, evaluates or imports what a file names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "absence_risk"
#: Modules whose loading runs what a file says.
NEVER_IMPORTED = {
    "pickle",
    "cloudpickle",
    "dill",
    "joblib",
    "marshal",
    "shelve",
    "skops",
    "onnx",
    "torch",
    "runpy",
}
NEVER_CALLED = {
    "eval", "exec", "compile", "__import__", "import_module", "load_model", "unsafe_load", "full_load",
    "read_pickle", "to_pickle", "extractall",
}  # fmt: skip
#: Calls of the same name that run nothing.
HARMLESS = {("re", "compile")}


def faults(source: str) -> list[str]:
    """What stands in a source that could run what it reads."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            names = [module or ""] if module else [alias.name for alias in node.names]
            found += [f"imports {name}" for name in names if name.split(".")[0] in NEVER_IMPORTED]
        elif isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            owner = getattr(called.value, "id", "") if isinstance(called, ast.Attribute) else ""
            if name in NEVER_CALLED and (owner, name) not in HARMLESS:
                found.append(f"calls {name}")
            if (owner, name) == ("yaml", "load") and not _safe_loader(node):
                found.append("calls yaml.load")
            found += ["allows pickles" for word in node.keywords if word.arg == "allow_pickle"]
    return found


def _safe_loader(call: ast.Call) -> bool:
    """Whether a loader is named that is the safe one, or made from it under a name of ours."""
    named = [
        getattr(word.value, "id", getattr(word.value, "attr", ""))
        for word in call.keywords
        if word.arg == "Loader"
    ]
    return bool(named) and named[0] not in ("Loader", "FullLoader", "UnsafeLoader")


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from joblib import load", "import cloudpickle.compat", "eval('1')", "pyfunc.load_model(p)",
        "np.load(p, allow_pickle=True)", "yaml.load(p)", "importlib.import_module(name)", "archive.extractall(p)",
        "yaml.load(p, Loader=yaml.Loader)",
    ],
)  # fmt: skip
def test_the_rule_sees_what_it_forbids(source: str) -> None:
    assert faults(source) and not faults("import re\nre.compile('a')\nyaml.safe_load(p)\n")


def test_no_line_of_the_package_runs_what_it_reads() -> None:
    found = {path.name: faults(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    assert {name: what for name, what in found.items() if what} == {}
