"""The protocol in a window of its own: general facts, and a list of items with their fields for each of its parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from core.errors import Severity, UserError, Where
from core.protocol import Protocol
from core.protocol_draft import Item, Part, items, key_of, label_of, with_new, without_item
from core.protocol_fields import FIELDS, GENERAL, Field
from gui import dialogs
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.form import Form
from gui.widgets.frame import button, label, scrolling
from gui.widgets.message_line import MessageLine

PARTS: tuple[tuple[Part, str, str], ...] = (
    ("treatments", "Treatments", "What patients were given, which arm each belongs to, and how teams write it."),
    ("scales", "Scores", "The score whose percent improvement is analyzed, and others that files may hold."),
    ("timepoints", "Times", "When outcomes are wanted after the first treatment. Within a window the score nearest its "
                            "time counts."),
    ("variables", "Variables", "What may say who benefits. Names and codes as teams write them let columns be "
                               "understood at once."),
    ("sets", "Sets", "Moderators that are put together into one combined moderator."),
)
ONE: dict[Part, str] = {"treatments": "treatment", "scales": "score", "timepoints": "time", "variables": "variable",
                        "sets": "set"}
ABOUT = ("What is asked of every study: arms, scores, times and variables. Columns that the program understood are "
         "looked at anew when you are done; what you decided yourself stays.")
FILES = "Protocols (*.json)"


class FieldsForm(QWidget):
    """The fields of one item; `changed` carries the field and the text the person gave it."""

    changed = Signal(object, str)

    def __init__(self, fields: tuple[Field, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = {field.key: field for field in fields}
        self.form = Form()
        for field in fields:
            if field.options:
                self.form.add_choice(field.key, field.words, field.options)
            elif field.lines > 1:
                self.form.add_text(field.key, field.words, field.lines).setPlaceholderText(field.hint)
            else:
                self.form.add_line(field.key, field.words, field.hint)
        self.form.end()
        self.form.edited.connect(lambda key, value: self.changed.emit(self._fields[key], str(value)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.form))

    def show_item(self, protocol: Protocol, item: Any) -> None:
        """Fill the fields; those that the item does not have are out of sight."""
        for field in self._fields.values():
            is_there = field.is_for(item)
            self.form.show_field(field.key, is_there)
            if is_there:
                self.form.show_value(field.key, field.shown(protocol, item))


class PartEditor(QWidget):
    """The items of one part of the protocol, and the fields of the chosen one."""

    edited = Signal(object, str)
    """The protocol after a change, and the key of the item that is then in sight."""
    refused = Signal(object)
    """A `UserError`: why a change was not taken."""

    def __init__(self, part: Part, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part: Part = part
        self._protocol: Protocol | None = None
        second = FIELDS[part][1]
        self.table = DataTable(ONE[part].capitalize() + "s", (
            Column("Name", label_of, stretch=True, least=120, hint=label_of),
            Column(second.words, lambda item: self._said(second, item), widest=160)), key_of, sortable=False)
        self.table.chosen.connect(lambda _: self._show_chosen())
        self.add, self.remove = button(f"Add {ONE[part]}", shape="plus"), button("Remove", shape="x")
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.fields = FieldsForm(FIELDS[part])
        self.fields.changed.connect(self._put)
        tools = QHBoxLayout()
        tools.setSpacing(GRID)
        tools.addWidget(self.add)
        tools.addWidget(self.remove)
        tools.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addWidget(self.table, 1)
        left.addLayout(tools)
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addLayout(left, 4)
        row.addWidget(self.fields, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(label(about, "secondary", wrap=True))
        column.addLayout(row, 1)

    def show_protocol(self, protocol: Protocol, key: str = "") -> None:
        """Fill the list; the item with a key is chosen, else the one that was."""
        self._protocol = protocol
        before = self.table.current
        self.table.show_records(items(protocol, self._part))
        wanted = key or (key_of(before) if before is not None else "")
        if not self.table.choose(wanted, tell=False) and self.table.records.records:
            self.table.choose(key_of(self.table.records.records[0]), tell=False)
        self._show_chosen()

    def _said(self, field: Field, item: Item) -> str:
        shown = field.shown(self._protocol, item) if self._protocol is not None else ""
        if field.lines > 1:
            return str(len(shown.splitlines()))
        return next((words for words, value in field.options if value == shown), shown)

    def _show_chosen(self) -> None:
        item = self.table.current
        self.fields.setVisible(item is not None)
        self.remove.setEnabled(item is not None)
        if item is not None and self._protocol is not None:
            self.fields.show_item(self._protocol, item)

    def _put(self, field: Field, text: str) -> None:
        item, protocol = self.table.current, self._protocol
        if item is not None and protocol is not None:
            self._take(lambda: field.put(protocol, item, text))

    def _add(self) -> None:
        protocol = self._protocol
        if protocol is not None and self._take(lambda: with_new(protocol, self._part)):
            name = self.fields.form.fields["label"]
            name.setFocus()
            name.selectAll()  # type: ignore[attr-defined]

    def _remove(self) -> None:
        item, protocol = self.table.current, self._protocol
        if item is not None and protocol is not None:
            self._take(lambda: (without_item(protocol, self._part, key_of(item)), ""))

    def _take(self, change: Callable[[], tuple[Protocol, str]]) -> bool:
        try:
            protocol, key = change()
        except UserError as fault:
            self._show_chosen()  # as it was
            self.refused.emit(fault)
            return False
        self.edited.emit(protocol, key)
        return True


class ProtocolEditor(QDialog):
    """Edits a copy; `protocol` is what it became. Nothing is taken before the person says so."""

    def __init__(self, parent: QWidget | None, protocol: Protocol) -> None:
        super().__init__(parent)
        self.setWindowTitle("Protocol")
        self.resize(960, 640)
        self.setMinimumSize(760, 520)
        self.protocol = self._first = protocol
        self._before: list[Protocol] = []
        self.message = MessageLine(self)
        self.general = FieldsForm(GENERAL)
        self.general.changed.connect(self._put_general)
        self.parts = {part: PartEditor(part, about) for part, _, about in PARTS}
        self.tabs = QTabWidget(self)
        self.tabs.setAccessibleName("Parts of the protocol")
        self.tabs.tabBar().setAccessibleName("Parts of the protocol")
        self.general.setContentsMargins(0, GRID, 0, 0)
        self.tabs.addTab(self.general, "General")
        for part, words, _ in PARTS:
            self.tabs.addTab(self.parts[part], words)
            self.parts[part].edited.connect(self._take)
            self.parts[part].refused.connect(self._refuse)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addWidget(label(ABOUT, "secondary", wrap=True))
        column.addWidget(self.message)
        column.addWidget(self.tabs, 1)
        column.addLayout(self._foot())
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self._undo)
        self._show()

    def _foot(self) -> QHBoxLayout:
        self.save, self.undo = button("Save as file...", shape="floppy-disk"), button("Undo")
        self.cancel, self.accept_button = button("Cancel"), button("Use this protocol", "primary")
        self.save.clicked.connect(self._save)
        self.undo.clicked.connect(self._undo)
        self.cancel.clicked.connect(self.reject)
        self.accept_button.clicked.connect(self.accept)
        for one in (self.save, self.undo, self.cancel, self.accept_button):
            one.setAutoDefault(False)  # Enter in a field takes the field, it does not close the box
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self.save)
        foot.addWidget(self.undo)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.accept_button)
        return foot

    def reject(self) -> None:
        """Close without taking anything; what was changed is not lost without a question."""
        if self.protocol == self._first or dialogs.confirm(
                self, "Close without using your changes?", "The protocol stays as it was before.", "Close"):
            super().reject()

    def _show(self, key: str = "") -> None:
        self.general.show_item(self.protocol, None)
        shown = self.tabs.currentWidget()
        for part in self.parts.values():
            part.show_protocol(self.protocol, key if part is shown else "")
        self.undo.setEnabled(bool(self._before))
        self.accept_button.setEnabled(self.protocol != self._first)

    def _take(self, protocol: Protocol, key: str = "") -> None:
        self.message.clear()
        if protocol != self.protocol:
            self._before.append(self.protocol)
            self.protocol = protocol
        self._show(key)

    def _put_general(self, field: Field, text: str) -> None:
        try:
            self._take(*field.put(self.protocol, None, text))
        except UserError as fault:
            self._refuse(fault)
            self.general.show_item(self.protocol, None)

    def _refuse(self, fault: UserError) -> None:
        # once the field has let go of the keyboard, or its text would be taken twice
        QTimer.singleShot(0, self, lambda: self.message.show_fault(fault))

    def _undo(self) -> None:
        if self._before:
            self.protocol = self._before.pop()
            self.message.clear()
            self._show()

    def _save(self) -> None:
        found = dialogs.choose_target(self, "Save the protocol", FILES, f"{self.protocol.id}.json")
        if found is None:
            return
        try:
            save_protocol(self.protocol, found)
        except UserError as fault:
            return self.message.show_fault(fault)
        self.message.say(f"{found.name} is written. A new project can begin with it.", Severity.NOTE)


def save_protocol(protocol: Protocol, path: Path) -> None:
    """Write a protocol for another project. Raises UserError if it cannot be written."""
    try:
        path.write_text(protocol.pretty_json(), encoding="utf-8")
    except OSError as fault:
        raise UserError(f"The protocol cannot be written: {fault.strerror}.", Where(file=path.name),
                        "Choose another folder.") from None
