"""How many children were left out on request or for protection, as anybody but the file's keeper may read it.

Source: the governance reference, section 3.4 (count by coarse reason only), and the disclosure policy's default.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..disclosure import DisclosurePolicy


def exclusion_counts(by_reason: Mapping[str, int], policy: DisclosurePolicy | None = None) -> dict[str, str]:
    """Counts in words by coarse reason; a reason that nobody has is left out.

    Under ten is "fewer than 10" and no less; other counts are rounded to the nearest five, so that a total known from
    elsewhere gives no small count away.

    >>> exclusion_counts({"on request": 3, "for protection": 12, "other": 0})
    {'on request': 'fewer than 10', 'for protection': 'about 10'}
    """
    rule = policy or DisclosurePolicy()
    return {reason: _in_words(number, rule) for reason, number in by_reason.items() if number}


def _in_words(number: int, policy: DisclosurePolicy) -> str:
    printed = policy.count(number)
    if not isinstance(printed, int):
        return f"fewer than {policy.suppress_below}"
    return f"{printed:,}" if policy.exact else f"about {printed:,}"


def exclusion_words(by_reason: Mapping[str, int], policy: DisclosurePolicy | None = None) -> str:
    """One sentence on the children left out before anything was worked out.

    >>> exclusion_words({"on request": 3, "for protection": 12})
    'Children left out before anything was worked out: on request, fewer than 10; for protection, about 10.'
    >>> exclusion_words({"on request": 0})
    'Children left out before anything was worked out: none.'
    """
    counts = exclusion_counts(by_reason, policy)
    said = "; ".join(f"{reason}, {count}" for reason, count in counts.items()) or "none"
    return f"Children left out before anything was worked out: {said}."
