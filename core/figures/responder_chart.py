"""Responders: how many patients responded and remitted in each arm, the difference and the number needed to treat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from core.cohort import Cohort
from core.figures.axis import Axis, tick_texts
from core.figures.canvas import Canvas
from core.figures.specification import PRINT_WIDTH, FigureSpec
from core.figures.style import FigureStyle
from core.figures.text_size import text_width, wrapped
from core.labels import Labels, in_sentence
from core.results import MainEffect, Results
from core.tables import Table
from core.wording import number_needed, percent, points

MARGIN, BAR, BAR_GAP, HEAD, GROUP_GAP = 0.08, 0.2, 0.05, 0.26, 0.14


@dataclass(frozen=True)
class ResponderGroup:
    """One measure at one timepoint: patients with the event and all patients, active then control."""

    title: str
    events: tuple[int, int]
    totals: tuple[int, int]
    difference: str
    needed: str

    def share(self, arm: int) -> float:
        """Observed share (0 to 1) in arm 0 (active) or 1 (control)."""
        return self.events[arm] / self.totals[arm] if self.totals[arm] else 0.0


@dataclass(frozen=True)
class PlacedGroup:
    """A group with its places in inches: heading, both bars' middles and right ends, text beside them."""

    group: ResponderGroup
    title_y: float
    bar_y: tuple[float, float]
    bar_end: tuple[float, float]
    beside: str


@dataclass(frozen=True)
class ResponderLayout:
    """Everything in inches; `beside_x` is where differences are written."""

    width: float
    height: float
    axis: Axis
    axis_y: float
    beside_x: float
    groups: tuple[PlacedGroup, ...]


def responder_chart(results: Results, cohort: Cohort, labels: Labels) -> tuple[FigureSpec, ...]:
    """The chart, unless no response and no remission is asked for."""
    groups = responder_groups(results, cohort, labels)
    if not groups:
        return ()
    title = "Response and remission by arm as observed, differences from the model"
    columns = ("outcome", "events_active", "n_active", "share_active", "events_control", "n_control", "share_control",
               "difference", "number_needed")
    data = Table("responders", title, columns, tuple(
        (g.title, g.events[0], g.totals[0], g.share(0), g.events[1], g.totals[1], g.share(1), g.difference, g.needed)
        for g in groups))
    return (FigureSpec(
        key="responders", title=title, alt=_alt(groups, labels), data=data, size=(PRINT_WIDTH, 2.0),
        drawing=lambda style, size: draw(lay_out(groups, labels, style, *size), labels, style), group="main effects"),)


def responder_groups(results: Results, cohort: Cohort, labels: Labels) -> tuple[ResponderGroup, ...]:
    """Observed counts from the patients, differences from the models."""
    groups = []
    for values in cohort.outcomes:
        for name, events in (("response", values.response), ("remission", values.remission)):
            if events is None:
                continue
            found = next((effect for effect in results.main_effects
                          if effect.outcome == values.outcome.name and effect.measure == name), None)
            counts, totals = _counts(events, cohort.treatment)
            title = f"{name.capitalize()}, {in_sentence(labels.outcome(values.outcome.name))}"
            groups.append(ResponderGroup(title, counts, totals, *_effect_texts(found)))
    return tuple(groups)


