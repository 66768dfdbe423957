"""Combo boxes and lines that are filled without telling, and tell only what the person changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from gui.theme import GRID


class Choice(QComboBox):
    """A box that may be narrower than its words: they end in dots then. Its list is as wide as they need."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what there is room for."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        if self.currentIndex() < 0 and self.placeholderText():
            option.currentText = self.placeholderText()
            option.palette.setBrush(QPalette.ColorRole.ButtonText, option.palette.placeholderText())
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option,
                                           QStyle.SubControl.SC_ComboBoxEditField, self).width()
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def combo(name: str, taken: Callable[[], object]) -> Choice:
    """A box that calls `taken` when the person chose."""
    box = Choice()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.activated.connect(lambda _: taken())
    return box


def narrow_choice(name: str) -> Choice:
    """A box in a row of tools; its words are its list's, its name a tooltip."""
    made = Choice()
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(7)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    made.setMaximumWidth(300)
    return made


def offer_again(box: QComboBox, options: Sequence[tuple[str, object]]) -> None:
    """Fill a box; what was chosen stays chosen if it is still there."""
    before = box.currentData()
    with QSignalBlocker(box):
        box.clear()
        for words, value in options:
            box.addItem(words, value)
        kept = next((index for index, (_, value) in enumerate(options) if value == before), 0)
        box.setCurrentIndex(kept if options else -1)
    widen_list(box)


def line(name: str, taken: Callable[[], object], hint: str = "") -> QLineEdit:
    """A line that calls `taken` when the person has written."""
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(hint)

    def ended() -> None:
        if field.isModified():
            field.setModified(False)
            taken()

    field.editingFinished.connect(ended)
    return field


def offer(box: QComboBox, options: Iterable[tuple[str, object]], value: object) -> None:
    """Fill a box with words and what they stand for, and show one of them."""
    kept = tuple(options)
    with QSignalBlocker(box):
        box.clear()
        for words, one in kept:
            box.addItem(words, one)
        box.setCurrentIndex(next((i for i, (_, one) in enumerate(kept) if one == value), -1))
    box.setToolTip(box.currentText())
    widen_list(box)


def widen_list(box: QComboBox) -> None:
    """The list is wide enough for its words, though its field may be narrower."""
    metrics = box.fontMetrics()
    widest = max((metrics.horizontalAdvance(box.itemText(place)) for place in range(box.count())), default=0)
    box.view().setMinimumWidth(widest + 6 * GRID)


def write(field: QLineEdit, text: str) -> None:
    """Fill a line, unless the person is writing in it."""
    if not (field.hasFocus() and field.isModified()):
        field.setText(text)
        field.setCursorPosition(0)


def form_of(rows: Iterable[tuple[str, QWidget]]) -> QFormLayout:
    """Words at the left, fields at the right."""
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(2 * GRID)
    form.setVerticalSpacing(GRID)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for words, field in rows:
        form.addRow(words, field)
    return form
