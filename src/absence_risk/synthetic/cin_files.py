"""Writes one CIN census: children, their spells of need, their plans (CIN census XML, 2017 to 2026 shapes)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ..domain.academic_year import day_number
from ..files import write_text
from . import parameters as par
from .columns import one_date
from .identity import Identities
from .life import Authority
from .social_care_rows import in_year, known_end, unjoinable
from .spells import Spells

_NEEDS = ("N1", "N1", "N1", "N2", "N4", "N5", "N5", "N6")
_SOURCES = ("1A", "1C", "2A", "3A", "5A", "6", "7", "10")
_ABUSE = ("NEG", "EMO", "EMO", "PHY", "SAB", "MUL")
_NO_UPN = ("UN1", "UN2", "UN3", "UN4", "UN5")


def _iso(day: int) -> str:
    return one_date(int(day), "iso")


def write_cin(folder: Path, authority: Authority, identities: Identities, year: int) -> int:
    """Write the return of the year to 31 March; gives the number of children."""
    last = day_number(date(year, 3, 31))
    care, cin = authority.care, authority.care.cin
    at = in_year(authority, cin, year)
    ends = known_end(cin, at, last)
    plans = {
        name: _by_pupil(authority, spells, year, last)
        for name, spells in (("cp", care.cp), ("plan", care.plan))
    }
    upn = identities.upn_on(last, cin.pupil[at])
    former = identities.former_on(last, cin.pupil[at])
    lost = unjoinable(cin.pupil[at])
    lines = [_cin_header(year)]
    children, previous = 0, -1
    for k, place in enumerate(at):
        pupil = int(cin.pupil[place])
        if pupil != previous:
            lines.append("</Child>\n" if previous >= 0 else "")
            lines.append(_child(authority, pupil, "" if lost[k] else str(upn[k]), str(former[k]), year))
            children, previous = children + 1, pupil
        lines.append(_details(pupil, int(cin.start[place]), int(ends[k]), plans, year))
    lines.append("</Child>\n" if previous >= 0 else "")
    extra = list(_not_at_school(children, year, last))
    lines += extra
    lines.append("</Children>\n</Message>\n")
    write_text(folder / f"CIN_{year}.xml", "".join(lines))
    return children + len(extra)


def _by_pupil(authority: Authority, spells: Spells, year: int, last: int) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    at = in_year(authority, spells, year)
    for place, end in zip(at, known_end(spells, at, last), strict=True):
        found.setdefault(int(spells.pupil[place]), []).append((int(spells.start[place]), int(end)))
    return found


def _cin_header(year: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Message>\n<Header><CollectionDetails><Collection>CIN</Collection>'
        f"<Year>{year}</Year><ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails><Source>"
        f"<SourceLevel>L</SourceLevel><LEA>{par.LA}</LEA><SoftwareCode>Made-up Authority</SoftwareCode>"
        f"<Release>1</Release><SerialNo>001</SerialNo><DateTime>{year}-06-20T10:00:00</DateTime></Source></Header>\n<Children>\n"
    )


def _child(authority: Authority, pupil: int, upn: str, former: str, year: int) -> str:
    names = f"<UPN>{upn}</UPN>" if upn else f"<UPNunknown>{_NO_UPN[pupil % 5]}</UPNunknown>"
    names += f"<FormerUPN>{former}</FormerUPN>" if upn and former else ""
    boy = bool(authority.pupils.boy[pupil])
    sex = (
        f"<Sex>{'M' if boy else 'F'}</Sex>"
        if year >= 2024
        else f"<GenderCurrent>{1 if boy else 2}</GenderCurrent>"
    )
    return (
        f"<Child><ChildIdentifiers><LAchildID>C{pupil:07d}</LAchildID>{names}"
        f"<PersonBirthDate>{_iso(authority.pupils.birth[pupil])}</PersonBirthDate>{sex}</ChildIdentifiers>"
        "<ChildCharacteristics><Ethnicity>NOBT</Ethnicity><Disabilities><Disability>NONE</Disability></Disabilities>"
        "</ChildCharacteristics>\n"
    )


def _details(
    pupil: int, start: int, end: int, plans: dict[str, dict[int, list[tuple[int, int]]]], year: int
) -> str:
    mark = pupil + start
    closed = (
        f"<CINclosureDate>{_iso(end)}</CINclosureDate><ReasonForClosure>RC1</ReasonForClosure>"
        if end < par.OPEN
        else ""
    )
    false = "false" if year >= 2023 else "0"
    need_plans = "".join(_cin_plan(*plan) for plan in _taken(plans["plan"], pupil, start, end))
    protection = "".join(_cp_plan(*plan, mark) for plan in _taken(plans["cp"], pupil, start, end))
    nothing_done = _no_further_action(start, year) if mark % 7 == 0 and end < par.OPEN else ""
    return (
        f"<CINdetails><CINreferralDate>{_iso(start)}</CINreferralDate>"
        f"<ReferralSource>{_SOURCES[mark % 8]}</ReferralSource><PrimaryNeedCode>{_NEEDS[mark % 8]}</PrimaryNeedCode>"
        f"{closed}{need_plans}<ReferralNFA>{false}</ReferralNFA>{protection}</CINdetails>\n{nothing_done}"
    )


def _taken(
    found: dict[int, list[tuple[int, int]]], pupil: int, start: int, end: int
) -> list[tuple[int, int]]:
    """The plans that began within a spell of need, taken out of ``found`` so that no other spell holds them too."""
    inside = [plan for plan in found.get(pupil, []) if start <= plan[0] <= end]
    found[pupil] = [plan for plan in found.get(pupil, []) if plan not in inside]
    return inside


def _no_further_action(start: int, year: int) -> str:
    """An earlier referral on which nothing was done: it is no spell of need."""
    true = "true" if year >= 2023 else "1"
    return (
        f"<CINdetails><CINreferralDate>{_iso(start - 40)}</CINreferralDate><ReferralSource>1A</ReferralSource>"
        f"<PrimaryNeedCode>N0</PrimaryNeedCode><ReferralNFA>{true}</ReferralNFA></CINdetails>\n"
    )


def _cin_plan(start: int, end: int) -> str:
    closed = f"<CINPlanEndDate>{_iso(end)}</CINPlanEndDate>" if end < par.OPEN else ""
    return f"<CINPlanDates><CINPlanStartDate>{_iso(start)}</CINPlanStartDate>{closed}</CINPlanDates>"


def _cp_plan(start: int, end: int, mark: int) -> str:
    closed = f"<CPPendDate>{_iso(end)}</CPPendDate>" if end < par.OPEN else ""
    abuse = _ABUSE[mark % 6]
    return (
        f"<ChildProtectionPlans><CPPstartDate>{_iso(start)}</CPPstartDate>{closed}<InitialCategoryOfAbuse>{abuse}"
        f"</InitialCategoryOfAbuse><LatestCategoryOfAbuse>{abuse}</LatestCategoryOfAbuse><NumberOfPreviousCPP>0"
        "</NumberOfPreviousCPP></ChildProtectionPlans>"
    )


def _not_at_school(children: int, year: int, last: int) -> Iterator[str]:
    """Children who are not pupils: some under school age without a UPN, some not yet born."""
    for k in range(max(1, children // 70)):
        born = f"<PersonBirthDate>{_iso(last - 200 - 61 * k)}</PersonBirthDate>"
        unborn = f"<ExpectedPersonBirthDate>{_iso(last + 30 + k)}</ExpectedPersonBirthDate>"
        sex = "<Sex>U</Sex>" if year >= 2024 else "<GenderCurrent>0</GenderCurrent>"
        yield (
            f"<Child><ChildIdentifiers><LAchildID>B{year}{k:04d}</LAchildID><UPNunknown>UN1</UPNunknown>"
            f"{unborn if k % 2 else born}{sex}</ChildIdentifiers><ChildCharacteristics><Ethnicity>NOBT</Ethnicity>"
            f"</ChildCharacteristics><CINdetails><CINreferralDate>{_iso(last - 60 - k)}</CINreferralDate>"
            "<ReferralSource>3A</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode><ReferralNFA>false</ReferralNFA>"
            "</CINdetails></Child>\n"
        )
