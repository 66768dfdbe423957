"""Logistic mixed models against lme4's glmer: one node and fifteen, on a real trial and on generated data.

R's standard errors are from the whole Hessian of the same approximation (script:
tests/reference/logistic_models.R).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.models.logistic_mixed import LogisticEstimate, fit_logistic, treatment_effect
from core.models.streams import stream
from tests.reference_data import codes, generated_rows, numbers, output, shared_rows

GENERATED = output("generated_logistic")["datasets"]
ROWS = generated_rows("generated_logistic")


def compare(ours: LogisticEstimate, reference: dict[str, Any]) -> None:
    assert ours.reason is None and ours.fit is not None
    assert (ours.n, ours.k) == (reference["n"], reference["k"])
    # glmer's inner iterations stop early with one node, so its deviance may be a little too high; never ours.
    assert ours.fit.deviance <= reference["deviance"] + 1e-8
    assert ours.fit.deviance == pytest.approx(reference["deviance"], abs=1e-8 if reference["nodes"] > 1 else 1e-5)
    assert ours.log_or == pytest.approx(reference["log_or"], abs=1e-6 if reference["nodes"] > 1 else 5e-6)
    assert ours.se == pytest.approx(reference["se"], rel=1e-6)
    assert ours.p == pytest.approx(reference["p"], rel=1e-4)
    assert np.log(ours.ci_low) == pytest.approx(reference["ci_low"], abs=1e-6)
    assert np.log(ours.ci_high) == pytest.approx(reference["ci_high"], abs=1e-6)
    assert ours.tau2 == pytest.approx(reference["tau2"], rel=1e-4, abs=1e-6)


def estimate(rows: list[dict[str, str]], nodes: int) -> LogisticEstimate:
    return treatment_effect(numbers(rows, "event"), numbers(rows, "T"), codes(rows, "study"), quadrature=nodes,
                            replicates=0, stream=lambda i: stream(1, i))


@pytest.mark.parametrize("approximation", ["laplace", "quadrature15"])
@pytest.mark.parametrize("dataset", GENERATED)
def test_generated_data_match_glmer(dataset: str, approximation: str) -> None:
    reference = GENERATED[dataset][approximation]
    compare(estimate([row for row in ROWS if row["dataset"] == dataset], reference["nodes"]), reference)


@pytest.mark.parametrize("model", ["laplace", "quadrature15", "covariate15"])
def test_elmunzer_2012(model: str) -> None:
    """NEJM 366:1414: pancreatitis in 52 of 307 on placebo and 27 of 295 on indomethacin."""
    rows = shared_rows("indo_rct_4sites.csv")
    event = np.array([row["outcome"] == "1_yes" for row in rows], dtype=float)
    treatment = np.array([row["rx"] == "1_indomethacin" for row in rows], dtype=float)
    assert (event[treatment == 1].sum(), event[treatment == 0].sum()) == (27, 52)
    reference = output("indomethacin_4sites")[model]
    covariates = numbers(rows, "risk") if "covariate" in model else None
    ours = treatment_effect(event, treatment, codes(rows, "site"), covariates, quadrature=reference["nodes"],
                            replicates=0, stream=lambda i: stream(1, i))
    compare(ours, reference)


@pytest.mark.parametrize("approximation", ["laplace", "quadrature25"])
def test_respiratory_data_reach_the_optimum_the_printed_fit_missed(approximation: str) -> None:
    """HSAUR3's printed glmer (treatment 2.1662) did not converge. Even with a better optimizer glmer's inner
    tolerance leaves it at log likelihood -213.2992, treatment 2.1825; with that tightened it is -213.2980 and
    2.1839, as ours.
    """
    reference = output("respiratory_2centres")[approximation]
    rows = shared_rows("respiratory_2centres_long.csv")
    baseline = {row["subject"]: row["status"] == "good" for row in rows if row["month"] == "0"}
    later = [row for row in rows if row["month"] != "0"]
    months = [np.array([row["month"] == month for row in later], dtype=float) for month in ("2", "3", "4")]
    covariates = np.column_stack([
        [row["treatment"] == "treatment" for row in later], [baseline[row["subject"]] for row in later], *months,
        [row["gender"] == "male" for row in later], numbers(later, "age") / 10,
        [row["centre"] == "2" for row in later]]).astype(float)
    event = np.array([row["status"] == "good" for row in later], dtype=float)
    ours = fit_logistic(event, covariates, codes(later, "subject"), quadrature=reference["nodes"])
    assert ours.loglik >= reference["loglik"] - 1e-8
    assert ours.loglik == pytest.approx(reference["loglik"], abs=1e-6)
    assert ours.beta == pytest.approx(reference["beta"], abs=2e-5)
    # glmer's standard errors are second differences of a rough deviance
    assert np.sqrt(np.diag(ours.cov)) == pytest.approx(reference["se"], rel=2e-4)
    assert np.sqrt(ours.tau2) == pytest.approx(reference["tau"], abs=2e-5)
