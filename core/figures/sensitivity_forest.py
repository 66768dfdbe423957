"""Sensitivity board: the main effect again under other choices, one row a variant, a panel for each scale."""

from __future__ import annotations

from core.figures.interval_rows import Panel, Row, draw, lay_out, panels_table
from core.figures.specification import PRINT_WIDTH, FigureSpec, file_key
from core.labels import Labels, in_sentence
from core.results import Results, ScaleName, Sensitivity
from core.wording import MINUS, THIN, count, decimals_of, estimate, number

WITHOUT = "without "


def sensitivity_forests(results: Results, labels: Labels) -> tuple[FigureSpec, ...]:
    """A figure for each outcome that has variants."""
    outcomes = dict.fromkeys(row.outcome for row in results.sensitivity)
    as_given = {effect.outcome for effect in results.main_effects if effect.measure == "value"}
    return tuple(_spec(outcome, tuple(row for row in results.sensitivity if row.outcome == outcome), labels,
                       outcome not in as_given) for outcome in outcomes)


def sensitivity_panels(rows: tuple[Sensitivity, ...], labels: Labels,
                       is_better_known: bool = True) -> tuple[Panel, ...]:
    """Standardized variants on one axis, the others (ANCOVA, in points) on their own.

    `is_better_known`: whether more is better, so that the axis may say whom it favors.
    """
    scales: dict[ScaleName, str] = {"standardized": "Difference (SD)", "odds_ratio": "Odds ratio",
                                    "raw": "Difference in score (points); less is better"}
    panels = []
    for scale, label in scales.items():
        own = tuple(row for row in rows if row.scale == scale)
        if own:
            panels.append(_panel(own, label, labels, with_sides=is_better_known and scale != "raw"))
    return tuple(panels)


def variant_name(variant: str, labels: Labels) -> str:
    """A variant for readers: studies by their label."""
    if variant.startswith(WITHOUT):
        return f"Without {labels.study(variant.removeprefix(WITHOUT))}"
    return variant[:1].upper() + variant[1:]


def _panel(rows: tuple[Sensitivity, ...], axis_label: str, labels: Labels, with_sides: bool) -> Panel:
    digits = decimals_of(rows)
    lines: list[Row] = []
    has_heading = False
    for row in rows:
        if row.variant.startswith(WITHOUT) and not has_heading:
            lines.append(Row("Leaving one study out", look="heading"))
            has_heading = True
        text = "no estimate" if row.estimate is None else estimate(row.estimate, row.ci_low, row.ci_high, digits)
        first = row.variant == "as analyzed"
        lines.append(Row(variant_name(row.variant, labels), row.estimate, row.ci_low, row.ci_high,
                         "diamond" if first else "circle", (str(row.n), str(row.k)), (text,), bold=first))
    log = rows[0].scale == "odds_ratio"
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    return Panel(tuple(lines), f"{axis_label}, {active} {MINUS} {control}" if not log else axis_label,
                 reference=1.0 if log else 0.0, lower=f"favors {control}" if with_sides else "",
                 higher=f"favors {active}" if with_sides else "", log=log, before=("n", "k"),
                 after=(f"Estimate (95{THIN}%{THIN}CI)",))


def _spec(outcome: str, rows: tuple[Sensitivity, ...], labels: Labels, is_better_known: bool) -> FigureSpec:
    panels = sensitivity_panels(rows, labels, is_better_known)
    key = file_key("sensitivity", outcome)
    title = f"Sensitivity of the main effect, {labels.outcome(outcome)}"
    return FigureSpec(
        key=key, title=title, alt=_alt(title, rows, labels), data=panels_table(key, title, panels),
        drawing=lambda style, size: draw(lay_out(panels, style, *size), style), size=(PRINT_WIDTH, 2.0),
        group="sensitivity")


def _alt(title: str, rows: tuple[Sensitivity, ...], labels: Labels) -> str:
    standardized = [row for row in rows if row.scale == "standardized" and row.estimate is not None]
    text = f"{title}: {count(len(rows), 'variant')}"
    if not standardized:
        return f"{text}."
    low, high = (pick(standardized, key=lambda row: row.estimate or 0.0) for pick in (min, max))
    ends = [f"{number(row.estimate)} ({in_sentence(variant_name(row.variant, labels))})" for row in (low, high)]
    return f"{text}, standardized effects from {' to '.join(ends)}."
