"""What a data request asks for: the columns of its data sheet and the facts of the study, from a protocol.

A header of the data sheet ends with the variable's key in brackets, "Age (years) [age]": by these keys a filled kit is
known again, whatever its sheet is called, in whatever order its columns stand, also where only that sheet comes back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.labels import score_labels
from core.protocol import Protocol, Scale, Timepoint, Variable
from core.sources import Grid, raw_text

PATIENT, TREATMENT = "patient", "treatment"
NOT_COLLECTED = "not collected"
"""What a team writes in the first row of a column that it does not have."""
ANSWER_HEADER = ("Key", "Question", "Answer", "How to answer")
"""Head of a sheet with the study's facts, or with its risk of bias."""

_KEYED = re.compile(r"\[\s*([a-z][a-z0-9_]*)\s*\]\s*$")
_HEADER_ROWS = 10
_WIDEST = 2000
"""Columns beyond which a table is no kit."""
_NAMED_SHARE = 0.5
"""A head is a kit's if at least this share of its names end with a key."""


@dataclass(frozen=True)
class KitColumn:
    """A column of the data sheet. `codes` are pairs of code and meaning; limits are in `unit`."""

    key: str
    label: str
    definition: str
    unit: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    is_number: bool = False
    is_required: bool = False
    example: str = ""

    @property
    def header(self) -> str:
        """The column's name in the data sheet."""
        is_said = not self.unit or self.unit.casefold() in self.label.casefold()
        return f"{self.label} [{self.key}]" if is_said else f"{self.label} ({self.unit}) [{self.key}]"

    @property
    def range_text(self) -> str:
        """The plausible range in words; "" without one."""
        low, high = self.minimum, self.maximum
        if low is None or high is None:
            return f"at least {low:g}" if low is not None else f"at most {high:g}" if high is not None else ""
        return f"{low:g} to {high:g}"


def key_of(header: str) -> str | None:
    """The key a header of the data sheet ends with."""
    found = _KEYED.search(header)
    return found.group(1) if found else None


def is_kit_header(texts: Sequence[str]) -> bool:
    """Whether a row of texts is the head of a kit's data sheet."""
    names = [text for text in texts if text]
    keys = {key_of(text) for text in names} - {None}
    return {PATIENT, TREATMENT} <= keys and len(keys) >= _NAMED_SHARE * len(names)


def kit_header_row(grid: Grid) -> int | None:
    """The file's own number of the row with a kit's names; None if the sheet is no kit's data sheet."""
    for i, row in enumerate(grid.rows[:_HEADER_ROWS]):
        if len(row) <= _WIDEST and is_kit_header([raw_text(cell) for cell in row]):
            return grid.row_number(i)
    return None


def kit_columns(protocol: Protocol) -> tuple[KitColumn, ...]:
    """Every column the kit of a protocol asks for, in order."""
    return (_patient(), _treatment(protocol), _dose(protocol), *_scores(protocol), *_times(protocol),
            *(_variable(variable) for variable in protocol.variables
              if variable.registry is None and variable.same_as is None))


def _patient() -> KitColumn:
    return KitColumn(PATIENT, "Patient", "The study's own code for the patient, each once. No names, no initials, no "
                     "record numbers, no dates of birth.", is_required=True, example="P001")


def _treatment(protocol: Protocol) -> KitColumn:
    arms = [(arm.label, arm.treatments) for arm in (protocol.active, protocol.control)]
    meanings = {key: f"arm {label}" for label, keys in reversed(arms) for key in keys}
    listed = sorted(protocol.treatments, key=lambda one: one.key not in meanings)
    codes = tuple((one.label, meanings.get(one.key, "in neither arm")) for one in listed)
    return KitColumn(TREATMENT, "Treatment", "What the patient was given first, as randomized. Where patients had "
                     "several treatments one after the other, the first.", codes=codes, is_required=True,
                     example=codes[0][0])


def _dose(protocol: Protocol) -> KitColumn:
    dose, rule = protocol.dose, protocol.active
    definition = f"{dose.label} at the first treatment; may stay empty in the arm {protocol.control.label}."
    limits = [f"{limit:g} {dose.unit} or {word}" for limit, word in
              ((rule.dose_minimum, "more"), (rule.dose_maximum, "less")) if limit is not None]
    if limits:
        definition += f" Patients on {' and '.join(limits)} are in the arm {rule.label}."
    example = rule.dose_minimum if rule.dose_minimum is not None else 1
    return KitColumn(dose.key, dose.label, definition, dose.unit, minimum=0, maximum=dose.maximum, is_number=True,
                     is_required=bool(limits), example=f"{example:g}")


