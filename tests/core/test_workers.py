"""Work side by side: in order, the same for any number of workers, heard as it is done, stopped at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from core.progress import Cancelled, Progress
from core.workers import Workers, run_each


def squared(number: int, progress: Progress) -> int:
    return number * number


def failing(number: int, progress: Progress) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


@pytest.fixture(scope="module", params=["one", "one apart", "two", "two with this"])
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    count, apart = {"one": (1, False), "one apart": (1, True)}.get(request.param, (2, False))
    with Workers(count, apart=apart, shares=request.param.endswith("this")) as made:
        yield made


def test_each_is_done_in_order_and_heard_once(workers: Workers) -> None:
    heard: list[int] = []
    for _ in range(2):  # while processes start, and after it
        heard.clear()
        done = run_each(squared, range(40), workers, finished=heard.append)
        assert done == heard == [number * number for number in range(40)]
    assert run_each(squared, (), workers, finished=heard.append) == []


def test_progress_never_goes_back(workers: Workers) -> None:
    told: list[float] = []
    run_each(squared, range(40), workers, lambda fraction, text: told.append(fraction))
    assert told == sorted(told)
    assert all(0 <= fraction <= 1 for fraction in told)


def test_what_fails_is_raised_here(workers: Workers) -> None:
    with pytest.raises(ValueError, match="seven"):
        run_each(failing, range(40), workers)
    assert run_each(squared, range(3), workers) == [0, 1, 4]


def test_a_stop_is_raised_here(workers: Workers) -> None:
    def stop(fraction: float, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        run_each(failing, [1] * 40, workers, stop)


def test_of_several_this_process_works_until_the_others_have_started() -> None:
    with Workers(2) as two, Workers(1, apart=True) as apart:
        assert not two.waits_for_start
        assert apart.waits_for_start
        heard: list[int] = []

        def first(value: int) -> None:
            if not heard:
                assert not two.have_started
            heard.append(value)

        run_each(squared, range(3), two, finished=first)
        assert heard == [0, 1, 4]


def where(number: int, progress: Progress) -> int:
    time.sleep(0.02)
    return os.getpid()


def test_a_process_that_shares_the_work_goes_on_beside_the_others() -> None:
    with Workers(2, shares=True) as workers:
        run_each(where, range(2), workers)
        while not workers.have_started:
            time.sleep(0.05)
        assert {os.getpid()} < set(run_each(where, range(40), workers))
        assert len(set(run_each(where, range(40), workers))) == 2
