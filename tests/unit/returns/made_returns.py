"""Small returns written by hand for the tests: a school, a few pupils, one census at a time."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from absence_risk.domain.pupil import check_letter
from absence_risk.returns.identity import Key
from absence_risk.returns.ingest import IngestResult, ingest

KEY = Key(hashlib.sha256(b"a key for tests").digest())
_TERMS = {"autumn": ("AUT", 10), "spring": ("SPR", 1), "summer": ("SUM", 5)}
_PUPIL = (
    "NativeId", "dob", "surname", "forename", "upn", "formerupn", "sex", "entrydate", "leavingdate",
    "schoolcensustableid",
    "termlysessionspossible", "summerhalfterm2sessionspossible", "termlysessionsauthorised",
    "termlysessionsunauthorised",
    "enrolstatus", "senprovision", "ncyearactual", "ethnicity", "language", "youngcarer",
)  # fmt: skip


def upn(number: int, *, temporary: bool = False) -> str:
    """A UPN of the right form with its right check letter."""
    tail = f"901000120{number:02d}A" if temporary else f"901000120{number:03d}"
    return check_letter(tail) + tail


def write_csv(
    path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]], *, encoding: str = "utf-8"
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def long_date(day: str) -> str:
    """``2025-01-19`` as COLLECT writes it."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    year, month, number = day.split("-")
    return f"{year}-{months[int(month) - 1]}-{number} 00:00:00" if day else ""


@dataclass
class Census:
    """One School Census of one or more schools, written as COLLECT exports it."""

    term: str
    year: int
    schools: tuple[str, ...] = ("9012001",)
    collected: str = ""
    reference: str = ""
    phases: dict[str, str] = field(default_factory=dict)
    ids: str = ""
    on_roll: list[dict[str, Any]] = field(default_factory=list)
    off_roll: list[dict[str, Any]] = field(default_factory=list)
    children: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def day(self) -> str:
        return (
            self.reference
            or f"{self.year}-{_TERMS[self.term][1]:02d}-{'16' if self.term == 'spring' else '02'}"
        )

    def _id(self, school: str) -> str:
        return f"{self.ids}{self.term}{self.year}{school}"

    def pupil(
        self, number_or_upn: int | str, *, school: str = "", on_roll: bool = True, **fields: Any
    ) -> str:
        """Add a pupil and return the record's number; dates are given as 2025-01-19."""
        school = school or self.schools[0]
        rows = self.on_roll if on_roll else self.off_roll
        record = f"{self._id(school)}{'on' if on_roll else 'off'}{len(rows)}"
        given = {
            "dob": "2013-03-05", "entrydate": "2020-09-01", "sex": "F", "surname": "Doe", "forename": "A",
            "upn": upn(number_or_upn) if isinstance(number_or_upn, int) else number_or_upn, "NativeId": school,
            "schoolcensustableid": self._id(school), **fields,
        }  # fmt: skip
        for name in ("dob", "entrydate", "leavingdate"):
            if given.get(name) and given[name][4:5] == "-":
                given[name] = long_date(given[name])
        rows.append({"id": record, **given})
        return record

    def reasons(
        self, record: str, counts: dict[str, Any], *, half: int = 1, column: str = "sessions"
    ) -> None:
        table = "termlysessiondetails" if half == 1 else "summerhalfterm2sessiondetails"
        for code, sessions in counts.items():
            self.child(table, record, **{"attendancereason": code, column: sessions})

    def child(self, table: str, record: str, **fields: Any) -> None:
        for name, value in fields.items():
            if name.endswith("date") and value and value[4:5] == "-":
                fields[name] = long_date(value)
        side = "offroll" if "off" in record else "onroll"
        self.children.setdefault(f"{table}{side}", []).append({"parent": record, **fields})

    def write(self, folder: Path, *, name: str | None = None, headers: bool = True) -> Path:
        stem = f"{self.year}_{self.term}_" if name is None else name
        if headers:
            self._write_headers(folder, stem)
        for table, rows in (("pupilonroll", self.on_roll), ("pupilnolongeronroll", self.off_roll)):
            given = [
                {
                    f"{table}tableid": r["id"],
                    f"{table}orderseqcolumn": 1,
                    **{k: v for k, v in r.items() if k != "id"},
                }
                for r in rows
            ]
            write_csv(
                folder / f"{stem}{table}.csv", (f"{table}tableid", *_PUPIL, f"{table}orderseqcolumn"), given
            )
        for table, rows in self.children.items():
            parent = "pupilonrolltableid" if table.endswith("onroll") else "pupilnolongeronrolltableid"
            own = [k for k in dict.fromkeys(k for r in rows for k in r) if k != "parent"]
            given = [
                {
                    parent: r["parent"],
                    "NativeId": "x",
                    f"{table}tableid": f"{table}{i}",
                    **{k: v for k, v in r.items() if k != "parent"},
                }
                for i, r in enumerate(rows)
            ]
            write_csv(folder / f"{stem}{table}.csv", (parent, "NativeId", f"{table}tableid", *own), given)
        return folder

    def _write_headers(self, folder: Path, stem: str) -> None:
        code = _TERMS[self.term][0]
        header = (
            "schoolcensustableid",
            "NativeId",
            "term",
            "year",
            "referencedate",
            "lea",
            "estab",
            "urn",
            "collectiondate",
        )
        rows = [
            {
                "schoolcensustableid": self._id(s), "NativeId": s, "term": code, "year": f"{self.year}.0", "lea": s[:3],
                "referencedate": long_date(self.day), "estab": s[3:], "urn": f"1{s[2:]}",
                "collectiondate": long_date(self.collected) if self.collected else "",
            }
            for s in self.schools
        ]  # fmt: skip
        write_csv(folder / f"{stem}schoolcensus.csv", header, rows)
        schools = [
            {
                "schoolcensustableid": self._id(s),
                "NativeId": s,
                "schoolname": f"School {s}",
                "phase": self.phases.get(s, "SS"),
                "urn": f"1{s[2:]}",
            }
            for s in self.schools
        ]
        write_csv(
            folder / f"{stem}school.csv",
            ("schoolcensustableid", "NativeId", "schoolname", "phase", "urn"),
            schools,
        )


