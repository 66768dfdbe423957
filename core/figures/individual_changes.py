"""Individual changes: every patient of each arm as a point, with the density, median and quartiles; no identifiers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure

from core.cohort import Cohort, OutcomeValues
from core.figures.axis import Axis, tick_texts
from core.figures.canvas import Canvas
from core.figures.specification import PRINT_WIDTH, FigureSpec, file_key
from core.figures.style import FigureStyle
from core.figures.text_size import text_width, wrapped
from core.labels import Labels
from core.tables import Table
from core.wording import count, decimals_for, number

MARGIN, AXIS_HEIGHT, ARM_HEIGHT = 0.08, 0.5, 1.05
GOLDEN = 0.6180339887498949
ENOUGH = 10
"""Patients that a density needs."""
FAR = 3.0
"""Points beyond this many interquartile ranges from the quartiles stand at the edge as arrows."""


@dataclass(frozen=True)
class ArmChanges:
    """The values of one arm, (n,), and their summary."""

    name: str
    is_active: bool
    values: np.ndarray = field(repr=False)

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median, upper quartile."""
        low, middle, high = np.quantile(self.values, [0.25, 0.5, 0.75])
        return float(low), float(middle), float(high)


@dataclass(frozen=True)
class PlacedArm:
    """An arm in inches: points (n,) and (n,), the density's outline, the box, who is beyond the axis."""

    arm: ArmChanges
    middle: float
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    outline: tuple[tuple[float, float], ...] = field(repr=False)
    box: tuple[float, float, float]
    box_y: float
    n_below: int
    n_above: int


@dataclass(frozen=True)
class ChangesLayout:
    """Everything in inches. `threshold_x` is the response limit's place, None without one."""

    width: float
    height: float
    axis: Axis
    axis_y: float
    threshold_x: float | None
    arms: tuple[PlacedArm, ...]


def individual_changes(cohort: Cohort, labels: Labels) -> tuple[FigureSpec, ...]:
    """A figure for each outcome that has patients in an arm."""
    found = ((values, arm_changes(values, cohort, labels)) for values in cohort.outcomes)
    return tuple(_spec(values, arms, labels) for values, arms in found if arms)


def arm_changes(values: OutcomeValues, cohort: Cohort, labels: Labels) -> tuple[ArmChanges, ...]:
    """The arms that have values, active first."""
    arms = []
    for code, name in ((1, labels.active), (0, labels.control)):
        own = values.primary[values.has & (cohort.treatment == code)]
        if len(own):
            arms.append(ArmChanges(name, code == 1, np.asarray(own, dtype=float)))
    return tuple(arms)


def lay_out(arms: tuple[ArmChanges, ...], threshold: float | None, style: FigureStyle, width: float,
            least_height: float = 0.0) -> ChangesLayout:
    """Arms below each other on one axis."""
    widest = max(text_width(line, style, style.small) for arm in arms for line in _name_lines(arm))
    left = MARGIN + max(0.7, min(widest, 0.3 * width)) + 0.2
    axis = _axis(arms, left, width - MARGIN - 0.15)
    top = MARGIN + (0.2 if threshold is not None else 0.0)
    room = (least_height - top - AXIS_HEIGHT) / len(arms)
    tall = min(1.8, max(ARM_HEIGHT, room))
    placed = tuple(_place(arm, axis, top + index * tall, tall) for index, arm in enumerate(arms))
    axis_y = top + len(arms) * tall + 0.05
    shown = threshold is not None and axis.holds(threshold)
    return ChangesLayout(width, max(least_height, axis_y + AXIS_HEIGHT), axis, axis_y,
                         axis.at(threshold) if shown and threshold is not None else None, placed)


