"""Everything `analyze` and `demo` write (CONTRACT section 5), each file whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.analysis import Pooled
from core.cohort import build_cohort
from core.conversion import conversion_csv
from core.credibility import iceman_table
from core.credibility_answers import forms_of
from core.extras import NOTHING_MORE, Asked, reproduce, write_more
from core.file_writer import FileWriter
from core.formula_guard import guarded
from core.plan_lock import differences
from core.progress import Progress, silent, subrange
from core.results import Results
from core.tables import Table, issues_table, result_tables
from core.workers import Workers, run_each, shared

if TYPE_CHECKING:
    from core.cohort import Cohort
    from core.figure_choices import FigureChoices
    from core.figures import FigureSpec
    from core.labels import Labels
    from core.protocol import Protocol
    from core.registry import Judgments

    MadeOf = tuple[Results, Cohort, Labels, Protocol | None, FigureChoices, Judgments]
    """What figures are made of."""

KINDS = ("png", "svg")
"""What figures are written as, whatever is asked for."""
MORE_KINDS = ("pdf", "tiff")
"""What they are written as beside, where a person asks for it."""


def export_all(folder: Path, results: Results, pooled: Pooled, progress: Progress = silent,
               sections: frozenset[str] | None = None, workers: int | Workers = 1,
               asked: Asked = NOTHING_MORE) -> tuple[Path, ...]:
    """Write plan, data, numbers, tables, figures and report into a folder; the paths written.

    `sections` are the keys of the report's sections to keep (`core.report.sections.SECTIONS`), by default all; `asked`
    is what is wanted beside. Raises UserError if the folder cannot be written, or what is asked for cannot be had.
    """
    from core.figures import figures_for
    from core.report.content import report_content
    from core.report.document import write_document
    from core.report.web_page import web_page

    program = asked.prepared(results.plan)
    cohort = build_cohort(pooled.frame, results.plan, pooled.place)
    labels = pooled.labels
    made_of = (results, cohort, labels, pooled.protocol, pooled.figure_choices, pooled.judgments)
    figures = figures_for(*made_of)
    writer = FileWriter(folder)
    progress(0.0, "Writing tables")
    write_numbers(writer, results, cohort, pooled)
    reproduced = ""
    if program is not None:
        reproduced = reproduce(writer, program, subrange(progress, 0.05, 0.5))
        progress = subrange(progress, 0.5, 1.0)
    content = report_content(results, cohort, figures, pooled, sections, labels, reproduced)
    kinds = (*KINDS, *asked.kinds)
    _draw_side_by_side(figures, made_of, kinds, workers, subrange(progress, 0.1, 0.5))
    _write_figures(writer, figures, kinds, subrange(progress, 0.5, 0.6))
    progress(0.6, "Writing the report")
    writer.file("report.docx", lambda path: write_document(path, content))
    progress(0.8, "Writing the web page")
    writer.text("report.html", web_page(content))
    write_more(writer, asked, content, subrange(progress, 0.9, 1.0))
    progress(1.0, "Files are written")
    return tuple(writer.written)


def write_numbers(writer: FileWriter, results: Results, cohort: Cohort, pooled: Pooled) -> None:
    """Plan, data, tables and every number, and the scripts that repeat them."""
    from core.report.r_script import python_scripts, r_script
    from core.report.workbook import write_workbook

    tables = (*result_tables(results), iceman_table(forms_of(results, cohort, pooled.credibility)))
    writer.text("plan.json", results.plan.pretty_json())
    if pooled.protocol is not None:
        _write_protocol(writer, pooled)
    if not pooled.figure_choices.is_default:
        writer.text("figure_style.json", pooled.figure_choices.pretty_json())
    writer.text("harmonized.csv", csv_of_frame(pooled.frame))
    for table in tables:
        writer.text(f"tables/{table.name}.csv", csv_of_table(table))
    writer.text("issues.csv", csv_of_table(issues_table(results.issues)))
    writer.text("results.json", results_document(results, tables, writer.hashes, pooled))
    writer.file("tables.xlsx", lambda path: write_workbook(path, tables, results))
    writer.text("reproduce.R", r_script(results, pooled.protocol))
    for name, script in python_scripts().items():
        writer.text(name, script)


def _draw_side_by_side(figures: tuple[FigureSpec, ...], made_of: MadeOf, kinds: tuple[str, ...],
                       workers: int | Workers, progress: Progress) -> None:
    """The figures rendered by several processes, where there are several; the same bytes as by one."""
    with shared(workers) as processes:
        if processes.count < 2:
            return
        parts = 4 * processes.count
        places = [tuple(range(first, len(figures), parts)) for first in range(min(parts, len(figures)))]
        drawn = run_each(partial(_drawn, made_of, kinds), places, processes, progress,
                         lambda own: f"Drawing {figures[own[0]].title}")
    for own, contents in zip(places, drawn, strict=True):
        for place, content in zip(own, contents, strict=True):
            for kind in kinds:
                figures[place].keep(kind, content[kind])


def _drawn(made_of: MadeOf, kinds: tuple[str, ...], places: tuple[int, ...],
           progress: Progress) -> list[dict[str, bytes]]:
    from core.figures import figures_for

    figures = figures_for(*made_of)
    return [{kind: figures[place].rendered(kind) for kind in kinds} for place in places]


def _write_figures(writer: FileWriter, figures: tuple[FigureSpec, ...], kinds: tuple[str, ...],
                   progress: Progress) -> None:
    for index, figure in enumerate(figures):
        progress(index / len(figures), f"Drawing {figure.title}")
        for kind in kinds:
            writer.file(f"figures/{figure.key}.{kind}", lambda path, f=figure: f.save(path))  # type: ignore[misc]


def _write_protocol(writer: FileWriter, pooled: Pooled) -> None:
    """The protocol and its conversion tables: with them the folder can be recomputed on its own."""
    assert pooled.protocol is not None
    writer.text("protocol.json", pooled.protocol.pretty_json())
    for conversion in pooled.protocol.conversions:
        if conversion.table in pooled.conversion_tables:
            writer.text(conversion.table, conversion_csv(pooled.conversion_tables[conversion.table], conversion))


def results_document(results: Results, tables: tuple[Table, ...], files: Mapping[str, str],
                     pooled: Pooled | None = None) -> str:
    """All numbers as JSON, full precision, with what it takes to get them again.

    `files` are SHA-256 of the files written beside it; `digest` is that of the document itself without `digest`.
    `pooled` tells when the plan was locked.
    """
    provenance = results.provenance
    document: dict[str, Any] = {
        "program": provenance.program,
        "libraries": dict(provenance.libraries),
        "sources": dict(provenance.sources),
        "seed": provenance.seed,
        "protocol": provenance.protocol,
        "synthetic": provenance.synthetic,
        "inputs": results.inputs,
        "plan": results.plan.model_dump(mode="json", by_alias=True),
        "plan_fingerprint": results.plan.fingerprint,
        "plan_lock": _lock_document(results, pooled) if pooled is not None else None,
        "tables": {table.name: table.records() for table in tables},
        "files": dict(files),
    }
    document["digest"] = digest_of(document)
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _lock_document(results: Results, pooled: Pooled) -> dict[str, Any] | None:
    """When and by whom the plan was locked, and what was changed since; None: it never was."""
    locked = pooled.plan_lock
    if locked is None:
        return None
    changes = differences(locked.plan, results.plan, notes=pooled.plan_notes)
    return {"at": locked.at, "by": locked.by, "fingerprint": locked.plan_fingerprint,
            "results_seen": locked.results_seen, "changes": [vars(change) for change in changes]}


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of everything in a results document but its `digest`."""
    content = json.dumps({key: value for key, value in document.items() if key != "digest"}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def csv_of_table(table: Table) -> str:
    """A table as CSV: comma, point, empty for missing, full precision."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(map(guarded, table.columns))
    writer.writerows([_plain(value) for value in row] for row in table.rows)
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    return _guarded_cell(value)


def _guarded_cell(value: Any) -> Any:
    return guarded(value) if isinstance(value, str) else value


def csv_of_frame(frame: pd.DataFrame) -> str:
    """A pooled table as CSV; columns of whole numbers without a decimal point."""
    tidy = frame.copy()
    for name in tidy.columns:
        column = tidy[name]
        if not pd.api.types.is_float_dtype(column):
            if pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column):
                tidy[name] = column.map(_guarded_cell)
            continue
        filled = column.dropna()
        if ((filled.abs() < 2**53) & (filled % 1 == 0)).all():
            tidy[name] = column.astype("Int64")
    tidy.columns = [guarded(str(name)) for name in tidy.columns]
    return str(tidy.to_csv(index=False, lineterminator="\n"))
