"""How often r's bootstrap interval holds the r of the model: `python3 dev.py bench coverage_of_r [datasets]`.

Seventeen studies, 720 patients, a moderator that does moderate; outcome and moderator tie as scores and years do. The r of the model is the mean of r over the datasets of a row.
Patients drawn within study and arm take the studies as they are; whole studies drawn let studies differ. Tables in
docs/simulations.md.
"""

from __future__ import annotations

import sys

import numpy as np

from core.models.streams import replicate_streams
from core.moderators.effect_size import effect_size
from core.moderators.resampled import limits_of, resampled

RUNS, REPLICATES = 400, 200
K, N, EFFECT = 17, 720, 0.3


def trials(random: np.random.Generator, slope_sd: float, level: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(y, m, is_active, study) of one dataset."""
    study = np.sort(random.integers(0, K, N))
    treatment = random.integers(0, 2, N).astype(float)
    m = np.resize([0.0, 1.0], K)[random.permutation(K)][study] if level == "study" else np.round(random.normal(size=N), 1)
    y = (0.5 + EFFECT * m) * treatment + 0.4 * random.normal(size=K)[study] + random.normal(size=N)
    y += slope_sd * random.normal(size=K)[study] * (treatment - 0.5)
    return np.round(y, 1), m, treatment == 1, study


def coverage(slope_sd: float, level: str, runs: int) -> tuple[float, dict[str, float]]:
    """The mean r, and the share of intervals that hold it by what is drawn."""
    random = np.random.default_rng(20220)
    r = np.zeros(runs)
    limits: dict[str, list[tuple[float, float]]] = {"patient": [], "study": []}
    for run in range(runs):
        y, m, is_active, study = trials(random, slope_sd, level)
        r[run] = effect_size(y, m, is_active)
        for unit, found in limits.items():
            drawn = resampled(y, [m], is_active, study, unit, range(REPLICATES), replicate_streams(run, unit))
            own = limits_of(drawn[:, 0], 0.95)
            found.append((np.nan, np.nan) if own.low is None or own.high is None else (own.low, own.high))
    true = float(r.mean())
    return true, {unit: float(np.mean([low <= true <= high for low, high in found])) for unit, found in limits.items()}


def main() -> None:
    """A row a simulation."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    print(f"{runs} datasets, {REPLICATES} replicates; chance alone moves a share by {100 * np.sqrt(0.05 * 0.95 / runs):.1f} points")
    print("| moderator | SD of the treatment effect between studies | r | patients drawn | studies drawn |\n|---|---|---|---|---|")
    for level in ("patient", "study"):
        for slope_sd in (0.0, 0.2, 0.3):
            true, shares = coverage(slope_sd, level, runs)
            print(f"| {level} | {slope_sd} | {true:.3f} | {100 * shares['patient']:.1f} % | {100 * shares['study']:.1f} % |", flush=True)


if __name__ == "__main__":
    main()
