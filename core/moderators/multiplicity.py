"""Many tests: Bonferroni, Holm, Benjamini-Hochberg (METHODS section 8)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.models.moments import Array, Places


def bonferroni(p: Sequence[float]) -> Array:
    """Adjusted p-values (f,) of a family."""
    return np.minimum(np.asarray(p, dtype=float) * len(p), 1.0)


def holm(p: Sequence[float]) -> Array:
    """Adjusted p-values (f,) stepping down (Holm 1979, Scand J Stat 6)."""
    values = np.asarray(p, dtype=float)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * (len(values) - np.arange(len(values))))
    return _back(np.minimum(stepped, 1.0), order)


def benjamini_hochberg(p: Sequence[float]) -> Array:
    """q (f,): the false discovery rate at which a test is a discovery (Benjamini & Hochberg 1995, J R Stat Soc B)."""
    values = np.asarray(p, dtype=float)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * len(values) / (1 + np.arange(len(values)))
    return _back(np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0), order)


def _back(ordered: Array, order: Places) -> Array:
    found = np.empty(len(ordered))
    found[order] = ordered
    return found
