"""A file of features and a saved model -> risk, families and largest topics of every row, in one pass over the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..progress import Progress, numbered, silent
from .already_there import MADE_OF, in_words, made_of, stands

if TYPE_CHECKING:
    from ..logbook import Override

STEPS = ("Fetching the model", "Scoring and explaining", "Writing the manifest")

KIND, FORMAT = "explained", 1


@dataclass(frozen=True)
class FeaturesScored:
    """The file that was written, its rows, and what is to be said of sources, dates and drift, in sentences."""

    out: Path
    rows: int
    warnings: tuple[str, ...]
    already: bool = field(default=False, compare=False)
    notes: tuple[str, ...] = ()

    def in_words(self) -> str:
        """Warnings first, then what was written, or that the same stood there already."""
        notes = [f"Note: {warning}" for warning in (*self.notes, *self.warnings)]
        wrote = f"Wrote {self.out} ({self.rows:,} pupils) and its manifest"
        return "\n".join((*notes, in_words(self.out) if self.already else wrote))


def run_score_features(
    features: Path | str,
    model: Path | str,
    out: Path | str,
    *,
    tracking: str | None = None,
    accept_drift: Override | None = None,
    num_threads: int = 2,
    progress: Progress = silent,
) -> FeaturesScored:
    """Score and explain the features of very many pupils, without sentences; memory does not grow with their number.

    Parameters
    ----------
    features : Path
        As written by ``absence-risk features``.
    model : str or Path
        The folder of a bundle, or ``models:/absence-risk@champion``.
    out : Path
        A name ending in ``.parquet``; columns are those of ``explanation.one_pass.EXPLAINED``.
    accept_drift : Override, optional
        Who answers for scoring a cohort that would be refused (``models.drift``); written into the manifest.
    num_threads : int
        The same bytes for any number.

    Raises
    ------
    UsageError, BundleError, InputError, OutputError
        An earlier file at ``out`` stays then.
    """
    from ..errors import UsageError
    from ..explanation.one_pass import explain_file
    from ..features.data_flags import Source
    from ..files import canonical_json, sha256_of, sidecar_manifest, whole_files
    from ..models.drift import findings
    from ..scored_about import told
    from .features import read_about
    from .score import fetch_bundle, notes_on_model
    from .scored_rows import DRIFT_ACCEPTED, accepted_by

    source, target = Path(features), Path(out)
    if target.suffix.lower() != ".parquet":
        raise UsageError(f"expected a name ending in .parquet, found {target.name}; rename the output")
    say = numbered(progress, STEPS)
    say(0)
    about = read_about(source)
    bundle, label = fetch_bundle(model, source, tracking)
    notes = notes_on_model(label)
    accepted = accepted_by(accept_drift)
    name = made_of(
        KIND,
        features=about["sha256"],
        store=about["store_fingerprint"],
        model=bundle.hash,
        label=label,
        accepted=accepted,
    )
    if (there := stands(target, name)) is not None:
        return FeaturesScored(target, int(there["rows"]), tuple(there["warnings"]), already=True, notes=notes)
    say(1)
    with whole_files(target, sidecar_manifest(target)) as (partial, beside):
        passed = explain_file(bundle, source, partial, num_threads=num_threads)
        say(2)
        sources = [Source(**one) for one in about["sources"]]
        day = date.fromisoformat(about["as_of"])
        found = findings(bundle.training, passed.drift, about["counts"], day, sources)
        warnings, of_model = told(bundle, found, day, sources, accepted.get(DRIFT_ACCEPTED))
        said = {
            **of_model,
            **accepted,
            "kind": KIND,
            "format": FORMAT,
            "file": target.name,
            "rows": passed.rows,
            "sha256": sha256_of(partial),
            "features_sha256": about["sha256"],
            **{name: about[name] for name in ("store_fingerprint", "counts", "counts_order")},
            "model_label": label,
            MADE_OF: name,
            "warnings": list(warnings),
        }
        beside.write_bytes(canonical_json(said).encode("utf-8"))
    return FeaturesScored(target, passed.rows, warnings, notes=notes)
