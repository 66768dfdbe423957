"""Variables computed from several columns: suggested where one reading is left, and how they are computed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from core.harmonize import origin
from core.mapping import SURE, Decision, Elapsed, Factor, Formula, NumberFormat, Product, Rule
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


def test_a_formula_of_columns() -> None:
    rule = Formula(expression='if([y] = "F", [x] / 2, [x])', formats={"x": NumberFormat(missing=("999",))})
    found, issues, text = computed(rule, (80, "F"), (50, "M"), (999, "M"), ("old", "F"), (40, None))
    assert (found["0"], found["1"]) == (40, 50) and all(np.isnan(found[name]) for name in "234")
    assert issues.count("unreadable") == 1 and "missing_codes" in issues
    assert text == 'the formula if([y] = "F", [x] / 2, [x])'


def test_the_origin_of_a_computed_cell_names_every_column() -> None:
    raw = table("id drug b d1 d7 x y", ("1", "K", 30, 20, 10, 80, None), ("2", "S", 30, 20, 10, 20, 30))
    rule = Decision(rule=Formula(expression="first_present([y], [x])"))
    data = harmonized(raw, mapping(variables={"age": rule}))
    found = origin(data, "S1", "1", "age", {"S1": raw})
    assert found is not None and (found.column, found.raw, found.row) == ("y", "y: (empty); x: 80", 4)


def test_a_formula_that_gives_texts_where_numbers_belong_is_told() -> None:
    raw = table("id drug b d1 d7 x", ("1", "K", 30, 20, 10, 80))
    data = harmonized(raw, mapping(variables={"age": Decision(rule=Formula(expression="text([x])"))}))
    assert "code_misfit" in codes(data) and np.isnan(row_of(data, "1")["age"])


@pytest.mark.parametrize("expression", ["1 + 1", "[x", "", "[x] +"])
def test_a_formula_that_cannot_be_read_is_no_rule(expression: str) -> None:
    with pytest.raises(ValueError, match=r"At character|at least one column"):
        Formula(expression=expression)


def test_months_weeks_and_days_between_two_days() -> None:
    first, last = dt.date(2018, 1, 31), dt.date(2018, 3, 30)
    rules = {unit: Elapsed(since="x", until="y", unit=unit) for unit in ("months", "weeks", "days")}
    assert {unit: computed(rule, (first, last))[0]["0"] for unit, rule in rules.items()} == {
        "months": 1, "weeks": 8, "days": 58}


def test_an_age_from_years_alone_is_asked() -> None:
    born: list[Cell] = [1960 + 2 * i for i in range(N)]
    rule, sureness = rule_of({"Year of birth": born, "Infusion date": TREATED}, "age")
    assert isinstance(rule, Formula) and rule.expression == "year([Infusion date]) - year([Year of birth])"
    assert sureness < SURE
    assert rule_of({"Birth year": born, "Visit year": [2018] * N}, "age")[1] == sureness
    assert rule_of({"Birth year": born}, "age")[0] is None and rule_of({"Birth year": born, "Age": born}, "age")[0]


def test_units_in_two_parts_are_asked() -> None:
    feet: list[Cell] = [5 + i / 12 for i in range(N)]
    rule, sureness = rule_of({"Height (ft)": feet, "Weight (kg)": numbers(55, 110)}, "bmi")
    assert isinstance(rule, Product) and rule.factors[1].factor == 0.3048 and sureness < SURE
    rule, sureness = rule_of({"Height (cm)": numbers(155, 190), "Weight (stone)": numbers(9, 18)}, "bmi")
    assert isinstance(rule, Product) and rule.factors[0].factor == pytest.approx(6.35029318) and sureness < SURE


def test_a_product_can_be_written_as_a_formula() -> None:
    rule = Product(factors=(Factor(column="x"), Factor(column="y", factor=0.01, power=-2)))
    assert rule.expression == "[x] * ([y] * 0.01) ^ -2"
    assert computed(Formula(expression=rule.expression), (80, 200))[0] == computed(rule, (80, 200))[0]


def test_two_pressures_in_one_cell() -> None:
    pairs: dict[str, list[Cell]] = {"BP (mmHg)": [f"{110 + i}/{70 + i}" for i in range(N)]}
    assert rule_of(pairs, "systolic_bp") == (Formula(expression="first_number([BP (mmHg)])"), 1.0)
    assert rule_of(pairs, "diastolic_bp") == (Formula(expression="second_number([BP (mmHg)])"), 1.0)
    assert rule_of({"BP": ["80/120", *pairs["BP (mmHg)"][1:]]}, "systolic_bp") == (None, 0.0)
    raw = table("id drug b d1 d7 bp", ("1", "K", 30, 15, 10, "120/80"), ("2", "S", 30, 15, 10, None))
    data = harmonized(raw, mapping(variables={"age": Decision(rule=Formula(expression="second_number([bp])"))}))
    assert row_of(data, "1")["age"] == 80 and np.isnan(row_of(data, "2")["age"])
