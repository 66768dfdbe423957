"""The sensitivity board: the main effect, and how it changes with chosen moderators, again under other choices, each a
row of one forest (METHODS section 11).

Variants that only leave patients out keep the standardization of the main analysis, so that their rows stay on one
scale; variants that change the scores are standardized anew. A moderator keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.availability import availability
from core.cohort import Cohort, OutcomeValues, standardize
from core.conversion import ConversionTable, convert
from core.errors import Where
from core.main_effects import LEVEL, LinearQuestion, fit_linear
from core.models.tails import normal_quantile, normal_two_sided
from core.models.two_stage import study_differences
from core.moderators.battery import adjusted
from core.moderators.values import moderator_values
from core.plan import Plan
from core.pooled_columns import numeric_column
from core.progress import Progress, silent
from core.protocol import Protocol, TierCuts
from core.results import MAIN, NOT_ASKED, ModeratorEffect, ScaleName, Sensitivity

ORIGIN_COLUMN = "score_origin"
WITHIN = "pairs of the same study"
TIER_CUTS = (1.0, 0.95, 0.9)
"""Other shares from which a moderator is of Tier 1."""


@dataclass(frozen=True)
class Variant:
    """The effect on an outcome, or its change with a moderator (`target`), under another choice."""

    outcome: str
    name: str
    question: LinearQuestion
    scale: ScaleName = "standardized"
    target: str = MAIN

    def __str__(self) -> str:
        return f"Sensitivity: {self.outcome}, {'' if self.target == MAIN else f'{self.target}, '}{self.name}"


def sensitivity(cohort: Cohort, plan: Plan, protocol: Protocol | None, tables: dict[str, ConversionTable],
                tested: Sequence[ModeratorEffect] = (), progress: Progress = silent) -> tuple[Sensitivity, ...]:
    """Every variant that these data allow, for each outcome: of the main effect, then of the plan's moderators, whose
    rows are among the `tested`.
    """
    asked = list(variants(cohort, plan, protocol, tables))
    rows: list[Sensitivity] = []
    for index, variant in enumerate(asked):
        progress(index / len(asked), str(variant))
        found = fit_linear(cohort, variant.question, plan).estimate
        rows.append(Sensitivity(variant.outcome, variant.target, variant.name, found.n, found.k, found.estimate,
                                found.se, found.ci_low, found.ci_high, found.p, variant.scale,
                                found.reason or found.note, engines_note=NOT_ASKED))
    order = list(dict.fromkeys((row.outcome, row.target) for row in rows))
    rows += [_pairs(cohort, values) for values in cohort.outcomes]
    rows += _of_tested(cohort, plan, [row for row in tested if (row.outcome, row.moderator) in order], tested)
    return tuple(sorted(rows, key=lambda row: order.index((row.outcome, row.target))))


@dataclass(frozen=True)
class BoardCost:
    """What a target puts on the board, over all outcomes: rows, and how many of them are fits of their own."""

    rows: int
    fits: int


@dataclass(frozen=True)
class BoardCosts:
    """What is asked of a target, once each ("as analyzed", "without S1"); what that makes of the main effect, and what
    it would of each moderator that can be tested, by name. A row that cannot be estimated is not counted on: there may
    be a few less.
    """

    variants: tuple[str, ...]
    main: BoardCost
    moderators: Mapping[str, BoardCost]


def board_costs(cohort: Cohort, plan: Plan, protocol: Protocol | None,
                tables: dict[str, ConversionTable]) -> BoardCosts:
    """Counted without fitting anything, whatever the plan has on its board."""
    asked = [one.name for values in cohort.outcomes for one in _of_outcome(cohort, values, protocol, tables)]
    cuts, times, fits = list(_other_cuts(plan)), len(cohort.outcomes), len(asked)
    tiers = {one.moderator: one.tier for one in availability(cohort, plan)}
    found = {}
    for moderator in plan.moderators:
        levels = len(moderator_values(cohort, moderator).terms) if tiers[moderator.name] != "none" else 0
        if levels:
            found[moderator.name] = BoardCost(levels * (fits + times * (1 + len(cuts))), levels * fits)
    names = dict.fromkeys((*asked, WITHIN))
    return BoardCosts(tuple(names), BoardCost(fits + times, fits), found)


def variants(cohort: Cohort, plan: Plan, protocol: Protocol | None,
             tables: dict[str, ConversionTable]) -> Iterator[Variant]:
    """What is fitted, in the order of the rows."""
    targets: dict[str, dict[str, np.ndarray]] = {MAIN: {}, **_moderators(cohort, plan)}
    for values in cohort.outcomes:
        of_main = list(_of_outcome(cohort, values, protocol, tables))
        for target, terms in targets.items():
            yield from (replace(one, target=target, question=replace(one.question, terms=terms)) for one in of_main)


def _moderators(cohort: Cohort, plan: Plan) -> dict[str, dict[str, np.ndarray]]:
    """The terms of what is asked about by its name: its own first; of levels, the others beside it."""
    tiers = {one.moderator: one.tier for one in availability(cohort, plan)}
    found: dict[str, dict[str, np.ndarray]] = {}
    for moderator in plan.moderators:
        if moderator.name in plan.sensitivity.moderators and tiers[moderator.name] != "none":
            terms = {term.name: term.values for term in moderator_values(cohort, moderator).terms}
            found |= {name: {name: values} | terms for name, values in terms.items()}
    return found


def _of_outcome(cohort: Cohort, values: OutcomeValues, protocol: Protocol | None,
                tables: dict[str, ConversionTable]) -> Iterator[Variant]:
    y, outcome = values.standardized, values.outcome.name
    yield Variant(outcome, "as analyzed", LinearQuestion(y))
    yield Variant(outcome, "random slope", LinearQuestion(y, random_slope=True))
    if values.followup is not None:
        score = np.where(values.has, values.followup, np.nan)
        yield Variant(outcome, "ANCOVA", LinearQuestion(score, baseline=values.baseline), "raw")
    yield from _conversions(cohort, values, protocol, tables)
    crossover = _crossover(cohort)
    if crossover is not None and 0 < crossover.sum() < cohort.n:
        yield Variant(outcome, "crossover trials excluded", LinearQuestion(np.where(crossover, np.nan, y)))
    with_outcome = np.unique(cohort.study[values.has])
    for code in with_outcome if len(with_outcome) > 1 else ():
        yield Variant(outcome, f"without {cohort.study_names[code]}",
                      LinearQuestion(np.where(cohort.study == code, np.nan, y)))


def _conversions(cohort: Cohort, values: OutcomeValues, protocol: Protocol | None,
                 tables: dict[str, ConversionTable]) -> Iterator[Variant]:
    """Converted scores left out, at the low and high end of the table, and percent improvement on their own scale."""
    if protocol is None or values.baseline is None or ORIGIN_COLUMN not in cohort.frame:
        return
    converted = (cohort.frame[ORIGIN_COLUMN] == "converted").to_numpy()
    if not (converted & values.has).any():
        return
    outcome = values.outcome.name
    native = np.where(converted, np.nan, values.standardized)
    yield Variant(outcome, "converted scores excluded", LinearQuestion(native))
    for rule in protocol.conversions:
        originals = _original_scores(cohort, values, rule.source, rule.target)
        if originals is None or rule.table not in tables:
            continue
        for choice in ("low", "high"):
            baseline, followup = (convert(scores, tables[rule.table], choice) for scores in originals)
            y = _replaced(values, converted, baseline, followup)
            yield Variant(outcome, f"converted scores, {choice}", LinearQuestion(standardize(y)))
        y = _replaced(values, converted, *originals)
        label = protocol.scales_by_key[rule.source].label
        yield Variant(outcome, f"percent improvement on {label} itself", LinearQuestion(standardize(y)))


def _original_scores(cohort: Cohort, values: OutcomeValues, source: str,
                     target: str) -> tuple[np.ndarray, np.ndarray] | None:
    columns = []
    for column in (values.outcome.baseline, values.outcome.followup):
        original = f"{source}{column.removeprefix(target)}" if column and column.startswith(target) else ""
        if original not in cohort.frame:
            return None
        columns.append(numeric_column(cohort.frame, original, Where(file="the pooled table")))
    return columns[0], columns[1]


def _replaced(values: OutcomeValues, converted: np.ndarray, baseline: np.ndarray, followup: np.ndarray) -> np.ndarray:
    """Percent improvement with other scores for the converted patients."""
    usable = np.where(baseline > 0, baseline, np.nan)
    return np.where(converted & values.has, 100 * (usable - followup) / usable, values.primary)


def _crossover(cohort: Cohort) -> np.ndarray | None:
    """Who is of a crossover trial, boolean (n,); None where the table does not say it as 0 or 1."""
    if "crossover" not in cohort.frame:
        return None
    numbers = pd.to_numeric(cohort.frame["crossover"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return numbers == 1


# --- what is no fit of its own --------------------------------------------------------------------------------------


def _pairs(cohort: Cohort, values: OutcomeValues) -> Sensitivity:
    """The mean difference over all pairs of an active and a control patient of the same study: each study's own
    difference weighs by its pairs.
    """
    y = values.standardized
    has = ~np.isnan(y)
    own = [one for one in study_differences(y[has], cohort.treatment[has], cohort.study[has]) if one.se]
    n = sum(one.n_active + one.n_control for one in own)
    row = Sensitivity(values.outcome.name, MAIN, WITHIN, n, len(own), None, None, None, None, None,
                      engines_note="No model: a mean of the studies' own differences.")
    if not own:
        return replace(row, note="No study has a difference with a standard error.")
    weight = np.array([one.n_active * one.n_control for one in own], dtype=float)
    weight /= weight.sum()
    estimate = float(weight @ [one.estimate or 0.0 for one in own])
    se = float(np.sqrt(weight ** 2 @ [(one.se or 0.0) ** 2 for one in own]))
    reach = normal_quantile((1 + LEVEL) / 2) * se
    return replace(row, estimate=estimate, se=se, ci_low=estimate - reach, ci_high=estimate + reach,
                   p=normal_two_sided(estimate / se),
                   note="Mean difference over all pairs of patients of the same study, with a normal interval.")


def _of_tested(cohort: Cohort, plan: Plan, chosen: Sequence[ModeratorEffect],
               tested: Sequence[ModeratorEffect]) -> list[Sensitivity]:
    """r over pairs of the same study, and p adjusted where Tier 1 begins elsewhere, of the published model's rows."""
    own = [row for row in chosen if row.model == "published" and row.beta is not None]
    rows = [Sensitivity(row.outcome, row.moderator, WITHIN, row.n, row.k, row.r_within, None, None, None, None,
                        "correlation", "Effect size r over pairs of patients of the same study, uncentered; no "
                        "interval.", engines_note="No model: a rank correlation.")
            for row in own if row.r_within is not None]
    for cut in _other_cuts(plan) if own else ():
        other = plan.model_copy(update={"tiers": TierCuts(tier1=cut, tier2=plan.tiers.tier2)})
        tiers = {one.moderator: one.tier for one in availability(cohort, other)}
        again = adjusted([replace(row, tier=tiers.get(row.moderator, row.tier), p_adjusted=None, q=None, family=None)
                          for row in tested], other)
        found = {(row.outcome, row.moderator): row for row in again if row.model == "published"}
        rows += [_with_cut(found[row.outcome, row.moderator], cut) for row in own]
    return rows


def _other_cuts(plan: Plan) -> Iterator[float]:
    return (cut for cut in TIER_CUTS if plan.tiers.tier2 <= cut != plan.tiers.tier1)


def _with_cut(row: ModeratorEffect, cut: float) -> Sensitivity:
    if row.family is None:
        p, told = row.p, "Raw p: levels are tested together, and counted in no family one by one."
    else:
        p = row.p_adjusted if row.tier == "1" else row.q
        told = f"Tier {row.tier}: {'adjusted p' if row.tier == '1' else 'q'} in a family of {row.family}."
    return Sensitivity(row.outcome, row.moderator, f"Tier 1 from {100 * cut:g} % availability", row.n, row.k, row.beta,
                       row.se, row.ci_low, row.ci_high, p, note=told,
                       engines_note="The estimate is that of the table of moderators.")
