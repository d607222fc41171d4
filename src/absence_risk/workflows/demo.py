"""Every step on a made-up authority: returns, store, two models, scores and an explained list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..progress import Progress, numbered, silent
from .ingest import run_ingest
from .score import run_score
from .shipped_configs import config_path
from .simulate import run_simulate
from .support_list import ListResult, run_list
from .tracked import tracking_for
from .train import Trained, run_train

AS_OF, EXPIRES = date(2026, 10, 31), date(2027, 2, 12)
CONFIGS = ("four_factors", "with_attendance")
STEPS = (
    "Making up an authority and its returns",
    "Reading the returns into a store",
    "Training on the four factors",
    "Training with attendance history",
    "Scoring with the champion",
    "Writing the list",
)


@dataclass(frozen=True)
class Demo:
    """What the demonstration left in its folder."""

    folder: Path
    trained: tuple[Trained, ...]
    champion: Trained
    written: ListResult

    def in_words(self) -> str:
        """Both models beside the rules, which became champion, and what to open first."""
        lines = ["A made-up authority: it is not evidence about real children."]
        for trained in self.trained:
            name = trained.bundle.name
            lines += [
                "",
                f"== {name}",
                trained.comparison.verdict(),
                trained.years,
                trained.comparison.in_words(),
            ]
        lines += [
            "",
            f"Champion, the better of the two at capacity: {self.champion.bundle.name}",
            self.written.in_words(),
        ]
        return "\n".join(lines)


def run_demo(out: Path | str, *, pupils: int = 12_000, seed: int = 1, progress: Progress = silent) -> Demo:
    """Run simulate, ingest, train (twice), promote, score and list in one folder.

    Parameters
    ----------
    out : Path
        Folder for everything; a file of an earlier demonstration with the same name is replaced, its runs are kept.
    pupils, seed : int
        Size and seed of the made-up authority.

    Raises
    ------
    UsageError
        If the folder holds a store, or returns, that are not made up: they are never replaced.
    """
    from ..files import private_folder
    from ..returns.identity import new_key_file

    folder = private_folder(Path(out))
    say = numbered(progress, STEPS)
    returns, store, key = folder / "returns", folder / "authority.duckdb", folder / "authority.key"
    _refuse_a_real_store(store)
    say(0)
    run_simulate(returns, pupils=pupils, seed=seed)
    if not key.is_file():
        new_key_file(key)
    say(1)
    run_ingest(returns, store, key_file=key)
    trained = tuple(_train(store, name, say, number) for number, name in enumerate(CONFIGS, start=2))
    champion = max(trained, key=lambda t: t.comparison.saved.right)
    tracking_for(store, None).promote(champion.version)
    say(4)
    scores = folder / "scores.parquet"
    run_score(store, "models:/absence-risk@champion", AS_OF, scores)
    say(5)
    written = run_list(
        scores,
        store,
        folder / "list",
        config=_own_list_settings(store, folder / "support_list.yaml"),
        capacity=150,
        owner="Early Help, made-up authority",
        expires=EXPIRES,
        today=AS_OF,
    )
    return Demo(folder, trained, champion, written)


def _own_list_settings(store: Path, out: Path) -> Path:
    """The shipped settings of the list with what each authority fills in: its localities, and whom a family asks."""
    from ..files import write_text
    from ..store import Store
    from ..support_list.order import school_names

    with Store(store) as opened:
        schools = sorted(school_names(opened.tables()))
    north, south = schools[: len(schools) // 2], schools[len(schools) // 2 :]
    shipped = config_path("support_list").read_text(encoding="utf-8")
    for told, own in (
        ("localities: {}", f"localities:\n  North: [{', '.join(north)}]\n  South: [{', '.join(south)}]"),
        ("contact: To be completed by the authority", "contact: The data team of the made-up authority"),
    ):
        assert told in shipped, told
        shipped = shipped.replace(told, own)
    write_text(out, shipped)
    return out


def _refuse_a_real_store(store: Path) -> None:
    from ..store import Store

    if store.is_file():
        with Store(store) as earlier:
            if earlier.meta.get("made_up") != "yes":
                raise UsageError(
                    f"{store} is not a made-up authority's; give another --out for the demonstration"
                )


def _train(store: Path, name: str, say: Any, number: int) -> Trained:
    say(number)
    return run_train(store, config_path(name))
