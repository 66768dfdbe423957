"""The Check page: every cell as harmonized, its origin in the sheet, and what the patients amount to."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from core.errors import Issue, Severity, Where
from core.harmonized import origin
from core.intake import new_session
from core.session import Session
from core.summaries import ALL, summarize
from gui.pages.check import CheckPage, described
from gui.widgets.choices import offer


@pytest.fixture
def page(qtbot, demo: Session) -> CheckPage:
    described(demo)
    return shown(qtbot, demo)


def shown(qtbot, session: Session) -> CheckPage:
    made = CheckPage()
    qtbot.addWidget(made)
    made.session = session
    made.display(session)
    made.resize(1000, 600)
    made.show()
    return made


def cell(page: CheckPage, study: str, patient: str, column: str) -> str:
    assert page.patients.choose(study, patient, column)
    return str(page.patients.currentIndex().data())


def facts(page: CheckPage) -> dict[str, str]:
    grid = page.origin._facts
    rows = [row for row in range(grid.rowCount()) if grid.itemAtPosition(row, 0) is not None]
    return {grid.itemAtPosition(row, 0).widget().text(): grid.itemAtPosition(row, 1).widget().text() for row in rows}


def test_the_table_is_the_harmonized_one(page: CheckPage, demo: Session) -> None:
    frame = demo.harmonized().patients
    model = page.patients.patients
    assert (model.rowCount(), model.columnCount()) == (809, len(frame.columns) - 2)
    column = model.columns.index("madrs_rapid")
    texts = [model.index(row, column).data() for row in range(809)]
    assert [text == "" for text in texts] == frame["madrs_rapid"].isna().tolist()
    assert all("." in text for text in texts if text)  # converted scores have halves: one decimal throughout
    assert model.index(0, column).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    names = [model.headerData(row, Qt.Orientation.Vertical) for row in (0, 808)]
    assert names == [f"{one.study}  {one.patient}" for one in (frame.iloc[0], frame.iloc[808])]


def test_rows_are_filtered(page: CheckPage, demo: Session) -> None:
    frame = demo.harmonized().patients
    offer(page.who, (("Left out", "left out"),), "left out")
    page.studies.setCurrentIndex(page.studies.findData("stonebridge_us"))
    page.studies.activated.emit(page.studies.currentIndex())
    wanted = frame[(frame["study"] == "stonebridge_us") & (frame["excluded"] != "")]
    assert page.patients.patients.rowCount() == len(wanted) > 0
    assert page.count.text() == f"{len(wanted)} patients"
    model = page.patients.patients
    reasons = {model.index(row, model.columns.index("excluded")).data() for row in range(model.rowCount())}
    assert "other drug" in reasons


def test_a_cell_tells_where_it_comes_from(page: CheckPage, demo: Session) -> None:
    study = demo.usable_studies[0]
    patient = str(demo.harmonized().studies[0].patients["patient"].iloc[3])
    text = cell(page, study, patient, "age")
    found = origin(demo.harmonized(), study, patient, "age", {study: demo.table(study)})
    told = facts(page)
    assert told["Raw text"] == f'"{text}"' == f'"{found.raw}"'
    assert f"row {found.row}" in told["In"] and found.file in told["In"]
    assert told["Column"].startswith(str(found.column))
    grid = page.origin.sheet.cells
    assert grid.data(grid.index(*grid.marked)) == found.raw
    assert grid.headerData(grid.marked[0], Qt.Orientation.Vertical) == str(found.row)


def test_a_code_says_what_it_stands_for(page: CheckPage) -> None:
    patient = str(first_patient(page, "deakin_uk"))
    cell(page, "deakin_uk", patient, "female")
    assert page.origin.coding.text() == "1 = female"
    cell(page, "deakin_uk", patient, "arm")
    assert page.origin.coding.text().startswith("1 = Ketamine")


def test_a_converted_score_marks_the_original(page: CheckPage) -> None:
    cell(page, "grunebaum_us", str(first_patient(page, "grunebaum_us")), "madrs_baseline")
    assert "converted from HRSD-17" in facts(page)["Rule"]
    assert "became MADRS" in page.origin.note.text()


def first_patient(page: CheckPage, study: str) -> object:
    frame = page.session.harmonized().patients
    return frame.loc[frame["study"] == study, "patient"].iloc[0]


def test_a_study_fact_and_an_empty_cell_say_so(page: CheckPage) -> None:
    patient = str(first_patient(page, "deakin_uk"))
    cell(page, "deakin_uk", patient, "crossover")
    assert facts(page)["In"] == "study registry"
    assert page.origin.sheet.isHidden()
    assert cell(page, "deakin_uk", patient, "hrsd17_baseline") == ""
    assert page.origin.value.text() == "empty"
    assert "no value" in page.origin.note.text()


def test_an_issue_leads_to_its_cell(page: CheckPage, demo: Session) -> None:
    issue = next(one for one in demo.harmonized().issues if one.code == "no_baseline")
    page.tabs.setCurrentIndex(1)
    page.issue_list.chosen.emit(issue)
    assert page.tabs.currentIndex() == 0
    assert page.patients.place == (issue.where.study, issue.where.patient, "madrs_baseline")
    assert not page.patients.currentIndex().data()
    assert page.studies.currentData() == issue.where.study


def test_a_missing_code_is_told_at_its_cell(page: CheckPage, demo: Session) -> None:
    change = next(one for part in demo.harmonized().studies for one in part.changes
                  if one.text.endswith("means missing") and one.variable == "smoker")
    assert cell(page, change.study, change.patient, "smoker") == ""
    assert change.text in page.origin.note.text()


def test_an_issue_of_a_whole_study_leads_to_its_patients(page: CheckPage, demo: Session) -> None:
    issue = Issue(Severity.NOTE, "converted", "", Where(study="prairie_us", variable="madrs"))
    page.issue_list.chosen.emit(issue)
    assert page.patients.place == ("prairie_us", str(first_patient(page, "prairie_us")), "madrs_baseline")


def test_an_issue_of_the_map_goes_there(page: CheckPage, demo: Session, qtbot) -> None:
    question = demo.open_questions()[0]
    with qtbot.waitSignal(page.issue_chosen) as heard:
        page.issue_list.chosen.emit(question)
    assert heard.args == [question]
    cell(page, "deakin_uk", str(first_patient(page, "deakin_uk")), "female")
    with qtbot.waitSignal(page.issue_chosen) as heard:
        page.origin.change.click()
    assert heard.args[0].where == Where(study="deakin_uk", variable="female")


def test_a_place_without_a_patient_is_found_by_its_row(page: CheckPage, demo: Session) -> None:
    table = demo.table("feder_30")
    page.focus_issue(Issue(Severity.NOTE, "x", "", Where(study="feder_30", row=table.rows[9], variable="madrs")))
    study, patient, column = page.patients.place
    assert (study, column) == ("feder_30", "madrs_baseline")
    row = table.rows.index(table.rows[9])
    assert patient == str(table.columns_by_name["subject_id"].cells[row])


def test_summaries_are_those_of_core(page: CheckPage, demo: Session) -> None:
    page.tabs.setCurrentIndex(2)
    found = summarize(demo.harmonized())
    page.summaries.variables.choose("age")
    row, age = page.summaries.variables.current, found.of(ALL, "age")
    assert (row.summary.n, row.numbers[0]) == (age.n, f"{age.mean:.1f}")
    assert len(page.summaries.studies.records.records) == 17
    assert sum(one.summary.n for one in page.summaries.studies.records.records) == age.n


def test_availability_and_flow_add_up(page: CheckPage, demo: Session) -> None:
    page.tabs.setCurrentIndex(3)
    assert "99.5" in page.availability.about.text()
    assert len(page.availability.table.records.records) == len(demo.plan.moderators)
    page.tabs.setCurrentIndex(4)
    lines = page.flow.table.records.records
    whole = lines[0].flow
    assert (whole.in_file, whole.analyzed) == (809, 720)
    assert sum(line.flow.analyzed for line in lines[1:]) == 720
    assert whole.in_file == whole.analyzed + sum(n for _, n, unit in whole.excluded if unit == "patients")


def test_what_is_not_at_hand_is_harmonized_on_a_job(qtbot, demo: Session) -> None:
    one = demo.usable_studies[0]
    mapping = demo.mappings[one]
    session = demo.with_decision(one, "age", mapping.variables["age"].model_copy(update={"by": "me"}))
    page = CheckPage()
    qtbot.addWidget(page)
    page.session = session
    page.display(session)
    assert not page.tabs.isEnabled()
    qtbot.waitUntil(page.tabs.isEnabled)
    assert page.patients.patients.rowCount() == 809
    assert page.busy.isHidden()
    page._runner.close()


def test_without_studies_it_says_what_will_be_here(qtbot) -> None:
    page = shown(qtbot, new_session())
    assert page.tabs.isHidden()
    assert not page._nothing.isHidden()
    assert page.foot(page.session) == ""
