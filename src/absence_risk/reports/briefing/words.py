"""What a backtest says, in words: one verdict that the report, the model card and the command line all print.

Numbers of pupils go through the disclosure policy; a difference between two lists is a whole number of pupils with
its interval. Nothing is said of a pupil, and nothing about what an offer of help would do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...disclosure import HIDDEN, DisclosurePolicy
from ...domain.academic_year import AcademicYear
from ..outcome_words import OUTCOME_HOW, outcome_days
from .printed import more_pupils
from .standing import Beside, Standing, besides, judged_year, measure_row, ours_and_best
from .terms import rival_words, spaced, uncapital

if TYPE_CHECKING:
    from ...evidence.result import Evidence

MADE_UP = (
    "Made-up authority: These records are about no real child. The report shows how the evidence is read; "
    "no figure in it may be quoted as a result."
)

#: What a reader must not take from the report.
NOT_TO_CONCLUDE = (
    "That an offer of help works. The report says who is on the list, not what comes of an offer.",
    "That a listed child will miss school, or that one who is not listed will not. Both happen often; the first "
    "page says how often.",
    "Why a child misses school. The model finds patterns in records of contact with services.",
    "Anything about one child, one family or one school. The numbers are about lists, and schools are not compared.",
    "That past years bind the next one. Codes, offers of help and the way schools keep registers change.",
    "That it may be used for penalty notices, prosecution, exclusion, admissions or any other decision against a "
    "family. It is for voluntary offers of help alone.",
)

_HEADLINES = {
    Standing.CLEARLY_BETTER: "The model finds clearly more pupils than {rule}: about {gap} more {places}.",
    Standing.MAY_BE_CHANCE: "The model finds about {gap} more pupils than {rule} {places}, but that may be chance.",
    Standing.NO_BETTER: "{Rule} does at least as well: {places}, the model finds {gap_words}. Use the rule.",
    Standing.CLEARLY_WORSE: "{Rule} finds clearly more pupils than the model: about {gap} more {places}. Use the rule.",
    Standing.CANNOT_SAY: "The model finds about {gap} more pupils than {rule} {places}; there are too few schools "
    "to say how sure that is.",
}
_SURE = {
    Standing.CLEARLY_BETTER: "The difference is clear: the whole interval lies above nought.",
    Standing.MAY_BE_CHANCE: "It may be chance: the interval reaches down to nought or below.",
    Standing.NO_BETTER: "The rule does at least as well.",
    Standing.CLEARLY_WORSE: "The rule is clearly better: the whole interval lies below nought.",
    Standing.CANNOT_SAY: "No interval could be drawn, so nothing is said about chance.",
}


@dataclass(frozen=True)
class Verdict:
    """One sentence to be read before any figure, where it stands, and the sentences that go with it."""

    headline: str
    standing: Standing
    sentences: tuple[str, ...]


def verdict(evidence: Evidence, policy: DisclosurePolicy) -> Verdict:
    """Whether the candidate beats the rule in use and the best simple rule, how sure that is, and what it costs.

    Parameters
    ----------
    evidence : Evidence
        Exact tables.
    policy : DisclosurePolicy
        What becomes of numbers of pupils.
    """
    year = judged_year(evidence)
    ours, best = ours_and_best(evidence, year)
    sentences = [
        _beside(ours, "the rule in use" if evidence.about["rule_in_use"] else "the best simple rule")
    ]
    if best.rival != ours.rival:
        sentences.append(_beside(best, "the best simple rule"))
    sentences += [right_sentence(evidence, policy, year), missed_sentence(evidence, policy, year)]
    sentences += earlier_years(evidence, year)
    if gates := gates_sentence(evidence):
        sentences.append(gates)
    sentences.append(openings_sentence(evidence))
    headline = _headline(ours, bool(evidence.about["rule_in_use"])) + _gates_in_short(evidence)
    return Verdict(headline, ours.standing, tuple(sentences))


def _headline(ours: Beside, in_use: bool) -> str:
    rule = "the rule in use" if in_use else "the best simple rule"
    return _HEADLINES[ours.standing].format(
        rule=rule,
        Rule=rule[0].upper() + rule[1:],
        gap=abs(whole(ours.difference)),
        gap_words=more_or_fewer(ours.difference),
        places=f"on a list of {ours.k:,}",
    )


def _gates_in_short(evidence: Evidence) -> str:
    # A model may find more and still not deserve to be used: the first sentence a reader meets must not hide that.
    return "" if evidence.gates_passed else " The model did not pass every gate."


def whole(number: float) -> int:
    """A number of pupils, half away from nought."""
    return int(math.copysign(math.floor(abs(number) + 0.5), number))


def more_or_fewer(difference: float) -> str:
    """A difference in pupils as words.

    >>> more_or_fewer(12.4), more_or_fewer(-1.0), more_or_fewer(0.2)
    ('12 more', '1 fewer', 'as many')
    """
    pupils = whole(difference)
    return "as many" if pupils == 0 else f"{abs(pupils)} {'more' if pupils > 0 else 'fewer'}"


def interval_words(low: float, high: float) -> str:
    """The 95% interval of a difference in pupils."""
    if math.isnan(low) or math.isnan(high):
        return "no interval could be drawn"
    return f"95% interval {more_pupils(low)} to {more_pupils(high)}"


def _beside(found: Beside, what: str) -> str:
    return (
        f"Beside {what} ({uncapital(rival_words(found.rival))}): {more_or_fewer(found.difference)} of {found.k:,} "
        f"places ({interval_words(found.low, found.high)}). {_SURE[found.standing]}"
    )


def pupils(number: int | str | None, policy: DisclosurePolicy) -> str:
    """A printed count in a sentence.

    >>> pupils(95, DisclosurePolicy()), pupils("c", DisclosurePolicy()), pupils(None, DisclosurePolicy())
    ('about 95', 'a number not shown', 'an unknown number')
    """
    if number is None:
        return "an unknown number"
    if number == HIDDEN:
        # Not "fewer than ten": a larger number is hidden too where a small one could be had by subtraction.
        return "a number not shown"
    return f"{number:,}" if policy.round_to == 1 or number == 0 else f"about {number:,}"


def in_words(rate: float) -> str:
    """A share as "so many in so many", with the smallest whole numbers that come near.

    >>> in_words(0.64), in_words(0.5), in_words(0.82), in_words(0.02), in_words(1.0), in_words(0.97)
    ('5 in 8', '1 in 2', '4 in 5', '1 in 50', 'all', '32 in 33')
    """
    if rate <= 0 or rate >= 1:
        return "none" if rate <= 0 else "all"
    if rate < 0.09:
        return f"1 in {whole(1 / rate):,}"
    if rate > 0.91:
        of = whole(1 / (1 - rate))
        return f"{of - 1:,} in {of:,}"
    near = ((whole(rate * of), of, within) for within in (0.005, 0.01, 0.02, 0.05) for of in range(2, 11))
    part, of = next((part, of) for part, of, within in near if abs(part / of - rate) <= within)
    return f"{part} in {of}"


def outcome_to(evidence: Evidence) -> str:
    """What the outcome is, after "did not go on to" or "went on to"."""
    outcome = evidence.about["outcome"]
    how = OUTCOME_HOW.get(str(outcome["name"]), "of school")
    return f"miss {outcome_days(outcome)} or more days {how}"


def outcome_year(year: str) -> str:
    """The year whose outcome a feature year foresees.

    >>> outcome_year("2024/25")
    '2025/26'
    """
    return str(AcademicYear.parse(year).next)


def right_sentence(evidence: Evidence, policy: DisclosurePolicy, year: str) -> str:
    """How many of the list were right, and what an offer to the others means."""
    k = int(evidence.about["capacity"])
    row = measure_row(evidence, "precision_at_capacity", year=year)
    found = policy.count(row["part"])
    if found is None or found == HIDDEN:
        said = pupils(found, policy).capitalize()
        return f"{said} of the {k:,} pupils on the list went on to {outcome_to(evidence)}."
    shown = min(int(found), k)
    return (
        f"{pupils(shown, policy).capitalize()} of the {k:,} pupils on the list went on to {outcome_to(evidence)} "
        f"({in_words(shown / k)}). So {pupils(k - shown, policy)} families would be offered help whose child did not."
    )


def missed_sentence(evidence: Evidence, policy: DisclosurePolicy, year: str) -> str:
    """How many who met the outcome were not on the list."""
    row = measure_row(evidence, "recall_at_capacity", year=year)
    events, missed = policy.count(row["of"]), policy.count(row["of"] - row["part"])
    many = f"{pupils(missed, policy).capitalize()} of {pupils(events, policy)}"
    words = f"{many} pupils who went on to it were not on the list"
    if isinstance(events, int) and isinstance(missed, int) and events:
        words += f" ({in_words(missed / events)})"
    return f"{words}: a list of this length cannot reach them all, and other routes to help stay open."


def earlier_years(evidence: Evidence, year: str) -> list[str]:
    """The same comparison in each other test year, since one good year may be luck."""
    found = []
    for other in tested_years(evidence):
        if other != year:
            ours, _ = ours_and_best(evidence, other)
            found.append(
                f"In the test year {other}, beside the same rule: {more_or_fewer(ours.difference)} of {ours.k:,} "
                f"({interval_words(ours.low, ours.high)})."
            )
    return found


def tested_years(evidence: Evidence) -> list[str]:
    """The years that were tested, in order."""
    return sorted(map(str, evidence.tables["measures"]["year"].unique()))


def gates_sentence(evidence: Evidence) -> str:
    """How many gates were passed, and which were not; nothing where no gate was judged."""
    gates = evidence.tables["gates"]
    if gates.empty:
        return "No gate has been judged yet."
    states = {state: list(gates.loc[gates["state"] == state, "gate"]) for state in _GATE_STATES}
    if len(states["passed"]) == len(gates):
        return f"All {len(gates)} gates were passed."
    rest = [
        f"{words}: {', '.join(map(spaced, states[state]))}"
        for state, words in (
            ("failed", "failed"),
            ("cannot be judged", "could not be judged, which is not a pass"),
        )
        if states[state]
    ]
    return f"{len(states['passed'])} of {len(gates)} gates were passed; {'; '.join(rest)}."


_GATE_STATES = ("passed", "failed", "cannot be judged")


GATES_MOVED = "The gates are not those that were set before it was first opened: somebody should say why."


def openings_sentence(evidence: Evidence) -> str:
    """How often the final test year was opened: each further look makes its numbers a little too good."""
    about = evidence.about
    final, opened, settings = about["final_year"], int(about["openings"]), int(about["opened_with"])
    if about.get("final_year_closed") or final not in tested_years(evidence):
        return "The final test year was kept closed; these are results of earlier years."
    often = {1: "once", 2: "twice"}.get(opened, f"{opened} times")
    if opened <= 1:
        return f"The final test year, {final}, was opened once: by this test."
    with_words = "always with the same settings" if settings <= 1 else f"with {settings} different settings"
    more = (
        ""
        if settings <= 1
        else " Choosing between settings by the final year makes its numbers look better than they are."
    )
    moved = f" {GATES_MOVED}" if about.get("gates_moved") else ""
    return f"The final test year, {final}, has been opened {often}, {with_words}, this time included.{more}{moved}"


def summary_lines(evidence: Evidence, policy: DisclosurePolicy) -> list[str]:
    """The verdict and, below it, rivals and gates as lines of text, for a terminal."""
    said = verdict(evidence, policy)
    year = judged_year(evidence)
    k = int(evidence.about["capacity"])
    lines = [*([MADE_UP] if evidence.about["made_up"] else []), said.headline, ""]
    lines += [f"- {sentence}" for sentence in said.sentences]
    lines += ["", f"Rightly listed of {k:,} in the test year {year}:"]
    own = policy.count(measure_row(evidence, "precision_at_capacity", year=year)["part"])
    lines.append(f"  {_printed(own):>7}  the model")
    for found in besides(evidence, year):
        words = f"{uncapital(rival_words(found.rival))} ({more_or_fewer(found.difference)} for the model)"
        lines.append(f"  {_printed(policy.count(found.rival_found)):>7}  {words}")
    gates = evidence.tables["gates"]
    if not gates.empty:
        lines += ["", "Gates:"]
        lines += [f"  {row.state:<17} {row.words} {row.found}" for row in gates.itertuples()]
    return [*lines, "", policy.words]


def _printed(count: int | str | None) -> str:
    return "-" if count is None else f"{count:,}" if isinstance(count, int) else count
