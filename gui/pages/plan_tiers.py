"""Tiers: how much of the patients has each moderator, what other cut-offs would move, and moving one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSlider, QSplitter, QVBoxLayout, QWidget

from core.documents import build_document
from core.errors import UserError
from core.plan import with_tier
from core.protocol import TierCuts
from gui.pages.check_tables import share_text
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.figure_view import FigureView
from gui.widgets.frame import ElidedLabel, button, label
from gui.widgets.marks import Mark
from gui.widgets.message_line import MessageLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.availability import TierMove
    from core.figures.specification import FigureSpec
    from core.labels import Labels
    from core.plan import Moderator, Plan
    from core.results import Availability

BY_HAND = Mark("user", "by hand", "accent")
NAMES = {"1": "Tier 1", "2": "Tier 2", "none": "not tested"}
OPTIONS = (("by availability", "auto"), ("Tier 1", 1), ("Tier 2", 2), ("not tested", "none"))
NAMED = 3
"""Moderators named in the sentence, of each tier they would move to."""
STEPS = 10
"""Steps of a slider to a percent."""
NOTHING = "The map will be here once the patients are counted."


class TiersPanel(QWidget):
    """`edited` carries the next plan and what was changed; `moved` the same with the reason."""

    edited = Signal(object, str)
    moved = Signal(object, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan: Plan | None = None
        self._labels: Labels | None = None
        self._found: tuple[Availability, ...] = ()
        self._new: dict[str, str] = {}
        self.cuts = CutOffs()
        self.cuts.changed.connect(self._preview)
        self.take = button("Take these cut-offs")
        self.take.clicked.connect(self._take_cuts)
        self.back = button("Put back")
        self.back.clicked.connect(lambda: self._plan and self.cuts.show_cuts(self._plan.tiers))
        self.words = label(kind="secondary", wrap=True)
        self.table = DataTable("Moderators and their tiers", self._columns(), key=lambda row: row.moderator,
                               is_dense=True)
        self.table.chosen.connect(lambda _: self._show_move())
        self.view = FigureView(NOTHING)
        self._lay_out()

    def _columns(self) -> tuple[Column, ...]:
        return (Column("Moderator", self._name, hint=self._name, stretch=True, least=110),
                Column("Share", lambda row: share_text(row.share), number=True, order=lambda row: row.share,
                       about="Of the patients of the primary set"),
                Column("Tier", self._tier, hint=lambda row: row.reason, order=lambda row: row.tier,
                       mark=lambda row: BY_HAND if self._is_by_hand(row.moderator) else None),
                Column("Would be", lambda row: NAMES.get(self._new.get(row.moderator, ""), ""),
                       about="With the cut-offs above"))

    def _lay_out(self) -> None:
        cuts = QHBoxLayout()
        cuts.setSpacing(2 * GRID)
        cuts.addWidget(self.cuts, 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.take)
        buttons.addWidget(self.back)
        cuts.addLayout(buttons)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.view)
        split.setStretchFactor(1, 1)
        split.setSizes([380, 410])
        self.table.setMinimumWidth(330)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(cuts)
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.words)
        column.addWidget(split, 1)
        column.addWidget(self._move_line())

    def _move_line(self) -> QWidget:
        made = QWidget()
        self.name = ElidedLabel()
        self.name.setMaximumWidth(200)
        self.tier = combo("Tier of the chosen moderator", self._show_button)
        self.tier.setMinimumContentsLength(13)
        self.reason = QLineEdit()
        self.reason.setAccessibleName("Reason for moving it")
        self.reason.setPlaceholderText("your reason; it stands in the report")
        self.reason.returnPressed.connect(self._move)
        self.reason.textChanged.connect(lambda _: self._show_button())
        self.move_button = button("Move")
        self.move_button.clicked.connect(self._move)
        self.fault = MessageLine()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.name)
        row.addWidget(self.tier)
        row.addWidget(label("because"))
        row.addWidget(self.reason, 1)
        row.addWidget(self.move_button)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.fault)
        column.addLayout(row)
        return made

    # --- showing ----------------------------------------------------------------------------------------------------

    def show_plan(self, plan: Plan, labels: Labels) -> None:
        """Show the cut-offs of a plan; a preview of others ends."""
        self._labels = labels
        if self._plan is None or plan.tiers != self._plan.tiers:
            self.cuts.show_cuts(plan.tiers)
        self._plan = plan
        self._preview()

    def show_availability(self, found: tuple[Availability, ...], figure: FigureSpec | None) -> None:
        """Show what the primary set has, counted under the plan."""
        order = list(NAMES)
        self._found = tuple(sorted(found, key=lambda one: (order.index(one.tier), -one.share)))  # as the map has them
        self._preview()
        if self.table.current is None and self._found:
            self.table.choose(self._found[0].moderator, tell=False)
        self._show_move()
        if figure is None:
            is_empty = self._plan is not None and not self._plan.moderators
            self.view.show_nothing("The plan names no moderators." if is_empty else NOTHING)
        else:
            self.view.show_figure(figure)

    def _preview(self) -> None:
        """What the cut-offs in the fields would move."""
        if self._plan is None or self._labels is None:
            return
        try:
            cuts = self.cuts.cuts()
        except UserError:
            self._say("Tier 2 cannot begin above Tier 1.", is_other=True, may_be_taken=False)
            return
        from core.availability import family_sizes, tier_moves

        moves = tier_moves(self._found, self._plan, cuts)
        self._new = {move.moderator: move.new for move in moves}
        old = [one.tier for one in self._found]
        new = [self._new.get(one.moderator, one.tier) for one in self._found]
        before, after = family_sizes(old, self._plan), family_sizes(new, self._plan)
        is_other = cuts != self._plan.tiers
        families = ", ".join(f"{NAMES[tier]} {before[tier]}" + (f" \N{RIGHTWARDS ARROW} {after[tier]}" if is_other
                                                               else "") for tier in before)
        would = self._moves_in_words(moves) or "Nothing would move." if is_other else ""
        self._say(f"Tests in a family: {families}. {would}", is_other)

    def _moves_in_words(self, moves: Sequence[TierMove]) -> str:
        """The first few by name; the table has them all."""
        parts = []
        for tier, words in NAMES.items():
            named = [self._name(move) for move in moves if move.new == tier]
            more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
            if named:
                parts.append(f"{', '.join(named[:NAMED])}{more} would be {words}.")
        return " ".join(parts)

    def _say(self, text: str, is_other: bool, may_be_taken: bool = True) -> None:
        if not may_be_taken:
            self._new = {}
        self.words.setText(text)
        self.take.setEnabled(is_other and may_be_taken)
        self.back.setEnabled(is_other)
        self.table.show_records(self._found, without=() if self._new else ("Would be",))

    def _show_move(self) -> None:
        row: Availability | None = self.table.current
        for part in (self.tier, self.reason):
            part.setEnabled(row is not None)
        if row is None or self._plan is None:
            return
        own = self._own()
        if own is None:
            return
        self.name.setText(self._name(row))
        offer(self.tier, OPTIONS, own.tier)
        self.reason.setText(own.tier_reason)
        self.fault.clear()
        self._show_button()

    def _show_button(self) -> None:
        tier, reason = self.tier.currentData(), self.reason.text().strip()
        self.reason.setEnabled(tier != "auto")
        own = self._own()
        is_same = own is not None and own.tier == tier and (tier == "auto" or own.tier_reason == reason)
        self.move_button.setEnabled(not is_same)

    def _own(self) -> Moderator | None:
        row = self.table.current
        names = {one.name: one for one in self._plan.moderators} if self._plan else {}
        return names.get(row.moderator) if row is not None else None

    def _name(self, row: Availability | TierMove) -> str:
        return self._labels.variable(row.moderator) if self._labels else row.moderator

    def _tier(self, row: Availability) -> str:
        return NAMES.get(row.tier, row.tier)

    def _is_by_hand(self, moderator: str) -> bool:
        plan = self._plan
        return plan is not None and any(one.name == moderator and one.tier_reason for one in plan.moderators)

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _take_cuts(self) -> None:
        if self._plan is not None:
            self.edited.emit(self._plan.model_copy(update={"tiers": self.cuts.cuts()}), "Cut-offs of the tiers")

    def _move(self) -> None:
        own, tier, reason = self._own(), self.tier.currentData(), self.reason.text().strip()
        if own is None or self._plan is None or (own.tier, own.tier_reason) == (tier, reason):
            return
        if tier != "auto" and not reason:
            self.fault.show_fault(UserError(f"{self.name.text()} is not moved yet: there is no reason.",
                                            remedy="Say why; the reason stands in the report."))
            self.reason.setFocus()
            return
        self.fault.clear()
        self.moved.emit(with_tier(self._plan, own.name, tier, reason), f"Tier of {self.name.text()}", reason)


class CutOffs(QWidget):
    """Two sliders with exact fields beside them; nothing is decided here."""

    changed = Signal()
    TITLES: ClassVar[Sequence[tuple[str, str]]] = (("tier1", "Tier 1, at least"), ("tier2", "Tier 2, at least"))

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sliders: dict[str, QSlider] = {}
        self.fields: dict[str, PercentField] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(4)
        for row, (key, title) in enumerate(self.TITLES):
            slider, field = _Slider(Qt.Orientation.Horizontal), PercentField()
            slider.setRange(0, 100 * STEPS)
            slider.setPageStep(5 * STEPS)
            slider.setAccessibleName(f"{title}, slider")
            field.setAccessibleName(f"{title}, percent of patients")
            slider.valueChanged.connect(lambda value, field=field: self._slid(value, field))
            field.valueChanged.connect(lambda value, slider=slider: self._typed(value, slider))
            self.sliders[key], self.fields[key] = slider, field
            grid.addWidget(label(title), row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(field, row, 2)
            grid.addWidget(label("%"), row, 3)
        grid.setColumnStretch(1, 1)

    def show_cuts(self, cuts: TierCuts) -> None:
        """Show cut-offs (shares, 0 to 1)."""
        for key, share in (("tier1", cuts.tier1), ("tier2", cuts.tier2)):
            with QSignalBlocker(self.fields[key]), QSignalBlocker(self.sliders[key]):
                self.fields[key].setValue(100 * share)
                self.sliders[key].setValue(round(100 * STEPS * share))
        self.changed.emit()

    def cuts(self) -> TierCuts:
        """What the fields say. Raises UserError where Tier 2 would begin above Tier 1."""
        return build_document(TierCuts, {key: round(field.value() / 100, 12) for key, field in self.fields.items()},
                              "plan")

    def _slid(self, value: int, field: PercentField) -> None:
        with QSignalBlocker(field):
            field.setValue(value / STEPS)
        self.changed.emit()

    def _typed(self, value: float, slider: QSlider) -> None:
        with QSignalBlocker(slider):
            slider.setValue(round(value * STEPS))
        self.changed.emit()


class PercentField(QLineEdit):
    """A percentage, with a decimal point or comma; what is none is not taken, and said by the field going back."""

    valueChanged = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._value = 0.0
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0" * 7) + 2 * GRID)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editingFinished.connect(self._read)

    def value(self) -> float:
        """In percent."""
        return self._value

    def setValue(self, value: float) -> None:
        """Another value, in percent."""
        is_other = value != self._value
        self._value = value
        self.setText(f"{value:.6g}")
        if is_other:
            self.valueChanged.emit(value)

    def _read(self) -> None:
        try:
            found = float(self.text().replace(",", ".").replace("%", ""))
        except ValueError:
            found = self._value
        self.setValue(found if 0 <= found <= 100 else self._value)


class _Slider(QSlider):
    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()
