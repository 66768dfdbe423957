from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from gui import dialogs

SECRET = "Jane Doe, MADRS 43"


def fault() -> Exception:
    try:
        try:
            int(SECRET)
        except ValueError as cause:
            raise KeyError(SECRET) from cause
    except KeyError as found:
        return found
    raise AssertionError


def test_the_crash_text_says_where_and_nothing_of_the_data() -> None:
    text = dialogs.crash_text(fault())
    assert "KeyError from ValueError" in text
    assert "tests/gui/test_dialogs.py" in text
    assert "Jane" not in text
    assert "43" not in text


def test_the_crash_text_can_be_copied(qtbot) -> None:
    box = dialogs.Crash(None, fault())
    qtbot.addWidget(box)
    button = next(one for one in box.findChildren(QPushButton) if one.text() == "Copy text")
    button.click()
    assert QGuiApplication.clipboard().text() == box.details.toPlainText()


def test_confirm_keeps_by_default(boxes, qtbot) -> None:
    assert not dialogs.confirm(None, "Remove?", "It is gone then.", "Remove")
    buttons = {one.text(): one for one in boxes.shown[0].findChildren(QPushButton)}
    assert buttons["Keep"].isDefault()
    boxes.answer = lambda box: True
    assert dialogs.confirm(None, "Remove?", "It is gone then.", "Remove")


@pytest.mark.parametrize(("name", "said"), [("", ""), ("a/b", "cannot hold"), ("there", "already there")])
def test_a_new_project_needs_a_free_and_possible_name(qtbot, tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "there.modscope").touch()
    box = dialogs.NewProject(None, {"ketamine": "Ketamine"}, tmp_path)
    qtbot.addWidget(box)
    box.name.setText(name)
    assert not box.create_button.isEnabled()
    assert said in box.note.text()


def test_a_new_projects_wish(qtbot, tmp_path: Path) -> None:
    box = dialogs.NewProject(None, {"ketamine": "Ketamine"}, tmp_path)
    qtbot.addWidget(box)
    box.name.setText(" Pool ")
    assert box.create_button.isEnabled()
    assert box.wish() == dialogs.ProjectWish(tmp_path / "Pool.modscope", "ketamine")
    box.folder.setText(str(tmp_path / "nowhere"))
    assert not box.create_button.isEnabled()


def test_files_are_chosen(boxes, tmp_path: Path) -> None:
    assert dialogs.choose_files(None, "Files", "All (*)") == []
    boxes.files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    assert dialogs.choose_files(None, "Files", "All (*)") == boxes.files
    assert dialogs.choose_folder(None, "Folder") == boxes.files[0]
