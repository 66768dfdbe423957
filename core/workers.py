"""Independent pieces of work on one process or several; the results are the same for any number."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

from core.progress import Progress, silent, subrange

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

MANY = 100
"""Resamples from which more processes pay."""
AHEAD = 6
"""Batches of the size of the next that would do what is left, for each worker."""
POLL = 0.05
"""Seconds between two looks at the workers, and so how soon a stop is felt."""


def worth_starting(replicates: int) -> int:
    """How many workers to use for an analysis with so many resamples: a process takes seconds to start."""
    return (os.cpu_count() or 1) if replicates >= MANY else 1


class Workers:
    """Processes that are started when they are first needed, and serve until the end of a `with`.

    One alone is this process itself, and of several this one works until the others have started. Not so where the work
    is to be `apart`: where it must not hold up a window, or where other threads' warning filters must not reach it. And
    a command has nothing else to do: where this process `shares` the work it is one of the count, to the end.
    """

    def __init__(self, count: int, *, apart: bool = False, shares: bool = False, loads: Sequence[str] = ()) -> None:
        """`loads` are modules that each process loads first."""
        self.count = count
        self.loads = tuple(loads)
        self.is_apart = apart or count > 1
        self.waits_for_start = apart
        self.shares = shares and not apart
        self._pool: ProcessPoolExecutor | None = None
        self._first_work: list[Future[None]] = []
        self._others: set[Any] = set()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        if failure is not None:
            self.end()
        elif self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def pool(self) -> ProcessPoolExecutor:
        """The processes. They are spawned, because forking one with a window or numerical threads is not safe."""
        if self._pool is None:
            self._others = set(multiprocessing.active_children())
            context = multiprocessing.get_context("spawn")
            others = self.count - self.shares
            self._pool = ProcessPoolExecutor(others, mp_context=context, initializer=_be_quiet)
            self._first_work = [self._pool.submit(_load, self.loads) for _ in range(others)]
        return self._pool

    @property
    def enough(self) -> int:
        """How many batches are given out at a time: none of the others waits for work, and little is left at the end
        for which this one has to wait.
        """
        return self.count if self.shares else 2 * self.count

    @property
    def have_started(self) -> bool:
        """Whether a process is ready for work."""
        self.pool()
        return any(work.done() for work in self._first_work)

    def end(self) -> None:
        """Stop at once, whatever they do."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - self._others:
                worker.terminate()
            self._pool = None


@contextmanager
def shared(workers: int | Workers) -> Iterator[Workers]:
    """Processes of one's own, ended after use, or those of the caller, which go on."""
    if isinstance(workers, Workers):
        yield workers
    else:
        with Workers(workers) as own:
            yield own


def unheard(outcome: object) -> None:
    """For callers who do not ask for outcomes before all are there."""


def run_each(function: Callable[[Item, Progress], Outcome], items: Sequence[Item], workers: int | Workers,
             progress: Progress = silent, name: Callable[[Item], str] = str,
             finished: Callable[[Outcome], None] = unheard) -> list[Outcome]:
    """`function(item, progress)` for every item, in the order of the items. `finished` hears each outcome as soon as it
    and all before it are there: the same calls for any number of workers.

    With several workers `function` and items are pickled to processes of their own, which hear nothing of `progress`;
    when it raises (a stop), they are ended at once. An exception in a worker is raised here.
    """
    with shared(workers) as processes:
        try:
            done: list[Outcome] = []
            while len(done) < len(items) and (not processes.is_apart
                                              or not (processes.waits_for_start or processes.have_started)):
                step = subrange(progress, len(done) / len(items), (len(done) + 1) / len(items))
                step(0.0, name(items[len(done)]))
                done.append(function(items[len(done)], step))
                finished(done[-1])
            if len(done) < len(items):
                done += _elsewhere(function, items[len(done):], processes,
                                   subrange(progress, len(done) / len(items), 1.0), name, finished)
            return done
        except BaseException:
            processes.end()
            raise


def _elsewhere(function: Callable[[Item, Progress], Outcome], items: Sequence[Item], workers: Workers,
               progress: Progress, name: Callable[[Item], str], finished: Callable[[Outcome], None]) -> list[Outcome]:
    pool, batches = workers.pool(), _batches(items, workers.count * AHEAD)
    begun: list[Future[list[Outcome]]] = []
    done: list[Outcome] = []
    heard = 0
    while heard < len(batches):
        progress(sum(work.done() for work in begun) / len(batches), name(batches[heard][0]))
        under_way = [work for work in begun if not work.done()]
        for batch in batches[len(begun):][:max(0, workers.enough - len(under_way))]:
            begun.append(pool.submit(_each_of, function, batch))
        if workers.shares and len(begun) < len(batches):
            begun.append(_done(_each_of(function, batches[len(begun)])))
        else:
            wait([work for work in begun if not work.done()], timeout=POLL, return_when=FIRST_COMPLETED)
        for work in begun[heard:]:
            if work.done():
                work.result()  # what has failed is raised at once, whatever is before it
        while heard < len(begun) and begun[heard].done():
            for outcome in begun[heard].result():
                done.append(outcome)
                finished(outcome)
            heard += 1
    return done


def _done(value: Outcome) -> Future[Outcome]:
    work: Future[Outcome] = Future()
    work.set_result(value)
    return work


def _batches(items: Sequence[Item], parts: int) -> list[Sequence[Item]]:
    """What all items share travels once a batch, so these are large; but ever smaller, so that all end together."""
    found, first = [], 0
    while first < len(items):
        size = -(-(len(items) - first) // parts)
        found.append(items[first:first + size])
        first += size
    return found


def _each_of(function: Callable[[Item, Progress], Outcome], items: Sequence[Item]) -> list[Outcome]:
    return [function(item, silent) for item in items]


def _load(modules: Sequence[str]) -> None:
    """The first thing asked of a process."""
    for module in modules:
        import_module(module)


def _be_quiet() -> None:
    """A worker has no one to warn; what matters is in the results."""
    warnings.simplefilter("ignore")
