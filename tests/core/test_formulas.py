"""Variables computed from several columns: suggested where one reading is left, and how they are computed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from core.mapping import SURE, Decision, Elapsed, Factor, Product, Rule
from core.sources import Cell
from tests.core.harmonizing import codes, harmonized, mapping, protocol, row_of, table
from tests.core.suggest_tables import N, numbers, wide

METRIC: dict[str, list[Cell]] = {"Height (cm)": numbers(155, 190), "Weight (kg)": numbers(55, 110)}
BORN = [dt.date(1960 + 2 * i, 5, 17) for i in range(N)]
TREATED = [dt.date(2018, 3, 1 + i) for i in range(N)]


def rule_of(columns: dict[str, list[Cell]], variable: str) -> tuple[Rule | None, float]:
    decision = wide(columns).mapping.variables.get(variable)
    return (decision.rule, decision.sureness) if decision else (None, 0.0)


@pytest.mark.parametrize(("columns", "factors"), [
    (METRIC, (1, 0.01)),
    ({"Height (in)": numbers(60, 75), "Weight (lbs)": numbers(120, 240)}, (0.45359237, 0.0254)),
    ({"HEIGHT_CM": numbers(155, 190), "WEIGHT_LB": numbers(120, 240)}, (0.45359237, 0.01)),
    ({"Größe": [1.55 + i / 40 for i in range(N)], "Gewicht (kg)": numbers(55, 110)}, (1, 1))])
def test_body_mass_index_from_weight_and_height(columns: dict[str, list[Cell]], factors: tuple[float, float]) -> None:
    rule, sureness = rule_of(columns, "bmi")
    assert isinstance(rule, Product) and sureness >= SURE
    assert tuple(one.factor for one in rule.factors) == factors and [one.power for one in rule.factors] == [1, -2]


def test_units_that_are_not_said_are_known_if_one_alone_is_plausible() -> None:
    rule, sureness = rule_of({"Height": numbers(155, 190), "Weight": numbers(52, 80)}, "bmi")
    assert isinstance(rule, Product) and sureness >= SURE and rule.factors[0].factor == 1
    assert rule_of({"Height": numbers(155, 190), "Weight": numbers(130, 240)}, "bmi")[1] < SURE  # heavy, or pounds


@pytest.mark.parametrize("columns", [
    {"Height (cm)": numbers(155, 190)}, {**METRIC, "Weight baseline (kg)": numbers(60, 112)},
    {"Height (cm)": numbers(155, 190), "Weight change (kg)": numbers(-3, 3)},
    {"Height (cm)": numbers(155, 190), "Birth weight (kg)": numbers(2, 4)}])
def test_what_is_not_plain_is_not_computed(columns: dict[str, list[Cell]]) -> None:
    assert not isinstance(rule_of(columns, "bmi")[0], Product)


def test_a_column_goes_before_a_formula() -> None:
    assert not isinstance(rule_of({**METRIC, "BMI": numbers(19, 38)}, "bmi")[0], Product)


@pytest.mark.parametrize("until", ["Infusion date", "Date of consent", "Randomization date", "Screening date"])
def test_age_from_the_date_of_birth(until: str) -> None:
    rule, sureness = rule_of({"Date of birth": BORN, until: TREATED}, "age")
    assert rule == Elapsed(since="Date of birth", until=until) and sureness >= SURE


def test_the_treatment_goes_before_consent() -> None:
    rule, _ = rule_of({"DOB": BORN, "Consent date": TREATED, "Infusion date": TREATED}, "age")
    assert isinstance(rule, Elapsed) and rule.until == "Infusion date"


@pytest.mark.parametrize("columns", [
    {"Date of birth": BORN}, {"Date of birth": BORN, "Date of death": TREATED},
    {"Date of birth": BORN, "Infusion 2 date": TREATED}, {"Date of birth": BORN, "DOB": TREATED, "Visit date": TREATED}])
def test_an_age_at_an_unknown_day_is_not_computed(columns: dict[str, list[Cell]]) -> None:
    assert rule_of(columns, "age")[0] is None


def test_days_and_months_that_cannot_be_told_apart_are_asked() -> None:
    texts: list[Cell] = [f"0{1 + i % 9}/05/{1960 + i}" for i in range(N)]
    assert rule_of({"Date of birth": texts, "Infusion date": ["03/04/2018"] * N}, "age")[0] is None
    assert rule_of({"Date of birth": texts, "Infusion date": ["23/04/2018"] * N}, "age")[1] < SURE


def test_an_age_that_is_not_plausible_is_asked() -> None:
    assert rule_of({"Date of birth": TREATED, "Infusion date": TREATED}, "age")[1] < SURE


def computed(rule: Rule, *rows: tuple[Cell, ...]) -> tuple[dict[str, float], list[str], str]:
    rules = mapping(variables={"age": Decision(rule=rule)})
    wide_open = protocol()
    wide_open = wide_open.model_copy(update={"variables": tuple(
        v.model_copy(update={"minimum": 0.0}) if v.key == "age" else v for v in wide_open.variables)})
    raw = table("id drug b d1 d7 x y", *((str(i), "KS"[i % 2], 30, 20, 10, *row) for i, row in enumerate(rows)))
    data = harmonized(raw, rules, rulebook=wide_open)
    found = {name: row_of(data, name)["age"] for name in data.patients["patient"]}
    return found, codes(data), data.origins["age"].sources[0].rule


def test_a_product_of_columns() -> None:
    rule = Product(factors=(Factor(column="x"), Factor(column="y", factor=0.01, power=-2)))
    found, issues, text = computed(rule, (80, 200), (None, 180), (80, 0), ("heavy", 180))
    assert found["0"] == pytest.approx(20) and all(np.isnan(found[name]) for name in "123")
    assert "unreadable" in issues and text.startswith('product of "x" and "y" times 0.01')


def test_completed_years() -> None:
    rule = Elapsed(since="x", until="y")
    day = dt.date(2018, 3, 5)
    found, issues, text = computed(rule, (dt.date(1978, 3, 5), day), (dt.date(1978, 3, 6), day), (None, day), ("?", day))
    assert (found["0"], found["1"]) == (40, 39) and np.isnan(found["2"]) and np.isnan(found["3"])
    assert "unreadable" in issues and text == 'completed years from "x" to "y"'