def lay_out(groups: tuple[ResponderGroup, ...], labels: Labels, style: FigureStyle, width: float,
            least_height: float = 0.0) -> ResponderLayout:
    """Bars between the arms' names and the differences."""
    names = max(text_width(name, style) for name in (labels.active, labels.control))
    left = MARGIN + min(names, 0.25 * width) + 0.25
    beside = min(2.1, 0.36 * width)
    counts = max(text_width(_count_text(g, arm), style, style.small) for g in groups for arm in (0, 1)) + 0.15
    right = width - MARGIN - beside - 0.15 - counts
    top = max(g.share(arm) for g in groups for arm in (0, 1))
    axis = Axis(0.0, min(1.0, max(0.1, np.ceil(top * 10) / 10)), left, max(right, left + 0.8))
    needed = len(groups) * (HEAD + 2 * BAR + BAR_GAP + GROUP_GAP) + 0.5
    stretch = min(1.4, max(1.0, (least_height - 0.5) / (needed - 0.5)))
    placed = []
    y = MARGIN
    for group in groups:
        bars = (y + (HEAD + BAR / 2) * stretch, y + (HEAD + 1.5 * BAR + BAR_GAP) * stretch)
        beside_text = "\n".join(wrapped(text, beside, style, style.small) for text in (group.difference, group.needed)
                                if text)
        ends = axis.at(group.share(0)), axis.at(group.share(1))
        placed.append(PlacedGroup(group, y + HEAD / 2 * stretch, bars, ends, beside_text))
        y += (HEAD + 2 * BAR + BAR_GAP + GROUP_GAP) * stretch
    return ResponderLayout(width, max(least_height, y + 0.45), axis, y, width - MARGIN - beside, tuple(placed))


def draw(layout: ResponderLayout, labels: Labels, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    axis = layout.axis
    ticks = axis.ticks()
    for tick, text in zip(ticks, tick_texts(100 * tick for tick in ticks), strict=True):
        x = axis.at(tick)
        canvas.line([x, x], [layout.axis_y, layout.axis_y + 0.04], color=style.secondary)
        for placed in layout.groups if style.grid != "none" else ():
            ends = [placed.bar_y[0] - 0.6 * BAR, placed.bar_y[1] + 0.6 * BAR]
            canvas.line([x, x], ends, color=style.line, width=0.6)
        canvas.text(x, layout.axis_y + 0.12, text, align="center", size=style.small, color=style.secondary)
    canvas.line([axis.left, axis.right], [layout.axis_y, layout.axis_y], color=style.secondary)
    canvas.text((axis.left + axis.right) / 2, layout.axis_y + 0.3, "Patients (%), observed", align="center",
                size=style.small)
    for placed in layout.groups:
        _draw_group(canvas, layout, placed, labels)
    return canvas.figure


def _draw_group(canvas: Canvas, layout: ResponderLayout, placed: PlacedGroup, labels: Labels) -> None:
    style, axis = canvas.style, layout.axis
    canvas.text(MARGIN, placed.title_y, placed.group.title, bold=True)
    arms = ((labels.active, style.active), (labels.control, style.control))
    for arm, (name, color) in enumerate(arms):
        y, end = placed.bar_y[arm], placed.bar_end[arm]
        shown = wrapped(name, axis.left - MARGIN - 0.25, style, lines=1)
        canvas.marker(MARGIN + 0.05, y, "circle" if arm else "triangle", 6, color)
        canvas.text(MARGIN + 0.15, y, shown)
        canvas.rectangle(axis.left, y - BAR / 2, end - axis.left, BAR, fill=color)
        canvas.text(end + 0.06, y, _count_text(placed.group, arm), size=style.small)
    canvas.text(layout.beside_x, sum(placed.bar_y) / 2, placed.beside, size=style.small)


def _count_text(group: ResponderGroup, arm: int) -> str:
    if not group.totals[arm]:
        return "no patients"
    return f"{group.events[arm]}/{group.totals[arm]} ({percent(group.share(arm))})"


def _counts(events: np.ndarray, treatment: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    used = ~np.isnan(events)
    active, control = used & (treatment == 1), used & (treatment == 0)
    return ((int(events[active].sum()), int(events[control].sum())), (int(active.sum()), int(control.sum())))


def _effect_texts(effect: MainEffect | None) -> tuple[str, str]:
    if effect is None or effect.ard is None:
        return "no modeled difference", ""
    return (f"Difference {points(effect.ard, effect.ard_low, effect.ard_high)} percentage points",
            number_needed(effect.ard, effect.ard_low, effect.ard_high))


def _alt(groups: tuple[ResponderGroup, ...], labels: Labels) -> str:
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    sentences = []
    for group in groups:
        modeled = ", ".join(text for text in (group.difference, group.needed) if text)
        sentences.append(f"{group.title}: {_count_text(group, 0)} on {active}, {_count_text(group, 1)} on {control}; "
                         f"{modeled}.")
    return " ".join(sentences)
