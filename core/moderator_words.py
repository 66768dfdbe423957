"""A moderator's result in words: a sentence a clinician understands, and the cautions that belong beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.labels import Labels, in_sentence
from core.protocol import USEFUL_R
from core.results import ModeratorEffect
from core.wording import THIN, VARIANCES, count, number, p_phrase, span

if TYPE_CHECKING:
    from core.moderators.left_out import LeftOut

USEFUL = USEFUL_R
"""|r| from which a moderator alone is called clinically useful (Price 2022); drawn, never used to hide anything."""
ALPHA = 0.05
ONE_SIDE = re.compile(r"One side rests on \d+ stud(?:y|ies)\.")


def moderator_sentence(row: ModeratorEffect, labels: Labels, is_log: bool = False) -> str:
    """How the effect changes with a moderator, its interval and p; without an estimate, why there is none.

    `is_log`: the moderator was analyzed as its logarithm.
    """
    name, begin = in_sentence(labels.trait(row.moderator)), _when(row, labels)
    if row.beta is None and row.statistic:
        return (f"{begin}whether the effect differs between the levels of {name}: "
                f"{row.statistic} ({p_phrase(row.p)}).")
    if row.beta is None:
        return f"{begin}{name} has no estimate. {row.note}".strip()
    larger, smaller = ("larger", "smaller") if row.outcome in labels.delays else ("higher", "lower")
    size = f"{number(abs(row.beta))} {_unit(row)} {larger if row.beta >= 0 else smaller}"
    active, control = labels.patients(active=True), labels.patients(active=False)
    what = f"the advantage of {active} over {control}" if row.outcome in labels.delays else \
        f"the difference between {active} and {control}"
    text = f"{what} was {size}{_where(row, name, is_log)}"
    reach = span(row.ci_low, row.ci_high, larger, smaller)
    told = "; ".join(part for part in (f"95{THIN}% interval {reach}" if reach else "", p_phrase(row.p)) if part)
    return f"{begin}{text}{f' ({told})' if told else ''}."


def cautions(row: ModeratorEffect, other: ModeratorEffect | None = None) -> tuple[str, ...]:
    """What a reader must keep in mind, gravest first. `other` is the same moderator by the other model."""
    return tuple(_cautions(row, other)) if row.p is not None else ()


def _cautions(row: ModeratorEffect, other: ModeratorEffect | None) -> Iterator[str]:
    if row.engines_agree is False:
        yield "The two engines disagree: do not use this result."
    if row.level == "study":
        yield (f"Between {count(row.k, 'study', 'studies')} only: trials are compared, not patients, and trials that "
               f"differ in this differ in other things too.")
    yield from (found.group() for found in ONE_SIDE.finditer(row.note))
    yield from _chance(row, other)
    yield from _within_across(row)
    if row.r is not None and abs(row.r) < USEFUL:
        yield (f"Alone it is below the line of clinical usefulness (|r| of {number(USEFUL, 1)}): r is {number(row.r)}.")
    if row.boundary:
        names = " and ".join(VARIANCES.get(name, name) for name in row.boundary.split())
        yield f"In this fit {names} is estimated at zero: a valid result, not a failure."
    if row.r_failed:
        yield f"{count(row.r_failed, 'bootstrap replicate')} gave no r."


def _chance(row: ModeratorEffect, other: ModeratorEffect | None) -> Iterator[str]:
    """What p below 0.05 is worth after all tests, and under the other model."""
    if row.p is None or row.p >= ALPHA:
        return
    tests = f" for {count(row.family, 'test')}" if row.family else ""
    if row.p_adjusted is not None and row.p_adjusted >= ALPHA:
        yield f"It does not survive correction{tests}: adjusted {p_phrase(row.p_adjusted)}."
    elif row.q is not None and row.q >= ALPHA:
        yield f"It does not survive correction{tests}: false discovery rate q = {number(row.q, 3)}."
    elif row.p_adjusted is None and row.q is None:
        yield "It is not corrected for the number of tests."
    if other is not None and other.p is not None and other.p >= ALPHA:
        which = ("lets the effect differ between studies" if other.model == "recommended"
                 else "takes the effect to be the same in all studies")
        yield f"The {other.model} model, which {which}, gives {p_phrase(other.p)}."


def _within_across(row: ModeratorEffect) -> Iterator[str]:
    within, across = row.within_beta, row.across_beta
    if row.level == "study" or within is None or across is None:
        return
    if row.difference_p is not None and row.difference_p < ALPHA:
        yield (f"Within and across studies disagree ({number(within)} and {number(across)}, "
               f"{p_phrase(row.difference_p)}): only the first compares patients of the same trial.")


def _where(row: ModeratorEffect, name: str, is_log: bool) -> str:
    is_study = row.level == "study"
    only = f", between {count(row.k, 'study', 'studies')} only" if is_study else ""
    if row.kind == "continuous":
        what = f"the logarithm of {name}" if is_log else name
        return f" for each SD more of {what}{only}"
    who = "studies" if is_study else "patients"
    if ":" in row.moderator:
        return f" in {who} with {name} than in those of the most frequent level{only}"
    return f" in {who} with {name} than in others{only}"


def _unit(row: ModeratorEffect) -> str:
    return "SD" if row.scale == "standardized" else "units"


def _when(row: ModeratorEffect, labels: Labels) -> str:
    delay = labels.delays.get(row.outcome)
    return f"After {delay}, " if delay else f"{labels.outcome(row.outcome)}: "


def left_out_sentence(left: LeftOut, row: ModeratorEffect, labels: Labels) -> str:
    """Who of the primary set is not in the analysis of a moderator, and which studies lack it."""
    name = in_sentence(labels.variable(row.moderator.split(":")[0]))
    told = f"Of {count(left.primary, 'patient')} of the primary set {left.no_outcome} lack the outcome"
    if not left.no_moderator:
        return f"{told}; nobody else is left out."
    told += f" and {left.no_moderator} more lack {name}."
    whole = [labels.study(one.study) for one in left.studies if one.is_whole]
    some = [f"{labels.study(one.study)} ({one.without} of {one.n})" for one in left.studies if not one.is_whole]
    if whole:
        told += f" {count(len(whole), 'study', 'studies')} without it: {', '.join(whole)}."
    if some:
        told += f" Some patients in {count(len(some), 'study', 'studies')}: {', '.join(some)}."
    return told
