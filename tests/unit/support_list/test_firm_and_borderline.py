"""Who is called firm and who borderline on a list, from the refits of the very model of its scores."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_contents import PLAN
from small_authority import AS_OF, Authority

from absence_risk.cohort import select_cohort
from absence_risk.errors import BundleError
from absence_risk.evidence.refits import Refit, read_refits, write_refits
from absence_risk.features.build import collect_features
from absence_risk.features.words import BANNED_WORDS
from absence_risk.models.boosting import TreeShape, fit_boosting
from absence_risk.models.calibration import LinearCalibration
from absence_risk.scored_file import read_scores
from absence_risk.scoring import score, write_scores
from absence_risk.support_list.card import Card, ListContents
from absence_risk.support_list.contents import list_contents
from absence_risk.support_list.words import BORDERLINE, FIRM, firmness

CAPACITY = 20
Made = Callable[..., ListContents]


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
def made(authority: Authority, scores: Path) -> Made:
    def of(refits: Sequence[Refit]) -> ListContents:
        tables = authority.store.tables()
        return list_contents(tables, read_scores(scores), PLAN, capacity=CAPACITY, refits=refits)

    return of


@pytest.fixture(scope="module")
def contents(authority: Authority, made: Made, evidence: Path) -> ListContents:
    return made(read_refits(evidence, authority.bundle.hash))


def _met(contents: ListContents) -> dict[str, Card]:
    """The cards of the list and of those met on the way, by pupil_id."""
    pupil_of = {one.review_ref: one.pupil_id for one in contents.listed}
    return {pupil_of[c.review_ref]: c for c in contents.cards if c.part in ("main", "lead")}


def _expected(authority: Authority, evidence: Path, length: int) -> dict[str, float]:
    """How many of the five lists of this length name each pupil, by pupil_id, counted again by hand."""
    facts = _facts(authority)
    times = np.zeros(len(facts))
    for one in read_refits(evidence, authority.bundle.hash):
        risk = one.risk(facts)
        edge = np.sort(risk)[-length]
        tied = (risk == edge).sum()
        times += np.where(
            risk > edge, 1.0, np.where(risk == edge, (length - (risk > edge).sum()) / tied, 0.0)
        )
    return dict(zip(facts["pupil_id"], times, strict=True))


def test_a_pupil_is_firm_if_four_of_five_refits_list_the_same_pupil(
    authority: Authority, contents: ListContents, evidence: Path
) -> None:
    met = _met(contents)
    # The refits are judged on a list as long as the one really drawn, those who take no place among them.
    assert len(met) > CAPACITY
    times = _expected(authority, evidence, len(met))
    assert {one: card.standing == "firm" for one, card in met.items()} == {
        one: times[one] >= 4 - 1e-9 for one in met
    }
    assert all(
        card.standing_words == {"firm": FIRM, "borderline": BORDERLINE}[card.standing]
        for card in met.values()
    )
    assert 0 < sum(card.standing == "firm" for card in met.values()) < len(met)


def test_pupils_below_the_line_are_neither_firm_nor_borderline(contents: ListContents) -> None:
    below = contents.of_part("onset") + contents.of_part("reserve")
    assert below and {(card.standing, card.standing_words) for card in below} == {("", "")}


def test_firmness_is_said_in_words_and_never_as_a_number_about_one_child(contents: ListContents) -> None:
    said = " ".join(card.standing_words for card in contents.cards)
    assert contents.refits == 5 and "at least 8 in 10 of 5 models" in firmness(12, 8, contents.refits)
    assert not re.search(r"inclusion|\b[1-5] of (the )?5\b|0\.\d", said)
    assert not [word for word in BANNED_WORDS if word in f"{said} {firmness(1, 1, 30)}".lower()]


def test_without_evidence_nobody_is_called_firm(made: Made) -> None:
    assert {card.standing for card in made(()).cards} == {"", "borderline"}


def test_the_same_pupils_are_listed_with_and_without_evidence(made: Made, contents: ListContents) -> None:
    without = made(())
    assert without.listed == contents.listed and without.next_in_line == contents.next_in_line
    stripped = [replace(card, standing="", standing_words="") for card in contents.cards]
    assert [replace(card, standing="", standing_words="") for card in without.cards] == stripped


def test_evidence_of_another_model_is_refused(authority: Authority, evidence: Path, tmp_path: Path) -> None:
    write_refits(tmp_path / "other", read_refits(evidence, authority.bundle.hash), "e" * 64)
    with pytest.raises(BundleError, match="another model"):
        read_refits(tmp_path / "other", authority.bundle.hash)
    with pytest.raises(BundleError, match="no refits at"):
        read_refits(tmp_path, authority.bundle.hash)


@pytest.mark.parametrize(("firm", "borderline"), [(1, 19), (20, 0), (0, 1)])
def test_numbers_agree_with_their_verbs(firm: int, borderline: int) -> None:
    said = firmness(firm, borderline, 30)
    assert ("1 is firmly" in said) == (firm == 1) and ("1 is borderline" in said) == (borderline == 1)
