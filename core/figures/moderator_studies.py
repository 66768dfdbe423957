"""One moderator study by study: each study's own interaction with the pool of two stages, or, of a study-level
moderator, each study's own effect in the order of the moderator.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from core.figures.interval_figure import interval_figure
from core.figures.interval_rows import Panel, Row
from core.figures.moderator_keys import figure_key
from core.figures.specification import FigureSpec
from core.labels import Labels, in_sentence
from core.models.tails import NORMAL_95
from core.models.two_stage import PooledEstimate
from core.moderators.pictured import StudyLine
from core.plan import Moderator
from core.wording import MINUS, NOTHING, THIN, count, estimate, interval, number

ESTIMATE = f"Estimate (95{THIN}% CI)"


def moderator_studies(outcome: str, moderator: Moderator, lines: Sequence[StudyLine], pooled: PooledEstimate | None,
                      labels: Labels) -> FigureSpec | None:
    """The figure of one moderator and outcome; None where no study has an estimate."""
    known = [line for line in lines if line.estimate is not None]
    if not known:
        return None
    is_study = moderator.level == "study"
    panel = _between(moderator, known, labels) if is_study else _within(moderator, known, pooled, labels)
    silent = [labels.study(line.study) for line in lines if line.estimate is None]
    what = "each study's own effect" if is_study else "each study's own interaction"
    title = f"{labels.variable(moderator.name)}: {what}, {labels.outcome(outcome)}"
    key = figure_key("studies", outcome, moderator.name)
    if silent:
        panel = _with_silent(panel, len(silent))
    return interval_figure(key, title, _alt(title, known, silent, pooled, labels), [panel], "moderators")


def _within(moderator: Moderator, lines: Sequence[StudyLine], pooled: PooledEstimate | None, labels: Labels) -> Panel:
    heaviest = max((line.weight or 0.0 for line in lines), default=0.0) or 1.0
    lines = labels.in_order(lines, lambda one: one.study, lambda one: one.estimate,
                            lambda one: one.n_active + one.n_control)
    rows = [_row(line, (line.weight or 0.0) / heaviest, labels,
                 (f"{number(line.weight, 1)}{THIN}%" if line.weight is not None else NOTHING,)) for line in lines]
    if pooled is not None and pooled.estimate is not None:
        rows += _pooled_rows(pooled)
    per = "for one SD more" if moderator.kind == "continuous" else "for yes against no"
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    return Panel(tuple(rows), f"Change of the effect (SD) {per}, within each study", lower=f"favors {control}",
                 higher=f"favors {active}", before=("n active\n/ control",), after=(ESTIMATE, "Weight"))


def _pooled_rows(pooled: PooledEstimate) -> list[Row]:
    is_knapp = pooled.ci_low is not None
    low, high = (pooled.ci_low, pooled.ci_high) if is_knapp else (pooled.wald_low, pooled.wald_high)
    rows = [Row(f"Pool, {'Hartung-Knapp' if is_knapp else 'Wald'}", pooled.estimate, low, high, "diamond", (),
                (estimate(pooled.estimate, low, high), f"100{THIN}%"), bold=True, rule_above=True)]
    if pooled.prediction_low is not None:
        rows.append(Row("Prediction, new study", None, pooled.prediction_low, pooled.prediction_high, "bar", (),
                        (interval(pooled.prediction_low, pooled.prediction_high),)))
    if pooled.i2 is not None and pooled.tau2 is not None:
        rows.append(Row(f"I² {number(pooled.i2, 0)}{THIN}%, τ² {number(pooled.tau2, 3)}", look="heading"))
    return rows


def _between(moderator: Moderator, lines: Sequence[StudyLine], labels: Labels) -> Panel:
    """Studies in the order of the moderator; of a binary one in two groups."""
    ordered = sorted(lines, key=lambda line: line.place or 0.0)
    most = max(line.n_active + line.n_control for line in ordered)
    rows: list[Row] = []
    if moderator.kind == "binary":
        names = labels.sides(moderator.name)
        for side, own in groupby(ordered, key=lambda line: round(line.place or 0.0)):
            group = list(own)
            rows.append(Row(f"{names[side].capitalize()}: {count(len(group), 'study', 'studies')}", look="heading"))
            rows += [_row(line, (line.n_active + line.n_control) / most, labels, ()) for line in group]
    else:
        rows = [_row(line, (line.n_active + line.n_control) / most, labels, (number(line.place, 1),))
                for line in ordered]
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    return Panel(tuple(rows), f"Each study's own effect (SD), {active} {MINUS} {control}", lower=f"favors {control}",
                 higher=f"favors {active}", before=("n active\n/ control",),
                 after=(ESTIMATE,) if moderator.kind == "binary" else (ESTIMATE, "Value"))


def _row(line: StudyLine, weight: float, labels: Labels, more: tuple[str, ...]) -> Row:
    low = high = None
    if line.estimate is not None and line.se is not None:
        low, high = line.estimate - NORMAL_95 * line.se, line.estimate + NORMAL_95 * line.se
    return Row(labels.study(line.study), line.estimate, low, high, "square", (f"{line.n_active} / {line.n_control}",),
               (estimate(line.estimate, low, high), *more), weight)


def _with_silent(panel: Panel, silent: int) -> Panel:
    told = Row(f"{count(silent, 'study does', 'studies do')} not tell: too few patients, or all alike", look="heading")
    return Panel((*panel.rows, told), panel.axis_label, panel.title, panel.reference, panel.lower, panel.higher,
                 panel.log, panel.before, panel.after)


def _alt(title: str, known: Sequence[StudyLine], silent: Sequence[str], pooled: PooledEstimate | None,
         labels: Labels) -> str:
    ends = sorted(known, key=lambda line: line.estimate or 0.0)
    text = (f"{title}: {count(len(known), 'study', 'studies')} from {number(ends[0].estimate)} "
            f"({labels.study(ends[0].study)}) to {number(ends[-1].estimate)} ({labels.study(ends[-1].study)})")
    if pooled is not None and pooled.estimate is not None:
        text += f"; pool {estimate(pooled.estimate, pooled.ci_low, pooled.ci_high)}"
    return text + (f". Without an estimate: {', '.join(silent)}." if silent else ".")
