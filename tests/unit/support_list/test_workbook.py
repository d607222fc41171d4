import io
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from made_contents import GATES, MANIFEST, PLAN, TERMS, made_contents

from absence_risk.decisions.declaration import (
    ABOUT_SHEET,
    CHOICES_SHEET,
    DECISION,
    DECISIONS,
    FIELDS,
    REFERENCE,
    SHEET_FORMAT,
)
from absence_risk.features.words import BANNED_WORDS
from absence_risk.reports.gate_statement import GateStatement
from absence_risk.spreadsheet import CELL_LIMIT, looks_like_formula
from absence_risk.support_list import words
from absence_risk.support_list.card import Event, ListContents
from absence_risk.support_list.workbook.workbook import workbook_bytes

LIST_ID = "5c5c5c5c"
HOSTILE = (
    "=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\n=1", "\r=1", " =1", "\u200b=1", "＝1+1", "＋1", "－1", "＠SUM(A1)",
    "=cmd|' /C calc'!A0", "DDE(\"cmd\";\"/C calc\";\"x\")", '=HYPERLINK("http://example.invalid","click")', "{=1+1}",
    "http://example.invalid", "mailto:a@example.invalid", "internal:Choices!A1", "'quoted'", "[a]:*?/\\b", "History",
    "How to use", "support list", "Choices", "About this list", "", "   ", "'", "A1", "R1C1", "TRUE", "1/2", "007",
    "St Mary & St John's <b>School</b>", "\u202eloohcS", "\x00\x1bbell", "_x0041_", "🏫" * 40, "Ö" * 80, "</t></si>",
    "\ud800half", "&C&P", "#REF!",
)  # fmt: skip


def built(contents: ListContents | None = None, **changed: Any) -> bytes:
    given: dict[str, Any] = {
        "manifest": MANIFEST,
        "terms": TERMS,
        "plan": PLAN,
        "list_id": LIST_ID,
        "gates": GATES,
    }
    given |= changed
    return workbook_bytes(
        given.pop("manifest"), given.pop("terms"), given.pop("plan"), contents or made_contents(), **given
    )


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name).decode("utf-8") for name in packed.namelist()}


def texts(book: openpyxl.Workbook) -> list[str]:
    return [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ]


