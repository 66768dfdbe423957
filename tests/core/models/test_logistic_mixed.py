"""The logistic mixed model by itself: the integral, the derivatives, the risks, the bootstrap, what is not
estimable.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit

from core.models.absolute_risk import number_needed_text, standardized_risks
from core.models.logistic_likelihood import cells, evaluate, hessian, maximize
from core.models.logistic_mixed import LogisticEstimate, treatment_effect
from core.models.streams import stream
from core.progress import Cancelled, silent


def patients(seed: int = 1, k: int = 8, n: int = 300, tau: float = 0.7,
             effect: float = 0.8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(event, treatment, study) of invented trials."""
    rng = np.random.default_rng(seed)
    study, treatment = rng.integers(0, k, n), rng.integers(0, 2, n)
    risk = expit(-0.6 + effect * treatment + tau * rng.normal(size=k)[study])
    return (rng.random(n) < risk).astype(float), treatment.astype(float), study


def effect(event, treatment, study, replicates: int = 0, seed: int = 1, **options) -> LogisticEstimate:
    return treatment_effect(event, treatment, study, replicates=replicates,
                            stream=lambda i: stream(seed, "test", i), **options)


def test_cells_hold_every_patient() -> None:
    event, treatment, study = patients()
    data = cells(event, treatment, study)
    assert data.trials.sum() == 300 and data.events.sum() == event.sum()
    chosen = (data.place == 3) & (data.design[:, 1] == 1)
    assert data.events[chosen] == event[(study == 3) & (treatment == 1)].sum()


def test_many_nodes_give_the_integral() -> None:
    event, treatment, study = patients(k=4, n=80)
    beta, tau = np.array([-0.5, 0.7]), 0.9

    def study_likelihood(code: int) -> float:
        mine = study == code
        fixed = beta[0] + beta[1] * treatment[mine]

        def density(u: float) -> float:
            risk = expit(fixed + tau * u)
            return float(np.prod(np.where(event[mine] == 1, risk, 1 - risk)) * np.exp(-u * u / 2) / np.sqrt(2 * np.pi))

        return quad(density, -8, 8, epsabs=0, epsrel=1e-12, limit=200)[0]

    exact = sum(np.log(study_likelihood(code)) for code in range(4))
    data = cells(event, treatment, study)
    errors = [abs(float(evaluate(data, data.events[None], np.array([[*beta, tau]]), q).loglik[0]) - exact)
              for q in (1, 5, 15, 25)]
    assert errors[0] > errors[1] > errors[2] and errors[3] < 1e-9


@pytest.mark.parametrize("quadrature", [1, 2, 7, 15])
@pytest.mark.parametrize("tau", [0.0, 0.4, -1.2])
def test_the_gradient_is_the_derivative_of_the_approximation(quadrature: int, tau: float) -> None:
    event, treatment, study = patients()
    x = np.random.default_rng(2).integers(0, 3, len(event))
    data = cells(event, np.column_stack([treatment, x]), study)
    at = np.array([[-0.4, 0.6, 0.1, tau]])
    step = 1e-5 * np.eye(4)
    up, down = (evaluate(data, data.events[None], at + sign * step, quadrature).loglik for sign in (1, -1))
    gradient = evaluate(data, data.events[None], at, quadrature).gradient[0]
    np.testing.assert_allclose(gradient, (up - down) / 2e-5, atol=1e-6)


def test_curvature_is_the_hessian_where_nodes_are_many() -> None:
    event, treatment, study = patients()
    data = cells(event, treatment, study)
    at = np.array([-0.4, 0.6, 0.8])
    curvature = evaluate(data, data.events[None], at[None], 25).curvature[0]
    np.testing.assert_allclose(curvature, -hessian(data, at, 25), rtol=1e-5, atol=1e-5)


def test_a_batch_equals_one_by_one() -> None:
    event, treatment, study = patients()
    data = cells(event, treatment, study)
    events = np.stack([stream(1, i).binomial(data.trials.astype(int), 0.4) for i in range(6)]).astype(float)
    start = np.tile([0.0, 0.0, 0.5], (6, 1))
    together, loglik, done = maximize(data, events, start, 15)
    assert done.all()
    for i in range(6):
        alone, value, _ = maximize(data, events[i:i + 1], start[:1], 15)
        np.testing.assert_allclose(np.abs(alone[0]), np.abs(together[i]), atol=1e-6)
        assert value[0] == pytest.approx(loglik[i], abs=1e-9)


