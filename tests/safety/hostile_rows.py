"""Codes, names of files, files given twice, links, and what an XML file can do to its reader."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hostile_bytes import REFUSED, SAME, TOLD, Case, Change, edit, swap
from hostile_returns import CHILDREN, CIN, EPISODES, HEADER, MEALS, PUPILS, REASONS, SUSPENSIONS


def row_cases() -> list[Case]:
    """Codes, names of files, files twice, links."""

    def renamed(old: str, new: str) -> Change:
        return lambda folder: shutil.move(folder / old, folder / new)

    def beside(name: str, old: str, new: str) -> Change:
        """The file under a name that the engine would take for a pattern, and beside it what the pattern fits."""

        def run(folder: Path) -> None:
            shutil.move(folder / REASONS, folder / name)
            (folder / new).write_text("CHILD,DOB,REVIEW\n", encoding="utf-8")
            assert old

        return run

    def within(folder_name: str) -> Change:
        def run(folder: Path) -> None:
            (folder / folder_name).mkdir()
            for path in folder.glob("2025_spring_*.csv"):
                shutil.move(path, folder / folder_name / path.name)

        return run

    twice = {
        name: lambda folder, n=name: shutil.copy(folder / n, folder / f"2025_spring_again_{n}")
        for name in (REASONS, PUPILS, SUSPENSIONS, MEALS)
    }
    return [
        *(
            Case(f"a code with {said}", REASONS, swap(REASONS, ",O,", f",{text},"), SAME)
            for said, text in {
                "a tab": "O\t",
                "a wide blank": "\u3000O",
                "no width": "\u200bO",
                "a small letter": "o",
            }.items()
        ),
        *(
            Case(f"a status with {said}", EPISODES, swap(EPISODES, ",C2,", f",{text},"), TOLD, words)
            for said, text, words in (
                ("a blank of no break", "V3\u00a0", "short break"),
                ("a full-width letter", "Ｖ3", "legal status"),
                ("no such code", "Z9", "legal status"),
            )
        ),
        Case(
            "a totals row of reasons",
            REASONS,
            edit(REASONS, lambda b: b + b",,,Total,99\n"),
            TOLD,
            "its pupil is not in the return",
        ),
        Case(
            "brackets that fit another file",
            REASONS,
            beside("2025_spring_r[1].csv", REASONS, "2025_spring_r1.csv"),
            SAME,
        ),
        Case(
            "a star that fits another file",
            REASONS,
            beside("2025_spring_r*.csv", REASONS, "2025_spring_rx.csv"),
            SAME,
        ),
        Case("a question mark", REASONS, beside("2025_spring_r?.csv", REASONS, "2025_spring_rx.csv"), SAME),
        Case("a line break in a name", REASONS, renamed(REASONS, "2025_spring_a\nb.csv"), SAME),
        Case("a quotation mark in a name", REASONS, renamed(REASONS, "2025_spring_a'b\".csv"), SAME),
        Case("a name of no encoding", REASONS, renamed(REASONS, os.fsdecode(b"2025_spring_\xff.csv")), SAME),
        Case("a folder that names a column", REASONS, within("attendancereason=U"), SAME),
        Case("a folder that names a year", HEADER, within("year=2031"), SAME),
        *(
            Case(
                f"{name} twice",
                name,
                change,
                SAME if name != PUPILS else TOLD,
                "" if name != PUPILS else "twice",
            )
            for name, change in twice.items()
            if name in (REASONS, PUPILS)
        ),
        Case(
            "reasons twice and differing",
            REASONS,
            lambda f: (twice[REASONS](f), swap(REASONS, ",O,9", ",O,8")(f)),
            REFUSED,
            "leave only one of the two",
        ),
        Case(
            "a header and episodes of two years",
            CHILDREN,
            renamed(CHILDREN, "SSDA903_2023_header.csv"),
            REFUSED,
            "one header and one episodes",
        ),
        Case(
            "a pipe",
            "x.csv",
            lambda folder: os.mkfifo(folder / "x.csv"),
            REFUSED,
            "no file that can be opened",
        ),
        Case(
            "a link to nothing",
            "x.csv",
            lambda folder: (folder / "x.csv").symlink_to(folder / "none"),
            REFUSED,
            "no file that can be opened",
        ),
        Case(
            "a folder that leads back",
            "x",
            lambda folder: (folder / "x").symlink_to(folder),
            REFUSED,
            "no file that can be opened",
        ),
        Case(
            "a link to a file",
            CIN,
            lambda folder: (
                shutil.move(folder / CIN, folder / "_c"),
                (folder / CIN).symlink_to(folder / "_c"),
            ),
            SAME,
        ),
    ]


def xml_cases() -> list[Case]:
    """What an XML file can do to its reader."""

    def with_head(head: str) -> Change:
        return edit(CIN, lambda b: head.encode() + b)

    laughs = "<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY a{n} '{f'&a{n - 1 if n else str()};' * 10}'>" for n in range(9)
    )
    deep = 100_000
    return [
        Case("a bomb of entities", CIN, with_head(laughs + "]>"), REFUSED, "declares a document type"),
        Case(
            "an entity from outside",
            CIN,
            with_head('<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/hostname">]>'),
            REFUSED,
            "declares a document type",
        ),
        Case(
            "a document type from outside",
            CIN,
            with_head('<!DOCTYPE m SYSTEM "http://example.invalid/m.dtd">'),
            REFUSED,
            "declares a document type",
        ),
        Case(
            "a parameter entity",
            CIN,
            with_head('<!DOCTYPE m [<!ENTITY % p SYSTEM "http://example.invalid/p">%p;]>'),
            REFUSED,
            "declares a document type",
        ),
        Case("an entity undefined", CIN, swap(CIN, "<UPN>", "<UPN>&x;"), REFUSED, "not well formed"),
        Case(
            "very deep",
            CIN,
            swap(CIN, "<Children>", "<Children>" + "<a>" * deep + "</a>" * deep),
            REFUSED,
            "deep",
        ),
        Case("very wide", CIN, swap(CIN, "<Children>", "<Children>" + "<a/>" * 20_000), SAME),
        Case(
            "another namespace", CIN, swap(CIN, "<Message>", '<Message xmlns="urn:x" xmlns:y="urn:y">'), SAME
        ),
        Case(
            "a prefix",
            CIN,
            edit(
                CIN,
                lambda b: b.replace(b"<Message>", b'<m:Message xmlns:m="urn:x">').replace(
                    b"</Message>", b"</m:Message>"
                ),
            ),
            SAME,
        ),
        Case(
            "a prefix never bound",
            CIN,
            swap(CIN, "<Children>", "<Children><m:a/>"),
            REFUSED,
            "not well formed",
        ),
        Case(
            "a file included from outside",
            CIN,
            swap(
                CIN,
                "<Children>",
                '<Children><x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/hostname"/>',
            ),
            SAME,
        ),
        Case("a style sheet", CIN, with_head('<?xml-stylesheet href="http://example.invalid/x.xsl"?>'), SAME),
        Case("a remark within a date", CIN, swap(CIN, "2023-06-01", "2023-06<!-- x -->-01"), SAME),
        Case("a date in CDATA", CIN, swap(CIN, "2023-06-01", "<![CDATA[2023-06-01]]>"), SAME),
        Case("cut short", CIN, edit(CIN, lambda b: b[:-20]), REFUSED, "cut short or not well formed"),
        Case("two in one file", CIN, edit(CIN, lambda b: b + b), REFUSED, "not well formed"),
        Case(
            "two headers",
            CIN,
            swap(CIN, "<Children>", "<Header><Year>2023</Year></Header><Children>"),
            REFUSED,
            "more than one header",
        ),
        Case(
            "a child in a child",
            CIN,
            edit(
                CIN,
                lambda b: b.replace(b"<Child>", b"<Child><Child>", 1).replace(
                    b"</Child>", b"</Child></Child>", 1
                ),
            ),
            REFUSED,
            "within another child",
        ),
        Case(
            "another root",
            CIN,
            edit(CIN, lambda b: b.replace(b"Message", b"Massage")),
            REFUSED,
            "root element",
        ),
        Case(
            "UTF-16",
            CIN,
            edit(CIN, lambda b: ('<?xml version="1.0" encoding="utf-16"?>' + b.decode()).encode("utf-16")),
            SAME,
        ),
        *(
            Case(
                f"said to be {coding}",
                CIN,
                with_head(f'<?xml version="1.0" encoding="{coding}"?>'),
                REFUSED,
                "well",
            )
            for coding in ("klingon", "utf-7", "shift_jis", "rot13", "base64", "idna", "utf-16")
        ),
        Case("a control character", CIN, swap(CIN, "<UPN>", "<UPN>\x01"), REFUSED, "not well formed"),
        Case("nothing at all", CIN, edit(CIN, lambda b: b""), REFUSED, "empty"),
        Case(
            "no action said otherwise",
            CIN,
            swap(CIN, "<ReferralNFA>0", "<ReferralNFA>Yes"),
            TOLD,
            "ReferralNFA",
        ),
        *(
            Case(f"the year as {said}", CIN, swap(CIN, "<Year>2024", f"<Year>{year}"), REFUSED, words)
            for said, year, words in (
                ("five thousand figures", "9" * 5000, "needs a Year"),
                ("Arabic-Indic figures", "٢٠٢٤", "needs a Year"),
                ("last year", "2023", "another year's"),
            )
        ),
        *(
            Case(
                f"the reference date as {text}",
                CIN,
                swap(CIN, "<ReferenceDate>2024-03-31", f"<ReferenceDate>{text}"),
                REFUSED,
                "needs a Year and a ReferenceDate",
            )
            for text in ("2024-W13-7", "20240331", "31/03/2024", "9999-03-31", "2024-03-32", "2024-03-31x")
        ),
        Case(
            "a collection date of no form",
            CIN,
            swap(CIN, "<Collection>", "<CollectionDate>30/06/2024</CollectionDate><Collection>"),
            TOLD,
            "collection date: not a date",
        ),
        Case(
            "a collection date in 9999",
            CIN,
            swap(CIN, "<Collection>", "<CollectionDate>9999-12-31</CollectionDate><Collection>"),
            TOLD,
            "collection date: not a date",
        ),
    ]
