"""From a logistic mixed model to risks: what a reader can weigh.

Risks are standardized: the mean over the analyzed patients, each set to active and then to control,
integrated over studies, u_s ~ N(0, τ²). The interval of their difference is by bootstrap of patients within
study and arm, everything refitted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from core.models.logistic_likelihood import Cells, maximize, nodes
from core.models.moments import Array
from core.models.percentiles import percentile_limits
from core.progress import Progress

BATCH = 100
ENOUGH = 0.5  # of the replicates must have an estimate for an interval to mean anything
LARGEST = 15.0  # logits; beyond, an estimate is on its way to infinity


@dataclass(frozen=True)
class RiskInterval:
    """Percentile limits of the risk difference, and how many replicates of how many had no estimate."""

    low: float | None
    high: float | None
    failed: int
    replicates: int


def standardized_risks(data: Cells, parameters: Array, treatment: int) -> Array:
    """Risks (B, 2) under control and active at `parameters` (B, p + 1); `treatment` is its column in the
    design.
    """
    place, log_weight = nodes(61)
    weight = np.exp(log_weight - place ** 2 / 2)
    share = data.trials / data.trials.sum()
    risks = []
    for arm in (0.0, 1.0):
        design = data.design.copy()
        design[:, treatment] = arm
        kinds, kind = np.unique(design, axis=0, return_inverse=True)
        counted = np.bincount(np.ravel(kind), share)
        eta = (parameters[:, :-1] @ kinds.T)[..., None] + parameters[:, -1][:, None, None] * place
        risks.append((expit(eta) @ weight) @ counted)
    return np.stack(risks, axis=-1)


def bootstrap_difference(data: Cells, parameters: Array, treatment: int, quadrature: int, *, level: float,
                         replicates: int, stream: Callable[[int], np.random.Generator],
                         progress: Progress) -> RiskInterval:
    """The interval of the risk difference. `stream` gives each replicate its own generator.

    Patients of one study and arm (and with the same covariates) are alike, so drawing them again is a
    binomial draw.
    """
    differences = np.full(replicates, np.nan)
    rates = data.events / data.trials
    start = parameters.copy()
    start[-1] = max(abs(start[-1]), 0.3) if data.k > 1 else 0.0
    free = np.concatenate([np.ones(data.p, dtype=bool), [data.k > 1]])
    for first in range(0, replicates, BATCH):
        progress(first / replicates, f"Bootstrap {first} of {replicates}")
        which = range(first, min(first + BATCH, replicates))
        events = np.stack([stream(i).binomial(data.trials.astype(int), rates) for i in which]).astype(float)
        usable = np.flatnonzero(has_both_outcomes(data, events, treatment))
        if not len(usable):
            continue
        at, _, done = maximize(data, events[usable], np.tile(start, (len(usable), 1)), quadrature, free)
        good = np.logical_and(done, (np.abs(at) < LARGEST).all(axis=1))
        risks = standardized_risks(data, at[good], treatment)
        differences[first + usable[good]] = risks[:, 1] - risks[:, 0]
    return RiskInterval(*percentile_limits(differences, level, ENOUGH), replicates)


def has_both_outcomes(data: Cells, events: Array, treatment: int) -> NDArray[np.bool_]:
    """Whether (B,) each arm has events and patients without; otherwise the odds ratio would be infinite."""
    active = data.design[:, treatment] == 1
    counts = np.stack([events[:, active].sum(axis=1), events[:, ~active].sum(axis=1)])
    sizes = np.array([data.trials[active].sum(), data.trials[~active].sum()])[:, None]
    return np.asarray(np.logical_and(counts > 0, counts < sizes).all(axis=0), dtype=np.bool_)


def number_needed(ard: float | None) -> float | None:
    """1/ARD: positive where the active arm has more events. None where there is no difference."""
    return None if ard is None or ard == 0 else 1 / ard


def number_needed_text(ard: float, low: float, high: float) -> str:
    """The number needed to treat with its interval (Altman 1998): to benefit, to harm, or through
    infinity.
    """
    kind = "NNTB" if ard >= 0 else "NNTH"
    point = f"{kind} {abs(1 / ard):.1f}" if ard else "no difference"
    if low < 0 < high:
        return f"{point} (NNTB {1 / high:.1f} to infinity to NNTH {-1 / low:.1f})"
    if low == 0 or high == 0:
        limit = low + high
        return f"{point} ({'NNTB' if limit >= 0 else 'NNTH'} {abs(1 / limit):.1f} to infinity)" if limit else point
    near, far = sorted((abs(1 / low), abs(1 / high)))
    return f"{point} ({kind} {near:.1f} to {far:.1f})"
