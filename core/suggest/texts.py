"""Variables told from free text: diagnoses, lists of drugs. Sure only where every text is made of known words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from core.mapping import SURE, Decision, TextSearch, TextWords
from core.meaning import Meaning
from core.protocol import Protocol, TextRule, Variable
from core.rule_columns import columns_of
from core.sources import raw_text
from core.suggest.columns import Column
from core.suggest.names import Vocabulary, Words, best_match, match_meaning
from core.suggest.variables import ASKS
from core.suggest.words import NEUTRAL, words
from core.text_search import Outcome, Searcher, items_of, joined_text

NAMED = 0.9
_MANUALS = words("4 5 10 11 tr icd axis")
"""Beside "diagnoses" these name the book they were made by."""
UNDERSTOOD_SHARE = 0.5
"""Of the rows with text: where fewer are understood, the column is about something else."""


def suggest_texts(columns: Sequence[Column], known: dict[str, Decision], protocol: Protocol,
                  vocabulary: Vocabulary) -> dict[str, Decision]:
    """Decisions for variables for which no column is sure, from columns of free text."""
    found = {}
    for variable in protocol.variables:
        before = known.get(variable.key)
        if before is not None and before.sureness >= SURE:
            continue
        for rule in variable.from_text:
            decision = _decision(columns, variable, rule, protocol, vocabulary)
            if decision is not None and (before is None or decision.sureness >= SURE or
                                         set(columns_of(before.rule)) <= set(columns_of(decision.rule))):
                found[variable.key] = decision
                break
    return found


def _decision(columns: Sequence[Column], variable: Variable, rule: TextRule, protocol: Protocol,
              vocabulary: Vocabulary) -> Decision | None:
    # by name first: in a long file the texts of all columns take long to look through
    named = _listing([one for one in columns if _is_named(one, rule.names, protocol, vocabulary)
                      or _is_meant(one, rule.meaning, vocabulary)])
    used = named or _listing([one for one in columns if _is_named(one, rule.uncertain, protocol, vocabulary)])
    if not used:
        return None
    search = TextSearch(columns=tuple(one.raw.name for one in used),
                        **{key: getattr(rule, key) for key in TextWords.model_fields})
    texts = list(zip(*(map(raw_text, one.raw.cells) for one in used), strict=True))
    searcher = Searcher(search, protocol.word_lists)
    rows = [one for one in texts if joined_text(one)]
    outcomes = {one: searcher.read(one) for one in dict.fromkeys(rows)}
    open_ = [one for one, outcome in outcomes.items() if outcome.question]
    if sum(not outcomes[one].question for one in rows) < UNDERSTOOD_SHARE * len(rows):
        return None
    whole = bool(named) or _lists_all(used, rule, outcomes.values(), protocol)
    reason, sureness = _reason(used, variable, outcomes, open_, whole)
    return Decision(rule=search, sureness=sureness, reason=reason)


def _lists_all(columns: Sequence[Column], rule: TextRule, outcomes: Iterable[Outcome], protocol: Protocol) -> bool:
    """Whether columns that may list only some of the disorders list all: they say where there is none, and name this.
    """
    nothing = {phrase.strip("=*") for name in rule.ignored for phrase in protocol.word_lists.get(name[1:], (name,))
               if phrase.startswith("=")}
    vocabulary = columns[0].name.vocabulary
    return any(one.code == "1" for one in outcomes) and all(
        _is_named(column, rule.lists_all, protocol, vocabulary) and nothing & set(map(str.casefold, column.texts))
        for column in columns)


def _reason(used: Sequence[Column], variable: Variable, outcomes: dict[tuple[str, ...], Outcome],
            open_: Sequence[tuple[str, ...]], is_named: bool) -> tuple[str, float]:
    names = " and ".join(f'"{one.raw.name}"' for one in used)
    reason = f"text in {names} tells {variable.label}: {len(outcomes) - len(open_)} of {len(outcomes)} texts understood"
    if open_:
        first = open_[0]
        return f'{reason}, not "{joined_text(first)[:60]}" ({outcomes[first].question})', ASKS
    if not is_named:
        return f"{reason}; the column may list only some of them", ASKS
    return reason, 1.0


def _listing(columns: Sequence[Column]) -> list[Column]:
    """The columns of words in which some text holds several items."""
    return [one for one in columns if not one.is_numeric and any(len(items_of(text)) > 1 for text in one.texts)]


def _is_named(column: Column, names: Sequence[str], protocol: Protocol, vocabulary: Vocabulary) -> bool:
    listed = [one for name in names for one in (protocol.word_lists[name[1:]] if name.startswith("@") else (name,))]
    phrases = [_singular(vocabulary.split(name)) for name in listed]
    return max((best_match(_singular(reading), phrases, NEUTRAL | _MANUALS).quality for reading in column.readings),
               default=0.0) >= NAMED


def _is_meant(column: Column, meaning: Meaning | None, vocabulary: Vocabulary) -> bool:
    return meaning is not None and any(
        match_meaning(reading, meaning.named, meaning.beside, NEUTRAL, vocabulary.ideas).quality >= NAMED
        for reading in column.readings if reading)


@lru_cache(maxsize=4096)
def _singular(text: Words) -> Words:
    """The words without the marks of the plural: a list is called "medication" as often as "medications"."""
    return tuple(re.sub(r"(?<=no)ses$|(?<=no)sis$|(?<=[^s]{3})s$", "", word) for word in text)
