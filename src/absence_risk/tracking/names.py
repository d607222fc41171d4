"""What registered models are called, and where a named one stands on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..errors import UsageError
from ..models.bundle import Bundle

EXPERIMENT = "absence_risk"
MODEL_NAME = "absence-risk"
HASH_TAG = "bundle_sha256"
RECORDED_TAG = "absence_risk.recorded"
KIND_TAG = "absence_risk.kind"
CHAMPION, CHALLENGER = "champion", "challenger"


class Resolved(NamedTuple):
    """Where a named model stands on this machine, the hash it must have, and what to call it."""

    folder: Path
    expected_hash: str | None
    label: str

    def load(self) -> Bundle:
        """The bundle, refused if its hash differs."""
        return Bundle.load(self.folder, expected_hash=self.expected_hash)


class Named(NamedTuple):
    """A registered model as asked for: by alias or by version, one of them empty."""

    name: str
    alias: str
    version: str


def parse_model(model: str) -> Named:
    """Read ``models:/absence-risk@champion`` or ``models:/absence-risk/3``.

    Raises
    ------
    UsageError
        If it is neither.

    Examples
    --------
    >>> parse_model("models:/absence-risk/3")
    Named(name='absence-risk', alias='', version='3')
    """
    rest = model.removeprefix("models:/")
    name, _, alias = rest.partition("@")
    if name and alias and "/" not in rest:
        return Named(name, alias, "")
    name, _, number = rest.partition("/")
    if name and "@" not in name and number.isascii() and number.isdigit():
        return Named(name, "", number)
    raise UsageError(f"{model}: expected models:/{MODEL_NAME}@{CHAMPION} or models:/{MODEL_NAME}/3")
