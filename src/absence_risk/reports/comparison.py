"""Models beside the simple rules in use, on the same later year and the same length of list, as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..disclosure import DisclosurePolicy, printable_record
from ..evaluation.summary import found_at_capacity, rule_wins
from .plain_table import plain_table

if TYPE_CHECKING:
    import pandas as pd

    from ..evaluation.intervals import Uplift

_COLUMNS = (
    ("found_at_capacity", "right of {capacity}", "{:.0f}"),
    ("precision_at_capacity", "precision", "{:.2f}"),
    ("recall_at_capacity", "recall", "{:.2f}"),
    ("average_precision", "avg precision", "{:.3f}"),
    ("roc_auc", "ROC AUC", "{:.3f}"),
    ("calibration_intercept", "cal intercept", "{:+.2f}"),
    ("calibration_slope", "cal slope", "{:.2f}"),
)


@dataclass(frozen=True)
class Contender:
    """One model or rule and what it measured on the test year. ``is_rule``: in use today, nothing was fitted."""

    name: str
    words: str
    is_rule: bool
    measures: dict[str, float | None]

    @property
    def right(self) -> float:
        """Pupils rightly listed at capacity, ties at the edge in expectation."""
        return found_at_capacity(self.measures)


@dataclass(frozen=True)
class Comparison:
    """Contenders on one test year, the saved model first.

    ``uplift``: how many more the saved model finds than the best rule, with an interval; None where there are too few
    schools to say.
    """

    contenders: tuple[Contender, ...]
    uplift: Uplift | None = None

    @property
    def saved(self) -> Contender:
        return self.contenders[0]

    @property
    def best_rule(self) -> Contender:
        return max((c for c in self.contenders if c.is_rule), key=lambda c: c.right)

    @property
    def best_rule_wins(self) -> bool:
        """The best simple rule finds at least as many at capacity: then the rule is the better tool."""
        return rule_wins(self.saved.measures, [c.measures for c in self.contenders if c.is_rule])

    def verdict(self) -> str:
        """One sentence, to be read before any figure."""
        saved, rule = self.saved, self.best_rule
        capacity = int(saved.measures["capacity"] or 0)
        rule_part = f"{rule.words} ({rule.right:.0f} of {capacity} right)"
        if self.best_rule_wins:
            return (
                f"The simple rule wins: {rule_part} does at least as well as {saved.words} ({saved.right:.0f} right). "
                "Use the rule, or find out why, before using this model."
            )
        return (
            f"{saved.words} found {saved.right:.0f} of {capacity}; the best simple rule, {rule_part}, found fewer. "
            f"{self._how_sure()}"
        )

    def _how_sure(self) -> str:
        if self.uplift is None:
            return "There are too few schools to say how sure that is."
        gap = self.uplift
        range_words = (
            f"{gap.difference:+.0f} pupils, {gap.level:.0%} interval {gap.low:+.0f} to {gap.high:+.0f}"
        )
        if gap.is_clear:
            return f"The difference is clear ({range_words}; whole schools drawn again)."
        return f"The difference may be chance ({range_words}; whole schools drawn again)."

    def table(self, policy: DisclosurePolicy | None = None) -> pd.DataFrame:
        """One row per contender, one column per measure; None where a rule states no probability.

        With a policy, as it may leave the authority; without one, exact.
        """
        import pandas as pd

        shown = [
            c.measures if policy is None else printable_record(c.measures, policy) for c in self.contenders
        ]
        rows = zip(self.contenders, shown, strict=True)
        return pd.DataFrame(
            [{"name": c.name, "what": c.words, "rule": c.is_rule, **found} for c, found in rows]
        )

    def in_words(self) -> str:
        """The table as lines of text, widest words first column, a dash where a measure is not defined."""
        capacity = int(self.saved.measures["capacity"] or 0)
        heads = ["", *(head.format(capacity=capacity) for _, head, _ in _COLUMNS)]
        rows = [
            [c.words, *(_cell(c.measures.get(name), form) for name, _, form in _COLUMNS)]
            for c in self.contenders
        ]
        return "\n".join(plain_table(heads, rows))


def _cell(value: Any, form: str) -> str:
    return "-" if value is None else form.format(value)
