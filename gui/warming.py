"""Pages made ready while the person looks at another, so that the first visit of each is as quick as the later ones."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from core.steps import Step

PAUSE = 150
"""Milliseconds between two pieces of work, so that clicks and keys come first."""
SOON = (Step.STUDIES, Step.MAP, Step.CHECK, Step.PLAN, Step.RUN)


class Warmer(QObject):
    """Makes pages and lays them out once, unseen, one small piece of work at a time."""

    def __init__(self, parent: QObject, pieces: Callable[[Step], list[Callable[[], object]]],
                 is_busy: Callable[[], bool]) -> None:
        """`pieces(step)` are the pieces of work for a step, in order; nothing is done while `is_busy()`."""
        super().__init__(parent)
        self._steps = list(SOON)
        self._pieces, self._is_busy = pieces, is_busy
        self._waiting: list[Callable[[], object]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._do_one)

    def begin(self) -> None:
        """Start, or go on with what is left."""
        if self._steps or self._waiting:
            self._timer.start()

    def end(self) -> None:
        """Do no more: the window closes."""
        self._timer.stop()
        self._steps, self._waiting = [], []

    def _do_one(self) -> None:
        if self._is_busy():
            return
        if not self._waiting and self._steps:
            self._waiting = self._pieces(self._steps.pop(0))
        if self._waiting:
            self._waiting.pop(0)()
        elif not self._steps:
            self._timer.stop()
