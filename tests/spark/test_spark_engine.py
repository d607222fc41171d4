"""One body of lines runs on pandas, DuckDB and Spark, and gives one cohort, one set of features, one set of reasons."""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from made_up import authority as made_up_tables
from small_authority import AS_OF, Authority, fit_bundle, write_store

from absence_risk.cohort import REASONS, seen_pupils
from absence_risk.errors import AbsenceRiskError, InputError, StoreError, UsageError
from absence_risk.features.catalogue import FEATURES
from absence_risk.features.data_flags import earliest_year, sources_known
from absence_risk.models.bundle import Bundle
from absence_risk.models.contract import UNIT_LIMITS
from absence_risk.models.drift_counts import DriftCounts
from absence_risk.scored_file import SCORES, read_scores
from absence_risk.scored_folder import read_scored_folder, write_scored_folder
from absence_risk.scoring import Scorer
from absence_risk.spark.rows_out import write_parts, write_scored_table
from absence_risk.spark.score import drift_seen, facts_on, in_parts, score_frame, scored_from, watched
from absence_risk.spark.tables import tables_in_folder, tables_named
from absence_risk.store import Store, create_store, export_tables
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.frames import open_table, to_pandas
from absence_risk.tables.schema import Type
from absence_risk.workflows.score import run_score
from absence_risk.workflows.score_spark import run_score_spark
from absence_risk.workflows.spark_parts import parting_on, store_parts, write_parts_on

ENGINES = ("pandas", "duckdb", "spark")


