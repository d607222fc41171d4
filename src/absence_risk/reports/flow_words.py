"""Where every pupil of the years that taught and tested a model went, as a table of plain text. Exact: for inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..cohort import REASONS
from ..domain.academic_year import written_year
from ..labels import UNKNOWN_REASONS
from .plain_table import plain_table

#: Steps of the flow in the order in which pupils are counted; a step that nobody took in any year is not printed.
STEPS = ("seen", *REASONS, "eligible", *UNKNOWN_REASONS, "used", "outcome_met")


def flow_in_words(flow: Iterable[Mapping[str, int]]) -> tuple[str, ...]:
    """One line a step, one column a feature year: seen is who is out and who is eligible, eligible is unknown and used.

    Parameters
    ----------
    flow : iterable of mapping
        ``Dataset.flow``, one of each feature year.
    """
    years = list(flow)
    heads = ["pupils", *(written_year(year["academic_year"]) for year in years)]
    taken = [step for step in STEPS if any(year[step] for year in years)]
    rows = [[step.replace("_", " "), *(f"{year[step]:,}" for year in years)] for step in taken]
    return tuple(plain_table(heads, rows))
