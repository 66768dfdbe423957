"""A project's rules as files: a workbook to read, edit and take back, and Maelstrom's tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from core.errors import Severity
from core.progress import Progress
from core.rules_files import read_rules_file, write_maelstrom, write_rules_file
from core.rules_table import TakenRules
from core.wording import count
from gui import dialogs
from gui.jobs import Job, JobRunner
from gui.widgets.icon import icon

if TYPE_CHECKING:
    from core.session import Session

WORKBOOK = "Workbook (*.xlsx)"


class RulesMenu(QPushButton):
    """`decided` carries the next session and the change's name; `said` a sentence and how grave it is."""

    decided = Signal(object, str)
    said = Signal(str, object)
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" Rules as a table", parent)
        self.setIcon(icon("table", "text"))
        self.setAccessibleName("Rules as a table")
        self.session: Session | None = None
        self._runner = JobRunner(self)
        menu = QMenu(self)
        self.save, self.take, self.maelstrom = (menu.addAction(words, act) for words, act in (
            ("Save as a workbook...", self._save), ("Take from an edited workbook...", self._take),
            ("Save in Maelstrom's columns...", self._save_maelstrom)))
        self.setMenu(menu)

    def _save(self) -> None:
        path = dialogs.choose_target(self, "Save the rules", WORKBOOK, "rules.xlsx")
        if path is not None and self.session is not None:
            self._start(_saved, self.session, path).succeeded.connect(
                lambda where: self.said.emit(f"The rules are in {where.name}: a sheet a study, a row a variable.",
                                             Severity.NOTE))

    def _save_maelstrom(self) -> None:
        folder = dialogs.choose_folder(self, "Folder for the DataSchema and the data processing elements")
        if folder is not None and self.session is not None:
            self._start(_saved_maelstrom, self.session, folder).succeeded.connect(
                lambda where: self.said.emit(f"DataSchema.xlsx and data_processing_elements.csv are in {where.name}.",
                                             Severity.NOTE))

    def _take(self) -> None:
        found = dialogs.choose_files(self, "Edited rules", WORKBOOK, several=False)
        if found and self.session is not None:
            self._start(_read, self.session, found[0]).succeeded.connect(
                lambda taken: self._taken(taken, found[0].name))

    def _taken(self, taken: TakenRules, name: str) -> None:
        if taken.issues:
            others = len(taken.issues) - 1
            more = f" {count(others, 'more fault')} follow{'s' if others == 1 else ''}." if others else ""
            self.said.emit(f"{taken.issues[0]} Nothing was changed.{more}", Severity.ERROR)
        elif taken.changes:
            self.decided.emit(taken.session, f"{count(len(taken.changes), 'rule')} from {name}")
            self.said.emit(f"{count(len(taken.changes), 'rule')} changed: {'; '.join(taken.changes[:6])}"
                           f"{' and more' if len(taken.changes) > 6 else ''}.", Severity.NOTE)
        else:
            self.said.emit(f"{name} says what the project says; nothing was changed.", Severity.NOTE)

    def _start(self, work: Callable[..., object], session: Session, path: Path) -> Job:
        job = self._runner.start(work, session, path)
        job.failed.connect(self.failed)
        return job


def _saved(session: Session, path: Path, progress: Progress) -> Path:
    progress(0.0, "Writing the rules")
    return write_rules_file(session, path)


def _saved_maelstrom(session: Session, folder: Path, progress: Progress) -> Path:
    progress(0.0, "Writing the rules")
    return write_maelstrom(session, folder)


def _read(session: Session, path: Path, progress: Progress) -> TakenRules:
    progress(0.0, "Reading the rules")
    return read_rules_file(session, path)
