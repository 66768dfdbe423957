"""Independent pieces of work on one process or several; the results are the same for any number."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from typing import TypeVar

from core.progress import Progress, silent, subrange

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

MANY = 500
"""Resamples from which more processes pay."""
POLL = 0.05
"""Seconds between two looks at the workers, and so how soon a stop is felt."""


def worth_starting(replicates: int) -> int:
    """How many workers to use for an analysis with so many resamples: a process takes seconds to start."""
    return (os.cpu_count() or 1) if replicates >= MANY else 1


def run_each(function: Callable[[Item, Progress], Outcome], items: Sequence[Item], workers: int,
             progress: Progress = silent, name: Callable[[Item], str] = str) -> list[Outcome]:
    """`function(item, progress)` for every item, in the order of the items.

    With several workers `function` and items are pickled to processes of their own, which hear nothing of `progress`;
    when it raises (a stop), they are ended at once. An exception in a worker is raised here.
    """
    if workers < 2 or len(items) < 2:
        done = []
        for index, item in enumerate(items):
            step = subrange(progress, index / len(items), (index + 1) / len(items))
            step(0.0, name(item))
            done.append(function(item, step))
        return done
    # spawned, because forking a process with a window or numerical threads is not safe
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(min(workers, len(items)), mp_context=context, initializer=_be_quiet) as pool:
        try:
            return _collect([pool.submit(function, item, silent) for item in items], items, progress, name)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
            raise


def _collect(pending: list[Future[Outcome]], items: Sequence[Item], progress: Progress,
             name: Callable[[Item], str]) -> list[Outcome]:
    while True:
        _, waiting = wait(pending, timeout=POLL, return_when=FIRST_EXCEPTION)
        if not waiting or any(future.done() and future.exception() for future in pending):
            return [future.result() for future in pending]
        current = next((item for item, future in zip(items, pending, strict=True) if not future.done()), items[-1])
        progress(1 - len(waiting) / len(pending), name(current))


def _be_quiet() -> None:
    """A worker has no one to warn; what matters is in the results."""
    warnings.simplefilter("ignore")
