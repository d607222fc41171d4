"""What each return's files look like: the columns that name them and the columns they cannot do without.

Source: School Census COLLECT exports, schemas 2015 to 2026; SSDA903 file layouts; our own layout for the AP census,
which has no published file form (docs/returns.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

ON_ROLL_ID, OFF_ROLL_ID = "pupilonrolltableid", "pupilnolongeronrolltableid"


class Role(StrEnum):
    """What the package does with a file."""

    CENSUS = "schoolcensus"
    SCHOOL = "school"
    PUPILS = "pupils"
    REASONS = "termlysessiondetails"
    REASONS_SUMMER_2 = "summerhalfterm2sessiondetails"
    SUSPENSIONS = "termlyexclusions"
    FSM = "fsmperiods"
    AP_SCHOOL = "approvisiondetail"
    AP_ARRANGED = "schoolarrangedapdetail"
    LOOKED_AFTER_HEADER = "SSDA903 header"
    LOOKED_AFTER_EPISODES = "SSDA903 episodes"
    AP_CENSUS = "AP census"
    CIN = "CIN census"
    SET_ASIDE = "not used"


@dataclass(frozen=True)
class Layout:
    """A file's shape. ``needed`` lists alternatives: at least one name of each group must be in the header."""

    role: Role
    needed: tuple[tuple[str, ...], ...]

    def missing(self, columns: frozenset[str]) -> list[str]:
        return [" or ".join(names) for names in self.needed if not columns.intersection(names)]


_PARENT = (ON_ROLL_ID, OFF_ROLL_ID)

#: COLLECT tables by the beginning of their name, longest name first where one begins another.
COLLECT: tuple[tuple[str, Layout], ...] = (
    ("schoolcensus", Layout(Role.CENSUS, (("term",), ("year",), ("referencedate",)))),
    ("schoolarrangedapdetail", Layout(Role.AP_ARRANGED, (_PARENT, ("entrydate",)))),
    (
        "summerhalfterm2sessiondetail",
        Layout(Role.REASONS_SUMMER_2, (_PARENT, ("attendancereason",), ("sessions", "absencesessions"))),
    ),
    (
        "termlysessiondetail",
        Layout(Role.REASONS, (_PARENT, ("attendancereason",), ("sessions", "absencesessions"))),
    ),
    ("termlyexclusion", Layout(Role.SUSPENSIONS, (_PARENT, ("startdate",), ("category",)))),
    ("termlysuspension", Layout(Role.SUSPENSIONS, (_PARENT, ("startdate",), ("category",)))),
    ("fsmperiod", Layout(Role.FSM, (_PARENT, ("fsmstartdate",), ("fsmenddate",)))),
    ("approvisiondetail", Layout(Role.AP_SCHOOL, (_PARENT,))),
    (
        "pupilnolongeronroll",
        Layout(Role.PUPILS, ((OFF_ROLL_ID,), ("upn",), ("dob",), ("entrydate",), ("leavingdate",))),
    ),
    ("pupilonroll", Layout(Role.PUPILS, ((ON_ROLL_ID,), ("upn",), ("dob",), ("entrydate",)))),
    ("school", Layout(Role.SCHOOL, ())),
)

#: Files that are not COLLECT tables, by their columns.
OTHERS: tuple[Layout, ...] = (
    Layout(Role.LOOKED_AFTER_HEADER, (("child",), ("sex",), ("dob",), ("ethnic",), ("upn",))),
    Layout(Role.LOOKED_AFTER_EPISODES, (("child",), ("decom",), ("ls",), ("dec",))),
    Layout(
        Role.AP_CENSUS,
        (
            ("upn",),
            ("dob",),
            ("apsettingtype",),
            ("entrydate",),
            ("leavingdate",),
            ("year",),
            ("referencedate",),
        ),
    ),
)

_PARENT_TABLES = ("pupilonroll", "pupilnolongeronroll", "schoolcensus")
_SCHOOL_WORDS = frozenset({"phase", "schoolphase", "schoolname"})


def _own_table(columns: frozenset[str]) -> str | None:
    tables = sorted(c.removesuffix("tableid") for c in columns if c.endswith("tableid") and c != "tableid")
    for table in tables:
        if f"{table}orderseqcolumn" in columns:
            return table
    own = [t for t in tables if t not in _PARENT_TABLES]
    if len(own) == 1:
        return own[0]
    for parent, mark in (
        ("pupilnolongeronroll", "upn"),
        ("pupilonroll", "upn"),
        ("schoolcensus", "referencedate"),
    ):
        if parent in tables and mark in columns:
            return parent
    return None


def collect_table(columns: frozenset[str]) -> str | None:
    """The name of the COLLECT table with these columns, or None if they are not of a COLLECT export.

    Each table has its own ``<table>tableid`` and order column; a child table also carries its parent's id.

    >>> collect_table(frozenset({"pupilonrolltableid", "nativeid", "fsmperiodtableid", "fsmstartdate"}))
    'fsmperiod'
    """
    if "nativeid" not in columns:
        return None
    own = _own_table(columns)
    if own is None and columns & _SCHOOL_WORDS:
        return "school"
    if own == "schoolcensus" and columns & _SCHOOL_WORDS and "referencedate" not in columns:
        return "school"
    return own


def collect_layout(table: str) -> Layout | None:
    """The layout of a COLLECT table the package uses; None for one it sets aside (senneeds, addresses and others)."""
    for start, layout in COLLECT:
        if table == start or (start != "school" and re.match(rf"{start}s?(onroll|offroll)?$", table)):
            return layout
    return None


def nearest(columns: frozenset[str]) -> tuple[str, list[str]]:
    """The known file that shares most columns with these, and what they lack of it."""
    known = [(layout.role.value, layout) for layout in OTHERS] + [
        (name, layout) for name, layout in COLLECT if layout.needed
    ]

    def lacking(entry: tuple[str, Layout]) -> tuple[float, str]:
        name, layout = entry
        return len(layout.missing(columns)) / len(layout.needed), name

    name, layout = min(known, key=lacking)
    return name, layout.missing(columns)
