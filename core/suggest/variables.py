"""Which column holds which moderator, and by which rule. Sure only where name and values both say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.mapping import SURE, Decision, Direct, NumberFormat, Recode, Rule
from core.meaning import Meaning
from core.protocol import OtherUnit, Protocol, Variable
from core.sources import raw_text
from core.suggest import words as w
from core.suggest.codes import bare, code_of
from core.suggest.columns import Column, words_about
from core.suggest.ideas import Ideas
from core.suggest.names import NO_MATCH, Match, Vocabulary, Words, best_match, match_meaning
from core.values import is_missing_word

ASKS = 0.6
"""Sureness of a suggestion that a person must confirm."""
LEAST = 0.55
"""Names that fit worse are not even suggested."""
OUT_OF_RANGE_SHARE = 0.05
MOST_COUNTED = 30
"""A larger number is rather a code for missing than a count of attempts or drugs."""


_NOT = w.words("no not none neither nein non other others rest autre andere otro otros outro altro")


@dataclass(frozen=True)
class Fit:
    """A column that may hold a variable: named so, perhaps so ("uncertain"), as categories, or as its opposite."""

    column: Column = field(repr=False)
    variable: Variable = field(repr=False)
    match: Match
    way: str

    @property
    def rank(self) -> tuple[float, int]:
        """Better names first; of equals the one that explains more words."""
        return _explained(self.match)


@dataclass(frozen=True)
class _Ruled:
    rule: Rule
    sureness: float
    remark: str = ""


def suggest_variables(columns: Sequence[Column], protocol: Protocol, vocabulary: Vocabulary) -> dict[str, Decision]:
    """A decision for every variable that some column may hold; those of the registry and copies are left out."""
    wanted = [v for v in protocol.variables if v.registry is None and v.same_as is None]
    fits = [fit for variable in wanted for fit in _fits(columns, variable, vocabulary)]
    decisions = {}
    for variable in wanted:
        own = [fit for fit in fits if fit.variable is variable and not _belongs_elsewhere(fit, fits)]
        decision = _decide(own)
        if decision is not None:
            decisions[variable.key] = decision
    return _without_shared(decisions, fits)


def suggest_variable(columns: Sequence[Column], variable: Variable, vocabulary: Vocabulary) -> Decision | None:
    """A decision for one variable alone, from its own names."""
    return _decide([fit for fit in _fits(columns, variable, vocabulary) if fit.way == "named"])


def possible_units(column: Column, variable: Variable) -> list[OtherUnit]:
    """The units in which a column's values are plausible; the one alone that header or cells state."""
    return [unit for unit, _ in _possible_units(column, variable)]


def _fits(columns: Sequence[Column], variable: Variable, vocabulary: Vocabulary) -> list[Fit]:
    neutral = w.NEUTRAL | _unit_words(variable)
    names = (variable.key.replace("_", " "), variable.label, *variable.synonyms)
    ways = {"categories": variable.categories_in, "opposite": variable.opposites,
            "named": tuple(name for name in names if name.casefold() not in variable.uncertain),
            "uncertain": variable.uncertain}
    meaning = variable.meaning or Meaning()
    rules = {"named": meaning.named, "categories": meaning.categories}
    indexes = {way: vocabulary.index(names) for way, names in ways.items()}
    found = []
    for column in columns:
        if column.is_empty:
            continue
        best, best_way = NO_MATCH, "named"
        for way, index in indexes.items():
            match = _match(column, index.begun(column.all_words), neutral)
            if way in rules:
                match = max(match, _meaning(column, rules[way], meaning, neutral, vocabulary.ideas), key=_explained)
            if way == "uncertain":
                match = replace(match, quality=min(match.quality, ASKS))
            if way == "categories" and match.quality >= SURE and column.is_yes_or_no:
                match = replace(match, quality=LEAST)  # what is yes is not one of its categories
            if _explained(match) > _explained(best):
                best, best_way = match, way
        if best.quality >= LEAST:
            found.append(Fit(column, variable, best, best_way))
    return found


def _match(column: Column, phrases: list[Words], neutral: frozenset[str]) -> Match:
    if not phrases:
        return NO_MATCH
    neutral |= column.own_words
    found = [best_match(words, phrases, neutral) for words in column.readings if words]
    return max(found, key=_explained, default=NO_MATCH)


