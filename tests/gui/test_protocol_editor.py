"""The protocol in its own window: items are added, named and taken out, faults are said, nothing is taken unasked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPlainTextEdit

from core.protocol_draft import Part
from core.protocol_files import load_protocol
from core.session import Session
from core.steps import Step
from gui.dialogs import NewProject
from gui.main_window import MainWindow
from gui.protocol_editor import PARTS, PartEditor, ProtocolEditor
from tests.gui.test_every_page import focusable


@pytest.fixture
def editor(qtbot) -> Iterator[ProtocolEditor]:
    made = ProtocolEditor(None, load_protocol("ketamine"))
    qtbot.addWidget(made)
    made.show()
    yield made
    made.hide()


def go(editor: ProtocolEditor, part: Part) -> PartEditor:
    editor.tabs.setCurrentIndex(1 + [name for name, *_ in PARTS].index(part))
    return editor.parts[part]


def write(shown: PartEditor, key: str, text: str) -> None:
    """As a person does: into the field, and on with Tab."""
    field = shown.fields.form.fields[key]
    field.setFocus()
    if isinstance(field, QComboBox):
        field.setCurrentIndex(field.findText(text))
        field.activated.emit(field.currentIndex())
        return
    assert isinstance(field, QLineEdit | QPlainTextEdit)
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Tab)


def test_a_variable_is_made_with_the_keyboard(editor: ProtocolEditor, qtbot) -> None:
    shown = go(editor, "variables")
    QTest.keyClick(shown.add, Qt.Key.Key_Space)
    name = shown.fields.form.fields["label"]
    assert name.hasFocus() and name.selectedText() == "New variable"  # type: ignore[attr-defined]
    write(shown, "label", "Pain at night")
    write(shown, "kind", "yes or no")
    assert not shown.fields.form.fields["unit"].isVisible() and shown.fields.form.fields["codes"].isVisible()
    write(shown, "synonyms", "night pain, nocturnal pain")
    made = editor.protocol.variables_by_key["pain_at_night"]
    assert (made.kind, made.synonyms, made.label) == ("binary", ("night pain", "nocturnal pain"), "Pain at night")
    assert shown.table.current == made and editor.accept_button.isEnabled()
    for _ in range(4):
        editor.undo.click()
    assert editor.protocol == load_protocol("ketamine") and not editor.accept_button.isEnabled()


def test_a_fault_is_said_and_the_field_is_as_it_was(editor: ProtocolEditor, qtbot) -> None:
    shown = go(editor, "timepoints")
    write(shown, "target_hours", "soon")
    qtbot.waitUntil(lambda: "is no time" in editor.message.text)
    assert shown.fields.form.fields["target_hours"].text() == "24 h"  # type: ignore[attr-defined]
    shown = go(editor, "scales")
    shown.remove.click()
    qtbot.waitUntil(lambda: "improvement is analyzed" in editor.message.text)
    shown.table.choose("hama")
    shown.remove.click()
    assert "hama" not in editor.protocol.scales_by_key and not editor.message.text


def test_an_item_that_is_left_keeps_what_was_written(editor: ProtocolEditor, qtbot) -> None:
    shown = go(editor, "treatments")
    field = shown.fields.form.fields["label"]
    field.setFocus()
    field.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(field, "Ketamine drip")
    rows = shown.table.records.records
    place = shown.table.visualRect(shown.table.records.index(2, 0)).center()
    shown.table.setFocus()
    QTest.mouseClick(shown.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert editor.protocol.treatments_by_key["ketamine"].label == "Ketamine drip"
    assert shown.table.current.key == rows[2].key


def test_changes_are_not_lost_without_a_question(editor: ProtocolEditor, boxes, qtbot) -> None:
    go(editor, "sets").remove.click()
    editor.cancel.click()
    assert editor.isVisible() and len(boxes.shown) == 1
    boxes.answer = lambda box: True
    editor.cancel.click()
    assert not editor.isVisible()


def test_a_protocol_goes_into_a_file(editor: ProtocolEditor, boxes, tmp_path: Path, qtbot) -> None:
    go(editor, "sets").remove.click()
    boxes.files = [tmp_path / "mine.json"]
    editor.save.click()
    assert "mine.json is written" in editor.message.text
    assert load_protocol(tmp_path / "mine.json") == editor.protocol
    boxes.files = [tmp_path / "nowhere" / "mine.json"]
    editor.save.click()
    assert "cannot be written" in editor.message.text


def test_every_control_has_a_name(editor: ProtocolEditor) -> None:
    for part, *_ in PARTS:
        go(editor, part)
        assert not [widget for widget in focusable(editor) if not widget.accessibleName()]


def test_the_project_follows_and_undo_takes_it_back(demo_window: MainWindow, demo: Session, boxes, qtbot) -> None:
    def answer(box: QDialog) -> bool:
        assert isinstance(box, ProtocolEditor)
        shown = go(box, "variables")
        shown.table.choose("bmi")
        shown.remove.click()
        return True

    boxes.answer = answer
    space = demo_window.workspace
    with qtbot.waitSignal(space.settled, timeout=60_000):
        demo_window.top.protocol.click()
    assert "bmi" not in space.session.protocol.variables_by_key
    assert space.undo_name == "Protocol: 1 variable taken out, 1 set changed"
    with qtbot.waitSignal(space.settled, timeout=60_000):
        space.undo()
    assert space.session.protocol == demo.protocol and space.session.mappings == demo.mappings


def test_a_blank_project_begins_with_its_protocol(window: MainWindow, boxes, tmp_path: Path, qtbot) -> None:
    def answer(box: QDialog) -> bool:
        if isinstance(box, NewProject):
            box.name.setText("Mine")
            box.folder.setText(str(tmp_path))
            box.protocol.setCurrentIndex(box.protocol.findData("blank"))
            return True
        assert isinstance(box, ProtocolEditor)
        box._put_general(box.general._fields["title"], "Sleep after light")
        return True

    boxes.answer = answer
    window.new_project([])
    qtbot.waitUntil(lambda: window.workspace.session is not None
                    and window.workspace.session.protocol.title == "Sleep after light", timeout=60_000)
    qtbot.waitUntil(lambda: window.step is Step.STUDIES and not window.workspace.is_busy, timeout=60_000)
