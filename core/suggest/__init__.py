"""Suggested mappings: which column is likely what, with a reason and a sureness.

The rule of the house: ask rather than guess. Names are compared as words (protocol synonyms, camelCase and run-together
names taken apart, typing errors allowed in long words), then the values must agree. Read in this order:

    words         what words mean in any clinical table
    ideas         what words mean in any language, by a protocol's word lists
    names         headers as words, codes they state, how well they name a thing
    columns       what can be told of one column
    codes         what a cell's text means
    times         "Day 7", "t240min", "pre-dose" in hours
    treatments    "KET 0.1" as treatment and dose
    score_columns a column that names a scale
    score_series  such columns beside each other: items, the baseline, bare numbers
    scores        columns of scores and when they were taken
    parameters    rows that name what was measured
    score_parts   items to be summed, changes from baseline
    identity      ids by how rows repeat
    clocks        days of treatment and of rows
    layout        patients, periods and visits in rows and columns
    allocation    columns that say who was given what
    whole_doses   doses in mg beside weights
    variables     moderators and their rules
    formulas      body mass index from weight and height, age from dates
    texts         diagnoses and lists of drugs in free text
    studies       files that hold several studies
    sites         ids that begin anew at every site
    kit           filled request kits, whose columns say what they are
    questions     what stays open
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.dates import are_moments
from core.errors import Issue, Severity, Where
from core.mapping import ScoreSource, Shape, StudyMapping
from core.protocol import Protocol
from core.registry import Study
from core.sheet_choice import SHEETS_ALIKE
from core.sources import RawTable
from core.suggest.allocation import Allocation, find_allocation
from core.suggest.clocks import words_of_clock
from core.suggest.columns import Column, read_columns
from core.suggest.formulas import suggest_formulas
from core.suggest.kit import is_kit, kit_mapping
from core.suggest.layout import Layout, find_layout, second_treatment
from core.suggest.names import Vocabulary, vocabulary
from core.suggest.parameters import Parameters, find_parameters
from core.suggest.questions import open_questions
from core.suggest.score_columns import ScaleNames, ScoreColumn, scale_names
from core.suggest.score_parts import Parts, score_parts
from core.suggest.scores import (
    baselines_beside_visits,
    find_scores,
    timed_sources,
    untimed_sources,
)
from core.suggest.sites import shared_ids
from core.suggest.studies import study_column
from core.suggest.texts import suggest_texts
from core.suggest.treatments import treatment_reader
from core.suggest.variables import suggest_variables

__all__ = ["open_questions", "suggest_mapping"]

UNSURE = 0.5


def suggest_mapping(table: RawTable, study: Study, protocol: Protocol) -> tuple[StudyMapping, tuple[Issue, ...]]:
    """The likeliest mapping of a study's table, and all that a person should answer or know.

    What is not sure is not used: it stands in `variables` with a sureness below `SURE`, or is left out of the
    structure and told in `structure_reason`.
    """
    if study_column(table) is not None:
        mapping = StudyMapping(study=study.study, file=table.file, structure_sureness=UNSURE)
        return mapping, open_questions(mapping, table, protocol, study)
    known = vocabulary(protocol.canonical_json())
    if is_kit(table):
        mapping, told = kit_mapping(table, study.study, protocol, known)
        return mapping, (*open_questions(mapping, table, protocol, study), *told)
    columns = read_columns(table, known)
    names = scale_names(protocol, known)
    found = find_scores([column for column in columns if not are_moments(column.raw.cells)], names,
                        known.split(f"{table.title} {table.sheet or ''} {study.notes}"))
    others = [column for column in columns if column.raw.name not in {one.column.raw.name for one in found}]
    blocks = tuple(sorted({one.period for one in found if one.period is not None and one.is_usable}))
    by_treatment = frozenset(one.treatment for one in found if one.treatment is not None and one.is_usable)
    layout = find_layout(others, known, names.times, bool(blocks or by_treatment), second_treatment(study.notes))
    layout = _held_back(layout, table)
    free = [column for column in others if column.raw.name not in _columns_of(layout)]
    periods = blocks or ((1,) if layout.shape.period else ())
    given = find_allocation(free, treatment_reader(protocol, known), study, periods, table.title, by_treatment)
    roles = {one.column for one in given.treatments} | {one.column for one in given.doses} | set(given.doubtful)
    scores, asked, rows, parts = _sources(found, others, layout.shape, names, protocol, known)
    layout = _of_one_patient(layout, scores, columns)
    if given.problem and by_treatment:  # whose first treatment a block follows is not known: nobody's scores yet
        scores = tuple(source for source in scores if source.treatment is None)
    problems = _problems(layout, given, asked) + [rows.problem] * bool(rows.problem)
    rest = _rest(free, roles | set(rows.columns), scores)
    variables = suggest_variables(rest, protocol, known)
    variables |= suggest_formulas(_rest(others, roles, scores), variables, protocol, known)
    variables |= suggest_texts(rest, variables, protocol, known)
    mapping = StudyMapping(study=study.study, file=table.file, shape=layout.shape, treatments=given.treatments,
                           doses=given.doses, scores=scores, variables=variables,
                           structure_sureness=UNSURE if problems else 1.0, structure_reason="; ".join(problems))
    remarks = _remarks(found, layout, mapping, parts, table, protocol)
    return mapping, (*open_questions(mapping, table, protocol, study), *remarks)


def _sources(found: Sequence[ScoreColumn], others: Sequence[Column], shape: Shape, names: ScaleNames,
             protocol: Protocol, known: Vocabulary) -> tuple[
                 tuple[ScoreSource, ...], tuple[ScoreColumn, ...], Parameters, Parts]:
    """Sources of scores under a shape, the columns that are asked about, and what was found in rows and in parts."""
    timed = shape.kind != "long" or (
        shape.visit is None and shape.clock is None and any(one.time.hours is not None for one in found))
    scores, asked = (timed_sources if timed else untimed_sources)(found, protocol)
    rows = find_parameters(others, names, protocol, known) if not scores and not timed else Parameters()
    scores = (*scores, *rows.sources)
    scores = (*scores, *baselines_beside_visits(found, shape, scores, protocol))
    parts = score_parts(found, scores, names, protocol, not timed)
    asked = tuple(one for one in (*asked, *parts.asked) if one.scale not in names.further)
    return (*scores, *parts.sources), asked, rows, parts


def _held_back(layout: Layout, table: RawTable) -> Layout:
    """The layout, or one in which nobody's rows count, where other sheets hold the other patients."""
    alike = next((issue.text for issue in table.issues if issue.code == SHEETS_ALIKE), None)
    if alike is None:
        return layout
    shape = Shape(kind="long", second_treatment_hours=layout.shape.second_treatment_hours)
    return Layout(shape, alike.rstrip("."))


