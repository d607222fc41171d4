"""Register codes and what each counts as, before and after 19 August 2024.

Source: DfE, Working together to improve school attendance (August 2024); School Attendance (Pupil
Registration) (England) Regulations 2024, regulation 10; DfE absence statistics field names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: The first academic year (by its start) in which the 2024 codes apply.
REGIME_2024_FROM = 2024


class CodeClass(StrEnum):
    """What a session marked with a code counts as."""

    ATTENDING = "attending"
    AUTHORISED = "authorised"
    UNAUTHORISED = "unauthorised"
    NOT_POSSIBLE = "not_possible"


@dataclass(frozen=True)
class AttendanceCode:
    """One register code: its class, its words, and the academic years (by start) in which it was in use.

    ``first_year`` None: since before the package's earliest return. ``last_year`` None: still in use.
    A code used outside its years is kept and reported: real returns hold H and J after 2024.
    """

    code: str
    counts_as: CodeClass
    words: str
    first_year: int | None = None
    last_year: int | None = None

    def in_use(self, start_year: int) -> bool:
        return (self.first_year or 0) <= start_year <= (self.last_year or 9999)


_A, _H, _U, _X = CodeClass.ATTENDING, CodeClass.AUTHORISED, CodeClass.UNAUTHORISED, CodeClass.NOT_POSSIBLE
_NEW, _OLD = REGIME_2024_FROM, REGIME_2024_FROM - 1

ATTENDANCE_CODES: dict[str, AttendanceCode] = {
    code.code: code
    for code in (
        AttendanceCode("/", _A, "present in the morning"),
        AttendanceCode("\\", _A, "present in the afternoon"),
        AttendanceCode("L", _A, "late, before registers closed"),
        AttendanceCode("B", _A, "educated off site"),
        AttendanceCode("D", _X, "dual registered, expected at the other school"),
        AttendanceCode("J", _A, "interview", last_year=_OLD),
        AttendanceCode("K", _A, "provision arranged by the local authority", first_year=_NEW),
        AttendanceCode("P", _A, "approved sporting activity"),
        AttendanceCode("V", _A, "educational visit or trip"),
        AttendanceCode("W", _A, "work experience"),
        AttendanceCode("C", _H, "other authorised leave"),
        AttendanceCode("C1", _H, "regulated performance or employment abroad", first_year=_NEW),
        AttendanceCode("C2", _H, "temporary part-time timetable", first_year=_NEW),
        AttendanceCode("E", _H, "suspended or excluded, no provision made"),
        AttendanceCode("F", _H, "extended family holiday, agreed", last_year=2012),
        AttendanceCode("H", _H, "family holiday, agreed", last_year=_OLD),
        AttendanceCode("I", _H, "illness"),
        AttendanceCode("J1", _H, "interview", first_year=_NEW),
        AttendanceCode("M", _H, "medical or dental appointment"),
        AttendanceCode("R", _H, "religious observance"),
        AttendanceCode("S", _H, "study leave"),
        AttendanceCode("T", _H, "mobile family travelling for work"),
        AttendanceCode("G", _U, "holiday not agreed by the school"),
        AttendanceCode("N", _U, "no reason given yet"),
        AttendanceCode("O", _U, "other absence not authorised"),
        AttendanceCode("U", _U, "arrived after registers closed"),
        AttendanceCode("Q", _X, "travel or access arrangements not made", first_year=_NEW),
        AttendanceCode("X", _X, "non-compulsory school age, not required to attend"),
        AttendanceCode("Y", _X, "unable to attend, exceptional circumstances", last_year=_OLD),
        AttendanceCode("Y1", _X, "transport not provided", first_year=_NEW),
        AttendanceCode("Y2", _X, "widespread travel disruption", first_year=_NEW),
        AttendanceCode("Y3", _X, "part of the premises out of use", first_year=_NEW),
        AttendanceCode("Y4", _X, "session cancelled", first_year=_NEW),
        AttendanceCode("Y5", _X, "detained in custody", first_year=_NEW),
        AttendanceCode("Y6", _X, "public health guidance", first_year=_NEW),
        AttendanceCode("Y7", _X, "other unavoidable cause", first_year=_NEW),
        AttendanceCode("Z", _X, "not yet on roll"),
        AttendanceCode("#", _X, "school closed"),
    )
}


def codes_of(*classes: CodeClass) -> tuple[str, ...]:
    """The codes that count as any of ``classes``, in a fixed order.

    >>> codes_of(CodeClass.UNAUTHORISED)
    ('G', 'N', 'O', 'U')
    """
    return tuple(sorted(c.code for c in ATTENDANCE_CODES.values() if c.counts_as in classes))


UNAUTHORISED_CODES = codes_of(CodeClass.UNAUTHORISED)
AUTHORISED_CODES = codes_of(CodeClass.AUTHORISED)
ILLNESS_CODES = ("I", "M")
