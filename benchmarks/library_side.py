"""The same work from Parquet to Parquet by the libraries alone: ``pred_contrib``, and pyarrow's reading and writing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from compiled_side import one_pass

from absence_risk.evaluation.calibration import probability
from absence_risk.explanation.contributions import by_family, by_topic
from absence_risk.explanation.reasons import SMALLEST_SAID
from absence_risk.models.bundle import Bundle
from absence_risk.tables.outputs import TOPICS_DOWN, TOPICS_UP

DIFFERENT = "top topic different without a near-tie"
#: Two topics nearer to each other than this (log-odds) may stand in either order.
NEAR_TIE = 2e-5


def by_pred_contrib(bundle: Bundle, features: Path, out: Path) -> None:
    """The same output by the library: read, predict, pred_contrib, sums by family, largest by topic, write."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    read = pq.read_table(features, columns=["pupil_id", *bundle.feature_names])
    values = np.column_stack([read[name].to_numpy() for name in bundle.feature_names]).astype(np.float64)
    parts = bundle.model.booster.predict(values, pred_contrib=True, num_threads=1)
    log_odds = bundle.model.booster.predict(values, raw_score=True, num_threads=1)
    topics = by_topic(parts[:, :-1], bundle.features).to_numpy()
    order = np.argsort(-topics, axis=1, kind="stable")
    up, down = order[:, :TOPICS_UP].astype(np.int8), order[:, : -TOPICS_DOWN - 1 : -1].astype(np.int8)
    columns = {"pupil_id": read["pupil_id"], "risk": probability(log_odds), "log_odds": log_odds}
    columns |= {name: column.to_numpy() for name, column in by_family(parts[:, :-1], bundle.features).items()}
    for name, chosen in (("up", up), ("down", down)):
        for place in range(chosen.shape[1]):
            columns[f"{name}_{place}"] = chosen[:, place]
            columns[f"{name}_{place}_size"] = np.take_along_axis(
                topics, chosen[:, [place]].astype(np.int64), 1
            )[:, 0]
    pq.write_table(pa.table(columns), out, compression="zstd", version="2.6", row_group_size=100_000)


def agreement(bundle: Bundle, features: Path, out: Path) -> dict[str, Any]:
    """The written rows of the sample beside the library's own numbers: risks, and the topic that stands first."""
    import pyarrow.parquet as pq

    one_pass(bundle, features, out, 1)
    written, read = pq.read_table(out), pq.read_table(features, columns=list(bundle.feature_names))
    values = np.column_stack([read[name].to_numpy() for name in bundle.feature_names]).astype(np.float64)
    log_odds, parts = (
        bundle.model.booster.predict(values, **{kind: True}) for kind in ("raw_score", "pred_contrib")
    )
    topics = by_topic(parts[:, :-1], bundle.features)
    ordered = np.sort(topics.to_numpy(), axis=1)
    near = (ordered[:, -1] - ordered[:, -2] <= NEAR_TIE) | (
        np.abs(ordered[:, -1] - SMALLEST_SAID) <= NEAR_TIE
    )
    names = np.array([*topics.columns, None], dtype=object)
    expected = names[np.where(ordered[:, -1] >= SMALLEST_SAID, topics.to_numpy().argmax(axis=1), -1)]
    other = np.array(written["up_1"].to_pylist(), dtype=object) != expected
    return {
        "rows compared with pred_contrib": len(values),
        "largest difference in risk": float(np.abs(written["risk"].to_numpy() - probability(log_odds)).max()),
        "rows with a near-tie": int(near.sum()),
        DIFFERENT: int((other & ~near).sum()),
    }


def read_and_write(features: Path, names: Sequence[str], output: Any, how: dict[str, Any], out: Path) -> None:
    """Read the columns the model uses; write an output that is at hand already, as ``settings_of`` says."""
    import pyarrow.parquet as pq

    pq.read_table(features, columns=["pupil_id", *names])
    pq.write_table(output, out, **how)


def settings_of(written: Path) -> dict[str, Any]:
    """How pyarrow is asked to write what stands in a file: each column's compression, dictionaries, row groups."""
    import pyarrow.parquet as pq

    group = pq.ParquetFile(written).metadata.row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    return {
        "compression": {c.path_in_schema: c.compression.replace("UNCOMPRESSED", "NONE") for c in columns},
        "use_dictionary": [c.path_in_schema for c in columns if c.has_dictionary_page],
        "write_statistics": columns[0].is_stats_set,
        "row_group_size": group.num_rows,
    }
