"""The benefit by a restricted cubic spline: against R with the basis written out, and what any such spline must do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis import Pooled, run_estimates, with_second_opinion
from core.cohort import Cohort, build_cohort
from core.models import second_engine
from core.moderators.benefit import QUANTILES, basis, benefit, curves_asked
from core.moderators.pictured import Pictured, pictured
from core.plan import Plan
from core.results import Benefit, ModelName
from core.tables import result_tables
from tests.reference_data import REFERENCE, output

THEIRS = output("moderator_splines")
PLAN = Plan.model_validate({
    "schema": 1, "outcomes": [{"name": "score", "value": "score"}], "bootstrap": {"replicates": 0}, "splines": {"knots": 4},
    "moderators": [{"name": "visits"}, {"name": "crp", "transform": "log"}, {"name": "female", "kind": "binary"},
                   {"name": "year", "level": "study"}]})


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return build_cohort(pd.read_csv(REFERENCE / "moderators_tied" / "data.csv"), PLAN)


def of(cohort: Cohort, moderator: str, model: ModelName, plan: Plan = PLAN) -> Benefit:
    shown = pictured(cohort, plan, "score", moderator)
    assert isinstance(shown, Pictured)
    return benefit(shown, plan, model)


@pytest.mark.parametrize("model", ["published", "recommended"])
@pytest.mark.parametrize("moderator", ["visits", "crp"])
def test_curve_and_tests_are_those_of_r(cohort: Cohort, moderator: str, model: ModelName) -> None:
    ours, theirs = of(cohort, moderator, model), THEIRS[moderator]
    own: dict[str, Any] = theirs["models"][model]
    assert ours.n == theirs["n"]
    assert ours.knots == pytest.approx(theirs["knots"], rel=1e-9)
    assert ours.points[0].share_below > 0 and ours.points[-1].share_below == 1
    for place, at, value, low, high in zip((0, 10, 20, 30, 40), theirs["at"], own["value"], own["low"], own["high"], strict=True):
        point = ours.points[place]
        assert point.at == pytest.approx(at, rel=1e-9)
        assert (point.difference, point.low, point.high) == pytest.approx((value, low, high), abs=2e-4 * (high - low))
    assert ours.bend_f == pytest.approx(own["nonlinear"]["f"], rel=1e-4)
    assert (ours.bend_df1, ours.bend_df2) == (own["nonlinear"]["df1"], pytest.approx(own["nonlinear"]["df2"], rel=1e-3))
    assert ours.bend_p == pytest.approx(own["nonlinear"]["p"], rel=1e-3)
    assert ours.spline_p == pytest.approx(own["interaction"]["p"], rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), count=st.sampled_from(sorted(QUANTILES)))
def test_beyond_the_outer_knots_it_is_straight(seed: int, count: int) -> None:
    knots = np.sort(np.random.default_rng(seed).normal(size=count))
    for outside in (knots[0] - np.array([2.0, 1.0, 0.0]), knots[-1] + np.array([0.0, 1.0, 2.0])):
        left, middle, right = basis(outside, knots).T
        assert middle == pytest.approx((left + right) / 2, rel=1e-6, abs=1e-8)
    assert basis(knots, knots).shape == (count - 1, count)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(0.1, 50), shift=st.floats(-100, 100))
def test_its_space_does_not_depend_on_the_unit(seed: int, scale: float, shift: float) -> None:
    x = np.random.default_rng(seed).normal(size=60)
    knots = np.quantile(x, QUANTILES[4])
    designs = [np.vstack([np.ones(60), basis(a * x + b, a * knots + b)]).T for a, b in ((1.0, 0.0), (scale, shift))]
    fits = [design @ np.linalg.lstsq(design, np.sin(2 * x), rcond=None)[0] for design in designs]
    assert fits[0] == pytest.approx(fits[1], abs=1e-6)


def test_the_straight_line_beside_it_is_the_linear_benefit(cohort: Cohort) -> None:
    shown = pictured(cohort, PLAN, "score", "visits")
    assert isinstance(shown, Pictured)
    straight = [(point.at, point.straight, point.straight_low, point.straight_high) for point in of(cohort, "visits", "published").points]
    linear = np.column_stack([shown.benefit.at, shown.benefit.value, shown.benefit.low, shown.benefit.high])
    assert np.array(straight) == pytest.approx(linear, rel=1e-6, abs=1e-8)


def test_knots_that_fall_together_are_told(cohort: Cohort) -> None:
    frame = cohort.frame.assign(visits=np.minimum(cohort.frame["visits"], 1))
    found = of(build_cohort(frame, PLAN), "visits", "published")
    assert found.points == () and found.bend_p is None
    assert "too few values for 4 knots" in found.note


def test_the_second_engine_judges_every_curve(cohort: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = cohort.frame.assign(year=np.where(cohort.frame["year"] > cohort.frame["year"].median(), 2010, 2000))
    plan = PLAN.model_copy(update={"moderators": PLAN.moderators[1:]})  # crp is bent, year has two values
    pooled = Pooled(frame, "pool")
    estimated = run_estimates(pooled, plan)
    assert not estimated.is_second_engine_asked and {one.engines_agree for one in estimated.benefits} == {None}
    judged = with_second_opinion(estimated, pooled)
    assert judged.is_second_engine_asked
    told = {(one.moderator, one.model): (one.engines_agree, one.engines_note) for one in judged.benefits}
    for model in ("published", "recommended"):
        agrees, note = told["crp", model]
        assert agrees is True and note.startswith("statsmodels (MixedLM")
        assert told["year", model] == (None, "Nothing to compare: there is no curve.")
    table = next(table for table in result_tables(judged) if table.name == "benefit")
    assert {row["engines_agree"] for row in table.records() if row["moderator"] == "crp"} == {True}
    monkeypatch.setattr(second_engine, "OF_SE", -1.0)
    wrong = with_second_opinion(replace(estimated, main_effects=(), sensitivity=(), moderators=()), pooled)
    assert [issue.code for issue in wrong.issues].count("engines_disagree") == 2
    assert "score, benefit over crp, published model: statsmodels" in wrong.issues[-2].text


def test_a_run_has_them_only_if_asked(cohort: Cohort) -> None:
    asked = run_estimates(Pooled(cohort.frame, "pool"), PLAN)
    assert {(one.moderator, one.model) for one in asked.benefits} == {
        (name, model) for name in ("visits", "crp", "year") for model in ("published", "recommended")}
    assert len(asked.benefits) == curves_asked(asked.availability, PLAN)
    table = next(table for table in result_tables(asked) if table.name == "benefit")
    assert len(table.rows) == sum(len(one.points) or 1 for one in asked.benefits)
    without = run_estimates(Pooled(cohort.frame, "pool"), PLAN.model_copy(update={"splines": Plan(schema=1).splines}))
    assert without.benefits == ()
    assert "benefit" not in {table.name for table in result_tables(without)}
    assert Plan(schema=1).model_dump()["splines"] == {"knots": 0}
