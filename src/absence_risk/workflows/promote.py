"""Make a registered version the champion, if a backtest found that it deserves it or somebody answers for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RefusedError, UsageError, all_at_once
from ..logbook import Logbook, Override, Standing
from .tracked import tracking_for

if TYPE_CHECKING:
    from ..models.bundle import Bundle
    from ..tracking import Tracking

HOW_TO_OVERRIDE = (
    "To use it all the same, somebody answers for it: --override --name NAME --role ROLE --reason REASON; that is "
    "printed on the model card and on every list"
)


def override_of(
    asked: bool,
    *,
    name: str | None = None,
    role: str | None = None,
    reason: str | None = None,
    flag: str = "--override",
) -> Override | None:
    """The override that a command asked for by ``flag``; None if it asked for none.

    Raises
    ------
    UsageError
        If an override is asked for without a name, a role and a reason, or one of them is given without asking for it.
    """
    parts = {"--name": name, "--role": role, "--reason": reason}
    if not asked:
        given = [option for option, said in parts.items() if said is not None]
        if given:
            raise UsageError(f"{' and '.join(given)} belong to an override; add {flag}, or leave them out")
        return None
    missing = [option for option, said in parts.items() if said is None]
    if missing:
        raise UsageError(f"an override needs a name, a role and a reason; add {' and '.join(missing)}")
    return Override(name or "", role or "", reason or "")


def run_promote(
    version: int,
    *,
    store: Path | str,
    tracking: str | None = None,
    override: Override | None = None,
    today: date | None = None,
) -> str:
    """Give a version of the registered model the alias ``champion``; says which version had it before.

    Parameters
    ----------
    version : int
        Of the registered model ``absence-risk``.
    store : Path
        The store beside which the logbook stands.
    override : Override, optional
        Who decides that a model is used that has not passed its gates, in which role, and why.
    today : date, optional
        The day that is written down; by default today.

    Raises
    ------
    RefusedError
        If the model failed a gate, or no backtest has judged it, and nobody overrides that; or if an override is given
        that is not needed. Nothing is changed then.
    UsageError
        If the store or the version does not exist.
    BundleError, InputError, OutputError
        If the model or the logbook is damaged, or something cannot be written.
    """
    if not Path(store).is_file():
        raise UsageError(
            f"no authority store at {store}; its logbook, beside it, says how the model was judged"
        )
    registry = tracking_for(Path(store), tracking)
    bundle = registry.resolve(f"models:/absence-risk/{version}").load()
    book, day = Logbook(store), today or date.today()
    standing = book.standing(bundle.hash)
    _refuse(standing, version, override)
    if override:
        # First the logbook: from here on the model counts as overridden, wherever it is used.
        failed = [gate.gate for gate in standing.not_passed]
        standing = book.record_override(
            bundle.hash, version=version, failed=failed, override=override, on=day
        )
    folder = _keep(bundle, standing, Path(store), registry, version)
    before = registry.promote(version)
    book.record_promoted(bundle.hash, version=version, on=day)
    return _in_words(version, before, standing, folder)


def _refuse(standing: Standing, version: int, override: Override | None) -> None:
    if override and standing.state in ("passed", "overridden"):
        why = "it passed every gate" if standing.state == "passed" else "an override of it stands already"
        raise RefusedError(f"version {version} needs no override: {why}; promote it without one")
    if override or standing.state in ("passed", "overridden"):
        return
    from ..reports.gate_statement import gate_in_words

    if standing.state == "not judged":
        raise RefusedError(
            f"no backtest has judged version {version} yet; run first: absence-risk backtest. {HOW_TO_OVERRIDE}"
        )
    raise RefusedError(
        all_at_once(f"version {version} did not pass its gates:", map(gate_in_words, standing.not_passed))
        + f"\n{HOW_TO_OVERRIDE}"
    )


def _keep(bundle: Bundle, standing: Standing, store: Path, registry: Tracking, version: int) -> Path:
    """Export the bundle with a card that prints its gates and override, and mark the registered version."""
    from ..reports.model_card import model_card

    card = model_card(bundle, standing=standing)
    folder = bundle.save(
        store.resolve().parent / "models" / "champion", extras={"card.md": card.encode("utf-8")}
    )
    said = {} if standing.override is None else vars(standing.override)
    tags = {"gates": standing.state, **{f"override_{part}": text for part, text in said.items()}}
    registry.tag_version(version, tags)
    return folder


def _in_words(version: int, before: int | None, standing: Standing, folder: Path) -> str:
    was = "" if before is None else f" (before: version {before})" if before != version else " (as before)"
    lines = [f"Version {version} of absence-risk is now the champion{was}"]
    if standing.override:
        lines.append(f"Its gates were overridden. {standing.override.in_words()}")
    return "\n".join([*lines, f"Wrote the bundle and its card to {folder}"])
