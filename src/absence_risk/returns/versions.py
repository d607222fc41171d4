"""A later different version supersedes, an identical one adds nothing: the one place where versions are made."""

from __future__ import annotations

from collections.abc import Sequence


def _list(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _changed(values: Sequence[str]) -> str:
    tests = [f'"{value}" IS DISTINCT FROM lag("{value}") OVER told' for value in values]
    return " OR ".join(["row_number() OVER told = 1", *tests])


def as_reported(source: str, key: Sequence[str], values: Sequence[str]) -> str:
    """SQL for the versions of facts that a later return may repeat, change, or leave out without meaning anything.

    Parameters
    ----------
    source : str
        SQL with the columns of ``key``, ``values`` and ``known_from``; one row per key and ``known_from``.
    key, values : sequence of str
        What the fact is about, and what is said of it.

    Returns
    -------
    str
        A SELECT of key, values, ``known_from`` and ``superseded_from``: one row per run of equal values.
    """
    window = f"WINDOW told AS (PARTITION BY {_list(key)} ORDER BY known_from)"
    return f"""SELECT {_list([*key, *values])}, known_from, lead(known_from) OVER told AS superseded_from
        FROM (SELECT *, ({_changed(values)}) AS changed FROM ({source}) {window}) WHERE changed {window}"""


def as_submitted(source: str, key: Sequence[str], values: Sequence[str]) -> str:
    """SQL for the versions of facts that each submission states in full: what the next one leaves out is withdrawn.

    ``source`` has, besides the columns of :func:`as_reported`, ``turn`` (the submission's number among those of its
    school and census, from 1), ``next_from`` (when the next one could be known, or NULL) and ``revised`` (whether
    there is more than one). Rows of a census submitted once pass straight through.
    """
    columns = _list([*key, *values])
    window = f"WINDOW told AS (PARTITION BY {_list(key)} ORDER BY turn)"
    changed = f"{_changed(values)} OR turn <> lag(turn) OVER told + 1"
    return f"""SELECT {columns}, known_from, CAST(NULL AS DATE) AS superseded_from FROM ({source}) WHERE NOT revised
        UNION ALL
        SELECT {columns}, min(known_from), nullif(max(coalesce(next_from, DATE '9999-12-31')), DATE '9999-12-31')
        FROM (SELECT *, count(*) FILTER (WHERE changed) OVER told AS run
              FROM (SELECT *, ({changed}) AS changed FROM ({source}) WHERE revised {window}) {window})
        GROUP BY {columns}, run"""


def carried(column: str, key: Sequence[str]) -> str:
    """SQL for a value, or the last one known before where this return does not ask for it."""
    return f'last_value("{column}" IGNORE NULLS) OVER (PARTITION BY {_list(key)} ORDER BY known_from) AS "{column}"'
