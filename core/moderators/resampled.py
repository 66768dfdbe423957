"""Resamples of the effect size r: patients within study and arm, or whole studies, are drawn, pairs are formed after it
(METHODS section 7).

All moderators that the same patients have are resampled together: they share the draws, and the ranks of the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.models.moments import Array, Places
from core.models.percentiles import percentile_limits
from core.moderators.effect_size import PairModerator, PairOutcome
from core.progress import Progress, silent

ENOUGH = 0.9
"""Of the replicates: with more failures there is no interval."""


@dataclass(frozen=True)
class ResampledLimits:
    """Percentile limits of r, None where too many replicates have none; how many `failed`; what to say of it."""

    low: float | None
    high: float | None
    failed: int
    note: str = ""


def resampled(y: Array, terms: Sequence[Array], is_active: np.ndarray, study: Places, unit: str, which: Sequence[int],
              stream: Callable[[int], np.random.Generator], progress: Progress = silent) -> Array:
    """r (replicates, terms) of patients (n,) who have outcome and all terms, in an order that does not depend on the
    table's. `stream` gives replicate i of `which` its generator. NaN where r is not defined.
    """
    outcome = PairOutcome.of(y, is_active)
    moderators = [PairModerator.of(values, is_active) for values in terms]
    found = np.full((len(which), len(terms)), np.nan)
    draw = drawing(study, is_active, unit)
    for row, replicate in enumerate(which):
        progress(row / len(which), f"Effect size r, replicate {row} of {len(which)}")
        weighted = outcome.weighted(draw(stream(replicate)))
        if weighted.pairs:
            found[row] = [one.correlation(weighted) for one in moderators]
    return found


def limits_of(values: Array, level: float) -> ResampledLimits:
    """Percentile limits of one term's resamples (replicates,)."""
    low, high, failed = percentile_limits(values, level, ENOUGH)
    told = f"{failed} bootstrap {'replicate has' if failed == 1 else 'replicates have'} no r" if failed else ""
    if failed:
        told += "." if low is not None else ", too many for an interval."
    return ResampledLimits(low, high, failed, told)


ONE_STUDY = ResampledLimits(None, None, 0, "One study: drawing whole studies cannot tell how far r may be off.")


def drawing(study: Places, is_active: np.ndarray, unit: str) -> Callable[[np.random.Generator], Array]:
    """What draws a resample of patients (n,): how often each is in it, where whole studies or patients are drawn."""
    return _of_studies(study) if unit == "study" else _of_patients(study, is_active)


def _of_patients(study: Places, is_active: np.ndarray) -> Callable[[np.random.Generator], Array]:
    """How often each patient is drawn (n,), as many from each study and arm as it has."""
    stratum = np.unique(2 * study + is_active, return_inverse=True)[1]
    members = np.argsort(stratum, kind="stable")
    size = np.bincount(stratum)
    first, sizes = (np.cumsum(size) - size)[stratum[members]], size[stratum[members]]

    def draw(random: np.random.Generator) -> Array:
        chosen = members[first + (random.random(len(members)) * sizes).astype(np.intp)]
        return np.bincount(chosen, minlength=len(members)).astype(float)

    return draw


def _of_studies(study: Places) -> Callable[[np.random.Generator], Array]:
    place = np.unique(study, return_inverse=True)[1]
    k = int(place.max(initial=-1)) + 1

    def draw(random: np.random.Generator) -> Array:
        return np.bincount(random.integers(0, k, k), minlength=k).astype(float)[place]

    return draw
