"""What a rule would make of every distinct value, for each kind of rule, as the harmonizer computes it."""

from __future__ import annotations

import datetime as dt

import pytest

from core import preview as preview_module
from core.mapping import (
    Constant,
    Direct,
    Elapsed,
    Factor,
    Formula,
    NumberFormat,
    Product,
    Recode,
    Rule,
    TextPattern,
    TextSearch,
    Undecided,
)
from core.preview import Preview, preview
from core.sources import Cell
from tests.core.harmonizing import PROTOCOL, table

AGE, FEMALE, DIAGNOSIS = (PROTOCOL.variables_by_key[key] for key in ("age", "female", "diagnosis"))


def shown(rule: Rule, *rows: tuple[Cell, ...], variable: str = "age") -> list[tuple[object, str, int]]:
    found = preview(rule, PROTOCOL.variables_by_key[variable], table("x y", *rows), {})
    return [(row.becomes, row.state, row.count) for row in found.rows]


def test_numbers() -> None:
    rule = Direct(column="x", format=NumberFormat(missing=("999",)), factor=2)
    rows = [(20, 0), (20, 1), (999, 0), ("old", 0), (80, 0), (None, 0)]
    assert shown(rule, *rows) == [(40, "value", 2), (None, "coded", 1), (None, "unreadable", 1),
                                  (160, "implausible", 1), (None, "missing", 1)]


def test_codes() -> None:
    rule = Recode(column="x", codes={"F": "1", "u": None})
    assert shown(rule, ("F", 0), ("u", 0), ("W", 0), variable="female") == [
        (1, "value", 1), (None, "coded", 1), (None, "open", 1)]


def test_products_days_and_formulas() -> None:
    rule = Product(factors=(Factor(column="x"), Factor(column="y", factor=0.5)))
    assert shown(rule, (10, 6), (10, 8), (10, 6)) == [(30, "value", 2), (40, "value", 1)]
    days = ((dt.date(1980, 5, 1), dt.date(2020, 4, 30)), ("?", dt.date(2020, 1, 1)))
    assert shown(Elapsed(since="x", until="y"), *days) == [(39, "value", 1), (None, "unreadable", 1)]
    assert shown(Elapsed(since="x", until="y", unit="months"), days[0]) == [(479, "implausible", 1)]
    assert shown(Formula(expression="[x] + [y]"), (20, 6), (20, "a"), (20, None)) == [
        (26, "value", 1), (None, "unreadable", 1), (None, "missing", 1)]


def test_formulas_that_give_texts() -> None:
    rule = Formula(expression='if([x] = "F", "MDD", missing)')
    assert shown(rule, ("f", 0), ("M", 0), variable="diagnosis") == [("MDD", "value", 1), (None, "missing", 1)]
    assert "must be" in preview(rule, AGE, table("x", ("F",)), {}).problem


def test_texts() -> None:
    rule = TextSearch(columns=("x", "y"), patterns=(TextPattern(code="1", any_of=("gad",)),), negations=("no",))
    assert shown(rule, ("GAD", ""), ("no GAD", None), ("", "gad"), (None, None), variable="female") == [
        (1, "value", 1), (None, "open", 1), (1, "value", 1), (None, "missing", 1)]


def test_columns_that_are_not_there_and_rules_without_columns() -> None:
    assert preview(Direct(column="z"), AGE, table("x", (1,)), {}).problem == 'The file has no column "z".'
    assert preview(Constant(value="3"), AGE, table("x", (1,)), {}) == preview(
        Undecided(), AGE, table("x", (1,)), {}) == Preview(())


def test_beyond_a_bound_rows_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_module, "MOST", 2)
    found = preview(Direct(column="x"), AGE, table("x", *[(20 + i % 4,) for i in range(10)]), {})
    assert len(found.rows) == 2 and found.rest == 4 and found.counts == {"value": 6}
