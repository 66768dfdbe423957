"""Windows against a plain reading of METHODS section 1, and their edges by name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.protocol import Timepoint
from core.windows import choose_baseline, choose_nearest, chosen_values, window_text

RAPID = Timepoint(key="rapid", label="", target_hours=24, from_hours=4, to_hours=72, before_second_treatment=True)
POST = Timepoint(key="post", label="", target_hours=168, from_hours=144, to_hours=336)

HOURS = st.sampled_from([-168.0, -24.0, -1.0, 0.0, 0.5, 3.9, 4.0, 8.0, 20.0, 23.9, 24.0, 24.1, 28.0, 40.0, 44.0, 72.0,
                         72.1, 143.9, 144.0, 160.0, 168.0, 176.0, 192.0, 336.0, 336.5])
SCORES = st.lists(st.tuples(st.integers(0, 3), HOURS), max_size=40)


def arrays(scores: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([cell for cell, _ in scores], dtype=int), np.array([hours for _, hours in scores], dtype=float)


@given(SCORES)
def test_baseline_is_the_last_score_before_the_treatment(scores: list[tuple[int, float]]) -> None:
    chosen = choose_baseline(*arrays(scores), cells=4)
    for cell in range(4):
        before = [(-hours, i) for i, (c, hours) in enumerate(scores) if c == cell and hours <= 0]
        assert chosen[cell] == (min(before)[1] if before else -1)


@given(SCORES, st.sampled_from([RAPID, POST]), st.sampled_from([None, 24.0, 48.0, 160.0]))
def test_nearest_score_in_the_window(scores: list[tuple[int, float]], timepoint: Timepoint,
                                     second: float | None) -> None:
    chosen = choose_nearest(*arrays(scores), 4, timepoint, second)
    for cell in range(4):
        best: tuple[float, float, int] | None = None
        for i, (c, hours) in enumerate(scores):
            too_late = timepoint.before_second_treatment and second is not None and hours > second
            if c != cell or too_late or not timepoint.from_hours <= hours <= timepoint.to_hours:
                continue
            candidate = (round(abs(hours - timepoint.target_hours), 6), hours, i)
            best = candidate if best is None else min(best, candidate)
        assert chosen[cell] == (best[2] if best else -1)


@pytest.mark.parametrize(("hours", "kept"), [([4.0], 0), ([72.0], 0), ([3.99], -1), ([72.01], -1), ([28.0, 20.0], 1),
                                             ([23.9, 24.1], 0), ([24.1, 23.9], 1), ([48.0, 25.0], 1),
                                             ([24.0, 24.0], 0)])
def test_edges_of_the_rapid_window(hours: list[float], kept: int) -> None:
    assert choose_nearest(np.zeros(len(hours), dtype=int), np.array(hours), 1, RAPID, None).tolist() == [kept]


def test_a_second_treatment_ends_the_rapid_window_only() -> None:
    cell, hours = np.zeros(3, dtype=int), np.array([48.0, 49.0, 168.0])
    assert choose_nearest(cell, hours, 1, RAPID, 48.0)[0] == 0
    assert choose_nearest(cell, hours, 1, RAPID, 47.0)[0] == -1
    assert choose_nearest(cell, hours, 1, POST, 48.0)[0] == 2


def test_values_of_nothing_are_missing() -> None:
    assert np.isnan(chosen_values(np.array([-1, -1]), np.array([]))).all()


def test_the_rule_in_words() -> None:
    assert window_text(POST) == "score nearest 7 d, from 6 d to 14 d"
    assert window_text(RAPID) == "score nearest 24 h, from 4 h to 72 h"
    assert window_text(None) == "last score before the first treatment"
