"""Where MLflow keeps things: a server, or a SQLite file that is made once, and a client on it."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..files import private_folder
from .first_start import made_once
from .names import EXPERIMENT
from .quiet import as_ours, quiet_mlflow


class Address:
    """Where runs and registered models are kept, and a client on it.

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


def _experiment(client: Any, artefacts: Path | None) -> str:
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    # Without a stated place, artefacts of a SQLite store would land in the folder one happens to stand in. MLflow
    # makes folders that all may open, so the one above them is made first.
    if artefacts is not None:
        private_folder(artefacts)
    return str(
        client.create_experiment(EXPERIMENT, artifact_location=artefacts.as_uri() if artefacts else None)
    )
