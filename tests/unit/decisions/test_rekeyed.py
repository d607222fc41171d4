"""A register written out with the pseudonyms of another key: nothing lost, nothing changed but the pseudonyms."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from made_copies import LIST_ID, NO_ACTION, NOW, OFFER, TODAY, entry, record

from absence_risk.decisions.register import Register
from absence_risk.decisions.rekeyed import pupils_named, write_rekeyed
from absence_risk.errors import InputError, KeyFileError, OutputError
from absence_risk.returns.identity import Key, new_key_file
from absence_risk.store import create_store, lookup_path
from absence_risk.workflows.keys import run_key_rotate

EARLIER = Key(hashlib.sha256(b"the earlier key").digest())
READ_IN = {"copy_sha256": "aa" * 32, "by": "E. Reader", "at": NOW}
#: Four listed pupils and two next in line.
NUMBERS = [f"X{number:012d}" for number in range(6)]


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    """A store of the earlier key with its lookup, and a register of one list of its pupils."""
    ids = [EARLIER.pupil_id(number) for number in NUMBERS]
    store = tmp_path / "a.duckdb"
    with create_store(store, {"key_id": EARLIER.key_id}):
        pass
    pd.DataFrame({"pupil_id": ids, "upn": NUMBERS}).to_parquet(lookup_path(store), index=False)
    made = entry()
    pupils = tuple(replace(p, pupil_id=i) for p, i in zip(made.pupils, ids[:4], strict=True))
    with Register(tmp_path / "decisions.sqlite") as register:
        register.add_list(replace(made, pupils=pupils, next_in_line=tuple(ids[4:])))
        register.record(LIST_ID, [record("A-001", OFFER), record("A-002", NO_ACTION)], **READ_IN)
        register.record(LIST_ID, [record("A-001", {**OFFER, "final_decision": "No action"})], **READ_IN)
        register.note_contacts(LIST_ID, rows=1, by="E. Reader", at=NOW)
    return tmp_path


def test_every_decision_stands_behind_the_same_child_under_the_new_key(ground: Path) -> None:
    new = new_key_file(ground / "keys" / "new.key")
    before = (ground / "decisions.sqlite").read_bytes()
    done = run_key_rotate(
        ground / "keys" / "new.key",
        ground / "a.duckdb",
        ground / "decisions.sqlite",
        ground / "new.sqlite",
        today=TODAY,
    )
    assert (ground / "decisions.sqlite").read_bytes() == before
    with Register(ground / "decisions.sqlite") as old, Register(ground / "new.sqlite") as found:
        (was,), (now,) = old.lists(), found.lists()
        assert [p.pupil_id for p in now.pupils] == [new.pupil_id(number) for number in NUMBERS[:4]]
        assert now.next_in_line == tuple(new.pupil_id(number) for number in NUMBERS[4:])
        named = {p.pupil_id for p in was.pupils}
        assert not named & {p.pupil_id for p in now.pupils}
        assert found.standing(LIST_ID) == old.standing(LIST_ID)
        assert found.history(LIST_ID, "A-001") == old.history(LIST_ID, "A-001")
        assert found.conflicts(LIST_ID) == old.conflicts(LIST_ID) != ()
        assert found.copies(LIST_ID) == old.copies(LIST_ID)
        assert found.contact_exports(LIST_ID) == old.contact_exports(LIST_ID)
    said = json.loads(done.record.read_text(encoding="utf-8"))
    assert said["earlier_key_id"] == EARLIER.key_id and said["key_id"] == new.key_id and said["pupils"] == 6
    assert not any(number in done.record.read_text(encoding="utf-8") for number in NUMBERS)


def test_a_new_register_can_be_added_to_as_the_old_one_could(ground: Path) -> None:
    new_key_file(ground / "new.key")
    run_key_rotate(
        ground / "new.key",
        ground / "a.duckdb",
        ground / "decisions.sqlite",
        ground / "new.sqlite",
        today=TODAY,
    )
    with Register(ground / "new.sqlite") as register:
        assert register.record(LIST_ID, [record("A-003", NO_ACTION)], **READ_IN).added == ("A-003",)
    with Register(ground / "new.sqlite") as register:
        assert "A-003" in register.standing(LIST_ID)


def test_one_pupil_without_a_new_pseudonym_and_nothing_is_written(ground: Path) -> None:
    with Register(ground / "decisions.sqlite") as register:
        known = {pupil: f"{n:032x}" for n, pupil in enumerate(sorted(pupils_named(register)))}
        known.pop(sorted(known)[-1])
        with pytest.raises(InputError, match="1 of the 6 pupils"):
            write_rekeyed(register, ground / "new.sqlite", known)
        with pytest.raises(InputError, match="share a pseudonym"):
            write_rekeyed(register, ground / "new.sqlite", dict.fromkeys(pupils_named(register), "f" * 32))
    assert not (ground / "new.sqlite").exists()


def test_the_same_key_and_a_register_that_stands_are_refused(ground: Path) -> None:
    same = ground / "same.key"
    new_key_file(same)
    same.write_text(EARLIER.secret.hex() + "\n", encoding="ascii")
    wanted = (ground / "a.duckdb", ground / "decisions.sqlite")
    with pytest.raises(KeyFileError, match="this very key"):
        run_key_rotate(same, *wanted, ground / "new.sqlite", today=TODAY)
    new_key_file(ground / "new.key")
    with pytest.raises(OutputError, match="never written over"):
        run_key_rotate(ground / "new.key", *wanted, ground / "decisions.sqlite", today=TODAY)
