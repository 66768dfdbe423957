"""Every kind of rule built by keyboard and mouse, with its faults and its effect while it is written."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.intake import new_session
from core.mapping import Decision, Direct, Elapsed, Formula, Product, Recode, TextSearch, Undecided
from core.registry import Registry, Study
from core.session import Session
from core.sources import SourceFile
from gui.pages.map import MapPage
from gui.pages.map_cells import ARM
from gui.pages.map_columns import TREATMENTS
from gui.pages.map_decision import DecisionEditor
from gui.pages.map_edits import with_decimal
from tests.gui.pages.test_map_page import board_words, decision, edit, pick, shown

FILE = """Subject,Group,Sex,Weight,Height,Born,Seen,MADRS_base,MADRS_24h,Notes
a1,ketamine 0.5 mg/kg,F,80,160,1970-05-01,2018-04-30,30,12,MDD; GAD
a2,saline,M,70,170,1980-05-01,2018-05-01,31,28,MDD
a3,ketamine 0.5 mg/kg,M,999,180,1990-05-01,2018-05-02,28,10,no GAD
a4,saline,F,60,150,1960-05-01,2018-05-03,33,30,possible GAD
"""


@pytest.fixture(scope="module")
def small() -> Session:
    session = new_session().with_source(SourceFile("small.csv", FILE.encode()))
    session = session.with_registry(Registry(studies=(Study(study="small", file="small.csv", label="Small"),)))
    return session.with_mapping(session.suggested("small")[0])


@pytest.fixture
def page(qtbot, small: Session) -> MapPage:
    return shown(qtbot, small)


def values(editor: DecisionEditor) -> dict[str, str]:
    editor.text.hurry()
    return {row.raw: row.becomes for row in editor.values.model_.records} if not editor.values.isHidden() else {}


def write(editor: DecisionEditor, text: str) -> None:
    """Type as a person does, over what is there."""
    editor.text.field.setFocus()
    editor.text.field.selectAll()
    QTest.keyClicks(editor.text.field, text)
    editor.text.hurry()


def test_a_formula_is_written_seen_and_taken(page: MapPage) -> None:
    page.open("small", "age_at_onset")
    editor = page.columns.decision
    pick(editor.kind, "formula")
    assert "age_at_onset" not in page.session.mappings["small"].variables and not editor.confirm.isEnabled()
    write(editor, "[Wieght] + 1")
    assert 'Did you mean "Weight"' in editor.text.said.text() and not editor.confirm.isEnabled() and not values(editor)
    write(editor, "[Weight] /")
    assert "At character 11: expected a number" in editor.text.said.text()
    write(editor, "[Weight] / 2 + [Height] * 0")
    assert values(editor)["80  \N{MIDDLE DOT}  160"] == "40" and values(editor)["999  \N{MIDDLE DOT}  180"] == "missing"
    assert editor.confirm.text().strip() == "Use this rule"
    QTest.keyClick(editor.text.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    rule = decision(page, "age_at_onset").rule
    assert isinstance(rule, Formula) and rule.expression == "[Weight] / 2 + [Height] * 0"
    assert rule.formats["Weight"].missing == ("999",) and not editor.text.is_edited


def test_columns_and_functions_are_put_in(page: MapPage) -> None:
    page.open("small", "age_at_onset")
    editor = page.columns.decision
    pick(editor.kind, "formula")
    pick(editor.text.insert, "round")
    pick(editor.text.column, "Weight")
    editor.text.hurry()
    assert editor.text.field.toPlainText() == "round([Weight])" and values(editor)["80"] == "80"
    editor.confirm.click()
    assert isinstance(decision(page, "age_at_onset").rule, Formula)


def test_a_product_goes_on_as_a_formula(page: MapPage) -> None:
    assert isinstance(decision_of(page, "bmi"), Product)
    page.open("small", "bmi")
    editor = page.columns.decision
    assert len(values(editor)) == 4
    pick(editor.kind, "formula")
    assert editor.text.field.toPlainText() == "[Weight] * ([Height] * 0.01) ^ -2" and values(editor)


def decision_of(page: MapPage, key: str) -> object:
    return page.session.mappings["small"].variables[key].rule


def test_words_in_free_text(page: MapPage) -> None:
    page.open("small", "any_anxiety")
    editor = page.columns.decision
    pick(editor.kind, "text_search")
    assert "@anxiety_words" in editor.text.field.toPlainText()  # the protocol's own words to begin with
    pick(editor.text.column, "Notes")
    editor.text.hurry()
    assert values(editor) == {"MDD; GAD": "1 (present)", "MDD": "0 (not)", "no GAD": "0 (not)", "possible GAD": "asks"}
    write(editor, "1: gad | a*b*c*d*e")
    assert "Line 1" in editor.text.said.text() and not editor.confirm.isEnabled()
    write(editor, "1: gad")
    assert values(editor)["MDD"] == "asks"
    editor.confirm.click()
    edit(editor.values, "MDD", "Becomes", "0")
    rule = decision(page, "any_anxiety").rule
    assert isinstance(rule, TextSearch) and rule.columns == ("Notes",) and rule.answers == {"MDD": "0"}


def test_days_between(page: MapPage) -> None:
    page.open("small", "education_years")
    editor = page.columns.decision
    pick(editor.kind, "elapsed")
    pick(editor.fields.since, "Born")
    assert "education_years" not in page.session.mappings["small"].variables
    pick(editor.fields.until, "Seen")
    pick(editor.fields.span, "months")
    rule = decision(page, "education_years").rule
    assert isinstance(rule, Elapsed) and (rule.since, rule.until, rule.unit) == ("Born", "Seen", "months")
    pick(editor.fields.span, "years")
    assert values(editor)["1990-05-01  \N{MIDDLE DOT}  2018-05-02"] == "28"


def test_not_decided_yet_with_a_note(page: MapPage) -> None:
    page.open("small", "smoker")
    editor = page.columns.decision
    pick(editor.kind, "undecided")
    field = editor.fields.reason
    field.setFocus()
    QTest.keyClicks(field, "ask the team")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert decision(page, "smoker").rule == Undecided(note="ask the team")
    assert board_words(page, "small")["smoker"] == "asks" and "ask the team" in editor.state.text()
    assert not editor.confirm.isEnabled()


def test_a_number_times_a_factor(page: MapPage) -> None:
    page.open("small", "education_years")
    editor = page.columns.decision
    pick(editor.kind, "direct")
    pick(editor.column, "Height")
    field = editor.fields.factor
    for text, expected in (("0,1", 0.1), ("many", 0.1), ("", 0.1)):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text) if text else field.clear()
        field.setModified(True)
        QTest.keyClick(field, Qt.Key.Key_Return)
        rule = decision(page, "education_years").rule
        assert isinstance(rule, Direct) and rule.factor == expected
    assert values(editor)["160"] == "16" and field.text() == "0.1"


def test_another_kind_keeps_the_column_and_leaving_drops_a_draft(page: MapPage) -> None:
    page.session = page.session.with_decision("small", "female", Decision(rule=Recode(column="Sex", codes={"F": "1"}), by="A"))
    page.display(page.session)
    page.open("small", "female")
    editor = page.columns.decision
    pick(editor.kind, "formula")
    assert editor.text.field.toPlainText() == "[Sex]"
    page.open("small", "bmi")
    page.open("small", "female")
    assert editor.kind.currentData() == "recode" and editor.text.isHidden() and values(editor)["F"] == "1 (female)"


def test_a_dose_is_divided_by_the_weight(page: MapPage) -> None:
    page.open("small", ARM)
    part = page.columns.part(TREATMENTS)
    assert not part.form.isRowVisible(part.weight)
    pick(part.dose, "Height")
    assert part.form.isRowVisible(part.weight)
    pick(part.weight, "Weight")
    (dose,) = [one for one in page.session.mappings["small"].doses if one.column]
    assert dose.column == "Height" and dose.per is not None and dose.per.column == "Weight"
    pick(part.weight, None)
    assert all(one.per is None for one in page.session.mappings["small"].doses)


def test_the_decimal_mark_of_all_numbers_is_that_of_formulas_too(small: Session) -> None:
    formula = Decision(rule=Formula(expression="[Weight] / [Height]"))
    changed = with_decimal(small.mappings["small"].with_decision("age_at_onset", formula), ",")
    forms = changed.variables["age_at_onset"].rule.formats
    assert {name: form.decimal for name, form in forms.items()} == {"Weight": ",", "Height": ","}
    assert {one.format.decimal for one in changed.variables["bmi"].rule.factors} == {","}
