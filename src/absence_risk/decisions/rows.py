"""What the register's rows mean: a list with its pupils, the record that stands, and which conflicts are open."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from .entries import ListedPupil, ListEntry, Record, StandingRecord
from .kept import Conflict, differing
from .sealing import Row, plain_json


def _number(value: float) -> float | None:
    # A database knows no NaN; adding nought turns minus nought into nought, which is all a database keeps of it.
    return None if math.isnan(value) else float(value) + 0.0


def list_row(entry: ListEntry) -> Row:
    """A list as its row, without its pupils."""
    return {
        "list_id": entry.list_id,
        "made_on": entry.made_on.isoformat(),
        "as_of": entry.as_of.isoformat(),
        "purpose": entry.purpose,
        "owner": entry.owner,
        "capacity": int(entry.capacity),
        "expires": entry.expires.isoformat(),
        "outcome": plain_json(dict(entry.outcome)),
        "model": entry.model,
        "scores_sha256": entry.scores_sha256,
        "store_fingerprint": entry.store_fingerprint,
        "next_in_line": plain_json(list(entry.next_in_line)),
    }


def listed_rows(entry: ListEntry) -> Iterator[Row]:
    """The pupils of a list as rows, in its order."""
    for pupil in entry.pupils:
        yield {
            "list_id": entry.list_id,
            "review_ref": pupil.review_ref,
            "pupil_id": pupil.pupil_id,
            "part": pupil.part,
            "situation": pupil.situation,
            "must_decide": int(pupil.must_decide),
            "log_odds": _number(pupil.log_odds),
            "base": _number(pupil.base),
            "contributions": plain_json({k: _number(v) for k, v in pupil.contributions.items()}),
        }


def _float(value: Any) -> float:
    return math.nan if value is None else float(value)


def _pupil_of(row: Mapping[str, Any]) -> ListedPupil:
    return ListedPupil(
        review_ref=row["review_ref"],
        pupil_id=row["pupil_id"],
        part=row["part"],
        situation=row["situation"],
        must_decide=bool(row["must_decide"]),
        log_odds=_float(row["log_odds"]),
        base=_float(row["base"]),
        contributions={name: _float(part) for name, part in json.loads(row["contributions"]).items()},
    )


def entries_of(lists: Iterable[Row], listed: Iterable[Row]) -> tuple[ListEntry, ...]:
    """Lists with their pupils, oldest first."""
    pupils: dict[str, list[ListedPupil]] = {}
    for row in listed:
        pupils.setdefault(row["list_id"], []).append(_pupil_of(row))
    return tuple(
        ListEntry(
            list_id=row["list_id"],
            made_on=date.fromisoformat(row["made_on"]),
            as_of=date.fromisoformat(row["as_of"]),
            purpose=row["purpose"],
            owner=row["owner"],
            capacity=row["capacity"],
            expires=date.fromisoformat(row["expires"]),
            outcome=json.loads(row["outcome"]),
            model=row["model"],
            scores_sha256=row["scores_sha256"],
            store_fingerprint=row["store_fingerprint"],
            pupils=tuple(pupils.get(row["list_id"], ())),
            next_in_line=tuple(json.loads(row["next_in_line"])),
        )
        for row in lists
    )


def same_list(one: ListEntry, other: ListEntry) -> bool:
    """Whether two entries are the same list, whatever the day it was made on.

    Parts of the estimate are not compared: they come from the scores, whose hash is, and their last digits may differ
    between computers.
    """

    def said(entry: ListEntry) -> tuple[Row, list[tuple[Any, ...]]]:
        rows = [(p.review_ref, p.pupil_id, p.part, p.situation, p.must_decide) for p in entry.pupils]
        return {**list_row(entry), "made_on": ""}, rows

    return said(one) == said(other)


def standing_of(row: Row) -> StandingRecord:
    """One version of a record."""
    return StandingRecord(
        record=Record(row["list_id"], row["review_ref"], json.loads(row["filled"])),
        number=row["version"],
        recorded_at=row["recorded_at"],
        recorded_by=row["recorded_by"],
        copy_sha256=row["copy_sha256"],
    )


def still_open(decisions: Iterable[Row], conflicts: Iterable[Row]) -> list[Row]:
    """Rows of conflicts that nobody has settled since, in the order in which they arose.

    A conflict is against one version of a record; it is settled by a later version that somebody asked for by name.
    """
    settled: dict[str, int] = {}
    for row in decisions:
        if row["settled"]:
            settled[row["review_ref"]] = row["version"]
    return [row for row in conflicts if settled.get(row["review_ref"], 0) <= row["version"]]


def conflict_of(row: Row, earlier: Mapping[str, str]) -> Conflict:
    """A conflict as people see it, against the record that stood when it arose."""
    fields = differing(earlier, json.loads(row["offered"]))
    return Conflict(row["review_ref"], fields, row["copy_sha256"], row["recorded_at"], row["recorded_by"])


def open_conflicts(decisions: Sequence[Row], conflicts: Iterable[Row]) -> tuple[Conflict, ...]:
    """Conflicts that nobody has settled since, in the order in which they arose."""
    versions = {(row["review_ref"], row["version"]): json.loads(row["filled"]) for row in decisions}
    return tuple(
        conflict_of(row, versions[row["review_ref"], row["version"]])
        for row in still_open(decisions, conflicts)
    )


def earlier_of(
    known: Sequence[ListEntry], name: str, owner: str | None, purpose: str | None, as_of: date | None
) -> ListEntry | None:
    """The latest list of an owner and purpose that was added before the list of this name, if that stands at all.

    Its as-of date is not later than ``as_of``, if that is given. Of two as of one day, the one added later.
    """
    place = next((n for n, entry in enumerate(known) if entry.list_id == name), len(known))
    before = [
        (entry.as_of, n)
        for n, entry in enumerate(known[:place])
        if (entry.owner, entry.purpose) == (owner, purpose) and (as_of is None or entry.as_of <= as_of)
    ]
    return known[max(before)[1]] if before else None