def store_of(tables: dict[str, pd.DataFrame], path: Path) -> Path:
    """A store that holds drawn tables: day numbers become dates again."""
    with create_store(path, {"key_id": "k"}) as con:
        for name, frame in tables.items():
            con.register("drawn", frame)
            columns = ", ".join(
                f"DATE '1970-01-01' + CAST(\"{c.name}\" AS INTEGER)" if c.type is Type.DATE else f'"{c.name}"'
                for c in CANONICAL_TABLES[name].columns
            )
            con.execute(f'INSERT INTO "{name}" SELECT {columns} FROM drawn').fetchall()
            con.unregister("drawn")
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with write_store(tmp_path_factory.mktemp("small") / "a.duckdb") as store:
        yield Authority(store, fit_bundle(store))


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of tables that reach every feature, with corrections known before and after the as-of date."""
    return store_of(made_up_tables(), tmp_path_factory.mktemp("made-up") / "m.duckdb")


@pytest.fixture(scope="module")
def folder(made_up: Path) -> Path:
    with Store(made_up) as store:
        export_tables(store, made_up.parent / "tables", 3)
    return made_up.parent / "tables"


class Worked:
    """Everything that one engine makes of the made-up tables."""

    def __init__(self, tables: dict[str, Any], bundle: Any, spark: Any = None) -> None:
        seen = nw.to_native(seen_pupils(tables, AS_OF, excluded=[f"{7:032x}"]))
        kept = seen.persist() if spark else seen
        self.seen, self.facts = self._sorted(kept), self._sorted(facts_on(tables, kept, AS_OF))
        sources, earliest = sources_known(tables, AS_OF), earliest_year(tables, AS_OF)
        self.sound = within_units(self.facts)
        if spark:
            frame = on_spark(spark, self.sound)
            self.scored = self._sorted(scored_from(frame, bundle, AS_OF, sources, earliest))
        else:
            self.scored = Scorer(bundle, AS_OF, sources, earliest).rows(self.sound)

    @staticmethod
    def _sorted(frame: Any) -> pd.DataFrame:
        found = to_pandas(nw.from_native(frame).lazy())
        return found.sort_values("pupil_id", ignore_index=True)


def within_units(facts: pd.DataFrame) -> pd.DataFrame:
    """Facts as a model takes them: the made-up tables hold more absences than sessions, which no model is given."""
    limits = {feature.name: UNIT_LIMITS[feature.unit] for feature in FEATURES}
    numbers = {name: facts[name].astype("float64").clip(at.low, at.high) for name, at in limits.items()}
    texts = {"pupil_id": "str", "school_id": "str", "first_seen": "Int64"}
    found = facts[list(texts)].astype(texts).assign(**numbers)
    # Cutting the rates to their limits changes their difference too.
    trend = found["unauthorised_rate_summer"] - found["unauthorised_rate_autumn"]
    return found.assign(unauthorised_trend=trend.where(found["unauthorised_trend"].notna()))


def on_spark(spark: Any, facts: pd.DataFrame) -> Any:
    """Facts as a plain Spark frame, which costs no plan; missing is null, as in a plan."""
    held = facts.astype(object).where(facts.notna(), None)
    types = {"pupil_id": "string", "school_id": "string", "first_seen": "bigint"}
    schema = ", ".join(f"{name} {types.get(name, 'double')}" for name in held.columns)
    return spark.createDataFrame(held.to_dict("records"), schema)


@pytest.fixture(scope="module")
def worked(made_up: Path, folder: Path, small: Authority, spark: Any) -> dict[str, Worked]:
    with Store(made_up) as store:
        tables: dict[str, dict[str, Any]] = {"duckdb": store.tables()}
        tables["pandas"] = {name: to_pandas(open_table(tables["duckdb"], name)) for name in CANONICAL_TABLES}
        tables["spark"] = dict(tables_in_folder(spark, folder).frames)
        return {
            name: Worked(tables[name], small.bundle, spark if name == "spark" else None) for name in ENGINES
        }


def rows(frame: pd.DataFrame, *names: str) -> list[dict[str, Any]]:
    """Rows as plain values, missing as None."""
    held = frame[list(names)].astype(object)
    return held.where(held.notna(), None).to_dict("records")


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_sees_the_same_pupils_and_gives_the_same_reason(worked, engine) -> None:
    columns = ("pupil_id", "school_id", "year_group", "reason")
    assert rows(worked[engine].seen, *columns) == rows(worked["pandas"].seen, *columns)
    assert {"", "excluded"} < set(worked["pandas"].seen["reason"]) <= {"", *REASONS}


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_builds_the_same_features(worked, engine) -> None:
    found, expected = worked[engine].facts, worked["pandas"].facts
    assert rows(found, "pupil_id", "school_id", "first_seen") == rows(
        expected, "pupil_id", "school_id", "first_seen"
    )
    for feature in FEATURES:
        numbers = [
            f[feature.name].to_numpy(dtype="float64", na_value=float("nan")) for f in (found, expected)
        ]
        np.testing.assert_allclose(*numbers, rtol=0, atol=1e-12, err_msg=feature.name)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same_estimates_and_the_same_sentences(worked, engine) -> None:
    found, expected = worked[engine].scored, worked["pandas"].scored
    assert tuple(found.columns) == SCORES.column_names and len(found) == len(expected) > 10
    for column in SCORES.columns:
        if column.type is Type.NUMBER:
            np.testing.assert_allclose(found[column.name], expected[column.name], rtol=0, atol=1e-9)
        else:
            assert [plain(v) for v in found[column.name]] == [plain(v) for v in expected[column.name]]
    assert any(map(len, expected["reasons_up"])) and any(map(len, expected["data_flags"]))


def plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, np.ndarray)) else value


def publish(frame: Any, out: Path, expected: int) -> None:
    """Write a frame of Spark as a scored folder."""

    def fill(folder: Path) -> int:
        write_parts(frame, folder)
        return expected

    write_scored_folder(out, fill, dict)


@pytest.fixture(scope="module")
def scored(small: Authority, spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small authority's tables, model, and scores from Spark, both ways, and from the plain path."""
    work = tmp_path_factory.mktemp("scored")
    with Store(small.store.path) as store:
        export_tables(store, work / "tables", 2)
    small.bundle.save(work / "model")
    result = run_score_spark(work / "tables", work / "model", AS_OF, work / "scores", parts=3, session=spark)
    (work / "said.txt").write_text(result.in_words(), encoding="utf-8")
    for name in CANONICAL_TABLES:
        spark.read.parquet(str(work / "tables" / name)).createOrReplaceTempView(f"small_{name}")
    named = {name: f"small_{name}" for name in CANONICAL_TABLES}
    run_score_spark(None, work / "model", AS_OF, work / "from_names", tables=named, session=spark)
    run_score(small.store.path, work / "model", AS_OF, work / "plain.parquet")
    return work


@pytest.mark.parametrize("way", ["scores", "from_names"])
def test_a_scored_folder_holds_the_rows_and_the_account_of_the_plain_path(scored: Path, way: str) -> None:
    found, plainly = read_scored_folder(scored / way), read_scores(scored / "plain.parquet")
    pd.testing.assert_frame_equal(found.frame, plainly.frame, check_exact=False, rtol=0, atol=1e-9)
    other = {"file", "sha256", "files", "engine", "made_of"} | (
        {"store_fingerprint"} if way == "from_names" else set()
    )
    assert {k: v for k, v in found.manifest.items() if k not in other} == {
        k: v for k, v in plainly.manifest.items() if k not in other
    }
    assert f"{len(plainly.frame)} scored" in (scored / "said.txt").read_text(encoding="utf-8")


