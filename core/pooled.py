"""One table to analyze, from wherever it comes: a session, a project file, or a pooled file of the user's own."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.analysis import Pooled, table_fingerprint
from core.conversion import ConversionTable, convert
from core.errors import Issue, Severity, UserError, Where
from core.formula_guard import unguarded
from core.harmonized import SCORE_ORIGIN
from core.intake import read_file
from core.mapping import DecimalMark, NumberFormat, Reading
from core.plan import Plan, protocol_plan
from core.pooled_columns import FILE_ROWS, numeric_column
from core.preparation import preparations
from core.progress import Progress, silent
from core.protocol import Protocol
from core.protocol_files import load_conversion_tables, load_protocol
from core.readers import read_grids
from core.session import Session
from core.sources import RawColumn, RawTable, SourceFile, raw_text
from core.table_layout import choose_grid, find_table
from core.values import decimal_marks, is_missing_word, number_format_of, parse_column


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
        plan_lock=session.plan_lock,
        plan_notes=session.plan_notes,
        preparations=preparations(session),
        fingerprint=session.inputs_fingerprint,
        credibility=session.credibility,
        study_years=session.study_years,
        figure_choices=session.figure_choices,
    )


def pooled_from_file(source: SourceFile, plan: Plan | None, protocol: Protocol,
                     folder: Path | None = None) -> tuple[Pooled, Plan]:
    """A pooled table (a row a patient) read from a file, and the plan to use for it.

    Without a plan, columns named by the protocol's keys give the protocol's plan, restricted to what is there. The
    protocol's conversion tables may stand in `folder`. Raises UserError if the file cannot be read, a column the plan
    names is not plain, or no plan is given and none can be made.
    """
    table = find_table(choose_grid(read_grids(source), Reading()))
    place = Where(file=source.name, sheet=table.sheet)
    names = set(table.columns_by_name)
    chosen = plan if plan is not None else _plan_for(names, protocol, place)
    used = columns_used(chosen)
    _refuse_second_columns(table, used)
    frame = table_frame(table, keep_text={chosen.columns.study, chosen.columns.patient}, used=used)
    follows = {chosen.columns.study, chosen.columns.arm, f"{protocol.primary_scale}_baseline"} <= names
    tables = load_conversion_tables(protocol, folder) if follows else {}
    issues = _converted_as_planned(frame, chosen, protocol, tables, place) if follows else _not_converted(chosen, place)
    pooled = Pooled(
        frame=frame,
        name=source.name,
        protocol=protocol if follows else None,
        conversion_tables=tables,
        sources={source.name: source.sha256},
        issues=(*table.issues, *issues),
        fingerprint=table_fingerprint(frame, chosen),
        sheet=table.sheet,
    )
    return pooled, chosen


def pooled_from_export(folder: Path, plan: Plan) -> Pooled:
    """The pooled table of a folder that was exported before, with the protocol kept beside it.

    Read as it was written, whatever a cell may resemble: decimal points, empty for missing, nothing left out.
    """
    source = read_file(folder / "harmonized.csv")
    kept = folder / "protocol.json"
    protocol = load_protocol(kept) if kept.is_file() else None
    return Pooled(
        frame=_exported_frame(source, keep_text={plan.columns.study, plan.columns.patient}),
        name=source.name,
        protocol=protocol,
        conversion_tables=load_conversion_tables(protocol, folder) if protocol else {},
    )


def _exported_frame(source: SourceFile, keep_text: set[str]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(io.BytesIO(source.content), dtype=str, keep_default_na=False, encoding="utf-8")
    except (ValueError, UnicodeDecodeError):
        raise UserError("The table is not as it was written.", Where(file=source.name),
                        "Write the folder again with `analyze`.") from None
    frame.columns = [unguarded(name) for name in frame.columns]
    for name in frame.columns:
        texts = frame[name].map(unguarded).mask(frame[name] == "", None).astype(object)
        numbers = pd.to_numeric(texts, errors="coerce")
        is_numeric = name not in keep_text and texts.notna().any() and (numbers.notna() | texts.isna()).all()
        frame[name] = numbers.astype(float) if is_numeric else texts.where(texts.notna(), None)
    return frame


def columns_used(plan: Plan) -> set[str]:
    """Every column of a pooled table that the plan names."""
    outcomes = (name for one in plan.every_outcome for name in (one.baseline, one.followup, one.value))
    return {plan.columns.study, plan.columns.patient, plan.columns.arm, *filter(None, outcomes),
            *(moderator.name for moderator in plan.moderators), *(rule.column for rule in plan.include)}


def _plan_for(there: set[str], protocol: Protocol, place: Where) -> Plan:
    plan = protocol_plan(protocol)
    if not {plan.columns.study, plan.columns.arm} <= there:
        raise UserError(f"The table has no columns named {plan.columns.study} and {plan.columns.arm}.", place,
                        "Give a plan with --plan that names the columns of this table.")
    outcomes = tuple(o for o in plan.outcomes if {o.baseline, o.followup} <= there)
    if not outcomes:
        needed = ", ".join(f"{o.baseline} and {o.followup}" for o in plan.outcomes)
        raise UserError(f"The table has no outcome columns of the protocol ({needed}).", place,
                        "Give a plan with --plan that names the outcomes of this table.")
    moderators = tuple(m for m in plan.moderators if m.name in there)
    kept = {m.name for m in moderators}
    sets = tuple(s for s in plan.sets if set(s.moderators) <= kept)
    return plan.model_copy(update={"outcomes": outcomes, "moderators": moderators, "sets": sets}).consistent


def _refuse_second_columns(table: RawTable, used: set[str]) -> None:
    for issue in table.issues:
        # the second column of a name is shown with a number behind it: "age (2)"
        name = re.sub(r" \(\d+\)$", "", issue.where.column or "")
        if issue.code == "duplicate_name" and name in used:
            raise UserError(f'Two columns are called "{name}", which the plan names.',
                            replace(issue.where, row=table.header_row or None, column=name),
                            "Rename one of them, so that the plan means one.")


def table_frame(table: RawTable, keep_text: set[str], used: set[str]) -> pd.DataFrame:
    """A raw table as a DataFrame: a column whose every filled cell is a number becomes float64, others stay text.

    Columns in `keep_text` stay text (identifiers keep their leading zeros). The index holds the file's row numbers.
    Raises UserError for a column in `used` whose numbers can be read in two ways.
    """
    frame: dict[str, np.ndarray] = {}
    formats = {c.name: number_format_of(c.cells) for c in table.columns if c.name not in keep_text and c.counts}
    is_plain = all(number_format is not None for number_format, _ in formats.values())
    mark = None if is_plain else _mark_of_file(table.columns)
    for column in table.columns:
        texts = np.array([unguarded(raw_text(cell)) for cell in column.cells], dtype=object)
        texts[texts == ""] = None
        frame[column.name] = texts
        if column.name not in formats:
            continue
        number_format, reason = formats[column.name]
        if number_format is None and mark is not None:
            number_format = NumberFormat(decimal=mark, missing=tuple(filter(is_missing_word, column.counts)))
        if number_format is not None:
            parsed = parse_column(column.cells, number_format)
            if not len(parsed.unreadable):
                frame[column.name] = parsed.values
        elif column.name in used:
            raise UserError(f'The numbers in column "{column.name}" can be read in two ways: {reason}.',
                            Where(file=table.file, sheet=table.sheet, column=column.name),
                            "Write them with a decimal point and without thousands marks.")
    return pd.DataFrame(frame, index=pd.Index(table.rows, name=FILE_ROWS))


def _mark_of_file(columns: Sequence[RawColumn]) -> DecimalMark | None:
    """The one decimal mark that the file's other columns use beyond doubt."""
    told = {marks for column in columns if len(marks := decimal_marks(column.cells)) == 1}
    return next(iter(told.pop())) if len(told) == 1 else None


