"""What stands there already, made of the same, is left as it is; anything else is made."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from small_authority import AS_OF, Authority

from absence_risk.files import MANIFEST, sidecar_manifest
from absence_risk.workflows.already_there import MADE_OF, made_of, stands
from absence_risk.workflows.export_tables import run_export_tables
from absence_risk.workflows.features import run_features
from absence_risk.workflows.score import run_score
from absence_risk.workflows.score_features import run_score_features
from absence_risk.workflows.support_list import run_list

TODAY, EXPIRES = date(2026, 11, 2), date(2027, 2, 12)
ALREADY = "Already there, nothing written"
TERMS: dict[str, Any] = {"capacity": 20, "owner": "Early Help", "expires": EXPIRES, "today": TODAY}


class Small(NamedTuple):
    store: Path
    model: Path
    authority: Authority


@pytest.fixture(scope="module")
def small(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The shared store, and its model saved."""
    return Small(
        authority.store.path, authority.bundle.save(tmp_path_factory.mktemp("small") / "model"), authority
    )


@pytest.fixture(scope="module")
def made(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every output once."""
    folder = tmp_path_factory.mktemp("made")
    for again in makers(small, folder).values():
        assert ALREADY not in again().in_words()
    return folder


def makers(small: Small, folder: Path) -> dict[str, Callable[[], Any]]:
    """Each output's name, and how it is asked for."""
    store, model = small.store, small.model
    return {
        "tables": lambda: run_export_tables(store, folder / "tables", 3),
        "features.parquet": lambda: run_features(store, AS_OF, folder / "features.parquet", today=TODAY),
        "explained.parquet": lambda: run_score_features(
            folder / "features.parquet", model, folder / "explained.parquet"
        ),
        "scores.parquet": lambda: run_score(store, model, AS_OF, folder / "scores.parquet", today=TODAY),
        "list": lambda: run_list(folder / "scores.parquet", store, folder / "list", **TERMS),
    }


def written_at(out: Path) -> dict[str, tuple[int, int]]:
    """Which file of an output is which, and when it was written: a new writing is a new file."""
    files = (
        [path for path in out.rglob("*") if path.is_file()] if out.is_dir() else [out, sidecar_manifest(out)]
    )
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize(
    "name", ["tables", "features.parquet", "explained.parquet", "scores.parquet", "list"]
)
def test_the_same_asked_for_again_is_told_and_not_written(small: Small, made: Path, name: str) -> None:
    before = written_at(made / name)
    said = makers(small, made)[name]().in_words()
    assert ALREADY in said and str(made / name) in said
    assert written_at(made / name) == before


def test_what_is_told_of_pupils_and_sources_is_the_same_the_second_time(small: Small, tmp_path: Path) -> None:
    ask = makers(small, tmp_path)["scores.parquet"]
    first, second = ask(), ask()
    assert (first.counts, first.warnings, first.rows) == (second.counts, second.warnings, second.rows)
    assert list(first.counts) == list(second.counts) and (first.parts, second.parts) == (1, 0)
    assert second.frame["pupil_id"].tolist() == first.frame["pupil_id"].tolist()


def test_other_parts_of_the_same_store_make_nothing_again(small: Small, made: Path) -> None:
    again = run_score(small.store, small.model, AS_OF, made / "scores.parquet", parts=5, today=TODAY)
    assert ALREADY in again.in_words()


def copied(made: Path, folder: Path, *names: str) -> Path:
    """Some outputs as they stand, in a folder of one test's own."""
    for name in names:
        out = made / name
        if out.is_dir():
            shutil.copytree(out, folder / name)
            continue
        for path in (out, sidecar_manifest(out)):
            if path.exists():
                shutil.copy(path, folder / path.name)
    return folder


def test_another_day_and_another_model_are_other_scores(small: Small, made: Path, tmp_path: Path) -> None:
    out = copied(made, tmp_path, "scores.parquet") / "scores.parquet"
    other = replace(small.authority.bundle, name="another").save(tmp_path / "other")
    for model, day in ((small.model, date(2026, 11, 1)), (other, AS_OF)):
        assert ALREADY not in run_score(small.store, model, day, out, today=TODAY).in_words()


@pytest.mark.parametrize(
    "harm",
    [
        lambda out: out.write_bytes(out.read_bytes()[:-1]),
        lambda out: sidecar_manifest(out).unlink(),
        lambda out: sidecar_manifest(out).write_text("{", encoding="utf-8"),
        lambda out: sidecar_manifest(out).write_text("[]", encoding="utf-8"),
        lambda out: out.unlink(),
    ],
    ids=["a byte less", "no manifest", "half a manifest", "another manifest", "no file"],
)
def test_an_altered_file_is_not_the_one_that_was_made(
    made: Path, tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    out = copied(made, tmp_path, "features.parquet") / "features.parquet"
    name = json.loads(sidecar_manifest(out).read_text(encoding="utf-8"))[MADE_OF]
    assert stands(out, name) is not None
    harm(out)
    assert stands(out, name) is None


def test_a_folder_with_a_file_too_few_or_too_many_is_not_the_one_that_was_made(
    small: Small, tmp_path: Path
) -> None:
    ask, out = makers(small, tmp_path)["tables"], tmp_path / "tables"
    ask()
    name = json.loads((out / MANIFEST).read_text(encoding="utf-8"))[MADE_OF]
    assert stands(out, name) is not None and stands(out, "another") is None
    (out / "more.txt").write_text("more", encoding="utf-8")
    assert stands(out, name) is None
    (out / "more.txt").unlink()
    (out / "schools" / "all.parquet").unlink()
    assert stands(out, name) is None
    assert ALREADY not in ask().in_words() and ALREADY in ask().in_words()


def test_a_list_of_another_day_or_one_the_register_has_lost_is_made_again(
    small: Small, made: Path, tmp_path: Path
) -> None:
    out = copied(made, tmp_path, "list", "decisions.sqlite") / "list"

    def asked(day: date) -> str:
        return run_list(made / "scores.parquet", small.store, out, **{**TERMS, "today": day}).in_words()

    assert ALREADY in asked(TODAY)
    (tmp_path / "decisions.sqlite").unlink()
    assert ALREADY not in asked(TODAY)
    assert ALREADY not in asked(date(2026, 11, 3))


def test_a_list_is_compared_with_the_one_before_it_and_says_with_which(
    small: Small, made: Path, tmp_path: Path
) -> None:
    copied(made, tmp_path, "list", "decisions.sqlite")
    first = run_list(made / "scores.parquet", small.store, tmp_path / "list", **TERMS)
    terms = {**TERMS, "capacity": 30}
    second = run_list(made / "scores.parquet", small.store, tmp_path / "second", **terms)
    assert first.already and not second.already
    said = json.loads((tmp_path / "second" / MANIFEST).read_text(encoding="utf-8"))
    assert said["compared_with"] == first.written.list_id
    assert run_list(made / "scores.parquet", small.store, tmp_path / "second", **terms).already


def test_a_name_says_what_and_of_what_and_not_in_which_order() -> None:
    one = made_of("scores", store="a", as_of="2026-10-31")
    assert one == made_of("scores", as_of="2026-10-31", store="a") and len(one) == 64
    assert len({one, made_of("features", store="a", as_of="2026-10-31"), made_of("scores", store="b")}) == 3
