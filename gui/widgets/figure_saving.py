"""A figure leaves the window: onto the clipboard, into a file of a chosen form, or as the numbers behind it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from core.errors import UserError
from core.progress import Progress, silent
from core.table_file import write_table
from gui import dialogs
from gui.jobs import JobRunner
from gui.theme import GRID
from gui.widgets.choices import combo, line, offer
from gui.widgets.figure_picture import Preview, preview_of
from gui.widgets.frame import button, label

if TYPE_CHECKING:
    from core.figures.files import FileForm
    from core.figures.specification import FigureSpec
    from core.tables import Table
    from gui.widgets.figure_view import FigureView
    from gui.widgets.message_line import MessageLine

TABLE_FILES = "CSV table (*.csv);;Excel workbook (*.xlsx)"
FORM = "figure form"
"""The window's property that remembers how a figure was saved last."""
OWN = "own"
ROOM = QSize(420, 400)
LEFT = 290
REST = 200
"""Milliseconds after a change before the preview follows."""


def form_of(view: QWidget) -> FileForm:
    """How a figure was saved last in this window."""
    from core.figures.files import FileForm

    found = view.window().property(FORM)
    return found if isinstance(found, FileForm) else FileForm()


def copy(view: FigureView) -> None:
    """Put the figure on the clipboard as dots and as a drawing, on white; a program takes what it can."""
    if view.figure is not None:
        job = view.saving.start(copied, view.figure, form_of(view))
        job.succeeded.connect(lambda found: _to_clipboard(view, *found))
        job.failed.connect(lambda fault: _say_fault(view, fault))


def copied(figure: FigureSpec, form: FileForm, progress: Progress = silent) -> tuple[bytes, bytes]:
    """The figure as PNG and SVG."""
    from core.figures.files import file_content

    progress(0.0, f"Drawing {figure.title}")
    dots = file_content(figure, replace(form, kind="png"))
    progress(0.5, f"Drawing {figure.title}")
    return dots, file_content(figure, replace(form, kind="svg"))


def _to_clipboard(view: FigureView, dots: bytes, drawing: bytes) -> None:
    data = QMimeData()
    data.setImageData(QImage.fromData(dots))
    data.setData("image/svg+xml", drawing)
    QGuiApplication.clipboard().setMimeData(data)
    view.message.say("The figure is on the clipboard.")


def save(view: FigureView) -> None:
    """Ask for form and place, and write the figure in sight."""
    from core.figures.files import KINDS

    figure = view.figure
    if figure is None:
        return
    box = SaveFigure(view, figure, form_of(view))
    wanted = dialogs.run(box)
    form = box.form
    box.done_with()
    if not wanted or form is None:
        return
    view.window().setProperty(FORM, form)
    ordered = sorted(KINDS.items(), key=lambda one: one[0] != form.kind)
    kinds = ";;".join(f"{words} (*.{kind})" for kind, words in ordered)
    target = dialogs.choose_target(view, "Save the figure", kinds, f"{figure.key}.{form.kind}")
    if target is not None:
        job = view.saving.start(written, figure, target, form)
        job.succeeded.connect(lambda path: view.message.say(f"The figure is in {path}."))
        job.failed.connect(lambda fault: _say_fault(view, fault))


def written(figure: FigureSpec, path: Path, form: FileForm, progress: Progress = silent) -> Path:
    """Write the figure; on a job's thread."""
    from core.figures.files import write_figure

    progress(0.0, f"Drawing {figure.title}")
    return write_figure(figure, path, form)


def save_table(parent: QWidget, table: Table, message: MessageLine) -> None:
    """Ask where to, and write a table for a spreadsheet."""
    target = dialogs.choose_target(parent, "Save the numbers", TABLE_FILES, f"{table.name}.csv")
    if target is None:
        return
    try:
        write_table(table, target)
    except UserError as fault:
        message.show_fault(fault)
    else:
        message.say(f"The table is in {target}.")


def _say_fault(view: FigureView, fault: Exception) -> None:
    if isinstance(fault, UserError):
        view.message.show_fault(fault)
    else:
        dialogs.show_crash(view, fault)


