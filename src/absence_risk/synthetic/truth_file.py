"""Writes the true risk beside the returns, in a folder that no command reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..files import whole_file, write_text
from .identity import Identities
from .life import Authority
from .truth import true_risk

_README = """\
What only a made-up authority can have: each pupil's true risk.

true_risk.parquet holds upn, academic_year (the feature year, by the calendar year in which it starts) and true_risk:
the probability, under the process that made these returns, that sessions coded G, N, O and U reach a tenth of possible
sessions in the next academic year, given everything the process had settled by 31 October after the feature year.
That includes what no return carries (a pupil's hidden persistence and drift), so no model can reach it; it does not
include what the year under way has yet to bring. It is worked out for a pupil who stays the whole year.

No command of this package reads this folder; folders whose names start with an underscore are passed over.
Nobody in it exists.
"""


def write_truth(folder: Path, authority: Authority, identities: Identities) -> int:
    """Write the truth of every feature year, sorted by year and UPN; gives the number of rows."""
    import pyarrow as pa
    from pyarrow import parquet

    parts = []
    for year in range(authority.first, authority.last + 1):
        pupil, risk = true_risk(authority, year + 1)
        parts.append((identities.permanent[pupil], np.full(len(pupil), year, np.int32), risk))
    upn, years, risks = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((upn, years))
    table = pa.table({"upn": pa.array(upn[order]), "academic_year": years[order], "true_risk": risks[order]})
    with whole_file(folder / "true_risk.parquet") as partial:
        parquet.write_table(table, partial, compression="zstd", use_dictionary=False)
    write_text(folder / "README.txt", _README)
    return int(table.num_rows)
