"""What becomes of small numbers before anything may leave the authority: one policy, read from declared columns."""

from .policy import EXACT_WORDS, HIDDEN, DisclosurePolicy
from .records import printable_record

__all__ = ["EXACT_WORDS", "HIDDEN", "DisclosurePolicy", "printable_record"]
