"""Put what was measured year by year into the declared tables, with the facts of the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..domain.academic_year import AcademicYear, written_year
from .weigh import (
    factor_tables,
    gates_table,
    memory_of,
    refits_of,
    stability_of_list,
    stability_tables,
    swings,
)

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import Dataset, PupilYears, YearsFound
    from ..evidence.refits import Refit
    from ..evidence.result import Evidence
    from ..logbook import Opening
    from ..models.bundle import Bundle
    from ..settings import Settings
    from ..splits import Split
    from ..store import Store
    from .contend import Judged

Row = dict[str, Any]

#: Tables with rows of every test year, filled by ``evidence.one_year``.
BY_YEAR = (
    "measures", "uplift", "list_lengths", "onset_list", "calibration", "net_benefit", "groups", "views", "missed",
)  # fmt: skip


def evidence_of(
    store: Store,
    judged: Sequence[Judged],
    found: YearsFound,
    gathered: PupilYears,
    bundle: Bundle,
    opening: Opening,
    settings: Settings,
    final: Split,
) -> tuple[Evidence, tuple[Refit, ...]]:
    """Every table of the evidence, and the refits of the candidate."""
    from ..evidence.result import Evidence

    last = judged[-1]
    refits = refits_of(last, settings)
    stability = stability_of_list(last, refits, settings)
    every_year = gathered.in_years(last.split.years).with_outcomes(
        store.tables(), settings.outcome_definition
    )
    factors, in_words = factor_tables(last, every_year, bundle, settings)
    tables = {
        "years": years_table(judged, found, final),
        "flow": flow_table(last),
        **tables_by_year(judged),
        "model_shape": shape_table(judged),
        **stability_tables(stability),
        **factors,
    }
    tables["gates"] = gates_table(tables, stability, store, last, settings)
    notes = [note for one in judged for note in one.notes] + not_recorded(last)
    about = facts(settings, last, bundle, opening, final) | {
        "notes": list(dict.fromkeys(notes)),
        "ranking_in_words": in_words,
        **swings(stability),
        "memorising": memory_of(last, settings),
    }
    return Evidence(about, tables, kept_draws(judged)), refits


def not_recorded(last: Judged) -> list[str]:
    """Groups for audit that are not recorded for anybody: said, never guessed."""
    return [
        f"The group `{name}` is not recorded for any pupil of {last.year}, so nothing can be said of it."
        for name, group in last.measured.contest.groups.items()
        if set(group) == {"not recorded"}
    ]


def tables_by_year(judged: Sequence[Judged]) -> dict[str, pd.DataFrame]:
    """The tables that hold every test year, first test first."""
    from ..evidence.tables import EVIDENCE_TABLES

    return {
        name: EVIDENCE_TABLES[name].frame(row for one in judged for row in one.measured.rows[name])
        for name in BY_YEAR
    }


def kept_draws(judged: Sequence[Judged]) -> pd.DataFrame:
    """The draws of every test year side by side, one row per draw."""
    import pandas as pd

    return pd.concat([one.measured.kept_draws() for one in judged], axis=1)


def years_table(judged: Sequence[Judged], found: YearsFound, final: Split) -> pd.DataFrame:
    """Every feature year, what it was used for, and why a year was left out."""
    from ..evidence.tables import EVIDENCE_TABLES

    rows = [*_used(judged, found, final), *_left_out(found)]
    return EVIDENCE_TABLES["years"].frame(sorted(rows, key=lambda row: row["year"]))


def _used(judged: Sequence[Judged], found: YearsFound, final: Split) -> Iterator[Row]:
    tested = {one.split.test_year: one for one in judged}
    latest = judged[-1].parts
    for year in found.years:
        if year in tested:
            one = tested[year]
            trained = ", ".join(map(str, one.split.train_years))
            yield _year_row(year, "tested", one.parts.test, final, trained, str(one.split.calibration_year))
        elif year == final.test_year:
            yield _year_row(year, "kept closed", None, final, why="the final year was kept closed")
        else:
            part = latest.calibrate if year == judged[-1].split.calibration_year else latest.train
            yield _year_row(year, "trains or calibrates only", part.in_years([year]), final)


def _year_row(
    year: AcademicYear,
    role: str,
    part: Dataset | None,
    final: Split,
    trained: str = "",
    calibrated: str = "",
    why: str = "",
) -> Row:
    unknown = float("nan")
    return {
        "year": str(year),
        "role": role,
        "trained": trained,
        "calibrated": calibrated,
        "why": why,
        "final": year == final.test_year,
        "n": unknown if part is None else len(part),
        "events": unknown if part is None else int(part.y.sum()),
        "schools": unknown if part is None else len(set(part.school_id)),
    }


def _left_out(found: YearsFound) -> Iterator[Row]:
    for year, why in found.left_out.items():
        yield {
            "year": str(year), "role": "left out", "trained": "", "calibrated": "", "why": why, "final": False,
            "n": float("nan"), "events": float("nan"), "schools": float("nan"),
        }  # fmt: skip


def shape_table(judged: Sequence[Judged]) -> pd.DataFrame:
    """What each size of trees was measured at, for every test year of which the evidence chose the candidate's size."""
    from ..evidence.tables import EVIDENCE_TABLES

    return EVIDENCE_TABLES["model_shape"].frame(
        {"year": one.year, **choice} for one in judged for choice in one.fitted[0].shape.get("choices", ())
    )


def flow_table(last: Judged) -> pd.DataFrame:
    """Where every pupil went, for the years of the last test; a step that nobody took is left out."""
    from ..evidence.tables import EVIDENCE_TABLES

    steps = [step for part in (last.parts.train, last.parts.calibrate, last.parts.test) for step in part.flow]
    return EVIDENCE_TABLES["flow"].frame(
        {"year": written_year(step["academic_year"]), "step": name.replace("_", " "), "n": n}
        for step in steps
        for name, n in step.items()
        if name != "academic_year" and n
    )


def facts(settings: Settings, last: Judged, bundle: Bundle, opening: Opening, final: Split) -> Row:
    """What ``Evidence.about`` says: the run in plain values, nothing of a pupil."""
    from ..settings import settings_sha256

    evidence = settings.evidence
    return {
        "name": settings.name,
        "model": settings.model,
        "leaves": last.fitted[0].shape.get("leaves"),
        "outcome": settings.outcome_definition.definition(),
        "families": [family.value for family in settings.families],
        "capacity": settings.capacity,
        "as_of": settings.as_of.model_dump(),
        "final_year": last.year,
        "final_year_closed": last.split != final,
        "trained": [str(year) for year in last.split.train_years],
        "calibrated": str(last.split.calibration_year),
        "rule_in_use": settings.rule_in_use,
        "candidate": last.fitted[0].name,
        "rounds": evidence.rounds,
        "refits": evidence.refits,
        "level": 0.95,
        "seed": evidence.seed,
        "openings": opening.number,
        "opened_with": opening.opened_with,
        "gates_moved": opening.gates_moved,
        "store_fingerprint": bundle.data["fingerprint"],
        "exclusions_sha256": bundle.data.get("exclusions_sha256", ""),
        "settings_sha256": settings_sha256(settings),
        "bundle_sha256": bundle.hash,
        "made_up": bundle.made_up,
        "versions": dict(bundle.versions),
    }
