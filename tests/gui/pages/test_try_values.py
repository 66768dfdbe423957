"""The box to try values: an answer as one types, under its mark, and nothing kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from core.labels import Labels
from core.moderators.calculator import Calculator, calculator
from gui.pages.results_try_values import TryValues
from gui.widgets.choices import Choice
from tests.strong_pool import strong_pool


@pytest.fixture(scope="module")
def pool():
    cohort, plan, one = strong_pool()
    found = calculator(cohort, plan, None, one)
    assert isinstance(found, Calculator)
    return one, found


@pytest.fixture
def box(qtbot, pool) -> Iterator[TryValues]:
    made = TryValues(None, *pool, "units of the outcome", Labels())
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    yield made
    made.close()


def press(box: TryValues, words: str) -> None:
    next(one for one in box.findChildren(QPushButton) if one.accessibleName() == words).click()


def fill(box: TryValues, qtbot) -> None:
    """By keyboard alone, Enter from field to field."""
    box.fields["age"].setFocus()
    for name, field in box.fields.items():
        assert box.focusWidget() is field, name
        if isinstance(field, Choice):
            qtbot.keyClick(field, Qt.Key.Key_Down)
            qtbot.keyClick(field, Qt.Key.Key_Return)
        else:
            qtbot.keyClicks(field, {"age": "52", "crp": "4.5"}[name])
            qtbot.keyClick(field, Qt.Key.Key_Return)


def said(box: TryValues) -> str:
    QApplication.processEvents()
    return " ".join(one.text() for one in box.findChildren(QLabel) if one.isVisible())


def test_the_keyboard_gives_the_answer(box: TryValues, qtbot, pool) -> None:
    assert "Still missing: age, female, crp, diagnosis, referred." in said(box)
    fill(box, qtbot)
    assert box.isVisible(), "Enter does not close it"
    assert box.first.text().startswith("Predicted difference, active arm minus control arm: ")
    values = {"age": 52.0, "female": 0.0, "crp": 4.5, "diagnosis": pool[1].asked[3].levels[0], "referred": 0.0}
    assert f"{pool[1].foretold(values).difference:.1f} (" in box.first.text()
    assert "Research use only. Not for decisions about single patients." in said(box) and "Held-out r = 0." in said(box)
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()


def test_an_extrapolation_and_a_slip_are_told(box: TryValues, qtbot) -> None:
    fill(box, qtbot)
    age = box.fields["age"]
    assert isinstance(age, QLineEdit) and "An extrapolation" not in said(box)
    age.setText("99")
    assert "An extrapolation: Age 99 lies outside what the patients had" in said(box)
    age.setText("99y")
    assert 'Age: "99y" is not a number.' in said(box) and not box.copy.isEnabled() and "Predicted" not in said(box)
    age.clear()
    assert "Still missing: age." in said(box)


def test_copied_with_its_mark_then_cleared(box: TryValues, qtbot) -> None:
    assert not box.copy.isEnabled()
    fill(box, qtbot)
    press(box, "Copy as text")
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Research use only.") and "\nAge: 52\n" in text and "\nPredicted difference" in text
    press(box, "Clear")
    assert "Still missing: age, female, crp, diagnosis, referred." in said(box)
    assert box.focusWidget() is box.fields["age"]


def test_every_field_says_what_it_is(box: TryValues) -> None:
    for name, field in box.fields.items():
        assert field.accessibleName(), name
    assert "in the patients" in box.fields["age"].accessibleDescription()
    assert "Facts of the study" in box.fields["referred"].accessibleDescription()
    assert "Facts of the study, the same for all its patients" in said(box)
    assert box.minimumSizeHint().height() <= 680
