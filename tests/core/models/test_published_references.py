"""Published numbers of real data, by author and year: printed to their digits, and R's rerun to 1e-6.

The printed number, where it stands, and R's rerun come from each reference's output.json (`numbers`). Where data have no studies
the patient takes their place: any grouping factor is one to the engine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.models import two_stage
from core.models.criterion import Slope, Structure
from core.models.linear_mixed import Fitted, effect_of, fit
from core.models.logistic_mixed import fit_logistic
from core.models.moments import from_rows
from core.models.residual_by_study import estimate_by_study
from tests.core.models.test_linear_references import compare_pool
from tests.reference_data import codes, facial_feedback, numbers, output, shared_rows

INTERCEPT = {"(Intercept)": "(intercept)"}


def printed(reference: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows with a published number."""
    return [row for row in reference["numbers"] if row["published_est"] is not None]


def as_printed(value: float, theirs: float) -> bool:
    """Whether a number rounds to what was printed."""
    digits = len(f"{theirs:.10g}".partition(".")[2])
    return abs(value - theirs) <= 0.5000001 * 10.0 ** -digits


def fitted(columns: dict[str, np.ndarray], study: np.ndarray, structure: Structure = Structure(), *,  # noqa: B008
           reml: bool = True) -> Fitted:
    found = fit(from_rows(columns, study), "y", [name for name in columns if name != "y"], structure, reml=reml, treatment="T")
    assert isinstance(found, Fitted), found
    return found


def compare(ours: Fitted, theirs: dict[str, Any], kind: str = "reml") -> None:
    """Coefficients, errors, variances and deviance of one fit."""
    places = {INTERCEPT.get(term, term): place for place, term in enumerate(theirs["terms"])}
    reference = theirs[kind]
    errors = np.sqrt(np.diag(ours.record.cov))
    for here, term in enumerate(ours.model.terms):
        there = places[term]
        assert ours.record.beta[here] == pytest.approx(reference["beta"][there], rel=1e-6, abs=1e-6 * errors[here])
        assert errors[here] == pytest.approx(np.sqrt(reference["cov"][there][there]), rel=2e-6)
    assert ours.record.deviance == pytest.approx(reference["deviance"], abs=1e-6)
    assert ours.record.sigma2 == pytest.approx(reference["sigma2"], rel=1e-5)
    if reference["tau2"] is not None:
        assert ours.record.tau2 == pytest.approx(reference["tau2"], rel=1e-4)


def compare_tests(ours: Fitted, theirs: dict[str, Any]) -> None:
    """Degrees of freedom by both methods, and the profile limits of the term of interest."""
    places = {INTERCEPT.get(term, term): place for place, term in enumerate(theirs["terms"])}
    for method, tolerance in (("satterthwaite", 1e-3), ("kenward_roger", 1e-2)):
        for term in ours.model.terms if theirs[method] else ():
            found = effect_of(ours, term, df=method, ci="t")  # type: ignore[arg-type]
            assert found is not None and found.df == pytest.approx(theirs[method]["df"][places[term]], rel=tolerance)
    found = effect_of(ours, theirs["term"])
    assert found is not None and found.interval is not None and found.se is not None
    assert (found.interval.low, found.interval.high) == pytest.approx(theirs["limits"], abs=1e-4 * found.se)


