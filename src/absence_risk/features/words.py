"""The words of every topic in the catalogue, for every state its values can be in.

A topic without words stops the run: an unworded reason would reach a reviewer as a code. Sentences state what a
record says; they never say why, and never what a child will do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import words_attendance as attendance
from . import words_records as records
from .catalogue import FEATURES
from .phrasing import Facts

#: Words that may not stand on a page for reviewers or in a reason (the users' reference, default wording).
BANNED_WORDS = (
    "high risk", "high-risk", "at-risk", "at risk", "vulnerable", "offender", "truant", "problem family",
    "non-compliant", "failing", "flagged", "predicted to", "will become", "because", "caused", "red", "amber", "green",
    "score", "scores", "probability", "student", "students",
)  # fmt: skip

Sentence = Callable[[Facts], str]

#: Counts that sentences use beside the features of their own topic, so that days are exact.
_COUNTS_BESIDE: dict[str, tuple[str, ...]] = {
    "unauthorised": ("sessions_possible", "sessions_unauthorised", "late_after_close_rate"),
    "unauthorised_earlier": ("sessions_possible_previous_year", "sessions_unauthorised_previous_year"),
    "late_after_close": ("sessions_possible", "sessions_late_after_close"),
    "illness": ("sessions_possible", "sessions_illness"),
    "absence_earlier": ("sessions_possible_previous_year",),
    **dict.fromkeys(
        ("holiday", "no_reason", "late_before_close", "other_authorised"),
        ("sessions_possible",),
    ),
}


@dataclass(frozen=True)
class TopicWords:
    """How one topic is said: the sentence and the columns it reads."""

    topic: str
    sentence: Sentence
    reads: tuple[str, ...]


#: Topics a model may use, in catalogue order.
MODEL_TOPICS = tuple(dict.fromkeys(feature.topic for feature in FEATURES if feature.in_model))


def _words_of(topic: str) -> TopicWords | None:
    sentence = getattr(records, topic, None) or getattr(attendance, topic, None)
    own = tuple(f.name for f in FEATURES if f.topic == topic)
    return TopicWords(topic, sentence, own + _COUNTS_BESIDE.get(topic, ())) if sentence else None


#: Sentences by topic: each is the function of the same name in ``words_records`` or ``words_attendance``.
TOPIC_WORDS: dict[str, TopicWords] = {
    words.topic: words for t in MODEL_TOPICS if (words := _words_of(t)) is not None
}
