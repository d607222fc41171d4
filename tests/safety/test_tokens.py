"""No child's data where it does not belong: every field of the returns holds a token, and every byte is searched."""

from __future__ import annotations

import base64
import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pandas as pd
import pytest
import yaml
from searching import Searcher, search
from spoiling import (
    Failure,
    altered_outputs,
    slips_in_a_workbook,
    slips_in_small_files,
    slips_of_the_hand,
    spoilt_returns,
    wrong_files,
)
from tokens import write_rows
from walled_authority import AS_OF, Walled, walled
from watching import open_to_others

CONFIGS = Path(__file__).parents[2] / "configs"

#: Where what may stand, and why. Everything else may stand nowhere.
ALLOWED = (
    (
        "*.upn-lookup.parquet",
        "upn",
        "the lookup beside the store: the one file that turns a pseudonym into a UPN",
    ),
    ("outputs/list*/who_is_who.csv", "upn", "the list's own key, for whoever goes to the families"),
    ("outputs/*.duckdb", "school", "the store knows schools by name"),
    ("outputs/tables*/schools/all.parquet", "school", "the store's table of schools, exported"),
    ("outputs/list*/*", "school", "a card says to which school the child goes"),
    ("outputs/contacts.csv", "school", "whoever makes contact must know the school"),
    ("outputs/statement*.html", "school", "a family reads to which school the records belong"),
    ("outputs/*.sqlite", "words", "the register keeps what reviewers wrote"),
    ("outputs/contacts.csv", "words", "what is to be done and by whom, as the reviewer wrote it"),
    ("outputs/statement*.html", "words", "a family may read what was written about their child"),
    (
        "removed/*.duckdb.*.partial/*",
        "",
        "copies of returns while they are read, in a private folder beside the store",
    ),
)


def strays(work: Walled, searcher: Searcher | None = None) -> list[str]:
    """Files inside the walls that hold what they may not, with what it is; never the token."""
    return [
        f"{name}: {what}"
        for name, what in search(work.made, searcher or work.searcher())
        if not any(fnmatch(name, where) and what.startswith(kind) for where, kind, _ in ALLOWED)
    ]


def quick_config(work: Walled) -> Path:
    values = yaml.safe_load((CONFIGS / "four_factors.yaml").read_text(encoding="utf-8"))
    values |= {"evidence": {"rounds": 200, "refits": 3, "seed": 1, "additive": False}, "capacity": 25}
    values["boosting"] |= {"leaves": 8, "smallest_leaf": 20}
    path = work.given / "four_factors.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def small_files(work: Walled) -> dict[str, Path]:
    """Exclusions, early help and siblings, with a column of free text that nobody asked for."""
    upns = sorted(work.upns().values())

    def words(about: str) -> str:
        return work.tokens.plant("words", about)

    rows = {
        "exclusions": [["upn", "reason", "note"], *([u, "objected", words("x" + u)] for u in upns[:5])],
        "early_help": [["upn", "opened", "note"], *([u, "2026-09-01", words("h" + u)] for u in upns[5:90])],
        "siblings": [["upn", "family"], *([u, words(f"family {n // 2}")] for n, u in enumerate(upns[5:90]))],
    }
    return {name: write_rows(work.given / f"{name}.csv", found) for name, found in rows.items()}


def make_list(work: Walled, files: dict[str, Path], folder: Path, *more: object) -> None:
    work.must(
        "list", "--scores", work.out / "scores.parquet", "--store", work.store, "--capacity", 12, "--owner",
        "Early Help", "--expires", "2027-02-12", "--out", folder, "--exclusions", files["exclusions"], "--early-help",
        files["early_help"], "--siblings", files["siblings"], *more,
    )  # fmt: skip


def after_the_list(work: Walled, folder: Path) -> None:
    returned = work.returned_workbook(folder, "returned.xlsx")
    work.must("decisions", folder, returned, "--by", "A. Worker")
    work.must("decisions", folder)
    work.must("contacts", folder, "--out", work.out / "contacts.csv")
    work.must(
        "impact",
        "--store",
        work.store,
        "--decisions",
        work.out / "decisions.sqlite",
        "--out",
        work.out / "impact",
    )
    usual = ("--scores", work.out / "scores.parquet", "--store", work.store, "--list", folder)
    work.must("statement", "A-001", *usual, "--out", work.out / "statement.html")
    upn = sorted(work.upns().values())[8]
    work.must("statement", "-", *usual, "--out", work.out / "statement_asked.html", asked=f"{upn}\n")


