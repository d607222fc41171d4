"""What holds for each pupil of the cohort that decides who leads and which list they stand on, as known on the day.

One pass over the whole cohort, apart from the features: which lead comes first, who missed half or more and who is not
yet persistently absent are rules over integers that anyone can check, and never what a model says.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..domain.academic_year import day_number
from ..domain.outcome import OUTCOMES, SEVERE_DENOMINATOR
from ..features.coverage import Coverage, add_years_on_roll, coverage_on
from ..features.events import suspension_features
from ..features.known import AsOf, known_on
from ..features.sessions import session_rows, yearly_sums
from ..features.spells import usable_spells
from ..tables.canonical import SOCIAL_CARE_KINDS
from ..tables.frames import beside, flag, open_table, to_pandas
from .plan import Plan

if TYPE_CHECKING:
    import pandas as pd

    LazyFrame = nw.LazyFrame[Any]

#: Kinds of social care spell with a social worker, and the return that carries them.
SOCIAL_WORKER_KINDS = ("cin", "cin_plan", "cp_plan")
_SEN_ORDER = ("N", "K", "E")


def circumstances(
    tables: Mapping[str, Any],
    as_of: date,
    plan: Plan,
    pupil_ids: Collection[str],
    early_help: Mapping[str, date | None] | None = None,
) -> pd.DataFrame:
    """The situations of ``plan.SITUATIONS`` for each pupil, with what further lists rest on.

    Parameters
    ----------
    tables : mapping of str to native frame
        The canonical tables, dates as day numbers.
    as_of : date
        A fact not known on it is not used.
    plan : Plan
        How long ago counts as lately, and how many days of illness as many.
    pupil_ids : collection of str
        The pupils of the cohort, each once.
    early_help : mapping of str to date or None, optional
        The day early help opened by pupil_id, None where the day is not given. Without a mapping it is not held.

    Returns
    -------
    DataFrame
        Index ``pupil_id``, sorted. A nullable boolean for each situation but ``none``, missing where the returns do not
        say (never "no"); ``open_*`` for each kind of social care spell; ``sen`` (N, K, E or missing); ``suspensions``
        (count), ``sessions_possible``, ``sessions_absent`` and ``sessions_illness`` of the feature year, as in the
        features of those names; ``missed_half`` and ``not_yet_persistent``, missing where attendance is not held.

    Notes
    -----
    Sessions are integers and so are the lines they are held against: half or more for any reason is severe absence, a
    tenth or more persistent absence (DfE, pupil absence statistics: methodology).
    """
    import pandas as pd

    moment = AsOf(as_of)
    held = coverage_on(tables, moment)
    pupils = pd.DataFrame({"pupil_id": pd.Series(sorted(pupil_ids), dtype="str")})
    parts = (
        _social_care(tables, moment),
        _placements(tables, moment),
        _sen(tables, moment),
        _sessions(tables, moment),
        _suspensions(tables, moment, held, pupils),
    )
    facts = pupils.set_index("pupil_id")
    for part in parts:
        facts = facts.join(part.set_index("pupil_id"))
    lately = day_number(months_before(as_of, plan.stepped_down_months))
    return pd.concat(
        [
            _care_situations(facts, held, lately),
            _other_situations(facts, held, plan),
            _early_help(facts.index, as_of, early_help),
            _attendance_lines(facts),
            facts[["sen", "suspensions", *_SESSIONS]],
        ],
        axis=1,
    )


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier; the month's last day where it is shorter.

    >>> months_before(date(2026, 10, 31), 12), months_before(date(2026, 3, 31), 1)
    (datetime.date(2025, 10, 31), datetime.date(2026, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


_SESSIONS = ("sessions_possible", "sessions_absent", "sessions_illness")


def _social_care(tables: Mapping[str, Any], as_of: AsOf) -> pd.DataFrame:
    spells = usable_spells(open_table(tables, "social_care"), as_of)
    now = nw.col("end_date").is_null()
    marked = spells.with_columns(
        *(flag(now & (nw.col("kind") == kind)).alias(f"open_{kind}") for kind in SOCIAL_CARE_KINDS)
    )
    of_pupil = [nw.col(f"open_{kind}").max() for kind in SOCIAL_CARE_KINDS]
    return to_pandas(marked.group_by("pupil_id").agg(*of_pupil, nw.col("end_date").max().alias("care_ended")))


def _placements(tables: Mapping[str, Any], as_of: AsOf) -> pd.DataFrame:
    spells = usable_spells(open_table(tables, "alternative_provision"), as_of)
    marked = spells.with_columns(flag(nw.col("end_date").is_null()).alias("placed"))
    return to_pandas(marked.group_by("pupil_id").agg(nw.col("placed").max()))


def _sen(tables: Mapping[str, Any], as_of: AsOf) -> pd.DataFrame:
    """What the autumn census says; of two schools' entries the one with more support."""
    rows = known_on(open_table(tables, "pupils"), as_of.day).filter(
        nw.col("academic_year") == as_of.label_year,
        nw.col("census_term") == "autumn",
        nw.col("on_roll"),
        ~nw.col("sen").is_null(),
    )
    found = to_pandas(rows.select("pupil_id", "sen"))
    order = found["sen"].map({said: place for place, said in enumerate(_SEN_ORDER)})
    ranked = found.assign(order=order).sort_values(["pupil_id", "order"], kind="stable")
    return ranked.drop_duplicates("pupil_id", keep="last")[["pupil_id", "sen"]]


