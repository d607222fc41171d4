"""Writes the CIN census and SSDA903 of every year to 31 March."""

from __future__ import annotations

from pathlib import Path

from .cin_files import write_cin
from .identity import Identities
from .life import RUN_IN, Authority
from .ssda903_files import write_ssda903


def write_social_care(folder: Path, authority: Authority, identities: Identities) -> dict[str, int]:
    """Write both returns for every year, and two years before the first; gives children or episodes by return."""
    rows: dict[str, int] = {}
    for year in range(authority.first - RUN_IN + 1, authority.last + 2):
        rows[f"cin_census/CIN_{year}"] = write_cin(folder / "cin_census", authority, identities, year)
        rows[f"ssda903/SSDA903_{year}"] = write_ssda903(folder / "ssda903", authority, identities, year)
    return rows
