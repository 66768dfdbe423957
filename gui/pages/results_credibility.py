"""The credibility form of one moderator: answered by the program until the person answers otherwise."""

from __future__ import annotations

import datetime as dt
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.credibility import (
    ORDER,
    OVERALL,
    PROGRAM,
    SUGGESTED,
    Credibility,
    Form,
    FormLine,
    PersonsAnswer,
)
from core.labels import Labels
from core.person import person
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import label

ANSWER, REASON = "Answer", "Reason"
BACK = "back"
"""Stands for the program's own answer."""
COLUMNS = (
    Column("Question", lambda line: line.question.text, least=150, widest=460, hint=lambda line: line.question.text),
    Column(ANSWER, lambda line: line.said, least=140, widest=300, hint=lambda line: line.said),
    Column(REASON, lambda line: line.reason, least=150, stretch=True, widest=460, hint=lambda line: line.reason),
    Column("By", lambda line: line.by or "a person", is_spare=True, widest=120),
)
NOT_SUGGESTED = (f" The form is made for changes that the data suggest (p of {SUGGESTED:g} or less); this is none.")
ABOUT = "ICEMAN, meta-analyses of trials (Schandelmaier 2020), in our words."


class CredibilityForm(QWidget):
    """Shows a `Form`; what a person answers goes out as the project's next answers."""

    answered = Signal(object, str)
    """`core.credibility.Credibility`, and the change's name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form: Form | None = None
        self._all = Credibility()
        self._name = ""
        self.about, self.whole = label("", "secondary", wrap=True), label("", "secondary", wrap=True)
        self.table = EditTable("Credibility form", COLUMNS, is_dense=True)
        self.table.edited.connect(self._take)
        self.table.chosen.connect(self._say)
        self.table.setMinimumHeight(90)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for part in (self.about, self.table, self.whole):
            column.addWidget(part, 1 if part is self.table else 0)

    def show_form(self, form: Form, answers: Credibility, labels: Labels, is_suggested: bool, is_open: bool) -> None:
        """Show one moderator's form; it can be answered where it `is_open`."""
        self._form, self._all = form, answers
        self._name = f"{labels.variable(form.moderator)}, {labels.outcome(form.outcome)}"
        self.about.setText(f"Credibility of {self._name}. {ABOUT}{'' if is_suggested else NOT_SUGGESTED}")
        edits = {ANSWER: Edit(value=lambda line: line.answer, offer=_options),
                 REASON: Edit(value=lambda line: line.reason, hint="Why")} if is_open else {}
        self.table.show_records(form.lines, edits)
        rows = self.table.verticalHeader().defaultSectionSize() * len(form.lines)
        self.table.setMaximumHeight(self.table.horizontalHeader().height() + rows + 4)
        self._say(self.table.current or form.lines[0])

    def _say(self, line: FormLine) -> None:
        by = "answered by the program" if line.by == PROGRAM else f"answered by {line.by or 'a person'}"
        self.whole.setText(f"{line.question.text} {line.said} ({by}). {line.reason}")

    def _take(self, line: FormLine, title: str, value: Any) -> None:
        form = self._form
        if form is None:
            return
        key, what = line.question.key, f"Credibility of {self._name}: {line.question.short.lower()}"
        if value == BACK:
            self.answered.emit(self._all.without(form.outcome, form.moderator, key), f"{what}, left to the program")
            return
        answer, reason = (value, _kept_reason(line)) if title == ANSWER else (line.answer, value)
        own = PersonsAnswer(outcome=form.outcome, moderator=form.moderator, question=key, answer=answer, reason=reason,
                            by=person(), at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
        self.answered.emit(self._all.with_answer(own), what)


def _kept_reason(line: FormLine) -> str:
    """A person's reason stays with another answer; the program's reason was for its own."""
    return "" if line.by == PROGRAM else line.reason


def _options(line: FormLine) -> tuple[tuple[str, object], ...]:
    """The answers in the question's words, and, after a person's answer, the way back."""
    found: list[tuple[str, object]] = [(line.question.said(answer), answer) for answer in ORDER]
    if line.question is not OVERALL:
        found.append((line.question.said("not_applicable"), "not_applicable"))
    if line.by != PROGRAM:
        found.append((f"As the program answers: {line.question.said(line.prefilled.answer)}", BACK))
    return tuple(found)
