"""How often a moderator without effect is found at p < .05: `python3 dev.py bench type_one_error`.

Seventeen studies, 720 patients. With a random intercept alone, studies whose treatment effects differ make any characteristic of
the study look like a moderator; the recommended model's random slope takes that in. The table stands in docs/simulations.md.
"""

from __future__ import annotations

import numpy as np

from core.models.linear_mixed import PUBLISHED, RECOMMENDED, estimate
from core.models.moments import rows_by_study

RUNS = 2000
K, N = 17, 720
FIXED = ("treatment", "m", "Tm")


def rejections(slope_sd: float, level: str) -> tuple[float, float]:
    """Share of `RUNS` null datasets in which each model (published, recommended) finds the interaction."""
    rng = np.random.default_rng(20220)
    found = np.zeros(2)
    for _ in range(RUNS):
        study = np.sort(rng.integers(0, K, N))
        treatment = rng.integers(0, 2, N).astype(float)
        m = (rng.random(K) < 0.5).astype(float)[study] if level == "study" else rng.normal(size=N)
        if np.ptp(m) == 0:
            m[study == 0] = 1 - m[0]
        y = 0.5 * treatment + 0.4 * rng.normal(size=K)[study] + rng.normal(size=N)
        y += slope_sd * rng.normal(size=K)[study] * (treatment - 0.5)
        moments = rows_by_study({"treatment": treatment, "m": m, "Tm": treatment * m, "y": y}, study).moments()
        for place, structure in enumerate((PUBLISHED, RECOMMENDED)):
            p = estimate(moments, "y", FIXED, "Tm", structure, ci="t").p
            found[place] += p is not None and p < 0.05
    published, recommended = found / RUNS
    return float(published), float(recommended)


def main() -> None:
    """A row a simulation."""
    print("| SD of the treatment effect between studies | moderator | published model | recommended model |\n|---|---|---|---|")
    for level in ("study", "patient"):
        for slope_sd in (0.0, 0.2, 0.3):
            published, recommended = rejections(slope_sd, level)
            print(f"| {slope_sd} | {level} | {100 * published:.1f} % | {100 * recommended:.1f} % |", flush=True)


if __name__ == "__main__":
    main()
