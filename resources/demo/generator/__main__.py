"""Writes the demo's files and the truth they were made from.

`python -m resources.demo.generator [--out DIR] [--truth FILE]`; without arguments it renews the committed ones.
"""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path

from resources.demo.generator.availability import lose_values
from resources.demo.generator.design import BY_STUDY
from resources.demo.generator.layout import data_rows, patient_id
from resources.demo.generator.outcomes import rate
from resources.demo.generator.patients import Patient, Value, recruit
from resources.demo.generator.recipes import RECIPES
from resources.demo.generator.registry import registry_workbook
from resources.demo.generator.truth import truth_row
from resources.demo.generator.writing import study_file

PROJECT = Path(__file__).resolve().parents[3]
TRUTH = PROJECT / "tests" / "data" / "demo_truth.csv"


def simulate() -> list[Patient]:
    """Every synthetic patient, with what their files keep of them."""
    patients = recruit()
    rate(patients)
    lose_values(patients, {recipe.study: recipe for recipe in RECIPES})
    return patients


def demo_files(patients: list[Patient]) -> dict[str, bytes]:
    """File name -> content: seventeen study files and the registry."""
    files = {"studies.xlsx": registry_workbook()}
    for recipe in RECIPES:
        design = BY_STUDY[recipe.study]
        own = [patient for patient in patients if patient.design is design]
        files[design.file] = study_file(recipe, data_rows(recipe, own), design.file.endswith(".xlsx"))
    return files


def truth_table(patients: list[Patient]) -> str:
    """The harmonized rows as CSV: empty = missing, `excluded` empty = in the primary set."""
    recipes = {recipe.study: recipe for recipe in RECIPES}
    rows = [truth_row(patient, patient_id(recipes[patient.design.study], patient)) for patient in patients]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _plain(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def _plain(value: Value) -> str:
    return "" if value is None else f"{value:.10g}" if isinstance(value, int | float) else value


def main() -> None:
    """Reads the command line and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PROJECT / "resources" / "demo")
    parser.add_argument("--truth", type=Path, default=TRUTH)
    arguments = parser.parse_args()
    patients = simulate()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, content in demo_files(patients).items():
        (arguments.out / name).write_bytes(content)
    arguments.truth.write_bytes(truth_table(patients).encode())


if __name__ == "__main__":
    main()
