"""Faults that happen inside Spark, said again in our words: its own messages quote rows and paths of the cluster."""

from __future__ import annotations

import contextlib
import re
import traceback
from collections.abc import Iterator
from pathlib import Path

from .. import errors
from ..errors import AbsenceRiskError, UsageError

#: Around a fault's kind and words where a worker raises it, so that the driver finds them in what Spark passes on.
_OPENS, _CLOSES = "[absence_risk fault ", "absence_risk fault ends]"
_SAID = re.compile(re.escape(_OPENS) + r"(\w+)\] (.*?) \[" + re.escape(_CLOSES), re.DOTALL)

#: Where Spark's exceptions come from; the second is its bridge to Java, which Spark Connect does without.
_GUESTS = ("pyspark", "py4j")


class WorkerFault(Exception):
    """A fault on a worker, already in our words; nothing else of it crosses to the driver."""


def worker_fault(fault: Exception) -> WorkerFault:
    """What a worker raises ``from None``: our own faults with their words, any other by its kind alone."""
    if isinstance(fault, AbsenceRiskError):
        kind, words = type(fault).__name__, str(fault)
    else:
        kind = "AbsenceRiskError"
        where = f"{type(fault).__name__} at {_place(fault)}"
        words = f"a worker met an unforeseen fault of the kind {where}; please report it"
    return WorkerFault(f"{_OPENS}{kind}] {words} [{_CLOSES}")


def _place(fault: Exception) -> str:
    """The last place in our own code that a fault passed, as module and line."""
    places = [
        frame for frame in traceback.extract_tb(fault.__traceback__) if "absence_risk" in frame.filename
    ]
    return f"{Path(places[-1].filename).stem}, line {places[-1].lineno}" if places else "no place of ours"


@contextlib.contextmanager
def in_our_words() -> Iterator[None]:
    """Turn what Spark raises into one of our faults, with the words that a worker gave if it gave any.

    Raises
    ------
    AbsenceRiskError
        Of the worker's kind; or plain, where Spark itself failed.
    """
    try:
        yield
    except Exception as fault:
        if not type(fault).__module__.startswith(_GUESTS):
            raise
        again = _again(str(fault), type(fault).__name__)
        raise again from None


def _again(message: str, kind: str) -> AbsenceRiskError:
    said = _SAID.search(message)
    if said:
        return getattr(errors, said[1], AbsenceRiskError)(said[2])
    if "No module named 'absence_risk'" in message:
        return UsageError(
            "absence_risk is not installed on the workers; install the driver's version of it on every one"
        )
    return AbsenceRiskError(
        f"Spark could not do the work ({kind}) and nothing was published; its own log says more"
    )
