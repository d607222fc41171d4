"""A saved model reads back to the same bits, or not at all."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_matrix import ALL, bundle_of, logistic_bundle, parts, trees_bundle

from absence_risk.domain.outcome import OUTCOMES
from absence_risk.errors import BundleError
from absence_risk.features.catalogue import CATALOGUE, Family
from absence_risk.files import canonical_json, sha256_of, write_manifest
from absence_risk.models import bundle_files
from absence_risk.models.boosting import Tables
from absence_risk.models.bundle import Bundle
from absence_risk.models.bundle_files import MANIFEST_ABOUT
from absence_risk.models.bundle_text import FORMAT

BUNDLES = {"lightgbm": trees_bundle, "logistic": logistic_bundle}


@pytest.fixture(scope="module", params=list(BUNDLES))
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / request.param
    return BUNDLES[request.param]().save(folder, extras={"card.md": "# A card\n"})


@pytest.fixture()
def copied(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def _resealed(folder: Path) -> None:
    """Write the manifest anew, as a forger would."""
    (folder / "manifest.json").unlink()
    write_manifest(folder, {"about": MANIFEST_ABOUT, "format": FORMAT})


def _edit(folder: Path, **changes: object) -> None:
    found = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    (folder / "bundle.json").write_text(canonical_json({**found, **changes}), encoding="utf-8")
    _resealed(folder)


def test_reading_gives_the_same_risks_bands_and_hash(saved: Path) -> None:
    made, X = BUNDLES[saved.name](), parts().later
    found = Bundle.load(saved, expected_hash=made.hash)
    assert np.array_equal(found.risk(X), made.risk(X)) and found.hash == made.hash
    assert np.array_equal(found.band(found.risk(X)), made.band(made.risk(X)))
    assert (found.features, found.bands, found.ranges, found.calibration) == (
        made.features, made.bands, made.ranges, made.calibration,
    )  # fmt: skip
    assert found.outcome == made.outcome and found.measures == made.measures and found.as_of == (10, 31)


def test_saving_again_gives_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    again = Bundle.load(saved).save(tmp_path / "again", extras={"card.md": b"# A card\n"})
    assert {p.name: p.read_bytes() for p in saved.iterdir()} == {
        p.name: p.read_bytes() for p in again.iterdir()
    }


def test_a_bundle_that_could_not_be_read_again_takes_no_place(copied: Path) -> None:
    before = {p.name: p.read_bytes() for p in copied.iterdir()}
    odd = replace(Bundle.load(copied), as_of=(13, 31))
    with pytest.raises(BundleError):
        odd.save(copied)
    assert {p.name: p.read_bytes() for p in copied.iterdir()} == before


def test_the_hash_is_that_of_the_file_and_names_the_model(saved: Path) -> None:
    bundle = Bundle.load(saved)
    assert bundle.hash == sha256_of(saved / "bundle.json")
    named = json.loads(bundle.text)["model"]["files"]
    assert named == {name: sha256_of(saved / name) for name in bundle.model.files()}


def test_any_byte_flipped_anywhere_is_a_bundle_error_and_never_a_crash(copied: Path) -> None:
    rng = np.random.default_rng(0)
    for path in sorted(copied.iterdir()):
        whole = path.read_bytes()
        for place in rng.integers(0, len(whole), 40):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << int(rng.integers(0, 8))
            path.write_bytes(bytes(damaged))
            with pytest.raises(BundleError):
                Bundle.load(copied)
        path.write_bytes(whole)
    Bundle.load(copied)


def test_a_file_cut_short_emptied_or_gone_is_a_bundle_error(copied: Path) -> None:
    for path in sorted(copied.iterdir()):
        whole = path.read_bytes()
        for left in (whole[: len(whole) // 2], b""):
            path.write_bytes(left)
            with pytest.raises(BundleError):
                Bundle.load(copied)
        path.unlink()
        with pytest.raises(BundleError, match=r"absent|no whole bundle"):
            Bundle.load(copied)
        path.write_bytes(whole)


def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no model at"):
        Bundle.load(tmp_path / "nothing")
    with pytest.raises(BundleError, match="no whole bundle"):
        Bundle.load(tmp_path)


def test_a_whole_bundle_that_is_not_the_registered_one_is_refused(saved: Path) -> None:
    with pytest.raises(BundleError, match="not the model that was registered"):
        Bundle.load(saved, expected_hash="0" * 64)


def test_a_forged_model_with_a_fresh_manifest_does_not_fit_its_bundle(copied: Path) -> None:
    path = copied / Bundle.load(copied).model.file_name
    path.write_bytes(path.read_bytes() + b"\n")
    _resealed(copied)
    with pytest.raises(BundleError, match=r"not the one bundle\.json names"):
        Bundle.load(copied)


def test_another_format_is_refused_before_anything_is_parsed(copied: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    for number in (0, 1, True, float(FORMAT), "1", None):
        text = canonical_json({**manifest, "format": number})
        (copied / "manifest.json").write_text(text, encoding="utf-8")
        with pytest.raises(BundleError, match="another format"):
            Bundle.load(copied)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 1}, "not of format"),
        ({"kind": "pickle"}, "model file"),
        ({"features": []}, "another order"),
        ({"probe": []}, "probe rows"),
        ({"training_ranges": []}, "training ranges"),
        ({"calibration": {"slope": 1}}, "form"),
        ({"bands": "none"}, "form"),
        ({"years": None, "as_of": None}, "form"),
        ({"more": 1}, "says more than a bundle"),
        ({"versions": {"numpy": "\x1b[2J"}}, "form"),
    ],
)
def test_a_resealed_bundle_of_another_form_is_refused(
    copied: Path, change: dict[str, object], words: str
) -> None:
    _edit(copied, **change)
    with pytest.raises(BundleError, match=words):
        Bundle.load(copied)


def test_an_unknown_feature_and_one_that_changed_its_meaning_are_named(copied: Path) -> None:
    kept = json.loads((copied / "bundle.json").read_text(encoding="utf-8"))["features"]
    _edit(copied, features=[{**kept[0], "name": "shoe_size"}, *kept[1:]])
    with pytest.raises(BundleError, match="shoe_size"):
        Bundle.load(copied)
    _edit(copied, features=[{**kept[0], "unit": "per cent"}, *kept[1:]])
    with pytest.raises(BundleError, match=f"another meaning.*{kept[0]['name']}"):
        Bundle.load(copied)


def test_features_in_another_order_than_the_models_are_refused(copied: Path) -> None:
    kept = json.loads((copied / "bundle.json").read_text(encoding="utf-8"))["features"]
    _edit(copied, features=kept[::-1])
    with pytest.raises(BundleError, match="another order"):
        Bundle.load(copied)


def test_a_machine_that_scores_otherwise_by_one_bit_is_noticed(copied: Path) -> None:
    probe = json.loads((copied / "bundle.json").read_text(encoding="utf-8"))["probe"]
    _edit(copied, probe=[*probe[:-1], float(np.nextafter(probe[-1], np.inf))])
    with pytest.raises(BundleError, match="probe rows"):
        Bundle.load(copied)


def test_another_calibration_does_not_fit_the_probe(copied: Path) -> None:
    line = json.loads((copied / "bundle.json").read_text(encoding="utf-8"))["calibration"]
    _edit(copied, calibration={**line, "intercept": line["intercept"] + 0.25})
    with pytest.raises(BundleError, match="probe rows"):
        Bundle.load(copied)


@pytest.mark.parametrize(
    "name",
    ["../secret", "a/b", "C:\\x", "..", "", "a\0b", "NUL", "com1.txt", "a\x1b[2J", "manifest.json", "x."],
)
def test_a_manifest_cannot_lead_the_reader_out_of_the_folder(copied: Path, name: str) -> None:
    (copied.parent / "secret").write_bytes(b"x")
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = sha256_of(copied.parent / "secret")
    (copied / "manifest.json").write_text(canonical_json(manifest), encoding="utf-8")
    with pytest.raises(BundleError, match="outside the bundle"):
        Bundle.load(copied)


def test_the_bytes_that_are_hashed_are_those_that_are_used(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is spoilt on the disk as soon as one has been hashed, as by somebody who waits for that moment."""
    made, hashed = Bundle.load(copied), bundle_files.digest_of

    def spoilt_meanwhile(content: bytes) -> str:
        for path in copied.iterdir():
            if path.read_bytes() == content:
                path.write_bytes(b"spoilt")
        return hashed(content)

    monkeypatch.setattr(bundle_files, "digest_of", spoilt_meanwhile)
    assert Bundle.load(copied).hash == made.hash
    assert (copied / "bundle.json").read_bytes() == b"spoilt"


