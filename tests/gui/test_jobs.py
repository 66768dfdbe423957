from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QThread

from core.errors import UserError
from core.progress import Cancelled, Progress
from gui.jobs import Job, JobRunner


@pytest.fixture
def runner(qtbot):
    made = JobRunner()
    yield made
    made.close()


def double(value: int, progress: Progress) -> int:
    progress(0.5, "half")
    return 2 * value


def until_canceled(progress: Progress) -> None:
    while True:
        progress(0.1, "working")


def test_a_value_comes_back_on_the_windows_thread(runner: JobRunner, qtbot) -> None:
    heard: list[object] = []
    work_threads: list[int] = []

    def work(progress: Progress) -> int:
        work_threads.append(threading.get_ident())
        return double(21, progress)

    job = runner.start(work)
    job.progressed.connect(lambda fraction, text: heard.append((fraction, text)))
    job.succeeded.connect(lambda value: heard.append((value, QThread.currentThread())))
    with qtbot.waitSignal(job.ended):
        pass
    assert heard == [(0.5, "half"), (42, runner.thread())]
    assert work_threads != [threading.get_ident()]
    qtbot.waitUntil(lambda: not runner.is_busy)


def test_a_fault_comes_back(runner: JobRunner, qtbot) -> None:
    def work(progress: Progress) -> None:
        raise UserError("no")

    job = runner.start(work)
    with qtbot.waitSignal(job.failed) as heard:
        pass
    assert heard.args[0].text == "no"


def test_cancel(runner: JobRunner, qtbot) -> None:
    job = runner.start(until_canceled)
    with qtbot.waitSignal(job.canceled, timeout=2000):
        runner.cancel()


def test_a_new_job_silences_the_old(runner: JobRunner, qtbot) -> None:
    heard: list[str] = []
    old = runner.start(until_canceled)
    old.canceled.connect(lambda: heard.append("canceled"))
    old.progressed.connect(lambda fraction, text: heard.append("progressed"))
    new = runner.start(double, 1)
    with qtbot.waitSignals([old.ended, new.succeeded]):
        heard.clear()
    assert heard == []


def test_a_report_already_on_its_way_is_silenced_too(qtbot) -> None:
    heard: list[object] = []
    job = Job()
    job.succeeded.connect(heard.append)
    worker = threading.Thread(target=job.run, args=(lambda: 1,))
    worker.start()
    worker.join()
    job.silence()
    with qtbot.waitSignal(job.ended):
        pass
    assert heard == []


def test_reports_are_few(runner: JobRunner, qtbot) -> None:
    heard: list[float] = []

    def work(progress: Progress) -> None:
        for step in range(10_000):
            progress(step / 10_000, "counting")

    job = runner.start(work)
    job.progressed.connect(lambda fraction, text: heard.append(fraction))
    with qtbot.waitSignal(job.succeeded):
        pass
    assert 1 <= len(heard) < 1000


def test_closing_stops_everything(qtbot) -> None:
    runner = JobRunner()
    stopped = threading.Event()

    def work(progress: Progress) -> None:
        try:
            until_canceled(progress)
        except Cancelled:
            stopped.set()
            raise

    runner.start(work)
    runner.close()
    assert stopped.is_set()


def test_parts_that_are_done_come_before_the_value(runner: JobRunner, qtbot) -> None:
    def work(progress: Progress, found) -> str:
        for part in (1, 2):
            found(part)
        return "all"

    heard: list[object] = []
    job = runner.start_telling(work)
    job.found.connect(heard.append)
    job.succeeded.connect(heard.append)
    qtbot.waitUntil(lambda: heard[-1:] == ["all"])
    assert heard == [1, 2, "all"]


def test_a_silenced_job_tells_no_parts(runner: JobRunner, qtbot) -> None:
    begun = threading.Event()

    def work(progress: Progress, found) -> None:
        begun.wait()
        found("late")

    heard: list[object] = []
    job = runner.start_telling(work)
    job.found.connect(heard.append)
    job.silence()
    with qtbot.waitSignal(job.ended):
        begun.set()
    assert not heard
