"""The parts of an evidence page on how well the model did: by year, beside rivals, by length of list, as a chance."""

from __future__ import annotations

import math
from typing import Any

from ...features.phrasing import listed
from .printed import (
    NOT_KNOWN,
    FigureShown,
    Results,
    Section,
    Table,
    difference_with_interval,
    number,
    share,
    share_with_interval,
    statistic,
)
from .terms import capital, rival_words, uncapital
from .words import in_words, more_or_fewer, outcome_to, pupils

_LENGTHS = ("half_capacity", "capacity", "double_capacity")


def years_section(results: Results) -> Section:
    """Each test year on its own, since a mean hides a bad one."""
    tested = [row for row in _all_years(results) if row["role"] == "tested"]
    rows, gaps = [], []
    for row in tested:
        year = str(row["year"])
        right, missed = (
            results.measure(f"{name}_at_capacity", year=year) for name in ("precision", "recall")
        )
        beside = next((r for r in results.rows("uplift", year) if r["rival"] == results.ours.rival), None)
        if beside:
            gaps.append(f"{more_or_fewer(beside['difference'])} in {year}")
        rows.append(
            (
                f"{year}{' (final)' if row['final'] else ''}",
                str(row["trained"]),
                str(row["calibrated"]),
                number(right["part"]),
                share_with_interval(right),
                share_with_interval(missed),
                difference_with_interval(beside) if beside else NOT_KNOWN,
            )
        )
    heads = (
        "Test year",
        "Trained on",
        "Calibrated on",
        f"Right of {results.capacity:,}",
        "Share right",
        "Share of all found",
        "More than the rule",
    )
    reading = (
        "Each test year was foreseen by models that had seen only years before it. Beside the rule "
        f"\N{LEFT DOUBLE QUOTATION MARK}{uncapital(rival_words(results.ours.rival))}\N{RIGHT DOUBLE QUOTATION MARK} "
        f"the model found {listed(gaps)}, of {results.capacity:,} places."
    )
    table = Table("Results of each test year, with 95% intervals", heads, tuple(rows), reading)
    return Section("years", "Year by year", tables=(table,))


def _all_years(results: Results) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in results.tables["years"].to_dict("records")]


def rivals_section(results: Results) -> Section:
    """Every model and rule on the same pupils and the same number of places."""
    rows, right = [], {}
    uplift = {row["rival"]: row for row in results.rows("uplift")}
    for row in results.rows("measures"):
        if row["measure"] == "precision_at_capacity":
            right[str(row["rival"])] = row
    order = sorted(right, key=lambda rival: (-_or_last(right[rival]["value"]), rival))
    for rival in order:
        row = right[rival]
        own = bool(row["candidate"])
        cells = (
            rival_words(rival, candidate=own),
            number(row["part"]),
            share_with_interval(row),
            statistic(float(results.measure("average_precision", rival=rival)["value"])),
            "" if own else difference_with_interval(uplift[rival]) if rival in uplift else NOT_KNOWN,
        )
        rows.append(cells)
    heads = (
        "Model or rule",
        f"Right of {results.capacity:,}",
        "Share right",
        "Average precision",
        "Model finds more by",
    )
    table = Table(
        f"Models and rules on the same pupils and places, {results.year}",
        heads,
        tuple(rows),
        _rivals_reading(results, uplift),
        frozenset(place for place, rival in enumerate(order) if right[rival]["candidate"]),
    )
    return Section(
        "rivals",
        "Beside every rival",
        (
            "A model earns its place only if it finds more pupils than a rule that anyone can work out by hand.",
        ),
        (_precision_shown(results, right, order), _uplift_shown(results, uplift)),
        (table,),
    )


def _or_last(value: float) -> float:
    return -math.inf if math.isnan(value) else value


def _precision_shown(results: Results, right: dict[str, Any], order: list[str]) -> FigureShown:
    best = order[0]
    own = right[results.candidate]
    reading = (
        f"Each point is the share of {results.capacity:,} listed pupils who went on to "
        f"{outcome_to(results.evidence)}; the line is its 95% interval. Here the model stands at "
        f"{share(own['value'])}"
    )
    if best != results.candidate:
        reading += f"; {uncapital(rival_words(best))} stands highest, at {share(right[best]['value'])}"
    return FigureShown(
        "precision", "Share of the list that was right, by model and rule, with intervals", reading + "."
    )


def _uplift_shown(results: Results, uplift: dict[Any, Any]) -> FigureShown:
    clear = sum(row["low"] > 0 for row in uplift.values())
    worse = sum(row["high"] < 0 for row in uplift.values())
    reading = (
        f"Points to the right of the line: the model finds more. In {results.year} it finds clearly more than "
        f"{clear} of {len(uplift)} rivals (interval wholly to the right), clearly fewer than {worse}, and with the "
        f"other {len(uplift) - clear - worse} one cannot tell."
    )
    return FigureShown("uplift", "More pupils found by the model than by each rival, with intervals", reading)


