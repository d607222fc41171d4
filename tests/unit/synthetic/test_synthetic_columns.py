from __future__ import annotations

from pathlib import Path

import numpy as np

from absence_risk.domain.pupil import CHECK_LETTERS, check_letter
from absence_risk.synthetic.columns import coded, dates, hexes, numbers, write_csv
from absence_risk.synthetic.identity import check_letters


def test_dates_are_written_in_each_returns_own_style() -> None:
    days = np.array([20_107, 30_000])
    assert dates(days).to_pylist() == ["2025-Jan-19 00:00:00", None]
    assert dates(days, "day_first").to_pylist() == ["19/01/2025", None]
    assert dates(days, "iso", blank=np.array([True, False])).to_pylist() == [None, None]


def test_identifiers_never_collide() -> None:
    made = hexes(np.arange(200_000), salt=20_251)
    assert len(set(made.to_pylist())) == 200_000


def test_a_file_is_plain_text_with_blanks_for_what_is_not_known(tmp_path: Path) -> None:
    columns = {
        "code": coded(("/", "\\", "#"), np.array([0, 1, 2])),
        "sessions": numbers(np.array([3, 0, 5]), blank=np.array([False, True, False])),
    }
    assert write_csv(tmp_path / "made.csv", columns) == 3
    assert (tmp_path / "made.csv").read_bytes() == b"code,sessions\n/,3.0\n\\,\n#,5.0\n"


def test_check_letters_agree_with_the_domains_rule() -> None:
    tails = ["207000016049", "991200125003", "971209918777"]
    places = check_letters(np.array([[int(c) for c in tail] for tail in tails]))
    assert [CHECK_LETTERS[place] for place in places] == [check_letter(tail) for tail in tails]
