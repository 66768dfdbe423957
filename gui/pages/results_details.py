"""What stands behind a chosen number: n, k, who was left out, model, interval, second engine, the line for R."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from core.combined_results import CombinedEffect
from core.labels import Labels
from core.r_lines import main_effect_line, pool_line, sensitivity_line, study_line
from core.results import NOT_ASKED, Conversion, MainEffect, ModeratorEffect, Results, Sensitivity
from core.wording import (
    MODELS,
    boundary_sentence,
    conversion_sentence,
    main_effect_sentence,
    number,
    patients_in_studies,
    target_words,
    two_stage_sentence,
)
from gui.pages.results_marks import engine_mark
from gui.pages.results_moderators import ModeratorLine, line_of
from gui.pages.results_rows import TwoStageLine, measure_words
from gui.theme import GRID
from gui.widgets.flow_strip import flow_of
from gui.widgets.frame import button, clear, label, scrolling
from gui.widgets.icon import icon
from gui.widgets.marks import Mark

if TYPE_CHECKING:
    from core.moderators.left_out import LeftOut


NOTHING_CHOSEN = "Choose a row to see who and what stands behind it."
NO_FIT = "None is needed: two means and their difference, no model is fitted."
NOTHING_FITS = "Nothing fits the filter above the table. Take some of it back to see more."


@dataclass(frozen=True)
class Fact:
    """A line: what it is about, and the words; `mark` for a state."""

    name: str
    text: str
    mark: Mark | None = None


@dataclass(frozen=True)
class Details:
    """What the panel shows of one row."""

    title: str
    sentence: str
    facts: tuple[Fact, ...] = ()
    r_line: str = ""
    action: str = ""
    """What else can be done with the row, on a button below."""


def details_of(row: Any, results: Results, labels: Labels, left: LeftOut | None = None) -> Details:
    """The details of a row of any section; `left`: who is left out of a moderator's analysis, where that is known."""
    if isinstance(row, MainEffect):
        return _main_effect(row, results, labels)
    if isinstance(row, TwoStageLine):
        return _two_stage(row, results, labels)
    if isinstance(row, ModeratorLine | ModeratorEffect):
        from gui.pages.results_moderator_details import moderator_details

        line = line_of(results, row) if isinstance(row, ModeratorEffect) else row
        return moderator_details(line, results, labels, left)
    if isinstance(row, CombinedEffect):
        from gui.pages.results_combined_details import combined_details

        return combined_details(row, results, labels)
    if isinstance(row, Sensitivity):
        return _sensitivity(row, results, labels)
    assert isinstance(row, Conversion)
    return _conversion(row, labels)


def _main_effect(effect: MainEffect, results: Results, labels: Labels) -> Details:
    digits = 4 if effect.scale == "standardized" else 2
    variances = ", ".join(f"{name} {number(value, digits)}" for name, value in
                          (("between studies", effect.tau2), ("of the effect", effect.slope_var),
                           ("within studies", effect.sigma2)) if value is not None)
    facts = _some(
        Fact("Second engine", effect.engines_note or engine_mark(effect).word, engine_mark(effect)),
        Fact("Patients", f"{patients_in_studies(effect.n, effect.k)}: {effect.n_active} active, "
                         f"{effect.n_control} control"),
        Fact("Left out", left_out(effect.n, results)),
        Fact("Model", f"{MODELS[effect.model]}. {effect.method}"),
        Fact("Variances", f"{variances}. {boundary_sentence(effect)}" if variances else ""),
        Fact("Note", effect.note))
    return Details(f"{measure_words(effect.measure, effect.scale)}, {labels.outcome(effect.outcome)}",
                   main_effect_sentence(effect, labels), facts,
                   main_effect_line(effect, results.plan))


def _two_stage(line: TwoStageLine, results: Results, labels: Labels) -> Details:
    found, study = line.analysis, line.study
    if study is not None:
        return Details(line.name, "The study's own effect: mean difference of the arms with Welch's standard error.",
                       _some(Fact("Patients", f"{study.n_active} active, {study.n_control} control"),
                             Fact("Scale", measure_words(found.measure, found.scale)),
                             Fact("Second engine", NO_FIT), Fact("Note", study.note)),
                       study_line(found, study, results.plan))
    active, control = (sum(getattr(one, arm) for one in found.studies) for arm in ("n_active", "n_control"))
    r_call = "" if line.name.startswith("Prediction") else pool_line(found, "z" if "Wald" in line.name else "knha")
    return Details(line.name, two_stage_sentence(found, labels), _some(
        Fact("Patients", f"{patients_in_studies(active + control, found.k)}: {active} active, {control} control"),
        Fact("Left out", left_out(active + control, results)),
        Fact("Model", "The studies' own differences (Welch), pooled by REML."),
        Fact("Second engine", "None: the pool is compared with metafor in the program's own tests and, in R, by the "
                              "line below." if r_call else ""), Fact("Note", found.note)), r_call)