def _meaning(column: Column, rules: tuple[str, ...], meaning: Meaning, neutral: frozenset[str], ideas: Ideas) -> Match:
    """How well the header's words mean what the variable's name means, or the name of its categories."""
    if not rules:
        return NO_MATCH
    neutral |= column.own_words
    found = [match_meaning(words, rules, meaning.beside, neutral, ideas) for words in column.readings if words]
    return max(found, key=_explained, default=NO_MATCH)


def _explained(match: Match) -> tuple[float, int]:
    """Better names first; of equals the one that explains more words."""
    return (match.quality, match.matched)


def _unit_words(variable: Variable) -> frozenset[str]:
    units = [variable.unit, *(other.unit for other in variable.units)]
    found = {word for unit in units
             for word in (*w.UNIT_WORDS.get(unit, "").split(), *re.findall(r"[a-z]+", unit.lower()))}
    return frozenset(found | ({"count", "total"} if variable.kind == "continuous" else set()))


def _belongs_elsewhere(fit: Fit, fits: Sequence[Fit]) -> bool:
    """Whether the column's name fits another variable better."""
    return any(other.rank > fit.rank and other.way != "categories" for other in fits
               if other.column is fit.column and other.variable is not fit.variable)


def _decide(fits: Sequence[Fit]) -> Decision | None:
    """The best column's rule; unsure where a second column fits as well."""
    ruled = [(fit, rule) for fit in fits if (rule := _rule(fit)) is not None]
    if not ruled:
        return None
    ruled.sort(key=lambda entry: (min(entry[0].match.quality, entry[1].sureness), *entry[0].rank), reverse=True)
    sure = [entry for entry in ruled if _sureness(*entry) >= SURE]
    (fit, rule), rivals = (sure or ruled)[0], sure[1:]
    sureness = _sureness(fit, rule)
    form = rule.rule.format if isinstance(rule.rule, Direct) else None
    reason = f"name resembles {fit.variable.label}, {words_about(fit.column, form)}"
    if rule.remark:
        reason += f"; {rule.remark}"
    if fit.way == "uncertain":
        reason += "; the name may mean something else"
    elif fit.match.leftover:
        reason += f'; the word "{fit.match.leftover[0]}" may mean something else'
    rivals = [entry for entry in rivals if not _agree(fit.column, rule.rule, entry[0].column, entry[1].rule)]
    if rivals and not _is_baseline_of(fit, [other for other, _ in rivals]):
        sureness = min(sureness, ASKS)
        reason += f'; "{rivals[0][0].column.raw.name}" fits as well'
    return Decision(rule=rule.rule, sureness=round(sureness, 2), reason=reason)


def _agree(one: Column, rule: Rule, other: Column, other_rule: Rule) -> bool:
    """Whether two columns give every patient the same, so that it does not matter which is taken."""
    if isinstance(rule, Recode) and isinstance(other_rule, Recode):
        return [rule.codes.get(raw_text(cell)) for cell in one.raw.cells] == [
            other_rule.codes.get(raw_text(cell)) for cell in other.raw.cells]
    return one.raw.cells == other.raw.cells


def _is_baseline_of(fit: Fit, rivals: Sequence[Fit]) -> bool:
    """Whether the column is the baseline, and all others are the screening, of one thing."""
    return bool(fit.column.all_words & w.BASELINE) and all(
        rival.column.all_words & w.SCREENING and not rival.column.all_words & w.BASELINE for rival in rivals)


def _sureness(fit: Fit, ruled: _Ruled) -> float:
    return min(fit.match.quality, ruled.sureness)


def _without_shared(decisions: dict[str, Decision], fits: Sequence[Fit]) -> dict[str, Decision]:
    """Decisions in which no column is surely two variables, unless as categories of each."""
    ways = {(fit.column.raw.name, fit.variable.key): fit.way for fit in fits}
    users: dict[str, list[str]] = {}
    for key, decision in decisions.items():
        column = getattr(decision.rule, "column", None)
        if decision.sureness >= SURE and column is not None and ways.get((column, key)) != "categories":
            users.setdefault(column, []).append(key)
    shared = {key for keys in users.values() if len(keys) > 1 for key in keys}
    for key in shared:
        reason = decisions[key].reason + "; it fits another variable too"
        decisions[key] = decisions[key].model_copy(update={"sureness": ASKS, "reason": reason})
    return decisions


