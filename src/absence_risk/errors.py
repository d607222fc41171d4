"""The few kinds of fault, sorted by who must act, each with its exit code.

A message says what was expected, what was found, where (file, table, column, how many rows) and what to do.
It never holds a pupil's value: code that catches a library's error re-raises one of these ``from None``.
"""

from __future__ import annotations

from collections.abc import Iterable


class AbsenceRiskError(Exception):
    """A fault the package understands; ``exit_code`` is what the command line returns."""

    exit_code = 1


class UsageError(AbsenceRiskError):
    """The person asked for something that cannot be asked for: they change the command or the settings."""

    exit_code = 2


class InputError(AbsenceRiskError):
    """A return or a table is not what it should be: the owner of that file acts."""

    exit_code = 3


class StoreError(AbsenceRiskError):
    """The authority store is absent, damaged, or of another version: ingest again."""

    exit_code = 4


class BundleError(AbsenceRiskError):
    """A saved model is absent, damaged, altered, or made for something else: train or fetch it again."""

    exit_code = 5


class KeyFileError(AbsenceRiskError):
    """The pseudonym key is missing, too short, or not the key of this store: the key's keeper acts."""

    exit_code = 6


class OutputError(AbsenceRiskError):
    """An output could not be written whole; nothing was published and the earlier output stays."""

    exit_code = 7


class RefusedError(AbsenceRiskError):
    """The package understood the request and will not do it (purpose, evidence, wording, small numbers)."""

    exit_code = 8


def all_at_once(title: str, faults: Iterable[str]) -> str:
    """One message that lists every fault, so that nobody mends a file eight times.

    >>> print(all_at_once("2 faults in the returns:", ["a.csv: empty", "b.xml: cut short"]))
    2 faults in the returns:
      - a.csv: empty
      - b.xml: cut short
    """
    return "\n".join([title, *(f"  - {fault}" for fault in faults)])
