"""What a project's files hold that could tell who a patient is: each column with its choices, and what each costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.dates import date_order
from core.errors import Issue, Severity, UserError, Where
from core.mapping import Direct, Reading, StudyMapping
from core.privacy.decisions import WORDS, Action, ColumnDecision
from core.privacy.signs import Sign, beginning, find_signs
from core.readers import read_grids
from core.sources import Grid, RawTable, SourceFile, raw_text
from core.table_layout import choose_grid, find_table

if TYPE_CHECKING:
    from core.session import Session

CODE = "privacy"
"""Of the issues that point a column out."""
SAME_PATIENTS = 0.8
"""Share of a sheet's texts that must be patients' ids of the study for the column to hold them."""


@dataclass(frozen=True)
class Finding:
    """A column that was pointed out, of a study if one has the file; `decision` is None while it is open."""

    sign: Sign
    study: str | None
    choices: tuple[Action, ...]
    """What may be done, the suggested first."""
    variables: tuple[str, ...] = ()
    """Labels of the variables that are read from it."""
    tells_times: bool = False
    """Whether hours after the treatment are counted from it."""
    decision: ColumnDecision | None = None
    codes: tuple[str, ...] = ()
    """Of ages: texts that mean "missing"."""

    @property
    def suggested(self) -> Action:
        """What the program would do."""
        return self.choices[0]

    def cost(self, action: Action) -> str:
        """What a choice takes from the analyses and what it leaves, in a sentence."""
        lost = [*self.variables, *(["the time of the scores"] if self.tells_times else [])]
        if action in ("drop", "hash", "year") and lost:
            return f"Read from it so far: {', '.join(lost)}. That becomes an open question."
        return {"drop": "Nothing is read from it; it leaves the project for good.",
                "hash": "The same text gets the same code everywhere in this project.",
                "year": "Days between dates can no longer be counted.",
                "shift": "All dates of the file with it. Days between a patient's dates stay; calendar days are lost.",
                "cap": "Younger ages stay as they are.", "keep": "Say why it may stay."}[action]

    def decided(self, action: Action, reason: str = "", by: str = "", at: str = "") -> ColumnDecision:
        """The decision to do something with it."""
        return ColumnDecision(file=self.sign.file, sheet=self.sign.sheet, column=self.sign.column, action=action,
                              looks=self.sign.looks, codes=self.codes if action == "cap" else (), reason=reason,
                              by=by, at=at)

    def issue(self) -> Issue:
        """The finding as an issue; it never quotes what stands in the column."""
        ways = [WORDS[action][:1].lower() + WORDS[action][1:] for action in self.choices if action != "keep"]
        remedy = f"{', '.join([*ways, 'or keep it and say why']).capitalize()}: on the Studies page, under Privacy."
        return Issue(Severity.WARNING, CODE, f'The column "{self.sign.column}" looks like {self.sign.looks}.',
                     Where(self.sign.file, self.sign.sheet, None, self.sign.column, self.study), remedy)


def findings_of(session: Session) -> tuple[Finding, ...]:
    """Columns of all files that could tell who a patient is, and those decided on, in the order of the files."""
    return tuple(finding for file in session.sources for finding in session.memo.get(
        _key(session, file), lambda file=file: _of_file(session, file)))  # type: ignore[misc]


def has_findings_at_hand(session: Session) -> bool:
    """Whether `findings_of` would answer without work."""
    return all(session.memo.has(_key(session, file)) for file in session.sources)


def open_findings(session: Session) -> tuple[Finding, ...]:
    """Those without a decision."""
    return tuple(finding for finding in findings_of(session) if finding.decision is None)


def _key(session: Session, file: str) -> tuple[str, ...]:
    study = study_of(session, file) or ""
    mapping = session.mappings.get(study)
    return ("privacy", file, session.sources[file].sha256, study, session.privacy.fingerprint,
            mapping.fingerprint if mapping else "")


def _of_file(session: Session, file: str) -> list[Finding]:
    study = study_of(session, file)
    try:
        grids = grids_of(session, file)
        readings = readings_of(session, study, grids)
        signs = session.memo.get(("signs", session.sources[file].sha256, file, _reading(session, study).fingerprint),
                                 lambda: find_signs(grids, readings))
    except UserError:
        return []  # told where the file was taken in
    found = []
    by_sheet = {grid.sheet: grid for grid in grids}
    for sign in signs:
        decision = session.privacy.of_column(file, sign.sheet, sign.column)
        one = _finding(session, study, sign, by_sheet[sign.sheet], readings, decision)
        if one is not None:
            found.append(one)
    there = {(sign.sheet, sign.column) for sign in signs}
    gone = [one for one in session.privacy.of_file(file) if (one.sheet, one.column) not in there]
    places = _positions([by_sheet[sheet] for sheet in {one.sheet for one in gone} if sheet in by_sheet], readings)
    found += [Finding(Sign(file, one.sheet, one.column, places.get((one.sheet, one.column), 0), "gone", one.looks,
                           (one.action,)), study, (one.action,), decision=one) for one in gone]
    sheets = list(by_sheet)
    return sorted(found, key=lambda one: (sheets.index(one.sign.sheet) if one.sign.sheet in sheets else len(sheets),
                                          one.sign.position))


def _positions(grids: list[Grid], readings: Callable[[Grid], Reading]) -> dict[tuple[str | None, str], int]:
    return {(grid.sheet, column.name): column.position
            for grid in grids for column in find_table(beginning(grid), readings(grid)).columns}


def _finding(session: Session, study: str | None, sign: Sign, grid: Grid, readings: Callable[[Grid], Reading],
             decision: ColumnDecision | None) -> Finding | None:
    """A sign with its choices; None where the study's rules say that it is none: an age of 99 that means missing."""
    mapping = session.mappings.get(study or "")
    if decision is not None and decision.action != "keep":
        return Finding(sign, study, (decision.action,), decision=decision)
    table = find_table(beginning(grid), readings(grid))
    patient = patients_of(session, study)(grid, table)
    choices = sign.choices
    cells = table.columns_by_name[sign.column].cells
    if "shift" in choices and date_order(cells) is None:
        choices = ("drop", "keep")
    elif "shift" in choices and patient is None:
        choices = tuple(one for one in choices if one != "shift")
    if sign.column == patient:
        choices = ("hash", "keep")
    if mapping is None:
        return Finding(sign, study, choices, decision=decision)
    codes = _missing_texts(mapping, sign.column) if sign.kind == "old_age" else ()
    if sign.kind == "old_age" and set(sign.old_ages) <= set(codes):
        return None
    names = {sign.column}
    shape = mapping.shape
    structure = (mapping.treatments, mapping.doses, mapping.scores, shape.visit, shape.period)
    if sign.column != patient and any(mentions(part, names) for part in structure):
        choices = ("keep",)
    labels = {v.key: v.label for v in session.protocol.variables}
    variables = tuple(labels.get(key, key) for key, one in mapping.variables.items() if mentions(one.rule, names))
    return Finding(sign, study, choices, variables, mentions(shape.clock, names), decision, codes)