def _sessions(tables: Mapping[str, Any], as_of: AsOf) -> pd.DataFrame:
    """Sessions of the feature year; missing where a row does not say, or where absence exceeds the possible."""
    import pandas as pd

    # The engine sums no more than is asked of it.
    sums = ("pupil_id", "exceeds", "possible", "absent", "unknown_absent", "illness", "unknown_codes")
    yearly = to_pandas(yearly_sums(session_rows(tables, as_of, 0)).select(*sums))
    sound = yearly["exceeds"] == 0
    counts = {
        "sessions_possible": yearly["possible"].where(sound),
        "sessions_absent": yearly["absent"].where(sound & (yearly["unknown_absent"] == 0)),
        "sessions_illness": yearly["illness"].where(sound & (yearly["unknown_codes"] == 0)),
    }
    return pd.DataFrame(
        {"pupil_id": yearly["pupil_id"], **{name: of.astype("Int64") for name, of in counts.items()}}
    )


def _suspensions(
    tables: Mapping[str, Any], as_of: AsOf, held: Coverage, pupils: pd.DataFrame
) -> pd.DataFrame:
    on_roll = add_years_on_roll(beside(tables, pupils), tables, as_of)
    counted = to_pandas(suspension_features(on_roll, tables, as_of, held))
    return counted[["pupil_id"]].assign(suspensions=counted["suspensions_this_year"].astype("Int64"))


def _yes(found: pd.Series[Any], held: bool) -> pd.Series[Any]:
    """True where recorded; without a record False where the return is held, and otherwise missing."""
    recorded = found.fillna(0).astype("int64").astype("bool").astype("boolean")
    return recorded if held else recorded.where(recorded)


def _care_situations(facts: pd.DataFrame, held: Coverage, lately: int) -> pd.DataFrame:
    has = {kind: held.has("cin_census") for kind in SOCIAL_WORKER_KINDS} | {
        "looked_after": held.has("ssda903")
    }
    opened = {f"open_{kind}": _yes(facts[f"open_{kind}"], has[kind]) for kind in SOCIAL_CARE_KINDS}
    looked_after = opened["open_looked_after"]
    social_worker = opened["open_cin"] | opened["open_cin_plan"] | opened["open_cp_plan"]
    nothing_open = ~(looked_after | social_worker).fillna(value=False)
    stepped_down = nothing_open & (facts["care_ended"].astype("Int64") >= lately).fillna(value=False)
    return facts[[]].assign(
        looked_after=looked_after,
        social_worker=social_worker,
        stepped_down=_yes(stepped_down, all(has.values())),
        **opened,
    )


def _other_situations(facts: pd.DataFrame, held: Coverage, plan: Plan) -> pd.DataFrame:
    return facts[[]].assign(
        ehc_plan=(facts["sen"].astype("string") == "E").astype("boolean"),
        illness=facts["sessions_illness"] >= 2 * plan.illness_days,
        alternative_provision=_yes(facts["placed"], held.has("school_census") and held.has("ap_census")),
    )


def _early_help(
    pupils: pd.Index[Any], as_of: date, early_help: Mapping[str, date | None] | None
) -> pd.Series[Any]:
    import pandas as pd

    if early_help is None:
        return pd.Series(pd.NA, index=pupils, dtype="boolean", name="early_help")
    opened = {pupil for pupil, day in early_help.items() if day is None or day <= as_of}
    return pd.Series(pupils.isin(list(opened)), index=pupils, dtype="boolean", name="early_help")


def _attendance_lines(facts: pd.DataFrame) -> pd.DataFrame:
    absent, possible = facts["sessions_absent"], facts["sessions_possible"]
    persistent = OUTCOMES["overall"]
    known = possible > 0
    return facts[[]].assign(
        missed_half=(absent * SEVERE_DENOMINATOR >= possible).where(known),
        not_yet_persistent=(absent * persistent.denominator < possible * persistent.numerator).where(known),
    )


def situation_of(held: pd.DataFrame, plan: Plan) -> pd.Series[Any]:
    """The situation that decides who leads, by pupil_id: the first of the plan's routes that is on record.

    What is not held does not decide: the card says so in words.
    """
    found = held[[]].assign(situation="none")["situation"]
    for route in reversed(plan.routes):
        if route.when != "none":
            found = found.mask(held[route.when].fillna(value=False).astype("bool"), route.when)
    return found
