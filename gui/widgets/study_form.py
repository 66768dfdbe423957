"""All that is known of one study, to read and to correct: facts, file, risk of bias, and what is missing."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QLineEdit, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from core.errors import UserError
from core.resources import resource
from core.wording import CRITERIA
from gui.theme import GRID
from gui.widgets.form import NOT_KNOWN, Form
from gui.widgets.frame import clear, label, scrolling
from gui.widgets.marks import OF_SEVERITY
from gui.widgets.missing_view import MissingView
from gui.widgets.published_table import PublishedTable

if TYPE_CHECKING:
    from core.errors import Issue
    from core.registry import Study
    from core.session import Session

UNKNOWN: tuple[str, object] = (NOT_KNOWN, None)
DESIGNS = (UNKNOWN, ("parallel", "parallel"), ("crossover", "crossover"))
CONTROL_TYPES = (UNKNOWN, ("inert", "inert"), ("psychoactive", "psychoactive"), ("waitlist", "waitlist"),
                 ("usual care", "usual_care"))
FAILED_TRIALS = (UNKNOWN, ("none required", "unspecified"), ("1", 1.0), ("2", 2.0), ("3", 3.0), ("4", 4.0), ("5", 5.0))
JUDGMENTS = (("not judged", None), ("low", "low"), ("some concerns", "some"), ("high", "high"), ("unclear", "unclear"))
NAMES = {"label": "Name", "year": "Year", "country": "Country", "design": "Design", "control": "Control",
         "control_type": "Kind of control", "trd_threshold": "Failed trials", "n_randomized": "Randomized",
         "notes": "Notes"}
ASKED = ("country", "design", "control_type", "trd_threshold")
"""Facts that analyses need: an open question while they are not known."""


@cache
def country_names() -> dict[str, str]:
    """Countries by two-letter code."""
    table = json.loads(resource("countries.json").read_text(encoding="utf-8"))["countries"]
    return {code: entry["names"][0] for code, entry in table.items()}


BIAS = 2
"""Place of the tab with the risk of bias."""


class StudyForm(QWidget):
    """`edited` carries the study's record as the person changed it, and what was changed: "Country"."""

    edited = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._study: Study | None = None
        self._session: Session | None = None
        self.heading = label(kind="section", wrap=True)
        self.tabs = QTabWidget(self)
        self.tabs.setStyleSheet("QTabBar::tab { margin-right: 6px; }")  # five of them beside the table of studies
        self.tabs.setAccessibleName("Facts, file, risk of bias and published figures of the study, and what is missing")
        self.facts, self.bias = self._make_facts(), self._make_bias()
        self._file_column = QVBoxLayout()
        self._file_column.setContentsMargins(0, 0, GRID, 0)
        self._file_column.setSpacing(GRID // 2)
        files = QWidget()
        files.setLayout(self._file_column)
        self.missing = MissingView()
        for words, inner in (("Facts", self.facts), ("File", files), ("Bias", self.bias)):
            self.tabs.addTab(_scrolling(inner), words)
        self.tabs.setTabToolTip(BIAS, "Risk of bias")
        self.published = PublishedTable()
        self.published.edited.connect(self.edited)
        self.tabs.addTab(self.published, "Published")
        self.missing_tab = _scrolling(self.missing)
        self.tabs.addTab(self.missing_tab, "Missing")
        self.tabs.currentChanged.connect(self._show_missing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.heading)
        column.addWidget(self.tabs, 1)

    def _make_facts(self) -> Form:
        form = Form()
        countries = sorted(((name, code) for code, name in country_names().items()))
        form.add_line("label", NAMES["label"], "short id is used if empty")
        _whole_numbers(form.add_line("year", NAMES["year"], "of publication"), 1900, 2100)
        form.add_choice("country", NAMES["country"], (UNKNOWN, *countries))
        form.add_choice("design", NAMES["design"], DESIGNS)
        form.add_line("control", NAMES["control"], "for example saline")
        form.add_choice("control_type", NAMES["control_type"], CONTROL_TYPES)
        form.add_choice("trd_threshold", NAMES["trd_threshold"], FAILED_TRIALS).setToolTip(
            "Failed treatment trials that the study required for entry")
        _whole_numbers(form.add_line("n_randomized", NAMES["n_randomized"], "patients"), 0, 1_000_000)
        form.add_text("notes", NAMES["notes"])
        form.end()
        form.edited.connect(self._take_fact)
        return form

    def _make_bias(self) -> Form:
        form = Form()
        for key, words in CRITERIA.items():
            form.add_choice(key, words, JUDGMENTS)
        form.end()
        form.edited.connect(self._take_judgment)
        return form

    def show_study(self, session: Session, study: Study | None) -> None:
        """Fill the form; None: no study is chosen."""
        self._study, self._session = study, session
        self.tabs.setEnabled(study is not None)
        if study is None:
            self.heading.setText("No study is chosen")
            return
        self.heading.setText(study.name)
        for key in NAMES:
            value = getattr(study, key)
            as_text = isinstance(self.facts.fields[key], QLineEdit) and value is None
            if key == "trd_threshold":
                self._offer_threshold(value)
            self.facts.show_value(key, "" if as_text else value, asks=key in ASKED and value is None)
        for key in CRITERIA:
            self.bias.show_value(key, study.risk_of_bias.get(key))
        self._show_file(session, study)
        self.published.show_study(session, study)
        self._show_missing()

    def show_bias(self) -> None:
        """Bring the five criteria into sight."""
        self.tabs.setCurrentIndex(BIAS)

    def _show_missing(self) -> None:
        """Only in sight: it takes the study's patients."""
        if self._session is not None and self.tabs.currentWidget() is self.missing_tab:
            self.missing.show_study(self._session, self._study.study if self._study else None)

    def _offer_threshold(self, value: object) -> None:
        """A registry may hold a threshold that is not among the usual ones."""
        field: Any = self.facts.fields["trd_threshold"]
        if field.findData(value) < 0:
            field.addItem(f"{value:g}", value)

    def _show_file(self, session: Session, study: Study) -> None:
        clear(self._file_column)
        for words, text in file_facts(session, study):
            self._file_column.addWidget(label(words, "secondary"))
            self._file_column.addWidget(label(text, wrap=True))
        for issue in file_issues(session, study):
            word, row = OF_SEVERITY[issue.severity].word.capitalize(), issue.where.row
            self._file_column.addWidget(label(f"{word}, row {row}" if row else word, "secondary"))
            self._file_column.addWidget(label(f"{issue.text} {issue.remedy}".strip(), wrap=True))
        self._file_column.addStretch(1)

    def _take_fact(self, key: str, value: Any) -> None:
        if self._study is None:
            return
        if key in ("year", "n_randomized"):
            value = int(value) if value else None
        self.edited.emit(self._study.model_copy(update={key: value}), NAMES[key])

    def _take_judgment(self, key: str, value: Any) -> None:
        if self._study is None:
            return
        judged = {name: found for name, found in {**self._study.risk_of_bias, key: value}.items() if found}
        self.edited.emit(self._study.model_copy(update={"risk_of_bias": judged}), f"Risk of bias, {CRITERIA[key]},")


def file_facts(session: Session, study: Study) -> list[tuple[str, str]]:
    """What is known of a study's file, in words."""
    if study.file is None:
        return [("File", "No file yet. Add it with Add files.")]
    if not session.has_source(study.study):
        return [("File", f"{study.file} is not in the project. Add it with Add files.")]
    source = session.source_of(study.study)
    found = [("File", source.name), ("Size", _size(len(source.content))), ("SHA-256", f"{source.sha256[:16]}...")]
    if source.came_as:
        found[-1] = ("Kept as a cut copy", "Columns were dropped or changed for privacy; see Privacy, beside Studies.")
        found.append(("SHA-256 of the file as it came", f"{source.came_as[:16]}..."))
    try:
        table = session.table(study.study)
    except UserError as fault:
        return [*found, ("Table", str(fault))]
    sheet = f"sheet {table.sheet}, " if table.sheet else ""
    found.append(("Table", f"{sheet}names in row {table.header_row}, {len(table.rows)} rows, "
                           f"{len(table.columns)} columns"))
    return [*found, ("Above the table", table.title)] if table.title else found


def file_issues(session: Session, study: Study) -> list[Issue]:
    """What was found while the study's file was taken in."""
    return [issue for issue in session.import_issues
            if issue.where.study == study.study or (study.file and issue.where.file == study.file)]


def _size(count: int) -> str:
    return f"{count} bytes" if count < 1000 else f"{count / 1000:.1f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def _whole_numbers(field: QLineEdit, least: int, most: int) -> None:
    field.setValidator(QIntValidator(least, most, field))


def _scrolling(inner: QWidget) -> QScrollArea:
    inner.setContentsMargins(0, GRID, 0, GRID)
    return scrolling(inner)
