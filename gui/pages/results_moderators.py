"""The table of moderators on the Results page: what is wanted of them, their columns and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from core.labels import Labels
from core.published import published_beside
from core.results import ModelName, ModeratorEffect, Results
from core.wording import NOTHING, THIN, estimate, interval, number, p_value
from gui.pages.results_marks import engine_mark
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.columns import Column

TIERS = (("All tiers", None), ("Tier 1", "1"), ("Tier 2", "2"), ("Not tested", "none"))
LEVELS = (("All levels", None), ("Patient level", "patient"), ("Study level", "study"))
MODELS: tuple[tuple[str, ModelName | None], ...] = (("Published model", "published"),
                                                    ("Recommended model", "recommended"), ("Both models", None))


@dataclass(frozen=True)
class ModeratorFilter:
    """What the person wants to see of the moderators; None: all."""

    tier: str | None = None
    level: str | None = None
    model: ModelName | None = None
    text: str = ""

    def takes(self, row: ModeratorEffect, labels: Labels) -> bool:
        """Whether a row is wanted; text is looked for in its names and its note."""
        said = " ".join((labels.trait(row.moderator), row.moderator, row.note)).lower()
        return (self.tier in (None, row.tier) and self.level in (None, row.level)
                and self.model in (None, row.model) and all(word in said for word in self.text.lower().split()))


@dataclass(frozen=True)
class ModeratorLine:
    """A row of the table: the result, its counterpart in the other model, and what is published of it."""

    row: ModeratorEffect
    other: ModeratorEffect | None = None
    published: str = ""
    published_beta: float | None = None


def adjusted(row: ModeratorEffect) -> float | None:
    """p adjusted in Tier 1, the false discovery rate in Tier 2."""
    return row.q if row.tier == "2" else row.p_adjusted


def moderator_columns(labels: Labels) -> tuple[Column, ...]:
    """The columns; those that go first where there is little room come last."""
    return (
        Column("Moderator", lambda m: labels.trait(m.row.moderator), least=110, stretch=True,
               hint=lambda m: labels.trait(m.row.moderator)),
        Column("Tier", lambda m: {"none": NOTHING}.get(m.row.tier, m.row.tier), order=lambda m: m.row.tier,
               is_spare=True,
               about="1: nearly all patients have it; 2: enough do; none: not tested"),
        Column("Model", lambda m: m.row.model.capitalize()),
        Column(f"β* (95{THIN}% CI)", lambda m: estimate(m.row.beta, m.row.ci_low, m.row.ci_high)
               if m.row.beta is not None else m.row.statistic or NOTHING, number=True, order=lambda m: m.row.beta,
               about="How much the effect changes, in SD, for one SD more or for yes against no"),
        Column("p", lambda m: p_value(m.row.p), number=True, order=lambda m: m.row.p),
        Column("Adjusted", lambda m: p_value(adjusted(m.row)), number=True, order=lambda m: adjusted(m.row),
               about="Tier 1: p adjusted for the number of tests; Tier 2: false discovery rate q"),
        Column("r", lambda m: number(m.row.r), number=True, order=lambda m: m.row.r,
               hint=lambda m: estimate(m.row.r, m.row.r_low, m.row.r_high),
               about="Effect size over pairs of patients; 0.3 and beyond is called useful"),
        Column("n", lambda m: f"{m.row.n:,}" if m.row.n else "", number=True, order=lambda m: m.row.n,
               about="Patients", is_spare=True),
        Column("k", lambda m: str(m.row.k) if m.row.k else "", number=True, order=lambda m: m.row.k, about="Studies",
               is_spare=True),
        Column(f"95{THIN}% CI of r", lambda m: interval(m.row.r_low, m.row.r_high), number=True, is_spare=True,
               order=lambda m: m.row.r_low, about="Bootstrap limits of the effect size"),
        Column("In the paper", lambda m: m.published, number=True, is_spare=True, hint=lambda m: m.published,
               order=lambda m: m.published_beta, about="β* of the source publication; never tuned to"),
        Column("Second engine", lambda m: engine_mark(m.row).word if m.row.beta is not None else "", is_spare=True,
               mark=lambda m: engine_mark(m.row) if m.row.beta is not None else None,
               hint=lambda m: m.row.engines_note),
    )


def moderator_lines(results: Results, labels: Labels, outcome: str | None,
                    wanted: ModeratorFilter) -> list[ModeratorLine]:
    """Tested ones by tier, then those that are not."""
    own = [row for row in results.moderators if row.outcome == outcome]
    known = {(row.moderator, row.model): row for row in own}
    rows = [row for tier in ("1", "2", "none") for row in own if row.tier == tier and wanted.takes(row, labels)]
    return [_line(results, row, known.get((row.moderator, _other(row.model)))) for row in rows]


def line_of(results: Results, row: ModeratorEffect) -> ModeratorLine:
    """A row with what stands beside it."""
    return _line(results, row, next((one for one in results.moderators if (one.outcome, one.moderator, one.model)
                                     == (row.outcome, row.moderator, _other(row.model))), None))


def _other(model: ModelName) -> ModelName:
    return "recommended" if model == "published" else "published"


def _line(results: Results, row: ModeratorEffect, other: ModeratorEffect | None) -> ModeratorLine:
    found = published_beside(results, replace(row, model="published"))
    said = "" if found is None or found.beta is None else estimate(found.beta, found.low, found.high)
    return ModeratorLine(row, other, said, None if found is None else found.beta)


class ModeratorTools(QWidget):
    """Choices that narrow the table."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tier, self.level, self.model = (combo(name, self.changed.emit) for name in ("Tier", "Level", "Model"))
        self.text = QLineEdit()
        self.text.setAccessibleName("Filter by text")
        self.text.setPlaceholderText("Filter")
        self.text.setClearButtonEnabled(True)
        self.text.setMinimumWidth(60)
        self.text.textChanged.connect(lambda _: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for box, options in ((self.tier, TIERS), (self.level, LEVELS), (self.model, MODELS)):
            offer(box, options, options[0][1])
            _narrow(box)
            row.addWidget(box, 3)
        row.addWidget(self.text, 2)

    def lead_with(self, model: ModelName) -> None:
        """Begin with the model that the plan leads with."""
        offer(self.model, MODELS, model)

    @property
    def wanted(self) -> ModeratorFilter:
        """What is chosen."""
        return ModeratorFilter(self.tier.currentData(), self.level.currentData(), self.model.currentData(),
                               self.text.text())


def _narrow(box: QComboBox) -> None:
    box.setMinimumContentsLength(5)
    box.setMaximumWidth(190)


def without_columns(wanted: ModeratorFilter, lines: Sequence[ModeratorLine]) -> tuple[str, ...]:
    """Columns that have nothing to say."""
    return (*(("Model",) if wanted.model else ()), *(("Tier",) if wanted.tier else ()),
            *(() if any(line.published for line in lines) else ("In the paper",)))
