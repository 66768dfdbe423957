"""Values computed from a row's columns: products, formulas, time between two days, codes from free text."""

from __future__ import annotations

import datetime as dt

import numpy as np

from core.cells import read_numbers, texts_of
from core.dates import DateOrder, read_moments
from core.errors import Severity
from core.evaluation import Cells, evaluate
from core.expression import parse
from core.findings import Findings
from core.mapping import Elapsed, Formula, NumberFormat, Product, TextSearch
from core.records import Records
from core.sources import raw_text
from core.text_search import Searcher, WordLists, joined_text
from core.values import is_missing_word


def product(rule: Product, records: Records, findings: Findings, variable: str) -> np.ndarray:
    """The product in each row that counts, (m,), NaN where a factor is missing."""
    values = np.ones(len(records.rows))
    for factor in rule.factors:
        column = findings.column(factor.column, variable)
        if column is None:
            return np.full(len(records.rows), np.nan)
        numbers = read_numbers(column, factor.format, records, findings, variable) * factor.factor
        values = values * np.where(numbers > 0, numbers, np.nan) ** factor.power
    return values


def computed(rule: Formula, records: Records, findings: Findings, variable: str) -> np.ndarray:
    """The formula's value in each row that counts, (m,): float64 with NaN, or object with None where it gives texts."""
    def numbers(name: str) -> np.ndarray:
        column = findings.column(name, variable)
        if column is None:
            return np.full(len(records.rows), np.nan)
        return read_numbers(column, rule.formats.get(name, NumberFormat()), records, findings, variable)

    def texts(name: str) -> np.ndarray:
        column, missing = findings.column(name, variable), rule.formats.get(name, NumberFormat()).missing
        found = texts_of(column, records) if column is not None else [""] * len(records.rows)
        return np.array([None if not text or text in missing or is_missing_word(text) else text for text in found],
                        dtype=object)

    return evaluate(parse(rule.expression), Cells(len(records.rows), numbers, texts))


def searched(rule: TextSearch, records: Records, lists: WordLists, findings: Findings,
             variable: str) -> list[str | None]:
    """The code of each row that counts, None where it has none; what is not plain is a question."""
    n = len(records.rows)
    try:
        searcher = Searcher(rule, lists)
    except ValueError as fault:
        findings.add(Severity.ERROR, "words_unreadable", f"The text search cannot be done: {fault}.",
                     "Correct the rule on the Map page.", variable=variable)
        return [None] * n
    columns = [column for name in rule.columns if (column := findings.column(name, variable)) is not None]
    rows = list(zip(*(texts_of(column, records) for column in columns), strict=True)) if columns else [()] * n
    outcomes = {texts: searcher.read(texts) for texts in dict.fromkeys(rows)}
    for texts, outcome in outcomes.items():
        if outcome.question:
            at = [i for i, one in enumerate(rows) if one == texts]
            findings.unuse(records.rows[at], "open")
            text, why = joined_text(texts), f"{outcome.question[:1].upper()}{outcome.question[1:]}"
            have = "row has" if len(at) == 1 else "rows have"
            findings.add(Severity.QUESTION, "unknown_text",
                         f'What does "{text}" mean? {why}. {len(at)} {have} it; left empty.',
                         "Say what it means on the Map page, or add words to the rule.",
                         record=int(records.rows[at[0]]), column=columns[0].name, variable=variable)
    return [outcomes[texts].code for texts in rows]


def elapsed(rule: Elapsed, records: Records, findings: Findings, variable: str) -> np.ndarray:
    """Completed years, months, weeks or days in each row that counts, (m,), NaN where a day is missing."""
    since = _days(rule.since, rule.since_order, records, findings, variable)
    until = _days(rule.until, rule.until_order, records, findings, variable)
    found = np.full(len(records.rows), np.nan)
    for i in np.flatnonzero(~np.isnat(since) & ~np.isnat(until)):
        found[i] = _between(since[i].item(), until[i].item(), rule.unit)
    return found


def _between(first: dt.date, last: dt.date, unit: str) -> int:
    if unit in ("weeks", "days"):
        days = (last - first).days
        return days if unit == "days" else days // 7
    months = 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)
    return months if unit == "months" else months // 12


def _days(name: str, order: DateOrder, records: Records, findings: Findings, variable: str) -> np.ndarray:
    """A column's days in the rows that count; of a patient's rows without one, the one day the others tell."""
    column = findings.column(name, variable)
    if column is None:
        return np.full(len(records.rows), np.datetime64("NaT"), dtype="datetime64[D]")
    days = read_moments(column.cells, order).at.astype("datetime64[D]")[records.rows]
    bad = [i for i in np.flatnonzero(np.isnat(days)) if raw_text(column.cells[records.rows[i]])]
    findings.unuse(records.rows[bad], "unreadable")
    findings.add_each(
        Severity.ERROR, "unreadable", records.rows[bad].tolist(),
        lambda j: f'"{raw_text(column.cells[records.rows[bad[j]]])}" is not a day and is not used.',
        "Correct it in the file.", column=name, variable=variable)
    for patient in np.unique(records.patient[np.isnat(days)]):
        own = records.patient == patient
        told = np.unique(days[own & ~np.isnat(days)])
        if len(told) == 1:
            days[own] = told[0]
    return days
