"""Explaining with compiled tables beside LightGBM's ``pred_contrib``, shap and woodelf, on models of several sizes.

    python benchmarks/explain.py --rows 200000 --leaves 4,8,15,31 --json docs/performance/explain.json

For each number of leaves one model is fitted on made-up rows; then every method explains rows of the same kind, in
turns in this process. Slow methods get fewer rows (the table says how many), and ratios are per row. Before any timing
counts, the compiled tables are held against ``pred_contrib`` on its rows: contributions, log-odds and top reason.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from compiled_side import Compiled, compiled_of
from made_model import FEATURES, bundle_of, fitted, training_rows
from made_rows import rows_and_outcomes
from measuring import Table, Target, in_turns, options, report

from absence_risk.models.boosting import BoostedTrees, TreeShape
from absence_risk.models.bundle import Bundle

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

#: CPU seconds that a method may take for its rows, from which their number follows (at most ``--rows``).
SAMPLE_SECONDS = 2.0
FEWEST, WOODELF_ROWS = 500, 50_000
#: Two reasons nearer to each other than this (log-odds) may stand in either order.
NEAR_TIE = 2e-5
WHAT_IS_AIMED_AT = {8: 60.0, 31: 40.0}
LARGEST_GAP = 1e-5
WOODELF = "woodelf, path-dependent, 1 thread"
YARDSTICK = "LightGBM pred_contrib, 1 thread"
WHOLE = "compiled: risk, exact contributions and top reasons, 1 thread"


@dataclass(frozen=True)
class Case:
    """One model, and the rows that each method works through: ``sample`` for slow ones, ``some`` for woodelf."""

    leaves: int
    bundle: Bundle
    values: Array
    sample: Array
    some: Array

    @property
    def model(self) -> BoostedTrees:
        assert isinstance(self.bundle.model, BoostedTrees)
        return self.bundle.model


def rows_for(seconds: float, call: Callable[[Array], Any], values: Array) -> int:
    """How many rows a method works through in about so many CPU seconds, by a try on a few."""
    few = values[:FEWEST]
    call(few[:10])
    start = time.process_time()
    call(few)
    spent = max(time.process_time() - start, 1e-4)
    return int(min(len(values), max(FEWEST, seconds / spent * len(few))))


def contrib(model: BoostedTrees, threads: int) -> Callable[[Array], Array]:
    return lambda values: np.asarray(model.booster.predict(values, pred_contrib=True, num_threads=threads))


def library_calls(case: Case) -> dict[str, tuple[Callable[[], Any], int]]:
    """LightGBM and shap: the call, and its rows."""
    import shap

    warnings.filterwarnings("ignore", module="shap")  # it tells how its output has changed, at every call
    explainer, n = shap.TreeExplainer(case.model.booster), len(case.sample)
    calls: dict[str, tuple[Callable[[], Any], int]] = {
        YARDSTICK: (lambda: contrib(case.model, 1)(case.sample), n),
        "LightGBM pred_contrib, 2 threads": (lambda: contrib(case.model, 2)(case.sample), n),
        "shap.TreeExplainer": (lambda: explainer.shap_values(case.sample), n),
        "LightGBM predict (no explanation), 1 thread": (
            lambda: case.model.booster.predict(case.values, raw_score=True, num_threads=1),
            len(case.values),
        ),
    }
    return calls


def woodelf_calls(case: Case) -> dict[str, tuple[Callable[[], Any], int]]:
    """woodelf's path-dependent contributions, where it is installed and its method is meant for the trees."""
    if case.leaves > 15:
        print("woodelf is left out at more than 15 leaves: its tables grow with two to the depth of a tree")
        return {}
    try:
        from woodelf import WoodelfExplainer
    except ImportError:
        print("woodelf is left out: pip install woodelf-explainer (the extra `benchmarks`)")
        return {}
    explainer, X = (
        WoodelfExplainer(case.model.booster, feature_perturbation="tree_path_dependent"),
        _frame(case.some),
    )
    calls = {WOODELF: (lambda: explainer.shap_values(X, verbose=False), len(X))}
    try:
        calls[WOODELF][0]()
    except Exception as fault:  # a rival that fails on a model is a finding, not the end of the run
        print(f"woodelf is left out at {case.leaves} leaves: it ended with {type(fault).__name__}")
        return {}
    return calls


def _frame(values: Array) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(values, columns=[f.name for f in FEATURES])


def our_calls(case: Case, ours: Compiled) -> dict[str, tuple[Callable[[], Any], int]]:
    """Contributions alone, and the whole of what a list needs, on one and on two threads."""
    values = case.values[: rows_for(SAMPLE_SECONDS, lambda some: ours.whole(some, 1), case.values)]
    return {
        "compiled: exact contributions, 1 thread": (lambda: ours.contributions(values, 1), len(values)),
        WHOLE: (lambda: ours.whole(values, 1), len(values)),
        WHOLE.replace("1 thread", "2 threads"): (lambda: ours.whole(values, 2), len(values)),
    }


