"""The effect of the active arm on every outcome: improvement, response, remission, ANCOVA, each by its models.

METHODS sections 2, 5, 6 and 11. Each analysis is a `Task` of its own, so that they can run side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from core.cohort import Cohort, OutcomeValues
from core.models import heterogeneity, linear_mixed, logistic_mixed, small_studies, two_stage
from core.models.streams import stream
from core.moderators.interactions import interaction
from core.plan import Plan
from core.progress import Progress, silent
from core.results import NOT_ASKED, MainEffect, Measure, ModelName, ScaleName, StudyEffect, TwoStage

LEVEL = 0.95
MODELS: tuple[ModelName, ...] = ("published", "recommended")


@dataclass(frozen=True)
class Task:
    """One analysis to run: a measure of an outcome on a scale, by a model; "two_stage" pools studies' own effects."""

    outcome: int
    """Index into every outcome of the cohort, as of the plan."""
    measure: Measure
    scale: ScaleName
    model: ModelName | Literal["two_stage"]

    def __str__(self) -> str:
        model = "two-stage" if self.model == "two_stage" else f"{self.model} model"
        return f"{self.measure.replace('_', ' ')}, {self.scale.replace('_', ' ')}, {model}"


def main_effect_tasks(cohort: Cohort) -> tuple[Task, ...]:
    """Every main effect the plan's outcomes allow, in the order of the table."""
    tasks: list[Task] = []
    for index, values in enumerate(cohort.outcomes):
        is_value = values.outcome.value is not None
        measure: Measure = "value" if is_value else "percent_improvement"
        # a ready value is analyzed as it stands, so raw leads; percent improvement is published standardized
        scales: tuple[ScaleName, ...] = ("raw", "standardized") if is_value else ("standardized", "raw")
        tasks += [Task(index, measure, scale, model) for scale in scales for model in MODELS]
        if values.response is not None:
            tasks.append(Task(index, "response", "odds_ratio", "published"))
        if values.remission is not None:
            tasks.append(Task(index, "remission", "odds_ratio", "published"))
        if values.baseline is not None:
            tasks += [Task(index, "ancova", "raw", model) for model in MODELS]
        tasks += [Task(index, measure, scale, "two_stage") for scale in scales]
    for index, values in enumerate(cohort.further, start=len(cohort.outcomes)):
        tasks += [Task(index, "ancova" if values.baseline is not None else "value", "raw", model) for model in MODELS]
    return tuple(tasks)


def run_task(cohort: Cohort, plan: Plan, task: Task, progress: Progress = silent) -> MainEffect | TwoStage:
    """One analysis. What cannot be estimated is a record with its reason."""
    values = cohort.every_outcome[task.outcome]
    if task.model == "two_stage":
        return two_stage_effect(cohort, values, task.measure, task.scale)
    if task.measure in ("response", "remission"):
        return _event_effect(cohort, values, task.measure, plan, progress)
    return _linear_main_effect(cohort, values, task, plan)


def response_values(values: OutcomeValues, measure: Measure, scale: ScaleName) -> np.ndarray:
    """What is regressed for a linear measure, (n,), NaN where missing."""
    if measure == "ancova":
        assert values.followup is not None
        return np.where(values.has, values.followup, np.nan)
    return values.standardized if scale == "standardized" else values.primary


@dataclass(frozen=True)
class LinearQuestion:
    """A treatment effect asked for: on y (n,), missing values left out, with or without a baseline (n,) beside it.

    With `terms` of a moderator, name -> (n,), it is how the effect changes with the first of them.
    """

    y: np.ndarray
    random_slope: bool = False
    baseline: np.ndarray | None = None
    terms: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class LinearAnswer:
    """The effect, who it rests on, boolean (n,), the columns and studies it was estimated from, and which is its."""

    estimate: linear_mixed.LinearEstimate
    used: np.ndarray
    columns: Mapping[str, ArrayLike]
    study: np.ndarray
    term: str = linear_mixed.TREATMENT


