"""Chinese and Japanese headers and cells in English words: what names a column of a trial, and what its cells say.

The terms stand in `resources/words/east_asian.json`, by their English.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from core.resources import resource

_LETTERS = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@lru_cache(maxsize=10_000)
def in_english(text: str) -> str:
    """The text with its Chinese and Japanese terms in English; other signs stay."""
    if not _LETTERS.search(text):
        return text
    terms, alone, known = _glossary()
    said = alone.get(text.strip())
    return said or " ".join(known.sub(lambda found: f" {terms[found.group()]} ", text).split())


@lru_cache(maxsize=1)
def _glossary() -> tuple[dict[str, str], dict[str, str], re.Pattern[str]]:
    """Terms and their English, those that mean it as a whole cell only, and a pattern of the terms, longest first."""
    told = json.loads(resource("words", "east_asian.json").read_text("utf-8"))
    terms, alone = ({term: english for english, several in told[part].items() for term in several}
                    for part in ("terms", "alone"))
    return terms, alone, re.compile("|".join(sorted(map(re.escape, terms), key=len, reverse=True)))
