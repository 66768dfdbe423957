"""`studies.xlsx`: the registry of the synthetic studies, in the form of CONTRACT section 2."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.styles import Font

from resources.demo.generator.design import STUDIES, StudyDesign
from resources.demo.generator.layout import Cell
from resources.demo.generator.recipes import RECIPES
from resources.demo.generator.writing import workbook_bytes

COLUMNS = ("study", "file", "sheet", "label", "year", "country", "design", "control", "control_type", "trd_threshold",
           "n_randomized", "rob_randomization", "rob_allocation", "rob_blinding_participants", "rob_blinding_assessors",
           "rob_missing_data", "notes")


def registry_workbook() -> bytes:
    """The registry, one row a study."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Studies"
    sheet.append(list(COLUMNS))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheets = {recipe.study: recipe.sheet for recipe in RECIPES}
    for design in STUDIES:
        sheet.append(_row(design, sheets[design.study]))
    return workbook_bytes(book)


def _row(design: StudyDesign, sheet: str) -> list[Cell]:
    threshold = "unspecified" if design.trd_threshold is None else design.trd_threshold
    notes = " ".join(("Synthetic study, no patient data.", design.notes)).strip()
    return [design.study, design.file, sheet if design.file.endswith(".xlsx") else None, design.label, design.year,
            design.country, "crossover" if design.is_crossover else "parallel", design.control_text,
            "psychoactive" if design.is_psychoactive else "inert", threshold, design.n, *design.rob, notes]
