"""All issues of the project in one list; opening one leads to its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.errors import Issue, Severity
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.frame import label
from gui.widgets.marks import OF_SEVERITY

Names = Mapping[str, str]
"""What studies, variables and scales are called, by their keys."""


def place(issue: Issue, names: Names) -> str:
    """Where in the file, in few words; the file itself only where no study names it."""
    where = issue.where
    parts = [None if where.study else where.file, where.sheet, f"row {where.row}" if where.row is not None else None,
             where.column or names.get(where.variable or "", where.variable)]
    return ", ".join(part for part in parts if part)


class IssueList(QWidget):
    """The list with a filter by kind and by words. `chosen` carries the issue to go to."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._issues: tuple[Issue, ...] = ()
        self._names: Names = {}
        self._kind, self._words = QComboBox(self), QLineEdit(self)
        self._kind.setAccessibleName("Kind of issue")
        self._kind.currentIndexChanged.connect(self._fill)
        self._words.setPlaceholderText("Filter by words, study or file")
        self._words.setAccessibleName("Filter issues by words")
        self._words.setClearButtonEnabled(True)
        self._words.textChanged.connect(self._fill)
        self.table = DataTable("Issues", self._columns(), wrap=True)
        self.table.opened.connect(self.chosen)
        self.table.clicked.connect(lambda index: self.chosen.emit(self.table.records.records[index.row()]))
        self._nothing = label("Nothing needs a look. Issues of files, columns and values will be listed here, each "
                              "with its place and what to do.", "secondary", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._kind)
        row.addWidget(self._words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(row)
        column.addWidget(self._nothing)
        column.addWidget(self.table, 1)
        self.show_issues(())

    def _columns(self) -> tuple[Column, ...]:
        def study(issue: Issue) -> str:
            return self._names.get(issue.where.study or "", issue.where.study or "")

        return (
            Column("Kind", lambda issue: OF_SEVERITY[issue.severity].word,
                   mark=lambda issue: OF_SEVERITY[issue.severity], order=lambda issue: issue.severity.rank),
            Column("Study", study, hint=study, widest=150, least=110),
            Column("Place", lambda issue: place(issue, self._names), hint=lambda issue: str(issue.where), widest=180,
                   least=130),
            Column("What and what to do", lambda issue: f"{issue.text} {issue.remedy}".strip(), stretch=True,
                   widest=280, hint=lambda issue: f"{issue.text} {issue.remedy}".strip()))

    @property
    def summary(self) -> str:
        """How many there are of each kind: "2 errors, 31 questions"."""
        counts = {severity: sum(issue.severity is severity for issue in self._issues) for severity in Severity}
        return ", ".join(_counted(count, OF_SEVERITY[severity].word) for severity, count in counts.items() if count)

    def show_issues(self, issues: Sequence[Issue], names: Names | None = None) -> None:
        """Show other issues; kind and words stay as set."""
        self._issues, self._names = tuple(issues), names or {}
        before = self._kind.currentData()
        self._kind.blockSignals(True)
        self._kind.clear()
        self._kind.addItem(f"All kinds ({len(issues)})", None)
        for severity in Severity:
            count = sum(issue.severity is severity for issue in issues)
            if count:
                self._kind.addItem(OF_SEVERITY[severity].icon(), _counted(count, OF_SEVERITY[severity].word), severity)
        self._kind.setCurrentIndex(max(0, self._kind.findData(before)))
        self._kind.blockSignals(False)
        self._fill()

    def _fill(self) -> None:
        kind, words = self._kind.currentData(), self._words.text().lower()
        shown = [issue for issue in self._issues if kind in (None, issue.severity)
                 and words in " ".join((str(issue), *map(self._called, (issue.where.study, issue.where.variable)))
                                       ).lower()]
        self.table.show_records(shown)
        self._nothing.setVisible(not self._issues)
        self.table.setVisible(bool(self._issues))

    def _called(self, key: str | None) -> str:
        """A key and the name that goes with it: both can be searched for."""
        return f"{key} {self._names.get(key, '')}" if key else ""


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
