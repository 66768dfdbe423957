"""Percentile limits of resampled estimates, some of which may have failed."""

from __future__ import annotations

import numpy as np

from core.models.moments import Array


def percentile_limits(values: Array, level: float, enough: float) -> tuple[float | None, float | None, int]:
    """(low, high, failed) of replicates (B,), NaN where one has no estimate; no limits where fewer than the share
    `enough` have one.
    """
    known = values[np.isfinite(values)]
    failed = len(values) - len(known)
    if not len(values) or len(known) < enough * len(values):
        return None, None, failed
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high), failed
