"""The code of a registered model: MLflow runs this file, which reads our bundle with its hash checked. No pickle.

It is stored beside the bundle in plain text. It needs this package installed and imports nothing else of its own.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import mlflow.models
import mlflow.pyfunc
import pandas as pd

from absence_risk.domain.academic_year import AcademicYear
from absence_risk.explanation.contributions import by_topic, explain
from absence_risk.explanation.reasons import reasons_for
from absence_risk.models.bundle import Bundle
from absence_risk.tables.outputs import SENTENCE_MARK


class AbsenceRiskModel(mlflow.pyfunc.PythonModel):
    """Risk, band and reasons for rows of features; the same numbers as ``absence-risk score``."""

    def load_context(self, context: Any) -> None:
        """Read the bundle, refusing one whose hash is not the recorded one; without a record it vouches for itself."""
        recorded = (context.model_config or {}).get("bundle_sha256")
        self.bundle = Bundle.load(context.artifacts["bundle"], expected_hash=recorded and str(recorded))

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """One row per row of features.

        Parameters
        ----------
        model_input : DataFrame of double
            The features by name; missing where not known.
        params : dict, optional
            ``as_of``: the day the features were looked at, like 2026-10-31; it is only named in the reasons. By
            default that day after the last year the model was judged on.

        Returns
        -------
        DataFrame
            ``risk`` (0-1), ``band`` (1-5), ``reasons_up``, ``reasons_down`` and ``data_flags`` (sentences).
        """
        X = model_input[list(self.bundle.feature_names)].astype("float64")
        explained = explain(self.bundle, X)
        topics = by_topic(explained.contributions, explained.features)
        reasons = reasons_for(X, topics, self._as_of(params), top=5)
        return pd.DataFrame(
            {
                "risk": explained.risk,
                "band": self.bundle.band(explained.risk),
                "reasons_up": [SENTENCE_MARK.join(found) for found in reasons["up"]],
                "reasons_down": [SENTENCE_MARK.join(found) for found in reasons["down"]],
                "data_flags": self._data_flags(X),
            }
        )

    def _as_of(self, params: dict[str, Any] | None) -> date:
        stated = (params or {}).get("as_of")
        if stated:
            return date.fromisoformat(str(stated))
        last = self.bundle.years.get("tested") or self.bundle.years["calibrated"]
        return AcademicYear.parse(str(last)).as_of(*self.bundle.as_of)

    def _data_flags(self, X: Any) -> list[str]:
        families: dict[str, list[str]] = {}
        for feature in self.bundle.features:
            families.setdefault(feature.family.value.replace("_", " "), []).append(feature.name)
        unknown = {family: X[names].isna().all(axis=1).to_numpy() for family, names in families.items()}
        return [
            SENTENCE_MARK.join(
                f"no records of {family} held" for family, rows in unknown.items() if rows[place]
            )
            for place in range(len(X))
        ]


mlflow.models.set_model(AbsenceRiskModel())
