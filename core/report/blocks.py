"""What a report is made of, before it is a document or a web page: sections of paragraphs, lists, tables, figures."""

from __future__ import annotations

from dataclasses import dataclass

from core.figures.specification import FigureSpec


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """Text that must not be overlooked."""

    text: str


@dataclass(frozen=True)
class TextTable:
    """A table ready to read: every cell is text. `numeric` are the columns set right; `number` counts tables from 1."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    note: str = ""
    is_code: frozenset[int] = frozenset()
    """Columns of long codes, set small and in equal widths."""
    number: int = 0


@dataclass(frozen=True)
class FigureBlock:
    """A figure with its caption; `number` counts figures from 1."""

    figure: FigureSpec
    caption: str
    number: int = 0


Block = Paragraph | Bullets | Notice | TextTable | FigureBlock


@dataclass(frozen=True)
class Section:
    """A part of the report that can be left out by its key."""

    key: str
    title: str
    blocks: tuple[Block, ...]
