"""Every constant of the made-up authority, with where its size comes from.

*Targets* are published figures (``published.py`` holds them with their source). *Settings* here are tuned until
the simulated figures meet those targets; ``docs/synthetic_authority.md`` shows how near they come. Log-odds are
natural; index 0 of a table by year group is Reception.
"""

from __future__ import annotations

import numpy as np

from ..domain.school import MADE_UP_LA

#: An invented authority number; the others stand for authorities that pupils come from.
LA = int(MADE_UP_LA)
OTHER_AUTHORITIES = (971, 972, 973, 974, 975, 976)

OPEN = 30_000  #: day number that stands for "no end yet" (year 2052)


def in_year(table: dict[int, float], year: int) -> float:
    """The setting of a year; years before the first and after the last take the nearest.

    >>> in_year({2021: 1.4, 2025: 1.0}, 2030)
    1.0
    """
    return table[min(max(year, min(table)), max(table))]


# --- schools ---------------------------------------------------------------------------------------------
PUPILS_PER_PRIMARY = 280
PUPILS_PER_SECONDARY = 1_000
SPECIAL_SHARE = 0.30  #: of pupils with an education, health and care plan, in a special school

# --- pupils (DfE, schools, pupils and their characteristics; absence bands 2022/23) -----------------------
SEN_SUPPORT_SHARE = 0.135
EHC_SHARE = 0.040
LEAVE_AUTHORITY_PER_YEAR = 0.022
HOME_EDUCATION_PER_YEAR = 0.004
MOVE_SCHOOL_PER_YEAR = 0.030
FSM_AT_START = 0.200  #: of Reception, raised in later years by the trend below
FSM_GAIN_PER_YEAR = 0.030
FSM_LOSS_PER_YEAR = 0.022  #: few: transitional protection since 2018 keeps periods open
FSM_FIRST_YEAR_SHARE = 0.195  #: of pupils already at school when the simulation begins (2019: 15.4%)

# --- unauthorised absence apart from holidays: log-odds of a session ---------------------------------------
BASE_BY_YEAR_GROUP = np.array([-7.9, -7.7, -7.85, -7.85, -7.8, -7.8, -7.8, -7.6, -7.5, -7.4, -7.35, -7.25])
#: by academic year (start): unauthorised 2.0% (2021/22), 2.5 (2023/24), 2.33 (2024/25), 2.36 (2025/26)
TREND = {2019: -0.25, 2020: -0.25, 2021: -0.20, 2022: -0.08, 2023: 0.12, 2024: 0.0, 2025: 0.0, 2026: 0.0}
#: how far apart pupils are, by year group: absence without leave is more concentrated in secondary schools
SPREAD_BY_YEAR_GROUP = np.array([0.87] * 7 + [1.02, 1.12, 1.19, 1.22, 1.22])
PERSISTENT_SD = 1.58
DRIFT_SD = 1.10  #: stationary spread of the slowly changing part
DRIFT_CARRY = 0.65  #: share of it carried to the next year
YEAR_NOISE_SD = 1.30  #: the part of a year that nothing foretells
SHOCK_CHANCE = 0.05
SHOCK_SIZE = 1.9  #: a year that goes wrong all at once
SCHOOL_SD = 0.35

# What genuinely raises next year's unauthorised absence (log-odds). Order: suspensions, social care, alternative
# provision, free school meals (DfE study of unauthorised persistent absence, 18 May 2023, domain section 1).
EFFECT_SUSPENSION = 0.65  #: times log2(1 + suspensions last year)
EFFECT_SUSPENSION_EARLIER = 0.3
EFFECT_CIN = (1.25, 1.75)  #: primary, secondary
EFFECT_CP = (1.50, 2.05)  #: in place of the above
EFFECT_LOOKED_AFTER_PRIMARY = -1.75
EFFECT_LOOKED_AFTER_SECONDARY = 0.3
EFFECT_CARE_BEFORE = 0.55
EFFECT_PRU = 0.1
EFFECT_SPECIAL = 0.30
EFFECT_ARRANGED_AP = 1.10
EFFECT_FSM = 1.12
EFFECT_SEN = (0.0, 0.25, 0.20)

