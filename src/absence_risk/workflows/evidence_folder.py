"""A backtest's folder of evidence: what of it goes into MLflow, and reading it back with every hash checked."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..evidence.refits import FOLDER, INSIDE
from ..files import MANIFEST, plain_bytes, settled

if TYPE_CHECKING:
    import pandas as pd

KIND, FORMAT = "evidence", 1
ABOUT_FILE, MEASURES_FILE = "about.json", "tables/measures.csv"
DRAWS_FILE = f"{INSIDE}/draws.parquet"

#: The folder of evidence inside a run. Refits stay out of it: they are models, and large.
IN_RUN = "evidence"
#: Draws are the largest file: a number for each round, year, rival and measure.
_MOST_BYTES = 1024 * 1024 * 1024
_AGAIN = "make it again with: absence-risk backtest"


@dataclass(frozen=True)
class EvidenceFolder:
    """What a comparison needs of one backtest: the facts, the draws, and the measures as they were printed."""

    about: dict[str, Any]
    draws: pd.DataFrame
    measures: pd.DataFrame

    @property
    def name(self) -> str:
        """The name in its settings."""
        return str(self.about["name"])

    def candidate_draws(self) -> dict[tuple[str, str], Any]:
        """The draws of the model that was judged, by (year, measure)."""
        found = {}
        for column in self.draws.columns:
            year, rival, measure = str(column).split("|")
            if rival == self.about["candidate"]:
                found[year, measure] = self.draws[column].to_numpy(dtype="float64")
        return found

    def printed(self, year: str, measure: str) -> float:
        """The candidate's value as the report prints it; NaN where it was suppressed."""
        table = self.measures
        rows = table[
            (table["year"] == year)
            & (table["rival"] == self.about["candidate"])
            & (table["measure"] == measure)
        ]
        return float(rows["value"].iloc[0]) if len(rows) else float("nan")


def recorded_files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder of evidence but its refits, by its name inside a run."""
    return {
        f"{IN_RUN}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_relative_to(folder / FOLDER)
    }


def read_evidence_folder(folder: Path) -> EvidenceFolder:
    """Read what a comparison needs; the bytes that are hashed are the bytes that are parsed.

    Raises
    ------
    InputError
        If the folder is no evidence of a backtest, of another format, or a file of it is absent or was altered.
    """
    named = _manifest(folder)
    about = _about(_checked(folder, ABOUT_FILE, named), folder)
    return EvidenceFolder(
        about=about,
        draws=_draws(_checked(folder, DRAWS_FILE, named), folder, rounds=about["rounds"]),
        measures=_measures(_checked(folder, MEASURES_FILE, named), folder),
    )


def read_printed_table(folder: Path, name: str) -> pd.DataFrame | None:
    """One table of the evidence as it was printed, every cell as text; None where that evidence has no such table.

    Raises
    ------
    InputError
        If the folder is no evidence of a backtest, or the table was altered.
    """
    import pandas as pd

    named, file = _manifest(folder), f"tables/{name}.csv"
    if file not in named:
        return None
    return pd.read_csv(io.BytesIO(_checked(folder, file, named)), dtype=str, keep_default_na=False)


def _manifest(folder: Path) -> dict[str, str]:
    try:
        found = json.loads(plain_bytes(settled(folder) / MANIFEST, _MOST_BYTES))
        kind, number, files = found["kind"], found["format"], dict(found["files"])
    except FileNotFoundError:
        raise InputError(f"{folder} holds no whole evidence ({MANIFEST} is absent); {_AGAIN}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{folder / MANIFEST} is damaged; {_AGAIN}") from None
    if kind != KIND or number != FORMAT:
        raise InputError(
            f"expected evidence of format {FORMAT} in {folder}, found {kind} of format {number}; {_AGAIN}"
        )
    return files


def _checked(folder: Path, name: str, named: dict[str, str]) -> bytes:
    try:
        content = plain_bytes(folder / name, _MOST_BYTES)
    except OSError:
        raise InputError(f"{folder / name} is absent or cannot be read; {_AGAIN}") from None
    if sha256(content).hexdigest() != named.get(name):
        raise InputError(f"{folder / name} is damaged or was altered (its hash differs); {_AGAIN}")
    return content


def _about(content: bytes, folder: Path) -> dict[str, Any]:
    needed = {"name", "candidate", "outcome", "as_of", "capacity", "rounds", "seed", "store_fingerprint"}
    try:
        about = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or not needed <= set(about):
        raise InputError(f"{folder / ABOUT_FILE} does not say what a comparison needs; {_AGAIN}")
    return about


def _draws(content: bytes, folder: Path, *, rounds: int) -> pd.DataFrame:
    import pandas as pd

    try:
        draws = pd.read_parquet(io.BytesIO(content), engine="pyarrow")
    except Exception:  # each version of the reader has its own kinds of fault
        raise InputError(f"{folder / DRAWS_FILE} cannot be read as Parquet; {_AGAIN}") from None
    if any(str(column).count("|") != 2 for column in draws.columns) or len(draws) != rounds:
        raise InputError(f"{folder / DRAWS_FILE}: expected {rounds} draws of year|rival|measure; {_AGAIN}")
    return draws


def _measures(content: bytes, folder: Path) -> pd.DataFrame:
    import pandas as pd

    columns = ["year", "rival", "measure", "value"]
    try:
        table = pd.read_csv(io.BytesIO(content), usecols=columns, dtype=str, keep_default_na=False)
    except ValueError:
        raise InputError(
            f"{folder / MEASURES_FILE} lacks the columns {', '.join(columns)}; {_AGAIN}"
        ) from None
    return table.assign(value=pd.to_numeric(table["value"], errors="coerce"))
