from pathlib import Path

import pytest

from absence_risk.errors import UsageError
from absence_risk.features.catalogue import FEATURES, Family
from absence_risk.settings import read_settings, settings_from

CONFIGS = Path(__file__).parents[2] / "configs"
GOOD = {"name": "mine", "families": ["suspensions"], "capacity": 10}


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda p: p.name)
def test_the_settings_we_ship_are_good_and_remark_on_every_key(path: Path) -> None:
    settings = read_settings(path)
    assert settings.name == path.stem
    text = path.read_text(encoding="utf-8")
    for block in text.split("\n\n")[1:]:
        assert "#" in block, f"no remark on: {block.splitlines()[0]}"


def test_the_four_factors_use_no_attendance_history_and_the_other_settings_do() -> None:
    families = {p.stem: {f.family for f in read_settings(p).features} for p in CONFIGS.glob("*.yaml")}
    assert Family.ATTENDANCE not in families["four_factors"]
    assert families["with_attendance"] == set(Family)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"familes": []}, "did you mean `families`"),
        ({"families": ["ethnicity"]}, "can never be a feature"),
        ({"families": ["suspension"]}, "did you mean `suspensions`"),
        ({"boosting": {"leafs": 3}}, "did you mean `leaves`"),
        ({"leave_out": ["fsm"]}, "did you mean `fsm_now`"),
        ({"capacity": 0}, "greater than or equal to 1"),
        ({"outcome": "truancy"}, "outcome"),
        ({"as_of": {"month": 2}}, "as_of.month"),
        ({"boosting": {"smallest_leaf": 5}}, "smallest_leaf"),
        ({"leave_out": [f.name for f in FEATURES]}, "no feature is left"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_hint(change: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        settings_from({**GOOD, **change})


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        settings_from({"nam": "a", "families": ["sex"]})
    assert "`nam`" in str(refused.value) and "`capacity`" in str(refused.value)


@pytest.mark.parametrize("text", ["a: [", "- 1", ""])
def test_a_file_that_is_no_settings_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        read_settings(path)
    with pytest.raises(UsageError, match="no settings at"):
        read_settings(tmp_path / "none.yaml")
