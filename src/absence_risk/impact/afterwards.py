"""The year after, group by group: days missed in 100 and who met the outcome, each with how far chance may reach.

Groups are shown beside each other and never subtracted: people chose whom to offer help, and families chose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..evaluation.draws import Estimate, SchoolDraws, draw_schools, estimate, ratio
from ..evaluation.groups import ENOUGH, FEWEST_PUPILS, TOO_FEW
from .groups import LISTED_GROUPS, NEXT_IN_LINE
from .missed import FOLLOWED, LEFT, NOT_HELD, SUMS
from .tables import AFTERWARDS, OUTCOME

if TYPE_CHECKING:
    import pandas as pd

OVERALL, HELP, COMPARISON = "overall", "help", "comparison"

#: With fewer schools, pupils are drawn one by one, and the share's interval is Wilson's.
FEWEST_SCHOOLS = 10
ROUNDS = 1000
_Z = 1.959964  # 97.5 % point of the normal distribution

_Mask = np.ndarray[Any, np.dtype[Any]]


def group_rows(groups: Mapping[str, str], pupils: pd.Series) -> list[tuple[str, str, _Mask]]:
    """Attribute, group and members: all listed, then each group that has anybody, the next in line last.

    Parameters
    ----------
    groups : mapping of str to str
        ``ListRecords.next_year_groups()``, by ``pupil_id``.
    pupils : Series of str, shape (n,)
        ``pupil_id`` in the order of the rows that the members are to be taken from.
    """
    of = pupils.map(groups)
    found = [(HELP, name, (of == name).to_numpy()) for name in LISTED_GROUPS]
    found.append((COMPARISON, NEXT_IN_LINE, (of == NEXT_IN_LINE).to_numpy()))
    return [(OVERALL, OVERALL, of.isin(LISTED_GROUPS).to_numpy()), *(row for row in found if row[2].any())]


def afterwards_table(
    followed: pd.DataFrame, groups: Mapping[str, str], year: str, *, fewest: int = FEWEST_PUPILS
) -> pd.DataFrame:
    """Days missed in 100 possible days, in the same terms of both years; exact.

    Parameters
    ----------
    followed : DataFrame
        ``Followed.frame``.
    groups : mapping of str to str
        By ``pupil_id``.
    year : str
        The list's school year, as 2025/26.
    fewest : int
        With fewer pupils followed, a group's days are "too few to say".

    Returns
    -------
    DataFrame
        The table ``AFTERWARDS``. Sessions are summed over the pupils of a group and divided once, so a pupil counts
        by the days they might have been at school.
    """
    state = followed["state"].to_numpy()
    draws = _draws(followed)
    sums = followed[list(SUMS)].to_numpy(dtype=np.float64)
    rows = []
    for attribute, group, members in group_rows(groups, followed["pupil_id"]):
        inside = members & (state == FOLLOWED)
        enough = int(inside.sum()) >= fewest
        days = _days(draws, sums, inside) if enough and draws is not None else _nothing()
        rows.append(
            {
                "year": year,
                "attribute": attribute,
                "group": group,
                "n": int(members.sum()),
                "followed": int(inside.sum()),
                "left": int((members & (state == LEFT)).sum()),
                "not_held": int((members & (state == NOT_HELD)).sum()),
                **{
                    name: value for what, found in days.items() for name, value in _named(what, found).items()
                },
                "state": ENOUGH if enough else TOO_FEW,
            }
        )
    return AFTERWARDS.frame(rows)


def _nothing() -> dict[str, Estimate]:
    return dict.fromkeys(("before", "after", "change"), Estimate(math.nan, math.nan, math.nan))


def _named(what: str, found: Estimate) -> dict[str, float]:
    return {what: found.value, f"{what}_low": found.low, f"{what}_high": found.high}


def _draws(frame: pd.DataFrame) -> SchoolDraws | None:
    schools = frame["school_id"].to_numpy()
    one_by_one = np.arange(len(frame))
    cluster = schools if len(set(schools)) >= FEWEST_SCHOOLS else one_by_one
    return draw_schools(cluster, rounds=ROUNDS) if len(frame) > 1 else None


def _days(draws: SchoolDraws, sums: _Mask, inside: _Mask) -> dict[str, Estimate]:
    """Days in 100 of each year and the change; the draws of both years are the same, so the change is paired."""
    drawn = draws.whole_and_draws(np.where(inside[:, None], sums, 0.0))
    before, after = 100 * ratio(drawn[:, 0], drawn[:, 1]), 100 * ratio(drawn[:, 2], drawn[:, 3])
    return {"before": estimate(before), "after": estimate(after), "change": estimate(after - before)}


def outcome_table(
    labelled: pd.DataFrame, groups: Mapping[str, str], year: str, *, fewest: int = FEWEST_PUPILS
) -> pd.DataFrame:
    """Who met the outcome, of those for whom it is known; exact.

    Parameters
    ----------
    labelled : DataFrame
        ``label_outcomes`` with ``school_id`` beside it.
    groups, year, fewest
        As :func:`afterwards_table`.

    Returns
    -------
    DataFrame
        The table ``OUTCOME``; intervals are of whole schools drawn again, or Wilson's where there are few schools.
    """
    y = labelled["y"].to_numpy(dtype=np.float64, na_value=np.nan)
    draws = _draws(labelled) if labelled["school_id"].nunique() >= FEWEST_SCHOOLS else None
    rows = []
    for attribute, group, members in group_rows(groups, labelled["pupil_id"]):
        inside = members & ~np.isnan(y)
        n, events = int(inside.sum()), int(np.nansum(np.where(inside, y, 0.0)))
        met = _share(draws, y, inside, events, n) if n >= fewest else Estimate(math.nan, math.nan, math.nan)
        rows.append(
            {
                "year": year,
                "attribute": attribute,
                "group": group,
                "n": n,
                "events": events,
                "non_events": n - events,
                **_named("met", met),
                "state": ENOUGH if n >= fewest else TOO_FEW,
            }
        )
    return OUTCOME.frame(rows)


def _share(draws: SchoolDraws | None, y: _Mask, inside: _Mask, events: int, n: int) -> Estimate:
    if draws is None:
        return Estimate(events / n, *wilson(events, n))
    columns = np.column_stack([np.where(inside, np.nan_to_num(y), 0.0), inside.astype(np.float64)])
    drawn = draws.whole_and_draws(columns)
    return estimate(ratio(drawn[:, 0], drawn[:, 1]))


def wilson(events: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927, JASA 22, 209-212).

    >>> [round(end, 3) for end in wilson(5, 10)]
    [0.237, 0.763]
    """
    share = events / n
    middle = (share + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z / (1 + _Z * _Z / n) * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
