from __future__ import annotations

import numpy as np
from pyarrow import parquet

from absence_risk.synthetic.life import Authority
from absence_risk.synthetic.measures import Sessions
from absence_risk.synthetic.truth import true_risk


def test_the_true_risk_is_what_comes_to_pass_on_average_and_in_every_band(authority: Authority) -> None:
    risks, outcomes = [], []
    for year in (2023, 2024, 2025):
        pupil, risk = true_risk(authority, year)
        found = Sessions(authority, year)
        known = found.possible[pupil] >= 190
        risks.append(risk[known])
        outcomes.append((found.unauthorised * 10 >= found.possible)[pupil][known])
    risk, outcome = np.concatenate(risks), np.concatenate(outcomes)
    assert abs(risk.mean() - outcome.mean()) < 0.006
    for low, high in ((0.0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 1.0)):
        band = (risk >= low) & (risk < high)
        slack = 4 * np.sqrt(risk[band].mean() * (1 - risk[band].mean()) / band.sum()) + 0.02
        assert abs(outcome[band].mean() - risk[band].mean()) < slack


def test_the_truth_is_written_apart_with_a_note_that_no_command_reads_it(returns) -> None:
    table = parquet.read_table(returns.folder / "_truth" / "true_risk.parquet")
    assert table.column_names == ["upn", "academic_year", "true_risk"]
    risk = table["true_risk"].to_numpy()
    assert risk.min() >= 0 and risk.max() <= 1
    assert set(table["academic_year"].to_pylist()) == {2021, 2022, 2023, 2024, 2025}
    keys = list(zip(table["upn"].to_pylist(), table["academic_year"].to_pylist(), strict=True))
    assert len(keys) == len(set(keys))
    assert "No command" in (returns.folder / "_truth" / "README.txt").read_text(encoding="utf-8")


def test_every_pupil_of_the_cohort_has_a_true_risk(returns) -> None:
    table = parquet.read_table(returns.folder / "_truth" / "true_risk.parquet")
    known = {
        u
        for u, y in zip(table["upn"].to_pylist(), table["academic_year"].to_pylist(), strict=True)
        if y == 2024
    }
    rows = returns.census("2025_autumn", "pupilonroll")
    permanent = {row["upn"] for row in rows if row["ncyearactual"] != "R" and row["upn"][-1].isdigit()}
    # A pupil on roll on the census day may leave before 31 October; hardly any do.
    assert len(permanent - known) <= 0.02 * len(permanent)


def test_the_truth_does_not_look_at_the_surprise(authority: Authority) -> None:
    pupil, risk = true_risk(authority, 2026)
    assert 2026 not in authority.registers
    assert len(pupil) == len(risk) and risk.max() < 1
