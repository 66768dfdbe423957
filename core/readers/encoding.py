"""From bytes to text: which encoding a text file is in.

A byte order mark or valid UTF-8 settles it. Else the older one-byte encodings are compared by how plausible the words
with special letters become over the whole content, not only its head, since the first such letter may stand far down.
"""

from __future__ import annotations

import codecs
import re

BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
                    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

ONE_BYTE_ENCODINGS = ("cp1252", "mac_roman", "cp1254", "cp1250", "iso8859-7", "cp1251")
"""Tried in this order; the first of equally plausible ones is taken."""

_SPECIAL_WORD = re.compile(rb"[A-Za-z\x80-\xff']*[\x80-\xff][A-Za-z\x80-\xff']*")
_VOWELS = frozenset("aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûüýÿąęăőűůěıаеёиоуыэюяіїєαεηιουωάέήίόύώϊϋΐΰ")
_WESTERN = frozenset("äöüßéèêëàâáãåæçñíìîïóòôõøœúùûýÿ")
_OTHER_LATIN = frozenset("ğışăąćčďđęěłľńňőřśşšťţůűźżž")
_TYPOGRAPHY = frozenset("’‘“”„–—…\u00a0«»°µ±€£®©·²³½×≥≤ºª")
_MAX_WORDS = 2_000


def detect_encoding(content: bytes) -> tuple[str, bool]:
    """The encoding of a text file and whether it is certain (a byte order mark, or valid UTF-8)."""
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return name, True
    wide = _wide_encoding(content)
    if wide:
        return wide, True
    try:
        content.decode("utf-8")
        return "utf-8", True
    except UnicodeDecodeError:
        return _guess(content), False


def _wide_encoding(content: bytes) -> str | None:
    """UTF-16 without a byte order mark: every second byte is mostly zero."""
    head = content[:4096]
    if len(head) < 4 or b"\0" not in head:
        return None
    half = len(head) // 2
    if head[1::2].count(0) > 0.6 * half:
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > 0.6 * half else None


def _guess(content: bytes) -> str:
    words = list(dict.fromkeys(match.group() for match in _SPECIAL_WORD.finditer(content)))[:_MAX_WORDS]
    scores = {name: sum(_plausibility(word, name) for word in words) for name in ONE_BYTE_ENCODINGS}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0 else _east_asian(content) or "cp1252"


def _east_asian(content: bytes) -> str | None:
    from charset_normalizer import from_bytes

    found = from_bytes(content, cp_isolation=["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"]).best()
    return found.encoding if found else None


def _plausibility(word: bytes, encoding: str) -> float:
    try:
        text = word.decode(encoding)
    except UnicodeDecodeError:
        return -5.0
    special = [char for char in text if not char.isascii()]
    if any(char.isascii() and char.isalpha() for char in text) or len(special) == 1:
        return sum(_fits_latin_word(text, i) for i, char in enumerate(text) if not char.isascii())
    return _fits_own_script(text)


def _fits_latin_word(text: str, i: int) -> float:
    """How well one special character sits among plain letters: `donÕt` and `perchÈ` betray the wrong encoding."""
    char, before = text[i], text[i - 1] if i else ""
    if char == "’":
        return 1.2
    if char in _TYPOGRAPHY:
        return 0.2 if before.isalpha() and text[i + 1: i + 2].isalpha() else 0.8
    if not char.isalpha():
        return -1.0
    if char.isupper() and before.islower():
        return -2.0
    lower = char.lower()
    return 1.0 if lower in _WESTERN else 0.6 if lower in _OTHER_LATIN else -1.0


def _fits_own_script(text: str) -> float:
    """How well a word of special letters only reads: its casing, and no heap of consonants without a vowel."""
    letters = [char for char in text if char.isalpha()]
    if len(letters) < len(text) or not letters:
        return -1.0 * len(text)
    if not (text.islower() or text.isupper() or (text[0].isupper() and text[1:].islower())):
        return -1.0 * len(text)
    if all(char.lower() in _WESTERN | _OTHER_LATIN for char in letters):
        return -0.5 * len(text) if len(text) > 3 else 0.0  # no Latin word has accents only
    return 0.5 * len(text) if _longest_consonant_run(text.lower()) <= 4 else -0.5 * len(text)


def _longest_consonant_run(text: str) -> int:
    longest = run = 0
    for char in text:
        run = 0 if char in _VOWELS else run + 1
        longest = max(longest, run)
    return longest
