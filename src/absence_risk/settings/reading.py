"""YAML in, faults in words out: every fault of a file at once, each with the nearest known name. The door of yaml."""

from __future__ import annotations

import difflib
import functools
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from ..errors import AbsenceRiskError, RefusedError, UsageError
from ..files import canonical_json

#: Settings that the package ships take a few kilobytes and stand four deep.
LARGEST_SETTINGS, _DEEPEST = 256_000, 20

#: Kinds of fault that our own checks raise: one of wording, and one that no wording makes acceptable.
OURS, REFUSED = "said_in_words", "refused"


class Strict(BaseModel):
    """Settings that refuse a key they do not know, a number that is none, and ``yes`` or ``no`` for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_are_no_answers(cls, value: Any, about: ValidationInfo) -> Any:
        # YAML reads `no` as false, and Python false as nought: `suppress_below: no` would hide nothing.
        wanted = cls.model_fields[str(about.field_name)].annotation
        if isinstance(value, bool) and wanted in (int, float):
            raise fault("is a number, found yes or no")
        return value


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
    """The values of one YAML file, with numbers as they are written and dates as text.

    Raises
    ------
    UsageError
        If the file is absent, far larger or deeper than settings are, is not YAML in UTF-8, or names a key twice (YAML
        would silently take the last). Aliases and tags, with which a short file can grow without bound, are not read,
        nor is text with control characters.
    """
    import yaml

    if not path.is_file():
        raise UsageError(f"no settings at {path}; expected a file like {example}")
    try:
        if path.stat().st_size > LARGEST_SETTINGS:
            raise UsageError(
                f"{path} is larger than {LARGEST_SETTINGS // 1_000} kB, which no settings are; see {example}"
            )
        text = path.read_text(encoding="utf-8-sig")
        _refuse_growth(path, yaml.parse(text, Loader=yaml.SafeLoader))
        root = yaml.compose(text, Loader=_as_written())
        twice = _named_twice(root)
        values = yaml.load(text, Loader=_as_written())  # a SafeLoader
    except OSError as problem:
        raise UsageError(f"{path} cannot be read ({problem.strerror}); check your rights to it") from None
    except (yaml.YAMLError, ValueError):
        raise UsageError(f"{path} is not YAML in UTF-8; see {example} for the form") from None
    if twice:
        raise UsageError(f"{path}: named twice: {', '.join(f'`{key}`' for key in twice)}; keep one of each")
    return values


@functools.cache
def _as_written() -> Any:
    """A safe loader that takes ``010`` and ``1:30`` for no numbers in other bases, and ``2026-10-31`` for text."""
    import yaml

    class AsWritten(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012  (the library's own way)
            first: [
                (tag, form)
                for tag, form in known
                if tag.rpartition(":")[2] in ("bool", "null", "merge", "value")
            ]
            for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    figures = list("-+0123456789.")
    AsWritten.add_implicit_resolver(
        "tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z"), figures
    )
    AsWritten.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"[-+]?[0-9]{1,30}\.[0-9]{1,30}([eE][-+]?[0-9]{1,3})?\Z"),
        figures,
    )
    return AsWritten


def _refuse_growth(path: Path, events: Iterable[Any]) -> None:
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if kind == "AliasEvent" or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise UsageError(
                f"{path}: `&`, `*` and `!` with a name are not read in settings; write the values out"
            )
        if depth > _DEEPEST:
            raise UsageError(f"{path} is nested deeper than any settings are")
        if kind == "ScalarEvent" and any(
            unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in event.value
        ):
            raise UsageError(f"{path} holds text with a control character; take it out")


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
