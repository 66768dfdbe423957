"""Tiers, distributions and changes on the Plan page, with mouse and keyboard; what a run locks and asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from core.plan import with_tier
from core.plan_lock import lock
from core.session import Session
from core.steps import Step
from gui.jobs import JobRunner
from gui.pages.plan import CHANGES, PlanPage
from gui.pages.run import RunPage
from gui.workspace import Opened, Workspace


@pytest.fixture
def page(qtbot, demo: Session) -> Iterator[PlanPage]:
    made = PlanPage()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    show(made, demo, qtbot)
    yield made
    for runner in made.findChildren(JobRunner):
        runner.close()


def show(page: PlanPage, session: Session, qtbot) -> None:
    page.session = session
    page.display(session)
    qtbot.waitUntil(lambda: not page.runner.is_busy, timeout=20_000)


def type_into(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


# --- tiers ----------------------------------------------------------------------------------------------------------


def test_a_slider_shows_what_would_move_before_it_is_taken(page: PlanPage, demo: Session, qtbot) -> None:
    page.tabs.setCurrentIndex(1)
    tiers = page.tiers
    shares = {one.moderator: one for one in page._outlook.availability}
    slider, field = tiers.cuts.sliders["tier2"], tiers.cuts.fields["tier2"]
    assert not tiers.take.isEnabled() and "would be" not in tiers.words.text()
    with qtbot.assertNotEmitted(tiers.edited):
        slider.setFocus()
        QTest.keyClick(slider, Qt.Key.Key_PageUp)
        QTest.keyClick(slider, Qt.Key.Key_PageUp)
    assert field.text() == "50"
    moved = [one for one in shares.values() if one.tier == "2" and one.share < 0.5]
    assert moved and f"Tier 2 27 \N{RIGHTWARDS ARROW} {27 - len(moved)}" in tiers.words.text()
    assert "more would be not tested." in tiers.words.text()
    assert {row.moderator for row in tiers.table.records.records if tiers._new.get(row.moderator)} == {
        one.moderator for one in moved}
    with qtbot.waitSignal(page.decided) as heard:
        tiers.take.click()
    assert heard.args[0].plan.tiers.tier2 == 0.5 and heard.args[1] == "Cut-offs of the tiers"


def test_an_exact_cut_off_is_typed_and_put_back(page: PlanPage, qtbot) -> None:
    tiers = page.tiers
    field = tiers.cuts.fields["tier1"]
    type_into(field, "99,75")
    assert tiers.cuts.cuts().tier1 == 0.9975 and tiers.cuts.sliders["tier1"].value() in (997, 998)
    type_into(field, "many")
    assert field.text() == "99.75"
    type_into(field, "20")
    assert "cannot begin above" in tiers.words.text() and not tiers.take.isEnabled()
    tiers.back.click()
    assert field.text() == "99.5" and not tiers.back.isEnabled()


def test_a_moderator_is_moved_by_hand_with_a_reason_only(page: PlanPage, demo: Session, qtbot) -> None:
    page.tabs.setCurrentIndex(1)
    tiers = page.tiers
    assert tiers.table.choose("bmi") and tiers.view.figure is not None
    tiers.tier.setCurrentIndex(tiers.tier.findData(1))
    tiers.tier.activated.emit(tiers.tier.currentIndex())
    with qtbot.assertNotEmitted(page.decided_because):
        tiers.move_button.click()
    assert "there is no reason" in tiers.fault.text and tiers.reason.hasFocus()
    with qtbot.waitSignal(page.decided_because) as heard:
        type_into(tiers.reason, "Named in the registration")
    session, what, why = heard.args
    assert (what, why) == ("Tier of Body mass index", "Named in the registration")
    moved = next(one for one in session.plan.moderators if one.name == "bmi")
    assert (moved.tier, moved.tier_reason) == (1, "Named in the registration")
    show(page, session, qtbot)
    row = next(one for one in tiers.table.records.records if one.moderator == "bmi")
    assert row.tier == "1" and "Named in the registration" in row.reason
    tiers.table.choose("bmi")
    tiers.tier.setCurrentIndex(tiers.tier.findData("auto"))
    tiers.tier.activated.emit(tiers.tier.currentIndex())
    with qtbot.waitSignal(page.decided_because) as heard:
        tiers.move_button.click()
    assert heard.args[0].plan == demo.plan


# --- distributions --------------------------------------------------------------------------------------------------


def test_every_suggestion_is_taken_at_once_and_known_with_its_time(page: PlanPage, demo: Session, qtbot) -> None:
    page.tabs.setCurrentIndex(2)
    part = page.distributions
    wanted = {one.name: one.suggestion for one in page._outlook.distributions if one.role == "moderator"}
    assert "log" in wanted.values()
    with qtbot.waitSignal(page.decided) as heard:
        part.all.click()
    session = heard.args[0]
    chosen = {one.name: one.transform for one in session.plan.moderators}
    assert {name: chosen[name] for name in wanted} == wanted
    assert len(session.plan_notes.notes) == len(wanted) and all(one.at and one.by for one in session.plan_notes.notes)
    show(page, session, qtbot)
    assert not part.all.isEnabled() and part.all.text() == "Every variable is chosen"


def test_one_variable_is_chosen_and_an_outcome_is_not(page: PlanPage, demo: Session, qtbot) -> None:
    page.tabs.setCurrentIndex(2)
    part = page.distributions
    part.table.choose(("moderator", "age"))
    assert part.view.figure is not None and part.view.figure.title == "Distribution of Age"
    part.choice.setCurrentIndex(part.choice.findData("none"))
    with qtbot.waitSignal(page.decided) as heard:
        part.choice.activated.emit(part.choice.currentIndex())
    kept = heard.args[0]
    assert kept.chosen_plan is demo.chosen_plan, "nothing changed in the plan; results stay current"
    assert kept.plan_notes.of("moderators.age.transform", '"none"') is not None
    part.table.choose(("outcome", "rapid"))
    assert not part.choice.isEnabled() and "as they are defined" in part.told.text()


def test_what_has_no_logarithm_is_not_offered_one(page: PlanPage) -> None:
    part = page.distributions
    without = next(one for one in page._outlook.distributions if one.role == "moderator" and one.not_positive)
    part.table.choose(("moderator", without.name))
    assert part.choice.findData("log") < 0


# --- the lock -------------------------------------------------------------------------------------------------------


def locked(session: Session) -> Session:
    return replace(session, plan_lock=lock(session.plan, by="Ann", at="2026-11-26T00:52:00+00:00"))


def test_a_change_after_the_lock_asks_for_a_reason_before_the_run(page: PlanPage, demo: Session, qtbot) -> None:
    changed = locked(demo).with_plan(with_tier(demo.plan.model_copy(update={"seed": 7}), "bmi", 1, "Registered"))
    show(page, changed, qtbot)
    assert page.tabs.tabText(CHANGES) == "Changes (2)" and page.lock.text() == "Run"
    assert "Changed since: Moderator Body mass index: tier; Random seed." in page.sentence(changed)
    heard: list[Step] = []
    page.go_and_do.connect(heard.append)
    page.lock.trigger()
    assert not heard and page.tabs.currentIndex() == CHANGES
    assert page.message.text.startswith("1 change since the plan was locked has no reason yet")
    field = page.changes.table.findChild(QLineEdit)
    assert field is not None
    with qtbot.waitSignal(page.decided_because) as told:
        QTest.keyClicks(field, "The first was used up")
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert told.args[1:] == ["Why: Random seed", "The first was used up"]
    show(page, told.args[0], qtbot)
    page.lock.trigger()
    assert heard == [Step.RUN]


def test_before_the_first_run_there_are_no_changes(page: PlanPage) -> None:
    assert page.changes.standing.text() == "The plan is not locked yet; it is when the first run starts."
    assert page.changes.table.isHidden()


def test_a_run_sends_a_changed_plan_back_to_its_reasons(qtbot, demo: Session) -> None:
    run = RunPage()
    qtbot.addWidget(run)
    run.session = locked(demo).with_plan(demo.plan.model_copy(update={"seed": 7}))
    with qtbot.waitSignal(run.go_and_do) as heard:
        run.start()
    assert heard.args == [Step.PLAN] and not run.runner.is_busy


def test_undo_does_not_take_the_lock_away(qtbot, demo: Session) -> None:
    space = Workspace()
    with qtbot.waitSignal(space.settled):
        space.put(Opened(demo, None))
    space.decide(demo.with_plan(demo.plan.model_copy(update={"seed": 3})), "Random seed")
    assert space.session is not None
    space.keep_lock(space.session.locked())
    assert space.undo_name == "Random seed", "a lock is no matter of undo"
    space.undo()
    assert space.session.plan_lock is not None and space.session.plan_lock.plan.seed == 3
    assert [change.new for change in space.session.plan_changes] == ["20220"]
    assert space.session.locked() is space.session
    space.close()
