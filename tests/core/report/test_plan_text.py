"""What the report and results.json say of the plan: when it was locked, what was changed, moved and transformed."""

from __future__ import annotations

import json
from dataclasses import replace

from core.analysis import Pooled
from core.availability import availability
from core.cohort import Cohort, build_cohort
from core.export import results_document
from core.plan import Plan, with_tier
from core.plan_lock import PlanNotes, lock, note
from core.report.content import report_content
from core.results import Results
from tests.core.invented_results import PLAN, frame, invented

AT = "2026-11-26T00:52:00+00:00"


def material(plan: Plan, results_seen: bool = False) -> tuple[Results, Cohort, Pooled]:
    results, _, pooled = invented(3)
    cohort = build_cohort(frame(3), plan)
    notes = PlanNotes().with_notes((note("seed", 7, "Used up", "Ann", AT),
                                    note("moderators.age.transform", "log", "Skewed", "Ann", AT)))
    pooled = replace(pooled, plan_lock=lock(PLAN, results_seen, "Ann", AT), plan_notes=notes)
    return replace(results, plan=plan, availability=availability(cohort, plan)), cohort, pooled


def words(plan: Plan, key: str, results_seen: bool = False) -> str:
    results, cohort, pooled = material(plan, results_seen)
    (section,) = report_content(results, cohort, (), pooled, frozenset({key})).sections
    return " ".join(str(block) for block in section.blocks)


def test_a_plan_that_was_kept_is_said_to_have_been_locked() -> None:
    said = words(PLAN, "methods")
    assert "locked on 26 November 2026, 00:52 UTC by Ann, before results were seen" in said
    assert "has not been changed since" in said and PLAN.fingerprint[:12] in said
    assert "locked" not in words(PLAN, "limitations")
    assert "after results of an earlier run had been seen" in words(PLAN, "limitations", results_seen=True)


def test_changes_stand_among_the_limitations_with_their_reasons() -> None:
    logged = PLAN.moderators[0].model_copy(update={"transform": "log"})
    plan = with_tier(PLAN.model_copy(update={"seed": 7, "moderators": (logged, PLAN.moderators[1])}), "female", 2,
                     "Recorded at random.")
    said = words(plan, "limitations")
    head = "Changed after the plan was locked on 26 November 2026, 00:52 UTC:"
    for change in ("Random seed: 20220 became 7 (Used up).",
                   "Moderator Age: transformation: as measured became logarithm (Skewed).",
                   "Moderator Female: tier: by availability became Tier 2 (Recorded at random)."):
        assert f"{head} {change}" in said
    methods = words(plan, "methods")
    assert "3 places have been changed since" in methods
    assert "Log-transformed before standardization: age (chosen 26 November 2026, 00:52 UTC)." in methods
    assert "for 1 of 1 the transformation was chosen by 26 November 2026, 00:52 UTC, before the plan was" in methods
    assert "Moved by hand: female to Tier 2, because: Recorded at random." in methods


def test_the_report_tells_how_skewed_moderators_are() -> None:
    said = words(PLAN, "availability")
    assert "'Age', '40', " in said and "'as measured', 'as measured')" in said
    assert "adjusted Fisher-Pearson" in said


def test_results_json_keeps_the_lock_and_the_changes() -> None:
    results, _, pooled = material(PLAN.model_copy(update={"seed": 7}))
    document = json.loads(results_document(results, (), {}, pooled))
    assert document["plan_fingerprint"] == results.plan.fingerprint
    kept = document["plan_lock"]
    assert (kept["at"], kept["by"], kept["fingerprint"]) == (AT, "Ann", PLAN.fingerprint)
    assert [(one["place"], one["new"], one["why"]) for one in kept["changes"]] == [("seed", "7", "Used up")]
    unlocked = json.loads(results_document(results, (), {}, replace(pooled, plan_lock=None)))
    assert unlocked["plan_lock"] is None


def test_without_a_lock_the_report_says_so() -> None:
    results, cohort, pooled = material(PLAN)
    (section,) = report_content(results, cohort, (), replace(pooled, plan_lock=None), frozenset({"methods"})).sections
    assert "was not locked beforehand" in str(section.blocks[-1])
