"""What every benchmark shares: timings, tables of ratios, the command line, and one form of JSON for all.

    from measuring import Table, Target, call_in_child, in_turns, options, report

``docs/performance.md`` is made from those JSON files by ``report.py``.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ratios import Table, Target, rounded
from timing import Timing, call_in_child, child, in_turns, together

__all__ = [
    "Table",
    "Target",
    "Timing",
    "call_in_child",
    "child",
    "in_turns",
    "machine",
    "numbers",
    "options",
    "report",
    "together",
    "versions",
]

LIBRARIES = (
    "numpy",
    "pandas",
    "pyarrow",
    "duckdb",
    "narwhals",
    "lightgbm",
    "shap",
    "numba",
    "woodelf-explainer",
    "polars",
    "pyspark",
)


def options(doc: str, *, json_file: bool = True, **sizes: int | str) -> argparse.ArgumentParser:
    """The command line all benchmarks share: ``--rows``, ``--pupils`` ... with their defaults, and ``--json``.

    Parameters
    ----------
    doc : str
        The module's docstring; its first line is shown.
    **sizes
        Name and default of each size; a text default is read as numbers between commas.
    """
    parser = argparse.ArgumentParser(description=doc.strip().splitlines()[0])
    for name, default in sizes.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=int if isinstance(default, int) else numbers, default=default,
            help=f"default: {default}",
        )  # fmt: skip
    if json_file:
        parser.add_argument("--json", type=Path, help="write every figure here")
    return parser


def numbers(text: str) -> tuple[int, ...]:
    """``4,8,15`` as a tuple of numbers."""
    return tuple(int(part) for part in text.split(","))


def report(
    benchmark: str,
    sizes: Mapping[str, Any],
    tables: Sequence[Table],
    *,
    targets: Sequence[Target] = (),
    facts: Mapping[str, Any] | None = None,
    json_file: Path | None = None,
) -> dict[str, Any]:
    """Print the tables of ratios, and write everything to the JSON file if one is named.

    Returns
    -------
    dict
        ``benchmark``, ``made_up``, ``measured_on``, ``machine``, ``versions``, ``sizes``, ``tables``, ``targets`` and
        ``facts``: the form that ``report.py`` and ``docs/performance.md`` read.
    """
    found: dict[str, Any] = {
        "benchmark": benchmark,
        "made_up": True,
        "measured_on": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "sizes": {name: size for name, size in sizes.items() if not isinstance(size, Path | None)},
        "tables": [table.as_dict() for table in tables],
        "targets": [target.as_dict() for target in targets],
        "facts": {name: rounded(value) for name, value in (facts or {}).items()},
    }
    for table in tables:
        print("\n".join(table.lines()), end="\n\n")
    for name, value in found["facts"].items():
        print(f"{name}: {value}")
    for target in found["targets"]:
        print(
            f"{'reached' if target['met'] else 'NOT REACHED'}: {target['what']}: {target['found']} {target['unit']}"
        )
    if json_file is not None:
        json_file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return found


def machine() -> dict[str, Any]:
    """What the figures were measured on; no name of the computer and no path."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": _memory_gib(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if not listed.is_file():
        return platform.processor() or platform.machine()
    names = [
        line.partition(":")[2].strip()
        for line in listed.read_text(encoding="utf-8").splitlines()
        if "model name" in line
    ]
    return names[0] if names else platform.machine()


def _memory_gib() -> int | None:
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names:
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30))


def versions() -> dict[str, str]:
    """Versions of the libraries that are installed of those measured."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
