"""A figure as large as there is room, drawn off the window's thread in the window's colors and font."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QToolTip, QWidget

from core.progress import Progress, silent
from gui import theme
from gui.jobs import JobRunner
from gui.theme import GRID
from gui.widgets.frame import label

if TYPE_CHECKING:
    from core.figures.specification import FigureSpec, Spot

PIXELS_PER_INCH = 96.0
SIZE = 9.0
"""Of the letters, in points."""
REST = 120
"""Milliseconds of rest after a change of size before the figure is drawn anew."""
WIDEST_TIP = 70
"""Letters in a line of what is said of a place."""
NEAR = 10
"""Pixels from a place within which pointing is pointing at it."""
KEPT = 24
"""Pictures kept for when they are wanted again."""

Key = tuple[int, str, int, int, float]



@dataclass(frozen=True)
class Picture:
    """A figure as drawn: its pixels, and the places that say more."""

    image: QImage
    spots: tuple[Spot, ...] = ()


class FigureView(QWidget):
    """Shows one `FigureSpec` at a time; a figure higher than the view scrolls."""

    drawn = Signal()
    """The figure that was asked for is in sight."""
    picked = Signal(str)
    """A place of the figure was clicked that leads somewhere: its key."""

    def __init__(self, nothing: str, parent: QWidget | None = None) -> None:
        """`nothing` stands where no figure is: what will be there and how to get it."""
        super().__init__(parent)
        self.figure: FigureSpec | None = None
        self._runner = JobRunner(self)
        self._pictures: dict[Key, Picture] = {}
        self._wanted: Key | None = None
        self._picture = _Picture()
        self._picture.picked.connect(self.picked)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName("Figure")
        self._area.setWidget(self._picture)
        self._words = label(nothing, "secondary", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._words)
        self._stack.addWidget(self._area)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        theme.watcher().changed.connect(self._draw)
        copy = QAction("Copy picture", self)
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setMinimumSize(240, 120)

    def show_figure(self, figure: FigureSpec) -> None:
        """Show a figure; its words go to those who do not see it."""
        if figure is self.figure:
            return
        self.figure = figure
        self._area.setAccessibleName(f"Figure: {figure.title}")
        self._area.setAccessibleDescription(figure.alt)
        self._picture.setAccessibleName(figure.title)
        self._picture.setAccessibleDescription(figure.alt)
        self._area.verticalScrollBar().setValue(0)
        self._draw()

    def show_nothing(self, words: str) -> None:
        """No figure, and why."""
        self.figure, self._wanted = None, None
        self._runner.silence()
        self._words.setText(words)
        self._stack.setCurrentWidget(self._words)

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        if self.figure is not None and self._picture.image is not None:
            QGuiApplication.clipboard().setPixmap(QPixmap.fromImage(self._picture.image))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew once the view rests at another size."""
        super().resizeEvent(event)
        self._timer.start(REST)

    def _draw(self) -> None:
        figure = self.figure
        if figure is None or not self.isVisible():
            return
        # as if the scroll bar were there, so that its coming and going changes nothing
        room = self.size() - QSize(self._area.verticalScrollBar().sizeHint().width(), 0)
        ratio = self.devicePixelRatioF()
        key = (id(figure), theme.colors().name, room.width(), room.height(), ratio)
        if key == self._wanted:
            return
        self._wanted = key
        if key in self._pictures:
            self._show(self._pictures[key])
            return
        job = self._runner.start(picture_of, figure, theme.colors().name, QGuiApplication.font().family(), room, ratio)
        job.succeeded.connect(lambda picture: self._keep(key, picture))
        job.failed.connect(lambda _: self.show_nothing("This figure could not be drawn. Its numbers are in the table."))

    def showEvent(self, event: QShowEvent) -> None:
        """What was asked for while out of sight is drawn now."""
        self._timer.start(0)

    def _keep(self, key: Key, picture: Picture) -> None:
        while len(self._pictures) >= KEPT:
            self._pictures.pop(next(iter(self._pictures)))
        self._pictures[key] = picture
        self._show(picture)

    def _show(self, picture: Picture) -> None:
        self._picture.show_picture(picture)
        self._stack.setCurrentWidget(self._area)
        self.drawn.emit()


def picture_of(figure: FigureSpec, scheme: str, family: str, room: QSize, ratio: float,
               progress: Progress = silent) -> Picture:
    """Draw a figure as wide as `room` (pixels of the window) and at least as high."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from core.figures import DARK, LIGHT

    progress(0.0, figure.title)
    style = (DARK if scheme == "dark" else LIGHT).with_font(family, SIZE)
    size = (room.width() / PIXELS_PER_INCH, room.height() / PIXELS_PER_INCH)
    drawn = figure.draw(style, size)
    progress(0.5, figure.title)
    drawn.set_dpi(PIXELS_PER_INCH * ratio)
    canvas = FigureCanvasAgg(drawn)
    canvas.draw()
    width, height = canvas.get_width_height(physical=True)
    image = QImage(bytes(canvas.buffer_rgba()), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    image.setDevicePixelRatio(ratio)
    return Picture(image, figure.spots(style, size))


class _Picture(QWidget):
    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.image: QImage | None = None
        self._spots: tuple[Spot, ...] = ()

    def show_picture(self, picture: Picture) -> None:
        self.image, self._spots = picture.image, picture.spots
        self.setFixedSize(self.image.deviceIndependentSize().toSize())
        self.setMouseTracking(bool(self._spots))
        self.update()

    def spot_at(self, place: QPointF) -> Spot | None:
        """The place pointed at, the nearest where there are several."""
        found = [((spot.x * PIXELS_PER_INCH - place.x()) ** 2 + (spot.y * PIXELS_PER_INCH - place.y()) ** 2, spot)
                 for spot in self._spots]
        distance, nearest = min(found, key=lambda one: one[0], default=(float("inf"), None))
        return nearest if distance <= NEAR ** 2 else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is pointed at."""
        spot = self.spot_at(event.position())
        leads = spot is not None and bool(spot.key)
        self.setCursor(Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor)
        if spot is None:
            QToolTip.hideText()
        else:
            words = "\n".join(fill(line, WIDEST_TIP) for line in spot.text.split("\n"))
            QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go where the place pointed at leads."""
        spot = self.spot_at(event.position())
        if spot is not None and spot.key and event.button() is Qt.MouseButton.LeftButton:
            self.picked.emit(spot.key)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture as it is."""
        if self.image is not None:
            size = self.image.deviceIndependentSize().toSize()
            QPainter(self).drawImage(QRect(0, 0, size.width(), size.height()), self.image)
