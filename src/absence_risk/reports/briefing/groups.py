"""The parts of an evidence page on people: who was missed, and whether the list serves each group alike."""

from __future__ import annotations

import math
from typing import Any

from ...disclosure import HIDDEN
from .figures import in_order
from .printed import (
    FigureShown,
    Results,
    Section,
    Table,
    gap_with_interval,
    number,
    share,
)
from .terms import capital, group_name, natural, spaced
from .words import in_words

Row = dict[str, Any]

#: Rates whose gaps are looked at, with their words.
GAPS = (
    ("selection_rate", "listed"),
    ("precision", "right of those listed"),
    ("miss_rate", "missed of those who met the outcome"),
    ("false_listing_rate", "listed of those who did not meet it"),
)
_ENOUGH = "enough"


def missed_section(results: Results) -> Section:
    """Pupils who met the outcome and were not on the list, described in counts and never by name."""
    rows = sorted(results.rows("missed"), key=lambda row: (str(row["description"]), natural(row["level"])))
    cells = tuple(
        (
            f"{capital(spaced(row['description']))}: {spaced(row['level'])}",
            number(row["events"]),
            number(row["found"]),
            number(row["missed"]),
            share(float(row["miss_rate"])),
        )
        for row in rows
    )
    heads = ("Pupils", "Met the outcome", "On the list", "Missed", "Share missed")
    table = Table(f"Who was missed, {results.year}", heads, cells, _missed_reading(rows))
    words = "Those who are missed count as much as those who are found: other routes to help must stay open for them."
    return Section("missed", "Who was missed", (words,), tables=(table,))


def _missed_reading(rows: list[Row]) -> str:
    known = [row for row in rows if isinstance(row["missed"], int) and not math.isnan(row["miss_rate"])]
    if not known:
        return "Every number here is too small to print."
    most = max(known, key=lambda row: (row["missed"], str(row["description"]), str(row["level"])))
    where = f"{spaced(most['description'])}: {spaced(most['level'])}"
    return (
        f"The largest number missed in one line is about {most['missed']:,} ({where}), "
        f"{in_words(most['miss_rate'])} of those there who met the outcome."
    )


def groups_section(results: Results) -> Section:
    """The list by group, each gap to everyone else with its interval."""
    rows = in_order(results.rows("groups"))
    single = [row for row in rows if " and " not in str(row["attribute"])]
    few = sum(row["state"] != _ENOUGH for row in rows if row["attribute"] != "overall")
    words = (
        "Sex and ethnicity are never given to the model; they are looked at here alone. A gap is a group's rate "
        "less that of everyone else.",
        chance_words(rows, results),
        f"Of {few:,} groups or pairs of groups there are too few pupils to say. That is not the same as no "
        "difference.",
    )
    return Section(
        "groups",
        "Does it serve each group alike?",
        words,
        (
            _gap_shown(single, "miss_rate", "missed"),
            _gap_shown(single, "false_listing_rate", "listed wrongly"),
        ),
        (_group_table(results, single), _clear_table(results, rows)),
    )


def gaps_of(rows: list[Row]) -> list[tuple[Row, str]]:
    """Every gap that was looked at: groups with enough pupils, each rate whose gap is shown, with an interval."""
    return [
        (row, rate)
        for row in rows
        if row["attribute"] != "overall" and row["state"] == _ENOUGH
        for rate, _ in GAPS
        if not math.isnan(row[f"{rate}_gap"]) and not math.isnan(row[f"{rate}_gap_low"])
    ]


def is_clear(row: Row, rate: str) -> bool:
    """The gap's whole interval lies on one side of nought."""
    return bool(row[f"{rate}_gap_low"] > 0 or row[f"{rate}_gap_high"] < 0)


def chance_words(rows: list[Row], results: Results) -> str:
    """How many gaps were looked at and how many would look clear by chance alone."""
    looked = gaps_of(rows)
    clear = sum(is_clear(row, rate) for row, rate in looked)
    level = float(results.evidence.about["level"])
    by_chance = round(len(looked) * (1 - level))
    return (
        f"{len(looked):,} gaps were looked at, and {clear:,} look clear. Were there no difference at all, about 1 "
        f"in 20 would look clear by chance: about {by_chance:,} here. So one clear gap is a reason to look "
        "further, not a finding."
    )


