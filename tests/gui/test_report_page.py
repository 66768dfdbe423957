"""The report before and after it is written: sections, preview, folder, files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QTextDocument

from core.analysis import run_analysis
from core.extras import Asked
from core.pooled import pooled_from_session
from core.report.sections import SECTIONS
from core.session import Session
from gui import theme
from gui.pages import report
from gui.pages.report import ReportPage
from gui.pages.report_files import FILES, existing_outputs
from gui.pages.report_preview import address, pictures_of


@pytest.fixture(scope="module")
def done(demo: Session) -> Session:
    """The demo after a quick run."""
    few = demo.plan.bootstrap.model_copy(update={"replicates": 20})
    session = demo.with_plan(demo.plan.model_copy(update={"bootstrap": few, "outcomes": demo.plan.outcomes[:1],
                                                       "moderators": demo.plan.moderators[:8], "sets": ()}))
    return session.with_results(run_analysis(pooled_from_session(session), session.plan))


@pytest.fixture
def page(qtbot, done: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReportPage]:
    """The page; pictures of its preview are blank, for they take long to draw."""
    monkeypatch.setattr(report, "pictures_of", blank)
    made = ReportPage()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.session = done
    made.show()
    made.folder.setText(str(tmp_path / "report"))
    made.display(done)
    settle(made, qtbot)
    yield made
    for runner in runners(made):
        runner.close()


def blank(figures, scheme: str, family: str, width: int, ratio: float, progress) -> dict[str, QImage]:
    image = QImage(width, 10, QImage.Format.Format_RGB32)
    image.fill(0)
    return {figure.key: image for figure in figures}


def runners(page: ReportPage):
    return page.runner, page._preparing, page._drawing


def settle(page: ReportPage, qtbot) -> None:
    qtbot.waitUntil(lambda: not any(runner.is_busy for runner in runners(page)) and not page._timer.isActive(),
                    timeout=60_000)


def test_the_preview_says_what_the_report_says(page: ReportPage, done: Session) -> None:
    text = page.preview.toPlainText()
    assert "Synthetic demonstration data" in text
    for title in ("Summary", "Methods", "Main effects", "Limitations"):
        assert title in text
    assert page._material is not None
    for figure in page._material.figures:
        assert page.preview.document().resource(QTextDocument.ResourceType.ImageResource.value,
                                                QUrl(address(figure.key))) is not None


def test_a_section_left_out_leaves_the_preview(page: ReportPage, qtbot) -> None:
    row = [key for key, *_ in SECTIONS].index("methods")
    assert "methods" in page.kept
    page.sections.item(row).setCheckState(Qt.CheckState.Unchecked)
    settle(page, qtbot)
    assert "methods" not in page.kept
    assert "Methods" not in page.preview.toPlainText().splitlines()
    assert "Summary" in page.preview.toPlainText().splitlines()


def test_everything_is_written(page: ReportPage, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(page.folder.text())
    assert page.folder_note.text() == "The folder will be made."
    row = [key for key, *_ in SECTIONS].index("limitations")
    page.sections.item(row).setCheckState(Qt.CheckState.Unchecked)
    settle(page, qtbot)
    page.write.trigger()
    assert not page.write.isEnabled()
    assert not page.progress_card.isHidden()
    settle(page, qtbot)
    assert set(existing_outputs(folder)) == set(FILES)
    session = page.session
    assert session is not None
    beside = {"protocol.json"} | {conversion.table for conversion in session.protocol.conversions}
    assert {path.name for path in folder.iterdir()} - beside == set(FILES)
    assert "Limitations" not in (folder / "report.html").read_text(encoding="utf-8")
    assert f"written to {folder}" in page.done._text.text()
    assert "will be replaced" in page.folder_note.text()
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    page.done.open.click()
    assert opened == [str(folder)]


def test_what_is_marked_is_written_as_well(page: ReportPage, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Asked] = []
    monkeypatch.setattr(report, "write_all", lambda *given, progress: asked.append(given[-1]) or ())
    page.files.boxes["slides"].setChecked(True)
    page.files.boxes["zip"].click()
    page.figures.setCurrentIndex(1)
    page.write.trigger()
    settle(page, qtbot)
    assert asked == [Asked(frozenset({"slides", "zip"}), kinds=("pdf",))]


def test_a_machine_without_r_is_told_before_anything_is_written(page: ReportPage, qtbot,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.report.r_run.find_rscript", lambda: None)
    page.files.boxes["r"].click()
    page.write.trigger()
    settle(page, qtbot)
    assert page.message.text.startswith("R was not found") and "https://www.r-project.org" in page.message.text
    assert not Path(page.folder.text()).exists() and page.write.isEnabled()


def test_a_stop_leaves_whole_files(page: ReportPage, qtbot) -> None:
    page.write.trigger()
    qtbot.wait(50)
    page.progress_card.stop.click()
    settle(page, qtbot)
    assert page.message.text.startswith("Stopped.")
    assert page.done.isHidden()
    assert page.write.isEnabled()
    assert not list(Path(page.folder.text()).glob("**/.writing-*"))


def test_a_folder_that_cannot_be_written_is_said(page: ReportPage, qtbot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    page.folder.setText(str(tmp_path / "file" / "report"))
    page.write.trigger()
    settle(page, qtbot)
    assert "cannot be written" in page.message.text
    assert page.write.isEnabled()


def test_without_a_folder_nothing_can_be_written(page: ReportPage) -> None:
    page.folder.clear()
    assert not page.write.isEnabled()
    assert page.folder_note.text() == "Choose a folder."


def test_a_folder_is_chosen(page: ReportPage, boxes, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}", encoding="utf-8")
    boxes.files = [tmp_path]
    page._choose_folder()
    assert page.folder.text() == str(tmp_path)
    assert page.folder_note.text() == "plan.json is there already and will be replaced."


def test_out_of_date_results_are_not_written(page: ReportPage, done: Session) -> None:
    stale = done.with_plan(done.plan.model_copy(update={"seed": 2}))
    page.session = stale
    page.display(stale)
    assert not page.write.isEnabled()
    assert "out of date" in page.foot(stale)
    assert "out of date" in page.message.text
    assert "once the results are up to date" in page.preview.toPlainText()
    page.session = done
    page.display(done)
    assert page.write.isEnabled()


def test_words_are_shown_before_the_pictures_are_drawn(page: ReportPage, done: Session, qtbot) -> None:
    shown: list[int] = []
    told = page._take_preview
    page._take_preview = lambda made_for, found: (shown.append(len(found[1])), told(made_for, found))[1]
    page._pictures_for = None
    page._show_preview()
    settle(page, qtbot)
    assert page._material is not None
    assert shown[0] == 0 and shown[-1] == len(page._material.figures) and shown == sorted(shown) and len(shown) > 2
    assert "Summary" in page.preview.toPlainText()


def test_where_one_reads_stays_when_pictures_come(page: ReportPage, qtbot) -> None:
    page.preview.document().size()  # lays out all of it, which otherwise comes little by little
    bar = page.preview.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    words = page.preview.cursorForPosition(QPoint(0, 0)).block().text()
    page._show_preview()
    settle(page, qtbot)
    assert page.preview.cursorForPosition(QPoint(0, 0)).block().text() == words


def test_a_report_without_results_says_so(page: ReportPage, demo: Session) -> None:
    assert "Run first" in page.foot(demo)


def test_pictures_of_the_preview_are_as_wide_as_asked(page: ReportPage) -> None:
    assert page._material is not None
    (figure,) = (figure for figure in page._material.figures if figure.key == "responders")
    image = pictures_of((figure,), "dark", "DejaVu Sans", 400, 2.0)["responders"]
    assert (image.width(), image.devicePixelRatio()) == (800, 2.0)
    assert image.pixelColor(0, 0).name().upper() == theme.DARK.ground
