"""The outputs that leave the model: the scored table, one row per pupil of the cohort, declared once.

The scored table is for analysts and for making the support list. It holds no UPN and is not a page for reviewers.
"""

from __future__ import annotations

from collections.abc import Iterable

from .canonical import PUPIL_ID, SCHOOL_ID
from .schema import Column, Table, Type, between

#: Raised by one whenever the columns of the scored table or their meaning change.
SCORES_FORMAT = 1

#: Between the sentences of one cell in CSV; Parquet holds lists.
SENTENCE_MARK = " | "

_T, _I, _N = Type.TEXT, Type.INTEGER, Type.NUMBER


def contribution_column(family: str) -> str:
    """The scored table's column of one family's contribution."""
    return f"contribution_{family}"


#: Columns that hold a list of sentences in each row.
LIST_COLUMNS = ("reasons_up", "reasons_down", "data_flags")


#: Topics named upwards and downwards in the explained table.
TOPICS_UP, TOPICS_DOWN = 5, 3


def explained_table(families: Iterable[str]) -> Table:
    """The declaration of the table that one pass over features gives: no sentences, made for very many rows."""
    up = (f"up_{place}" for place in range(1, TOPICS_UP + 1))
    down = (f"down_{place}" for place in range(1, TOPICS_DOWN + 1))
    directions = {"up": "higher", "down": "lower"}
    named = (
        column
        for name in (*up, *down)
        for column in (
            Column(
                name,
                _T,
                f"topic of records linked with a {directions[name.split('_')[0]]} estimate, largest first",
                required=False,
            ),
            Column(f"{name}_size", _N, f"what the topic {name} adds", "log-odds", required=False),
        )
    )
    return Table(
        "explained",
        "One row per row of features, in their order.",
        (
            PUPIL_ID,
            Column(
                "risk", _N, "calibrated estimate for the next academic year", "share 0-1", limit=between(0, 1)
            ),
            Column("band", _I, "band of the estimate, 1 the lowest"),
            Column("log_odds", _N, "log-odds of the estimate", "log-odds"),
            *(
                Column(
                    contribution_column(family),
                    _N,
                    f"contribution of {family}, in single precision",
                    "log-odds",
                )
                for family in families
            ),
            *named,
        ),
        ("pupil_id",),
    )


def scores_table(families: Iterable[str]) -> Table:
    """The scored table's declaration, with a contribution column for each of ``families`` in their order.

    The catalogue names the families; this room stands below it and is told them.
    """
    contributions = (
        Column(contribution_column(family), _N, f"contribution of {family}", "log-odds")
        for family in families
    )
    return Table(
        "scores",
        "One row per pupil of the cohort on the as-of date, by pupil_id.",
        (
            PUPIL_ID,
            Column(
                "academic_year",
                _I,
                "feature year, by the calendar year in which it starts",
                limit=between(2000, 2100),
            ),
            Column("as_of", _T, "as-of date, YYYY-MM-DD: nothing known later was used"),
            SCHOOL_ID,
            Column(
                "year_group", _I, "national curriculum year on the as-of date", "year", limit=between(1, 11)
            ),
            Column(
                "risk", _N, "calibrated estimate for the next academic year", "share 0-1", limit=between(0, 1)
            ),
            Column(
                "band", _I, "band of the estimate, 1 the lowest; its counts in past years are in the manifest"
            ),
            Column("log_odds", _N, "log-odds of the estimate: base plus every contribution", "log-odds"),
            Column("base", _N, "what the model says before any record of the pupil", "log-odds"),
            *contributions,
            Column(
                "reasons_up", _T, "records linked with a higher place, largest first (a list of sentences)"
            ),
            Column(
                "reasons_down", _T, "records linked with a lower place, largest first (a list of sentences)"
            ),
            Column("data_flags", _T, "what the records behind this row lack (a list of sentences)"),
            Column("model", _T, "hash of the model's bundle"),
        ),
        ("pupil_id",),
    )
