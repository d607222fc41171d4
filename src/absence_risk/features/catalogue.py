"""Every feature once: its name, family, topic, unit, direction and label. The heart of the house.

Building, monotone constraints, grouped SHAP, reasons, the data dictionary and the model card all read these
declarations, so they cannot drift. The four families come from the DfE study of unauthorised persistent absence
(18 May 2023), in its order: suspensions, social care, alternative provision, free school meals.

*Direction* is the sign the effect on the outcome is held to (monotone constraint): 1 more means likelier, -1 more
means less likely, 0 free. *Topic* groups features that one sentence says together. A missing value means "not
known", or for a time since an event, "no such event known".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..errors import UsageError


class Family(StrEnum):
    """Kinds of records. The first four are the DfE study's, in its order."""

    SUSPENSIONS = "suspensions"
    SOCIAL_CARE = "social_care"
    ALTERNATIVE_PROVISION = "alternative_provision"
    FREE_SCHOOL_MEALS = "free_school_meals"
    CONTEXT = "context"
    ATTENDANCE = "attendance"


FOUR_FACTORS = (
    Family.SUSPENSIONS,
    Family.SOCIAL_CARE,
    Family.ALTERNATIVE_PROVISION,
    Family.FREE_SCHOOL_MEALS,
)


@dataclass(frozen=True)
class Feature:
    """One declared feature: a float64 column, missing where not known.

    ``in_model`` False marks a count kept for rules and lists (integers, so that thresholds are exact) that a
    model may not use.
    """

    name: str
    family: Family
    topic: str
    unit: str
    direction: int
    label: str
    in_model: bool = True


_S, _C, _A, _F = FOUR_FACTORS
_X, _T = Family.CONTEXT, Family.ATTENDANCE

_SPELLS = tuple(
    Feature(f"{kind}_{what}", _C, kind, unit, (sign if kind != "looked_after" else 0), f"{words}: {label}")
    for kind, words in (
        ("cin", "child in need"),
        ("cp_plan", "child protection plan"),
        ("looked_after", "looked after"),
    )
    for what, unit, sign, label in (
        ("current", "0 or 1", 1, "open on the as-of date"),
        ("previous", "0 or 1", 1, "an earlier spell that has closed"),
        ("spells", "count", 1, "number of spells known"),
        ("days_since_end", "days", -1, "days since the latest closed spell ended, three years at most"),
    )
)

