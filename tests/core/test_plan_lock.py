"""The lock of a plan: what it keeps, what counts as a change, and that reasons stay with the change they explain."""

from __future__ import annotations

import pytest

from core.labels import Labels
from core.plan import Board, Bootstrap, Model, Moderator, Outcome, Plan, PlanSet, Splines, with_tier
from core.plan_lock import (
    PlanNotes,
    change_words,
    differences,
    lock,
    moment,
    note,
    standing_sentence,
    unexplained,
)
from core.protocol import TierCuts

PLAN = Plan(schema=1, outcomes=(Outcome(name="rapid", baseline="b", followup="f", remission=9),),
            moderators=(Moderator(name="age"), Moderator(name="a.b", kind="binary")),
            sets=(PlanSet(name="1", moderators=("age",)),))
LABELS = Labels(variables={"age": "Age"}, outcomes={"rapid": "Rapid (24 h)"})


def changed(**parts: object) -> Plan:
    return PLAN.model_copy(update=parts)


@pytest.mark.parametrize(("plan", "place", "what", "old", "new"), [
    (changed(tiers=TierCuts(tier1=0.95)), "tiers.tier1", "Cut-off of Tier 1", "99.5 %", "95 %"),
    (changed(moderators=(PLAN.moderators[0].model_copy(update={"transform": "log"}), PLAN.moderators[1])),
     "moderators.age.transform", "Moderator Age: transformation", "as measured", "logarithm"),
    (with_tier(PLAN, "a.b", "none", "Not asked"), "moderators.a.b.tier", "Moderator A.b: tier", "by availability",
     "not tested"),
    (changed(moderators=PLAN.moderators[:1]), "moderators.a.b", "Moderator A.b", "in the plan", "not in the plan"),
    (changed(moderators=(*PLAN.moderators, Moderator(name="bmi"))), "moderators.bmi", "Moderator Bmi",
     "not in the plan", "in the plan"),
    (changed(moderators=PLAN.moderators[::-1]), "moderators.order", "Order of moderators", "age, a.b", "a.b, age"),
    (changed(outcomes=(PLAN.outcomes[0].model_copy(update={"remission": None}),)), "outcomes.rapid.remission",
     "Outcome Rapid (24 h): remission, highest score", "9", "none"),
    (changed(model=Model(random_slope=True)), "model.random_slope", "Lead with the recommended model", "no", "yes"),
    (changed(model=Model(df="kenward_roger")), "model.df", "Degrees of freedom", "satterthwaite", "kenward roger"),
    (changed(bootstrap=Bootstrap(replicates=200)), "bootstrap.replicates", "Bootstrap replicates", "2000", "200"),
    (changed(sets=(PlanSet(name="1", moderators=("age", "a.b")),)), "sets.1.moderators", "Set 1: moderators", "age",
     "age, a.b"),
    (changed(sensitivity=Board(moderators=("age", "a.b"))), "sensitivity.moderators", "Moderators on the sensitivity board",
     "none", "Age, A.b"),
    (changed(splines=Splines(knots=4)), "splines.knots", "Curve of the benefit", "straight line only", "4 knots"),
    (changed(seed=7), "seed", "Random seed", "20220", "7")])
def test_a_change_is_told_by_place_old_and_new(plan: Plan, place: str, what: str, old: str, new: str) -> None:
    (found,) = differences(PLAN, plan, LABELS)
    assert (found.place, found.what, found.old.replace("\N{NARROW NO-BREAK SPACE}", " "),
            found.new.replace("\N{NARROW NO-BREAK SPACE}", " ")) == (place, what, old, new)


def test_the_same_plan_differs_nowhere_and_a_reason_alone_is_no_change() -> None:
    moved = with_tier(PLAN, "age", 2, "Because")
    assert differences(PLAN, PLAN) == ()
    assert differences(moved, with_tier(PLAN, "age", 2, "Another reason")) == ()


def test_reasons_belong_to_the_value_they_were_given_for() -> None:
    notes = PlanNotes().with_notes((note("seed", 7, "Used up in a trial run", "Ann", "2026-11-26T00:00:00+00:00"),))
    (told,) = differences(PLAN, changed(seed=7), notes=notes)
    assert told.why == "Used up in a trial run" and not unexplained((told,))
    (other,) = differences(PLAN, changed(seed=8), notes=notes)
    assert not other.why and unexplained((other,)) == (other,)
    assert "no reason was given" in change_words(other)
    moved = differences(PLAN, with_tier(PLAN, "age", 2, "Too few studies."))
    assert change_words(moved[0]) == "Moderator Age: tier: by availability became Tier 2 (Too few studies)"


def test_explaining_keeps_when_a_change_was_chosen() -> None:
    chosen = note("moderators.age.transform", "log", by="Ann", at="2026-01-01T00:00:00+00:00")
    notes = PlanNotes().with_notes((chosen,))
    plan = changed(moderators=(Moderator(name="age", transform="log"), PLAN.moderators[1]))
    notes = notes.explained(differences(PLAN, plan, notes=notes), "Skewed")
    kept = notes.of("moderators.age.transform", '"log"')
    assert kept is not None and (kept.at, kept.by, kept.why) == (chosen.at, "Ann", "Skewed")
    assert len(notes.notes) == 1


def test_a_lock_keeps_the_plan_its_fingerprint_and_who() -> None:
    locked = lock(PLAN, by="Ann", at="2026-11-26T00:52:10+00:00")
    assert locked.plan == PLAN and locked.plan_fingerprint == PLAN.fingerprint
    sentence = standing_sentence(locked, ())
    assert "26 November 2026, 00:52 UTC by Ann, before results were seen" in sentence
    assert PLAN.fingerprint[:12] in sentence and "not been changed" in sentence
    assert "1 place has" in standing_sentence(locked, differences(PLAN, changed(seed=1)))
    assert "after results of an earlier run" in standing_sentence(lock(PLAN, results_seen=True), ())
    assert "not locked yet" in standing_sentence(None, ())


def test_a_moment_that_is_none_is_left_as_it_stands() -> None:
    assert moment("yesterday") == "yesterday"
    assert moment("2026-11-26T01:52:10+01:00") == "26 November 2026, 00:52 UTC"


def test_plans_without_reasons_keep_their_form() -> None:
    assert "tier_reason" not in PLAN.canonical_json()
    assert "Too few" in with_tier(PLAN, "age", 2, "Too few").canonical_json()
    back = with_tier(with_tier(PLAN, "age", 2, "Too few"), "age", "auto")
    assert back == PLAN and back.fingerprint == PLAN.fingerprint
