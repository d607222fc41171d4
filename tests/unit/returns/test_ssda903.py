"""SSDA903 episodes that touch are one care spell; the UPN comes from the header file alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_returns import ingested, looked_after, pupil_id, rows, upn, write_csv

from absence_risk.errors import InputError

_SPELLS = "SELECT start_date, end_date, known_from, superseded_from FROM social_care ORDER BY start_date, known_from"


def test_episodes_that_touch_are_one_spell(tmp_path: Path) -> None:
    looked_after(
        tmp_path / "returns", 2024, [("7", upn(1))],
        [("7", "01/05/2023", "10/06/2023", "C2"), ("7", "10/06/2023", "01/09/2023", "C2"),
         ("7", "02/09/2023", "", "C2")],
    )  # fmt: skip
    assert rows(ingested(tmp_path / "returns"), _SPELLS) == [("2023-05-01", None, "2024-03-31", None)]


def test_a_gap_of_a_day_makes_two_spells(tmp_path: Path) -> None:
    looked_after(
        tmp_path / "returns", 2024, [("7", upn(1))],
        [("7", "01/05/2023", "10/06/2023", "C2"), ("7", "12/06/2023", "", "C2")],
    )  # fmt: skip
    assert [row[:2] for row in rows(ingested(tmp_path / "returns"), _SPELLS)] == [
        ("2023-05-01", "2023-06-10"),
        ("2023-06-12", None),
    ]


def test_the_start_of_a_long_spell_is_in_an_earlier_return(tmp_path: Path) -> None:
    child = [("7", upn(1))]
    looked_after(
        tmp_path / "returns",
        2023,
        child,
        [("7", "01/05/2022", "10/06/2022", "C2"), ("7", "10/06/2022", "", "C2")],
    )
    looked_after(
        tmp_path / "returns",
        2024,
        child,
        [("7", "10/06/2022", "01/08/2023", "C2"), ("7", "01/08/2023", "05/01/2024", "C2")],
    )
    assert rows(ingested(tmp_path / "returns"), _SPELLS) == [
        ("2022-05-01", None, "2023-03-31", "2024-03-31"),
        ("2022-05-01", "2024-01-05", "2024-03-31", None),
    ]


def test_short_breaks_are_left_out(tmp_path: Path) -> None:
    looked_after(
        tmp_path / "returns",
        2024,
        [("7", upn(1))],
        [("7", "01/05/2023", "", "V4"), ("7", "01/06/2023", "", "V3")],
    )
    assert rows(ingested(tmp_path / "returns"), _SPELLS) == []


def test_a_child_number_with_two_upns_and_a_upn_of_two_children_are_not_joined(tmp_path: Path) -> None:
    looked_after(
        tmp_path / "returns", 2024,
        [("7", upn(1)), ("7", upn(2)), ("8", upn(3)), ("9", upn(3)), ("10", upn(4)), ("11", "UN4"), ("12", "UN4")],
        [(c, "01/05/2023", "", "C2") for c in ("7", "8", "9", "10", "11", "12", "99")],
    )  # fmt: skip
    result = ingested(tmp_path / "returns")
    assert rows(result, "SELECT pupil_id FROM social_care") == [(pupil_id(4),)]
    episodes = next(f for f in result.ledger.files if f.table == "SSDA903 episodes")
    assert episodes.not_used == {
        "its child number has more than one UPN in the header file": 1,
        "its UPN is claimed by more than one child number": 2,
        "no usable UPN": 2,
        "its child number is not in the header file": 1,
    }
    assert not result.ledger.unbalanced


def test_the_year_comes_from_the_latest_date_where_no_name_gives_it(tmp_path: Path) -> None:
    looked_after(tmp_path / "made", 2024, [("7", upn(1))], [("7", "01/05/2022", "10/02/2023", "C2")])
    (tmp_path / "returns").mkdir()
    for kind in ("header", "episodes"):
        (tmp_path / "made" / f"SSDA903_2024_{kind}.csv").rename(tmp_path / "returns" / f"{kind}.csv")
    assert rows(ingested(tmp_path / "returns"), "SELECT kind, year, covers_from, covers_to FROM returns") == [
        ("ssda903", 2023, "2022-04-01", "2023-03-31")
    ]


def test_a_wrong_year_is_refused(tmp_path: Path) -> None:
    looked_after(tmp_path / "returns", 2023, [("7", upn(1))], [("7", "01/05/2023", "", "C2")])
    with pytest.raises(InputError, match="later year's return"):
        ingested(tmp_path / "returns")


def test_episodes_without_their_header_file_are_refused(tmp_path: Path) -> None:
    looked_after(tmp_path / "returns", 2024, [("7", upn(1))], [("7", "01/05/2023", "", "C2")])
    (tmp_path / "returns" / "SSDA903_2024_header.csv").unlink()
    with pytest.raises(InputError, match="one header and one episodes file"):
        ingested(tmp_path / "returns")


def test_month_first_dates_are_refused(tmp_path: Path) -> None:
    looked_after(
        tmp_path / "returns",
        2024,
        [("7", upn(1))],
        [("7", "05/01/2023", "", "C2"), ("7", "05/21/2023", "", "C2")],
    )
    with pytest.raises(InputError, match="month before the day"):
        ingested(tmp_path / "returns")


def _stated(folder: Path, *episodes: dict[str, str], name: str = "") -> Path:
    """A return of one child whose episodes state their year."""
    looked_after(folder, 2024, [("7", upn(1))], [])
    (folder / "SSDA903_2024_header.csv").rename(folder / f"header{name}.csv")
    (folder / "SSDA903_2024_episodes.csv").unlink()
    columns = ("CHILD", "DECOM", "LS", "DEC", "YEAR")
    write_csv(
        folder / f"episodes{name}.csv", columns, [{"CHILD": "7", "LS": "C2", **one} for one in episodes]
    )
    return folder


def test_the_year_that_the_rows_state_is_followed_against_the_name_and_the_report_says_so(
    tmp_path: Path,
) -> None:
    folder = _stated(tmp_path / "returns", {"DECOM": "01/05/2022", "YEAR": "2023"}, name="_2024")
    result = ingested(folder)
    assert rows(result, "SELECT kind, year FROM returns") == [("ssda903", 2023)]
    assert result.ledger.notes == [
        "episodes_2024.csv: its YEAR column says 2023, which is followed, and its name 2024"
    ]


@pytest.mark.parametrize(
    ("years", "words"),
    [
        (("2023", "2024"), "the YEAR column holds 2 different years"),
        (("2022/23", "2022/23"), "the YEAR column holds what is no year"),
        (("", ""), "nothing says which year this is"),
    ],
)
def test_episodes_of_no_one_year_are_refused(tmp_path: Path, years: tuple[str, ...], words: str) -> None:
    folder = _stated(tmp_path / "returns", *({"YEAR": year} for year in years))
    with pytest.raises(InputError, match=words) as fault:
        ingested(folder)
    assert upn(1) not in str(fault.value)


def test_a_legal_status_outside_the_list_is_used_and_reported_and_free_text_is_not_shown(
    tmp_path: Path,
) -> None:
    looked_after(
        tmp_path / "returns",
        2024,
        [("7", upn(1))],
        [("7", "01/05/2023", "01/06/2023", "Z9"), ("7", "01/08/2023", "", "said of a child")],
    )
    result = ingested(tmp_path / "returns")
    assert len(rows(result, _SPELLS)) == 2
    assert result.ledger.codes == {("legal status", "Z9"): 1, ("legal status", "other text"): 1}
