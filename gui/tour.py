"""A picture of every page and dialog on the demo project, made without a screen."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget

from core.steps import Step
from gui import dialogs, theme
from gui.jobs import JobRunner
from gui.main_window import MainWindow
from gui.workspace import Opened

if TYPE_CHECKING:
    from gui.protocol_editor import ProtocolEditor

LANGUAGES = ("en",)
PATIENCE = 300.0
"""Seconds the tour waits for one piece of work."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"modscope tour: {message}. See --help.\n")


def main(words: Sequence[str]) -> int:
    """`tour --out DIR [--theme light|dark] [--lang CODE] [--size WxH]`. Exit status."""
    options = _parser().parse_args(words)
    if options.lang not in LANGUAGES:
        sys.stderr.write(f'modscope tour: there is no translation "{options.lang}"; there is: '
                         f'{", ".join(LANGUAGES)}.\n')
        return 2
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        sys.stderr.write(f"modscope tour: the folder {options.out} cannot be made: {fault.strerror}.\n")
        return 2
    with tempfile.TemporaryDirectory() as folder, _environment(folder):
        from gui.app import make_application

        app = make_application(["modscope"])
        theme.set_up(app, options.theme)
        Tour(app, options.out, options.size).take()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="modscope tour", description="A picture of every page and dialog on the demo project.")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the pictures")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--lang", default="en", metavar="CODE")
    parser.add_argument("--size", type=_size, default=(1280, 800), metavar="WxH")
    return parser


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()) or not 200 <= int(width) <= 8000 or not 200 <= int(height) <= 8000:
        raise argparse.ArgumentTypeError(f'"{text}" is not a size such as 1280x800')
    return int(width), int(height)


@contextmanager
def _environment(folder: str) -> Iterator[None]:
    """No screen where none is named, and the user's own list of projects left alone."""
    named = {"MODSCOPE_DATA": folder}
    if not os.environ.get("QT_QPA_PLATFORM"):
        named["QT_QPA_PLATFORM"] = "offscreen"
    before = {key: os.environ.get(key) for key in named}
    os.environ.update(named)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


