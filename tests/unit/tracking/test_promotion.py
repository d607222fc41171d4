"""A version becomes champion if a backtest let it, or if somebody answers for it by name."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from made_matrix import logistic_bundle, trees_bundle

from absence_risk.errors import InputError, RefusedError, UsageError
from absence_risk.logbook import Logbook, Override
from absence_risk.models.bundle import Bundle
from absence_risk.tracking import Tracking
from absence_risk.workflows.promote import override_of, run_promote

TODAY = date(2026, 11, 2)
ANN = Override("Ann Example", "Head of Early Help", "The rule we use cannot run this term.")


@pytest.fixture()
def store(tracking: Tracking) -> Path:
    """A store with two registered versions beside it: trees, then logistic. Its own content is not read here."""
    path = tracking.folder.parent / "authority.duckdb"
    path.write_bytes(b"")
    run_id = tracking.log_training("x", params={}, measures={}, bundle=trees_bundle())
    tracking.register(run_id, trees_bundle())
    tracking.register(run_id, logistic_bundle())
    return path


def _judge(store: Path, bundle: Bundle, **states: str) -> None:
    rows = [
        {"gate": gate, "words": f"Is {gate} good?", "bar": "0.65 or more", "found": "0.61", "state": state}
        for gate, state in states.items()
    ]
    Logbook(store).record_judged(
        bundle.hash, model="four_factors", capacity=60, outcome="unauthorised", gates=rows,
        evidence_sha256="e" * 64, on=TODAY,
    )  # fmt: skip


def _kinds(store: Path) -> list[str]:
    path = Logbook(store).path
    return [json.loads(line)["kind"] for line in path.read_text(encoding="utf-8").splitlines()]


def _promote(store: Path, version: int = 1, **more: Any) -> str:
    return run_promote(version, store=store, today=TODAY, **more)


def test_a_model_that_passed_becomes_champion_and_its_card_prints_the_gates(
    store: Path, tracking: Tracking
) -> None:
    _judge(store, trees_bundle(), precision="passed")
    said = _promote(store)
    assert said.startswith("Version 1 of absence-risk is now the champion\n") and "overridden" not in said
    assert tracking.champion() == 1 and _kinds(store) == ["judged", "promoted"]
    folder = store.parent / "models" / "champion"
    assert Bundle.load(folder).hash == trees_bundle().hash
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert "Is precision good?" in card and "**passed**" in card and "Overridden" not in card
    assert tracking.client.get_model_version("absence-risk", "1").tags["gates"] == "passed"


def test_a_failed_gate_blocks_and_is_named_with_bar_and_finding_and_how_to_override(
    store: Path, tracking: Tracking
) -> None:
    _judge(store, trees_bundle(), precision="failed", slope="cannot be judged", gaps="passed")
    before = Logbook(store).path.read_bytes()
    with pytest.raises(RefusedError) as refused:
        _promote(store)
    said = str(refused.value)
    assert refused.value.exit_code == 8
    assert "Is precision good? Failed: 0.61 (the bar: 0.65 or more)" in said
    assert "Is slope good? Cannot be judged" in said and "gaps" not in said
    assert "--override --name NAME --role ROLE --reason REASON" in said
    assert tracking.champion() is None and Logbook(store).path.read_bytes() == before
    assert not (store.parent / "models").exists()


def test_a_model_that_no_backtest_has_judged_is_sent_to_the_backtest_first(
    store: Path, tracking: Tracking
) -> None:
    _judge(store, logistic_bundle(), precision="passed")
    with pytest.raises(RefusedError, match="run first: absence-risk backtest"):
        _promote(store)
    assert tracking.champion() is None


@pytest.mark.parametrize("judged", [True, False])
def test_an_override_is_written_down_printed_and_tagged(
    store: Path, tracking: Tracking, judged: bool
) -> None:
    if judged:
        _judge(store, trees_bundle(), precision="failed", gaps="passed")
    said = _promote(store, override=ANN)
    assert "Ann Example (Head of Early Help)" in said and ANN.reason in said
    assert tracking.champion() == 1 and _kinds(store)[-2:] == ["override", "promoted"]
    standing = Logbook(store).standing(trees_bundle().hash)
    assert (standing.state, standing.override, standing.overridden_on) == ("overridden", ANN, TODAY)
    card = (store.parent / "models" / "champion" / "card.md").read_text(encoding="utf-8")
    assert "**Overridden** by Ann Example, Head of Early Help" in card and ANN.reason in card
    assert ("Is precision good?" in card) == judged
    tags = tracking.client.get_model_version("absence-risk", "1").tags
    assert (tags["gates"], tags["override_name"], tags["override_reason"]) == (
        "overridden",
        ANN.name,
        ANN.reason,
    )


def test_an_override_that_is_not_needed_is_refused_and_not_written_down(
    store: Path, tracking: Tracking
) -> None:
    _judge(store, trees_bundle(), precision="passed")
    with pytest.raises(RefusedError, match="needs no override: it passed every gate"):
        _promote(store, override=ANN)
    _judge(store, logistic_bundle(), precision="failed")
    _promote(store, 2, override=ANN)
    with pytest.raises(RefusedError, match="an override of it stands already"):
        _promote(store, 2, override=ANN)
    assert tracking.champion() == 2 and _kinds(store).count("override") == 1


def test_an_overridden_model_may_be_promoted_again_until_another_gate_fails(
    store: Path, tracking: Tracking
) -> None:
    _judge(store, trees_bundle(), precision="failed", gaps="passed")
    _promote(store, override=ANN)
    _judge(store, logistic_bundle(), precision="passed")
    assert "before: version 1" in _promote(store, 2)
    assert "before: version 2" in _promote(store, 1)
    _judge(store, trees_bundle(), precision="failed", gaps="failed")
    with pytest.raises(RefusedError, match="Is gaps good"):
        _promote(store, 1)
    assert tracking.champion() == 1


def test_a_damaged_logbook_stops_everything(store: Path, tracking: Tracking) -> None:
    _judge(store, trees_bundle(), precision="failed")
    path = Logbook(store).path
    path.write_text(path.read_text(encoding="utf-8").replace("failed", "passed"), encoding="utf-8")
    with pytest.raises(InputError, match="line 1 of the logbook"):
        _promote(store)
    assert tracking.champion() is None


def test_without_a_store_or_a_version_there_is_nothing_to_promote(store: Path) -> None:
    with pytest.raises(UsageError, match="no authority store"):
        _promote(store.with_name("none.duckdb"))
    with pytest.raises(UsageError, match="has no models:/absence-risk/7"):
        _promote(store, 7)


@pytest.mark.parametrize(
    ("asked", "parts", "words"),
    [
        (True, {}, "add --name and --role and --reason"),
        (True, {"name": "Ann Example", "role": "Head"}, "add --reason"),
        (True, {"name": "Ann Example", "role": "Head", "reason": "no"}, "reason of 10"),
        (False, {"reason": "We need it this term"}, "--reason belong to an override"),
    ],
)
def test_an_override_is_asked_for_whole_or_not_at_all(asked: bool, parts: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        override_of(asked, **parts)
    assert override_of(False) is None
    assert override_of(True, name=ANN.name, role=ANN.role, reason=ANN.reason) == ANN
