"""Whether the scores of a study prefer some last digits, as numbers do that were rounded or made up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from core.errors import Issue, Severity
from core.integrity.material import FALSE_ALARMS, Material, StudyPatients, rarity
from core.protocol import Scale

SCORES = 100
"""Whole scores of one scale in a study, below which their digits say little."""
REACH = 4
"""Scores on each side among which a score's expected frequency is averaged."""


def check_last_digits(material: Material) -> tuple[Issue, ...]:
    """Studies in which some last digits of a scale's scores are too frequent."""
    looked_at = [(part, scale, scores) for part in material.studies for scale in material.protocol.scales
                 if (scores := _scores(part, scale)) is not None]
    return tuple(issue for part, scale, scores in looked_at
                 for issue in _told(material, part, scale, scores, len(looked_at)))


def _scores(part: StudyPatients, scale: Scale) -> list[np.ndarray] | None:
    """The scores of each time that are whole and above the scale's end, where all share an expected curve."""
    times = ("baseline", *(time.key for time in part.protocol.timepoints))
    columns = [part.values(f"{scale.key}_{time}") for time in times if f"{scale.key}_{time}" in part.part.patients]
    kept = [column[~np.isnan(column)] for column in columns]
    if any((column % 1 != 0).any() for column in kept):
        return None
    # scores at the end of the scale pile up there for a good reason
    inner = [column[(column > scale.minimum) & (column < scale.maximum)] for column in kept]
    return inner if sum(map(len, inner)) >= SCORES else None


def _digits(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often each last digit stands, and how often it would on a smooth curve through its neighbors, (10,) each."""
    low, high = int(scores.min()), int(scores.max())
    counts = np.bincount(scores.astype(int) - low, minlength=high - low + 1).astype(float)
    padded = np.concatenate([[0.0], np.cumsum(counts)])
    at = np.arange(len(counts))
    # a stretch of ten scores holds each digit once; half of the two outermost count. At the ends it is cut short
    left, right = np.maximum(at - REACH, 0), np.minimum(at + REACH, len(counts) - 1)
    smooth = (padded[right + 1] - padded[left]) / (right + 1 - left)
    smooth *= counts.sum() / smooth.sum()
    digit = (at + low) % 10
    return np.bincount(digit, counts, 10), np.bincount(digit, smooth, 10)


def _told(material: Material, part: StudyPatients, scale: Scale, scores: list[np.ndarray],
          tests: int) -> Iterator[Issue]:
    parts = [_digits(column) for column in scores if len(column)]
    observed, expected = (sum(one[i] for one in parts) for i in (0, 1))
    assert isinstance(observed, np.ndarray) and isinstance(expected, np.ndarray)
    if expected.min() < 5:
        return
    p = float(stats.chi2.sf(((observed - expected) ** 2 / expected).sum(), 9))
    if p * tests < FALSE_ALARMS:
        most = np.argsort(expected - observed)[:2]
        shown = " and ".join(f"{digit} ({observed[digit]:.0f} times, {expected[digit]:.0f} expected)"
                             for digit in sorted(most.tolist()))
        yield Issue(
            Severity.WARNING, "last_digits",
            f"The {scale.label} scores end too often in {shown}. Scores that are added up from items do this "
            f"{rarity(p)}; numbers that were rounded, estimated or made up often do.",
            material.place(part.study, None, f"{scale.key}_baseline"),
            "Ask the team how the scores were recorded.")
