"""Type I error of both models by simulation: slow, run by hand (`python3 dev.py test --slow -k type_one`).

The tables of `python3 dev.py bench type_one_error`, with room for 2,000 datasets' chance, stand in docs/simulations.md.
"""

from __future__ import annotations

import pytest

from tests.bench.type_one_error import rejections


@pytest.mark.slow
@pytest.mark.parametrize(("slope_sd", "low", "high"), [(0.0, 0.035, 0.065), (0.2, 0.085, 0.145), (0.3, 0.145, 0.23)])
def test_type_one_error_of_a_study_level_moderator(slope_sd: float, low: float, high: float) -> None:
    published, recommended = rejections(slope_sd, "study")
    assert low < published < high
    assert 0.03 < recommended < 0.08


@pytest.mark.slow
@pytest.mark.parametrize("slope_sd", [0.0, 0.3])
def test_type_one_error_of_a_patient_level_moderator(slope_sd: float) -> None:
    published, recommended = rejections(slope_sd, "patient")
    assert 0.035 < published < 0.075 and 0.035 < recommended < 0.065