def _rule(fit: Fit) -> _Ruled | None:
    if fit.variable.kind == "continuous":
        return _number_rule(fit)
    return _recode_rule(fit)


def _number_rule(fit: Fit) -> _Ruled | None:
    variable, column = fit.variable, fit.column
    form = column.number_format[0]
    name = column.raw.name
    if column.meanings and all(meaning.casefold() in w.YES | w.NO for meaning in column.meanings.values()):
        return None  # codes of yes and no
    if form is None:
        return _Ruled(Direct(column=name), ASKS, f"its numbers can be read in two ways: {column.number_format[1]}")
    if not column.is_numeric:
        return _half_numeric(fit, form)
    scales = _possible_units(column, variable)
    if not scales:
        return _Ruled(Direct(column=name, format=form), ASKS, "its values do not fit what is plausible")
    unit, stated = scales[0]
    low, high = _own_range(variable, unit)
    rule = Direct(column=name, format=column.format_within(low, high) or form, factor=unit.factor, offset=unit.offset)
    values = column.parsed(rule.format).values
    values = values[np.isfinite(values)]
    doubtful = column.missing_elsewhere & set(column.texts) - set(rule.format.missing)
    if doubtful:
        return _Ruled(rule, ASKS, f'"{min(doubtful)}" means missing in other columns and may do so here')
    if set(values) <= {0.0, 1.0} and len(set(values)) == 2:
        return _Ruled(rule, ASKS, "its values are 0 and 1 only, which may mean no and yes")
    if not stated and len(scales) > 1:
        return _Ruled(rule, ASKS, f"the unit is not said: {' or '.join(one.unit for one, _ in scales)}")
    if unit.unit != variable.unit:
        return _Ruled(rule, 1.0 if stated else ASKS, f"taken as {unit.unit}")
    return _Ruled(rule, 1.0)


def _half_numeric(fit: Fit, form: NumberFormat) -> _Ruled | None:
    """A well-named column of which a good part reads as numbers is a question; words alone are another thing."""
    parsed = fit.column.parsed(form)
    if fit.match.quality < SURE or np.isfinite(parsed.values).sum() < 0.3 * fit.column.size:
        return None
    text = raw_text(fit.column.raw.cells[parsed.unreadable[0]]) if len(parsed.unreadable) else ""
    return _Ruled(Direct(column=fit.column.raw.name, format=form), ASKS, f'many cells are no numbers, such as "{text}"')


def _possible_units(column: Column, variable: Variable) -> list[tuple[OtherUnit, bool]]:
    """The units in which the values are plausible, each with whether the header or the cells say so."""
    units = [OtherUnit(unit=variable.unit, factor=1.0), *variable.units]
    told = [unit for unit in units if _says_unit(column, unit, variable)]
    return [(unit, bool(told)) for unit in (told[:1] or units) if _are_plausible(column, variable, unit)]


def _says_unit(column: Column, unit: OtherUnit, variable: Variable) -> bool:
    words = {*w.UNIT_WORDS.get(unit.unit, "").split(), *unit.synonyms}
    at_end = {column.name.words[-1:], column.label.words[-1:]}
    ends = {word for run in at_end for word in run}
    named = {word for word in words if len(word) > 1} & column.all_words
    return column.unit == unit.unit or bool(variable.units and (named or words & ends))


def _own_range(variable: Variable, unit: OtherUnit) -> tuple[float | None, float | None]:
    """The variable's range in a column's unit."""
    low, high = (None if limit is None else (limit - unit.offset) / unit.factor
                 for limit in (variable.minimum, variable.maximum))
    return low, high


def _are_plausible(column: Column, variable: Variable, unit: OtherUnit) -> bool:
    low, high = _own_range(variable, unit)
    form = column.format_within(low, high)
    if form is None:
        return False
    values = column.parsed(form).values
    values = values[np.isfinite(values)]
    off = (values < (-np.inf if low is None else low)) | (values > (np.inf if high is None else high))
    return bool(len(values)) and float(off.mean()) <= OUT_OF_RANGE_SHARE


