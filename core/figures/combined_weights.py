"""The weights of one set: each member's, with its bootstrap range and how often it is kept."""

from __future__ import annotations

from collections.abc import Sequence

from core.combined_results import CombinedEffect, CombinedWeight
from core.figures.combined_keys import PLAIN_UNIT, figure_key, set_title
from core.figures.interval_figure import interval_figure
from core.figures.interval_rows import Panel, Row
from core.figures.specification import FigureSpec
from core.labels import Labels, in_sentence
from core.tables import Table
from core.wording import THIN, count, decimals_for, estimate, number, percent


def combined_weights(one: CombinedEffect, unit: str, labels: Labels) -> FigureSpec | None:
    """The figure of one set and outcome; `unit`: what a difference in the outcome counts. None without weights."""
    if not one.weights:
        return None
    ordered = sorted(one.weights, key=lambda weight: -abs(weight.weight))
    title = f"{set_title(one.set, one.outcome, labels)}: weights of the members"
    key = figure_key("weights", one.outcome, one.set)
    panel = _panel(ordered, unit, labels)
    return interval_figure(key, title, _alt(title, ordered, labels), [panel], "combined",
                           _table(key, title, ordered, labels))


def weight_text(weight: CombinedWeight, digits: int) -> str:
    """A weight with its range; a member without weight says so."""
    if not weight.weight:
        return "0, left out"
    return estimate(weight.weight, weight.weight_low, weight.weight_high, digits)


def weight_digits(weights: Sequence[CombinedWeight]) -> int:
    """Decimals that suit all weights of a set."""
    return max(1, decimals_for(weight.weight for weight in weights) - 1)


def _panel(weights: Sequence[CombinedWeight], unit: str, labels: Labels) -> Panel:
    digits = weight_digits(weights)
    rows = tuple(Row(labels.trait(weight.moderator), weight.weight, weight.weight_low, weight.weight_high,
                     "dot" if weight.weight else "circle", (weight.level,),
                     (weight_text(weight, digits), percent(weight.selected)))
                 for weight in weights)
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    is_plain = unit == PLAIN_UNIT
    return Panel(rows, f"Change of the difference for one SD more, {unit}",
                 lower=f"more on {control}" if is_plain else "less benefit",
                 higher=f"more on {active}" if is_plain else "more benefit",
                 before=("A fact of the",), after=(f"Weight (95{THIN}% range)", "Kept in"))


def _alt(title: str, weights: Sequence[CombinedWeight], labels: Labels) -> str:
    digits = weight_digits(weights)
    told = [f"{in_sentence(labels.trait(one.moderator))} {number(one.weight, digits)} "
            f"({number(one.weight_low, digits)} to {number(one.weight_high, digits)}; kept in {percent(one.selected)})"
            for one in weights if one.weight]
    empty = sum(not one.weight for one in weights)
    rest = f" {count(empty, 'member')} left out." if empty else ""
    return f"{title}, with the range of 95{THIN}% of resamples: {'; '.join(told) or 'no member is kept'}.{rest}"


def _table(key: str, title: str, weights: Sequence[CombinedWeight], labels: Labels) -> Table:
    return Table(key, title, ("moderator", "level", "weight", "weight_low", "weight_high", "weight_raw", "selected"),
                 tuple((labels.trait(one.moderator), one.level, one.weight, one.weight_low, one.weight_high,
                        one.weight_raw, one.selected) for one in weights))
