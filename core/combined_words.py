"""A combined moderator in words: whether it helps choose treatment, judged by what was held out, and the cautions that
belong beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from core.combined_results import CombinedEffect
from core.labels import Labels, in_sentence
from core.moderators.combined import ASSUMED, NOTHING
from core.moderators.members import WITHOUT
from core.wording import THIN, count, estimate, number, p_phrase

ALPHA = 0.05
MORE = 0.1
"""How much higher r of a flexible learner must be, wherever it is known, to say that it finds more."""
FEW_STUDIES = 5
"""Fewer than so many studies say little about a study left out."""
SAID = re.compile(rf"{re.escape(NOTHING)} ?|Set .*? without its study-level members: [^.]*\. ?")
"""Sentences of a note that are said otherwise here."""
NO_TEST = f"with no moderation at all its interval excludes 0 in 87 to 100{THIN}% of data sets"
RESEARCH = "For research only."

Verdict = Literal["none", "empty", "unproven", "no", "little", "useful"]
"""Not fitted; no member kept; no permutations to judge by; no use; more than chance, below the line; at the line."""


def held_out(one: CombinedEffect) -> float | None:
    """The r that leads: of studies left out; for too few studies that of patients left out."""
    return one.r_cv if one.r_leave_study_out is None else one.r_leave_study_out


def verdict(one: CombinedEffect, labels: Labels) -> Verdict:
    """What the data say of a set. It is called useful where r among studies left out, and among patients left out,
    reaches the protocol's line.
    """
    r, line = held_out(one), labels.useful_r
    if one.lambda_ is None:
        return "none"
    if one.is_empty or r is None:
        return "empty" if one.is_empty else "none"
    if r > 0 and one.p_permutation is None:
        return "unproven"
    if r <= 0 or (one.p_permutation or 0.0) >= ALPHA:
        return "no"
    return "useful" if r >= line and (one.r_cv is None or one.r_cv >= line) else "little"


def reading(one: CombinedEffect, labels: Labels) -> str:
    """The worked reading of one set and outcome, what was held out first."""
    delay, line = labels.delays.get(one.outcome), number(labels.useful_r, 1)
    where = f"{f'After {delay}' if delay else labels.outcome(one.outcome)}, set {one.set}: "
    said = {
        "none": f"no combined moderator. {one.note}",
        "empty": "no usable combination. The penalty that foretells best leaves no moderator in: in these data the set "
                 "does not help choose treatment.",
        "unproven": f"without permutations in the plan nothing tells this from chance: {honest(one)}.",
        "no": f"in these data the combination does not help choose treatment: {honest(one)}.",
        "little": f"in these data the combination tells more than chance who benefits, but too little to choose "
                  f"treatment by: {honest(one)}; the line of usefulness is {line}.",
        "useful": f"in these data the combination helps tell who benefits: {honest(one)}; it reaches the line of "
                  f"usefulness, {line}. Before anyone is treated by it, it must hold in a new study.",
    }[verdict(one, labels)]
    return f"{where}{said}".strip()


def honest(one: CombinedEffect) -> str:
    """The held-out r, how it was had, and the permutation p."""
    parts = []
    if one.r_leave_study_out is not None:
        parts.append(f"held-out r = {number(one.r_leave_study_out)} (studies left out in turn)")
    if one.r_cv is not None:
        parts.append(f"{'' if parts else 'held-out r = '}{number(one.r_cv)} {'' if parts else '('}cross-validated"
                     f"{'' if parts else ')'}")
    if one.p_permutation is not None:
        parts.append(f"permutation {p_phrase(one.p_permutation)}")
    return ", ".join(parts)


def flexible_held_out(one: CombinedEffect) -> float | None:
    """As `held_out`, of the flexible learner; None where none was judged."""
    return one.r_flexible_cv if one.r_flexible_leave_study_out is None else one.r_flexible_leave_study_out


def finds_more(one: CombinedEffect) -> bool:
    """Whether a flexible learner does clearly better than M*, and than choosing nobody, in all that was held out."""
    known = [(free, straight) for free, straight, _ in _beside(one) if free is not None]
    return bool(known) and all(free - max(straight or 0.0, 0.0) >= MORE for free, straight in known)


def flexible(one: CombinedEffect) -> str:
    """What a flexible learner finds beside M* where both are held out; "" where the plan does not ask for one."""
    if flexible_held_out(one) is None:
        return ""
    told = ", ".join(f"{number(free)} against {number(straight)} {how}" for free, straight, how in _beside(one)
                     if free is not None)
    text = f"A flexible learner, free to bend and to combine, finds {'more' if finds_more(one) else 'no more'} than " \
           f"M*: held-out r = {told}."
    return text if not finds_more(one) else (
        f"{text} The benefit may bend, or hang on several members together: look at the figure of each member, with a "
        "spline. This is a hint and no test.")


def flexible_comparison(combined: Sequence[CombinedEffect], outcome: str) -> str:
    """In how many combinations of an outcome a flexible learner finds more; "" where there is none."""
    own = [one for one in combined if one.outcome == outcome and flexible_held_out(one) is not None]
    more = [one.set for one in own if finds_more(one)]
    if not own:
        return ""
    return (f"A flexible learner, free to bend and to combine, finds more than M* (r higher by {number(MORE, 1)} or "
            f"more in all that was held out) in {len(more) or 'none'} of {count(len(own), 'combination')}"
            f"{': set ' if len(more) == 1 else ': sets ' if more else ''}{', '.join(more)}.")


def _beside(one: CombinedEffect) -> tuple[tuple[float | None, float | None, str], ...]:
    """r of a flexible learner, r of M*, and what was held out."""
    return ((one.r_flexible_leave_study_out, one.r_leave_study_out, "(studies left out in turn)"),
            (one.r_flexible_cv, one.r_cv, "(cross-validated)"))


def is_offered(one: CombinedEffect, labels: Labels) -> bool:
    """Whether values of single patients may be tried, for research: only of a set that is useful in what was held out,
    whatever r is apparent.
    """
    return verdict(one, labels) == "useful"


def apparent(one: CombinedEffect) -> str:
    """The apparent r, and why it is no test."""
    if one.r is None:
        return ""
    chance = "" if one.null_high is None else (
        f" Where nothing moderates, 95{THIN}% of such r stay below {number(one.null_high)} (pairs' own correlation, "
        f"here {number(one.r_pearson)}).")
    return (f"Apparent r = {estimate(one.r, one.r_low, one.r_high)}: fitted and judged on the same patients. That is "
            f"no test: {NO_TEST}.{chance}")


def cautions(one: CombinedEffect, others: Sequence[CombinedEffect], labels: Labels) -> tuple[str, ...]:
    """What a reader must keep in mind, gravest first; `others`: all sets of the run."""
    if one.lambda_ is None:
        return ()
    return tuple(_cautions(one, others, labels))


def _cautions(one: CombinedEffect, others: Sequence[CombinedEffect], labels: Labels) -> Iterator[str]:
    yield from _studies_own(one, others, labels)
    if one.r_leave_study_out is not None and one.k < FEW_STUDIES:
        yield f"{count(one.k, 'study', 'studies')} only: what happens in a study left out is known poorly."
    tried = sum(other.outcome == one.outcome and WITHOUT not in other.set for other in others)
    if tried > 1:
        yield (f"{count(tried, 'set')} were tried with this outcome: p is not corrected for that, and the best of "
               "several looks better than it is.")
    if one.r_failed:
        yield f"{count(one.r_failed, 'bootstrap replicate')} gave no r."
    if WITHOUT in one.set:
        yield "Members that are facts of a study, the same for all its patients, are left out of this set."
    note = SAID.sub("", one.note).strip()
    if note:
        yield note


def _studies_own(one: CombinedEffect, others: Sequence[CombinedEffect], labels: Labels) -> Iterator[str]:
    """Members that are facts of a study, and what the rest is worth without them."""
    own = [in_sentence(labels.trait(weight.moderator)) for weight in one.weights
           if weight.level == "study" and weight.weight]
    if not own:
        return
    apart = next((other for other in others if (other.outcome, other.set) == (one.outcome, f"{one.set} {WITHOUT}")),
                 None)
    left = ""
    if apart is not None and apart.is_empty:
        left = " Without them no usable combination is left."
    elif apart is not None and honest(apart):
        left = f" Without them: {honest(apart)}."
    verb = "is a fact" if len(own) == 1 else "are facts"
    names = " and ".join(own)
    yield (f"{names[:1].upper()}{names[1:]} {verb} of a study, the same for all its patients: they compare trials, not "
           f"patients, and within a study left out they tell nobody apart.{left}")


def is_assumed(one: CombinedEffect) -> bool:
    """Whether the publication does not name the members of the set."""
    return ASSUMED in one.note


def leading_set(combined: Sequence[CombinedEffect], outcome: str) -> CombinedEffect | None:
    """The set with the highest held-out r for an outcome, of those that keep a member; None where none does."""
    usable = [one for one in combined if one.outcome == outcome and not one.is_empty and held_out(one) is not None]
    return max(usable, key=lambda one: held_out(one) or 0.0, default=None)


def comparison(combined: Sequence[CombinedEffect], outcome: str, labels: Labels) -> str:
    """All sets of an outcome in a sentence: how many help."""
    own = [one for one in combined if one.outcome == outcome and one.lambda_ is not None]
    if not own:
        return f"{labels.outcome(outcome)}: no set could be combined."
    found = [verdict(one, labels) for one in own]
    useful, little = found.count("useful"), found.count("little")
    sets = sum(WITHOUT not in one.set for one in own)
    kinds = "" if sets == len(own) else f" ({count(sets, 'set')}, some also without facts of a study)"
    text = (f"{labels.outcome(outcome)}: of {count(len(own), 'combination')}{kinds} {useful or 'none'} "
            f"reach{'es' if useful < 2 else ''} the line of usefulness (r of {number(labels.useful_r, 1)}) in what was "
            f"held out")
    if little:
        text += f", {little} {'tells' if little == 1 else 'tell'} more than chance below it"
    empty = found.count("empty")
    return text + (f", {empty} keep{'s' if empty == 1 else ''} no moderator." if empty else ".")