def _not_converted(plan: Plan, place: Where) -> list[Issue]:
    if plan.conversion == "midpoint":
        return []
    return [Issue(Severity.WARNING, "conversion_not_applied",
                  f'The plan\'s conversion "{plan.conversion}" changes nothing here: the table does not say which '
                  "scores are converted, so scores are used as they stand.", place,
                  f"Give a table with the columns of the protocol and `{SCORE_ORIGIN}`, or analyze the project.")]


def _converted_as_planned(frame: pd.DataFrame, plan: Plan, protocol: Protocol, tables: dict[str, ConversionTable],
                          place: Where) -> list[Issue]:
    """Convert, in place, the scores marked as converted anew where the plan's choice gives others."""
    if SCORE_ORIGIN not in frame:
        return _not_converted(plan, place)
    converted = (frame[SCORE_ORIGIN] == "converted").to_numpy(dtype=bool)
    changed = 0
    for route in protocol.conversions:
        for time in ("baseline", *(timepoint.key for timepoint in protocol.timepoints)):
            source, target = f"{route.source}_{time}", f"{route.target}_{time}"
            if source in frame and target in frame:
                old = numeric_column(frame, target, place)
                wanted = convert(numeric_column(frame, source, place), tables[route.table], plan.conversion)
                new = np.where(converted, wanted, old)
                changed += int((~np.isclose(new, old, rtol=0, atol=1e-9, equal_nan=True)).sum())
                frame[target] = new
    if not changed:
        return []
    return [Issue(Severity.NOTE, "converted_anew",
                  f"{changed} converted scores of the table are not those of the plan's conversion "
                  f'"{plan.conversion}" and were converted anew from their originals.', place)]
