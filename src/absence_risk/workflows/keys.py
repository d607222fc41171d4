"""Keys: looked at, and changed: the register of decisions is written out with the pseudonyms of a new key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import KeyFileError, UsageError

if TYPE_CHECKING:
    from ..returns.key_check import CheckedKey


@dataclass(frozen=True)
class Rotated:
    """The new register, what says where it came from, and how many pupils it names."""

    out: Path
    record: Path
    pupils: int
    earlier_key: str
    key: str

    def in_words(self) -> str:
        """What was written, and what is still to do."""
        return "\n".join(
            [
                f"Key {self.earlier_key} gave way to key {self.key} for the {self.pupils:,} pupils of the register",
                "Still to do: ingest the returns with the new key into a new store, score again, keep the new register "
                "beside the lists, and destroy what the earlier key made (docs/keys.md says what)",
                f"Wrote {self.out}, and {self.record.name} beside it; the earlier register is as it was",
            ]
        )


def run_key_check(path: Path | str, folders: Sequence[Path | str] = ()) -> CheckedKey:
    """Look at a key file and at the stores of some folders; see ``returns.key_check.check_key``."""
    from ..returns.key_check import check_key

    return check_key(Path(path), [Path(folder) for folder in folders])


def run_key_rotate(
    new_key: Path | str, store: Path | str, register: Path | str, out: Path | str, *, today: date
) -> Rotated:
    """Write a register of decisions out with the pseudonyms of a new key; the earlier key is not needed.

    The lookup beside the store still says who each earlier pseudonym is, so a lost key loses no decision. All or
    nothing: one pupil without a new pseudonym, and nothing is written.

    Parameters
    ----------
    new_key : Path
        File of the new key.
    store : Path
        The store made with the earlier key; its lookup stands beside it.
    register : Path
        The register of its lists; it stays as it is.
    out : Path
        The new register; a file that does not exist.
    today : date
        Written into the record beside it.

    Raises
    ------
    KeyFileError
        If the new key is none, or is the one that the store was made with.
    UsageError, StoreError, InputError, OutputError
        Nothing is written then.
    """
    from ..decisions.register import Register
    from ..decisions.rekeyed import write_rekeyed
    from ..files import canonical_json, sha256_of, write_text
    from ..returns.identity import read_key
    from ..returns.lookup import under_another_key
    from ..store import Store

    key, target = read_key(Path(new_key)), Path(out)
    with Store(Path(store)) as opened:
        earlier = opened.meta.get("key_id", "")
    if earlier == key.key_id:
        raise KeyFileError(
            f"{store} was made with this very key (id {earlier}); make a new one: absence-risk key new FILE"
        )
    record = target.with_name(f"{target.name}.rekeyed.json")
    if record.exists():
        raise UsageError(f"{record} exists; give another name for the new register")
    new_id = under_another_key(Path(store), key)
    with Register(Path(register), must_exist=True) as book:
        pupils = write_rekeyed(book, target, new_id)
    said = {
        "about": "a register of decisions written out with another key",
        "on": today.isoformat(),
        "earlier_key_id": earlier,
        "key_id": key.key_id,
        "earlier_register_sha256": sha256_of(Path(register)),
        "pupils": pupils,
    }
    write_text(record, canonical_json(said))
    return Rotated(target, record, pupils, earlier, key.key_id)
