"""One pass over a file gives the rows that explaining the whole at once gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_matrix import ALL, logistic_bundle, parts, trees_bundle

from absence_risk.errors import InputError
from absence_risk.explanation import one_pass
from absence_risk.explanation.contributions import by_family, by_topic, explain
from absence_risk.explanation.one_pass import EXPLAINED, explain_file
from absence_risk.explanation.reasons import SMALLEST_SAID
from absence_risk.features.catalogue import Family
from absence_risk.features.words import MODEL_TOPICS
from absence_risk.models.bundle import Bundle
from absence_risk.models.drift_counts import DriftCounts

BUNDLES = pytest.mark.parametrize("make", [trees_bundle, logistic_bundle], ids=["trees", "logistic"])


def written(folder: Path, X: pd.DataFrame, name: str = "features.parquet", **replaced: pa.Array) -> Path:
    columns = {"pupil_id": pa.array([f"{n:032x}" for n in range(len(X))])}
    columns["school_id"] = pa.array([f"85040{n % 12:02d}" for n in range(len(X))])
    columns |= {column: pa.array(X[column], from_pandas=True) for column in X} | replaced
    pq.write_table(pa.table(columns), folder / name)
    return folder / name


def passed(bundle: Bundle, X: pd.DataFrame, folder: Path, **how: int) -> pd.DataFrame:
    explain_file(bundle, written(folder, X), folder / "out.parquet", **how)
    return pq.read_table(folder / "out.parquet").to_pandas()


@BUNDLES
def test_risk_band_and_families_are_those_of_explaining_the_whole(make: object, tmp_path: Path) -> None:
    bundle: Bundle = make()  # type: ignore[operator]
    X = parts().later
    found, whole = passed(bundle, X, tmp_path), explain(bundle, X)
    assert tuple(found.columns) == EXPLAINED.column_names and len(found) == len(X)
    assert np.array_equal(found["log_odds"], whole.log_odds)  # to the bit, or a band could differ at its edge
    assert np.array_equal(found["risk"], whole.risk)
    assert found["band"].tolist() == bundle.band(whole.risk).tolist()
    families = by_family(whole.contributions, bundle.features)
    for family in Family:
        assert found[f"contribution_{family.value}"].to_numpy() == pytest.approx(
            families[family.value].to_numpy(), abs=1e-6
        )


@BUNDLES
def test_topics_are_the_largest_in_order_and_trifles_are_not_named(make: object, tmp_path: Path) -> None:
    bundle: Bundle = make()  # type: ignore[operator]
    X = parts().later
    found = passed(bundle, X, tmp_path)
    topics = by_topic(explain(bundle, X).contributions, bundle.features)
    topics = topics[[topic for topic in MODEL_TOPICS if topic in topics]]
    for side, sign, most in (("up", 1, 5), ("down", -1, 3)):
        sizes = sign * topics.to_numpy()
        order = np.argsort(-sizes, axis=1, kind="stable")[:, :most]
        largest = np.take_along_axis(sizes, order, axis=1)
        for place in range(most):
            said = largest[:, place] >= SMALLEST_SAID
            names = np.array(topics.columns)[order[:, place]]
            told = found[f"{side}_{place + 1}"].astype(object)
            assert (told.isna().to_numpy() == ~said).all()
            assert (told[said].to_numpy() == names[said]).all()
            size = found[f"{side}_{place + 1}_size"].to_numpy()
            assert size[said] == pytest.approx(sign * largest[said, place], abs=1e-6)
            assert np.isnan(size[~said]).all()


def test_threads_and_the_number_of_rows_at_a_time_change_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = trees_bundle()
    source, out = (
        written(tmp_path, pd.concat([parts().later] * 3, ignore_index=True)),
        tmp_path / "out.parquet",
    )
    explain_file(bundle, source, out)
    first = out.read_bytes()
    explain_file(bundle, source, out, num_threads=2)
    assert out.read_bytes() == first
    monkeypatch.setattr(one_pass, "ROWS_AT_A_TIME", 777)
    explain_file(bundle, source, out)
    assert out.read_bytes() == first


def test_narrow_numbers_and_columns_in_another_order_are_read_alike(tmp_path: Path) -> None:
    bundle, X = trees_bundle(), parts().later
    wide = passed(bundle, X, tmp_path)
    counts = {
        f.name: pa.array(X[f.name], from_pandas=True).cast(pa.int16())
        for f in ALL
        if f.unit in ("count", "days", "0 or 1")
    }
    narrow = written(tmp_path, X[X.columns[::-1]].assign(surplus=1.0), "narrow.parquet", **counts)
    explain_file(bundle, narrow, tmp_path / "narrow_out.parquet")
    pd.testing.assert_frame_equal(pq.read_table(tmp_path / "narrow_out.parquet").to_pandas(), wide)


def test_no_row_gives_an_empty_table(tmp_path: Path) -> None:
    found = passed(trees_bundle(), parts().later.iloc[:0], tmp_path)
    assert len(found) == 0 and tuple(found.columns) == EXPLAINED.column_names


def test_what_was_counted_is_that_of_all_rows_however_many_are_read_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, bundle = parts().later.assign(suspensions_this_year=np.nan), trees_bundle()
    monkeypatch.setattr(one_pass, "ROWS_AT_A_TIME", 333)
    told = explain_file(bundle, written(tmp_path, X), tmp_path / "out.parquet")
    schools = {f"85040{n:02d}": 100 for n in range(12)}
    assert told.drift is not None
    assert told.drift.plain() == DriftCounts.of(X, schools, bundle.training).plain()
    assert told.rows == len(X) == told.drift.missing[0]


def test_columns_that_changed_places_are_refused(tmp_path: Path) -> None:
    X = parts().later
    swapped = X.assign(fsm_now=X["fsm_ever_six"], fsm_ever_six=X["fsm_now"])
    with pytest.raises(InputError, match="fsm_now, fsm_ever_six"):
        explain_file(trees_bundle(), written(tmp_path, swapped), tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_a_value_outside_its_unit_leaves_the_earlier_output(tmp_path: Path) -> None:
    bundle, X = trees_bundle(), parts().later.copy()
    out = tmp_path / "out.parquet"
    explain_file(bundle, written(tmp_path, X), out)
    first = out.read_bytes()
    X.loc[len(X) - 1, "unauthorised_rate"] = 12.5
    with pytest.raises(InputError, match="unauthorised_rate: expected a share"):
        explain_file(bundle, written(tmp_path, X), out)
    assert out.read_bytes() == first and len(list(tmp_path.iterdir())) == 2


def test_a_column_that_is_absent_is_named_and_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    X = parts().later.drop(columns=["unauthorised_rate"])
    with pytest.raises(InputError, match="absent: unauthorised_rate"):
        explain_file(trees_bundle(), written(tmp_path, X), tmp_path / "out.parquet")
    (tmp_path / "not.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        explain_file(trees_bundle(), tmp_path / "not.parquet", tmp_path / "out.parquet")


def test_words_in_the_place_of_numbers_are_refused_without_being_quoted(tmp_path: Path) -> None:
    X = parts().later
    words = pa.array(["SECRET CHILD"] * len(X))
    source = written(tmp_path, X, fsm_now=words)
    with pytest.raises(InputError, match="as numbers") as fault:
        explain_file(trees_bundle(), source, tmp_path / "out.parquet")
    assert "SECRET" not in str(fault.value) and fault.value.__cause__ is None
