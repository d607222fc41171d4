"""What is said about scores: warnings, whether they may be published at all, and what their manifest tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from .domain.academic_year import feature_year_of
from .errors import InputError, all_at_once
from .features.data_flags import Source, source_flags
from .features.phrasing import day_words

if TYPE_CHECKING:
    from .models.bundle import Bundle
    from .models.drift import Findings


def told(
    bundle: Bundle,
    found: Findings,
    as_of: date,
    sources: list[Source],
    accepted: Mapping[str, str] | None = None,
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Warnings, and what the manifest says of the model, the dates, the sources, and the comparison with training.

    Parameters
    ----------
    found : Findings
        ``models.drift.findings`` of all rows that were scored.
    accepted : mapping, optional
        Who answers for scoring although something is refused: ``name``, ``role`` and ``reason``.

    Raises
    ------
    InputError
        If something is refused, and nobody accepted it.
    """
    if found.refused and accepted is None:
        raise InputError(refusal(found))
    answered = _accepted_words(found, accepted)
    warnings = [
        *answered,
        *source_flags(sources),
        *date_warnings(bundle, as_of),
        *found.reported,
    ]
    year = feature_year_of(as_of)
    about = {
        "as_of": as_of.isoformat(),
        "model_as_of": {"month": bundle.as_of[0], "day": bundle.as_of[1]},
        "feature_year": str(year),
        "outcome_year": str(year.next),
        "sources": [source.as_dict() for source in sources],
        "model": bundle.hash,
        "model_name": bundle.name,
        "years": dict(bundle.years),
        "made_up": bundle.made_up,
        "outcome": dict(bundle.outcome),
        "bands": [asdict(band) for band in bundle.bands],
        "best_rule_wins": bundle.best_rule_wins,
        "drift": {
            "compared": found.compared,
            "reported": list(found.reported),
            "accepted": answered,
        },
    }
    return tuple(warnings), about


#: What may be done about a cohort that is refused.
_HOW_TO_ACCEPT = (
    "Mend the store and run it again. If it is right all the same, somebody answers for it: --accept-drift --name NAME "
    "--role ROLE --reason REASON; that is written into the manifest and printed on the list"
)


def refusal(found: Findings) -> str:
    """Why a cohort is refused, all at once, and what may be done."""
    title = "this cohort is not like those the model was made from; nothing was published:"
    return f"{all_at_once(title, found.refused)}\n{_HOW_TO_ACCEPT}"


def _accepted_words(found: Findings, accepted: Mapping[str, str] | None) -> list[str]:
    if accepted is None or not found.refused:
        return []
    reason = accepted["reason"].rstrip(".")
    by = (
        f"{accepted['name']} ({accepted['role']}) decided to score although this is refused. Reason: {reason}"
    )
    return [by, *found.refused]


def date_warnings(bundle: Bundle, as_of: date) -> list[str]:
    """What is to be said of an as-of date that the model was not made for."""
    year = str(feature_year_of(as_of))
    used = {*bundle.years.get("trained", ()), bundle.years.get("calibrated"), bundle.years.get("tested")}
    warned = []
    if year in used:
        warned.append(
            f"{year} is one of the years the model was made from: its estimates of that year are not a forecast"
        )
    month, day = bundle.as_of
    if (month, day) == (as_of.month, as_of.day):
        return warned
    return [
        *warned,
        f"the model was made for {day_words(date(2000, month, day)).removesuffix(' 2000')} and is used as of "
        f"{day_words(as_of)}; its estimates may not hold on another date",
    ]
