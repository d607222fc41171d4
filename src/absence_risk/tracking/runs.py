"""Runs in MLflow: a training with its bundle, a backtest with a child per year and rival.

What goes in: settings, measures, tables of aggregates, figures, evidence and the bundle. Never a pupil's row,
identifier or value.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..files import private_folder, whole_folder
from ..models.bundle import Bundle
from .address import Address
from .names import HASH_TAG, KIND_TAG
from .quiet import as_ours
from .recording import PARENT_TAG, by_who, one_at_a_time, recorded, write_numbers
from .run_files import refuse_outside, refuse_pupils, write_backtest_files, write_run_files

if TYPE_CHECKING:
    import pandas as pd


class Runs(Address):
    """The runs kept at an address."""

    def log_training(
        self,
        name: str,
        *,
        params: Mapping[str, object],
        measures: Mapping[str, Mapping[str, float | None]],
        tables: Mapping[str, pd.DataFrame] | None = None,
        figures: Mapping[str, bytes] | None = None,
        bundle: Bundle,
        extras: Mapping[str, bytes | str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Record one training run and return its id.

        Parameters
        ----------
        name : str
            Name of the run.
        params : dict
            Settings, as they were.
        measures : dict of dict
            ``{"model": {...}, "four_factors": {...}}``, recorded as ``model/roc_auc``; None is left out.
        tables : dict of DataFrame
            Aggregates only, stored as CSV.
        figures : dict of bytes
            File name with its ending, and content.
        bundle : Bundle
            Kept with the run; its hash becomes the tag ``bundle_sha256``. It is written from memory: in a folder
            where it was saved, another training may have put its own since.
        extras : dict of bytes or str, optional
            Further files kept with it, as of :meth:`.Bundle.save`.

        Raises
        ------
        RefusedError
            If a table has a column that identifies pupils.
        OutputError
            If MLflow cannot record it; the run is then marked as failed.
        """
        refuse_pupils(tables or {})
        about = {**(tags or {}), KIND_TAG: "training", HASH_TAG: bundle.hash}
        with as_ours("record the run"), self._run(name, about) as (client, run):
            write_numbers(client, run, params, by_who(measures))
            with tempfile.TemporaryDirectory() as scratch:
                write_run_files(Path(scratch), tables or {}, figures or {})
                bundle.save(Path(scratch) / "bundle", extras=extras)
                client.log_artifacts(run.info.run_id, scratch)
        return str(run.info.run_id)

    def log_backtest(
        self,
        name: str,
        *,
        params: Mapping[str, object],
        tables: Mapping[str, pd.DataFrame],
        files: Mapping[str, bytes],
        children: Mapping[str, Mapping[str, float | None]],
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Record one backtest as a run with a child run per test year and rival, and return the parent's id.

        Parameters
        ----------
        params : dict
            Settings, as they were.
        tables : dict of DataFrame
            Aggregates with the disclosure policy applied, stored as ``tables/NAME.csv``.
        files : dict of bytes
            Content by name inside the run, as ``evidence/report.html``.
        children : dict of dict
            Measures by child, as ``{"2024/25 logistic": {"roc_auc": 0.8}}``; None is left out.

        Raises
        ------
        RefusedError
            If a table has a column that identifies pupils.
        OutputError
            If MLflow cannot record it; the run and all its children are then marked as failed.
        """
        refuse_pupils(tables)
        refuse_outside(files)
        about = {**(tags or {}), KIND_TAG: "backtest"}
        with as_ours("record the backtest"), self._run(name, about) as (client, run), ExitStack() as stack:
            parent = str(run.info.run_id)
            write_numbers(client, run, params, {})
            for child, measures in sorted(children.items()):
                inner = recorded(client, self.experiment_id, child, about, parent=parent)
                write_numbers(client, stack.enter_context(inner), {}, measures)
            with tempfile.TemporaryDirectory() as scratch:
                write_backtest_files(Path(scratch), tables, files)
                client.log_artifacts(parent, scratch)
        return parent

    @contextmanager
    def _run(self, name: str, tags: Mapping[str, str]) -> Iterator[tuple[Any, Any]]:
        client = self.client
        turn = one_at_a_time(client, self.experiment_id, self.database if self.is_file else None)
        with turn, recorded(client, self.experiment_id, name, tags) as run:
            yield client, run

    def finished_run(self, tag: str, value: str) -> str | None:
        """The id of a run, not of a child of one, that was recorded to its end with this tag; None if there is none."""
        wanted = f"attributes.status = 'FINISHED' AND tags.`{tag}` = '{value}'"
        with as_ours("look for the run"):
            found = self.client.search_runs([self.experiment_id], wanted)
        return next((str(run.info.run_id) for run in found if PARENT_TAG not in run.data.tags), None)

    def fetch_run_files(self, run_id: str, name: str) -> Path:
        """Have a folder of files kept with a run on this machine; its content is as fetched, not yet checked.

        Raises
        ------
        UsageError
            If there is no such run, or it keeps no such folder.
        """
        client = self.client
        try:
            kept = [one.path for one in client.list_artifacts(run_id) if one.is_dir]
        except Exception:
            raise UsageError(f"the store at {self.shown} has no run {run_id}; name another run") from None
        if name not in kept:
            raise UsageError(
                f"run {run_id} keeps no {name}; expected a run recorded by: absence-risk backtest"
            )
        folder = private_folder(self.folder / "fetched" / "runs") / run_id
        with as_ours("fetch the run's files"), whole_folder(folder, own=True) as partial:
            client.download_artifacts(run_id, name, str(partial))
        return folder / name
