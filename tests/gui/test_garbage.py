"""Garbage in cycles is collected on the window's thread only."""

from __future__ import annotations

import gc
import threading
import weakref

from core.progress import Progress
from gui.garbage import garbage_collection
from gui.jobs import JobRunner


class Knot:
    """An object that only a collection frees."""

    def __init__(self, freed_on: list[int]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: freed_on.append(threading.get_ident()))


def test_what_a_thread_leaves_is_freed_on_the_windows_thread(qtbot) -> None:
    runner, freed_on = JobRunner(), list[int]()
    assert gc.isenabled()

    def work(progress: Progress) -> bool:
        Knot(freed_on)
        waste = [[[] for _ in range(100)] for _ in range(1000)]  # enough for a collection on this thread
        return gc.isenabled() or not waste

    with qtbot.waitSignal(runner.start(work).succeeded) as heard:
        pass
    assert heard.args == [False]
    qtbot.waitUntil(gc.isenabled)
    gc.collect()
    assert freed_on == [threading.get_ident()]
    runner.close()


def test_while_a_thread_works_garbage_is_collected_all_the_same(qtbot) -> None:
    runner, freed_on, go_on = JobRunner(), list[int](), threading.Event()
    runner.start(lambda progress: go_on.wait(10))
    Knot(freed_on)
    waste = [[] for _ in range(gc.get_threshold()[0] + 100)]
    garbage_collection().look()
    assert not gc.isenabled() and freed_on == [threading.get_ident()] and waste
    go_on.set()
    runner.close()
    assert gc.isenabled()
