"""Stage 5, the run. Reads like a Methods section: who is analyzed, what is available, the effects, their robustness."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module

import pandas as pd

from core import __version__
from core.agreement import pooled_agreement
from core.availability import availability
from core.cohort import Cohort, build_cohort
from core.combined_results import CombinedEffect
from core.conversion import ConversionTable
from core.credibility import Credibility
from core.errors import Issue, Severity, Where
from core.figure_choices import FigureChoices
from core.further_outcomes import completeness
from core.harmonized import FlowRow
from core.labels import Labels, labels_for
from core.main_effects import main_effect_tasks, run_task
from core.moderators.battery import moderator_models, with_intervals
from core.moderators.benefit import benefits
from core.moderators.combined import combined_effects
from core.plan import Plan
from core.plan_lock import PlanLock, PlanNotes
from core.preparation import Preparation
from core.progress import Progress, silent, subrange
from core.protocol import Protocol
from core.registry import Judgments
from core.results import MainEffect, ModeratorEffect, Provenance, Results, TwoStage
from core.second_opinion import second_opinion
from core.sensitivity import sensitivity
from core.workers import Workers, run_each, shared, unheard

Record = MainEffect | TwoStage | ModeratorEffect
OnRows = Callable[[tuple[Record, ...]], None]
"""Hears rows as soon as they are there, while others are computed: those of a moderator with one outcome together,
still without r's limits and adjusted p; of main effects one by one. The same calls for any number of workers.
"""
LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels")


@dataclass(frozen=True)
class Pooled:
    """One table to analyze, a row a patient, with what is known of where it comes from.

    `rows_left_out` are flow rows counted in rows of a file rather than patients (later infusions, duplicates), which
    the table itself no longer shows.
    """

    frame: pd.DataFrame = field(repr=False)
    name: str
    protocol: Protocol | None = None
    conversion_tables: Mapping[str, ConversionTable] = field(default_factory=dict, repr=False)
    sources: Mapping[str, str] = field(default_factory=dict)
    study_labels: Mapping[str, str] = field(default_factory=dict)
    """Study id -> what to call it before a reader."""
    rows_left_out: tuple[FlowRow, ...] = ()
    issues: tuple[Issue, ...] = ()
    synthetic: bool = False
    plan_lock: PlanLock | None = None
    plan_notes: PlanNotes = field(default_factory=PlanNotes)
    fingerprint: str = ""
    sheet: str | None = None
    """The sheet of the file `name` that holds the table."""
    credibility: Credibility = field(default_factory=Credibility, repr=False)
    """What persons answered on the credibility forms; no number depends on it."""
    preparations: tuple[Preparation, ...] = ()
    """How the studies' files became this table; none where it came as one."""
    study_years: Mapping[str, int] = field(default_factory=dict)
    figure_choices: FigureChoices = field(default_factory=FigureChoices)
    """How figures look and what they call things; no number depends on it."""
    judgments: Judgments = field(default_factory=dict, repr=False)
    """The risk of bias of each study, where it was judged; no number depends on it."""

    @property
    def labels(self) -> Labels:
        """What to call things before a reader."""
        return labels_for(self.protocol, self.study_labels, self.study_years, self.figure_choices)

    @property
    def place(self) -> Where:
        """Where the table stands, for messages."""
        return Where(file=self.name, sheet=self.sheet)


def run_analysis(pooled: Pooled, plan: Plan, workers: int | Workers = 1, progress: Progress = silent,
                 on_rows: OnRows = unheard) -> Results:
    """Everything the plan asks for, with the second engine's verdicts. The same numbers for any number of workers.

    Raises UserError if nobody can be analyzed; an analysis that cannot be done is a record with its reason.
    """
    with shared(workers) as processes:
        results = run_estimates(pooled, plan, processes, subrange(progress, 0.0, 0.6), on_rows)
        return with_second_opinion(results, pooled, processes, subrange(progress, 0.6, 1.0))


def with_second_opinion(results: Results, pooled: Pooled, workers: int | Workers = 1,
                        progress: Progress = silent) -> Results:
    """Results with what the second engine says of them; `pooled` is the table they come from."""
    cohort = build_cohort(pooled.frame, results.plan, pooled.place)
    return second_opinion(results, cohort, pooled.protocol, pooled.conversion_tables, workers, progress)


def second_opinion_apart(results: Results, pooled: Pooled, progress: Progress = silent) -> Results:
    """The same by a process of its own, beside whatever else is done meanwhile."""
    with Workers(1, apart=True) as workers:
        return with_second_opinion(results, pooled, workers, progress)


def run_estimates(pooled: Pooled, plan: Plan, workers: int | Workers = 1, progress: Progress = silent,
                  on_rows: OnRows = unheard) -> Results:
    """The same before the second engine was asked."""
    with shared(workers) as processes:
        return _estimated(pooled, plan, processes, progress, on_rows)