def _sensitivity(row: Sensitivity, results: Results, labels: Labels) -> Details:
    from core.figures.sensitivity_forest import variant_name

    choice = "as the plan has it" if row.variant == "as analyzed" else "under another choice"
    model = MODELS["recommended" if row.variant == "random slope" else "published"]
    is_model = row.engines_agree is not None or row.engines_note == NOT_ASKED
    return Details(variant_name(row.variant, labels),
                   f"The {target_words(row, labels)}, {labels.outcome(row.outcome)}, {choice}.",
                   _some(Fact("Patients", patients_in_studies(row.n, row.k)),
                         Fact("Left out", left_out(row.n, results)), Fact("Model", model if is_model else ""),
                         Fact("Second engine", row.engines_note, engine_mark(row)), Fact("Note", row.note)),
                   sensitivity_line(row, results))


def _conversion(row: Conversion, labels: Labels) -> Details:
    from core.agreement import COMPARISONS

    if row.study in COMPARISONS:
        return Details(labels.study(row.study), conversion_sentence(row, labels),
                       _some(Fact("Patients", f"{row.n:,}"), Fact("Note", row.note)))
    said = "Agreement of converted with native scores, converted minus native."
    if row.limit_low is not None and row.limit_high is not None:
        bias = row.bias or 0.0
        way = "above" if bias >= 0 else "below"
        said = (f"Converted scores are {number(abs(bias), 1)} points {way} the native ones on average; 95 of 100 "
                f"differences lie between {number(row.limit_low, 1)} and {number(row.limit_high, 1)}.")
    return Details(f"{labels.study(row.study)}, {labels.outcome(row.timepoint)}", said,
                   _some(Fact("Pairs", str(row.n)), Fact("Note", row.note)))


def left_out(n: int, results: Results) -> str:
    """Who of the files is not among n patients analyzed, and why."""
    flow = flow_of("", results.flow)
    primary = flow.analyzed
    here = f"{primary - n} of the primary set of {primary} lack what this analysis needs" if n < primary else \
        f"nobody of the primary set of {primary}"
    return f"{here}. Before that, of {flow.in_file} in the files: {flow.reasons}."


def _some(*facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.text)


class DetailsPanel(QFrame):
    """Shows `Details`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setMinimumWidth(180)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, GRID, 0)
        self._column.setSpacing(4)
        inner = QWidget()
        inner.setLayout(self._column)
        area = scrolling(inner, "What stands behind the chosen row")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, GRID, 4, GRID)
        outer.addWidget(area)
        self.area = area
        self.action = button("")
        outer.addWidget(self.action, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_details(None)

    def show_details(self, details: Details | None, nothing: str = NOTHING_CHOSEN) -> None:
        """Show these; None: no row is chosen, which `nothing` says."""
        clear(self._column)
        action = "" if details is None else details.action
        self.action.setVisible(bool(action))
        self.action.setText(action)
        self.action.setAccessibleName(action)
        if details is None:
            self._column.addWidget(label(nothing, "secondary", wrap=True))
            self._column.addStretch(1)
            return
        self._column.addWidget(label(unbroken(details.title), "section", wrap=True))
        self._column.addWidget(_selectable(details.sentence))
        for fact in details.facts:
            self._column.addSpacing(4)
            self._column.addWidget(_heading(fact))
            self._column.addWidget(_selectable(fact.text))
        if details.r_line:
            self._column.addSpacing(4)
            self._column.addLayout(_r_line(details.r_line))
        self._column.addStretch(1)
        self.area.setAccessibleDescription(" ".join((details.title, details.sentence, *(
            f"{fact.name}: {fact.text}" for fact in details.facts))))


def _r_line(text: str) -> QVBoxLayout:
    """The call of R, to be taken along."""
    line = QLineEdit(text)
    line.setReadOnly(True)
    line.setMinimumWidth(60)
    line.setCursorPosition(0)
    line.setAccessibleName("The same in R")
    line.setToolTip(f"In R, in the folder that the report is written to, after library(lme4) and library(metafor):\n"
                    f"{text}")
    copy = button("", "quiet")
    copy.setIcon(icon("copy", "secondary"))
    copy.setAccessibleName("Copy the line for R")
    copy.setToolTip("Copy the line for R")
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
    row = QHBoxLayout()
    row.setSpacing(0)
    row.addWidget(line, 1)
    row.addWidget(copy)
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addWidget(label("In R", "secondary"))
    column.addLayout(row)
    return column


def _heading(fact: Fact) -> QWidget:
    if fact.mark is None:
        return label(fact.name, "secondary", wrap=True)
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    shape = QLabel()
    shape.setPixmap(fact.mark.icon().pixmap(16, 16))
    row.addWidget(shape, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(f"{fact.name} {fact.mark.word}", "secondary", wrap=True), 1)
    holder = QWidget()
    holder.setLayout(row)
    return holder


BROKEN = re.compile(r"(?<=[<>=]) (?=[\d.])|(?<=\bp) (?=[<>=])|(?<=\d) (?=[hd]\))|(?<=²) (?=\d)"
                    r"|(?<=,) (?=[\d\u2212.]+\))")
"""Spaces inside "p < 0.001", "(24 h)", "τ² 0.066" and "(0.44, 0.79)"."""


def unbroken(text: str) -> str:
    """A text whose numbers stay whole at the ends of lines."""
    return BROKEN.sub("\N{NO-BREAK SPACE}", text)


def _selectable(text: str) -> QLabel:
    made = label(unbroken(text), wrap=True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
