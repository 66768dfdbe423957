"""Linear mixed models against R: lme4, lmerTest, pbkrtest and metafor, on real trials and on twenty datasets at
the edges.

Each reference stands in tests/reference/<name>/ with the script that made it. Estimates and standard errors agree
to 1e-6, limits to 1e-4 (in fact far closer), Satterthwaite's df to 0.1 %, Kenward-Roger's to 1 %.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.models import linear_mixed, two_stage
from core.models.linear_mixed import LinearEstimate
from tests.reference_data import codes, facial_feedback, generated_rows, numbers, output, shared_rows

GENERATED = output("generated_linear")["datasets"]
GENERATED_ROWS = generated_rows("generated_linear")


def compare(ours: LinearEstimate, reference: dict[str, Any]) -> None:
    """All that R tells of one fit. The scale of an estimate is its standard error: it may be near zero itself."""
    assert ours.reason is None and ours.fit is not None
    assert (ours.n, ours.k) == (reference["n"], reference["k"])
    # Where two optimizers differ the lower deviance is right; ours may never be the higher one.
    assert ours.fit.deviance <= reference["reml_deviance"] + 1e-8
    assert ours.fit.deviance == pytest.approx(reference["reml_deviance"], abs=1e-6)
    assert ours.estimate == pytest.approx(reference["estimate"], rel=1e-6, abs=1e-6 * reference["se"])
    assert ours.se == pytest.approx(reference["se"], rel=2e-6)
    assert ours.df == pytest.approx(reference["df"], rel=1e-3)
    assert ours.p == pytest.approx(reference["p"], rel=1e-3, abs=1e-12)
    assert ours.ci_low == pytest.approx(reference["ci_low"], abs=1e-6 * reference["se"])
    assert ours.ci_high == pytest.approx(reference["ci_high"], abs=1e-6 * reference["se"])
    assert ours.sigma2 == pytest.approx(reference["sigma2"], rel=1e-5)
    assert ours.tau2 == pytest.approx(reference["tau2"], rel=1e-5, abs=1e-6 * reference["sigma2"])
    if reference["slope_var"] is not None:
        assert ours.slope_var == pytest.approx(reference["slope_var"], rel=1e-5, abs=1e-6 * reference["sigma2"])


def generated(dataset: str, *, covariate: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    rows = [row for row in GENERATED_ROWS if row["dataset"] == dataset]
    return numbers(rows, "y"), numbers(rows, "T"), codes(rows, "study"), numbers(rows, "x") if covariate else None


@pytest.mark.parametrize("model", ["published", "recommended", "covariate_recommended"])
@pytest.mark.parametrize("dataset", GENERATED)
def test_generated_data_match_lme4(dataset: str, model: str) -> None:
    y, treatment, study, x = generated(dataset, covariate="covariate" in model)
    random_slope = "recommended" in model
    ours = linear_mixed.treatment_effect(y, treatment, study, x, random_slope=random_slope)
    compare(ours, GENERATED[dataset][model])
    if not ours.boundary:
        reference = GENERATED[dataset][model]
        enlarged = linear_mixed.treatment_effect(y, treatment, study, x, random_slope=random_slope,
                                                 df="kenward_roger")
        assert enlarged.se == pytest.approx(reference["kr_se"], rel=2e-6)
        assert enlarged.df == pytest.approx(reference["kr_df"], rel=1e-2)
        assert enlarged.p == pytest.approx(reference["kr_p"], rel=1e-2, abs=1e-12)


@pytest.mark.parametrize("dataset", GENERATED)
def test_published_limits_match_confint(dataset: str) -> None:
    """In dataset 9 confint sticks at a zero variance: its limit is narrower than where R's deviance crosses."""
    y, treatment, study, _ = generated(dataset, covariate=False)
    ours = linear_mixed.treatment_effect(y, treatment, study, random_slope=False)
    low, high = GENERATED[dataset]["lme4_confint_published"]
    assert ours.ci_low == pytest.approx(low, abs=1e-4)
    if dataset == "9":
        assert high < ours.ci_high < high + 3e-4
    else:
        assert ours.ci_high == pytest.approx(high, abs=1e-4)


def test_the_generated_data_reach_the_edges() -> None:
    boundaries = set()
    for dataset in GENERATED:
        y, treatment, study, _ = generated(dataset, covariate=False)
        boundaries.add(linear_mixed.treatment_effect(y, treatment, study, random_slope=True).boundary)
    assert boundaries == {(), ("tau2",), ("slope_var",), ("tau2", "slope_var")}


