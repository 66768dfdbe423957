"""Risk of bias: a mark for each study and criterion, and how the judgments of each criterion are shared out.

Marks differ in shape and hold a sign, so that none is told by its color alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from core.figures.canvas import Canvas, Shape
from core.figures.specification import PRINT_WIDTH, FigureSpec
from core.figures.style import FigureStyle
from core.figures.text_size import text_width, wrapped
from core.labels import Labels
from core.registry import RISK_OF_BIAS, Judgment, Judgments
from core.tables import Table
from core.wording import CRITERIA, count

MARGIN, ROW, HEAD, BAR = 0.08, 0.24, 0.42, 0.2
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Sign:
    """How a judgment is drawn: its words, a shape in a color, and the sign on it in an ink that stands out."""

    words: str
    shape: Shape
    color: str
    sign: str
    ink: str = "#FFFFFF"


SIGNS: dict[Judgment, Sign] = {
    "low": Sign("low", "circle", "#009E73", "+"), "some": Sign("some concerns", "diamond", "#E69F00", "!", "#1B1F24"),
    "high": Sign("high", "square", "#B8442A", "\N{MINUS SIGN}"), "unclear": Sign("unclear", "circle", "#7A8490", "?")}
"""In the order of the legend; the colors can be told apart with any color vision."""


@dataclass(frozen=True)
class BiasRow:
    """One study at height y, with what was judged of each criterion in order."""

    label: str
    y: float
    judged: tuple[Judgment | None, ...]


@dataclass(frozen=True)
class BiasBar:
    """A part of a criterion's bar, from `left` so wide, inches; the number stands in it where there is room."""

    judgment: Judgment | None
    y: float
    left: float
    width: float
    n: int


@dataclass(frozen=True)
class BiasLayout:
    """Inches. `names` are the criteria with the middles of their columns, upright where they would not fit across, from
    `names_y` up; the bars stand below the studies.
    """

    width: float
    height: float
    names_y: float
    is_upright: bool
    names: tuple[tuple[str, float], ...]
    rows: tuple[BiasRow, ...]
    bar_names: tuple[tuple[str, float], ...]
    bars: tuple[BiasBar, ...]
    legend: tuple[tuple[Judgment | None, float, float], ...]


def risk_of_bias(judgments: Judgments, labels: Labels) -> tuple[FigureSpec, ...]:
    """The figure, unless nothing was judged."""
    if not any(judgments.values()):
        return ()
    title = "Risk of bias"
    rows = [(labels.study(study), *(_words(own.get(name)) for name in RISK_OF_BIAS))
            for study, own in judgments.items()]
    data = Table("risk_of_bias", title, ("study", *(CRITERIA[name].lower() for name in RISK_OF_BIAS)), tuple(rows))
    low = ", ".join(f"{CRITERIA[name].lower()} low in {sum(own.get(name) == 'low' for own in judgments.values())}"
                    for name in RISK_OF_BIAS)
    alt = f"{title} of {count(len(judgments), 'study', 'studies')} by five criteria: {low}."
    return (FigureSpec(key="risk_of_bias", title=title, alt=alt, data=data, size=(PRINT_WIDTH, 2.0), group="patients",
                       drawing=lambda style, size: draw(lay_out(judgments, labels, style, *size), style)),)


def _words(judgment: Judgment | None) -> str:
    return SIGNS[judgment].words if judgment is not None else NOT_JUDGED


