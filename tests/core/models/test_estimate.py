"""One record an estimate: numbers of two scales cannot stand in it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.estimate import EffectEstimate, Estimate, Interval
from core.results import MainEffect

LOG_ODDS = Estimate(0.6, "log_odds", 0.2, None, 0.003, Interval(0.2, 1.0, 0.95, "profile"))


def test_log_odds_become_an_odds_ratio_with_its_limits() -> None:
    ratio = LOG_ODDS.exponentiated()
    assert (ratio.value, ratio.interval.low, ratio.interval.high) == pytest.approx(
        (math.exp(0.6), math.exp(0.2), math.exp(1.0)))
    assert ratio.scale == "odds_ratio" and ratio.se == 0.2 and ratio.interval.level == 0.95
    with pytest.raises(ValueError, match="no log odds"):
        ratio.exponentiated()


@given(center=st.floats(-5, 5), reach=st.floats(1e-6, 8))
def test_an_odds_ratio_never_takes_the_limits_of_log_odds(center: float, reach: float) -> None:
    limits = Interval(center - reach, center + reach, 0.95, "profile")
    with pytest.raises(ValueError, match="odds"):
        Estimate(math.exp(center), "odds_ratio", 0.2, interval=limits)
    with pytest.raises(ValueError, match="odds"):
        MainEffect("rapid", "response", "odds_ratio", "published", 9, 2, 5, 4, math.exp(center), 0.2,
                   ci_low=limits.low, ci_high=limits.high)


def test_what_is_no_estimate_is_refused() -> None:
    for bad in (lambda: Interval(2.0, 1.0, 0.95, "t"), lambda: Interval(math.nan, 1.0, 0.95, "t"),
                lambda: Estimate(math.inf, "difference"), lambda: Estimate(-1.0, "variance")):
        with pytest.raises(ValueError):
            bad()


def test_it_renders_itself_for_a_table() -> None:
    assert LOG_ODDS.exponentiated().text() == "1.82 (1.22, 2.72)"
    assert Estimate(0.5, "difference").text(1) == "0.5"
    found = EffectEstimate(0.95, 10, 2, effect=LOG_ODDS)
    assert found.cells() == {"estimate": 0.6, "se": 0.2, "df": None, "ci_low": 0.2, "ci_high": 1.0, "p": 0.003}
    assert set(EffectEstimate(0.95, 0, 0, reason="No patients.").cells().values()) == {None}
