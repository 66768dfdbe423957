"""The language of formulas: numbers, columns in brackets, arithmetic, comparisons, a dozen functions; nothing else.

    if([sex] = "F", 0.9, 1) * [Weight (lb)] * 0.4536 / ([Height (cm)] / 100) ^ 2

A text is taken apart into tokens and those into a tree by recursive descent; nothing is ever executed. Length and depth
are bounded, so that no formula can hang or overflow. `]]` in a column's name stands for `]`, a doubled quote in a text
for one. What is missing makes all missing that is computed from it, but for `and`, `or` and the functions that ask.

    or  <-  and  <-  not  <-  = <> < <= > >=  <-  + -  <-  * /  <-  sign  <-  ^  <-  number, text, column, call, ( )
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from core.errors import UserError

LONGEST, DEEPEST, TALLEST = 2000, 30, 200
"""Characters of a formula; brackets within brackets; steps one after the other."""

Kind = Literal["number", "text", "missing"]
SIGNS = ("<=", ">=", "<>", "!=", "==", "=", "<", ">", "+", "-", "*", "/", "^", "(", ")", ",", ";")
COMPARISONS = {"=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
FUNCTIONS: dict[str, tuple[int, int | None, str]] = {
    "if": (3, 3, "if(condition, value, other value)"),
    "min": (1, None, "min(value, ...): the smallest"),
    "max": (1, None, "max(value, ...): the largest"),
    "round": (1, 2, "round(value) or round(value, decimals)"),
    "abs": (1, 1, "abs(value): without its sign"),
    "log": (1, 1, "log(value): natural logarithm"),
    "log10": (1, 1, "log10(value): logarithm to base 10"),
    "exp": (1, 1, "exp(value)"),
    "sqrt": (1, 1, "sqrt(value): square root"),
    "is_missing": (1, 1, "is_missing([column]): 1 where the cell is empty or a missing code, else 0"),
    "count_present": (1, None, "count_present([column], ...): how many are not missing"),
    "first_present": (1, None, "first_present(value, ...): the first that is not missing"),
    "year": (1, 1, "year([column]): the year of a date or a year alone"),
    "first_number": (1, 1, "first_number([column]): 120 of 120/80"),
    "second_number": (1, 1, "second_number([column]): 80 of 120/80"),
    "text": (1, 1, "text([column]): the cell as it is written"),
}
"""Least and most arguments, and how it is written."""
OF_COLUMNS = ("is_missing", "count_present", "year", "first_number", "second_number", "text")
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_QUOTED = {"[": re.compile(r"\[((?:[^\]]|\]\])*)\]"), '"': re.compile(r'"((?:[^"]|"")*)"'),
           "'": re.compile(r"'((?:[^']|'')*)'")}
VALUE = 'a number, a column such as [Age], a function or "("'


class FormulaError(UserError):
    """A formula that cannot be read; `position` counts characters from 0."""

    def __init__(self, text: str, position: int) -> None:
        super().__init__(f"At character {position + 1}: {text}", remedy="Correct the formula.")
        self.position = position


class Token(NamedTuple):
    """A piece of a formula. `kind`: number, text, column, word, sign, end."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Literal_:
    """A number, a text, or None for missing."""

    value: float | str | None
    depth: int = 1

    @property
    def kind(self) -> Kind:
        """What it is."""
        return "missing" if self.value is None else "text" if isinstance(self.value, str) else "number"


@dataclass(frozen=True)
class ColumnOf:
    """A cell of a column, as a number or as text."""

    name: str
    kind: Kind = "number"
    depth: int = 1


@dataclass(frozen=True)
class Call:
    """An operator or function with its arguments."""

    name: str
    arguments: tuple[Node, ...]
    kind: Kind = "number"

    @cached_property
    def depth(self) -> int:
        """Steps below and with this one."""
        return 1 + max(one.depth for one in self.arguments)


Node = Literal_ | ColumnOf | Call


