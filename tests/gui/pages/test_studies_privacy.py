from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit

from core.errors import Issue, Severity, Where
from core.intake import load_files, new_session
from core.progress import silent
from core.session import Session
from core.steps import Step
from gui.pages.page import step_of
from gui.pages.studies import StudiesPage
from tests.core.privacy.files import write_workbook


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Session:
    path = tmp_path_factory.mktemp("private") / "one.xlsx"
    write_workbook(path)
    session = load_files(new_session(), [path])
    session.issues()
    return session


@pytest.fixture
def page(qtbot, private: Session) -> StudiesPage:
    made = StudiesPage()
    qtbot.addWidget(made)
    made.session = private
    made.display(private)
    made.resize(1000, 600)
    made.show()
    made.views.setCurrentIndex(1)
    return made


def show(page: StudiesPage, session: Session) -> None:
    session.issues()
    page.session = session
    page.display(session)


def test_every_column_stands_in_the_table_with_what_is_suggested(page: StudiesPage, private: Session) -> None:
    rows = page.privacy.table.model_.records
    assert [row.sign.column for row in rows][:3] == ["Patient name", "E-mail", "Phone"] and len(rows) == 9
    assert page.views.tabText(1) == "Privacy (9)" and "9 columns" in page.foot(private)
    assert not page.form.isVisible(), "private columns need the width"


def test_all_suggestions_are_taken_with_one_button(page: StudiesPage, private: Session, qtbot) -> None:
    with qtbot.waitSignal(page.deciding) as heard:
        QTest.keyClick(page.privacy.all, Qt.Key.Key_Space)
    work, what = heard.args
    assert what == "Privacy of 9 columns"
    after = work(silent)
    show(page, after)
    assert page.privacy.waiting == 0 and page.views.tabText(1) == "Privacy" and page.foot(after) == ""
    assert not page.privacy.all.isEnabled()
    texts = [page.privacy.table.model_.index(row, 3).data() for row in range(9)]
    assert texts[0] == "Dropped" and "Dates shifted" in texts
    assert not after.table("one").columns_by_name["Patient name"].counts
    flags = page.privacy.table.model_.flags(page.privacy.table.model_.index(0, 3))
    assert not flags & Qt.ItemFlag.ItemIsEditable, "what is gone cannot be decided again"


def test_one_column_is_decided_by_keyboard(page: StudiesPage, qtbot) -> None:
    table = page.privacy.table
    table.setCurrentIndex(table.model_.index(4, 3))
    assert "Shift the dates: All dates of the file with it" in page.privacy._costs.text()
    QTest.keyClick(table, Qt.Key.Key_Return)
    box = table.findChild(QComboBox)
    assert [box.itemText(i) for i in range(box.count())] == [
        "Shift the dates", "Keep the year only", "Drop it", "Keep it"]
    with qtbot.waitSignal(page.deciding) as heard:
        box.setCurrentIndex(1)
        box.activated.emit(1)
    work, what = heard.args
    assert what == "Privacy of Date of birth"
    column = work(silent).table("one").columns_by_name["Date of birth"]
    assert all(len(text) == 4 for text in column.counts)


def test_keeping_asks_for_the_reason_and_keeps_with_it(page: StudiesPage, private: Session, qtbot) -> None:
    table = page.privacy.table
    table.setCurrentIndex(table.model_.index(0, 3))
    with qtbot.assertNotEmitted(page.deciding):
        page.privacy._take(table.current, "What to do", "keep")
        qtbot.waitUntil(lambda: table.findChild(QLineEdit) is not None)
    line = table.findChild(QLineEdit)
    with qtbot.waitSignal(page.deciding) as heard:
        QTest.keyClicks(line, "Made-up names")
        QTest.keyClick(line, Qt.Key.Key_Return)
    kept = heard.args[0](silent)
    decision = kept.privacy.of_column("one.xlsx", "Data", "Patient name")
    assert (decision.action, decision.reason) == ("keep", "Made-up names") and decision.by and decision.at
    assert kept.sources == private.sources


def test_an_issue_leads_to_its_column(page: StudiesPage, private: Session) -> None:
    page.views.setCurrentIndex(0)
    issue = next(one for one in private.issues() if one.code == "privacy" and one.where.column == "MRN")
    assert step_of(issue, private) is Step.STUDIES
    page.focus_issue(issue)
    assert page.views.currentIndex() == 1 and page.privacy.table.current.sign.column == "MRN"


def test_the_file_tab_says_that_a_copy_is_kept(page: StudiesPage, private: Session) -> None:
    from gui.widgets.study_form import file_facts

    finding = page.privacy.table.model_.records[0]
    cut = private.with_privacy([finding.decided("drop")])
    facts = dict(file_facts(cut, cut.registry.studies[0]))
    assert "Kept as a cut copy" in facts
    assert facts["SHA-256 of the file as it came"].startswith(private.sources["one.xlsx"].sha256[:16])


def test_where_nothing_is_pointed_out_it_says_so(qtbot, demo: Session) -> None:
    page = StudiesPage()
    qtbot.addWidget(page)
    show(page, demo)
    assert "No column of these files" in page.privacy._about.text() and page.views.tabText(1) == "Privacy"


def test_a_published_figure_is_typed_in_and_compared(qtbot, demo: Session) -> None:
    page = StudiesPage()
    qtbot.addWidget(page)
    show(page, demo)
    page.show()
    study = demo.registry.by_id["deakin_uk"]
    page.table.choose(study.study)
    page.focus_issue(Issue(Severity.WARNING, "published_n", "", Where(study=study.study)))
    table = page.form.published.table
    assert page.form.tabs.currentWidget() is page.form.published
    figures = {one.label: one for one in table.model_.records}
    patients = demo.study_data("deakin_uk").patients
    assert figures["Randomized"].here == (patients["arm"] == 1).sum()
    with qtbot.waitSignal(page.decided) as heard:
        table.edited.emit(figures["Mean MADRS baseline"], "Published", 20.0)
    session, what = heard.args
    assert what == f"Mean MADRS baseline, published, of {study.name}"
    assert session.registry.by_id["deakin_uk"].published["active"].scores["madrs_baseline"].mean == 20
    assert session.data_fingerprint == demo.data_fingerprint, "nothing is harmonized anew"
    assert [(issue.code, issue.where.study) for issue in session.integrity_issues()] == [
        ("published_mean", "deakin_uk")]
    show(page, session)
    assert [one.differs for one in table.model_.records if one.published is not None] == [True]
    with qtbot.waitSignal(page.decided) as heard:
        table.edited.emit(next(one for one in table.model_.records if one.published), "Published", None)
    assert heard.args[0].registry == demo.registry


def test_a_published_figure_that_cannot_be_is_refused_with_words(qtbot, demo: Session) -> None:
    from gui.widgets.published_table import PublishedTable, read_figure

    table = PublishedTable()
    qtbot.addWidget(table)
    table.show_study(demo, demo.registry.studies[0])
    table.show()
    count = table.table.model_.records[0]
    with qtbot.assertNotEmitted(table.edited):
        table.table.edited.emit(count, "Published", 3.5)
    assert "whole" in table.message.text
    assert (read_figure("12,5"), read_figure(""), read_figure("\N{MINUS SIGN}2")) == (12.5, None, -2)
    for text in ("abc", "nan", "inf"):
        with pytest.raises(ValueError, match=text):
            read_figure(text)
