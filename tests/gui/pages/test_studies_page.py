from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from core.errors import Where
from core.intake import new_session
from core.progress import silent
from core.registry import Registry, Study
from core.session import Session
from gui.pages.studies import StudiesPage, study_row


@pytest.fixture
def page(qtbot, demo: Session) -> StudiesPage:
    made = StudiesPage()
    qtbot.addWidget(made)
    made.session = demo
    made.display(demo)
    made.resize(900, 600)
    made.show()
    return made


def words(page: StudiesPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if not label.isHidden())


def test_the_table_says_what_is_known(page: StudiesPage, demo: Session) -> None:
    rows = page.table.records.records
    assert [row.study.study for row in rows] == [study.study for study in demo.registry.studies]
    in_file = {one.study: one.flow[0].n for one in demo.harmonized().studies}
    assert {row.study.study: row.n for row in rows} == in_file
    texts = {column.title: [column.text(row) for row in rows] for column in page.table.records.columns}
    assert {"parallel", "crossover"} == set(texts["Design"])
    assert any("MADRS" in scale and "HRSD" in scale for scale in texts["Scale"])
    questions = sum(bool(demo.questions(study)) for study in demo.usable_studies)
    assert sum(text.endswith("open") for text in texts["State"]) == questions


def test_the_flow_adds_up(page: StudiesPage, demo: Session) -> None:
    flows = [row for study in demo.harmonized().studies for row in study.flow]
    in_file = sum(row.n for row in flows if row.stage == "in file")
    analyzed = sum(row.n for row in flows if row.stage == "analyzed")
    assert f"{in_file} in files" in words(page)
    assert f"{analyzed} analyzed" in words(page)


def test_a_fact_is_changed(page: StudiesPage, demo: Session, qtbot) -> None:
    study = demo.registry.studies[1]
    page.table.choose(study.study)
    field = page.form.facts.fields["country"]
    with qtbot.waitSignal(page.decided) as heard:
        field.setCurrentIndex(field.findData("FR"))
        field.activated.emit(field.currentIndex())
    session, what = heard.args
    assert session.registry.by_id[study.study].country == "FR"
    assert what == f"Country of {study.name}"
    assert session.registry.studies[0] == demo.registry.studies[0]


def test_a_year_is_changed_by_keyboard_and_emptied(page: StudiesPage, demo: Session, qtbot) -> None:
    field = page.form.facts.fields["year"]
    for typed, expected in (("2001", 2001), ("", None)):
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        with qtbot.waitSignal(page.decided) as heard:
            QTest.keyClicks(field, typed)
            QTest.keyClick(field, Qt.Key.Key_Return)
            field.editingFinished.emit()
        assert heard.args[0].registry.studies[0].year == expected


def test_nothing_is_decided_where_nothing_changed(page: StudiesPage, demo: Session, qtbot) -> None:
    with qtbot.assertNotEmitted(page.decided):
        for study in demo.registry.studies:
            page.table.choose(study.study)
            for key in ("label", "year", "control", "n_randomized"):
                page.form.facts.fields[key].editingFinished.emit()
        page.display(demo)


def test_a_judgment_is_given_and_taken_back(page: StudiesPage, demo: Session, qtbot) -> None:
    field = page.form.bias.fields["allocation"]
    for value in ("unclear", None):
        with qtbot.waitSignal(page.decided) as heard:
            field.setCurrentIndex(field.findData(value))
            field.activated.emit(field.currentIndex())
        assert heard.args[0].registry.studies[0].risk_of_bias.get("allocation") == value


def test_a_threshold_that_is_not_among_the_usual_is_shown(page: StudiesPage, demo: Session) -> None:
    study = demo.registry.studies[0].model_copy(update={"trd_threshold": 1.5})
    page.form.show_study(demo, study)
    assert page.form.facts.fields["trd_threshold"].currentText() == "1.5"


def test_unknown_facts_ask(page: StudiesPage, demo: Session) -> None:
    study = Study(study="new")
    session = demo.with_study(study)
    row = study_row(session, study)
    assert row.state_words == "no file"
    page.form.show_study(session, study)
    assert "open question" in page.form.facts.fields["country"].accessibleDescription()
    assert "No file yet" in " ".join(label.text() for label in page.form.findChildren(QLabel))


def test_a_study_is_removed(page: StudiesPage, demo: Session, qtbot) -> None:
    study = demo.registry.studies[2]
    page.table.choose(study.study)
    with qtbot.waitSignal(page.decided) as heard:
        page.remove.click()
    session, what = heard.args
    assert study.study not in session.registry.by_id
    assert study.file not in session.sources
    assert study.name in what