def _scores(protocol: Protocol) -> list[KitColumn]:
    """Every scale before and after, the primary one first."""
    labels = score_labels(protocol)
    scales = sorted(protocol.scales, key=lambda scale: scale.key != protocol.primary_scale)
    primary = protocol.scales_by_key[protocol.primary_scale]
    sources = [conversion.source for conversion in protocol.conversions if conversion.target == primary.key]
    others = " or ".join(protocol.scales_by_key[key].label for key in sources)
    remarks = dict.fromkeys(protocol.scales_by_key, "Wanted where it was rated.")
    remarks |= dict.fromkeys(sources, f"Wanted where it was rated, and needed where the {primary.label} was not.")
    remarks[primary.key] = f"Where it was not rated, fill in the {others}." if others else ""
    return [_score(scale, time, labels[f"{scale.key}_{time.key if time else 'baseline'}"], remarks[scale.key],
                   scale is primary) for scale in scales for time in (None, *protocol.timepoints)]


def _score(scale: Scale, time: Timepoint | None, label: str, remark: str, is_primary: bool) -> KitColumn:
    key = f"{scale.key}_{time.key if time else 'baseline'}"
    when = "The last one before the first treatment." if time is None else (
        f"The one nearest to {_hours(time.target_hours)} after the first treatment began, from "
        f"{_hours(time.from_hours)} to {_hours(time.to_hours)}."
        + (" Not after a second treatment." if time.before_second_treatment else ""))
    share = 0.6 if time is None else 0.3
    return KitColumn(key, label, f"Total score of the {scale.label}. {when} {remark}".strip(), minimum=scale.minimum,
                     maximum=scale.maximum, is_number=True, is_required=is_primary,
                     example=f"{round(scale.minimum + share * (scale.maximum - scale.minimum)):g}")


def _times(protocol: Protocol) -> list[KitColumn]:
    """When each follow-up was rated, where the protocol keeps that."""
    return [KitColumn(time.time_variable, f"{time.label}: time of the rating",
                      "From the start of the first treatment to the rating. Left empty, it is taken as "
                      f"{_hours(time.target_hours)}.", _unit_of_time(time.time_unit_hours),
                      minimum=time.from_hours / time.time_unit_hours, maximum=time.to_hours / time.time_unit_hours,
                      is_number=True, example=f"{time.target_hours / time.time_unit_hours:g}")
            for time in protocol.timepoints if time.time_variable]


def _variable(variable: Variable) -> KitColumn:
    definition = variable.label + (f" ({variable.coding})" if variable.coding and not variable.codes else "") + "."
    if variable.level == "study":
        definition += " The same for all patients of the study."
    low, high = variable.minimum, variable.maximum
    if variable.kind == "continuous":
        start = 0 if low is None else low
        example = "2" if variable.unit == "count" else f"{round(start + ((high or start + 40) - start) / 4):g}"
        return KitColumn(variable.key, variable.label, definition, variable.unit, minimum=low, maximum=high,
                         is_number=True, example=example)
    codes = _codes(variable)
    return KitColumn(variable.key, variable.label, definition, codes=codes, example=codes[0][0] if codes else "text")


def _codes(variable: Variable) -> tuple[tuple[str, str], ...]:
    """Codes with what they mean: of a binary variable 1 and 0, of a category its own."""
    if variable.kind == "binary":
        said = re.fullmatch(r"1\s*=\s*(.+)", variable.coding)
        meaning = said.group(1) if said else "yes"
        zero = {"yes": "no", "present": "absent", "required": "not required"}.get(meaning, f"not {meaning}")
        return (("1", meaning), ("0", zero))
    return tuple((code, code.replace("_", " ")) for code in variable.codes)


def _hours(hours: float) -> str:
    if hours < 96:
        return f"{hours:g} hours"
    return f"{hours / 24:g} days" if hours < 1000 else f"{hours / 168:.3g} weeks"


def _unit_of_time(hours: float) -> str:
    return {1.0: "hours", 24.0: "days", 168.0: "weeks"}.get(hours, f"times {hours:g} hours")
