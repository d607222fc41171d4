"""Find, a year ahead, pupils who may come to miss a tenth or more of school without authorisation.

The same steps as the command line, as functions for notebooks. Heavy libraries are imported when first needed::

    import absence_risk as ar

    ar.simulate("returns", pupils=3_000)
    key = ar.new_key("authority.key")
    ar.ingest("returns", "authority.duckdb", key_file=key)
    trained = ar.train("authority.duckdb", "configs/four_factors.yaml")
    scored = ar.score("authority.duckdb", trained.bundle, as_of="2026-10-31")
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

#: The face of the package: a public name, and the room and name behind it. No name is that of a room: importing
#: the room would take its place.
_WHERE = {
    "simulate": ("workflows.simulate", "run_simulate"),
    "new_key": ("returns.identity", "new_key_file"),
    "ingest": ("workflows.ingest", "run_ingest"),
    "train": ("workflows.train", "run_train"),
    "backtest": ("workflows.backtest", "run_backtest"),
    "compare": ("workflows.compare", "run_compare"),
    "canaries": ("workflows.canaries", "run_canaries"),
    "check": ("workflows.check", "run_check"),
    "score": ("workflows.score", "run_score"),
    "score_on_spark": ("workflows.score_spark", "run_score_spark"),
    "explain": ("workflows.score", "run_explain"),
    "export_tables": ("workflows.export_tables", "run_export_tables"),
    "write_features": ("workflows.features", "run_features"),
    "score_features": ("workflows.score_features", "run_score_features"),
    "make_list": ("workflows.support_list", "run_list"),
    "read_decisions": ("workflows.decisions", "run_decisions"),
    "export_contacts": ("workflows.contacts", "run_contacts"),
    "judge_impact": ("workflows.impact", "run_impact"),
    "write_statement": ("workflows.statement", "run_statement"),
    "demo": ("workflows.demo", "run_demo"),
    "Store": ("store", "Store"),
}
__all__ = [
    "Store",
    "__version__",
    "backtest",
    "canaries",
    "check",
    "compare",
    "demo",
    "explain",
    "export_contacts",
    "export_tables",
    "ingest",
    "judge_impact",
    "make_list",
    "new_key",
    "read_decisions",
    "score",
    "score_features",
    "score_on_spark",
    "simulate",
    "train",
    "write_features",
    "write_statement",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        room, behind = _WHERE[name]
        return getattr(importlib.import_module(f".{room}", __name__), behind)
    raise AttributeError(f"module 'absence_risk' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
