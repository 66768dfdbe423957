"""How names and cells say what they mean, by a protocol's word lists: in any language, word order and inflection."""

from __future__ import annotations

from collections.abc import Iterator, Sized

from pydantic import Field

from core.documents import Document


def is_empty(value: Sized) -> bool:
    """Whether a field holds nothing, so that it is left out of what is stored."""
    return not value


class Meaning(Document):
    """Rules name word lists: "@failed @treatment" is met by a word of each."""

    named: tuple[str, ...] = Field(default=(), exclude_if=is_empty)
    """What the name of a column holds, in any order."""
    categories: tuple[str, ...] = Field(default=(), exclude_if=is_empty)
    """The same for columns of categories ("@marital @status")."""
    beside: str = Field(default="", exclude_if=is_empty)
    """Lists whose words may stand beside those and change nothing; any other word is a doubt."""
    codes: dict[str, str] = Field(default_factory=dict, exclude_if=is_empty)
    """Code -> lists any word of which means it in a cell, where the cell names no other code."""

    @property
    def lists(self) -> Iterator[str]:
        """Every list that is named, with its "@"."""
        for rule in (*self.named, *self.categories, self.beside, *self.codes.values()):
            yield from rule.split()
