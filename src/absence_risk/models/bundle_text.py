"""``bundle.json``: a bundle's parts as JSON and back. Numbers go in whole, so that reading gives the same bits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import BundleError
from ..features.catalogue import CATALOGUE, Feature
from ..files import canonical_json
from .bands import Band
from .bundle_files import json_of
from .bundle_form import check_form
from .calibration import LinearCalibration
from .contract import FeatureRange
from .met_in_training import Training

FORMAT = 3


def text_of(document: dict[str, Any]) -> str:
    """The document as text: sorted keys, fixed layout."""
    return canonical_json(document)


def declared(feature: Feature) -> dict[str, Any]:
    """What of a feature a bundle keeps: enough to see that it still means the same."""
    return {
        "name": feature.name,
        "family": feature.family.value,
        "topic": feature.topic,
        "unit": feature.unit,
        "direction": feature.direction,
    }


def _features(kept: list[dict[str, Any]], folder: Path) -> tuple[Feature, ...]:
    unknown = [str(found["name"]) for found in kept if found["name"] not in CATALOGUE]
    if unknown:
        raise BundleError(
            f"{folder}: the model uses {len(unknown)} features this package does not have: {_named(unknown)}; train "
            "it again"
        )
    changed = [found["name"] for found in kept if found != declared(CATALOGUE[found["name"]])]
    if changed:
        raise BundleError(
            f"{folder}: features have another meaning than when the model was made: {_named(changed)}; "
            "train it again"
        )
    return tuple(CATALOGUE[found["name"]] for found in kept)


def _named(features: Iterable[str]) -> str:
    # Whoever made the file chose the words, and a terminal obeys some of them.
    plain = [name for name in features if re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name)]
    return ", ".join(plain[:10]) or "their names are no names of features"


def parts_of(raw: bytes, folder: Path) -> tuple[dict[str, Any], dict[str, str], dict[str, str], list[float]]:
    """What ``bundle.json`` says: the parts of a bundle, the hash of each of its model's files, remarks on them, and
    the probe's log-odds.

    Raises
    ------
    BundleError
        If a part is absent or of another form, or a feature is unknown or has another meaning here.
    """
    try:
        found = json_of(raw)
        if found["format"] != FORMAT:
            raise BundleError(f"{folder}: bundle.json is not of format {FORMAT}, the one this version reads")
        check_form(found)
        parts = {
            **{
                key: found[key]
                for key in ("kind", "name", "outcome", "years", "measures", "shape", "data", "versions")
            },
            "features": _features(found["features"], folder),
            "as_of": (int(found["as_of"]["month"]), int(found["as_of"]["day"])),
            "capacity": int(found["capacity"]),
            "calibration": LinearCalibration(**found["calibration"]),
            "bands": tuple(
                Band(**{k: v for k, v in band.items() if k != "words"}) for band in found["bands"]
            ),
            "ranges": tuple(FeatureRange(**one) for one in found["training_ranges"]),
            "training": Training.of_plain(found["training"]),
        }
        digests = {str(name): str(digest) for name, digest in found["model"]["files"].items()}
        remarks = {str(name): str(words) for name, words in found["model"]["remarks"].items()}
        return parts, digests, remarks, [float(value) for value in found["probe"]]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise BundleError(
            f"{folder}: bundle.json is not of the form this version reads; train it again"
        ) from None
