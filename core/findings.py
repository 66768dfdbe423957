"""What is found while one study is harmonized: issues with their places, and every value not taken as it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core.errors import Issue, Severity, Where
from core.harmonized import Change
from core.sources import RawColumn, RawTable

Unused = Literal["unreadable", "implausible", "coded", "open"]
"""Not a number or day; out of the variable's range; a missing code; a text without a meaning yet."""
PLACES = 25
"""Rows told one by one for one problem in one column; the rest are told together. All of them are changes."""


@dataclass(frozen=True)
class Coded:
    """Missing codes of one column: how often each text stood, and the first row of the table with one."""

    column: str
    variable: str
    record: int
    counts: Counter[str]


@dataclass
class Findings:
    """Collects issues and changes of one study; `table` gives file, sheet and row numbers to their places."""

    study: str
    table: RawTable
    issues: list[Issue] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    coded: list[Coded] = field(default_factory=list)
    unused: dict[int, Unused] = field(default_factory=dict)
    """Why a row of the table gives no value, as far as a rule said so: the last reason by row."""
    implausible: dict[int, float] = field(default_factory=dict)
    """The values of those that are not plausible."""

    def add(self, severity: Severity, code: str, text: str, remedy: str = "", *, record: int | None = None,
            column: str | None = None, variable: str | None = None, patient: str | None = None) -> None:
        """One issue; `record` is the index of a row in the table."""
        sheet, row = (self.table.sheet, None) if record is None else self.table.place(record, column)
        where = Where(self.table.file, sheet, row, column, self.study, variable, patient)
        self.issues.append(Issue(severity, code, text, where, remedy))

    def add_each(self, severity: Severity, code: str, records: Sequence[int], text: Callable[[int], str],
                 remedy: str = "", *, column: str | None = None, variable: str | None = None,
                 patients: Sequence[str] | None = None) -> None:
        """One issue a row, the j-th with `text(j)`; beyond the first PLACES one issue counts the others."""
        for j, record in enumerate(records[:PLACES]):
            self.add(severity, code, text(j), remedy, record=int(record), column=column, variable=variable,
                     patient=patients[j] if patients is not None else None)
        rest = len(records) - PLACES
        if rest > 0:
            self.add(severity, code, f"The same in {rest} more {'row' if rest == 1 else 'rows'}.", remedy,
                     record=int(records[PLACES]), column=column, variable=variable)

    def tell_missing_codes(self) -> None:
        """One note on all missing codes of the study; every one of them is a change as well."""
        if not self.coded:
            return
        total = sum((one.counts for one in self.coded), Counter[str]())
        named = ", ".join(f'"{text}" {n} times' if n > 1 else f'"{text}" once' for text, n in total.items())
        first = self.coded[0]
        if len(self.coded) == 1:
            self.add(Severity.NOTE, "missing_codes", f"Missing codes set empty: {named}.", record=first.record,
                     column=first.column, variable=first.variable)
            return
        columns = ", ".join(f"{one.column} ({one.counts.total()})" for one in self.coded)
        self.add(Severity.NOTE, "missing_codes", f"Missing codes set empty: {named}. Columns: {columns}.")

    def unuse_values(self, records: Sequence[int], values: Sequence[float]) -> None:
        """These rows of the table give values that are not plausible."""
        self.unuse(records, "implausible")
        self.implausible |= dict(zip(map(int, records), values, strict=True))

    def unuse(self, records: Iterable[int], why: Unused) -> None:
        """These rows of the table give no value."""
        self.unused |= dict.fromkeys(map(int, records), why)

    def change(self, patient: str, variable: str, text: str, record: int | None = None) -> None:
        """One value that was not taken as it stands."""
        row = None if record is None else self.table.place(record).row
        self.changes.append(Change(self.study, patient, variable, text, row))

    def column(self, name: str, variable: str | None = None) -> RawColumn | None:
        """A column of the table; None, with an issue, if the file does not have it (any more)."""
        found = self.table.columns_by_name.get(name)
        if found is None and not any(i.code == "column_missing" and i.where.column == name for i in self.issues):
            self.add(Severity.ERROR, "column_missing", f'The file has no column "{name}" any more.',
                     "Choose another column for it on the Map page.", column=name, variable=variable)
        return found

    def file_rows(self, records: np.ndarray) -> np.ndarray:
        """The numbers of the table's records, in a table of one sheet the file's own; 0 for -1."""
        return np.append(np.asarray(self.table.rows, dtype=int), 0)[records]
