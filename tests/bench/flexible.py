"""What a flexible learner finds beside M* where nothing moderates, where something does in a straight line, and where it bends:
`python3 dev.py bench flexible [DATASETS]`.

The datasets are those of `combined_validation`, seventeen studies and 400 patients. What it prints stands in docs/simulations.md.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from core.combined_results import CombinedEffect
from core.combined_words import finds_more
from core.models.streams import stream
from core.moderators.flexible import forests, judged, pooled
from core.moderators.members import SetRows
from core.moderators.validation import fitted
from tests.bench.combined_validation import ALPHA, FOLDS, MODERATION, SD, dataset

NOTHING = np.zeros(len(MODERATION))
BENT = 1.2
"""Difference of the treatment effect between the middle of the first member and its ends, in SD of the outcome."""


def drawn(truth: str, slope_sd: float, random: np.random.Generator) -> SetRows:
    """A dataset in which nothing moderates, two members do in straight lines, or one does in the middle of its range."""
    rows = dataset(random, slope_sd, MODERATION if truth == "straight" else NOTHING)
    if truth != "bent":
        return rows
    return replace(rows, y=rows.y + SD * BENT * (np.abs(rows.x[:, 0]) < 0.7) * (rows.is_active - 0.5))


def one(truth: str, slope_sd: float, place: int) -> CombinedEffect:
    """Both learners, judged by the same studies and folds."""
    rows = drawn(truth, slope_sd, stream(5, "flexible bench", truth, slope_sd, place))
    straight = fitted(rows, ALPHA, FOLDS, place)
    free = pooled(rows, FOLDS, judged(rows, FOLDS, place, range(forests(rows, FOLDS))))
    return CombinedEffect("outcome", "set", r_leave_study_out=straight.r_studies, r_cv=straight.r_folds,
                          r_flexible_leave_study_out=free.r_studies, r_flexible_cv=free.r_folds)


def main() -> None:
    """A line a truth."""
    datasets = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    for truth, slope_sd in (("none", 0.0), ("straight", 0.2), ("bent", 0.2)):
        found = [one(truth, slope_sd, place) for place in range(datasets)]
        means = [np.mean([getattr(each, name) for each in found])
                 for name in ("r_leave_study_out", "r_cv", "r_flexible_leave_study_out", "r_flexible_cv")]
        print(f"{truth}, {slope_sd}: M* {means[0]:.3f} (studies), {means[1]:.3f} (folds); flexible {means[2]:.3f}, {means[3]:.3f}; "
              f"said to find more in {sum(map(finds_more, found))} of {datasets}", flush=True)


if __name__ == "__main__":
    main()
