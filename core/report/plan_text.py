"""The plan before a reader: when it was locked, what was changed since, what was moved and transformed by hand."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis import Pooled
from core.cohort import Cohort
from core.distributions import RULE, distributions
from core.labels import Labels, in_sentence
from core.plan import Plan
from core.plan_lock import SHORT, change_words, differences, moment, standing_sentence
from core.report.blocks import TextTable
from core.results import Results
from core.wording import number

FORMS = {"none": "as measured", "log": "logarithm"}
TIERS = {"1": "Tier 1", "2": "Tier 2", "none": "not tested"}


def plan_paragraph(results: Results, pooled: Pooled, labels: Labels) -> str:
    """When the plan was locked, transforms with the time of their choice, tiers set by hand."""
    plan = results.plan
    sentences = [_locked(results, pooled, labels), *_transforms(plan, pooled, labels), *_moved(results, labels)]
    return " ".join(sentences)


def plan_limitations(results: Results, pooled: Pooled, labels: Labels) -> Iterator[str]:
    """What was not specified before, a sentence each."""
    locked = pooled.plan_lock
    if locked is None:
        return
    if locked.results_seen:
        yield "The plan was locked after results of an earlier run had been seen."
    for change in differences(locked.plan, results.plan, labels, pooled.plan_notes):
        yield f"Changed after the plan was locked on {moment(locked.at)}: {change_words(change)}."


def _locked(results: Results, pooled: Pooled, labels: Labels) -> str:
    if pooled.plan_lock is None:
        return f"The plan of the analyses (fingerprint {results.plan.fingerprint[:SHORT]}) was not locked beforehand."
    changes = differences(pooled.plan_lock.plan, results.plan, labels, pooled.plan_notes)
    text = standing_sentence(pooled.plan_lock, changes)
    return f"{text} What was changed stands among the limitations." if changes else text


def _transforms(plan: Plan, pooled: Pooled, labels: Labels) -> list[str]:
    logged = []
    for moderator in plan.moderators:
        if moderator.transform == "log":
            told = pooled.plan_notes.of(f"moderators.{moderator.name}.transform", '"log"')
            chosen = f" (chosen {moment(told.at)})" if told else ""
            logged.append(f"{in_sentence(labels.variable(moderator.name))}{chosen}")
    said = [f"Log-transformed before standardization: {', '.join(logged)}."] if logged else []
    return [*_looked_at(plan, pooled), *said]


def _looked_at(plan: Plan, pooled: Pooled) -> list[str]:
    """For how many continuous moderators a person chose, having seen how they are distributed, and when."""
    continuous = [one for one in plan.moderators if one.kind == "continuous"]
    notes = [pooled.plan_notes.of(f"moderators.{one.name}.transform", f'"{one.transform}"') for one in continuous]
    times = sorted(told.at for told in notes if told is not None)
    if not times:
        return []
    locked = pooled.plan_lock
    when = "" if locked is None else f", {'before' if times[-1] <= locked.at else 'after'} the plan was locked"
    return [f"The distributions of continuous moderators were looked at, and for {len(times)} of {len(continuous)} the "
            f"transformation was chosen by {moment(times[-1])}{when}."]


def distributions_table(results: Results, cohort: Cohort, labels: Labels) -> TextTable | None:
    """Skewness of each continuous moderator, what is suggested and how it was analyzed; None without one."""
    found = [one for one in distributions(cohort, results.plan) if one.role == "moderator"]
    if not found:
        return None
    rows = tuple((labels.variable(one.name), f"{one.n:,}", number(one.skewness), number(one.log_skewness),
                  FORMS[one.suggestion], FORMS[one.chosen]) for one in found)
    return TextTable("Continuous moderators: skewness and transformation",
                     ("Moderator", "Patients", "Skewness", "Of logarithms", "Suggested", "Analyzed"), rows,
                     frozenset({1, 2, 3}), note=f"Skewness: adjusted Fisher-Pearson coefficient. {RULE}")


def _moved(results: Results, labels: Labels) -> list[str]:
    tiers = {record.moderator: record.tier for record in results.availability}
    moved = [f"{in_sentence(labels.variable(one.name))} to {TIERS[tiers.get(one.name, str(one.tier))]}, because: "
             f"{one.tier_reason.strip().rstrip('.')}"
             for one in results.plan.moderators if one.tier != "auto" and one.tier_reason]
    return [f"Moved by hand: {'; '.join(moved)}."] if moved else []