FEATURES: tuple[Feature, ...] = (
    Feature("suspensions_this_year", _S, "suspensions", "count", 1, "suspensions in the feature year"),
    Feature("suspensions_earlier_years", _S, "suspensions_earlier", "count", 1, "suspensions in the three years before the feature year"),
    Feature("suspension_sessions_this_year", _S, "suspensions", "sessions", 1, "sessions lost to suspension in the feature year"),
    Feature("days_since_suspension", _S, "suspensions", "days", -1, "days since the latest suspension began, three years at most"),
    Feature("permanent_exclusions", _S, "permanent_exclusion", "count", 1, "permanent exclusions known"),
    *_SPELLS,
    Feature("ap_school_current", _A, "ap_school", "0 or 1", 1, "on roll at an AP school or pupil referral unit on the as-of date"),
    Feature("school_arranged_ap_current", _A, "school_arranged_ap", "0 or 1", 1, "in a placement arranged by a school on the as-of date"),
    Feature("la_funded_ap_current", _A, "la_funded_ap", "0 or 1", 0, "in a placement funded by the authority on the as-of date"),
    Feature("ap_previous", _A, "ap_earlier", "0 or 1", 1, "an earlier placement in alternative provision that has ended"),
    Feature("ap_days_this_year", _A, "ap_days", "days", 1, "days in alternative provision in the feature year"),
    Feature("ap_days_since_end", _A, "ap_earlier", "days", -1, "days since the latest ended placement, three years at most"),
    Feature("fsm_now", _F, "fsm", "0 or 1", 1, "eligible for free school meals on the as-of date"),
    Feature("fsm_ever_six", _F, "fsm", "0 or 1", 1, "eligible at any time in the six years before the as-of date"),
    Feature("fsm_share_of_time", _F, "fsm", "share 0-1", 1, "share of school age within the last six years spent eligible"),
    Feature("year_group", _X, "year_group", "year", 0, "national curriculum year on the as-of date"),
    Feature("school_moves_this_year", _X, "school_moves", "count", 1, "moves to another school in the feature year, usual transfers apart"),
    Feature("school_moves_three_years", _X, "school_moves", "count", 1, "moves to another school in three years, usual transfers apart"),
    Feature("unauthorised_rate", _T, "unauthorised", "share 0-1", 1, "unauthorised sessions of those possible, feature year"),
    Feature("unauthorised_rate_autumn", _T, "unauthorised", "share 0-1", 1, "unauthorised sessions of those possible, autumn term"),
    Feature("unauthorised_rate_spring", _T, "unauthorised", "share 0-1", 1, "unauthorised sessions of those possible, spring term"),
    Feature("unauthorised_rate_summer", _T, "unauthorised", "share 0-1", 1, "unauthorised sessions of those possible, summer term"),
    Feature("unauthorised_trend", _T, "unauthorised_trend", "difference", 0, "unauthorised rate in summer less that in autumn"),
    Feature("unauthorised_rate_previous_year", _T, "unauthorised_earlier", "share 0-1", 1, "unauthorised rate in the year before the feature year"),
    Feature("unauthorised_rate_earlier_years", _T, "unauthorised_earlier", "share 0-1", 1, "unauthorised rate over the three years before the feature year"),
    Feature("other_unauthorised_rate", _T, "unauthorised", "share 0-1", 1, "sessions coded O of those possible"),
    Feature("holiday_rate", _T, "holiday", "share 0-1", 0, "sessions coded G of those possible"),
    Feature("no_reason_rate", _T, "no_reason", "share 0-1", 0, "sessions coded N of those possible"),
    Feature("late_after_close_rate", _T, "late_after_close", "share 0-1", 1, "sessions coded U of those possible"),
    Feature("late_before_close_rate", _T, "late_before_close", "share 0-1", 0, "sessions coded L of those possible"),
    Feature("illness_rate", _T, "illness", "share 0-1", 0, "sessions coded I or M of those possible"),
    Feature("other_authorised_rate", _T, "other_authorised", "share 0-1", 0, "authorised sessions other than illness, of those possible"),
    Feature("absence_rate_previous_year", _T, "absence_earlier", "share 0-1", 1, "all absence of sessions possible, year before the feature year"),
    Feature("school_unauthorised_rate", _T, "school", "share 0-1", 1, "unauthorised rate of the school's other pupils, feature year"),
    Feature("sessions_possible", _T, "sessions", "sessions", 0, "possible sessions in the feature year", in_model=False),
    Feature("sessions_unauthorised", _T, "sessions", "sessions", 0, "unauthorised sessions in the feature year", in_model=False),
    Feature("sessions_late_after_close", _T, "sessions", "sessions", 0, "sessions coded U in the feature year", in_model=False),
    Feature("sessions_illness", _T, "sessions", "sessions", 0, "sessions coded I or M in the feature year", in_model=False),
    Feature("sessions_absent", _T, "sessions", "sessions", 0, "all absence in the feature year", in_model=False),
    Feature("sessions_possible_previous_year", _T, "sessions", "sessions", 0, "possible sessions in the year before", in_model=False),
    Feature("sessions_unauthorised_previous_year", _T, "sessions", "sessions", 0, "unauthorised sessions in the year before", in_model=False),
)  # fmt: skip

CATALOGUE: dict[str, Feature] = {feature.name: feature for feature in FEATURES}

#: Held for audit only, or refused altogether (domain decision, section 0). Naming one as a feature is an error.
#: The second part is what people decide and families answer (``decisions.declaration``, which stands above this room):
#: an offer that helped would look like an error of the model, and teach it to leave such children out.
NEVER_FEATURES = (
    "ethnicity", "religion", "language", "nationality", "sex", "gender", "sexual_orientation",
    "parental_engagement", "declined_help", "police", "health", "housing", "benefits", "free_text",
    "reviewer_role", "reviewed_on", "school_contacted", "school_contacted_on", "records_checked", "already_known",
    "initial_view", "final_decision", "agrees_with_listing", "reason_code", "reason_text", "data_error_reported",
    "route", "meeting", "level_recorded", "stage_recorded", "help_offered_on", "family_response", "action", "owner",
    "review_date", "measure", "outcome_at_review", "minutes_spent",
)  # fmt: skip


def model_features(families: tuple[Family, ...]) -> tuple[Feature, ...]:
    """The features a model of these families may use, in catalogue order.

    Raises
    ------
    UsageError
        If no family is named.
    """
    if not families:
        raise UsageError("expected at least one family of features, found none; name some under `families`")
    return tuple(f for f in FEATURES if f.in_model and f.family in families)
