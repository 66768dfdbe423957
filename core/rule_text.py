"""Rules as lines of text that people read and write: codes of texts, and what a text search looks for.

    F = 1                         codes: a raw text and its code
    u = (missing)

    1: gad | generalized anx* | @anxiety_words; none of: social anxiety
    otherwise: 0                  or: ask, (missing), (count)
    known: ... | ...              and: ignored, denied before, denied after, doubtful
    answer: maybe GAD = 1         a whole text that a person gave a code
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.mapping import TextPattern, TextSearch
from core.text_search import WordLists, check_phrases, read_phrase

MISSING, COUNT, ASK = "(missing)", "(count)", "ask"
NONE_OF = "; none of:"
PARTS = {"known": "known", "ignored": "ignored", "negations": "denied before", "negations_after": "denied after",
         "doubts": "doubtful"}
"""Fields of a text search and the words that begin their lines."""


class RuleTextError(ValueError):
    """A line that cannot be read; `line` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"Line {line}: {text}")
        self.line = line


def write_codes(codes: Mapping[str, str | None]) -> str:
    """A line for each text."""
    return "\n".join(f"{_escaped(text)} = {MISSING if code is None else code}" for text, code in codes.items())


def read_codes(text: str) -> dict[str, str | None]:
    """Codes by text. Raises RuleTextError."""
    found: dict[str, str | None] = {}
    for number, line in _lines(text):
        raw, code = _pair(number, line)
        if raw in found:
            raise RuleTextError(number, f'"{raw}" stands twice')
        found[raw] = code
    return found


def write_search(rule: TextSearch) -> str:
    """A text search without its columns."""
    lines = [f"{one.code}: {_phrases(one.any_of)}" + (f"{NONE_OF} {_phrases(one.none_of)}" if one.none_of else "")
             for one in rule.patterns]
    rest = {"ask": ASK, "missing": MISSING, "count": COUNT, "code": rule.code}[rule.otherwise]
    lines.append(f"otherwise: {rest}")
    lines += [f"{words}: {_phrases(getattr(rule, part))}" for part, words in PARTS.items() if getattr(rule, part)]
    lines += [f"answer: {line}" for line in write_codes(rule.answers).splitlines()]
    return "\n".join(lines)


def read_search(columns: Sequence[str], text: str, lists: WordLists) -> TextSearch:
    """A text search over columns. Raises RuleTextError with the line and what was expected there."""
    fields: dict[str, Any] = {"columns": tuple(columns), "patterns": (), "answers": {}}
    keys = {words: part for part, words in PARTS.items()}
    for number, line in _lines(text):
        key, mark, rest = (part.strip() for part in line.partition(":"))
        if not mark or not key:
            raise RuleTextError(number, 'expected a code or "otherwise", a colon, and words with | between them')
        if key == "answer":
            raw, code = _pair(number, rest)
            fields["answers"][raw] = code
        elif key == "otherwise":
            fields |= _otherwise(number, rest)
        elif key in keys:
            fields[keys[key]] = _read_phrases(number, rest, lists)
        else:
            any_of, _, none_of = rest.partition(NONE_OF)
            fields["patterns"] += (TextPattern(code=key, any_of=_read_phrases(number, any_of, lists),
                                               none_of=_read_phrases(number, none_of, lists) if none_of else ()),)
    rule = TextSearch(**fields)
    problem = check_phrases(rule, lists)
    if problem:
        raise RuleTextError(1, problem)
    return rule


def _otherwise(number: int, rest: str) -> dict[str, str]:
    known = {ASK: "ask", MISSING: "missing", COUNT: "count"}
    if not rest:
        raise RuleTextError(number, f"expected a code, {ASK}, {MISSING} or {COUNT}")
    return {"otherwise": known[rest]} if rest in known else {"otherwise": "code", "code": rest}


def _read_phrases(number: int, text: str, lists: WordLists) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split("|") if part.strip())
    if not found:
        raise RuleTextError(number, "expected words, with | between them")
    for phrase in found:
        if phrase.startswith("@"):
            if phrase[1:] not in lists:
                known = ", ".join(f"@{name}" for name in lists) or "none"
                raise RuleTextError(number, f'there is no word list "{phrase}"; there are {known}')
            continue
        try:
            read_phrase(phrase)
        except ValueError as fault:
            raise RuleTextError(number, str(fault)) from None
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    return [(number, line) for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1) if line.strip()]


def _pair(number: int, line: str) -> tuple[str, str | None]:
    raw, mark, code = line.rpartition("=")
    if not mark or not raw.strip() or not code.strip():
        raise RuleTextError(number, f'expected a text, "=", and its code or {MISSING}')
    return _plain(raw.strip()), None if code.strip() == MISSING else code.strip()


def _phrases(phrases: Sequence[str]) -> str:
    return " | ".join(phrases)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _plain(text: str) -> str:
    return text.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")
