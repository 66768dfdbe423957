"""Patients told apart by how rows repeat: ids under names nobody listed, and tables that must not be taken for repeated."""

from __future__ import annotations

import random

import pytest

from core.sources import Cell
from core.suggest.columns import Column, read_columns
from core.suggest.identity import repeated_identity, unnamed_identity
from core.suggest.names import vocabulary
from tests.core.suggest_tables import KETAMINE, long_table, make_table, suggest

KNOWN = vocabulary(KETAMINE.canonical_json())


def columns(cells: dict[str, list[Cell]]) -> tuple[Column, ...]:
    return read_columns(make_table(cells), KNOWN)


def name_of(column: Column | None) -> str | None:
    return column.raw.name if column else None


def twice(values: list[Cell]) -> list[Cell]:
    return [value for value in values for _ in range(2)]


IDS: list[Cell] = [f"A{i:02d}" for i in range(12)]
AGES: list[Cell] = [20 + 3 * i for i in range(12)]
SEXES: list[Cell] = ["M", "F", "F"] * 4
SCORES: list[Cell] = [30 + i % 7 for i in range(24)]


@pytest.mark.parametrize("name", ["Chiffre", "X", "Vpn-Code", "Initials"])
def test_ids_that_hold_facts_fixed(name: str) -> None:
    found = columns({name: twice(IDS), "Age": twice(AGES), "Sex": twice(SEXES), "Round": [1, 2] * 12, "Total": SCORES})
    assert name_of(repeated_identity(found)) == name


def test_ids_that_go_through_a_block() -> None:
    found = columns({"Chiffre": twice(IDS), "Durchgang": [1, 2] * 12, "Total": SCORES})
    assert name_of(repeated_identity(found)) == "Chiffre"


def test_facts_filled_in_the_first_row_only() -> None:
    ages = [cell for age in AGES for cell in (age, None)]
    assert name_of(repeated_identity(columns({"Key": twice(IDS), "Age": ages, "Total": SCORES}))) == "Key"


def test_a_row_a_patient_is_not_taken_for_repeated() -> None:
    for seed in range(40):
        rng = random.Random(seed)
        cells: dict[str, list[Cell]] = {
            "Age": [rng.randint(19, 65) for _ in range(40)], "Sex": [rng.choice("MF") for _ in range(40)],
            "Arm": [rng.choice(("Ketamine", "Saline")) for _ in range(40)],
            "Site": [rng.randint(1, 4) for _ in range(40)],
            "MADRS baseline": [rng.randint(22, 44) for _ in range(40)]}
        assert repeated_identity(columns(cells)) is None


def test_an_unknown_name_whose_cells_all_differ() -> None:
    assert name_of(unnamed_identity(columns({"Þátttakandi": IDS, "Age": AGES}), KNOWN)) == "Þátttakandi"
    assert unnamed_identity(columns({"Age": AGES, "Sex": SEXES}), KNOWN) is None
    assert unnamed_identity(columns({"Wert": [1.5 + i for i in range(12)], "Sex": SEXES}), KNOWN) is None


def test_one_text_in_all_rows_is_no_id() -> None:
    table = {"Study number": ["NCT1"] * 18, **long_table(["Baseline", "24 h", "Day 7"])}
    assert suggest(table).mapping.shape.patient == "Subject"
    del table["Subject"]
    assert suggest(table).mapping.shape.patient is None
