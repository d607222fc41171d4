"""One door for canonical tables on any engine."""

from __future__ import annotations

from types import SimpleNamespace

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from absence_risk.store import connect
from absence_risk.tables.frames import beside, flag, open_table, sum_by, to_pandas, without_pupils


def fsm(**more) -> pd.DataFrame:
    columns = {"pupil_id": ["a", "b", "c"], "start_date": 1, "end_date": [5, None, np.nan], "known_from": 1}
    return pd.DataFrame(columns | {"superseded_from": None} | more)


def test_a_missing_number_in_pandas_answers_unknown_and_not_false() -> None:
    frame = open_table({"fsm": fsm()}, "fsm")
    later = to_pandas(frame.filter(~(nw.col("end_date") <= 3)))
    assert later["pupil_id"].tolist() == ["a"]


def test_only_declared_columns_come_through_the_door() -> None:
    frame = open_table({"fsm": fsm(upn="secret")}, "fsm")
    assert "upn" not in frame.collect_schema().names()


def test_an_absent_table_or_column_is_said_by_name() -> None:
    with pytest.raises(KeyError, match="no canonical table fsm"):
        open_table({}, "fsm")
    with pytest.raises(KeyError, match="known_from"):
        open_table({"fsm": fsm().drop(columns="known_from")}, "fsm")


def test_the_frame_given_is_not_changed() -> None:
    given = fsm()
    before = given.copy(deep=True)
    open_table({"fsm": given}, "fsm")
    pd.testing.assert_frame_equal(given, before)


def test_a_cohort_can_be_set_beside_a_read_only_store(tmp_path) -> None:
    path = tmp_path / "store.duckdb"
    with connect(path) as con:
        con.execute("CREATE TABLE pupils AS SELECT 'a' AS pupil_id, 3 AS n UNION ALL SELECT 'b', 4")
    with connect(path, read_only=True) as con:
        relation = con.sql("SELECT * FROM pupils")
        cohorts = [beside({"pupils": relation}, pd.DataFrame({"pupil_id": [name]})) for name in ("b", "a")]
        # Two cohorts at once: the second must not take the place of the first.
        found = [to_pandas(c.join(nw.from_native(relation).lazy(), on="pupil_id")) for c in cohorts]
    assert [f["n"].tolist() for f in found] == [[4], [3]]


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_a_group_without_a_value_sums_to_zero_and_stays_an_integer(engine) -> None:
    native = pd.DataFrame({"k": ["x", "x", "y"], "v": [1, 2, None]}).astype({"k": "string", "v": "Int64"})
    with connect() as con:
        con.register("native", native)
        frame = nw.from_native(native if engine == "pandas" else con.sql("SELECT k, v FROM native")).lazy()
        found = to_pandas(sum_by(frame, ["k"], ["v"])).sort_values("k")
        over = to_pandas(frame.with_columns(flag(nw.col("v") > 1).alias("over")))
    assert found["v"].tolist() == [3, 0]
    assert str(found["v"].dtype).lower() == "int64"
    assert sorted(over["over"].tolist()) == [0, 0, 1]


def test_pupils_left_out_are_in_no_table_and_the_tables_given_stay_as_they_are() -> None:
    given = {"fsm": fsm(), "schools": pd.DataFrame({"school_id": ["a"]})}
    before = given["fsm"].copy(deep=True)
    left = without_pupils(given, {"a", "c", "nobody"})
    assert left["fsm"]["pupil_id"].tolist() == ["b"] and list(left["fsm"].columns) == list(before.columns)
    assert left["schools"] is given["schools"]
    pd.testing.assert_frame_equal(given["fsm"], before)
    assert without_pupils(given, ()) is given


def test_pupils_are_left_out_of_the_engines_own_frames_whenever_they_are_read() -> None:
    con = connect()
    con.execute("CREATE TABLE pupils AS SELECT 'p' || (n % 500) AS pupil_id, n AS x FROM range(5000) AS t(n)")
    tables = {"pupils": con.table("pupils"), "fsm": con.sql("SELECT * FROM pupils WHERE x < 100")}
    names = [f"p{number}" for number in range(0, 500, 2)]
    left = without_pupils(tables, names)
    again = without_pupils(left, ["p1"])
    con.execute("INSERT INTO pupils VALUES ('p2', -1), ('p3', -2)")
    for name, rows in (("pupils", 2501), ("fsm", 51)):
        found = left[name].df()
        assert len(found) == rows and not set(found["pupil_id"]) & set(names)
    assert "p1" not in set(again["fsm"].df()["pupil_id"]) and len(again["pupils"].df()) == 2491
    con.close()


def test_on_spark_a_cohort_is_set_down_by_the_session_that_holds_the_tables(monkeypatch) -> None:
    """Spark itself is tried in tests/spark; here, that no second session is opened and nothing is worked out."""
    asked, set_down = [], SimpleNamespace()
    session = SimpleNamespace(createDataFrame=lambda frame: asked.append(frame) or set_down)
    pupils = SimpleNamespace(sparkSession=session)
    engine = SimpleNamespace(is_duckdb=lambda: False, is_spark_like=lambda: True)
    opened = {
        id(pupils): SimpleNamespace(implementation=engine),
        id(set_down): SimpleNamespace(lazy=lambda: "lazy"),
    }
    monkeypatch.setattr(nw, "from_native", lambda native: opened[id(native)])
    cohort = pd.DataFrame({"pupil_id": ["a"]})
    assert beside({"pupils": pupils}, cohort) == "lazy"
    assert len(asked) == 1 and asked[0] is cohort
