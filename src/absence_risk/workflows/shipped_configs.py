"""The settings that come with the package."""

from __future__ import annotations

from pathlib import Path


def config_path(name: str) -> Path:
    """Settings we ship: beside the source in a checkout, inside the package when installed."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "configs" / f"{name}.yaml"
    return inside if inside.is_file() else package.parents[1] / "configs" / f"{name}.yaml"
