"""What the register gives back: what became of a returned copy, conflicts between copies, and who took what out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .declaration import FIELD_BY_NAME


class FieldConflict(NamedTuple):
    """One field that two copies fill in differently."""

    field: str
    earlier: str
    now: str

    def in_words(self) -> str:
        """The column with both values; free text is not repeated, for it may say anything about anybody."""
        declared = FIELD_BY_NAME[self.field]
        if declared.kind == "text":
            return f"{declared.header}: the two texts differ"
        return f"{declared.header}: {self.earlier} is recorded, {self.now} came now"


class Conflict(NamedTuple):
    """One row of a returned copy that says otherwise than the record that stands; nothing of it was recorded."""

    review_ref: str
    fields: tuple[FieldConflict, ...]
    copy_sha256: str
    read_at: str
    read_by: str

    def in_words(self) -> str:
        """The reference and every field that differs."""
        return f"{self.review_ref}: " + "; ".join(field.in_words() for field in self.fields)


class Recorded(NamedTuple):
    """What became of each row of a returned copy, by reference.

    ``settled``: the copy's row now stands in place of an earlier one, because somebody asked for it by reference.
    """

    added: tuple[str, ...]
    completed: tuple[str, ...]
    unchanged: tuple[str, ...]
    settled: tuple[str, ...]
    conflicts: tuple[Conflict, ...]


class CopyRead(NamedTuple):
    """One reading of a returned copy: the hash of its file, when, by whom, and what came of it."""

    copy_sha256: str
    read_at: str
    read_by: str
    added: int
    completed: int
    unchanged: int
    settled: int
    conflicts: int


class ContactExport(NamedTuple):
    """One contact list taken out of the register: when, by whom, and how many rows it had."""

    made_at: str
    made_by: str
    rows: int


def differing(earlier: Mapping[str, str], now: Mapping[str, str]) -> tuple[FieldConflict, ...]:
    """Fields that both fill in, and differently, in the order of the sheet."""
    return tuple(
        FieldConflict(name, earlier[name], now[name])
        for name in FIELD_BY_NAME
        if earlier.get(name) and now.get(name) and earlier[name] != now[name]
    )


def merged(earlier: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """What stands once ``now`` has completed ``earlier``: no field that was filled changes, none is emptied.

    Only where nothing differs: whatever the order of two such copies, the same record stands in the end.
    """
    return {name: said for name in FIELD_BY_NAME if (said := earlier.get(name) or now.get(name, ""))}
