"""A number as one line of R: the call that gives it from the exported folder's harmonized.csv.

`scale` takes the whole primary set as the analysis does, and `subset` is applied after it, so that a variant which
leaves patients out keeps the scale. R's optimizer stops a little earlier than ours: four figures agree, as a rule.
"""

from __future__ import annotations

import re
from typing import Literal

from core.plan import Include, Moderator, Outcome, Plan
from core.report.r_script import r_string
from core.results import MAIN, MainEffect, ModelName, ModeratorEffect, Results, Sensitivity, StudyEffect, TwoStage

PLAIN = re.compile(r"[A-Za-z.][A-Za-z0-9._]*")
VARIANTS = {"as analyzed": "", "random slope": "", "ANCOVA": "",
            "crossover trials excluded": "!crossover %in% 1",
            "converted scores excluded": '!score_origin %in% "converted"'}
"""Variants that are one call, with whom they keep; those without a study are as well."""
WITHOUT = "without "


def main_effect_line(effect: MainEffect, plan: Plan) -> str:
    """The estimate of a main effect; "" where there is none."""
    outcome = next((one for one in plan.every_outcome if one.name == effect.outcome), None)
    if outcome is None or effect.estimate is None:
        return ""
    if effect.scale == "odds_ratio":
        event = _event(outcome, effect.measure == "response")
        return f"exp({_logistic(event, plan, effect.k)})"
    if effect.measure == "ancova":
        return _linear(f"{_name(outcome.followup)} ~ {_arm(plan)} + {_name(outcome.baseline)}", plan, effect.model, 2,
                       effect.k)
    y = _outcome(outcome)
    return _linear(f"{f'scale({y})' if effect.scale == 'standardized' else y} ~ {_arm(plan)}", plan, effect.model, 2,
                   effect.k)


def moderator_line(row: ModeratorEffect, results: Results) -> str:
    """The interaction of a moderator with the treatment, of a categorical one that of a level; "" where no single call
    gives it.
    """
    plan = results.plan
    outcome = next((one for one in plan.outcomes if one.name == row.outcome), None)
    term, level = _term(row.moderator, plan), row.moderator.partition(":")[2]
    if outcome is None or row.beta is None or not term:
        return ""
    formula = f"scale({_outcome(outcome)}) ~ {_arm(plan)} * {term}"
    if not level:
        return _linear(formula, plan, row.model, 4, row.k)
    name = _name(row.moderator.split(":")[0])
    levels = ", ".join(r_string(one.moderator.partition(":")[2]) for one in results.moderators
                       if (one.outcome, one.model) == (row.outcome, row.model)
                       and one.moderator.startswith(f"{row.moderator.split(':')[0]}:"))
    kept = f"{name} %in% c({_most(name)}, {levels})"
    return _linear(formula, plan, row.model, f"{_arm(plan)}:{term}{level}", row.k, kept)


def sensitivity_line(row: Sensitivity, results: Results) -> str:
    """A row of the sensitivity board; "" where it is no call of its own."""
    plan = results.plan
    outcome = next((one for one in plan.outcomes if one.name == row.outcome), None)
    is_study = row.variant.startswith(WITHOUT)
    if outcome is None or row.estimate is None or not (is_study or row.variant in VARIANTS):
        return ""
    term, place = "", 2
    if row.target != MAIN:
        term, place = _term(row.target, plan), 4
        if not term or ":" in row.target:
            return ""
    kept = f"{_name(plan.columns.study)} != {r_string(row.variant.removeprefix(WITHOUT))}" if is_study else \
        VARIANTS[row.variant]
    arms = f"{_arm(plan)} * {term}" if term else _arm(plan)
    model: ModelName = "recommended" if row.variant == "random slope" else "published"
    if row.variant == "ANCOVA":
        place = place if not term else 5
        return _linear(f"{_name(outcome.followup)} ~ {arms} + {_name(outcome.baseline)}", plan, model, place, row.k)
    return _linear(f"scale({_outcome(outcome)}) ~ {arms}", plan, model, place, row.k, kept)


def pool_line(found: TwoStage, what: Literal["knha", "z"] = "knha") -> str:
    """The pool of two stages, by `knha` (Hartung-Knapp) or `z` (Wald)."""
    if found.estimate is None:
        return ""
    rows = (f'subset(read.csv("tables/two_stage.csv"), outcome == {r_string(found.outcome)} & measure == '
            f'{r_string(found.measure)} & scale == {r_string(found.scale)} & study != "pooled")')
    return f'rma(estimate, sei = se, data = {rows}, test = "{what}")'


