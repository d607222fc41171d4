"""One Spark session for the whole run, and tables that every engine reads.

Spark takes long to start, so there is one session, bound to this computer, in a temporary folder. Without pyspark or
Java the tests skip and say so.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The drawn and made-up tables stand beside the tests of other rooms.
for folder in ("unit", "spec"):
    sys.path.append(str(Path(__file__).parents[1] / folder))


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install '.[spark]'")
    if shutil.which("java") is None:
        pytest.skip("there is no java on the PATH; Spark needs Java 17")
    from absence_risk.spark.session import local_session

    # Small tables: compiling each step costs far more than running it.
    quick = {
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    with local_session(memory="1g", cores=2, settings=quick) as session:
        yield session
