"""The plan in sentences: what is chosen becomes the plan, what is refused is said where it was typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit

from core.cohort import build_cohort
from core.main_effects import main_effect_tasks
from core.plan import protocol_plan
from core.session import Session
from core.steps import Step
from gui.jobs import JobRunner
from gui.pages.plan import PlanPage
from gui.pages.plan_choices import CONVERSION, DF, QUADRATURE, SEED, TIER1, TIER2


@pytest.fixture
def page(qtbot, demo: Session) -> Iterator[PlanPage]:
    made = PlanPage()
    qtbot.addWidget(made)
    made.session = demo
    made.resize(900, 600)
    made.display(demo)
    made.show()
    qtbot.waitUntil(lambda: not made.runner.is_busy, timeout=10_000)
    yield made
    for runner in made.findChildren(JobRunner):
        runner.close()


def words(page: PlanPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if not label.isHidden())


def line(page: PlanPage, path: tuple) -> QLineEdit:
    field = page.choices.fields[path]
    assert isinstance(field, QLineEdit)
    return field


def write(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_sentences_hold_the_plan(page: PlanPage, demo: Session) -> None:
    plan = demo.plan
    assert line(page, ("outcomes", 0, "response")).text() == f"{plan.outcomes[0].response:g}"
    assert line(page, ("outcomes", 1, "remission")).text() == f"{plan.outcomes[1].remission:g}"
    assert line(page, TIER1.path).text() == "99.5"
    assert line(page, SEED.path).text() == str(plan.seed)
    assert "A run combines the moderators of every set" in words(page)


def test_costs_are_the_cohort_s(page: PlanPage, demo: Session) -> None:
    cohort = build_cohort(demo.harmonized().patients, demo.plan)
    shown = words(page)
    assert f"{cohort.n} patients in {len(cohort.study_names)} studies" in shown
    assert f"{len(main_effect_tasks(cohort))} main-effect analyses" in shown
    assert page.choices.tiers["1"].text().endswith("today.")


@pytest.mark.parametrize(("path", "typed", "kept"), [
    (("outcomes", 0, "response"), "40", 40), (("outcomes", 0, "remission"), "", None),
    (TIER2.path, "37,5", 0.375), (QUADRATURE.path, "1", 1), (SEED.path, "7", 7)])
def test_a_number_is_chosen(page: PlanPage, qtbot, path: tuple, typed: str, kept: object) -> None:
    with qtbot.waitSignal(page.decided) as heard:
        write(line(page, path), typed)
    value = json.loads(heard.args[0].plan.pretty_json())
    for part in path:
        value = value[part]
    assert value == kept
    assert heard.args[1] == page.choices.fields[path].accessibleName()


def test_an_option_is_chosen(page: PlanPage, qtbot) -> None:
    field = page.choices.fields[DF.path]
    assert isinstance(field, QComboBox)
    with qtbot.waitSignal(page.decided) as heard:
        field.setCurrentIndex(field.findData("kenward_roger"))
        field.activated.emit(field.currentIndex())
    assert heard.args[0].plan.model.df == "kenward_roger"
    assert heard.args[1] == "Degrees of freedom"


@pytest.mark.parametrize(("path", "typed"), [
    (QUADRATURE.path, "0"), (QUADRATURE.path, "many"), (TIER1.path, "101"), (TIER2.path, "99.9"), (SEED.path, ""),
    (("outcomes", 0, "response"), "half")])
def test_what_the_plan_refuses_is_said_beside_it(page: PlanPage, demo: Session, qtbot, path: tuple,
                                                 typed: str) -> None:
    with qtbot.assertNotEmitted(page.decided):
        write(line(page, path), typed)
    fault = page.choices.faults[path]
    assert "The plan" in fault.text
    assert fault.parentWidget() is page.choices
    shown = line(page, path).text()
    assert shown == typed
    before = page.choices._choices[path].as_text(_value(demo, path))
    write(line(page, path), before)
    assert fault.text == ""


def test_what_is_refused_comes_into_sight_with_what_is_kept(page: PlanPage, demo: Session, qtbot) -> None:
    page.resize(760, 320)
    write(line(page, QUADRATURE.path), "0")
    fault = page.choices.faults[QUADRATURE.path]
    assert fault.text == f"Quadrature nodes: it must be at least 1. The plan keeps {demo.plan.model.quadrature}."
    room = page.area.viewport()
    qtbot.waitUntil(lambda: room.rect().contains(fault.mapTo(room, fault.rect().center())))


def test_outcomes_are_called_as_elsewhere(page: PlanPage) -> None:
    assert "improvement from MADRS baseline to MADRS rapid (24 h)" in words(page)


def _value(session: Session, path: tuple) -> object:
    value = json.loads(session.plan.pretty_json())
    for part in path:
        value = value[part]
    return value


def test_nothing_is_decided_where_nothing_changed(page: PlanPage, demo: Session, qtbot) -> None:
    with qtbot.assertNotEmitted(page.decided):
        for field in page.choices.fields.values():
            if isinstance(field, QLineEdit):
                field.editingFinished.emit()
            elif isinstance(field, QComboBox):
                field.activated.emit(field.currentIndex())
        page.display(demo)


def test_another_plan_fills_the_sentences_anew(page: PlanPage, demo: Session) -> None:
    write(line(page, QUADRATURE.path), "0")
    other = demo.with_plan(demo.plan.model_copy(update={"seed": 99}))
    page.session = other
    page.display(other)
    assert line(page, SEED.path).text() == "99"
    assert line(page, QUADRATURE.path).text() == str(demo.plan.model.quadrature)
    assert page.choices.faults[QUADRATURE.path].text == ""


def test_locking_leads_to_the_run(page: PlanPage, demo: Session) -> None:
    heard: list[object] = []
    page.go_and_do.connect(heard.append)
    assert page.main_action is page.lock and page.lock.text() == "Lock and run"
    page.lock.trigger()
    assert heard == [Step.RUN]


def test_a_plan_is_saved_and_loaded(page: PlanPage, demo: Session, boxes, tmp_path: Path, qtbot) -> None:
    boxes.files = [tmp_path / "plan.json"]
    page.save.click()
    assert boxes.files[0].read_text(encoding="utf-8") == demo.plan.pretty_json()
    changed = demo.plan.model_copy(update={"conversion": "low"})
    boxes.files[0].write_text(changed.pretty_json(), encoding="utf-8")
    with qtbot.waitSignal(page.decided) as heard:
        page.load.click()
    assert heard.args[0].plan == changed
    assert heard.args[1] == "Plan from plan.json"


def test_a_plan_that_cannot_be_read_is_refused_in_words(page: PlanPage, boxes, tmp_path: Path, qtbot) -> None:
    boxes.files = [tmp_path / "plan.json"]
    for content, said in (('{"schema": 1, "sed": 3}', 'Did you mean "seed"?'), ("{", "not valid JSON")):
        boxes.files[0].write_text(content, encoding="utf-8")
        with qtbot.assertNotEmitted(page.decided):
            page.load.click()
        assert said in page.message.text
    boxes.files[0].unlink()
    page.load.click()
    assert "cannot be read" in page.message.text


def test_a_plan_cannot_be_saved_where_there_is_no_folder(page: PlanPage, boxes, tmp_path: Path) -> None:
    boxes.files = [tmp_path / "nowhere" / "plan.json"]
    page.save.click()
    assert "cannot be written" in page.message.text


def test_the_protocol_s_plan_comes_back(page: PlanPage, demo: Session, qtbot) -> None:
    assert not page.restore.isEnabled()
    changed = demo.with_plan(demo.plan.model_copy(update={"seed": 3}))
    page.session = changed
    page.display(changed)
    assert "differs" in page.sentence(changed)
    with qtbot.waitSignal(page.decided) as heard:
        page.restore.click()
    assert heard.args[0].plan == protocol_plan(demo.protocol)


def test_a_project_without_converted_scores_is_not_asked_about_them(qtbot, demo: Session) -> None:
    page = PlanPage()
    qtbot.addWidget(page)
    page.choices.show_plan(demo.plan, _labels(demo), has_conversion=False)
    assert CONVERSION.path not in page.choices.fields
    value = demo.plan.outcomes[0].model_validate({"name": "score", "value": "some_column"})
    page.choices.show_plan(demo.plan.model_copy(update={"outcomes": (value,)}), _labels(demo), has_conversion=False)
    assert ("outcomes", 0, "response") not in page.choices.fields
    assert "some_column as it stands" in words(page)


def _labels(session: Session):
    from core.labels import labels_for

    return labels_for(session.protocol)


def test_a_further_outcome_is_offered_unticked_and_a_tick_makes_it_part_of_the_plan(page: PlanPage, demo: Session,
                                                                                    qtbot) -> None:
    boxes = {one.name: box for one, box in page.choices.further.items()}
    assert set(boxes) == {"hama_rapid", "hama_post_rapid", "ssi_rapid", "ssi_post_rapid"}
    assert not any(box.isChecked() for box in boxes.values()) and boxes["ssi_rapid"].text() == "Beck SSI, rapid (24 h)"
    assert "They change nothing above or below" in words(page)
    with qtbot.waitSignal(page.choices.edited) as heard:
        boxes["hama_rapid"].click()
    plan, what = heard.args
    assert [one.name for one in plan.further_outcomes] == ["hama_rapid"] and what == "Further outcome HAM-A, rapid (24 h)"
    assert plan.model_copy(update={"further_outcomes": ()}).fingerprint == demo.plan.fingerprint