def test_hothorn_2014_beat_the_blues() -> None:
    """HSAUR3, vignette on longitudinal data I, Fig 13.2: a fit by maximum likelihood."""
    reference = output("hothorn_2014_beat_the_blues")
    rows = shared_rows("btheb_beat_the_blues.csv")
    long = [(row, month, row[f"bdi.{month}m"]) for month in (2, 3, 5, 8) for row in rows if row[f"bdi.{month}m"] not in ("", "NA")]
    columns = {"pre": [float(row["bdi.pre"]) for row, _, _ in long], "time": [month for _, month, _ in long],
               "T": [row["treatment"] == "BtheB" for row, _, _ in long], "drug": [row["drug"] == "Yes" for row, _, _ in long],
               "length": [row["length"] == ">6m" for row, _, _ in long], "y": [float(y) for _, _, y in long]}
    table = {name: np.array(values, dtype=float) for name, values in columns.items()}
    study = np.array([int(row["subject"]) for row, _, _ in long])
    ml, reml = fitted(table, study, reml=False), fitted(table, study)
    compare(ml, reference["model"], "ml")
    compare(reml, reference["model"])
    compare_tests(reml, reference["model"])
    names = {"(Intercept)": "(intercept)", "bdi.pre": "pre", "time": "time", "treatmentBtheB": "T", "drugYes": "drug",
             "length>6m": "length"}
    assert len(printed(reference)) == 8
    for row in printed(reference):
        if row["term"].startswith("var("):
            ours = ml.record.tau2 if "subject" in row["term"] else ml.record.sigma2
            assert as_printed(ours, row["published_est"])
            continue
        place = ml.place(names[row["term"]])
        assert as_printed(ml.record.beta[place], row["published_est"])
        assert as_printed(np.sqrt(ml.record.cov[place, place]), row["published_se"])


def test_galecki_2013_macular_degeneration() -> None:
    """Galecki & Burzykowski 2013, model M16.1, panel R16.1."""
    reference = output("galecki_2013_armd")
    rows = shared_rows("armd_long_867.csv")
    treatment, time = np.array([row["treat.f"] == "Active" for row in rows], dtype=float), numbers(rows, "time")
    table = {"visual0": numbers(rows, "visual0"), "time": time, "T": treatment, "time:T": time * treatment,
             "y": numbers(rows, "visual")}
    ours = fitted(table, codes(rows, "subject"))
    compare(ours, reference["model"])
    compare_tests(ours, reference["model"])
    names = {"(Intercept)": "(intercept)", "visual0": "visual0", "time": "time", "treat.fActive": "T", "time:treat.fActive": "time:T"}
    for row in printed(reference):
        if row["term"] in names:
            place = ours.place(names[row["term"]])
            assert as_printed(ours.record.beta[place], row["published_est"])
            assert as_printed(np.sqrt(ours.record.cov[place, place]), row["published_se"])
        else:
            value = {"var(subject)": ours.record.tau2, "var(residual)": ours.record.sigma2,
                     "REML logLik": ours.record.loglik}[row["term"]]
            assert as_printed(value, row["published_est"])


def test_senn_2002_crossover() -> None:
    """Cross-over Trials, chapter 3: formoterol less salbutamol, 46.6 (SE 10.8), t on 11 df."""
    reference = output("senn_2002_crossover")
    rows = shared_rows("crossover_senn_asthma_long.csv")
    table = {"T": np.array([row["treatment"] == "for" for row in rows], dtype=float), "period": numbers(rows, "period"),
             "y": numbers(rows, "pef")}
    ours = fitted(table, codes(rows, "subject"))
    compare(ours, reference["model"])
    compare_tests(ours, reference["model"])
    found = effect_of(ours, "T", ci="t")
    assert found is not None and found.interval is not None
    assert (found.value, found.df) == pytest.approx((46.607143, 11.0), rel=1e-6)
    assert found.se == pytest.approx(10.77673, rel=2e-5)  # with lme4's default optimizer; at its optimum as ours, above
    assert (found.interval.low, found.interval.high) == pytest.approx((22.88767, 70.32661), rel=2e-5)
    assert found.p == pytest.approx(0.00121, abs=6e-6)  # the same


