"""Doses given in all beside body weights: "Dose (mg)" and "Weight (kg)" make a dose in mg/kg. Always asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.mapping import DoseSource, Factor
from core.protocol import OtherUnit, Protocol
from core.sources import RawTable
from core.suggest import words as w
from core.suggest.columns import Column, read_columns
from core.suggest.formulas import as_variable, column_of_part
from core.suggest.names import Vocabulary, best_match, vocabulary
from core.suggest.variables import possible_units

NAMED = 0.85
SHARE = 0.95
"""Of the rows with both: doses that must be plausible."""


def whole_dose(columns: Sequence[Column], dose_words: frozenset[str], protocol: Protocol,
               known: Vocabulary) -> DoseSource | None:
    """The dose in all divided by the weight, where one column is each and nearly all doses are plausible."""
    part, most = protocol.dose.per, protocol.dose.maximum
    weight = column_of_part(columns, part, known) if part is not None else None
    found = [(column, unit) for column in columns if weight is not None and column is not weight
             for unit in protocol.dose.whole_units if _is_dose(column, unit, dose_words, protocol, known)]
    if part is None or weight is None or len(found) != 1:
        return None
    per = divisor(weight, protocol)
    column, unit = found[0]
    form = column.format_within(0, None)
    if per is None or form is None:
        return None
    doses = column.parsed(form).values * unit.factor / (weight.parsed(per.format).values * per.factor)
    doses = doses[np.isfinite(doses)]
    fits = (doses >= 0) & (doses <= (np.inf if most is None else most))
    if not len(doses) or fits.mean() < SHARE:
        return None
    return DoseSource(column=column.raw.name, format=form, factor=unit.factor, per=per)


def divisor(column: Column, protocol: Protocol) -> Factor | None:
    """A column as what whole doses are divided by; None if the unit is not plain."""
    part = protocol.dose.per
    units = possible_units(column, as_variable(part)) if part is not None else []
    units = [unit for unit in units if unit.unit in column.all_words] or units
    if part is None or len(units) != 1:
        return None
    form = column.format_within(part.minimum / units[0].factor, part.maximum / units[0].factor)
    return None if form is None else Factor(column=column.raw.name, format=form, factor=units[0].factor, power=-1)


def divisor_named(name: str, table: RawTable, protocol: Protocol) -> Factor | None:
    """The same for a column that a person names; in the part's own unit where the unit is not plain."""
    known = vocabulary(protocol.canonical_json())
    column = next((one for one in read_columns(table, known) if one.raw.name == name), None)
    if column is None:
        return None
    form = column.number_format[0]
    return divisor(column, protocol) or (Factor(column=name, format=form, power=-1) if form is not None else None)


def _is_dose(column: Column, unit: OtherUnit, dose_words: frozenset[str], protocol: Protocol,
             known: Vocabulary) -> bool:
    """Whether a column is named as the dose, and header or cells say the unit of a dose in all."""
    dose = protocol.dose
    own = {unit.unit, *unit.synonyms}
    if not (own & set(column.name.words) or column.unit in own) or "kg" in column.name.words:
        return False
    phrases = [known.split(name) for name in (dose.label, *dose.synonyms)]
    neutral = dose_words | w.NEUTRAL | {word for name in own for word in known.split(name)} | {"total", "whole"}
    return max(best_match(reading, phrases, neutral).quality for reading in column.readings) >= NAMED and (
        column.is_numeric)
