"""The tables of the Results page: their rows and columns, one section each, and the figures a row leads to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.figures.combined_keys import KINDS as SET_KINDS
from core.figures.combined_keys import SETS
from core.figures.moderator_keys import KINDS, figure_key
from core.figures.specification import file_key
from core.labels import Labels
from core.results import (
    MAIN,
    Conversion,
    MainEffect,
    Measure,
    Results,
    ScaleName,
    Sensitivity,
    StudyEffect,
    TwoStage,
)
from core.wording import (
    MEASURES,
    NOTHING,
    THIN,
    decimals_of,
    effect_decimals,
    estimate,
    interval,
    number,
    p_value,
    unit,
)
from gui.pages.results_combined import combined_columns, combined_keys, combined_lines
from gui.pages.results_marks import engine_mark
from gui.pages.results_moderators import (
    ModeratorFilter,
    ModeratorLine,
    moderator_columns,
    moderator_lines,
    without_columns,
)
from gui.widgets.columns import Column

OVERVIEW = "overview"
"""The section without a table: `results_overview`."""
MeasureKey = tuple[Measure, ScaleName]


@dataclass(frozen=True)
class TwoStageLine:
    """A study of a two-stage analysis, or (study None) one of its pooled lines."""

    analysis: TwoStage
    study: StudyEffect | None
    name: str
    estimate: float | None
    interval: str = ""


@dataclass(frozen=True)
class Filter:
    """What the person wants to see: an outcome, a measure on its scale; None: all."""

    outcome: str | None = None
    measure: MeasureKey | None = None
    moderators: ModeratorFilter = field(default_factory=ModeratorFilter)

    def takes(self, outcome: str, measure: Measure, scale: ScaleName) -> bool:
        """Whether a record is wanted."""
        return self.outcome in (None, outcome) and self.measure in (None, (measure, scale))


@dataclass(frozen=True)
class Section:
    """One entry of the list at the left."""

    key: str
    title: str
    columns: Callable[[Labels], tuple[Column, ...]]
    rows: Callable[[Results, Labels, Filter], Sequence[Any]]
    key_of: Callable[[Any], Hashable]
    figures: Callable[[Any | None, Filter], tuple[str, ...]]
    """Keys of figures that belong to a row (None: to the table), the foremost first."""
    measures: Callable[[Results], Sequence[MeasureKey]] = lambda results: ()
    has_outcome: bool = True
    needs_one: bool = False
    """Whether one outcome and measure must be chosen: "all" is no choice."""
    empty: str = "The run has nothing here."
    without: Callable[[Filter, Sequence[Any]], tuple[str, ...]] = lambda wanted, rows: (
        ("Outcome",) if wanted.outcome else ())
    """Titles of columns that have nothing to say of some rows."""


def measure_words(measure: Measure, scale: ScaleName) -> str:
    """For example "Percent improvement, SD"."""
    return f"{MEASURES[measure]}, {unit(measure, scale)}"


def figure_words(key: str) -> str:
    """What kind of figure a key stands for, in a word or two."""
    kinds = {"forest": "Forest plot", "funnel": "Funnel plot", "individual": "Individual changes",
             "responders": "Responders", "main_effects": "All effects", "participant_flow": "Participant flow",
             "combined_sets": SETS, **{f"combined_{kind}": words for kind, words in SET_KINDS.items()},
             "moderators": "All moderators", "moderator_patients": KINDS["patients"],
             "moderator_benefit": KINDS["benefit"], "moderator_studies": KINDS["studies"],
             "availability": "Availability", "sensitivity": "Sensitivity"}
    return next((words for start, words in kinds.items() if key.startswith(start)), key)


# --- main effects ---------------------------------------------------------------------------------------------------


SHORT = {"percent_improvement": "Improvement", "ancova": "Adjusted score"}
"""Names of measures in a narrow column; the tooltip says them in full."""


def _effect_text(effect: MainEffect) -> str:
    return estimate(effect.estimate, effect.ci_low, effect.ci_high, effect_decimals(effect))


def _main_columns(labels: Labels) -> tuple[Column, ...]:
    return (
        Column("Outcome", lambda e: labels.outcome(e.outcome), hint=lambda e: labels.outcome(e.outcome), least=96),
        Column("Analysis", lambda e: SHORT.get(e.measure, MEASURES[e.measure]), least=110,
               hint=lambda e: measure_words(e.measure, e.scale)),
        Column("Model", lambda e: e.model.capitalize()),
        Column(f"Estimate (95{THIN}% CI)", _effect_text, number=True, order=lambda e: e.estimate),
        Column("Scale", lambda e: unit(e.measure, e.scale), hint=lambda e: unit(e.measure, e.scale), least=76),
        Column("p", lambda e: p_value(e.p), number=True, order=lambda e: e.p),
        Column("n", lambda e: f"{e.n:,}", number=True, order=lambda e: e.n, about="Patients"),
        Column("k", lambda e: str(e.k), number=True, order=lambda e: e.k, about="Studies", is_spare=True),
        Column("Second engine", lambda e: engine_mark(e).word, mark=engine_mark, hint=lambda e: e.engines_note,
               is_spare=True),
    )


def _main_rows(results: Results, labels: Labels, wanted: Filter) -> list[MainEffect]:
    return [effect for effect in results.main_effects if wanted.takes(effect.outcome, effect.measure, effect.scale)]


def _main_key(effect: MainEffect) -> Hashable:
    return (effect.outcome, effect.measure, effect.scale, effect.model)


def _main_figures(effect: MainEffect | None, wanted: Filter) -> tuple[str, ...]:
    if effect is None:
        return ("main_effects",)
    individual = file_key("individual", effect.outcome)
    if effect.scale == "odds_ratio":
        return ("responders", individual, "main_effects")
    return (file_key("forest", effect.outcome, effect.measure, effect.scale), individual, "main_effects")


def _main_measures(results: Results) -> list[MeasureKey]:
    return list(dict.fromkeys((effect.measure, effect.scale) for effect in results.main_effects))


# --- two-stage ------------------------------------------------------------------------------------------------------


def _two_stage_columns(labels: Labels) -> tuple[Column, ...]:
    def digits(line: TwoStageLine) -> int:
        return decimals_of([line.analysis])

    def sizes(line: TwoStageLine) -> str:
        return f"{line.study.n_active} / {line.study.n_control}" if line.study else ""

    return (
        Column("Study", lambda line: line.name, widest=220, least=96, stretch=True, hint=lambda line: line.name),
        Column("Estimate", lambda line: number(line.estimate, digits(line)), number=True,
               order=lambda line: line.estimate),
        Column(f"95{THIN}% CI", lambda line: line.interval, number=True, about="Interval of the pool"),
        Column("SE", lambda line: number(line.study.se, digits(line)) if line.study else "", number=True,
               order=lambda line: line.study and line.study.se),
        Column("Weight, %", lambda line: number(line.study.weight, 1) if line.study else "", number=True,
               order=lambda line: line.study and line.study.weight),
        Column("n", sizes, number=True, order=lambda line: line.study and line.study.n_active,
               about="Patients, active / control"),
    )


def _two_stage_rows(results: Results, labels: Labels, wanted: Filter) -> list[TwoStageLine]:
    lines: list[TwoStageLine] = []
    for found in results.two_stage:
        if not wanted.takes(found.outcome, found.measure, found.scale):
            continue
        digits = decimals_of([found])
        lines += [TwoStageLine(found, None, "Pool, Hartung-Knapp", found.estimate,
                               interval(found.ci_low, found.ci_high, digits)),
                  TwoStageLine(found, None, "Pool, Wald", found.estimate,
                               interval(found.wald_low, found.wald_high, digits)),
                  TwoStageLine(found, None, "Prediction for a new study", None,
                               interval(found.prediction_low, found.prediction_high, digits))]
        lines += [TwoStageLine(found, study, labels.study(study.study), study.estimate) for study in found.studies]
    return lines


def _two_stage_figures(line: TwoStageLine | None, wanted: Filter) -> tuple[str, ...]:
    if wanted.outcome is None or wanted.measure is None:
        return ()
    return (file_key("forest", wanted.outcome, *wanted.measure), file_key("funnel", wanted.outcome))


# --- sensitivity, conversion, diagnostics ---------------------------------------------------------------------------


def _sensitivity_columns(labels: Labels) -> tuple[Column, ...]:
    from core.figures.sensitivity_forest import variant_name

    def digits(row: Sensitivity) -> int:
        return decimals_of([row])

    def target(row: Sensitivity) -> str:
        return "Main effect" if row.target == MAIN else labels.moderator(row.target)

    return (
        Column("Of", target, least=90, widest=180, hint=target,
               about="The main effect, or its change with a moderator"),
        Column("Variant", lambda row: variant_name(row.variant, labels), least=110, stretch=True,
               hint=lambda row: variant_name(row.variant, labels)),
        Column(f"Estimate (95{THIN}% CI)", lambda row: estimate(row.estimate, row.ci_low, row.ci_high, digits(row)),
               number=True, order=lambda row: row.estimate),
        Column("Scale", lambda row: {"standardized": "SD", "correlation": "r"}.get(row.scale, "points")),
        Column("p", lambda row: p_value(row.p), number=True, order=lambda row: row.p),
        Column("n", lambda row: f"{row.n:,}", number=True, order=lambda row: row.n, about="Patients"),
        Column("k", lambda row: str(row.k), number=True, order=lambda row: row.k, about="Studies"),
    )


def _sensitivity_figures(row: Sensitivity | None, wanted: Filter) -> tuple[str, ...]:
    """The board a row stands in; without a row that of the main effect."""
    from core.figures.sensitivity_forest import sensitivity_key

    return (sensitivity_key(row) if row else file_key("sensitivity", wanted.outcome or ""),)


def _conversion_columns(labels: Labels) -> tuple[Column, ...]:
    def limits(row: Conversion) -> str:
        return interval(row.limit_low, row.limit_high, 1)

    return (
        Column("Study", lambda row: labels.study(row.study), least=84, stretch=True,
               hint=lambda row: labels.study(row.study)),
        Column("Score", lambda row: labels.outcome(row.timepoint)),
        Column("n", lambda row: f"{row.n:,}", number=True, order=lambda row: row.n, about="Pairs of scores"),
        Column("Bias", lambda row: number(row.bias, 1), number=True, order=lambda row: row.bias,
               about="Converted minus native, points"),
        Column("RMSE", lambda row: number(row.rmse, 1), number=True, order=lambda row: row.rmse,
               about="Root mean squared difference, points"),
        Column("Limits", limits, number=True, order=lambda row: row.limit_low,
               about="Limits of agreement, points: 95 of 100 differences lie between them"),
        Column("Note", lambda row: row.note, widest=400, least=240, hint=lambda row: row.note, is_spare=True),
    )


def _diagnostic_columns(labels: Labels) -> tuple[Column, ...]:
    return (
        Column("Second engine", lambda e: engine_mark(e).word, mark=engine_mark, hint=lambda e: e.engines_note),
        Column("Analysis", lambda e: measure_words(e.measure, e.scale), widest=240, least=110,
               hint=lambda e: measure_words(e.measure, e.scale)),
        Column("Model", lambda e: e.model.capitalize()),
        Column("Outcome", lambda e: labels.outcome(e.outcome), hint=lambda e: labels.outcome(e.outcome), least=90),
        Column("Variances at zero", lambda e: e.boundary or "none", is_spare=True),
        Column("Method", lambda e: e.method or NOTHING, widest=420, least=110, hint=lambda e: e.method, is_spare=True),
        Column("Note", lambda e: e.note, widest=420, least=110, hint=lambda e: e.note, is_spare=True),
    )


def _moderator_keys(line: ModeratorLine | None, wanted: Filter) -> tuple[str, ...]:
    own = () if line is None else tuple(figure_key(kind, line.row.outcome, line.row.moderator) for kind in KINDS)
    return (file_key("moderators", wanted.outcome or ""), *own, "availability")


SECTIONS = (
    Section(OVERVIEW, "Overview", _main_columns, lambda results, labels, wanted: (), _main_key,
            lambda row, wanted: ()),
    Section("main", "Main effects", _main_columns, _main_rows, _main_key, _main_figures, _main_measures),
    Section("two-stage", "Two-stage", _two_stage_columns, _two_stage_rows, lambda line: line.name, _two_stage_figures,
            lambda results: list(dict.fromkeys((t.measure, t.scale) for t in results.two_stage)), needs_one=True),
    Section("moderators", "Moderators", moderator_columns,
            lambda results, labels, wanted: moderator_lines(results, labels, wanted.outcome, wanted.moderators),
            lambda line: (line.row.outcome, line.row.moderator, line.row.model), _moderator_keys, needs_one=True,
            empty="No moderator was tested with this outcome; the table says why.",
            without=lambda wanted, rows: without_columns(wanted.moderators, rows)),
    Section("combined", "Combined", combined_columns,
            lambda results, labels, wanted: combined_lines(results, wanted.outcome),
            lambda one: (one.outcome, one.set), lambda one, wanted: combined_keys(one, wanted.outcome), needs_one=True,
            empty="Sets of moderators combined into one stand here. The plan has none for this outcome, or none could "
                  "be fitted; the table says why."),
    Section("sensitivity", "Sensitivity", _sensitivity_columns,
            lambda results, labels, wanted: [r for r in results.sensitivity if r.outcome == wanted.outcome],
            lambda row: (row.outcome, row.target, row.variant), _sensitivity_figures, needs_one=True),
    Section("conversion", "Conversion", _conversion_columns, lambda results, labels, wanted: results.conversion,
            lambda row: (row.study, row.timepoint), lambda row, wanted: ("agreement",), has_outcome=False,
            empty="No score was converted from one scale to another."),
    Section("diagnostics", "Diagnostics", _diagnostic_columns, _main_rows, _main_key,
            lambda row, wanted: ("participant_flow", "availability")),
)
"""In the order of the list. To add one: write its columns, rows and figures, and its details in
`results_details.details_of`."""
