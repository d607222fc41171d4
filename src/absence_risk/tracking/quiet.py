"""MLflow without its telemetry, its pickles, its chatter, or its quotations of rows."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import Any

from ..errors import AbsenceRiskError, OutputError

_SWITCHES = {
    # `DO_NOT_TRACK=1` does not stop MLflow; the word true does.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_SCHEMA_DETAILS": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_AGENT_HINT": "true",
    "GIT_PYTHON_REFRESH": "quiet",
}


def quiet_mlflow() -> Any:
    """The mlflow module, imported with telemetry and pickle off and without chatter on the terminal."""
    os.environ.update(_SWITCHES)
    import mlflow

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return mlflow


@contextlib.contextmanager
def as_ours(doing: str) -> Iterator[None]:
    """Turn any fault of MLflow, its database or its server into one of ours, which says what was being done.

    A library's message may quote a row, so only the kind of fault is passed on.
    """
    try:
        yield
    except AbsenceRiskError:
        raise
    except Exception as fault:
        raise OutputError(
            f"MLflow could not {doing} ({type(fault).__name__}); check the tracking address and that it may be "
            "written to. A store made by another MLflow version is brought up with: mlflow db upgrade ADDRESS"
        ) from None
