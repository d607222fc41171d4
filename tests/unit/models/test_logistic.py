"""The logistic model as numbers in JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from made_matrix import ALL, logistic, parts

from absence_risk.errors import BundleError, RefusedError
from absence_risk.features.catalogue import CATALOGUE
from absence_risk.files import canonical_json
from absence_risk.models.logistic import Logistic, exponential, fit_logistic


def test_the_margin_is_that_of_scikit_learn_on_the_same_columns() -> None:
    from sklearn.linear_model import LogisticRegression

    features = (CATALOGUE["suspensions_this_year"], CATALOGUE["cin_current"])
    p = parts(features)
    values = p.X.to_numpy()
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    fitted = LogisticRegression(C=1.0, tol=1e-8, max_iter=2000).fit(scaled, p.y)
    margin = fit_logistic(p.X, p.y, features).margin(values)
    assert margin == pytest.approx(fitted.decision_function(scaled), abs=1e-6)


def test_parts_and_base_add_up_to_the_margin() -> None:
    values = parts().later.to_numpy()
    contributions, base = logistic().contributions(values)
    assert contributions.shape == values.shape
    assert base + contributions.sum(axis=1) == pytest.approx(logistic().margin(values), abs=1e-12)


def test_contributions_are_measured_from_the_training_mean() -> None:
    contributions, _ = logistic().contributions(parts().X.to_numpy())
    assert np.abs(contributions.mean(axis=0)).max() < 1e-9


def test_no_known_event_is_recency_nought_and_an_old_one_nearly_so() -> None:
    features = (CATALOGUE["days_since_suspension"],)
    X = pd.DataFrame({"days_since_suspension": [np.nan] * 60 + [10.0] * 60})
    y = np.array([0] * 50 + [1] * 10 + [0] * 10 + [1] * 50)
    margin = fit_logistic(X, y, features).margin(np.array([[np.nan], [7000.0], [400.0], [10.0]]))
    assert margin[0] == pytest.approx(margin[1], abs=1e-6)
    assert margin[1] < margin[2] < margin[3]


def test_a_missing_value_speaks_only_if_some_were_missing_in_training() -> None:
    features = (CATALOGUE["unauthorised_rate"],)
    y = np.array([0, 1] * 50)
    known = pd.DataFrame({"unauthorised_rate": np.linspace(0, 1, 100)})
    model = fit_logistic(known, y, features)
    assert model.contributions(np.array([[np.nan]]))[0][0, 0] == 0.0
    some = known.where(known["unauthorised_rate"] * 99 % 10 > 2)
    learned = fit_logistic(some, np.where(some["unauthorised_rate"].isna(), 1, y), features)
    assert learned.contributions(np.array([[np.nan]]))[0][0, 0] > 0.5


def test_a_column_never_known_in_training_adds_nothing() -> None:
    features = (CATALOGUE["cin_current"], CATALOGUE["fsm_now"])
    X = pd.DataFrame({"cin_current": [0.0, 1.0] * 50, "fsm_now": [np.nan] * 100})
    model = fit_logistic(X, np.array([0, 1, 1, 1] * 25), features)
    contributions, _ = model.contributions(np.array([[1.0, 1.0], [1.0, 0.0]]))
    assert np.isfinite(contributions).all()


def test_writing_and_reading_gives_the_same_bits() -> None:
    again = Logistic.from_text(logistic().text())
    assert again == logistic() and again.text() == logistic().text()
    assert again.feature_names == tuple(f.name for f in ALL)


def test_the_same_rows_give_the_same_bytes() -> None:
    p = parts()
    assert fit_logistic(p.X, p.y, ALL).text() == logistic().text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"intercept": "a", "terms": []}',
        '{"intercept": 1, "terms": [{"name": 1}]}',
        '{"intercept": NaN, "terms": []}',
    ],
)
def test_a_file_of_another_form_is_a_bundle_error(text: str) -> None:
    with pytest.raises(BundleError, match=r"logistic\.json"):
        Logistic.from_text(text)


def test_a_spread_of_nought_is_refused() -> None:
    found = json.loads(logistic().text())
    found["terms"][0]["scale"] = 0.0
    with pytest.raises(BundleError, match="numbers"):
        Logistic.from_text(canonical_json(found))


@pytest.mark.parametrize(
    "change",
    [
        {"intercept": 10**400},
        {"intercept": 1},
        {"more": 1},
        {"terms": [{**json.loads(logistic().text())["terms"][0], "coefficient": 1e308 * 10}]},
        {"terms": [{**json.loads(logistic().text())["terms"][0], "coefficient": "1"}]},
        {"terms": [{**json.loads(logistic().text())["terms"][0], "more": 1}]},
    ],
)
def test_anything_but_what_it_would_write_itself_is_refused(change: dict[str, object]) -> None:
    text = json.dumps(
        {**json.loads(logistic().text()), **change}, indent=2, sort_keys=True, ensure_ascii=False
    )
    with pytest.raises(BundleError, match=r"logistic\.json"):
        Logistic.from_text(text + "\n")


def test_bytes_that_are_no_text_are_refused() -> None:
    content = logistic().text().encode().replace(b'"recency"', b'"\x8e"', 1)
    with pytest.raises(BundleError, match=r"logistic\.json"):
        Logistic.from_files({"logistic.json": content}, {})


def test_recency_is_good_to_the_last_bits_for_every_number_of_days() -> None:
    days = np.arange(8_001) / 365
    exact = np.array([math.exp(-one) for one in days])
    assert np.abs(exponential(-days) / exact - 1).max() < 4e-16
    assert exponential(np.zeros(1)).tolist() == [1.0]


def test_recency_is_the_same_bits_on_every_machine() -> None:
    """Nothing but sums, products and quotients of doubles goes in, so these are no machine's own numbers."""
    values = -np.array([1.0, 30.0, 365.0, 1_000.0, 8_000.0]) / 365
    assert [float(one).hex() for one in exponential(values)] == [
        "0x1.fe9963dda6da2p-1",
        "0x1.d799cd62d2d91p-1",
        "0x1.78b56362cef38p-2",
        "0x1.088d77ec05e0ep-4",
        "0x1.4cfa968a9a702p-32",
    ]


def test_one_kind_of_outcome_teaches_nothing() -> None:
    p = parts()
    with pytest.raises(RefusedError, match="one kind only"):
        fit_logistic(p.X, np.zeros(len(p.y), dtype=int), ALL)
