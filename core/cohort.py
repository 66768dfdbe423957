"""Who is analyzed: the primary set of a pooled table under a plan, with its outcomes (METHODS sections 1, 2 and 4)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core.errors import Issue, Severity, UserError, Where
from core.harmonized import REASONS, FlowRow
from core.plan import Outcome, Plan
from core.pooled_columns import arm_codes, kept_rows, numeric_column, row_at

BEFORE_OUTCOMES = tuple(reason for reason in REASONS if reason not in ("no_baseline", "no_followup"))
"""Reasons that hold whatever outcome is asked for; which baseline and follow-up count is the plan's to say."""


@dataclass(frozen=True)
class OutcomeValues:
    """One outcome over the primary set; every array has shape (n,), NaN where the patient does not have it.

    `primary` is percent improvement, or the ready value, or of a further outcome the follow-up score where there is a
    baseline too, which may be zero; `standardized` is its z-score (SD with n - 1) over all
    patients of the primary set with the outcome, both arms together.
    """

    outcome: Outcome
    primary: np.ndarray = field(repr=False)
    standardized: np.ndarray = field(repr=False)
    baseline: np.ndarray | None = field(default=None, repr=False)
    followup: np.ndarray | None = field(default=None, repr=False)

    @property
    def measure(self) -> str:
        """`percent_improvement` or `value`."""
        return "value" if self.outcome.value is not None else "percent_improvement"

    @property
    def has(self) -> np.ndarray:
        """Which patients have the outcome, boolean (n,)."""
        return ~np.isnan(self.primary)

    @property
    def response(self) -> np.ndarray | None:
        """1 if improved by the plan's percentage or more, 0 if not, NaN without outcome; None if not asked for."""
        return self._event(self.primary, self.outcome.response, at_least=True)

    @property
    def remission(self) -> np.ndarray | None:
        """1 if the follow-up score is at most the plan's limit; as `response`."""
        return None if self.followup is None else self._event(self.followup, self.outcome.remission, at_least=False)

    def _event(self, values: np.ndarray, limit: float | None, at_least: bool) -> np.ndarray | None:
        if limit is None or self.outcome.value is not None:
            return None
        # 100 (24 - 12) / 24 is 50 exactly, but 100 (b - f) / b in floating point may fall a hair short of it
        reached = values >= limit - 1e-9 if at_least else values <= limit + 1e-9
        return np.where(self.has, reached.astype(float), np.nan)


@dataclass(frozen=True)
class Cohort:
    """The primary set: patients in an eligible arm with at least one usable outcome.

    `frame` keeps the pooled table's columns for these n patients; `study` are codes into `study_names`, in order of
    appearance; `treatment` is 1 active, 0 control.
    """

    frame: pd.DataFrame = field(repr=False)
    study_names: tuple[str, ...]
    study: np.ndarray = field(repr=False)
    treatment: np.ndarray = field(repr=False)
    outcomes: tuple[OutcomeValues, ...]
    flow: tuple[FlowRow, ...]
    issues: tuple[Issue, ...]
    further: tuple[OutcomeValues, ...] = ()
    """Outcomes that have no say in who is in the primary set."""

    @property
    def every_outcome(self) -> tuple[OutcomeValues, ...]:
        """The outcomes, then the further ones, as in the plan."""
        return (*self.outcomes, *self.further)

    @property
    def n(self) -> int:
        """Patients in the primary set."""
        return len(self.frame)


