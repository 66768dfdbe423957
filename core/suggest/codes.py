"""What a cell's text means for a variable: a code spelled out, yes or no, or one told by its words."""

from __future__ import annotations

import re

from core.plain_text import fold
from core.protocol import Variable
from core.suggest import words as w
from core.suggest.east_asian import in_english
from core.suggest.ideas import names_in
from core.suggest.names import Vocabulary, without_code

_UNSETTLED = w.words("""
    rule history hx probable possible suspected vs or versus secondary excluded denied denies absent negative""")
"""Words that keep a longer text from plainly naming a category."""
_NEGATING = w.words("no not non without lacking past former family kein keine ohne sans sin sem geen nicht")
"""Words that do so where they stand before its name."""


def code_of(text: str, variable: Variable, way: str, vocabulary: Vocabulary) -> str | None:
    """The harmonized code of a text under a variable named in some way, or None if it is not plain."""
    folded = bare(without_code(text))
    for code, names in variable.codes.items():
        if folded in {bare(name) for name in names} or (variable.kind == "categorical" and folded == bare(code)):
            return code
    if variable.kind == "categorical":
        return _category_within(folded, variable) or _code_by_ideas(text, variable, vocabulary)
    if way == "categories":
        return _code_by_ideas(text, variable, vocabulary)
    yes, no = ("0", "1") if way == "opposite" else ("1", "0")
    if folded in w.YES or text.strip() in w.YES:
        return yes
    if folded in w.NO or text.strip() in w.NO:
        return no
    return _code_by_ideas(text, variable, vocabulary) if way == "named" else None


def _code_by_ideas(text: str, variable: Variable, vocabulary: Vocabulary) -> str | None:
    """The one code whose words are in a text ("living with partner"); of a yes or no fact all words must be known."""
    meaning = variable.meaning
    if meaning is None or not meaning.codes:
        return None
    words = vocabulary.split(_spelled(without_code(text)))
    places = vocabulary.ideas.places(words)
    runs = [(run, code) for code, rule in meaning.codes.items()
            for name in names_in(rule) for run in places.get(name, ())]
    said: set[int] = set()
    codes = set()
    for run, code in sorted(runs, key=lambda one: -len(one[0])):
        if said.isdisjoint(run):
            said |= set(run)
            codes.add(code)
    rest = {word for at, word in enumerate(words) if at not in said}
    if variable.kind == "categorical":
        odd = rest & (_UNSETTLED | _NEGATING)
    else:
        beside = {words[at] for name in names_in(meaning.beside) for run in places.get(name, ()) for at in run}
        odd = rest - beside - w.NEUTRAL
    return codes.pop() if len(codes) == 1 and not odd else None


def _category_within(text: str, variable: Variable) -> str | None:
    """The one category that a longer text names ("MDD, recurrent, severe"); None if it names several or negates."""
    rest = f" {re.sub(r'[^a-z0-9]+', ' ', _spelled(text))} "
    if set(rest.split()) & _UNSETTLED:
        return None
    names = {(re.sub(r"[^a-z0-9]+", " ", bare(name)).strip(), code) for code, names in variable.codes.items()
             for name in names if len(name) > 2}
    found = set()
    for name, code in sorted(names, key=lambda one: (-len(one[0]), one)):
        if f" {name} " in rest:
            if set(rest.split(f" {name} ")[0].split()) & _NEGATING:
                return None
            found.add(code)
            rest = rest.replace(f" {name} ", " | ")
    return found.pop() if len(found) == 1 else None


def _spelled(text: str) -> str:
    """The text with what abbreviates a negation or a doubt as a word for it."""
    return re.sub(r"\bw/o\b", "lacking", re.sub(r"\br/o\b", "rule", text, flags=re.I), flags=re.I)


def bare(text: str) -> str:
    """A text without case, accents, brackets, quotes and double blanks; number 1.0 as 1."""
    text = text.removesuffix(".0") if re.fullmatch(r"\d\.0", text) else text
    text = re.sub(r"(?<=[^\W\d_])\((?:a|o|e|s|in|as|os)\)", "", text)  # casado(a), marié(e)
    folded = re.sub(r"[\"'()\[\].,;:]+", " ", fold(in_english(text)))
    return " ".join(folded.replace("_", " ").replace("-", " ").split()) or text.strip()
