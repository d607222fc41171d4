"""The simulated side of every published figure, counted from what happened in the made-up authority."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from ..domain.academic_year import day_number
from .life import Authority
from .population import PRU
from .registers import AUTHORISED, INDEX, UNAUTHORISED


class Sessions:
    """Sessions of every pupil in one academic year, all spells on roll together (arrays over all pupils)."""

    def __init__(self, authority: Authority, year: int) -> None:
        register, n = authority.registers[year], len(authority.pupils)
        self.possible = np.bincount(register.pupil, register.possible, n)
        self.unauthorised = np.bincount(register.pupil, register.counts[:, UNAUTHORISED].sum(axis=1), n)
        self.authorised = np.bincount(register.pupil, register.counts[:, AUTHORISED].sum(axis=1), n)
        self.absent = self.unauthorised + self.authorised
        self.some = self.possible > 0

    def rate(self, missed: np.ndarray, who: np.ndarray) -> float:
        """Percentage of the possible sessions of ``who`` that were missed."""
        who = who & self.some
        return float(100 * missed[who].sum() / max(self.possible[who].sum(), 1))

    def share(self, missed: np.ndarray, times: int, who: np.ndarray) -> float:
        """Percentage of ``who`` for whom ``missed * times`` reaches the possible sessions."""
        who = who & self.some
        return float(100 * np.mean(missed[who] * times >= self.possible[who])) if who.any() else float("nan")


def _phases(authority: Authority, year: int) -> dict[str, np.ndarray]:
    group = authority.drivers[year].group
    return {
        "primary": (group >= 1) & (group <= 6),
        "secondary": (group >= 7) & (group <= 11),
        "all": (group >= 1) & (group <= 11),
    }


def measure(authority: Authority) -> dict[str, float]:
    """Every simulated figure by the key of its published counterpart; needs the years 2021/22 to 2025/26."""
    parts = (_headline, _codes, _year_groups, _social_care, _suspensions, _provision, _meals, _persistence)
    return {key: value for part in parts for key, value in part(authority)}


def _headline(a: Authority) -> Iterator[tuple[str, float]]:
    for year in range(2021, 2026):
        found, who = Sessions(a, year), _phases(a, year)["all"]
        yield f"overall_{year}", found.rate(found.absent, who)
        yield f"unauthorised_{year}", found.rate(found.unauthorised, who)
        yield f"persistent_{year}", found.share(found.absent, 10, who)


def _codes(a: Authority) -> Iterator[tuple[str, float]]:
    found, register = Sessions(a, 2024), a.registers[2024]
    for phase, who in _phases(a, 2024).items():
        rows = who[register.pupil]
        possible, counts = register.possible[rows].sum(), register.counts[rows].sum(axis=0, dtype=np.int64)
        yield f"{phase}_unauthorised", found.rate(found.unauthorised, who)
        yield f"{phase}_authorised", found.rate(found.authorised, who)
        yield f"{phase}_persistent_2024", found.share(found.absent, 10, who)
        for code in ("O", "G", "U", "N", "E", "C2"):
            yield f"{phase}_{code}", float(100 * counts[INDEX[code]] / possible)


def _year_groups(a: Authority) -> Iterator[tuple[str, float]]:
    found, drivers = Sessions(a, 2022), a.drivers[2022]
    for group in range(1, 12):
        everyone = drivers.group == group
        for name, who in (
            ("", everyone),
            ("fsm_", everyone & drivers.fsm),
            ("not_fsm_", everyone & ~drivers.fsm),
        ):
            yield f"{name}pa_{group}", found.share(found.absent, 10, who)
            yield f"{name}sa_{group}", found.share(found.absent, 2, who)


def _held(a: Authority, day: int) -> dict[str, np.ndarray]:
    """Pupils by social care status on 31 March, as the statistics part them: looked after before plan before need."""
    care, n = a.care, len(a.pupils)
    looked = care.looked_after
    here = (looked.mark == 0) & (looked.start <= day) & (looked.end >= day)
    any_length, a_year = np.zeros(n, bool), np.zeros(n, bool)
    any_length[looked.pupil[here]] = True
    a_year[looked.pupil[here & (looked.start <= day - 365)]] = True
    plan = care.cp.open_on(day, n) & ~any_length
    return {"looked_after": a_year, "cp": plan, "cin": care.cin.open_on(day, n) & ~plan & ~any_length}


def _social_care(a: Authority) -> Iterator[tuple[str, float]]:
    day, found = day_number(date(2025, 3, 31)), Sessions(a, 2024)
    on_roll = a.drivers[2024].school >= 0
    for phase, who in _phases(a, 2024).items():
        for kind, held in _held(a, day).items():
            here = who & on_roll
            yield f"{phase}_{kind}_share", float(100 * (here & held).sum() / max(here.sum(), 1))
            yield f"{phase}_{kind}_unauthorised", found.rate(found.unauthorised, here & held)
            yield f"{phase}_{kind}_persistent", found.share(found.absent, 10, here & held)
            yield f"{phase}_{kind}_severe", found.share(found.absent, 2, here & held)
    cin = a.care.cin
    in_year = len(np.unique(cin.pupil[(cin.start <= day) & (cin.end >= day - 364)]))
    yield "cin_flow", in_year / max(int(cin.open_on(day, len(a.pupils)).sum()), 1)


def _suspensions(a: Authority) -> Iterator[tuple[str, float]]:
    n = len(a.pupils)
    for year in (2022, 2023):
        events, drivers = a.suspensions[year], a.drivers[year]
        on_roll = drivers.school >= 0
        times = np.bincount(events.pupil[events.category == 0], minlength=n)
        yield f"suspension_rate_{year}", float(100 * times[on_roll].mean())
        yield f"permanent_{year}", float(100 * (events.category == 2).sum() / on_roll.sum())
        if year != 2022:
            continue
        yield "suspended_2022", float(100 * (times[on_roll] > 0).mean())
        yield "suspended_secondary_2022", float(100 * (times[on_roll & (drivers.group >= 7)] > 0).mean())
        yield "suspended_primary_2022", float(100 * (times[on_roll & (drivers.group < 7)] > 0).mean())
        sessions = np.bincount(events.pupil, np.maximum(events.sessions, 0), n)
        yield "days_lost_2022", float(sessions[times > 0].mean() / 2)
        some = times[on_roll & (times > 0)]
        for k in range(1, 6):
            yield f"suspended_{k}_times", float(100 * np.mean(np.minimum(some, 5) == k))
        yield (
            "suspension_fsm_ratio",
            float(times[on_roll & drivers.fsm].mean() / times[on_roll & ~drivers.fsm].mean()),
        )
        yield (
            "suspension_boys_ratio",
            float(times[on_roll & a.pupils.boy].mean() / times[on_roll & ~a.pupils.boy].mean()),
        )


def _provision(a: Authority) -> Iterator[tuple[str, float]]:
    register, drivers, n = a.registers[2022], a.drivers[2022], len(a.pupils)
    pupils = int((drivers.school >= 0).sum())
    rows = (a.schools.phase[register.school] == PRU) & (register.term <= 1)
    possible = np.bincount(register.pupil[rows], register.possible[rows], n)
    missed = np.bincount(
        register.pupil[rows], register.counts[rows][:, AUTHORISED + UNAUTHORISED].sum(axis=1), n
    )
    unauthorised = register.counts[rows][:, UNAUTHORISED].sum()
    some = possible > 0
    yield "pru_enrolled", float(100 * some.sum() / pupils)
    yield "pru_overall", float(100 * missed.sum() / max(possible.sum(), 1))
    yield "pru_unauthorised", float(100 * unauthorised / max(possible.sum(), 1))
    yield (
        "pru_persistent",
        float(100 * np.mean(missed[some] * 10 >= possible[some])) if some.any() else float("nan"),
    )
    january, rolls = day_number(date(2023, 1, 19)), a.rolls
    on_unit = (a.schools.phase[rolls.school] == PRU) & (rolls.start <= january) & (rolls.end >= january)
    yield "pru_roll", float(100 * on_unit.sum() / pupils)
    year = (day_number(date(2022, 9, 1)), day_number(date(2023, 7, 22)))
    arranged = (a.arranged.start <= year[1]) & (a.arranged.end >= year[0])
    yield "arranged_ap", float(1e4 * len(np.unique(a.arranged.pupil[arranged])) / pupils)
    funded = (a.la_funded.start <= january) & (a.la_funded.end >= january)
    at_school = a.pupils.year_group(2022)[a.la_funded.pupil] <= 11
    yield "la_funded_ap", float(1e4 * len(np.unique(a.la_funded.pupil[funded & at_school])) / pupils)


def _meals(a: Authority) -> Iterator[tuple[str, float]]:
    for january in range(2021, 2025):
        drivers = a.drivers[january - 1]
        yield f"fsm_{january}", float(100 * drivers.fsm[drivers.school >= 0].mean())
    drivers = a.drivers[2022]
    for group in (1, 3, 6, 7, 9, 11):
        yield (
            f"fsm_group_{group}",
            float(100 * drivers.fsm[(drivers.school >= 0) & (drivers.group == group)].mean()),
        )
    older = (drivers.school >= 0) & _phases(a, 2022)["secondary"]
    yield "sen_share", float(100 * np.mean(a.pupils.sen[older] > 0))


def _persistence(a: Authority) -> Iterator[tuple[str, float]]:
    before, after = Sessions(a, 2023), Sessions(a, 2024)
    who = (before.possible > 200) & (after.possible > 200) & (a.drivers[2024].group == 7)
    rates = before.absent[who] / before.possible[who], after.absent[who] / after.possible[who]
    yield "correlation_6_7", float(np.corrcoef(*rates)[0, 1])
    enough = after.possible >= 190
    for phase in ("primary", "secondary"):
        yield f"outcome_{phase}", after.share(after.unauthorised, 10, _phases(a, 2024)[phase] & enough)


def size_of(a: Authority) -> tuple[int, int]:
    """Pupils on roll in the last autumn, and schools: how large the authority is."""
    return int((a.drivers[a.last].school >= 0).sum()), len(a.schools)
