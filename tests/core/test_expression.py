"""The language of formulas: what it reads, what it computes, what it refuses and where."""

from __future__ import annotations

import contextlib
import time
from random import Random

import numpy as np
import pytest

from core.evaluation import Cells, evaluate
from core.expression import FUNCTIONS, FormulaError, parse, renamed

NUMBERS = {"a": [1.0, 2.0, np.nan], "b": [4.0, 0.0, 3.0], "Weight (kg)": [80.0, 60.0, 70.0], "odd]name": [1.0, 1.0, 1.0]}
TEXTS = {"sex": ["F", " m ", None], "a": ["1", "2", None], "b": ["4", "0", "3"]}


def value(text: str) -> list[float | str | None]:
    cells = Cells(3, lambda name: np.array(NUMBERS[name]), lambda name: np.array(TEXTS[name], dtype=object))
    return [None if one is None or one != one else one for one in evaluate(parse(text), cells).tolist()]


@pytest.mark.parametrize(("text", "expected"), [
    ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("-2 ^ 2", -4), ("2 ^ -1", 0.5), ("2 ^ 3 ^ 2", 64), ("7 - 2 - 1", 4),
    ("8 / 4 / 2", 1), ("- - 3", 3), (".5 + 1.", 1.5), ("1e2", 100), ("round(2.5)", 3), ("round(-2.5)", -3),
    ("round(1.256, 2)", 1.26), ("abs(-3)", 3), ("sqrt(9)", 3), ("log(exp(2))", 2), ("log10(1000)", 3),
    ("min(3, 1, 2)", 1), ("MAX(3; 1)", 3), ("1 < 2 and 2 >= 2", 1), ("not 1 = 1 or 1 <> 1", 0), ("not not 5", 1),
    ("if(1 > 2, 5, 6)", 6), ("first_present(missing, 4)", 4), ("0 and missing", 0), ("1 or missing", 1)])
def test_arithmetic(text: str, expected: float) -> None:
    assert value(text) == pytest.approx([expected] * 3)


@pytest.mark.parametrize(("text", "expected"), [
    ("[a] + [b]", [5, 2, None]), ("[Weight (kg)] / 2", [40, 30, 35]), ("[odd]]name]", [1, 1, 1]),
    ("[a] / [b]", [0.25, None, None]), ("log([b] - 3)", [0, None, None]), ("10 ^ ([b] * 1000)", [None, 1, None]),
    ("min([a], [b])", [1, 0, None]), ("1 ^ [a]", [1, 1, None]),
    ("is_missing([a])", [0, 0, 1]), ("count_present([a], [sex])", [2, 2, 0]), ('[sex] = "f"', [1, 0, None]),
    ("'M' <> [sex]", [1, 0, None]), ('if([sex] = "F", 0, 1)', [0, 1, None]), ("first_present([a], [b])", [1, 2, 3]),
    ("[a] > 1 and [b] > 1", [0, 0, None]), ("[a] > 1 or [b] > 1", [1, 1, 1]), ("not [a] = 1", [0, 1, None]),
    ('if([b] > 1, "mdd", missing)', ["mdd", None, "mdd"]), ("text([sex])", ["F", " m ", None]),
    ("missing", [None, None, None]), ("if(is_missing([a]), [b], [a])", [1, 2, 3])])
def test_columns_and_what_is_missing(text: str, expected: list[float | str | None]) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(("text", "position", "expected"), [
    ("", 0, "found the end"), ("1 +", 3, "expected a number"), ("[a", 0, "expected ]"), ("(1", 2, 'expected ")"'),
    ("1 2", 2, "expected an operator"), ("age + 1", 0, "[age]"), ("foo(1)", 0, 'no function "foo"'),
    ("if(1, 2)", 0, "if(condition, value, other value)"), ("1 $ 2", 2, "not part of a formula"),
    ('"a" + 1', 6, "cannot be computed with"), ('[a] < "x"', 4, "= and <> only"), ('1 = "x"', 2, "compared"), ('missing < "x"', 8, "= and <> only"),
    ("is_missing(1)", 0, "columns"), ('if(1, "a", 2)', 0, "text in one case"), ("round(1, 2, 3)", 0, "3 values"),
    ("min()", 4, "expected a number"), ("1,5", 1, "expected an operator"), ("__import__('os')", 0, "no function"),
    ("1 < 2 < 3", 6, "expected an operator")])
def test_what_is_refused_says_where_and_what_was_expected(text: str, position: int, expected: str) -> None:
    with pytest.raises(FormulaError) as fault:
        parse(text)
    assert fault.value.position == position and expected in fault.value.text
    assert fault.value.text.startswith(f"At character {position + 1}: ")


@pytest.mark.parametrize("text", [
    "(" * 1900, "(" * 31 + "1" + ")" * 31, "1" + " + 1" * 450, "1" * 2001, "-" * 1999, "not " * 499, "[" * 1999,
    "if(" * 600, "2" + "^2" * 900, "9" * 400 + "^" + "9" * 400, '"' * 1999])
def test_nothing_hangs_or_overflows(text: str) -> None:
    start = time.perf_counter()
    with contextlib.suppress(FormulaError):
        value(text)
    assert time.perf_counter() - start < 0.5


def test_the_longest_sums_that_are_allowed_are_computed() -> None:
    assert value("+".join(["[b]"] * 150)) == [600, 0, 450]
    assert value("(" * 29 + "1" + ")" * 29) == [1, 1, 1]


def test_columns_are_named_in_order_and_anew() -> None:
    assert parse('[b] + [a] * [b] + if([sex] = "[a]", 1, 2)').columns == ("b", "a", "sex")
    text = 'if([sex] = "[a]", [a], [odd]]name])'
    assert renamed(text, {"a": "x]y", "odd]name": "z"}) == 'if([sex] = "[a]", [x]]y], [z])'


def test_every_function_is_computed() -> None:
    for name, (least, _, form) in FUNCTIONS.items():
        assert form.startswith(f"{name}(")
        assert len(value(f"{name}({', '.join(['[b]'] * least)})")) == 3


def test_whatever_is_written_is_read_or_refused() -> None:
    random = Random(20220)
    pieces = [*"+-*/^(),;<>= []", "[a]", "[sex]", "'x'", '"F"', "1", "2.5", "1e300", "0", " and ", " or ", "not ", "missing",
              "<>", *(f"{name}(" for name in FUNCTIONS), "é"]
    read = 0
    for _ in range(4000):
        text = "".join(random.choice(pieces) for _ in range(random.randint(1, 12)))
        try:
            expression = parse(text)
        except FormulaError as fault:
            assert 0 <= fault.position <= len(text)
            continue
        cells = Cells(3, lambda _: np.array(NUMBERS["a"]), lambda _: np.array(TEXTS["sex"], dtype=object))
        assert len(evaluate(expression, cells)) == 3
        read += 1
    assert read > 50


def test_two_numbers_in_one_cell() -> None:
    cells = Cells(4, lambda _: np.zeros(4), lambda _: np.array(["120/80", "9,5 | 7.25 mm", "120", None], dtype=object))
    first, second = (evaluate(parse(f"{name}_number([bp])"), cells).tolist() for name in ("first", "second"))
    assert first == pytest.approx([120, 9.5, 120, np.nan], nan_ok=True)
    assert second == pytest.approx([80, 7.25, np.nan, np.nan], nan_ok=True)
