"""Codes from free text: which of a rule's phrases a text names, whether it denies or doubts them, what it lists.

Texts are folded and taken apart into words with the breaks between them. A negation reaches to the end of its clause;
beyond a comma, a plus or an "and" it is not plain how far it reaches, and the text is a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from core.mapping import TextPattern, TextSearch
from core.plain_text import fold
from core.values import is_missing_word

WordLists = Mapping[str, tuple[str, ...]]
JOINED = " | "
"""Between the texts of several columns."""
LONGEST_TEXT, LONGEST_WORD, MOST_WILDCARDS = 20_000, 80, 3

_PIECE = re.compile(r"[^\W_]+(?:\.\d+)*|[^\w\s]|\n")
_ABBREVIATED = re.compile(r"\b([a-z])/([a-z])\b")
_UNIT_SLASH = re.compile(r"(?<=\d)\s*[/,]\s*(?=\d)|(?<=mg)/(?=\w)|(?<=ml)/(?=\w)")
_NO_BREAK = set("-'’\":*\"“”#")
_SOFT = set(",/+&(")
_SOFT_WORDS = {"and", "und", "et", "y", "e", "en", "with", "plus", "or"}
_DOSING = re.compile(
    r"[\d.]+|[\d.]*(?:mg|mcg|ug|g|ml|iu|x|h|d|day|days|daily|week|weekly|hs|am|pm|po|im|iv|sl|prn|qd|qhs|qam|qpm|bid|"
    r"tid|qid|od|bd|tds|nocte|mane|per|once|twice|times|at|bedtime|night|tab|tabs|tablet|capsule|er|xr|sr|cr|la|dr|"
    r"retard|a|the|of|in|as|needed)")


def joined_text(texts: Iterable[str]) -> str:
    """The texts of several columns as one, without those that mean missing: what an answer is kept by."""
    return JOINED.join(text for text in texts if text and not is_missing_word(text))


@dataclass(frozen=True)
class Text:
    """A text's words, the break before each (0 none, 1 a comma or "and", 2 the end of a clause), what is doubted."""

    words: tuple[str, ...]
    breaks: tuple[int, ...]
    doubted: frozenset[int]
    """Words followed by a question mark."""
    opened: frozenset[int]
    """Words that stand first in brackets: what they say is about the words before."""


@dataclass(frozen=True)
class Outcome:
    """What a text becomes: a code, None for missing, or a question with its reason."""

    code: str | None = None
    question: str = ""


@lru_cache(maxsize=20_000)
def take_apart(text: str) -> Text:
    """The words of a text."""
    folded = _ABBREVIATED.sub(r"\1\2", "\n".join(fold(line) for line in text[:LONGEST_TEXT].splitlines()))
    words: list[str] = []
    breaks: list[int] = []
    doubted: set[int] = set()
    opened: set[int] = set()
    gap = 2
    for piece in _PIECE.findall(folded):
        if piece[0].isalnum():
            is_join = piece in _SOFT_WORDS
            words.append(piece[:LONGEST_WORD])
            breaks.append(max(gap, int(is_join)))
            gap = int(is_join)
        elif piece == "?":
            doubted.add(len(words) - 1)
            gap = 2
        elif piece not in _NO_BREAK:
            opened |= {len(words)} if piece == "(" else set()
            gap = max(gap, 1 if piece in _SOFT else 2)
    return Text(tuple(words), tuple(breaks), frozenset(doubted), frozenset(opened))


@dataclass(frozen=True)
class Phrase:
    """Words to look for, each a pattern for one word; `is_whole`: they must be the whole text."""

    words: tuple[re.Pattern[str], ...]
    is_whole: bool
    shown: str
    first: str
    """The letters of the first word up to a wildcard, and whether they are all of it: most phrases go by them."""
    is_first_whole: bool

    def stands_at(self, at: int, text: Text) -> bool:
        """Whether it stands in a text from a word on."""
        n = len(self.words)
        if at + n > len(text.words) or (self.is_whole and len(text.words) != n):
            return False
        return all(one.fullmatch(text.words[at + i]) for i, one in enumerate(self.words)) and not any(
            text.breaks[at + 1:at + n])


class Place(NamedTuple):
    """Where a phrase stands in a text: its first and last word."""

    first: int
    last: int
    phrase: Phrase


