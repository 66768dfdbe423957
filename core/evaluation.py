"""What a formula gives for each row: numbers with NaN for missing, or texts with None."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.expression import Call, ColumnOf, Expression, Node

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Cells:
    """The rows a formula is computed for: `size` of them, each column read when it is first needed."""

    size: int
    read_numbers: Callable[[str], np.ndarray]
    """A column's numbers, (size,), NaN where missing."""
    read_texts: Callable[[str], np.ndarray]
    """A column's texts, object (size,), None where missing."""
    known: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)

    def column(self, name: str, kind: str) -> np.ndarray:
        """A column as numbers or texts."""
        if (name, kind) not in self.known:
            self.known[name, kind] = self.read_texts(name) if kind == "text" else self.read_numbers(name)
        return self.known[name, kind]


def evaluate(expression: Expression, cells: Cells) -> np.ndarray:
    """The formula's value in each row: float64 (size,) with NaN, or object (size,) with None where it gives texts.

    What has no finite value (a division by zero, the logarithm of a negative number) is missing.
    """
    with np.errstate(all="ignore"):
        values = _value(expression.root, cells)
    if expression.kind == "text":
        return values
    return np.where(np.isfinite(values), values, np.nan)


def _value(node: Node, cells: Cells) -> np.ndarray:
    if isinstance(node, ColumnOf):
        return cells.column(node.name, node.kind)
    if isinstance(node, Call):
        given = [_value(one, cells) for one in node.arguments]
        found = _OPERATIONS[node.name](given)
        if node.kind == "text":
            return found
        return np.where(np.isfinite(found.astype(float)), found, np.nan).astype(float)
    if node.kind == "text":
        return np.full(cells.size, node.value, dtype=object)
    return np.full(cells.size, np.nan if node.value is None else node.value, dtype=float)


def _is_missing(values: np.ndarray) -> np.ndarray:
    if values.dtype == object:
        return np.array([value is None for value in values], dtype=bool)
    return np.isnan(values)


def _truth(holds: np.ndarray, *of: np.ndarray) -> np.ndarray:
    """1 or 0, missing where one of the values is."""
    unknown = np.any([_is_missing(one) for one in of], axis=0)
    return np.where(unknown, np.nan, holds.astype(float))


def _equal(given: Sequence[np.ndarray]) -> np.ndarray:
    left, right = given
    if left.dtype == object or right.dtype == object:
        pairs = zip(left, right, strict=True)
        holds = np.array([isinstance(a, str) and isinstance(b, str) and a.strip().casefold() == b.strip().casefold()
                          for a, b in pairs], dtype=bool)
    else:
        holds = left == right
    return _truth(holds, left, right)


def _and(given: Sequence[np.ndarray]) -> np.ndarray:
    left, right = given
    return np.where((left == 0) | (right == 0), 0.0, _truth(np.ones(len(left)), left, right))


def _or(given: Sequence[np.ndarray]) -> np.ndarray:
    left, right = given
    sure = (~np.isnan(left) & (left != 0)) | (~np.isnan(right) & (right != 0))
    return np.where(sure, 1.0, _truth(np.zeros(len(left)), left, right))


def _if(given: Sequence[np.ndarray]) -> np.ndarray:
    condition, yes, no = given
    is_text = object in (yes.dtype, no.dtype)
    empty, kind = (None, object) if is_text else (np.nan, float)
    found = np.full(len(condition), empty, dtype=kind)
    for holds, values in ((condition == 0, no), (~np.isnan(condition) & (condition != 0), yes)):
        taken = holds & ~_is_missing(values)
        found[taken] = values[taken]
    return found


def _first_present(given: Sequence[np.ndarray]) -> np.ndarray:
    is_text = any(one.dtype == object for one in given)
    found = np.full(len(given[0]), None if is_text else np.nan, dtype=object if is_text else float)
    for values in reversed(given):
        there = ~_is_missing(values)
        found[there] = values[there]
    return found


def _rounded(given: Sequence[np.ndarray]) -> np.ndarray:
    """Halves away from zero, as people round."""
    scale = 10.0 ** np.trunc(given[1]) if len(given) > 1 else 1.0
    values = given[0] * scale
    return np.sign(values) * np.floor(np.abs(values) + 0.5) / scale


def _power(given: Sequence[np.ndarray]) -> np.ndarray:
    found = np.power(given[0], given[1])
    return np.where(np.isnan(given[0]) | np.isnan(given[1]), np.nan, found)  # 1 ^ missing is missing


def _year(given: Sequence[np.ndarray]) -> np.ndarray:
    """The one number of four digits that can be a year."""
    found = [_YEAR.findall(text or "") for text in given[0]]
    return np.array([float(years[0]) if len(set(years)) == 1 else np.nan for years in found])


def _number_at(place: int) -> Callable[[Sequence[np.ndarray]], np.ndarray]:
    """The number at a place among those in a text, a decimal comma or point within it; missing if there are fewer."""
    def read(given: Sequence[np.ndarray]) -> np.ndarray:
        found = [_NUMBER.findall(text or "") for text in given[0]]
        return np.array([float(one[place].replace(",", ".")) if len(one) > place else np.nan for one in found])
    return read


_OPERATIONS: dict[str, Callable[[Sequence[np.ndarray]], np.ndarray]] = {
    "+": lambda given: given[0] + given[1], "-": lambda given: given[0] - given[1],
    "*": lambda given: given[0] * given[1], "/": lambda given: given[0] / given[1],
    "^": _power, "negative": lambda given: -given[0],
    "=": _equal, "<>": lambda given: 1 - _equal(given),
    "<": lambda given: _truth(given[0] < given[1], *given), "<=": lambda given: _truth(given[0] <= given[1], *given),
    ">": lambda given: _truth(given[0] > given[1], *given), ">=": lambda given: _truth(given[0] >= given[1], *given),
    "and": _and, "or": _or, "not": lambda given: _truth(given[0] == 0, given[0]),
    "if": _if, "first_present": _first_present, "round": _rounded,
    "min": lambda given: np.min(given, axis=0), "max": lambda given: np.max(given, axis=0),
    "abs": lambda given: np.abs(given[0]), "log": lambda given: np.log(given[0]),
    "log10": lambda given: np.log10(given[0]), "exp": lambda given: np.exp(given[0]),
    "sqrt": lambda given: np.sqrt(given[0]),
    "year": _year, "first_number": _number_at(0), "second_number": _number_at(1),
    "is_missing": lambda given: _is_missing(given[0]).astype(float),
    "count_present": lambda given: np.sum([~_is_missing(one) for one in given], axis=0).astype(float),
}
