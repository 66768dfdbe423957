"""Rows are heard while others are computed, moderators first; what is heard and found is the same for any number of workers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.analysis import Pooled, Record, run_estimates
from core.plan import Plan
from core.progress import Cancelled
from core.results import MainEffect, ModeratorEffect, Results
from tests.core.test_sensitivity import PLAN, table

FEW = Plan.model_validate({**PLAN.model_dump(by_alias=True), "bootstrap": {"replicates": 12}, "sensitivity": {}})
POOL = Pooled(table(), "pool")


def run(workers: int) -> tuple[Results, list[tuple[Record, ...]]]:
    heard: list[tuple[Record, ...]] = []
    return run_estimates(POOL, FEW, workers, on_rows=heard.append), heard


@pytest.fixture(scope="module")
def alone() -> tuple[Results, list[tuple[Record, ...]]]:
    return run(1)


def test_two_workers_find_and_tell_the_same(alone: tuple[Results, list[tuple[Record, ...]]]) -> None:
    assert run(2) == alone


def test_every_row_is_heard_once_moderators_first(alone: tuple[Results, list[tuple[Record, ...]]]) -> None:
    results, heard = alone
    rows = [row for rows in heard for row in rows]
    kinds = [isinstance(row, ModeratorEffect) for row in rows]
    assert kinds == sorted(kinds, reverse=True)
    assert [row for row in rows if isinstance(row, MainEffect)] == list(results.main_effects)
    assert [row for row in rows if isinstance(row, ModeratorEffect)] == [
        replace(row, r_low=None, r_high=None, r_failed=None, p_adjusted=None, q=None, family=None) for row in results.moderators]
    assert all(len({row.moderator.split(":")[0] for row in rows if isinstance(row, ModeratorEffect)}) <= 1 for rows in heard)


def test_the_first_rows_come_before_any_resample() -> None:
    told: list[str] = []

    def stop(rows: tuple[Record, ...]) -> None:
        assert not [text for text in told if "replicate" in text or "Bootstrap" in text]
        raise Cancelled

    with pytest.raises(Cancelled):
        run_estimates(POOL, FEW, 1, lambda fraction, text: told.append(text), stop)