def use_a_model(work: Walled, model: object, files: dict[str, Path], *, whole: bool) -> None:
    usual = ("--store", work.store, "--as-of", AS_OF, "--exclusions", files["exclusions"])
    work.must("score", "--model", model, *usual, "--out", work.out / "scores.parquet")
    if whole:
        work.must("score", "--model", model, *usual, "--out", work.out / "scores.csv", "--parts", 2)
    work.must("features", *usual, "--out", work.out / "features.parquet")
    work.must(
        "score-features",
        "--features",
        work.out / "features.parquet",
        "--model",
        model,
        "--out",
        work.out / "explained.parquet",
    )
    work.must("export-tables", "--store", work.store, "--out", work.out / "tables", "--buckets", 2)


def small_round(work: Walled, *, whole: bool) -> dict[str, Path]:
    """Every command that is cheap, with a model fitted without the command line."""
    from small_authority import fit_bundle

    from absence_risk.store import Store

    with Store(work.store) as opened:
        fit_bundle(opened).save(work.out / "model")
    files = small_files(work)
    use_a_model(work, work.out / "model", files, whole=whole)
    make_list(work, files, work.out / "list")
    after_the_list(work, work.out / "list")
    return files


def failures(work: Walled, model: Path, files: dict[str, Path], most: int) -> Iterator[Failure]:
    """Ways of failing, of the dearer kinds at most so many."""
    yield from spoilt_returns(work, most)
    yield from wrong_files(work, model, files, most)
    yield from altered_outputs(work, model)
    yield from slips_in_small_files(work, model)
    yield from slips_in_a_workbook(work, most)
    yield from slips_of_the_hand(work)


def fail_in_many_ways(work: Walled, model: Path, files: dict[str, Path], most: int) -> int:
    """Run commands that must fail; how many were run."""
    ways = list(failures(work, model, files, most))
    passed = [name for name, arguments in ways if work.run(*arguments) == 0]
    assert not passed, passed
    return len(ways)


def nothing_stray(work: Walled) -> None:
    found = strays(work)
    assert not work.unforeseen
    assert not work.exposed
    assert not open_to_others(work.out)
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    """A small authority with a store, as the command line makes it."""
    with walled(tmp_path_factory.mktemp("walls"), pupils=200, years=1) as made:
        make_store(made)
        yield made


def make_store(work: Walled) -> None:
    work.must("key", "new", work.key)
    work.must("key", "check", work.key)
    work.must("ingest", work.given / "returns", "--store", work.store, "--key-file", work.key)


@pytest.mark.parametrize("most", [1, pytest.param(99, marks=pytest.mark.slow)])
def test_nothing_of_a_child_stands_where_it_does_not_belong(
    most: int, work: Walled, counted: Callable[[str, int, int], None]
) -> None:
    before = work.runs
    files = small_round(work, whole=most > 9)
    runs = work.runs - before
    failed = fail_in_many_ways(work, work.out / "model", files, most)
    nothing_stray(work)
    counted("tokens: commands", runs, runs)
    counted("tokens: failures", failed, failed)


@pytest.mark.slow
def test_a_whole_year_of_work_with_every_command_leaves_nothing_of_a_child(
    tmp_path: Path, counted: Callable[[str, int, int], None]
) -> None:
    """From returns to impact: training, tracking, evidence, promotion, lists, another key, another engine."""
    with walled(tmp_path, pupils=400, years=5) as work:
        make_store(work)
        config, files = quick_config(work), small_files(work)
        usual = ("--store", work.store, "--config", config, "--exclusions", files["exclusions"])
        work.must("train", *usual)
        work.must("backtest", *usual, "--out", work.out / "evidence", "--model", "models:/absence-risk/1")
        work.must("backtest", *usual, "--out", work.out / "again")
        work.must("compare", work.out / "evidence", work.out / "again")
        work.run("canaries", *usual)
        refused = work.run("promote", 1, "--store", work.store)
        by = ("--name", "A. Director", "--role", "Director", "--reason", "A trial on a made-up authority")
        work.must("promote", 1, "--store", work.store, "--override", *by)
        use_a_model(work, "models:/absence-risk@champion", files, whole=True)
        work.run("check", "--store", work.store, "--model", "models:/absence-risk@champion", "--as-of", AS_OF)
        make_list(work, files, work.out / "list", "--evidence", work.out / "evidence")
        after_the_list(work, work.out / "list")
        change_the_key(work)
        on_another_engine(work)
        left_by_a_kill(work)
        found, runs = strays(work), work.runs
    assert refused in (0, 8)
    assert not work.unforeseen
    assert not work.exposed
    assert not found, "\n".join(found)
    counted("tokens: commands", runs, runs)