class Tour:
    """Walks the window and takes pictures, numbered in order."""

    def __init__(self, app: QApplication, out: Path, size: tuple[int, int]) -> None:
        self._app, self._out, self._taken = app, out, 0
        self._window = MainWindow()
        self._window.resize(*size)
        self._window.show()

    def take(self) -> None:
        """The whole walk."""
        window = self._window
        self._picture(window, "start")
        window.open_demo()
        self._wait(lambda: window.workspace.standing is not None)
        self._hasten()
        for step in Step:
            if step is Step.RUN:
                self._walk(step)
                self._run()
                self._change_plan()
            elif step is not Step.START:
                self._walk(step)
        window.show_issues()
        self._picture(window, "issues")
        window.show_step(Step.START)
        self._picture(window, "start-recent")
        self._dialogs()
        window.close()

    def _hasten(self) -> None:
        """Few replicates: the pictures are of the window, not of the numbers."""
        space = self._window.workspace
        if space.session is None:
            return
        from core.plan import quick

        plan = quick(space.session.plan)
        fewer = {"combined": plan.combined.model_copy(update={"permutations": 39}),
                 "bootstrap": plan.bootstrap.model_copy(update={"replicates": 60})}
        space.put(Opened(space.session.with_plan(plan.model_copy(update=fewer)), None))
        self._wait(lambda: space.standing is not None)

    def _walk(self, step: Step) -> None:
        """A page in each of its states."""
        self._window.show_step(step)
        for name, put in self._window.page(step).tour_states():
            put()
            self._picture(self._window, f"{step.value}-{name}" if name else step.value)

    def _run(self) -> None:
        """What the person would do on the Run page, to the end."""
        window = self._window
        action = window.page(Step.RUN).main_action
        if window.workspace.session is not None and window.workspace.session.results is None and action is not None:
            action.trigger()
            self._wait(lambda: window.workspace.session is None or window.workspace.session.results is not None)
            window.show_step(Step.RUN)
            self._picture(window, "run-done")

    def _change_plan(self) -> None:
        """A change after the first run, which asks for its reason; then it is taken back."""
        window, space = self._window, self._window.workspace
        if space.session is None or space.session.plan_lock is None:
            return
        plan = space.session.plan
        space.decide(space.session.with_plan(plan.model_copy(update={"seed": plan.seed + 1})), "Random seed")
        window.show_step(Step.PLAN)
        self._wait(lambda: True)
        action = window.page(Step.PLAN).main_action
        if action is not None:
            action.trigger()
        self._picture(window, "plan-changed")
        space.undo()

    def _dialogs(self) -> None:
        """Every modal box, as it opens."""
        from core.protocol_files import load_protocol, protocol_titles
        from gui.protocol_editor import ProtocolEditor

        try:
            raise LookupError("an example")
        except LookupError as fault:
            crash = dialogs.Crash(self._window, fault)
        new = dialogs.NewProject(self._window, protocol_titles(), Path.home())
        new.name.setText("Ketamine pool")
        request = dialogs.RequestData(self._window, load_protocol("ketamine"))
        request.study.setText("Smith2015")
        self._guide()
        self._protocol(ProtocolEditor(self._window, load_protocol("ketamine")))
        boxes: dict[str, QDialog] = {"new-project": new, "request-data": request, "crash": crash,
                                     **self._figure_saved(), **self._values_tried()}
        for name, box in boxes.items():
            box.show()
            self._picture(box, f"dialog-{name}")
            box.close()

    def _guide(self) -> None:
        """The guide, and what it finds."""
        from gui.help_window import HelpWindow

        box = HelpWindow(self._window)
        box.open_topic("plan")
        self._picture(box, "guide")
        box.search.setText("interval")
        self._picture(box, "guide-search")
        box.close()

    def _protocol(self, box: ProtocolEditor) -> None:
        """Every part of the protocol, with one of its items."""
        box.show()
        for place in range(box.tabs.count()):
            box.tabs.setCurrentIndex(place)
            self._picture(box, f"protocol-{box.tabs.tabText(place).lower()}")
        box.close()

    def _figure_saved(self) -> dict[str, QDialog]:
        """The box that asks how a figure is to be saved, for the one in sight on the Results page."""
        from gui.pages.results import ResultsPage
        from gui.widgets.figure_saving import SaveFigure, form_of

        page = self._window.page(Step.RESULTS)
        if not isinstance(page, ResultsPage) or page.view.figure is None:
            return {}
        return {"save-figure": SaveFigure(self._window, page.view.figure, form_of(self._window))}

    def _values_tried(self) -> dict[str, QDialog]:
        """The box to try values in the set that leads: its picture is wanted wherever r lies, which its mark says."""
        from gui.pages.results_combined import leading
        from gui.pages.results_try_values import TryValues, calculator_of

        session = self._window.workspace.session
        best = None if session is None or session.results is None else \
            leading(session.results, session.plan.outcomes[0].name)
        if session is None or best is None:
            return {}
        found = calculator_of(session, best)
        if isinstance(found, str):
            return {}
        box = TryValues.of(self._window, session, best, found)
        for asked in found.asked:
            field = box.fields[asked.name]
            if isinstance(field, QLineEdit):
                field.setText(f"{(asked.low + asked.high) / 2:.0f}")
            else:
                field.setCurrentIndex(1)
                field.activated.emit(1)
        return {"try-values": box}

    def _picture(self, widget: QWidget, name: str) -> None:
        self._wait(lambda: True)
        self._taken += 1
        widget.grab().save(str(self._out / f"{self._taken:02d}-{name}.png"))

    def _wait(self, is_done: Callable[[], bool]) -> None:
        """Until nothing is under way and something holds. Raises TimeoutError if that takes too long."""
        deadline = time.monotonic() + PATIENCE
        busy: JobRunner | None = None
        while True:
            for _ in range(3):  # layouts settle in rounds
                self._app.processEvents()
            if busy is None or not busy.is_busy:  # looking through the whole window takes longer than one look at one
                busy = next((runner for runner in self._window.findChildren(JobRunner) if runner.is_busy), None)
            if busy is None and is_done():
                return
            if time.monotonic() > deadline:
                raise TimeoutError("the tour waited too long for one piece of work")
            time.sleep(0.01)
