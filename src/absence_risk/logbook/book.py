"""The logbook of one store: written one line at a time under a lock, read whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ..files import private_folder
from ..locks import file_lock
from .entries import Gate, GateState, Opening, Override, Standing
from .sealed import Line, read_sealed, write_sealed

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Logbook:
    """What was done with the models of a store, line by line, in ``<store>.logbook.jsonl`` beside it.

    Nothing is ever taken out. It holds no pupil; it does hold names of staff, on purpose (:class:`Override`).

    Parameters
    ----------
    store : Path
        The store's file, which need not exist: a store that is ingested again keeps its logbook.
    """

    def __init__(self, store: Path | str) -> None:
        store = Path(store)
        self.path = store.with_name(f"{store.stem}.logbook.jsonl")

    def record_opening(
        self,
        *,
        test_year: str,
        command: str,
        settings: str,
        settings_sha256: str,
        gates_sha256: str,
        store_fingerprint: str,
        on: date,
    ) -> Opening:
        """Note that a test year's outcomes are looked at, before they are; says how often that has now been done.

        A year looked at many times, with settings changed in between, is no longer untouched, so every opening counts.

        Parameters
        ----------
        test_year : str
            Feature year, as 2024/25.
        command : str
            ``train`` or ``backtest``.
        settings, settings_sha256, gates_sha256 : str
            Name and hash of the settings, and hash of their gates alone: bars are to be set before the first opening.
        """
        lines = self._add(
            "opening",
            on,
            test_year=str(test_year),
            command=command,
            settings=settings,
            settings_sha256=settings_sha256,
            gates_sha256=gates_sha256,
            store_fingerprint=store_fingerprint,
        )
        return _openings(lines, test_year)

    def openings(self, test_year: str) -> Opening:
        """How often a test year has been opened so far; (0, 0) if never."""
        return _openings(read_sealed(self.path), test_year)

    def record_judged(
        self,
        bundle_sha256: str,
        *,
        model: str,
        capacity: int,
        outcome: str,
        gates: Iterable[Mapping[str, Any]],
        evidence_sha256: str,
        on: date,
    ) -> Standing:
        """Note how a backtest judged a model; returns where the model stands now.

        Parameters
        ----------
        gates : iterable of mapping
            Rows with the columns of the evidence table ``gates``; at least one.
        """
        judged = [dict(zip(Gate._fields, map(str, _gate(row)), strict=True)) for row in gates]
        if not judged:
            raise ValueError("a judgement needs at least one gate")
        lines = self._add(
            "judged",
            on,
            bundle_sha256=_hash(bundle_sha256),
            model=model,
            capacity=int(capacity),
            outcome=outcome,
            gates=judged,
            evidence_sha256=evidence_sha256,
        )
        return _standing(lines, bundle_sha256)

    def record_override(
        self, bundle_sha256: str, *, version: int, failed: Sequence[str], override: Override, on: date
    ) -> Standing:
        """Note an override of named gates (none, if no backtest has judged the model)."""
        lines = self._add(
            "override",
            on,
            bundle_sha256=_hash(bundle_sha256),
            version=int(version),
            failed=sorted(failed),
            name=override.name,
            role=override.role,
            reason=override.reason,
        )
        return _standing(lines, bundle_sha256)

    def record_promoted(self, bundle_sha256: str, *, version: int, on: date) -> None:
        """Note that a version was made champion."""
        self._add("promoted", on, bundle_sha256=_hash(bundle_sha256), version=int(version))

    def standing(self, bundle_sha256: str) -> Standing:
        """Where a model stands: the newest judgement counts, and an override that covers every gate it did not pass."""
        return _standing(read_sealed(self.path), bundle_sha256)

    def _add(self, kind: str, on: date, **what: Any) -> list[Line]:
        # The lock covers reading and writing, or two writers would each add to the same old lines.
        private_folder(self.path.parent)
        with file_lock(self.path.with_name(self.path.name + ".lock")):
            return write_sealed(
                self.path, read_sealed(self.path), {"kind": kind, "on": on.isoformat(), **what}
            )


def _hash(found: str) -> str:
    if not _SHA256.fullmatch(found):
        raise ValueError("a model is named by the SHA-256 of its bundle")
    return found


def _gate(row: Mapping[str, Any]) -> Gate:
    gate, words, bar, found, state = (str(row[field]) for field in Gate._fields)
    return Gate(gate, words, bar, found, GateState(state))


def _openings(lines: Sequence[Line], test_year: str) -> Opening:
    found = [line for line in lines if line["kind"] == "opening" and line["test_year"] == str(test_year)]
    moved = bool(found) and found[-1]["gates_sha256"] != found[0]["gates_sha256"]
    return Opening(len(found), len({line["settings_sha256"] for line in found}), moved)


def _newest(
    lines: Sequence[Line], kind: str, bundle_sha256: str, fits: Callable[[Line], bool]
) -> Line | None:
    of_model = (line for line in reversed(lines) if line.get("bundle_sha256") == bundle_sha256)
    return next((line for line in of_model if line["kind"] == kind and fits(line)), None)


def _standing(lines: Sequence[Line], bundle_sha256: str) -> Standing:
    judged = _newest(lines, "judged", bundle_sha256, lambda _: True)
    gates = tuple(_gate(row) for row in judged["gates"]) if judged else ()
    open_gates = {gate.gate for gate in gates if gate.state is not GateState.PASSED}
    plain = Standing(
        "failed" if judged else "not judged",
        gates,
        judged_on=date.fromisoformat(judged["on"]) if judged else None,
        capacity=int(judged["capacity"]) if judged else None,
    )
    if judged and not open_gates:
        return replace(plain, state="passed")
    # An override answers for the gates it was given for. If another gate has failed since, somebody decides again.
    override = _newest(lines, "override", bundle_sha256, lambda line: open_gates <= set(line["failed"]))
    if override is None:
        return plain
    said = Override(override["name"], override["role"], override["reason"])
    return replace(plain, state="overridden", override=said, overridden_on=date.fromisoformat(override["on"]))