def _gap_shown(rows: list[Row], rate: str, words: str) -> FigureShown:
    known = [(row, rate) for row, found in gaps_of(rows) if found == rate]
    clear = [row for row, _ in known if is_clear(row, rate)]
    reading = f"Right of the line: {words} more often than everyone else. "
    if clear:
        widest = max(clear, key=lambda row: (abs(row[f"{rate}_gap"]), str(row["group"])))
        points = abs(widest[f"{rate}_gap"]) * 100
        more = "more" if widest[f"{rate}_gap"] > 0 else "fewer"
        name = group_name(widest["attribute"], widest["group"])
        reading += (
            f"Of {len(known)} groups with enough pupils, {len(clear)} differ clearly; the widest: {name}, "
            f"{points:.0f} in 100 {more}."
        )
    else:
        reading += f"Of {len(known)} groups with enough pupils, none differs clearly."
    name = "miss_rate_gaps" if rate == "miss_rate" else "false_listing_gaps"
    return FigureShown(name, f"How much more often each group is {words}, with intervals", reading)


def _group_table(results: Results, rows: list[Row]) -> Table:
    cells = tuple(
        (
            group_name(row["attribute"], row["group"]),
            number(row["n"]),
            number(row["events"]),
            number(row["listed"]),
            share(float(row["selection_rate"]), 1),
            _state_or(row, share(float(row["precision"]))),
            _state_or(row, share(float(row["miss_rate"]))),
            _state_or(row, gap_with_interval(row, "calibration_gap")),
        )
        for row in rows
    )
    heads = ("Group", "Pupils", "Met the outcome", "Listed", "Share listed", "Right of listed", "Missed",
             "Observed less stated, in 100")  # fmt: skip
    reading = (
        f"{HIDDEN} stands for a number too small to print, or one from which such a number could be worked out. "
        "Too few: too few pupils to say, which is not the same as no difference. Pairs of groups and every interval "
        "are in groups.csv."
    )
    strong = frozenset(place for place, row in enumerate(rows) if row["attribute"] == "overall")
    return Table(f"The list by group, {results.year}", heads, cells, reading, strong)


def _state_or(row: Row, text: str) -> str:
    return text if row["state"] == _ENOUGH else "too\N{NO-BREAK SPACE}few"


def _clear_table(results: Results, rows: list[Row]) -> Table:
    words = dict(GAPS)
    clear = [(row, rate) for row, rate in gaps_of(rows) if is_clear(row, rate)]
    widest = sorted(
        clear, key=lambda found: (-abs(found[0][f"{found[1]}_gap"]), str(found[0]["group"]), found[1])
    )[:12]
    cells = tuple(
        (
            group_name(row["attribute"], row["group"]),
            capital(words[rate]),
            gap_with_interval(row, f"{rate}_gap"),
        )
        for row, rate in widest
    )
    reading = (
        f"The widest of {len(clear)} clear gaps, pairs of groups among them, in points of 100 with 95% intervals. "
        "Groups differ in how often they meet the outcome, so a gap in who is listed is no fault by itself; one "
        "in who is missed deserves a question."
        if clear
        else "No gap looks clear."
    )
    return Table(
        "Gaps that look clear, widest first",
        ("Group", "Share", "Gap to everyone else"),
        cells,
        reading,
        worded=True,
    )


def seen_section(results: Results) -> Section:
    """Pupils and schools the model has met in training, and those it has not."""
    rows = [
        row
        for row in results.rows("views")
        if "seen" in str(row["attribute"]) or row["attribute"] == "overall"
    ]
    cells = tuple(
        (
            group_name(row["attribute"], row["group"]),
            number(row["n"]),
            number(row["events"]),
            number(row["listed"]),
            number(row["found"]),
            _state_or(row, share(float(row["precision"]))),
            _state_or(row, share(float(row["miss_rate"]))),
        )
        for row in rows
    )
    heads = ("Pupils", "Number", "Met the outcome", "Listed", "Right", "Right of listed", "Missed")
    reading = (
        "A list for next year holds pupils and schools that the model has not met. If it did far worse on them "
        "here, it has learnt the pupils and not the pattern."
    )
    table = Table(f"Seen and not seen in training, {results.year}", heads, cells, reading)
    return Section("seen", "New pupils and new schools", tables=(table,))
