"""One small made-up authority, written once, and one lived only in memory, for every test of the room."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from absence_risk.synthetic import simulate
from absence_risk.synthetic.life import Authority, live


class Returns:
    """The files of a simulated folder, read as text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, path: Path | str) -> list[dict[str, str]]:
        with (self.folder / path).open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle, quoting=csv.QUOTE_NONE))

    def census(self, name: str, table: str) -> list[dict[str, str]]:
        return self.rows(f"school_census/{name}/{name}_{table}.csv")

    def header(self, name: str, table: str) -> list[str]:
        path = self.folder / f"school_census/{name}/{name}_{table}.csv"
        return path.read_text(encoding="utf-8").splitlines()[0].split(",")

    @property
    def censuses(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "school_census").iterdir())


@pytest.fixture(scope="session")
def returns(tmp_path_factory: pytest.TempPathFactory) -> Returns:
    folder = tmp_path_factory.mktemp("made_up")
    simulate(folder, pupils=800, years=5, seed=7)
    return Returns(folder)


@pytest.fixture(scope="session")
def authority() -> Authority:
    return live(8_000, 2023, 2025, 3)
