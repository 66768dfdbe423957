"""The classics of mixed models: look-alikes of sleepstudy, cbpp and grouseticks drawn by R, the originals where R is, and the
pools of metafor.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.models import heterogeneity, small_studies, two_stage
from core.models.criterion import Slope, Structure
from core.models.linear_mixed import PUBLISHED, RECOMMENDED, Fitted, fit
from core.models.logistic_likelihood import cells
from core.models.logistic_mixed import best, fit_logistic, profile_limits
from core.models.moments import from_rows
from core.models.study_effects import predict, study_effects
from core.models.variance_limits import variance_interval
from tests.core.models.test_published_references import compare, compare_tests
from tests.reference_data import REFERENCE, codes, generated_rows, numbers, output

SLOPES = {"correlated": Structure(Slope("x"), correlated=True), "independent": Structure(Slope("x"))}


def classic(name: str) -> list[dict[str, str]]:
    with (REFERENCE / "generated_classics" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def from_lme4(name: str, folder: Path) -> list[dict[str, str]]:
    """A data set of the R package lme4; skipped where R or lme4 is not."""
    path = folder / f"{name}.csv"
    call = f'write.csv(lme4::{name}, "{path}", row.names = FALSE)'
    if shutil.which("Rscript") is None or subprocess.run(["Rscript", "-e", call], capture_output=True).returncode:
        pytest.skip("NOT COMPARED with lme4's own data sets: R with lme4 is not here")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def compare_slopes(x: np.ndarray, y: np.ndarray, study: np.ndarray, reference: dict[str, Any]) -> None:
    for name, structure in SLOPES.items():
        theirs = reference[name]
        for kind in ("reml", "ml"):
            ours = fit(from_rows({"x": x, "y": y}, study), "y", ["x"], structure, reml=kind == "reml", treatment="")
            assert isinstance(ours, Fitted)
            compare(ours, theirs, kind)
            assert ours.record.slope_var == pytest.approx(theirs[kind]["slope_var"], rel=1e-4)
            if name == "correlated":
                assert ours.record.covariance == pytest.approx(theirs[kind]["covariance"], rel=2e-3)
            if kind == "reml":
                compare_tests(ours, theirs)
                limits = {part: variance_interval(ours, part) for part in ("tau2", "slope_var", "sigma2")}
        stuck = theirs["lme4_limits"]  # confint interpolates: four digits
        for part, label in (("tau2", "sd_(Intercept)|study"), ("slope_var", "sd_x|study"), ("sigma2", "sigma")):
            assert [limits[part].low ** 0.5, limits[part].high ** 0.5] == pytest.approx(stuck[label], rel=2e-4)
        for part, found in theirs.get("variance_limits", {}).items():
            assert (limits[part].low, limits[part].high) == pytest.approx(tuple(found), rel=1e-4)


def test_reactions() -> None:
    rows = classic("reactions")
    x, y = (numbers(rows, name) for name in list(rows[0])[-2:]) if "x" not in rows[0] else (numbers(rows, "x"), numbers(rows, "y"))
    compare_slopes(x, y, codes(rows, "study"), output("generated_classics")["reactions"])


def test_bates_2015_sleepstudy(tmp_path: Path) -> None:
    """J Stat Softw 67: 251.405 and 10.467, SDs 24.741 and 5.922, correlation .066, residual 25.592."""
    rows = from_lme4("sleepstudy", tmp_path)
    x, y, study = numbers(rows, "Days"), numbers(rows, "Reaction"), codes(rows, "Subject")
    compare_slopes(x, y, study, output("sleepstudy")["sleepstudy"])
    ours = fit(from_rows({"x": x, "y": y}, study), "y", ["x"], SLOPES["correlated"], treatment="")
    assert isinstance(ours, Fitted)
    record = ours.record
    assert record.beta == pytest.approx([251.405, 10.467], abs=5e-4)
    assert record.tau2 is not None and record.slope_var is not None and record.covariance is not None
    spread = [record.tau2 ** 0.5, record.slope_var ** 0.5, record.sigma2 ** 0.5]
    assert spread == pytest.approx([24.741, 5.922, 25.592], abs=1e-3)
    assert record.covariance / (spread[0] * spread[1]) == pytest.approx(0.066, abs=5e-4)


def compare_logistic(event: np.ndarray, covariates: np.ndarray, study: np.ndarray, reference: dict[str, Any]) -> None:
    for approximation in ("laplace", "quadrature15"):
        theirs = reference[approximation]
        ours = fit_logistic(event, covariates, study, quadrature=theirs["nodes"])
        # glmer itself is 2e-6 off in its deviance, and its tau2 with it
        assert -2 * ours.loglik == pytest.approx(theirs["deviance"], abs=1e-5)
        assert ours.beta == pytest.approx(theirs["beta"], abs=2e-5)
        assert ours.tau2 == pytest.approx(theirs["tau2"], rel=2e-4)
        assert np.sqrt(np.diag(ours.cov)) == pytest.approx(theirs["se"], rel=2e-4)
        data = cells(event, covariates, study)
        at, _ = best(data, theirs["nodes"])
        assert at is not None
        for term, limits in theirs["limits"].items():
            place = theirs["terms"].index(term)
            assert profile_limits(data, at, ours, place, 0.95) == pytest.approx(tuple(limits), abs=2e-4)


@pytest.mark.parametrize(("name", "columns"), [("herds", ("period2", "period3", "period4")), ("broods", ("year96", "year97", "height"))])
def test_logistic_classics(name: str, columns: tuple[str, ...]) -> None:
    event, covariates, study = patients_of(classic(name), columns)
    compare_logistic(event, covariates, study, output("generated_classics")[name])


def test_lesnoff_cbpp(tmp_path: Path) -> None:
    """lme4's example of glmer: incidence of contagious bovine pleuropneumonia in 15 herds."""
    rows = [row | {"study": row["herd"], "cases": row["incidence"]} for row in from_lme4("cbpp", tmp_path)]
    event, covariates, study = patients_of(rows, ("period2", "period3", "period4"))
    compare_logistic(event, covariates, study, output("sleepstudy")["cbpp"])


