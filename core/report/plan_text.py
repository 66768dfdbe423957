"""The plan before a reader: when it was locked, what was changed since, what was moved and transformed by hand."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis import Pooled
from core.labels import Labels, in_sentence
from core.plan import Plan
from core.plan_lock import SHORT, change_words, differences, moment, standing_sentence
from core.results import Results

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
    return [f"Log-transformed before standardization: {', '.join(logged)}."] if logged else []


def _moved(results: Results, labels: Labels) -> list[str]:
    tiers = {record.moderator: record.tier for record in results.availability}
    moved = [f"{in_sentence(labels.variable(one.name))} to {TIERS[tiers.get(one.name, str(one.tier))]}, because: "
             f"{one.tier_reason.strip().rstrip('.')}"
             for one in results.plan.moderators if one.tier != "auto" and one.tier_reason]
    return [f"Moved by hand: {'; '.join(moved)}."] if moved else []
