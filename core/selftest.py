"""The program's own reference cases, recomputed: the models against stored results of R (lme4, lmerTest, metafor).

The cases stand in `resources/selftest/<name>/`: generated data, and what `tests/reference/generated_<name>.R` made of
them. The frozen program runs them too, and tries to write what a report is made of, so that a broken library on a
user's machine is seen.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np

from core.models import linear_mixed, logistic_mixed
from core.models.streams import stream
from core.progress import Progress, silent
from core.resources import resource

OF_SE = 1e-4
"""How far an estimate or limit may be from R's, in standard errors."""
RELATIVE = 1e-3
"""How far a standard error, df or p may be from R's."""


@dataclass(frozen=True)
class Outcome:
    """Whether one case came out as stored, and the sentence that says so."""

    passed: bool
    text: str


@dataclass(frozen=True)
class _Case:
    name: str
    rows: list[dict[str, str]]
    expected: dict[str, Any]

    def column(self, name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in self.rows])

    @property
    def study(self) -> np.ndarray:
        return np.unique([row["study"] for row in self.rows], return_inverse=True)[1]


def run_selftest(progress: Progress = silent) -> tuple[Outcome, ...]:
    """Every stored case, recomputed."""
    outcomes: list[Outcome] = []
    linear, logistic = _cases("linear"), _cases("logistic")
    total = len(linear) + len(logistic)
    for case in linear:
        progress(len(outcomes) / (2 * total), case.name)
        outcomes += _linear(case)
    for index, case in enumerate(logistic):
        progress((len(linear) + index) / total, case.name)
        outcomes += _logistic(case)
    return (*outcomes, *(_written(kind, write) for kind, write in WRITERS.items()))


def _document(file: BytesIO) -> None:
    from docx import Document

    document = Document()
    document.sections[0].footer.add_paragraph("Page")
    document.save(file)


def _slides(file: BytesIO) -> None:
    from pptx import Presentation

    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).notes_slide.notes_text_frame.text = "Notes"
    deck.save(file)


def _workbook(file: BytesIO) -> None:
    from openpyxl import Workbook

    Workbook().save(file)


def _figure(file: BytesIO) -> None:
    from core.figures.canvas import Canvas
    from core.figures.specification import render
    from core.figures.style import EXPORT

    canvas = Canvas(1.0, 1.0, EXPORT.fitted(1.0))
    canvas.text(0.1, 0.5, "A")
    for kind in ("png", "svg"):
        file.write(render(canvas.figure, kind, "selftest"))


WRITERS: dict[str, Callable[[BytesIO], None]] = {"Word report": _document, "workbook": _workbook, "slides": _slides,
                                                 "figure": _figure}
"""What is written by packages that bring files of their own along, which an installation may lack."""


def _written(kind: str, write: Callable[[BytesIO], None]) -> Outcome:
    file = BytesIO()
    try:
        write(file)
    except Exception as fault:  # whatever it is, the sentence is the outcome
        return Outcome(False, f"A {kind} cannot be written: {type(fault).__name__}: {fault}")
    return Outcome(bool(file.getvalue()), f"A {kind} can be written")


def _cases(name: str) -> list[_Case]:
    folder = resource("selftest", name)
    with (folder / "data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stored = json.loads((folder / "output.json").read_text(encoding="utf-8"))["datasets"]
    return [_Case(f"{name} {number}", [row for row in rows if row["dataset"] == number], expected)
            for number, expected in stored.items()]


def _linear(case: _Case) -> Iterator[Outcome]:
    for model in ("published", "recommended"):
        expected = case.expected[model]
        found = linear_mixed.treatment_effect(case.column("y"), case.column("T"), case.study,
                                              random_slope=model == "recommended")
        yield _judge(f"{case.name}, {model} model", expected, {**found.cells()}, expected["se"],
                     near=("estimate", "ci_low", "ci_high"), relative=("se", "df", "p"))


def _logistic(case: _Case) -> Iterator[Outcome]:
    for label, expected in case.expected.items():
        if not isinstance(expected, dict) or expected.get("log_or") is None:
            continue
        found = logistic_mixed.treatment_effect(
            case.column("event"), case.column("T"), case.study, quadrature=expected["nodes"], replicates=0,
            stream=lambda replicate: stream(0, replicate))
        ours = {**found.cells(), "log_or": found.log_or, "ci_low": _log(found.ci_low), "ci_high": _log(found.ci_high)}
        yield _judge(f"{case.name}, {label}", expected, ours, expected["se"],
                     near=("log_or", "ci_low", "ci_high"), relative=("se", "p"))


def _log(value: float | None) -> float | None:
    return None if value is None else math.log(value)


def _judge(name: str, expected: dict[str, Any], found: dict[str, Any], se: float, near: tuple[str, ...],
           relative: tuple[str, ...]) -> Outcome:
    """Compare what R stored; a quantity that R did not store is not compared."""
    for key in (*near, *relative):
        theirs, ours = expected.get(key), found[key]
        if theirs is None:
            continue
        margin = OF_SE * se if key in near else RELATIVE * abs(theirs) + 1e-12
        if ours is None or abs(ours - theirs) > margin:
            return Outcome(False, f"{name}: {key} is {ours}, R has {theirs}")
    return Outcome(True, f"{name} agrees with R")
