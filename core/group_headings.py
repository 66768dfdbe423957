"""Headings among the data ("Placebo (n = 12)") as a column: what the rows below each have in common."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from core.header_rows import is_blank
from core.sources import Cell, RawColumn, raw_text

NAME = "Heading"
_SIZE = re.compile(r"[\s,;:–-]*[(\[]?\s*n\s*=\s*\d+\s*[)\]]?\s*:?\s*$", re.I)
"""How many patients a group has, which a heading may add to its name."""


def heading_column(rows: Sequence[Sequence[Cell]], body: Sequence[int], headings: Sequence[int], names: Sequence[str],
                   position: int) -> RawColumn | None:
    """The nearest heading above each row of data; None unless every row has one, and headings differ.

    A line of totals ends its group: rows right below it have no heading.
    """
    told = {i: [cell for cell in rows[i] if not is_blank(cell)] for i in headings}
    texts = {i: _SIZE.sub("", raw_text(cells[0])) if len(cells) == 1 else "" for i, cells in told.items()}
    above = [texts[headings[at]] if (at := bisect_left(headings, i) - 1) >= 0 else "" for i in body]
    if len(set(above)) < 2 or not all(above):
        return None
    free = NAME if NAME not in names else f"{NAME} among the rows"
    return RawColumn(free, position, tuple(above), "heading above the row")
