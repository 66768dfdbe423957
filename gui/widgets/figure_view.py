"""A figure as large as there is room, drawn off the window's thread in the window's colors and font."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import fill
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QToolTip, QVBoxLayout, QWidget

from gui import theme
from gui.jobs import JobRunner
from gui.theme import GRID
from gui.widgets import figure_saving
from gui.widgets.figure_picture import PIXELS_PER_INCH, Picture, picture_of
from gui.widgets.frame import label
from gui.widgets.message_line import MessageLine

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from core.figures.specification import FigureSpec, Spot

REST = 120
"""Milliseconds of rest after a change of size before the figure is drawn anew."""
WIDEST_TIP = 70
"""Letters in a line of what is said of a place."""
NEAR = 10
"""Pixels from a place within which pointing is pointing at it."""
KEPT = 24
"""Pictures kept for when they are wanted again."""
ZOOMS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)

Key = tuple[int, str, int, int, float, float]


class FigureView(QWidget):
    """Shows one `FigureSpec` at a time; a figure higher than the view scrolls, one that is enlarged in both ways.

    Everything that can be done with a figure is in its menu and on keys: enlarge, copy, save it or its numbers.
    """

    drawn = Signal()
    """The figure that was asked for is in sight."""
    picked = Signal(str)
    """A place of the figure was clicked that leads somewhere: its key."""
    zoomed = Signal(float)
    """How many times its size the figure is shown."""

    def __init__(self, nothing: str, parent: QWidget | None = None, hugs: bool = False) -> None:
        """`nothing` stands where no figure is: what will be there and how to get it. A view that `hugs` its figure is
        as high as that, and leaves scrolling to what it stands in.
        """
        super().__init__(parent)
        self.figure: FigureSpec | None = None
        self.zoom = ZOOMS[0]
        self._is_kept_back = False
        self._hugs = hugs
        self._runner, self.saving = JobRunner(self), JobRunner(self)
        self._pictures: dict[Key, Picture] = {}
        self._wanted: Key | None = None
        self._picture = _Picture()
        self._picture.picked.connect(self.picked)
        self._area = _Area(self._turn)
        self._area.setWidget(self._picture)
        self._allow_bars()
        self._words = label(nothing, "secondary", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._words)
        self._stack.addWidget(self._area)
        self.message = MessageLine(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._stack, 1)
        column.addWidget(self.message)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        theme.watcher().changed.connect(self._draw)
        self._make_actions()
        self.setMinimumSize(240, 120)

    def _make_actions(self) -> None:
        keys = QKeySequence.StandardKey
        self.larger = self._action("Enlarge the figure", self.zoom_in, keys.ZoomIn)
        self.smaller = self._action("Make the figure smaller", self.zoom_out, keys.ZoomOut)
        self.whole = self._action("Fit the figure", self.zoom_back, "Ctrl+0")
        self.copy_action = self._action("Copy picture", self.copy, keys.Copy)
        self.save_action = self._action("Save figure...", self.save, "")
        self.numbers_action = self._action("Save the figure's numbers...", self.save_numbers, "")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._allow()

    def _action(self, words: str, do: Callable[[], object], keys: QKeySequence.StandardKey | str) -> QAction:
        action = QAction(words, self)
        action.triggered.connect(lambda _=False: do())
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.addAction(action)
        return action

    def _allow(self) -> None:
        is_there = self.figure is not None
        for action in (self.copy_action, self.save_action, self.numbers_action):
            action.setEnabled(is_there and not self._is_kept_back)
        self.larger.setEnabled(is_there and self.zoom < ZOOMS[-1])
        for action in (self.smaller, self.whole):
            action.setEnabled(is_there and self.zoom > ZOOMS[0])

    def show_figure(self, figure: FigureSpec) -> None:
        """Show a figure; its words go to those who do not see it."""
        if figure is self.figure:
            return
        if self.figure is None or figure.key != self.figure.key:
            self.message.clear()
            self._area.verticalScrollBar().setValue(0)
        self.figure = figure
        self._area.setAccessibleName(f"Figure: {figure.title}")
        self._area.setAccessibleDescription(figure.alt)
        self._picture.setAccessibleName(figure.title)
        self._picture.setAccessibleDescription(figure.alt)
        self._allow()
        self._draw()

    def keep_back(self, is_kept_back: bool) -> None:
        """Whether figures may only be looked at: what is out of date is neither copied nor saved."""
        self._is_kept_back = is_kept_back
        self._allow()

    def show_nothing(self, words: str) -> None:
        """No figure, and why."""
        self.figure, self._wanted = None, None
        self._runner.silence()
        self._words.setText(words)
        self._stack.setCurrentWidget(self._words)
        self._allow()

    # --- what is done with it ---------------------------------------------------------------------------------------

    def copy(self) -> None:
        """Put the figure on the clipboard, as it would be saved: on white, as wide as it was saved last."""
        figure_saving.copy(self)

    def save(self) -> None:
        """Ask how and where to, and write the figure."""
        figure_saving.save(self)

    def save_numbers(self) -> None:
        """Ask where to, and write the numbers behind the figure."""
        if self.figure is not None:
            figure_saving.save_table(self, self.figure.data, self.message)

    def zoom_in(self) -> None:
        """The next size up."""
        self._zoom_to(next((zoom for zoom in ZOOMS if zoom > self.zoom), ZOOMS[-1]))

    def zoom_out(self) -> None:
        """The next size down."""
        self._zoom_to(next((zoom for zoom in reversed(ZOOMS) if zoom < self.zoom), ZOOMS[0]))

    def zoom_back(self) -> None:
        """The size that fits."""
        self._zoom_to(ZOOMS[0])

    def _zoom_to(self, zoom: float) -> None:
        """The middle of what is in sight stays there; the dots are drawn anew a little later."""
        if zoom == self.zoom:
            return
        bars = (self._area.horizontalScrollBar(), self._area.verticalScrollBar())
        middles = [(bar.value() + bar.pageStep() / 2) * zoom / self.zoom for bar in bars]
        self.zoom = zoom
        self._picture.stretch(zoom)
        self._allow_bars()
        for bar, middle in zip(bars, middles, strict=True):
            bar.setRange(0, max(bar.maximum(), round(middle)))
            bar.setValue(round(middle - bar.pageStep() / 2))
        self._allow()
        self.zoomed.emit(zoom)
        self._timer.start(REST)

    def _allow_bars(self) -> None:
        """A figure that fits is as wide as there is room, or a hair wider: no bar for that."""
        never, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        is_fitted = self.zoom == ZOOMS[0]
        self._area.setHorizontalScrollBarPolicy(never if is_fitted else needed)
        self._area.setVerticalScrollBarPolicy(never if is_fitted and self._hugs else needed)

    def _turn(self, event: QWheelEvent) -> bool:
        """The wheel with Ctrl enlarges, where it is not at its end."""
        if self.figure is None or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return self._hugs and self.zoom == ZOOMS[0]  # what it stands in scrolls
        (self.zoom_in if event.angleDelta().y() > 0 else self.zoom_out)()
        event.accept()
        return True

    # --- drawing ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew once the view rests at another size."""
        super().resizeEvent(event)
        self._timer.start(REST)

    def _draw(self) -> None:
        figure = self.figure
        if figure is None or not self.isVisible():
            return
        # as if the scroll bar were there, so that its coming and going changes nothing
        bar = 0 if self._hugs else self._area.verticalScrollBar().sizeHint().width()
        room = QSize(self.width() - bar, 1 if self._hugs else self._area_height())
        ratio = self.devicePixelRatioF()
        key = (id(figure), theme.colors().name, room.width(), room.height(), ratio, self.zoom)
        if key == self._wanted:
            return
        self._wanted = key
        if key in self._pictures:
            self._show(self._pictures[key])
            return
        job = self._runner.start(picture_of, figure, theme.colors().name, QGuiApplication.font().family(), room, ratio,
                                 self.zoom)
        job.succeeded.connect(lambda picture: self._keep(key, picture))
        job.failed.connect(lambda _: self.show_nothing("This figure could not be drawn. Its numbers are in the table."))

    def _area_height(self) -> int:
        return self.height() - (self.message.height() + GRID if self.message.isVisible() else 0)

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
        if self._hugs and self.zoom == ZOOMS[0]:
            self._area.setMinimumHeight(self._picture.height())
        self._stack.setCurrentWidget(self._area)
        self.drawn.emit()