def lay_out(judgments: Judgments, labels: Labels, style: FigureStyle, width: float,
            least_height: float = 0.0) -> BiasLayout:
    """Studies with their marks above, a bar for each criterion below, the legend last."""
    longest = max(text_width(text, style, style.small) for text in (*map(labels.study, judgments), *CRITERIA.values()))
    label_width = min(longest, 0.4 * width)
    left = MARGIN + label_width + 0.15
    step = min(1.3, (width - MARGIN - left) / len(RISK_OF_BIAS))
    is_upright = _widest(style, *(word for name in CRITERIA.values() for word in name.split())) > step - 0.06
    shown = [name if is_upright else wrapped(name, step - 0.06, style, style.small, bold=True)
             for name in map(CRITERIA.__getitem__, RISK_OF_BIAS)]
    names = tuple((name, left + (place + 0.5) * step) for place, name in enumerate(shown))
    head = _widest(style, *CRITERIA.values()) + 0.1 if is_upright else HEAD
    below = (len(RISK_OF_BIAS) + 3) * (BAR + 0.04)
    spare = (least_height - head - below - 2 * MARGIN) / max(1, len(judgments))
    row = min(0.34, max(ROW, spare))
    rows = tuple(BiasRow(wrapped(labels.study(study), label_width, style, style.small, lines=1),
                         MARGIN + head + (place + 0.5) * row, tuple(own.get(name) for name in RISK_OF_BIAS))
                 for place, (study, own) in enumerate(judgments.items()))
    top = MARGIN + head + len(judgments) * row + BAR
    bars, bar_names = _bars(judgments, left, step * len(RISK_OF_BIAS), top)
    legend_y = top + len(RISK_OF_BIAS) * (BAR + 0.04) + BAR
    legend = _legend(style, left, legend_y, width)
    names_y = MARGIN + (head - 0.06 if is_upright else head / 2)
    return BiasLayout(width, max(least_height, legend[-1][2] + BAR + MARGIN), names_y, is_upright, names, rows,
                      bar_names, bars, legend)


def _widest(style: FigureStyle, *texts: str) -> float:
    return max(text_width(text, style, style.small, bold=True) for text in texts)


def _bars(judgments: Judgments, left: float, room: float,
          top: float) -> tuple[tuple[BiasBar, ...], tuple[tuple[str, float], ...]]:
    bars: list[BiasBar] = []
    names = []
    for place, name in enumerate(RISK_OF_BIAS):
        y, x = top + place * (BAR + 0.04), left
        names.append((CRITERIA[name], y + BAR / 2))
        for judgment in (*SIGNS, None):
            n = sum(own.get(name) == judgment for own in judgments.values())
            if n:
                bars.append(BiasBar(judgment, y, x, room * n / len(judgments), n))
                x += room * n / len(judgments)
    return tuple(bars), tuple(names)


def _legend(style: FigureStyle, left: float, y: float,
            width: float) -> tuple[tuple[Judgment | None, float, float], ...]:
    """Marks with their words in a line, from the labels' edge where they would not fit beside the bars, or in lines."""
    shown: tuple[Judgment | None, ...] = (*SIGNS, None)
    each = [0.2 + text_width(_words(judgment), style, style.small) + 0.2 for judgment in shown]
    start = left if left + sum(each) < width else MARGIN
    found, x = [], start
    for judgment, room in zip(shown, each, strict=True):
        if x + room > width and x > start:
            x, y = start, y + BAR + 0.04
        found.append((judgment, x + 0.08, y))
        x += room
    return tuple(found)


def draw(layout: BiasLayout, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    for text, x in layout.names:
        canvas.text(x, layout.names_y, text, align="center", size=style.small, bold=True,
                    rotation=90 if layout.is_upright else 0)
    for row in layout.rows:
        canvas.text(MARGIN, row.y, row.label, size=style.small)
        for (_, x), judgment in zip(layout.names, row.judged, strict=True):
            _mark(canvas, x, row.y, judgment)
    for text, y in layout.bar_names:
        canvas.text(MARGIN, y, text, size=style.small)
    for bar in layout.bars:
        color = SIGNS[bar.judgment].color if bar.judgment is not None else style.panel
        canvas.rectangle(bar.left, bar.y, bar.width, BAR, fill=color, edge=style.ground)
        if bar.judgment is not None and bar.width > 0.3:
            sign = SIGNS[bar.judgment]
            canvas.text(bar.left + bar.width / 2, bar.y + BAR / 2, f"{sign.sign} {bar.n}", align="center",
                        size=style.small, color=sign.ink, bold=True)
    for judgment, x, y in layout.legend:
        _mark(canvas, x, y, judgment)
        canvas.text(x + 0.12, y, _words(judgment), size=style.small)
    return canvas.figure


def _mark(canvas: Canvas, x: float, y: float, judgment: Judgment | None) -> None:
    if judgment is None:
        canvas.marker(x, y, "circle", 2, canvas.style.secondary)
        return
    sign = SIGNS[judgment]
    canvas.marker(x, y, sign.shape, 11 if sign.shape != "diamond" else 10.5, sign.color)
    canvas.text(x, y, sign.sign, align="center", size=canvas.style.small, color=sign.ink, bold=True)
