"""Numbers from cells: the columns that peers' users lost to a wrong decimal mark, a unit or a missing code."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mapping import NumberFormat
from core.sources import Cell, RawColumn
from core.values import (
    Kind,
    decimal_marks,
    is_missing_word,
    missing_codes,
    number_format_of,
    parse_column,
    parse_number,
    unit_of,
)

POINT, COMMA = NumberFormat(decimal="."), NumberFormat(decimal=",")


def _column(*texts: str) -> RawColumn:
    return RawColumn("MADRS", 1, tuple(texts))


@pytest.mark.parametrize(("text", "point", "comma"), [
    ("12", 12, 12), ("12.5", 12.5, None), ("12,5", None, 12.5), ("0.435", 0.435, None), ("0,435", None, 0.435),
    ("1.286", 1.286, 1286), ("1,286", 1286, 1.286), ("1,234,567", 1234567, None), ("1.234.567", None, 1234567),
    ("1,234.5", 1234.5, None), ("1.234,5", None, 1234.5), ("1 234,5", None, 1234.5), ("1\u202f234.5", 1234.5, None),
    ("12 345", 12345, 12345), ("1'234.5", 1234.5, None), ("−3", -3, -3), ("–3.5", -3.5, None), ("+7", 7, 7),
    (".5", 0.5, None), ("5.", 5, None), ("1e3", 1000, 1000), ("2.5E-2", 0.025, None), (" 8 ", 8, 8),
    ("'007", 7, 7),
    ("45 %", 45, 45), ("27 yrs", 27, 27), ("0.5 mg/kg", 0.5, None), ("0,5 mg/kg", None, 0.5),
    ("24.1 kg/m²", 24.1, None),
])
def test_a_text_is_the_number_it_reads_as(text: str, point: float | None, comma: float | None) -> None:
    for form, expected in ((POINT, point), (COMMA, comma)):
        number = parse_number(text, form)
        assert number.kind is (Kind.UNREADABLE if expected is None else Kind.NUMBER)
        assert number.value == expected if expected is not None else math.isnan(number.value)


@pytest.mark.parametrize("text", ["> 60", "<5", "~12", "19 but poor collection", "12-14", "3/4", "twelve", "2010-03-04",
                                  "1,2,3", "12 34", "5 9", "1.2.3", "--4", "ketamine 0.5 mg/kg", "12a", "+", "e5"])
def test_what_is_no_plain_number_is_never_made_one(text: str) -> None:
    assert parse_number(text, POINT).kind is Kind.UNREADABLE
    assert parse_number(text, COMMA).kind is Kind.UNREADABLE


def test_workbook_numbers_need_no_format() -> None:
    assert parse_number(12.5, COMMA).value == 12.5
    assert parse_number(7, POINT).value == 7
    assert parse_number(None, POINT).kind is Kind.MISSING
    assert parse_number("  ", POINT).kind is Kind.MISSING
    assert parse_number(float("nan"), POINT).kind is Kind.MISSING


@pytest.mark.parametrize("cell", [True, dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 3), dt.time(3), dt.timedelta(1)])
def test_dates_and_truth_values_are_no_numbers(cell: Cell) -> None:
    assert parse_number(cell, POINT).kind is Kind.UNREADABLE


def test_a_missing_code_is_met_in_every_spelling() -> None:
    form = NumberFormat(missing=("9999", "ND", "-88"))
    cells: tuple[Cell, ...] = (9999, 9999.0, "9999", "9,999", "nd", " ND ", "−88", -88.0, 12)
    parsed = parse_column(cells, form)
    assert parsed.coded.tolist() == list(range(8))
    assert np.nanmean(parsed.values) == 12
    assert not parsed.unreadable.size


def test_a_column_tells_numbers_codes_and_the_unreadable_apart() -> None:
    parsed = parse_column(["12", None, "NA", "> 60", 30.5, "", "13"], NumberFormat(missing=("NA",)))
    np.testing.assert_array_equal(parsed.values, [12, np.nan, np.nan, np.nan, 30.5, np.nan, 13])
    assert parsed.coded.tolist() == [2]
    assert parsed.unreadable.tolist() == [3]


def test_one_unit_is_read_and_mixed_units_are_not() -> None:
    assert parse_column(["0.5 mg/kg", "1 mg/kg", "0.5"], POINT).values.tolist() == [0.5, 1.0, 0.5]
    mixed = parse_column(["6 months", "2 years", "3"], POINT)
    assert mixed.unreadable.tolist() == [0, 1]
    assert mixed.values[2] == 3
    assert unit_of(["27 yrs", "31 years"], POINT) == "years"
    assert unit_of(["27", "31"], POINT) == ""


@pytest.mark.parametrize(("cells", "marks"), [
    (("12", "13"), {".", ","}), (("1.286",), {".", ","}), (("1.286", "0.5"), {"."}), (("1,286", "12,5"), {","}),
    (("0,435", "0,500"), {","}), (("1.234.567",), {","}), ((1.5, 2.5), {".", ","}), (("12.5", "12,5"), {".", ","}),
])
def test_the_marks_a_column_can_be_read_with(cells: tuple[Cell, ...], marks: set[str]) -> None:
    assert decimal_marks(cells) == marks


@pytest.mark.parametrize(("cells", "told"), [
    (("1.286", "2.345"), '"1.286" can be 1.286 or 1286'), (("1,286", "12"), '"1,286" can be 1.286 or 1286'),
    (("12.5", "12,5"), 'some cells use a decimal point ("12.5"), others a comma ("12,5")')])
def test_an_ambiguous_column_asks(cells: tuple[Cell, ...], told: str) -> None:
    assert number_format_of(cells) == (None, told)


def test_a_clear_column_gets_its_format_and_its_missing_words() -> None:
    form, reason = number_format_of(["12,5", "n/a", "1.286", "****", None])
    assert form == NumberFormat(decimal=",", missing=("n/a", "****"))
    assert "12,5" in reason


@pytest.mark.parametrize("text", ["NA", "n/a", "N.A.", "ND", "#NULL!", "#N/A", ".a", ".", "****", "missing", "not done",
                                  "-", "?", "..", "unknown", "Not  Available"])
def test_words_that_always_mean_missing(text: str) -> None:
    assert is_missing_word(text)


@pytest.mark.parametrize("text", ["0", "none", "no", "-9", "9999", "ketamine", "n", "abc", ".5"])
def test_words_that_do_not(text: str) -> None:
    assert not is_missing_word(text)


def test_missing_codes_lie_outside_the_range() -> None:
    column = _column("12", "9999", "-88", "ND", "14", "99", "-9", "9", "999", "60")
    assert missing_codes(column, 0, 60) == ("9999", "-88", "ND", "99", "-9", "999")


def test_ages_of_88_and_99_are_ages() -> None:
    assert missing_codes(_column("88", "99", "45", "999"), 18, 110) == ("999",)


def test_without_a_range_only_what_lies_far_off_is_a_code() -> None:
    assert missing_codes(_column("31", "28", "999", "-9")) == ("999", "-9")
    assert missing_codes(_column("310", "280", "99", "777")) == ()
    assert missing_codes(_column("-3", "-9", "4")) == ()


def test_a_strange_value_outside_the_range_is_no_code() -> None:
    assert missing_codes(_column("12", "87", "-3"), 0, 60) == ()


@given(st.decimals(-10**6, 10**6, places=3), st.sampled_from([".", ","]), st.booleans())
def test_written_numbers_come_back(value: object, mark: str, grouped: bool) -> None:
    text = f"{value:,}" if grouped else f"{value:f}"
    written = text.translate(str.maketrans({".": mark, ",": "." if mark == "," else ","}))
    number = parse_number(written, NumberFormat(decimal=mark))  # type: ignore[arg-type]
    assert number.value == float(value)  # type: ignore[arg-type]


@given(st.lists(st.one_of(st.none(), st.text(max_size=8), st.floats(), st.booleans(), st.integers()), max_size=30))
def test_every_cell_is_a_number_empty_coded_or_unreadable(cells: list[Cell]) -> None:
    parsed = parse_column(cells, NumberFormat(missing=("NA",)))
    numbers = np.flatnonzero(~np.isnan(parsed.values))
    told = [*numbers.tolist(), *parsed.coded.tolist(), *parsed.unreadable.tolist()]
    assert len(set(told)) == len(told)
    assert np.isfinite(parsed.values[numbers]).all()
