"""Numbers and dates as spreadsheets, other countries and slips of the hand write them."""

from __future__ import annotations

from pathlib import Path

from hostile_bytes import OTHER, REFUSED, SAME, TOLD, Case, edit, swap
from hostile_returns import AP, CIN, EPISODES, HEADER, MEALS, PUPILS, REASONS, SCHOOL


def number_cases() -> list[Case]:
    """Whole numbers as spreadsheets and other countries write them."""
    right = {
        "as 9.0": "9.0",
        "as 009": "009",
        "as 9 and a blank": " 9 ",
        "in quotation marks": '"9"',
        "as 9 and a tab": "9\t",
    }
    wrong = {
        "1E+00": "1E+00",
        "thousands": '"1,009"',
        "decimal comma": '"9,0"',
        "a sign": "-9",
        "nine and a half": "9.5",
        "full-width": "９",
        "Arabic-Indic": "٩",
        "an error": "#REF!",
        "not available": "#N/A",
        "NA": "NA",
        "None": "None",
        "null": "null",
        "a formula": "=9",
        "far too large": "9" * 30,
        "hexadecimal": "0x9",
        "true": "TRUE",
        "inf": "inf",
    }
    return [
        *(
            Case(f"sessions {said}", REASONS, swap(REASONS, ",O,9", f",O,{text}"), SAME)
            for said, text in right.items()
        ),
        *(
            Case(
                f"sessions: {said}",
                REASONS,
                swap(REASONS, ",O,9", f",O,{text}"),
                TOLD,
                "sessions: not a whole number",
            )
            for said, text in wrong.items()
        ),
        Case(
            "a placement of ten as 1E+01",
            AP,
            swap(AP, ",FT,5,", ",FT,1E+01,"),
            TOLD,
            "per_week: not a whole number",
        ),
        Case(
            "a placement's URN as 1.2E+05", AP, swap(AP, ",123456,", ",1.2E+05,"), TOLD, "urn: not a number"
        ),
        Case("a placement's URN as #N/A", AP, swap(AP, ",123456,", ",#N/A,"), TOLD, "urn: not a number"),
        *(
            Case(
                f"a school's number as {text}",
                HEADER,
                swap(HEADER, ",901,2001,", f",{new},"),
                REFUSED,
                "schools have no number",
            )
            for text, new in {
                "#N/A": "#N/A,2001",
                "2E+03": "901,2E+03",
                "９０１": "９０１,2001",
                "90x": "90x,2001",
            }.items()
        ),
        Case("a school's number as 2001.0", HEADER, swap(HEADER, ",901,2001,", ",901.0,2001.0,"), SAME),
        *(
            Case(
                f"the year of a census as {new}",
                HEADER,
                swap(HEADER, "2025.0", new),
                REFUSED,
                "four-digit year",
            )
            for new in ("25", "２０２５", "2.025E+03", "", "٢٠٢٥", "2" * 5000)
        ),
        Case(
            "the term in another language", HEADER, swap(HEADER, "SPR", "Printemps"), REFUSED, "needs a term"
        ),
    ]


def date_cases() -> list[Case]:
    """A day as 5 June 2023 and as everything that it may be taken for."""
    same = {
        "with midnight": "05/06/2023 00:00:00",
        "without noughts": "5/6/2023",
        "blanks around": " 05/06/2023 ",
        "a mark unseen": "\u200b05/06/2023\u00a0",
    }
    lost = {
        "two-digit year": "05/06/23",
        "Excel serial": "45082",
        "no such day": "31/02/2023",
        "leap day of no leap year": "29/02/2023",
        "year 1900": "01/01/1900",
        "year 9999": "31/12/9999",
        "year 0": "01/01/0000",
        "23:00": "05/06/2023 23:00",
        "24:00": "05/06/2023 24:00",
        "with a zone": "2023-06-05T00:00:00Z",
        "an hour of summer": "05/06/2023 01:00:00",
        "another form": "2023-06-05",
        "points": "05.06.2023",
        "words": "5 June 2023",
        "Arabic-Indic": "٠٥/٠٦/٢٠٢٣",
        "full-width": "０５/06/2023",
        "an error": "#VALUE!",
        "NA": "NA",
        "two dates": "05/06/2023 06/06/2023",
        "no month": "05/00/2023",
        "no day": "00/06/2023",
        "minus": "-5/06/2023",
    }
    month_first = {"month first": "06/25/2023", "month first with midnight": "6/25/2023 00:00"}
    every = {"two-digit years": "05/06/23", "serials": "45082", "zoned": "2023-06-05T00:00:00+01:00"}
    return [
        *(
            Case(f"a start: {said}", EPISODES, swap(EPISODES, "05/06/2023", new), SAME)
            for said, new in same.items()
        ),
        *(
            Case(f"a start: {said}", EPISODES, swap(EPISODES, "05/06/2023", new), TOLD, "start: not a date")
            for said, new in lost.items()
        ),
        *(
            Case(
                f"a start: {said}",
                EPISODES,
                swap(EPISODES, "05/06/2023", new),
                REFUSED,
                "the month before the day",
            )
            for said, new in month_first.items()
        ),
        *(
            Case(
                f"all starts: {said}",
                EPISODES,
                swap(EPISODES, "05/06/2023", new, 99),
                REFUSED,
                "no accepted form",
            )
            for said, new in every.items()
        ),
        *(
            # Blank is open, and what cannot be read is not blank.
            Case(
                f"an end: {said}",
                EPISODES,
                swap(EPISODES, "19/02/2024", new),
                TOLD,
                "an end date that cannot be read",
            )
            for said, new in lost.items()
            if "9999" not in new
        ),
        Case(
            "an end: year 9999 is open",
            EPISODES,
            swap(EPISODES, "19/02/2024", "31/12/9999"),
            TOLD,
            "end: not a date",
        ),
        Case(
            "free meals end on no day",
            MEALS,
            swap(MEALS, "2024-Jun-05", "2024-Jun-31"),
            TOLD,
            "end date that cannot be read",
        ),
        Case(
            "a referral closed on no day",
            CIN,
            swap(CIN, "2024-02-05", "2024-02-30"),
            TOLD,
            "end date that cannot be read",
        ),
        Case("a day in capitals", MEALS, swap(MEALS, "2024-Jun-05", "2024-JUN-05"), SAME),
        Case("29 February of a leap year", EPISODES, swap(EPISODES, "19/02/2024", "29/02/2024"), OTHER),
        Case(
            "a census of another month",
            HEADER,
            swap(HEADER, "2025-Jan-16", "2025-May-16"),
            REFUSED,
            "this is another census",
        ),
        Case(
            "last year's census under this year's name",
            HEADER,
            _last_year,
            TOLD,
            "which is followed, and its name spring 2025",
        ),
        Case(
            "last year's AP census",
            AP,
            swap(AP, "2025-01-16", "2024-01-18", 99),
            REFUSED,
            "not in January 2025",
        ),
        Case(
            "two years in one AP census",
            AP,
            swap(AP, "2025,2025-01-16", "2024,2024-01-16"),
            REFUSED,
            "one year",
        ),
        Case(
            "a totals row in an AP census",
            AP,
            edit(AP, lambda b: b + b"Total" + b"," * 11 + b"\n"),
            REFUSED,
            "one year",
        ),
    ]


def _last_year(folder: Path) -> None:
    swap(HEADER, "2025", "2024", 99)(folder)
    for table in (HEADER, SCHOOL, PUPILS):
        path = folder / table
        path.write_bytes(path.read_bytes().replace(b"spring2024", b"spring2025"))
