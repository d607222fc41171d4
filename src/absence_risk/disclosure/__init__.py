"""What becomes of small numbers before anything may leave the authority: one policy, read from declared columns."""

from .policy import EXACT_WORDS, HIDDEN, DisclosurePolicy

__all__ = ["EXACT_WORDS", "HIDDEN", "DisclosurePolicy"]
