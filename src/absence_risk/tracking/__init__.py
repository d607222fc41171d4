"""Runs and registered models in MLflow: settings, measures and aggregates go in, never a pupil's row."""

from .registry import Tracking

__all__ = ["Tracking"]
