"""Tiers by availability and by hand, and what other cut-offs would move."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.availability import availability, family_sizes, present, tier_moves
from core.cohort import build_cohort
from core.plan import Moderator, with_tier
from core.protocol import TierCuts
from tests.core.invented_results import PLAN, frame

SHARES = {"all": 1.0, "most": 0.9, "half": 0.5, "few": 0.1}


@pytest.fixture(scope="module")
def counted():  # type: ignore[no-untyped-def]
    table = frame()
    for name, share in SHARES.items():
        table[name] = np.where(np.arange(len(table)) < share * len(table), 1.0, np.nan)
    names = (*SHARES, "nowhere")
    plan = PLAN.model_copy(update={"moderators": tuple(Moderator(name=name) for name in names)})
    cohort = build_cohort(table, plan)
    return cohort, plan, availability(cohort, plan)


def test_cut_offs_move_what_lies_between(counted) -> None:  # type: ignore[no-untyped-def]
    _, plan, found = counted
    assert [one.tier for one in found] == ["1", "2", "2", "none", "none"]
    assert tier_moves(found, plan, plan.tiers) == ()
    moves = tier_moves(found, plan, TierCuts(tier1=0.8, tier2=0.05))
    assert [(move.moderator, move.old, move.new) for move in moves] == [("most", "2", "1"), ("few", "none", "2")]


def test_what_was_moved_by_hand_stays_and_says_why(counted) -> None:  # type: ignore[no-untyped-def]
    cohort, plan, _ = counted
    moved = with_tier(plan, "most", "none", "Coded differently in each study.")
    found = availability(cohort, moved)
    assert found[1].tier == "none"
    assert found[1].reason == ("Moved by hand: Coded differently in each study; its share alone would give 2.")
    assert [move.moderator for move in tier_moves(found, moved, TierCuts(tier1=0.8))] == []


def test_the_family_counts_outcomes_where_the_plan_says_so(counted) -> None:  # type: ignore[no-untyped-def]
    _, plan, found = counted
    tiers = [one.tier for one in found]
    assert family_sizes(tiers, plan) == {"1": 1, "2": 2}
    assert family_sizes(tiers, plan.model_copy(update={"family": "all_timepoints"})) == {"1": 2, "2": 4}


def test_cells_that_hold_nothing() -> None:
    column = pd.Series(["a", "", "  ", None, np.nan, 0, 1.5, pd.NA, "\t"], dtype=object)
    assert present(column).tolist() == [True, False, False, False, False, True, True, False, False]
    assert present(pd.Series([0.0, np.nan])).tolist() == [True, False]
    assert present(pd.Series(["x", None, " "], dtype="string")).tolist() == [True, False, False]
