"""Decisions carried out on a project: files become cut copies, and no rule or issue keeps a text of what was cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import Severity, UserError, Where
from core.mapping import Elapsed, Reading, Recode, StudyMapping
from core.privacy.cut import cut_grids
from core.privacy.decisions import Action, ColumnDecision
from core.privacy.findings import grids_key, grids_of, mentions, open_findings, patients_of, readings_of, study_of
from core.progress import Progress, silent, subrange
from core.readers.cut_copy import write_cut_copy
from core.registry_file import MATCHING_CODES
from core.sources import SourceFile
from core.table_layout import find_table

if TYPE_CHECKING:
    from core.session import Session

LOSES: frozenset[Action] = frozenset({"drop", "hash", "year"})
"""Choices after which a column no longer says what rules read from it."""


def suggested_decisions(session: Session, by: str = "", at: str = "") -> tuple[ColumnDecision, ...]:
    """What the program would do with every column that is open; those it would only keep stay open."""
    return tuple(finding.decided(finding.suggested, by=by, at=at) for finding in open_findings(session)
                 if finding.suggested != "keep")


def with_decisions(session: Session, decided: Iterable[ColumnDecision], progress: Progress = silent) -> Session:
    """The session with columns cut or kept. Raises UserError for a column kept without a reason."""
    decided = tuple(one for one in decided if not _is_done(session, one))
    for one in decided:
        if one.action == "keep" and not one.reason.strip():
            raise UserError("A column that could tell who a patient is is kept only with a reason.",
                            Where(one.file, one.sheet, column=one.column), "Write why it may stay in the project.")
    after = session
    files = tuple(dict.fromkeys(one.file for one in decided))
    for number, file in enumerate(files):
        part = subrange(progress, number / len(files), (number + 1) / len(files))
        part(0.0, f"Changing the copy of {file}")
        own = _with_all_dates(after, file, [one for one in decided if one.file == file])
        own = _on_all_sheets(after, file, own)
        after = replace(after, privacy=after.privacy.with_decisions(own))
        if any(one.action != "keep" for one in own):
            after = _with_cut_file(after, file, own, part)
    return after


def _is_done(session: Session, one: ColumnDecision) -> bool:
    """Whether the column was cut already: dates must not be shifted twice, and what is gone cannot be kept."""
    before = session.privacy.of_column(one.file, one.sheet, one.column)
    return before is not None and before.action != "keep"


def cut_again(session: Session, source: SourceFile) -> SourceFile:
    """A file sent again under a name that was decided on: cut as the one before, before anything keeps it."""
    decisions = [one for one in session.privacy.of_file(source.name) if one.action != "keep"]
    if not decisions:
        return source
    whole = replace(session, sources={**session.sources, source.name: source})
    return _cut(whole, source.name, decisions)


def _with_all_dates(session: Session, file: str, decided: list[ColumnDecision]) -> list[ColumnDecision]:
    """Dates are shifted together: what is open of the file's other dates goes along, or days between would be wrong."""
    shift = next((one for one in decided if one.action == "shift"), None)
    if shift is None:
        return decided
    known = {(one.sheet, one.column) for one in decided}
    return decided + [one.decided("shift", by=shift.by, at=shift.at) for one in open_findings(session)
                      if one.sign.file == file and "shift" in one.choices
                      and (one.sign.sheet, one.sign.column) not in known]


def _on_all_sheets(session: Session, file: str, decided: Sequence[ColumnDecision]) -> list[ColumnDecision]:
    """Patients' ids that become codes become codes on every sheet, or the sheets could not be put together."""
    study = study_of(session, file)
    grids = grids_of(session, file)
    readings, patients = readings_of(session, study, grids), patients_of(session, study)
    found = list(decided)
    columns = {}
    for grid in grids:
        try:
            columns[grid.sheet] = patients(grid, find_table(grid, readings(grid)))
        except UserError:
            continue
    for one in decided:
        if one.action == "hash" and columns.get(one.sheet) == one.column:
            found += [one.model_copy(update={"sheet": sheet, "column": column}) for sheet, column in columns.items()
                      if column is not None and sheet != one.sheet]
    return found


