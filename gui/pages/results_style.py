"""How the project's figures look: letters, colors, marks, lines, order and names; each change is a decision."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.figure_choices import PAIRS, SIZE, FigureChoices
from core.labels import Labels
from gui import dialogs, theme
from gui.pages.results_figures import session_labels
from gui.theme import GRID
from gui.widgets.choices import combo, form_of, offer
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import button, label, scrolling

if TYPE_CHECKING:
    from core.session import Session

WIDTH = 288
SIZES = (7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 14.0)
MARKS = (("Smaller", 0.75), ("Usual", 1.0), ("Larger", 1.3), ("Much larger", 1.6))
LINES = (("Thinner", 0.7), ("Usual", 1.0), ("Thicker", 1.5), ("Much thicker", 2.0))
GRIDS = (("Where usual", "auto"), ("In all figures", "all"), ("None", "none"))
ORDERS = (("As in the project", "given"), ("By name", "name"), ("By year", "year"), ("By effect", "effect"),
          ("By size", "size"))
OWN = "own"
FIELDS: dict[str, tuple[str, str]] = {
    "font": ("Font", "font"), "size": ("Letters", "size of letters"), "points": ("Marks", "size of marks"),
    "lines": ("Lines", "width of lines"), "grid": ("Grid lines", "grid lines"),
    "order": ("Studies", "order of studies"),
}
"""What is chosen from a list: words beside it, and in the name of the change."""


@dataclass(frozen=True)
class Named:
    """A thing whose name may be chosen: its kind (`arms`, `variables`, `studies`), key, and name before that."""

    kind: str
    key: str
    before: str


class StylePanel(QFrame):
    """`changed` carries the new choices and what the change is called."""

    changed = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setFixedWidth(WIDTH)
        self.choices = FigureChoices()
        self._own: tuple[Named, ...] = ()
        self.fields = {name: combo(words, partial(self._take, name)) for name, (words, _) in FIELDS.items()}
        self.pair = combo("Colors of the arms", self._take_pair)
        self.colors = {arm: button("") for arm in ("active", "control")}
        for arm, press in self.colors.items():
            press.clicked.connect(lambda _=False, arm=arm: self._take_color(arm))
        self.kinds = combo("Names of", self._show_names)
        offer(self.kinds, (("Arms", "arms"), ("Studies", "studies"), ("Variables", "variables")), "arms")
        self.names = EditTable("Names in figures, tables and report", (
            Column("Name", lambda one: one.before, least=90, hint=lambda one: one.before),
            Column("Called", self._called, least=90, stretch=True, hint=self._called)), is_dense=True)
        self.names.edited.connect(self._take_name)
        self.names.setMinimumHeight(110)
        self.reset = button("Reset all")
        self.reset.setToolTip("Back to how the program draws figures")
        self.reset.clicked.connect(lambda: self.changed.emit(FigureChoices(), "Figures: style reset"))
        self._lay_out()

    def _lay_out(self) -> None:
        colors = QWidget()
        row = QHBoxLayout(colors)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for press in self.colors.values():
            row.addWidget(press, 1)
        for box in (*self.fields.values(), self.pair, self.kinds):
            box.setMinimumContentsLength(6)
        form = form_of((*((words, self.fields[name]) for name, (words, _) in FIELDS.items()), ("Colors", self.pair)))
        names = form_of((("Names of", self.kinds),))
        for one in (form, names):
            one.setHorizontalSpacing(GRID)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(GRID)
        column.addWidget(label("Style of all figures", "section"))
        column.addWidget(label("Kept in the project; no number changes. Names hold for tables and report as well.",
                               "secondary", wrap=True))
        column.addLayout(form)
        column.addWidget(colors)
        column.addLayout(names)
        column.addWidget(self.names, 1)
        column.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, GRID, 4, GRID)
        outer.addWidget(scrolling(inner, "Style of all figures"))

    # --- showing ----------------------------------------------------------------------------------------------------

    def show_choices(self, choices: FigureChoices, named: tuple[Named, ...], labels: Labels) -> None:
        """Show what is chosen; `named` are the things that have names."""
        self.choices, self._own = choices, named
        for name, options in self._options().items():
            offer(self.fields[name], options, getattr(choices, name))
        pair = (choices.active, choices.control)
        offer(self.pair, [*((words, words) for words in PAIRS), ("Own colors", OWN)],
              next((words for words, one in PAIRS.items() if one == pair), OWN))
        for arm, press in self.colors.items():
            press.setText({"active": labels.active, "control": labels.control}[arm])
            press.setIcon(_swatch(getattr(choices, arm) or _usual(arm)))
            press.setToolTip(f"Color of {press.text()}: {getattr(choices, arm) or 'the usual'}")
            press.setAccessibleName(f"Color of {press.text()}")
        self.reset.setEnabled(not choices.is_default)
        self._show_names()

    def _options(self) -> dict[str, list[tuple[str, Any]]]:
        from core.figures.style import families_for_words

        fonts = dict.fromkeys((*families_for_words(), *filter(None, (self.choices.font,))))
        sizes = sorted({*SIZES, self.choices.size})
        return {"font": [("Usual", ""), *((name, name) for name in fonts)],
                "size": [(f"{size:g} points" + (" (usual)" if size == SIZE else ""), size) for size in sizes],
                "points": _with(MARKS, self.choices.points), "lines": _with(LINES, self.choices.lines),
                "grid": list(GRIDS), "order": list(ORDERS)}

    def _show_names(self) -> None:
        kind = self.kinds.currentData()
        own = [one for one in self._own if one.kind == kind]
        self.names.show_records(own, {"Called": Edit(self._called, hint="as in the project", read=str.strip)})

    def _called(self, one: Named) -> str:
        return getattr(self.choices, one.kind).get(one.key, "")

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _decide(self, what: str, **changes: object) -> None:
        new = FigureChoices.model_validate({**self.choices.model_dump(), **changes})
        if new != self.choices:
            self.changed.emit(new, f"Figures: {what}")

    def _take(self, name: str) -> None:
        self._decide(FIELDS[name][1], **{name: self.fields[name].currentData()})

    def _take_pair(self) -> None:
        chosen = self.pair.currentData()
        if chosen != OWN:
            active, control = PAIRS[chosen]
            self._decide("colors of the arms", active=active, control=control)
        else:
            self._take_color("active")

    def _take_color(self, arm: str) -> None:
        before = getattr(self.choices, arm) or _usual(arm)
        found = dialogs.choose_color(self, self.colors[arm].accessibleName(), before)
        if found is not None:
            self._decide("colors of the arms", **{arm: found})
        else:
            self.show_pair()

    def show_pair(self) -> None:
        """The pair in force, after one was thought better of."""
        pair = (self.choices.active, self.choices.control)
        self.pair.setCurrentIndex(next((place for place, one in enumerate(PAIRS.values()) if one == pair), len(PAIRS)))

    def _take_name(self, one: Named, title: str, name: str) -> None:
        others = {key: value for key, value in getattr(self.choices, one.kind).items() if key != one.key}
        self._decide(f"name of {one.before}", **{one.kind: {**others, **({one.key: name} if name else {})}})


def named_things(session: Session) -> tuple[Named, ...]:
    """What may be given a name of its own, by its name before that."""
    labels = session_labels(session.with_figure_choices(FigureChoices()))
    return (Named("arms", "active", labels.active), Named("arms", "control", labels.control),
            *(Named("studies", study.study, labels.study(study.study)) for study in session.registry.studies),
            *(Named("variables", one.name, labels.variable(one.name)) for one in session.plan.moderators))


def _with(options: tuple[tuple[str, float], ...], value: float) -> list[tuple[str, Any]]:
    return [*options, *(() if any(one == value for _, one in options) else ((f"{value:g} times", value),))]


def _usual(arm: str) -> str:
    from core.figures.style import DARK, LIGHT

    style = DARK if theme.colors().name == "dark" else LIGHT
    return str(getattr(style, arm))


def _swatch(color: str) -> QIcon:
    picture = QPixmap(QSize(14, 14))
    picture.fill(QColor(color))
    painter = QPainter(picture)
    painter.setPen(theme.colors().color("secondary"))
    painter.drawRect(0, 0, 13, 13)
    painter.end()
    return QIcon(picture)
