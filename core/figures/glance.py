"""The two figures of the overview: the effects that the plan leads with, and what tells who benefits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.combined_words import verdict
from core.figures.combined_sets import combined_sets
from core.figures.effects_overview import overview_panels
from core.figures.interval_figure import interval_figure
from core.figures.interval_rows import Panel, Row
from core.figures.specification import FigureSpec, file_key
from core.labels import Labels, in_sentence
from core.moderator_words import ALPHA
from core.overview_words import adjusted, answers, leading_effects, leading_model, leading_of_all, rows_tested
from core.results import ModeratorEffect, Results
from core.wording import NOTHING, THIN, count, estimate, p_value

MOST = 8
"""Moderators in sight at a glance."""


def effects_glance(results: Results, labels: Labels) -> FigureSpec | None:
    """The main effects by the leading model; None where there are none."""
    panels = tuple(replace(panel, rows=tuple(replace(row, label=row.label.removesuffix(f", {leading_model(results)}"))
                                             for row in panel.rows))
                   for panel in overview_panels(leading_effects(results), labels))
    if not panels:
        return None
    said = next(answer.text for answer in answers(results, labels) if answer.part == "effect")
    return interval_figure("main_effects", "Main effects at a glance", f"Main effects at a glance. {said}", panels,
                           "main effects")


def benefit_glance(results: Results, labels: Labels) -> FigureSpec | None:
    """The combined moderators where one is useful in what was held out, else the moderators nearest to a difference;
    None where neither was run.
    """
    best = leading_of_all(results, labels)
    rows = rows_tested(results)
    estimated = [row for row in rows if row.beta is not None]
    if best is not None and (verdict(best, labels) == "useful" or not estimated):
        return combined_sets(results.combined, best.outcome, labels)
    return _moderators(rows, estimated, labels) if estimated else None


def _moderators(rows: Sequence[ModeratorEffect], estimated: Sequence[ModeratorEffect], labels: Labels) -> FigureSpec:
    """Of the outcome with the strongest test, the moderators with the smallest p."""
    outcome = min(estimated, key=_order).outcome
    own = sorted((row for row in estimated if row.outcome == outcome), key=_order)
    shown = own[:MOST]
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    panel = Panel(tuple(_row(row, labels) for row in shown), "Change of the effect (SD)", lower=f"more on {control}",
                  higher=f"more on {active}", after=(f"Change (95{THIN}%{THIN}CI)", "Adjusted p"))
    title = f"Moderators nearest to a difference, {labels.outcome(outcome)}"
    of_all = f"{len(shown)} of {count(len(own), 'moderator')} with the smallest p"
    said = "; ".join(f"{row.label} {row.after[0]}, adjusted p {row.after[1]}" for row in panel.rows)
    return interval_figure(file_key("moderators", outcome), title, f"{title}: {of_all}. {said}.", [panel], "moderators")


def _order(row: ModeratorEffect) -> tuple[float, float]:
    value = adjusted(row)
    return (1.0 if value is None else value, row.p or 0.0)


def _row(row: ModeratorEffect, labels: Labels) -> Row:
    value = adjusted(row)
    return Row(labels.trait(row.moderator), row.beta, row.ci_low, row.ci_high, "dot",
               after=(estimate(row.beta, row.ci_low, row.ci_high), NOTHING if value is None else p_value(value)),
               bold=value is not None and value < ALPHA, key=row.moderator)