def build_cohort(table: pd.DataFrame, plan: Plan, source: str | Where = "the pooled table") -> Cohort:
    """The primary set of a pooled table (one row a patient) under a plan.

    `source` is the table's place, or its name, for messages. Raises UserError if a column the plan names is not there,
    an outcome or arm is not numeric, or nobody is left.
    """
    place = source if isinstance(source, Where) else Where(file=source)
    _require_columns(table, plan, place)
    arm = arm_codes(table, plan.columns.arm, place)
    study = table[plan.columns.study].astype("string").fillna("").str.strip()
    kept = kept_rows(table, plan.include, place)
    reasons = np.full(len(table), "", dtype=object)
    reasons[~kept] = "other"
    reasons[(reasons == "") & (np.isnan(arm) | (study == "").to_numpy())] = "other"
    if "excluded" in table.columns:  # the harmonizer's own reasons are the more exact ones
        stated = table["excluded"].astype("string").fillna("").to_numpy(dtype=object)
        reasons = np.where(np.isin(stated, BEFORE_OUTCOMES), stated, reasons)
    reasons[_identical_rows(table, plan, reasons == "")] = "duplicate"
    values, issues = _outcomes(table, plan, place, reasons == "")
    further, told = _further(table, plan, place)
    issues += _shared_ids(table, plan, place, reasons == "")
    reasons[(reasons == "") & _without(values, "baseline")] = "no_baseline"
    reasons[(reasons == "") & ~_any_outcome(values)] = "no_followup"
    primary = reasons == ""
    if not primary.any():
        raise UserError("No patient has an eligible arm and a usable outcome.", place,
                        "Look at the arms and outcomes of the plan and at the reasons for exclusion.")
    cohort = _assemble(table, study, arm, reasons, values, (*issues, *told))
    return replace(cohort, further=tuple(_restrict(value, primary) for value in further))


def _assemble(table: pd.DataFrame, study: pd.Series, arm: np.ndarray, reasons: np.ndarray,
              values: list[OutcomeValues], issues: tuple[Issue, ...]) -> Cohort:
    primary = reasons == ""
    codes, names = pd.factorize(study[primary])
    outcomes = tuple(_restrict(value, primary) for value in values)
    return Cohort(
        frame=table.loc[primary].reset_index(drop=True),
        study_names=tuple(str(name) for name in names),
        study=codes,
        treatment=arm[primary],
        outcomes=outcomes,
        flow=_flow(study.to_numpy(dtype=object), reasons),
        issues=issues,
    )


def _require_columns(table: pd.DataFrame, plan: Plan, place: Where) -> None:
    needed = [plan.columns.study, plan.columns.arm]
    for outcome in plan.outcomes:
        needed += [c for c in (outcome.baseline, outcome.followup, outcome.value) if c]
    needed += [rule.column for rule in plan.include]
    for column in needed:
        if column not in table.columns:
            raise UserError(f'There is no column "{column}", which the plan names.', replace(place, column=column),
                            "Correct the name in the plan, or add the column.")
    if not plan.outcomes:
        raise UserError("The plan has no outcomes.", place, 'Add at least one to "outcomes".')


def _identical_rows(table: pd.DataFrame, plan: Plan, eligible: np.ndarray) -> np.ndarray:
    """Rows that repeat an eligible row above in every cell, its patient's id included."""
    result = np.zeros(len(table), dtype=bool)
    if plan.columns.patient in table.columns:
        named = np.flatnonzero(eligible & table[plan.columns.patient].notna().to_numpy())
        result[named[table.iloc[named].duplicated().to_numpy()]] = True
    return result


def _shared_ids(table: pd.DataFrame, plan: Plan, place: Where, eligible: np.ndarray) -> list[Issue]:
    """Rows of one study that share a patient id but differ: each is analyzed, and the reader is told."""
    column = plan.columns.patient
    if column not in table.columns:
        return []
    named = np.flatnonzero(eligible & table[column].notna().to_numpy())
    repeated = named[table.iloc[named].duplicated([plan.columns.study, column]).to_numpy()]
    if not len(repeated):
        return []
    first = int(repeated[0])
    return [Issue(Severity.WARNING, "patient_id_shared",
                  f"{len(repeated)} rows bear a patient id that another row of the same study bears, with other "
                  f'values; each is analyzed as a patient of its own. The first is "{table[column].iloc[first]}".',
                  row_at(table, first, place, column),
                  "If they are the same person, keep one row each; if not, give each person an id of their own.")]


