"""Moderators by tier: the interaction of each with the treatment, one figure an outcome."""

from __future__ import annotations

from core.figures.interval_rows import Panel, Row, draw, lay_out, panels_table
from core.figures.specification import PRINT_WIDTH, FigureSpec, file_key
from core.labels import Labels, in_sentence
from core.results import ModeratorEffect, Results
from core.wording import THIN, count, estimate, number

TIERS = {"1": "Tier 1", "2": "Tier 2"}
MODEL = "published"


def moderator_forests(results: Results, labels: Labels) -> tuple[FigureSpec, ...]:
    """A figure for each outcome with a tested moderator."""
    tested = [row for row in results.moderators if row.model == MODEL and row.beta is not None]
    outcomes = dict.fromkeys(row.outcome for row in tested)
    return tuple(_spec(outcome, [row for row in tested if row.outcome == outcome], labels) for outcome in outcomes)


def _spec(outcome: str, rows: list[ModeratorEffect], labels: Labels) -> FigureSpec:
    key, title = file_key("moderators", outcome), f"Moderators, {labels.outcome(outcome)}"
    panels = (_panel(rows, labels),)
    return FigureSpec(
        key=key, title=title, alt=_alt(title, rows, labels), data=panels_table(key, title, panels),
        drawing=lambda style, size: draw(lay_out(panels, style, *size), style), size=(PRINT_WIDTH, 2.0),
        group="moderators")


def _panel(rows: list[ModeratorEffect], labels: Labels) -> Panel:
    lines: list[Row] = []
    for tier, words in TIERS.items():
        own = [row for row in rows if row.tier == tier]
        if own:
            lines.append(Row(words, look="heading"))
        lines += [Row(labels.moderator(row.moderator), row.beta, row.ci_low, row.ci_high, "circle",
                      (str(row.n), str(row.k)), (estimate(row.beta, row.ci_low, row.ci_high), number(row.r)))
                  for row in own]
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    return Panel(tuple(lines), "Change of the effect (SD) for one SD more, or for yes against no", reference=0.0,
                 lower=f"favors {control}", higher=f"favors {active}", before=("n", "k"),
                 after=(f"β* (95{THIN}%{THIN}CI)", "r"))


def _alt(title: str, rows: list[ModeratorEffect], labels: Labels) -> str:
    far = [row for row in rows if (row.ci_low or 0.0) * (row.ci_high or 0.0) > 0]
    named = ", ".join(f"{labels.moderator(row.moderator)} {number(row.beta)}" for row in far)
    rest = f" Intervals that leave out zero: {named}." if named else " Every interval holds zero."
    return f"{title}: {count(len(rows), 'interaction')} with treatment, published model.{rest}"