def test_files_are_added(page: StudiesPage, demo: Session, boxes, qtbot, tmp_path: Path) -> None:
    with qtbot.assertNotEmitted(page.deciding):
        page.add_action.trigger()  # the person chose none
    source = tmp_path / "more.csv"
    source.write_text("id,arm,madrs_base,madrs_24h\n1,ketamine,30,10\n2,saline,31,30\n", encoding="utf-8")
    boxes.files = [source]
    with qtbot.waitSignal(page.deciding) as heard:
        page.add_action.trigger()
    work, what = heard.args
    assert what == "Adding more.csv"
    assert work(silent).registry.studies[-1].file == "more.csv"


def test_a_study_that_was_added_is_shown(page: StudiesPage, demo: Session) -> None:
    page.table.choose(demo.registry.studies[2].study)
    more = demo.with_registry(demo.registry.model_copy(update={
        "studies": (*demo.registry.studies, Study(study="late", file="late.csv", label="Late"))}))
    page.session = more
    page.display(more)
    assert page.table.current.study.study == "late"
    assert page.form.heading.text() == "Late"


def test_an_empty_project_leads_with_adding_files(qtbot) -> None:
    page = StudiesPage()
    qtbot.addWidget(page)
    page.session = new_session()
    page.display(page.session)
    assert page.main_action is page.add_action
    assert "Add the files" in page.sentence(page.session)
    assert not page.remove.isEnabled()


def test_focus_goes_to_a_file(page: StudiesPage, demo: Session) -> None:
    study = demo.registry.studies[6]
    page.focus_place(Where(file=study.file))
    assert page.table.current.study.study == study.study


def test_a_request_kit_is_saved(page: StudiesPage, boxes, tmp_path: Path) -> None:
    def answer(box) -> bool:
        box.study.setText("Smith 2015")
        assert box.file_name == "data_request_Smith_2015.xlsx"
        return True

    boxes.answer, boxes.files = answer, [tmp_path / "kit.xlsx"]
    page.request.click()
    assert (tmp_path / "kit.xlsx").stat().st_size > 5_000
    assert "kit.xlsx" in page.message.text
    assert "MADRS baseline" in " ".join(one.text() for one in boxes.shown[0].findChildren(QLabel))


def test_a_kit_that_cannot_be_written_is_told(page: StudiesPage, boxes, tmp_path: Path) -> None:
    boxes.answer, boxes.files = lambda box: True, [tmp_path / "no such folder" / "kit.xlsx"]
    page.request.click()
    assert "cannot be written" in page.message.text
    boxes.files = []
    page.message.clear()
    page.request.click()
    assert page.message.text == ""


def test_what_is_missing_is_told_and_saved(page: StudiesPage, demo: Session, boxes, tmp_path: Path, qtbot) -> None:
    page.form.tabs.setCurrentWidget(page.form.missing_tab)
    study = next(name for name in demo.usable_studies if demo.questions(name))
    page.table.choose(study)
    qtbot.waitUntil(lambda: demo.questions(study)[0].text in words(page))
    boxes.files = [tmp_path / "m.xlsx"]
    page.form.missing.save.click()
    assert (tmp_path / "m.xlsx").exists()
    assert boxes.shown[-1].windowTitle() == "What is missing"


def test_nothing_is_missing_without_a_study(qtbot) -> None:
    made = StudiesPage()
    qtbot.addWidget(made)
    made.session = new_session()
    made.form.tabs.setCurrentWidget(made.form.missing_tab)
    made.display(made.session)
    assert not made.form.missing.save.isEnabled()


def test_the_figure_of_bias_follows_what_is_judged(page: StudiesPage, demo: Session, qtbot) -> None:
    page.views.setCurrentWidget(page.bias)
    assert page.form.tabs.currentIndex() == 2 and page.form.isVisible() and not page.flow.isVisible()
    first = page.bias.view.figure
    assert first is not None and first.key == "risk_of_bias" and len(first.data.rows) == len(demo.registry.studies)
    study = demo.registry.studies[0]
    judged = demo.with_study(study.model_copy(update={"risk_of_bias": {**study.risk_of_bias, "missing_data": "high"}}))
    page.session = judged
    page.display(judged)
    assert page.bias.view.figure.data.rows[0][-1] == "high"
    assert judged.data_fingerprint == demo.data_fingerprint, "no number depends on it"
    bare = judged.with_registry(Registry(studies=tuple(one.model_copy(update={"risk_of_bias": {}})
                                                       for one in judged.registry.studies)))
    page.session = bare
    page.display(bare)
    assert page.bias.view.figure is None
    page.views.setCurrentIndex(0)
    assert page.flow.isVisible()
