"""Every row that came in is accounted for: used, or not used for a stated reason; the sums must balance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..errors import InputError, all_at_once


@dataclass
class FileCount:
    """What became of one file's rows."""

    name: str
    table: str
    rows_in: int = 0
    kept: int = 0
    not_used: Counter[str] = field(default_factory=Counter)

    @property
    def balances(self) -> bool:
        return self.rows_in == self.kept + sum(self.not_used.values())


@dataclass
class Ledger:
    """Counts, findings and notes of one ingest; holds no pupil's value, only names of files, columns and codes.

    ``findings`` are numbered facts about content (what, where, how many); ``notes`` are plain remarks;
    ``faults`` refuse the whole ingest.
    """

    files: list[FileCount] = field(default_factory=list)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    tables: dict[str, int] = field(default_factory=dict)
    censuses: list[dict[str, object]] = field(default_factory=list)
    joining: list[dict[str, object]] = field(default_factory=list)

    def open_file(self, name: str, table: str) -> int:
        """Start an account for a file; the number returned marks its rows while they are staged."""
        self.files.append(FileCount(name, table))
        return len(self.files) - 1

    def came_in(self, file: int, rows: int) -> None:
        self.files[file].rows_in += rows

    def kept(self, file: int, rows: int) -> None:
        self.files[file].kept += rows

    def not_used(self, file: int, why: str, rows: int) -> None:
        if rows:
            self.files[file].not_used[why] += rows

    def found(self, what: str, where: str, count: int) -> None:
        """Record a finding about content; nothing is recorded for a count of nought."""
        if count:
            self.findings[what, where] += count

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)

    def unknown_code(self, kind: str, code: str | None, count: int) -> None:
        """Count a code outside the known list; only what looks like a code is named, other text never is."""
        looks_like_code = code is not None and len(code) <= 3 and code.isascii() and not code.isspace()
        self.codes[kind, code if looks_like_code and code else "other text"] += count

    @property
    def unbalanced(self) -> list[str]:
        return [f"{f.name} ({f.table})" for f in self.files if not f.balances]

    def refuse_unbalanced(self) -> None:
        """Refuse a store that some row was lost on the way to: the package, not the returns, is at fault then.

        Raises
        ------
        InputError
            Naming each file whose rows are not all used, or not used for a reason.
        """
        if self.unbalanced:
            title = (
                "rows of these files were neither used nor left out for a reason, a fault of this package that you "
                "should report; nothing was ingested:"
            )
            raise InputError(all_at_once(title, self.unbalanced))
