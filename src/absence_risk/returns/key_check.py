"""What can be said of a key file without showing the key: its form, its keeper's care, and the stores made with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import KeyFileError, StoreError
from ..store import Store
from .identity import Key, read_key

#: What no key may stand beside: whoever is given the one must not have the other.
_OUTPUTS = ("*.duckdb", "*.upn-lookup.parquet", "*.sqlite", "scores.parquet", "scores.csv", "who_is_who.csv")


@dataclass(frozen=True)
class CheckedKey:
    """A key file that was looked at.

    Attributes
    ----------
    path : Path
    key_id : str
        16 characters that name the key and say nothing of it.
    made_with : tuple of str
        Stores made with it, each with whether its authority is made up.
    made_otherwise : tuple of str
        Stores made with another key.
    faults : tuple of str
        What its keeper should mend; empty if all is well.
    """

    path: Path
    key_id: str
    made_with: tuple[str, ...]
    made_otherwise: tuple[str, ...]
    faults: tuple[str, ...]

    def in_words(self) -> str:
        """Each line one thing; the key itself is never shown."""
        stores = [f"Made with it: {name}" for name in self.made_with]
        others = [f"Made with another key: {name}" for name in self.made_otherwise]
        own = [f"{self.path} holds a key of the right form, for its owner alone", f"Its id is {self.key_id}"]
        return "\n".join([*own, *stores, *others, *(f"To mend: {fault}" for fault in self.faults)])

    def refuse_if_faulty(self) -> None:
        """Raise once everything has been said.

        Raises
        ------
        KeyFileError
            If anything is to be mended.
        """
        if self.faults:
            raise KeyFileError(f"to mend about the key {self.key_id}, as named above: {len(self.faults)}")


def check_key(path: Path, folders: Sequence[Path] = ()) -> CheckedKey:
    """Look at a key file, and at the stores of some folders.

    Parameters
    ----------
    path : Path
    folders : sequence of Path
        In each, every store (a .duckdb file, or a folder of tables) is asked for the id of its key.

    Raises
    ------
    KeyFileError
        If it is no key, or others may open it.
    """
    key = read_key(path)
    stores = [(store, meta) for folder in folders for store, meta in _stores_in(folder)]
    mine = [(store, meta) for store, meta in stores if meta.get("key_id") == key.key_id]
    faults = [f"it stands beside {name}; keep it where no output is" for name in beside_outputs(path)]
    if {meta.get("made_up") for _, meta in mine} >= {"yes", "no"}:
        faults.append("it was made for a made-up authority and is used for a real one; follow docs/keys.md")
    return CheckedKey(
        path,
        key.key_id,
        tuple(f"{store} ({_whose(meta)})" for store, meta in mine),
        tuple(str(store) for store, meta in stores if meta.get("key_id") != key.key_id),
        tuple(faults),
    )


def beside_outputs(path: Path, coming: Path | None = None) -> list[str]:
    """The names of outputs that stand in the folder of a key file, one for each kind.

    Parameters
    ----------
    coming : Path, optional
        An output that is about to be written.
    """
    folder = path.resolve().parent
    found = (sorted(folder.glob(pattern)) for pattern in _OUTPUTS)
    named = [names[0].name for names in found if names]
    return named or ([coming.name] if coming is not None and coming.resolve().parent == folder else [])


def refuse_key_beside(outputs: Sequence[str]) -> None:
    """Refuse a key that stands where outputs do; a demonstration's key does, and may be used for nothing else.

    Raises
    ------
    KeyFileError
        If there is any.
    """
    if outputs:
        raise KeyFileError(
            f"the key stands beside {outputs[0]}, and these are the returns of a real authority: whoever is given that "
            "folder has both. Keep the key where no output is; the key of a demonstration is used for nothing else, "
            "make one with: absence-risk key new FILE. Nothing was ingested"
        )


def check_key_of_store(key: Key, store: Path) -> None:
    """Refuse to replace a store by one of another key: nothing that was decided could be matched to its pupils.

    Raises
    ------
    KeyFileError
        If there is a store already, made with another key.
    """
    made_with = (_meta_of(store) or {}).get("key_id", key.key_id)
    if made_with != key.key_id:
        raise KeyFileError(
            f"{store} was made with another key (id {made_with}, this one is {key.key_id}): every pseudonym would "
            "change, and earlier scores, lists and decisions match no pupil. Give the key it was made with; to change "
            "the key on purpose give a new --store and follow docs/keys.md"
        )


def _stores_in(folder: Path) -> list[tuple[Path, dict[str, str]]]:
    if not folder.is_dir():
        raise KeyFileError(f"expected a folder of stores at {folder}; there is none")
    found = [(path, _meta_of(path)) for path in sorted(folder.iterdir()) if _may_be_store(path)]
    return [(path, meta) for path, meta in found if meta is not None]


def _may_be_store(path: Path) -> bool:
    return path.suffix == ".duckdb" or (path / "pupils").is_dir()


def _meta_of(path: Path) -> dict[str, str] | None:
    try:
        with Store(path) as opened:
            return dict(opened.meta)
    except StoreError:
        return None


def _whose(meta: dict[str, str]) -> str:
    return "a made-up authority" if meta.get("made_up") == "yes" else "a real authority"