def _outcomes(table: pd.DataFrame, plan: Plan, place: Where,
              eligible: np.ndarray) -> tuple[list[OutcomeValues], list[Issue]]:
    values: list[OutcomeValues] = []
    issues: list[Issue] = []
    told: set[str] = set()
    for outcome in plan.outcomes:
        if outcome.value is not None:
            ready = numeric_column(table, outcome.value, place)
            values.append(OutcomeValues(outcome, ready, ready))
            continue
        assert outcome.baseline and outcome.followup
        baseline = numeric_column(table, outcome.baseline, place)
        followup = numeric_column(table, outcome.followup, place)
        bad = eligible & (baseline <= 0)
        if bad.any() and outcome.baseline not in told:
            told.add(outcome.baseline)
            issues += _bad_baselines(table, np.flatnonzero(bad), baseline, outcome.baseline, place)
        usable = np.where(baseline > 0, baseline, np.nan)
        improvement = 100 * (usable - followup) / usable
        values.append(OutcomeValues(outcome, improvement, improvement, usable, followup))
    return values, issues


def _further(table: pd.DataFrame, plan: Plan, place: Where) -> tuple[list[OutcomeValues], list[Issue]]:
    """The plan's further outcomes; a column that is not there holds nothing, and the reader is told."""
    absent = dict.fromkeys(name for one in plan.further_outcomes for name in (one.baseline, one.followup, one.value)
                           if name and name not in table.columns)
    told = [Issue(Severity.WARNING, "further_outcome_missing",
                  f'The plan\'s further outcomes name "{name}", which is no column of the data.',
                  replace(place, variable=name), "Correct the plan, or add the column.") for name in absent]

    def column(name: str | None) -> np.ndarray:
        return np.full(len(table), np.nan) if name is None or name in absent else numeric_column(table, name, place)

    found = []
    for one in plan.further_outcomes:
        if one.value is not None:
            found.append(OutcomeValues(one, column(one.value), column(one.value)))
            continue
        baseline, followup = column(one.baseline), column(one.followup)
        both = np.where(np.isnan(baseline), np.nan, followup)
        found.append(OutcomeValues(one, both, both, baseline, followup))
    return found, told


def _bad_baselines(table: pd.DataFrame, positions: np.ndarray, baseline: np.ndarray, column: str,
                   place: Where) -> list[Issue]:
    return [Issue(Severity.ERROR, "baseline_not_positive",
                  f"The baseline is {baseline[i]:g}, so percent improvement is undefined; the patient is left out.",
                  row_at(table, int(i), place, column), "Correct the baseline if it is a mistake.")
            for i in positions]


def _without(values: list[OutcomeValues], part: str) -> np.ndarray:
    """Patients without any usable baseline, where every outcome needs one."""
    parts = [getattr(value, part) for value in values]
    if any(p is None for p in parts):
        return np.zeros(len(values[0].primary), dtype=bool)
    return np.logical_and.reduce([np.isnan(p) for p in parts])


def _any_outcome(values: list[OutcomeValues]) -> np.ndarray:
    return np.logical_or.reduce([value.has for value in values])


def _restrict(value: OutcomeValues, primary: np.ndarray) -> OutcomeValues:
    def part(array: np.ndarray | None) -> np.ndarray | None:
        return None if array is None else array[primary]

    kept = value.primary[primary]
    return OutcomeValues(value.outcome, kept, standardize(kept), part(value.baseline), part(value.followup))


def standardize(values: np.ndarray) -> np.ndarray:
    """z-scores over the non-missing values, SD with n - 1; all NaN where there is no spread (METHODS section 4)."""
    present = values[~np.isnan(values)]
    if present.size < 2:
        return np.full_like(values, np.nan)
    spread = present.std(ddof=1)
    if not spread > 1e-12 * float(np.abs(present).max()):
        return np.full_like(values, np.nan)
    return (values - present.mean()) / spread


def _flow(study: np.ndarray, reasons: np.ndarray) -> tuple[FlowRow, ...]:
    rows: list[FlowRow] = []
    for name in pd.unique(study):
        own = reasons[study == name]
        rows.append(FlowRow(str(name), "in file", len(own)))
        for reason in dict.fromkeys(own[own != ""]):
            rows.append(FlowRow(str(name), "excluded", int((own == reason).sum()), "patients", str(reason)))
        rows.append(FlowRow(str(name), "analyzed", int((own == "").sum())))
    return tuple(rows)
