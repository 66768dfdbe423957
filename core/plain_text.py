"""What two spellings of one text share: letters without case, accents and double blanks."""

from __future__ import annotations

import unicodedata

_NOT_DECOMPOSED = (("ß", "ss"), ("µ", "u"), ("μ", "u"), ("²", "2"), ("ø", "o"), ("Ø", "O"), ("ł", "l"), ("Ł", "L"),
                   ("æ", "ae"), ("Æ", "AE"), ("ı", "i"), ("đ", "d"))

_OF_KANA = "\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK}\N{COMBINING KATAKANA-HIRAGANA SEMI-VOICED SOUND MARK}"
"""Marks that make another syllable, not an accent."""


def fold(text: str) -> str:
    """Lower case without accents, blanks single."""
    return " ".join(plain(text).lower().split())


def plain(text: str) -> str:
    """ASCII letters for accented ones, micro and square signs spelled out."""
    if text.isascii():
        return text
    for mark, letters in _NOT_DECOMPOSED:
        text = text.replace(mark, letters)
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(mark for mark in decomposed if mark in _OF_KANA or not unicodedata.combining(mark))
    return kept if kept.isascii() else unicodedata.normalize("NFC", kept)
