"""The largest contributions as sentences: what in the records is linked with a place on the list, and what is not.

A reason states what a record says. It is linked with the estimate; it is not why a child misses school.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ..errors import AbsenceRiskError
from ..features.catalogue import CATALOGUE
from ..features.phrasing import Facts, Period
from ..features.words import MODEL_TOPICS, TOPIC_WORDS, TopicWords

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Contributions smaller than this (log-odds) are trifles and are not said: the odds move by a twentieth or less.
SMALLEST_SAID = 0.05


def _in_catalogue_order(topic_contributions: pd.DataFrame) -> list[str]:
    named = [str(column) for column in topic_contributions.columns]
    unworded = sorted(set(named) - set(TOPIC_WORDS))
    if unworded:
        raise AbsenceRiskError(
            f"no words stand for the topics {', '.join(unworded)}; every topic needs a sentence in features/words "
            "before its contributions can be shown"
        )
    return [topic for topic in MODEL_TOPICS if topic in named]


def _largest(contributions: np.ndarray, top: int, smallest: float) -> np.ndarray:
    """Column numbers of the ``top`` largest contributions of each row, -1 where fewer are worth saying."""
    import numpy as np

    # A stable sort keeps catalogue order among equals, so the same input gives the same sentences.
    order = np.argsort(-contributions, axis=1, kind="stable")[:, :top]
    worth = np.take_along_axis(contributions, order, axis=1) >= smallest
    return np.where(worth, order, -1)


def _values(X: pd.DataFrame, words: TopicWords, rows: np.ndarray) -> np.ndarray:
    import numpy as np

    values = np.full((len(rows), len(words.reads)), np.nan)
    for place, name in enumerate(words.reads):
        if name in X.columns:
            column = X[name].to_numpy(dtype=np.float64)[rows]
            # Four decimals of a share still tell single sessions apart, and make far fewer different rows.
            values[:, place] = column.round(4) if CATALOGUE[name].unit.startswith("share") else column
    return values


def _sentences(X: pd.DataFrame, words: TopicWords, rows: np.ndarray, period: Period) -> list[str]:
    """One topic's sentence for each of ``rows``; each different set of values is worded once."""
    said: dict[bytes, str] = {}
    sentences = []
    for row in _values(X, words, rows):
        key = row.tobytes()
        if key not in said:
            said[key] = words.sentence(Facts(dict(zip(words.reads, row.tolist(), strict=True)), period))
        sentences.append(said[key])
    return sentences


def reasons_for(
    X: pd.DataFrame,
    topic_contributions: pd.DataFrame,
    as_of: date,
    *,
    top: int = 5,
    top_down: int = 3,
    smallest: float = SMALLEST_SAID,
) -> pd.DataFrame:
    """Every row has its largest contributions in words, in both directions.

    Parameters
    ----------
    X : DataFrame of shape (n, p)
        Feature values by catalogue name; columns it lacks, and missing values, are "not known". With the counts
        of sessions beside the model's features, days are exact; without them they are said as "about".
    topic_contributions : DataFrame of shape (n, topics)
        Contribution of each topic (log-odds of the risk shown), in the row order of ``X``.
    as_of : date
        The as-of date of the features, from which years and months are named.
    top, top_down : int
        Most sentences upwards and downwards.
    smallest : float
        Contributions nearer zero than this (log-odds) are not said.

    Returns
    -------
    DataFrame
        Columns ``up`` and ``down``: lists of sentences, largest first (ties in catalogue order), perhaps empty.
        Indexed as ``X``.

    Raises
    ------
    AbsenceRiskError
        If a topic has no words, or the rows of the two frames differ in number.
    """
    import numpy as np
    import pandas as pd

    if len(X) != len(topic_contributions):
        raise AbsenceRiskError(
            f"expected contributions for {len(X):,} rows, found {len(topic_contributions):,}"
        )
    topics = _in_catalogue_order(topic_contributions)
    contributions = topic_contributions[topics].to_numpy(dtype=np.float64)
    up, down = _largest(contributions, top, smallest), _largest(-contributions, top_down, smallest)
    period = Period(as_of)
    said = np.full(contributions.shape, "", dtype=object)
    for place, topic in enumerate(topics):
        rows = np.flatnonzero((up == place).any(axis=1) | (down == place).any(axis=1))
        said[rows, place] = _sentences(X, TOPIC_WORDS[topic], rows, period)
    lists = {"up": _lists(said, up), "down": _lists(said, down)}
    return pd.DataFrame(lists, index=X.index)


def _lists(said: np.ndarray, chosen: np.ndarray) -> list[list[str]]:
    pairs = zip(said.tolist(), chosen.tolist(), strict=True)
    return [[row[place] for place in places if place >= 0] for row, places in pairs]
