"""Garbage in cycles is collected on the window's thread only: a widget that is freed on another ends the program.

Python collects on whatever thread happens to allocate. So while other threads work it does not collect by itself, and
the window's thread does so at its ease.
"""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QCoreApplication, QObject, QTimer

EVERY = 100
"""Milliseconds between two looks at how much there is."""


class GarbageCollection(QObject):
    """Counts the threads at work. All but `left` belongs to the window's thread."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._at_work = 0
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.look)

    def entered(self) -> None:
        """A thread is about to work."""
        with self._lock:
            self._at_work += 1
        gc.disable()
        self._timer.start()

    def left(self) -> None:
        """A thread has done its work; what the thread itself says, last of all."""
        with self._lock:
            self._at_work -= 1

    def look(self) -> None:
        """Collect as much as Python would have; let Python do it again once no thread is at work."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                break
        if not self._at_work:
            self._timer.stop()
            gc.enable()


_there: list[GarbageCollection] = []


def garbage_collection() -> GarbageCollection:
    """The one of this program."""
    if not _there:
        _there.append(GarbageCollection(QCoreApplication.instance()))
    return _there[0]
