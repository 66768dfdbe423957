"""Sensitivity board: the main effect, or its change with a moderator, again under other choices: one row a variant, a
panel for each scale.
"""

from __future__ import annotations

from core.figures.interval_figure import interval_figure
from core.figures.interval_rows import Panel, Row
from core.figures.specification import FigureSpec, file_key
from core.labels import Labels, in_sentence
from core.results import MAIN, Results, ScaleName, Sensitivity
from core.wording import MINUS, THIN, count, decimals_of, estimate, number, p_value, target_words

WITHOUT, CUT = "without ", "Tier 1 from "
HEADINGS = {WITHOUT: "Leaving one study out", CUT: "Other cut-offs of Tier 1: p"}


def sensitivity_forests(results: Results, labels: Labels) -> tuple[FigureSpec, ...]:
    """A figure for each outcome and target that has variants."""
    boards = dict.fromkeys((row.outcome, row.target) for row in results.sensitivity)
    as_given = {effect.outcome for effect in results.main_effects if effect.measure == "value"}
    return tuple(_spec(tuple(row for row in results.sensitivity if (row.outcome, row.target) == board), labels,
                       board[0] not in as_given) for board in boards)


def sensitivity_key(row: Sensitivity) -> str:
    """The key of the figure that a row stands in."""
    return file_key("sensitivity", row.outcome, *([] if row.target == MAIN else [row.target]))


def sensitivity_panels(rows: tuple[Sensitivity, ...], labels: Labels,
                       is_better_known: bool = True) -> tuple[Panel, ...]:
    """Standardized variants on one axis, the others (ANCOVA, in points; effect sizes r) on their own.

    `is_better_known`: whether more is better, so that the axis may say whom it favors.
    """
    is_main = rows[0].target == MAIN
    what = "Difference" if is_main else "Change of the difference"
    scales: dict[ScaleName, str] = {"standardized": f"{what} (SD)", "odds_ratio": "Odds ratio",
                                    "raw": f"{what} in score (points); less is better",
                                    "correlation": "Effect size r"}
    panels = []
    for scale, label in scales.items():
        own = tuple(row for row in rows if row.scale == scale)
        if own:
            panels.append(_panel(own, label, labels, with_sides=is_main and is_better_known and scale != "raw"))
    return tuple(panels)


def variant_name(variant: str, labels: Labels) -> str:
    """A variant for readers: studies by their label."""
    if variant.startswith(WITHOUT):
        return f"Without {labels.study(variant.removeprefix(WITHOUT))}"
    return variant[:1].upper() + variant[1:].replace(" %", f"{THIN}%")


def _panel(rows: tuple[Sensitivity, ...], axis_label: str, labels: Labels, with_sides: bool) -> Panel:
    digits = decimals_of(rows)
    lines: list[Row] = []
    told = ""
    kinds = {row.variant: next((kind for kind in HEADINGS if row.variant.startswith(kind)), "") for row in rows}
    left_out = labels.in_order([row for row in rows if kinds[row.variant] == WITHOUT],
                               lambda row: row.variant.removeprefix(WITHOUT), lambda row: row.estimate,
                               lambda row: -row.n)
    others = [row for row in rows if kinds[row.variant] != WITHOUT]
    for row in sorted((*others, *left_out), key=lambda row: ("", *HEADINGS).index(kinds[row.variant])):
        kind = kinds[row.variant]
        if kind and kind != told:
            lines.append(Row(HEADINGS[kind], look="heading"))
            told = kind
        text = "no estimate" if row.estimate is None else estimate(row.estimate, row.ci_low, row.ci_high, digits)
        text = f"p {p_value(row.p)}" if kind == CUT else text
        first = row.variant == "as analyzed"
        lines.append(Row(variant_name(row.variant, labels), row.estimate, row.ci_low, row.ci_high,
                         "diamond" if first else "circle", (str(row.n), str(row.k)), (text,), bold=first))
    log = rows[0].scale == "odds_ratio"
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    has_sides = rows[0].scale in ("standardized", "raw")
    return Panel(tuple(lines), f"{axis_label}, {active} {MINUS} {control}" if has_sides else axis_label,
                 reference=1.0 if log else 0.0, lower=f"favors {control}" if with_sides else "",
                 higher=f"favors {active}" if with_sides else "", log=log, before=("n", "k"),
                 after=(f"Estimate (95{THIN}%{THIN}CI)",))


def _spec(rows: tuple[Sensitivity, ...], labels: Labels, is_better_known: bool) -> FigureSpec:
    panels, key = sensitivity_panels(rows, labels, is_better_known), sensitivity_key(rows[0])
    title = f"Sensitivity of the {target_words(rows[0], labels)}, {labels.outcome(rows[0].outcome)}"
    return interval_figure(key, title, _alt(title, rows, labels), panels, "sensitivity")


def _alt(title: str, rows: tuple[Sensitivity, ...], labels: Labels) -> str:
    standardized = [row for row in rows if row.scale == "standardized" and row.estimate is not None]
    text = f"{title}: {count(len(rows), 'variant')}"
    if not standardized:
        return f"{text}."
    low, high = (pick(standardized, key=lambda row: row.estimate or 0.0) for pick in (min, max))
    ends = [f"{number(row.estimate)} ({in_sentence(variant_name(row.variant, labels))})" for row in (low, high)]
    return f"{text}, standardized effects from {' to '.join(ends)}."
