"""What two spellings of one text share: letters without case, accents and double blanks."""

from __future__ import annotations

import unicodedata

_NOT_DECOMPOSED = (("ß", "ss"), ("µ", "u"), ("μ", "u"), ("²", "2"), ("ø", "o"), ("Ø", "O"), ("ł", "l"), ("Ł", "L"),
                   ("æ", "ae"), ("Æ", "AE"), ("ı", "i"), ("đ", "d"))


def fold(text: str) -> str:
    """Lower case without accents, blanks single."""
    return " ".join(plain(text).lower().split())


def plain(text: str) -> str:
    """ASCII letters for accented ones, micro and square signs spelled out."""
    for mark, letters in _NOT_DECOMPOSED:
        text = text.replace(mark, letters)
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))
