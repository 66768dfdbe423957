"""Files with a row a patient, visit and parameter: one column names what was measured, another holds the value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.mapping import ScoreSource
from core.protocol import Protocol, Scale
from core.sources import RawColumn, raw_text
from core.suggest import words as w
from core.suggest.columns import Column
from core.suggest.names import Vocabulary, best_match, find_phrase
from core.suggest.score_columns import ScaleNames, ScoreColumn
from core.suggest.scores import score_source
from core.suggest.times import Time

NAMED = 0.9
MOST_PARAMETERS = 60
_PARAMETER = w.names("param|paramcd|parameter|parameter code|test|test code|test name|testcd|qstestcd|qstest|measure|"
                     "instrument|scale|scale name|questionnaire|rating scale|outcome|outcome measure|variable")
_VALUE = w.names("aval|value|result|score|qsstresn|qsorres|total|total score|analysis value|numeric result|score value|"
                 "result value|rating|val|response value")
_SHEETS = w.words("assessment assessments rating ratings score scores scale scales questionnaire questionnaires data "
                  "outcome outcomes efficacy result results visits qs sheet clinical")
"""Names of sheets, which stand before "Total" where sheets were joined."""


@dataclass(frozen=True)
class Parameters:
    """Scores in rows of their parameter, and the columns used for it; `problem` says what is asked, "" if nothing."""

    sources: tuple[ScoreSource, ...] = ()
    columns: tuple[str, ...] = ()
    problem: str = ""


def find_parameters(columns: Sequence[Column], names: ScaleNames, protocol: Protocol,
                    vocabulary: Vocabulary) -> Parameters:
    """The scores, where one column's texts name a scale's total once, and one column holds the values."""
    value = _one_named(columns, _VALUE, vocabulary)
    found: dict[str, list[tuple[Column, str]]] = {}
    for column in columns:
        if not 1 <= len(column.texts) <= MOST_PARAMETERS or not _is_named(column, _PARAMETER, vocabulary):
            continue
        for text in column.texts:
            scale = _scale_of(column.meanings.get(text, text), names, vocabulary)
            if scale is not None:
                found.setdefault(scale.key, []).append((column, text))
    if value is None or not found:
        return Parameters()
    sources = []
    for scale in protocol.scales:
        told = found.get(scale.key, [])
        if len({_rows(column, text) for column, text in told}) > 1:
            if scale.further:
                continue
            texts = " and ".join(f'"{text}"' for _, text in told)
            return Parameters(problem=f"{texts} may each be {scale.label}")
        if told:
            column, text = told[0]
            own = replace(value, raw=_only(value.raw, column.raw, text))
            source = score_source(ScoreColumn(own, scale.key, Time()), protocol, None)
            sources.append(source.model_copy(update={"where_column": column.raw.name, "where_text": text}))
    used = {source.where_column for source in sources} | {source.column for source in sources}
    return Parameters(tuple(sources), tuple(name for name in used if name))


def _one_named(columns: Sequence[Column], names: tuple[str, ...], vocabulary: Vocabulary) -> Column | None:
    """The one column of numbers that is named so; of several that hold the same the first."""
    found = [column for column in columns if column.is_numeric and _is_named(column, names, vocabulary)]
    alike = {tuple(map(raw_text, column.raw.cells)) for column in found} if len(found) > 1 else {()}
    return found[0] if found and len(alike) == 1 else None


def _is_named(column: Column, names: tuple[str, ...], vocabulary: Vocabulary) -> bool:
    phrases = [vocabulary.split(name) for name in names]
    return best_match(column.name.words, phrases, _SHEETS).quality >= NAMED


def _scale_of(text: str, names: ScaleNames, vocabulary: Vocabulary) -> Scale | None:
    """The scale whose total a parameter's text names, and nothing beside it."""
    words = vocabulary.split(text)
    for phrase in sorted(names.scales, key=len, reverse=True):
        at = find_phrase(phrase, words)
        if at >= 0:
            rest = (*words[:at], *words[at + len(phrase):])
            is_other = any(len(other) >= len(phrase) and find_phrase(other, words) >= 0 for other in names.lookalikes)
            return None if is_other or set(rest) - w.SCORE else names.scales[phrase]
    return None


def _rows(column: Column, text: str) -> tuple[bool, ...]:
    return tuple(raw_text(cell) == text for cell in column.raw.cells)


def _only(value: RawColumn, parameter: RawColumn, text: str) -> RawColumn:
    """The values in the rows of one parameter."""
    return replace(value, cells=tuple(cell if raw_text(name) == text else None
                                      for cell, name in zip(value.cells, parameter.cells, strict=True)))
