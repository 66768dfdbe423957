"""Results as the tables of CONTRACT section 5: names and columns are fixed there, scripts read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.combined_results import CombinedEffect
from core.errors import Issue
from core.published import MAIN, MODERATOR, published_cells
from core.results import Benefit, MainEffect, ModeratorEffect, Results, TwoStage

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Table:
    """A table to show or write: column names and rows of plain values; None is an empty cell."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def records(self) -> list[dict[str, Value]]:
        """Rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


FLOW = ("study", "stage", "n", "unit", "reason")
AVAILABILITY = ("moderator", "level", "kind", "n", "share", "k", "tier", "reason")
MAIN_EFFECTS = (
    "outcome", "measure", "scale", "model", "n", "k", "n_active", "n_control", "estimate", "se", "df", "ci_low",
    "ci_high", "p", "tau2", "slope_var", "sigma2", "marginal_or", "risk_active", "risk_control", "ard", "ard_low",
    "ard_high", "nnt", "nnt_low", "nnt_high", "boundary", "engines_agree", "note", "level", "method", "nnt_text",
    "engines_note", *MAIN,
)
MODERATORS = (
    "outcome", "moderator", "level", "kind", "tier", "model", "n", "k", "beta", "se", "df", "ci_low", "ci_high", "p",
    "p_adjusted", "q", "family", "beta_raw", "se_raw", "predictor_beta", "predictor_se", "predictor_p", "active_beta",
    "active_se", "active_p", "control_beta", "control_se", "control_p", "within_beta", "within_se", "within_p",
    "across_beta", "across_se", "across_p", "r", "r_low", "r_high", "r_parametric", "r_within", "r_failed",
    "boundary", "engines_agree", "note", "difference_beta", "difference_se", "difference_p", "two_stage_beta",
    "two_stage_low", "two_stage_high", "two_stage_k", "two_stage_tau2", "two_stage_i2", "two_stage_prediction_low",
    "two_stage_prediction_high", "statistic", "engines_note", *MODERATOR,
)
COMBINED = (
    "outcome", "set", "n", "k", "penalty", "l1_ratio", "lambda", "r", "r_low", "r_high", "beta", "se",
    "beta_recommended", "se_recommended", "p_permutation", "r_cv", "r_leave_study_out", "crossing", "crossing_low",
    "crossing_high", "share_above", "note", "n_active", "n_control", "r_pearson", "r_failed", "null_high", "score_low",
    "score_high", "control_intercept", "control_slope", "active_intercept", "active_slope", "above_n", "above_effect",
    "above_low", "above_high", "below_n", "below_effect", "below_low", "below_high", "r_flexible_cv",
    "r_flexible_leave_study_out",
)
COMBINED_WEIGHTS = (
    "outcome", "set", "moderator", "weight", "weight_raw", "selected", "weight_low", "weight_high", "level",
)
COMBINED_STUDIES = ("outcome", "set", "study", "n_active", "n_control", "r")
COMBINED_FIFTHS = ("outcome", "set", "fifth", "n_active", "n_control", "predicted", "observed", "se")
BENEFIT = (
    "outcome", "moderator", "model", "n", "k", "at", "difference", "low", "high", "straight", "straight_low",
    "straight_high", "share_below", "knots", "bend_f", "bend_df1", "bend_df2", "bend_p", "spline_p", "note",
    "engines_agree", "engines_note",
)
TWO_STAGE = (
    "outcome", "measure", "scale", "study", "n_active", "n_control", "estimate", "se", "weight", "ci_low", "ci_high",
    "wald_low", "wald_high", "tau2", "i2", "q", "prediction_low", "prediction_high", "p", "k", "note", "without",
    "without_low", "without_high", "tau2_low", "tau2_high", "i2_low", "i2_high", "egger_slope", "egger_p", "egger_note",
)
CONVERSION = ("study", "timepoint", "n", "bias", "rmse", "limit_low", "limit_high", "note")
SENSITIVITY = (
    "outcome", "target", "variant", "n", "k", "estimate", "se", "ci_low", "ci_high", "p", "scale", "note",
    "engines_agree", "engines_note",
)
FURTHER_OUTCOMES = ("outcome", "study", "n", "with_baseline", "with_followup", "with_both", "share", "in_plan")
ISSUES = ("severity", "code", "study", "variable", "row", "text", "file", "sheet", "column", "remedy")


def result_tables(results: Results) -> tuple[Table, ...]:
    """Every table of `tables/`, in the order a reader wants them. Tables of analyses not run have no rows."""
    return (
        Table("flow", "Participant flow", FLOW, _rows(results.flow, FLOW)),
        Table("availability", "Availability of moderators", AVAILABILITY, _rows(results.availability, AVAILABILITY)),
        Table("main_effects", "Main effects", MAIN_EFFECTS, _beside(results, results.main_effects, MAIN_EFFECTS)),
        Table("moderators", "Moderators", MODERATORS, _beside(results, results.moderators, MODERATORS)),
        Table("combined", "Combined moderators", COMBINED,
              tuple(_row({**vars(one), "lambda": one.lambda_}, COMBINED) for one in results.combined)),
        Table("combined_weights", "Weights of combined moderators", COMBINED_WEIGHTS,
              _parts(results.combined, "weights", COMBINED_WEIGHTS)),
        Table("combined_studies", "Combined moderators in studies left out", COMBINED_STUDIES,
              _parts(results.combined, "studies", COMBINED_STUDIES)),
        Table("combined_fifths", "Combined moderators: foretold and seen differences", COMBINED_FIFTHS,
              _parts(results.combined, "fifths", COMBINED_FIFTHS)),
        *([Table("benefit", "Benefit over moderators, by splines", BENEFIT, _benefit_rows(results.benefits))]
          if results.benefits else []),
        Table("two_stage", "Two-stage analysis", TWO_STAGE, two_stage_rows(results.two_stage)),
        *([Table("further_outcomes", "Further outcomes", FURTHER_OUTCOMES,
                 _rows(results.further_outcomes, FURTHER_OUTCOMES))] if results.further_outcomes else []),
        Table("conversion", "Agreement of converted scores", CONVERSION, _rows(results.conversion, CONVERSION)),
        Table("sensitivity", "Sensitivity analyses", SENSITIVITY, _rows(results.sensitivity, SENSITIVITY)),
    )


def issues_table(issues: Iterable[Issue]) -> Table:
    """Issues as `issues.csv` holds them."""
    rows = tuple(
        (i.severity.value, i.code, i.where.study, i.where.variable, i.where.row, i.text, i.where.file, i.where.sheet,
         i.where.column, i.remedy)
        for i in issues
    )
    return Table("issues", "Issues", ISSUES, rows)


def two_stage_rows(analyses: Iterable[TwoStage]) -> tuple[tuple[Value, ...], ...]:
    """A row a study, then the pooled row (study = `pooled`), for each analysis."""
    rows: list[tuple[Value, ...]] = []
    for analysis in analyses:
        head = {"outcome": analysis.outcome, "measure": analysis.measure, "scale": analysis.scale}
        for study in analysis.studies:
            # a study of that very name must not be taken for the pool
            named = "pooled (study)" if study.study == "pooled" else study.study
            rows.append(_row({**head, **vars(study), "study": named}, TWO_STAGE))
        pooled = {name: getattr(analysis, name, None) for name in TWO_STAGE}
        totals = {"n_active": sum(s.n_active for s in analysis.studies),
                  "n_control": sum(s.n_control for s in analysis.studies)}
        weight = 100.0 if analysis.estimate is not None else None
        rows.append(_row({**pooled, **head, **totals, "study": "pooled", "weight": weight}, TWO_STAGE))
    return tuple(rows)


def main_effect_label(effect: MainEffect) -> str:
    """What a main effect measures, in words."""
    return {"percent_improvement": "Percent improvement", "response": "Response", "remission": "Remission",
            "ancova": "Score, adjusted for baseline", "value": "Value"}[effect.measure]


def _parts(combined: Iterable[CombinedEffect], of: str, columns: tuple[str, ...]) -> tuple[tuple[Value, ...], ...]:
    return tuple(_row({"outcome": one.outcome, "set": one.set, **vars(part)}, columns)
                 for one in combined for part in getattr(one, of))


def _benefit_rows(benefits: Iterable[Benefit]) -> tuple[tuple[Value, ...], ...]:
    """A row a place along the moderator; one where there is no curve, which says why."""
    return tuple(_row({**vars(one), "knots": " ".join(f"{knot:.6g}" for knot in one.knots), **vars(point)}, BENEFIT)
                 if point else _row({**dict.fromkeys(BENEFIT), **vars(one), "knots": None}, BENEFIT)
                 for one in benefits for point in (one.points or (None,)))


def _rows(records: Iterable[Any], columns: tuple[str, ...]) -> tuple[tuple[Value, ...], ...]:
    return tuple(_row(vars(record), columns) for record in records)


def _beside(results: Results, rows: Iterable[MainEffect | ModeratorEffect],
            columns: tuple[str, ...]) -> tuple[tuple[Value, ...], ...]:
    """Rows with what the source publication reports of the same."""
    return tuple(_row(vars(row) | published_cells(results, row), columns) for row in rows)


def _row(values: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[Value, ...]:
    return tuple(values.get(column) for column in columns)
