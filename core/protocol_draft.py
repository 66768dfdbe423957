"""Changing a protocol by hand: an item added, changed or taken out, and what else follows from that.

Every function gives the next protocol, checked as a whole, or raises UserError in words; none changes its argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from core.documents import build_document
from core.errors import UserError
from core.plain_text import fold
from core.protocol import ArmRule, ModeratorSet, Protocol, Scale, Timepoint, Treatment, Variable
from core.wording import count

Part = Literal["treatments", "scales", "timepoints", "variables", "sets"]
Item = Treatment | Scale | Timepoint | Variable | ModeratorSet
NEW: dict[Part, str] = {"treatments": "New treatment", "scales": "New score", "timepoints": "New time",
                        "variables": "New variable", "sets": "New set"}
"""What an item is called until a person names it."""


def key_of(item: Item) -> str:
    """What tells an item from others of its part; it stays when the label changes."""
    return item.name if isinstance(item, ModeratorSet) else item.key


def label_of(item: Item) -> str:
    """What people call an item."""
    return item.name if isinstance(item, ModeratorSet) else item.label


def items(protocol: Protocol, part: Part) -> tuple[Item, ...]:
    """The items of a part, in order."""
    found: tuple[Item, ...] = getattr(protocol, part)
    return found


def changed(protocol: Protocol, **fields: Any) -> Protocol:
    """The protocol with fields of its own replaced."""
    copied = protocol.model_copy(update=fields)
    _refuse_upside_down(copied)
    return build_document(Protocol, copied.model_dump(mode="json", by_alias=True), "protocol")


def with_item(protocol: Protocol, part: Part, key: str, **fields: Any) -> Protocol:
    """The protocol with fields of one item replaced."""
    found = tuple(one.model_copy(update=fields) if key_of(one) == key else one for one in items(protocol, part))
    return changed(protocol, **{part: found})


def with_new(protocol: Protocol, part: Part) -> tuple[Protocol, str]:
    """The protocol with one item more at the end of a part, and its key."""
    label = _free(NEW[part], {label_of(one) for one in items(protocol, part)}, " ")
    key = label if part == "sets" else _free(_key(label), _taken(protocol), "_")
    added: dict[Part, Callable[[], Item]] = {
        "treatments": lambda: Treatment(key=key, label=label),
        "scales": lambda: Scale(key=key, label=label, minimum=0, maximum=100),
        "timepoints": lambda: Timepoint(key=key, label=label, target_hours=168, from_hours=144, to_hours=192),
        "variables": lambda: Variable(key=key, label=label, kind="continuous", level="patient"),
        "sets": lambda: ModeratorSet(name=label, moderators=())}
    return changed(protocol, **{part: (*items(protocol, part), added[part]())}), key


def renamed(protocol: Protocol, part: Part, key: str, label: str) -> tuple[Protocol, str]:
    """The protocol with an item called otherwise, and its key: one that was never named before gets a key of its name.

    Raises UserError where the name is empty or another's.
    """
    label = " ".join(label.split())
    if not label:
        raise UserError("A name cannot be empty.", remedy="Write what people call it.")
    others = {fold(label_of(one)) for one in items(protocol, part) if key_of(one) != key}
    if fold(label) in others:
        raise UserError(f'Another is called "{label}" already.', remedy="Give it a name of its own.")
    if part == "sets":
        return with_item(protocol, part, key, name=label), label
    is_new = key.startswith(_key(NEW[part]))
    after = _free(_key(label), _taken(protocol) - {key}, "_") if is_new else key
    if after != key:
        protocol = _with_key(protocol, part, key, after)
    return with_item(protocol, part, after, label=label), after


def without_item(protocol: Protocol, part: Part, key: str) -> Protocol:
    """The protocol without an item, and without what names it elsewhere. Raises UserError where it cannot be spared."""
    left = tuple(one for one in items(protocol, part) if key_of(one) != key)
    _refuse_needed(protocol, part, key, left)
    fields: dict[str, Any] = {part: left}
    if part == "treatments":
        fields |= {arm: _without_treatment(getattr(protocol, arm), key) for arm in ("active", "control")}
    elif part == "scales":
        fields["conversions"] = tuple(c for c in protocol.conversions if key not in (c.source, c.target))
    elif part == "variables":
        fields |= {
            "sets": tuple(group.model_copy(update={"moderators": _without(group.moderators, key)})
                          for group in protocol.sets),
            "implications": tuple(rule for rule in protocol.implications
                                  if key not in (rule.when.variable, rule.then.variable)),
            "sensitivity": _without(protocol.sensitivity, key)}
    return changed(protocol, **fields)


def arm_of(protocol: Protocol, treatment: str) -> str:
    """Which arm a treatment belongs to: "active", "control", or "" for neither."""
    return next((arm for arm in ("active", "control") if treatment in getattr(protocol, arm).treatments), "")


def with_arm(protocol: Protocol, treatment: str, arm: str) -> Protocol:
    """The protocol with a treatment in an arm, or in neither (""). Raises UserError where an arm would be empty."""
    rules = {}
    for name in ("active", "control"):
        rule: ArmRule = getattr(protocol, name)
        kept = _without(rule.treatments, treatment)
        if name == arm:
            kept = (*kept, treatment) if treatment not in rule.treatments else rule.treatments
        if not kept:
            raise UserError(f'The arm "{rule.label}" would have no treatment.', remedy="Put another into it first.")
        rules[name] = rule.model_copy(update={"treatments": kept})
    return changed(protocol, **rules)


def with_kind(protocol: Protocol, key: str, kind: str) -> Protocol:
    """The protocol with a variable of another kind; codes that the kind does not have go."""
    codes = protocol.variables_by_key[key].codes
    kept = {} if kind == "continuous" else {code: words for code, words in codes.items()
                                            if kind == "categorical" or code in ("0", "1")}
    limits = {} if kind == "continuous" else {"minimum": None, "maximum": None}
    return with_item(protocol, "variables", key, kind=kind, codes=kept, **limits)


def with_primary(protocol: Protocol, scale: str) -> Protocol:
    """The protocol with another score as the one whose improvement is analyzed; conversions to the old one go."""
    return changed(protocol, primary_scale=scale, conversions=tuple(
        one for one in protocol.conversions if one.target == scale), scales=tuple(
        one.model_copy(update={"further": False}) if one.key == scale else one for one in protocol.scales))


def _without(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return tuple(one for one in keys if one != key)


def _without_treatment(arm: ArmRule, key: str) -> ArmRule:
    return arm.model_copy(update={"treatments": _without(arm.treatments, key)})


def _refuse_needed(protocol: Protocol, part: Part, key: str, left: tuple[Item, ...]) -> None:
    if part == "scales" and key == protocol.primary_scale:
        raise UserError("This is the score whose improvement is analyzed.", remedy="Make another one primary first.")
    if part == "timepoints" and not left:
        raise UserError("This is the only time.", remedy="Add another one first.")
    if part == "treatments":
        for arm in (protocol.active, protocol.control):
            if arm.treatments == (key,):
                raise UserError(f'The arm "{arm.label}" would have no treatment.',
                                remedy="Put another into it first.")


def _refuse_upside_down(protocol: Protocol) -> None:
    """Limits that no value can meet, which the form of the document lets pass."""
    for scale in protocol.scales:
        if scale.minimum >= scale.maximum:
            raise UserError(f'{scale.label}: the lowest score, {scale.minimum:g}, is not below the highest, '
                            f'{scale.maximum:g}.', remedy="Correct one of them.")
    for time in protocol.timepoints:
        if not 0 < time.from_hours <= time.target_hours <= time.to_hours:
            raise UserError(f"{time.label}: a time has to lie between the first and the last of its window, after the "
                            "treatment.", remedy="Correct the window or the time.")
    for one in protocol.variables:
        if one.minimum is not None and one.maximum is not None and one.minimum >= one.maximum:
            raise UserError(f"{one.label}: the lowest value, {one.minimum:g}, is not below the highest, "
                            f"{one.maximum:g}.", remedy="Correct one of them.")
    arm = protocol.active
    if arm.dose_minimum is not None and arm.dose_maximum is not None and arm.dose_minimum > arm.dose_maximum:
        raise UserError("The smallest dose is above the largest.", remedy="Correct one of them.")


def _with_key(protocol: Protocol, part: Part, before: str, after: str) -> Protocol:
    """The protocol with a new item's key replaced wherever it can stand by now."""
    def swap(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(after if one == before else one for one in keys)

    fields: dict[str, Any] = {part: tuple(one.model_copy(update={"key": after}) if key_of(one) == before else one
                                          for one in items(protocol, part))}
    if part == "treatments":
        fields |= {name: arm.model_copy(update={"treatments": swap(arm.treatments)})
                   for name, arm in (("active", protocol.active), ("control", protocol.control))}
    elif part == "scales" and protocol.primary_scale == before:
        fields["primary_scale"] = after
    elif part == "variables":
        fields |= {"sets": tuple(group.model_copy(update={"moderators": swap(group.moderators)})
                                 for group in protocol.sets), "sensitivity": swap(protocol.sensitivity)}
    return changed(protocol, **fields)


def _taken(protocol: Protocol) -> set[str]:
    parts: tuple[Part, ...] = ("treatments", "scales", "timepoints", "variables")
    return {key_of(one) for part in parts for one in items(protocol, part)} | set(protocol.core_keys)


def _key(label: str) -> str:
    return re.sub(r"\W+", "_", fold(label)).strip("_") or "item"


def _free(wanted: str, taken: set[str], between: str) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}{between}{number}", number + 1
    return name


def told(before: Protocol, after: Protocol) -> str:
    """What differs between two protocols, for the list of changes: "2 variables added, 1 score changed"."""
    found = []
    nouns: dict[Part, str] = {"treatments": "treatment", "scales": "score", "timepoints": "time",
                              "variables": "variable", "sets": "set"}
    for part, noun in nouns.items():
        old, new = ({key_of(one): one for one in items(each, part)} for each in (before, after))
        numbers = (("added", len(new.keys() - old.keys())), ("taken out", len(old.keys() - new.keys())),
                   ("changed", sum(old[key] != new[key] for key in old.keys() & new.keys())))
        found += [f"{count(n, noun)} {what}" for what, n in numbers if n]
    apart: dict[str, Any] = dict.fromkeys(nouns, ())
    rest = before.model_copy(update=apart) != after.model_copy(update=apart)
    return ", ".join([*found, *(["general facts changed"] if rest else [])]) or "nothing changed"
