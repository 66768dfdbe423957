"""Forest plot of one outcome: each study's own effect, their pool, and what the one-stage models give."""

from __future__ import annotations

from core.figures.interval_figure import interval_figure
from core.figures.interval_rows import Panel, Row
from core.figures.specification import FigureSpec, file_key
from core.labels import Labels, in_sentence
from core.models.tails import NORMAL_95
from core.results import MainEffect, Results, StudyEffect, TwoStage
from core.wording import (
    MEASURES,
    MODELS,
    NOTHING,
    THIN,
    count,
    decimals_of,
    estimate,
    interval,
    level,
    number,
    unit,
)


def study_forests(results: Results, labels: Labels) -> tuple[FigureSpec, ...]:
    """A forest for each two-stage analysis in which some study has an estimate."""
    return tuple(_spec(analysis, results, labels) for analysis in results.two_stage
                 if any(study.estimate is not None for study in analysis.studies))


def study_panel(analysis: TwoStage, one_stage: tuple[MainEffect, ...], labels: Labels) -> Panel:
    """Studies in their order, the pool, then the one-stage models."""
    digits = decimals_of([analysis])
    heaviest = max((study.weight or 0.0 for study in analysis.studies), default=0.0) or 1.0
    ordered = labels.in_order(analysis.studies, lambda one: one.study, lambda one: one.estimate,
                              lambda one: one.n_active + one.n_control)
    rows = [_study_row(study, heaviest, digits, labels) for study in ordered]
    rows += _pooled_rows(analysis, digits)
    rows += [_model_row(effect, digits) for effect in one_stage]
    measured = unit(analysis.measure, analysis.scale)
    is_value = analysis.measure == "value"
    what = "Difference" if is_value else "Difference in percent improvement"
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    return Panel(
        rows=tuple(rows), axis_label=f"{what} ({measured}), {active} {chr(0x2212)} {control}",
        lower="" if is_value else f"favors {control}", higher="" if is_value else f"favors {active}",
        before=(f"n {_short(labels.active)}\n/ {_short(labels.control)}",),
        after=(f"Estimate ({level(analysis.level)}{THIN}CI)", "Weight"))


def _short(label: str) -> str:
    name = in_sentence(label.removesuffix(" arm"))
    return name if len(name) <= 12 else f"{name[:11]}\N{HORIZONTAL ELLIPSIS}"


def _sizes(active: int, control: int) -> str:
    return f"{active} / {control}"


def _study_row(study: StudyEffect, heaviest: float, digits: int, labels: Labels) -> Row:
    low = high = None
    if study.estimate is not None and study.se is not None:
        low, high = study.estimate - NORMAL_95 * study.se, study.estimate + NORMAL_95 * study.se
    weight = NOTHING if study.weight is None else f"{number(study.weight, 1)}{THIN}%"
    return Row(labels.study(study.study), study.estimate, low, high, "square",
               (_sizes(study.n_active, study.n_control),),
               (estimate(study.estimate, low, high, digits) if study.estimate is not None else "no estimate", weight),
               (study.weight or 0.0) / heaviest)


def _pooled_rows(analysis: TwoStage, digits: int) -> list[Row]:
    if analysis.estimate is None:
        return [Row("Pool", after=("no estimate",), bold=True, rule_above=True)]
    sizes = _sizes(sum(s.n_active for s in analysis.studies), sum(s.n_control for s in analysis.studies))
    rows = []
    knapp = analysis.ci_low is not None
    if knapp:
        rows.append(Row("Pool, Hartung-Knapp", analysis.estimate, analysis.ci_low, analysis.ci_high, "diamond",
                        (sizes,), (estimate(analysis.estimate, analysis.ci_low, analysis.ci_high, digits),
                                f"100{THIN}%"), bold=True, rule_above=True))
    rows.append(Row("Pool, Wald", analysis.estimate, analysis.wald_low, analysis.wald_high, "circle", (),
                    (estimate(analysis.estimate, analysis.wald_low, analysis.wald_high, digits),),
                    rule_above=not knapp))
    if analysis.prediction_low is not None:
        rows.append(Row("Prediction, new study", None, analysis.prediction_low, analysis.prediction_high, "bar", (),
                        (interval(analysis.prediction_low, analysis.prediction_high, digits),)))
    if analysis.i2 is not None and analysis.tau2 is not None:
        q = f", Q {number(analysis.q, 1)}" if analysis.q is not None else ""
        rows.append(Row(f"I² {number(analysis.i2, 0)}{THIN}%, τ² {number(analysis.tau2, 3 if digits > 1 else 1)}{q}",
                        look="heading"))
    return rows


def _model_row(effect: MainEffect, digits: int) -> Row:
    text = estimate(effect.estimate, effect.ci_low, effect.ci_high, digits)
    return Row(f"{effect.model.capitalize()} model", effect.estimate, effect.ci_low, effect.ci_high,
               "circle", (_sizes(effect.n_active, effect.n_control),),
               (text if effect.estimate is not None else "no estimate",), rule_above=effect.model == "published")


def _spec(analysis: TwoStage, results: Results, labels: Labels) -> FigureSpec:
    one_stage = tuple(effect for effect in results.main_effects if effect.outcome == analysis.outcome
                      and effect.measure == analysis.measure and effect.scale == analysis.scale)
    panel = study_panel(analysis, one_stage, labels)
    key = file_key("forest", analysis.outcome, analysis.measure, analysis.scale)
    title = f"{_subject(analysis, labels)} by study, {unit(analysis.measure, analysis.scale)}"
    return interval_figure(key, title, _alt(analysis, one_stage, labels), [panel], "main effects")


def _subject(analysis: TwoStage, labels: Labels) -> str:
    """An outcome analyzed as it stands is its own measure."""
    outcome = labels.outcome(analysis.outcome)
    return outcome if analysis.measure == "value" else f"{MEASURES[analysis.measure]}, {in_sentence(outcome)},"


def _alt(analysis: TwoStage, one_stage: tuple[MainEffect, ...], labels: Labels) -> str:
    digits = decimals_of([analysis])
    name, measured = in_sentence(_subject(analysis, labels)).rstrip(","), unit(analysis.measure, analysis.scale)
    text = f"Forest plot of {name}, in {measured}: " \
           f"{count(len(analysis.studies), 'study', 'studies')}"
    known = [study for study in analysis.studies if study.estimate is not None]
    if known:
        low, high = (pick(known, key=lambda s: s.estimate or 0.0) for pick in (min, max))
        text += (f", effects from {number(low.estimate, digits)} ({labels.study(low.study)}) to "
                 f"{number(high.estimate, digits)} ({labels.study(high.study)})")
    if analysis.estimate is not None:
        text += f". Two-stage pool {estimate(analysis.estimate, analysis.ci_low, analysis.ci_high, digits)}"
    for effect in one_stage:
        text += f"; one-stage, {in_sentence(MODELS[effect.model])} " \
                f"{estimate(effect.estimate, effect.ci_low, effect.ci_high, digits)}"
    return text + "."
