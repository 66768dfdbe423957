"""How soon the window shows and how quick its pages are: `python3 dev.py bench window`."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from core.steps import Step

STARTED = """
import sys, time
begun = time.perf_counter()
from PySide6.QtCore import QTimer
from gui import app, theme
from gui.main_window import MainWindow
made = app.make_application(sys.argv[:1])
theme.set_up(made)
window = MainWindow()
window.show()
QTimer.singleShot(0, lambda: (print(time.perf_counter() - begun), made.quit()))
made.exec()
"""


def main() -> None:
    """Seconds from Python's start to the window, milliseconds a page switch, the longest stall of a run."""
    for attempt in ("first", "second"):
        begun = time.perf_counter()
        inside = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True).stdout
        print(f"start to window, {attempt}: {time.perf_counter() - begun:.2f} s ({float(inside):.2f} s of it ours)")
    _pages()


def _pages() -> None:
    from core.intake import demo_session
    from gui import app, theme
    from gui.main_window import MainWindow
    from gui.workspace import Opened

    made = app.make_application(sys.argv[:1])
    theme.set_up(made)
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    session = demo_session()
    plan = session.plan.bootstrap.model_copy(update={"replicates": 200})
    window.workspace.put(Opened(replace(session, chosen_plan=session.plan.model_copy(update={"bootstrap": plan})), None))
    _until(lambda: window.workspace.standing is not None)
    app.load_the_rest(lambda fraction, text: None)
    idle = Watchdog()
    _wait(6)
    print(f"longest stall while idle after opening: {1000 * idle.longest:.0f} ms")
    stalls = Watchdog()
    page = window.page(Step.RUN)
    window.show_step(Step.RUN)
    page.start()  # type: ignore[attr-defined]
    _until(lambda: window.workspace.session is not None and window.workspace.session.results is not None)
    print(f"longest stall of the window during a run: {1000 * stalls.longest:.0f} ms")
    _until(lambda: not page.runner.is_busy)  # type: ignore[attr-defined]
    for visit in ("first", "later"):
        for step in Step:
            begun = time.perf_counter()
            window.show_step(step)
            made.processEvents()
            print(f"{visit} switch to {step.value}: {1000 * (time.perf_counter() - begun):.0f} ms")
            _wait(0.5)
    window.close()


class Watchdog:
    """The longest time in which the event loop did not come round."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now


def _wait(seconds: float) -> None:
    end = time.monotonic() + seconds
    _until(lambda: time.monotonic() > end)


def _until(is_so) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + 120
    while not is_so() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.001)


if __name__ == "__main__":
    main()
