"""Numbered citations: texts carry marks like [@vickers2001], numbered in the order they are first met."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from core.report.blocks import Block, Bullets, FigureBlock, Notice, Paragraph, Section, TextTable
from core.resources import resource

MARK = re.compile(r"\[@([\w, @]+)\]")


@cache
def known_references() -> Mapping[str, str]:
    """Citation key -> reference, from `resources/report/references.json`."""
    found: dict[str, str] = json.loads(resource("report", "references.json").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Numbered:
    """Sections with numbers for marks, and the references in that order."""

    sections: tuple[Section, ...]
    references: tuple[str, ...]


def number_citations(sections: tuple[Section, ...], more: Mapping[str, str]) -> Numbered:
    """Replace marks by [1], [2]...; `more` are references beyond the known ones. KeyError for an unknown key."""
    texts = {**known_references(), **more}
    order: list[str] = []

    def number(found: re.Match[str]) -> str:
        numbers = []
        for key in (part.strip().removeprefix("@") for part in found.group(1).split(",")):
            if key not in order:
                texts[key]  # an unknown key is a bug, said at once
                order.append(key)
            numbers.append(str(order.index(key) + 1))
        return f"[{', '.join(numbers)}]"

    def cited(block: Block) -> Block:
        return with_text(block, lambda text: MARK.sub(number, text))

    done = tuple(replace(section, blocks=tuple(cited(block) for block in section.blocks)) for section in sections)
    return Numbered(done, tuple(texts[key] for key in order))


def with_text(block: Block, change: Callable[[str], str]) -> Block:
    """The block with its running text changed."""
    if isinstance(block, Paragraph | Notice):
        return replace(block, text=change(block.text))
    if isinstance(block, Bullets):
        return replace(block, items=tuple(change(item) for item in block.items))
    if isinstance(block, TextTable):
        return replace(block, note=change(block.note))
    assert isinstance(block, FigureBlock)
    return replace(block, caption=change(block.caption))
