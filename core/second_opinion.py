"""Stage 5, after the estimates: what the second engine says of each linear one.

The fits are so quick that they are made again here, from the same outcomes and by the same code; the second engine
takes most of the time. So a window can show estimates first and ask afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from core.cohort import Cohort
from core.conversion import ConversionTable
from core.errors import Issue, Severity
from core.main_effects import LinearQuestion, asked_of, fit_linear
from core.models.second_engine import EngineVerdict, check
from core.moderators.battery import fit_again
from core.moderators.benefit import second_opinion_of
from core.plan import Plan
from core.progress import Progress, silent, subrange
from core.protocol import Protocol
from core.results import NOT_ASKED, Benefit, MainEffect, ModeratorEffect, Results, Sensitivity
from core.sensitivity import variants
from core.workers import Workers, run_each

Row = TypeVar("Row", MainEffect, Sensitivity)


def second_opinion(results: Results, cohort: Cohort, protocol: Protocol | None, tables: Mapping[str, ConversionTable],
                   workers: int | Workers = 1, progress: Progress = silent) -> Results:
    """The results with the second engine's verdict on every linear row and spline; a disagreement is an issue.

    It finds its own way to the fits of the main table; of the many variants it is asked whether ours is also its own.
    """
    plan = results.plan
    of_main = [asked_of(cohort, effect) for effect in results.main_effects]
    of_board = [variant.question for variant in variants(cohort, plan, protocol, dict(tables))]
    questions = [*((one, False) for one in of_main if one is not None), *((one, True) for one in of_board)]
    verdicts = iter(run_each(partial(_ask, cohort, plan), questions, workers, subrange(progress, 0.0, 0.5),
                             lambda _: "Second engine"))
    tested = run_each(partial(_ask_of_moderator, cohort, plan), results.moderators, workers,
                      subrange(progress, 0.5, 0.9), lambda _: "Second engine")
    curves = run_each(partial(_ask_of_curve, cohort, plan), results.benefits, workers, subrange(progress, 0.9, 1.0),
                      lambda _: "Second engine")
    effects = tuple(effect if question is None else _with(effect, next(verdicts))
                    for effect, question in zip(results.main_effects, of_main, strict=True))
    board = tuple(_with(row, next(verdicts)) if row.engines_note == NOT_ASKED else row for row in results.sensitivity)
    return replace(results, main_effects=effects, sensitivity=board, moderators=tuple(tested), benefits=tuple(curves),
                   issues=(*results.issues, *_disagreements([*effects, *tested, *board, *curves])))


def _ask(cohort: Cohort, plan: Plan, question: tuple[LinearQuestion, bool], progress: Progress) -> EngineVerdict:
    asked, from_ours = question
    fitted = fit_linear(cohort, asked, plan)
    return check(fitted.estimate, fitted.columns, fitted.study, fitted.term, random_slope=asked.random_slope,
                 from_ours=from_ours)


def _ask_of_moderator(cohort: Cohort, plan: Plan, row: ModeratorEffect, progress: Progress) -> ModeratorEffect:
    if row.engines_note != NOT_ASKED:
        return row
    found = fit_again(cohort, plan, row)
    if found is None:
        return replace(row, engines_note="A joint test; the contrasts are compared one by one.")
    estimate, rows, term = found
    verdict = check(estimate, rows.columns(), rows.study, term, random_slope=row.model == "recommended", from_ours=True)
    return replace(row, engines_agree=verdict.agrees, engines_note=verdict.text)


def _ask_of_curve(cohort: Cohort, plan: Plan, curve: Benefit, progress: Progress) -> Benefit:
    return second_opinion_of(cohort, plan, curve)


def _with(row: Row, verdict: EngineVerdict) -> Row:
    return replace(row, engines_agree=verdict.agrees, engines_note=verdict.text)


def _disagreements(rows: Iterable[MainEffect | Sensitivity | ModeratorEffect | Benefit]) -> list[Issue]:
    return [Issue(Severity.ERROR, "engines_disagree", f"{row}: {row.engines_note}",
                  remedy="Do not use this number; report it to the makers of Modscope.")
            for row in rows if row.engines_agree is False]
