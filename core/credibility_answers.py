"""What the results answer to the questions of the credibility form; what they cannot know is "unclear"."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.cohort import Cohort
from core.credibility import Answer, Credibility, Form, Prefilled, asked_of, form_of
from core.moderators.values import moderator_values
from core.published import published_beside
from core.results import ModelName, ModeratorEffect, Results
from core.wording import count, estimate, interval, number, p_phrase, percent

FEW_TESTS = 3
"""Moderators up to which a list is short."""
CHANCE: tuple[tuple[float, Answer], ...] = ((0.005, "definitely_yes"), (0.01, "probably_yes"), (0.05, "probably_no"))
GROUPS: tuple[tuple[int, Answer], ...] = ((2, "definitely_no"), (4, "probably_no"), (9, "probably_yes"))
"""Studies on the smaller side up to which there are so few."""
ALONG: tuple[tuple[int, Answer], ...] = ((5, "definitely_no"), (10, "probably_no"), (15, "probably_yes"))
"""The same along a continuous moderator, all studies together."""
ALPHA = 0.05


def prefilled(results: Results, cohort: Cohort | None, outcome: str, moderator: str) -> dict[str, Prefilled]:
    """The program's answers by question. Without a cohort the studies of each side are not known."""
    rows = {row.model: row for row in results.moderators if (row.outcome, row.moderator) == (outcome, moderator)}
    if not rows:
        return {}
    lead: ModeratorEffect = rows["recommended" if results.plan.model.random_slope and "recommended" in rows
                                 else next(iter(rows))]
    within = _within(lead)
    return {"within": within, "similar": _similar(lead), "many": _many(lead, within, _sides(results, cohort, lead)),
            "foreseen": _foreseen(results, rows),
            "chance": _chance(lead, rows), "few": _few(results, lead), "random": _random(rows),
            "whole": _whole(lead, results)}


def forms_of(results: Results, cohort: Cohort | None, credibility: Credibility) -> tuple[Form, ...]:
    """The forms worth keeping, in the order of the results."""
    return tuple(form_of(outcome, moderator, prefilled(results, cohort, outcome, moderator),
                         credibility.of(outcome, moderator))
                 for outcome, moderator in asked_of(results, credibility))


def _within(row: ModeratorEffect) -> Prefilled:
    if row.level == "study":
        return Prefilled("definitely_no", f"It is the same for all patients of a study: {_studies(row.k)} compared.")
    if not row.within_se or row.within_beta is None:
        return Prefilled("probably_no", "The part within studies could not be told from the part across them.")
    if not row.across_se or row.across_beta is None:
        return Prefilled("probably_yes", "The part across studies could not be told; what there is compares patients.")
    share = row.within_se ** -2 / (row.within_se ** -2 + row.across_se ** -2)
    return Prefilled("probably_yes" if share >= 0.5 else "probably_no",
                     f"{percent(share)} of the information is within studies: {number(row.within_beta)} SD within, "
                     f"{number(row.across_beta)} SD across; the estimate mixes both.")


def _similar(row: ModeratorEffect) -> Prefilled:
    if row.level == "study":
        return Prefilled("not_applicable", "There is no comparison within studies.")
    if row.two_stage_k is None or row.two_stage_k < 2 or row.two_stage_i2 is None:
        return Prefilled("not_applicable", "Fewer than two studies tell their own change.")
    i2 = row.two_stage_i2
    text = f"I² {number(i2, 0)} % over {_studies(row.two_stage_k)}"
    if row.two_stage_prediction_low is not None:
        text += f"; prediction for a new study {interval(row.two_stage_prediction_low, row.two_stage_prediction_high)}"
    answer: Answer = "definitely_no" if i2 > 75 else "probably_no" if i2 > 50 or row.two_stage_k < 3 else "probably_yes"
    return Prefilled(answer, f"{text}.")


