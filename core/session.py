"""The stages so far: what is known, which steps are in reach, what is out of date.

A `Session` is frozen; each decision returns the next one and undo is the previous one. What follows from sources and
decisions (tables, harmonized data) is derived on demand and remembered by fingerprint in a `Memo` that successive
sessions share, so that changing one study recomputes that study alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, TypeVar

from core.assembly import read_table
from core.conversion import ConversionTable
from core.credibility import Credibility
from core.errors import Issue, Severity, UserError, Where, gravest_first
from core.figure_choices import FigureChoices
from core.harmonize import harmonize_study, pool_studies
from core.harmonized import HarmonizedData, StudyData
from core.integrity import Material, check_integrity
from core.labels import labels_for
from core.mapping import Decision, Reading, StudyMapping
from core.plan import Plan, protocol_plan
from core.plan_lock import Difference, PlanLock, PlanNote, PlanNotes, differences, lock
from core.privacy.carry_out import cut_again, with_decisions
from core.privacy.decisions import ColumnDecision, Privacy
from core.privacy.findings import grids_key, open_findings
from core.progress import Progress, silent, subrange
from core.protocol import Protocol
from core.readers import read_grids
from core.registry import Registry, Study
from core.results import Results
from core.sources import Grid, RawTable, SourceFile
from core.steps import State, Step, StepState
from core.suggest import open_questions, suggest_mapping

T = TypeVar("T")


class Memo:
    """Derived values by key; the oldest are forgotten beyond a bound. May be used from several threads."""

    def __init__(self, size: int = 4096) -> None:
        self._values: dict[tuple[str, ...], Any] = {}
        self._size = size
        self._lock = Lock()

    def get(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        """The value remembered under a key, made now if there is none."""
        with self._lock:
            if key in self._values:
                return self._values[key]
        value = make()  # unlocked: it may ask for others; two threads making the same is waste, not harm
        with self._lock:
            while len(self._values) >= self._size:
                self._values.pop(next(iter(self._values)))
            return self._values.setdefault(key, value)

    def has(self, key: tuple[str, ...]) -> bool:
        """Whether a value is at hand without work."""
        return key in self._values


@dataclass(frozen=True)
class Session:
    """Sources and decisions of one project, and the results last computed from them."""

    protocol: Protocol
    conversion_tables: Mapping[str, ConversionTable] = field(default_factory=dict, repr=False)
    name: str = "Untitled"
    registry: Registry = field(default_factory=Registry)
    sources: Mapping[str, SourceFile] = field(default_factory=dict, repr=False)
    """Files by name."""
    mappings: Mapping[str, StudyMapping] = field(default_factory=dict, repr=False)
    """Mappings by study id."""
    import_issues: tuple[Issue, ...] = field(default=(), repr=False)
    """What was found while files and registry were taken in."""
    chosen_plan: Plan | None = None
    """The user's plan; None: the protocol's."""
    plan_lock: PlanLock | None = None
    """The plan as it was when the first run started; None before that."""
    plan_notes: PlanNotes = field(default_factory=PlanNotes)
    """Who chose what in the plan when, and why, where that is kept."""
    results: Results | None = field(default=None, repr=False)
    synthetic: bool = False
    privacy: Privacy = field(default_factory=Privacy, repr=False)
    """What was decided on columns that could tell who a patient is."""
    awaited: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of a project that came without patients' data: the files it was made from, name -> SHA-256, that are not here."""
    credibility: Credibility = field(default_factory=Credibility, repr=False)
    """What persons answered on how far results of moderators are to be believed; no number depends on it."""
    figure_choices: FigureChoices = field(default_factory=FigureChoices, repr=False)
    """How figures look and what they call things; no number depends on it."""
    memo: Memo = field(default_factory=Memo, repr=False, compare=False)

    # --- decisions: each gives the next session -------------------------------------------------------------------

    def with_source(self, source: SourceFile) -> Session:
        """One file more, or a file sent again under its name: what was decided on its columns holds for it too."""
        return replace(self, sources={**self.sources, source.name: cut_again(self, source)})

    def with_privacy(self, decided: Iterable[ColumnDecision], progress: Progress = silent) -> Session:
        """Columns that could tell who a patient is cut, or kept with a reason. Raises UserError where none is given."""
        return with_decisions(self, decided, progress)

    def with_registry(self, registry: Registry) -> Session:
        """Studies as given; mappings of studies no longer listed are dropped."""
        kept = {name: mapping for name, mapping in self.mappings.items() if name in registry.by_id}
        return replace(self, registry=registry, mappings=kept)

    def with_study(self, study: Study) -> Session:
        """One study's facts changed."""
        return replace(self, registry=self.registry.with_study(study))

    def without_study(self, study: str) -> Session:
        """One study taken out, with its mapping, its file if no other study has it, and the issues of both."""
        left = tuple(s for s in self.registry.studies if s.study != study)
        own = self.registry.by_id[study]
        gone = {own.file, own.codebook} - {name for s in left for name in (s.file, s.codebook)}
        sources = {name: source for name, source in self.sources.items() if name not in gone}
        issues = tuple(i for i in self.import_issues
                       if i.where.study != study and (i.where.file is None or i.where.file not in gone))
        return replace(self.with_registry(Registry(studies=left)), sources=sources, import_issues=issues)

    def with_mapping(self, mapping: StudyMapping) -> Session:
        """One study's rules changed; other studies stay untouched."""
        return replace(self, mappings={**self.mappings, mapping.study: mapping})

    def with_decision(self, study: str, variable: str, decision: Decision | None) -> Session:
        """One variable of one study decided anew; None reopens the question."""
        return self.with_mapping(self.mappings[study].with_decision(variable, decision))

    def with_plan(self, plan: Plan) -> Session:
        """The plan changed."""
        return replace(self, chosen_plan=plan.consistent)

    def with_credibility(self, credibility: Credibility) -> Session:
        """Credibility forms answered anew."""
        return replace(self, credibility=credibility)

    def with_figure_choices(self, choices: FigureChoices) -> Session:
        """Figures look otherwise."""
        return replace(self, figure_choices=choices)

    def with_notes(self, *notes: PlanNote) -> Session:
        """Who chose what in the plan, and why."""
        return replace(self, plan_notes=self.plan_notes.with_notes(notes))

    def with_reason(self, changes: Iterable[Difference], why: str) -> Session:
        """Why places of the plan were changed after it was locked."""
        return replace(self, plan_notes=self.plan_notes.explained(changes, why))

    def locked(self, plan: Plan | None = None) -> Session:
        """The plan in force (or another that is to be run) locked, unless one is locked already."""
        if self.plan_lock is not None:
            return self
        return replace(self, plan_lock=lock(plan or self.plan, results_seen=self.results is not None))

    def with_results(self, results: Results) -> Session:
        """A run has ended."""
        return replace(self, results=results)

    # --- what follows from them -----------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        key = ("plan", self.protocol.fingerprint)
        return self.chosen_plan or self.memo.get(key, lambda: protocol_plan(self.protocol))

    @property
    def plan_changes(self) -> tuple[Difference, ...]:
        """What was changed in the plan since it was locked."""
        return self.changes_to(self.plan)

    def changes_to(self, plan: Plan) -> tuple[Difference, ...]:
        """How another plan differs from the locked one; nothing where none is locked."""
        if self.plan_lock is None:
            return ()
        return differences(self.plan_lock.plan, plan, labels_for(self.protocol), self.plan_notes)

    @property
    def study_years(self) -> Mapping[str, int]:
        """Years of the studies that have one."""
        return {study.study: study.year for study in self.registry.studies if study.year is not None}

    def grids(self, study: str) -> tuple[Grid, ...]:
        """All sheets of a study's file. Raises UserError if it cannot be read."""
        source = self.source_of(study)
        reading = self.mappings[study].reading if study in self.mappings else Reading()
        return self.memo.get(grids_key(source, reading), lambda: read_grids(source, reading))

    def table(self, study: str) -> RawTable:
        """The table found in a study's file, under the study's reading options."""
        source, codebook = self.source_of(study), self._codebook(study)
        reading = self._reading(study)

        return self.memo.get(
            ("table", source.sha256, source.name, reading.fingerprint, self._codebook_hash(study)),
            lambda: read_table(self.grids(study), reading, read_grids(codebook) if codebook else ()))

    def _codebook(self, study: str) -> SourceFile | None:
        return self.sources.get(self.registry.by_id[study].codebook or "")

    def _codebook_hash(self, study: str) -> str:
        codebook = self._codebook(study)
        return codebook.sha256 if codebook else ""

    def _reading(self, study: str) -> Reading:
        if study in self.mappings:
            return self.mappings[study].reading
        return Reading(sheet=self.registry.by_id[study].sheet)

    def source_of(self, study: str) -> SourceFile:
        """The file of a study. Raises UserError if the project does not have it."""
        file = self.registry.by_id[study].file
        if file is None or file not in self.sources:
            raise UserError(f'The file of study "{study}" is not in the project.', Where(file=file, study=study),
                            "Add the file on the Studies page.")
        return self.sources[file]

    def has_source(self, study: str) -> bool:
        """Whether the study's file is in the project."""
        return self.registry.by_id[study].file in self.sources

    def suggested(self, study: str) -> tuple[StudyMapping, tuple[Issue, ...]]:
        """The mapping the program would suggest for a study's file, and what it asks."""
        source, facts = self.source_of(study), self.registry.by_id[study]
        key = ("suggested", source.sha256, self._codebook_hash(study), facts.fingerprint, self.protocol.fingerprint,
               self._reading(study).fingerprint)
        return self.memo.get(key, lambda: _read_as(self._reading(study), *suggest_mapping(
            self.table(study), facts, self.protocol)))

    def study_data(self, study: str, progress: Progress = silent) -> StudyData:
        """One study, harmonized."""
        key = self._study_key(study)
        return self.memo.get(key, lambda: harmonize_study(
            self.table(study), self.mappings[study], self.registry.by_id[study], self.protocol,
            self.conversion_tables, self.plan.conversion, progress, self.source_of(study).sha256))

    def _study_key(self, study: str) -> tuple[str, ...]:
        return ("study", self.source_of(study).sha256, self._codebook_hash(study), self.mappings[study].fingerprint,
                self.registry.by_id[study].fingerprint, self.protocol.fingerprint, self.plan.conversion)

    @property
    def usable_studies(self) -> tuple[str, ...]:
        """Studies with a file and a mapping, in registry order."""
        return tuple(s.study for s in self.registry.studies if s.study in self.mappings and self.has_source(s.study))

    @property
    def data_fingerprint(self) -> str:
        """Hash of everything the harmonized data follow from; cheap, nothing is harmonized."""
        joined = "\n".join("|".join(self._study_key(study)) for study in self.usable_studies)
        return hashlib.sha256(joined.encode()).hexdigest()

    @property
    def is_without_data(self) -> bool:
        """Whether the project came without patients' data and still has none."""
        return bool(self.awaited) and not self.usable_studies

    def harmonized(self, progress: Progress = silent) -> HarmonizedData:
        """All usable studies in one table. Raises UserError if there is none."""
        studies = self.usable_studies
        if not studies:
            raise UserError("There is no study with a readable file yet.", remedy="Add study files first.")

        def pool() -> HarmonizedData:
            parts = []
            for index, study in enumerate(studies):
                step = subrange(progress, index / len(studies), (index + 1) / len(studies))
                parts.append(self.study_data(study, step))
            return pool_studies(parts, self.protocol)

        return self.memo.get(("pooled", self.data_fingerprint), pool)

    def integrity_issues(self) -> tuple[Issue, ...]:
        """What checks across patients, arms, studies and publications find in the harmonized data."""
        return self.memo.get(self._integrity_key, lambda: check_integrity(self.checked()))

    def checked(self) -> Material:
        """What the integrity checks look at."""
        studies = self.usable_studies
        return Material(self.harmonized(), self.protocol, self.registry,
                        {study: self.mappings[study] for study in studies},
                        {study: self.table(study) for study in studies})

    @property
    def _integrity_key(self) -> tuple[str, ...]:
        return ("integrity", self.data_fingerprint, self.registry.fingerprint)

    @property
    def has_integrity_at_hand(self) -> bool:
        """Whether `integrity_issues` would answer without work."""
        return self.memo.has(self._integrity_key)

    @property
    def has_harmonized_at_hand(self) -> bool:
        """Whether `harmonized` would answer without work."""
        return self.memo.has(("pooled", self.data_fingerprint))

    @property
    def inputs_fingerprint(self) -> str:
        """Hash of everything results depend on."""
        return hashlib.sha256(f"{self.data_fingerprint}|{self.plan.fingerprint}".encode()).hexdigest()

    @property
    def results_are_current(self) -> bool:
        """Whether the results were computed from the data and plan as they are now."""
        return self.results is not None and self.results.inputs == self.inputs_fingerprint

    # --- what is open ---------------------------------------------------------------------------------------------

    def questions(self, study: str) -> tuple[Issue, ...]:
        """Open questions of a study's mapping."""
        mapping, facts = self.mappings[study], self.registry.by_id[study]
        key = ("questions", self.source_of(study).sha256, mapping.fingerprint, facts.fingerprint,
               self.protocol.fingerprint)
        return self.memo.get(key, lambda: open_questions(mapping, self.table(study), self.protocol, facts))

    def open_questions(self) -> tuple[Issue, ...]:
        """Open questions of all usable studies."""
        return tuple(issue for study in self.usable_studies for issue in self.questions(study))

    def issues(self) -> tuple[Issue, ...]:
        """Everything a person should see, gravest first: of files, mapping and harmonizing."""
        private = tuple(finding.issue() for finding in open_findings(self))
        if not self.usable_studies:
            return gravest_first((*self.import_issues, *private))
        questions = self.open_questions()
        asked = {(issue.code, issue.where.study, issue.where.column) for issue in questions}
        found = [issue for issue in self.harmonized().issues if not _is_asked(issue, asked)]
        return gravest_first(dict.fromkeys((*self.import_issues, *private, *questions, *found,
                                            *self.integrity_issues())))

    def steps(self) -> tuple[StepState, ...]:
        """Every step with its state; cheap enough to call after each decision."""
        usable = len(self.usable_studies)
        questions = len(self.open_questions()) if usable else 0
        lock = None if usable else State.LOCKED
        run_state = (State.DONE if self.results_are_current else
                     State.OUT_OF_DATE if self.results is not None else State.OPEN)
        grave = sum(i.severity is Severity.ERROR for i in self.harmonized().issues) if usable else 0
        after_run = lock or (State.LOCKED if self.results is None else run_state)
        stale = "Results are out of date: run again." if run_state is State.OUT_OF_DATE else ""
        planned = State.DONE if self.chosen_plan or self.plan_lock else State.OPEN
        planned = planned if self.is_without_data else lock or planned
        seen = run_state if self.is_without_data and self.results is not None else after_run
        return (
            StepState(Step.START, State.DONE, text="Open a project, or begin one."),
            StepState(Step.STUDIES, State.DONE if usable else State.OPEN, str(usable or ""),
                      f"{usable} studies with a readable file."),
            StepState(Step.MAP, lock or (State.OPEN if questions else State.DONE),
                      f"{questions} open" if questions else "", f"{questions} open questions."),
            StepState(Step.CHECK, lock or (State.OPEN if grave else State.DONE), str(grave or ""),
                      f"{grave} values could not be used." if grave else "No value had to be set aside."),
            StepState(Step.PLAN, planned, text="What to estimate."),
            StepState(Step.RUN, lock or run_state, text=stale or "Compute the estimates."),
            StepState(Step.RESULTS, seen, text=stale),
            StepState(Step.REPORT, after_run, text=stale),
        )


def _read_as(reading: Reading, mapping: StudyMapping,
             issues: tuple[Issue, ...]) -> tuple[StudyMapping, tuple[Issue, ...]]:
    return mapping.model_copy(update={"reading": reading}), issues


def _is_asked(issue: Issue, asked: set[tuple[str, str | None, str | None]]) -> bool:
    """Whether an issue only says what came of an open question of the same study and column."""
    code, study, column = issue.code, issue.where.study, issue.where.column
    return any((one[:2] == (code, study) and None in (column, one[2])) or one == (code, study, column) for one in asked)