def _recode_rule(fit: Fit) -> _Ruled | None:
    """Each text's code; None if hardly any text is understood."""
    column = fit.column
    codes: dict[str, str | None] = {}
    together = _codes_together(fit)
    if together is None:
        return _Ruled(Recode(column=column.raw.name, codes={}), ASKS, "its codes mean other things in other languages")
    for text in column.texts:
        meaning = column.meanings.get(text, text)
        code = together.get(bare(meaning)) or code_of(meaning, fit.variable, fit.way, column.name.vocabulary)
        if code is not None or is_missing_word(meaning):
            codes[text] = code
    codes |= _counted(fit, codes)
    told = set(codes.values()) - {None}
    if fit.way == "categories" and len(told) == 1:  # "1 = employed, 0 = not"
        nots = [text for text in column.texts if text not in codes and bare(column.meanings.get(text, "")) in _NOT]
        alone = set(column.texts) in ({"0", "1"}, {"1", "2"}) and len(column.meanings) == 1  # "female = 1"
        nots += [text for text in column.texts if alone and text not in codes]
        codes |= dict.fromkeys(nots, "0" if told == {"1"} else "1")
    told = set(codes.values()) - {None}
    for text in column.texts:
        if text not in codes and text in w.MISSING_NUMBERS and text not in column.meanings and told >= {"0", "1"}:
            codes[text] = None
    known = sum(column.texts[text] for text in codes)
    codes |= {text: None for text in column.raw.counts if is_missing_word(text) and text not in codes}
    rule = Recode(column=column.raw.name, codes=codes)
    unlisted = [text for text in column.texts if text not in codes]
    if not told:
        return _unread(fit, rule)
    if unlisted and len(told) == 1 and fit.match.quality < SURE:
        return None  # a doubtful name over texts that say something else
    if known < 0.5 * column.size:
        return _Ruled(rule, ASKS, f'"{unlisted[0]}" and others are not understood')
    return _Ruled(rule, *_doubt_of_codes(fit, rule, told))


def _counted(fit: Fit, codes: dict[str, str | None]) -> dict[str, str]:
    """Codes of how many there were, where the header counts what the variable only says yes or no to: 0 is no."""
    column, numbers = fit.column, [text for text in fit.column.texts if text not in codes]
    counts = {word for words in column.readings for word in words} & w.COUNTS
    if fit.way != "named" or fit.variable.kind != "binary" or not counts or column.meanings or codes.get("0") != "0":
        return {}
    if not numbers or not all(re.fullmatch(r"\d{1,2}", text) and int(text) <= MOST_COUNTED for text in numbers):
        return {}
    return dict.fromkeys(numbers, "1")


def _codes_together(fit: Fit) -> dict[str, str] | None:
    """Codes of a set that the column's texts make up; {} if none, None if several could and no name tells which."""
    column = fit.column
    texts = {bare(column.meanings.get(text, text)) for text in column.texts if text not in w.MISSING_NUMBERS}
    fitting = [one for one in fit.variable.code_sets if set(one.codes) == texts]
    words = {word for reading in column.readings for word in reading}
    named = [one for one in fitting if words & set(one.names)] or [one for one in fitting if not one.names]
    return named[0].codes if named else (None if fitting else {})


def _unread(fit: Fit, rule: Recode) -> _Ruled | None:
    """A well-named column whose codes say nothing ("sex" with 1 and 2) is a question; any other is nothing."""
    if fit.match.quality >= SURE and len(fit.column.texts) <= 6:
        shown = ", ".join(f'"{text}"' for text in list(fit.column.texts)[:4])
        return _Ruled(rule, ASKS, f"what {shown} mean is not said")
    return None


def _doubt_of_codes(fit: Fit, rule: Recode, told: set[str | None]) -> tuple[float, str]:
    column = fit.column
    coded = [text for text in column.texts if rule.codes.get(text) is not None]
    if fit.variable.kind == "binary" and len(told) == 1 and len(coded) > 1:
        return ASKS, "its texts would all become the same"
    if told == {"1"} and fit.way == "named" and column.blanks and not column.meanings:
        return ASKS, "a blank may mean no or not known"
    unlisted = [text for text in column.texts if text not in rule.codes]
    if unlisted and fit.way == "categories" and len(told) == 1:
        return ASKS, f'"{unlisted[0]}" is not understood, and the others are all the same'
    if unlisted:
        said = [column.meanings.get(text, text) for text in unlisted]
        shown = ", ".join(f'"{text}"' for text in said[:3])
        return (1.0 if any(re.search(r"[^\W\d_]", text) for text in said) else ASKS), f"{shown} not understood"
    return 1.0, ""