def cin_xml(year: int, children: str, *, reference: str | None = None, more: str = "") -> str:
    """A CIN census with the given ``Child`` elements."""
    return (
        f"<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>{year}</Year>"
        f"<ReferenceDate>{reference or f'{year}-03-31'}</ReferenceDate>{more}</CollectionDetails></Header>"
        f"<Children>{children}</Children></Message>"
    )


def cin_child(number_or_upn: int | str, details: str, *, identifiers: str = "") -> str:
    text = upn(number_or_upn) if isinstance(number_or_upn, int) else number_or_upn
    return (
        f"<Child><ChildIdentifiers><LAchildID>L{text}</LAchildID><UPN>{text}</UPN>{identifiers}"
        f"<PersonBirthDate>2013-03-05</PersonBirthDate></ChildIdentifiers>{details}</Child>"
    )


def cin_details(start: str, end: str = "", *, no_action: str = "0", more: str = "") -> str:
    closed = f"<CINclosureDate>{end}</CINclosureDate>" if end else ""
    begun = f"<CINreferralDate>{start}</CINreferralDate>{closed}"
    return f"<CINdetails>{begun}<ReferralNFA>{no_action}</ReferralNFA>{more}</CINdetails>"


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def looked_after(
    folder: Path, year: int, children: list[tuple[str, str]], episodes: list[tuple[str, str, str, str]]
) -> None:
    """An SSDA903 return: (child, upn) and (child, start, end, legal status), dates as DD/MM/YYYY."""
    write_csv(
        folder / f"SSDA903_{year}_header.csv",
        ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"),
        [{"CHILD": c, "SEX": "1", "DOB": "05/03/2013", "ETHNIC": "WBRI", "UPN": u} for c, u in children],
    )
    write_csv(
        folder / f"SSDA903_{year}_episodes.csv",
        (
            "CHILD",
            "DECOM",
            "RNE",
            "LS",
            "CIN",
            "PLACE",
            "PLACE_PROVIDER",
            "DEC",
            "REC",
            "REASON_PLACE_CHANGE",
            "HOME_POST",
            "PL_POST",
            "URN",
            "EXTRA",
        ),
        [{"CHILD": c, "DECOM": s, "DEC": e, "LS": status} for c, s, e, status in episodes],
    )


def ingested(returns: Path, store: Path | None = None, key: Key = KEY) -> IngestResult:
    return ingest(returns, store or returns.parent / "store.duckdb", key=key)


def rows(result: IngestResult, sql: str) -> list[tuple[Any, ...]]:
    """What the store answers; dates come as text, so that a table in a test can be read."""
    con = duckdb.connect(str(result.store), read_only=True)
    try:
        return [
            tuple(str(v) if hasattr(v, "isoformat") else v for v in row)
            for row in con.execute(sql).fetchall()
        ]
    finally:
        con.close()


def pupil_id(number_or_upn: int | str) -> str:
    return KEY.pupil_id(upn(number_or_upn) if isinstance(number_or_upn, int) else number_or_upn)
