"""Published figures beside simulated ones, as a page: ``python -m absence_risk.synthetic.calibration --out PAGE``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..domain.academic_year import written_year
from ..files import write_text
from .life import Authority, live
from .measures import Sessions, measure, size_of
from .published import PUBLISHED, Figure
from .truth import true_risk

_FIRST, _LAST = 2021, 2025
_PER_TWELVE_THOUSAND = 150  #: places on a list, for an authority of 12,000 pupils


@dataclass(frozen=True)
class Compared:
    """One published figure and its simulated counterpart."""

    figure: Figure
    simulated: float

    @property
    def ratio(self) -> float:
        return self.simulated / self.figure.value

    @property
    def within_a_fifth(self) -> bool:
        return bool(abs(self.ratio - 1) <= 0.2)

    @property
    def verdict(self) -> str:
        """Within a fifth, or the reason it is not."""
        if self.within_a_fifth:
            return "within a fifth"
        return f"outside: {self.figure.reason or 'not yet met'}"


def published_against_simulated(authority: Authority) -> list[Compared]:
    """Every published figure with its simulated counterpart, in the order of ``published.PUBLISHED``.

    Parameters
    ----------
    authority : Authority
        Simulated over 2021/22 to 2025/26.
    """
    simulated = measure(authority)
    return [Compared(figure, simulated[figure.key]) for figure in PUBLISHED]


@dataclass(frozen=True)
class Ranking:
    """How well a score ranks pupils by a known outcome; ``on_the_list`` is the precision among the places offered."""

    words: str
    area: float
    average_precision: float
    on_the_list: float


def _rank(words: str, outcome: np.ndarray, score: np.ndarray, places: int) -> Ranking:
    order = np.argsort(-score, kind="stable")
    hits = outcome[order]
    positives = hits.sum()
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    # Ties are rare (rates over hundreds of sessions) except at nought, where their order does not matter at the top.
    ranks = np.empty(len(score))
    ranks[np.argsort(score, kind="stable")] = np.arange(1, len(score) + 1)
    area = (ranks[outcome].sum() - positives * (positives + 1) / 2) / (positives * (len(hits) - positives))
    return Ranking(words, float(area), float(precision[hits].mean()), float(hits[:places].mean()))


def how_hard(authority: Authority, year: int) -> list[Ranking]:
    """The true risk, and last year's unauthorised rate, as rankings of the outcome in an academic year."""
    pupil, risk = true_risk(authority, year)
    now, before = Sessions(authority, year), Sessions(authority, year - 1)
    known = (now.possible[pupil] >= 190) & (before.possible[pupil] > 0)
    pupil, risk = pupil[known], risk[known]
    outcome = now.unauthorised[pupil] * 10 >= now.possible[pupil]
    places = max(1, round(size_of(authority)[0] * _PER_TWELVE_THOUSAND / 12_000))
    rate = before.unauthorised[pupil] / before.possible[pupil]
    return [
        _rank("the true risk", outcome, risk, places),
        _rank("last year's unauthorised rate", outcome, rate, places),
    ]


def _table(compared: list[Compared]) -> list[str]:
    lines = [
        "| Figure | Unit | Source | Published | Simulated | Ratio | Verdict |",
        "|---|---|---|---:|---:|---:|---|",
    ]
    for row in compared:
        f, ratio = row.figure, f"{row.ratio:.2f}"
        lines.append(
            f"| {f.words} | {f.unit} | {f.source} | {f.value:g} | {row.simulated:.2f} | {ratio} | {row.verdict} |"
        )
    return lines


def _hardness(authority: Authority) -> list[str]:
    lines = [
        "| Year | Ranked by | Area under the curve | Average precision | Precision on the list |",
        "|---|---|---:|---:|---:|",
    ]
    for year in (_LAST - 1, _LAST):
        for r in how_hard(authority, year):
            name = written_year(year)
            lines.append(
                f"| {name} | {r.words} | {r.area:.3f} | {r.average_precision:.3f} | {r.on_the_list:.2f} |"
            )
    return lines


