"""Independent pieces of work on one process or several; the results are the same for any number."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

from core.progress import Progress, silent, subrange

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

MANY = 100
"""Resamples from which more processes pay."""
BATCHES = 8
"""Of items, for each worker."""
POLL = 0.05
"""Seconds between two looks at the workers, and so how soon a stop is felt."""


def worth_starting(replicates: int) -> int:
    """How many workers to use for an analysis with so many resamples: a process takes seconds to start."""
    return (os.cpu_count() or 1) if replicates >= MANY else 1


class Workers:
    """Processes that are started when they are first needed, and serve until the end of a `with`.

    One alone is this process itself, unless the work is to be `apart`: where it must not hold up a window, or where
    other threads' warning filters must not reach it.
    """

    def __init__(self, count: int, *, apart: bool = False) -> None:
        self.count = count
        self.is_apart = apart or count > 1
        self._pool: ProcessPoolExecutor | None = None
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
            self._pool = ProcessPoolExecutor(self.count, mp_context=context, initializer=_be_quiet)
        return self._pool

    def make_ready(self, *modules: str) -> None:
        """Let the processes start and load what they will need, while this one does other things."""
        if self.is_apart:
            for _ in range(self.count):
                self.pool().submit(_load, modules)

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


def run_each(function: Callable[[Item, Progress], Outcome], items: Sequence[Item], workers: int | Workers,
             progress: Progress = silent, name: Callable[[Item], str] = str) -> list[Outcome]:
    """`function(item, progress)` for every item, in the order of the items.

    With several workers `function` and items are pickled to processes of their own, which hear nothing of `progress`;
    when it raises (a stop), they are ended at once. An exception in a worker is raised here.
    """
    with shared(workers) as processes:
        return _run_each(function, items, processes, progress, name)


def _run_each(function: Callable[[Item, Progress], Outcome], items: Sequence[Item], workers: Workers,
              progress: Progress, name: Callable[[Item], str]) -> list[Outcome]:
    if not workers.is_apart or not items:
        done = []
        for index, item in enumerate(items):
            step = subrange(progress, index / len(items), (index + 1) / len(items))
            step(0.0, name(item))
            done.append(function(item, step))
        return done
    pool = workers.pool()
    size = -(-len(items) // (workers.count * BATCHES))  # what all items share travels once a batch
    batches = [items[first:first + size] for first in range(0, len(items), size)]
    try:
        parts = _collect([pool.submit(_each_of, function, batch) for batch in batches], batches, progress, name)
        return [outcome for part in parts for outcome in part]
    except BaseException:
        workers.end()
        raise


def _each_of(function: Callable[[Item, Progress], Outcome], items: Sequence[Item]) -> list[Outcome]:
    return [function(item, silent) for item in items]


def _collect(pending: list[Future[list[Outcome]]], batches: Sequence[Sequence[Item]], progress: Progress,
             name: Callable[[Item], str]) -> list[list[Outcome]]:
    while True:
        _, waiting = wait(pending, timeout=POLL, return_when=FIRST_EXCEPTION)
        if not waiting or any(future.done() and future.exception() for future in pending):
            return [future.result() for future in pending]
        current = next((one for one, future in zip(batches, pending, strict=True) if not future.done()), batches[-1])
        progress(1 - len(waiting) / len(pending), name(current[0]))


def _load(modules: Sequence[str]) -> None:
    for module in modules:
        import_module(module)


def _be_quiet() -> None:
    """A worker has no one to warn; what matters is in the results."""
    warnings.simplefilter("ignore")