def agreement(case: Case, ours: Compiled, theirs: Array) -> dict[str, Any]:
    """How far the compiled tables lie from ``pred_contrib`` on its rows, and whether the top reason is the same."""
    parts, base = ours.contributions(case.sample, 1)
    top, other = theirs[:, :-1].argmax(axis=1), parts.argmax(axis=1)
    by_size = np.sort(theirs[:, :-1], axis=1)
    near = by_size[:, -1] - by_size[:, -2] <= NEAR_TIE
    margin = case.model.booster.predict(case.sample, raw_score=True, num_threads=1)
    gap = max(
        float(np.abs(parts - theirs[:, :-1]).max()),
        abs(base - float(theirs[0, -1])),
        float(np.abs(parts.sum(axis=1) + base - margin).max()),
    )
    return {
        "rows compared": len(case.sample),
        "largest difference in log-odds": gap,
        "top reason equal": float((top == other).mean()),
        "rows with a near-tie": int(near.sum()),
        "top reason different without a near-tie": int(((top != other) & ~near).sum()),
    }


def one(case: Case, repeats: int) -> tuple[Table, list[Target], dict[str, Any]]:
    """The table of one model, its targets, and what it agrees in and weighs."""
    ours = compiled_of(case.bundle)
    facts: dict[str, Any] = {}
    aims: list[Target] = []
    calls = {**library_calls(case), **woodelf_calls(case)}
    theirs = contrib(case.model, 1)(case.sample)
    if isinstance(ours, str):
        facts["not compiled"] = ours
    else:
        facts = {**agreement(case, ours, theirs), **ours.weighs}
        calls |= our_calls(case, ours)
    if WOODELF in calls:
        some = min(len(case.some), len(theirs))
        gap = np.abs(calls[WOODELF][0]()[:some] - theirs[:some, :-1]).max()
        facts["woodelf: largest difference in log-odds"] = float(gap)
    found = in_turns(
        {name: call for name, (call, _) in calls.items()},
        repeats,
        {name: n for name, (_, n) in calls.items()},
    )
    table = Table(f"{case.leaves} leaves", found, notes={"shap.TreeExplainer": "calls pred_contrib itself"})
    if not isinstance(ours, str):
        aims = targets(case.leaves, table, facts)
    return table, aims, {f"{case.leaves} leaves: {name}": value for name, value in facts.items()}


def distinct(values: Array) -> int:
    """How many rows are left if equal rows are explained once."""
    return len(np.unique(values.view(np.dtype((np.void, values.dtype.itemsize * values.shape[1])))))


def targets(leaves: int, table: Table, facts: dict[str, Any]) -> list[Target]:
    aims = [
        Target(f"{leaves} leaves: largest difference from pred_contrib", facts["largest difference in log-odds"], at_most=LARGEST_GAP, unit="log-odds"),
        Target(f"{leaves} leaves: rows whose top reason differs without a near-tie", facts["top reason different without a near-tie"], at_most=0, unit="rows"),
    ]  # fmt: skip
    if leaves in WHAT_IS_AIMED_AT:
        what = f"{leaves} leaves: risk, exact contributions and top reasons, times the speed of pred_contrib"
        aims.insert(0, Target(what, table.ratio(WHOLE)[0], at_least=WHAT_IS_AIMED_AT[leaves]))
    return aims


def main(argv: Sequence[str] | None = None) -> None:
    asked = options(__doc__, rows=200_000, leaves="4,8,15,31", trees=TreeShape().trees, repeats=5).parse_args(
        argv
    )
    columns, _ = rows_and_outcomes(asked.rows)
    X, y = training_rows(asked.rows)
    values = np.ascontiguousarray(np.column_stack([columns[f.name].astype(np.float64) for f in FEATURES]))
    tables: list[Table] = []
    aims: list[Target] = []
    facts: dict[str, Any] = {}
    for leaves in asked.leaves:
        model = fitted(leaves, asked.trees, X, y)
        sample = values[: rows_for(SAMPLE_SECONDS, contrib(model, 1), values)]
        table, aimed, found = one(
            Case(leaves, bundle_of(model, X, y), values, sample, values[:WOODELF_ROWS]), asked.repeats
        )
        print(f"... {leaves} leaves", file=sys.stderr, flush=True)
        tables.append(table)
        aims += aimed
        facts |= found
    facts["rows for each distinct row"] = len(values) / distinct(values)
    sizes = {"rows": asked.rows, "trees": asked.trees, "features": len(FEATURES), "repeats": asked.repeats}
    report("explain", sizes, tables, targets=aims, facts=facts, json_file=asked.json)


if __name__ == "__main__":
    main()
