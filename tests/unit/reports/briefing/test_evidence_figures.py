"""Figures of a backtest: the same bytes for the same numbers, and nothing drawn that may not be printed."""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree

import pandas as pd
import pytest
from made_evidence import CAPACITY, FINAL, evidence_with, made_evidence

from absence_risk.disclosure import DisclosurePolicy
from absence_risk.evidence.tables import EVIDENCE_TABLES
from absence_risk.reports.briefing.figures import (
    evidence_figures,
    gap_figure,
    in_order,
    inclusion_figure,
    odds_figure,
    precision_figure,
    shown_tables,
    uplift_figure,
)
from absence_risk.reports.briefing.forest import Block, Point, forest_figure
from absence_risk.reports.briefing.inline_svg import inline_svg

POLICY = DisclosurePolicy()
NAN = float("nan")


@cache
def figures() -> dict[str, bytes]:
    return evidence_figures(made_evidence(), POLICY)


@cache
def tables() -> dict[str, pd.DataFrame]:
    return shown_tables(made_evidence(), POLICY)


def words_of(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(found.itertext()) for found in root.iter("{http://www.w3.org/2000/svg}text")]


def final(name: str) -> pd.DataFrame:
    return tables()[name][tables()[name]["year"] == FINAL]


def test_every_figure_is_drawn_and_the_same_numbers_give_the_same_bytes() -> None:
    assert set(figures()) == {"precision", "uplift", "list_length", "calibration", "net_benefit", "miss_rate_gaps",
                              "false_listing_gaps", "inclusion", "odds_ratios"}  # fmt: skip
    rows = tables()["measures"]
    assert precision_figure(rows, capacity=CAPACITY, first=FINAL) == figures()["precision"]


@pytest.mark.parametrize("name", ["precision", "list_length", "net_benefit", "miss_rate_gaps", "odds_ratios"])
def test_a_figure_is_words_and_lines_without_a_date(name: str) -> None:
    content = figures()[name].decode("utf-8")
    assert "<text" in content and "dc:date" not in content and not re.search(r"20\d\d-\d\d-\d\d", content)


def test_every_rival_stands_in_the_forest_best_first_and_our_own_in_bold() -> None:
    words = words_of(figures()["precision"])
    rivals = [
        w for w in words if w in ("This model (boosted trees)", "Places drawn by lot", "Logistic regression")
    ]
    assert rivals == ["This model (boosted trees)", "Logistic regression", "Places drawn by lot"]
    assert "test year 2024/25" in words and "test year 2023/24" in words


def test_the_order_of_rows_makes_no_difference_to_a_figure() -> None:
    turned = tables()["uplift"].iloc[::-1].reset_index(drop=True)
    assert uplift_figure(turned, capacity=CAPACITY, first=FINAL) == figures()["uplift"]


def test_a_group_with_too_few_pupils_is_named_and_not_drawn() -> None:
    words = words_of(gap_figure(final("groups"), "miss_rate"))
    assert words.index("Sex") < words.index("F") and "not recorded" in words
    few = final("groups")["state"].ne("enough") & ~final("groups")["attribute"].str.contains(" and ")
    assert words.count("too few to say") == few.sum() > 0


def test_a_gap_that_may_not_be_printed_is_not_drawn_either() -> None:
    groups = final("groups")
    hidden = groups[groups["false_listing_rate_gap"].isna() & (groups["state"] == "enough")]
    words = words_of(gap_figure(groups, "false_listing_rate"))
    assert len(hidden) and sum("too small to print" in word for word in words) >= 1


def test_pairs_of_groups_stay_in_the_tables() -> None:
    assert not any(" and " in word for word in words_of(figures()["miss_rate_gaps"]))


def test_a_hidden_number_is_written_as_c_and_has_no_height() -> None:
    words = words_of(inclusion_figure(tables()["inclusion"]))
    assert words.count("c") == list(tables()["inclusion"]["listed"]).count("c") > 0


def test_reference_levels_are_left_out_and_too_few_is_said() -> None:
    words = words_of(odds_figure(tables()["odds_ratios"]))
    assert "Suspensions this year: 2 or more" in words and "Suspensions this year: 0" not in words
    assert words.count("too few to say") == 2


def test_figures_without_numbers_are_left_out() -> None:
    tables = made_evidence().tables
    none = {name: tables[name].iloc[:0] for name in ("inclusion", "odds_ratios")}
    found = evidence_figures(evidence_with(**none), POLICY)
    assert set(figures()) - set(found) == {"inclusion", "odds_ratios"}


def test_levels_stand_in_their_natural_order() -> None:
    rows = [{"attribute": "year group", "group": group} for group in ("10", "2", "1")]
    assert [row["group"] for row in in_order(rows)] == ["1", "2", "10"]


def test_a_forest_of_nothing_is_still_a_drawing() -> None:
    assert b"<svg" in forest_figure([], title="Nothing", x_label="")


def test_a_point_without_an_interval_is_drawn_and_a_missing_one_is_said() -> None:
    blocks = [Block("a", (Point("x", 0.5, NAN, NAN), Point("y", NAN, NAN, NAN, "not shown")))]
    words = words_of(forest_figure(blocks, title="T", x_label="share", scale="share"))
    assert "not shown" in words and "a" in words


def test_in_a_page_a_drawing_has_no_style_and_names_of_its_own() -> None:
    one = inline_svg(figures()["precision"], name="first", label='Share & "more"')
    other = inline_svg(figures()["precision"], name="second", label="x")
    assert (
        "style=" not in one
        and "<style" not in one
        and "metadata" not in one
        and "width=" not in one.split(">")[0]
    )
    assert 'aria-label="Share &amp; &quot;more&quot;"' in one and 'role="img"' in one
    names = [set(re.findall(r'id="([^"]+)"', drawing)) for drawing in (one, other)]
    assert names[0] and not names[0] & names[1]
    for drawing, own in zip((one, other), names, strict=True):
        assert (
            set(re.findall(r'href="#([^"]+)"', drawing)) | set(re.findall(r"url\(#([^)]+)\)", drawing)) <= own
        )


def test_a_style_becomes_attributes_of_the_same_names() -> None:
    path = b'<path id="a" style="fill: #fff; stroke-width: 2"/>'
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="4pt">' + path + b"</svg>"
    assert '<path id="n-a" fill="#fff" stroke-width="2" />' in inline_svg(svg, name="n", label="l")


def test_the_tables_drawn_from_are_those_declared() -> None:
    assert list(tables()) == list(EVIDENCE_TABLES)