def test_parts_that_workers_write_hold_the_very_rows_of_the_plain_path(scored: Path) -> None:
    found, plainly = read_scored_folder(scored / "scores"), read_scores(scored / "plain.parquet")
    pd.testing.assert_frame_equal(found.frame, plainly.frame, check_exact=True)


def test_a_scored_folder_is_its_owners_and_holds_nothing_of_the_writers_own(scored: Path) -> None:
    names = sorted(path.name for path in (scored / "scores").iterdir())
    assert names == ["000.parquet", "001.parquet", "002.parquet", "manifest.json"]
    assert {path.stat().st_mode & 0o777 for path in (scored / "scores").iterdir()} == {0o600}
    assert not [path for path in scored.iterdir() if path.name.endswith(".partial")]


def test_a_part_that_a_worker_cannot_score_leaves_the_earlier_folder(scored, spark, tmp_path) -> None:
    """The store is whole when the work begins, and a file of it is damaged before a worker reads it."""
    copy = shutil.copytree(scored / "tables", tmp_path / "tables")
    out = shutil.copytree(scored / "scores", tmp_path / "scores")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with Store(copy) as store:
        work = store_parts(store, AS_OF, frozenset(), memory_limit=None, parts=2)
        parting = parting_on(spark, work, store)
        (copy / "pupils" / "001.parquet").write_bytes(b"PAR1 damaged PAR1")

        def fill(folder: Path) -> int:
            return write_parts_on(spark, work, parting, Bundle.load(scored / "model"), folder).rows

        with pytest.raises(StoreError, match="not the ones its manifest describes"):
            write_scored_folder(out, fill, dict)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores", "tables"]


def test_parts_and_memory_are_for_stores_that_workers_open() -> None:
    for store, tables in (("s3a://box/tables", None), (None, "lake.children")):
        for asked in ({"parts": 2}, {"memory_limit": "2GB"}):
            with pytest.raises(UsageError, match="a store that the workers open"):
                run_score_spark(store, "model", AS_OF, "scores", tables=tables, **asked)


def test_an_altered_scored_folder_is_refused(scored: Path, tmp_path: Path) -> None:
    (tmp_path / "000.parquet").write_bytes((scored / "scores" / "000.parquet").read_bytes()[:-1])
    with pytest.raises(InputError, match=r"has no manifest \(manifest\.json\)"):
        read_scored_folder(tmp_path)
    (tmp_path / "manifest.json").write_bytes((scored / "scores" / "manifest.json").read_bytes())
    with pytest.raises(InputError, match="does not hold the files its manifest describes"):
        read_scored_folder(tmp_path)


@pytest.fixture(scope="module")
def few(worked: dict[str, Worked], spark: Any) -> Any:
    return on_spark(spark, worked["pandas"].sound)


def test_parts_are_ranges_of_pupils_and_the_same_facts_give_the_same_bytes(few, small, tmp_path) -> None:
    for name in ("one", "two"):
        frame = scored_from(in_parts(few, 4), small.bundle, AS_OF, [], None)
        publish(frame, tmp_path / name, few.count())
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert one == two
    pupils = read_scored_folder(tmp_path / "one").frame["pupil_id"].tolist()
    assert pupils == sorted(pupils) and len(pupils) == few.count()


def test_a_part_that_fails_leaves_the_earlier_folder_and_quotes_nobody(few, small, tmp_path, caplog) -> None:
    from pyspark.sql import functions as F

    out, poisoned = tmp_path / "scores", few.select("pupil_id").first()[0]
    publish(scored_from(in_parts(few, 2), small.bundle, AS_OF, [], None), out, few.count())
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    value = F.when(F.col("pupil_id") == poisoned, 47.11).otherwise(F.col("unauthorised_rate"))
    wrong = scored_from(
        in_parts(few.withColumn("unauthorised_rate", value), 2), small.bundle, AS_OF, [], None
    )
    with caplog.at_level(logging.DEBUG), pytest.raises(InputError) as raised:
        publish(wrong, out, few.count())
    assert "unauthorised_rate: expected a share between 0 and 1" in str(raised.value)
    assert raised.value.__suppress_context__
    for told in (str(raised.value), caplog.text):
        assert poisoned not in told and "47.11" not in told
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["scores"]
    with pytest.raises(InputError):
        publish(wrong, tmp_path / "new", few.count())
    assert not (tmp_path / "new").exists()


