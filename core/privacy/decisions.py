"""What is done with a column that could tell who a patient is, as data."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from core.documents import Document

Action = Literal["drop", "year", "shift", "hash", "cap", "keep"]

WORDS: dict[Action, str] = {
    "drop": "Drop it", "year": "Keep the year only", "shift": "Shift the dates", "hash": "Replace by codes",
    "cap": "Ages over 89 become 90", "keep": "Keep it",
}
"""What the choices are called."""
DONE: dict[Action, str] = {
    "drop": "Dropped", "year": "Year kept", "shift": "Dates shifted", "hash": "Replaced by codes",
    "cap": "Ages over 89 are 90", "keep": "Kept",
}
"""What they are called once they are carried out."""


class ColumnDecision(Document):
    """One column of one file, known by its name, so that the decision holds for a file sent again."""

    file: str
    sheet: str | None = None
    column: str
    action: Action
    looks: str = ""
    """What it looked like, to be read beside the decision once it is gone: "patients' names"."""
    codes: tuple[str, ...] = ()
    """Texts that mean "missing" in a column of ages and stay as they are (99)."""
    reason: str = ""
    """Why it may stay as it is; required to keep it."""
    by: str = ""
    at: str = ""


class Privacy(Document):
    """All decisions of a project, and the key that codes and shifts come from, which never leaves the project file."""

    key: str = Field(default_factory=lambda: secrets.token_hex(16))
    decisions: tuple[ColumnDecision, ...] = ()

    def with_decisions(self, decided: Iterable[ColumnDecision]) -> Privacy:
        """The document with columns decided anew."""
        kept = {_column(one): one for one in self.decisions}
        kept.update({_column(one): one for one in decided})
        return self.model_copy(update={"decisions": tuple(kept.values())})

    def of_file(self, file: str) -> tuple[ColumnDecision, ...]:
        """The decisions on one file's columns."""
        return tuple(one for one in self.decisions if one.file == file)

    def of_column(self, file: str, sheet: str | None, column: str) -> ColumnDecision | None:
        """The decision on one column; None while there is none."""
        return next((one for one in self.decisions if _column(one) == (file, sheet, column)), None)

    def without_key(self) -> str:
        """The document as the audit trail keeps it."""
        return self.model_copy(update={"key": ""}).canonical_json()


def _column(one: ColumnDecision) -> tuple[str, str | None, str]:
    return (one.file, one.sheet, one.column)