def _estimated(pooled: Pooled, plan: Plan, workers: Workers, progress: Progress, on_rows: OnRows) -> Results:
    progress(0.0, "Finding who is analyzed")
    cohort = build_cohort(pooled.frame, plan, pooled.place)
    # the quick rows first, so that there is something to read; resamples take most of the time
    interactions = moderator_models(cohort, plan, workers, subrange(progress, 0.01, 0.15), on_rows)
    effects = run_each(partial(run_task, cohort, plan), main_effect_tasks(cohort), workers,
                       subrange(progress, 0.15, 0.3), finished=lambda row: on_rows((row,)))
    main_effects = tuple(record for record in effects if isinstance(record, MainEffect))
    two_stage = tuple(record for record in effects if isinstance(record, TwoStage))
    board = sensitivity(cohort, plan, pooled.protocol, dict(pooled.conversion_tables), interactions,
                        subrange(progress, 0.3, 0.4))
    moderators = with_intervals(interactions, cohort, plan, workers, subrange(progress, 0.4, 0.7))
    combined = combined_effects(cohort, plan, pooled.protocol, workers, subrange(progress, 0.7, 0.98))
    curves = benefits(cohort, plan, moderators, subrange(progress, 0.98, 0.99))
    agreement = pooled_agreement(cohort, pooled.protocol, pooled.conversion_tables, plan)
    progress(1.0, "Done")
    return Results(
        plan=plan,
        inputs=pooled.fingerprint,
        provenance=_provenance(pooled, plan),
        flow=_flow(cohort, pooled.rows_left_out),
        availability=availability(cohort, plan),
        main_effects=main_effects,
        two_stage=two_stage,
        conversion=agreement,
        sensitivity=board,
        moderators=moderators,
        published=pooled.protocol.published if pooled.protocol else (),
        combined=combined,
        benefits=curves,
        further_outcomes=completeness(cohort, plan, pooled.protocol),
        issues=(*pooled.issues, *cohort.issues, *_without_column(cohort, plan, pooled.place),
                *_without_logarithm(cohort, plan, pooled.place),
                *_without_estimate(main_effects), *_unpooled(two_stage), *_untestable(moderators),
                *_not_combined(combined)),
    )


def _flow(cohort: Cohort, rows_left_out: tuple[FlowRow, ...]) -> tuple[FlowRow, ...]:
    """The cohort's flow with each study's rows left out before, in the order of the stages."""
    flow: list[FlowRow] = []
    for row in cohort.flow:
        if row.stage == "analyzed":
            flow += [extra for extra in rows_left_out if extra.study == row.study]
        flow.append(row)
    return tuple(flow)


def _without_estimate(effects: Sequence[MainEffect]) -> list[Issue]:
    return [Issue(Severity.WARNING, "not_estimable", f"{effect}: no estimate. {effect.note}")
            for effect in effects if effect.estimate is None]


def _unpooled(analyses: Sequence[TwoStage]) -> list[Issue]:
    return [Issue(Severity.WARNING, "not_estimable",
                  f"{one.outcome}, {one.measure.replace('_', ' ')}, {one.scale}, two-stage: no estimate. {one.note}")
            for one in analyses if one.estimate is None]


def _untestable(moderators: Sequence[ModeratorEffect]) -> list[Issue]:
    """Moderators that were to be tested and could not be, each once an outcome."""
    found = {(row.outcome, row.moderator): row for row in moderators if row.tier != "none" and row.p is None}
    return [Issue(Severity.WARNING, "not_estimable",
                  f"{row.outcome}, moderator {row.moderator}: no estimate. {row.note}", Where(variable=row.moderator))
            for row in found.values()]


def _not_combined(combined: Sequence[CombinedEffect]) -> list[Issue]:
    return [Issue(Severity.WARNING, "not_estimable", f"{one}: no combined moderator. {one.note}")
            for one in combined if one.lambda_ is None]


def _without_column(cohort: Cohort, plan: Plan, place: Where) -> list[Issue]:
    return [Issue(Severity.WARNING, "moderator_missing",
                  f'The moderator "{moderator.name}" of the plan is no column of the data; it is not tested.',
                  replace(place, variable=moderator.name), "Correct the name in the plan, or add the column.")
            for moderator in plan.moderators if moderator.name not in cohort.frame.columns]


def _without_logarithm(cohort: Cohort, plan: Plan, place: Where) -> list[Issue]:
    found = []
    for moderator in plan.moderators:
        if moderator.transform == "log" and moderator.name in cohort.frame.columns:
            count = int((pd.to_numeric(cohort.frame[moderator.name], errors="coerce") <= 0).sum())
            if count:
                found.append(Issue(Severity.WARNING, "no_logarithm",
                                   f'{count} of the values of "{moderator.name}" are zero or less and have no '
                                   "logarithm; those patients are left out of its analysis.",
                                   replace(place, variable=moderator.name),
                                   "Correct the values, or analyze the moderator without a logarithm."))
    return found


def _provenance(pooled: Pooled, plan: Plan) -> Provenance:
    used = (*LIBRARIES, *(("sklearn",) if plan.sets and plan.combined.flexible else ()))
    libraries = {"python": platform.python_version(), **{name: import_module(name).__version__ for name in used}}
    return Provenance(
        program=f"Modscope {__version__}", libraries=libraries, sources=dict(pooled.sources), seed=plan.seed,
        protocol=pooled.protocol.title if pooled.protocol else "", synthetic=pooled.synthetic)


def table_fingerprint(frame: pd.DataFrame, plan: Plan) -> str:
    """Hash of a pooled table's content and the plan."""
    content = hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
    return hashlib.sha256(f"{content}|{plan.fingerprint}".encode()).hexdigest()
