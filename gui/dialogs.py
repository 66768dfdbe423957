"""Every modal box: only to choose a file, to confirm what cannot be undone, and to own up to a bug.

All of them open through `run`; tests replace it, record the box and answer for the person.
"""

from __future__ import annotations

import platform
import re
import traceback
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import GRID

if TYPE_CHECKING:
    from core.protocol import Protocol

SUFFIX = ".modscope"
ROOT = Path(__file__).resolve().parent.parent


def run(box: QDialog) -> bool:
    """Show a box and wait; whether it was accepted."""
    return box.exec() == QDialog.DialogCode.Accepted


class Confirmation(QDialog):
    """A question about something that cannot be undone; the safe answer has the keyboard."""

    def __init__(self, parent: QWidget | None, question: str, detail: str, action: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Modscope")
        layout = _column(self)
        layout.addWidget(_label(question, "section"))
        layout.addWidget(_label(detail))
        _buttons(self, layout, "Keep", action, is_safe_first=True)


def confirm(parent: QWidget | None, question: str, detail: str, action: str) -> bool:
    """Whether the person wants it: "Remove Feder 30?", what will be lost, "Remove"."""
    return run(Confirmation(parent, question, detail, action))


class About(QDialog):
    """Which program this is."""

    def __init__(self, parent: QWidget | None) -> None:
        from core import __version__

        super().__init__(parent)
        self.setWindowTitle("About Modscope")
        self.setMinimumWidth(460)
        layout = _column(self)
        layout.addWidget(_label(f"Modscope {__version__}", "section"))
        layout.addWidget(_label("Pools the patient data of randomized trials and asks for whom a treatment works "
                                "better. For research; nothing it says decides on the treatment of a patient."))
        layout.addWidget(_label("Free software under the MIT license. It uses Qt, Python, NumPy, SciPy, pandas, "
                                "statsmodels, Matplotlib and others under their own licenses.", "secondary"))
        close = QPushButton("Close", self)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        _name(close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        layout.addLayout(row)


class Crash(QDialog):
    """A bug of ours, with text that may be sent to us: no names, no values, nothing of the data."""

    def __init__(self, parent: QWidget | None, fault: BaseException) -> None:
        super().__init__(parent)
        self.setWindowTitle("Modscope has a fault")
        self.resize(640, 420)
        layout = _column(self)
        layout.addWidget(_label("Something in Modscope broke.", "section"))
        layout.addWidget(_label("Your project is safe: every change up to now is saved. The text below says where the "
                                "program broke and holds nothing of your data. Please send it to the makers."))
        self.details = QPlainTextEdit(crash_text(fault), self)
        self.details.setReadOnly(True)
        self.details.setAccessibleName("Where the program broke")
        layout.addWidget(self.details, 1)
        copy, close = QPushButton("Copy text", self), QPushButton("Close", self)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.details.toPlainText()))
        close.clicked.connect(self.accept)
        close.setDefault(True)
        _name(copy, close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        layout.addLayout(row)


def crash_text(fault: BaseException) -> str:
    """The kind of a fault and the places of our own code it passed; no message, for that may quote data."""
    from core import __version__

    kinds = " from ".join(type(part).__name__ for part in _chain(fault))
    lines = [f"Modscope {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
             kinds]
    for part in _chain(fault):
        for frame in traceback.extract_tb(part.__traceback__):
            path = Path(frame.filename)
            place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
            if ".venv" not in path.parts and "site-packages" not in path.parts:
                lines.append(f"  {place}, line {frame.lineno}, {frame.name}")
            else:
                lines.append(f"  (library) {path.parent.name}/{path.name}, line {frame.lineno}")
    return "\n".join(lines)


def _chain(fault: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = fault
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found


def show_crash(parent: QWidget | None, fault: BaseException) -> None:
    """Own up to a bug."""
    run(Crash(parent, fault))


@dataclass(frozen=True)
class ProjectWish:
    """What a new project is to be."""

    path: Path
    protocol: str
    """A bundled protocol's id, or the path of a protocol file."""

    @property
    def name(self) -> str:
        """The project's name: the file's."""
        return self.path.stem


class NewProject(QDialog):
    """Name, folder and protocol of a new project."""

    def __init__(self, parent: QWidget | None, protocols: dict[str, str], folder: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.setMinimumWidth(600)
        layout = _column(self)
        layout.addWidget(_label("A project is one file that keeps your study files, every decision and the results. "
                                "It is saved after each change."))
        self.name = QLineEdit(self)
        self.name.setPlaceholderText("for example Ketamine pool")
        self.folder = QLineEdit(str(folder), self)
        self.protocol = QComboBox(self)
        for key, title in protocols.items():
            self.protocol.addItem(title, key)
        browse, other = QPushButton("Choose...", self), QPushButton("From a file...", self)
        browse.clicked.connect(self._choose_folder)
        other.clicked.connect(self._choose_protocol)
        form = QGridLayout()
        form.setSpacing(GRID)
        rows = (("Name", self.name, None), ("Folder", self.folder, browse), ("Protocol", self.protocol, other))
        for row, (words, field, button) in enumerate(rows):
            form.addWidget(QLabel(words), row, 0)
            form.addWidget(field, row, 1, 1, 1 if button else 2)
            field.setAccessibleName(words)
            if button is not None:
                form.addWidget(button, row, 2)
        for before, after in pairwise((self.name, self.folder, browse, self.protocol, other)):
            self.setTabOrder(before, after)
        browse.setAccessibleName("Choose the folder")
        other.setAccessibleName("Take the protocol from a file")
        layout.addLayout(form)
        self.note = _label("", "secondary")
        layout.addWidget(self.note)
        self.create_button = _buttons(self, layout, "Cancel", "Create project")
        self.name.textChanged.connect(self._check)
        self.folder.textChanged.connect(self._check)
        self._check()

    def wish(self) -> ProjectWish:
        """What was asked for."""
        return ProjectWish(Path(self.folder.text()) / f"{self.name.text().strip()}{SUFFIX}",
                           str(self.protocol.currentData()))

    def _check(self) -> None:
        name = self.name.text().strip()
        fault = ("" if not name else
                 "A name cannot hold any of / \\ : * ? \" < > |" if set(name) & set('/\\:*?"<>|') else
                 "There is no such folder." if not Path(self.folder.text()).is_dir() else
                 "A project of that name is already there." if self.wish().path.exists() else "")
        self.note.setText(fault)
        self.create_button.setEnabled(bool(name) and not fault)

    def _choose_folder(self) -> None:
        found = choose_folder(self, "Folder for the project", Path(self.folder.text()))
        if found is not None:
            self.folder.setText(str(found))

    def _choose_protocol(self) -> None:
        found = choose_files(self, "Protocol file", "Protocols (*.json)", several=False)
        if found:
            self.protocol.addItem(found[0].stem, str(found[0]))
            self.protocol.setCurrentIndex(self.protocol.count() - 1)


def new_project(parent: QWidget | None, protocols: dict[str, str], folder: Path) -> ProjectWish | None:
    """Ask for a new project's name, folder and protocol; None if the person thought better of it."""
    box = NewProject(parent, protocols, folder)
    return box.wish() if run(box) else None


@dataclass(frozen=True)
class KitWish:
    """A request kit to be written, for a study that may not have a name yet."""

    path: Path
    study: str


class RequestData(QDialog):
    """What a request kit asks a team for, and whom."""

    def __init__(self, parent: QWidget | None, protocol: Protocol) -> None:
        from core.kit_columns import kit_columns

        super().__init__(parent)
        self.setWindowTitle("Request data from a team")
        self.setMinimumWidth(600)
        columns = kit_columns(protocol)
        needed = [column.label for column in columns if column.is_required]
        layout = _column(self)
        layout.addWidget(_label(protocol.title, "section"))
        layout.addWidget(_label(
            "A workbook to send to a study team: what is asked and why, a sheet for their patients with drop-downs and "
            "ranges, a codebook, the facts of the study and its risk of bias. Filled in and added like any study file, "
            "it is read without a question."))
        layout.addWidget(_label(f"Needed: {'; '.join(needed)}."))
        rest = len(columns) - len(needed)
        layout.addWidget(_label(f"And {rest} more columns, where the team has them.", "secondary"))
        self.study = QLineEdit(self)
        self.study.setPlaceholderText("for example Smith2015; may stay empty")
        self.study.setAccessibleName("Short id of the study")
        form = QGridLayout()
        form.setSpacing(GRID)
        form.addWidget(QLabel("Study"), 0, 0)
        form.addWidget(self.study, 0, 1)
        layout.addLayout(form)
        _buttons(self, layout, "Cancel", "Save workbook...")

    @property
    def file_name(self) -> str:
        """What the workbook is called at first."""
        name = re.sub(r"[^\w.-]+", "_", self.study.text()).strip("_")
        return f"data_request_{name}.xlsx" if name else "data_request.xlsx"


def request_data(parent: QWidget | None, protocol: Protocol) -> KitWish | None:
    """Ask for whom a request kit is and where to write it; None if the person thought better of it."""
    box = RequestData(parent, protocol)
    if not run(box):
        return None
    path = choose_target(parent, "Request data from a team", "Workbook (*.xlsx)", box.file_name)
    return KitWish(path, box.study.text().strip()) if path else None


def choose_files(parent: QWidget | None, title: str, kinds: str, several: bool = True,
                 folder: Path | None = None) -> list[Path]:
    """Files the person picks; `kinds` as `Study files (*.xlsx *.csv)`."""
    box = QFileDialog(parent, title, str(folder or ""), kinds)
    box.setFileMode(QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile)
    return [Path(name) for name in box.selectedFiles()] if run(box) else []


def choose_folder(parent: QWidget | None, title: str, folder: Path | None = None) -> Path | None:
    """A folder the person picks."""
    box = QFileDialog(parent, title, str(folder or ""))
    box.setFileMode(QFileDialog.FileMode.Directory)
    box.setOption(QFileDialog.Option.ShowDirsOnly)
    return Path(box.selectedFiles()[0]) if run(box) else None


def choose_target(parent: QWidget | None, title: str, kinds: str, name: str) -> Path | None:
    """Where to write one file, `name` by default; the box itself asks before a file is replaced."""
    box = QFileDialog(parent, title, name, kinds)
    box.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    box.setFileMode(QFileDialog.FileMode.AnyFile)
    box.setDefaultSuffix(Path(name).suffix.lstrip("."))

    def follow(kind: str) -> None:
        """The name ends as the kind that was chosen says."""
        ending = re.search(r"\*(\.\w+)", kind)
        if ending:
            box.setDefaultSuffix(ending[1].lstrip("."))
            box.selectFile(Path(*box.selectedFiles()[:1] or [name]).with_suffix(ending[1]).name)

    box.filterSelected.connect(follow)
    return Path(box.selectedFiles()[0]) if run(box) else None


def choose_color(parent: QWidget | None, title: str, color: str) -> str | None:
    """A color (#RRGGBB) the person picks."""
    box = QColorDialog(QColor(color), parent)
    box.setWindowTitle(title)
    return box.currentColor().name().upper() if run(box) else None


def _column(box: QDialog) -> QVBoxLayout:
    layout = QVBoxLayout(box)
    layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
    layout.setSpacing(2 * GRID)
    return layout


def _label(text: str, kind: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("kind", kind)
    return label


def _buttons(box: QDialog, layout: QVBoxLayout, no: str, yes: str, is_safe_first: bool = False) -> QPushButton:
    """A row of two; the one that Enter presses is the primary. Returns the one that accepts."""
    refuse, accept = QPushButton(no, box), QPushButton(yes, box)
    (refuse if is_safe_first else accept).setProperty("kind", "primary")
    (refuse if is_safe_first else accept).setDefault(True)
    refuse.clicked.connect(box.reject)
    accept.clicked.connect(box.accept)
    _name(refuse, accept)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(refuse)
    row.addWidget(accept)
    layout.addLayout(row)
    return accept


def _name(*buttons: QPushButton) -> None:
    for button in buttons:
        button.setAccessibleName(button.text())
