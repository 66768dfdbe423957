"""Participant flow: in the files, left out and why, analyzed at each timepoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from core.cohort import Cohort
from core.figures.canvas import Canvas
from core.figures.specification import PRINT_WIDTH, FigureSpec
from core.figures.style import FigureStyle
from core.figures.text_size import text_height, wrapped
from core.harmonized import REASONS, FlowRow
from core.labels import Labels, in_sentence
from core.results import Results
from core.tables import Table
from core.wording import REASONS as REASON_WORDS
from core.wording import count, patients_in_studies

MARGIN, PAD, GAP = 0.1, 0.09, 0.28


@dataclass(frozen=True)
class FlowCounts:
    """Totals over studies. `excluded`: reason -> patients; `rows_left_out`: reason -> rows of the files."""

    n_in_file: int
    k_in_file: int
    n_analyzed: int
    k_analyzed: int
    excluded: dict[str, int]
    rows_left_out: dict[str, int]
    outcomes: tuple[tuple[str, int, int, int, int], ...]
    """Label, n, k, active, control of each outcome."""


@dataclass(frozen=True)
class Box:
    """A box with its text, by its upper left corner, inches."""

    text: str
    x: float
    y: float
    width: float
    height: float
    is_aside: bool = False


@dataclass(frozen=True)
class FlowLayout:
    """Boxes and arrows (from, to as points), inches."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[tuple[float, float], tuple[float, float]], ...]


def participant_flow(results: Results, cohort: Cohort, labels: Labels) -> tuple[FigureSpec, ...]:
    """The flow diagram."""
    counts = flow_counts(results.flow, cohort, labels)
    texts = flow_texts(counts, labels, bool(results.plan.include))
    title = "Participant flow"
    rows: list[tuple[str, int, str]] = [("in file", counts.n_in_file, "")]
    rows += [("excluded", n, reason) for reason, n in counts.excluded.items()]
    rows += [("rows left out", n, reason) for reason, n in counts.rows_left_out.items()]
    rows += [("analyzed", counts.n_analyzed, "")]
    rows += [(f"analyzed, {label}", n, "") for label, n, *_ in counts.outcomes]
    data = Table("participant_flow", title, ("stage", "n", "reason"), tuple(rows))
    alt = f"{title}. " + " ".join(f"{text.replace(chr(10), ', ')}." for text in (*texts[:3], *texts[3]))
    return (FigureSpec(key="participant_flow", title=title, alt=alt, data=data, size=(PRINT_WIDTH, 2.0),
                       drawing=lambda style, size: draw(lay_out(texts, style, *size), style), group="patients"),)


def flow_counts(flow: Sequence[FlowRow], cohort: Cohort, labels: Labels) -> FlowCounts:
    """Sums of the flow table, and the patients of each outcome."""
    def total(stage: str, reason: str = "", unit: str = "patients") -> int:
        return sum(r.n for r in flow if r.stage == stage and r.unit == unit and (not reason or r.reason == reason))

    def by_reason(unit: str) -> dict[str, int]:
        found = {reason: total("excluded", reason, unit) for reason in REASONS}
        return {reason: n for reason, n in found.items() if n}

    outcomes = []
    for values in cohort.outcomes:
        active = int((values.has & (cohort.treatment == 1)).sum())
        n = int(values.has.sum())
        outcomes.append((labels.outcome(values.outcome.name), n, len(set(cohort.study[values.has].tolist())), active,
                         n - active))
    return FlowCounts(total("in file"), len({row.study for row in flow if row.stage == "in file" and row.n}),
                      cohort.n, len(set(cohort.study.tolist())), by_reason("patients"), by_reason("rows"),
                      tuple(outcomes))


