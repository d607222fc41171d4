"""A registry's record is an address that somebody chose: only a few kinds are asked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from absence_risk.errors import BundleError
from absence_risk.tracking.fetching import local_place, look_over


@pytest.mark.parametrize(
    "address",
    [
        "http://store.example/bundle", "https://store.example/bundle", "HTTP://store.example/bundle",
        "ftp://store.example/bundle", "sftp://store.example/bundle", "file://store.example/share/bundle",
        "mlflow-artifacts://store.example:80/1/bundle", "models:/absence-risk/1", "runs:/1/bundle", "data:,x",
        "git+ssh://store.example/x", "javascript:1",
    ],
)  # fmt: skip
def test_an_address_that_would_be_asked_of_a_stranger_is_refused(address: str) -> None:
    with pytest.raises(BundleError, match="nothing was fetched") as refused:
        local_place(address)
    assert "example" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("file:///srv/models/a%20b/bundle", Path("/srv/models/a b/bundle")),
        ("file://localhost/srv/bundle", Path("/srv/bundle")),
        ("/srv/models/bundle", Path("/srv/models/bundle")),
        ("s3://box/models/bundle", None),
        ("mlflow-artifacts:/1/models/bundle", None),
    ],
)
def test_a_folder_is_read_in_its_place_and_a_store_with_keys_is_asked(
    address: str, place: Path | None
) -> None:
    assert local_place(address) == place


def _listed(*files: tuple[str, bool, int | None]) -> list[Any]:
    return [SimpleNamespace(path=path, is_dir=folder, file_size=size) for path, folder, size in files]


def test_what_a_store_lists_is_looked_over_before_it_is_copied() -> None:
    sound = [("artifacts/bundle/manifest.json", False, 400), ("artifacts/bundle/model.txt", False, None)]
    look_over(_listed(*sound))
    for other in (
        ("artifacts/bundle/code", True, None),
        ("artifacts/bundle/..", False, 1),
        ("artifacts/bundle/a\\..\\b", False, 1),
        ("artifacts/bundle/.hidden", False, 1),
        ("artifacts/bundle/model.bin", False, 10**12),
    ):
        with pytest.raises(BundleError, match="no bundle of this package"):
            look_over(_listed(*sound, other))
    with pytest.raises(BundleError, match="far too"):
        look_over(_listed(*((f"f{number}", False, 1) for number in range(101))))