def _of_one_patient(layout: Layout, scores: Sequence[ScoreSource], columns: Sequence[Column]) -> Layout:
    """The layout, or one without ids, where an id seems to be of several patients."""
    shared = shared_ids(layout.shape, scores, columns)
    return Layout(layout.shape.model_copy(update={"patient": None}), shared) if shared else layout


def _rest(columns: Sequence[Column], roles: set[str | None], scores: Sequence[ScoreSource]) -> list[Column]:
    """The columns without a role, told which numbers mean missing among the scores."""
    missing = frozenset(text for source in scores for text in source.format.missing if text.lstrip("-").isdigit())
    free = [column for column in columns if column.raw.name not in roles]
    return [replace(column, missing_elsewhere=missing) if missing else column for column in free]


def _columns_of(layout: Layout) -> set[str]:
    shape = layout.shape
    clock = shape.clock
    found = {shape.patient, shape.site, *(source.column for source in (shape.period, shape.visit, clock) if source)}
    found |= {clock.time_column, clock.since, clock.since_time} if clock else set()
    return {name for name in found if name}


def _problems(layout: Layout, given: Allocation, asked: Sequence[ScoreColumn]) -> list[str]:
    found = [layout.problem] if layout.problem else []
    if given.problem and (given.treatments or given.doubtful):
        found.append(given.problem)
    return found + [f'"{one.column.raw.name}": {one.problem}' for one in asked]


def _remarks(found: Sequence[ScoreColumn], layout: Layout, mapping: StudyMapping, parts: Parts, table: RawTable,
             protocol: Protocol) -> tuple[Issue, ...]:
    """What was taken or left and is worth knowing."""
    place = Where(file=table.file, sheet=table.sheet, study=mapping.study)
    used = {name for source in mapping.scores for name in (source.column, *source.items)}
    issues = []
    if layout.remark:
        issues.append(Issue(Severity.WARNING, "ids_by_rows", layout.remark, place,
                            "Choose another column on the Map page if that is wrong.").at(column=layout.shape.patient))
    issues += [Issue(Severity.WARNING, "score_from_parts", text, place, "Check it with the team.").at(column=column)
               for column, text in parts.told]
    if mapping.shape.clock is not None:
        issues.append(Issue(Severity.WARNING, "hours_counted", words_of_clock(mapping.shape.clock), place,
                            "Check it with the team.").at(column=mapping.shape.clock.column))
    for one in found:
        if one.is_inferred and one.column.raw.name in used:
            name = one.column.raw.name
            text = f'"{name}" was taken as the score before the treatment, because of its place and its values.'
            issues.append(Issue(Severity.WARNING, "baseline_by_order", text, place, "Check it with the team.").at(
                column=name))
    for scale in protocol.scales:
        unsaid = [one.column.raw.name for one in found
                  if one.scale == scale.key and one.column.raw.name in used and not one.names_version]
        if unsaid:
            text = f'"{unsaid[0]}" does not say which version of the scale it is; it was taken as {scale.label}.'
            issues.append(Issue(Severity.WARNING, "version_not_said", text, place, "Check it with the team.").at(
                column=unsaid[0]))
        left = [one.column.raw.name for one in found
                if one.scale == scale.key and (one.is_other or scale.further) and one.column.raw.name not in used]
        if left:
            more = f" and {len(left) - 3} more" if len(left) > 3 else ""
            shown = ", ".join(f'"{name}"' for name in left[:3])
            text = f"{shown}{more}: not taken as a total score of {scale.label}."
            remedy = "Choose them on the Map page if they are."
            issues.append(Issue(Severity.NOTE, "score_left", text, place, remedy).at(column=left[0]))
    return tuple(issues)