class Phrases:
    """Many phrases to look for at once, found by how they begin."""

    BEGINNING = 3

    def __init__(self, phrases: Iterable[Phrase] = ()) -> None:
        self._whole: dict[str, list[Phrase]] = {}
        self._begun: dict[str, list[Phrase]] = {}
        self._others: list[Phrase] = []
        self._last: tuple[Text | None, list[Place]] = (None, [])
        self.all = tuple(phrases)
        for one in self.all:
            if one.is_first_whole:
                self._whole.setdefault(one.first, []).append(one)
            elif len(one.first) >= self.BEGINNING:
                self._begun.setdefault(one.first[:self.BEGINNING], []).append(one)
            else:
                self._others.append(one)

    def places(self, text: Text) -> list[Place]:
        """Where any of them stands, in the text's order."""
        if self._last[0] is not text:
            found = [Place(at, at + len(one.words) - 1, one) for at, word in enumerate(text.words)
                     for one in (*self._whole.get(word, ()), *self._begun.get(word[:self.BEGINNING], ()), *self._others)
                     if one.stands_at(at, text)]
            self._last = (text, found)
        return self._last[1]


@lru_cache(maxsize=20_000)
def read_phrase(text: str) -> Phrase:
    """A phrase as it is written. Raises ValueError if it has no word or too many wildcards."""
    is_whole = text.startswith("=")
    kept = fold(text.removeprefix("=")).replace("*", "\N{DOUBLE DAGGER}")
    kept = _ABBREVIATED.sub(r"\1\2", kept)
    words = re.findall(r"(?:[^\W_]|\N{DOUBLE DAGGER})+(?:\.\d+)*\N{DOUBLE DAGGER}?", kept)
    if not words:
        raise ValueError(f'"{text}" has no word to look for')
    if any(word.count("\N{DOUBLE DAGGER}") > MOST_WILDCARDS for word in words):
        raise ValueError(f'"{text}" has more than {MOST_WILDCARDS} * in a word')
    first, wildcard, _ = words[0].partition("\N{DOUBLE DAGGER}")
    return Phrase(tuple(_word_pattern(word) for word in words), is_whole, text, first, not wildcard)


def _word_pattern(word: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in re.split("\N{DOUBLE DAGGER}+", word)]
    return re.compile(r"[\w.]*".join(parts))


def check_phrases(rule: TextSearch, lists: WordLists) -> str:
    """What is wrong with the rule's phrases, in a sentence; "" if nothing is."""
    try:
        Searcher(rule, lists)
    except ValueError as fault:
        return str(fault)
    return ""