def _many(row: ModeratorEffect, within: Prefilled, sides: tuple[int, ...]) -> Prefilled:
    if row.level != "study" and within.answer == "probably_yes":
        return Prefilled("not_applicable", "Most of the comparison is within studies.")
    if row.level == "study" and row.kind != "continuous":
        if not sides:
            return Prefilled("probably_no", f"{_studies(row.k)} in all; those on each side are not known here.")
        least = min(sides)
        return Prefilled(_step(least, GROUPS), f"{_studies(least)} on the smaller side, {_studies(row.k)} in all.")
    return Prefilled(_step(row.k, ALONG), f"{_studies(row.k)}.")


def _step(n: int, steps: tuple[tuple[int, Answer], ...]) -> Answer:
    return next((answer for most, answer in steps if n <= most), "definitely_yes")


def _foreseen(results: Results, rows: Mapping[ModelName, ModeratorEffect]) -> Prefilled:
    """The program cannot know; what is published may help the person who does."""
    before = published_beside(results, rows["published"]) if "published" in rows else None
    known = f" The protocol's source publication has {before}." if before is not None else ""
    return Prefilled("probably_no", f"The plan states no direction: answer from your protocol.{known}")


def _chance(lead: ModeratorEffect, rows: Mapping[ModelName, ModeratorEffect]) -> Prefilled:
    if lead.p is None:
        return Prefilled("probably_no", f"There is no test. {lead.note}".strip())
    told = "; ".join(f"{model} model {p_phrase(row.p)}" for model, row in rows.items() if row.p is not None)
    answer: Answer = next((answer for most, answer in CHANCE if lead.p <= most), "definitely_no")
    return Prefilled(answer, f"{told}.".capitalize())


def _few(results: Results, row: ModeratorEffect) -> Prefilled:
    tested = len({one.moderator for one in results.moderators
                  if one.outcome == row.outcome and one.p is not None and ":" not in one.moderator})
    told = f"{count(tested, 'moderator')} tested with this outcome"
    if tested <= FEW_TESTS:
        return Prefilled("definitely_yes", f"{told}.")
    adjusted, name = (row.q, "q") if row.tier == "2" else (row.p_adjusted, "adjusted p")
    if adjusted is None:
        return Prefilled("definitely_no", f"{told}; their number is not taken into account.")
    held = adjusted < ALPHA
    return Prefilled("definitely_yes" if held else "probably_no",
                     f"{told}; {'it holds' if held else 'it does not hold'} after correction ({name} "
                     f"{number(adjusted, 3)}).")


def _random(rows: Mapping[ModelName, ModeratorEffect]) -> Prefilled:
    found = rows.get("recommended")
    if found is None or found.p is None:
        return Prefilled("probably_no", "Only the intercepts of studies are random in the model that could be fitted.")
    said = estimate(found.beta, found.ci_low, found.ci_high) if found.beta is not None else found.statistic
    return Prefilled("definitely_yes", f"The recommended model lets the effect differ between studies: {said}, "
                                       f"{p_phrase(found.p)}.")


def _whole(row: ModeratorEffect, results: Results) -> Prefilled:
    if row.kind == "continuous":
        is_log = any(one.transform == "log" for one in results.plan.moderators if one.name == row.moderator)
        return Prefilled("definitely_yes", f"It is analyzed over its whole range{', as its logarithm' * is_log}.")
    return Prefilled("not_applicable", "It is not continuous. If it was cut from a measurement, answer for that.")


def _sides(results: Results, cohort: Cohort | None, row: ModeratorEffect) -> tuple[int, ...]:
    """Studies with each value of a study-level moderator that is not continuous."""
    if cohort is None or row.level != "study" or row.kind == "continuous":
        return ()
    moderator = next((one for one in results.plan.moderators if one.name == row.moderator), None)
    values = next((one for one in cohort.outcomes if one.outcome.name == row.outcome), None)
    if moderator is None or values is None:
        return ()
    terms = moderator_values(cohort, moderator).terms
    if not terms:
        return ()
    table = np.array([term.values for term in terms])
    used = values.has & ~np.isnan(table).any(axis=0)
    levels = np.unique(table[:, used], axis=1, return_inverse=True)[1].ravel()
    return tuple(len(np.unique(cohort.study[used][levels == level])) for level in np.unique(levels))


def _studies(n: int) -> str:
    return count(n, "study", "studies")