def _cut(session: Session, file: str, decisions: Sequence[ColumnDecision],
         progress: Progress = silent) -> SourceFile:
    """The cut copy of a file; what reads back from it is remembered, so that a long one is not read again."""
    study = study_of(session, file)
    grids = grids_of(session, file)
    cut = cut_grids(grids, decisions, session.privacy.key, readings_of(session, study, grids),
                    patients_of(session, study), subrange(progress, 0, 0.6))
    progress(0.6, f"Writing the copy of {file}")
    source = write_cut_copy(file, cut, session.sources[file].original_sha256)
    mapping = session.mappings.get(study or "")
    reading = mapping.reading if mapping else Reading()
    session.memo.get(grids_key(source, reading), lambda: cut)
    return source


def _with_cut_file(session: Session, file: str, decided: Sequence[ColumnDecision], progress: Progress) -> Session:
    source = _cut(session, file, [one for one in decided if one.action != "keep"], subrange(progress, 0, 0.6))
    changed = {one.column: one.action for one in decided if one.action != "keep"}
    issues = [one for one in session.import_issues if one.where.file != file or one.code in MATCHING_CODES]
    after = replace(session, sources={**session.sources, file: source})
    if session.results is not None:  # its issues may quote cells
        kept = tuple(issue for issue in session.results.issues if issue.where.file != file)
        after = replace(after, results=replace(session.results, issues=kept))
    for study in session.registry.studies:
        if study.file == file and study.study in session.mappings:
            progress(0.7, f"Finding the table of {study.name}")
            _refuse_torn_sheets(session, after, study.study)
            progress(0.8, f"Looking through the columns of {study.name}")
            after = after.with_mapping(_without(after, session.mappings[study.study], changed))
            found = (*after.table(study.study).issues, *after.suggested(study.study)[1])  # quoting the copy only
            issues += [one.at(study=study.study) for one in found if one.severity is not Severity.QUESTION]
    return replace(after, import_issues=tuple(dict.fromkeys(issues)))


def _refuse_torn_sheets(before: Session, after: Session, study: str) -> None:
    """Sheets are put together by texts; without these they would be read as other tables."""
    if before.table(study).columns_by_name.keys() != after.table(study).columns_by_name.keys():
        raise UserError("After that the sheets of the file could no longer be put together by the patients' ids.",
                        Where(before.registry.by_id[study].file, study=study),
                        "Keep the column with the ids and say why, or ask the team for one sheet.")


def _without(session: Session, mapping: StudyMapping, changed: Mapping[str, Action]) -> StudyMapping:
    """A study's rules without those that can no longer be applied, or that quote texts of a changed column."""
    lost = {name for name, action in changed.items() if action in LOSES} - {mapping.shape.patient}
    quoted = set(changed) - {mapping.shape.patient}
    shifted = {one.column for one in session.privacy.of_file(mapping.file) if one.action == "shift"}
    fresh = session.suggested(mapping.study)[0].variables
    variables = {}
    for key, decision in mapping.variables.items():
        rule = decision.rule
        if isinstance(rule, Elapsed) and _is_torn(rule.since, rule.until, shifted):
            continue
        if not mentions(rule, lost) and not (isinstance(rule, Recode) and rule.column in quoted):
            variables[key] = decision.model_copy(update={"reason": ""}) if mentions(rule, quoted) else decision
        elif key in fresh and not mentions(fresh[key].rule, lost):
            variables[key] = fresh[key]
    shape = mapping.shape
    clock = shape.clock
    if clock is not None and (mentions(clock, lost) or _is_torn(clock.since, clock.column, shifted)):
        shape = shape.model_copy(update={"clock": None})
    return mapping.model_copy(update={"variables": variables, "shape": shape})


def _is_torn(one: str, other: str, shifted: set[str]) -> bool:
    """Whether one of two dates was shifted and the other was not: the days between them are gone."""
    return (one in shifted) != (other in shifted)
