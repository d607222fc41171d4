"""A Spark session at hand: the one given, the one that is running, or a local one with the house's settings.

A local session listens on the loopback address only, shows no web interface, keeps UTC, logs nothing, and leaves
nothing behind: its scratch files stand in a temporary folder that goes with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Rows of one Arrow batch: large enough that the crossing to Python costs little, small enough for any worker.
BATCH_ROWS = 50_000

_JAVA_OPTIONS = "spark.driver.extraJavaOptions"
_LOOPBACK = "127.0.0.1"

#: Nothing is logged: an engine's message may quote a cell. What stops the work comes back as an error in our words.
_NO_LOG = """
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
"""


@contextlib.contextmanager
def session_at_hand(
    given: SparkSession | None = None, *, memory: str = "2g", cores: int | None = None
) -> Iterator[SparkSession]:
    """Give a session; one that is made here is stopped at the end, and any other is left as it was.

    Parameters
    ----------
    given : SparkSession, optional
        The session in hand, as in a notebook on a cluster. Without it the running one is used, then that of
        ``spark-submit``, and only then is a local one made.
    memory : str
        Memory of a local session's Java process, like ``2g``; Python workers need theirs beside it.
    cores : int, optional
        Cores of a local session; by default all.

    Raises
    ------
    UsageError
        If pyspark or Java is missing.
    """
    pyspark_sql = _pyspark_sql()
    running = given or pyspark_sql.SparkSession.getActiveSession()
    if running is not None:
        yield running
    elif "PYSPARK_GATEWAY_PORT" in os.environ:  # started by spark-submit, which has settled everything
        yield pyspark_sql.SparkSession.builder.getOrCreate()
    else:
        with local_session(memory=memory, cores=cores) as session:
            yield session


@contextlib.contextmanager
def local_session(
    *, memory: str = "2g", cores: int | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[SparkSession]:
    """Give a session of this computer alone, and stop it at the end.

    Parameters
    ----------
    memory, cores
        As in :func:`session_at_hand`.
    settings : mapping of str to str, optional
        Spark's own settings by name. They take the place of the house's; Java's options stand beside them.

    Raises
    ------
    UsageError
        If pyspark or Java is missing.
    """
    builder = _pyspark_sql().SparkSession.builder
    scratch = Path(tempfile.mkdtemp(prefix="absence-risk-spark-"))
    try:
        for name, value in _settings(scratch, memory, cores, settings or {}).items():
            builder = builder.config(name, value)
        session = _started(builder)
        try:
            yield session
        finally:
            session.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _settings(scratch: Path, memory: str, cores: int | None, more: Mapping[str, str]) -> dict[str, str]:
    quiet = scratch / "log4j2.properties"
    quiet.write_text(_NO_LOG, encoding="utf-8")
    java = f"-Dlog4j2.configurationFile={quiet.as_uri()} -Duser.timezone=UTC -Dderby.system.home={scratch}"
    house = {
        "spark.app.name": "absence_risk",
        "spark.master": f"local[{cores or '*'}]",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": _LOOPBACK,
        "spark.driver.host": _LOOPBACK,
        "spark.driver.memory": memory,
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": (scratch / "warehouse").as_uri(),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
        # Java does not compile longer methods, and sums of many columns make such: then Spark must not fuse its steps.
        "spark.sql.codegen.hugeMethodLimit": "8000",
        # Otherwise every step of a plan asks Java several times where in the code it stands.
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        # One thread a worker: Spark already runs a worker for each core.
        **{f"spark.executorEnv.{name}": "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")},
    }
    options = f"{java} {more.get(_JAVA_OPTIONS, '')}".strip()
    return {**house, **more, _JAVA_OPTIONS: options}


def _started(builder: SparkSession.Builder) -> SparkSession:
    # Read from the environment when a session starts, and at no other time: workers run this very Python.
    asked = {"SPARK_LOCAL_IP": _LOOPBACK, "PYSPARK_PYTHON": os.environ.get("PYSPARK_PYTHON", sys.executable)}
    before = {name: os.environ.get(name) for name in asked}
    os.environ.update(asked)
    try:
        return builder.getOrCreate()
    except Exception:
        raise UsageError(
            "Spark did not start; it needs Java 17 or later on this computer (java on the PATH, or JAVA_HOME)"
        ) from None
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _pyspark_sql() -> Any:
    try:
        import pyspark.sql
    except ImportError:
        raise UsageError(
            'the Spark engine needs pyspark; install it with: pip install "absence-risk[spark]"'
        ) from None
    return pyspark.sql
