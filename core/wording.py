"""Numbers and effects in words: one form for figures, tables and the report (WINDOW sections 3 and 4)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from core.labels import Labels, in_sentence
from core.results import (
    COMPARISON_OF_EFFECTS,
    MAIN,
    Conversion,
    MainEffect,
    Measure,
    ModelName,
    ScaleName,
    Sensitivity,
    TwoStage,
)

MINUS, THIN, NOTHING = "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}", "\N{EN DASH}"

MEASURES: dict[Measure, str] = {
    "percent_improvement": "Percent improvement", "response": "Response", "remission": "Remission",
    "ancova": "Score adjusted for baseline", "value": "Value",
}
MODELS: dict[ModelName, str] = {"published": "As published", "recommended": "Recommended"}
CRITERIA = {"randomization": "Randomization", "allocation": "Allocation", "blinding_participants": "Blind participants",
            "blinding_assessors": "Blind assessors", "missing_data": "Missing data"}
"""Of the risk of bias, by key."""
REASONS: dict[str, str] = {
    "other_dose": "other dose", "other_drug": "other drug", "later_infusion": "later infusion",
    "duplicate": "duplicate", "no_baseline": "no usable baseline", "no_followup": "no follow-up in any window",
    "other": "other reason",
}
VARIANCES: dict[str, str] = {
    "tau2": "the variance between studies", "slope_var": "the variance of the effect between studies",
    "sigma2": "the variance within studies",
}


# --- numbers --------------------------------------------------------------------------------------------------------


def number(value: float | None, decimals: int = 2) -> str:
    """A number with a true minus; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:.{decimals}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", MINUS)


def column(values: Iterable[float | None], decimals: int | None = None) -> tuple[str, ...]:
    """Numbers of one column, all with the same decimals."""
    kept = tuple(values)
    digits = decimals_for(kept) if decimals is None else decimals
    return tuple(number(value, digits) for value in kept)


