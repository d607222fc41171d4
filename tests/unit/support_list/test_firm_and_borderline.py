"""Who is called firm and who borderline on a list, from the refits of the very model of its scores."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_authority import AS_OF, Authority

from absence_risk.cohort import select_cohort
from absence_risk.errors import BundleError
from absence_risk.evidence.refits import Refit, read_refits, write_refits
from absence_risk.features.build import collect_features
from absence_risk.features.words import BANNED_WORDS
from absence_risk.models.boosting import TreeShape, fit_boosting
from absence_risk.models.calibration import LinearCalibration
from absence_risk.scoring import score, write_scores
from absence_risk.support_list.folder import write_support_list
from absence_risk.support_list.words import BORDERLINE, FIRM, firmness

CAPACITY = 20
TERMS: dict[str, Any] = {
    "capacity": CAPACITY,
    "owner": "Early Help, East",
    "expires": date(2027, 2, 12),
    "today": date(2026, 11, 2),
}


def _facts(authority: Authority) -> Any:
    tables = authority.store.tables()
    return collect_features(tables, select_cohort(tables, AS_OF).frame, AS_OF)


@pytest.fixture(scope="module")
def scores(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scores") / "scores.parquet"
    scored = score(authority.store.tables(), authority.bundle, AS_OF)
    write_scores(scored, path, {"store_fingerprint": authority.store.fingerprint})
    return path


@pytest.fixture(scope="module")
def evidence(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five refits on drawn rows of the small store's own pupils."""
    facts, features = _facts(authority), authority.bundle.features
    X = facts[[f.name for f in features]]
    rate = X["unauthorised_rate"].fillna(0.0).to_numpy()
    refits = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        y = (rng.random(len(X)) < np.clip(0.05 + 2.5 * rate, 0, 0.9)).astype(int)
        weight = rng.multinomial(len(X), np.full(len(X), 1 / len(X)))
        model = fit_boosting(X, y, features, TreeShape(trees=30, smallest_leaf=20), sample_weight=weight)
        refits.append(Refit(model, LinearCalibration(0.0, 1.0)))
    folder = tmp_path_factory.mktemp("evidence")
    write_refits(folder, refits, authority.bundle.hash)
    return folder


@pytest.fixture(scope="module")
def folder(
    authority: Authority, scores: Path, evidence: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("list") / "list"
    write_support_list(authority.store, scores, out, evidence=evidence, **TERMS)
    return out


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / name).read_text(encoding="utf-8-sig"), newline="")))


def _words(folder: Path) -> str:
    page = (folder / "index.html").read_text(encoding="utf-8")
    return html.unescape(re.sub(r"<(script|style)>.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL))


def _expected(authority: Authority, evidence: Path) -> dict[str, float]:
    """How many of the five lists name each pupil, by pupil_id, counted again by hand."""
    facts = _facts(authority)
    times = np.zeros(len(facts))
    for one in read_refits(evidence, authority.bundle.hash):
        risk = one.risk(facts)
        edge = np.sort(risk)[-CAPACITY]
        tied = (risk == edge).sum()
        times += np.where(
            risk > edge, 1.0, np.where(risk == edge, (CAPACITY - (risk > edge).sum()) / tied, 0.0)
        )
    return dict(zip(facts["pupil_id"], times, strict=True))


def test_a_pupil_is_firm_if_four_of_five_refits_list_the_same_pupil(
    authority: Authority, folder: Path, evidence: Path
) -> None:
    from small_authority import PUPILS, made_up_upn, pupil

    times = _expected(authority, evidence)
    of_upn = {made_up_upn(n): pupil(n) for n in range(PUPILS)}
    who = {row["review_ref"]: of_upn[row["upn"]] for row in _rows(folder, "who_is_who.csv")}
    cards = {row["review_ref"]: row["how_sure"] for row in _rows(folder, "support_list.csv")}
    assert {ref: FIRM in said for ref, said in cards.items()} == {
        ref: times[who[ref]] >= 4 - 1e-9 for ref in cards
    }
    assert all((FIRM in said) != (BORDERLINE in said) for said in cards.values())
    assert 0 < sum(FIRM in said for said in cards.values()) < CAPACITY


def test_the_page_says_how_many_are_firm_and_what_that_means_and_no_number_of_a_child(folder: Path) -> None:
    firm = sum(FIRM in row["how_sure"] for row in _rows(folder, "support_list.csv"))
    words = _words(folder)
    assert firmness(firm, CAPACITY - firm, 5) in words
    assert "at least 8 in 10 of 5 models" in words and "near the edge of the list; " not in words
    assert not re.search(r"inclusion|\b[1-5] of (the )?5\b|0\.\d", words)
    assert not [word for word in BANNED_WORDS if word in f"{FIRM} {firmness(1, 1, 30)}".lower()]
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["refits"] == 5


def test_without_evidence_nobody_is_called_firm(authority: Authority, scores: Path, tmp_path: Path) -> None:
    write_support_list(authority.store, scores, tmp_path / "list", **TERMS)
    assert "irm" not in _words(tmp_path / "list").replace("confirm", "")


def test_the_same_pupils_are_listed_with_and_without_evidence(
    authority: Authority, scores: Path, folder: Path, tmp_path: Path
) -> None:
    write_support_list(authority.store, scores, tmp_path / "list", **TERMS)
    assert _rows(tmp_path / "list", "who_is_who.csv") == _rows(folder, "who_is_who.csv")


def test_evidence_of_another_model_is_refused_and_the_earlier_list_stays(
    authority: Authority, scores: Path, evidence: Path, tmp_path: Path
) -> None:
    out = tmp_path / "list"
    write_support_list(authority.store, scores, out, **TERMS)
    before = (out / "index.html").read_bytes()
    other = tmp_path / "other"
    write_refits(other, read_refits(evidence, authority.bundle.hash), "e" * 64)
    with pytest.raises(BundleError, match="another model"):
        write_support_list(authority.store, scores, out, evidence=other, **TERMS)
    with pytest.raises(BundleError, match="no refits at"):
        write_support_list(authority.store, scores, out, evidence=tmp_path, **TERMS)
    assert (out / "index.html").read_bytes() == before


@pytest.mark.parametrize(("firm", "borderline"), [(1, 19), (20, 0), (0, 1)])
def test_numbers_agree_with_their_verbs(firm: int, borderline: int) -> None:
    said = firmness(firm, borderline, 30)
    assert ("1 is firmly" in said) == (firm == 1) and ("1 is borderline" in said) == (borderline == 1)
