"""Skewness as published and as scipy has it, and where a logarithm is suggested and why not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.cohort import build_cohort
from core.distributions import distributions, normal_quantiles, skewness, with_transforms
from core.plan import Moderator
from tests.core.invented_results import PLAN, frame

# R 4.x: x <- c(2, 3, 5, 8, 13, 21, 34, 90); n <- 8; m <- function(k) mean((x - mean(x))^k)
# m(3) / m(2)^1.5 * sqrt(n * (n - 1)) / (n - 2), which is e1071::skewness(x, type = 2)
FIBONACCI = np.array([2, 3, 5, 8, 13, 21, 34, 90.0])
IN_R = 2.171003125352875


def test_skewness_is_the_adjusted_fisher_pearson_coefficient() -> None:
    draw = np.random.default_rng(3)
    for n in (3, 10, 500):
        values = draw.lognormal(size=n)
        assert skewness(values) == pytest.approx(stats.skew(values, bias=False), abs=1e-12)
    assert skewness(FIBONACCI) == pytest.approx(IN_R, abs=1e-12)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [4.0, 4.0, 4.0, 4.0], [1e9, 1e9, 1e9]])
def test_without_spread_or_values_there_is_no_skewness(values: list[float]) -> None:
    assert skewness(np.array(values)) is None


def test_normal_quantiles_are_those_of_r() -> None:
    # R: qnorm(ppoints(5)), qnorm(ppoints(12))[1:3]
    assert normal_quantiles(5) == pytest.approx([-1.1797611, -0.4972006, 0, 0.4972006, 1.1797611], abs=1e-7)
    assert normal_quantiles(12)[:3] == pytest.approx([-1.7316644, -1.1503494, -0.8122178], abs=1e-7)


def found(name: str, values: np.ndarray, transform: str = "none"):  # type: ignore[no-untyped-def]
    table = frame().assign(**{name: values})
    plan = PLAN.model_copy(update={"moderators": (Moderator(name=name, transform=transform),)})  # type: ignore[arg-type]
    return distributions(build_cohort(table, plan), plan)[0]


DRAW = np.random.default_rng(8)
SKEWED = np.exp(DRAW.normal(0, 1, 120))


@pytest.mark.parametrize(("values", "suggestion", "said"), [
    (SKEWED, "log", "of the logarithms"), (DRAW.normal(50, 5, 120), "none", "within 1"),
    (SKEWED - SKEWED.min(), "none", "1 value is zero or less and has no logarithm"),
    (SKEWED - 1, "none", "values are zero or less and have no logarithm"),
    (40 - SKEWED, "none", "would not halve"), (np.full(120, 3.0), "none", "all the same")])
def test_a_logarithm_is_suggested_where_it_helps(values: np.ndarray, suggestion: str, said: str) -> None:
    one = found("x", values)
    assert one.suggestion == suggestion and said in one.reason
    assert one.can_be_logged == (values > 0).all()


def test_outcomes_are_shown_and_never_transformed() -> None:
    plan = PLAN.model_copy(update={"moderators": ()})
    outcomes = distributions(build_cohort(frame(), plan), plan)
    assert [(one.name, one.role, one.suggestion) for one in outcomes] == [
        ("rapid", "outcome", "none"), ("post_rapid", "outcome", "none")]
    assert not outcomes[0].can_be_logged and "as they are defined" in outcomes[0].reason


def test_what_is_not_continuous_or_not_there_is_left_out() -> None:
    plan = PLAN.model_copy(update={"moderators": (Moderator(name="nowhere"), Moderator(name="female", kind="binary"),
                                                  Moderator(name="words"), Moderator(name="empty"))})
    table = frame().assign(words="ten", empty=np.nan)
    assert {one.role for one in distributions(build_cohort(table, plan), plan)} == {"outcome"}


def test_the_choice_stands_in_the_plan() -> None:
    plan = with_transforms(PLAN, {"age": "log"})
    assert [one.transform for one in plan.moderators] == ["log", "none"]
    assert found("x", SKEWED, "log").chosen == "log"
