"""The board of the Map page: studies by variables, how much of the patients each reaches, and its tier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from core.registry import Study
from core.summaries import ALL, tier_in
from gui import theme
from gui.pages.map_cells import (
    ARM,
    LAYOUT,
    NOTHING,
    BoardCell,
    BoardFacts,
    board_keys,
    board_row,
    board_title,
    facts_at_hand,
    study_mark,
)
from gui.widgets.frame import button, hairline, label
from gui.widgets.marks import NONE
from gui.widgets.name_header import NameHeader

if TYPE_CHECKING:
    from core.session import Session

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
COLUMN_WIDTH, NAME_WIDTH = 112, 208
KEYS = "Arrows move, Enter opens, A accepts, N to the next question"
FOOT_ROWS = ("Patients", "Availability", "Tier")


class BoardModel(QAbstractTableModel):
    """Rows are studies, columns the protocol's; each cell as `map_cells` says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keys: tuple[str, ...] = ()
        self.studies: tuple[Study, ...] = ()
        self._titles: list[str] = []
        self._rows: list[list[BoardCell]] = []
        self._marks: list[Any] = []

    def show(self, session: Session, facts: BoardFacts) -> None:
        """Show how a session stands."""
        self.beginResetModel()
        self.studies = session.registry.studies
        rows = [board_row(session, study, facts) for study in self.studies]
        further = session.protocol.further_keys  # these only where some study has them
        self.keys = tuple(key for key in board_keys(session.protocol) if key not in further or any(
            row[key].mark not in (None, NONE) for row in rows))
        self._titles = [board_title(session.protocol, key) for key in self.keys]
        self._rows = [[row.get(key, NOTHING) for key in self.keys] for row in rows]
        self._marks = [study_mark(session, study) for study in self.studies]
        self.endResetModel()

    def cell(self, row: int, column: int) -> BoardCell:
        """One cell."""
        return self._rows[row][column]

    @property
    def counts(self) -> tuple[int, int]:
        """Cells in all, and those that ask."""
        cells = [cell for row in self._rows for cell in row if cell.text]
        return len(cells), sum(cell.asks for cell in cells)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Number of studies."""
        return 0 if parent.isValid() else len(self.studies)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(self.keys)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's mark and word."""
        cell = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.DecorationRole:
            return cell.mark.icon() if cell.mark else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self.studies[index.row()].name}, {self._titles[index.column()]}\n{cell.hint}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.studies[index.row()].name}, {self._titles[index.column()]}: {cell.text or 'nothing'}"
        if role == Qt.ItemDataRole.FontRole and cell.asks:
            return theme.font(theme.SECONDARY, bold=True)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation,
                   role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Variables above, studies at the left with their state."""
        if orientation is Qt.Orientation.Horizontal:
            names = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
            return self._titles[section] if role in names else None
        mark, words = self._marks[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.studies[section].name
        if role == Qt.ItemDataRole.DecorationRole:
            return mark.icon()
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self.studies[section].name}: {words}"
        return None


class FootModel(QAbstractTableModel):
    """Rows below the board: how many patients have a variable, their share, and the tier it would have."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: list[tuple[str, str, str]] = []

    def show(self, session: Session, facts: BoardFacts, keys: Sequence[str]) -> None:
        """Show what follows from the harmonized data; dots while they are not at hand."""
        self.beginResetModel()
        self._columns = [_foot_of(session, facts, key) for key in keys]
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """As FOOT_ROWS."""
        return 0 if parent.isValid() else len(FOOT_ROWS)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """As the board."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A count, a share or a tier."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._columns[index.column()][index.row()]
        if role == Qt.ItemDataRole.FontRole:
            return theme.font(theme.SECONDARY, bold=True)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation,
                   role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What the rows are."""
        if orientation is Qt.Orientation.Vertical and role == Qt.ItemDataRole.DisplayRole:
            return FOOT_ROWS[section]
        return None


def _foot_of(session: Session, facts: BoardFacts, key: str) -> tuple[str, str, str]:
    if key in (LAYOUT, ARM):
        return "", "", ""
    found = facts.summaries.of(ALL, key) if facts.summaries else None
    if found is None:
        return "...", "...", ""
    share = found.share
    # never rounded up to a hundred
    text = "100" if share == 1 else f"{min(100 * share, 99.9):.1f}" if share >= 0.99 else f"{100 * share:.0f}"
    return str(found.n), f"{text}\N{NARROW NO-BREAK SPACE}%", tier_in(session.plan, key, share)


