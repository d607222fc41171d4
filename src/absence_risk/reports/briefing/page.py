"""The evidence as one offline page that a head of service can read in five minutes, and as files beside it.

The first page is words: whether the model beats today's rule, how sure that is, how many were right and how many were
missed, and the gates. Figures and tables follow, each with a line that says how to read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...disclosure import EXACT_WORDS
from ...pages import asset, render_page
from ..model_card import model_card
from . import groups, method
from . import results as measured
from .chances import chances_section
from .figures import evidence_figures, shown_tables
from .inline_svg import inline_svg
from .printed import Results
from .standing import judged_year, measure_row
from .terms import capital
from .words import (
    MADE_UP,
    NOT_TO_CONCLUDE,
    in_words,
    interval_words,
    more_or_fewer,
    outcome_to,
    outcome_year,
    pupils,
    verdict,
)

if TYPE_CHECKING:
    import pandas as pd

    from ...disclosure import DisclosurePolicy
    from ...evidence.result import Evidence
    from ...models.bundle import Bundle

_SECTIONS = (
    measured.years_section,
    measured.rivals_section,
    measured.lengths_section,
    chances_section,
    measured.news_section,
    groups.missed_section,
    groups.groups_section,
    method.stability_section,
    method.factors_section,
    method.necessity_section,
    groups.seen_section,
    method.flow_section,
    method.method_section,
)


def evidence_page(evidence: Evidence, policy: DisclosurePolicy) -> str:
    """The page's HTML, the same for the same evidence and policy.

    Parameters
    ----------
    evidence : Evidence
        Exact tables; nothing of them is printed that did not go through the policy.
    policy : DisclosurePolicy
        Applied to every table and every number of pupils in a sentence.
    """
    results = Results(evidence, policy, shown_tables(evidence, policy))
    sections = [make(results) for make in _SECTIONS]
    labels = {figure.name: figure.label for section in sections for figure in section.figures}
    drawings = {
        name: inline_svg(content, name=name, label=labels.get(name, name))
        for name, content in evidence_figures(evidence, policy).items()
    }
    style = asset("reports/evidence.css")
    return render_page(
        "reports/evidence.html",
        style=style,
        drawings=drawings,
        sections=sections,
        verdict=verdict(evidence, policy),
        tiles=_tiles(results),
        gates=evidence.tables["gates"].to_dict("records"),
        final_year=judged_year(evidence),
        outcome_year=outcome_year(judged_year(evidence)),
        outcome=outcome_to(evidence),
        about=evidence.about,
        made_up=MADE_UP if evidence.about["made_up"] else "",
        exact=EXACT_WORDS if policy.exact else "",
        not_to_conclude=NOT_TO_CONCLUDE,
        policy=policy.words,
    )


def _tiles(results: Results) -> list[dict[str, str]]:
    """Three numbers of the same size: right, more than the rule, missed."""
    evidence, policy, k = results.evidence, results.policy, results.capacity
    ours, right = results.ours, policy.count(results.ours.candidate_found)
    recall = measure_row(evidence, "recall_at_capacity", year=results.year)
    missed, events = policy.count(recall["of"] - recall["part"]), policy.count(recall["of"])
    rule = "the rule in use" if evidence.about["rule_in_use"] else "the best simple rule"
    return [
        {
            "words": f"{capital(pupils(right, policy))} of {k:,}",
            "below": f"on the list were right{_part(right, k)}",
        },
        {
            "words": capital(more_or_fewer(ours.difference)),
            "below": f"than {rule} finds, of {k:,} places ({interval_words(ours.low, ours.high)})",
        },
        {
            "words": f"{capital(pupils(missed, policy))} of {pupils(events, policy)}",
            "below": f"who went on to it were missed{_part(missed, events)}",
        },
    ]


def _part(part: int | str | None, of: int | str | None) -> str:
    return f": {in_words(part / of)}" if isinstance(part, int) and isinstance(of, int) and of else ""


def evidence_files(evidence: Evidence, policy: DisclosurePolicy, bundle: Bundle) -> dict[str, bytes]:
    """What is written of a backtest: the report, the model card and every table, the policy applied to all.

    Returns
    -------
    dict of str to bytes
        ``report.html``, ``model_card.md`` and ``tables/<name>.csv`` (UTF-8, a header row first); the same evidence and
        policy give the same bytes.
    """
    tables = {f"tables/{name}.csv": _csv(frame) for name, frame in shown_tables(evidence, policy).items()}
    return {
        "report.html": evidence_page(evidence, policy).encode("utf-8"),
        "model_card.md": model_card(bundle, evidence, policy).encode("utf-8"),
        **tables,
    }


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