# --- shares of unauthorised codes ---------------------------------------------------------------------------
LATE_RATE = (0.0023, 0.0029)  #: U of possible: primary, secondary (2024/25 daily data: 0.16, 0.30%)
NO_REASON_RATE = (0.0009, 0.0008)  #: N: 0.05, 0.07%
HOLIDAY_CHANCE = (0.205, 0.115)  #: pupils with any G in a year; mean length 8 sessions (G 0.56, 0.34%)
HOLIDAY_SESSIONS = 10

# --- authorised absence -------------------------------------------------------------------------------------
ILLNESS_RATE = np.array(
    [0.0255, 0.0275, 0.0232, 0.0220, 0.0220, 0.0220, 0.0222, 0.0218, 0.0250, 0.0262, 0.0265, 0.0268]
)
ILLNESS_TREND = {2019: 1.0, 2020: 1.0, 2021: 1.42, 2022: 1.32, 2023: 1.12, 2024: 1.02, 2025: 1.0, 2026: 1.0}
ILLNESS_PERSISTENT_SD = 0.90
ILLNESS_YEAR_SD = 0.32
LONG_ILLNESS_BASE = (-11.0, -10.7)  #: log-odds of the long-absence part: primary, secondary
LONG_ILLNESS_SD = 4.5
LONG_ILLNESS_SHARED = 0.55  #: correlation with the unauthorised side
WITH_ILLNESS = {"M": 0.12, "C": 0.08}  #: appointments and other leave, as a share of ordinary illness
OTHER_AUTHORISED = {"R": 0.0008, "T": 0.0003, "S": 0.0002, "H": 0.0005, "C1": 0.0001, "J1": 0.0002}
PART_TIME_RATE = (0.0006, 0.0030)  #: C2 (secondary 0.31% in 2024/25), inside C before August 2024

# --- suspensions (DfE, suspensions and permanent exclusions) ------------------------------------------------
SUSPENSION_BASE = np.array([-8.6, -8.4, -8.35, -8.15, -8.0, -7.85, -7.65, -5.7, -5.35, -5.15, -5.1, -5.7])
SUSPENSION_TREND = {
    2019: -0.5,
    2020: -0.5,
    2021: -0.3,
    2022: 0.0,
    2023: 0.19,
    2024: 0.19,
    2025: 0.19,
    2026: 0.19,
}
SUSPENSION_BEHAVIOUR_SD = 2.05
SUSPENSION_REPEAT_CHANCE = 0.11
SUSPENSION_REPEAT_STOP = 0.40
SUSPENSION_YEAR_SD = 1.05
SUSPENSION_ON_ABSENCE = 0.22  #: per unit of the year's log-odds of unauthorised absence
SUSPENSION_FSM = 1.35
SUSPENSION_SEN = (0.0, 1.6, 0.95)
SUSPENSION_BOYS = 0.35
SUSPENSION_DAYS = (0.52, 0.23, 0.12, 0.03, 0.09, 0.01)  #: 1, 2, 3, 4, 5, 6+ days
LUNCHTIME_SHARE = 0.01
PERMANENT_PER_SUSPENSION = 0.034

# --- social care (DfE, children in need; children looked after; outcomes) -----------------------------------
CIN_STARTS_PER_YEAR = 0.0195
CIN_ON_ABSENCE = 0.25
CIN_FSM = 0.70
CP_SHARE_OF_CIN = 0.33
CARE_STARTS_PER_YEAR = 0.0024
CARE_ON_ABSENCE = -0.02
CIN_AT_START, CP_AT_START, CARE_AT_START = 0.0145, 0.0034, 0.0052
UNJOINABLE_SHARE = 0.04  #: of social care children with no usable UPN

# --- alternative provision ----------------------------------------------------------------------------------
PRU_DUAL_PER_YEAR = 0.0025
ARRANGED_AP_PER_YEAR = 0.0021  #: 24,577 pupils in 2022/23, about 30 in 10,000
LA_FUNDED_SHARE_OF_EHC = 0.25
REINTEGRATION_PER_YEAR = 0.45

# --- faults planted on purpose ------------------------------------------------------------------------------
WRONG_LETTER_SHARE = 0.001
TEMPORARY_UPN_SHARE = 0.25  #: of pupils who arrive from elsewhere
SUSPENSION_CORRECTED_SHARE = 0.03
RETROSPECTIVE_CLOSURE_SHARE = 0.04
RESUBMITTING_SCHOOLS_SHARE = 0.08