def flow_texts(counts: FlowCounts, labels: Labels, is_selected: bool = False) -> tuple[str, str, str, tuple[str, ...]]:
    """What stands in the boxes: in file, left out, analyzed, and one for each outcome.

    `is_selected`: the plan keeps some rows only, which is then the likely "other reason".
    """
    words = {**REASON_WORDS, "other": "not selected by the plan, or other reason"} if is_selected else REASON_WORDS
    left_out = counts.n_in_file - counts.n_analyzed
    lines = [f"Left out: {count(left_out, 'patient')}"]
    lines += [f"{words[reason]}: {n:,}" for reason, n in counts.excluded.items()]
    lines += [f"{words[reason]}: {count(n, 'row')} of known patients"
              for reason, n in counts.rows_left_out.items()]
    outcomes = tuple(f"{label}\n{patients_in_studies(n, k)}\n{active} {in_sentence(labels.active)}, "
                     f"{control} {in_sentence(labels.control)}" for label, n, k, active, control in counts.outcomes)
    return (f"In the files\n{patients_in_studies(counts.n_in_file, counts.k_in_file)}", "\n".join(lines),
            f"Analyzed (primary set)\n{patients_in_studies(counts.n_analyzed, counts.k_analyzed)}", outcomes)


def lay_out(texts: tuple[str, str, str, tuple[str, ...]], style: FigureStyle, width: float,
            least_height: float = 0.0) -> FlowLayout:
    """In file above analyzed, left out beside them, outcomes in a row (or below each other where there is no room)."""
    in_file, left_out, analyzed, outcomes = texts
    main_width = 0.46 * (width - 2 * MARGIN)
    side_x = MARGIN + main_width + 0.4
    first = _box(in_file, MARGIN, MARGIN, main_width, style)
    aside = _box(left_out, side_x, first.y + first.height + 0.1, width - MARGIN - side_x, style, is_aside=True)
    second = _box(analyzed, MARGIN, aside.y + aside.height + 0.1, main_width, style)
    center = MARGIN + main_width / 2
    middle = aside.y + aside.height / 2
    arrows = [((center, first.y + first.height), (center, second.y)), ((center, middle), (aside.x, middle))]
    boxes = [first, aside, second]
    top = second.y + second.height + GAP
    per_row = max(1, min(len(outcomes), int((width - 2 * MARGIN + 0.15) / 2.3)))
    each = (width - 2 * MARGIN - 0.15 * (per_row - 1)) / per_row if outcomes else 0.0
    for start in range(0, len(outcomes), per_row):
        row = [_box(text, MARGIN + i * (each + 0.15), top, each, style)
               for i, text in enumerate(outcomes[start:start + per_row])]
        boxes += row
        if start == 0:
            arrows += [((center, second.y + second.height), (_entry(box, center), top)) for box in row]
        top += max(box.height for box in row) + 0.12
    return FlowLayout(width, max(least_height, top), tuple(boxes), tuple(arrows))


def draw(layout: FlowLayout, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    for (x0, y0), (x1, y1) in layout.arrows:
        if x0 != x1 and y0 != y1:  # down, across, down
            half = (y0 + y1) / 2
            canvas.line([x0, x0, x1, x1], [y0, half, half, y1 - 0.05], color=style.secondary)
        else:
            canvas.line([x0, x1], [y0, y1], color=style.secondary)
        size = 0.05
        tip = [(x1, y1), (x1 - size, y1 - size), (x1 - size, y1 + size)] if y0 == y1 else \
            [(x1, y1), (x1 - size, y1 - 1.6 * size), (x1 + size, y1 - 1.6 * size)]
        canvas.polygon(tip, style.secondary)
    for box in layout.boxes:
        canvas.rectangle(box.x, box.y, box.width, box.height, fill=style.panel, edge=style.line)
        step = text_height("x", style)
        for index, line in enumerate(box.text.split("\n")):
            canvas.text(box.x + PAD, box.y + PAD + (index + 0.5) * step, line, bold=index == 0)
    return canvas.figure


def _entry(box: Box, x: float) -> float:
    """Where an arrow from x enters a box from above: straight down if it can."""
    return x if box.x + 0.1 < x < box.x + box.width - 0.1 else box.x + box.width / 2


def _box(text: str, x: float, y: float, width: float, style: FigureStyle, is_aside: bool = False) -> Box:
    broken = "\n".join(wrapped(line, width - 2 * PAD, style, bold=index == 0)
                       for index, line in enumerate(text.split("\n")))
    return Box(broken, x, y, width, text_height(broken, style) + 2 * PAD, is_aside)
