"""A made-up authority that writes the real returns, calibrated to published rates. Nobody in it exists."""

from __future__ import annotations

from .simulate import SimulateResult, simulate

__all__ = ["SimulateResult", "simulate"]