def patients_of(rows: list[dict[str, str]], columns: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(event, covariates, study), counts written out as patients; factor columns as 0 and 1."""
    def value(row: dict[str, str], column: str) -> float:
        if column in row:
            return float(row[column])
        factor = column.rstrip("0123456789")
        return float(row[factor] == column.removeprefix(factor))

    table = np.array([[value(row, column) for column in columns] for row in rows])
    study = codes(rows, "study")
    if "event" in rows[0]:
        return numbers(rows, "event"), table, study
    events, trials = numbers(rows, "cases").astype(int), numbers(rows, "size").astype(int)
    event = np.concatenate([np.repeat([1.0, 0.0], [e, t - e]) for e, t in zip(events, trials, strict=True)])
    return event, np.repeat(table, trials, axis=0), np.repeat(study, trials)


EFFECTS = output("study_effects")


@pytest.mark.parametrize("model", ["published", "recommended", "published_moderator", "recommended_moderator"])
@pytest.mark.parametrize("dataset", EFFECTS["datasets"])
def test_conditional_effects_and_predictions(dataset: str, model: str) -> None:
    theirs = EFFECTS["datasets"][dataset][model]
    rows = [row for row in generated_rows("generated_linear") if row["dataset"] == dataset]
    treatment, x = numbers(rows, "T"), numbers(rows, "x")
    columns = {"treatment": treatment, "x": x, "Tx": treatment * x} if "moderator" in model else {"treatment": treatment}
    study = np.array([int(row["study"]) for row in rows])
    ours = fit(from_rows(columns | {"y": numbers(rows, "y")}, study), "y", list(columns),
               RECOMMENDED if "recommended" in model else PUBLISHED)
    assert isinstance(ours, Fitted)
    effects = study_effects(ours)
    order = [effects.studies.index(int(code)) for code in theirs["studies"]]
    values, variances = np.array(theirs["values"]), np.array(theirs["variances"])
    scale = np.sqrt(ours.record.sigma2)
    np.testing.assert_allclose(effects.intercept[order], values[:, 0], rtol=1e-4, atol=2e-5 * scale)
    np.testing.assert_allclose(effects.intercept_se[order] ** 2, variances[:, 0], rtol=1e-3, atol=2e-5 * scale ** 2)
    if effects.slope is not None and effects.slope_se is not None:
        np.testing.assert_allclose(effects.slope[order], values[:, 1], rtol=1e-4, atol=2e-5 * scale)
        np.testing.assert_allclose(effects.slope_se[order] ** 2, variances[:, 1], rtol=1e-3, atol=2e-5 * scale ** 2)
    at_t, at_x = (np.array([row[name] for row in EFFECTS["rows"]], dtype=float) for name in ("T", "x"))
    found = predict(ours, {"treatment": at_t, "x": at_x, "Tx": at_t * at_x})
    np.testing.assert_allclose(found.mean, theirs["predictions"], rtol=1e-6)
    np.testing.assert_allclose(found.se, theirs["prediction_se"], rtol=1e-5)


POOLS = output("two_stage")["sets"]


@pytest.mark.parametrize("method", ["reml", "dl", "pm"])
@pytest.mark.parametrize("name", POOLS)
def test_pools_of_metafor(name: str, method: two_stage.PoolMethod) -> None:
    one = POOLS[name]
    theirs, ours = one[method], two_stage.pool(one["estimates"], one["ses"], method)
    assert (ours.estimate, ours.se, ours.q) == pytest.approx((theirs["estimate"], theirs["se"], theirs["q"]), rel=1e-7)
    assert ours.tau2 == pytest.approx(theirs["tau2"], rel=1e-6, abs=1e-9)
    assert ours.i2 == pytest.approx(theirs["i2"], rel=1e-6, abs=1e-6)
    assert (ours.wald_low, ours.wald_high) == pytest.approx(tuple(theirs["wald"]), rel=1e-7)
    assert (ours.ci_low, ours.ci_high) == pytest.approx(tuple(theirs["hartung_knapp"]), rel=1e-6)
    assert ours.p == pytest.approx(theirs["hartung_knapp_p"], rel=1e-6)
    assert ours.weights == pytest.approx(tuple(theirs["weights"]), rel=1e-6)
    if theirs["prediction"] is None:
        assert ours.prediction_low is None
    else:
        assert (ours.prediction_low, ours.prediction_high) == pytest.approx(tuple(theirs["prediction"]), rel=1e-6)


@pytest.mark.parametrize("name", POOLS)
def test_spread_leave_one_out_and_egger_of_metafor(name: str) -> None:
    one = POOLS[name]
    for theirs, ours in ((one["q_profile"], heterogeneity.q_profile(one["estimates"], one["ses"])),
                         (one["profile_likelihood"], heterogeneity.profile_limits(one["estimates"], one["ses"]))):
        if theirs is None or theirs["tau2"] is None:
            continue
        assert (ours.tau2_low, ours.tau2_high) == pytest.approx(tuple(theirs["tau2"]), rel=1e-5, abs=1e-8)
        assert (ours.i2_low, ours.i2_high) == pytest.approx(tuple(theirs["i2"]), rel=1e-5, abs=1e-6)
    if one["leave_one_out"] is not None:
        without = two_stage.leave_one_out(one["estimates"], one["ses"])
        assert [pool.estimate for pool in without] == pytest.approx(one["leave_one_out"]["estimate"], rel=1e-6)
    found = small_studies.egger(one["estimates"], one["ses"])
    if one["egger"] is None:
        assert found.reason is not None and one["k"] < 10
    else:
        egger = one["egger"]
        assert (found.t, found.df, found.p) == pytest.approx((egger["t"], egger["df"], egger["p"]), rel=1e-7)
        assert (found.limit, found.slope, found.se) == pytest.approx(
            (egger["intercept"], egger["slope"], egger["slope_se"]), rel=1e-7)
