"""A study's file sent again: what it would change, side by side, before it takes the old one's place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.intake import read_file
from core.progress import Progress
from core.resend import Resent, compare_file, new_questions, with_resent
from core.sources import SourceFile
from core.wording import count
from gui.pages.map_values import uses
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import button, label
from gui.widgets.marks import ASKS, DISPUTED, NONE, OK, Mark

if TYPE_CHECKING:
    from core.session import Session

SAME, OTHER = "renamed?", "not the same"


@dataclass(frozen=True)
class ResentRow:
    """One difference of the two files; `raw` is what it is about."""

    raw: str
    mark: Mark
    what: str
    now: str
    is_choice: bool = False


COLUMNS = (
    Column("Before", lambda row: row.raw, hint=lambda row: row.raw, widest=200, least=96),
    Column("What", lambda row: row.what, mark=lambda row: row.mark, hint=lambda row: row.what, widest=150, least=130),
    Column("Now", lambda row: row.now, hint=lambda row: row.now, stretch=True, least=120))


class ResentView(QWidget):
    """`deciding` carries the work that takes the new file, and its name; `closed` tells that the old one stays."""

    deciding = Signal(object, str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._resent: Resent | None = None
        self._refused: set[str] = set()
        self.heading, self.text = label(kind="section", wrap=True), label(kind="secondary", wrap=True)
        self.rows = EditTable("What the new file changes", COLUMNS)
        self.rows.edited.connect(self._take_choice)
        self.rows.chosen.connect(self._show_detail)
        self.detail = label(kind="secondary", wrap=True)
        self.take, self.keep = button("Take the new file", "primary", "check"), button("Keep the old one")
        self.take.clicked.connect(self._take)
        self.keep.clicked.connect(self.closed)
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self.take)
        foot.addWidget(self.keep)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for part in (self.heading, self.text):
            column.addWidget(part)
        column.addWidget(self.rows, 1)
        column.addWidget(self.detail)
        column.addLayout(foot)

    def show_resent(self, session: Session, resent: Resent) -> None:
        """Show what a file would change."""
        self._session, self._resent, self._refused = session, resent, set()
        self.heading.setText(f"New file: {resent.source.name}")
        same = "Nothing that is read differs from the file in the project." if resent.is_same else ""
        choice = " Columns that may have been renamed: say of each whether it is the same." if any(
            not one.is_sure for one in resent.renamed) else ""
        self.text.setText(f"{same or 'The rules of this study go on as far as its columns are there.'}{choice} "
                          "Other studies stay as they are.")
        self._fill()

    @property
    def _agreed(self) -> set[str]:
        assert self._resent is not None
        return {one.before for one in self._resent.renamed} - self._refused

    def _fill(self) -> None:
        if self._session is None or self._resent is None:
            return
        edit = Edit(lambda row: row.raw not in self._refused, ((SAME, True), (OTHER, False)),
                    is_for=lambda row: row.is_choice)
        self.rows.show_records([*self._differences(), *self._questions()], {"What": edit})
        self.detail.setVisible(bool(self.rows.model_.records))
        if self.rows.current is None and self.rows.model_.records:
            self.rows.setCurrentIndex(self.rows.model_.index(0, 0))
        if self.rows.current is not None:
            self._show_detail(self.rows.current)

    def _differences(self) -> list[ResentRow]:
        assert self._session is not None and self._resent is not None
        resent = self._resent
        used = uses(self._session.mappings[resent.study], self._session.protocol)
        rows = []
        for one in resent.renamed:
            is_other = one.before in self._refused
            mark = OK if one.is_sure else DISPUTED if is_other else ASKS
            what = "renamed" if one.is_sure else OTHER if is_other else SAME
            rows.append(ResentRow(one.before, mark, what, f"{one.after}: {one.reason}", not one.is_sure))
        rows += [ResentRow(name, DISPUTED if used.get(name) else NONE, "gone",
                           f"was used as {', '.join(used[name])}" if used.get(name) else "was not used")
                 for name in resent.gone]
        rows += [ResentRow("", OK, "added", name) for name in resent.added]
        rows += [ResentRow(name, ASKS, "changed", f"{count(n, 'cell')} differ" if n > 1 else "1 cell differs")
                 for name, n in resent.changed.items()]
        if resent.rows_added or resent.rows_gone:
            rows.append(ResentRow(count(resent.rows_before, "row"), ASKS, "rows", f"{count(resent.rows_after, 'row')}: "
                                  f"{resent.rows_added} added, {resent.rows_gone} gone"))
        return rows

    def _questions(self) -> list[ResentRow]:
        """What would be open after it."""
        assert self._session is not None and self._resent is not None
        after = with_resent(self._session, self._resent, self._agreed)
        return [ResentRow(issue.where.column or "", ASKS, "asks", issue.text)
                for issue in new_questions(self._session, after, self._resent)]

    def _show_detail(self, row: ResentRow) -> None:
        """The row in full, where the table has no room for it."""
        self.detail.setText(f"{row.what[:1].upper()}{row.what[1:]}: {f'{row.raw} - ' if row.raw else ''}{row.now}")

    def _take_choice(self, row: ResentRow, _: str, is_same: object) -> None:
        if row.is_choice:
            self._refused = self._refused - {row.raw} if is_same else self._refused | {row.raw}
            self._fill()

    def _take(self) -> None:
        if self._session is not None and self._resent is not None:
            name = self._session.registry.by_id[self._resent.study].name
            self.deciding.emit(partial(_taken, self._session, self._resent, self._agreed), f"New file of {name}")


def compared(session: Session, study: str, path: Path, progress: Progress) -> Resent:
    """Read a file and compare it with the study's. Raises UserError."""
    progress(0.0, f"Reading {path.name}")
    return compare_file(session, study, read_file(path))


def _taken(session: Session, resent: Resent, agreed: set[str], progress: Progress) -> Session:
    progress(0.0, f"Taking {resent.source.name}")
    return with_resent(session, resent, agreed)


def resent_example(session: Session) -> Resent | None:
    """What a text file of the session would change with two columns renamed and its last rows gone; for pictures."""
    study = next((one for one in session.usable_studies if session.source_of(one).name.endswith(".csv")), None)
    if study is None:
        return None
    source, columns = session.source_of(study), session.table(study).columns
    text = source.content.decode("utf-8", "replace")
    head, _, rest = text.partition("\n")
    names = {columns[4].name: "years at entry", columns[5].name: columns[5].name.upper()}
    again = ",".join(names.get(name, name) for name in head.split(","))
    content = "\n".join([again, *rest.splitlines()[:-8]]) + "\n"
    return compare_file(session, study, SourceFile(source.name, content.encode()))
