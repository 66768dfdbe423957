"""The guide beside the window: topics at the left, the chosen one at the right; it stays open while one works."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from core.help_topics import FIRST, topics
from gui import theme
from gui.theme import GRID
from gui.widgets.frame import label


class HelpWindow(QDialog):
    """Not modal. Links lead from topic to topic; none leads out of the program."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Modscope guide")
        self.resize(900, 640)
        self.setMinimumSize(560, 360)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search the guide")
        self.search.setAccessibleName("Search the guide")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Topics")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._show_chosen)
        self.text = QTextBrowser(self)
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        self.nothing = label("No topic speaks of that.", "secondary", wrap=True)
        self.nothing.hide()
        left = QVBoxLayout()
        left.setSpacing(GRID)
        for part in (self.search, self.nothing, self.list):
            left.addWidget(part, int(part is self.list))
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        row.setSpacing(2 * GRID)
        row.addLayout(left, 1)
        row.addWidget(self.text, 3)
        theme.watcher().changed.connect(self._show_chosen)
        self._narrow("")

    def open_topic(self, name: str = FIRST) -> None:
        """Show a topic, and the window if it is not there."""
        self.search.clear()
        self._choose(name)
        self.show()
        self.raise_()
        self.activateWindow()
        self.list.setFocus()

    @property
    def topic(self) -> str:
        """The name of the topic in sight; "" for none."""
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def _narrow(self, wanted: str) -> None:
        """List the topics that speak of something; the one in sight stays if it does."""
        before = self.topic
        found = [topic for topic in topics() if topic.speaks_of(wanted)]
        self.list.blockSignals(True)
        self.list.clear()
        for topic in found:
            item = QListWidgetItem(topic.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, topic.name)
        self.list.blockSignals(False)
        self.nothing.setVisible(not found)
        if found:
            self._choose(before if before in {topic.name for topic in found} else found[0].name)

    def _choose(self, name: str) -> None:
        for place in range(self.list.count()):
            if self.list.item(place).data(Qt.ItemDataRole.UserRole) == name:
                self.list.setCurrentRow(place)

    def _show_chosen(self) -> None:
        found = next((topic for topic in topics() if topic.name == self.topic), None)
        if found is None:
            return
        self.text.setAccessibleName(found.title)
        self.text.setMarkdown(found.text)
        self.text.document().setDocumentMargin(2 * GRID)
        wanted = self.search.text().strip()
        if wanted:  # to the place that speaks of it
            self.text.find(wanted)

    def _follow(self, link: QUrl) -> None:
        self.search.clear()
        self._choose(link.toString())