@pytest.mark.parametrize("model", ["published", "recommended"])
def test_wagenmakers_2016_one_stage(model: str) -> None:
    y, treatment, study = facial_feedback()
    ours = linear_mixed.treatment_effect(y, treatment, study, random_slope=model == "recommended")
    compare(ours, output("facial_feedback_17labs")[model])
    assert ours.boundary == (("slope_var",) if model == "recommended" else ())
    assert (ours.n_active, ours.n_control) == (936, 958)


def test_wagenmakers_2016_two_stage() -> None:
    """Perspect Psychol Sci 11:917-928, abstract: 0.03 (-0.11, 0.16), a Wald interval."""
    reference = output("facial_feedback_17labs")
    y, treatment, study = facial_feedback()
    studies = two_stage.study_differences(y, treatment, study)
    for ours, theirs in zip(studies, sorted(reference["per_study"], key=lambda one: one["study"]), strict=True):
        assert ours.estimate == pytest.approx(theirs["estimate"], rel=1e-10)
        assert ours.se == pytest.approx(theirs["se"], rel=1e-10)
    pooled = two_stage.pool([one.estimate for one in studies], [one.se for one in studies])
    assert [round(value, 2) for value in (pooled.estimate, pooled.wald_low, pooled.wald_high)] == [0.03, -0.11, 0.16]
    compare_pool(pooled, reference["two_stage_wald"], reference["two_stage_hartung_knapp"])


def compare_pool(ours: two_stage.PooledEstimate, wald: dict[str, Any], hartung_knapp: dict[str, Any] | None) -> None:
    assert ours.estimate == pytest.approx(wald["estimate"], rel=1e-8)
    assert ours.se == pytest.approx(wald["se"], rel=1e-8)
    assert (ours.wald_low, ours.wald_high) == pytest.approx((wald["ci_low"], wald["ci_high"]), rel=1e-8)
    assert ours.tau2 == pytest.approx(wald["tau2"], rel=1e-6, abs=1e-10)
    assert ours.i2 == pytest.approx(wald["i2"], rel=1e-6, abs=1e-8)
    assert ours.q == pytest.approx(wald["q"], rel=1e-10)
    if hartung_knapp is not None:
        limits = (hartung_knapp["ci_low"], hartung_knapp["ci_high"])
        assert (ours.ci_low, ours.ci_high) == pytest.approx(limits, rel=1e-7)
        assert ours.p == pytest.approx(hartung_knapp["p"], rel=1e-7)


@pytest.mark.parametrize("model", ["published", "recommended", "ancova_published", "ancova_recommended"])
def test_calcium_trials_one_stage(model: str) -> None:
    rows = shared_rows("pseudoipd_calcium_9trials.csv")
    baseline = numbers(rows, "baseline") if "ancova" in model else None
    ours = linear_mixed.treatment_effect(numbers(rows, "followup"), numbers(rows, "group"), codes(rows, "study"),
                                         baseline, random_slope="recommended" in model)
    compare(ours, output("calcium_9trials")[model])


@pytest.mark.parametrize("method", ["reml", "dl", "pm"])
def test_calcium_trials_two_stage(method: two_stage.PoolMethod) -> None:
    reference = output("calcium_9trials")
    rows = shared_rows("pseudoipd_calcium_9trials.csv")
    studies = two_stage.study_differences(numbers(rows, "followup"), numbers(rows, "group"), codes(rows, "study"))
    pooled = two_stage.pool([one.estimate for one in studies], [one.se for one in studies], method)
    wald = reference["two_stage_wald" if method == "reml" else f"two_stage_{method}"]
    compare_pool(pooled, wald, reference["two_stage_hartung_knapp"] if method == "reml" else None)
    assert pooled.weights == pytest.approx(wald["weights"], rel=1e-6)


def test_calcium_trials_two_stage_ancova() -> None:
    """Here τ² is not zero: -0.443, τ² 0.573 by Papadimitropoulou's published code."""
    reference = output("calcium_9trials")
    pooled = two_stage.pool([one["estimate"] for one in reference["per_study_ancova"]],
                            [one["se"] for one in reference["per_study_ancova"]])
    theirs = reference["two_stage_ancova"]
    assert pooled.tau2 == pytest.approx(theirs["tau2"], rel=1e-6) == pytest.approx(0.57275, abs=1e-5)
    # Printed after metafor's default iterations, which stop at a change of 1e-5 in τ².
    assert pooled.estimate == pytest.approx(-0.44319047, abs=1e-6)
    assert (pooled.ci_low, pooled.ci_high) == pytest.approx((-1.251473, 0.3650917), abs=2e-6)
    assert (pooled.ci_low, pooled.ci_high) == pytest.approx((theirs["ci_low"], theirs["ci_high"]), rel=1e-7)
    assert pooled.i2 == pytest.approx(theirs["i2"], rel=1e-6)
    assert pooled.weights == pytest.approx(theirs["weights"], rel=1e-6)