def report(authority: Authority) -> str:
    """The page ``docs/synthetic_authority.md``."""
    compared = published_against_simulated(authority)
    inside = sum(row.within_a_fifth for row in compared)
    pupils, schools = size_of(authority)
    text = _BEFORE.format(
        pupils=pupils, schools=schools, seed=authority.seed, inside=inside, total=len(compared)
    )
    return "\n".join([text, *_table(compared), _BETWEEN, *_hardness(authority), _AFTER])


def main(arguments: list[str] | None = None) -> int:
    """Simulate and write the page."""
    parser = argparse.ArgumentParser(description="Write published figures beside simulated ones.")
    parser.add_argument("--pupils", type=int, default=240_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/synthetic_authority.md"))
    asked = parser.parse_args(arguments)
    write_text(asked.out, report(live(asked.pupils, _FIRST, _LAST, asked.seed)))
    return 0


_BEFORE = """\
# The synthetic authority

No real returns come with this package. `absence-risk simulate` makes an authority up and writes the returns it
would send: School Censuses, CIN censuses, SSDA903 and alternative provision censuses, in the real layouts. Nobody in
it exists.
This page is written by `python -m absence_risk.synthetic.calibration`; do not edit it by hand.

## What it is for, and what it is not

It lets the whole package run, be tested, and be learnt from without a pupil's record. It is built to be hard: much
of next year's outcome is not foreseeable in it, as it is not in life. But its pupils follow a process that we wrote
down. **No figure from it says how well a model will do on a real authority**, nor how strongly anything is linked
with absence there.

## The process

Each pupil has, each year, log-odds of missing a session without authorisation (holidays apart): a persistent part, a
part that drifts from year to year, the school's part, what has happened to the pupil by 31 October (suspensions in the
last two years, child protection plan, child in need, looked after, referral unit or arranged placement, free school
meals, special educational needs), and a surprise that nothing foretells, at times a shock. Holidays, lateness and
illness have processes of their own, and illness shares some of the first. Sessions are then drawn code by code, term by
term. Suspensions and social care become likelier in a year of more absence, and so the years are linked both ways.
Codes change in August 2024 as they did. Returns come in arrears as they do: a term late for absence, and each
suspension twice.

Faults are planted, since real returns have them: temporary UPNs that become permanent, a few wrong check letters,
children whose UPN social care does not hold, unborn children, sessions without a reason put right in a second census,
suspension lengths corrected in their second arrival, referrals closed a year late, one school that returned totals
only.

`_truth/true_risk.parquet` beside the returns holds each pupil's true risk. No command reads it.

## Published figures and simulated ones

Simulated with about {pupils:,} pupils in {schools} schools (seed {seed}), larger than any authority, so that chance
plays little part; an authority of 12,000 differs from it as real ones differ from the nation. {inside} of {total}
figures lie within a fifth of the published one; the others say why. Sources are named in full in
`absence_risk/synthetic/published.py`. Years are academic years.
"""

_BETWEEN = """
## How hard it is

Pupils ranked by a known outcome of the year named, Years 1 to 11, pupils with at least 190 possible sessions; the list
holds 150 places for each 12,000 pupils. The true risk is what a reader of the hidden process would know on 31 October:
a ceiling, not a target.
"""

_AFTER = """
## What is simpler than life

- One authority, no small areas, no households; siblings are strangers to each other.
- Terms are the same at every school but for training days; sixth forms and nurseries are left out.
- A drop in attendance has no cause but those above, and no help offered changes anything.
- Characteristics held for audit (ethnicity, language) have no link with absence here; sex has one with suspensions
  only.
- Reasons for suspension, categories of abuse and settings are drawn without meaning.
"""

if __name__ == "__main__":
    raise SystemExit(main())
