"""What a person can write of a protocol, field by field: what a field shows, and the protocol after it was changed.

A field's text is what the person reads and writes: "24 h", "1 = female, f; 0 = male, m". A text that is not understood
raises UserError and says what may be written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.documents import nearest
from core.errors import UserError
from core.plain_text import fold
from core.protocol import Protocol, Variable
from core.protocol_draft import (
    Item,
    Part,
    arm_of,
    changed,
    key_of,
    renamed,
    with_arm,
    with_item,
    with_kind,
    with_primary,
)

HOURS = {"h": 1.0, "d": 24.0, "w": 168.0, "m": 730.5}
"""Hours in a unit, by its first letter."""
_TIME = re.compile(r"([\d.]+)\s*(h|d|w|m)(?!in)[a-z]*", re.IGNORECASE)
KINDS = (("a number", "continuous"), ("yes or no", "binary"), ("one of several", "categorical"))
LEVELS = (("each patient", "patient"), ("the whole study", "study"))
TIERS = (("by its availability", "auto"), ("tier 1", "1"), ("tier 2", "2"), ("not tested", "none"))
ARMS = (("active", "active"), ("control", "control"), ("neither", ""))
PRIMARY, FURTHER, OTHER = "primary", "further", "other"
ROLES = (("the improvement that is analyzed", PRIMARY), ("a further outcome", FURTHER), ("another score", OTHER))


@dataclass(frozen=True)
class Field:
    """One thing to write. `shown` takes the protocol and the item; `put` takes the text too, or a choice's value.

    `put` gives the protocol and the key that the item has then. Fields of the protocol itself have "" for the item.
    """

    key: str
    words: str
    shown: Callable[[Protocol, Any], str]
    put: Callable[[Protocol, Any, str], tuple[Protocol, str]]
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    lines: int = 1
    is_for: Callable[[Any], bool] = lambda item: True
    """Whether an item has this field."""


def words_of(text: str) -> tuple[str, ...]:
    """Phrases between semicolons or line ends, or, where there are none, between commas.

    A comma before a digit is part of a number ("0,9 % NaCl").
    """
    between = r"[;\n]" if re.search(r"[;\n]", text) else r",(?!\d)"
    found = (" ".join(part.split()) for part in re.split(between, text))
    return tuple(filter(None, found))


def words_text(words: tuple[str, ...]) -> str:
    """Phrases as `words_of` reads them."""
    return "".join(f"{word}; " for word in words).strip() if any("," in word for word in words) else ", ".join(words)


def hours_of(text: str) -> float:
    """Hours of "24 h", "7 days", "12 weeks", "6 months"; a number alone is hours."""
    found = _TIME.fullmatch(text.strip())
    try:
        return float(found[1]) * HOURS[found[2].lower()] if found else float(text)
    except ValueError:
        raise UserError(f'"{text}" is no time.', remedy="Write a time such as 24 h, 7 days or 12 weeks.") from None


def time_text(hours: float) -> str:
    """A time as `hours_of` reads it: "24 h", "7 days", "12 weeks", "6 months"."""
    if hours % HOURS["m"] == 0:
        return f"{hours / HOURS['m']:g} months"
    if hours <= 48 or hours % 24:
        return f"{hours:g} h"
    return f"{hours / 168:g} weeks" if hours % 168 == 0 and hours >= 504 else f"{hours / 24:g} days"


def number_of(text: str) -> float | None:
    """A number, or None where nothing is written."""
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise UserError(f'"{text}" is not a number.', remedy="Write a number such as 0.5, or leave it empty.") from None


def codes_of(variable: Variable, text: str) -> dict[str, tuple[str, ...]]:
    """Codes with the words that mean them, from lines such as "1 = female, f"."""
    found: dict[str, tuple[str, ...]] = {}
    for line in filter(str.strip, re.split(r"\n|;(?=\s*\w+\s*=)", text)):
        code, _, words = (part.strip() for part in line.partition("="))
        if variable.kind == "binary" and code not in ("0", "1"):
            raise UserError(f'"{code}" is not a code of yes or no.', remedy='Begin each line with "1 =" or "0 =".')
        if not code or code in found:
            raise UserError(f'"{line.strip()}" is not understood.',
                            remedy="Write a line for each code: the code, =, and the words that mean it.")
        found[code] = words_of(words)
    return found


def codes_text(variable: Variable) -> str:
    """The codes as `codes_of` reads them."""
    return "\n".join(f"{code} = {words_text(words)}" for code, words in variable.codes.items())


def members_of(protocol: Protocol, text: str) -> tuple[str, ...]:
    """Keys of variables, from their names or keys. Raises UserError for a name that is not known, with the nearest."""
    known = {fold(one.label): one.key for one in protocol.variables} | {one.key: one.key for one in protocol.variables}
    found = []
    for word in re.split(r"[;\n]", text):
        word = word.strip()
        key = known.get(fold(word), known.get(word))
        if key is None and word:
            near = nearest(word, [one.label for one in protocol.variables])
            raise UserError(f'There is no variable "{word}".' + (f' Did you mean "{near}"?' if near else ""),
                            remedy="Write the names of variables, each on a line of its own.")
        found += [key] if key else []
    return tuple(dict.fromkeys(found))


def _text(part: Part, name: str, words: str, read: Callable[[str], Any] = str.strip,
          shown: Callable[[Any], str] | None = None, **rest: Any) -> Field:
    """A field that stands in an item under its own name."""
    def put(protocol: Protocol, item: Item, text: str) -> tuple[Protocol, str]:
        return with_item(protocol, part, key_of(item), **{name: read(text)}), key_of(item)

    return Field(name, words, lambda _, item: (shown or _plain)(getattr(item, name)), put, **rest)


def _plain(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float | int) else str(value)


def _name(part: Part) -> Field:
    return Field("label", "Name", lambda _, item: item.name if part == "sets" else item.label,
                 lambda protocol, item, text: renamed(protocol, part, key_of(item), text))


def _synonyms(part: Part, hint: str) -> Field:
    return _text(part, "synonyms", "Also written as", words_of, words_text, hint=hint, lines=3)


def _limit(part: Part, name: str, words: str, **rest: Any) -> Field:
    needed = part == "scales"

    def read(text: str) -> float | None:
        found = number_of(text)
        if found is None and needed:
            raise UserError(f"{words} is needed.", remedy="Write a number.")
        return found

    return _text(part, name, words, read, **rest)


def _time(name: str, words: str) -> Field:
    return _text("timepoints", name, words, hours_of, time_text, hint="for example 24 h, 7 days, 12 weeks")


def _of_itself(name: str, words: str, read: Callable[[str], Any] = str.strip, hint: str = "",
               arm: str = "") -> Field:
    """A field of the protocol, or of one of its arms."""
    def shown(protocol: Protocol, _: Any) -> str:
        return _plain(getattr(getattr(protocol, arm) if arm else protocol, name))

    def put(protocol: Protocol, _: Any, text: str) -> tuple[Protocol, str]:
        value = read(text)
        if value == "" and name in ("title", "label"):
            raise UserError("This cannot be empty.", remedy="Write a name.")
        new = getattr(protocol, arm).model_copy(update={name: value}) if arm else value
        return changed(protocol, **{arm or name: new}), ""

    return Field(f"{arm}_{name}".strip("_"), words, shown, put, hint=hint)


def _percent(text: str) -> float:
    found = number_of(text.removesuffix("%"))
    if found is None or not 0 < found <= 100:
        raise UserError(f'"{text}" is not a share.', remedy="Write a percentage above 0, up to 100.")
    return found


def _cut(name: str, words: str) -> Field:
    return Field(name, words, lambda protocol, _: f"{100 * getattr(protocol.tiers, name):g}",
                 lambda protocol, _, text: (changed(protocol, tiers=protocol.tiers.model_copy(
                     update={name: _percent(text) / 100})), ""), hint="percent of the patients")


def _role(protocol: Protocol, scale: Any) -> str:
    return PRIMARY if scale.key == protocol.primary_scale else FURTHER if scale.further else OTHER


def _put_role(protocol: Protocol, scale: Any, role: str) -> tuple[Protocol, str]:
    if role == PRIMARY:
        return with_primary(protocol, scale.key), scale.key
    if scale.key == protocol.primary_scale:
        raise UserError("One score has to be primary.", remedy="Make another one primary instead.")
    return with_item(protocol, "scales", scale.key, further=role == FURTHER), scale.key


GENERAL = (
    _of_itself("title", "Title"),
    _of_itself("citation", "Source", hint="the publication it follows, if any"),
    _of_itself("label", "Active arm", arm="active", hint="for example Ketamine"),
    _of_itself("label", "Control arm", arm="control", hint="for example Placebo"),
    Field("dose_unit", "Unit of doses", lambda protocol, _: protocol.dose.unit, lambda protocol, _, text: (
        changed(protocol, dose=protocol.dose.model_copy(update={"unit": text.strip()})), "")),
    _of_itself("dose_minimum", "Active arm from dose", number_of, "none", arm="active"),
    _of_itself("dose_maximum", "Active arm to dose", number_of, "none", arm="active"),
    _of_itself("response_percent", "Response (% improvement)", _percent),
    _of_itself("remission_at_most", "Remission (score at most)", number_of, "not analyzed"),
    _cut("tier1", "Tier 1 from (%)"), _cut("tier2", "Tier 2 from (%)"),
)
FIELDS: dict[Part, tuple[Field, ...]] = {
    "treatments": (
        _name("treatments"),
        Field("arm", "Arm", lambda protocol, item: arm_of(protocol, item.key),
              lambda protocol, item, arm: (with_arm(protocol, item.key, arm), item.key), ARMS),
        _synonyms("treatments", "how teams write it, with commas between")),
    "scales": (
        _name("scales"),
        Field("role", "It is", _role, _put_role, ROLES),
        _limit("scales", "minimum", "Lowest score"), _limit("scales", "maximum", "Highest score"),
        _synonyms("scales", "names in files, with commas between"),
        _text("scales", "lookalikes", "Never mistake for it", words_of, words_text, lines=2,
              hint="names that mean another score")),
    "timepoints": (
        _name("timepoints"), _time("target_hours", "Wanted time"), _time("from_hours", "Window from"),
        _time("to_hours", "Window to"), _synonyms("timepoints", "names in files, with commas between")),
    "variables": (
        _name("variables"),
        Field("kind", "It is", lambda _, item: item.kind,
              lambda protocol, item, kind: (with_kind(protocol, item.key, kind), item.key), KINDS),
        _text("variables", "level", "Known of", options=LEVELS),
        _text("variables", "tier", "Tested", lambda text: int(text) if text in ("1", "2") else text, options=TIERS),
        _text("variables", "unit", "Unit", is_for=lambda one: one.kind == "continuous"),
        _limit("variables", "minimum", "Lowest value", is_for=lambda one: one.kind == "continuous"),
        _limit("variables", "maximum", "Highest value", is_for=lambda one: one.kind == "continuous"),
        _text("variables", "coding", "What 1 means", hint="for example 1 = female",
              is_for=lambda one: one.kind == "binary"),
        Field("codes", "Codes", lambda _, item: codes_text(item), lambda protocol, item, text: (
            with_item(protocol, "variables", item.key, codes=codes_of(item, text)), item.key),
            hint="a line for each, for example: 1 = female, f", lines=4, is_for=lambda one: one.kind != "continuous"),
        _synonyms("variables", "names in files, with commas between")),
    "sets": (
        _name("sets"),
        Field("moderators", "Moderators", lambda protocol, item: "\n".join(
            protocol.variables_by_key[key].label for key in item.moderators), lambda protocol, item, text: (
            with_item(protocol, "sets", item.name, moderators=members_of(protocol, text)), item.name),
            hint="names of variables, each on a line of its own", lines=10)),
}