def study_line(found: TwoStage, study: StudyEffect, plan: Plan) -> str:
    """A study's own difference with its Welch interval."""
    outcome = next((one for one in plan.every_outcome if one.name == found.outcome), None)
    if outcome is None or study.estimate is None:
        return ""
    y = _outcome(outcome)
    scaled = f"scale({y})" if found.scale == "standardized" else y
    own = f"{_name(plan.columns.study)} == {r_string(study.study)}"
    return (f"with({patients(plan)}, {{y <- {scaled}; t.test(y[{own} & {_arm(plan)} == 1], "
            f"y[{own} & {_arm(plan)} == 0])}})")


def patients(plan: Plan) -> str:
    """The primary set as R reads it from the exported table."""
    rules = " & ".join(("is.na(excluded)", *(part for rule in plan.include for part in _kept(rule))))
    return f'subset(read.csv("harmonized.csv", na.strings = "", check.names = FALSE), {rules})'


# --- parts ----------------------------------------------------------------------------------------------------------


def _linear(formula: str, plan: Plan, model: ModelName, which: int | str, k: int, kept: str = "") -> str:
    """One coefficient of a linear model, by its place or its name; `kept`: whom a variant keeps."""
    subset = f", subset = {kept}" if kept else ""
    study = _name(plan.columns.study)
    if k < 2:
        found = f"coef(lm({formula}, {patients(plan)}{subset}))"
    else:
        slope = f" + (0 + I({_arm(plan)} - 0.5) | {study})" if model == "recommended" else ""
        found = f"fixef(lmer({formula} + (1 | {study}){slope}, {patients(plan)}{subset}))"
    return f"{found}[{which if isinstance(which, int) else r_string(which)}]"


def _logistic(event: str, plan: Plan, k: int) -> str:
    study = _name(plan.columns.study)
    if k < 2:
        return f"coef(glm({event} ~ {_arm(plan)}, binomial, {patients(plan)}))[2]"
    return (f"fixef(glmer({event} ~ {_arm(plan)} + (1 | {study}), {patients(plan)}, binomial, "
            f"nAGQ = {plan.model.quadrature}))[2]")


def _outcome(outcome: Outcome) -> str:
    """Percent improvement, or the ready value."""
    if outcome.value is not None:
        return _name(outcome.value)
    return f"I(100 * (1 - {_name(outcome.followup)} / {_name(outcome.baseline)}))"


def _event(outcome: Outcome, is_response: bool) -> str:
    if is_response:
        return f"I(100 * (1 - {_name(outcome.followup)} / {_name(outcome.baseline)}) >= {outcome.response:g})"
    return f"I({_name(outcome.followup)} <= {outcome.remission:g})"


def _most(name: str) -> str:
    """The most frequent level of a column."""
    return f"names(which.max(table({name})))"


def _term(moderator: str, plan: Plan) -> str:
    chosen: Moderator | None = next((one for one in plan.moderators if one.name == moderator.split(":")[0]), None)
    if chosen is None:
        return ""
    name = _name(chosen.name)
    if chosen.kind == "categorical":
        return f"relevel(factor({name}), {_most(name)})" if ":" in moderator else ""
    if chosen.kind == "binary":
        return name
    return f"scale(log(replace({name}, {name} <= 0, NA)))" if chosen.transform == "log" else f"scale({name})"


def _kept(rule: Include) -> list[str]:
    """Conditions of one rule on rows."""
    name = _name(rule.column)
    found = [] if rule.equals is None else [f"{name} %in% {_value(rule.equals)}"]
    if rule.in_ is not None:
        found.append(f"{name} %in% c({', '.join(_value(value) for value in rule.in_)})")
    found += [f"{name} >= {rule.min:g}"] if rule.min is not None else []
    return found + ([f"{name} <= {rule.max:g}"] if rule.max is not None else [])


def _value(value: str | float | int | bool) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return r_string(value) if isinstance(value, str) else f"{value:g}"


def _arm(plan: Plan) -> str:
    return _name(plan.columns.arm)


def _name(column: str | None) -> str:
    """A column in a call of R, in backticks where its name is not plain."""
    text = column or ""
    return text if PLAIN.fullmatch(text) else "`" + text.replace("\\", "\\\\").replace("`", "\\`") + "`"