def decimals_for(values: Iterable[float | None]) -> int:
    """Decimals that show a column's typical value with three figures, at least 0 and at most 4."""
    sizes = sorted(abs(value) for value in values if value is not None and math.isfinite(value) and value != 0)
    if not sizes:
        return 2
    return min(4, max(0, 2 - math.floor(math.log10(sizes[len(sizes) // 2]))))


def interval(low: float | None, high: float | None, decimals: int = 2) -> str:
    """`(0.16, 0.77)`; a dash where there is none."""
    if low is None and high is None:
        return NOTHING
    return f"({number(low, decimals)}, {number(high, decimals)})"


def estimate(value: float | None, low: float | None, high: float | None, decimals: int = 2) -> str:
    """`0.47 (0.16, 0.77)`; the number alone where it has no interval."""
    if value is None or (low is None and high is None):
        return number(value, decimals)
    return f"{number(value, decimals)} {interval(low, high, decimals)}"


def p_value(p: float | None) -> str:
    """`0.023` or `< 0.001`."""
    if p is None or not math.isfinite(p):
        return NOTHING
    if p < 0.001:
        return "< 0.001"
    return "> 0.999" if p > 0.999 else f"{p:.3f}"


def p_phrase(p: float | None) -> str:
    """`p = 0.023` or `p < 0.001`; empty where there is none."""
    if p is None or not math.isfinite(p):
        return ""
    text = p_value(p)
    return f"p {text}" if text[0] in "<>" else f"p = {text}"


def percent(share: float | None, decimals: int = 0) -> str:
    """A share (0 to 1) as `46 %` with a thin space."""
    return NOTHING if share is None else f"{number(100 * share, decimals)}{THIN}%"


def level(share: float) -> str:
    """An interval's level: `95 %`."""
    return f"{100 * share:g}{THIN}%"


def count(n: int, one: str, many: str = "") -> str:
    """`1 study`, `17 studies`, `1,024 patients`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def patients_in_studies(n: int, k: int) -> str:
    """`716 patients in 17 studies`."""
    return f"{count(n, 'patient')} in {count(k, 'study', 'studies')}"


def points(share: float | None, low: float | None, high: float | None) -> str:
    """A risk difference in percentage points: `22 (17, 29)`."""
    def hundred(value: float | None) -> float | None:
        return None if value is None else 100 * value

    return estimate(hundred(share), hundred(low), hundred(high), 0)


def number_needed(ard: float | None, low: float | None, high: float | None) -> str:
    """The number needed to treat, 1/ARD, with its interval (Altman 1998): to benefit, to harm, or through infinity.

    Where the interval of the risk difference holds 0 the two limits are a disjoint pair:
    `NNTB 12.0 (NNTB 5.2 to infinity to NNTH 30.1)`.
    """
    if ard is None or ard == 0:
        return NOTHING if ard is None else "no difference"
    kind = "NNTB" if ard > 0 else "NNTH"
    point = f"{kind} {abs(1 / ard):.1f}"
    if low is None or high is None:
        return point
    if low * high <= 0:
        best = f"NNTB {1 / high:.1f} to infinity" if high > 0 else "infinity"
        worst = f" to NNTH {-1 / low:.1f}" if low < 0 else ""
        return f"{point} ({best}{worst})"
    near, far = sorted((abs(1 / low), abs(1 / high)))
    return f"{point} ({near:.1f} to {far:.1f})"


# --- effects --------------------------------------------------------------------------------------------------------


def unit(measure: Measure, scale: ScaleName) -> str:
    """What a number of this measure on this scale counts."""
    if scale == "odds_ratio":
        return "odds ratio"
    if scale == "standardized":
        return "SD"
    return {"percent_improvement": "percentage points", "ancova": "points"}.get(measure, "raw units")


def decimals_of(effects: Iterable[MainEffect | TwoStage | Sensitivity]) -> int:
    """Decimals for effects that stand in one column: two for SD and odds ratios, for raw units as their errors ask."""
    kept = tuple(effects)
    errors = sorted(effect.se for effect in kept if effect.se is not None and effect.se > 0)
    if any(effect.scale != "raw" for effect in kept) or not errors:
        return 2
    typical = errors[len(errors) // 2]
    return 1 if typical >= 0.5 else min(6, max(2, -math.floor(math.log10(typical))))


def effect_decimals(effect: MainEffect) -> int:
    """Decimals for one effect: a percentage point needs one, an SD two."""
    return 1 if effect.scale == "raw" and effect.measure in ("percent_improvement", "ancova") else decimals_of([effect])


def main_effect_sentence(effect: MainEffect, labels: Labels, with_basis: bool = True) -> str:
    """One sentence a clinician understands, with p and (`with_basis`) the model and patients it rests on."""
    subject = {"response": "response", "remission": "remission"}.get(effect.measure, "the main effect")
    if effect.estimate is None:
        return f"{_when(effect, labels)}{subject} has no estimate. {effect.note}".strip()
    say = _event_sentence if effect.scale == "odds_ratio" else _difference_sentence
    basis = _basis(effect) if with_basis else p_phrase(effect.p)
    return f"{say(effect, labels)} ({basis})." if basis else f"{say(effect, labels)}."


def boundary_sentence(effect: MainEffect) -> str:
    """What a variance estimated at zero means, empty where none is."""
    names = [VARIANCES.get(name, name) for name in effect.boundary.split()]
    if not names:
        return ""
    return f"In this fit {' and '.join(names)} is estimated at zero: a valid result, not a failure."


def _when(effect: MainEffect, labels: Labels) -> str:
    delay = labels.delays.get(effect.outcome)
    return f"After {delay}, " if delay else f"{labels.outcome(effect.outcome)}: "


def _difference_sentence(effect: MainEffect, labels: Labels) -> str:
    assert effect.estimate is not None
    active, control = labels.patients(active=True), labels.patients(active=False)
    digits = effect_decimals(effect)
    size = number(abs(effect.estimate), digits)
    if effect.measure == "percent_improvement":
        word, other = "more", "less"
        way = word if effect.estimate >= 0 else other
        text = f"{active} had improved {size} {unit(effect.measure, effect.scale)} {way} than {control}"
    elif effect.measure == "ancova":
        word, other = "higher", "lower"
        way = word if effect.estimate >= 0 else other
        score = labels.score_of(effect.outcome)
        text = (f"the {score if score == 'score' else f'{score} score'} of {active} was {size} points {way} than that "
                f"of {control} with the same baseline")
    else:
        word, other = "higher", "lower"
        way = word if effect.estimate >= 0 else other
        what = f"{size} SD" if effect.scale == "standardized" else size
        text = f"{active} scored {what} {way} than {control}"
    reach = span(effect.ci_low, effect.ci_high, word, other, digits)
    return f"{_when(effect, labels)}{text}" + (f", {level(effect.level)} interval {reach}" if reach else "")


def span(low: float | None, high: float | None, up: str, down: str, decimals: int = 2) -> str:
    """An interval of a difference in words: `0.44 to 0.72 more`, `0.05 less to 0.25 more`; empty without one."""
    if low is None or high is None:
        return ""
    if low * high >= 0:
        near, far = sorted((abs(low), abs(high)))
        return f"{number(near, decimals)} to {number(far, decimals)} {up if low + high >= 0 else down}"
    return f"{number(-low, decimals)} {down} to {number(high, decimals)} {up}"


def _event_sentence(effect: MainEffect, labels: Labels) -> str:
    verb = {"response": "had responded", "remission": "were in remission"}[effect.measure]
    odds = f"odds ratio {estimate(effect.estimate, effect.ci_low, effect.ci_high)}"
    if effect.risk_active is None or effect.ard is None:
        return f"{_when(effect, labels)}{verb.removeprefix('had ')}: {odds}"
    more = f"{percent(effect.risk_active)} of {labels.patients(active=True)} and {percent(effect.risk_control)} of " \
           f"{labels.patients(active=False)} {verb}"
    difference = f"a difference of {points(effect.ard, effect.ard_low, effect.ard_high)} percentage points"
    needed = number_needed(effect.ard, effect.ard_low, effect.ard_high)
    return f"{_when(effect, labels)}{more}: {difference}, {needed}, {odds}"


def _basis(effect: MainEffect) -> str:
    model = "published model" if effect.model == "published" else "recommended model"
    return ", ".join(part for part in (p_phrase(effect.p), model, patients_in_studies(effect.n, effect.k)) if part)


def target_words(row: Sensitivity, labels: Labels) -> str:
    """What is estimated, within a sentence."""
    return "main effect" if row.target == MAIN else f"interaction with {in_sentence(labels.moderator(row.target))}"


def conversion_sentence(comparison: Conversion, labels: Labels) -> str:
    """How converted studies' mean score compares with the others'."""
    if comparison.bias is None:
        return f"{labels.outcome(comparison.timepoint)}: {comparison.note}."
    if comparison.study == COMPARISON_OF_EFFECTS:
        way, unsure = "larger" if comparison.bias >= 0 else "smaller", (comparison.limit_low, comparison.limit_high)
        return (f"{labels.outcome(comparison.timepoint)}: the effect is {number(abs(comparison.bias))} SD {way} in "
                f"converted studies than in the others, {level(0.95)} interval {span(*unsure, 'larger', 'smaller')}.")
    way = "higher" if comparison.bias >= 0 else "lower"
    text = (f"{labels.outcome(comparison.timepoint)}: the mean score of converted studies is "
            f"{number(abs(comparison.bias), 1)} points {way} than that of the others")
    if comparison.limit_low is not None and comparison.limit_high is not None:
        text += f", {level(0.95)} interval {span(comparison.limit_low, comparison.limit_high, 'higher', 'lower', 1)}"
    return text + "."


def _spread(analysis: TwoStage, decimals: int) -> str:
    """I² and τ² with their limits."""
    share = f"I² {number(analysis.i2, 0)}{THIN}%"
    if analysis.i2_low is None or analysis.tau2_low is None:
        return f"{share}, τ² {number(analysis.tau2, decimals)}"
    return (f"{share}, {level(analysis.level)} Q-profile interval {number(analysis.i2_low, 0)} to "
            f"{number(analysis.i2_high, 0)}{THIN}%; τ² {number(analysis.tau2, decimals)}, "
            f"{number(analysis.tau2_low, decimals)} to {number(analysis.tau2_high, decimals)}")


def two_stage_sentence(analysis: TwoStage, labels: Labels) -> str:
    """The pool of studies' own effects in words."""
    if analysis.estimate is None:
        return f"{labels.outcome(analysis.outcome)}: the two-stage analysis has no estimate. {analysis.note}".strip()
    digits = decimals_of([analysis])
    share = f"{level(analysis.level)} "
    name = "" if analysis.measure == "value" else f", {in_sentence(MEASURES[analysis.measure])}"
    text = (f"{labels.outcome(analysis.outcome)}{name}: pooling the effects of {count(analysis.k, 'study', 'studies')} "
            f"gives {number(analysis.estimate, digits)} {unit(analysis.measure, analysis.scale)}")
    if analysis.ci_low is not None and analysis.ci_high is not None:
        text += (f", {share}Hartung-Knapp interval {number(analysis.ci_low, digits)} to "
                 f"{number(analysis.ci_high, digits)}")
    if analysis.i2 is not None and analysis.tau2 is not None:
        text += f" ({_spread(analysis, 3 if digits > 1 else 1)})"
    if analysis.prediction_low is not None and analysis.prediction_high is not None:
        text += (f". In a new, similar study the effect is expected between {number(analysis.prediction_low, digits)} "
                 f"and {number(analysis.prediction_high, digits)} ({share}prediction interval)")
    return text + "."
