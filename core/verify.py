"""Recompute the numbers of an exported folder from its own data and plan, and compare (CONTRACT section 1).

Beside the numbers, every file whose hash `results.json` keeps must be as it was written: a change in a column that no
number depends on is a change all the same.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.analysis import run_analysis
from core.documents import parse_document
from core.errors import UserError, Where
from core.export import digest_of
from core.formula_guard import unguarded
from core.intake import read_file
from core.plan import Plan
from core.pooled import pooled_from_export
from core.progress import Progress, silent
from core.tables import Table, Value, result_tables

TOLERANCE = 1e-6
"""Relative; a recomputation on another machine may differ in the last digits of an optimum."""


def verify_folder(folder: Path, progress: Progress = silent) -> tuple[str, ...]:
    """Every number in `results.json` and `tables/` that a recomputation does not give, one sentence each.

    Raises UserError if the folder lacks what is needed.
    """
    plan = parse_document(Plan, _content(folder, "plan.json"), "plan", "plan.json")
    document = _document(folder)
    stored = document["tables"]
    differences = _changed(folder, document, plan)
    results = run_analysis(pooled_from_export(folder, plan), plan, progress=progress)
    for table in result_tables(results):
        written = _written_table(folder, table)
        differences += _compare(f"tables/{table.name}.csv", table, written)
        differences += _compare(f"results.json, {table.name}", table, stored.get(table.name))
    return tuple(differences)


def _content(folder: Path, name: str) -> bytes:
    path = folder / name
    if not path.is_file():
        raise UserError(f'The folder has no "{name}".', Where(file=name),
                        "Give a folder that `analyze` or `demo` has written.")
    return read_file(path).content


def _document(folder: Path) -> Mapping[str, Any]:
    try:
        document: Mapping[str, Any] = json.loads(_content(folder, "results.json"))
        if not all(isinstance(document[part], dict) for part in ("tables", "files", "plan")):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError("The results are not readable.", Where(file="results.json"),
                        "Write the folder again with `analyze`.") from None
    return document


def _changed(folder: Path, document: Mapping[str, Any], plan: Plan) -> list[str]:
    """Files that are not as they were written, and parts of results.json that do not fit the plan."""
    differences = []
    for name, digest in document["files"].items():
        path = folder / name
        if not path.is_file():
            differences.append(f"{name}: the file is missing.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            differences.append(f"{name}: the file is not as it was written.")
    if document.get("digest") != digest_of(document):
        differences.append("results.json: the file is not as it was written.")
    if document["plan"] != plan.model_dump(mode="json", by_alias=True) or document.get("seed") != plan.seed:
        differences.append("results.json: its plan or seed is not that of plan.json.")
    return differences


def _written_table(folder: Path, table: Table) -> list[dict[str, Any]]:
    text = _content(folder, f"tables/{table.name}.csv").decode("utf-8", errors="replace")
    return [{name: unguarded(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
            for row in csv.DictReader(io.StringIO(text, newline=""))]


def _compare(place: str, table: Table, written: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """What differs between a recomputed table and the one that was written."""
    if written is None:
        return [f"{place}: the table is missing."]
    expected = [record for record in table.records() if _is_recomputable(table, record)]
    found = [record for record in written if _is_recomputable(table, record)]
    if len(found) != len(expected):
        return [f"{place}: {len(found)} rows, recomputed {len(expected)}."]
    differences = []
    for number, (one, other) in enumerate(zip(expected, found, strict=True), start=1):
        for column, value in one.items():
            if not _same(value, other.get(column)):
                differences.append(f"{place}, row {number}, {column}: {other.get(column)!r}, recomputed {value!r}.")
    return differences


def _is_recomputable(table: Table, record: Mapping[str, Any]) -> bool:
    """Rows left out before the pooled table was made (later infusions, duplicates) cannot be counted from it."""
    return not (table.name == "flow" and record.get("unit") == "rows")


def _same(expected: Value, found: Any) -> bool:
    if expected is None:
        return found is None or found == ""
    if isinstance(expected, bool):
        return found in (expected, str(expected).lower())
    if isinstance(expected, (int, float)):
        try:
            number = float(found)
        except (TypeError, ValueError):
            return False
        return math.isclose(number, expected, rel_tol=TOLERANCE, abs_tol=1e-9)
    return str(found if found is not None else "") == expected
