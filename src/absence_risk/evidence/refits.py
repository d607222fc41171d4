"""The same model trained again on other draws of the same past pupils, kept as files beside the evidence.

A pupil stands in several training years, so whole pupils are drawn, not rows: otherwise a refit would see nearly every
child and look steadier than it is. Each refit also takes another seed. What two such models disagree about is not
known well enough to build on (Miller and Blume, 2026).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..compiled.model_text import MOST_BYTES
from ..errors import BundleError, RefusedError
from ..features.catalogue import CATALOGUE, Feature
from ..files import canonical_json, plain_bytes, settled, whole_folder
from ..models.bundle import MODEL_KINDS, Model
from ..models.bundle_files import MOST_OF_JSON, digest_of, json_of
from ..models.calibration import LinearCalibration

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import Dataset

Array = np.ndarray[Any, np.dtype[Any]]

#: Models, and draws that counts could be worked back from, stay inside the authority, whatever the disclosure policy.
INSIDE = "inside"
FOLDER = f"{INSIDE}/refits"
REFITS_FILE = "refits.json"
ABOUT = "absence_risk refits"
FORMAT = 1
#: Fits at a time: LightGBM lets other threads work while it grows a tree.
AT_A_TIME = 2
_AGAIN = "run the backtest again"


class Fit(Protocol):
    """Fits one model on rows drawn ``sample_weight`` times (None: each once), with a seed."""

    def __call__(self, X: pd.DataFrame, y: Array, sample_weight: Array | None, seed: int) -> Model: ...


@dataclass(frozen=True)
class Refit:
    """One model trained on one draw of pupils, with its own calibration."""

    model: Model
    calibration: LinearCalibration

    def risk(self, X: pd.DataFrame) -> Array:
        """Calibrated probability (0-1) of each row; ``X`` holds at least the model's features, float64."""
        values = X[list(self.model.feature_names)].to_numpy(dtype=np.float64)
        return self.calibration.risk(self.model.margin(values, num_threads=AT_A_TIME))


def refit(
    train: Dataset,
    calibrate: Dataset,
    features: tuple[Feature, ...],
    fit: Fit,
    *,
    refits: int = 30,
    seed: int,
    told: Callable[[int], None] | None = None,
) -> tuple[Refit, ...]:
    """Train again on ``refits`` draws of the training pupils; the same seed gives the same models.

    Parameters
    ----------
    train, calibrate : Dataset
        The rows the candidate was trained and calibrated on. The calibration year is not drawn again.
    features : tuple of Feature
        In the model's order.
    fit : callable
        ``fit(X, y, sample_weight, seed)``.
    refits : int
        How many.
    seed : int
        Seed of the draws and, with the refit's number added, of each fit.
    told : callable, optional
        Called with the number of refits done.

    Raises
    ------
    RefusedError
        If a model cannot be fitted on a draw.
    """
    names = [feature.name for feature in features]
    X, values = train.X[names], calibrate.X[names].to_numpy(dtype=np.float64)

    def one(number: int) -> Refit:
        weight = drawn_pupils(train.pupil_id, np.random.default_rng([seed, number]))
        model = fit(X, train.y, weight, seed + number)
        return Refit(model, _calibrated(calibrate.y, model.margin(values)))

    done = []
    with ThreadPoolExecutor(max_workers=AT_A_TIME) as threads:
        # `map` keeps the order of numbers, whichever fit ends first.
        for found in threads.map(one, range(1, refits + 1)):
            done.append(found)
            if told is not None:
                told(len(done))
    return tuple(done)


def drawn_pupils(pupil_id: Array, random: np.random.Generator) -> Array:
    """How often each row is drawn when as many pupils are drawn, with replacement, as there are.

    All rows of a pupil are drawn together. Pupils are counted in order of their id, so the order of rows has no effect.
    """
    pupils, place = np.unique(pupil_id.astype(str), return_inverse=True)
    counts = np.bincount(random.integers(0, len(pupils), len(pupils)), minlength=len(pupils))
    return counts[place.ravel()]


def _calibrated(y: Array, margin: Array) -> LinearCalibration:
    try:
        return LinearCalibration.fit(y, margin)
    except RefusedError:
        # A model of noise cannot be calibrated, and that must not stop the evidence against it: it keeps its own odds.
        return LinearCalibration(0.0, 1.0)