@pytest.mark.skipif(os.name != "posix", reason="links need no right of their own")
def test_a_link_is_not_followed_and_a_second_name_changes_nothing(copied: Path) -> None:
    path = copied / "bundle.json"
    (copied.parent / "second").hardlink_to(path)
    Bundle.load(copied)
    path.rename(copied.parent / "outside")
    path.symlink_to(copied.parent / "outside")
    with pytest.raises(BundleError, match="no ordinary file"):
        Bundle.load(copied)


def test_without_a_record_the_tables_must_be_those_of_the_text(tmp_path: Path) -> None:
    bundle = trees_bundle()
    made = bundle.model.tables.trees  # type: ignore[union-attr]
    columns = made.layout.columns.copy()
    columns[len(columns) // 3] += 1e-6
    forged = replace(made, layout=made.layout._replace(columns=columns))
    model = replace(bundle.model, tables=Tables(forged))
    other = replace(bundle, model=model)
    folder = other.save(tmp_path / "forged")
    with pytest.raises(BundleError, match=r"not those of model\.txt"):
        Bundle.load(folder)
    assert Bundle.load(folder, expected_hash=other.hash).hash == other.hash
    with pytest.raises(BundleError, match="not the model that was registered"):
        Bundle.load(folder, expected_hash=bundle.hash)


def test_a_model_without_tables_saves_reads_and_scores_to_the_same_bit(tmp_path: Path) -> None:
    bundle, X = trees_bundle(), parts().later.to_numpy()
    made = replace(bundle, model=replace(bundle.model, tables=Tables(None, "made so for a test")))
    found = Bundle.load(made.save(tmp_path / "plain"))
    assert np.array_equal(found.model.margin(X), made.model.margin(X)) and found.hash == made.hash


def test_a_planted_pickle_is_never_opened(copied: Path) -> None:
    marker = copied.parent / "ran"
    hostile = b"cbuiltins\nexec\n(Vopen(r'" + str(marker).encode() + b"','w').close()\ntR."
    for name in ("model.pkl", "python_model.pkl", "model.joblib", "explainer.skops"):
        (copied / name).write_bytes(hostile)
    Bundle.load(copied)
    path = copied / Bundle.load(copied).model.file_name
    path.write_bytes(hostile)
    with pytest.raises(BundleError):
        Bundle.load(copied)
    assert not marker.exists()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_only_the_owner_can_read_a_bundle(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in saved.iterdir())


def test_another_outcome_is_refused() -> None:
    bundle = trees_bundle()
    bundle.check_outcome(OUTCOMES["unauthorised"])
    for other in (OUTCOMES["overall"], replace(OUTCOMES["unauthorised"], minimum_sessions=100)):
        with pytest.raises(BundleError, match="foresees the outcome `unauthorised`"):
            bundle.check_outcome(other)


def test_a_rule_that_finds_as_many_wins() -> None:
    bundle = trees_bundle()
    rule = {"school_rate": {"found_at_capacity": 5.0}}
    assert replace(bundle, measures={"model": {"found_at_capacity": 5.0}, **rule}).best_rule_wins
    assert not replace(bundle, measures={"model": {"found_at_capacity": 5.1}, **rule}).best_rule_wins
    assert not replace(bundle, measures={}).best_rule_wins
    # A model of one feature is a rule itself: as good as the best rule is no reason to prefer another list.
    alone = replace(bundle, features=bundle.features[:1])
    assert not replace(alone, measures={"model": {"found_at_capacity": 5.0}, **rule}).best_rule_wins
    assert replace(alone, measures={"model": {"found_at_capacity": 4.0}, **rule}).best_rule_wins


def test_nothing_in_a_bundle_is_a_pickle(saved: Path) -> None:
    for path in saved.iterdir():
        if path.name == "tables.bin":  # a line of JSON, then whole and floating numbers alone
            assert path.read_bytes().startswith(b'{"about":"absence_risk compiled trees"')
            continue
        path.read_text(encoding="utf-8")


def test_a_model_of_few_features_saves_and_reads(tmp_path: Path) -> None:
    from made_matrix import trees

    few = tuple(f for f in ALL if f.family is Family.SUSPENSIONS)
    bundle = bundle_of(trees(few), few)
    found = Bundle.load(bundle.save(tmp_path / "few"))
    assert found.feature_names == tuple(f.name for f in few) and all(
        n in CATALOGUE for n in found.feature_names
    )
    assert "lightgbm" in sys.modules
