"""What is wrong or incomplete in one pooled table, before anything is estimated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.analysis import Pooled
from core.availability import availability
from core.cohort import Cohort, build_cohort
from core.errors import Issue, Severity, Where, gravest_first
from core.integrity import check_integrity, material_of_table
from core.plan import Plan
from core.pooled import pooled_from_file
from core.protocol import Protocol
from core.sources import SourceFile


def check_table(source: SourceFile, protocol: Protocol, plan: Plan | None = None,
                folder: Path | None = None) -> tuple[Issue, ...]:
    """Issues of a pooled table under a plan (default: the protocol's). Raises UserError if it cannot be analyzed."""
    pooled, chosen = pooled_from_file(source, plan, protocol, folder)
    cohort = build_cohort(pooled.frame, chosen, pooled.place)
    return gravest_first((*pooled.issues, *cohort.issues, *_arms(cohort, source.name),
                          *_left_out(cohort, source.name), *_missing(cohort, chosen, source.name),
                          *_integrity(pooled, protocol, source.name)))


def _integrity(pooled: Pooled, protocol: Protocol, file: str) -> tuple[Issue, ...]:
    """What shows across patients, arms and studies, where the columns bear the protocol's keys."""
    if pooled.protocol is None:
        return ()
    material = material_of_table(pooled.frame, protocol, file)
    return tuple(replace(issue, where=replace(issue.where, sheet=pooled.sheet)) for issue in check_integrity(material))


def _arms(cohort: Cohort, file: str) -> list[Issue]:
    issues = []
    for code, name in enumerate(cohort.study_names):
        arms = np.unique(cohort.treatment[cohort.study == code])
        if len(arms) == 1:
            arm = "active" if arms[0] == 1 else "control"
            issues.append(Issue(Severity.WARNING, "one_arm", f"Study {name} has only patients in the {arm} arm.",
                                Where(file=file, study=name), "Check the arm column of this study."))
    return issues


def _left_out(cohort: Cohort, file: str) -> list[Issue]:
    return [Issue(Severity.NOTE, row.reason, f"Study {row.study}: {row.n} {row.unit} left out "
                  f"({row.reason.replace('_', ' ')}).", Where(file=file, study=row.study))
            for row in cohort.flow if row.stage == "excluded"]


def _missing(cohort: Cohort, plan: Plan, file: str) -> list[Issue]:
    issues = []
    for values in cohort.outcomes:
        lacking = int((~values.has).sum())
        if lacking:
            issues.append(Issue(Severity.NOTE, "outcome_incomplete",
                                f"{lacking} of {cohort.n} patients lack the outcome {values.outcome.name}.",
                                Where(file=file)))
    for record in availability(cohort, plan):
        if record.share < 1:
            issues.append(Issue(Severity.NOTE, "moderator_incomplete",
                                f"{record.moderator} is there for {record.n} of {cohort.n} patients.",
                                Where(file=file, variable=record.moderator)))
    return issues
