"""A bundle as MLflow stores it: code in a file and the bundle as plain text beside it. No pickled object."""

from __future__ import annotations

import warnings
from importlib import metadata
from pathlib import Path

from ..models.bundle import Bundle
from .names import HASH_TAG


def save_pyfunc(bundle: Bundle, scratch: Path, *, model_id: str, run_id: str) -> None:
    """Write the registered form of a bundle to ``scratch/model``.

    Every number is declared double and every sentence string, so that MLflow converts nothing.
    """
    import mlflow.pyfunc
    from mlflow.models import Model, ModelSignature
    from mlflow.types.schema import ColSpec, ParamSchema, ParamSpec, Schema

    inputs = Schema([ColSpec("double", name) for name in bundle.feature_names])
    text = [ColSpec("string", name) for name in ("reasons_up", "reasons_down", "data_flags")]
    outputs = Schema([ColSpec("double", "risk"), ColSpec("long", "band"), *text])
    with warnings.catch_warnings():
        # MLflow asks for an input example, which would be a child's row.
        warnings.simplefilter("ignore")
        mlflow.pyfunc.save_model(
            path=str(scratch / "model"),
            python_model=str(Path(__file__).with_name("model_code.py")),
            artifacts={"bundle": str(bundle.save(scratch / "bundle"))},
            signature=ModelSignature(inputs, outputs, ParamSchema([ParamSpec("as_of", "string", "")])),
            pip_requirements=_requirements(),
            model_config={HASH_TAG: bundle.hash},
            mlflow_model=Model(model_id=model_id, model_uuid=model_id, run_id=run_id),
        )


def _requirements() -> list[str]:
    # Stated, since MLflow would otherwise start a process to guess them.
    names = ("absence-risk", "lightgbm", "mlflow", "numpy", "pandas", "scikit-learn")
    return [f"{name}=={metadata.version(name)}" for name in names]
