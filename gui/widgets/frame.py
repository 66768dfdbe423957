"""The frame around every page: top bar, head with the page's sentence, foot with its main action, busy line."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.theme import GRID
from gui.widgets.icon import icon


def hairline(parent: QWidget | None = None) -> QFrame:
    """A line one pixel high."""
    line = QFrame(parent)
    line.setProperty("kind", "line")
    line.setFixedHeight(1)
    return line


def label(text: str = "", kind: str = "", wrap: bool = False) -> QLabel:
    """Text in one of the theme's kinds: "", secondary, heading, section, figure, tag."""
    made = QLabel(text)
    made.setProperty("kind", kind)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


class ElidedLabel(QLabel):
    """A line that gives way: cut with dots where there is no room, whole in its tooltip."""

    def setText(self, text: str) -> None:
        """Say something else."""
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        """Room for some letters."""
        return QSize(6 * GRID, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what there is room for."""
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        QPainter(self).drawText(room, self.alignment(), text)


def scrolling(inner: QWidget, name: str = "") -> QScrollArea:
    """What may be higher than its place, on the ground it stands on; with a name the keyboard can scroll it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName(name)
    if not name:
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    inner.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area


def clear(layout: QLayout) -> None:
    """Take everything out of a layout, at once out of sight too."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def button(text: str, kind: str = "", shape: str = "") -> QPushButton:
    """A push button that bears its name; `kind`: "", primary, quiet, row."""
    made = QPushButton(f" {text}" if shape else text)  # else the icon touches the word
    made.setAccessibleName(text)
    made.setAutoDefault(True)  # Enter presses it, as the space bar does
    set_kind(made, kind, shape)
    return made


def set_kind(part: QWidget, kind: str, shape: str = "") -> None:
    """Give a part one of the style sheet's looks; a button's icon has the color of its words."""
    if shape and isinstance(part, QPushButton):
        part.setIcon(icon(shape, "on_accent" if kind == "primary" else "text"))
    if part.property("kind") != kind:
        part.setProperty("kind", kind)
        part.style().unpolish(part)
        part.style().polish(part)


class TopBar(QFrame):
    """The project's name, what must be known of it, its protocol, the guide, and the search box."""

    def __init__(self, search: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.name, self.tag = label(kind="section"), label(kind="tag")
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID + 2, GRID, 3 * GRID, GRID)
        row.setSpacing(12)
        row.addWidget(self.name)
        row.addWidget(self.tag)
        row.addStretch(1)
        self.protocol = button("Protocol", "quiet")
        self.protocol.setToolTip("What is asked of every study: arms, scores, times, variables")
        self.help = button("Help", "quiet")
        self.help.setToolTip("The guide, at the page in sight (F1)")
        for part in (self.protocol, self.help):
            row.addWidget(part)
        search.setFixedWidth(340)
        row.addWidget(search)

    def say(self, name: str, tag: str) -> None:
        """Show a project's name ("" for none), and a tag where there is something to know."""
        self.name.setText(name or "Modscope")
        self.protocol.setVisible(bool(name))
        self.tag.setText(tag)
        self.tag.setVisible(bool(tag))


class Head(QWidget):
    """The page's title and sentence; undo and redo."""

    def __init__(self, undo: QAction, redo: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = undo, redo
        self.title, self.sentence = label(kind="heading"), label(kind="secondary", wrap=True)
        self.sentence.setMinimumHeight(self.sentence.fontMetrics().height())
        row = QHBoxLayout()
        row.addWidget(self.title, 1)
        for action in (undo, redo):
            row.addWidget(ActionButton(action, "quiet"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.sentence)

    def name_changes(self, undo: str, redo: str) -> None:
        """Name the changes that undo takes back and redo makes again; "" for none."""
        for action, name in zip(self._actions, (undo, redo), strict=True):
            action.setEnabled(bool(name))
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{action.text()}: {name} ({keys})" if name else f"Nothing to {action.text().lower()}")

    def say(self, title: str, sentence: str) -> None:
        """Show a page's title and sentence."""
        self.title.setText(title)
        self.sentence.setText(sentence)


class Foot(QWidget):
    """What is open, and the way on: Back, the page's main action, Next."""

    def __init__(self, back: QAction, onward: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ElidedLabel()
        set_kind(self.text, "secondary")
        self.back, self.main, self.onward = ActionButton(back), ActionButton(keys="Ctrl+Return"), ActionButton(onward)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.text, 1)
        for part in (self.back, self.main, self.onward):
            row.addWidget(part)

    def say(self, text: str, main: QAction | None) -> None:
        """Show a page's words and main action; the primary button is the main action while there is one to do."""
        self.text.setText(text)
        self.main.stand_for(main)
        leads = main is not None and main.isEnabled()
        set_kind(self.main, "primary" if leads else "")
        set_kind(self.onward, "primary" if self.onward.isEnabled() and not leads else "")

    def stand_last(self) -> None:
        """Take Tab from the page to the foot, whatever parts the page has been given since."""
        own = (self.back, self.main, self.onward)
        before = self.window().previousInFocusChain()
        while before is not None and (before in own or not before.focusPolicy() & Qt.FocusPolicy.TabFocus):
            before = before.previousInFocusChain()
        for part in own:
            if before is not None:
                QWidget.setTabOrder(before, part)
            before = part


class BusyLine(QFrame):
    """Long work under way: words, a bar, and Stop. Work that is over at once does not show."""

    stop_wanted = Signal()
    PATIENCE = 200  # milliseconds

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._text, self._bar, stop = label(), QProgressBar(), button("Stop", shape="stop")
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("How far the work is")
        stop.clicked.connect(self.stop_wanted.emit)
        column = QVBoxLayout()
        column.addWidget(self._text)
        column.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, GRID, GRID, GRID)
        row.setSpacing(2 * GRID)
        row.addLayout(column, 1)
        row.addWidget(stop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.show)
        self.hide()

    def begin(self, text: str) -> None:
        """Work has begun."""
        self.tell(0.0, text)
        self._timer.start(self.PATIENCE)

    def tell(self, fraction: float, text: str) -> None:
        """Where the work stands."""
        self._bar.setValue(round(1000 * fraction))
        self._text.setText(text)

    def end(self) -> None:
        """Work is over."""
        self._timer.stop()
        self.hide()


class ActionButton(QPushButton):
    """A push button that stands for an action and follows it; out of sight while there is none."""

    def __init__(self, action: QAction | None = None, kind: str = "", keys: str = "",
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action: QAction | None = None
        self._keys = keys
        self.setAutoDefault(True)  # Enter presses it, as the space bar does
        self.setProperty("kind", kind)
        self.clicked.connect(self._do)
        if action is None:
            self.hide()
        else:
            self._take(action)

    def stand_for(self, action: QAction | None) -> None:
        """Follow another action, or none."""
        if action is self._action:
            return
        if self._action is not None:
            self._action.changed.disconnect(self._follow)
        self._action = None
        if action is not None:
            self._take(action)
        self.setVisible(action is not None)

    def _take(self, action: QAction) -> None:
        self._action = action
        action.changed.connect(self._follow)
        self._follow()

    def _do(self) -> None:
        if self._action is not None:
            self._action.trigger()

    def _follow(self) -> None:
        if self._action is None:
            return
        self.setText(self._action.text())
        self.setAccessibleName(self._action.text())
        self.setIcon(self._action.icon())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(f"{self._action.toolTip()} ({self._keys})" if self._keys else self._action.toolTip())
        if self._keys:
            self.setShortcut(self._keys)  # a new text takes the keys away
