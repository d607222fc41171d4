"""Copies that do not contradict each other may come in any order, and nothing once recorded is ever lost."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_copies import LIST_ID, NOW, entry, record

from absence_risk.decisions.kept import Recorded
from absence_risk.decisions.register import Register

_FIELDS = ("action", "owner", "route", "reason_text")
_REFS = ("A-001", "A-002")
_VALUES = st.sampled_from(("", "one", "two"))
_ROW = st.fixed_dictionaries(dict.fromkeys(_FIELDS, _VALUES))
_COPY = st.fixed_dictionaries(dict.fromkeys(_REFS, _ROW))


def _read(
    register: Register, copy: Mapping[str, Mapping[str, str]], settle: tuple[str, ...] = ()
) -> Recorded:
    rows = [record(ref, row) for ref, row in copy.items()]
    return register.record(LIST_ID, rows, copy_sha256="aa", by="x", at=NOW, settle=settle)


def _standing(register: Register) -> dict[str, dict[str, str]]:
    return {ref: dict(found.record.values) for ref, found in register.standing(LIST_ID).items()}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A register with the list and nothing else, to begin each example with."""
    path = tmp_path_factory.mktemp("empty") / "r.sqlite"
    with Register(path) as register:
        register.add_list(entry())
    return path.read_bytes()


@contextlib.contextmanager
def _begun(empty: bytes) -> Iterator[Register]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.sqlite"
        path.write_bytes(empty)
        with Register(path) as register:
            yield register


@pytest.fixture
def register(tmp_path: Path) -> Register:
    found = Register(tmp_path / "r.sqlite")
    found.add_list(entry())
    return found


@settings(max_examples=20, deadline=None)
@given(whole=_COPY, split=st.lists(st.booleans(), min_size=8, max_size=8))
def test_the_order_of_two_copies_without_conflicting_fields_does_not_matter(
    empty: bytes, whole: dict[str, dict[str, str]], split: list[bool]
) -> None:
    keys = [(ref, name) for ref in _REFS for name in _FIELDS]
    mine = {key for key, taken in zip(keys, split, strict=True) if taken}
    # Fields of A-001 are in one copy or the other, those of A-002 in both.
    copies = [
        {
            ref: {n: v for n, v in row.items() if ref == "A-002" or ((ref, n) in mine) == first}
            for ref, row in whole.items()
        }
        for first in (True, False)
    ]
    ends = []
    for order in (copies, copies[::-1]):
        with _begun(empty) as register:
            for copy in order:
                assert not _read(register, copy).conflicts
            ends.append(_standing(register))
    assert ends[0] == ends[1]
    assert ends[0] == {
        ref: kept for ref, row in whole.items() if (kept := {n: v for n, v in row.items() if v})
    }


@settings(max_examples=25, deadline=None)
@given(copies=st.lists(st.tuples(_COPY, st.sets(st.sampled_from(_REFS))), max_size=4))
def test_nothing_once_recorded_ever_disappears_and_no_filled_field_changes_unasked(
    empty: bytes,
    copies: list[tuple[dict[str, dict[str, str]], set[str]]],
) -> None:
    with _begun(empty) as register:
        before: dict[str, tuple[object, ...]] = dict.fromkeys(_REFS, ())
        for copy, settle in copies:
            stood = _standing(register)
            _read(register, copy, tuple(settle))
            for ref in _REFS:
                now = register.history(LIST_ID, ref)
                assert now[: len(before[ref])] == before[ref]
                before[ref] = now
                if ref not in settle:
                    assert stood.get(ref, {}).items() <= _standing(register).get(ref, {}).items()


def test_a_blank_is_filled_and_a_filled_field_is_not_emptied(register: Register) -> None:
    assert _read(register, {"A-001": {"action": "one", "owner": ""}}).added == ("A-001",)
    assert _read(register, {"A-001": {"action": "", "owner": "two"}}).completed == ("A-001",)
    assert _read(register, {"A-001": {"owner": "two"}}).unchanged == ("A-001",)
    assert _standing(register) == {"A-001": {"action": "one", "owner": "two"}}
    assert [version.number for version in register.history(LIST_ID, "A-001")] == [1, 2]


def test_a_row_that_says_otherwise_is_kept_apart_and_the_other_rows_are_recorded(register: Register) -> None:
    _read(register, {"A-001": {"route": "one"}})
    found = _read(register, {"A-001": {"route": "two", "owner": "three"}, "A-002": {"route": "two"}})
    assert found.added == ("A-002",) and [c.review_ref for c in found.conflicts] == ["A-001"]
    assert _standing(register)["A-001"] == {"route": "one"}
    assert [f.field for f in register.conflicts(LIST_ID)[0].fields] == ["route"]


def test_the_same_conflict_read_twice_is_kept_once(register: Register) -> None:
    _read(register, {"A-001": {"route": "one"}})
    for _ in range(2):
        assert len(_read(register, {"A-001": {"route": "two"}}).conflicts) == 1
    _read(register, {"A-001": {"owner": "x"}})
    assert len(_read(register, {"A-001": {"route": "two"}}).conflicts) == 1
    assert len(register.conflicts(LIST_ID)) == 1


@pytest.mark.parametrize("route", ["one", "two"])
def test_settling_takes_the_row_of_the_copy_whole_and_keeps_the_earlier_one(
    register: Register, route: str
) -> None:
    _read(register, {"A-001": {"route": "one", "action": "earlier"}})
    _read(register, {"A-001": {"route": "two"}})
    assert _read(register, {"A-001": {"route": route}}, ("A-001",)).settled == ("A-001",)
    assert register.conflicts(LIST_ID) == ()
    assert _standing(register) == {"A-001": {"route": route}}
    assert dict(register.history(LIST_ID, "A-001")[0].record.values)["action"] == "earlier"


def test_a_conflict_after_a_settlement_is_a_new_one(register: Register) -> None:
    _read(register, {"A-001": {"route": "one"}})
    _read(register, {"A-001": {"route": "two"}})
    _read(register, {"A-001": {"route": "two"}}, ("A-001",))
    _read(register, {"A-001": {"route": "one"}})
    (conflict,) = register.conflicts(LIST_ID)
    assert (conflict.fields[0].earlier, conflict.fields[0].now) == ("two", "one")


def test_free_text_in_conflict_is_not_repeated(register: Register) -> None:
    _read(register, {"A-001": {"reason_text": "one"}})
    (conflict,) = _read(register, {"A-001": {"reason_text": "two"}}).conflicts
    assert conflict.in_words() == "A-001: Reason in words: the two texts differ"


def test_an_empty_row_says_nothing_and_an_unknown_field_is_a_fault_of_ours(register: Register) -> None:
    assert _read(register, {"A-001": {"route": ""}}) == Recorded((), (), (), (), ())
    with pytest.raises(ValueError, match="has no field"):
        _read(register, {"A-001": {"nickname": "x"}})
