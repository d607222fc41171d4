from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from absence_risk.domain.academic_year import AcademicYear
from absence_risk.errors import UsageError
from absence_risk.synthetic import simulate


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_arguments_give_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        simulate(tmp_path / name, pupils=300, years=1, seed=seed)
    first, again, other = (_hashes(tmp_path / name) for name in ("first", "again", "other"))
    assert first == again
    assert sorted(first) == sorted(other)
    assert (
        first["school_census/2026_spring/2026_spring_pupilonroll.csv"]
        != (other["school_census/2026_spring/2026_spring_pupilonroll.csv"])
    )


def test_five_years_make_sixteen_censuses_and_five_resubmissions(returns) -> None:
    whole = [name for name in returns.censuses if not name.endswith("resubmitted")]
    assert len(whole) == 16
    assert whole[0] == "2021_autumn" and "2026_autumn" in whole
    assert len(returns.censuses) - len(whole) == 5


def test_social_care_returns_begin_two_years_before_the_first(returns) -> None:
    years = sorted(path.stem for path in (returns.folder / "cin_census").iterdir())
    assert years == [f"CIN_{year}" for year in range(2020, 2027)]
    header = (returns.folder / "ap_census" / "AP_2022.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == (
        "upn,uniquelearnernumber,surname,forename,dob,sex,ethnicity,senprovision,fsm,urn,ukprn,apsettingtype,"
        "placementreason,apattendancepattern,apsessionsperweek,entrydate,leavingdate,la,year,referencedate"
    )


def test_the_last_year_can_be_chosen(tmp_path: Path) -> None:
    result = simulate(tmp_path, pupils=300, years=1, last_year=AcademicYear(2023))
    assert result.years == (2023, 2023)
    assert (tmp_path / "school_census" / "2024_autumn").is_dir()
    assert not (tmp_path / "school_census" / "2025_spring").exists()
    assert str(tmp_path) in result.in_words()


@pytest.mark.parametrize("asked", [{"pupils": 10}, {"years": 0}, {"years": 6}, {"seed": -1}])
def test_what_cannot_be_simulated_is_refused_before_anything_is_written(tmp_path: Path, asked: dict) -> None:
    with pytest.raises(UsageError, match="expected"):
        simulate(tmp_path / "out", **asked)
    assert not (tmp_path / "out").exists()


def test_progress_is_told_each_census(tmp_path: Path) -> None:
    told: list[str] = []
    simulate(tmp_path, pupils=300, years=1, progress=told.append)
    assert "school census, spring 2026" in told
