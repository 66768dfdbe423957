"""How much of the primary set has each moderator, and the tier that follows (METHODS section 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.cohort import Cohort
from core.plan import Moderator, Plan
from core.protocol import TierCuts
from core.results import Availability


def availability(cohort: Cohort, plan: Plan) -> tuple[Availability, ...]:
    """A record a moderator of the plan, in the plan's order. A moderator without a column has share 0."""
    return tuple(_of(cohort, moderator, plan.tiers) for moderator in plan.moderators)


def present(column: pd.Series) -> np.ndarray:
    """Which cells hold something, boolean (n,)."""
    if pd.api.types.is_float_dtype(column):
        return column.notna().to_numpy(dtype=bool)
    is_blank = np.array([isinstance(cell, str) and not cell.strip() for cell in column], dtype=bool)
    return column.notna().to_numpy(dtype=bool) & ~is_blank


def tier_of(share: float, cuts: TierCuts) -> str:
    """The tier a share of the primary set (0 to 1) gives: "1", "2" or "none"."""
    if share >= cuts.tier1:
        return "1"
    return "2" if share >= cuts.tier2 else "none"


@dataclass(frozen=True)
class TierMove:
    """A moderator that other cut-offs put into another tier ("1", "2", "none")."""

    moderator: str
    old: str
    new: str


def tier_moves(found: Sequence[Availability], plan: Plan, cuts: TierCuts) -> tuple[TierMove, ...]:
    """What other cut-offs would move, in the order of the plan. `found` is the availability under the plan as it is;
    a moderator with a tier of its own, and one without a column, stays where it is."""
    own = {moderator.name for moderator in plan.moderators if moderator.tier != "auto"}
    moves = (TierMove(one.moderator, one.tier, tier_of(one.share, cuts)) for one in found
             if one.moderator not in own and one.n)
    return tuple(move for move in moves if move.old != move.new)


def family_sizes(tiers: Iterable[str], plan: Plan) -> dict[str, int]:
    """How many tests the adjustment within "1" and "2" counts, if each moderator can be tested."""
    times = len(plan.outcomes) if plan.family == "all_timepoints" else 1
    counts = Counter(tiers)
    return {tier: times * counts[tier] for tier in ("1", "2")}


def _of(cohort: Cohort, moderator: Moderator, cuts: TierCuts) -> Availability:
    if moderator.name not in cohort.frame.columns:
        return Availability(moderator.name, moderator.level, moderator.kind, 0, 0.0, 0, "none",
                            "The data have no such column.")
    has = present(cohort.frame[moderator.name])
    n, share = int(has.sum()), float(has.mean())
    by_share = tier_of(share, cuts)
    tier = by_share if moderator.tier == "auto" else str(moderator.tier)
    why = f"Moved by hand: {moderator.tier_reason.rstrip('.')}" if moderator.tier_reason else "Set by the plan"
    reason = "" if tier == by_share else f"{why}; its share alone would give {by_share}."
    return Availability(moderator.name, moderator.level, moderator.kind, n, share, len(np.unique(cohort.study[has])),
                        tier, reason)
