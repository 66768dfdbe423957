"""What can go wrong with a user's input, as data.

An `Issue` is returned: something about the data that a person should see, while the rest goes on.
A `UserError` is raised: the thing asked for cannot be done at all. Anything else that is raised is a bug of ours.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """How much an issue matters, most first."""

    ERROR = "error"  # something could not be used
    QUESTION = "question"  # the program will not guess; a person must say
    WARNING = "warning"  # used, but look at it
    NOTE = "note"  # done, and worth knowing

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Where:
    """The place an issue concerns; every part may be unknown. Rows are the file's own, counted from 1."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    study: str | None = None
    variable: str | None = None
    patient: str | None = None

    def __str__(self) -> str:
        """For example: `trial3.xlsx, sheet Data, row 14, column MADRS_24h`."""
        parts = [self.file or (f"study {self.study}" if self.study else None)]
        parts += [f"{name} {value}" for name, value in
                  (("sheet", self.sheet), ("row", self.row), ("column", self.column)) if value is not None]
        return ", ".join(part for part in parts if part)


NOWHERE = Where()


@dataclass(frozen=True)
class Issue:
    """One thing a person should know or answer.

    `code` is a stable short name (`baseline_not_positive`), `text` one plain sentence, `remedy` what to do about it.
    """

    severity: Severity
    code: str
    text: str
    where: Where = NOWHERE
    remedy: str = ""

    def at(self, **parts: object) -> Issue:
        """The same issue with parts of its place filled in."""
        return replace(self, where=replace(self.where, **parts))  # type: ignore[arg-type]

    def __str__(self) -> str:
        place = str(self.where)
        return f"{place}: {self.text} {self.remedy}".strip() if place else f"{self.text} {self.remedy}".strip()


def gravest_first(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Issues by severity; the order within a severity is kept."""
    return tuple(sorted(issues, key=lambda issue: issue.severity.rank))


class UserError(Exception):
    """The input or the call is at fault: what happened, where, what to do. Shown as it is, without a traceback."""

    def __init__(self, text: str, where: Where = NOWHERE, remedy: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.where = where
        self.remedy = remedy

    def as_issue(self, code: str) -> Issue:
        """The same fault as an issue, where the rest can go on without the thing that failed."""
        return Issue(Severity.ERROR, code, self.text, self.where, self.remedy)

    def __str__(self) -> str:
        return str(Issue(Severity.ERROR, "", self.text, self.where, self.remedy))


def describe_bug(fault: BaseException) -> str:
    """Where a bug struck, without any value of the user's data: the kind of exception and the places in our code."""
    frames = traceback.extract_tb(fault.__traceback__)
    places = [f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    return f"{type(fault).__name__} in {' < '.join(reversed(places[-4:]))}."
