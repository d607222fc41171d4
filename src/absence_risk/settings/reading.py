"""YAML in, faults in words out: every fault of a file at once, each with the nearest known name. The door of yaml."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from ..errors import AbsenceRiskError, RefusedError, UsageError
from ..files import canonical_json

#: Kinds of fault that our own checks raise: one of wording, and one that no wording makes acceptable.
OURS, REFUSED = "said_in_words", "refused"


class Strict(BaseModel):
    """Settings that refuse a key they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


S = TypeVar("S", bound=Strict)


def fault(words: str, *, refused: bool = False) -> PydanticCustomError:
    """A fault of our own, for a check to raise; ``refused`` if the package will not do such a thing at all."""
    return PydanticCustomError(REFUSED if refused else OURS, "{words}", {"words": words})


def nearest(found: str, known: Sequence[str]) -> str:
    """The end of a sentence that names the nearest of the known names, or all of them."""
    close = difflib.get_close_matches(found, known, n=1)
    return f"; did you mean `{close[0]}`?" if close else f"; known: {', '.join(known)}"


def known_keys(root: type[Strict], path: Sequence[str | int]) -> list[str]:
    """The keys that may stand at a place of the settings."""
    model: Any = root
    for part in path:
        if isinstance(part, int):
            model = next(iter(get_args(model)), None)
        else:
            field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
            model = field.annotation if field else None
    return sorted(model.model_fields) if hasattr(model, "model_fields") else []


def in_words(root: type[Strict], found: Any) -> str:
    """One of pydantic's faults in our words."""
    path, kind, value = found["loc"], found["type"], found["input"]
    where = ".".join(str(part) for part in path)
    if kind in (OURS, REFUSED):
        return f"`{where}` {found['ctx']['words']}"
    if kind == "extra_forbidden":
        return f"`{where}` is not a setting" + nearest(str(path[-1]), known_keys(root, path[:-1]))
    if kind == "missing":
        return f"`{where}` is needed and was not found"
    if kind == "literal_error" and isinstance(value, str):
        known = found["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"`{where}` cannot be `{value}`" + nearest(value, known)
    return f"`{where}`: {found['msg'].lower()}, found {value!r}"


def checked(
    root: type[S], values: Any, where: str, words: Callable[[type[Strict], Any], str] = in_words
) -> S:
    """A mapping as settings.

    Raises
    ------
    UsageError
        With every fault at once.
    RefusedError
        The same, where one of them is a thing the package will not do.
    """
    if not isinstance(values, dict):
        raise UsageError(f"{where}: expected settings as `key: value` lines, found something else")
    try:
        return root.model_validate(values)
    except ValidationError as problem:
        faults = problem.errors()
    kind: type[AbsenceRiskError] = (
        RefusedError if any(one["type"] == REFUSED for one in faults) else UsageError
    )
    raise kind(f"{where}: " + "; ".join(words(root, one) for one in faults))


def read_yaml(path: Path, example: str) -> Any:
    """The values of one YAML file.

    Raises
    ------
    UsageError
        If the file is absent, is not YAML in UTF-8, or names a key twice (YAML would silently take the last).
    """
    import yaml

    if not path.is_file():
        raise UsageError(f"no settings at {path}; expected a file like {example}")
    try:
        text = path.read_text(encoding="utf-8-sig")
        twice = _named_twice(yaml.compose(text, Loader=yaml.SafeLoader))
        values = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UsageError(f"{path} is not YAML in UTF-8; see {example} for the form") from None
    if twice:
        raise UsageError(f"{path}: named twice: {', '.join(f'`{key}`' for key in twice)}; keep one of each")
    return values


def _named_twice(node: Any) -> list[str]:
    """Keys that a mapping holds more than once, wherever it stands in the file."""
    if node is None or isinstance(node.value, str):
        return []
    if node.id == "sequence":
        return [key for one in node.value for key in _named_twice(one)]
    keys = [key.value for key, _ in node.value]
    twice = [str(key) for key in dict.fromkeys(map(str, keys)) if keys.count(key) > 1]
    return twice + [key for _, value in node.value for key in _named_twice(value)]


def sha256_of_values(settings: BaseModel) -> str:
    """SHA-256 of settings as canonical JSON: equal settings, equal hash, however the file was laid out."""
    return hashlib.sha256(canonical_json(settings.model_dump(mode="json")).encode("utf-8")).hexdigest()
