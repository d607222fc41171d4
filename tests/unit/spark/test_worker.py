"""A worker's part of the work, without Spark: batches of facts in, batches of scored rows out."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from small_authority import AS_OF, Authority

from absence_risk.cohort import select_cohort
from absence_risk.features.build import collect_features
from absence_risk.scored_file import SCORES
from absence_risk.scoring import score
from absence_risk.spark.faults import WorkerFault
from absence_risk.spark.score import CarriedFiles
from absence_risk.spark.worker import Asked, files_of, scored_batches


@pytest.fixture(scope="module")
def facts(authority: Authority) -> pd.DataFrame:
    tables = authority.store.tables()
    cohort = select_cohort(tables, AS_OF).frame
    features = collect_features(tables, cohort, AS_OF)
    return features.assign(school_id=cohort["school_id"], first_seen=2025, part=7)


def run(authority: Authority, *frames: pd.DataFrame) -> list[pa.RecordBatch]:
    batches = [pa.RecordBatch.from_pandas(frame, preserve_index=False) for frame in frames]
    asked = Asked(authority.bundle.hash, AS_OF, (), 2025)
    return list(scored_batches(iter(batches), CarriedFiles(files_of(authority.bundle)), asked, ("part",)))


def test_batches_give_the_rows_that_the_whole_gives(authority: Authority, facts: pd.DataFrame) -> None:
    found = pa.Table.from_batches(run(authority, facts[:100], facts[100:])).to_pandas()
    assert list(found.columns) == [*SCORES.column_names, "part"]
    whole = score(authority.store.tables(), authority.bundle, AS_OF).frame
    for name in ("pupil_id", "school_id", "year_group", "risk", "band", "model"):
        assert found[name].tolist() == whole[name].tolist()
    assert [list(said) for said in found["reasons_up"]] == whole["reasons_up"].tolist()
    assert set(found["part"]) == {7}


def test_a_batch_without_rows_gives_none(authority: Authority, facts: pd.DataFrame) -> None:
    (found,) = run(authority, facts[:0])
    assert found.num_rows == 0 and found.schema.names == [*SCORES.column_names, "part"]


def test_a_value_outside_its_unit_is_refused_and_not_quoted(
    authority: Authority, facts: pd.DataFrame
) -> None:
    wrong = facts.assign(unauthorised_rate=47.11)
    with pytest.raises(WorkerFault, match="unauthorised_rate: expected a share") as raised:
        run(authority, wrong)
    assert "47.11" not in str(raised.value) and raised.value.__suppress_context__
    assert not any(pupil in str(raised.value) for pupil in facts["pupil_id"])
