"""What a bundle says is looked at part by part before anything is made of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_matrix import logistic_bundle, trees_bundle

from absence_risk.models.bundle_files import is_plain, json_of
from absence_risk.models.bundle_form import check_form

MET = {"name": "fsm_now", "missing": 0.1, "cuts": [0.0], "at_most": [0.8], "spread": [1.0, 1.2]}
YEAR = {
    "year": "2023/24",
    "seen": 90,
    "eligible": 80,
    "schools": 3,
    "returns": {"x": {"age": 12, "records": 90}},
}


def document() -> dict[str, Any]:
    return dict(json.loads(logistic_bundle().text))


def bands(**changed: Any) -> list[dict[str, Any]]:
    first, *rest = document()["bands"]
    return [first, {**rest[0], **changed}, *rest[1:]]


def test_what_this_package_writes_is_let_through() -> None:
    check_form(document())
    check_form(json.loads(trees_bundle().text))
    check_form({**document(), "training": {"rows": 9, "columns": [MET], "years": [YEAR]}})


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("name", ""),
        ("name", 7),
        ("name", "a\nb"),
        ("name", "\x1b[2J"),
        ("name", "\u202e"),
        ("name", "a" * 3_000),
        ("kind", None),
        ("outcome", {}),
        ("outcome", []),
        ("outcome", {"name": None}),
        ("years", {"trained": ["2022/24"], "calibrated": "2023/24", "tested": None}),
        ("years", {"trained": [], "calibrated": "2023/24"}),
        ("as_of", {"month": 2, "day": 30}),
        ("as_of", {"month": "10", "day": 31}),
        ("capacity", 0),
        ("capacity", True),
        ("capacity", 20.0),
        ("capacity", 2**60),
        ("calibration", {"intercept": 0.0, "slope": 0.0}),
        ("calibration", {"intercept": 0.0, "slope": "1"}),
        ("calibration", {"intercept": None, "slope": 1.0}),
        ("bands", []),
        ("bands", bands(lower=0.5)),
        ("bands", bands(lower=0)),
        ("bands", bands(upper=0.0)),
        ("bands", bands(index=1)),
        ("bands", bands(events=10**6)),
        ("bands", bands(n=1.5)),
        ("bands", document()["bands"][:-1]),
        ("training_ranges", [{"name": "a", "low": 1.0, "high": 0.0, "missing": 0.0}]),
        ("training_ranges", [{"name": "a", "low": 0.0, "high": 1e300, "missing": 0.0}]),
        ("training_ranges", [{"name": "a", "low": 0.0, "high": 1.0, "missing": 1.5}]),
        ("training_ranges", [{"name": "a", "low": 0, "high": 1.0, "missing": 0.0}]),
        ("measures", {"model": {"auc": "0.8"}}),
        ("measures", {"model": {"auc": True}}),
        ("measures", {"model": [0.8]}),
        ("shape", []),
        ("shape", {"a": [[[[[[[[[1]]]]]]]]]}),
        ("data", {"fingerprint": 1}),
        ("versions", {"numpy": ["2"]}),
        ("training", {"rows": "9", "columns": [], "years": []}),
        ("training", {"rows": 9, "columns": [{**MET, "missing": "0"}], "years": []}),
        ("training", {"rows": 9, "columns": [{**MET, "cuts": [1]}], "years": []}),
        ("training", {"rows": 9, "columns": [], "years": [{**YEAR, "seen": "9"}]}),
        ("training", {"rows": 9, "columns": [], "years": [{**YEAR, "year": "2023"}]}),
        (
            "training",
            {"rows": 9, "columns": [], "years": [{**YEAR, "returns": {"x": {"age": 1.5, "records": 1}}}]},
        ),
        ("model", {"files": {"x": 1}, "remarks": {}}),
        ("model", {"files": {}, "remarks": {"no_tables": "\x07"}}),
    ],
)
def test_a_part_of_another_kind_or_outside_its_bounds_is_refused(part: str, value: object) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        check_form({**document(), part: value})


@pytest.mark.parametrize(
    "content",
    [
        b"{}", b'{\n  "a": NaN\n}\n', b'{\n  "a": 1e999\n}\n', b'{\n  "a": 1,\n  "a": 1\n}\n', b'{\n  "a": 1\n} \n',
        b'{\n  "b": 1,\n  "a": 1\n}\n', b'{\n  "a": "\\ud800"\n}\n', b'{\n  "a": "\\u0041"\n}\n', b"\xff\n",
        b"\xef\xbb\xbf1\n", b"[" * 100_000, b'{"a":' * 100_000, b'{\n  "a": ' + b"9" * 5_000 + b"\n}\n", b"",
    ],
)  # fmt: skip
def test_json_in_any_other_form_than_ours_is_refused(content: bytes) -> None:
    assert json_of(b'{\n  "a": 1.5\n}\n') == {"a": 1.5}
    with pytest.raises(ValueError):
        json_of(content)


def test_json_far_longer_than_a_models_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="far longer"):
        json_of(b"[" * (8 * 1024 * 1024 + 1))


@pytest.mark.parametrize(("name", "plain"), [
    ("model.txt", True), ("card.md", True), ("a-b_c.2.json", True), ("aux.txt", False), ("Lpt1", False),
    ("console.txt", True), (".hidden", False), ("-rf", False), ("x/", False), ("a b", False), ("\u00e4.txt", False),
])  # fmt: skip
def test_a_name_is_that_of_a_file_on_every_system(name: str, plain: bool) -> None:
    assert is_plain(name) is plain
