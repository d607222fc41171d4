"""What ``bundle.json`` may say: each part of the right kind and within its bounds, before anything is made of it.

A bundle's hash says that nobody changed it since it was written, not that whoever wrote it meant well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..domain.academic_year import AcademicYear

#: Whole numbers up to this one are held exactly as floating ones.
_MOST = 2**53
_LONGEST_WORDS = 2_000
_DEEPEST = 8
#: No unit of the catalogue allows a value beyond it.
_LARGEST_VALUE = 10_000


def check_form(said: Mapping[str, Any]) -> None:
    """Refuse a document whose parts cannot be what this package wrote.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError
        If a part is absent, of another kind, or outside its bounds.
    """
    _plain(said)
    _dates(said)
    stated = (*said["data"].values(), *said["versions"].values(), *said["model"]["remarks"].values())
    names = (said["kind"], said["name"], said["outcome"]["name"], *said["model"]["files"].values(), *stated)
    if not all(isinstance(name, str) and name for name in names):
        raise ValueError("names")
    if not all(_number(value) for record in said["measures"].values() for value in record.values()):
        raise ValueError("measures")
    if type(said["capacity"]) is not int or said["capacity"] < 1 or not isinstance(said["shape"], dict):
        raise ValueError("capacity")
    line = said["calibration"]
    if not (type(line["intercept"]) is float and type(line["slope"]) is float and line["slope"] > 0):
        raise ValueError("calibration")
    _bands(said["bands"])
    _ranges(said["training_ranges"])
    _met(said["training"])


def _plain(value: Any, depth: int = 0) -> None:
    """Text that a terminal or a page may show, numbers that are held exactly, and no deep nesting."""
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        for name, held in value.items():
            _plain(name)
            _plain(held, depth + 1)
    elif isinstance(value, list):
        for held in value:
            _plain(held, depth + 1)
    elif isinstance(value, str):
        if len(value) > _LONGEST_WORDS or not value.isprintable():
            raise ValueError("text")
    elif type(value) is int and abs(value) > _MOST:
        raise ValueError("a number")


def _number(value: Any) -> bool:
    return value is None or type(value) in (int, float)


def _dates(said: Mapping[str, Any]) -> None:
    years = said["years"]
    for year in (*years["trained"], years["calibrated"], years["tested"]):
        if year is not None:
            AcademicYear.parse(year)
    date(2000, said["as_of"]["month"], said["as_of"]["day"])


def _bands(bands: list[dict[str, Any]]) -> None:
    """Bands follow on one another from 0 to 1, and hold no more pupils who met the outcome than pupils."""
    ends = [0.0]
    for place, band in enumerate(bands, start=1):
        if type(band["upper"]) is not float or type(band["lower"]) is not float:
            raise ValueError("an edge of a band")
        if band["index"] != place or band["lower"] != ends[-1] or band["upper"] < band["lower"]:
            raise ValueError("bands")
        if (
            any(type(band[count]) is not int for count in ("n", "events"))
            or not 0 <= band["events"] <= band["n"]
        ):
            raise ValueError("pupils of a band")
        ends.append(band["upper"])
    if ends[-1] != 1.0:
        raise ValueError("bands")


def _ranges(ranges: list[dict[str, Any]]) -> None:
    for one in ranges:
        numbers = (one["low"], one["high"], one["missing"])
        if any(type(number) is not float or not abs(number) <= _LARGEST_VALUE for number in numbers):
            raise ValueError("a range")
        if one["low"] > one["high"] or not 0 <= one["missing"] <= 1:
            raise ValueError("a range")


def _met(training: Mapping[str, Any]) -> None:
    """What was met in training: whole numbers of pupils, days and records, and shares that are numbers."""
    counts = [training["rows"]]
    for column in training["columns"]:
        shares = [column["missing"], *column["cuts"], *column["at_most"], *column["spread"]]
        if not isinstance(column["name"], str) or any(type(share) is not float for share in shares):
            raise ValueError("a column that was met")
    for year in training["years"]:
        AcademicYear.parse(year["year"])
        counts += [year["seen"], year["eligible"], year["schools"]]
        counts += [
            number for known in year["returns"].values() for number in (known["age"], known["records"])
        ]
    if any(type(count) is not int for count in counts):
        raise ValueError("a count of what was met")