def test_zero_variance_is_logistic_regression() -> None:
    event, treatment, study = patients(seed=1, tau=0.0)
    found = None
    for seed in range(30):
        event, treatment, study = patients(seed=seed, tau=0.0)
        found = effect(event, treatment, study)
        if found.boundary:
            break
    assert found.boundary == ("tau2",) and found.tau2 == 0
    cells_of = [((event == e) & (treatment == t)).sum() for e in (0, 1) for t in (0, 1)]
    assert found.log_or == pytest.approx(np.log(cells_of[0] * cells_of[3] / (cells_of[1] * cells_of[2])))
    assert found.se == pytest.approx(np.sqrt(sum(1 / count for count in cells_of)), rel=1e-6)
    assert found.note == "The variance between studies is estimated as zero."
    assert found.marginal_or == pytest.approx(found.estimate, rel=1e-8)


def test_one_study_is_logistic_regression_and_says_so() -> None:
    event, treatment, _ = patients()
    found = effect(event, treatment, np.zeros(300, dtype=int), replicates=20)
    assert found.tau2 is None and found.note == "One study: ordinary logistic regression."
    assert found.risk_active == pytest.approx(event[treatment == 1].mean(), abs=1e-8)
    assert found.ard_low is not None


def test_risks_integrate_over_studies() -> None:
    event, treatment, study = patients()
    data = cells(event, treatment, study)
    control, active = standardized_risks(data, np.array([[-0.6, 0.9, 1.3]]), 1)[0]
    for risk, eta in ((control, -0.6), (active, 0.3)):
        exact = quad(lambda u, eta=eta: expit(eta + 1.3 * u) * np.exp(-u * u / 2) / np.sqrt(2 * np.pi), -10, 10)[0]
        assert risk == pytest.approx(exact, abs=1e-9)


def test_marginal_effect_is_nearer_to_none_than_the_conditional() -> None:
    found = effect(*patients(tau=1.5))
    assert 1 < found.marginal_or < found.estimate
    assert found.ard == pytest.approx(found.risk_active - found.risk_control)
    assert found.nnt == pytest.approx(1 / found.ard)
    assert found.ard_low is None and found.nnt_low is None and found.nnt_text == ""


def test_bootstrap_depends_on_the_stream_alone() -> None:
    data = patients()
    first, again, other = (effect(*data, replicates=120, seed=seed) for seed in (1, 1, 2))
    assert (first.ard_low, first.ard_high) == (again.ard_low, again.ard_high)
    assert first.ard_low != other.ard_low
    assert first.ard_low < first.ard < first.ard_high
    assert first.nnt_low == 1 / first.ard_high and first.nnt_high == 1 / first.ard_low


def test_bootstrap_replicates_do_not_depend_on_how_many_there_are() -> None:
    from core.models.absolute_risk import bootstrap_difference
    event, treatment, study = patients()
    data = cells(event, treatment, study)
    drawn: list[list[int]] = [[], []]
    for which, replicates in enumerate((130, 150)):
        def counting(i: int, which: int = which) -> np.random.Generator:
            drawn[which].append(i)
            return stream(3, i)
        bootstrap_difference(data, np.array([-0.6, 0.8, 0.7]), 1, 15, level=0.95, replicates=replicates,
                             stream=counting, progress=silent)
    assert drawn[0] == list(range(130)) and drawn[1] == list(range(150))


def test_bootstrap_spread_is_that_of_binomial_arms() -> None:
    """One study: the interval must be near the Wald interval of a difference of two shares."""
    event, treatment, _ = patients(n=600)
    found = effect(event, treatment, np.zeros(600, dtype=int), replicates=2000)
    shares = [(event[treatment == arm].mean(), (treatment == arm).sum()) for arm in (0, 1)]
    se = np.sqrt(sum(share * (1 - share) / size for share, size in shares))
    assert found.ard_high - found.ard_low == pytest.approx(2 * 1.96 * se, rel=0.08)
    assert found.failed == 0 and found.replicates == 2000


