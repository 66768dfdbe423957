"""Variables that no column holds alone: body mass index, age from the date or year of birth, one of two numbers.

Taken only where each part is named, and one reading of its units or days is plausible and no other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

import numpy as np

from core.dates import DateOrder, date_order, read_moments
from core.expression import quoted
from core.mapping import SURE, Decision, Direct, Elapsed, Factor, Formula, Product
from core.protocol import OtherUnit, ProductPart, Protocol, Variable
from core.suggest.columns import Column
from core.suggest.names import Vocabulary, best_match
from core.suggest.variables import ASKS, OUT_OF_RANGE_SHARE, possible_units, suggest_variable
from core.suggest.words import NEUTRAL, UNIT_WORDS, words

NAMED = 0.9
_PAIR = re.compile(r"\s*(\d{2,3})\s*[/|\\]\s*(\d{2,3})\s*(?:mm\s*hg)?\s*", re.I)
_UNTIL = ("infusion infused dosing treatment dose injection", "randomization randomized randomisation", "baseline",
          "consent", "enrollment enrolment inclusion", "screening", "visit assessment rating")
"""Events at which an age is told, the most telling first."""
_DAY = words("date day of at the datum data fecha first start 1 dt informed")


def suggest_formulas(columns: Sequence[Column], known: dict[str, Decision], protocol: Protocol,
                     vocabulary: Vocabulary) -> dict[str, Decision]:
    """Decisions for variables for which no column is sure."""
    found = {}
    for variable in protocol.variables:
        if variable.key in known and known[variable.key].sureness >= SURE:
            continue
        decision = _product(columns, variable, vocabulary) or _age(columns, variable, vocabulary) or (
            _age_by_years(columns, variable, vocabulary)) or _part(columns, variable, vocabulary)
        if decision is not None and (variable.key not in known or decision.sureness >= SURE):
            found[variable.key] = decision
    return found


# --- one of two numbers in a cell -------------------------------------------------------------------------------------


def _part(columns: Sequence[Column], variable: Variable, vocabulary: Vocabulary) -> Decision | None:
    """One of the two numbers of the one column that is named so and holds pairs, the first above the second."""
    part = variable.part_of
    phrases = [vocabulary.split(name) for name in part.names] if part else []
    units = frozenset(vocabulary.split(variable.unit)) | frozenset(UNIT_WORDS.get(variable.unit, "").split())
    named = [one for one in columns if part and max(
        best_match(reading, phrases, NEUTRAL | units).quality for reading in one.readings) >= NAMED and _are_pairs(one)]
    if part is None or len(named) != 1:
        return None
    column = named[0]
    pairs = [tuple(map(float, found.groups())) for text in column.texts if (found := _PAIR.fullmatch(text))]
    values = np.array([pair[part.place == "second"] for pair in pairs])
    low, high = variable.minimum or 0.0, variable.maximum or np.inf
    fits = float(((values < low) | (values > high)).mean()) <= OUT_OF_RANGE_SHARE
    name = column.raw.name
    return Decision(rule=Formula(expression=f"{part.place}_number({quoted(name)})"), sureness=1.0 if fits else ASKS,
                    reason=f'the {part.place} of the two numbers in "{name}"')


def _are_pairs(column: Column) -> bool:
    """Whether every cell that is not empty holds two numbers, the first above the second: "120/80"."""
    pairs = [_PAIR.fullmatch(text) for text in column.texts]
    return bool(pairs) and all(pair is not None and float(pair[1]) > float(pair[2]) for pair in pairs)


# --- products ---------------------------------------------------------------------------------------------------------


def _product(columns: Sequence[Column], variable: Variable, vocabulary: Vocabulary) -> Decision | None:
    parts = [(part, column_of_part(columns, part, vocabulary)) for part in variable.product_of]
    if not parts or any(column is None for _, column in parts):
        return None
    readings = [[(part, column, unit) for unit in possible_units(column, as_variable(part))]
                for part, column in parts if column is not None]
    plausible = [(factors, choice) for choice in product(*readings)
                 if _fits(factors := _factors(choice), columns, variable)]
    if not plausible:
        return None
    factors, choice = plausible[0]
    names = " and ".join(f'"{one.column}"' for one in factors)
    in_parts = next((unit.unit for _, column, unit in choice if unit.in_parts and column.unit != unit.unit), "")
    doubt = "; their units are not said" if len(plausible) > 1 else (
        f"; decimals of {in_parts} may be a second unit" if in_parts else "")
    return Decision(rule=Product(factors=factors), sureness=ASKS if doubt else 1.0,
                    reason=f"computed from {names}{doubt}")


def as_variable(part: ProductPart) -> Variable:
    """A part as a variable, to find its column and unit by."""
    return Variable(key=part.names[0].replace(" ", "_"), label=part.label, kind="continuous", level="patient",
                    unit=part.unit, units=part.units, synonyms=part.names, minimum=part.minimum, maximum=part.maximum)


def column_of_part(columns: Sequence[Column], part: ProductPart, vocabulary: Vocabulary) -> Column | None:
    """The one column that is named as the part; None if several are."""
    phrases = [vocabulary.split(name) for name in (part.label, *part.names)]
    units = frozenset(word for unit in (part.unit, *(name for one in part.units for name in (one.unit, *one.synonyms)))
                      for word in vocabulary.split(unit))
    named = [column for column in columns if max(
        best_match(reading, phrases, NEUTRAL | units).quality for reading in column.readings) >= NAMED
        and column.is_numeric]
    if len(named) != 1:
        return None
    decision = suggest_variable(named, as_variable(part), vocabulary)
    return named[0] if decision is not None and isinstance(decision.rule, Direct) else None


def _factors(choice: Sequence[tuple[ProductPart, Column, OtherUnit]]) -> tuple[Factor, ...]:
    found = []
    for part, column, unit in choice:
        form = column.format_within(part.minimum / unit.factor, part.maximum / unit.factor)
        if form is not None:
            found.append(Factor(column=column.raw.name, format=form, factor=unit.factor, power=part.power))
    return tuple(found)


def _fits(factors: tuple[Factor, ...], columns: Sequence[Column], variable: Variable) -> bool:
    """Whether all parts can be read, and nearly all products are plausible for the variable."""
    by_name = {column.raw.name: column for column in columns}
    if len(factors) < len(variable.product_of):
        return False
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.prod([(by_name[one.column].parsed(one.format).values * one.factor) ** one.power for one in factors],
                         axis=0)
    values = values[np.isfinite(values)]
    low = -np.inf if variable.minimum is None else variable.minimum
    high = np.inf if variable.maximum is None else variable.maximum
    return bool(len(values)) and float(((values < low) | (values > high)).mean()) <= OUT_OF_RANGE_SHARE


# --- years between days -----------------------------------------------------------------------------------------------


def _age(columns: Sequence[Column], variable: Variable, vocabulary: Vocabulary) -> Decision | None:
    phrases = [vocabulary.split(name) for name in variable.years_since]
    dated = [column for column in columns if phrases and column.holds_days]
    since = [column for column in dated if max(
        best_match(reading, phrases, NEUTRAL).quality for reading in column.readings) >= NAMED]
    until = next((found for group in _UNTIL if (found := [one for one in dated if one not in since
                                                          and _is_day_of(one, group)])), [])
    if len(since) != 1 or len(until) != 1:
        return None
    orders = [date_order(one.raw.cells) for one in (since[0], until[0])]
    first, last = orders[0] or orders[1], orders[1] or orders[0]
    if first is None or last is None:
        return None
    sureness = 1.0 if _are_plausible(since[0], until[0], first, last, variable) and None not in orders else ASKS
    return Decision(rule=Elapsed(since=since[0].raw.name, until=until[0].raw.name, since_order=first, until_order=last),
                    sureness=sureness, reason=f'completed years from "{since[0].raw.name}" to "{until[0].raw.name}"')


def _is_day_of(column: Column, events: str) -> bool:
    own = set(column.name.words)
    return bool(own & words(events)) and own <= words(events) | _DAY


def _are_plausible(since: Column, until: Column, first: DateOrder, last: DateOrder, variable: Variable) -> bool:
    days = read_moments(until.raw.cells, last).at - read_moments(since.raw.cells, first).at
    years = days[~np.isnat(days)].astype(float) / (365.25 * 86_400)
    low, high = variable.minimum or 0.0, variable.maximum or np.inf
    return bool(len(years)) and float(((years < low) | (years > high)).mean()) <= OUT_OF_RANGE_SHARE


def _age_by_years(columns: Sequence[Column], variable: Variable, vocabulary: Vocabulary) -> Decision | None:
    """The difference of two years, a year off for half of the patients: always asked."""
    phrases = [vocabulary.split(name) for name in variable.year_since]
    since = [column for column in columns if phrases and max(
        best_match(reading, phrases, NEUTRAL).quality for reading in column.readings) >= NAMED and column.are_years]
    if len(since) != 1:
        return None
    told = [column for column in columns if column not in since and (column.holds_days or (
        "year" in column.name.words and column.are_years))]
    until = next((found for group in _UNTIL if (found := [one for one in told if _is_time_of(one, group)])), [])
    if len(until) != 1:
        return None
    born, seen = since[0].raw.name, until[0].raw.name
    return Decision(rule=Formula(expression=f"year({quoted(seen)}) - year({quoted(born)})"), sureness=ASKS,
                    reason=f'"{seen}" less "{born}"; the day of birth is not known, so that it may be a year too high')


def _is_time_of(column: Column, events: str) -> bool:
    own = set(column.name.words) - {"year"}
    return bool(own & words(events)) and own <= words(events) | _DAY
