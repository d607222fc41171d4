"""Which UPNs are one child: a temporary UPN that became permanent, and a former UPN, are the same pupil.

Works on distinct UPNs in plain Python, in a fixed order, so the answer does not depend on the order of rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ..domain.pupil import UpnState, is_pupil_number, is_temporary, normalise_upn, upn_state

#: upn as written, former upn as written, date of birth, last date from which a return used it, records
Claim = tuple[str | None, str | None, date | None, date, int]


@dataclass
class People:
    """The answer: each UPN as written -> the one UPN that stands for the child; and what was noticed."""

    canonical: dict[str, str] = field(default_factory=dict)
    states: dict[UpnState, int] = field(default_factory=dict)
    placeholders: int = 0
    merged: int = 0
    conflicts: int = 0
    several_births: int = 0


@dataclass
class _Known:
    births: set[date] = field(default_factory=set)
    last_used: date = date.min


def resolve(claims: Iterable[Claim]) -> People:
    """One canonical UPN for each UPN written: the one most recently in use, permanent before temporary.

    A malformed UPN is kept as an opaque key, unless it appears with more than one date of birth: then it is a
    placeholder for many children and stands for none. A chain never joins two dates of birth: such links are
    counted as conflicts and not followed.
    """
    people = People()
    listed = list(claims)
    normal = {raw: normalise_upn(raw) for claim in listed for raw in claim[:2] if raw is not None}
    known: dict[str, _Known] = defaultdict(_Known)
    links: set[tuple[str, str]] = set()
    for upn_text, former_text, birth, used, _ in listed:
        upn, former = normal.get(upn_text or "", ""), normal.get(former_text or "", "")
        if not upn:
            continue
        entry = known[upn]
        entry.last_used = max(entry.last_used, used)
        if birth:
            entry.births.add(birth)
        if former and former != upn:
            links.add((upn, former))
    usable = _usable(known, people)
    groups = _joined(known, usable, links, people)
    stands_for = {upn: _standing(group, known) for group in groups for upn in group}
    people.canonical = {raw: stands_for[upn] for raw, upn in normal.items() if upn in stands_for}
    return people


def _usable(known: dict[str, _Known], people: People) -> set[str]:
    usable = set()
    for upn in sorted(known):
        state = upn_state(upn)
        people.states[state] = people.states.get(state, 0) + 1
        several = len(known[upn].births) > 1
        if state is UpnState.NOT_GIVEN:
            continue
        if state is UpnState.MALFORMED and several:
            people.placeholders += 1
            continue
        people.several_births += several
        usable.add(upn)
    return usable


def _joined(
    known: dict[str, _Known], usable: set[str], links: set[tuple[str, str]], people: People
) -> list[list[str]]:
    parent: dict[str, str] = {upn: upn for upn in usable}
    births: dict[str, set[date]] = {upn: set(known[upn].births) for upn in usable}

    def root(upn: str) -> str:
        while parent[upn] != upn:
            parent[upn] = parent[parent[upn]]
            upn = parent[upn]
        return upn

    for upn, former in sorted(links):
        # A malformed former UPN is no evidence: many children share one.
        if upn not in usable or not is_pupil_number(former):
            continue
        if former not in parent:
            parent[former], births[former] = former, set()
        a, b = root(upn), root(former)
        if a == b:
            continue
        if births[a] and births[b] and births[a].isdisjoint(births[b]):
            people.conflicts += 1
            continue
        first, second = min(a, b), max(a, b)
        parent[second] = first
        births[first] = births[a] & births[b] if births[a] and births[b] else births[a] | births[b]
        people.merged += 1
    groups: dict[str, list[str]] = defaultdict(list)
    for upn in sorted(parent):
        groups[root(upn)].append(upn)
    return list(groups.values())


def _standing(group: list[str], known: dict[str, _Known]) -> str:
    # max keeps the first of equals, and the group is sorted: the answer never hangs on the order of rows
    return max(
        sorted(group), key=lambda u: (known[u].last_used if u in known else date.min, not is_temporary(u))
    )
