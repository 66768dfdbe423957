"""Sets on the Plan page: built with the keyboard, counted beside, kept as decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.labels import labels_for
from core.plan import Combined, Include, Plan, PlanSet
from core.plan_lock import differences, lock
from core.session import Session
from core.steps import Step
from gui.main_window import MainWindow
from gui.pages.plan import CHANGES, SETS, PlanPage
from gui.pages.plan_outlook import outlook
from gui.pages.plan_sets import FINE, SetsPanel


class Held:
    """A panel with the session its decisions make, and what they were called."""

    def __init__(self, session: Session) -> None:
        self.panel, self.session, self.told = SetsPanel(), session, list[str]()
        self.panel.edited.connect(self._take)

    def show(self, session: Session) -> None:
        self.session = session
        self.panel.show_plan(session, labels_for(session.protocol))

    def _take(self, plan: Plan, what: str) -> None:
        self.told.append(what)
        self.show(self.session.with_plan(plan))

    def members(self, name: str) -> tuple[str, ...]:
        return next(one.moderators for one in self.session.plan.sets if one.name == name)


@pytest.fixture
def held(qtbot, demo: Session) -> Iterator[Held]:
    outlook(demo)
    made = Held(demo)
    qtbot.addWidget(made.panel)
    made.panel.resize(800, 500)
    made.panel.show()
    made.show(demo)
    counted(made.panel, qtbot)
    yield made
    made.panel.runner.close()


@pytest.fixture
def sets(held: Held) -> SetsPanel:
    return held.panel


def counted(sets: SetsPanel, qtbot) -> None:
    qtbot.waitUntil(lambda: not sets.runner.is_busy, timeout=20_000)


def press(part: QWidget, key: Qt.Key, qtbot) -> None:
    part.setFocus()
    QTest.keyClick(part, key)
    window = part.window()
    for panel in (window,) if isinstance(window, SetsPanel) else window.findChildren(SetsPanel):
        counted(panel, qtbot)


def choose(sets: SetsPanel, name: str, qtbot) -> None:
    assert sets.sets.choose(name)
    counted(sets, qtbot)


def test_the_protocols_sets_say_whose_they_are_and_whom_they_have(sets: SetsPanel, demo: Session, qtbot) -> None:
    words = {one.name: sets._origin(one)[0].word for one in demo.plan.sets}
    assert words == {"1": "published", "2a": "assumed", "2b": "assumed", "2c": "assumed", "2d": "published",
                     "2e": "assumed", "2f": "published", "2g": "assumed"}
    assert sets.sets.current.name == "1"
    assert sets.words.text() == ("Rapid (24 h): 715 patients in 17 studies. "
                                 "Post-rapid (7 d): 668 patients in 16 studies.")
    assert [row.cost.name for row in sets.members.records.records] == list(demo.plan.sets[0].moderators)
    choose(sets, "2e", qtbot)
    assert sets.words.text().startswith("Rapid (24 h): 313 patients in 7 studies.")
    assert sets.origin.text() == "Members assumed by the protocol."


def test_a_moderator_is_added_and_taken_out_with_enter(held: Held, sets: SetsPanel, qtbot) -> None:
    sets.candidates.choose("systolic_bp")
    assert ("Rapid (24 h): 715 patients in 17 studies, with Systolic blood pressure at baseline 313 in 7."
            in sets.told.text())
    row = sets.candidates.current
    assert (row.left.n, row.left.k, row.lost) == (313, 7, 402)
    press(sets.candidates, Qt.Key.Key_Return, qtbot)
    assert held.told == ["Set 1: Systolic blood pressure at baseline added"]
    assert held.members("1")[-1] == "systolic_bp" and sets.origin.text() == "Other members than the protocol's set."
    assert sets.words.text().startswith("Rapid (24 h): 313 patients in 7 studies.")
    assert sets.candidates.current.cost.name == "diastolic_bp", "the next takes the place of the one that went"
    sets.members.choose("systolic_bp")
    assert sets.members.current.left.n == 715 and sets.members.current.lost == 402
    press(sets.members, Qt.Key.Key_Return, qtbot)
    assert "systolic_bp" not in held.members("1") and held.told[-1].endswith("taken out")


def test_counts_are_for_the_chosen_outcome(sets: SetsPanel) -> None:
    sets.candidates.choose("bmi")
    rapid = sets.candidates.current.left
    sets.outcome.setCurrentIndex(1)
    sets.outcome.activated.emit(1)
    late = sets.candidates.current.left
    assert (rapid.outcome, late.outcome) == ("rapid", "post_rapid") and late.n < rapid.n
    assert f"{late.n} in {late.k}" in sets.told.text()


def test_a_fact_of_a_studys_design_is_shown_and_not_taken(held: Held, sets: SetsPanel, qtbot) -> None:
    sets.candidates.choose("crossover")
    assert "a fact of a study's design is never part of a combined moderator" in sets.told.text()
    assert not sets.add.isEnabled()
    press(sets.candidates, Qt.Key.Key_Return, qtbot)
    assert not held.told


def test_a_flexible_learner_is_asked_for_with_the_space_bar(held: Held, sets: SetsPanel, qtbot) -> None:
    assert not sets.flexible.isChecked()
    press(sets.flexible, Qt.Key.Key_Space, qtbot)
    assert held.session.plan.combined.flexible and held.told == ["Flexible learner beside M*"] and sets.flexible.isChecked()
    change, = differences(held.session.plan.model_copy(update={"combined": Combined()}), held.session.plan)
    assert (change.what, change.new) == ("Flexible learner beside M*", "yes")
    press(sets.flexible, Qt.Key.Key_Space, qtbot)
    assert not held.session.plan.combined.flexible and not sets.flexible.isChecked()


def test_a_set_is_made_named_copied_and_removed(held: Held, sets: SetsPanel, demo: Session, qtbot) -> None:
    press(sets.new, Qt.Key.Key_Return, qtbot)
    assert sets.sets.current == PlanSet(name="New set", moderators=()) and sets.name.selectedText() == "New set"
    assert sets.warnings.records.records == ("The set cannot be formed. It has no moderators.",)
    QTest.keyClicks(sets.name, "Blood pressure")
    press(sets.name, Qt.Key.Key_Return, qtbot)
    assert sets.sets.current.name == "Blood pressure" and sets.origin.text() == "Not a set of the protocol."
    for name in ("systolic_bp", "diastolic_bp"):
        sets.candidates.choose(name)
        press(sets.candidates, Qt.Key.Key_Return, qtbot)
    assert sets.warnings.records.records == (FINE,)
    press(sets.copy, Qt.Key.Key_Return, qtbot)
    assert sets.sets.current == PlanSet(name="Blood pressure copy", moderators=("systolic_bp", "diastolic_bp"))
    press(sets.remove, Qt.Key.Key_Return, qtbot)
    assert len(held.session.plan.sets) == len(demo.plan.sets) + 1
    choose(sets, "Blood pressure", qtbot)
    press(sets.remove, Qt.Key.Key_Return, qtbot)
    assert held.session.plan == demo.plan and sets.sets.current.name == "2g"


def test_what_says_the_same_is_warned_of_before_and_after(held: Held, sets: SetsPanel, qtbot) -> None:
    own = PlanSet(name="own", moderators=("principal_diagnosis",))
    held.show(held.session.with_plan(held.session.plan.model_copy(update={"sets": (own,)})))
    held.show(held.session.with_plan(held.session.plan.model_copy(update={"sets": (own.model_copy(),)})))
    counted(sets, qtbot)
    sets.candidates.choose("bipolar")
    words = "says the same as Principal diagnosis: bipolar"
    assert words in sets.told.text()
    press(sets.candidates, Qt.Key.Key_Return, qtbot)
    assert words in " ".join(sets.warnings.records.records)


@pytest.mark.parametrize(("name", "why"), [("2a", "there is a set 2a already"), ("", "there is no other"),
                                           ("1 without study-level", "are for what a run makes of a set")])
def test_a_name_that_cannot_be_is_refused_beside_it(held: Held, sets: SetsPanel, qtbot, name: str, why: str) -> None:
    sets.name.setFocus()
    sets.name.selectAll()
    QTest.keyClick(sets.name, Qt.Key.Key_Delete)
    QTest.keyClicks(sets.name, name)
    press(sets.name, Qt.Key.Key_Return, qtbot)
    assert why in sets.fault.text and not held.told


def test_a_plan_without_sets_says_how_to_make_one(held: Held, sets: SetsPanel, demo: Session, qtbot) -> None:
    held.show(demo.with_plan(demo.plan.model_copy(update={"sets": ()})))
    assert sets.words.text() == "The plan has no sets. New set makes one."
    assert not any(part.isEnabled() for part in (sets.copy, sets.remove, sets.name, sets.add, sets.take_out))
    press(sets.new, Qt.Key.Key_Return, qtbot)
    assert sets.sets.current.name == "New set"


def test_before_patients_are_counted_nothing_can_be_added(sets: SetsPanel, demo: Session) -> None:
    plan = demo.plan.model_copy(update={"include": (Include(column="study", equals="nowhere"),)})
    sets.show_plan(demo.with_plan(plan), labels_for(demo.protocol))
    assert sets.words.text() == "Patients are being counted." and not sets.candidates.records.records
    assert not sets.runner.is_busy and not sets.add.isEnabled() and not sets.take_out.isEnabled()


def test_a_changed_set_is_undone_and_asks_for_its_reason_after_the_lock(demo_window: MainWindow, qtbot) -> None:
    space = demo_window.workspace
    assert space.session is not None
    before = space.session.plan
    space.keep_lock(replace(space.session, plan_lock=lock(before, by="Ann", at="2026-11-26T00:52:00+00:00")))
    demo_window.show_step(Step.PLAN)
    page = demo_window.page(Step.PLAN)
    assert isinstance(page, PlanPage)
    page.tabs.setCurrentIndex(SETS)
    qtbot.waitUntil(lambda: not page.runner.is_busy and bool(page.sets.members.records.records), timeout=20_000)
    press(page.sets.remove, Qt.Key.Key_Return, qtbot)
    assert [one.name for one in space.session.plan.sets] == [one.name for one in before.sets[1:]]
    assert space.undo_name == "Set 1 removed" and page.tabs.tabText(CHANGES) == "Changes (1)"
    assert page.changes.table.model_.records[0].what == "Set 1"
    page.lock.trigger()
    assert page.tabs.currentIndex() == CHANGES
    space.undo()
    assert space.session.plan == before and page.tabs.tabText(CHANGES) == "Changes"
    assert page.sets.sets.records.records == before.sets
