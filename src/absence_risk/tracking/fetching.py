"""Where a registered model's files may come from: a folder, the tracking server's own store, or a named object store.

A record in a registry is an address, and whoever can write the record chooses it. So plain web addresses, other hosts
and shares are refused before anything is asked of them, and what a store lists is looked over before it is copied.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..errors import BundleError
from ..files import MANIFEST
from ..models.bundle_files import MOST_BYTES, MOST_FILES, is_plain

#: Stores that MLflow keeps artefacts in, whose own keys say who may read them.
OBJECT_STORES = ("s3", "gs", "wasbs", "abfss", "dbfs", "hdfs")
_PROXIED = "mlflow-artifacts"


def local_place(address: str) -> Path | None:
    """The folder on this machine that an address names; None if it names a store that may be asked.

    Parameters
    ----------
    address : str
        Of the model's files, as the registry recorded it.

    Raises
    ------
    BundleError
        If it is any other kind of address. Nothing was asked of it.
    """
    parts = urlsplit(address)
    drive = len(parts.scheme) == 1
    if (parts.scheme == "file" and parts.netloc in ("", "localhost")) or not parts.scheme or drive:
        return Path(url2pathname(parts.path) if parts.scheme == "file" else address)
    if parts.scheme in OBJECT_STORES or (parts.scheme == _PROXIED and not parts.netloc):
        return None
    raise BundleError(
        "the registry says that the model lies at another kind of address than a folder, the tracking server's own "
        f"store ({_PROXIED}:/), or {', '.join(OBJECT_STORES)}; nothing was fetched. Register it again"
    )


def look_over(listed: Iterable[Any]) -> None:
    """Refuse a store's list of a bundle's files that is no such list, before a file is copied.

    Parameters
    ----------
    listed : iterable of mlflow.entities.FileInfo
        ``path``, ``is_dir`` and ``file_size`` (bytes, or None where a store does not say).

    Raises
    ------
    BundleError
        If it holds folders, names that lead elsewhere, or far too many or too large files.
    """
    found = list(listed)
    names = [str(one.path).rpartition("/")[2] for one in found]
    plain = all(is_plain(name) or name == MANIFEST for name in names)
    room = sum(int(one.file_size or 0) for one in found)
    if not plain or any(one.is_dir for one in found) or len(found) > MOST_FILES or room > MOST_BYTES:
        raise BundleError(
            "what the registry keeps as a model is no bundle of this package (folders, strange names, or far too "
            "much); nothing was fetched. Register it again"
        )


def fetched(address: str, scratch: Path, tracking_uri: str) -> Path:
    """A folder with the files at an address: the folder itself if it is on this machine, else a copy in ``scratch``.

    Its content is as found, not yet checked.

    Raises
    ------
    BundleError
        If the address is none that may be asked, or what it lists is no bundle.
    """
    here = local_place(address)
    if here is not None:
        return here
    from mlflow.artifacts import download_artifacts, list_artifacts

    look_over(list_artifacts(artifact_uri=address, tracking_uri=tracking_uri))
    return Path(download_artifacts(artifact_uri=address, dst_path=str(scratch), tracking_uri=tracking_uri))
