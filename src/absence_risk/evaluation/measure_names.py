"""Every measure by name: what it says in plain English, with the direction that is better."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """What a measure says.

    Attributes
    ----------
    name, words : str
        The words follow on from the name and end with the direction.
    is_probability_only : bool
        Whether it needs probabilities; a rule that only ranks has none.
    higher_is_better : bool or None
        None where the best value lies between, or where the value says nothing of the model.
    """

    name: str
    words: str
    is_probability_only: bool
    higher_is_better: bool | None


#: Endings of the names of measures of a list, and the list in words.
LENGTHS = {
    "at_half_capacity": "half the list",
    "at_capacity": "the list",
    "at_double_capacity": "a list twice as long",
}

_BEST = {True: "higher is better", False: "lower is better"}


def _ranked(name: str, words: str, higher: bool = True) -> Measure:
    return Measure(name, f"{words}; {_BEST[higher]}", False, higher)


def _stated(name: str, words: str, higher: bool | None = None) -> Measure:
    return Measure(name, words if higher is None else f"{words}; {_BEST[higher]}", True, higher)


def _of_list(at: str, the_list: str) -> tuple[Measure, ...]:
    return (
        _ranked(f"precision_{at}", f"share of {the_list} that met the outcome"),
        _ranked(f"recall_{at}", f"share of all who met the outcome that is on {the_list}"),
        _ranked(f"reviews_per_find_{at}", f"pupils on {the_list} for each who met the outcome", False),
    )


def _of_part(name: str, pupils: str) -> tuple[Measure, ...]:
    return (
        _ranked(f"{name}_precision", f"of listed {pupils}, share that met the outcome"),
        _ranked(f"{name}_recall", f"of {pupils} who met the outcome, share on the list"),
    )


_NEITHER = "neither better nor worse"
_ALL = (
    *(measure for at, words in LENGTHS.items() for measure in _of_list(at, words)),
    _ranked("found_at_capacity", "pupils on the list who met the outcome"),
    _ranked(
        "average_precision",
        "precision averaged down the whole ranking (by chance: the share of all who met the outcome)",
    ),
    _ranked(
        "roc_auc", "chance that a pupil who met the outcome stands above one who did not (by luck: a half)"
    ),
    _ranked(
        "newly_known_share",
        "of those rightly listed, share neither persistently absent this year nor open to a service",
    ),
    *_of_part("onset", "pupils not persistently absent this year"),
    *_of_part("continuing", "pupils persistently absent this year"),
    _stated("calibration_in_the_large", "observed share less mean stated probability; nought is best"),
    _stated("calibration_intercept", "where the line of outcome on stated log-odds starts; nought is best"),
    _stated(
        "calibration_slope",
        "slope of the line of outcome on stated log-odds; one is best, below one the probabilities are too extreme",
    ),
    _stated("brier", "mean squared distance of stated probability and outcome", False),
    _stated(
        "brier_reliability", "part of the Brier score from stated shares unlike the observed ones", False
    ),
    _stated("brier_resolution", "part of the Brier score won by telling pupils apart", True),
    _stated(
        "brier_uncertainty", f"part of the Brier score that lies in the year, not in the model; {_NEITHER}"
    ),
    _stated("brier_remainder", f"part of the Brier score from differences within the ten bins; {_NEITHER}"),
)

#: Every measure by name, in the order of tables.
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}
