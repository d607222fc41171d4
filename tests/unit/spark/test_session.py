"""A local session keeps to itself; without Java the refusal says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from absence_risk.spark.session import _settings

NO_JAVA = """
from absence_risk.errors import UsageError
from absence_risk.spark.session import local_session
try:
    with local_session():
        pass
except UsageError as fault:
    print(fault)
"""


def test_a_local_session_is_bound_to_this_computer_and_to_its_scratch_folder(tmp_path: Path) -> None:
    found = _settings(tmp_path, "1g", 2, {})
    assert found["spark.driver.host"] == found["spark.driver.bindAddress"] == "127.0.0.1"
    assert found["spark.ui.enabled"] == "false" and found["spark.master"] == "local[2]"
    assert str(tmp_path) in found["spark.sql.warehouse.dir"] and found["spark.local.dir"] == str(tmp_path)


def test_settings_asked_for_win_and_javas_options_stand_beside_the_houses(tmp_path: Path) -> None:
    more = {"spark.sql.shuffle.partitions": "1", "spark.driver.extraJavaOptions": "-Xss4m"}
    found = _settings(tmp_path, "1g", None, more)
    assert found["spark.sql.shuffle.partitions"] == "1" and found["spark.master"] == "local[*]"
    options = found["spark.driver.extraJavaOptions"]
    assert options.endswith(" -Xss4m") and "log4j2.properties" in options


def test_without_java_the_refusal_says_so(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install '.[spark]'")
    kept = {name: value for name, value in os.environ.items() if name not in ("PATH", "JAVA_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", NO_JAVA], env={**kept, "PATH": "/usr/bin/nowhere"}, cwd=tmp_path,
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert "needs Java 17" in done.stdout