def test_vickers_2004_acupuncture() -> None:
    """BMJ 328:744, abstract: 4.6 (2.2 to 7.0) points fewer, P = 0.0002; 22.3 (SD 17.0, n 140) and 16.2 (13.7, 161)."""
    reference = output("vickers_2004_acupuncture")
    rows = [row for row in shared_rows("acupuncture_headache_long.csv") if row["time"] == "12" and row["head"] not in ("", "NA")]
    table = {"T": numbers(rows, "treat") - 1} | {
        name: numbers(rows, name) for name in ("head_base", "age", "sex", "migraine", "chronicity")} | {"y": numbers(rows, "head")}
    for arm, (mean, spread, n) in {0: (22.3, 17.0, 140), 1: (16.2, 13.7, 161)}.items():
        y = table["y"][table["T"] == arm]
        assert as_printed(y.mean(), mean) and as_printed(y.std(ddof=1), spread) and len(y) == n
    ours = fitted(table, np.zeros(len(rows), dtype=int))
    theirs = reference["ancova"]
    np.testing.assert_allclose(ours.record.beta, theirs["beta"], rtol=1e-8)
    np.testing.assert_allclose(np.diag(ours.record.cov), np.diag(np.array(theirs["cov"])), rtol=1e-8)
    found = effect_of(ours, "T")
    assert found is not None and found.interval is not None
    assert (found.df, found.p) == pytest.approx((theirs["df"], theirs["p"][1]), rel=1e-8)
    assert [found.interval.low, found.interval.high] == pytest.approx(theirs["limits"][1], rel=1e-8)
    # the abstract adjusts as here, on the 301 patients of the published data set
    assert as_printed(-found.value, 4.6) and as_printed(-found.interval.high, 2.2) and abs(found.interval.low + 7.0) < 0.1


def calcium(*, interaction: bool) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Papadimitropoulou's one-stage model: an intercept and a baseline slope of each study, treatment random."""
    rows = shared_rows("pseudoipd_calcium_9trials.csv")
    study, baseline, treatment = codes(rows, "study"), numbers(rows, "baseline"), numbers(rows, "group")
    means = np.array([baseline[study == code].mean() for code in range(9)])[study]
    table = {"T": treatment} | {f"study{code + 1}:xw": np.where(study == code, baseline - means, 0.0) for code in range(9)}
    if interaction:
        table |= {"xw:T": (baseline - means) * treatment, "T:xm": means * treatment}
    return table | {"y": numbers(rows, "followup")}, study


@pytest.mark.parametrize("model", ["stratified", "interaction"])
def test_papadimitropoulou_calcium_one_stage(model: str) -> None:
    """Their nlme stops a little short: its numbers (`published_settings`) have the lower likelihood."""
    reference = output("calcium_9trials")
    table, study = calcium(interaction=model == "interaction")
    ours = fitted(table, study, Structure(Slope("T", 0.5), stratified=True))
    compare(ours, reference[model])
    compare_tests(ours, reference[model])
    theirs = reference["published_settings"][model]
    assert ours.record.loglik > theirs["loglik"]
    terms = [theirs["terms"]] if isinstance(theirs["terms"], str) else theirs["terms"]
    for term, beta, se in zip(terms, np.atleast_1d(theirs["beta"]), np.atleast_1d(theirs["se"]), strict=True):
        name = {"xw:T": "xw:T", "T:xm": "T:xm", "T": "T"}[term]
        found = effect_of(ours, name, ci="t")
        assert found is not None and found.value == pytest.approx(beta, abs=0.02 * se)


@pytest.mark.parametrize("model", ["stratified_residuals", "interaction_residuals"])
def test_papadimitropoulou_calcium_residual_variances_by_study(model: str) -> None:
    """nlme with `varIdent`: -0.43191647 (SE 0.3727506), tau 0.7428, for the first."""
    reference = output("calcium_9trials")[model]
    table, study = calcium(interaction=model.startswith("interaction"))
    fixed = [name for name in table if name != "y"]
    for term in ("T", "xw:T") if "interaction" in model else ("T",):
        ours = estimate_by_study(from_rows(table, study), "y", fixed, term, Structure(Slope("T", 0.5), stratified=True),
                                 treatment="T", ci="t")
        assert ours.effect is not None and ours.loglik is not None
        place = reference["terms"].index(term)
        # nlme stops short of the optimum; `optimum` is where R's own optimizers come to from there
        for kind, tolerance in (("nlme", 3e-4), ("optimum", 1e-5)):
            theirs = reference[kind]
            se = np.sqrt(theirs["cov"][place][place])
            assert ours.loglik >= theirs["loglik"] - 1e-7
            assert ours.effect.value == pytest.approx(theirs["beta"][place], abs=tolerance * se)
            assert ours.effect.se == pytest.approx(se, rel=tolerance)
    if model == "stratified_residuals":
        assert (ours.effect.value, ours.effect.se) == pytest.approx((-0.43191647, 0.3727506), abs=3e-5)


