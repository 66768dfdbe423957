"""Further outcomes before a reader: who has them, and what the treatment did to those that the plan has analyzed."""

from __future__ import annotations

from collections.abc import Sequence

from core.further_outcomes import ALL
from core.labels import Labels
from core.report.blocks import TextTable
from core.results import FurtherOutcome, Results
from core.wording import boundary_sentence, count, main_effect_sentence, percent


def further_paragraph(results: Results, labels: Labels) -> str:
    """What further outcomes are, how complete they are, and which of them are analyzed."""
    found = results.further_outcomes
    whole = [one for one in found if one.study == ALL]
    had = "; ".join(_had(one, found, labels) for one in whole)
    left = [labels.outcome(one.outcome) for one in whole if not one.in_plan]
    parts = [f"Further outcomes have no say in who is analyzed. With baseline and follow-up: {had}."]
    if len(left) < len(whole):
        parts.append("The plan has main effects estimated, of the follow-up score adjusted for baseline where it has "
                     "one; percent improvement is not used, as a baseline may be zero, and no moderator is tested.")
    if left:
        parts.append(f"The plan does not ask for an analysis of {'; '.join(left)}.")
    return " ".join(parts)


def further_effects(results: Results, labels: Labels) -> tuple[str, ...]:
    """A sentence a main effect of a further outcome; none where the plan asks for none."""
    planned = {one.name for one in results.plan.further_outcomes}
    return tuple(f"{main_effect_sentence(effect, labels)} {boundary_sentence(effect)}".strip()
                 for effect in results.main_effects if effect.outcome in planned)


def _had(whole: FurtherOutcome, found: Sequence[FurtherOutcome], labels: Labels) -> str:
    k = sum(one.outcome == whole.outcome and one.study != ALL and one.with_both > 0 for one in found)
    return (f"{labels.outcome(whole.outcome)}, {whole.with_both:,} of {count(whole.n, 'patient')} "
            f"({percent(whole.share)}) in {count(k, 'study', 'studies')}")


def further_table(found: Sequence[FurtherOutcome], labels: Labels) -> TextTable:
    """A row an outcome and study; studies without the outcome are there too."""
    rows = tuple((labels.outcome(one.outcome), "All" if one.study == ALL else labels.study(one.study), f"{one.n:,}",
                  f"{one.with_baseline:,}", f"{one.with_followup:,}", f"{one.with_both:,}", percent(one.share))
                 for one in found)
    return TextTable("Further outcomes in the primary set",
                     ("Outcome", "Study", "Patients", "With baseline", "With follow-up", "With both", "Share"), rows,
                     frozenset(range(2, 7)))