class _Area(QScrollArea):
    """Scrolls the picture, and asks first what a turn of the wheel means."""

    def __init__(self, turned: Callable[[QWheelEvent], bool]) -> None:
        super().__init__()
        self._turned = turned
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Figure")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Enlarge, scroll, or leave it to what the view stands in."""
        if not self._turned(event):
            super().wheelEvent(event)
        elif not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()


class _Picture(QWidget):
    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.image: QImage | None = None
        self._spots: tuple[Spot, ...] = ()
        self._zoom = 1.0

    def show_picture(self, picture: Picture) -> None:
        self.image, self._spots, self._zoom = picture.image, picture.spots, picture.zoom
        self.setFixedSize(self.image.deviceIndependentSize().toSize())
        self.setMouseTracking(bool(self._spots))
        self.update()

    def stretch(self, zoom: float) -> None:
        """Show the dots that are there at another size, until there are finer ones."""
        if self.image is not None:
            self.setFixedSize(self.size() * (zoom / self._zoom))
            self._zoom = zoom
            self.update()

    def spot_at(self, place: QPointF) -> Spot | None:
        """The place pointed at, the nearest where there are several."""
        scale = PIXELS_PER_INCH * self._zoom
        found = [((spot.x * scale - place.x()) ** 2 + (spot.y * scale - place.y()) ** 2, spot) for spot in self._spots]
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
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRect(0, 0, self.width(), self.height()), self.image)
