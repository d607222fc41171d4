"""The model card: what a model is for, what it has seen, how well it did beside simple rules, and what it is not for.

Written from the bundle and from the evidence about it, where there is any, so that it cannot say what they do not
hold. A part with nothing to say is shown as a gap, not left out (Mitchell et al., 2019,
doi:10.1145/3287560.3287596).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..disclosure import DisclosurePolicy, printable_record
from ..domain.outcome import OUTCOMES
from ..features.catalogue import Feature
from ..models.rules import RULES
from .briefing.words import Verdict, openings_sentence, verdict
from .shape import shape_for_card

if TYPE_CHECKING:
    from ..evidence.result import Evidence
    from ..logbook import Standing
    from ..models.bundle import Bundle

_GAP = "*Nothing is recorded here.*"
_KINDS = {
    "lightgbm": "small boosted trees (LightGBM), held to the directions stated below",
    "logistic": "logistic regression",
}
_COLUMNS = (
    ("precision_at_capacity", "precision"),
    ("recall_at_capacity", "recall"),
    ("average_precision", "average precision"),
    ("roc_auc", "ROC AUC"),
    ("calibration_slope", "calibration slope"),
    ("calibration_in_the_large", "calibration in the large"),
)
_DIRECTIONS = {1: "more means likelier", -1: "more means less likely", 0: "free"}

_NOT_FOR = """\
This model orders offers of voluntary help. It is not evidence about a child or a family, and it is never to be used
for fines, prosecution, attendance targets for a person, admissions, exclusion, or any decision about a child without
a person who knows the family. Nobody loses help for standing low: the list adds offers, it takes none away."""

_LIMITS = """\
- The records measure contact with services as well as need: pupils whom services watch more closely stand higher.
- Last year's help is in last year's outcomes; a pupil who was helped may look as if help had not been needed.
- Pupils who left, or with too few sessions, have no known outcome and are not in the measures.
- A contribution says what the number is made of. It does not say what causes absence.
- Schools differ in how they use codes N, O and U, and the outcome follows their use."""


def model_card(
    bundle: Bundle,
    evidence: Evidence | None = None,
    policy: DisclosurePolicy | None = None,
    *,
    standing: Standing | None = None,
) -> str:
    """The card as Markdown; the same bundle and evidence, the same text. Holds aggregates only.

    Parameters
    ----------
    bundle : Bundle
    evidence : Evidence, optional
        What a backtest found about this very bundle.
    policy : DisclosurePolicy, optional
        What becomes of numbers of pupils, since a card may leave the authority; by default the house's own.
    standing : Standing, optional
        What the store's logbook says of this bundle: its gates, and who set failed ones aside, in which role and why,
        in the words given.
    """
    policy = policy or DisclosurePolicy()
    said = verdict(evidence, policy) if evidence is not None else None
    parts = (
        ("What it is for", _purpose(bundle)),
        ("What it is not for", _NOT_FOR),
        ("What it foresees", _outcome(bundle)),
        ("What it has seen", _years(bundle)),
        ("Does it beat the rule in use", _verdict(said)),
        ("Gates", _gates(_judged(evidence, standing), standing)),
        ("How often the test year was opened", openings_sentence(evidence) if evidence is not None else ""),
        ("How well it did beside simple rules", _measures(bundle, policy)),
        ("How large its trees may grow", _shape(bundle, policy)),
        ("What came of pupils in each band", _bands(bundle)),
        ("Whether it remembers children", _memory(evidence)),
        ("What it looks at", _features(bundle)),
        ("Limits", _limits(bundle)),
        ("Small numbers", policy.words),
        ("How to check it", _versions(bundle)),
    )
    body = "\n\n".join(f"## {title}\n\n{text or _GAP}" for title, text in parts)
    return f"# Model card: {bundle.name}\n\n{body}\n"


def _verdict(said: Verdict | None) -> str:
    if said is None:
        return ""
    return "\n".join([f"**{said.headline}**", "", *(f"- {sentence}" for sentence in said.sentences)])


def _judged(evidence: Evidence | None, standing: Standing | None) -> list[dict[str, Any]]:
    """The gates of the evidence at hand, or else those the logbook keeps."""
    if evidence is not None:
        return [{str(k): v for k, v in row.items()} for row in evidence.tables["gates"].to_dict("records")]
    return [gate._asdict() for gate in standing.gates] if standing is not None else []


def _gates(judged: list[dict[str, Any]], standing: Standing | None) -> str:
    if not judged:
        lines = ["*Not judged yet: no backtest of this model is recorded.*"]
    else:
        lines = ["| gate | bar | found | state |", "|---|---|---|---|"]
        lines += [
            f"| {gate['words']} | {gate['bar']} | {gate['found']} | **{gate['state']!s}** |"
            for gate in judged
        ]
    override = standing.override if standing is not None else None
    if override is not None:
        lines += [
            "",
            f"**Overridden** by {override.name}, {override.role}. The reason, in the words given:",
            "",
            f"> {override.reason}",
        ]
    return "\n".join(lines)


def _purpose(bundle: Bundle) -> str:
    words = (
        "To help an early-help team choose to which families it offers voluntary help first, a school year ahead. "
        f"It is {_KINDS[bundle.kind]}, with two numbers that turn its score into a probability."
    )
    if bundle.made_up:
        words = "**Made from a made-up authority: it says nothing about real children.** " + words
    return words


def _outcome(bundle: Bundle) -> str:
    known = OUTCOMES.get(bundle.outcome_name)
    words = known.words if known else bundle.outcome_name
    rest = {key: value for key, value in sorted(bundle.outcome.items()) if key not in ("name", "codes")}
    facts = "\n".join(f"- {key.replace('_', ' ')}: {value}" for key, value in rest.items())
    return f"`{bundle.outcome_name}`: {words}.\n\n{facts}"


def _years(bundle: Bundle) -> str:
    month, day = bundle.as_of
    return "\n".join(
        (
            f"- trained on the feature years {', '.join(bundle.years.get('trained', [])) or 'none stated'}",
            f"- calibrated on {bundle.years.get('calibrated') or 'no year'}",
            f"- tested on {bundle.years.get('tested') or 'no year'}, a later year than any it learned from",
            f"- features as known on day {day} of month {month} after the feature year",
        )
    )


def _measures(bundle: Bundle, policy: DisclosurePolicy) -> str:
    if not bundle.measures:
        return ""
    words = {rule.name: rule.words for rule in RULES}
    lines = [
        f"For a list of {bundle.capacity:,} pupils on the test year; ties at the edge are counted in expectation.",
        "",
        "| | " + " | ".join(head for _, head in _COLUMNS) + " |",
        "|---|" + "---:|" * len(_COLUMNS),
    ]
    # The model, then what it was compared with, then the rules in their own order, however the record was sorted.
    order = sorted(
        bundle.measures, key=lambda name: (name != "model", list(words).index(name) if name in words else -1)
    )
    for name in order:
        record = printable_record(bundle.measures[name], policy)
        cells = " | ".join(_number(record.get(key)) for key, _ in _COLUMNS)
        lines.append(f"| {words.get(name, 'this model' if name == 'model' else name)} | {cells} |")
    if bundle.best_rule_wins:
        lines += ["", "**A simple rule found at least as many pupils at this length of list: use the rule.**"]
    return "\n".join(lines)


def _shape(bundle: Bundle, policy: DisclosurePolicy) -> str:
    if bundle.kind != "lightgbm":
        return "It has no trees."
    if not bundle.shape:
        return "The settings gave the size of its trees; no other was tried."
    return shape_for_card(bundle.shape, str(bundle.years.get("tested")), policy)


def _memory(evidence: Evidence | None) -> str:
    found = evidence.about.get("memorising") if evidence is not None else None
    if found is None:
        return ""
    return (
        "The training pupils were split in two at random and a model of these settings was fitted on each half. An "
        "attacker who knows a child's records and outcome, and has the one model, said who had trained the other. The "
        f"attack ranks a child of its half above another with a chance of {found['auc']:.3f} (95% interval "
        f"{found['low']:.3f} to {found['high']:.3f}); 0.5 is no knowledge. Taking one stranger in a hundred for a "
        f"member, it finds {found['found_at_one_in_hundred']:.1%} of the members; 1% is no knowledge. Keep the "
        "model where the records are kept."
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _bands(bundle: Bundle) -> str:
    rows = [f"| {band.index} | {band.words} |" for band in bundle.bands]
    return "\n".join(["| band | met the outcome in years not trained on |", "|---:|---|", *rows])


def _features(bundle: Bundle) -> str:
    families: dict[str, list[Feature]] = {}
    for feature in bundle.features:
        families.setdefault(feature.family.value, []).append(feature)
    blocks = []
    for family, members in families.items():
        lines = [f"- `{f.name}`: {f.label} ({f.unit}; {_DIRECTIONS[f.direction]})" for f in members]
        blocks.append(f"### {family.replace('_', ' ').capitalize()}\n\n" + "\n".join(lines))
    never = (
        "Never used: ethnicity, religion, language, nationality, sex, health, housing, benefits, police records, "
        "parents' engagement, free text."
    )
    return "\n\n".join([*blocks, never])


def _limits(bundle: Bundle) -> str:
    made_up = (
        "- The authority is made up: no figure here may be quoted as a result.\n" if bundle.made_up else ""
    )
    return made_up + _LIMITS


def _versions(bundle: Bundle) -> str:
    data = [f"- {key.replace('_', ' ')}: {value}" for key, value in sorted(bundle.data.items())]
    versions = [f"- {name} {version}" for name, version in sorted(bundle.versions.items())]
    return "\n".join([f"- hash of the bundle: `{bundle.hash}`", *data, *versions])