def risks_of(refits: Sequence[Refit], X: pd.DataFrame) -> Array:
    """Risk of every row by every refit, shape (refits, n)."""
    return np.vstack([one.risk(X) for one in refits])


def write_refits(folder: Path, refits: Sequence[Refit], bundle_hash: str) -> Path:
    """Write the refits under ``folder/inside/refits``, whole or not at all: a file per model, and ``refits.json``.

    Parameters
    ----------
    folder : Path
        The folder of the evidence.
    refits : sequence of Refit
    bundle_hash : str
        The model they are refits of; no other model's list may use them.

    Returns
    -------
    Path
        The folder of the refits.
    """
    target = Path(folder) / FOLDER
    with whole_folder(target, own=True) as partial:
        rows = []
        for number, one in enumerate(refits, start=1):
            name = f"{number:02d}{Path(one.model.file_name).suffix}"
            content = one.model.text().encode("utf-8")
            (partial / name).write_bytes(content)
            rows.append({"file": name, "sha256": digest_of(content), "calibration": asdict(one.calibration)})
        kind = refits[0].model.kind if refits else ""
        said = {"about": ABOUT, "format": FORMAT, "bundle": bundle_hash, "kind": kind, "refits": rows}
        (partial / REFITS_FILE).write_bytes(canonical_json(said).encode("utf-8"))
    return target


def read_refits(folder: Path, bundle_hash: str) -> tuple[Refit, ...]:
    """Read the refits of one model; every file's hash is checked before anything is parsed.

    Parameters
    ----------
    folder : Path
        The folder of the evidence, which holds ``inside/refits``.
    bundle_hash : str
        The model whose refits are wanted.

    Raises
    ------
    BundleError
        If they are absent, damaged, altered, of another model, or use features this package does not have.
    """
    place = settled(Path(folder)) / FOLDER
    kind, rows = _listed(place, bundle_hash)
    content = [_checked(place / row["file"], row["sha256"]) for row in rows]
    found = tuple(
        Refit(
            MODEL_KINDS[kind].from_text(raw.decode("utf-8", "replace")),
            LinearCalibration(**row["calibration"]),
        )
        for raw, row in zip(content, rows, strict=True)
    )
    unknown = {name for one in found for name in one.model.feature_names} - set(CATALOGUE)
    if unknown:
        raise BundleError(f"{place}: {len(unknown)} features of the refits are not known here; {_AGAIN}")
    return found


def _listed(place: Path, bundle_hash: str) -> tuple[str, list[dict[str, Any]]]:
    try:
        raw = plain_bytes(place / REFITS_FILE, MOST_OF_JSON)
    except OSError:
        raise BundleError(
            f"no refits at {place}; expected the folder of a backtest's evidence, made by: absence-risk backtest"
        ) from None
    try:
        said = json_of(raw)
        rows, kind, model = said["refits"], said["kind"], said["bundle"]
        sound = said["about"] == ABOUT and said["format"] == FORMAT and bool(rows) and kind in MODEL_KINDS
        sound = sound and all(_sound(row, number) for number, row in enumerate(rows, start=1))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        sound = False
    if not sound:
        raise BundleError(f"{place / REFITS_FILE} is damaged or of another form; {_AGAIN}")
    if model != bundle_hash:
        raise BundleError(
            f"{place} holds refits of another model than the one asked for; give the evidence of that model, "
            f"or {_AGAIN}"
        )
    return str(kind), rows


def _sound(row: dict[str, Any], number: int) -> bool:
    line = row["calibration"]
    numbers = [line["intercept"], line["slope"]]
    # The name is the one this package gives, so that a list of files cannot lead the reader elsewhere.
    named = row["file"] in {f"{number:02d}.txt", f"{number:02d}.json"} and isinstance(row["sha256"], str)
    return named and all(np.isfinite(n) for n in numbers) and line["slope"] > 0


def _checked(path: Path, digest: str) -> bytes:
    try:
        content = plain_bytes(path, MOST_BYTES)
    except OSError:
        raise BundleError(f"{path} is absent or cannot be read; {_AGAIN}") from None
    if digest_of(content) != digest:
        raise BundleError(f"{path} is damaged or was altered (its hash differs); {_AGAIN}")
    return content
