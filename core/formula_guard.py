"""Texts that a spreadsheet program would take for formulas when it opens a CSV file: an apostrophe goes first, as a
person would type it, and is taken away again where the program reads its own file.
"""

from __future__ import annotations

import re

_COULD_RUN = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """The text as a CSV cell; numbers stay as they are. `unguarded` gives the same text back."""
    return f"'{text}" if _COULD_RUN.match(text) and not _is_number(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` made a cell of."""
    return text[1:] if _GUARDED.match(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # Python's own way of writing numbers, no spreadsheet's