def _missing_texts(mapping: StudyMapping, column: str) -> tuple[str, ...]:
    """Texts that mean "missing" in a column, by the rules that read it."""
    rules = [one.rule for one in mapping.variables.values()]
    return tuple(dict.fromkeys(text for rule in rules if isinstance(rule, Direct) and rule.column == column
                               for text in rule.format.missing))


def mentions(part: Any, names: set[str]) -> bool:
    """Whether a part of a mapping reads one of these columns, in whatever field."""
    if isinstance(part, str):
        return part in names
    if isinstance(part, (tuple, list)):
        return any(mentions(one, names) for one in part)
    if isinstance(part, dict) or part is None:
        return False  # keys and values there are texts of cells
    return any(mentions(getattr(part, field), names) for field in getattr(type(part), "model_fields", ()))


def study_of(session: Session, file: str) -> str | None:
    """The first study that has the file."""
    return next((one.study for one in session.registry.studies if one.file == file), None)


def grids_of(session: Session, file: str) -> tuple[Grid, ...]:
    """All sheets of a file, as its study reads them. Raises UserError if it cannot be read."""
    study = study_of(session, file)
    return session.grids(study) if study is not None else read_grids(session.sources[file])


def grids_key(source: SourceFile, reading: Reading) -> tuple[str, ...]:
    """The name under which a session remembers what was read from a file."""
    return ("grids", source.sha256, source.name, reading.delimiter or "", reading.encoding or "")


def _reading(session: Session, study: str | None) -> Reading:
    mapping = session.mappings.get(study or "")
    return mapping.reading if mapping else Reading()


def readings_of(session: Session, study: str | None, grids: tuple[Grid, ...]) -> Callable[[Grid], Reading]:
    """How each sheet is read: the study's own as the study says, others as they are recognized."""
    reading = _reading(session, study)
    try:
        own = choose_grid(grids, reading).sheet
    except UserError:
        own = None
    return lambda grid: reading if grid.sheet == own else Reading()


def patients_of(session: Session, study: str | None) -> Callable[[Grid, RawTable], str | None]:
    """The column of a sheet that holds the patients' ids, None if it has none."""
    mapping = session.mappings.get(study or "")

    def column(grid: Grid, table: RawTable) -> str | None:
        if mapping is None or study is None or mapping.shape.patient is None:
            return None
        told = mapping.reading.id_columns.get(grid.sheet or "", mapping.shape.patient)
        return told if told in table.columns_by_name else _same_patients(session, study, mapping, table)

    return column


def _same_patients(session: Session, study: str, mapping: StudyMapping, table: RawTable) -> str | None:
    """On another sheet of the workbook: the column with the ids of the study's patients."""
    whole = session.table(study).columns_by_name.get(mapping.shape.patient or "")
    ids = set(whole.counts) if whole else set()
    for column in table.columns:
        texts = set(map(raw_text, column.cells)) - {""}
        if len(texts) > 1 and len(texts & ids) >= SAME_PATIENTS * len(texts):
            return column.name
    return None