def change_the_key(work: Walled) -> None:
    new = work.key.with_name("new.key")
    work.must("key", "new", new)
    work.must("ingest", work.given / "returns", "--store", work.out / "new.duckdb", "--key-file", new)
    rotated = ("--decisions", work.out / "decisions.sqlite", "--out", work.out / "rotated.sqlite")
    work.must("key", "rotate", new, "--store", work.store, *rotated)


def on_another_engine(work: Walled) -> None:
    """Spark in a process of its own, whose temporary folder stands inside the walls too."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        return
    done = own_process(
        work, "score", "--engine", "spark", "--store", work.out / "tables", "--model", work.out / "models/four_factors",
        "--as-of", AS_OF, "--out", work.out / "spark",
    )  # fmt: skip
    assert done.wait(300) == 0, (work.made / "printed" / "own process score.txt").read_text(encoding="utf-8")


def left_by_a_kill(work: Walled) -> None:
    """An ingest killed half-way leaves its folder beside the store, for its owner alone; the next one removes it."""
    killed = (
        "ingest",
        work.given / "returns",
        "--store",
        work.out / "killed" / "a.duckdb",
        "--key-file",
        work.key,
    )
    done = own_process(work, *killed)
    for _ in range(600):
        left = (
            list((work.out / "killed").glob(".a.duckdb.*.partial")) if (work.out / "killed").is_dir() else []
        )
        if left and list(left[0].glob("scratch/*")):
            break
        time.sleep(0.05)
    done.kill()
    done.wait(60)
    assert not [path for path in left if path.stat().st_mode & 0o077]
    work.must(*killed)
    assert not list((work.out / "killed").glob(".*partial"))


def own_process(work: Walled, *arguments: object) -> subprocess.Popen[bytes]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ABSENCE_RISK_", "MLFLOW_", "PYTEST_"))}
    inside = {
        "TMPDIR": str(work.made / "tmp"),
        "ABSENCE_RISK_TODAY": "2026-11-02",
        "HOME": str(work.made / "cwd"),
    }
    with (work.made / "printed" / f"own process {arguments[0]}.txt").open("wb") as told:
        return subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "absence_risk", *map(str, arguments)],
            env=clean | inside, cwd=work.made / "cwd", stdout=told, stderr=told,
        )  # fmt: skip


def test_the_search_finds_what_is_there(work: Walled, tmp_path: Path) -> None:
    """A suite that finds nothing must be able to: a token in each kind of hiding place, each found."""
    number = sorted(work.tokens.by_kind["upn"])[0]
    hidden = {
        "plain.log": number.lower().encode(),
        "wide.txt": number.encode("utf-16"),
        "hash.json": hashlib.sha256(number.encode()).hexdigest().encode(),
        "short hash.json": hashlib.md5(number.encode()).hexdigest()[:24].encode(),
        "in base64.txt": b"=" + base64.b64encode(b"x" + number.encode()),
        "packed.gz": gzip.compress(number.encode()),
        "cut.partial": b"\0" * 5_000_000 + number.encode()[:13],
    }
    for name, content in hidden.items():
        (tmp_path / name).write_bytes(content)
    pd.DataFrame({"a": [number] * 9}).to_parquet(tmp_path / "a.parquet", compression="zstd")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("sheet.xml", f"<c>{number}</c>")
    (tmp_path / f"{number}.txt").write_bytes(b"")
    found = {name for name, _ in search(tmp_path, work.searcher())}
    assert found == {path.name for path in tmp_path.iterdir()}
