"""What a study still lacks, as a workbook for its team: that study's questions alone, places instead of values.

Answers to its facts and its risk of bias are read when the workbook comes back (`kit_facts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from core.errors import Issue
from core.kit_facts import study_facts
from core.missing import Missing, missing_of
from core.progress import Progress, silent
from core.protocol import Protocol
from core.request_kit import BIAS, FACTS, Lists, answer_sheet, new_workbook, save_workbook, text_sheet
from core.session import Session
from core.summaries import label_of

QUESTIONS, COMPLETE = "Questions", "How complete"
ROWS_SHOWN = 25
_NOT_A_NAME = re.compile(r"[^\w.-]+")

_ABOUT = {
    "score_off_scale": "The score is off its scale. Please correct it.",
    "implausible": "The value is outside what is plausible. Please check it.",
    "unreadable": "The cell holds no number. Please correct it.",
    "code_unknown": "The cell holds none of the column's codes. Please correct it.",
    "code_misfit": "The code does not fit. Please correct it.",
    "contradiction": "The row contradicts another row of the same patient. Which is right?",
    "conflicting_scores": "Two scores of the same time differ. Which is right?",
    "time_not_after": "The time is not after the treatment. Please correct it.",
    "time_outside": "The time is outside the window of this score. Please check it.",
    "no_baseline": "The patient has no score before the treatment. Is there one?",
    "no_followup": "The patient has no score after the treatment in any window. Is there one?",
    "no_treatment": "The patient has no treatment. Which was given?",
    "unknown_treatment": "What treatment is meant?",
    "no_treatment_column": "What was each patient given? The file does not say it.",
    "dose_unknown": "Which dose was given?",
    "unknown_code": "What do the codes in these rows mean?",
    "unknown_visit": "When, after the start of the treatment, was this visit?",
    "unknown_period": "Which treatment period is this, the first or a later one?",
    "no_visit_column": "When was each row measured?",
    "no_patient_column": "Which column holds the patients' codes?",
    "no_score_column": "The file holds none of the scores asked for. Were they rated?",
    "no_baseline_column": "The file holds no score before the treatment. Was there one?",
    "score_time_unknown": "When were these scores taken?",
    "several_studies": "The file holds several studies. Please send each in a file of its own.",
}
"""What is asked, by the code of the issue; the issues' own texts quote the data."""
_COLUMN = "What does this column hold, in which unit, and what do its codes mean?"
_CELL = "The cell could not be used. Please check it."


def write_missing(path: Path, missing: Missing, protocol: Protocol) -> None:
    """Write one study's workbook (xlsx). Raises UserError where that cannot be done."""
    workbook = new_workbook(f"Open questions: {missing.study.name}")
    sheet = workbook.active
    sheet.title = QUESTIONS
    rows = [(str(number), *row, "") for number, row in enumerate(_questions(missing, protocol), start=1)]
    nothing = [("", "", "", "Nothing is open in the data themselves.", "")]
    text_sheet(sheet, ("No.", "Where", "About", "Question", "Your answer"), rows or nothing, (6, 44, 30, 60, 50))
    shares = [(one.label, f"{one.n} of {one.total}", f"{100 * one.share:.0f} %") for one in missing.shares]
    text_sheet(workbook.create_sheet(COMPLETE), ("Score or characteristic", "Patients who have it", "Share"), shares,
               (44, 24, 12))
    lists = Lists(workbook)
    name = tuple(fact for fact in study_facts(protocol) if fact.key == "study")
    answer_sheet(workbook.create_sheet(FACTS), (*name, *missing.facts), lists, {"study": missing.study.study})
    if missing.bias:
        answer_sheet(workbook.create_sheet(BIAS), missing.bias, lists, {})
    lists.finish()
    save_workbook(workbook, path)


def write_all_missing(folder: Path, session: Session, progress: Progress = silent) -> tuple[Path, ...]:
    """A workbook for each study that lacks something, into a folder; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    studies = session.registry.studies
    written = []
    for index, study in enumerate(studies):
        progress(index / len(studies), f"Looking at {study.name}")
        missing = missing_of(session, study.study)
        if not missing.is_nothing:
            path = folder / file_name(study.study)
            write_missing(path, missing, session.protocol)
            written.append(path)
    progress(1.0, "Written")
    return tuple(written)


def file_name(study: str) -> str:
    """What a study's workbook is called."""
    return f"missing_{_NOT_A_NAME.sub('_', study)}.xlsx"


def _questions(missing: Missing, protocol: Protocol) -> list[tuple[str, str, str]]:
    """Where, about what, and what is asked: questions, then values to look at, then what the file does not hold."""
    found = _grouped(missing.questions, missing, protocol, _COLUMN)
    found += _grouped(missing.faults, missing, protocol, _CELL)
    found += [("", label, "The file does not hold it. Can you add it? If it was not collected, please say so.")
              for label in missing.never]
    found += [("", one.label, f"{one.total - one.n} of {one.total} patients lack it. Can you add it?")
              for one in missing.incomplete if 2 * one.n < one.total]
    return found


def _grouped(issues: Iterable[Issue], missing: Missing, protocol: Protocol,
             otherwise: str) -> list[tuple[str, str, str]]:
    """Issues of one kind in one column as one question."""
    rows: dict[tuple[str, str | None, str | None], list[int]] = {}
    whats: dict[tuple[str, str | None, str | None], str | None] = {}
    for issue in issues:
        where = issue.where
        place = (issue.code, where.sheet, where.column)
        own = (where.row,) if where.row is not None else missing.question_rows.get((issue.code, where.column), ())
        rows.setdefault(place, []).extend(own)
        whats.setdefault(place, where.variable)
    return [(_place(sheet, column, sorted(set(at))), _about(whats[code, sheet, column], protocol),
             _ABOUT.get(code, otherwise)) for (code, sheet, column), at in rows.items()]


def _place(sheet: str | None, column: str | None, rows: list[int]) -> str:
    shown = ", ".join(map(str, rows[:ROWS_SHOWN])) + (f" and {len(rows) - ROWS_SHOWN} more" * (len(rows) > ROWS_SHOWN))
    parts = [f"sheet {sheet}" if sheet else "", f'column "{column}"' if column else "",
             f"{'row' if len(rows) == 1 else 'rows'} {shown}" if rows else ""]
    return ", ".join(part for part in parts if part)


def _about(variable: str | None, protocol: Protocol) -> str:
    if variable is None:
        return ""
    scale = protocol.scales_by_key.get(variable)
    return scale.label if scale else label_of(protocol, variable)
