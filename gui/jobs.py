"""Long work off the window's thread. The only file that knows threads.

    job = self.runner.start(load_files, session, paths)
    job.progressed.connect(...)
    job.succeeded.connect(...)

The function gets one keyword more, `progress` (see `core.progress`); canceling makes it raise `Cancelled`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

from core.progress import Cancelled
from gui.garbage import garbage_collection

REPORT_EVERY = 0.1
"""Seconds between two reports of progress that reach the window."""
STACK = 16 * 1024 * 1024
"""Bytes; numerical libraries need more than some systems give a thread."""


class Job(QObject):
    """One piece of work under way. Exactly one of succeeded, failed and canceled is sent, unless it is silenced."""

    progressed = Signal(float, str)
    found = Signal(object)
    """A part of the value that is there before the rest; only of work started by `start_telling`."""
    succeeded = Signal(object)
    failed = Signal(object)
    """The exception: a `core.errors.UserError`, or a bug."""
    canceled = Signal()
    ended = Signal()
    """Sent after whichever of the three; also by a silenced job."""

    _told = Signal(str, object)  # from the work's thread to the window's

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        self._silent = False
        self._last_report = 0.0
        self._told.connect(self._pass_on)

    def cancel(self) -> None:
        """Ask the work to stop; `canceled` follows when it has."""
        self._stop.set()

    def silence(self) -> None:
        """Ask the work to stop and hear no more of it, not even what is already on its way."""
        self._silent = True
        self.cancel()

    def run(self, work: Callable[[], Any]) -> None:
        """Do the work here and now, on whatever thread calls."""
        try:
            value = work()
        except Cancelled:
            self._tell("canceled")
        except Exception as fault:
            self._tell("failed", fault)
        else:
            self._tell("succeeded", value)

    def progress(self, fraction: float, text: str) -> None:
        """What the work calls. Raises Cancelled once the job is to stop."""
        if self._stop.is_set():
            raise Cancelled
        now = time.monotonic()
        if now - self._last_report >= REPORT_EVERY or fraction >= 1:
            self._last_report = now
            self._tell("progressed", (fraction, text))

    def tell_found(self, part: object) -> None:
        """What the work calls with a part that is done."""
        self._tell("found", part)

    def _tell(self, what: str, value: object = None) -> None:
        try:
            self._told.emit(what, value)
        except RuntimeError:  # the window has gone before its work
            self._stop.set()

    def _pass_on(self, what: str, value: Any) -> None:
        if what == "progressed":
            if not self._silent:
                self.progressed.emit(*value)
            return
        if what == "found":
            if not self._silent:
                self.found.emit(value)
            return
        if not self._silent:
            signal = getattr(self, what)
            signal.emit() if what == "canceled" else signal.emit(value)
        self.ended.emit()


class JobRunner(QObject):
    """Runs one job at a time for its owner: a new one silences the old."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setStackSize(STACK)
        self._job: Job | None = None
        self._running: set[Job] = set()  # silenced ones too, until they have ended

    def start(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Job:
        """Run `function(*args, progress=..., **kwargs)` on another thread."""
        return self._start(Job(), function, *args, **kwargs)

    def start_telling(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Job:
        """The same for a function that takes `found` as well, to call with parts that are done."""
        job = Job()
        return self._start(job, function, *args, found=job.tell_found, **kwargs)

    def _start(self, job: Job, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Job:
        self.silence()
        self._job = job
        self._running.add(job)
        job.ended.connect(lambda: self._forget(job))
        garbage = garbage_collection()
        garbage.entered()

        def work() -> None:
            try:
                job.run(lambda: function(*args, progress=job.progress, **kwargs))
            finally:
                garbage.left()

        self._pool.start(work)
        return job

    @property
    def is_busy(self) -> bool:
        """Whether a job is under way that someone still waits for."""
        return self._job is not None

    def cancel(self) -> None:
        """Ask the job under way, if any, to stop."""
        if self._job is not None:
            self._job.cancel()

    def silence(self) -> None:
        """Stop the job under way and hear no more of it."""
        if self._job is not None:
            self._job.silence()
            self._job = None

    def close(self) -> None:
        """Stop everything and wait for it: before the window goes."""
        for job in self._running:
            job.silence()
        self._job = None
        self._pool.waitForDone()
        garbage_collection().look()

    def _forget(self, job: Job) -> None:
        self._running.discard(job)
        if self._job is job:
            self._job = None
