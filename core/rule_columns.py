"""The columns that rules and layouts name, and the same rules with columns named anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.expression import renamed
from core.mapping import Direct, Elapsed, Formula, Product, Recode, Rule, StudyMapping, TextSearch

_NAMED_ALONE = {"column", "since", "until", "time_column", "since_time", "patient", "site", "change_from",
                "where_column"}
"""Fields of a mapping that hold the name of a column; `_NAMED_TOGETHER` several, `formats` has them as keys."""
_NAMED_TOGETHER = {"items", "columns"}


def columns_of(rule: Rule | None) -> tuple[str, ...]:
    """The columns a rule reads, in its own order, each once."""
    if isinstance(rule, Direct | Recode):
        return (rule.column,)
    if isinstance(rule, Product):
        return tuple(dict.fromkeys(one.column for one in rule.factors))
    if isinstance(rule, Elapsed):
        return (rule.since, rule.until)
    return tuple(dict.fromkeys(rule.columns)) if isinstance(rule, Formula | TextSearch) else ()


def layout_columns(mapping: StudyMapping) -> tuple[str, ...]:
    """The columns that shape, treatments, doses and scores read, each once."""
    parts = mapping.model_dump(include={"shape", "treatments", "doses", "scores"})
    found: dict[str, None] = {}
    _collect(parts, found)
    return tuple(found)


def _collect(part: Any, found: dict[str, None]) -> None:
    if isinstance(part, dict):
        for key, value in part.items():
            if key in _NAMED_ALONE and isinstance(value, str):
                found[value] = None
            elif key in _NAMED_TOGETHER:
                found |= dict.fromkeys(value)
            else:
                _collect(value, found)
    elif isinstance(part, list | tuple):
        for one in part:
            _collect(one, found)


def with_columns_renamed(mapping: StudyMapping, names: Mapping[str, str]) -> StudyMapping:
    """The mapping with columns (old name -> new name) renamed wherever they stand; the same one if none does."""
    if not names:
        return mapping
    return StudyMapping.model_validate(_renamed(mapping.model_dump(), names))


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    if isinstance(part, list | tuple):
        return type(part)(_renamed(one, names) for one in part)
    if not isinstance(part, dict):
        return part
    found: dict[str, Any] = {}
    for key, value in part.items():
        if key in _NAMED_ALONE and isinstance(value, str):
            found[key] = names.get(value, value)
        elif key in _NAMED_TOGETHER and isinstance(value, list | tuple):
            found[key] = type(value)(names.get(one, one) for one in value)
        elif key == "expression":
            found[key] = renamed(value, names)
        elif key == "formats":
            found[key] = {names.get(column, column): form for column, form in value.items()}
        elif key == "id_columns":
            found[key] = {sheet: names.get(column, column) for sheet, column in value.items()}
        else:
            found[key] = _renamed(value, names)
    return found
