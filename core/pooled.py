"""One table to analyze, from wherever it comes: a session, a project file, or a pooled file of the user's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.analysis import Pooled, table_fingerprint
from core.errors import UserError, Where
from core.intake import read_file
from core.mapping import Reading
from core.plan import Columns, Plan, protocol_plan
from core.progress import Progress, silent
from core.protocol import Protocol
from core.protocol_files import load_conversion_tables, load_protocol
from core.readers import read_grids
from core.session import Session
from core.sources import Cell, RawTable, SourceFile, raw_text
from core.table_layout import choose_grid, find_table
from core.values import number_format_of, parse_column


def pooled_from_session(session: Session, progress: Progress = silent) -> Pooled:
    """The harmonized data of a session. Raises UserError if there is no usable study."""
    data = session.harmonized(progress)
    return Pooled(
        frame=data.patients,
        name=session.name,
        protocol=session.protocol,
        conversion_tables=session.conversion_tables,
        sources={name: source.sha256 for name, source in session.sources.items()},
        study_labels={study.study: study.name for study in session.registry.studies},
        rows_left_out=tuple(row for study in data.studies for row in study.flow if row.unit == "rows"),
        issues=session.issues(),
        synthetic=session.synthetic,
        fingerprint=session.inputs_fingerprint,
    )


def pooled_from_file(source: SourceFile, plan: Plan | None, protocol: Protocol) -> tuple[Pooled, Plan]:
    """A pooled table (a row a patient) read from a file, and the plan to use for it.

    Without a plan, columns named by the protocol's keys give the protocol's plan, restricted to what is there.
    Raises UserError if the file cannot be read, or no plan is given and none can be made.
    """
    table = find_table(choose_grid(read_grids(source), Reading()))
    columns = plan.columns if plan is not None else Columns()
    frame = table_frame(table, keep_text={columns.study, columns.patient})
    chosen = plan if plan is not None else _plan_for(frame, protocol, source.name)
    follows = {chosen.columns.study, chosen.columns.arm, f"{protocol.primary_scale}_baseline"} <= set(frame.columns)
    pooled = Pooled(
        frame=frame,
        name=source.name,
        protocol=protocol if follows else None,
        conversion_tables=load_conversion_tables(protocol) if follows else {},
        sources={source.name: source.sha256},
        issues=table.issues,
        fingerprint=table_fingerprint(frame, chosen),
    )
    return pooled, chosen


def pooled_from_export(folder: Path, plan: Plan) -> Pooled:
    """The pooled table of a folder that was exported before, with the protocol kept beside it."""
    source = read_file(folder / "harmonized.csv")
    kept = folder / "protocol.json"
    protocol = load_protocol(kept) if kept.is_file() else None
    table = find_table(choose_grid(read_grids(source), Reading()), Reading(header_row=1, header_rows=1))
    return Pooled(
        frame=table_frame(table, keep_text={plan.columns.study, plan.columns.patient}),
        name=source.name,
        protocol=protocol,
        conversion_tables=load_conversion_tables(protocol, folder) if protocol else {},
    )


def _plan_for(frame: pd.DataFrame, protocol: Protocol, name: str) -> Plan:
    plan = protocol_plan(protocol)
    there = set(frame.columns)
    if not {plan.columns.study, plan.columns.arm} <= there:
        raise UserError(f"The table has no columns named {plan.columns.study} and {plan.columns.arm}.",
                        Where(file=name), "Give a plan with --plan that names the columns of this table.")
    outcomes = tuple(o for o in plan.outcomes if {o.baseline, o.followup} <= there)
    if not outcomes:
        needed = ", ".join(f"{o.baseline} and {o.followup}" for o in plan.outcomes)
        raise UserError(f"The table has no outcome columns of the protocol ({needed}).", Where(file=name),
                        "Give a plan with --plan that names the outcomes of this table.")
    moderators = tuple(m for m in plan.moderators if m.name in there)
    kept = {m.name for m in moderators}
    sets = tuple(s for s in plan.sets if set(s.moderators) <= kept)
    return plan.model_copy(update={"outcomes": outcomes, "moderators": moderators, "sets": sets})


def table_frame(table: RawTable, keep_text: set[str]) -> pd.DataFrame:
    """A raw table as a DataFrame: a column whose every filled cell is a number becomes float64, others stay text.

    Columns in `keep_text` stay text (identifiers keep their leading zeros). Raises UserError for a column whose
    numbers can be read in two ways.
    """
    frame: dict[str, np.ndarray] = {}
    for column in table.columns:
        texts = np.array([raw_text(cell) for cell in column.cells], dtype=object)
        texts[texts == ""] = None
        frame[column.name] = texts
        if column.name in keep_text or not column.counts:
            continue
        numbers = _numbers(column.name, column.cells, table)
        if numbers is not None:
            frame[column.name] = numbers
    return pd.DataFrame(frame)


def _numbers(name: str, cells: tuple[Cell, ...], table: RawTable) -> np.ndarray | None:
    number_format, reason = number_format_of(cells)
    if number_format is None:
        raise UserError(f'The numbers in column "{name}" can be read in two ways: {reason}.',
                        Where(file=table.file, sheet=table.sheet, column=name),
                        "Write them with a decimal point and without thousands marks.")
    parsed = parse_column(cells, number_format)
    return None if len(parsed.unreadable) else parsed.values