def _rivals_reading(results: Results, uplift: dict[Any, Any]) -> str:
    lot = results.measure("precision_at_capacity", rival="random")
    said = "All stand on the same pupils; pupils who share the last place are counted in expectation."
    if not math.isnan(lot["value"]):
        said += f" Places drawn by lot would be right in {share(lot['value'])} of cases ({in_words(lot['value'])})."
    models = [row for row in uplift.values() if row["kind"] == "model" and row["low"] <= 0 <= row["high"]]
    if models:
        names = listed(uncapital(rival_words(row["rival"])) for row in models)
        said += f" Not told apart from this model: {names}."
    return said


def lengths_section(results: Results) -> Section:
    """What a shorter or a longer list would find."""
    rows = []
    for length in _LENGTHS:
        precision, recall, reviews = (
            results.measure(f"{name}_at_{length}") for name in ("precision", "recall", "reviews_per_find")
        )
        cells = (number(precision["of"]), number(precision["part"]), share_with_interval(precision),
                 share_with_interval(recall), statistic(float(reviews["value"]), 1))  # fmt: skip
        rows.append(cells)
    table = Table(
        f"Half, the whole and double the places, {results.year}",
        ("Pupils on the list", "Right", "Share right", "Share of all found", "Looked at per pupil found"),
        tuple(rows),
        _lengths_reading(results),
        frozenset({1}),
    )
    shown = FigureShown(
        "list_length",
        "Share right and share found by length of list",
        "The longer the list, the fewer of it are right and the more of all are found. The dotted line marks the "
        f"{results.capacity:,} places there are.",
    )
    return Section("lengths", "Shorter and longer lists", figures=(shown,), tables=(table,))


def _lengths_reading(results: Results) -> str:
    one, two = (results.measure(f"recall_at_{length}") for length in ("capacity", "double_capacity"))
    if math.isnan(one["value"]) or math.isnan(two["value"]):
        return "Where a number is hidden, its share is left out."
    return (
        f"With {results.capacity:,} places, {share(one['value'])} of all pupils who went on to it are on the list; "
        f"with twice as many, {share(two['value'])}."
    )


def news_section(results: Results) -> Section:
    """Whether the list tells a team anything new: onset and continuing cases, and the newly known."""
    rows = []
    for view, words in (
        ("onset", "Not persistently absent in the feature year"),
        ("continuing", "Persistently absent in the feature year"),
    ):
        precision, recall = (results.measure(f"{view}_{name}") for name in ("precision", "recall"))
        cells = (words, number(precision["of"]), number(precision["part"]), share_with_interval(precision),
                 number(recall["of"]), share_with_interval(recall))  # fmt: skip
        rows.append(cells)
    heads = ("Pupils", "On the list", "Right", "Share right", "Met the outcome", "Share of them found")
    table = Table(f"New and continuing cases, {results.year}", heads, tuple(rows), _news_reading(results))
    new = results.measure("newly_known_share")
    said = (
        f"{capital(pupils(new['part'], results.policy))} of {pupils(new['of'], results.policy)} rightly listed "
        "pupils were neither persistently absent in the feature year nor open to social "
        f"care{_share_in_brackets(new)}. Of the others a school or a service knew something already."
    )
    tables = (table, *_onset_tables(results))
    return Section("news", "Does it tell anything new?", (said,), tables=tables)


def _onset_tables(results: Results) -> tuple[Table, ...]:
    """A list of those alone who are not yet persistently absent; nothing where none could be drawn."""
    rows = sorted(
        results.rows("onset_list"), key=lambda row: (-_or_last(row["precision"]), str(row["rival"]))
    )
    if not rows:
        return ()
    places = int(rows[0]["k"])
    cells = tuple(
        (
            rival_words(str(row["rival"]), candidate=bool(row["candidate"])),
            number(row["found"]),
            share_with_interval(row, "precision"),
        )
        for row in rows
    )
    return (
        Table(
            f"A list of {places:,} drawn only from pupils not persistently absent, {results.year}",
            ("Model or rule", f"Right of {places:,}", "Share right"),
            cells,
            "Harder than the whole list: nothing in these pupils' year says yet that it will begin.",
            frozenset(place for place, row in enumerate(rows) if row["candidate"]),
        ),
    )


def _share_in_brackets(row: dict[str, Any]) -> str:
    return (
        "" if math.isnan(row["value"]) else f" ({share_with_interval(row).replace(' (', '; 95% interval ')}"
    )


def _news_reading(results: Results) -> str:
    onset, continuing = (results.measure(f"{name}_recall")["value"] for name in ("onset", "continuing"))
    if math.isnan(onset) or math.isnan(continuing):
        return "Where a number is hidden, its share is left out. No pupil stands in both lines."
    return (
        f"The list finds {share(onset)} of pupils for whom it began and {share(continuing)} of those for whom it "
        "went on. Pupils whose attendance is not held are in neither line."
    )
