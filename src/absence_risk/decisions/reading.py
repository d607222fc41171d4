"""One reading of a returned copy: each row against the record that stands, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .declaration import FIELD_BY_NAME
from .entries import Record
from .kept import Conflict, Recorded, differing, merged
from .rows import conflict_of, still_open
from .sealing import Row, plain_json


def filled_of(record: Record) -> dict[str, str]:
    """The fields of a record that say something, in the order of the sheet."""
    unknown = set(record.values) - set(FIELD_BY_NAME)
    if unknown:
        raise ValueError(f"the decision record has no field {sorted(unknown)}")
    return {name: said for name in FIELD_BY_NAME if (said := record.values.get(name, ""))}


@dataclass
class Reading:
    """What one copy adds to what stands of a list.

    Attributes
    ----------
    standing_rows, conflict_rows : list of dict
        Rows of the list that stand in ``decisions`` and ``conflicts`` already.
    stamp : mapping
        Who reads which copy, and when; goes on every new row.
    decisions, conflicts : list of dict
        New rows.
    """

    standing_rows: Sequence[Row]
    conflict_rows: Sequence[Row]
    stamp: Mapping[str, str]
    decisions: list[Row] = field(default_factory=list)
    conflicts: list[Row] = field(default_factory=list)
    _became: dict[str, list[str]] = field(default_factory=dict)
    _shown: list[Conflict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._latest = {row["review_ref"]: row for row in self.standing_rows}
        self._open = still_open(self.standing_rows, self.conflict_rows)

    def take(self, record: Record, *, settle: bool) -> None:
        """Take one row in; an empty one says nothing."""
        now = filled_of(record)
        if not now:
            return
        before = self._latest.get(record.review_ref)
        earlier: dict[str, str] = {} if before is None else json.loads(before["filled"])
        if before is None:
            self._note("added", record, now)
        elif settle:
            self._note("settled", record, now)
        elif differing(earlier, now):
            self._keep_conflict(record, before, now)
        elif merged(earlier, now) != earlier:
            self._note("completed", record, merged(earlier, now))
        else:
            self._became.setdefault("unchanged", []).append(record.review_ref)

    def _note(self, became: str, record: Record, filled: Mapping[str, str]) -> None:
        before = self._latest.get(record.review_ref)
        row = {
            "list_id": record.list_id,
            "review_ref": record.review_ref,
            "version": 1 if before is None else before["version"] + 1,
            "filled": plain_json(dict(filled)),
            "settled": int(became == "settled"),
            **self.stamp,
        }
        self._latest[record.review_ref] = row
        self.decisions.append(row)
        self._became.setdefault(became, []).append(record.review_ref)

    def _keep_conflict(self, record: Record, before: Row, now: Mapping[str, str]) -> None:
        row = {
            "list_id": record.list_id,
            "review_ref": record.review_ref,
            "version": before["version"],
            "offered": plain_json(dict(now)),
            **self.stamp,
        }
        self._became.setdefault("conflicts", []).append(record.review_ref)
        self._shown.append(conflict_of(row, json.loads(before["filled"])))
        # The same row again is the conflict that is kept already.
        if (row["review_ref"], row["offered"]) not in {(o["review_ref"], o["offered"]) for o in self._open}:
            self.conflicts.append(row)

    def counts(self) -> dict[str, int]:
        """How many rows became what."""
        return {name: len(self._became.get(name, ())) for name in Recorded._fields}

    def recorded(self) -> Recorded:
        """What became of each row."""
        refs = {name: tuple(self._became.get(name, ())) for name in Recorded._fields[:-1]}
        return Recorded(**refs, conflicts=tuple(self._shown))