def table(sheet: Any, head: int = 1) -> list[dict[str, Any]]:
    rows = list(sheet.iter_rows(min_row=head, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def head_row(sheet: Any) -> int:
    return next(row for row in range(1, 40) if sheet.cell(row, 1).value == REFERENCE)


def deciding(book: openpyxl.Workbook) -> list[Any]:
    return [sheet for sheet in book if {REFERENCE, DECISION.header} <= {cell.value for cell in sheet[1]}]


@pytest.fixture(scope="module")
def data() -> bytes:
    return built()


@pytest.fixture(scope="module")
def book(data: bytes) -> openpyxl.Workbook:
    return opened(data)


# --- the working sheet ---------------------------------------------------------------------------------------------


def test_the_sheets_stand_in_the_order_in_which_they_are_used_and_two_are_hidden(
    book: openpyxl.Workbook,
) -> None:
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("How to use", "visible"),
        ("Support list", "visible"),
        ("Reserve", "visible"),
        ("Missed half or more", "visible"),
        ("Virtual school", "visible"),
        ("Not looked at", "visible"),
        ("What changed", "visible"),
        ("Chronology", "visible"),
        (CHOICES_SHEET, "hidden"),
        (ABOUT_SHEET, "hidden"),
    ]


def test_what_the_records_show_stands_before_the_own_view_and_how_sure_after_it(
    book: openpyxl.Workbook,
) -> None:
    headers = [cell.value for cell in book["Support list"][1]]
    view, sure = headers.index("First view"), headers.index("How sure")
    assert headers[0] == REFERENCE
    assert headers[: view + 1][-7:] == [field.header for field in FIELDS[:7]]
    assert headers[view + 1 : sure + 1] == ["Firm or borderline", "How sure"]
    assert headers[sure + 1 :] == [field.header for field in FIELDS[7:]]
    assert len(set(headers)) == len(headers)
    assert all(
        headers.index(said) < view for said in ("Why listed", "What speaks the other way", "Check first")
    )


def test_a_row_says_what_its_card_says_and_leaves_the_decision_empty(book: openpyxl.Workbook) -> None:
    card = made_contents().cards[2]
    row = table(book["Support list"])[2]
    assert row[REFERENCE] == card.review_ref == "A-003"
    assert (row["School"], row["Locality"], row["Year group"]) == (card.school, "North", card.year_group)
    assert row["Part of the list"] == "On the list"
    assert row["Missed without authorisation, 2025/26"] == "12 days"
    assert row["Missed without authorisation, 2024/25"] == "none"
    assert row["Missed through illness, 2024/25"] == "not held"
    assert row["Why listed"] == "\n".join(card.why_listed)
    assert row["What speaks the other way"] == "\n".join(card.other_way)
    assert row["Who leads"] == card.route.lead
    assert row["How sure"] == f"{card.how_sure}\n{card.standing_words}"
    assert row["Firm or borderline"] == card.standing.capitalize()
    assert all(row[field.header] is None for field in FIELDS)


def test_every_reference_that_can_be_decided_on_has_one_row_and_one_alone(book: openpyxl.Workbook) -> None:
    contents = made_contents()
    refs = [row[REFERENCE] for sheet in deciding(book) for row in table(sheet)]
    assert refs == [card.review_ref for card in contents.cards] + ["B-001"]
    assert book[ABOUT_SHEET]["B3"].value == str(len(refs))


def test_a_child_on_the_list_who_missed_half_of_school_is_told_as_a_rule(book: openpyxl.Workbook) -> None:
    rules = table(book["Support list"])[0]["Rules that hold"]
    assert rules.startswith("Missed half or more of school: 120 days of 190 days.\n")
    assert table(book["Support list"])[1]["Rules that hold"] == "None"


@pytest.mark.parametrize("title", ["Support list", "Reserve", "Missed half or more"])
def test_drop_downs_and_checks_cover_every_row_of_their_column(book: openpyxl.Workbook, title: str) -> None:
    sheet = book[title]
    by_range = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    choices = {
        column[0].value: [c.value for c in column[1:] if c.value] for column in book[CHOICES_SHEET].columns
    }
    for cell in sheet[1]:
        field = next((f for f in FIELDS if f.header == cell.value), None)
        if field is None:
            continue
        letter, last = cell.column_letter, sheet.max_row
        rule = by_range.pop(f"{letter}2:{letter}{last}" if last > 2 else f"{letter}2")
        assert rule.promptTitle == field.header and rule.prompt.startswith(field.hint)
        assert len(rule.promptTitle) <= 32 and len(rule.prompt) <= 255
        assert ("Every row needs this." in rule.prompt) is field.required
        if field.kind in ("choice", "yes_no"):
            expected = list(field.choices or getattr(PLAN, field.vocabulary))
            assert (rule.type, rule.errorStyle or "stop") == ("list", "stop")
            place = re.fullmatch(rf"'{CHOICES_SHEET}'!\$([A-Z])\$2:\$\1\$(\d+)", rule.formula1)
            assert place is not None
            column = book[CHOICES_SHEET][place[1]]
            assert column[0].value == field.name
            assert [c.value for c in column[1 : int(place[2])]] == expected == choices[field.name]
        elif field.kind == "date":
            assert (rule.type, rule.operator) == ("date", "greaterThanOrEqual")
            assert int(rule.formula1) == (date(2020, 1, 1) - date(1899, 12, 30)).days
            assert "03/11/2026" in rule.prompt
        elif field.kind == "number":
            assert (rule.type, rule.operator, rule.formula1) == ("whole", "greaterThanOrEqual", "0")
        else:
            assert rule.type in (None, "none")
    assert not by_range


def test_cells_to_fill_in_have_the_form_of_what_is_typed(book: openpyxl.Workbook) -> None:
    sheet = book["Support list"]
    forms = {"date": "dd/mm/yyyy", "number": "0"}
    for cell in sheet[1]:
        field = next((f for f in FIELDS if f.header == cell.value), None)
        if field is not None:
            found = {sheet.cell(row, cell.column).number_format for row in range(2, sheet.max_row + 1)}
            assert found == {forms.get(field.kind, "@")}


def test_a_vocabulary_the_authority_left_empty_gives_an_open_column() -> None:
    sheet = opened(built(plan=replace(PLAN, levels=())))["Support list"]
    rules = {rule.promptTitle: rule.type for rule in sheet.data_validations.dataValidation}
    assert (rules["Level"], rules["Stage"]) in {(None, "list"), ("none", "list")}


def test_headers_stay_in_view_rows_can_be_filtered_and_every_sheet_prints_with_its_terms(
    book: openpyxl.Workbook,
) -> None:
    for sheet in book.worksheets[:-2]:
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
        assert "For offers of support only" in sheet.oddFooter.left.text
        assert f"List {LIST_ID}; last day of use 12 February 2027." in sheet.oddFooter.left.text
        assert not any(column.hidden for column in sheet.column_dimensions.values())
        if sheet.title != "How to use":
            head, last = head_row(sheet), sheet.max_row
            letter = sheet.cell(head, sheet.max_column).column_letter
            assert sheet.auto_filter.ref == f"A{head}:{letter}{last}"
            assert sheet.freeze_panes in {f"B{head + 1}", f"C{head + 1}"}
            assert sheet.print_title_rows == f"${head}:${head}"
            assert all(cell.font.b and cell.alignment.wrap_text for cell in sheet[head])


def test_rows_are_high_enough_for_their_longest_text_in_programs_that_do_not_fit_them(
    book: openpyxl.Workbook,
) -> None:
    sheet = book["Support list"]
    assert all(52 <= sheet.row_dimensions[row].height <= 409 for row in range(2, sheet.max_row + 1))


# --- one sheet for each school or locality -------------------------------------------------------------------------


def test_with_a_sheet_for_each_school_an_overview_says_where_to_decide() -> None:
    book = opened(built(plan=replace(PLAN, sheets_by="school")))
    assert book.sheetnames[1:5] == ["Overview", "Brook Lane School", "Hill Top School", "Reserve"]
    overview = table(book["Overview"])
    assert DECISION.header not in overview[0]
    assert [row[REFERENCE] for row in overview] == [
        c.review_ref for c in made_contents().cards if c.part != "reserve"
    ]
    for row in overview:
        assert row[REFERENCE] in {r[REFERENCE] for r in table(book[row["Decide on sheet"]])}


def test_two_schools_of_one_name_have_a_sheet_each() -> None:
    contents = made_contents(
        schools=(("8504001", "Hill Top"), ("8504002", "HILL TOP"), ("8504003", "Hill Top"))
    )
    book = opened(built(contents, plan=replace(PLAN, sheets_by="school")))
    assert [s.title for s in deciding(book)][:3] == ["HILL TOP", "Hill Top (2)", "Hill Top (3)"]


def test_a_school_without_a_locality_stands_on_a_sheet_of_its_own_kind() -> None:
    contents = made_contents(schools=(("8504001", "Hill Top"), ("8504009", "Far School")))
    book = opened(built(contents, plan=replace(PLAN, sheets_by="locality")))
    assert book.sheetnames[1:4] == ["Overview", "No locality", "North"]


# --- the sheets beside ---------------------------------------------------------------------------------------------


def test_the_virtual_school_and_those_not_looked_at_have_their_sheets(book: openpyxl.Workbook) -> None:
    school = book["Virtual school"]
    assert [row[REFERENCE] for row in table(school, head_row(school))] == ["L-001", "V-001"]
    off = book["Not looked at"]
    said = [off.cell(row, 1).value for row in range(1, head_row(off))]
    assert any(line.startswith("25: not on a school's roll here") for line in said)
    assert {"fewer than 10: left out on request", "about 10: left out for protection"} <= set(said)
    assert not any(line.startswith("5: ") for line in said)
    assert table(off, head_row(off))[0]["Last on a roll here"] == "21 July 2026"


def test_what_changed_says_which_list_a_reference_belongs_to(book: openpyxl.Workbook) -> None:
    sheet = book["What changed"]
    rows = [tuple(row.values()) for row in table(sheet, head_row(sheet))]
    assert rows[0] == ("A-002", "this list", "New", None)
    assert rows[-1] == ("A-009", "list 0badcafe", "No longer listed", "No longer among the first.")
    moved = [row for row in rows if row[2] == "On both lists"]
    assert len(moved) == sum(bool(card.moved) for card in made_contents().cards)


def test_events_are_dates_that_sort_where_the_day_is_whole_and_words_where_it_is_not() -> None:
    events = (
        Event("2026-05-04", "4 May 2026", "Suspension, 2 days"),
        Event("2026-03-31", "Spring term 2025/26", "12 days missed without authorisation"),
        Event("", "earlier", "and 3 more"),
    )
    contents = made_contents(1)
    contents = replace(contents, cards=(replace(contents.cards[0], events=events),))
    sheet = opened(built(contents))["Chronology"]
    rows = [tuple(row.values()) for row in table(sheet, head_row(sheet))]
    assert rows == [
        ("A-001", datetime(2026, 5, 4), "Suspension, 2 days"),
        ("A-001", "Spring term 2025/26", "12 days missed without authorisation"),
        ("A-001", "earlier", "and 3 more"),
    ]
    assert sheet.cell(head_row(sheet) + 1, 2).number_format == "dd/mm/yyyy"


def test_a_list_with_nobody_on_it_says_so_on_every_sheet() -> None:
    nobody = replace(
        made_contents(), cards=(), severe=(), severe_total=0, virtual_school=(), virtual_school_total=0,
        off_roll=(), off_roll_total=0, changes=None, excluded={}, listed=(),
    )  # fmt: skip
    book = opened(built(nobody))
    assert book.sheetnames[1:-2] == [
        "Support list",
        "Virtual school",
        "Not looked at",
        "What changed",
        "Chronology",
    ]
    for sheet in book.worksheets[1:-2]:
        assert [row[REFERENCE] for row in table(sheet, head_row(sheet))] == ["None"]
    assert opened(built(nobody))[ABOUT_SHEET]["B3"].value == "0"


# --- how to use ----------------------------------------------------------------------------------------------------


def test_the_first_sheet_says_what_the_list_is_for_and_how_a_row_is_filled_in(
    book: openpyxl.Workbook,
) -> None:
    said = "\n".join(str(cell.value) for row in book["How to use"].iter_rows() for cell in row if cell.value)
    for sentence in (
        words.PURPOSE_WALL, words.HUMAN, words.NOT_CAUSE, words.UNKNOWN, words.NOT_LISTED, words.SAFEGUARDING,
        words.FAMILY, "To offer families early help.", TERMS.owner, "12 February 2027", LIST_ID, PLAN.contact,
        "Reaches to 1 October 2026.", "Reaches to 31 March 2025. Older than it should be; since then we know nothing.",
        "Not held.", "31 October 2026; nothing later was used.", "missed 19 or more days without authorisation",
        GATES.quiet, "dd/mm/yyyy", "needs a decision before a contact list can be made", *PLAN.questions,
        *(decision.words for decision in DECISIONS), *(field.header for field in FIELDS if field.required),
    ):  # fmt: skip
        assert sentence in said, sentence


def test_past_years_are_told_and_their_absence_too() -> None:
    told = texts(opened(built(past=("In 2024/25, 9 of 20 listed.", "In 2025/26, 11 of 20 listed."))))
    assert {"In 2024/25, 9 of 20 listed.", "In 2025/26, 11 of 20 listed."} <= set(told)
    assert any(said.startswith("No past year was judged") for said in texts(opened(built())))


def test_an_overridden_gate_stands_in_the_first_lines_and_on_every_printed_page() -> None:
    gates = GateStatement(
        ("Did not pass 1 of its 9 gates.", "A. & B. decided this."), ("A gate.",), "", "By A. & B."
    )
    book = opened(built(gates=gates))
    first = book["How to use"]
    assert [first.cell(row, 2).value for row in (2, 3, 4)] == [*gates.first, "A gate."]
    assert all(sheet.oddHeader.left.text.strip() == "By A. and B." for sheet in book.worksheets[:-2])


# --- text stays text, and nothing says too much ----------------------------------------------------------------------


@pytest.mark.parametrize("by", ["none", "school"])
def test_no_text_of_the_data_becomes_a_formula_a_link_or_a_number(by: str) -> None:
    schools = tuple((f"850{n:04d}", name) for n, name in enumerate(HOSTILE))
    contents = made_contents(2 * len(HOSTILE), schools)
    dressed = tuple(
        replace(card, why_listed=(name,), involved=(name,), locality=name, checks=(name,),
                route=replace(card.route, lead=name), events=(Event("", name, name),))
        for card, name in zip(contents.cards, HOSTILE * 3, strict=False)
    )  # fmt: skip
    contents = replace(contents, cards=dressed)
    hostile = next(name for name in HOSTILE if name.startswith("=HYPER"))
    data = built(
        contents,
        plan=replace(PLAN, sheets_by=by, contact=hostile, teams=("=1+1", "+2"), questions=HOSTILE),
        terms=replace(TERMS, owner=hostile),
        past=HOSTILE,
    )
    for name, xml in parts(data).items():
        if name.startswith("xl/worksheets/"):
            assert "<f>" not in xml and "<f " not in xml and "hyperlink" not in xml, name
    assert not any("externalLink" in name or "vba" in name.lower() for name in parts(data))
    book = opened(data)
    kinds = {
        cell.data_type
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    assert kinds == {"s"}
    formula_like = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and looks_like_formula(cell.value)
    ]
    assert len(formula_like) > 50
    assert all(cell.quotePrefix for cell in formula_like)
    assert len({title.casefold() for title in book.sheetnames}) == len(book.sheetnames)


def test_a_text_too_long_for_a_cell_is_cut_with_a_mark() -> None:
    contents = made_contents(1)
    long = replace(contents.cards[0], involved=("🏫x" * CELL_LIMIT,))
    said = opened(built(replace(contents, cards=(long,))))["Support list"]
    cell = table(said)[0]["Who is involved"]
    assert cell.endswith("[cut short here]")
    assert CELL_LIMIT - 1 <= len(cell.encode("utf-16-le")) // 2 <= CELL_LIMIT


def test_nothing_in_the_workbook_is_a_banned_word_an_estimate_or_an_identifier(data: bytes) -> None:
    said = texts(opened(data)) + [
        text
        for sheet in opened(data)
        for rule in sheet.data_validations.dataValidation
        for text in (rule.prompt, rule.promptTitle, rule.error, rule.errorTitle)
        if text
    ]
    read = "\n".join(said)
    for word in BANNED_WORDS:
        assert not re.search(rf"\b{re.escape(word)}\b", read, re.IGNORECASE), word
    assert not re.search(r"\d\.\d", read)
    everything = "\n".join(parts(data).values())
    for listed in made_contents().listed:
        assert listed.pupil_id not in everything
    assert not any(pupil in everything for pupil in made_contents().next_in_line)


# --- as a file -----------------------------------------------------------------------------------------------------


def test_the_hidden_sheet_says_which_list_a_copy_belongs_to(book: openpyxl.Workbook) -> None:
    about = dict(book[ABOUT_SHEET].iter_rows(values_only=True))
    assert about == {"list_id": LIST_ID, "format": str(SHEET_FORMAT), "rows": "30"}


def test_the_same_list_gives_the_same_bytes_and_bears_the_day_of_its_records(data: bytes) -> None:
    assert built() == data
    core = parts(data)["docProps/core.xml"]
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-10-31T00:00:00Z"}


def test_five_hundred_pupils_take_less_than_a_megabyte() -> None:
    assert len(built(made_contents(500))) < 1_000_000