def test_papadimitropoulou_calcium_two_stage_interaction() -> None:
    reference = output("calcium_9trials")
    studies = reference["per_study_interaction"]
    ours = two_stage.pool([one["estimate"] for one in studies], [one["se"] for one in studies])
    compare_pool(ours, reference["two_stage_interaction_wald"], reference["two_stage_interaction_hartung_knapp"])
    assert (ours.estimate, ours.se) == pytest.approx((0.0058327549, 0.01982609), rel=1e-6)


def test_wagenmakers_2016_intercepts_of_each_lab() -> None:
    """R's rerun with lab intercepts fixed: 0.01462863 (SE 0.07016901), slope variance 0."""
    y, treatment, study = facial_feedback()
    reference = output("facial_feedback_17labs")["lab_intercepts"]
    ours = fitted({"T": treatment, "y": y}, study, Structure(Slope("T", 0.5), stratified=True))
    compare(ours, reference)
    compare_tests(ours, reference)
    assert ours.record.slope_var == 0
    assert ours.record.beta[0] == pytest.approx(0.01462863, abs=1e-8)
    assert np.sqrt(ours.record.cov[0, 0]) == pytest.approx(0.07016901, abs=1e-8)


def test_hothorn_2014_respiratory_visits_pooled() -> None:
    """HSAUR3, vignette on longitudinal data II, Fig 14.3: ordinary logistic regression; exp(treatment) 3.666."""
    reference = output("respiratory_2centres")
    rows = shared_rows("respiratory_2centres_long.csv")
    baseline = {row["subject"]: row["status"] == "good" for row in rows if row["month"] == "0"}
    later = [row for row in rows if row["month"] != "0"]
    covariates = np.column_stack([
        [row["centre"] == "2" for row in later], [row["treatment"] == "treatment" for row in later],
        [row["gender"] == "male" for row in later], [baseline[row["subject"]] for row in later], numbers(later, "age") / 10])
    ours = fit_logistic([row["status"] == "good" for row in later], covariates, np.zeros(len(later), dtype=int))
    theirs = reference["glm_pooled"]
    np.testing.assert_allclose(ours.beta, theirs["beta"], rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(ours.cov)), theirs["se"], rtol=1e-6)
    assert as_printed(ours.beta[1], 0.6716) and as_printed(np.sqrt(ours.cov[1, 1]), 0.23957)
    assert as_printed(ours.beta[4], 1.88203) and as_printed(float(np.exp(ours.beta[2])), 3.666)


@pytest.mark.parametrize("model", ["glm", "laplace", "quadrature15"])
def test_psoriasis_trials_by_weight(model: str) -> None:
    """Two simulated trials in the likeness of UNCOVER-2 and -3: PASI 75 by treatment and weight."""
    reference = output("psoriasis_2trials")[model]
    rows = [row for row in shared_rows("plaque_psoriasis_ipd_sim.csv")
            if row["studyc"] in ("UNCOVER-2", "UNCOVER-3") and row["trtc"] in ("ETN", "IXE_Q2W") and row["weight"] not in ("", "NA")]
    study, weight = codes(rows, "studyc"), numbers(rows, "weight")
    weight = (weight - np.array([weight[study == code].mean() for code in (0, 1)])[study]) / 10
    treatment = np.array([row["trtc"] == "IXE_Q2W" for row in rows], dtype=float)
    columns = [treatment, weight, treatment * weight]
    if model == "glm":
        ours = fit_logistic(numbers(rows, "pasi75"), np.column_stack([study, *columns]), np.zeros(len(rows), dtype=int))
        assert (ours.beta[2], ours.beta[4]) == pytest.approx((2.3627058, 0.1697963), abs=1e-6)
    else:
        ours = fit_logistic(numbers(rows, "pasi75"), np.column_stack(columns), study, quadrature=reference["nodes"])
        assert ours.tau2 == pytest.approx(reference["tau2"], rel=1e-3)
    np.testing.assert_allclose(ours.beta, reference["beta"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(ours.cov)), reference["se"], rtol=1e-4)
