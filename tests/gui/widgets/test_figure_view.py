"""One figure in sight: enlarged with wheel, keys and buttons, pointed at, copied and saved in a chosen form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent

from core.figures import figures_for
from core.figures.files import FileForm
from gui.jobs import JobRunner
from gui.widgets.figure_saving import OWN, SaveFigure, form_of
from gui.widgets.figure_view import ZOOMS, FigureView
from tests.core.invented_results import invented

RESULTS, COHORT, _ = invented()
FOREST = next(figure for figure in figures_for(RESULTS, COHORT) if figure.key.startswith("forest"))


@pytest.fixture
def view(qtbot) -> Iterator[FigureView]:
    made = FigureView("Nothing yet.")
    qtbot.addWidget(made)
    made.resize(620, 300)
    made.show()
    made.show_figure(FOREST)
    settle(made, qtbot)
    yield made
    for runner in made.findChildren(JobRunner):
        runner.close()


def settle(view: FigureView, qtbot) -> None:
    qtbot.waitUntil(lambda: not any(runner.is_busy for runner in view.findChildren(JobRunner))
                    and not view._timer.isActive(), timeout=20_000)


def turn(view: FigureView, up: bool, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.ControlModifier) -> None:
    event = QWheelEvent(QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120 if up else -120), Qt.MouseButton.NoButton,
                        modifier, Qt.ScrollPhase.NoScrollPhase, False)
    view._area.wheelEvent(event)


def test_it_is_enlarged_and_fits_again(view: FigureView, qtbot) -> None:
    fitted = view._picture.width()
    spot = next(one for one in view._picture._spots if "study_1" in one.text)
    assert not view.smaller.isEnabled() and not view.whole.isEnabled()
    turn(view, up=True)
    view.activateWindow()
    view._area.setFocus()
    qtbot.keyClick(view._area, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert view.zoom == ZOOMS[2]
    settle(view, qtbot)
    assert view._picture.width() == pytest.approx(1.5 * fitted, abs=2)
    assert view._picture.spot_at(QPointF(spot.x * 144, spot.y * 144)) == spot
    assert view._area.horizontalScrollBar().maximum() > 0
    turn(view, up=False)
    view.zoom_back()
    settle(view, qtbot)
    assert view._picture.width() == fitted and view._area.horizontalScrollBar().maximum() == 0
    for _ in range(9):
        view.zoom_in()
    assert view.zoom == ZOOMS[-1] and not view.larger.isEnabled()
    settle(view, qtbot)


def test_the_wheel_alone_scrolls(view: FigureView) -> None:
    bar = view._area.verticalScrollBar()
    assert bar.maximum() > 0
    turn(view, up=False, modifier=Qt.KeyboardModifier.NoModifier)
    assert view.zoom == 1 and bar.value() > 0


def test_a_view_that_hugs_is_as_high_as_its_figure(qtbot) -> None:
    made = FigureView("Nothing yet.", hugs=True)
    qtbot.addWidget(made)
    made.resize(600, 130)
    made.show()
    made.show_figure(FOREST)
    settle(made, qtbot)
    assert made.minimumSizeHint().height() >= made._picture.height() > 130
    for runner in made.findChildren(JobRunner):
        runner.close()


def test_pointing_at_a_study_says_its_numbers(view: FigureView) -> None:
    texts = [spot.text for spot in view._picture._spots]
    words = next(text for text in texts if text.startswith("study_1\n"))
    assert "Estimate (95\N{NARROW NO-BREAK SPACE}%\N{NARROW NO-BREAK SPACE}CI): " in words and "Weight: " in words
    assert not [text for text in texts if text.startswith("study_3")], "it has no estimate"
    assert any(text.startswith("Prediction") for text in texts)


def test_it_is_copied_on_white_as_dots_and_as_a_drawing(view: FigureView, qapp, qtbot) -> None:
    view.window().setProperty("figure form", FileForm("png", 85.0, 100))
    view.copy_action.trigger()
    settle(view, qtbot)
    data = qapp.clipboard().mimeData()
    image = data.imageData()
    assert image.width() == pytest.approx(85 / 25.4 * 100, abs=2) and image.pixelColor(0, 0).name() == "#ffffff"
    assert b"study_1" in bytes(data.data("image/svg+xml"))
    assert "clipboard" in view.message.text
    qapp.clipboard().clear()


def test_it_is_saved_in_a_chosen_form_which_is_remembered(view: FigureView, boxes, tmp_path: Path, qtbot) -> None:
    boxes.files = [tmp_path / "forest.tiff"]

    def choose(box: SaveFigure) -> bool:
        box.kind.setCurrentIndex(box.kind.findData("tiff"))
        box.width_.setCurrentIndex(box.width_.findData(OWN))
        box.width_.activated.emit(0)
        box.own_width.setText("100")
        box.dpi.setCurrentIndex(box.dpi.findData(OWN))
        box.dpi.activated.emit(0)
        box.own_dpi.setText("72 dpi")
        return True

    boxes.answer = choose
    view.save_action.trigger()
    settle(view, qtbot)
    with Image.open(boxes.files[0]) as picture:
        assert picture.width == pytest.approx(100 / 25.4 * 72, abs=1)
    assert str(boxes.files[0]) in view.message.text
    assert form_of(view) == FileForm("tiff", 100.0, 72)
    assert boxes.shown[-1].selectedNameFilter().startswith("TIFF")


def test_what_cannot_be_saved_says_why(view: FigureView, boxes, tmp_path: Path, qtbot) -> None:
    boxes.files, boxes.answer = [tmp_path / "nowhere" / "a.png"], lambda box: True
    view.window().setProperty("figure form", FileForm("png", 85.0, 72))
    view.save_action.trigger()
    settle(view, qtbot)
    assert "cannot be written" in view.message.text
    boxes.files = [tmp_path / "nowhere" / "a.csv"]
    view.numbers_action.trigger()
    assert "cannot be written" in view.message.text
    view.show_nothing("Gone.")
    assert not view.save_action.isEnabled() and not view.copy_action.isEnabled()


def test_the_box_shows_what_the_file_will_be(view: FigureView, qtbot) -> None:
    box = SaveFigure(view, FOREST, FileForm("png", 89.0, 300))
    box.show()
    qtbot.waitUntil(lambda: "89 by" in box.about.text(), timeout=20_000)
    assert "1,051 by" in box.about.text() and box.picture.pixmap().width() > 200 and not box.warning.text()
    box.kind.setCurrentIndex(box.kind.findData("svg"))
    box.kind.activated.emit(0)
    assert not box.dpi.isEnabled()
    box.width_.setCurrentIndex(box.width_.findData(OWN))
    box.width_.activated.emit(0)
    box.own_width.setText("wide")
    box.own_width.textEdited.emit("wide")
    assert box.form is None and not box.accept_button.isEnabled() and "between 50 and 400 mm" in box.about.text()
    box.done_with()
