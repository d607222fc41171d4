"""Small boosted trees (LightGBM) held to the catalogue's directions. LightGBM enters here and in ``growing``.

Few leaves a tree, at least 50 pupils a leaf, no categorical splits: small trees explain many times faster,
and path-dependent contributions are exact on plain numbers. A model is text, never a pickle; the same data and
settings give the same bytes, whatever the number of threads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..compiled.model_text import ModelText, read_model_text
from ..compiled.proof import prove
from ..compiled.tables import CompiledTrees, NotCompiled, summed
from ..errors import BundleError
from ..features.catalogue import Feature
from .growing import TreeShape, grown_text

if TYPE_CHECKING:
    import lightgbm
    import pandas as pd

__all__ = ["BoostedTrees", "Tables", "TreeShape", "fit_boosting"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Tables:
    """The compiled trees of a model, or in words why there are none and ``pred_contrib`` is asked instead."""

    trees: CompiledTrees | None
    absent: str = ""


@dataclass(frozen=True)
class BoostedTrees:
    """Fitted trees as LightGBM's own text, read when first needed, and perhaps their compiled tables.

    LightGBM's reader can end the process on a damaged text, or take it for another model without a word. So every text
    goes through ``compiled.model_text`` first, and LightGBM sees only what passed there. A model whose tables are at
    hand is scored and explained by them alone, without LightGBM.

    Attributes
    ----------
    model_text : str
    tables : Tables, optional
        As kept in a bundle, or made by :meth:`compiled`. None: not compiled yet.
    """

    model_text: str
    tables: Tables | None = field(default=None, repr=False, compare=False)

    kind = "lightgbm"
    file_name = "model.txt"
    tables_name = "tables.bin"

    @cached_property
    def booster(self) -> lightgbm.Booster:
        """The model as LightGBM reads it.

        Raises
        ------
        BundleError
            If the text is not of the form that is known; LightGBM sees nothing of it then.
        """
        text = self.said.for_library
        import lightgbm

        try:
            return lightgbm.Booster(model_str=text)
        except lightgbm.basic.LightGBMError:
            raise BundleError("model.txt is not a model that this LightGBM reads; train again") from None

    @cached_property
    def said(self) -> ModelText:
        """What the text says, each number proven; see ``read_model_text`` for what is refused."""
        return read_model_text(self.model_text)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features in the model's order, as its text names them."""
        return self.said.names

    def compiled(self) -> BoostedTrees:
        """The same model with its tables, proved against LightGBM's numbers; or with the reason why it has none."""
        if self.tables is not None:
            return self
        try:
            made = CompiledTrees.of(self.model_text, self.sha256)
            prove(made, self._library_contributions, self._library_margin)
        except NotCompiled as why:
            return replace(self, tables=Tables(None, str(why)))
        return replace(self, tables=Tables(made))

    def margin(self, values: Array, *, num_threads: int = 1) -> Array:
        """Log-odds before calibration, shape (n,), of values with shape (n, p)."""
        if self.tables is not None and self.tables.trees is not None:
            return self.tables.trees.margin(values, num_threads=num_threads)
        return self._library_margin(values, num_threads=num_threads)

    def contributions(self, values: Array, *, num_threads: int = 1) -> tuple[Array, float]:
        """Path-dependent TreeSHAP (Lundberg et al., 2020, doi:10.1038/s42256-019-0138-9).

        From the compiled tables; where a model has none, by LightGBM itself, far slower. The numbers are those of
        ``shap.TreeExplainer``; a test holds the three equal.

        Returns
        -------
        tuple of array, shape (n, p), and float
            Log-odds that each feature adds, and the base they are added to.
        """
        tables = self._tables_made
        if tables.trees is not None:
            return tables.trees.contributions(values, num_threads=num_threads)
        # One row is asked for even when there is none, since the base comes with the rows.
        asked = values if len(values) else np.full((1, values.shape[1]), np.nan)
        found = self._library_contributions(asked, num_threads=num_threads)
        return found[: len(values), :-1], float(found[0, -1])

    def explained(self, values: Array, *, num_threads: int = 1) -> tuple[Array, float, Array]:
        """Contributions, their base, and the margin they make up (from the library where it made them)."""
        parts, base = self.contributions(values, num_threads=num_threads)
        if self._tables_made.trees is not None:
            return parts, base, base + summed(parts)
        return parts, base, self._library_margin(values, num_threads=num_threads)

    @cached_property
    def _tables_made(self) -> Tables:
        tables = self.compiled().tables
        assert tables is not None
        return tables

    def _library_margin(self, values: Array, *, num_threads: int = 1) -> Array:
        if not len(values):
            return np.zeros(0)
        found = self.booster.predict(values, raw_score=True, num_threads=num_threads)
        return np.asarray(found, dtype=np.float64)

    def _library_contributions(self, values: Array, *, num_threads: int = 1) -> Array:
        found = self.booster.predict(values, pred_contrib=True, num_threads=num_threads)
        return np.asarray(found, dtype=np.float64)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the text: the name that its tables know it by."""
        return hashlib.sha256(self.model_text.encode("utf-8")).hexdigest()

    def text(self) -> str:
        """The model as text; the same model, the same bytes."""
        return self.model_text

    @classmethod
    def from_text(cls, text: str) -> BoostedTrees:
        """A model from text, without tables.

        Raises
        ------
        BundleError
            If the text is not of the form that is known.
        """
        model = cls(text)
        assert model.said.names, "a text names its features"
        return model

    def files(self) -> dict[str, bytes]:
        """What a bundle keeps of the model: its text, and its tables if it has any."""
        trees = self._tables_made.trees
        kept = {} if trees is None else {self.tables_name: trees.to_bytes()}
        return {self.file_name: self.model_text.encode("utf-8"), **kept}

    @property
    def remarks(self) -> dict[str, str]:
        """What a bundle says beside the files: why there are no tables, if there are none."""
        absent = self._tables_made.absent
        return {"no_tables": absent} if absent else {}

    @classmethod
    def from_files(cls, content: Mapping[str, bytes], remarks: Mapping[str, str]) -> BoostedTrees:
        """A model from files whose hashes have been checked.

        Raises
        ------
        BundleError
            If the text is not of the form that is known, or the tables are absent without a reason, damaged, or were
            made from another model.
        """
        try:
            model = cls.from_text(content[cls.file_name].decode("ascii"))
        except UnicodeDecodeError:
            raise BundleError(
                "model.txt holds other than plain letters; fetch it again or train it again"
            ) from None
        if cls.tables_name not in content:
            if "no_tables" not in remarks:
                raise BundleError(
                    "the compiled tables of the model are absent; fetch it again or train it again"
                )
            return replace(model, tables=Tables(None, str(remarks["no_tables"])))
        trees = CompiledTrees.from_bytes(content[cls.tables_name], model_sha256=model.sha256)
        if trees.names != model.feature_names:
            raise BundleError("the compiled tables name other features than the model; train it again")
        return replace(model, tables=Tables(trees))

    def check_tables(self) -> None:
        """Work the tables out again from the text: the text is what a person can read, so nothing else may score.

        It takes as long as making them did. A record of the model's hash, kept elsewhere, makes it needless.

        Raises
        ------
        BundleError
            If the tables are not those of the text.
        """
        if self.tables is None or self.tables.trees is None:
            return
        try:
            same = self.tables.trees.agrees(CompiledTrees.of(self.model_text, self.sha256))
        except NotCompiled:
            same = False
        if not same:
            raise BundleError(
                "the compiled tables are not those of model.txt beside them; do not use it, train it again"
            )


def fit_boosting(
    X: pd.DataFrame,
    y: Array,
    features: tuple[Feature, ...],
    shape: TreeShape | None = None,
    *,
    num_threads: int | None = None,
    sample_weight: Array | None = None,
) -> BoostedTrees:
    """Fit trees whose effects keep the catalogue's directions; repeatable to the byte.

    Parameters
    ----------
    X : DataFrame of float64
        One column per feature (more are ignored); NaN where not known.
    y : array of int, shape (n,)
        0 or 1.
    features : tuple of Feature
        In the order the model keeps; ``direction`` becomes its monotone constraint.
    shape : TreeShape, optional
    num_threads : int, optional
        By default one, and two from 100,000 rows on. The same bytes for any number.
    sample_weight : array, shape (n,), optional
        How often each row was drawn, whole numbers; a row drawn no times is left out. ``smallest_leaf`` counts
        distinct rows, so that a child drawn often does not fill a leaf.

    Raises
    ------
    RefusedError
        If only one kind of outcome is present, no feature varies, or there are too few pupils for two leaves.
    ValueError
        If a weight is not a whole number of 0 or more.
    """
    return BoostedTrees(
        grown_text(X, y, features, shape or TreeShape(), num_threads=num_threads, sample_weight=sample_weight)
    )
