"""Store -> one Parquet file of facts: who is in the cohort, and every feature of the catalogue. No model is needed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, UsageError
from ..progress import Progress, numbered, silent
from .already_there import MADE_OF, in_words, made_of, stands
from .exclusions import about_exclusions, exclusions_of, notes_on

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

STEPS = ("Looking over the store", "Building the cohort and its features, and writing")

KIND, FORMAT = "features", 1

#: Columns that stand before the features; the year group is one of those.
WHO = ("pupil_id", "school_id", "first_seen")


@dataclass(frozen=True)
class FeaturesResult:
    """The file, how many pupils it holds, and in how many parts the store was worked through.

    ``parts`` is 0 where the same features stood at ``out`` already, and nothing was written.
    """

    out: Path
    counts: dict[str, int]
    parts: int
    notes: tuple[str, ...] = ()

    def in_words(self) -> str:
        """Where every pupil went, and what was written."""
        counts = self.counts
        who = f"{counts['seen']:,} pupils seen; {counts['eligible']:,} in the cohort"
        if not self.parts:
            return "\n".join((*self.notes, who, in_words(self.out)))
        parts = f"{self.parts} {'part' if self.parts == 1 else 'parts'}"
        worked = f"{who}; worked through in {parts}"
        return "\n".join((*self.notes, worked, f"Wrote {self.out} and its manifest"))


def run_features(
    store: Path | str,
    as_of: date | str,
    out: Path | str,
    *,
    exclusions: Path | str | None = None,
    memory_limit: str | None = None,
    parts: int | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> FeaturesResult:
    """Write the facts of every eligible pupil as things were known on a day.

    Parameters
    ----------
    store : Path
        An authority store: a file, or a folder made by ``absence-risk export-tables``.
    as_of : date or str
        Only what was known on this day is used; text is read as 2026-10-31.
    out : Path
        A name ending in ``.parquet``. One row per pupil by pupil_id: ``pupil_id``, ``school_id``, ``first_seen`` and
        every feature of the catalogue as float64, missing as null. The same bytes for any number of parts.
    exclusions, memory_limit, parts, today
        As in ``workflows.score.run_score``.

    Raises
    ------
    UsageError, StoreError, InputError, OutputError
        An earlier file at ``out`` stays then.
    """
    from ..cohort import counts_of
    from ..features.catalogue import FEATURES
    from ..store import within_memory
    from .parts import facts_in_parts, look_over, open_within
    from .score import as_date

    day, target = as_date(as_of), Path(out)
    if target.suffix.lower() != ".parquet":
        raise UsageError(f"expected a name ending in .parquet, found {target.name}; rename the output")
    left_out = exclusions_of(store, exclusions, today or date.today())
    say = numbered(progress, STEPS)
    say(0)
    reasons: Counter[str] = Counter()
    with open_within(store, memory_limit) as opened:
        name = made_of(KIND, store=opened.fingerprint, as_of=day.isoformat(), **about_exclusions(left_out))
        if (said := stands(target, name)) is not None:
            counts = {reason: int(said["counts"][reason]) for reason in said["counts_order"]}
            return FeaturesResult(target, counts, 0, notes_on(left_out))
        parting = look_over(opened, day, left_out.pupils, memory_limit=memory_limit, parts=parts)
        say(1)
        about = {
            "as_of": day.isoformat(),
            "store_fingerprint": opened.fingerprint,
            "made_up": opened.meta.get("made_up", "no"),
            "features": [feature.name for feature in FEATURES],
            "sources": [source.as_dict() for source in parting.sources],
            "earliest": parting.earliest,
            MADE_OF: name,
            **about_exclusions(left_out),
        }
        facts = facts_in_parts(opened, parting, day, left_out.pupils, reasons)
        with within_memory(parting.parts):
            _write(facts, target, about, reasons)
    return FeaturesResult(target, counts_of(reasons), parting.parts, notes_on(left_out))


def _write(facts: Iterable[pd.DataFrame], out: Path, about: Mapping[str, Any], reasons: Counter[str]) -> None:
    from ..cohort import counts_of
    from ..files import canonical_json, sha256_of, sidecar_manifest, whole_files
    from ..tables.row_groups import RowGroups

    schema = facts_schema()
    with whole_files(out, sidecar_manifest(out)) as (partial, beside):
        with RowGroups(partial, schema) as file:
            for frame in facts:
                file.append(_arrow(frame, schema))
        counts = counts_of(reasons)
        said = {
            **about,
            "kind": KIND,
            "format": FORMAT,
            "file": out.name,
            "rows": file.rows,
            "sha256": sha256_of(partial),
            "counts": counts,
            "counts_order": list(counts),
        }
        beside.write_bytes(canonical_json(said).encode("utf-8"))


def facts_schema() -> pa.Schema:
    """The columns of the file, in order."""
    import pyarrow as pa

    from ..features.catalogue import FEATURES

    who = zip(WHO, (pa.string(), pa.string(), pa.int64()), strict=True)
    return pa.schema([*who, *((feature.name, pa.float64()) for feature in FEATURES)])


def _arrow(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    columns = [pa.array(frame[column.name], type=column.type, from_pandas=True) for column in schema]
    return pa.table(columns, schema=schema)


def read_about(path: Path, *, verify: bool = True) -> dict[str, Any]:
    """What the manifest of a file of features says, once it vouches for the file.

    Parameters
    ----------
    path : Path
        As written by :func:`run_features`.
    verify : bool
        Compare the hash of the file, too.

    Raises
    ------
    InputError
        If the file or its manifest is absent, damaged or altered, or its features are not this package's.
    """
    from ..features.catalogue import FEATURES
    from ..files import settled, sha256_of, sidecar_manifest

    beside = sidecar_manifest(settled(path))
    if not path.is_file():
        raise InputError(f"no features at {path}; make them with: absence-risk features")
    try:
        said = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise InputError(f"{path} has no manifest that can be read ({beside.name}); make it again") from None
    if not isinstance(said, dict) or said.get("kind") != KIND or said.get("format") != FORMAT:
        raise InputError(f"{beside} is not the manifest of features of format {FORMAT}; make them again")
    if said.get("features") != [feature.name for feature in FEATURES]:
        raise InputError(f"{path} holds other features than this package knows; make it again")
    if verify and sha256_of(path) != said.get("sha256"):
        raise InputError(
            f"{path} is not the file its manifest describes (another hash); make the features again"
        )
    return said
