"""Registered models in MLflow: versions with their hashes, the champion, and having a named model on this machine."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import BundleError, OutputError, UsageError
from ..files import private_folder, whole_folder
from ..models.bundle import Bundle
from ..models.bundle_files import read_checked
from ..models.bundle_text import FORMAT
from .fetching import fetched
from .names import CHALLENGER, CHAMPION, HASH_TAG, MODEL_NAME, Resolved, parse_model
from .quiet import as_ours
from .run_files import copy_checked
from .runs import Runs
from .saved_model import save_pyfunc

_LONGEST_TAG = 5_000


class Tracking(Runs):
    """The place where runs and registered models are kept; parameters as of :class:`~.address.Address`."""

    def register(self, run_id: str, bundle: Bundle) -> int:
        """Register a bundle as a version of ``absence-risk``, with the alias ``challenger``, and return its number.

        The registered model is code of this package plus the bundle; its hash is a tag of the version. A bundle whose
        hash is registered and whose files are sound keeps its version.
        """
        client = self.client
        if (held := self.version_of(bundle.hash)) is not None:
            self.set_alias(CHALLENGER, held)
            return held
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

    def version_of(self, bundle_sha256: str) -> int | None:
        """The latest registered version with this hash whose files can be had and are sound; None if there is none."""
        with as_ours("look for the model"):
            wanted = f"name = '{MODEL_NAME}' and tags.`{HASH_TAG}` = '{bundle_sha256}'"
            held = sorted(int(found.version) for found in self.client.search_model_versions(wanted))
        for version in reversed(held):
            with contextlib.suppress(BundleError, OutputError):
                self.resolve(f"models:/{MODEL_NAME}/{version}")
                return version
        return None

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

    def tag_version(self, version: int, tags: Mapping[str, str]) -> None:
        """Set tags on a registered version."""
        with as_ours("set the tags"):
            for name, value in sorted(tags.items()):
                self.client.set_model_version_tag(MODEL_NAME, str(version), name, value[:_LONGEST_TAG])

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
            If the registry recorded no hash, the files do not have it, or it names an address that is not asked.
            Nothing is parsed then.
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
        return Resolved(folder, expected, f"{parse_model(model).name} version {int(version.version)}")

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
        private_folder(folder.parent)
        with (
            as_ours("fetch the model"),
            whole_folder(folder, own=True) as partial,
            tempfile.TemporaryDirectory() as scratch,
        ):
            place = self.client.get_model_version_download_uri(version.name, version.version)
            if logged := re.fullmatch("models:/(m-[0-9a-f]{32})", place):
                # MLflow would follow the record wherever it leads; its address is looked at first.
                place = self.client.get_logged_model(logged[1]).artifact_location
            got = fetched(f"{place}/artifacts/bundle", Path(scratch), self.uri)
            copy_checked(got, partial, expected_hash=version.tags[HASH_TAG])


def _make_registered_model(client: Any) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(MODEL_NAME)
    except MlflowException as fault:
        if fault.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
