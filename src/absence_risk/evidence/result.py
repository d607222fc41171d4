"""What a backtest found, as one object: facts about the run, tidy tables, and the draws that later comparisons pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Evidence:
    """The evidence for or against one model. Exact numbers: disclosure control comes before anything is written.

    Attributes
    ----------
    about : mapping
        ``name``, ``model`` (`boosting` or `logistic`), ``leaves`` (int: the size of trees that the evidence chose for
        the final year, or None), ``outcome`` (``Outcome.definition()``), ``families`` (list), ``capacity``,
        ``as_of`` ({"month", "day"}), ``final_year`` (the last year tested, 2024/25),
        ``final_year_closed`` (bool: a later one was kept closed), ``trained`` (list), ``calibrated``, ``rule_in_use``
        (name of a rule, or None for the best simple rule), ``candidate`` (the rival name of the model judged),
        ``rounds``, ``refits``, ``level`` (0.95), ``seed``, ``openings`` (int: how often that test year was opened, this
        time included), ``opened_with`` (int: with how many different settings), ``gates_moved`` (bool: the gates are
        not those of its first opening), ``store_fingerprint``, ``exclusions_sha256`` (who was left out; empty for
        nobody), ``settings_sha256``, ``bundle_sha256``, ``made_up`` (bool), ``versions``, ``notes`` (list of
        sentences, as a group not recorded or a rival left out), ``ranking_in_words`` (sentences),
        ``median_inclusion``, ``largest_swing``, ``swing_95``.
    tables : mapping of str to DataFrame
        Every table of ``EVIDENCE_TABLES``, exact.
    draws : DataFrame
        One row per draw of schools; columns ``year|rival|measure``. The same seed and schools give the same draws, so
        two runs on the same years are compared draw by draw. Holds no pupil.
    """

    about: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    draws: pd.DataFrame

    @property
    def gates_passed(self) -> bool:
        """Whether every gate was passed; one that cannot be judged was not."""
        return bool((self.tables["gates"]["state"] == "passed").all())

    def of_year(self, table: str, year: str | None = None) -> pd.DataFrame:
        """The rows of one test year, by default the final one."""
        frame = self.tables[table]
        return frame[frame["year"] == (year or self.about["final_year"])].reset_index(drop=True)