def test_a_row_too_few_is_not_published(few, small, tmp_path) -> None:
    frame = scored_from(in_parts(few, 1), small.bundle, AS_OF, [], None)
    with pytest.raises(AbsenceRiskError, match="nothing was published"):
        publish(frame, tmp_path / "scores", few.count() + 1)
    assert not (tmp_path / "scores").exists()


def test_a_folder_of_other_things_is_never_replaced(few, small, tmp_path) -> None:
    (tmp_path / "letter.txt").write_text("dear all", encoding="utf-8")
    with pytest.raises(UsageError, match="holds other things than scores"):
        publish(few, tmp_path, few.count())
    assert (tmp_path / "letter.txt").is_file()


def test_drift_is_counted_as_the_rows_pass(few, small, worked) -> None:
    facts, passed = watched(few, small.bundle)
    n = len(facts.collect())
    sound = worked["pandas"].sound
    expected = DriftCounts.of_facts(sound, small.bundle.training)
    found = drift_seen(passed, small.bundle, expected.schools)
    assert found.plain() == expected.plain()
    with pytest.raises(AbsenceRiskError, match="eligible pupils to be scored"):
        drift_seen(passed, small.bundle, Counter({"8504001": n + 1}))


def test_scores_go_into_a_table_with_a_manifest_beside_and_never_over_another(few, small, tmp_path) -> None:
    frame = scored_from(in_parts(few, 2), small.bundle, AS_OF, [], None)
    manifest = tmp_path / "scores.manifest.json"
    write_scored_table(frame, "scores_of_pupils", manifest, lambda: {"rows": 1})
    session = few.sparkSession
    try:
        assert session.table("scores_of_pupils").columns == list(SCORES.column_names)
        assert json.loads(manifest.read_text(encoding="utf-8"))["table"] == "scores_of_pupils"
        with pytest.raises(UsageError, match="exists already"):
            write_scored_table(frame, "scores_of_pupils", manifest, dict)
    finally:
        session.sql("DROP TABLE scores_of_pupils")


def test_tables_known_by_name_lack_nothing_or_are_refused_by_name(spark, folder) -> None:
    for name in CANONICAL_TABLES:
        spark.read.parquet(str(folder / name)).createOrReplaceTempView(name)
    by_name = {name: name for name in CANONICAL_TABLES}
    assert tables_named(spark, by_name).frames["pupils"].columns == list(
        CANONICAL_TABLES["pupils"].column_names
    )
    spark.table("fsm").drop("start_date").createOrReplaceTempView("no_start")
    spark.table("schools").selectExpr("*", "1 AS more").createOrReplaceTempView("wider")
    spark.table("suspensions").selectExpr(
        "* EXCEPT (known_from)", "string(known_from) AS known_from"
    ).createOrReplaceTempView("as_text")
    odd = by_name | {"fsm": "no_start", "schools": "wider", "suspensions": "as_text", "returns": "nowhere"}
    with pytest.raises(InputError) as raised:
        tables_named(spark, odd)
    said = str(raised.value).splitlines()[1:]
    assert sorted(said) == [
        "  - fsm: the column start_date is absent",
        "  - returns: no such table, or it cannot be read",
        "  - suspensions: known_from is held as string; expected date",
    ]
    with pytest.raises(InputError, match="pupils: no such table"):
        tables_named(spark, "nowhere")


def test_a_folder_that_is_no_store_is_refused(spark, tmp_path) -> None:
    with pytest.raises(StoreError, match=r"manifest\.json"):
        tables_in_folder(spark, tmp_path)
    with pytest.raises(StoreError, match=r"manifest\.json"):
        tables_in_folder(spark, tmp_path.as_uri())


def test_either_a_folder_or_names_are_asked_for() -> None:
    for store, tables in ((None, None), ("tables", "lake.children")):
        with pytest.raises(UsageError, match=r"--store, --tables"):
            run_score_spark(store, "model", AS_OF, "scores", tables=tables)


def test_without_the_autumn_census_there_is_no_cohort_on_spark_either(spark, folder, small) -> None:
    with pytest.raises(InputError, match="autumn School Census of 2031/32"):
        score_frame(tables_in_folder(spark, folder).frames, small.bundle, date(2031, 10, 31))
