"""The mapping of a filled data request: every column says by its key what it is, so that nothing is asked.

What a team wrote that is none of a column's codes, or a time outside its window, is told with its place.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.errors import Issue, Severity, Where
from core.kit_columns import NOT_COLLECTED, PATIENT, TREATMENT, is_kit_header, key_of, kit_columns
from core.mapping import (
    Decision,
    Direct,
    DoseSource,
    NumberFormat,
    Recode,
    Rule,
    ScoreSource,
    Shape,
    StudyMapping,
    TimeSource,
    TreatmentSource,
    Unavailable,
)
from core.protocol import Protocol, Timepoint, Variable
from core.sources import RawTable, raw_text
from core.suggest.codes import code_of
from core.suggest.columns import Column, read_columns
from core.suggest.names import Vocabulary
from core.suggest.treatments import TreatmentReader, treatment_reader
from core.suggest.variables import ASKS
from core.values import is_missing_word, parse_column

REASON = "the request kit's own column"
LEFT_BLANK = "left blank in the request kit"
SHOWN = 25
"""Cells told one by one in a column; the rest are counted."""


def is_kit(table: RawTable) -> bool:
    """Whether a table is the data sheet of a request kit."""
    return is_kit_header([column.name for column in table.columns])


def kit_mapping(table: RawTable, study: str, protocol: Protocol,
                known: Vocabulary) -> tuple[StudyMapping, tuple[Issue, ...]]:
    """The mapping of a kit's data sheet, and what in it cannot be used."""
    columns: dict[str, Column] = {}
    for column in read_columns(table, known):
        key = key_of(column.raw.name)
        if key:
            columns.setdefault(key, column)
    filled = {key: column for key, column in columns.items() if not _is_bare(column)}
    variables = {variable.key: _decision(columns[variable.key], variable)
                 for variable in protocol.variables if variable.key in columns}
    reader = treatment_reader(protocol, known)
    mapping = StudyMapping(
        study=study, file=table.file, shape=Shape(kind="wide", patient=columns[PATIENT].raw.name),
        treatments=(_treatment(columns[TREATMENT], reader),), doses=_doses(filled, columns[TREATMENT], reader),
        scores=tuple(_scores(filled, protocol)), variables=variables, structure_reason=REASON)
    issues = [*_unknown_codes(columns, mapping, table), *_outside_windows(filled, protocol, table),
              *_strange_columns(columns, protocol, table)]
    return mapping, tuple(issue.at(study=study) for issue in issues)


def sent_again(before: StudyMapping, anew: StudyMapping) -> StudyMapping:
    """The mapping of a kit that came a second time: as it reads now, but for what a person has decided."""
    kept = {key: decision for key, decision in before.variables.items() if decision.by != "suggested"}
    update: dict[str, object] = {"variables": {**anew.variables, **kept}, "reading": before.reading}
    if before.structure_by != "suggested":
        update |= {name: getattr(before, name) for name in ("shape", "treatments", "doses", "scores", "structure_by")}
    return anew.model_copy(update=update)


def _is_word(text: str) -> bool:
    return " ".join(text.split()).casefold() == NOT_COLLECTED


def _is_bare(column: Column) -> bool:
    """Whether a column holds no value at all."""
    return all(_is_word(text) for text in column.texts)


def _format(column: Column, low: float | None, high: float | None) -> tuple[NumberFormat, bool]:
    """How a column's numbers are written, and whether that is beyond doubt; the range may tell point from comma."""
    words = tuple(text for text in column.raw.counts if _is_word(text))
    form = column.format_within(low, high)
    if form is not None:
        return form.model_copy(update={"missing": (*form.missing, *words)}), True
    marks = (NumberFormat(decimal=".", missing=words), NumberFormat(decimal=",", missing=words))
    fitting = [mark for mark in marks if _fits(column.parsed(mark).values, low, high)]
    return (fitting or list(marks))[0], len(fitting) == 1


def _fits(values: np.ndarray, low: float | None, high: float | None) -> bool:
    values = values[np.isfinite(values)]
    return not ((values < (-np.inf if low is None else low)) | (values > (np.inf if high is None else high))).any()


def _treatment(column: Column, reader: TreatmentReader) -> TreatmentSource:
    """The list's labels, and what else is plain; anything more is a question."""
    labels = {name.casefold(): one.key for one in reader.protocol.treatments for name in (one.key, one.label)}
    values: dict[str, str | None] = {}
    for text in column.raw.counts:
        given = labels.get(text.casefold()) or getattr(reader.read(text), "key", None)
        if given or is_missing_word(text):
            values[text] = given
    return TreatmentSource(column=column.raw.name, values=values)


