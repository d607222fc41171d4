"""What the canaries found, as a table and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ..errors import RefusedError, all_at_once
from .alarm import Alarm
from .detectors import FEWEST_OF_EACH

if TYPE_CHECKING:
    import pandas as pd

CLEAN, PLANTED = "data as held", "planted"
QUIET, ALARM, NOT_JUDGED = "no alarm", "alarm", "not judged"
CAUGHT, MISSED = "caught", "not caught"

#: Columns of ``Canaries.table``.
COLUMNS = ("kind", "what", "detector", "state", "words")
Row = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Canaries:
    """What the canaries found.

    Attributes
    ----------
    table : DataFrame
        One row per detector on the data as held, then one per detector and leak it must catch: ``kind`` (`data as
        held` or `planted`), ``what`` was looked at or planted, ``detector``, ``state`` (`no alarm`, `alarm` or `not
        judged`; `caught` or `not caught`), ``words`` (a sentence).
    cut_off : str
        The day whose future was overwritten.
    """

    table: pd.DataFrame
    cut_off: str

    @property
    def passed(self) -> bool:
        """No alarm on the data as held, and every planted leak caught by every detector that must."""
        return not set(self.table["state"]) & {ALARM, MISSED}

    def in_words(self) -> str:
        """The verdict first, then a line for each row."""
        lines = [f"{row['what']}: {row['words']}" for row in self.table.to_dict("records")]
        return all_at_once(self._verdict(), lines)

    def refuse_if_leaking(self) -> None:
        """Refuse what does not pass.

        Raises
        ------
        RefusedError
            With every alarm and every leak that was not caught: names of columns and counts only.
        """
        if self.passed:
            return
        wrong = self.table[self.table["state"].isin([ALARM, MISSED])]
        lines = [f"{row['what']}: {row['words']}" for row in wrong.to_dict("records")]
        act = "; use no model trained on this data until each is understood"
        raise RefusedError(all_at_once(self._verdict() + act, lines))

    def _verdict(self) -> str:
        states = self.table["state"]
        alarms, missed = int((states == ALARM).sum()), int((states == MISSED).sum())
        if self.passed:
            return (
                f"Nothing known only after {self.cut_off} reaches what is trained or scored, and all "
                f"{self._planted()} planted leaks were caught"
            )
        return f"Leakage canaries: {alarms:,} alarms on the data as held, {missed:,} planted leaks not caught"

    def _planted(self) -> int:
        return int(self.table.loc[self.table["kind"] == PLANTED, "what"].nunique())


def canaries_of(rows: Sequence[Row], cut_off: date) -> Canaries:
    """The rows as a table, with the day whose future was overwritten."""
    import pandas as pd

    return Canaries(pd.DataFrame(list(rows), columns=list(COLUMNS)), cut_off.isoformat())


def on_clean_data(what: str, detector: str, alarms: Sequence[Alarm]) -> Row:
    """The row of a detector that looked at the data as held: any alarm is a leak."""
    words = "; ".join(alarm.words for alarm in alarms) or f"no alarm from {detector}"
    return (CLEAN, what, detector, ALARM if alarms else QUIET, words)


def not_judged(what: str, detector: str) -> Row:
    """The row of a detector that had too few pupils to look at."""
    words = f"not judged by {detector}: fewer than {FEWEST_OF_EACH} pupils met the outcome, or did not"
    return (CLEAN, what, detector, NOT_JUDGED, words)


def on_planted(what: str, detector: str, alarms: Sequence[Alarm]) -> Row:
    """The row of a planted leak and a detector that must find it: no alarm means that the detector is blind."""
    told = "; ".join(alarm.words for alarm in alarms)
    words = f"caught by {detector} ({told})" if alarms else f"not caught by {detector}"
    return (PLANTED, what, detector, CAUGHT if alarms else MISSED, words)
