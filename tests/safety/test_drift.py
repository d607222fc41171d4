"""Sixty planted drifts are each refused or reported; cohorts that are only other pupils raise no alarm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_authority import AS_OF, drawn_tables
from planted_drifts import IN_FEATURES, IN_RETURNS, IN_TABLES

from absence_risk.cohort import Cohort, select_cohort
from absence_risk.errors import InputError
from absence_risk.features.catalogue import CATALOGUE, Family, model_features
from absence_risk.features.data_flags import sources_known
from absence_risk.models.contract import check_between, check_matrix
from absence_risk.models.drift import Findings, findings
from absence_risk.models.drift_counts import DriftCounts
from absence_risk.models.met_in_training import Training, learn_training, year_met
from absence_risk.scoring import facts_of

FEATURES = model_features(tuple(Family))
Counted = Callable[[str, int, int], None]


@dataclass(frozen=True)
class World:
    """What a model met in training, and a later cohort with its tables; how many drifts in tables are tried."""

    training: Training
    tables: dict[str, Any]
    as_of: date
    cohort: Cohort
    facts: pd.DataFrame
    in_tables: int = len(IN_TABLES)


def gathered(tables: dict[str, Any], as_of: date) -> tuple[Cohort, pd.DataFrame]:
    cohort = select_cohort(tables, as_of)
    return cohort, facts_of(tables, cohort.frame, as_of)


def judged(
    training: Training, facts: pd.DataFrame, counts: Mapping[str, int], tables: dict[str, Any], as_of: date
) -> Findings:
    """What scoring does before it publishes, by the same functions; what is raised counts as refused."""
    try:
        names = [name for name in facts.columns if name in CATALOGUE and CATALOGUE[name].in_model]
        check_matrix(facts[names], FEATURES)
        check_between(facts, len(facts))
    except InputError as fault:
        return Findings(refused=(str(fault),))
    passed = DriftCounts.of_facts(facts, training)
    # A frame of other rows stands for a cohort of them.
    eligible = {**counts, "eligible": len(facts), "seen": counts["seen"] + len(facts) - counts["eligible"]}
    return findings(training, passed, eligible, as_of, sources_known(tables, as_of))


@cache
def drawn_training(seeds: tuple[int, ...]) -> Training:
    """Years of the drawn authority, each from a seed of its own."""
    parts, years, schools, of_year = [], [], [], []
    for number, seed in enumerate(seeds):
        tables = drawn_tables(seed)
        cohort, facts = gathered(tables, AS_OF)
        parts.append(facts)
        schools.append(facts["school_id"].to_numpy())
        of_year.append(np.full(len(facts), number))
        years.append(
            year_met(
                f"{2020 + number}/{21 + number}",
                seen=cohort.counts["seen"],
                eligible=cohort.counts["eligible"],
                schools=facts["school_id"].nunique(),
                sources=sources_known(tables, AS_OF),
                as_of=AS_OF,
            )
        )
    rows = pd.concat(parts, ignore_index=True)
    return learn_training(rows, np.concatenate(schools), np.concatenate(of_year), years)


def drawn_world(folder: Path, in_tables: int) -> World:
    tables = drawn_tables(7)
    return World(drawn_training((1, 2)), tables, AS_OF, *gathered(tables, AS_OF), in_tables)


def simulated_world(folder: Path, in_tables: int) -> World:
    """A simulated authority, from its returns: trained on all its years but the last, which is scored."""
    from absence_risk.tables.canonical import CANONICAL_TABLES
    from absence_risk.tables.frames import open_table, to_pandas

    store, training = simulated(folder, pupils=2_000, seed=11)
    tables = {name: to_pandas(open_table(store.tables(), name)) for name in CANONICAL_TABLES}
    return World(training(2024), tables, AS_OF, *gathered(tables, AS_OF), in_tables)


def simulated(folder: Path, *, pupils: int, seed: int) -> tuple[Any, Callable[[int], Training]]:
    """The store of a simulated authority, and what a model would have met in its years up to one."""
    from absence_risk.domain.academic_year import AcademicYear
    from absence_risk.returns.identity import new_key_file
    from absence_risk.store import Store
    from absence_risk.workflows.ingest import run_ingest
    from absence_risk.workflows.simulate import run_simulate

    run_simulate(folder / "returns", pupils=pupils, seed=seed)
    new_key_file(folder / "a.key")
    run_ingest(folder / "returns", folder / "a.duckdb", key_file=folder / "a.key")
    store = Store(folder / "a.duckdb")

    def training(last: int) -> Training:
        met, parts, schools, of_year = [], [], [], []
        for start in range(2021, last + 1):
            year = AcademicYear(start)
            cohort, facts = gathered(store.tables(), year.as_of())
            sources = sources_known(store.tables(), year.as_of())
            counts, number = cohort.counts, facts["school_id"].nunique()
            met.append(
                year_met(
                    str(year),
                    seen=counts["seen"],
                    eligible=counts["eligible"],
                    schools=number,
                    sources=sources,
                    as_of=year.as_of(),
                )
            )
            parts.append(facts)
            schools.append(facts["school_id"].to_numpy())
            of_year.append(np.full(len(facts), start))
        rows = pd.concat(parts, ignore_index=True)
        return learn_training(rows, np.concatenate(schools), np.concatenate(of_year), met)

    return store, training


ALL_OF_THEM = len(IN_TABLES)


@pytest.fixture(
    scope="module",
    params=[
        (drawn_world, 2),
        pytest.param((drawn_world, ALL_OF_THEM), marks=pytest.mark.slow),
        pytest.param((simulated_world, ALL_OF_THEM), marks=pytest.mark.slow),
    ],
    ids=["drawn, two in tables", "drawn", "simulated"],
)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    make, in_tables = request.param
    made: World = make(tmp_path_factory.mktemp("drift"), in_tables)
    return made


def outcomes(world: World, in_tables: int) -> dict[str, tuple[Findings, str]]:
    """What came of each planted drift, and what had to; of those in tables, which cost a build each, the first few."""
    came = {}
    counts = world.cohort.counts
    for name, (change, expected) in IN_FEATURES.items():
        came[name] = judged(world.training, change(world.facts), counts, world.tables, world.as_of), expected
    for name, (lose, expected) in IN_RETURNS.items():
        tables = {**world.tables, "returns": lose(world.tables["returns"])}
        came[name] = judged(world.training, world.facts, counts, tables, world.as_of), expected
    for name, (spoil, expected) in list(IN_TABLES.items())[:in_tables]:
        tables = spoil(world.tables)
        cohort, facts = gathered(tables, world.as_of)
        came[name] = judged(world.training, facts, cohort.counts, tables, world.as_of), expected
    return came


def test_every_planted_drift_is_refused_or_reported(world: World, counted: Counted) -> None:
    plain = judged(world.training, world.facts, world.cohort.counts, world.tables, world.as_of)
    assert plain.refused == () == plain.reported, "the cohort in which drifts are planted is clean itself"
    silent = []
    came = outcomes(world, world.in_tables)
    for name, (found, expected) in came.items():
        if not found.refused and (expected == "refused" or not found.reported):
            silent.append(f"{name}: {'only reported' if found.reported else 'nothing was said'}")
    counted("planted drifts", len(came), len(came) - len(silent))
    assert not silent


def shuffled(tables: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same rows of every table in another order."""
    return {
        name: frame.sample(frac=1, random_state=seed).reset_index(drop=True) for name, frame in tables.items()
    }


