"""Report: which sections, into which folder, a look at it beforehand, and everything written at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QImage, QTextDocument, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from core.errors import Severity
from core.extras import NOTHING_MORE, Asked
from core.progress import Progress, silent, subrange
from core.report.sections import SECTIONS
from core.steps import Step
from core.wording import count
from gui import dialogs, recent, theme
from gui.jobs import JobRunner
from gui.pages.page import Page, TourState
from gui.pages.report_files import FilesCard, existing_outputs
from gui.pages.report_preview import (
    ReportMaterial,
    address,
    content_of,
    page_html,
    pictures_of,
    report_material,
)
from gui.theme import GRID
from gui.widgets.choices import combo, form_of, offer
from gui.widgets.frame import ElidedLabel, button, label
from gui.widgets.progress_card import ProgressCard

if TYPE_CHECKING:
    from core.session import Session

KEY = Qt.ItemDataRole.UserRole
REST = 150
"""Milliseconds after a change of sections before the preview follows."""
AT_ONCE = 5
"""Pictures of the preview that are shown together, while the next are drawn."""
FIGURES = (("PNG and SVG", ()), ("PNG, SVG and PDF", ("pdf",)), ("PNG, SVG and TIFF", ("tiff",)),
           ("PNG, SVG, PDF and TIFF", ("pdf", "tiff")))
"""Words, and what is written beside PNG and SVG."""
STALE = "The results are out of date. Run again, then write the report."


class ReportPage(Page):
    """Writes into a folder; decides nothing."""

    title: ClassVar[str] = "Report"
    step: ClassVar[Step] = Step.REPORT

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.write = QAction("Write everything", self)
        self.write.triggered.connect(self._write)
        self.runner, self._preparing, self._drawing = JobRunner(self), JobRunner(self), JobRunner(self)
        self._material: ReportMaterial | None = None
        self._material_for: object = None
        self._made_of: object = None
        self._pictures: Mapping[str, QImage] = {}
        self._pictures_for: object = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST)
        self._timer.timeout.connect(self._show_preview)
        theme.watcher().changed.connect(self._timer.start)
        self.progress_card = ProgressCard("Stop writing; files that are written already stay")
        self.progress_card.stop.clicked.connect(self._stop)
        self.done = DoneCard()
        self.sections = self._make_list()
        self.first = self.sections
        self.preview = QTextBrowser()
        self.preview.setAccessibleName("Preview of the report")
        self.preview.setOpenLinks(False)
        self.preview.setWordWrapMode(QTextOption.WrapMode.WordWrap)  # a narrow table would break its words otherwise
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addLayout(self._left())
        row.addWidget(self.preview, 1)
        self.body.addWidget(self.progress_card)
        self.body.addWidget(self.done)
        self.body.addLayout(row, 1)

    # --- building ---------------------------------------------------------------------------------------------------

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(GRID)
        column.addWidget(label("Sections of the report", "section"))
        column.addWidget(self.sections, 1)
        column.addWidget(label("Folder", "section"))
        self.folder = QLineEdit()
        self.folder.setAccessibleName("Folder to write into")
        self.folder.textChanged.connect(lambda _: self._say_folder())
        choose = button("Choose...")
        choose.setAccessibleName("Choose the folder")
        choose.clicked.connect(self._choose_folder)
        self.folder_note = label("", "secondary", wrap=True)
        row = QHBoxLayout()
        row.addWidget(self.folder_note, 1)
        row.addWidget(choose)
        column.addWidget(self.folder)
        column.addLayout(row)
        self.figures = combo("Figures as", lambda: None)
        offer(self.figures, FIGURES, ())
        column.addLayout(form_of((("Figures as", self.figures),)))
        self.files = FilesCard()
        column.addWidget(self.files)
        column.addStretch(0)
        holder = QVBoxLayout()
        inner = QWidget()
        inner.setLayout(column)
        inner.setFixedWidth(300)
        column.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(inner)
        return holder

    def _make_list(self) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName("Sections of the report, checked ones are kept")
        for key, title, _ in SECTIONS:
            item = QListWidgetItem(title, made)
            item.setData(KEY, key)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked)
        made.setCurrentRow(0)
        made.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        made.setMinimumHeight(64)
        made.setMaximumHeight((made.sizeHintForRow(0)) * made.count() + 4)
        made.itemChanged.connect(lambda _: self._timer.start())
        return made

    # --- showing ----------------------------------------------------------------------------------------------------

    def sentence(self, session: Session | None) -> str:
        """What will be written."""
        return "Report, tables, figures, numbers and scripts go into one folder. Here is what the report will say."

    def foot(self, session: Session | None) -> str:
        """Why nothing can be written, if so."""
        if session is None or session.results is None:
            return "There are no results yet. Run first."
        return "" if session.results_are_current else STALE

    def display(self, session: Session | None) -> None:
        """Prepare the preview of current results; say why there is none otherwise."""
        if session is None:
            return
        is_current = session.results_are_current
        self.main_action = self.write
        self._allow()
        if not self.folder.text():
            self.folder.setText(str(recent.documents_folder() / f"{_file_name(session.name)} report"))
        self._say_folder()
        if not is_current:
            self._preparing.silence()
            self._drawing.silence()
            self._material, self._material_for = None, None
            self.preview.setPlainText("The report will be shown here once the results are up to date.")
            if session.results is not None:
                self.message.say(STALE, Severity.WARNING)
        elif self._material_for is not session.results or self._made_of != (session.figure_choices, session.judgments):
            self.message.clear()
            self._material_for, self._made_of = session.results, (session.figure_choices, session.judgments)
            self.preview.setPlainText("Preparing the report...")
            job = self._preparing.start(report_material, session)
            job.succeeded.connect(self._take_material)
            job.failed.connect(self.show_failure)

    def _allow(self) -> None:
        is_current = self.session is not None and self.session.results_are_current
        self.write.setEnabled(is_current and not self.runner.is_busy and bool(self.folder.text().strip()))
        self.write.setToolTip("" if is_current else self.foot(self.session))

    def _take_material(self, material: ReportMaterial) -> None:
        self._material = material
        self._show_preview()

    @property
    def kept(self) -> frozenset[str]:
        """Keys of the sections that are checked."""
        items = [self.sections.item(row) for row in range(self.sections.count())]
        return frozenset(item.data(KEY) for item in items if item.checkState() is Qt.CheckState.Checked)

    def _show_preview(self) -> None:
        session, material = self.session, self._material
        if session is None or material is None or not session.results_are_current:
            return
        scheme = theme.colors().name
        width = max(320, self.preview.width() - 6 * GRID)  # with room for the scroll bar, there or not
        made_for = (scheme, width, id(material))
        job = self._drawing.start_telling(preview_of, session, material, self.kept, scheme, width,
                                          self.devicePixelRatioF(),
                                          self._pictures if self._pictures_for == made_for else {})
        job.found.connect(partial(self._take_preview, made_for))
        job.succeeded.connect(partial(self._take_preview, made_for))
        job.failed.connect(self.show_failure)

    def _take_preview(self, made_for: object, found: tuple[str, Mapping[str, QImage]]) -> None:
        """Show the words, and the pictures that are there; the words at the upper edge stay where they are."""
        html, self._pictures = found
        self._pictures_for = made_for
        at = self.preview.cursorForPosition(QPoint(0, 0)).position()
        document, kind = self.preview.document(), QTextDocument.ResourceType.ImageResource.value
        document.clear()
        for key, image in self._pictures.items():
            document.addResource(kind, QUrl(address(key)), image)
        for figure in self._material.figures if self._material else ():
            if figure.key not in self._pictures:
                document.addResource(kind, QUrl(address(figure.key)), place_of_picture())
        self.preview.setHtml(html)
        cursor = self.preview.textCursor()
        cursor.setPosition(min(at, document.characterCount() - 1))
        bar = self.preview.verticalScrollBar()
        bar.setValue(bar.value() + self.preview.cursorRect(cursor).top() if at else 0)

    def _say_folder(self) -> None:
        text = self.folder.text().strip()
        self.folder.setToolTip(text)
        there = existing_outputs(Path(text)) if text else ()
        self.folder_note.setText(
            "Choose a folder." if not text else
            f"{there[0]} and {count(len(there) - 1, 'more', 'more')} are there already and will be replaced."
            if len(there) > 1 else f"{there[0]} is there already and will be replaced." if there else
            "The folder will be made." if not Path(text).exists() else "Nothing in this folder will be replaced.")
        self._allow()

    def tour_states(self) -> Sequence[TourState]:
        """The top of the report, and its first figure."""
        def show_figure() -> None:
            self.preview.find("Figure 1.")  # the words below it
            at = self.preview.textCursor()
            at.clearSelection()
            self.preview.setTextCursor(at)

        return (("", lambda: self.preview.verticalScrollBar().setValue(0)), ("figures", show_figure))

    # --- writing ----------------------------------------------------------------------------------------------------

    def _choose_folder(self) -> None:
        found = dialogs.choose_folder(self, "Folder for the report", Path(self.folder.text()).parent)
        if found is not None:
            self.folder.setText(str(found))

    def _write(self) -> None:
        if self.session is None or self.runner.is_busy:
            return
        self.message.clear()
        self.done.hide()
        folder = Path(self.folder.text().strip()).expanduser()
        asked = Asked(self.files.asked, kinds=self.figures.currentData())
        job = self.runner.start(write_all, self.session, folder, self.kept, asked)
        job.progressed.connect(self.progress_card.tell)
        job.succeeded.connect(lambda written: self.done.show_written(folder, written))
        job.failed.connect(self.show_failure)
        job.canceled.connect(lambda: self.message.say(
            f"Stopped. Files written before the stop are in {folder}; each of them is whole.", Severity.WARNING))
        job.ended.connect(self._rest)
        self.files.hide()
        self.progress_card.begin()
        self.progress_card.stop.setFocus()
        self._allow()
        self.foot_changed.emit()

    def _stop(self) -> None:
        self.runner.cancel()
        self.progress_card.say("Stopping...")

    def _rest(self) -> None:
        self.progress_card.hide()
        self.files.show()
        self._say_folder()
        self.foot_changed.emit()


def write_all(session: Session, folder: Path, sections: frozenset[str], asked: Asked = NOTHING_MORE,
              progress: Progress = silent) -> tuple[Path, ...]:
    """Write everything of the session's results and what is asked for beside, none without the second engine's verdict;
    on a job's thread.
    """
    from core.analysis import second_opinion_apart
    from core.export import export_all
    from core.pooled import pooled_from_session

    replace(asked, session=session).prepared(session.plan)  # what cannot be had is said at once
    pooled, results = pooled_from_session(session), session.results
    assert results is not None
    if not results.is_second_engine_asked:
        results = second_opinion_apart(results, pooled, subrange(progress, 0.0, 0.3))
    return export_all(folder, results, pooled, subrange(progress, 0.3, 1.0), sections,
                      asked=replace(asked, session=session.with_results(results)))


def preview_of(session: Session, material: ReportMaterial, sections: frozenset[str], scheme: str, width: int,
               ratio: float, pictures: Mapping[str, QImage], *,
               found: Callable[[tuple[str, Mapping[str, QImage]]], None],
               progress: Progress = silent) -> tuple[str, Mapping[str, QImage]]:
    """The preview's text and pictures; `pictures` are those already made, if they still fit. What is there is told
    while the rest is drawn, the words at once.
    """
    html, done = page_html(content_of(session, material, sections), scheme, width), dict(pictures)
    missing = tuple(figure for figure in material.figures if figure.key not in done)
    family = QGuiApplication.font().family()
    for first in range(0, len(missing), AT_ONCE):
        found((html, dict(done)))
        done |= pictures_of(missing[first:first + AT_ONCE], scheme, family, width, ratio, progress)
    return html, done


def place_of_picture() -> QImage:
    """What stands where a picture will be."""
    image = QImage(2, 1, QImage.Format.Format_RGB32)
    image.fill(theme.colors().panel)
    return image


def _file_name(text: str) -> str:
    return re.sub(r'[/\\:*?"<>|]+', " ", text).strip() or "Modscope"


class DoneCard(QFrame):
    """What was written and where, with a button that opens the folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._folder = Path()
        self._text = ElidedLabel()
        self.open = button("Open folder", shape="folder-open")
        self.open.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))))
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        row.setSpacing(2 * GRID)
        row.addWidget(self._text, 1)
        row.addWidget(self.open)
        self.hide()

    def show_written(self, folder: Path, written: Sequence[Path]) -> None:
        """These files are in the folder."""
        self._folder = folder
        self._text.setText(f"{count(len(written), 'file')} written to {folder}")
        self.show()
        self.open.setFocus()
