"""What words of headers mean, in any language: a protocol's word lists ("failed", "episode") found in a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from core.protocol import Protocol
from core.text_search import Phrases, Text, read_phrase

Places = Mapping[str, tuple[range, ...]]
"""Where a header says an idea: the name of its list -> runs of words."""
SHORTEST = 4
"""Letters of a word that may be cut out of a run-together name."""


class Ideas:
    """Word lists to be found in headers."""

    def __init__(self, lists: Mapping[str, Iterable[str]] | None = None) -> None:
        lists = lists or {}
        self._phrases = {name: Phrases(map(read_phrase, phrases)) for name, phrases in lists.items()}
        self._memo: dict[tuple[str, ...], Places] = {}
        self.words = frozenset(word for phrases in lists.values() for phrase in phrases
                               for word in re.findall(r"(?<![a-z*])[a-z]+(?![a-z*])", phrase) if len(word) >= SHORTEST)
        """The lists' whole words."""

    def places(self, words: tuple[str, ...]) -> Places:
        """Where the ideas stand in a header."""
        if words not in self._memo:
            text = Text(words, (2, *[0] * (len(words) - 1)), frozenset(), frozenset())
            found = {name: tuple(dict.fromkeys(range(one.first, one.last + 1) for one in phrases.places(text)))
                     for name, phrases in self._phrases.items()}
            self._memo[words] = {name: runs for name, runs in found.items() if runs}
        return self._memo[words]


def ideas_of(protocol: Protocol) -> Ideas:
    """The ideas that a protocol's variables are named and coded by."""
    used = {name.removeprefix("@") for variable in protocol.variables for meaning in variable.meanings
            for name in meaning.lists}
    return Ideas({name: protocol.word_lists[name] for name in sorted(used)})


@lru_cache(maxsize=1_000)
def names_in(rule: str) -> tuple[str, ...]:
    """The lists that a rule names: "@failed @treatment"."""
    return tuple(word.removeprefix("@") for word in rule.split())


def are_apart(wanted: tuple[tuple[range, ...], ...], taken: frozenset[int] = frozenset()) -> bool:
    """Whether each idea has words of its own."""
    return not wanted or any(are_apart(wanted[1:], taken | set(run)) for run in wanted[0] if taken.isdisjoint(run))
