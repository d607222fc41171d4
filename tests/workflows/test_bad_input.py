"""A wrong file, setting or key: an error in words, its own exit code, the earlier output untouched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import Demonstration, Ran, run_command

USAGE, INPUT, STORE, BUNDLE, KEY, REFUSED = 2, 3, 4, 5, 6, 8
CONFIGS = Path(__file__).parents[2] / "configs"


def assert_fault(ran: Ran, code: int, *words: str) -> None:
    """The exit code of its kind, words that help, no traceback."""
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err and "Traceback" not in ran.out
    for word in words:
        assert word in ran.err, ran.err


@pytest.fixture
def returns(demonstration: Demonstration, tmp_path: Path) -> Path:
    """A small copy of the returns that a test may spoil: one census, one CIN census, SSDA903 of one year."""
    target = tmp_path / "returns"
    source = demonstration.folder / "returns"
    for pattern in ("2025_spring/*", "CIN_2025.xml", "SSDA903_2025_*", "AP_2025.csv"):
        for path in source.rglob(pattern):
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
    return target


def ingest(returns: Path, demonstration: Demonstration, store: Path) -> Ran:
    key = demonstration.folder / "authority.key"
    return run_command("ingest", str(returns), "--store", str(store), "--key-file", str(key))


def spoil(path: Path, old: str, new: str, count: int = -1) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def truncated(folder: Path) -> None:
    path = folder / "cin_census/CIN_2025.xml"
    path.write_bytes(path.read_bytes()[:2000])


def with_entity(folder: Path) -> None:
    spoil(folder / "cin_census/CIN_2025.xml", "<Message>", '<!DOCTYPE m [<!ENTITY e "x">]><Message>', 1)


def empty(folder: Path) -> None:
    (folder / "school_census/2025_spring/2025_spring_pupilonroll.csv").write_bytes(b"")


def unknown_header(folder: Path) -> None:
    (folder / "mystery.csv").write_text("colour,size\nblue,3\n", encoding="utf-8")


def wrong_year(folder: Path) -> None:
    spoil(folder / "school_census/2025_spring/2025_spring_schoolcensus.csv", "2025-Jan-", "2023-Jan-")


SPOILT = {
    "truncated XML": (truncated, "CIN_2025.xml"),
    "XML with entities": (with_entity, "CIN_2025.xml"),
    "empty file": (empty, "2025_spring_pupilonroll.csv"),
    "unknown header": (unknown_header, "mystery.csv"),
    "wrong year": (wrong_year, "2025"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_return_is_named_and_the_earlier_store_stays(
    case: str, returns: Path, demonstration: Demonstration, tmp_path: Path
) -> None:
    spoil_it, name = SPOILT[case]
    spoil_it(returns)
    store = tmp_path / "authority.duckdb"
    store.write_bytes(b"the earlier store")
    assert_fault(ingest(returns, demonstration, store), INPUT, name)
    assert store.read_bytes() == b"the earlier store"
    assert not [p.name for p in tmp_path.iterdir() if "partial" in p.name]


def test_every_spoilt_return_is_named_at_once(
    returns: Path, demonstration: Demonstration, tmp_path: Path
) -> None:
    for spoil_it in (truncated, unknown_header, wrong_year):
        spoil_it(returns)
    ran = ingest(returns, demonstration, tmp_path / "a.duckdb")
    assert_fault(ran, INPUT, "CIN_2025.xml", "mystery.csv", "2025_spring")


def test_a_folder_without_returns_and_no_folder_at_all_are_refused(
    demonstration: Demonstration, tmp_path: Path
) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "letter.txt").write_text("Dear all", encoding="utf-8")
    for folder in (tmp_path / "wrong", tmp_path / "none"):
        assert_fault(ingest(folder, demonstration, tmp_path / "a.duckdb"), INPUT, "expected", folder.name)


@pytest.mark.parametrize("content", [None, "", "abcd", "00" * 32, "xyz" * 22])
def test_no_key_and_a_key_that_is_not_one_are_refused(
    content: str | None, returns: Path, tmp_path: Path
) -> None:
    key = tmp_path / "a.key"
    if content is not None:
        key.write_text(content, encoding="utf-8")
    ran = run_command("ingest", str(returns), "--store", str(tmp_path / "a.duckdb"), "--key-file", str(key))
    assert_fault(ran, KEY, "key")
    assert content in (None, "") or content not in ran.err
    assert_fault(
        run_command("ingest", str(returns), "--store", str(tmp_path / "a.duckdb")),
        KEY,
        "ABSENCE_RISK_KEY_FILE",
    )


def test_too_few_years_to_train_or_judge_are_refused_with_each_year_and_its_reason(
    returns: Path, demonstration: Demonstration, tmp_path: Path
) -> None:
    store = tmp_path / "a.duckdb"
    assert ingest(returns, demonstration, store).code == 0
    for command in ("train", "backtest"):
        out = tmp_path / command
        config = str(CONFIGS / "four_factors.yaml")
        ran = run_command(command, "--store", str(store), "--config", config, "--out", str(out))
        assert_fault(ran, USAGE, "at least 3 feature years")
        assert "Years left out" in ran.err and not out.exists()


def test_settings_that_name_what_can_never_be_a_feature_are_refused(
    demonstration: Demonstration, tmp_path: Path
) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("name: mine\nfamilies: [ethnicity]\ncapacity: 10\n", encoding="utf-8")
    ran = run_command("train", "--store", str(demonstration.store), "--config", str(config))
    assert_fault(ran, USAGE, "can never be a feature")


def test_a_damaged_bundle_ends_in_words_and_the_earlier_scores_stay(
    demonstration: Demonstration, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(demonstration.folder / "models" / "four_factors", bundle)
    content = bytearray((bundle / "model.txt").read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / "model.txt").write_bytes(bytes(content))
    out = tmp_path / "scores.parquet"
    out.write_bytes(b"earlier")
    ran = run_command(
        "score",
        "--store",
        str(demonstration.store),
        "--model",
        str(bundle),
        "--as-of",
        "2026-10-31",
        "--out",
        str(out),
    )
    assert_fault(ran, BUNDLE, "model.txt")
    assert out.read_bytes() == b"earlier"


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"--as-of": "31/10/2026"}, USAGE, "2026-10-31"),
        ({"--as-of": "2030-10-31"}, INPUT, "autumn School Census"),
        ({"--model": "models:/absence-risk/99"}, USAGE, "models:/absence-risk/99"),
        ({"--model": "nowhere"}, BUNDLE, "nowhere"),
        ({"--out": "scores.xlsx"}, USAGE, "parquet"),
        ({"--outcome": "unauthorised_other"}, BUNDLE, "asked for `unauthorised_other`"),
        ({"--outcome": "truancy"}, USAGE, "unauthorised_not_holiday"),
        ({"--store": "none.duckdb"}, STORE, "absence-risk ingest"),
    ],
)
def test_scoring_asked_wrongly_says_what_was_expected(
    change: dict[str, str], code: int, word: str, demonstration: Demonstration, tmp_path: Path
) -> None:
    asked = {
        "--store": str(demonstration.store),
        "--model": str(demonstration.folder / "models" / "four_factors"),
        "--as-of": "2026-10-31",
        "--out": str(tmp_path / "scores.parquet"),
    } | change
    ran = run_command("score", *(part for pair in asked.items() for part in pair), cwd=tmp_path)
    assert_fault(ran, code, word)


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"--purpose": "penalty_notices"}, REFUSED, "offers of support"),
        ({"--expires": "2026-10-01"}, USAGE, "2026-10-01"),
        ({"--owner": " "}, USAGE, "owner"),
        ({"--capacity": "0"}, USAGE, "capacity"),
    ],
)
def test_a_list_without_its_terms_is_refused(
    change: dict[str, str], code: int, word: str, demonstration: Demonstration, tmp_path: Path
) -> None:
    asked = {
        "--scores": str(demonstration.folder / "scores.parquet"),
        "--store": str(demonstration.store),
        "--capacity": "20",
        "--owner": "Early Help",
        "--expires": "2027-02-12",
        "--out": str(tmp_path / "list"),
    } | change
    ran = run_command("list", *(part for pair in asked.items() for part in pair))
    assert_fault(ran, code, word)
    assert not (tmp_path / "list").exists()


def test_a_shortened_scores_file_is_refused(demonstration: Demonstration, tmp_path: Path) -> None:
    for name in ("scores.parquet", "scores.parquet.manifest.json"):
        shutil.copy(demonstration.folder / name, tmp_path / name)
    short = tmp_path / "scores.parquet"
    short.write_bytes(short.read_bytes()[:-100])
    ran = run_command(
        "list", "--scores", str(short), "--store", str(demonstration.store), "--capacity", "20",
        "--owner", "Early Help", "--expires", "2027-02-12", "--out", str(tmp_path / "list"),
    )  # fmt: skip
    assert_fault(ran, INPUT, "scores.parquet")


@pytest.mark.parametrize(
    "arguments", [("score", "{}"), ("list", "--out={}"), ("{}",), ("--model", "x", "score", "--as-of", "{}")]
)
def test_a_upn_that_slipped_in_among_the_arguments_is_not_repeated(arguments: tuple[str, ...]) -> None:
    for typed in ("P207000016049", "p207000016049", "Q207000016049"):
        ran = run_command(*(argument.format(typed) for argument in arguments))
        assert_fault(ran, USAGE, "a UPN was given as an argument")
        assert typed not in ran.err + ran.out