def fit_linear(cohort: Cohort, asked: LinearQuestion, plan: Plan) -> LinearAnswer:
    """The treatment effect asked for, by the plan's methods."""
    y, baseline = asked.y, asked.baseline
    needed = [y, *([] if baseline is None else [baseline]), *asked.terms.values()]
    used = ~np.isnan(np.array(needed)).any(axis=0)
    treatment, study = cohort.treatment[used], cohort.study[used]
    columns = linear_mixed.effect_columns(y[used], treatment, None if baseline is None else baseline[used])
    columns |= {name: values[used] for name, values in asked.terms.items()}
    columns |= {interaction(name): values[used] * treatment for name, values in asked.terms.items()}
    term = interaction(next(iter(asked.terms))) if asked.terms else linear_mixed.TREATMENT
    estimate = linear_mixed.coefficient(columns, study, term, random_slope=asked.random_slope,
                                        df=plan.model.df, ci=plan.model.ci, level=LEVEL)
    return LinearAnswer(estimate, used, columns, study, term)


def asked_of(cohort: Cohort, row: MainEffect) -> LinearQuestion | None:
    """What a row of the table answers; None where it is of a logistic model."""
    if row.scale == "odds_ratio":
        return None
    values = next(one for one in cohort.every_outcome if one.outcome.name == row.outcome)
    return _question(values, row.measure, row.scale, row.model)


def _question(values: OutcomeValues, measure: Measure, scale: ScaleName, model: str) -> LinearQuestion:
    return LinearQuestion(response_values(values, measure, scale), model == "recommended",
                          values.baseline if measure == "ancova" else None)


def _linear_main_effect(cohort: Cohort, values: OutcomeValues, task: Task, plan: Plan) -> MainEffect:
    assert task.model != "two_stage"
    found = fit_linear(cohort, _question(values, task.measure, task.scale, task.model), plan)
    estimate, used = found.estimate, found.used
    if values.has.any() and not used.any():
        estimate = replace(estimate, reason="The outcome is the same for every patient, so it has no standard scale.")
    return MainEffect(
        outcome=values.outcome.name, measure=task.measure, scale=task.scale, model=task.model,
        **counts(cohort, used),
        **estimate.cells(), tau2=estimate.tau2, slope_var=estimate.slope_var, sigma2=estimate.sigma2,
        boundary=" ".join(estimate.boundary), engines_note=NOT_ASKED,
        note=estimate.reason or estimate.note, level=LEVEL, method=_method(estimate, plan))


class Counts(TypedDict):
    """Sizes of an analysis, as the records name them."""

    n: int
    k: int
    n_active: int
    n_control: int


def counts(cohort: Cohort, used: np.ndarray) -> Counts:
    """n, k and the sizes of the arms among the patients used, boolean (n,)."""
    treatment = cohort.treatment[used]
    return {"n": int(used.sum()), "k": len(np.unique(cohort.study[used])),
            "n_active": int((treatment == 1).sum()), "n_control": int((treatment == 0).sum())}


def _method(estimate: linear_mixed.LinearEstimate, plan: Plan) -> str:
    if estimate.fit is None:
        return ""
    if estimate.fit.method == "OLS":
        return "OLS, t interval"
    df = {"satterthwaite": "Satterthwaite", "kenward_roger": "Kenward-Roger"}[plan.model.df]
    return f"REML, {df}, " + {"profile": "profile-likelihood interval", "t": "t interval"}[plan.model.ci]


def _event_effect(cohort: Cohort, values: OutcomeValues, measure: Measure, plan: Plan,
                  progress: Progress) -> MainEffect:
    events = values.response if measure == "response" else values.remission
    assert events is not None
    used = ~np.isnan(events)
    key = ("ard", values.outcome.name, measure, patients_key(cohort, used, plan))
    found = logistic_mixed.treatment_effect(
        events[used], cohort.treatment[used], codes_by_name(cohort)[used], quadrature=plan.model.quadrature,
        level=LEVEL, replicates=plan.bootstrap.replicates, stream=lambda replicate: stream(plan.seed, *key, replicate),
        progress=progress)
    return MainEffect(
        outcome=values.outcome.name, measure=measure, scale="odds_ratio", model="published", **counts(cohort, used),
        **found.cells(), tau2=found.tau2, marginal_or=found.marginal_or, risk_active=found.risk_active,
        risk_control=found.risk_control, ard=found.ard, ard_low=found.ard_low, ard_high=found.ard_high, nnt=found.nnt,
        nnt_low=found.nnt_low, nnt_high=found.nnt_high, boundary=" ".join(found.boundary),
        note=found.reason or _with_replicates(found), level=LEVEL,
        method=_event_method(plan) if found.reason is None else "",
        nnt_text=found.nnt_text, engines_note="Logistic models have no second engine.")


