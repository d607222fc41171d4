"""Settings of a training run: what is foreseen, from which families of records, and the bars a model must clear."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ..domain.outcome import OUTCOMES, Outcome
from ..errors import UsageError
from ..features.catalogue import CATALOGUE, NEVER_FEATURES, Family, Feature, model_features
from .reading import Strict, checked, fault, in_words, nearest, read_yaml, sha256_of_values

#: Rules that may be named as the one in use; the same names as ``models.rules.RULES``, which stands above this floor.
RuleName = Literal[
    "random",
    "last_year_unauthorised",
    "persistent_last_year",
    "persistent_by_days",
    "four_factors",
    "roni_points",
    "school_rate",
]
Share = Annotated[float, Field(ge=0, le=1)]


class AsOfDay(Strict):
    """Day of the year after the feature year on which features are looked at."""

    month: Annotated[int, Field(ge=9, le=12)] = 10
    day: Annotated[int, Field(ge=1, le=31)] = 31


#: Asked for in place of a number of leaves: training measures every choice and takes one.
BY_EVIDENCE: Literal["by_evidence"] = "by_evidence"
FEWEST_LEAVES, MOST_LEAVES = 2, 31


def _leaves(found: Any) -> Any:
    number = isinstance(found, int) and not isinstance(found, bool)
    if found == BY_EVIDENCE or (number and FEWEST_LEAVES <= found <= MOST_LEAVES):
        return found
    raise fault(f"is a number from {FEWEST_LEAVES} to {MOST_LEAVES}, or {BY_EVIDENCE}; found {found!r}")


def _rising(choices: tuple[int, ...]) -> tuple[int, ...]:
    if not choices or list(choices) != sorted(set(choices)):
        raise fault("names each number once, the smallest first, and one at least")
    return choices


class BoostingSettings(Strict):
    """Shape of the boosted trees.

    ``leaves`` is a number, or ``by_evidence``: then each of ``leaf_choices`` is fitted and measured on the year that
    calibrates, and the smallest whose loss against the best may be chance is taken (``workflows.shape``).
    """

    leaves: Annotated[int | Literal["by_evidence"], BeforeValidator(_leaves)] = BY_EVIDENCE
    leaf_choices: Annotated[
        tuple[Annotated[int, Field(ge=FEWEST_LEAVES, le=MOST_LEAVES)], ...], AfterValidator(_rising)
    ] = (4, 8, 15, 31)
    trees: Annotated[int, Field(ge=10, le=2000)] = 200
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    smallest_leaf: Annotated[int, Field(ge=10)] = 50
    seed: Annotated[int, Field(ge=0)] = 1


class GateSettings(Strict):
    """Where the bars stand that a model must clear before it becomes champion (``evidence.gates.GateBars``)."""

    beats_best_rule_by: Annotated[float, Field(ge=0)] = 0.0
    precision_at_capacity: Share = 0.65
    calibration_slope: tuple[float, float] = (0.8, 1.2)
    median_inclusion_share: Share = 0.8
    group_gap_limit: Share = 0.2


class DisclosureSettings(Strict):
    """How small numbers are kept out of what may leave the authority (``disclosure.DisclosurePolicy``)."""

    suppress_below: Annotated[int, Field(ge=0, le=100)] = 10
    round_to: Annotated[int, Field(ge=1, le=100)] = 5
    secondary: bool = True


class EvidenceSettings(Strict):
    """How much a backtest draws again, and from which seed."""

    rounds: Annotated[int, Field(ge=20, le=20_000)] = 2_000
    refits: Annotated[int, Field(ge=0, le=500)] = 30
    seed: Annotated[int, Field(ge=0)] = 1
    additive: bool = False


class Settings(Strict):
    """Everything a run may be told; see ``configs/`` for a remark per key."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    outcome: Literal["unauthorised", "unauthorised_other", "unauthorised_not_holiday", "overall"] = (
        "unauthorised"
    )
    families: tuple[Family, ...]
    leave_out: tuple[str, ...] = ()
    capacity: Annotated[int, Field(ge=1)]
    as_of: AsOfDay = AsOfDay()
    model: Literal["boosting", "logistic"] = "boosting"
    boosting: BoostingSettings = BoostingSettings()
    rule_in_use: RuleName | None = "last_year_unauthorised"
    gates: GateSettings = GateSettings()
    disclosure: DisclosureSettings = DisclosureSettings()
    evidence: EvidenceSettings = EvidenceSettings()

    @property
    def outcome_definition(self) -> Outcome:
        return OUTCOMES[self.outcome]

    @property
    def features(self) -> tuple[Feature, ...]:
        """The features of the named families, less those left out, in catalogue order."""
        return tuple(f for f in model_features(self.families) if f.name not in self.leave_out)


def _in_words(root: type[Strict], fault: Any) -> str:
    if fault["loc"][0] == "families" and fault["type"] not in ("missing", "extra_forbidden"):
        return _family_in_words(str(fault["input"]))
    return in_words(root, fault)


def _family_in_words(found: str) -> str:
    if found.lower() in NEVER_FEATURES:
        return f"`{found}` can never be a feature: it is held for audit only, or not held at all"
    return f"`{found}` is not a family of features" + nearest(found, [f.value for f in Family])


def _faults_of_names(settings: Settings) -> list[str]:
    faults = [
        f"`leave_out` names `{name}`, which is not a feature" + nearest(name, sorted(CATALOGUE))
        for name in settings.leave_out
        if name not in CATALOGUE
    ]
    if not settings.features:
        faults.append("no feature is left: name at least one family under `families`")
    lowest, highest = settings.gates.calibration_slope
    if not lowest < highest:
        faults.append(
            f"`gates.calibration_slope`: expected the lowest before the highest, found {lowest}, {highest}"
        )
    return faults


def settings_from(values: Any, *, where: str = "settings") -> Settings:
    """Check a mapping of settings.

    Raises
    ------
    UsageError
        With every fault at once: unknown keys with the nearest known name, values out of range, a family or
        feature that does not exist or may never be used.
    """
    settings = checked(Settings, values, where, _in_words)
    faults = _faults_of_names(settings)
    if faults:
        raise UsageError(f"{where}: " + "; ".join(faults))
    return settings


def read_settings(path: Path) -> Settings:
    """Read and check one YAML file of settings.

    Raises
    ------
    UsageError
        If the file is absent, is not YAML, or holds a fault.
    """
    path = Path(path)
    return settings_from(read_yaml(path, "configs/four_factors.yaml"), where=str(path))


def settings_sha256(settings: Settings) -> str:
    """SHA-256 of all settings as canonical JSON: equal settings, equal hash, however the file was laid out."""
    return sha256_of_values(settings)


def with_leaves(settings: Settings, leaves: int) -> Settings:
    """The same settings with so many leaves to a tree, once they are chosen."""
    return settings.model_copy(update={"boosting": settings.boosting.model_copy(update={"leaves": leaves})})


def gates_sha256(settings: Settings) -> str:
    """SHA-256 of the gates alone: the bars that are to be set before a test year is opened."""
    return sha256_of_values(settings.gates)


def flat_settings(settings: Settings) -> dict[str, object]:
    """Every setting under one name, those of a section as ``gates.precision_at_capacity``, for a run's parameters."""
    flat: dict[str, object] = {}
    for name, value in settings.model_dump(mode="json").items():
        inner = value if isinstance(value, dict) else None
        flat |= {name: value} if inner is None else {f"{name}.{key}": one for key, one in inner.items()}
    return flat
