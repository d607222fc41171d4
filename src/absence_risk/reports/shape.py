"""How the size of the trees was chosen, as a person reads it: every choice side by side, and one sentence of why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..evidence.tables import EVIDENCE_TABLES
from .briefing.printed import between, more_pupils, number, share, statistic
from .plain_table import plain_table

if TYPE_CHECKING:
    import pandas as pd

    from ..disclosure import DisclosurePolicy

Shape = Mapping[str, Any]

HEADS = (
    "Most leaves", "Right of {k}", "Fewer than the best", "Precision", "Average precision", "ROC AUC", "Log loss",
    "Brier score", "Slope before", "Calibration error", "Added per pupil",
)  # fmt: skip
READING = (
    "Measured on the year that calibrates, which no tree was trained on; the year that tests took no part. Fewer than "
    "the best: with its 95% interval from draws of whole schools, both lists on the same draw. The smallest size whose "
    "interval holds nought is taken: that no loss is clear does not show that there is none. Log loss, Brier score and "
    "calibration error are after two numbers were fitted on that same year, so a little too good for every size alike. "
    "Added per pupil: how many numbers make up one pupil's explanation, which is what it costs."
)
_TERMINAL = str.maketrans({"\N{MINUS SIGN}": "-", "\N{NO-BREAK SPACE}": " ", "–": "-"})


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """One choice under :data:`HEADS`, from a row of the table ``model_shape``; what is not known is a dash."""
    leaves = number(row["leaves"])
    return (
        f"{leaves} (taken)" if row["chosen"] else leaves,
        number(row["found"]),
        statistic(row["lost"]) if row["best"] else _lost(row),
        share(row["precision"]),
        *(statistic(row[name], 3) for name in ("average_precision", "roc_auc", "log_loss")),
        statistic(row["brier"], 4),
        statistic(row["calibration_slope_before"]),
        statistic(row["calibration_error"], 4),
        number(row["cost"]),
    )


def _lost(row: Mapping[str, Any]) -> str:
    return _pupils(row["lost"]) + between(_pupils(row["lost_low"]), _pupils(row["lost_high"]))


def _pupils(value: float) -> str:
    return more_pupils(value).removeprefix("+")


def heads_of(k: int) -> tuple[str, ...]:
    """:data:`HEADS` for a list of that length."""
    return tuple(head.format(k=f"{k:,}") for head in HEADS)


def frame_of(shape: Shape, year: str) -> pd.DataFrame:
    """The choices as the table ``model_shape`` of one test year, exact."""
    frame = EVIDENCE_TABLES["model_shape"].frame({"year": year, **row} for row in shape["choices"])
    numbers = [name for name in frame.columns if name not in ("year", "measured_on", "chosen", "best")]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def shape_in_words(shape: Shape) -> list[str]:
    """Lines for the command line, exact, an empty line last; none if the settings gave a number of leaves."""
    if not shape:
        return []
    rows = [{str(k): v for k, v in row.items()} for row in frame_of(shape, "").to_dict("records")]
    lines = plain_table(heads_of(int(rows[0]["k"])), [cells(row) for row in rows])
    said = [
        f"How large the trees may grow, measured on {shape['measured_on']}:",
        *lines,
        why(shape, rows),
        "",
    ]
    return [line.translate(_TERMINAL) for line in said]


def shape_for_card(shape: Shape, year: str, policy: DisclosurePolicy) -> str:
    """The same as Markdown, the policy applied; empty if the settings gave a number of leaves."""
    if not shape:
        return ""
    shown = policy.apply(EVIDENCE_TABLES["model_shape"], frame_of(shape, year))
    rows = [{str(k): v for k, v in row.items()} for row in shown.to_dict("records")]
    heads = heads_of(int(rows[0]["k"]))
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    return "\n".join([why(shape, rows), "", *lines, "", READING])


def why(shape: Shape, rows: list[dict[str, Any]]) -> str:
    """One sentence or two of why the choice fell as it did; nothing that the intervals do not say.

    Parameters
    ----------
    shape : dict
        The record, which decides what is said.
    rows : list of dict
        Its choices as they may be printed: numbers come from here.
    """
    chosen, best = (next(row for row in rows if row[name]) for name in ("chosen", "best"))
    size, k, year = number(chosen["leaves"]), number(chosen["k"]), shape["measured_on"]
    most = f"Trees of up to {number(best['leaves'])} leaves found the most of {k} on {year}"
    if shape["schools"] < 2:
        return f"{most}. There are too few schools to say how sure that is, so they were taken."
    if not chosen["best"]:
        gap = between(_pupils(chosen["lost_low"]), _pupils(chosen["lost_high"])).replace(
            "(", "(95% interval "
        )
        return (
            f"{most}. With up to {size} leaves the list found {_pupils(chosen['lost'])} fewer{gap}, which may be "
            "chance, so that smaller size was taken. It does not show that nothing is lost."
        )
    if chosen is rows[0]:
        return f"{most}, and no size tried is smaller, so they were taken."
    return f"{most}, and every smaller size found clearly fewer, so they were taken."
