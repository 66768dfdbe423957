"""The answer of a run in three sentences: what was pooled, how large the effect is, who benefits. The window's overview
and the report's summary say the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.combined_results import CombinedEffect
from core.combined_words import honest, leading_set, verdict
from core.labels import Labels, in_sentence
from core.moderator_words import ALPHA, USEFUL
from core.results import MainEffect, ModelName, ModeratorEffect, Results
from core.wording import (
    count,
    estimate,
    level,
    main_effect_sentence,
    number,
    p_value,
    patients_in_studies,
    percent,
    points,
    span,
)

Part = Literal["pooled", "effect", "benefit"]
TITLES: dict[Part, str] = {"pooled": "What was pooled", "effect": "How large the effect is", "benefit": "Who benefits"}
NAMED = 3
"""Moderators that are named; of more their number is told."""
RANKS = ("none", "empty", "no", "unproven", "little", "useful")
"""What a combined moderator is worth, the least first."""


@dataclass(frozen=True)
class Answer:
    """One of the three sentences."""

    part: Part
    text: str

    @property
    def title(self) -> str:
        """What it answers."""
        return TITLES[self.part]


def answers(results: Results, labels: Labels) -> tuple[Answer, ...]:
    """The three sentences, always all of them: what was not run or has no estimate is said."""
    return (Answer("pooled", _pooled(results, labels)), Answer("effect", _effect(results, labels)),
            Answer("benefit", _benefit(results, labels)))


def leading_model(results: Results) -> ModelName:
    """The model that the plan leads with."""
    return "recommended" if results.plan.model.random_slope else "published"


def leading_effects(results: Results) -> tuple[MainEffect, ...]:
    """By the leading model, of each outcome: the improvement in its own unit (of a ready value in SD), response and
    remission.
    """
    wanted = (("percent_improvement", "raw"), ("value", "standardized"), ("response", "odds_ratio"),
              ("remission", "odds_ratio"))
    return tuple(effect for outcome in results.plan.outcomes for effect in results.main_effects
                 if (effect.outcome, effect.model) == (outcome.name, leading_model(results))
                 and (effect.measure, effect.scale) in wanted)


def adjusted(row: ModeratorEffect) -> float | None:
    """What p is worth after all tests: adjusted in Tier 1, the false discovery rate in Tier 2."""
    return row.q if row.tier == "2" else row.p_adjusted


# --- what was pooled ------------------------------------------------------------------------------------------------


def _pooled(results: Results, labels: Labels) -> str:
    sizes = [row.n for row in results.flow if row.stage == "analyzed" and row.n]
    if not sizes:
        return "Nobody could be analyzed: no patient has what the plan asks for."
    done = "pooled" if len(sizes) > 1 else "analyzed"
    synthetic = " (synthetic data, no real patients)" if results.provenance.synthetic else ""
    return (f"{patients_in_studies(sum(sizes), len(sizes))} were {done}{synthetic}, comparing "
            f"{labels.patients(active=True)} with {labels.patients(active=False)}.")


# --- how large the effect is ----------------------------------------------------------------------------------------


def _effect(results: Results, labels: Labels) -> str:
    found = leading_effects(results)
    told = [_of_outcome([one for one in found if one.outcome == name], results, labels)
            for name in dict.fromkeys(one.outcome for one in found)]
    if not told:
        return "The run has no main effect."
    return "; ".join([told[0], *(_again(text, labels) for text in told[1:])]) + "."


def _again(text: str, labels: Labels) -> str:
    """What is said of a further outcome, without the arms that the first has named."""
    active, control = labels.patients(active=True), labels.patients(active=False)
    for named in (f"{active} had improved ", f"{active} scored ", f" than {control}"):
        text = text.replace(named, "", 1)
    return f"a{text[1:]}" if text.startswith("After ") else text


def _of_outcome(own: list[MainEffect], results: Results, labels: Labels) -> str:
    """The difference, then who responded and who was in remission, then what makes it doubtful."""
    parts: list[str] = []
    for effect in own:
        if effect.scale != "odds_ratio" or not parts:
            said = main_effect_sentence(effect, labels, with_basis=False).removesuffix(".")
            parts.append(said.replace(" has no estimate. ", " has no estimate: ", 1))
        else:
            parts.append(_event(effect))
    text = ", ".join(parts[:-1]) + f", and {parts[-1]}" if len(parts) > 2 else ", and ".join(parts)
    return text + "".join(f" ({doubt})" for doubt in _doubts(own[0], results))


def _event(effect: MainEffect) -> str:
    verb = {"response": "had responded", "remission": "were in remission"}[effect.measure]
    if effect.estimate is None:
        return f"how many more {verb} could not be estimated"
    if effect.risk_active is None or effect.ard is None:
        return f"the odds ratio of {effect.measure} was {estimate(effect.estimate, effect.ci_low, effect.ci_high)}"
    return f"{percent(effect.risk_active)} against {percent(effect.risk_control)} {verb} ({_needed(effect)})"


def _needed(effect: MainEffect) -> str:
    """The number needed to treat in words; where the interval of the difference holds 0, that none is possible."""
    ard, low, high = effect.ard or 0.0, effect.ard_low, effect.ard_high
    if round(100 * ard, 1) == 0:
        return f"no difference, {points(ard, low, high)} percentage points"
    text = f"number needed to {'treat' if ard > 0 else 'harm'} {abs(1 / ard):.1f}"
    if low is None or high is None:
        return text
    if low * high > 0:
        near, far = sorted((abs(1 / low), abs(1 / high)))
        return f"{text}, {near:.1f} to {far:.1f}"
    return f"{text}, but no difference is possible: {points(ard, low, high)} percentage points"


def _doubts(effect: MainEffect, results: Results) -> Iterator[str]:
    """What a reader of the effect must know at once."""
    if effect.estimate is None or effect.scale == "odds_ratio":
        return
    if effect.engines_agree is False:
        yield "the two engines disagree: do not use it"
    other = next((one for one in results.main_effects if one.model != effect.model and
                  (one.outcome, one.measure, one.scale) == (effect.outcome, effect.measure, effect.scale)), None)
    here, there = _excludes_zero(effect), _excludes_zero(other)
    if here is not None and there is not None and here != there and other is not None:
        digits = 1 if effect.measure == "percent_improvement" else 2
        text = estimate(other.estimate, other.ci_low, other.ci_high, digits)
        yield f"the {other.model} model gives {text}, {'so no difference is possible' if here else 'which excludes 0'}"
    elif here is False:
        yield "no difference is possible"


def _excludes_zero(effect: MainEffect | None) -> bool | None:
    if effect is None or effect.ci_low is None or effect.ci_high is None:
        return None
    return effect.ci_low * effect.ci_high > 0


# --- who benefits ---------------------------------------------------------------------------------------------------


def rows_tested(results: Results) -> tuple[ModeratorEffect, ...]:
    """Tests of moderators by the leading model; of a categorical one the joint test."""
    return tuple(row for row in results.moderators if row.model == leading_model(results) and row.p is not None
                 and ":" not in row.moderator and row.tier != "none")


def _benefit(results: Results, labels: Labels) -> str:
    if not results.plan.moderators and not results.combined:
        return "Who benefits was not asked: the plan has no moderators."
    rows = rows_tested(results)
    parts = [_of_moderators(rows, results, labels), _of_sets(results, labels)]
    return "; ".join(part for part in parts if part) + "."


def _of_moderators(rows: tuple[ModeratorEffect, ...], results: Results, labels: Labels) -> str:
    if not rows:
        return "No moderator could be tested, so the data do not say who benefits"
    names = count(len({row.moderator for row in rows}), "moderator")
    corrected = [row for row in rows if adjusted(row) is not None]
    found = sorted((row for row in corrected if (adjusted(row) or 0.0) < ALPHA), key=lambda row: adjusted(row) or 0.0)
    if not corrected:
        return f"{names} tested without correction for their number, so nothing is shown beyond chance"
    if not found:
        return (f"None of {names} tested changes the effect beyond chance after correction for the number of tests, "
                "which does not show that all benefit alike")
    who = len({row.moderator for row in found})
    told = ", ".join(_named(row, labels) for row in found[:NAMED])
    more = f", and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return (f"Of {names} tested, {who} change{'s' if who == 1 else ''} the effect beyond chance after correction for "
            f"the number of tests: {told}{more}" + "".join(f", {doubt}" for doubt in _weak(found, results)))


def _named(row: ModeratorEffect, labels: Labels) -> str:
    name = in_sentence(labels.trait(row.moderator))
    delay = labels.delays.get(row.outcome)
    when = f"after {delay}" if delay else in_sentence(labels.outcome(row.outcome))
    sign = "q" if row.tier == "2" else "adjusted p"
    value = p_value(adjusted(row))
    chance = f"{sign} {value}" if value[0] in "<>" else f"{sign} = {value}"
    if row.beta is None:
        return f"{name} ({when}; {chance})"
    up, down = ("larger", "smaller") if delay else ("higher", "lower")
    unit = "SD " if row.scale == "standardized" else ""
    size = f"{number(abs(row.beta))} {unit}{up if row.beta >= 0 else down}"
    reach = span(row.ci_low, row.ci_high, up, down)
    limits = f", {level(0.95)} interval {reach}" if reach else ""
    only = f"; between {count(row.k, 'study', 'studies')} only" if row.level == "study" else ""
    return f"{name} ({size} {when}{limits}; {chance}{only})"


def _weak(found: list[ModeratorEffect], results: Results) -> Iterator[str]:
    """What keeps moderators that survive correction from being believed or used."""
    it, them = ("it", "alone it stays") if len(found) == 1 else ("any of them", "alone each stays")
    other = {(row.outcome, row.moderator): row.p for row in results.moderators if row.model != leading_model(results)}
    beside = [other.get((row.outcome, row.moderator)) for row in found]
    if all(p is not None and p >= ALPHA for p in beside):
        name = "published" if leading_model(results) == "recommended" else "recommended"
        yield f"but the {name} model does not confirm {it}"
    if all(row.r is not None and abs(row.r) < USEFUL for row in found):
        yield f"and {them} below the line of usefulness (|r| of {number(USEFUL, 1)})"


def leading_of_all(results: Results, labels: Labels) -> CombinedEffect | None:
    """The set of any outcome that is worth most in what was held out; None where no set keeps a moderator."""
    best = [one for outcome in results.plan.outcomes
            if (one := leading_set(results.combined, outcome.name)) is not None]
    return max(best, key=lambda one: RANKS.index(verdict(one, labels)), default=None)


def _of_sets(results: Results, labels: Labels) -> str:
    if not results.combined:
        return ""
    best = leading_of_all(results, labels)
    if best is None:
        return "no combination of moderators could be formed" if all(
            one.lambda_ is None for one in results.combined) else "no combination of moderators keeps any of them"
    which = f"set {best.set}: {honest(best)}"
    line = number(labels.useful_r, 1)
    return {
        "useful": f"combined they help tell who benefits ({which}), which must hold in a new study before anyone is "
                  "treated by it",
        "little": f"combined they tell more than chance who benefits, but too little to choose treatment by ({which}; "
                  f"the line of usefulness is {line})",
        "unproven": f"without permutations nothing tells the best combination from chance ({which})",
    }.get(verdict(best, labels), f"combined they do not help choose treatment (best {which})")
