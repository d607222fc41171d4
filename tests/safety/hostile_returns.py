"""One small folder with every kind of return, read up to the workbench, and what each change to a file makes of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from made_returns import Census, cin_child, cin_details, cin_xml, looked_after, upn, write_text

from absence_risk.errors import InputError
from absence_risk.returns.ingest import _read_all, _Steps
from absence_risk.returns.ledger import Ledger
from absence_risk.returns.recognise import recognise
from absence_risk.returns.staging import lay_out

HEADER, SCHOOL, PUPILS, REASONS, SUSPENSIONS, MEALS = (
    f"2025_spring_{table}.csv"
    for table in (
        "schoolcensus",
        "school",
        "pupilonroll",
        "termlysessiondetailsonroll",
        "termlyexclusionsonroll",
        "fsmperiodsonroll",
    )
)
CIN, CHILDREN, EPISODES, AP = "cin.xml", "SSDA903_2024_header.csv", "SSDA903_2024_episodes.csv", "ap.csv"
#: Files that are read together; a change to one of them can move no row of another group.
GROUPS = ((HEADER, SCHOOL, PUPILS, REASONS, SUSPENSIONS, MEALS), (CIN,), (CHILDREN, EPISODES), (AP,))
#: Stands in a cell that nothing may repeat.
SECRET = "Quisling"
PUPILS_MADE = 4

#: What the workbench holds, without the numbers of files, which the order of names gives.
_HELD = {
    "submission": "school_id, urn, year, term, reference_date, known_from",
    "school": "urn, name, phase",
    "person": "on_roll, upn, former, dob, entry, leaving, year_group, enrol_status, sen, sex, possible, why",
    "reason": "person, half, code, sessions",
    "suspension": "person, start_date, category, sessions, why",
    "fsm": "person, start_date, end_date, why",
    "return_read": "kind, year, reference_date, known_from, records",
    "child": "upn, former, dob, why",
    "care": "kind, start_date, end_date, why",
    "episode": "start_date, end_date, why",
    "funded": "setting, pattern, sessions_per_week, start_date, end_date, why",
}


@dataclass
class Read:
    """What came of reading a folder: the rows held, and everything said, in one text."""

    held: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    refused: str = ""
    said: str = ""

    @property
    def spoken(self) -> str:
        return self.refused + self.said


def make_returns(folder: Path) -> None:
    """A School Census of one school, a CIN census, an SSDA903 return and an AP census."""
    census = Census("spring", 2025)
    for number in range(PUPILS_MADE):
        record = census.pupil(
            number,
            termlysessionspossible=140,
            ncyearactual="7",
            senprovision="K",
            surname=SECRET,
            enrolstatus="C",
        )
        census.reasons(record, {"I": 5, "O": 9 + number})
        census.child("termlyexclusions", record, startdate="2024-11-05", sessions=2, category="SUSP")
        census.child("fsmperiods", record, fsmstartdate="2024-01-05", fsmenddate="2024-06-05")
    census.write(folder)
    details = (
        cin_child(n, cin_details("2023-06-01", "2024-02-05" if n % 2 else "")) for n in range(PUPILS_MADE)
    )
    write_text(folder / CIN, cin_xml(2024, "".join(details)))
    looked_after(
        folder,
        2024,
        [(f"C{n}", upn(n)) for n in range(PUPILS_MADE)],
        [(f"C{n}", "05/06/2023", "19/02/2024" if n else "", "C2") for n in range(PUPILS_MADE)],
    )
    columns = "upn,formerupn,dob,apsettingtype,entrydate,leavingdate,apattendancepattern,apsessionsperweek,urn,ukprn,"
    placements = (
        f"{upn(n)},,2013-03-05,APA,2024-09-0{n + 1},,FT,5,123456,,2025,2025-01-16\n"
        for n in range(PUPILS_MADE)
    )
    write_text(folder / AP, f"{columns}year,referencedate\n" + "".join(placements))


def read_folder(folder: Path) -> Read:
    """Read a folder as ingest does, up to the workbench."""
    ledger, read = Ledger(), Read()
    con = duckdb.connect(config={"threads": 1})
    try:
        with tempfile.TemporaryDirectory() as scratch:
            lay_out(con)
            found = recognise(folder, Path(scratch))
            ledger.faults += found.faults
            ledger.notes += found.notes
            _read_all(con, found, ledger, _Steps(found, lambda *_: None))
        read.held = {
            table: sorted(con.execute(f"SELECT {columns} FROM stage.{table}").fetchall(), key=repr)
            for table, columns in _HELD.items()
        }
    except InputError as fault:
        ledger.faults.append(str(fault))
    finally:
        con.close()
    not_used = [why for file in ledger.files for why in file.not_used]
    why_not = [row[-1] for table in ("person", "suspension", "fsm", "care", "episode", "funded") if read.held
               for row in read.held[table] if row[-1]]  # fmt: skip
    read.refused = "\n".join(ledger.faults)
    read.said = "\n".join(
        map(str, (*ledger.findings.items(), *ledger.notes, *ledger.codes.items(), *not_used, *why_not))
    )
    return read


def group_of(file: str) -> int:
    """The group a file belongs to; a new file joins the School Census."""
    return next((number for number, files in enumerate(GROUPS) if file in files), 0)


def changed(base: Path, folder: Path, group: int, change: Callable[[Path], object]) -> Read:
    """Read a copy of one group of files after a change to it."""
    folder.mkdir(parents=True)
    for name in GROUPS[group]:
        (folder / name).write_bytes((base / name).read_bytes())
    change(folder)
    return read_folder(folder)