class SaveFigure(QDialog):
    """Kind, width and resolution of a figure's file, with what it will look like."""

    def __init__(self, parent: QWidget | None, figure: FigureSpec, form: FileForm) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save figure")
        self._figure = figure
        self.runner = JobRunner(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        self.kind, self.width_, self.dpi = (combo(name, self._changed) for name in ("Kind", "Width", "Resolution"))
        self.own_width = line("Own width", self._changed, "for example 140 mm")
        self.own_dpi = line("Own resolution", self._changed, "for example 450 dpi")
        for field in (self.own_width, self.own_dpi):
            field.textEdited.connect(lambda _: self._changed())
        self._offer(form)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.picture.setAccessibleName("What the file will look like")
        self.sheet = QScrollArea()
        self.sheet.setAccessibleName("Preview of the file")
        self.sheet.setFixedSize(ROOM)
        self.sheet.setWidgetResizable(True)
        self.sheet.setWidget(self.picture)
        self.about, self.warning = label(kind="secondary", wrap=True), label(wrap=True)
        self.accept_button = button("Save...", "primary")
        self._lay_out(figure)
        self._changed()

    def _offer(self, form: FileForm) -> None:
        from core.figures.files import KINDS, RESOLUTIONS, WIDTHS

        offer(self.kind, [(words, kind) for kind, words in KINDS.items()], form.kind)
        widths = [(f"{width:g} mm, {words}", width) for width, words in WIDTHS]
        is_known = form.width in dict(WIDTHS)
        offer(self.width_, [*widths, ("Own width", OWN)], form.width if is_known else OWN)
        offer(self.dpi, [*((f"{dpi} dpi", dpi) for dpi in RESOLUTIONS), ("Own resolution", OWN)],
              form.dpi if form.dpi in RESOLUTIONS else OWN)
        self.own_width.setText("" if is_known else f"{form.width:g} mm")
        self.own_dpi.setText("" if form.dpi in RESOLUTIONS else f"{form.dpi} dpi")

    def _lay_out(self, figure: FigureSpec) -> None:
        grid = QGridLayout()
        grid.setSpacing(GRID)
        for row, (words, field) in enumerate((("Kind", self.kind), ("Width", self.width_), ("", self.own_width),
                                              ("Resolution", self.dpi), ("", self.own_dpi))):
            grid.addWidget(label(words), row, 0)
            grid.addWidget(field, row, 1)
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addLayout(grid)
        for part in (self.about, self.warning):
            part.setFixedWidth(LEFT)
            left.addWidget(part)
        for box in (self.kind, self.width_, self.dpi):
            box.setMinimumContentsLength(22)
        self.warning.setMinimumHeight(3 * self.warning.fontMetrics().lineSpacing())
        self.warning.setAlignment(Qt.AlignmentFlag.AlignTop)
        left.addStretch(1)
        cancel = button("Cancel")
        cancel.clicked.connect(self.reject)
        self.accept_button.clicked.connect(self.accept)
        self.accept_button.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.accept_button)
        row_ = QHBoxLayout()
        row_.setSpacing(2 * GRID)
        row_.addLayout(left)
        row_.addWidget(self.sheet)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        title = label(figure.title, "section", wrap=True)
        column.addWidget(title)
        column.addLayout(row_)
        column.addLayout(buttons)

    @property
    def form(self) -> FileForm | None:
        """What is chosen; None where an own width or resolution is none."""
        from core.figures.files import FileForm, dots, millimeters

        width = millimeters(self.own_width.text()) if self.width_.currentData() == OWN else self.width_.currentData()
        dpi = dots(self.own_dpi.text()) if self.dpi.currentData() == OWN else self.dpi.currentData()
        return None if width is None or dpi is None else FileForm(self.kind.currentData(), width, dpi)

    def _changed(self) -> None:
        from core.figures.files import COARSEST, FINEST, NARROWEST, RASTER, WIDEST, millimeters

        has_dots = self.kind.currentData() in RASTER
        self.own_width.setVisible(self.width_.currentData() == OWN)
        self.dpi.setEnabled(has_dots)
        self.own_dpi.setVisible(has_dots and self.dpi.currentData() == OWN)
        form = self.form
        self.accept_button.setEnabled(form is not None)
        if form is None:
            is_width = self.width_.currentData() == OWN and millimeters(self.own_width.text()) is None
            self.warning.setText("")
            self.about.setText(f"A width between {NARROWEST:g} and {WIDEST:g} mm." if is_width else
                               f"A resolution between {COARSEST} and {FINEST} dots an inch.")
            return
        self._timer.start(REST)

    def showEvent(self, event: QShowEvent) -> None:
        """The preview begins with the box."""
        super().showEvent(event)
        self._timer.start(0)

    def _draw(self) -> None:
        form = self.form
        if form is not None:
            job = self.runner.start(preview_of, self._figure, form, ROOM.width() - 3 * GRID, self.devicePixelRatioF())
            job.succeeded.connect(lambda found: self._show(form, found))

    def _show(self, form: FileForm, found: Preview) -> None:
        self.picture.setPixmap(QPixmap.fromImage(found.image))
        self.picture.setMinimumSize(found.image.deviceIndependentSize().toSize())
        about = found.about
        size = f"{about.width:.0f} by {about.height:.0f} mm"
        dots = f", {about.pixels[0]:,} by {about.pixels[1]:,} dots" if form.is_raster else ""
        kept = {"pdf": " Words stay words, in fonts inside the file.", "svg": " Words stay words.",
                "tiff": " Compressed without loss."}.get(form.kind, "")
        self.about.setText(f"{size}{dots}. Letters of {about.smallest:.1f} to {about.largest:.1f} points.{kept}")
        self.warning.setText("At this width words get in each other's way. Choose a wider one, or smaller letters "
                             "under Style." if about.is_crowded else "")
        self.picture.setAccessibleDescription(f"{self.about.text()} {self.warning.text()}")

    def done_with(self) -> None:
        """Nothing of it is wanted any more."""
        self.runner.close()
        self.deleteLater()
