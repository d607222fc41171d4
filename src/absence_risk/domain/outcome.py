"""The named outcomes: which codes count, the threshold, and the fewest sessions to judge by.

Integers decide: ``counted * 10 >= possible``. Statistics say "missed 10% or more" and practice guidance says
"attendance below 90%"; a pupil exactly on the line is in the first and not the second. We follow the statistics.
Source: DfE, pupil absence statistics: methodology (persistent absence, since 2015/16).
"""

from __future__ import annotations

from dataclasses import dataclass

from .attendance_codes import AUTHORISED_CODES, UNAUTHORISED_CODES


@dataclass(frozen=True)
class Outcome:
    """One definition of what is foreseen, stamped on every model, run and list.

    Parameters
    ----------
    name : str
        The name used in settings.
    codes : tuple of str
        Register codes whose sessions count towards the threshold.
    words : str
        What it means, for a person.
    numerator, denominator : int
        The threshold as a fraction of the pupil's own possible sessions: 1 and 10.
    minimum_sessions : int
        With fewer possible sessions in the year, the outcome is unknown.

    Notes
    -----
    ``from_totals`` names the return's own total that equals this outcome's codes, or is None: where only totals
    exist, an outcome that needs single codes is unknown.
    """

    name: str
    codes: tuple[str, ...]
    words: str
    numerator: int = 1
    denominator: int = 10
    minimum_sessions: int = 190

    @property
    def from_totals(self) -> str | None:
        if self.codes == UNAUTHORISED_CODES:
            return "unauthorised"
        if self.codes == tuple(sorted(UNAUTHORISED_CODES + AUTHORISED_CODES)):
            return "overall"
        return None

    def is_met(self, counted: int, possible: int) -> bool:
        """Whether ``counted`` of ``possible`` sessions reach the line; integers only.

        >>> OUTCOMES["unauthorised"].is_met(38, 380), OUTCOMES["unauthorised"].is_met(37, 380)
        (True, False)
        """
        return counted * self.denominator >= possible * self.numerator

    def definition(self) -> dict[str, object]:
        """The stamp: equal stamps mean equal outcomes."""
        return {
            "name": self.name,
            "codes": list(self.codes),
            "threshold": f"{self.numerator}/{self.denominator}",
            "minimum_sessions": self.minimum_sessions,
            "period": "next academic year, all enrolments",
        }


OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome(
            "unauthorised",
            UNAUTHORISED_CODES,
            "missed a tenth or more of possible sessions without authorisation (codes G, N, O and U)",
        ),
        Outcome(
            "unauthorised_other",
            ("O",),
            "missed a tenth or more of possible sessions for other unauthorised reasons (code O alone)",
        ),
        Outcome(
            "unauthorised_not_holiday",
            ("N", "O", "U"),
            "missed a tenth or more of possible sessions without authorisation, holidays apart (codes N, O and U)",
        ),
        Outcome(
            "overall",
            tuple(sorted(UNAUTHORISED_CODES + AUTHORISED_CODES)),
            "missed a tenth or more of possible sessions for any reason (persistent absence; for comparison only)",
        ),
    )
}

SEVERE_DENOMINATOR = 2  #: Severe absence: half or more of possible sessions missed, any reason.
