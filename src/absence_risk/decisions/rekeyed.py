"""A register whose pseudonyms were made with one key, written out with those of another.

The register that stands is never touched: its seals say that nothing in it was changed, and that stays true. The new
one holds the same rows in the same order, sealed anew, so that no decision is lost with a key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ..errors import InputError
from .register import Register
from .sealing import Row, plain_json


def pupils_named(register: Register) -> frozenset[str]:
    """Every pseudonym that stands anywhere in a register: listed pupils, and those next in line."""
    lists = register.lists()
    listed = {pupil.pupil_id for entry in lists for pupil in entry.pupils}
    return frozenset(listed.union(*(entry.next_in_line for entry in lists)))


def write_rekeyed(register: Register, out: Path, new_id: Mapping[str, str]) -> int:
    """Write a new register with other pseudonyms, whole or not at all; how many pupils it names.

    Parameters
    ----------
    register : Register
        It is read, and stays as it is.
    out : Path
        A file that does not exist.
    new_id : mapping of str to str
        The new pseudonym of each earlier one.

    Raises
    ------
    InputError
        If a pupil of the register has no new pseudonym, or two would share one.
    OutputError
        If the new register cannot be written.
    """
    named = pupils_named(register)
    missing = len(named - set(new_id))
    if missing:
        raise InputError(
            f"{missing:,} of the {len(named):,} pupils of {register.path} are not in the lookup of that store: their "
            "decisions would be lost. Give the store whose lists the register holds. Nothing was written"
        )
    if len({new_id[pupil] for pupil in named}) < len(named):
        raise InputError(
            f"two pupils of {register.path} would share a pseudonym: the lookup names one child twice; ingest the "
            "returns again with the earlier key first. Nothing was written"
        )

    def changed(table: str, row: Row) -> Row:
        if table == "listed":
            return {**row, "pupil_id": new_id[row["pupil_id"]]}
        if table == "lists":
            following = [new_id[pupil] for pupil in json.loads(row["next_in_line"])]
            return {**row, "next_in_line": plain_json(following)}
        return row

    register.copy_to(out, changed)
    return len(named)
