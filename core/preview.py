"""What a rule makes of every distinct value, by the same computation that harmonizes, before it is taken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from core.findings import Findings, Unused
from core.mapping import Constant, Decision, Rule, Unavailable, Undecided
from core.protocol import Variable
from core.records import Records
from core.rule_columns import columns_of
from core.sources import RawColumn, RawTable, raw_text
from core.text_search import WordLists
from core.variables import values_by_rule

MOST = 2000
"""Distinct combinations computed; the rows of the others are counted."""
State = Literal["value", "missing"] | Unused


@dataclass(frozen=True)
class PreviewRow:
    """One distinct combination of texts of the rule's columns, what it becomes and how many rows have it."""

    raw: tuple[str, ...]
    becomes: str | float | None
    """A number, or a category's code; None where there is no value. One that is not plausible is not used."""
    state: State
    count: int


@dataclass(frozen=True)
class Preview:
    """A rule's effect. `rows` in order of appearance; `rest` counts rows of combinations beyond `MOST`."""

    columns: tuple[str, ...]
    rows: tuple[PreviewRow, ...] = ()
    rest: int = 0
    problem: str = ""
    """Why nothing can be computed, in a sentence: a column that is not there, a text where a number belongs."""

    @property
    def counts(self) -> dict[State, int]:
        """Rows of the file by state."""
        found: dict[State, int] = {}
        for row in self.rows:
            found[row.state] = found.get(row.state, 0) + row.count
        return found


@dataclass(frozen=True)
class Combinations:
    """The distinct combinations of some columns' texts: how often each stands, and the row of the first."""

    table: RawTable = field(repr=False)
    columns: tuple[str, ...]
    counts: dict[tuple[str, ...], int] = field(repr=False)
    first: dict[tuple[str, ...], int] = field(repr=False)


def combinations(table: RawTable, columns: tuple[str, ...]) -> Combinations:
    """Count the combinations of columns that the table has."""
    counts: dict[tuple[str, ...], int] = {}
    first: dict[tuple[str, ...], int] = {}
    texts_of = ([raw_text(cell) for cell in table.columns_by_name[name].cells] for name in columns)
    for at, texts in enumerate(zip(*texts_of, strict=True)):
        counts[texts] = counts.get(texts, 0) + 1
        first.setdefault(texts, at)
    return Combinations(table, columns, counts, first)


def preview(rule: Rule, variable: Variable, table: RawTable, lists: WordLists,
            counted: Combinations | None = None) -> Preview:
    """Every distinct combination of the rule's columns with what it becomes; none for a rule without columns.

    `counted` saves counting the same columns again, for one rule after another.
    """
    columns = columns_of(rule)
    gone = [name for name in columns if name not in table.columns_by_name]
    if gone:
        return Preview(columns, problem=f'The file has no column "{gone[0]}".')
    if not columns or isinstance(rule, Constant | Unavailable | Undecided):
        return Preview(columns)
    if counted is None or counted.table is not table or counted.columns != columns:
        counted = combinations(table, columns)
    counts, raw = counted.counts, [table.columns_by_name[name] for name in columns]
    kept = list(counts)[:MOST]
    findings = Findings("", _table_of([counted.first[texts] for texts in kept], raw, table))
    column = values_by_rule(variable, Decision(rule=rule), _each_alone(len(kept)), lists, findings)
    problems = [issue.text for issue in findings.issues if issue.code in ("code_misfit", "words_unreadable")]
    rows = [_row(texts, findings.implausible.get(i, value), findings.unused.get(i), counts[texts])
            for i, (texts, value) in enumerate(zip(kept, column.values.tolist(), strict=True))]
    return Preview(columns, tuple(rows), sum(counts.values()) - sum(row.count for row in rows),
                   problems[0] if problems else "")


def _row(texts: tuple[str, ...], value: str | float | None, unused: Unused | None, count: int) -> PreviewRow:
    is_missing = value is None or value != value
    state: State = unused if unused and any(texts) else "missing" if is_missing else "value"
    return PreviewRow(texts, None if is_missing else value, state, count)


def _table_of(rows: list[int], columns: list[RawColumn], table: RawTable) -> RawTable:
    """A table of these rows and columns alone."""
    picked = tuple(replace(one, cells=tuple(one.cells[i] for i in rows), places=()) for one in columns)
    return replace(table, columns=picked, rows=tuple(range(1, len(rows) + 1)))


def _each_alone(n: int) -> Records:
    """Records in which each row is a patient of its own."""
    order = np.arange(n)
    return Records(patients=np.array([str(i) for i in order], dtype=object), home=order, rows=order, patient=order,
                   hours=np.full(n, np.nan), undated=np.zeros(n, dtype=bool), preferred=order, first_period=None,
                   later_rows=0, duplicate_rows=0)