def test_failed_replicates_are_counted() -> None:
    treatment = np.tile([0.0, 1.0], 30)
    event = ((np.arange(60) % 3 == 0) & (treatment == 1)).astype(float)
    event[0] = 1  # a single event among the controls: a third of the replicates have none
    found = effect(event, treatment, np.arange(60) // 20, replicates=200)
    assert 40 < found.failed < 110 and found.ard_low is not None


def test_bootstrap_can_be_stopped() -> None:
    def stop(fraction: float, text: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        effect(*patients(), replicates=500, progress=stop)


T, S = np.tile([0.0, 1.0], 8), np.repeat([0, 1], 8)


@pytest.mark.parametrize(("event", "treatment", "study", "reason"), [
    ([], [], [], "No patients."),
    (T, np.ones(16), S, "No patient in the control arm."),
    (T, np.zeros(16), S, "No patient in the active arm."),
    (np.zeros(16), T, S, "No patient had the event: not estimable."),
    (np.ones(16), T, S, "Every patient had the event: not estimable."),
    (T * (np.arange(16) < 9), T, S, "No patient of the control arm had the event: the odds ratio is not estimable."),
    (1 - T * (np.arange(16) < 9), T, S, "Every patient of the control arm had the event"),
    (S.astype(float), T, S, "The estimates run to infinity (separation): not estimable."),
])
def test_what_cannot_be_estimated_has_a_reason_and_no_number(event, treatment, study, reason: str) -> None:
    found = effect(event, treatment, study, replicates=10)
    assert found.reason is not None and found.reason.startswith(reason), found
    assert {found.log_or, found.estimate, found.se, found.ci_high, found.ard, found.nnt, found.tau2} == {None}


def test_more_parameters_than_patients() -> None:
    rng = np.random.default_rng(0)
    found = effect([0.0, 1, 0, 1], [0.0, 1, 1, 0], [0, 0, 1, 1], covariates=rng.normal(size=(4, 1)))
    assert found.reason == "4 patients are too few for a model of 4 parameters."


def test_a_separating_covariate_is_not_estimable() -> None:
    event, treatment, study = patients(n=60)
    found = effect(event, treatment, study, covariates=event)
    assert found.estimate is None and "not estimable" in found.reason


def test_no_number_is_nan() -> None:
    found = effect(*patients(n=40, k=3), replicates=50)
    values = [getattr(found, field.name) for field in fields(found)]
    assert all(np.isfinite(value) for value in values if isinstance(value, float))


def test_swapped_arms_and_outcomes_invert_the_odds_ratio() -> None:
    event, treatment, study = patients()
    found = effect(event, treatment, study)
    for turned in (effect(event, 1 - treatment, study), effect(1 - event, treatment, study)):
        assert turned.log_or == pytest.approx(-found.log_or, abs=1e-6)
        assert turned.ci_low == pytest.approx(1 / found.ci_high, rel=1e-6)
        assert turned.tau2 == pytest.approx(found.tau2, rel=1e-5)


def test_order_of_patients_does_not_matter() -> None:
    event, treatment, study = patients()
    order = np.random.default_rng(4).permutation(300)
    a, b = effect(event, treatment, study, replicates=30), effect(event[order], treatment[order], study[order],
                                                                 replicates=30)
    assert (a.log_or, a.se, a.ard_low, a.ard_high) == (b.log_or, b.se, b.ard_low, b.ard_high)


@pytest.mark.parametrize(("ard", "low", "high", "text"), [
    (0.2, 0.1, 0.25, "NNTB 5.0 (NNTB 4.0 to 10.0)"),
    (-0.2, -0.25, -0.1, "NNTH 5.0 (NNTH 4.0 to 10.0)"),
    (0.1, -0.05, 0.25, "NNTB 10.0 (NNTB 4.0 to infinity to NNTH 20.0)"),
    (-0.02, -0.05, 0.01, "NNTH 50.0 (NNTB 100.0 to infinity to NNTH 20.0)"),
    (0.1, 0.0, 0.2, "NNTB 10.0 (NNTB 5.0 to infinity)"),
    (0.0, -0.1, 0.1, "no difference (NNTB 10.0 to infinity to NNTH 10.0)"),
])
def test_number_needed_in_words(ard: float, low: float, high: float, text: str) -> None:
    assert number_needed_text(ard, low, high) == text


def test_studies_of_one_patient_each_have_no_estimate() -> None:
    arm = np.tile([0.0, 1.0], 40)
    event = np.tile([0.0, 1.0, 1.0, 0.0, 1.0], 16)
    found = treatment_effect(event, arm, np.arange(80), replicates=0, stream=lambda i: np.random.default_rng(i))
    assert found.estimate is None
    assert found.reason is not None and "one patient" in found.reason
