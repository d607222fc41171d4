"""A process of its own that reads models: whatever happens to it, the test sees it and lives on.

``python model_child.py CASES FIRST`` reads ``CASES`` (JSON: a list of ``{"folder": ..., "hash": ...}``) from the case
``FIRST`` on and prints one line of JSON for each, with the most memory held so far (kilobytes). It ends
where a case takes longer than ``LONGEST`` seconds of work, even inside a library. It can reach no network.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import resource
import socket
import sys
from pathlib import Path
from typing import Any

#: Seconds of work that a case may take: a count of work done, whatever else the machine is busy with. The first case,
#: a sound model, makes the machine code.
LONGEST, FIRST_LONGEST = 10, 300
#: Seconds that a case may wait, for something that never comes.
LONGEST_WAIT = 300.0


def _no_network(*_: Any, **__: Any) -> Any:
    print(json.dumps({"end": "network"}), flush=True)
    raise OSError("no network here")


socket.socket.connect = _no_network  # type: ignore[method-assign]
socket.socket.connect_ex = _no_network  # type: ignore[method-assign]
socket.getaddrinfo = _no_network

import numpy as np  # noqa: E402 - the network is closed first

from absence_risk.errors import AbsenceRiskError, BundleError  # noqa: E402
from absence_risk.models.bundle import Bundle  # noqa: E402
from absence_risk.workflows.score import FROM_A_FOLDER, fetch_bundle  # noqa: E402


def _quoted(fault: BaseException) -> bool:
    """Whether a library's own error would be shown with ours."""
    return fault.__context__ is not None and not fault.__suppress_context__


def rows(features: int) -> Any:
    """Made-up rows: whole numbers, halves and small shares, a fifth of them missing."""
    draw = np.random.default_rng(11)
    values = np.round(draw.normal(0, 3, (60, features)) * 2) / 2
    values[:, ::3] = draw.random((60, len(range(0, features, 3))))
    values[draw.random(values.shape) < 0.2] = np.nan
    return values


def numbers(bundle: Bundle) -> str:
    """A hash of everything that scoring takes from a model: log-odds, bands, parts and their base."""
    with np.errstate(all="ignore"):
        parts, base, margin = bundle.model.explained(rows(len(bundle.features)))
        log_odds = bundle.calibration.log_odds(margin)
        bands = bundle.band(bundle.calibration.risk(margin))
    found = b"".join(
        np.ascontiguousarray(part).tobytes() for part in (log_odds, bands, parts, np.array([base]))
    )
    return hashlib.sha256(found).hexdigest()


def outcome_of(folder: Path, expected: str) -> dict[str, Any]:
    """What comes of one folder: refused in our words, or read, with the numbers it gives.

    ``vouched`` says whether a registry's record of the sound model's hash lets it through.
    """
    try:
        bundle, label = fetch_bundle(folder, folder, None)
    except BundleError as fault:
        return {"end": "refused", "words": str(fault), "chained": _quoted(fault)}
    found = {"end": "read", "numbers": numbers(bundle), "named": label.endswith(FROM_A_FOLDER)}
    try:
        Bundle.load(folder, expected_hash=expected)
    except BundleError:
        return {**found, "vouched": False}
    return {**found, "vouched": True}


def _limited(seconds: int) -> None:
    """Have the system end this process once it has worked so many seconds more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))
    faulthandler.dump_traceback_later(LONGEST_WAIT, exit=True)


def main() -> None:
    cases = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for number in range(int(sys.argv[2]), len(cases)):
        _limited(LONGEST if number else FIRST_LONGEST)
        try:
            found = outcome_of(Path(cases[number]["folder"]), cases[number]["hash"])
        except AbsenceRiskError as fault:
            found = {"end": "refused otherwise", "words": str(fault)}
        except Exception as fault:
            found = {"end": "not ours", "words": f"{type(fault).__name__}: {fault}"}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"case": number, "peak": peak, **found}), flush=True)


if __name__ == "__main__":
    main()
