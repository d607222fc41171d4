"""Measures of one ranking, as ``evaluation.summary.measure`` gives them, as they may be printed."""

from __future__ import annotations

from collections.abc import Mapping

from .policy import DisclosurePolicy

Record = Mapping[str, float | None]

_COUNTS = ("n", "events", "found_at_capacity", "tied_at_capacity")


def printable_record(record: Record, policy: DisclosurePolicy) -> dict[str, float | None]:
    """The same names: counts suppressed and rounded, shares worked out again from them, the rest as it is.

    A count or share that must not be printed is None.

    Examples
    --------
    >>> record = {"capacity": 150, "n": 10740, "events": 463, "found_at_capacity": 96.0, "precision_at_capacity": 0.64}
    >>> printable_record(record, DisclosurePolicy())["precision_at_capacity"]  # 95 of 150
    0.6333333333333333
    """
    if policy.exact:
        return dict(record)
    shown = {**record, **{name: _count(record, name, policy) for name in _COUNTS if name in record}}
    events = _count(record, "events", policy)
    if "prevalence" in record:
        shown["prevalence"] = _share(events, _count(record, "n", policy))
    for at, k in _lengths(record).items():
        found = _found(record, at, k, policy)
        shown |= {f"precision_{at}": _share(found, k), f"recall_{at}": _share(found, events)}
    return shown


def _count(record: Record, name: str, policy: DisclosurePolicy) -> float | None:
    value = record.get(name)
    return None if value is None else _printed(value, policy)


def _found(record: Record, at: str, k: int, policy: DisclosurePolicy) -> float | None:
    stated, precision = record.get(f"found_{at}"), record.get(f"precision_{at}")
    if stated is None and precision is not None:
        stated = precision * k
    return None if stated is None else _printed(stated, policy)


def _printed(count: float, policy: DisclosurePolicy) -> float | None:
    # A share of the length of a list comes back as 95.99999: the count is what was meant.
    printed = policy.count(round(count, 6))
    return printed if isinstance(printed, int) else None


def _lengths(record: Record) -> dict[str, int]:
    """Each length of list that the record speaks of, in pupils."""
    capacity, pupils = int(record.get("capacity") or 0), int(record.get("n") or 0)
    wanted = {
        "at_half_capacity": max(1, capacity // 2),
        "at_capacity": capacity,
        "at_double_capacity": 2 * capacity,
    }
    return {at: min(k, pupils or k) for at, k in wanted.items() if f"precision_{at}" in record}


def _share(part: float | None, of: float | None) -> float | None:
    return None if part is None or not of else min(1.0, part / of)