def _event_method(plan: Plan) -> str:
    nodes = plan.model.quadrature
    integral = f"adaptive Gauss-Hermite quadrature, {nodes} nodes" if nodes > 1 else "Laplace approximation"
    bootstrap = ("; risk difference by bootstrap of patients within study and arm, "
                 f"{plan.bootstrap.replicates} replicates" if plan.bootstrap.replicates else "")
    return f"Study-conditional odds ratio, {integral}; profile-likelihood interval{bootstrap}"


def _with_replicates(found: logistic_mixed.LogisticEstimate) -> str:
    """The note, with what became of the bootstrap where that was not all of it."""
    if not found.replicates:
        told = "No bootstrap replicates in the plan, so no interval of the risk difference."
    elif found.failed:
        told = f"{found.failed} of {found.replicates} bootstrap replicates have no estimate" + (
            "." if found.ard_low is not None else ", too many for an interval of the risk difference.")
    else:
        told = ""
    return f"{found.note} {told}".strip()


def codes_by_name(cohort: Cohort) -> np.ndarray:
    """Study codes (n,) in order of the names, so that no draw depends on the order of the studies in the table."""
    order = sorted(range(len(cohort.study_names)), key=lambda code: cohort.study_names[code])
    return np.argsort(order)[cohort.study]


def patients_key(cohort: Cohort, used: np.ndarray, plan: Plan) -> str:
    """Who is in an analysis, as text: keys the random streams (METHODS section 12).

    A table without a column of patients knows them by arm alone: the key must not depend on the order of the rows.
    """
    studies = [cohort.study_names[code] for code in cohort.study[used]]
    column = plan.columns.patient
    patients = (cohort.frame[column][used].astype(str) if column in cohort.frame
                else cohort.treatment[used].astype(int).astype(str))
    return "\n".join(sorted(f"{study}\t{patient}" for study, patient in zip(studies, patients, strict=True)))


def two_stage_effect(cohort: Cohort, values: OutcomeValues, measure: Measure, scale: ScaleName) -> TwoStage:
    """Per-study mean differences and their pool (METHODS section 11)."""
    y = response_values(values, measure, scale)
    used = ~np.isnan(y)
    studies = two_stage.study_differences(y[used], cohort.treatment[used], cohort.study[used])
    usable = {s.study: (s.estimate, s.se) for s in studies if s.estimate is not None and s.se is not None}
    effects, errors = [effect for effect, _ in usable.values()], [se for _, se in usable.values()]
    pooled = two_stage.pool(effects, errors)
    weights = dict(zip(usable, pooled.weights, strict=True)) if pooled.weights else {}
    nobody = two_stage.PooledEstimate(LEVEL, 0, "reml")
    others = dict(zip(usable, two_stage.leave_one_out(effects, errors), strict=True)) if len(usable) > 1 else {}
    rows = tuple(
        StudyEffect(cohort.study_names[s.study], s.n_active, s.n_control, s.estimate, s.se, weights.get(s.study),
                    s.reason or "", (rest := others.get(s.study, nobody)).estimate, rest.ci_low, rest.ci_high)
        for s in studies)
    spread, funnel = heterogeneity.q_profile(effects, errors, LEVEL), small_studies.egger(effects, errors)
    return TwoStage(
        outcome=values.outcome.name, measure=measure, scale=scale, studies=rows, k=len(usable),
        estimate=pooled.estimate, se=pooled.se, ci_low=pooled.ci_low, ci_high=pooled.ci_high,
        wald_low=pooled.wald_low, wald_high=pooled.wald_high, p=pooled.p, tau2=pooled.tau2, i2=pooled.i2, q=pooled.q,
        prediction_low=pooled.prediction_low, prediction_high=pooled.prediction_high, level=LEVEL,
        note=pooled.reason or pooled.note, tau2_low=spread.tau2_low, tau2_high=spread.tau2_high, i2_low=spread.i2_low,
        i2_high=spread.i2_high, egger_slope=funnel.slope, egger_p=funnel.p, egger_note=funnel.reason or "")
