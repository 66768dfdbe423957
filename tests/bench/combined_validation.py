"""What a combined moderator's validation says where nothing moderates, and where something does:
`python3 dev.py bench combined_validation [DATASETS]`.

Seventeen studies, 400 patients, a set of four facts of patients and two of studies. The table stands in docs/simulations.md.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from core.moderators.effect_size import effect_size
from core.moderators.members import Member, SetRows
from core.moderators.validation import fitted, null_correlations, null_model, pearson, scores

K, N = 17, 400
ALPHA, FOLDS, PERMUTATIONS = 0.5, 10, 199
SD = 25.0
NAMES = ("age", "female", "inpatient", "mdd", "us_site", "trd_2plus")
MODERATION = np.array([0.25, -0.25, 0.0, 0.0, 0.0, 0.0])
"""Of the treatment effect by one SD of a member, in SD of the outcome."""


@dataclass(frozen=True)
class Found:
    """What one dataset gave."""

    p: float
    apparent: float
    r_folds: float
    r_studies: float
    weights: np.ndarray


def dataset(random: np.random.Generator, slope_sd: float, moderation: np.ndarray, n: int = N) -> SetRows:
    """Invented trials as a set's patients."""
    study = np.sort(random.integers(0, K, n))
    is_active = random.random(n) < 0.5
    of_study = random.random((2, K)) < 0.5
    of_study[:, :2] = (False, True)
    share = random.beta(2, 2, (2, K))
    x = np.column_stack([random.normal(size=n), random.random(n) < 0.55, random.random(n) < share[0, study],
                         random.random(n) < share[1, study], *of_study[:, study]]).astype(float)
    x = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    y = 0.6 * is_active + x @ np.array([0.1, 0.0, -0.2, 0.1, 0.1, 0.0]) + 0.4 * random.normal(size=K)[study]
    y += (slope_sd * random.normal(size=K)[study] + x @ moderation) * (is_active - 0.5) + random.normal(size=n)
    members = tuple(Member(name, "study" if place > 3 else "patient", 1.0) for place, name in enumerate(NAMES))
    return SetRows("outcome", "set", members, x, SD * y, y, is_active, study, tuple(map(str, range(K))), str(random.integers(1 << 40)))


def judged(rows: SetRows, seed: int) -> Found:
    """All of the validation of one dataset."""
    found = fitted(rows, ALPHA, FOLDS, seed)
    null = null_correlations(rows, null_model(rows), ALPHA, FOLDS, seed, range(PERMUTATIONS))
    observed = pearson(rows, found.weights)
    size = effect_size(rows.y, scores(rows.x, found.weights), rows.is_active) if found.weights.any() else 0.0
    return Found((1 + int((null >= observed).sum())) / (PERMUTATIONS + 1), size, found.r_folds or 0.0,
                 found.r_studies or 0.0, found.weights)


def attainable(slope_sd: float, moderation: np.ndarray) -> float:
    """r of the true combination, in one large sample of pairs."""
    random = np.random.default_rng(1)
    sizes = []
    for _ in range(20):
        rows = dataset(random, slope_sd, moderation, 1500)
        sizes.append(effect_size(rows.y, scores(rows.x, moderation), rows.is_active))
    return float(np.mean(sizes))


def line(name: str, slope_sd: float, moderation: np.ndarray, runs: int) -> str:
    """A row of the table."""
    found = [judged(dataset(np.random.default_rng([77, run, int(10 * slope_sd)]), slope_sd, moderation), run)
             for run in range(runs)]
    p, weights = np.array([one.p for one in found]), np.array([one.weights for one in found])
    true = moderation != 0
    right = np.sign(weights[:, true]) == np.sign(moderation[true])
    cells = [name, f"{slope_sd}", f"{100 * (p < 0.05).mean():.1f} %", f"{100 * (p < 0.10).mean():.1f} %",
             *(f"{np.mean([getattr(one, part) for one in found]):.3f}" for part in ("apparent", "r_folds", "r_studies")),
             f"{100 * (weights != 0).any(axis=1).mean():.0f} %",
             f"{attainable(slope_sd, moderation):.3f}" if true.any() else "0",
             f"{100 * right.mean():.0f} %" if true.any() else ""]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """A row a simulation."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    head = ["truth", "SD of the treatment effect between studies", "p < .05", "p < .10", "apparent r", "r, folds held out",
            "r, studies held out", "not empty", "r of the true combination", "signs right"]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for name, moderation in (("no moderation", np.zeros(6)), ("two members moderate", MODERATION)):
        for slope_sd in (0.0, 0.2):
            print(line(name, slope_sd, moderation, runs), flush=True)


if __name__ == "__main__":
    main()