@dataclass(frozen=True)
class Expression:
    """A formula that was read."""

    text: str
    root: Node
    columns: tuple[str, ...]
    """Columns it names, in order, each once."""

    @property
    def kind(self) -> Kind:
        """What it gives."""
        return self.root.kind


@lru_cache(maxsize=512)
def parse(text: str) -> Expression:
    """Read a formula. Raises FormulaError with the place and what was expected there."""
    tokens = tokenize(text)
    reader = _Reader(tokens)
    root = reader.any_of()
    if reader.next.kind != "end":
        raise reader.expected("an operator such as + or the end")
    columns = tuple(dict.fromkeys(token.value for token in tokens if token.kind == "column"))
    return Expression(text, root, columns)


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A formula with columns named anew."""
    found, last = "", 0
    for token in tokenize(text):
        if token.kind == "column":
            found += text[last:token.start] + quoted(names.get(token.value, token.value))
            last = token.end
    return found + text[last:]


def quoted(column: str) -> str:
    """A column's name as a formula writes it."""
    return "[" + column.replace("]", "]]") + "]"


def tokenize(text: str) -> tuple[Token, ...]:
    """The pieces of a formula, the last of kind "end". Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(f"the formula is longer than {LONGEST} characters", LONGEST)
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token(text, at)
        tokens.append(token)
        at = token.end
    return (*tokens, Token("end", "", len(text), len(text)))


def _token(text: str, at: int) -> Token:
    mark = text[at]
    if mark in _QUOTED:
        found = _QUOTED[mark].match(text, at)
        close = "]" if mark == "[" else mark
        if found is None:
            raise FormulaError(f'expected {close} to close what begins here with {mark}', at)
        return Token("column" if mark == "[" else "text", found.group(1).replace(close * 2, close), at, found.end())
    for kind, pattern in (("number", _NUMBER), ("word", _WORD)):
        found = pattern.match(text, at)
        if found is not None:
            return Token(kind, found.group(), at, found.end())
    sign = next((one for one in SIGNS if text.startswith(one, at)), None)
    if sign is None:
        raise FormulaError(f'"{mark}" is not part of a formula; expected {VALUE} or an operator', at)
    return Token("sign", sign, at, at + len(sign))


class _Reader:
    """Recursive descent: a method for each line of the grammar, loosest first."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def expected(self, what: str) -> FormulaError:
        """What should have stood at the next token."""
        token = self.next
        found = "the end" if token.kind == "end" else f'"{token.value}"'
        return FormulaError(f"expected {what}, found {found}", token.start)

    def _take(self, *values: str) -> Token | None:
        """The next token if it is one of these signs or words."""
        token = self.next
        if token.kind in ("sign", "word") and token.value.casefold() in values:
            self._at += 1
            return token
        return None

    def any_of(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaError(f"brackets stand within brackets more than {DEEPEST} times", self.next.start)
        found = self._all_of()
        while self._take("or"):
            found = self._call("or", found, self._all_of())
        self._depth -= 1
        return found

    def _all_of(self) -> Node:
        found = self._negated()
        while self._take("and"):
            found = self._call("and", found, self._negated())
        return found

    def _negated(self) -> Node:
        count = 0
        while self._take("not"):
            count += 1
        found = self._comparison()
        for _ in range(min(count, 2 - count % 2)):
            found = self._call("not", found)
        return found

    def _comparison(self) -> Node:
        left = self._sum()
        sign = self._take(*COMPARISONS)
        if sign is None:
            return left
        right = self._sum()
        left, right = _as_texts(left, right)
        if {left.kind, right.kind} == {"text", "number"}:
            raise FormulaError("a text is compared with a number; compare a column with a text, as [sex] = \"F\"",
                               sign.start)
        name = COMPARISONS[sign.value]
        if "text" in (left.kind, right.kind) and name not in ("=", "<>"):
            raise FormulaError("texts can be compared with = and <> only", sign.start)
        return self._call(name, left, right, may_be_text=True)

    def _sum(self) -> Node:
        found = self._product()
        while (sign := self._take("+", "-")) is not None:
            found = self._call(sign.value, found, self._product())
        return found

    def _product(self) -> Node:
        found = self._signed()
        while (sign := self._take("*", "/")) is not None:
            found = self._call(sign.value, found, self._signed())
        return found

    def _signed(self) -> Node:
        is_negative = False
        while (sign := self._take("-", "+")) is not None:
            is_negative ^= sign.value == "-"
        found = self._power()
        return self._call("negative", found) if is_negative else found

    def _power(self) -> Node:
        found = self._value()
        while self._take("^"):
            is_negative = self._take("-") is not None
            exponent = self._value()
            found = self._call("^", found, self._call("negative", exponent) if is_negative else exponent)
        return found

    def _value(self) -> Node:
        token = self.next
        if token.kind in ("number", "text", "column"):
            self._at += 1
            return ColumnOf(token.value) if token.kind == "column" else Literal_(
                token.value if token.kind == "text" else float(token.value))
        if token.kind == "word":
            return self._named(token)
        if self._take("("):
            found = self.any_of()
            if not self._take(")"):
                raise self.expected('")"')
            return found
        raise self.expected(VALUE)

    def _named(self, token: Token) -> Node:
        name = token.value.casefold()
        if name == "missing":
            self._at += 1
            return Literal_(None)
        if name not in FUNCTIONS:
            if self._tokens[self._at + 1].value == "(":
                raise FormulaError(f'there is no function "{token.value}"; expected one of {", ".join(FUNCTIONS)}',
                                   token.start)
            raise FormulaError(f'expected {VALUE}, found "{token.value}"; a column is written '
                               f"{quoted(token.value)}", token.start)
        self._at += 1
        if not self._take("("):
            raise self.expected(f'"(" after {name}')
        return self._arguments(name, token)

    def _arguments(self, name: str, token: Token) -> Node:
        given = [self.any_of()]
        while self._take(",", ";"):
            given.append(self.any_of())
        if not self._take(")"):
            raise self.expected('"," or ")"')
        least, most, form = FUNCTIONS[name]
        if len(given) < least or (most is not None and len(given) > most):
            raise FormulaError(f"expected {form}, found {len(given)} "
                               f"{'value' if len(given) == 1 else 'values'}", token.start)
        if name in OF_COLUMNS:
            if not all(isinstance(one, ColumnOf) for one in given):
                raise FormulaError(f"expected columns in {form}", token.start)
            given = [_text_of(one) for one in given]
            return given[0] if name == "text" else self._call(name, *given, may_be_text=True)
        if name in ("if", "first_present"):
            return self._choice(name, given, token)
        return self._call(name, *given)

    def _choice(self, name: str, given: list[Node], token: Token) -> Node:
        """A function whose values may be texts, all of one kind."""
        values = given[1:] if name == "if" else given
        kinds = {one.kind for one in values} - {"missing"}
        if len(kinds) > 1:
            raise FormulaError(f"{name} gives a text in one case and a number in another", token.start)
        if name == "if" and given[0].kind == "text":
            raise FormulaError("expected a condition first, found a text", token.start)
        return self._check(Call(name, tuple(given), kinds.pop() if kinds else "missing"))

    def _call(self, name: str, *arguments: Node, may_be_text: bool = False) -> Node:
        if not may_be_text and any(one.kind == "text" for one in arguments):
            raise FormulaError("a text cannot be computed with", self._tokens[self._at - 1].start)
        return self._check(Call(name, arguments))

    def _check(self, call: Call) -> Call:
        if call.depth > TALLEST:
            raise FormulaError(f"the formula has more than {TALLEST} steps one after the other", self.next.start)
        return call


def _text_of(node: Node) -> Node:
    return ColumnOf(node.name, "text") if isinstance(node, ColumnOf) else node


def _as_texts(left: Node, right: Node) -> tuple[Node, Node]:
    """A column beside a text is compared as text."""
    if "text" in (left.kind, right.kind):
        return _text_of(left), _text_of(right)
    return left, right
