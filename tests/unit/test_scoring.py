from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_authority import AS_OF, PUPILS, Authority, made_up_upn, pupil

from absence_risk.domain.outcome import OUTCOMES
from absence_risk.errors import BundleError, InputError, UsageError
from absence_risk.features.catalogue import Family
from absence_risk.files import sidecar_manifest
from absence_risk.scoring import SCORES, Scored, read_scores, score, write_scores

ABOUT = {"store_fingerprint": "f" * 64}


@pytest.fixture(scope="module")
def scored(authority: Authority) -> Scored:
    return score(authority.store.tables(), authority.bundle, AS_OF, outcome=OUTCOMES["unauthorised"])


def test_every_eligible_pupil_has_one_row_in_the_declared_columns_by_pupil_id(scored: Scored) -> None:
    assert tuple(scored.frame.columns) == SCORES.column_names
    assert len(scored.frame) == scored.counts["eligible"] == PUPILS - 4
    assert scored.frame["pupil_id"].is_monotonic_increasing and scored.frame["pupil_id"].is_unique


def test_the_counts_account_for_every_pupil_seen(scored: Scored) -> None:
    assert scored.counts["seen"] == sum(n for name, n in scored.counts.items() if name != "seen")
    assert scored.counts["not_on_roll"] == 4


def test_base_and_family_contributions_add_up_to_the_log_odds_of_the_risk_shown(scored: Scored) -> None:
    parts = scored.frame[[f"contribution_{family.value}" for family in Family]].sum(axis=1)
    assert np.allclose(scored.frame["base"] + parts, scored.frame["log_odds"], atol=1e-9, rtol=0)
    assert np.allclose(1 / (1 + np.exp(-scored.frame["log_odds"])), scored.frame["risk"], atol=1e-12, rtol=0)


def test_reasons_state_exact_days_from_the_counts_beside_the_model(scored: Scored) -> None:
    row = scored.frame.set_index("pupil_id").loc[pupil(10)]
    assert row["reasons_up"][0] == (
        "Missed 141 and a half days without authorisation in 2025/26, late arrivals among them; "
        "for other reasons not authorised (code O): 118 days"
    )


def test_what_the_records_lack_is_said_for_the_pupils_it_concerns(scored: Scored) -> None:
    flags = scored.frame.set_index("pupil_id")["data_flags"]
    assert flags[pupil(PUPILS - 1)][:3] == [
        "attendance not held for 2025/26",
        "attendance not held for 2024/25",
        "first seen on a school's roll here in 2026/27",
    ]
    assert flags[pupil(10)] == ["no alternative provision census known since 16 January 2025"]


def test_a_pupil_who_is_excluded_is_counted_and_not_scored(authority: Authority) -> None:
    without = score(authority.store.tables(), authority.bundle, AS_OF, excluded=[pupil(10)])
    assert without.counts["excluded"] == 1
    assert pupil(10) not in set(without.frame["pupil_id"])


def test_a_model_of_another_outcome_is_refused(authority: Authority) -> None:
    with pytest.raises(BundleError, match="unauthorised_other"):
        score(authority.store.tables(), authority.bundle, AS_OF, outcome=OUTCOMES["unauthorised_other"])


def test_another_as_of_date_than_the_models_is_a_warning_in_words(
    authority: Authority, scored: Scored
) -> None:
    assert not [w for w in scored.warnings if "as-of date" in w]
    later = score(authority.store.tables(), authority.bundle, date(2026, 12, 1))
    assert [w for w in later.warnings if "made for 31 October and is used as of 1 December 2026" in w]
    assert later.about["model_as_of"] == {"month": 10, "day": 31}


def test_nothing_known_after_the_as_of_date_is_named_as_a_source(authority: Authority) -> None:
    about = score(authority.store.tables(), authority.bundle, date(2026, 10, 3)).about
    assert max(source["latest"] for source in about["sources"]) == "2026-10-02"


def test_a_model_that_a_simple_rule_beat_says_so(authority: Authority, scored: Scored) -> None:
    measures = {"model": {"found_at_capacity": 9.0}, "last_year_unauthorised": {"found_at_capacity": 9.0}}
    rules = replace(authority.bundle, measures=measures)
    assert scored.about["best_rule_wins"] is False
    assert score(authority.store.tables(), rules, AS_OF).about["best_rule_wins"] is True


@pytest.mark.parametrize("name", ["scores.parquet", "scores.csv"])
def test_what_is_written_is_read_back_to_the_last_bit_and_a_second_writing_gives_the_same_bytes(
    scored: Scored, tmp_path: Path, name: str
) -> None:
    out, again = tmp_path / name, tmp_path / "again" / name
    manifest = write_scores(scored, out, ABOUT)
    manifest_again = write_scores(scored, again, ABOUT)
    assert out.read_bytes() == again.read_bytes() and manifest.read_bytes() == manifest_again.read_bytes()
    found = read_scores(out)
    pd.testing.assert_frame_equal(found.frame, scored.frame, check_dtype=False, check_exact=True)
    assert found.manifest["counts"] == scored.counts and found.manifest["store_fingerprint"] == "f" * 64
    assert found.manifest["outcome"] == OUTCOMES["unauthorised"].definition()


def test_no_upn_stands_in_the_scores_or_their_manifest(scored: Scored, tmp_path: Path) -> None:
    manifest = write_scores(scored, tmp_path / "scores.csv", ABOUT)
    text = (tmp_path / "scores.csv").read_text(encoding="utf-8") + manifest.read_text(encoding="utf-8")
    assert not [n for n in range(PUPILS) if made_up_upn(n) in text]
    assert pupil(10) in text and pupil(10) not in manifest.read_text(encoding="utf-8")


def test_another_kind_of_file_is_refused_before_anything_is_written(scored: Scored, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ending in \.parquet or \.csv"):
        write_scores(scored, tmp_path / "scores.xlsx", ABOUT)
    assert not list(tmp_path.iterdir())


def test_scores_without_the_fingerprint_of_their_store_are_not_written(
    scored: Scored, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="fingerprint"):
        write_scores(scored, tmp_path / "scores.csv", {})
    assert not list(tmp_path.iterdir())


def _lose_the_manifest(path: Path) -> None:
    sidecar_manifest(path).unlink()


def _cut_the_manifest(path: Path) -> None:
    sidecar_manifest(path).write_text('{"kind": "sco', encoding="utf-8")


def _cut_the_file(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _change_one_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _another_format(path: Path) -> None:
    manifest = sidecar_manifest(path)
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('"format": 1', '"format": 99'), encoding="utf-8"
    )


@pytest.mark.parametrize("name", ["scores.parquet", "scores.csv"])
@pytest.mark.parametrize(
    "harm",
    [_lose_the_manifest, _cut_the_manifest, _cut_the_file, _change_one_byte, _another_format, Path.unlink],
)
def test_scores_that_their_manifest_does_not_vouch_for_are_refused(
    scored: Scored, tmp_path: Path, name: str, harm
) -> None:
    out = tmp_path / name
    write_scores(scored, out, ABOUT)
    harm(out)
    with pytest.raises(InputError) as refused:
        read_scores(out)
    assert pupil(10)[:8] not in str(refused.value)
