"""Returns drawn at random, small and untidy: movers, duals, leavers, late corrections, merged and missing UPNs."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from made_returns import Census, cin_child, cin_details, cin_xml, looked_after, upn, write_csv, write_text

SCHOOLS = ("9012001", "9012002")
CENSUSES = (("autumn", 2024), ("spring", 2025), ("summer", 2025), ("autumn", 2025))
CODES = ("/", "O", "G", "I", "zz", "")


def drawn_returns(folder: Path, seed: int) -> Path:
    """Write the four censuses of a year and social care; the same seed, the same returns."""
    rng = random.Random(seed)
    pupils = range(1, rng.randint(4, 9))
    for term, year in CENSUSES:
        census = _census(term, year, pupils, rng, "")
        census.write(folder / f"{year}_{term}")
        if rng.random() < 0.4:
            again = _census(
                term, year, pupils, rng, f"{year}-{ {'autumn': 12, 'spring': 3, 'summer': 7}[term] }-20"
            )
            again.write(folder / f"{year}_{term}_again")
    children = "".join(
        cin_child(rng.choice([number, 60, "UN2"]), cin_details("2024-09-01", rng.choice(["", "2025-01-05"])))
        for number in pupils
    )
    write_text(folder / "cin" / "a.xml", cin_xml(2025, children))
    who = [(str(number), rng.choice([upn(number), upn(70), ""])) for number in pupils]
    spells = [(rng.choice(who)[0], "01/05/2024", rng.choice(["", "01/09/2024"]), "C2") for _ in range(3)]
    looked_after(folder / "903", 2025, who, [*spells, ("no such child", "01/05/2024", "", "C2")])
    for path in sorted(folder.rglob("*.csv")):
        if "census" not in path.name and rng.random() < 0.3:
            _repeat_rows(path, rng)
    return folder


def _census(term: str, year: int, pupils: range, rng: random.Random, collected: str) -> Census:
    census = Census(term, year, schools=SCHOOLS, collected=collected)
    for number in pupils:
        if rng.random() < 0.15:
            continue
        dual = rng.random() < 0.2
        for school, status in zip(rng.sample(SCHOOLS, 2), ("M", "S") if dual else ("C",), strict=False):
            _pupil(census, number, school, status, rng)
    return census


def _pupil(census: Census, number: int, school: str, status: str, rng: random.Random) -> None:
    on_roll = rng.random() < 0.8
    temporary = upn(number, temporary=True)
    named, former = rng.choice([(upn(number), ""), (upn(number), temporary), (temporary, ""), ("UN1", "")])
    record = census.pupil(
        named,
        school=school,
        on_roll=on_roll,
        enrolstatus=status if on_roll else "",
        formerupn=former,
        ncyearactual=str(rng.randint(1, 11)),
        termlysessionspossible=str(rng.choice([0, 60, 120])),
        leavingdate="" if on_roll else f"{census.year - 1}-12-01",
    )
    for code in rng.sample(CODES, 3):
        census.child(
            "termlysessiondetails",
            record,
            attendancereason=code,
            sessions=rng.choice(["3", "0", "12", "", "x"]),
        )
    if rng.random() < 0.3:
        census.child("termlyexclusions", record, startdate="2024-10-03", sessions="2", category="SUSP")
    if rng.random() < 0.1:
        census.child("termlyexclusions", f"{record}x", startdate="2024-10-03", sessions="2", category="SUSP")


def _repeat_rows(path: Path, rng: random.Random) -> None:
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    if rows:
        write_csv(path, tuple(rows[0]), [*rows, *rng.choices(rows, k=2)])


def rows_in(path: Path) -> int:
    """Rows below the header of a CSV, read without the package."""
    with path.open(encoding="utf-8", newline="") as handle:
        return sum(1 for _ in csv.reader(handle)) - 1
