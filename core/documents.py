"""Decisions stored as JSON: one strict, frozen form for protocol, registry, mapping and plan.

Every document refuses unknown keys and values by name, with the nearest valid one, so that a typing error in a file
never turns silently into a default.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import UserError, Where


class Document(BaseModel):
    """A frozen piece of JSON with a fingerprint."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the content with sorted keys: equal content, equal fingerprint."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with fields replaced. What was derived from the old ones, as the fingerprint, does not come along."""
        copied = super().model_copy(update=update, deep=deep)
        for derived in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[derived]
        return copied

    def canonical_json(self) -> str:
        """Compact JSON with sorted keys, every default filled in."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"))

    def pretty_json(self) -> str:
        """JSON for people, in the order of the fields, every default filled in."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False) + "\n"


D = TypeVar("D", bound=Document)
PLAIN = {
    "greater_than_equal": "it must be at least {ge:g}", "greater_than": "it must be more than {gt:g}",
    "less_than_equal": "it must be at most {le:g}", "less_than": "it must be less than {lt:g}",
    "int_parsing": "it must be a whole number", "int_from_float": "it must be a whole number",
    "float_parsing": "it must be a number",
}
"""What a wrong number is told, by the kind of error."""


def parse_document(model: type[D], text: str | bytes, what: str, file: str | None = None) -> D:
    """Read a document from JSON text; `what` names it in the error ("plan").

    Raises UserError naming the key or value at fault and, for a misspelled one, the nearest that is valid.
    """
    where = Where(file=file)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise UserError(f"The {what} is not valid JSON: {fault}.", where, "Correct the file and try again.") from None
    return build_document(model, data, what, where)


def build_document(model: type[D], data: Any, what: str, where: Where | None = None) -> D:
    """Check already parsed data against a document's form. Raises UserError as `parse_document` does."""
    try:
        return model.model_validate(data)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        raise UserError(_sentence(model, data, first, what), where or Where(), _remedy(fault)) from None


def _remedy(fault: ValidationError) -> str:
    others = fault.error_count() - 1
    return "Correct it and try again." + (f" {others} more faults follow." if others > 1 else
                                          " One more fault follows." if others else "")


def _sentence(model: type[Document], data: Any, error: Any, what: str) -> str:
    place = _path(error["loc"])
    if error["type"] == "extra_forbidden":
        key = str(error["loc"][-1])
        near = nearest(key, _known_keys(model, error["loc"][:-1]))
        return f'The {what} has an unknown key "{place}".' + (f' Did you mean "{near}"?' if near else "")
    if error["type"] == "literal_error":
        options = error["ctx"]["expected"]
        near = nearest(str(error["input"]), options.replace("'", "").replace(" or ", ", ").split(", "))
        hint = f' Did you mean "{near}"?' if near else ""
        return f'The {what} has {json.dumps(error["input"], default=str)} for "{place}"; valid are {options}.{hint}'
    if error["type"] == "missing":
        return f'The {what} lacks "{place}".'
    message = PLAIN[error["type"]].format(**error.get("ctx", {})) if error["type"] in PLAIN else \
        error["msg"].removeprefix("Value error, ")
    return f'The {what} has a wrong value for "{place}": {message[:1].lower() + message[1:]}.' if place else (
        f"The {what} is wrong: {message}.")


def _path(location: tuple[Any, ...]) -> str:
    """A place inside the document, as `outcomes[2].name`; list items counted from 1."""
    path = ""
    for part in location:
        path += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if path else str(part))
    return path


def nearest(word: str, options: list[str]) -> str | None:
    """The option a misspelled word most likely means; None if none is near."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(word, options, scorer=fuzz.WRatio, score_cutoff=60)
    return best[0] if best else None


def _known_keys(model: type[Document], location: tuple[Any, ...]) -> list[str]:
    """The keys valid at a place inside the document, found by walking the fields' types."""
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        field = getattr(current, "model_fields", {}).get(part)
        current = _inner_model(field.annotation) if field else None
    fields = getattr(current, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _inner_model(inner)
        if found is not None:
            return found
    return None