def alarms_of_drawn(cases: int) -> list[str]:
    """Other pupils of the drawn schools, of two sizes, every other one with its rows in another order."""
    training, said = drawn_training((1, 2)), []
    for seed in range(20, 20 + cases):
        tables = drawn_tables(seed, pupils=1_500 if seed % 3 else 1_400)
        tables = shuffled(tables, seed) if seed % 2 else tables
        cohort, facts = gathered(tables, AS_OF)
        found = judged(training, facts, cohort.counts, tables, AS_OF)
        said += [f"seed {seed}: {words}" for words in (*found.refused, *found.reported)]
    return said


def alarms_of_simulated(folder: Path, seed: int) -> list[str]:
    """A simulated authority's last two years, each against those before it, as things were known on their dates."""
    from absence_risk.domain.academic_year import AcademicYear, day_number

    pupils = (600, 1_000, 2_000)[seed % 3]
    store, training = simulated(folder, pupils=pupils, seed=seed)
    said = []
    for last in (2023, 2024):
        as_of = AcademicYear(last + 1).as_of()
        tables = dict(store.tables())
        cohort, facts = gathered(tables, as_of)
        returns = tables["returns"].df()
        # As if later returns had not come in yet: the store holds them, and would ask about the as-of date.
        tables["returns"] = returns[returns["known_from"] <= day_number(as_of)]
        found = judged(training(last), facts, cohort.counts, tables, as_of)
        words = (*found.refused, *found.reported)
        said += [f"seed {seed}, {pupils:,} pupils, {last + 1}: {one}" for one in words]
    return said


@pytest.mark.parametrize("cases", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_other_pupils_of_the_same_schools_raise_no_alarm(cases: int, counted: Counted) -> None:
    said = alarms_of_drawn(cases)
    counted("clean cohorts: drawn", cases, cases - len({words.split(":")[0] for words in said}))
    assert not said


@pytest.mark.slow
def test_clean_years_of_simulated_authorities_raise_no_alarm(
    tmp_path_factory: pytest.TempPathFactory, counted: Counted
) -> None:
    said = [
        words
        for seed in range(10)
        for words in alarms_of_simulated(tmp_path_factory.mktemp(f"clean-{seed}"), seed)
    ]
    counted("clean cohorts: simulated", 20, 20 - len({words.split(": ")[0] for words in said}))
    assert not said
