"""What Spark raises is said again in our words; what a worker meets is told by its kind alone."""

from __future__ import annotations

import pytest

from absence_risk.errors import AbsenceRiskError, BundleError, InputError, UsageError
from absence_risk.spark.faults import in_our_words, worker_fault

#: An exception as Spark raises it: its module decides, and its message quotes all sorts of things.
FromSpark = type("PythonException", (Exception,), {"__module__": "pyspark.errors.exceptions"})


def test_our_own_fault_on_a_worker_comes_back_as_what_it_was() -> None:
    fault = worker_fault(BundleError("two\nlines"))
    text = f"Job aborted: Traceback ...\nabsence_risk.WorkerFault: {fault}\n at x"
    with pytest.raises(BundleError, match=r"^two\nlines$") as raised, in_our_words():
        raise FromSpark(text)
    assert raised.value.__cause__ is None and raised.value.__suppress_context__


def test_an_unforeseen_fault_on_a_worker_is_told_by_its_kind_and_quotes_nothing() -> None:
    fault = worker_fault(KeyError("aaaabbbb"))
    assert "KeyError" in str(fault) and "aaaabbbb" not in str(fault)
    with pytest.raises(AbsenceRiskError, match="unforeseen fault of the kind KeyError"), in_our_words():
        raise FromSpark(f"... {fault} ...")


def test_what_spark_itself_says_is_not_passed_on() -> None:
    with pytest.raises(AbsenceRiskError, match="Spark could not do the work") as raised, in_our_words():
        raise FromSpark("The value 'aaaabbbb' of the type STRING cannot be cast")
    assert "aaaabbbb" not in str(raised.value)


def test_workers_without_the_package_are_told_apart() -> None:
    with pytest.raises(UsageError, match="not installed on the workers"), in_our_words():
        raise FromSpark("ModuleNotFoundError: No module named 'absence_risk'")


@pytest.mark.parametrize("kind", [InputError, KeyError])
def test_what_spark_did_not_raise_passes_unchanged(kind: type[Exception]) -> None:
    with pytest.raises(kind, match="ours"), in_our_words():
        raise kind("ours")
