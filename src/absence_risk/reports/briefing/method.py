"""The parts of an evidence page on what the model rests on and how it was measured."""

from __future__ import annotations

import math
from typing import Any

from ...evaluation.measures import MEASURES
from ...evidence.family_ranking import ranking_in_words
from ...features.phrasing import listed
from .. import shape
from .printed import (
    NOT_KNOWN,
    FigureShown,
    Results,
    Section,
    Table,
    between,
    more_pupils,
    number,
    share,
    statistic,
)
from .terms import capital, family_words, rival_words, spaced, step_words
from .words import in_words

FIRM = 8  #: tenths: a pupil whom at least this share of refits list stands firmly (users' reference)


def stability_section(results: Results) -> Section:
    """How much of the list stays when the model is made again."""
    rows = results.rows("stability")
    refits = len(rows)
    if not refits:
        return Section(
            "stability", "Would the list stay the same?", ("The model was not refitted in this test.",)
        )
    stays = sorted(float(row["share_that_stays"]) for row in rows)
    middle = (stays[(refits - 1) // 2] + stays[refits // 2]) / 2
    firm = [row["listed"] for row in results.rows("inclusion") if _starts_at(row) >= FIRM]
    words = (
        f"The model was made {refits} times more, each time with another seed and another draw of the same past "
        f"pupils. In the middle case {share(middle)} of the list stayed ({in_words(middle)}); in the worst, "
        f"{share(stays[0])}.",
    )
    shown = FigureShown(
        "inclusion",
        "Listed pupils by the share of refits that list them",
        f"Pupils on the right stand on nearly every list and are called firm ({_firm(firm)}); those to the left "
        "are called borderline: small changes in the data could move them on or off.",
    )
    return Section(
        "stability", "Would the list stay the same?", words, (shown,), (_inclusion_table(results),)
    )


def _starts_at(row: dict[str, Any]) -> int:
    return round(float(str(row["inclusion"]).split(" ")[0]) * 10)


def _firm(counts: list[Any]) -> str:
    known = [count for count in counts if isinstance(count, int)]
    words = f"about {sum(known):,} pupils, listed by at least {FIRM} in 10"
    return words if len(known) == len(counts) else f"{words}, and a number too small to print"


def _inclusion_table(results: Results) -> Table:
    cells = tuple(
        (str(row["inclusion"]), number(row["listed"]), number(row["not_listed"]))
        for row in results.rows("inclusion")
    )
    heads = ("Share of refits that list the pupil", "On the list", "Off the list")
    reading = "Pupils off the list whom some refits would list are the ones nearest its edge."
    return Table("How firmly pupils stand on the list", heads, cells, reading)


def factors_section(results: Results) -> Section:
    """The four factors in the form of the DfE study, and three ways to rank them."""
    shown = FigureShown(
        "odds_ratios",
        "Odds ratios by factor, adjusted and unadjusted",
        "Right of the line: pupils with this record met the outcome more often than those at the reference level. "
        "Adjusted ratios hold the other factors, year group and year alike. A link in records is no cause.",
    )
    ranking = results.evidence.tables["family_ranking"]
    points = tuple(ranking_in_words(ranking)) if len(ranking) else ()
    return Section(
        "factors",
        "The four factors, beside the DfE study",
        ("The DfE study of May 2023 named four factors. Here they are in this authority's records.",),
        (shown,) if len(results.tables["odds_ratios"]) else (),
        (_ranking_table(results), _odds_table(results)),
        points,
    )


def _ranking_table(results: Results) -> Table:
    cells = tuple(
        (
            family_words(row["family"]),
            number(row["dfe_rank"]),
            _ranked(row, "mean_shap", 2),
            _ranked(row, "loss", 0),
            _ranked(row, "odds_ratio", 1),
        )
        for row in sorted(results.rows("family_ranking"), key=lambda row: row["dfe_rank"])
    )
    heads = (
        "Family of records",
        "DfE's place",
        "By size of contribution",
        "By pupils lost without it",
        "By odds ratio",
    )
    reading = (
        "Each cell: place (95% interval of the place), then the number it comes from. Where an interval holds "
        "several places, the order is not settled."
    )
    return Table("The four families ranked in three ways", heads, cells, reading)


def _ranked(row: dict[str, Any], name: str, digits: int) -> str:
    place, low, high = (float(row[f"{name}_rank{end}"]) for end in ("", "_low", "_high"))
    value = float(row[name])
    if math.isnan(place) or math.isnan(value):
        return NOT_KNOWN
    return f"{place:.0f}{between(number(low), number(high))}; {statistic(value, digits)}"


def _odds_table(results: Results) -> Table:
    cells = tuple(
        (
            f"{capital(str(row['factor']))}: {row['level']}",
            number(row["n"]),
            number(row["events"]),
            _ratio(row, "unadjusted"),
            _ratio(row, "adjusted"),
        )
        for row in results.rows("odds_ratios")
    )
    heads = ("Factor and level", "Pupil-years", "Met the outcome", "Unadjusted", "Adjusted")
    reading = "Odds ratios with 95% intervals (schools as clusters). Not recorded is a level of its own, never nought."
    return Table("Odds ratios, in the form of the DfE study", heads, cells, reading)


def _ratio(row: dict[str, Any], name: str) -> str:
    if row["state"] == "reference":
        return "1 (reference)"
    value, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    if row["state"] != "enough" or math.isnan(value):
        return "too few to say"
    return statistic(value) + between(statistic(low), statistic(high))


def necessity_section(results: Results) -> Section:
    """What each family of records is worth to the list: evidence of necessity per data set."""
    rows = results.rows("necessity")
    cells = tuple(
        (
            family_words(row["family"]),
            str(row["data_sets"]),
            number(row["found_with"]),
            number(row["found_without"]),
            more_pupils(float(row["loss"]))
            + between(*(more_pupils(float(row[f"loss_{end}"])) for end in ("low", "high"))),
        )
        for row in rows
    )
    needed = [family_words(row["family"]).lower() for row in rows if row["loss_low"] > 0]
    not_shown = [family_words(row["family"]).lower() for row in rows if row["loss_low"] <= 0]
    reading = f"Without it the list clearly finds fewer pupils: {listed(needed)}. " if needed else ""
    if not_shown:
        reading += (
            f"Not shown to be needed at this length of list: {listed(not_shown)}. Records that are not needed "
            "should not be used; a data protection impact assessment can rest on this table."
        )
    heads = ("Family of records", "Data sets", "Right with it", "Right without it", "Pupils lost")
    table = Table(f"The model made again without each family, {results.year}", heads, cells, reading)
    return Section("necessity", "Is each data set needed?", tables=(table,))


def flow_section(results: Results) -> Section:
    """Which years were used for what, and where every pupil went."""
    years = tuple(
        (str(row["year"]), capital(str(row["role"])), str(row["why"]) or NOT_KNOWN, number(row["n"]),
         number(row["events"]), number(row["schools"]))
        for row in results.tables["years"].to_dict("records")
    )  # fmt: skip
    flow = tuple((step_words(row["step"]), number(row["n"])) for row in results.rows("flow"))
    year_table = Table(
        "Feature years and what they were used for",
        ("Feature year", "Use", "Why left out", "Pupils", "Met the outcome", "Schools"),
        years,
        "The outcome of a feature year is of the school year after it. No year was shuffled with another.",
        worded=True,
    )
    flow_table = Table(
        f"Where every pupil went, {results.year}",
        ("Step", "Pupils"),
        flow,
        "Pupils without a known outcome are not in the measures; a list would still have held some of them.",
    )
    return Section("flow", "Years and pupils", tables=(year_table, flow_table))


def method_section(results: Results) -> Section:
    """How it was measured, and what the words mean."""
    about = results.evidence.about
    words = (
        f"Every rival was judged on the same pupils and the same {results.capacity:,} places. Intervals come from "
        f"{int(about['rounds']):,} draws of whole schools, since pupils of one school are alike; both lists of a "
        f"comparison are judged on the same draw. An interval holds {share(float(about['level']))} of the draws.",
        "For each test year the models were trained on the years before it, their chances set on the year before, and "
        f"the records used as known on day {about['as_of']['day']} of month {about['as_of']['month']} after the "
        "feature year.",
        *map(str, about["notes"]),
        results.policy.words,
    )
    printed = {row["measure"] for row in results.rows("measures") if row["rival"] == results.candidate}
    rows = tuple(
        (capital(spaced(name)), capital(measure.words))
        for name, measure in MEASURES.items()
        if name in printed
    )
    table = Table(
        "What each measure says",
        ("Measure", "In words"),
        rows,
        "The same names stand in measures.csv.",
        worded=True,
    )
    stamps = Table(
        "What was tested",
        ("", ""),
        _stamps(about),
        "With these the test can be made again, to the byte.",
        worded=True,
    )
    tables = (_rivals(results), *_shape(results), table, stamps)
    return Section("method", "How it was measured", words, tables=tables)


def _shape(results: Results) -> tuple[Table, ...]:
    """How the size of the candidate's trees was chosen before each test; nothing if the settings gave it."""
    rows = [row for year in _years_of(results) for row in results.rows("model_shape", year)]
    if not rows:
        return ()
    shown = tuple((str(row["year"]), *shape.cells(row)) for row in rows)
    heads = ("Test year", *shape.heads_of(results.capacity))
    strong = frozenset(place for place, row in enumerate(rows) if row["chosen"])
    return (Table("How large the trees may grow, by evidence", heads, shown, shape.READING, strong),)


def _years_of(results: Results) -> list[str]:
    return sorted({str(year) for year in results.tables["model_shape"]["year"]})


def _rivals(results: Results) -> Table:
    said = {str(row["rival"]): row for row in results.rows("measures")}
    rows = tuple(
        (rival_words(rival, candidate=bool(row["candidate"])), capital(str(row["words"])))
        for rival, row in said.items()
    )
    reading = (
        "A rule needs no training and can be worked out by hand. Every model was trained on earlier years."
    )
    return Table("What each model and rule is", ("Model or rule", "In words"), rows, reading, worded=True)


def _stamps(about: Any) -> tuple[tuple[str, str], ...]:
    stamps = [
        ("Model", f"{about['name']} ({about['model']})"),
        ("Families of records", listed(spaced(family) for family in about["families"])),
        ("Outcome", str(about["outcome"]["name"])),
        ("Seed, draws, refits", f"{about['seed']}, {about['rounds']}, {about['refits']}"),
        ("Store", str(about["store_fingerprint"])[:16]),
        ("Settings", str(about["settings_sha256"])[:16]),
        ("Model file", str(about["bundle_sha256"])[:16]),
    ]
    return tuple(stamps + [(str(name), str(version)) for name, version in sorted(about["versions"].items())])
