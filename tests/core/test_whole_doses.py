"""Doses in mg beside body weights: found, asked, computed, and traced to both cells."""

from __future__ import annotations

import pytest

from core.harmonize import origin
from core.mapping import DoseSource, Factor, NumberFormat, TreatmentSource
from core.protocol_files import load_protocol
from core.sources import Cell
from core.suggest.whole_doses import divisor_named
from tests.core.harmonizing import codes, harmonized, mapping, row_of, table
from tests.core.suggest_tables import IDS, N, cycle, make_table, numbers, scored, suggest

SCORES = scored("MADRS baseline", "MADRS 24h")


def doses(columns: dict[str, list[Cell]], given: list[Cell] | None = None) -> tuple[DoseSource, ...]:
    found = suggest({"Patient ID": IDS, "Group": given or cycle("Ketamine", "Saline"), **columns, **SCORES})
    asks = any("divided by" in issue.text for issue in found.issues)
    assert asks == any(one.per is not None for one in found.mapping.doses)
    return found.mapping.doses


@pytest.mark.parametrize(("dose", "weight", "factor"), [
    ("Dose (mg)", "Weight (kg)", 1), ("Ketamine dose mg", "Weight lb", 0.45359237), ("Dose mg", "Body weight kg", 1)])
def test_a_dose_in_all_is_divided_by_the_weight(dose: str, weight: str, factor: float) -> None:
    found = doses({dose: cycle(40, None), weight: numbers(70, 90) if factor == 1 else numbers(150, 200)})
    assert found == (DoseSource(column=dose, per=Factor(column=weight, factor=factor, power=-1)),)


@pytest.mark.parametrize("columns", [
    {"Dose (mg)": cycle(40, None)}, {"Dose (mg)": cycle(4000, None), "Weight (kg)": numbers(70, 90)},
    {"Dose": cycle(40, None), "Weight (kg)": numbers(70, 90)}, {"Dose (mg)": cycle(40, None), "Weight": numbers(90, 180)},
    {"Sertraline mg": cycle(50, None), "Weight (kg)": numbers(70, 90)},
    {"Dose (mg/kg)": cycle(0.5, None), "Dose (mg)": cycle(40, None), "Weight (kg)": numbers(70, 90)}])
def test_what_is_not_plain_is_not_divided(columns: dict[str, list[Cell]]) -> None:
    assert not any(one.per for one in doses(columns))


def test_a_dose_in_the_treatments_words_goes_first() -> None:
    found = doses({"Dose (mg)": cycle(40, None), "Weight (kg)": numbers(70, 90)}, cycle("Ketamine 0.5 mg/kg", "Saline"))
    assert not any(one.per for one in found)


def test_the_quotient_decides_the_arm_and_names_both_cells() -> None:
    raw = table("id drug b d1 d7 mg kg", ("1", "K", 30, 20, 10, 40, 80), ("2", "K", 30, 20, 10, 20, 80),
                ("3", "S", 30, 20, 10, None, 80), ("4", "K", 30, 20, 10, 40, None), ("5", "K", 30, 20, 10, 40, 0))
    source = DoseSource(column="mg", per=Factor(column="kg", power=-1))
    rules = mapping(doses=(source,), treatments=(TreatmentSource(column="drug", values={"K": "ketamine", "S": "saline"}),))
    data = harmonized(raw, rules)
    assert [row_of(data, name)["dose_mg_kg"] for name in "12"] == [0.5, 0.25]
    assert [row_of(data, name)["excluded"] for name in "12345"] == ["", "other_dose", "", "other", "other"]
    assert codes(data).count("dose_unknown") == 2
    found = origin(data, "S1", "1", "dose_mg_kg", {"S1": raw})
    assert found is not None and found.raw == "mg: 40; kg: 80" and found.rule == 'dose divided by "kg"'


def test_a_weight_that_a_person_names() -> None:
    ketamine = load_protocol("ketamine")
    raw = make_table({"W": [f"{70 + i},5" for i in range(N)], "Weight (lb)": numbers(150, 200)})
    assert divisor_named("W", raw, ketamine) == Factor(column="W", format=NumberFormat(decimal=","), power=-1)
    found = divisor_named("Weight (lb)", raw, ketamine)
    assert found is not None and found.factor == 0.45359237 and divisor_named("nowhere", raw, ketamine) is None
