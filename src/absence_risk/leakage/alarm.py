"""What a detector says when it finds something: names of columns and counts, never a pupil."""

from __future__ import annotations

from dataclasses import dataclass

#: The detectors by the names that reports give them.
POISONED_FUTURE = "the poisoned future"
SINGLE_COLUMN = "a single column that knows too much"
TWICE_IN_A_YEAR = "a pupil twice in a year"
TWO_IDS = "one history under two ids"


@dataclass(frozen=True)
class Alarm:
    """One finding.

    Attributes
    ----------
    detector : str
        Which detector found it: one of the names above.
    where : str
        The column, or the part of the work, that it is about.
    words : str
        What was found, in counts.
    """

    detector: str
    where: str
    words: str
