"""A store worked through in parts, each a range of pupils, so that its size does not decide the memory it takes.

Nearly everything is said of one pupil from that pupil's own rows. Three things are not: a school's rate, the first
year of the store, and which returns are held. They are found first, over all parts, and every part is told them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from ..features.data_flags import Source
    from ..store import Store

#: Memory that a recipe may take unless another amount is asked for.
DEFAULT_MEMORY = "4GB"

#: Of the memory allowed, what the engine may hold; the rest is for a part's rows and for Python itself.
ENGINE_SHARE = 0.5


@dataclass(frozen=True)
class Parting:
    """In how many parts, and what each must be told of the whole.

    Attributes
    ----------
    parts : int
    sources : list of Source
        The returns held (``features.data_flags.sources_known``).
    earliest : int or None
        The first academic year of any pupil.
    school_sums : DataFrame or None
        Sessions of each school over all pupils; None where one part holds everybody.
    """

    parts: int
    sources: list[Source]
    earliest: int | None
    school_sums: pd.DataFrame | None


def open_within(store: Path | str, memory_limit: str | None) -> Store:
    """A store whose engine holds half of the memory allowed, and spills nothing to disk.

    Raises
    ------
    UsageError
        If the amount is not one.
    StoreError
        As ``Store``.
    """
    from ..store import Store, bytes_of

    return Store(Path(store), memory=int(bytes_of(memory_limit or DEFAULT_MEMORY) * ENGINE_SHARE))


def look_over(
    store: Store, as_of: date, excluded: Collection[str], *, memory_limit: str | None, parts: int | None
) -> Parting:
    """Choose the number of parts, unless it is stated, and find what every part must be told.

    Raises
    ------
    InputError
        If the autumn census of the cohort is not known on the as-of date.
    UsageError
        If the number of parts is not 1 to 256, or the engine needs more memory than it may hold.
    """
    from ..cohort import check_census
    from ..features.data_flags import sources_known
    from ..store import bytes_of, within_memory

    number = store.suggested_parts(bytes_of(memory_limit or DEFAULT_MEMORY)) if parts is None else parts
    with within_memory(number):
        check_census(store.tables(), as_of)
        seen = [look_at_part(store, part, number, as_of, excluded) for part in range(number)]
        return parting_of(seen, sources_known(store.tables(), as_of))


@dataclass(frozen=True)
class PartSeen:
    """What one part tells of the whole: its first academic year, and its sessions by school if there are more parts."""

    earliest: int | None
    school_sums: pd.DataFrame | None

    def plain(self) -> dict[str, Any]:
        """The same as numbers and lists, for JSON; :meth:`of_plain` reads it."""
        sums = None if self.school_sums is None else self.school_sums.to_dict("list")
        return {"earliest": self.earliest, "school_sums": sums}

    @classmethod
    def of_plain(cls, said: Mapping[str, Any]) -> PartSeen:
        """What :meth:`plain` said."""
        import pandas as pd

        sums = said["school_sums"]
        types = {"school_id": "str", "all_unauthorised": "int64", "all_possible": "int64"}
        return cls(said["earliest"], None if sums is None else pd.DataFrame(sums).astype(types))


def look_at_part(
    store: Store, part: int, parts: int, as_of: date, excluded: Collection[str] = ()
) -> PartSeen:
    """Look at one part of a store for what the others must be told of it."""
    from ..features.attendance import school_sums
    from ..features.data_flags import earliest_year
    from ..tables.frames import to_pandas, without_pupils

    tables = without_pupils(store.tables(part, parts), excluded)
    sums = None if parts == 1 else to_pandas(school_sums(tables, as_of))
    return PartSeen(earliest_year(tables, as_of), sums)


def parting_of(seen: Sequence[PartSeen], sources: list[Source]) -> Parting:
    """What every part must be told, from what each told, in order."""
    import pandas as pd

    years = [part.earliest for part in seen if part.earliest is not None]
    sums = [part.school_sums for part in seen if part.school_sums is not None]
    whole = (
        pd.concat(sums, ignore_index=True).groupby("school_id", as_index=False, sort=True).sum()
        if sums
        else None
    )
    return Parting(len(seen), sources, min(years, default=None), whole)


def part_tables(store: Store, parting: Parting, part: int, excluded: Collection[str]) -> Mapping[str, Any]:
    """The canonical tables of one part without those left out, the schools' sums beside them."""
    from ..tables.frames import beside, without_pupils

    tables = without_pupils(store.tables(part, parting.parts), excluded)
    if parting.school_sums is None:
        return tables
    return {**tables, "school_sums": beside(tables, parting.school_sums).to_native()}


def facts_in_parts(
    store: Store,
    parting: Parting,
    as_of: date,
    excluded: Collection[str],
    counts: Counter[str],
    only: int | None = None,
) -> Iterator[pd.DataFrame]:
    """The facts (``scoring.facts_of``) of every eligible pupil, part by part, in the order of pupil_id.

    ``only`` is the one part that is wanted, if not all are.

    Pupils seen are added to ``counts`` by the reason why they are out, the empty one for those who are not
    (``cohort.counts_of``).
    """
    from ..scoring import facts_of

    for part in range(parting.parts) if only is None else (only,):
        cohort = _eligible(store.tables(part, parting.parts), as_of, excluded, counts)
        if not cohort.empty or parting.parts == 1:
            yield facts_of(part_tables(store, parting, part, excluded), cohort, as_of)


def _eligible(
    tables: Mapping[str, Any], as_of: date, excluded: Collection[str], counts: Counter[str]
) -> pd.DataFrame:
    from ..cohort import seen_pupils
    from ..tables.frames import to_pandas

    seen = to_pandas(seen_pupils(tables, as_of, excluded))
    counts.update(seen["reason"].tolist())
    here = seen.loc[seen["reason"] == "", ["pupil_id", "school_id", "year_group"]]
    types = {"pupil_id": "str", "school_id": "str", "year_group": "int64"}
    return here.sort_values("pupil_id", kind="stable", ignore_index=True).astype(types)
