"""Commands of the list: `list`, `decisions`, `contacts`, `impact`, `statement`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from .application import app
from .options import ExclusionsOption, StoreOption, day_of, done, progress_bar, today

DecisionsOption = Annotated[
    Path | None,
    typer.Option(
        "--decisions",
        help="The register of lists and decisions; by default decisions.sqlite beside the list.",
    ),
]
ByOption = Annotated[
    str | None, typer.Option("--by", help="Who does this, as the register keeps it; by default your account.")
]
ListConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", help="How lists are made here; by default the package's configs/support_list.yaml."
    ),
]
ListFolder = Annotated[Path, typer.Argument(metavar="LIST", help="The folder that `list` wrote.")]


@app.command("list")
def make_list(  # noqa: PLR0913 - one option each
    scores: Annotated[Path, typer.Option("--scores", help="A file written by `score`.")],
    store: StoreOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for the list.")],
    config: ListConfigOption = None,
    capacity: Annotated[
        int | None, typer.Option("--capacity", help="Families the team can offer help to in this period.")
    ] = None,
    owner: Annotated[str, typer.Option("--owner", help="The team that answers for the list.")] = "",
    expires: Annotated[
        str | None, typer.Option("--expires", help="Last day the list may be used, like 2027-02-12.")
    ] = None,
    purpose: Annotated[
        str, typer.Option("--purpose", help="What the list is for; only supportive purposes are taken.")
    ] = "early_help_offer",
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence", help="Folder of the model's backtest: who stays on the list, how often right."
        ),
    ] = None,
    decisions: DecisionsOption = None,
    exclusions: ExclusionsOption = None,
    early_help: Annotated[
        Path | None, typer.Option("--early-help", help="CSV (upn, opened) of children with early help open.")
    ] = None,
    siblings: Annotated[
        Path | None,
        typer.Option("--siblings", help="CSV (upn, family); said only where the settings say so."),
    ] = None,
) -> None:
    """Write the explained list for an early-help team: a page, a workbook, and a separate key to who is who."""
    from ..workflows.support_list import PupilFiles, run_list

    with progress_bar() as progress:
        result = run_list(
            scores,
            store,
            out,
            config=config,
            capacity=capacity,
            owner=owner,
            expires=day_of(expires, "--expires") if expires else None,
            purpose=purpose,
            evidence=evidence,
            register=decisions,
            files=PupilFiles(exclusions, early_help, siblings),
            today=today(),
            progress=progress,
        )
    done(result.in_words())


@app.command()
def decisions(
    folder: ListFolder,
    returned: Annotated[
        Path | None, typer.Argument(metavar="RETURNED.xlsx", help="A workbook that a reviewer filled in.")
    ] = None,
    register: DecisionsOption = None,
    by: ByOption = None,
    settle: Annotated[
        str,
        typer.Option(
            "--settle", help="References, like A-003,A-007, for which the returned copy now stands."
        ),
    ] = "",
) -> None:
    """Read decisions back, check them, and keep them; without a workbook, show where things stand."""
    from ..workflows.decisions import run_decisions

    wanted = tuple(ref.strip() for ref in settle.split(",") if ref.strip())
    result = run_decisions(
        folder, returned, register=register, by=by, settle=wanted, today=today(), now=_now()
    )
    done(result.in_words())


@app.command()
def contacts(
    folder: ListFolder,
    out: Annotated[Path, typer.Option("--out", help="contacts.csv")],
    register: DecisionsOption = None,
    by: ByOption = None,
) -> None:
    """Write who is to be contacted and by whom, once every pupil of the list has been decided on."""
    from ..workflows.contacts import run_contacts

    done(run_contacts(folder, out, register=register, by=by, today=today(), now=_now()).in_words())


@app.command()
def impact(
    store: StoreOption,
    register: Annotated[Path, typer.Option("--decisions", help="The register, decisions.sqlite.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the report; without it, words on the terminal alone."),
    ] = None,
    list_id: Annotated[
        str | None, typer.Option("--list", help="One list, by its id; by default all.")
    ] = None,
    exact: Annotated[
        bool,
        typer.Option(
            "--exact", help="Exact counts, small ones too; such a report stays inside the authority."
        ),
    ] = False,
) -> None:
    """Show what was offered, accepted, and what happened next, beside pupils whom no list named."""
    from ..disclosure import DisclosurePolicy
    from ..workflows.impact import run_impact

    policy = DisclosurePolicy(suppress_below=0, round_to=1) if exact else None
    done(run_impact(store, register, out, list_id=list_id, today=today(), policy=policy).in_words())


@app.command()
def statement(
    pupil: Annotated[
        str,
        typer.Argument(
            metavar="PUPIL", help="A reference of a list (A-014), a pseudonym, or - to be asked for the UPN."
        ),
    ],
    scores: Annotated[Path, typer.Option("--scores", help="The scores in question, written by `score`.")],
    store: StoreOption,
    out: Annotated[Path, typer.Option("--out", help="statement.html")],
    config: ListConfigOption = None,
    decisions: DecisionsOption = None,
    folder: Annotated[
        Path | None, typer.Option("--list", help="The folder of the list that the reference belongs to.")
    ] = None,
    exclusions: ExclusionsOption = None,
) -> None:
    """Write the plain page that a family may ask for: what was used, what was said, who decided, how to object."""
    from ..workflows.statement import run_statement

    result = run_statement(
        pupil,
        scores,
        store,
        out,
        config=config,
        register=decisions,
        list_folder=folder,
        exclusions=exclusions,
        today=today(),
        ask=lambda: str(typer.prompt("UPN", hide_input=True)),
    )
    done(result.in_words())


def _now() -> datetime:
    """The time it is, on the day that ABSENCE_RISK_TODAY states if it does."""
    return datetime.combine(today(), datetime.now().time())
