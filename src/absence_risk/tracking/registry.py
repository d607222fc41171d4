"""Runs, measures and registered models in MLflow.

What goes in: settings, measures, tables of aggregates, figures and the bundle. Never a pupil's row, identifier or
value.
"""

from __future__ import annotations

import math
import os
import re
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BundleError, UsageError
from ..files import private_folder, whole_folder
from ..models.bundle import Bundle
from ..models.bundle_files import read_checked
from ..models.bundle_text import FORMAT
from .first_start import made_once
from .names import CHALLENGER, CHAMPION, EXPERIMENT, HASH_TAG, MODEL_NAME, Resolved, parse_model
from .quiet import as_ours, quiet_mlflow
from .run_files import copy_checked, refuse_pupils, write_run_files
from .saved_model import save_pyfunc

if TYPE_CHECKING:
    import pandas as pd


class Tracking:
    """The place where runs and registered models are kept.

    Parameters
    ----------
    uri : str, optional
        A tracking address. By default ``MLFLOW_TRACKING_URI``, else a SQLite file in ``folder``.
    folder : Path
        For the SQLite file, its artefacts, and models fetched from the registry; made when first needed.

    Raises
    ------
    UsageError
        If the address is a plain folder: MLflow has closed that kind of store.
    """

    def __init__(self, uri: str | None, folder: Path) -> None:
        self.folder = Path(folder).absolute()
        self.database = self.folder / "mlflow.db"
        self.experiment_id = ""
        self.uri = uri or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.database.as_posix()}"
        if self.uri.startswith("file:") or ("://" not in self.uri and self.uri != "databricks"):
            raise UsageError(
                f"the tracking address {self.shown} is a folder, which MLflow no longer writes to; give a server's "
                "address or sqlite:///FILE"
            )
        if self.uri.startswith("sqlite:///"):
            self.database = Path(self.uri.removeprefix("sqlite:///")).absolute()

    @property
    def shown(self) -> str:
        """The address without a user's name and password."""
        return re.sub(r"//[^/@]*@", "//", self.uri)

    @property
    def is_file(self) -> bool:
        """Whether the store is a SQLite file on this machine."""
        return self.uri.startswith("sqlite:///")

    @cached_property
    def client(self) -> Any:
        """An MLflow client on a store that is whole; the first use makes the store, one process at a time."""
        private_folder(self.database.parent if self.is_file else self.folder)
        mlflow = quiet_mlflow()

        def opened() -> Any:
            registry = os.environ.get("MLFLOW_REGISTRY_URI") or self.uri
            client = mlflow.MlflowClient(tracking_uri=self.uri, registry_uri=registry)
            self.experiment_id = _experiment(
                client, self.database.parent / "artifacts" if self.is_file else None
            )
            return client

        with as_ours("open its store"):
            return made_once(self.database, opened) if self.is_file else opened()

    def log_training(
        self,
        name: str,
        *,
        params: Mapping[str, object],
        measures: Mapping[str, Mapping[str, float | None]],
        tables: Mapping[str, pd.DataFrame] | None = None,
        figures: Mapping[str, bytes] | None = None,
        bundle_folder: Path,
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
        bundle_folder : Path
            A saved bundle; its hash becomes the tag ``bundle_sha256``.

        Raises
        ------
        RefusedError
            If a table has a column that identifies pupils.
        OutputError
            If MLflow cannot record it; the run is then marked as failed.
        """
        bundle = Bundle.load(bundle_folder)
        refuse_pupils(tables or {})
        client = self.client
        with as_ours("record the run"):
            run = client.create_run(
                self.experiment_id, run_name=name, tags={**(tags or {}), HASH_TAG: bundle.hash}
            )
            run_id = str(run.info.run_id)
            try:
                _record(client, run.info, params, measures)
                with tempfile.TemporaryDirectory() as scratch:
                    write_run_files(Path(scratch), tables or {}, figures or {}, Path(bundle_folder))
                    client.log_artifacts(run_id, scratch)
            except BaseException:
                client.set_terminated(run_id, status="FAILED")
                raise
            client.set_terminated(run_id)
        return run_id

    def register(self, run_id: str, bundle: Bundle) -> int:
        """Register a bundle as a new version of ``absence-risk``, with the alias ``challenger``, and return its number.

        The registered model is code of this package plus the bundle; its hash is a tag of the version.
        """
        client = self.client
        with as_ours("register the model"), tempfile.TemporaryDirectory() as scratch:
            logged = client.create_logged_model(self.experiment_id, name=MODEL_NAME, source_run_id=run_id)
            save_pyfunc(bundle, Path(scratch), model_id=logged.model_id, run_id=run_id)
            client.log_model_artifacts(logged.model_id, str(Path(scratch) / "model"))
            client.finalize_logged_model(logged.model_id, "READY")
            _make_registered_model(client)
            # Straight to a database, `models:/ID` would be looked up at MLflow's global address and not at ours.
            source = (
                logged.artifact_location if "sql" in self.uri.split(":")[0] else f"models:/{logged.model_id}"
            )
            version = client.create_model_version(
                MODEL_NAME, source, run_id=run_id, tags={HASH_TAG: bundle.hash}, model_id=logged.model_id
            )
            number = int(version.version)
            client.set_registered_model_alias(MODEL_NAME, CHALLENGER, str(number))
        return number

    def set_alias(self, alias: str, version: int) -> None:
        """Point an alias at a version that exists."""
        self._version(f"models:/{MODEL_NAME}/{version}")
        with as_ours("set the alias"):
            self.client.set_registered_model_alias(MODEL_NAME, alias, str(version))

    def promote(self, version: int) -> int | None:
        """Make a version the champion, once its bundle has been fetched and read with the recorded hash.

        Returns the version that was champion before, or None.
        """
        self.resolve(f"models:/{MODEL_NAME}/{version}").load()
        before = self.champion()
        self.set_alias(CHAMPION, version)
        return before

    def champion(self) -> int | None:
        """The champion's version, or None if there is none."""
        try:
            return int(self._version(f"models:/{MODEL_NAME}@{CHAMPION}").version)
        except UsageError:
            return None

    def resolve(self, model: str) -> Resolved:
        """Find a model by name and have its bundle on this machine.

        Parameters
        ----------
        model : str
            ``models:/absence-risk@champion``, ``models:/absence-risk/3``, or the path of a bundle's folder.

        Raises
        ------
        UsageError
            If the registry has no such model, version or alias.
        BundleError
            If the registry recorded no hash, or the files do not have it. Nothing is parsed then.
        """
        if not model.startswith("models:/"):
            return Resolved(Path(model), None, str(Path(model).name))
        version = self._version(model)
        expected = version.tags.get(HASH_TAG, "")
        # It becomes a folder's name, so it must be a hash and nothing else.
        if not re.fullmatch("[0-9a-f]{64}", expected):
            raise BundleError(
                f"{model}: the registry recorded no hash for it, so it cannot be trusted; register it again"
            )
        folder = self.folder / "fetched" / expected
        try:
            read_checked(folder, FORMAT, expected_hash=expected)
        except BundleError:  # not here yet, or the copy kept here was damaged since
            self._fetch(version, folder)
        return Resolved(folder, expected, f"{MODEL_NAME} version {version.version}")

    def _version(self, model: str) -> Any:
        name, alias, number = parse_model(model)
        client = self.client
        try:
            return (
                client.get_model_version_by_alias(name, alias)
                if alias
                else client.get_model_version(name, number)
            )
        except Exception:
            raise UsageError(
                f"the registry at {self.shown} has no {model}; train and register one, or name another version"
            ) from None

    def _fetch(self, version: Any, folder: Path) -> None:
        from mlflow.artifacts import download_artifacts

        private_folder(folder.parent)
        with (
            as_ours("fetch the model"),
            whole_folder(folder) as partial,
            tempfile.TemporaryDirectory() as scratch,
        ):
            place = self.client.get_model_version_download_uri(version.name, version.version)
            got = download_artifacts(
                artifact_uri=f"{place}/artifacts/bundle", dst_path=scratch, tracking_uri=self.uri
            )
            copy_checked(Path(got), partial, expected_hash=version.tags[HASH_TAG])


def _experiment(client: Any, artefacts: Path | None) -> str:
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    # Without a stated place, artefacts of a SQLite store would land in the folder one happens to stand in.
    return str(
        client.create_experiment(EXPERIMENT, artifact_location=artefacts.as_uri() if artefacts else None)
    )


def _record(client: Any, run: Any, params: Mapping[str, object], measures: Mapping[str, Any]) -> None:
    from mlflow.entities import Metric, Param

    settings = [Param(str(key), str(value)[:6000]) for key, value in sorted(params.items())]
    found = [
        Metric(f"{who}/{what}", float(value), run.start_time, 0)
        for who, record in sorted(measures.items())
        for what, value in sorted(record.items())
        if value is not None and math.isfinite(value)
    ]
    client.log_batch(run.run_id, metrics=found, params=settings)


def _make_registered_model(client: Any) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(MODEL_NAME)
    except MlflowException as fault:
        if fault.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