class Board(QWidget):
    """All signals carry the study's id and the column's key under the keyboard or the mouse."""

    opened = Signal(str, str)
    accepted = Signal(str, str)
    """What is suggested there is right."""
    suggestions_wanted = Signal(str, str)
    """Suggestions are to be taken, many at once."""
    rule_wanted = Signal(str, str)
    """Its rule is to be applied to other studies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells, self._foot_model = BoardModel(self), FootModel(self)
        self.table = _Table(self.cells, "Studies by variables")
        self.foot = _Table(self._foot_model, "Availability and tier")
        self.table.setHorizontalHeader(NameHeader(3, self.table))
        self.table.horizontalHeader().setDefaultSectionSize(COLUMN_WIDTH)
        self.foot.horizontalHeader().hide()
        self.foot.horizontalHeader().setDefaultSectionSize(COLUMN_WIDTH)
        self.foot.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.horizontalScrollBar().valueChanged.connect(self.foot.horizontalScrollBar().setValue)
        self.foot.horizontalScrollBar().valueChanged.connect(self.table.horizontalScrollBar().setValue)
        rows = len(FOOT_ROWS) * self.foot.verticalHeader().defaultSectionSize()
        self.foot.setFixedHeight(rows + 12)
        self.table.chosen.connect(lambda index: self.opened.emit(*self._place(index)))
        self.table.pressed_key.connect(self._do)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tools = self._tools()
        column.addLayout(self.tools)
        column.addSpacing(theme.GRID)
        column.addWidget(self.table, 1)
        column.addWidget(hairline())
        column.addWidget(self.foot)

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        self.suggest, self.apply = button("Take suggestions..."), button("Apply a rule...")
        self.suggest.setToolTip("See what the program would suggest and take it, for many cells at once")
        self.apply.setToolTip("Apply the rule of the chosen cell to the other studies that have a column of that name")
        self.suggest.clicked.connect(lambda: self._tell(self.suggestions_wanted))
        self.apply.clicked.connect(lambda: self._tell(self.rule_wanted))
        row.addWidget(self.suggest)
        row.addWidget(self.apply)
        keys = label(KEYS, "secondary", wrap=True)
        keys.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(keys, 1)
        return row

    def _place(self, index: QModelIndex | None = None) -> tuple[str, str]:
        at = index or self.table.currentIndex()
        return self.cells.studies[at.row()].study, self.cells.keys[at.column()]

    def _tell(self, signal: SignalInstance) -> None:
        if self.table.currentIndex().isValid():
            signal.emit(*self._place())

    def _do(self, key: str) -> None:
        """What a letter means on the board."""
        if key == "a":
            self._tell(self.accepted)
        elif key == "n":
            self.next_asking()

    def next_asking(self) -> bool:
        """The keyboard to the next cell that asks, row by row; whether there is one."""
        rows, columns = self.cells.rowCount(), self.cells.columnCount()
        here = self.table.currentIndex()
        start = here.row() * columns + here.column() + 1 if here.isValid() else 0
        for step in range(rows * columns):
            row, column = divmod((start + step) % (rows * columns), columns)
            if self.cells.cell(row, column).asks:
                self.table.setCurrentIndex(self.cells.index(row, column))
                self.table.scrollTo(self.table.currentIndex())
                return True
        return False

    def show_session(self, session: Session) -> None:
        """Fill the board; the keyboard's cell stays."""
        facts = facts_at_hand(session)
        before = self.table.currentIndex()
        row, place = before.row(), before.column()
        self.cells.show(session, facts)
        self._foot_model.show(session, facts, self.cells.keys)
        if 0 <= row < self.cells.rowCount() and 0 <= place < self.cells.columnCount():
            self.table.setCurrentIndex(self.cells.index(row, place))
        elif self.cells.rowCount():
            self.table.setCurrentIndex(self.cells.index(0, 0))

    def choose(self, study: str, key: str) -> None:
        """Take the keyboard to a cell."""
        ids = [one.study for one in self.cells.studies]
        if study in ids and key in self.cells.keys:
            index = self.cells.index(ids.index(study), self.cells.keys.index(key))
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)


class _Table(QTableView):
    """Cells to walk with the arrow keys; a click or Enter chooses one."""

    chosen = Signal(QModelIndex)
    pressed_key = Signal(str)
    """A letter, in lower case."""

    def __init__(self, model: QAbstractTableModel, name: str) -> None:
        super().__init__()
        self.setModel(model)
        self.setAccessibleName(name)
        self.setFont(theme.font(theme.SECONDARY))
        self.setStyleSheet("QTableView { border: none; } QTableView::item { padding: 2px 4px; }")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        names = self.verticalHeader()
        names.setDefaultSectionSize(self.fontMetrics().height() + theme.GRID + 2)
        names.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        names.setFixedWidth(NAME_WIDTH)
        names.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        names.setTextElideMode(Qt.TextElideMode.ElideRight)
        names.setHighlightSections(False)
        names.setStyleSheet("QHeaderView::section { padding: 2px 8px; }")
        self.clicked.connect(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and the space bar open the cell."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex())
        elif event.text().isalpha() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            self.pressed_key.emit(event.text().lower())
        else:
            super().keyPressEvent(event)