class Searcher:
    """A rule made ready to read many texts. Raises ValueError for a phrase that cannot be read."""

    def __init__(self, rule: TextSearch, lists: WordLists) -> None:
        self.rule = rule
        self._lists = lists
        self._patterns = [(one, self._phrases(one.any_of), self._phrases(one.none_of)) for one in rule.patterns]
        self._spelled = Phrases(phrase for _, any_of, _ in self._patterns for phrase in any_of.all)
        self._known, self._ignored = self._phrases(rule.known), self._phrases(rule.ignored)
        self._before, self._after = self._phrases(rule.negations), self._phrases(rule.negations_after)
        self._doubts = self._phrases(rule.doubts)

    def _phrases(self, texts: Sequence[str]) -> Phrases:
        return Phrases(self._read(texts, frozenset()))

    def _read(self, texts: Sequence[str], within: frozenset[str]) -> Iterator[Phrase]:
        for text in texts:
            name = text[1:] if text.startswith("@") else ""
            if not name:
                yield read_phrase(text)
            elif name not in self._lists:
                raise ValueError(f'the protocol has no word list "{name}"')
            elif name not in within:
                yield from self._read(self._lists[name], within | {name})

    def read(self, texts: Sequence[str]) -> Outcome:
        """What the texts of the rule's columns become; empty ones and those that mean missing say nothing."""
        joined = joined_text(texts)
        if joined in self.rule.answers:
            return Outcome(self.rule.answers[joined])
        if not joined:
            return Outcome()
        text = take_apart(joined)
        for pattern, any_of, none_of in self._patterns:
            outcome = self._pattern(pattern, any_of, none_of, text)
            if outcome is not None:
                return outcome
        return self._rest(joined, text)

    def _pattern(self, pattern: TextPattern, any_of: Phrases, none_of: Phrases, text: Text) -> Outcome | None:
        found, doubt = self._found(any_of, text)
        if not found and not doubt:
            return None
        against, unsure = self._found(none_of, text)
        if against:
            return None
        if not found or unsure:
            return Outcome(question=f'it is not plain whether "{doubt or unsure}" is meant')
        return Outcome(pattern.code)

    def _found(self, phrases: Phrases, text: Text) -> tuple[bool, str]:
        """Whether a phrase plainly stands in the text; else the one that may or may not be meant, or ""."""
        doubt = ""
        for place in phrases.places(text):
            state = "plain" if place.phrase.is_whole else self._state(place.first, place.last, text)
            if state == "plain":
                return True, ""
            if state == "doubted":
                doubt = doubt or " ".join(text.words[place.first:place.last + 1])
        return False, doubt

    def _state(self, first: int, last: int, text: Text) -> str:
        """Whether what stands at these words is plain, denied or doubted."""
        clause, sentence = _clause(first, text, 0), _clause(first, text, 1)
        usual = {at for place in self._ignored.places(text) for at in range(place.first, place.last + 1)}
        denied = [place for place in self._before.places(text) if place.last < first and place.last + 1 not in usual]
        if any(clause <= place.first for place in denied):
            return "denied"
        for place in self._after.places(text):
            ends_clause = place.last + 1 == len(text.words) or text.breaks[place.last + 1]
            if place.first == last + 1 and text.breaks[place.first] < 2 and (
                    len(place.phrase.words) > 1 or ends_clause):
                return "denied"
        if last in text.doubted or any(sentence <= place.first for place in denied):
            return "doubted"
        until = next((i for i in range(last + 1, len(text.words))
                      if text.breaks[i] and i not in text.opened), len(text.words))
        return "doubted" if any(clause <= place.first and place.last < until and not first <= place.first <= last
                                and place.first not in usual for place in self._doubts.places(text)) else "plain"

    def _rest(self, joined: str, text: Text) -> Outcome:
        rule = self.rule
        counted, strange = self._items(joined)
        if strange and rule.known:
            return Outcome(question=f'"{strange}" is not known')
        if rule.otherwise == "ask":
            return Outcome(question="none of the words is in it")
        if rule.otherwise == "count":
            doubt = next((text.words[place.first] for place in self._doubts.places(text)), "")
            if doubt or text.doubted:
                return Outcome(question=f'it is not plain what "{doubt or "?"}" leaves to count')
            return Outcome(question="it has no item to count") if counted is None else Outcome(str(counted))
        return Outcome(rule.code if rule.otherwise == "code" else None)

    def _items(self, joined: str) -> tuple[int | None, str]:
        """How many different items count (None: there is none at all), and the first that is not understood."""
        counted: set[str] = set()
        strange, items = "", items_of(joined)
        for item in items:
            text = take_apart(item)
            if self._ignored.places(text) or any(place.first == 0 for place in self._before.places(text)):
                continue
            known = self._known.places(text)
            if known or not self.rule.known:
                counted.add(known[0].phrase.shown if known else _name_of(text))
            elif not self._spelled.places(text):
                strange = strange or item
        return len(counted) if items else None, strange


def _clause(at: int, text: Text, reach: int) -> int:
    """The first word of what the word at `at` belongs to, over breaks of at most `reach`."""
    while at > 0 and text.breaks[at] <= reach:
        at -= 1
    return at


def items_of(text: str) -> list[str]:
    """The items a text lists: set apart by ; , / + & | line breaks or "and"; doses and times of day are none."""
    kept = _UNIT_SLASH.sub(" ", _ABBREVIATED.sub(r"\1\2", text.lower()))
    parts = re.split(r"[;,/+&|\n]|\.(?=\s|$)|\b(?:and|und|et|plus|with)\b", kept)
    return [part.strip() for part in parts if _name_of(take_apart(part))]


def _name_of(text: Text) -> str:
    """What an item is called, without doses and times of day."""
    return " ".join(word for word in text.words if not _DOSING.fullmatch(word))
