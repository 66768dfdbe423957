"""A study's patients as a grid of cells, in the way its team lays them out."""

from __future__ import annotations

from dataclasses import dataclass

from resources.demo.generator.names import Column
from resources.demo.generator.patients import Patient, Value, treatment_in
from resources.demo.generator.recipes import Recipe


@dataclass(frozen=True)
class Row:
    """Whom a row of the file is about: a patient, and in some layouts one period and one visit of theirs."""

    patient: Patient
    period: int = 1
    hours: int = 0


Cell = float | str | None


def data_rows(recipe: Recipe, patients: list[Patient]) -> list[list[Cell]]:
    """The cells under the header, row by row."""
    rows = [row for patient in patients for row in _rows_of(recipe, patient)]
    return [[_cell(recipe, column, row) for column in recipe.columns] for row in rows]


def patient_id(recipe: Recipe, patient: Patient) -> str:
    """The identifier as it stands in the file."""
    return recipe.patient_id.format(_number(recipe, patient))


def _number(recipe: Recipe, patient: Patient) -> int:
    """Plain numbers start at 101 or 1001, as in many databases."""
    start = {"feder_30": 100, "grunebaum_us": 1000, "murrough_us": 200, "bundara_au": 0, "lindental_de": 4000}
    return start.get(recipe.study, 0) + patient.number


def _rows_of(recipe: Recipe, patient: Patient) -> list[Row]:
    periods = sorted({period for _, period, _ in patient.scores})
    if recipe.layout == "period_rows":
        return [Row(patient, period) for period in periods]
    if recipe.layout != "long":
        return [Row(patient)]
    visits = {(period, hours) for _, period, hours in patient.scores if hours in recipe.visits}
    return [Row(patient, period, hours) for period, hours in sorted(visits)]


def _cell(recipe: Recipe, column: Column, row: Row) -> Cell:
    patient, period = row.patient, column.period or row.period
    if column.of == "patient":
        text = patient_id(recipe, patient)
        return int(text) if text.isdigit() else text
    if column.of == "period":
        return period
    if column.of == "visit":
        return recipe.visits[row.hours]
    if column.of in ("treatment", "dose"):
        return _treatment(recipe, column, patient, period)
    if column.of in ("madrs", "hrsd17"):
        return _score(recipe, column, row, period)
    return _variable(recipe, column, patient.values[column.of])


def _treatment(recipe: Recipe, column: Column, patient: Patient, period: int) -> Cell:
    if not any(known == period for _, known, _ in patient.scores):
        return None
    drug = treatment_in(patient, period)
    dose = (patient.allocation.dose or 0.5) if drug == "ketamine" else None
    if column.of == "dose":
        return dose
    return recipe.treatments.get(f"{drug} {dose}") or recipe.treatments[drug]


def _score(recipe: Recipe, column: Column, row: Row, period: int) -> Cell:
    hours = row.hours if column.hours is None else column.hours
    place = (column.of, period, hours)
    if place not in row.patient.scores:
        return None  # never planned there, or the patient had left: the cell is simply empty
    score = row.patient.scores[place]
    return _missing(recipe) if score is None else score


def _variable(recipe: Recipe, column: Column, value: Value) -> Cell:
    if value is None:
        return _missing(recipe)
    if column.codes is not None:
        return column.codes[value]
    if isinstance(value, str):
        return value or None
    if column.divisor != 1:
        return round(value / column.divisor, 1)
    return value


def _missing(recipe: Recipe) -> Cell:
    text = recipe.missing
    return int(text) if text.lstrip("-").isdigit() else text or None
