"""Whether small studies tell another story: the funnel and Egger's test (only for ten studies or more)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.models.tails import t_two_sided

ENOUGH = 10  # studies; below, the test has next to no power (Sterne et al. 2011, BMJ 343)


@dataclass(frozen=True)
class EggerTest:
    """Regression of the effects on their standard errors, weighted by 1/se² (Egger et al. 1997, BMJ 315; as
    metafor's `regtest(model = "lm")`). `slope` per unit of standard error, tested by t on k - 2 df; `limit` is the
    effect foretold for a study without sampling error.
    """

    k: int
    slope: float | None = None
    se: float | None = None
    t: float | None = None
    df: int | None = None
    p: float | None = None
    limit: float | None = None
    reason: str | None = None


def egger(estimates: ArrayLike, ses: ArrayLike) -> EggerTest:
    """The test on study estimates (k,) with standard errors (k,), all finite, errors positive."""
    effect, error = np.asarray(estimates, dtype=float), np.asarray(ses, dtype=float)
    k = len(effect)
    if k < ENOUGH:
        return EggerTest(k, reason=f"{k} studies are too few for Egger's test, which asks for {ENOUGH}.")
    if np.ptp(error) <= 1e-9 * error.max():
        return EggerTest(k, reason="All studies have the same standard error, so there is nothing to compare.")
    rows = np.column_stack([np.ones(k), error]) / error[:, None]
    coefficients, rest = np.linalg.lstsq(rows, effect / error, rcond=None)[:2]
    spread = float(rest[0]) / (k - 2)
    se = float(np.sqrt(spread * np.linalg.inv(rows.T @ rows)[1, 1]))
    if se == 0:
        return EggerTest(k, reason="The effects lie on a line exactly: no error to test against.")
    t = float(coefficients[1]) / se
    return EggerTest(k, float(coefficients[1]), se, t, k - 2, t_two_sided(t, k - 2),
                     float(coefficients[0]))
