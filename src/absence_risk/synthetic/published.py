"""Published figures the made-up authority is held against. Facts with their source; nothing here is our result.

Sources
-------
bands
    DfE, absence bands data 2016/17 to 2022/23 (absence distributions dashboard).
daily
    DfE, pupil attendance data, year to date 2024/25 and 2025/26 (a non-random subset of schools).
absence
    DfE, pupil absence in schools in England, 2021/22 to 2023/24.
outcomes
    DfE, children's social care outcomes and enablers, 2022/23 and 2024/25.
suspensions
    DfE, suspensions and permanent exclusions in England, 2015/16, 2022/23 and 2023/24.
provision
    DfE, alternative provision and referral unit absence, 2022/23.
pupils
    DfE, schools, pupils and their characteristics, January 2021 to 2024.
transition
    FFT Education Datalab, the relationship between absence in Year 6 and Year 7, July 2025.
assumption
    No published figure exists: this project's working assumption, from the spread of rates of code O.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.academic_year import written_year


@dataclass(frozen=True)
class Figure:
    """One published figure: ``key`` names the measure, ``value`` its size in ``unit``, ``source`` as listed above.

    ``reason`` says why the simulated figure may lie outside a fifth of it.
    """

    key: str
    words: str
    value: float
    unit: str
    source: str
    reason: str = ""


_SMALL = "few pupils even in a large made-up authority: it moves from seed to seed"
_TAIL = "the process shifts every pupil of the group alike: the mean is met, the extreme less well"
_BANDS_PA = (19.5, 16.6, 15.5, 15.6, 15.9, 16.0, 20.2, 25.7, 29.2, 30.0, 30.7)
_BANDS_SA = (0.9, 0.7, 0.7, 0.8, 0.8, 0.8, 1.8, 2.9, 4.0, 4.6, 4.7)
_PRIMARY_TAIL = "well under one pupil in a hundred: it moves from seed to seed"
_FSM = (
    (6, 28.6, 1.4, 10.9, 0.4), (7, 37.2, 3.4, 13.9, 0.9), (9, 48.5, 8.1, 22.1, 2.1), (10, 50.1, 9.7, 23.2, 2.6),
    (11, 48.4, 10.0, 25.2, 2.8),
)  # fmt: skip
_CARE = (
    ("secondary", "cin", "in need", 1.46, 14.4, 61.0, 20.1),
    ("secondary", "cp", "on a protection plan", 0.34, 21.1, 69.8, 27.8),
    ("secondary", "looked_after", "looked after a year or more", 0.53, 5.6, 27.5, 9.5),
    ("primary", "cin", "in need", 1.36, 4.5, 34.3, 3.3),
    ("primary", "cp", "on a protection plan", 0.38, 6.6, 43.0, 4.0),
    ("primary", "looked_after", "looked after a year or more", 0.33, 0.6, 7.5, 0.8),
)  # fmt: skip
_COUNTS = ((1, 52.4), (2, 17.7), (3, 9.4), (4, 5.8), (5, 14.7))


def _headline() -> list[Figure]:
    years = (
        (2021, 7.6, 2.0, 22.5, "absence"),
        (2022, None, None, 21.2, "bands"),
        (2023, 7.1, 2.5, 20.0, "absence"),
    )
    figures = []
    for year, overall, unauthorised, persistent, source in (
        *years,
        (2024, 6.87, 2.33, 18.7, "daily"),
        (2025, 6.88, 2.36, 18.8, "daily"),
    ):
        name = written_year(year)
        if overall is not None and unauthorised is not None:
            figures.append(Figure(f"overall_{year}", f"overall absence {name}", overall, "%", source))
            figures.append(
                Figure(f"unauthorised_{year}", f"unauthorised absence {name}", unauthorised, "%", source)
            )
        figures.append(
            Figure(f"persistent_{year}", f"persistent absence {name}", persistent, "% of pupils", source)
        )
    return figures


_RATES = {
    "primary": {"unauthorised": 1.51, "authorised": 3.74, "O": 0.73, "G": 0.56, "U": 0.16, "N": 0.05, "E": 0.03},
    "secondary": {
        "unauthorised": 3.30, "authorised": 5.30, "O": 2.59, "G": 0.34, "U": 0.30, "N": 0.07, "E": 0.31, "C2": 0.31,
    },
}  # fmt: skip


def _codes() -> list[Figure]:
    figures = []
    for phase, found in _RATES.items():
        for code, rate in found.items():
            words = f"{phase}, {'code ' if len(code) <= 2 else ''}{code}, 2024/25"
            reason = "a few hundredths of a per cent" if rate < 0.1 else ""
            figures.append(Figure(f"{phase}_{code}", words, rate, "% of sessions", "daily", reason))
    for phase, rate in (("primary", 13.5), ("secondary", 24.3)):
        words = f"{phase}, persistent absence, 2024/25"
        figures.append(Figure(f"{phase}_persistent_2024", words, rate, "% of pupils", "daily"))
    return figures


def _year_groups() -> list[Figure]:
    figures = []
    for group, (persistent, severe) in enumerate(zip(_BANDS_PA, _BANDS_SA, strict=True), start=1):
        figures.append(
            Figure(
                f"pa_{group}",
                f"Year {group}, persistent absence, 2022/23",
                persistent,
                "% of pupils",
                "bands",
            )
        )
        reason = _PRIMARY_TAIL if group <= 6 else ""
        figures.append(
            Figure(
                f"sa_{group}",
                f"Year {group}, severe absence, 2022/23",
                severe,
                "% of pupils",
                "bands",
                reason,
            )
        )
    for group, eligible, eligible_severe, others, others_severe in _FSM:
        for key, words, value in (
            ("fsm_pa", "eligible for free school meals, persistent", eligible),
            ("fsm_sa", "eligible for free school meals, severe", eligible_severe),
            ("not_fsm_pa", "not eligible, persistent", others),
            ("not_fsm_sa", "not eligible, severe", others_severe),
        ):  # fmt: skip
            reason = _TAIL if key.endswith("sa") else ""
            figures.append(
                Figure(
                    f"{key}_{group}", f"Year {group}, {words}, 2022/23", value, "% of pupils", "bands", reason
                )
            )
    return figures


def _social_care() -> list[Figure]:
    figures = []
    for phase, kind, words, share, unauthorised, persistent, severe in _CARE:
        for key, what, value, unit in (
            ("share", "share of pupils", share, "%"),
            ("unauthorised", "unauthorised absence", unauthorised, "% of sessions"),
            ("persistent", "persistent absence", persistent, "% of pupils"),
            ("severe", "severe absence", severe, "% of pupils"),
        ):  # fmt: skip
            figures.append(
                Figure(
                    f"{phase}_{kind}_{key}",
                    f"{phase}, {words}: {what}",
                    value,
                    unit,
                    "outcomes",
                    _TAIL if key == "severe" else _SMALL,
                )
            )
    figures.append(
        Figure("cin_flow", "children in need in a year for each at its end", 1.75, "ratio", "outcomes")
    )
    return figures


def _suspensions() -> list[Figure]:
    figures = [
        Figure("suspension_rate_2022", "suspensions 2022/23", 9.33, "per 100 pupils", "suspensions"),
        Figure("suspension_rate_2023", "suspensions 2023/24", 11.31, "per 100 pupils", "suspensions"),
        Figure("suspended_2022", "pupils suspended at least once 2022/23", 3.61, "%", "suspensions"),
        Figure("suspended_secondary_2022", "the same, secondary", 7.1, "%", "suspensions"),
        Figure("suspended_primary_2022", "the same, primary", 0.8, "%", "suspensions", _SMALL),
        Figure(
            "permanent_2023", "permanent exclusions 2023/24", 0.13, "per 100 pupils", "suspensions", _SMALL
        ),
        Figure("days_lost_2022", "days lost per suspended pupil 2022/23", 5.03, "days", "suspensions"),
    ]
    figures += [
        Figure(
            f"suspended_{n}_times",
            f"suspended pupils with {n}{' or more' if n == 5 else ''}, 2022/23",
            share,
            "%",
            "suspensions",
        )
        for n, share in _COUNTS
    ]
    figures.append(
        Figure(
            "suspension_fsm_ratio",
            "suspension rate, eligible for free school meals to others",
            4.3,
            "ratio",
            "suspensions",
        )
    )
    figures.append(
        Figure(
            "suspension_boys_ratio", "suspension rate, boys to girls, 2022/23", 1.5, "ratio", "suspensions"
        )
    )
    return figures


def _provision_and_pupils() -> list[Figure]:
    unit = f"a referral unit: {_SMALL}"
    figures = [
        Figure(
            "pru_enrolled",
            "enrolled at a referral unit in autumn or spring 2022/23",
            0.41,
            "% of pupils",
            "provision",
            unit,
        ),
        Figure("pru_roll", "on a referral unit's roll in January", 0.16, "% of pupils", "provision", unit),
        Figure("pru_overall", "referral units, overall absence", 40.7, "% of sessions", "provision", unit),
        Figure(
            "pru_unauthorised",
            "referral units, unauthorised absence",
            18.6,
            "% of sessions",
            "provision",
            unit,
        ),
        Figure(
            "pru_persistent", "referral units, persistent absence", 81.2, "% of pupils", "provision", unit
        ),
        Figure("arranged_ap", "placements arranged by schools", 30.0, "per 10,000 pupils", "provision", unit),
        Figure(
            "la_funded_ap", "placements funded by the authority", 49.0, "per 10,000 pupils", "provision", unit
        ),
        Figure("sen_share", "any special educational need, Years 7 to 11, 2022/23", 17.4, "%", "bands"),
    ]
    shares = ((2021, 20.8), (2022, 22.5), (2023, 23.8), (2024, 24.6))
    figures += [
        Figure(f"fsm_{year}", f"eligible for free school meals, January {year}", share, "%", "pupils")
        for year, share in shares
    ]
    figures += [
        Figure(
            f"fsm_group_{group}",
            f"eligible for free school meals, Year {group}, 2022/23",
            share,
            "%",
            "bands",
        )
        for group, share in ((1, 21.6), (3, 26.3), (6, 27.0), (7, 25.6), (9, 24.6), (11, 22.4))
    ]
    figures.append(
        Figure("correlation_6_7", "absence rates of Year 6 and Year 7, correlation", 0.63, "", "transition")
    )
    figures.append(
        Figure(
            "outcome_secondary",
            "secondary pupils over the outcome line",
            6.75,
            "%",
            "assumption",
            "the assumption is a range, 4.5 to 9",
        )
    )
    figures.append(
        Figure(
            "outcome_primary",
            "primary pupils over the outcome line",
            1.5,
            "%",
            "assumption",
            "an assumption, not a published figure",
        )
    )
    return figures


PUBLISHED: tuple[Figure, ...] = (
    *_headline(),
    *_codes(),
    *_year_groups(),
    *_social_care(),
    *_suspensions(),
    *_provision_and_pupils(),
)