def _doses(filled: dict[str, Column], treatment: Column, reader: TreatmentReader) -> tuple[DoseSource, ...]:
    """The dose's own column, then what is written beside the treatment ("ketamine 0.5 mg/kg")."""
    dose, sources = reader.protocol.dose, []
    column = filled.get(dose.key)
    if column is not None:
        sources.append(DoseSource(column=column.raw.name, format=_format(column, 0, dose.maximum)[0]))
    read = {text: reader.read(text) for text in treatment.raw.counts}
    beside = {text: given.dose for text, given in read.items() if given and given.dose is not None}
    if beside:
        sources.append(DoseSource(values=dict(beside)))
    return tuple(sources)


def _scores(filled: dict[str, Column], protocol: Protocol) -> Iterator[ScoreSource]:
    for scale in protocol.scales:
        for time in (None, *protocol.timepoints):
            column = filled.get(f"{scale.key}_{time.key if time else 'baseline'}")
            if column is not None:
                form, _ = _format(column, scale.minimum, scale.maximum)
                yield ScoreSource(column=column.raw.name, scale=scale.key, hours=time.target_hours if time else 0.0,
                                  time=_time(filled, time) if time else None, format=form)


def _time(filled: dict[str, Column], time: Timepoint) -> TimeSource | None:
    column = filled.get(time.time_variable or "")
    if column is None:
        return None
    unit = time.time_unit_hours
    form, _ = _format(column, time.from_hours / unit, time.to_hours / unit)
    return TimeSource(column=column.raw.name, factor=unit, format=form)


def _decision(column: Column, variable: Variable) -> Decision:
    """The rule of a variable's own column; a column of which the team says so cannot be had."""
    if column.texts and _is_bare(column):
        return Decision(rule=Unavailable(reason="The team says it was not collected."), reason=REASON)
    rule, is_sure = _rule(column, variable)
    return Decision(rule=rule, sureness=1.0 if is_sure else ASKS, reason=REASON if column.texts else LEFT_BLANK)


def _rule(column: Column, variable: Variable) -> tuple[Rule, bool]:
    name = column.raw.name
    if variable.kind == "continuous":
        form, is_sure = _format(column, variable.minimum, variable.maximum)
        return Direct(column=name, format=form), is_sure
    if variable.kind == "categorical" and not variable.codes:
        words = tuple(text for text in column.raw.counts if is_missing_word(text) or _is_word(text))
        return Direct(column=name, format=NumberFormat(missing=words)), True
    vocabulary = column.name.vocabulary
    return Recode(column=name, codes={text: code_of(text, variable, "named", vocabulary)
                                      for text in column.raw.counts}), True


def _unknown_codes(columns: dict[str, Column], mapping: StudyMapping, table: RawTable) -> Iterator[Issue]:
    for key, decision in mapping.variables.items():
        if not isinstance(decision.rule, Recode):
            continue
        codes, raw = decision.rule.codes, columns[key].raw
        at = [i for i, cell in enumerate(raw.cells) if (text := raw_text(cell)) and codes[text] is None
              and not is_missing_word(text) and not _is_word(text)]
        yield from _told(table, key, raw.name, at, "code_unknown", "is none of this column's codes; it is left empty.")


def _outside_windows(filled: dict[str, Column], protocol: Protocol, table: RawTable) -> Iterator[Issue]:
    """Times at which the protocol takes no score, as the score beside is then not used."""
    for time in protocol.timepoints:
        column, source = filled.get(time.time_variable or ""), _time(filled, time)
        if column is None or source is None or time.time_variable is None:
            continue
        hours = parse_column(column.raw.cells, source.format).values * source.factor
        at = np.flatnonzero((hours > 0) & ((hours < time.from_hours) | (hours > time.to_hours))).tolist()
        window = f"{time.from_hours / source.factor:g} to {time.to_hours / source.factor:g}"
        yield from _told(table, time.time_variable, column.raw.name, at, "time_outside",
                         f"is outside {window}; the score is not used as {time.label}.")


def _told(table: RawTable, key: str, column: str, at: list[int], code: str, what: str) -> Iterator[Issue]:
    """An issue a cell; beyond SHOWN one for the rest."""
    cells = table.columns_by_name[column].cells
    for count, record in enumerate(at[:SHOWN + 1]):
        sheet, row = table.place(record, column)
        text = f'"{raw_text(cells[record])}" {what}' if count < SHOWN else f"The same in {len(at) - SHOWN} more rows."
        yield Issue(Severity.ERROR, code, text, Where(table.file, sheet, row, column, variable=key),
                    "Correct it in the file and add the file again.")


def _strange_columns(columns: dict[str, Column], protocol: Protocol, table: RawTable) -> Iterator[Issue]:
    """Keys this protocol does not ask for, which are another protocol's or were changed."""
    asked = {column.key for column in kit_columns(protocol)}
    for key, column in columns.items():
        if key not in asked:
            yield Issue(Severity.WARNING, "kit_column_unknown", f'"{column.raw.name}" is no column of this protocol\'s '
                        "request; it is not used.", Where(table.file, table.sheet, table.header_row, column.raw.name),
                        "Check that the kit was made for this protocol and that its words in brackets were kept.")
