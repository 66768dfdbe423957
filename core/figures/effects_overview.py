"""All main effects on one page: every measure and timepoint by both models, a panel for each unit."""

from __future__ import annotations

from core.figures.interval_figure import interval_figure
from core.figures.interval_rows import Panel, Row
from core.figures.specification import FigureSpec
from core.labels import Labels, in_sentence
from core.results import MainEffect, Measure, Results, ScaleName
from core.wording import MINUS, THIN, decimals_of, estimate, level, main_effect_sentence

PANELS: tuple[tuple[tuple[Measure, ...], ScaleName, str], ...] = (
    (("percent_improvement",), "standardized", "Percent improvement, standardized"),
    (("percent_improvement",), "raw", "Percent improvement"),
    (("ancova",), "raw", "Follow-up score, adjusted for baseline"),
    (("value",), "raw", "Value"),
    (("value",), "standardized", "Value, standardized"),
    (("response", "remission"), "odds_ratio", "Response and remission"),
)
"""The panels in order; one without effects is left out."""


def effects_overview(results: Results, labels: Labels) -> tuple[FigureSpec, ...]:
    """The overview, unless there are no main effects."""
    panels = overview_panels(results.main_effects, labels)
    if not panels:
        return ()
    title = "Main effects"
    alt = "Main effects of all measures by both models. " + " ".join(
        main_effect_sentence(effect, labels) for effect in results.main_effects
        if effect.model == "published" and effect.scale != "raw")
    return (interval_figure("main_effects", title, alt.strip(), panels, "main effects"),)


def overview_panels(effects: tuple[MainEffect, ...], labels: Labels) -> tuple[Panel, ...]:
    """Effects sorted into panels by unit."""
    panels = []
    for measures, scale, title in PANELS:
        own = [effect for effect in effects if effect.measure in measures and effect.scale == scale]
        for score in dict.fromkeys(labels.score_of(effect.outcome) for effect in own):
            of_score = tuple(effect for effect in own if labels.score_of(effect.outcome) == score)
            panels.append(_panel(of_score, title if score in (labels.score, "score") else f"{title}: {score}", labels))
    return tuple(panels)


def _panel(effects: tuple[MainEffect, ...], title: str, labels: Labels) -> Panel:
    first = effects[0]
    digits = 1 if first.measure in ("percent_improvement", "ancova") and first.scale == "raw" else decimals_of(effects)
    rows = tuple(_row(effect, digits, labels) for effect in effects)
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    lower, higher = f"favors {control}", f"favors {active}"
    if first.measure == "ancova":
        lower, higher = higher, lower
    if first.measure == "value":
        lower = higher = ""
    log = first.scale == "odds_ratio"
    axis = {"odds_ratio": "Odds ratio within a study", "standardized": "Difference (SD)"}.get(
        first.scale, {"percent_improvement": "Difference (percentage points)",
                      "ancova": f"Difference in {labels.score_of(first.outcome)} (points)"}.get(
                          first.measure, "Difference"))
    return Panel(rows, axis if log else f"{axis}, {active} {MINUS} {control}", title, 1.0 if log else 0.0, lower,
                 higher, log, ("n", "k"), (f"Estimate ({level(first.level)}{THIN}CI)",))


def _row(effect: MainEffect, digits: int, labels: Labels) -> Row:
    text = estimate(effect.estimate, effect.ci_low, effect.ci_high, digits)
    is_event = effect.measure in ("response", "remission")
    name = f"{effect.measure.capitalize()}, {in_sentence(labels.outcome(effect.outcome))}" if is_event else \
        f"{labels.outcome(effect.outcome)}, {effect.model}"
    return Row(name, effect.estimate, effect.ci_low, effect.ci_high,
               "dot" if effect.model == "recommended" else "circle", (str(effect.n), str(effect.k)),
               (text if effect.estimate is not None else "no estimate",))
