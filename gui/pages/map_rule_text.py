"""A rule that a person writes: a formula, or what a text search looks for; with its faults while it is written."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from core.errors import UserError
from core.expression import FUNCTIONS, quoted
from core.mapping import Formula, Product, Rule, TextSearch
from core.new_rules import formula_rule, search_rule
from core.protocol import Protocol, Variable
from core.rule_columns import columns_of
from core.rule_text import read_search, write_search
from core.sources import RawTable
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.frame import label
from gui.widgets.marks import FAULT, OK

READ_AFTER = 150
"""Milliseconds without a key after which the text is read."""
FORMULA_HINT = "for example [Weight (kg)] / ([Height (cm)] / 100) ^ 2"
SEARCH_HINT = "for example\n1: gad | generalized anx*\notherwise: 0"


class RuleText(QWidget):
    """`changed` when the text was read anew, `wanted` when the person presses Ctrl+Enter to take it."""

    changed = Signal()
    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = ""
        self.rule: Formula | TextSearch | None = None
        self.fault = ""
        self._columns: tuple[str, ...] = ()
        self._table: RawTable | None = None
        self._variable: Variable | None = None
        self._protocol: Protocol | None = None
        self._shown: object = None
        self.column = combo("Column to put in", self._take_column)
        self.insert = combo("Word to put in", self._take_word)
        self.field = _Field(self)
        self.field.wanted.connect(self.wanted)
        self.inside, self._shape, self.said = label(kind="secondary", wrap=True), QLabel(), label(wrap=True)
        self.said.setAccessibleName("Whether the rule can be read")
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(READ_AFTER)
        self._later.timeout.connect(self._read)
        self.field.textChanged.connect(self._later.start)
        self._lay_out()

    def _lay_out(self) -> None:
        top, foot = QHBoxLayout(), QHBoxLayout()
        for row, parts in ((top, (self.column, self.insert)), (foot, (self._shape, self.said))):
            row.setSpacing(GRID)
            for part in parts:
                row.addWidget(part, 0 if part is self._shape else 1)
        foot.setAlignment(self._shape, Qt.AlignmentFlag.AlignTop)
        foot.setAlignment(self.said, Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(top)
        column.addWidget(self.inside)
        column.addWidget(self.field)
        column.addLayout(foot)

    @property
    def is_edited(self) -> bool:
        """Whether the person has written something that is not taken yet."""
        return self.field.document().isModified()

    def show_rule(self, place: object, kind: str, rule: Rule | None, variable: Variable, table: RawTable | None,
                  protocol: Protocol) -> None:
        """Show a rule to write on; what a person is writing at the same `place` stays."""
        self._table, self._variable, self._protocol = table, variable, protocol
        is_here = self._shown == (place, kind)
        if is_here and (self.is_edited or rule == self.rule):
            return
        self._shown, self.kind = (place, kind), kind
        self._columns = columns_of(rule) if isinstance(rule, TextSearch) else ()
        text = (rule.expression if isinstance(rule, Formula | Product) else
                write_search(rule) if isinstance(rule, TextSearch) else
                write_search(search_rule(("",), variable, protocol)) if kind == "text_search" else "")
        with QSignalBlocker(self.field):
            self.field.setPlainText(text)
        self.field.setAccessibleName("Formula" if kind == "formula" else "Words to look for")
        self.field.setPlaceholderText(FORMULA_HINT if kind == "formula" else SEARCH_HINT)
        self.field.set_lines(3 if kind == "formula" else 6)
        self.field.document().setModified(False)
        self._offer()
        self._read()

    def with_columns(self, columns: tuple[str, ...]) -> None:
        """Look in other columns, or begin a formula with one."""
        if self.kind == "formula":
            self._put(quoted(columns[0]) if columns else "")
            return
        self._columns = columns
        self.field.document().setModified(True)
        self._offer()
        self._read()

    def _offer(self) -> None:
        names = list(self._table.columns_by_name) if self._table else []
        if self.kind == "formula":
            offer(self.column, (("Put in a column...", ""), *((name, name) for name in names)), "")
            forms = ((form, name) for name, (*_, form) in FUNCTIONS.items())
            offer(self.insert, (("Put in a function...", ""), *forms), "")
        else:
            marked = ((f"\N{CHECK MARK} {name}" if name in self._columns else name, name) for name in names)
            offer(self.column, (("Add a column, or take one out...", ""), *marked), "")
            lists = self._protocol.word_lists if self._protocol else {}
            offer(self.insert, (("Put in a word list...", ""), *((f"@{name}", f"@{name}") for name in lists)), "")
        looked_in = ", ".join(self._columns)
        self.inside.setText(f"Looks in: {looked_in}" if looked_in else "Choose the columns with the text.")
        self.inside.setVisible(self.kind == "text_search")

    def _take_column(self) -> None:
        name = self.column.currentData()
        if not name:
            return
        if self.kind == "formula":
            self._put(quoted(name))
            self.column.setCurrentIndex(0)
        else:
            self.with_columns(tuple(one for one in self._columns if one != name) if name in self._columns
                              else (*self._columns, name))

    def _take_word(self) -> None:
        word = self.insert.currentData()
        if word:
            self._put(f"{word}()" if self.kind == "formula" else str(word))
            if self.kind == "formula":
                self.field.moveCursor(QTextCursor.MoveOperation.Left)
            self.insert.setCurrentIndex(0)

    def _put(self, text: str) -> None:
        self.field.insertPlainText(text)
        self.field.setFocus()

    def _read(self) -> None:
        """Read the text, and say whether it is a rule."""
        self._later.stop()
        text = self.field.toPlainText()
        self.rule, self.fault = None, ""
        try:
            if self._table is None or self._protocol is None:
                self.fault = "The file cannot be read."
            elif self.kind == "formula":
                self.rule = formula_rule(text, self._table) if text.strip() else None
            elif self._columns:
                self.rule = read_search(self._columns, text, self._protocol.word_lists)
        except UserError as fault:
            self.fault = fault.text
        except ValueError as fault:
            self.fault = str(fault)
        self._say()
        self.changed.emit()

    def hurry(self) -> None:
        """Read now what the person has written, not after a while."""
        if self._later.isActive():
            self._read()

    def _say(self) -> None:
        ready = "" if self.rule is None else "This can be read. Below is what each value becomes."
        self.said.setText(self.fault or ready)
        mark = FAULT if self.fault else OK if ready else None
        self._shape.setVisible(mark is not None)
        if mark is not None:
            self._shape.setPixmap(mark.icon().pixmap(16, 16))


class _Field(QPlainTextEdit):
    """Lines of text that Tab leaves; Ctrl+Enter takes them."""

    wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._lines = 3

    def set_lines(self, lines: int) -> None:
        """So many lines high, fewer where there is no room."""
        self._lines = lines
        self.setMaximumHeight(self._height(lines))
        self.updateGeometry()

    def _height(self, lines: int) -> int:
        return lines * self.fontMetrics().lineSpacing() + 2 * GRID + 4

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(super().sizeHint().width(), self._height(self._lines))

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return QSize(10 * GRID, self._height(2))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
                event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self.wanted.emit()
        else:
            super().keyPressEvent(event)