def draw(layout: ChangesLayout, axis_label: str, threshold_label: str, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    axis, y = layout.axis, layout.axis_y
    ticks = axis.ticks()
    canvas.line([axis.left, axis.right], [y, y], color=style.secondary)
    for tick, text in zip(ticks, tick_texts(ticks), strict=True):
        canvas.line([axis.at(tick)] * 2, [y, y + 0.04], color=style.secondary)
        canvas.text(axis.at(tick), y + 0.12, text, align="center", size=style.small, color=style.secondary)
    canvas.text((axis.left + axis.right) / 2, y + 0.3, axis_label, align="center", size=style.small)
    if axis.holds(0):
        canvas.line([axis.at(0)] * 2, [MARGIN + 0.2, y], color=style.line)
    if layout.threshold_x is not None:
        canvas.line([layout.threshold_x] * 2, [MARGIN + 0.2, y], color=style.secondary, dashes=True)
        half = text_width(threshold_label, style, style.small) / 2
        canvas.text(min(layout.threshold_x, layout.width - MARGIN - half), MARGIN + 0.1, threshold_label,
                    align="center", size=style.small, color=style.secondary)
    for placed in layout.arms:
        _draw_arm(canvas, placed, axis)
    return canvas.figure


def _draw_arm(canvas: Canvas, placed: PlacedArm, axis: Axis) -> None:
    style, arm = canvas.style, placed.arm
    color = style.active if arm.is_active else style.control
    if len(placed.outline):
        canvas.polygon(placed.outline, color, alpha=0.25)
    inside = (placed.x > axis.left) & (placed.x < axis.right)
    canvas.markers(placed.x[inside].tolist(), placed.y[inside].tolist(), "triangle" if arm.is_active else "circle", 3.2,
                   color, alpha=0.6)
    for beyond, shape in ((placed.x <= axis.left, "arrow_left"), (placed.x >= axis.right, "arrow_right")):
        if beyond.any():
            canvas.markers(placed.x[beyond].tolist(), placed.y[beyond].tolist(), shape, 4.5, color)  # type: ignore[arg-type]
    low, middle, high = placed.box
    canvas.rectangle(low, placed.box_y - 0.06, max(high - low, 0.01), 0.12, fill=style.ground, edge=color)
    canvas.line([middle, middle], [placed.box_y - 0.06, placed.box_y + 0.06], color=color, width=2)
    name, size, summary, spread = _name_lines(arm)
    room = axis.left - MARGIN - 0.15
    canvas.text(MARGIN, placed.middle - 0.24, wrapped(name, room, style, lines=1, bold=True), bold=True)
    for step, line in enumerate((size, summary, spread)):
        canvas.text(MARGIN, placed.middle - 0.06 + 0.15 * step, line, size=style.small, color=style.secondary)


def _place(arm: ArmChanges, axis: Axis, top: float, height: float) -> PlacedArm:
    base = top + 0.42 * height
    values = arm.values
    x = np.array([axis.at(value) for value in values])
    jitter = (GOLDEN * np.arange(1, len(values) + 1)) % 1.0
    y = base + 0.24 * height + 0.28 * height * jitter
    low, middle, high = (axis.at(value) for value in arm.quartiles)
    return PlacedArm(arm, top + height / 2, x, y, _outline(values, axis, base, 0.36 * height), (low, middle, high),
                     base + 0.12 * height, int((values < axis.low).sum()), int((values > axis.high).sum()))


def _outline(values: np.ndarray, axis: Axis, base: float, height: float) -> tuple[tuple[float, float], ...]:
    """The density (Gaussian kernel, Silverman's width) above a base line; none where values are few or all alike."""
    grid = np.linspace(axis.low, axis.high, 161)
    spread = values.std(ddof=1) if len(values) >= ENOUGH else 0.0
    if spread <= 0:
        return ()
    width = 0.9 * spread * len(values) ** -0.2
    density = np.exp(-0.5 * ((grid[:, None] - values) / width) ** 2).sum(axis=1)
    heights = base - height * density / density.max()
    curve = ((axis.at(value), float(top)) for value, top in zip(grid, heights, strict=True))
    return ((axis.left, base), *curve, (axis.right, base))


def _axis(arms: tuple[ArmChanges, ...], left: float, right: float) -> Axis:
    values = np.concatenate([arm.values for arm in arms])
    low, high = np.quantile(values, [0.25, 0.75])
    reach = FAR * (high - low) or 1.0
    lowest, highest = max(values.min(), low - reach), min(values.max(), high + reach)
    room = 0.03 * (highest - lowest) or 0.5
    return Axis(float(lowest - room), float(highest + room), left, right)


def _name_lines(arm: ArmChanges) -> tuple[str, str, str, str]:
    low, middle, high = arm.quartiles
    digits = max(0, decimals_for([middle, low, high]) - 1)
    return (arm.name, count(len(arm.values), "patient"), f"median {number(middle, digits)}",
            f"quartiles {number(low, digits)}, {number(high, digits)}")


def _spec(values: OutcomeValues, arms: tuple[ArmChanges, ...], labels: Labels) -> FigureSpec:
    is_value = values.outcome.value is not None
    threshold = None if is_value else values.outcome.response
    outcome = labels.outcome(values.outcome.name)
    axis_label = outcome if is_value else f"Improvement from baseline (%), {outcome}"
    threshold_label = "" if threshold is None else f"response: {threshold:g} % or more"
    title = f"Individual {'values' if is_value else 'changes'} by arm, {outcome}"
    key = file_key("individual", values.outcome.name)
    columns = ("arm", "n", "mean", "sd", "minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    rows = tuple((arm.name, len(arm.values), float(arm.values.mean()),
                  float(arm.values.std(ddof=1)) if len(arm.values) > 1 else None, float(arm.values.min()),
                  *arm.quartiles, float(arm.values.max())) for arm in arms)
    alt = f"{title}: " + "; ".join(", ".join(_name_lines(arm)) for arm in arms) + "."
    return FigureSpec(
        key=key, title=title, alt=alt, data=Table(key, title, columns, rows), size=(PRINT_WIDTH, 2.8),
        drawing=lambda style, size: draw(lay_out(arms, threshold, style, *size), axis_label, threshold_label, style),
        group="patients")
