"""Every output goes through `files`: no other module opens a file for writing at a place where an output may stand."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "absence_risk"

#: Calls that make, change or remove something on the disk.
WRITES = (
    "write_bytes", "write_text", "to_parquet", "write_table", "ParquetWriter", "savefig", "mkdir", "touch",
    "unlink", "rmtree", "copytree", "copyfile", "copy2", "move", "mkdtemp", "TemporaryDirectory",
    "NamedTemporaryFile", "mkstemp", "symlink_to", "hardlink_to", "chmod", "Workbook",
)  # fmt: skip

#: Who may, and why it cannot leave half of an output.
ALLOWED = {
    "files.content": "the manifest, into the temporary folder of a set",
    "files.publishing": "it is the one writer",
    "files.whole": "it is the one writer",
    "locks": "lock files hold nothing",
    "tracking.first_start": "the note of a first start, and a database that is made afresh",
    "tracking.run_files": "into a temporary folder, copied by MLflow from there",
    "tracking.registry": "temporary folders for what MLflow copies",
    "tracking.runs": "temporary folders for what MLflow copies",
    "tables.row_groups": "at a path that its caller has from whole_file",
    "returns.quality": "at paths that the ingest has from whole_files, or its own",
    "returns.reading": "copies into the scratch folder of an ingest, which stands in the one writer's temporary folder",
    "store.creating": "at a path that its caller has from whole_file",
    "support_list.workbook.workbook": "a workbook in memory",
    "spark.session": "a temporary folder of the session, removed with it",
    "spark.worker": "a temporary folder on a worker, removed with it",
}

#: Modules that write at the temporary paths which whole_file, whole_files and whole_folder give; they must use one.
THROUGH_FILES = ("whole_file", "whole_files", "whole_folder", "write_text")


def _called(tree: ast.AST) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        f.attr if isinstance(f, ast.Attribute) else f.id
        for f in calls
        if isinstance(f, (ast.Attribute, ast.Name))
    }


def _opens_for_writing(tree: ast.AST) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "open":
            said = [*node.args, *(keyword.value for keyword in node.keywords)]
            modes = [
                one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            if any(set(mode) <= set("rwxab+t") and set(mode) & set("wxa+") for mode in modes):
                return True
    return False


def _module(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=_module)
def test_nothing_is_written_but_through_the_one_writer(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = _called(tree)
    if not (called & set(WRITES) or _opens_for_writing(tree)) or _module(path) in ALLOWED:
        return
    assert called & set(THROUGH_FILES), (
        f"{_module(path)} writes ({', '.join(sorted(called & set(WRITES)))}) and not through `files`: use whole_file, "
        "whole_files or whole_folder"
    )


def test_no_exception_is_kept_for_a_module_that_is_gone_or_writes_nothing() -> None:
    writing = {
        _module(path)
        for path in SOURCE.rglob("*.py")
        if _called(tree := ast.parse(path.read_text(encoding="utf-8"))) & {*WRITES, "replace"}
        or _opens_for_writing(tree)
    }
    assert set(ALLOWED) - {"locks"} <= writing
