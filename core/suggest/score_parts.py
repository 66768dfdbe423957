"""Scores that stand in parts: items to be summed, and changes to be put to their baseline.

Only where no column holds the score itself, and only where name and values leave one reading. Both are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.mapping import NumberFormat, ScoreSource
from core.protocol import Protocol, Scale
from core.suggest import words as w
from core.suggest.columns import Column
from core.suggest.names import Words, find_phrase
from core.suggest.score_columns import ScaleNames, ScoreColumn
from core.suggest.scores import score_source
from core.suggest.times import read_time, take_period

CHANGE = w.words("change chg delta diff difference veranderung differenz cambio verandering forandring variation "
                 "variazione diferencia")
"""Later minus baseline, as these words are used: negative where patients got better."""
FALL = w.words("improvement improv reduction decrease drop fall")
"""Baseline minus later: positive where patients got better."""
_RELATIVE = w.words("percent pct perc percentage ratio rate slope auc log se sd mean")
_AROUND_ITEMS = w.words("item items itm q question total")
MOST_ITEMS = 40
"""Numbers up to this may be an item's: a version with more items than the scale must be seen as such."""
FITTING = 0.98
"""Share of the scores made of baseline and change that must lie on the scale."""

Key = tuple[float | None, int | None]


@dataclass(frozen=True)
class Parts:
    """Scores made of parts, with what to tell of them, and changes that are asked about."""

    sources: tuple[ScoreSource, ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    """Column and sentence."""
    asked: tuple[ScoreColumn, ...] = ()


def score_parts(found: Sequence[ScoreColumn], known: Sequence[ScoreSource], names: ScaleNames, protocol: Protocol,
                is_long: bool) -> Parts:
    """Scores of times (or, in a long file, of rows) that no source in `known` has."""
    parts = [_items(found, known, names, protocol, scale, is_long) for scale in protocol.scales]
    if not is_long:
        parts += [_changes(found, known, names, protocol, scale) for scale in protocol.scales]
    return Parts(tuple(source for part in parts for source in part.sources),
                 tuple(line for part in parts for line in part.told),
                 tuple(one for part in parts for one in part.asked))


def _rest(one: ScoreColumn, names: ScaleNames, fits: Callable[[Words], bool]) -> Words | None:
    """The words of a column beside its scale's name, of the first of name and label that fits."""
    phrases = [phrase for phrase, scale in names.scales.items() if scale.key == one.scale]
    phrases.sort(key=len, reverse=True)
    for words in one.column.readings:
        for phrase in phrases:
            at = find_phrase(phrase, words)
            if at >= 0 and fits(rest := (*words[:at], *words[at + len(phrase):])):
                return rest
    return None


# --- items ------------------------------------------------------------------------------------------------------------


def _items(found: Sequence[ScoreColumn], known: Sequence[ScoreSource], names: ScaleNames, protocol: Protocol,
           scale: Scale, is_long: bool) -> Parts:
    """A source for each time at which every item stands once, with plausible ratings."""
    sources, told = [], []
    for (hours, period), columns in _whole_groups(found, names, scale).items():
        taken = any(source.scale == scale.key and (is_long or source.hours == hours) and source.period == period
                    for source in known)
        if taken or (hours is None) != is_long or not all(_is_rating(one, scale) for one in columns):
            continue
        form = columns[0].format_within(0, scale.item_maximum) or NumberFormat()
        missing = {text for one in columns for text in (one.format_within(0, scale.item_maximum) or form).missing}
        sources.append(ScoreSource(
            column=columns[0].raw.name, scale=scale.key, hours=hours, period=period,
            items=tuple(one.raw.name for one in columns), format=replace_missing(form, missing)))
        told.append((columns[0].raw.name, f'"{columns[0].raw.name}" to "{columns[-1].raw.name}" were taken as the '
                     f"{scale.items} items of {scale.label} and summed where all are filled."))
    return Parts(tuple(sources), tuple(told))


def _whole_groups(found: Sequence[ScoreColumn], names: ScaleNames, scale: Scale) -> dict[Key, list[Column]]:
    """The columns of all items in order, by time and period, where each item stands once.

    In "madrs7_d3" the item is the first number, in "madrs_3d_7" the last: a name alone may not tell, all together do.
    """
    ways = []
    for which in (0, -1):
        groups: dict[Key, dict[int, list[Column]]] = {}
        for one in found:
            numbered = _numbered(one, names, scale) if one.scale == scale.key and not one.is_usable else []
            if numbered:
                number, key = numbered[which]
                groups.setdefault(key, {}).setdefault(number, []).append(one.column)
        ways.append({key: [items[number][0] for number in sorted(items)] for key, items in groups.items()
                     if scale.items and sorted(items) == list(range(1, scale.items + 1))
                     and all(len(columns) == 1 for columns in items.values())})
    used: dict[str, set[Key]] = {}
    for way in ways:
        for key, columns in way.items():
            for column in columns:
                used.setdefault(column.raw.name, set()).add(key)
    return {key: columns for way in ways for key, columns in way.items()
            if all(used[column.raw.name] == {key} for column in columns)}


def replace_missing(form: NumberFormat, missing: set[str]) -> NumberFormat:
    """The format with these codes for missing."""
    return form.model_copy(update={"missing": tuple(sorted(missing))})


def _numbered(one: ScoreColumn, names: ScaleNames, scale: Scale) -> list[tuple[int, Key]]:
    """Which item a column may be, and when it was rated, for each number in its name that can be an item's."""
    found: list[tuple[int, Key]] = []

    def fits(rest: Words) -> bool:
        period, words = take_period(tuple(word for word in rest if word not in _AROUND_ITEMS))
        for i, word in enumerate(words):
            if not re.fullmatch(r"\d+", word) or not 1 <= int(word) <= MOST_ITEMS:
                continue
            others = (*words[:i], *words[i + 1:])
            time = read_time(others, names.times)
            bare = not any(re.fullmatch(r"\d+", other) for other in time.leftover)
            if not time.is_unclear and bare:
                found.append((int(word), (time.hours, period)))
        return bool(found)

    _rest(one, names, fits)
    return found


def _is_rating(column: Column, scale: Scale) -> bool:
    """Whether the column holds whole ratings of one item."""
    form = column.format_within(0, scale.item_maximum)
    if form is None:
        return False
    parsed = column.parsed(form)
    values = parsed.values[np.isfinite(parsed.values)]
    return bool(len(values)) and not len(parsed.unreadable) and bool(
        (values >= 0).all() and (values <= scale.item_maximum).all() and (values == np.round(values)).all())


# --- changes ----------------------------------------------------------------------------------------------------------


def _changes(found: Sequence[ScoreColumn], known: Sequence[ScoreSource], names: ScaleNames, protocol: Protocol,
             scale: Scale) -> Parts:
    """A source for each change whose baseline is known, where name and values agree on its sign."""
    there = {(source.hours, source.period) for source in known if source.scale == scale.key}
    sources, told, asked = [], [], []
    for one in found:
        change = _change(one, names) if one.scale == scale.key and one.is_other and not one.is_lookalike else None
        if change is None or (change[1], change[2]) in there:
            continue
        sign, hours, period = change
        base = next((source for source in known if source.scale == scale.key and source.period == period
                     and source.hours is not None and source.hours <= 0 and not source.items), None)
        baseline = next((other.column for other in found if base and other.column.raw.name == base.column), None)
        if base is None or baseline is None:
            continue
        if not _agrees(one.column, baseline, sign, scale):
            asked.append(replace(one, is_other=False, problem="it seems to be a change, and its sign is not plain"))
            continue
        source = score_source(one, protocol, hours)
        sources.append(source.model_copy(update={
            "change_from": base.column, "change_sign": sign, "period": period,
            "format": one.column.format_within(-scale.maximum, scale.maximum) or source.format}))
        how = "baseline plus change" if sign > 0 else "baseline minus change"
        told.append((one.column.raw.name, f'"{one.column.raw.name}" was taken as a change of {scale.label}; the score '
                     f"is {how}."))
    return Parts(tuple(sources), tuple(told), tuple(asked))


def _change(one: ScoreColumn, names: ScaleNames) -> tuple[int, float, int | None] | None:
    """The sign that the name of a change means, and when the later score was taken."""
    rest = _rest(one, names, lambda words: bool(set(words) & (CHANGE | FALL)))
    if rest is None or set(rest) & _RELATIVE:
        return None
    period, words = take_period(tuple(word for word in rest if word not in CHANGE | FALL | w.BASELINE | {"from", "to"}))
    time = read_time(words, names.times)
    if time.hours is None or time.hours <= 0 or time.is_unclear or set(time.leftover) - w.SCORE:
        return None
    return (1 if set(rest) & CHANGE and not set(rest) & FALL else -1), time.hours, period


def _agrees(change: Column, baseline: Column, sign: int, scale: Scale) -> bool:
    """Whether most patients got better under this sign, and their scores lie on the scale."""
    forms = change.format_within(-scale.maximum, scale.maximum), baseline.format_within(scale.minimum, scale.maximum)
    if forms[0] is None or forms[1] is None or not change.is_numeric:
        return False
    changes, before = change.parsed(forms[0]).values, baseline.parsed(forms[1]).values
    later = (before + sign * changes)[np.isfinite(before) & np.isfinite(changes)]
    changes = changes[np.isfinite(changes)]
    on_scale = (later >= scale.minimum) & (later <= scale.maximum)
    return bool(len(later)) and bool(on_scale.mean() >= FITTING) and float(np.median(sign * changes)) < 0
