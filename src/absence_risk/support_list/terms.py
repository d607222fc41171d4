"""The terms of a list: what it is for, how long it is, who answers for it, and the last day it may be used."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from ..errors import UsageError, all_at_once
from .words import purpose_words


@dataclass(frozen=True)
class Terms:
    """The terms printed on every page, so that any other use can be seen.

    Attributes
    ----------
    purpose : str
        One of ``list_words.PURPOSES``.
    capacity : int
        Families the team can offer help to in this period.
    owner : str
        The team that answers for the list.
    expires : date
        The last day it may be used.
    """

    purpose: str
    capacity: int
    owner: str
    expires: date

    @classmethod
    def of(cls, purpose: str, capacity: int | None, owner: str, expires: date | None) -> Terms:
        """Terms from what was given; what is left out is refused, each with why it is needed.

        Raises
        ------
        UsageError
            With everything that is missing at once.
        """
        missing = [
            words
            for given, words in (
                (
                    capacity is not None,
                    "--capacity: how many families the team can offer help to in this period",
                ),
                (owner.strip(), "--owner: the team that answers for the list; it is printed on every page"),
                (
                    expires,
                    "--expires: the last day of use, like 2027-02-12; a list that never ends follows a child",
                ),
            )
            if not given
        ]
        if missing or capacity is None or expires is None:
            raise UsageError(all_at_once("a list is not made without its terms; please give", missing))
        return cls(purpose, capacity, owner.strip(), expires)

    def check(self, as_of: date, today: date) -> None:
        """Refuse a list without a purpose of support, a length, an owner and a last day that is still to come.

        Raises
        ------
        RefusedError
            If the purpose is not one of support.
        UsageError
            If the length, owner or last day are not what they must be.
        """
        purpose_words(self.purpose)
        if self.capacity < 1:
            raise UsageError(
                f"capacity is the number of families the team can offer help to: 1 or more, not {self.capacity}"
            )
        if not self.owner.strip():
            raise UsageError("expected the name of the team that answers for the list; give it as owner")
        if not self.owner.isprintable():
            raise UsageError(
                "the name given as owner holds a character that cannot be printed; type it again"
            )
        if self.expires <= as_of or self.expires < today:
            raise UsageError(
                f"the last day of use must lie after the as-of date {as_of.isoformat()} and not before today, "
                f"{today.isoformat()}; found {self.expires.isoformat()}"
            )

    def list_id(self, scores_sha256: str, rows_sha256: str) -> str:
        """A short name for the list: the same scores, terms and pupils give the same one.

        Parameters
        ----------
        scores_sha256, rows_sha256 : str
            Hash of the scored table, and of the references with the pupils behind them.
        """
        said = "|".join(
            [
                scores_sha256,
                rows_sha256,
                self.purpose,
                str(self.capacity),
                self.owner,
                self.expires.isoformat(),
            ]
        )
        return hashlib.sha256(said.encode("utf-8")).hexdigest()[:8]
