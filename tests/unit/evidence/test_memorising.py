"""What an attack on two halves tells: much of a model that remembers children, nothing of one that cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from absence_risk.dataset import Dataset
from absence_risk.errors import RefusedError
from absence_risk.evidence.memorising import as_facts, by_pupil, halves, knowledge, memorising
from absence_risk.features.catalogue import CATALOGUE

FEATURES = (CATALOGUE["unauthorised_rate"],)
PUPILS, YEARS = 400, 2


def made(order: slice = slice(None)) -> Dataset:
    """Two rows for each of 400 pupils; the outcome is a coin's, so nothing but memory can foretell it."""
    rng = np.random.default_rng(8)
    rate, y = rng.random(PUPILS * YEARS), rng.integers(0, 2, PUPILS * YEARS)
    pupil = np.tile([f"{n:032x}" for n in range(PUPILS)], YEARS).astype(object)[order]
    year = np.repeat([2021, 2022], PUPILS)[order]
    X = pd.DataFrame({"unauthorised_rate": rate[order]})
    return Dataset(X, y[order], pupil, np.full(len(pupil), "s", dtype=object), year, ())


@dataclass(frozen=True)
class Memory:
    """Knows the rows it was given by heart, and says so with some confidence."""

    known: dict[float, int]
    sure: float

    def margin(self, values: Any) -> Any:
        return np.array(
            [self.sure * (2 * self.known[v] - 1) if v in self.known else 0.0 for v in values[:, 0]]
        )


def fitted(sure: float) -> Any:
    return lambda X, y: Memory(dict(zip(X["unauthorised_rate"], y.tolist(), strict=True)), sure)


def test_a_model_that_knows_its_rows_by_heart_is_told_for_certain_and_one_that_forgets_is_not() -> None:
    remembered, forgot = (memorising(made(), FEATURES, fitted(sure), seed=1) for sure in (2.0, 0.0))
    assert remembered is not None and remembered.auc == 1.0 and remembered.found_at_one_in_hundred == 1.0
    assert forgot is not None and forgot.auc == 0.5 and forgot.found_at_one_in_hundred == 0.0
    assert as_facts(forgot) == {"auc": 0.5, "low": 0.5, "high": 0.5, "found_at_one_in_hundred": 0.0}


def test_all_rows_of_a_pupil_are_of_one_half_whatever_their_order() -> None:
    data, turned = made(), made(slice(None, None, -1))
    first = halves(data.pupil_id, 1)
    assert (first == halves(turned.pupil_id, 1)[::-1]).all()
    of_half = [set(data.pupil_id[half]) for half in (first, ~first)]
    assert not of_half[0] & of_half[1] and [len(half) for half in of_half] == [PUPILS // 2] * 2
    assert (halves(data.pupil_id, 2) != first).any()


def test_knowledge_is_the_log_likelihood_of_what_came() -> None:
    margin, y = np.array([0.0, 2.0, 2.0, -800.0]), np.array([1, 1, 0, 1])
    expected = [np.log(0.5), -np.log1p(np.exp(-2.0)), -np.log1p(np.exp(2.0)), -800.0]
    assert np.allclose(knowledge(margin, y), expected)


def test_a_pupil_counts_once() -> None:
    pupils, mean = by_pupil(np.array(["b", "a", "b"], dtype=object), np.array([1.0, 5.0, 3.0]))
    assert pupils.tolist() == ["a", "b"] and mean.tolist() == [5.0, 2.0]


def test_where_half_the_pupils_are_too_few_to_fit_a_model_nothing_is_said() -> None:
    def refused(X: Any, y: Any) -> Any:
        raise RefusedError("too few")

    assert memorising(made(), FEATURES, refused, seed=1) is None and as_facts(None) is None
