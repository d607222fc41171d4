"""Settings of a training run, read from YAML. Only ``cli`` and ``workflows`` see them.

An unknown key is refused with the nearest known name: a misspelt key that is silently ignored trains another model
than the one written down. The only room that imports yaml.
"""

from __future__ import annotations

import difflib
import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .domain.outcome import OUTCOMES, Outcome
from .errors import UsageError
from .features.catalogue import CATALOGUE, NEVER_FEATURES, Family, Feature, model_features
from .files import canonical_json

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


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AsOfDay(_Strict):
    """Day of the year after the feature year on which features are looked at."""

    month: Annotated[int, Field(ge=9, le=12)] = 10
    day: Annotated[int, Field(ge=1, le=31)] = 31


class BoostingSettings(_Strict):
    """Shape of the boosted trees."""

    leaves: Annotated[int, Field(ge=2, le=31)] = 8
    trees: Annotated[int, Field(ge=10, le=2000)] = 200
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    smallest_leaf: Annotated[int, Field(ge=10)] = 50
    seed: Annotated[int, Field(ge=0)] = 1


class GateSettings(_Strict):
    """Where the bars stand that a model must clear before it becomes champion (``evidence.gates.GateBars``)."""

    beats_best_rule_by: Annotated[float, Field(ge=0)] = 0.0
    precision_at_capacity: Share = 0.65
    calibration_slope: tuple[float, float] = (0.8, 1.2)
    median_inclusion_share: Share = 0.8
    group_gap_limit: Share = 0.2


class DisclosureSettings(_Strict):
    """How small numbers are kept out of what may leave the authority (``disclosure.DisclosurePolicy``)."""

    suppress_below: Annotated[int, Field(ge=0, le=100)] = 10
    round_to: Annotated[int, Field(ge=1, le=100)] = 5
    secondary: bool = True


class EvidenceSettings(_Strict):
    """How much a backtest draws again, and from which seed."""

    rounds: Annotated[int, Field(ge=20, le=20_000)] = 2_000
    refits: Annotated[int, Field(ge=0, le=500)] = 30
    seed: Annotated[int, Field(ge=0)] = 1
    additive: bool = False


class Settings(_Strict):
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


def _nearest(found: str, known: list[str]) -> str:
    close = difflib.get_close_matches(found, known, n=1)
    return f"; did you mean `{close[0]}`?" if close else f"; known: {', '.join(known)}"


def _known_keys(path: tuple[Any, ...]) -> list[str]:
    model: Any = Settings
    for part in path:
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        model = field.annotation if field else None
    return sorted(model.model_fields) if hasattr(model, "model_fields") else []


def _in_words(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"`{where}` is not a setting" + _nearest(str(fault["loc"][-1]), _known_keys(fault["loc"][:-1]))
    if fault["type"] == "missing":
        return f"`{where}` is needed and was not found"
    if fault["loc"][0] == "families":
        return _family_in_words(str(fault["input"]))
    if fault["type"] == "literal_error" and isinstance(fault["input"], str):
        known = fault["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"`{where}` cannot be `{fault['input']}`" + _nearest(fault["input"], known)
    return f"`{where}`: {fault['msg'].lower()}, found {fault['input']!r}"


def _family_in_words(found: str) -> str:
    if found.lower() in NEVER_FEATURES:
        return f"`{found}` can never be a feature: it is held for audit only, or not held at all"
    return f"`{found}` is not a family of features" + _nearest(found, [f.value for f in Family])


def _faults_of_names(settings: Settings) -> list[str]:
    faults = [
        f"`leave_out` names `{name}`, which is not a feature" + _nearest(name, sorted(CATALOGUE))
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
    if not isinstance(values, dict):
        raise UsageError(f"{where}: expected settings as `key: value` lines, found something else")
    try:
        settings = Settings.model_validate(values)
        faults = _faults_of_names(settings)
    except ValidationError as problem:
        faults = [_in_words(fault) for fault in problem.errors()]
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
    import yaml

    path = Path(path)
    if not path.is_file():
        raise UsageError(f"no settings at {path}; expected a file like configs/four_factors.yaml")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UsageError(f"{path} is not YAML in UTF-8; see configs/four_factors.yaml for the form") from None
    return settings_from(values, where=str(path))


def settings_sha256(settings: Settings) -> str:
    """SHA-256 of all settings as canonical JSON: equal settings, equal hash, however the file was laid out."""
    return hashlib.sha256(canonical_json(settings.model_dump(mode="json")).encode("utf-8")).hexdigest()


def gates_sha256(settings: Settings) -> str:
    """SHA-256 of the gates alone: the bars that are to be set before a test year is opened."""
    return hashlib.sha256(canonical_json(settings.gates.model_dump(mode="json")).encode("utf-8")).hexdigest()


def flat_settings(settings: Settings) -> dict[str, object]:
    """Every setting under one name, those of a section as ``gates.precision_at_capacity``, for a run's parameters."""
    flat: dict[str, object] = {}
    for name, value in settings.model_dump(mode="json").items():
        inner = value if isinstance(value, dict) else None
        flat |= {name: value} if inner is None else {f"{name}.{key}": one for key, one in inner.items()}
    return flat
