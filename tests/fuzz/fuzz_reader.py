"""Fuzz one reader with atheris: ``python tests/fuzz/fuzz_reader.py settings -max_total_time=120``.

Names of readers are those of ``readers.readers``. atheris is no dependency of the package: ``pip install atheris``.
What it finds is written as ``crash-*`` where it is run; keep its bytes in ``tests/safety/test_fuzz_finds.py``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["absence_risk", "yaml", "openpyxl", "csv"]):
    import openpyxl  # noqa: F401  (its lines are to be counted)
    import yaml  # noqa: F401

    import absence_risk.decisions.returned
    import absence_risk.returns.ingest
    import absence_risk.returns.pupil_files
    import absence_risk.settings  # noqa: F401

sys.path.append(str(Path(__file__).parent))
from readers import holds, readers


def main() -> None:
    read, samples = readers()[sys.argv.pop(1)]
    corpus = Path(tempfile.mkdtemp(prefix="fuzz_corpus_"))
    for number, sample in enumerate(samples()):
        (corpus / str(number)).write_bytes(sample)
    atheris.Setup([*sys.argv, str(corpus)], lambda data: holds(read, data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
