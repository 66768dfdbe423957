"""How much of the primary set has each moderator, and the tier that follows (METHODS section 8)."""

from __future__ import annotations

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
    texts = column.astype("string")
    return (texts.notna() & (texts.str.strip() != "")).to_numpy(dtype=bool, na_value=False)


def tier_of(share: float, cuts: TierCuts) -> str:
    """The tier a share of the primary set (0 to 1) gives: "1", "2" or "none"."""
    if share >= cuts.tier1:
        return "1"
    return "2" if share >= cuts.tier2 else "none"


def _of(cohort: Cohort, moderator: Moderator, cuts: TierCuts) -> Availability:
    if moderator.name not in cohort.frame.columns:
        return Availability(moderator.name, moderator.level, moderator.kind, 0, 0.0, 0, "none",
                            "The data have no such column.")
    has = present(cohort.frame[moderator.name])
    n, share = int(has.sum()), float(has.mean())
    by_share = tier_of(share, cuts)
    tier = by_share if moderator.tier == "auto" else str(moderator.tier)
    reason = "" if tier == by_share else f"Set by the plan; its share alone would give {by_share}."
    return Availability(moderator.name, moderator.level, moderator.kind, n, share, len(np.unique(cohort.study[has])),
                        tier, reason)
