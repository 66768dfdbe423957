"""A protocol changed by hand: what each field takes, what follows from taking something out, what is refused."""

from __future__ import annotations

import pytest

from core.errors import UserError
from core.protocol import Protocol
from core.protocol_draft import (
    Part,
    arm_of,
    items,
    key_of,
    renamed,
    told,
    with_arm,
    with_new,
    with_primary,
    without_item,
)
from core.protocol_fields import FIELDS, GENERAL, Field, hours_of, time_text, words_of, words_text
from core.protocol_files import load_protocol

KETAMINE, BLANK = load_protocol("ketamine"), load_protocol("blank")
PARTS: tuple[Part, ...] = ("treatments", "scales", "timepoints", "variables", "sets")


def field(part: Part, key: str) -> Field:
    return next(one for one in FIELDS[part] if one.key == key)


def general(key: str) -> Field:
    return next(one for one in GENERAL if one.key == key)


def put(protocol: Protocol, part: Part, item: str, key: str, text: str) -> Protocol:
    found = next(one for one in items(protocol, part) if key_of(one) == item)
    return field(part, key).put(protocol, found, text)[0]


@pytest.mark.parametrize("protocol", [KETAMINE, BLANK], ids=lambda one: one.id)
def test_every_field_takes_what_it_shows(protocol: Protocol) -> None:
    """Reading and writing are each other's inverse, so that a field that is only looked at changes nothing."""
    for one in GENERAL:
        assert one.put(protocol, None, one.shown(protocol, None))[0] == protocol, one.key
    for part in PARTS:
        for item in items(protocol, part):
            for one in FIELDS[part]:
                if one.is_for(item):
                    after, key = one.put(protocol, item, one.shown(protocol, item))
                    assert (after, key) == (protocol, key_of(item)), (part, key, one.key)


@pytest.mark.parametrize("part", PARTS)
def test_an_item_is_added_named_and_taken_out(part: Part) -> None:
    more, key = with_new(KETAMINE, part)
    assert len(items(more, part)) == len(items(KETAMINE, part)) + 1
    named, key = renamed(more, part, key, "Pain at night")
    assert key == ("Pain at night" if part == "sets" else "pain_at_night")
    again, same = renamed(named, part, key, "Pain")
    assert same == ("Pain" if part == "sets" else key), "a key outlives a change of the name"
    assert without_item(again, part, same) == KETAMINE
    twice, _ = with_new(more, part)
    assert len({key_of(one) for one in items(twice, part)}) == len(items(twice, part))


def test_names_are_of_one_item() -> None:
    with pytest.raises(UserError, match='called "age" already'):
        renamed(KETAMINE, "variables", "female", "age")
    with pytest.raises(UserError, match="empty"):
        renamed(KETAMINE, "variables", "female", "  ")


def test_what_names_a_variable_goes_with_it() -> None:
    left = without_item(KETAMINE, "variables", "trd_2plus")
    assert all("trd_2plus" not in group.moderators for group in left.sets) and "trd_2plus" not in left.sensitivity
    left = without_item(left, "variables", "mdd")
    assert all("mdd" not in (rule.when.variable, rule.then.variable) for rule in left.implications)
    assert told(KETAMINE, left) == "2 variables taken out, 8 sets changed, general facts changed"


@pytest.mark.parametrize(("part", "key", "said"), [
    ("scales", "madrs", "improvement is analyzed"), ("treatments", "ketamine", 'arm "Ketamine" would have no treatment')])
def test_what_cannot_be_spared_stays(part: Part, key: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        without_item(KETAMINE, part, key)
    with pytest.raises(UserError, match="only time"):
        without_item(BLANK, "timepoints", "post")


def test_a_treatment_has_one_arm() -> None:
    moved = with_arm(KETAMINE, "esketamine", "active")
    assert arm_of(moved, "esketamine") == "active" and arm_of(KETAMINE, "esketamine") == ""
    assert arm_of(with_arm(moved, "esketamine", "control"), "esketamine") == "control"
    assert with_arm(moved, "esketamine", "") == KETAMINE
    with pytest.raises(UserError, match="no treatment"):
        with_arm(KETAMINE, "ketamine", "")


def test_another_score_becomes_primary() -> None:
    other = with_primary(KETAMINE, "hrsd17")
    assert other.primary_scale == "hrsd17" and other.conversions == ()
    anxiety = put(KETAMINE, "scales", "hama", "role", "primary")
    assert not anxiety.scales_by_key["hama"].further
    with pytest.raises(UserError, match="has to be primary"):
        put(KETAMINE, "scales", "madrs", "role", "other")


def test_a_kind_takes_its_codes_along_where_it_can() -> None:
    plain = put(KETAMINE, "variables", "female", "kind", "continuous")
    assert plain.variables_by_key["female"].codes == {}
    several = put(KETAMINE, "variables", "female", "kind", "categorical")
    assert set(several.variables_by_key["female"].codes) == {"0", "1"}
    assert put(KETAMINE, "variables", "age", "kind", "binary").variables_by_key["age"].minimum is None


@pytest.mark.parametrize(("part", "item", "key", "text", "said"), [
    ("variables", "female", "codes", "2 = woman", "not a code of yes or no"),
    ("variables", "principal_diagnosis", "codes", "mdd = depression\nmdd = major", "is not understood"),
    ("variables", "age", "minimum", "young", "not a number"),
    ("variables", "age", "minimum", "200", "not below the highest"),
    ("scales", "madrs", "maximum", "", "is needed"),
    ("scales", "madrs", "maximum", "-1", "not below the highest"),
    ("timepoints", "rapid", "target_hours", "soon", "is no time"),
    ("timepoints", "rapid", "target_hours", "9 days", "between the first and the last"),
    ("sets", "1", "moderators", "Agee", 'Did you mean "Age"'),
])
def test_what_is_not_understood_is_refused(part: Part, item: str, key: str, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        put(KETAMINE, part, item, key, text)


@pytest.mark.parametrize(("key", "text", "said"), [
    ("title", " ", "empty"), ("tier1", "0", "share"), ("tier1", "30", "tier2 is above tier1"), ("response_percent", "no", "number"),
    ("active_dose_maximum", "0.1", "smallest dose is above")])
def test_general_facts_that_cannot_be(key: str, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        general(key).put(KETAMINE, None, text)


@pytest.mark.parametrize(("text", "hours"), [("24 h", 24), ("7 days", 168), ("7d", 168), ("12 weeks", 2016), ("6 months", 4383),
                                             ("36", 36), ("1.5 hours", 1.5)])
def test_times_are_read_as_people_write_them(text: str, hours: float) -> None:
    assert hours_of(text) == hours == hours_of(time_text(hours))


def test_words_are_read_as_they_are_shown() -> None:
    assert words_of("a,  b c,") == ("a", "b c")
    assert words_of("0,9 % NaCl, saline") == ("0,9 % NaCl", "saline")
    for words in (("placebo, inert",), ("a, b", "c"), ("a", "b"), ()):
        assert words_of(words_text(words)) == words
    assert told(KETAMINE, KETAMINE) == "nothing changed"
