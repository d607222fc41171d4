"""The saved model: text and JSON in a folder, every file's hash checked before anything is parsed. No pickle.

A bundle holds all that scoring needs and all that a reader may ask: the model, the features in order, the outcome it
foresees, the years it has seen, its calibration, its bands, its measures. One number, ``FORMAT``, says how to read it:
a change that an older reader would get wrong raises it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..domain.outcome import Outcome
from ..errors import BundleError
from ..evaluation.summary import found_at_capacity, rule_wins
from ..features.catalogue import Feature
from ..files import whole_folder, write_manifest
from .bands import Band, band_of
from .boosting import BoostedTrees
from .bundle_files import BUNDLE_FILE, MANIFEST_ABOUT, digest_of, read_checked
from .bundle_text import FORMAT, declared, parts_of, text_of
from .calibration import LinearCalibration
from .contract import FeatureRange, check_matrix
from .logistic import Logistic
from .met_in_training import Training
from .rules import RULES

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]
Model = BoostedTrees | Logistic

MODEL_KINDS: dict[str, type[BoostedTrees] | type[Logistic]] = {m.kind: m for m in (BoostedTrees, Logistic)}


@dataclass(frozen=True)
class Bundle:
    """One model with everything needed to use it and to judge it.

    Attributes
    ----------
    name : str
        The name in its settings, as ``four_factors``.
    model : BoostedTrees or Logistic
        Gives a margin: log-odds before calibration. Trees come with their tables.
    features : tuple of Feature
        In the model's order.
    outcome : dict
        ``Outcome.definition()`` of what is foreseen.
    years : dict
        ``trained`` (list), ``calibrated`` and ``tested`` (or None): feature years written 2023/24.
    as_of : tuple of int
        Month and day, after the feature year, on which features are looked at.
    capacity : int
        Places the measures were taken at.
    calibration : LinearCalibration
        Margin to log-odds, fitted on the calibration year.
    bands : tuple of Band
        1 to 5 with what came of held-out pupils in each.
    ranges : tuple of FeatureRange
        Where each feature lay in training.
    training : Training
        What a cohort is compared with before it is scored (``models.drift``); empty if it was not recorded.
    measures : dict
        On the test year: ``model`` and each simple rule by name, each a record of ``evaluation.summary.measure``.
    shape : dict
        How the size of its trees was chosen (``workflows.shape.shape_of``); empty if the settings gave it.
    data : dict of str
        Where the data came from: ``fingerprint`` of the store, ``made_up`` "yes" or "no", and what the caller adds.
    versions : dict of str
        Packages at training.
    """

    name: str
    model: Model
    features: tuple[Feature, ...]
    outcome: Mapping[str, object]
    years: Mapping[str, Any]
    as_of: tuple[int, int]
    capacity: int
    calibration: LinearCalibration
    bands: tuple[Band, ...]
    ranges: tuple[FeatureRange, ...]
    training: Training = field(default_factory=Training)
    measures: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    shape: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Trees are compiled once, so that a bundle in memory and the same one read back score by the same tables.
        object.__setattr__(self, "model", self.model.compiled())

    @property
    def kind(self) -> str:
        return self.model.kind

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def outcome_name(self) -> str:
        return str(self.outcome["name"])

    @property
    def best_rule_wins(self) -> bool:
        """Whether a simple rule found at least as many pupils at capacity on the test year; then use the rule."""
        rules = [self.measures[rule.name] for rule in RULES if rule.name in self.measures]
        own = self.measures.get("model", {})
        if len(self.features) == 1:
            # It orders pupils as a rule on that feature does, and is no worse than itself.
            rules = [rule for rule in rules if found_at_capacity(rule) > found_at_capacity(own)]
        return rule_wins(own, rules)

    @property
    def made_up(self) -> bool:
        """Whether it was trained on a made-up authority; then it says nothing about real children."""
        return self.data.get("made_up") == "yes"

    def check_outcome(self, outcome: Outcome) -> None:
        """Refuse to be used for another outcome than the one it foresees.

        Raises
        ------
        BundleError
            If the definitions differ in anything.
        """
        if dict(self.outcome) != outcome.definition():
            raise BundleError(
                f"the model {self.name} foresees the outcome `{self.outcome_name}` and was asked for `{outcome.name}` "
                "(or that definition has changed); train a model of the outcome you want"
            )

    def check_input(self, X: pd.DataFrame) -> Array:
        """The checked values of ``X``, shape (n, p); see :func:`contract.check_matrix` for what is refused."""
        return check_matrix(X, self.features)

    def margin(self, X: pd.DataFrame, *, num_threads: int = 1) -> Array:
        """Log-odds before calibration, shape (n,); the same bits for any number of threads."""
        return self.model.margin(self.check_input(X), num_threads=num_threads)

    def log_odds(self, X: pd.DataFrame, *, num_threads: int = 1) -> Array:
        """Calibrated log-odds, shape (n,)."""
        return self.calibration.log_odds(self.margin(X, num_threads=num_threads))

    def risk(self, X: pd.DataFrame, *, num_threads: int = 1) -> Array:
        """Calibrated probability of the outcome (0-1), shape (n,)."""
        return self.calibration.risk(self.margin(X, num_threads=num_threads))

    def band(self, risk: Array) -> Array:
        """The band (1-5) of each risk."""
        return band_of(risk, self.bands)

    @cached_property
    def text(self) -> str:
        """The content of ``bundle.json``; the same bundle, the same bytes."""
        return text_of(_document(self, probe=_probe(self).tolist()))

    @property
    def hash(self) -> str:
        """SHA-256 of ``bundle.json``, which holds the hash of the model: it names everything that scores."""
        return digest_of(self.text.encode("utf-8"))

    def save(self, folder: Path, *, extras: Mapping[str, bytes | str] | None = None) -> Path:
        """Write the bundle as one folder, whole or not at all, and not before it has been read back.

        Parameters
        ----------
        folder : Path
            Replaced if it exists.
        extras : dict of bytes or str, optional
            Further files kept with it and covered by its manifest, as ``card.md``; they never take part in scoring.
        """
        with whole_folder(Path(folder)) as partial:
            for name, raw in self.model.files().items():
                (partial / name).write_bytes(raw)
            (partial / BUNDLE_FILE).write_bytes(self.text.encode("utf-8"))
            for name, content in sorted((extras or {}).items()):
                (partial / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
            write_manifest(partial, {"about": MANIFEST_ABOUT, "format": FORMAT})
            Bundle.load(partial, expected_hash=self.hash)
        return Path(folder)

    @classmethod
    def load(cls, folder: Path, *, expected_hash: str | None = None) -> Bundle:
        """Read a bundle; every byte is checked before anything is parsed, and every part before it is used.

        Written again, what was read gives the same bytes, so nothing in ``bundle.json`` is left out of account. The
        probe rows must score **bit for bit** as they did where the model was made. That holds on every machine, since
        scoring adds, multiplies, divides and compares IEEE doubles in a fixed order, and does nothing else.

        A folder vouches for itself only: whoever makes one can make its hashes too. Without ``expected_hash`` the
        compiled tables are therefore worked out again from the text of the model, as long as that takes.

        Parameters
        ----------
        folder : Path
            As written by :meth:`save`.
        expected_hash : str, optional
            The hash that a registry recorded; another bundle is then refused.

        Raises
        ------
        BundleError
            If it is absent, damaged, altered, of another format, made for features that this package does not have,
            scores its own probe rows otherwise than when it was made, or has tables other than its text gives.
        """
        folder = Path(folder)
        content = read_checked(folder, FORMAT, expected_hash=expected_hash)
        parts, digests, remarks, probe = parts_of(content[BUNDLE_FILE], folder)
        kind = MODEL_KINDS.get(parts.pop("kind"))
        named = {name: content.get(name, b"") for name in digests}
        if (
            kind is None
            or kind.file_name not in named
            or any(digest_of(raw) != digests[name] for name, raw in named.items())
        ):
            raise BundleError(
                f"{folder}: the model file is not the one bundle.json names; fetch or train it again"
            )
        bundle = cls(model=kind.from_files(named, remarks), **parts)
        _check_model(bundle, probe, folder)
        if bundle.text.encode("utf-8") != content[BUNDLE_FILE]:
            raise BundleError(
                f"{folder}: bundle.json says more than a bundle of this version does; train it again"
            )
        if expected_hash is None:
            bundle.model.check_tables()
        return bundle


def _document(bundle: Bundle, *, probe: list[float]) -> dict[str, Any]:
    """Everything but the model itself, which stands in its own file and is named here by its hash."""
    return {
        "format": FORMAT,
        "kind": bundle.kind,
        "name": bundle.name,
        "model": {
            "files": {name: digest_of(raw) for name, raw in bundle.model.files().items()},
            "remarks": bundle.model.remarks,
        },
        "features": [declared(feature) for feature in bundle.features],
        "outcome": dict(bundle.outcome),
        "years": dict(bundle.years),
        "as_of": {"month": bundle.as_of[0], "day": bundle.as_of[1]},
        "capacity": bundle.capacity,
        "calibration": asdict(bundle.calibration),
        "bands": [{**asdict(band), "words": band.words} for band in bundle.bands],
        "training_ranges": [asdict(found) for found in bundle.ranges],
        "training": asdict(bundle.training),
        "measures": {name: dict(found) for name, found in bundle.measures.items()},
        "shape": dict(bundle.shape),
        "data": dict(bundle.data),
        "versions": dict(bundle.versions),
        "probe": probe,
    }


def probe_rows(ranges: tuple[FeatureRange, ...]) -> Array:
    """A few made-up rows within the training ranges: all unknown, low, high, and mixtures."""
    low, high = (np.array([getattr(r, end) for r in ranges], dtype=np.float64) for end in ("low", "high"))
    place = np.arange(len(ranges))
    mixed = [np.where(place % n == shift, high, low) for n, shift in ((2, 0), (2, 1), (3, 0), (3, 2))]
    gaps = [np.where(place % n == 0, np.nan, high) for n in (2, 3)]
    return np.vstack([np.full(len(ranges), np.nan), low, high, *mixed, *gaps])


def _probe(bundle: Bundle) -> Array:
    """Calibrated log-odds of the probe rows, shape (rows,)."""
    with np.errstate(all="ignore"):  # numbers that somebody made too large are seen by what they give
        return bundle.calibration.log_odds(bundle.model.margin(probe_rows(bundle.ranges)))


def _check_model(bundle: Bundle, probe: list[float], folder: Path) -> None:
    if bundle.model.feature_names != bundle.feature_names:
        raise BundleError(
            f"{folder}: the model's features stand in another order than its list; train it again"
        )
    if tuple(r.name for r in bundle.ranges) != bundle.feature_names:
        raise BundleError(f"{folder}: the training ranges do not follow the list of features; train it again")
    if not np.array_equal(_probe(bundle), np.asarray(probe)):
        raise BundleError(
            f"{folder}: the model scores its probe rows otherwise than when it was made; "
            "install the versions it names or train it again"
        )
