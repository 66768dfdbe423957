"""The report's section on combined moderators: what was held out first, apparent r second, then the leading set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.calculator_words import calculator_sentence
from core.combined_results import CombinedEffect
from core.combined_words import (
    NO_TEST,
    RESEARCH,
    apparent,
    cautions,
    comparison,
    flexible,
    flexible_comparison,
    held_out,
    is_assumed,
    leading_set,
    reading,
    verdict,
)
from core.figures.combined_keys import KINDS, figure_key, outcome_unit, sets_key
from core.figures.combined_weights import weight_digits
from core.figures.specification import FigureSpec
from core.labels import Labels, in_sentence
from core.moderators.flexible import LEAF, REPEATS, TREES
from core.moderators.members import WITHOUT
from core.plan import Plan
from core.protocol import Protocol
from core.report.blocks import Block, Bullets, FigureBlock, Paragraph, TextTable
from core.results import Results
from core.wording import NOTHING, THIN, decimals_for, estimate, number, p_value, percent

FIRST = ("Read what was held out first: r among patients whom the weights have not seen, in studies left out one at a "
         "time and cross-validated, and p from permutations in which nothing moderates. Apparent r is fitted and "
         "judged on the same patients and is no test.")


def combined_blocks(results: Results, labels: Labels, figures: Sequence[FigureSpec]) -> list[Block]:
    """For each outcome how many sets help, all sets in a table and a figure, and the set that leads."""
    if not results.combined:
        return []
    drawn = {figure.key: FigureBlock(figure, figure.title) for figure in figures}
    blocks: list[Block] = [Paragraph(f"{RESEARCH} {FIRST}")]
    for outcome in dict.fromkeys(one.outcome for one in results.combined):
        own = [one for one in results.combined if one.outcome == outcome]
        blocks.append(Paragraph(comparison(own, outcome, labels)))
        telling = tuple(reading(one, labels) for one in own if verdict(one, labels) in ("little", "useful"))
        blocks += [Bullets(telling)] if telling else []
        blocks.append(sets_table(own, outcome, labels))
        blocks += [drawn[key] for key in (sets_key(outcome),) if key in drawn]
        blocks += [Paragraph(text) for text in (flexible_comparison(own, outcome),) if text]
        best = leading_set(own, outcome)
        if best is not None:
            blocks += _leading(best, results, labels)
            keys = (figure_key(kind, outcome, best.set) for kind in KINDS)
            blocks += [drawn[key] for key in keys if key in drawn]
    return blocks


def _leading(best: CombinedEffect, results: Results, labels: Labels) -> Iterator[Block]:
    """The reading of the set with the highest held-out r, its cautions and weights."""
    tried = sum(one.outcome == best.outcome for one in results.combined)
    of_all = f" of {tried}" if tried > 1 else ""
    yield Paragraph(f"The set with the highest held-out r{of_all}. {reading(best, labels)}")
    yield Bullets(tuple(text for text in (flexible(best), apparent(best), *cautions(best, results.combined, labels),
                                          calculator_sentence(best, labels, in_report=True)) if text))
    yield weights_table(best, results, labels)


def sets_table(own: Sequence[CombinedEffect], outcome: str, labels: Labels) -> TextTable:
    """A row a set; a set that keeps no member, or that cannot be formed, says so."""
    rows = tuple((one.set, f"{one.n:,}" if one.n else NOTHING, str(one.k) if one.k else NOTHING, *_cells(one))
                 for one in own)
    members = _members([one for one in own if one.weights and WITHOUT not in one.set], labels)
    assumed = [one.set for one in own if is_assumed(one) and WITHOUT not in one.set]
    told = [f"Members. {members}." if members else "",
            f"Assumed, because the publication does not name the members: {', '.join(assumed)}." if assumed else "",
            *(f"Set {one.set}: {one.note}" for one in own if one.lambda_ is None)]
    return TextTable(f"Combined moderators, {labels.outcome(outcome)}",
                     ("Set", "n", "k", "Held-out r", "Cross-validated", "p", f"Apparent r (95{THIN}% CI)"), rows,
                     frozenset(range(1, 7)), note=" ".join(text for text in told if text))


def _members(sets: Sequence[CombinedEffect], labels: Labels) -> str:
    """Who is in which set; what holds all of the first set is told by what it adds."""
    told, first = [], {weight.moderator for weight in sets[0].weights} if sets else set()
    for one in sets:
        names = {weight.moderator for weight in one.weights}
        adds = one is not sets[0] and first < names
        own = [in_sentence(labels.moderator(weight.moderator)) for weight in one.weights
               if not adds or weight.moderator not in first]
        told.append(f"{one.set}: {f'set {sets[0].set} and ' if adds else ''}{', '.join(own)}")
    return "; ".join(told)


def _cells(one: CombinedEffect) -> tuple[str, ...]:
    if one.lambda_ is None or one.is_empty:
        return NOTHING, NOTHING, NOTHING, "no usable combination" if one.is_empty else "not fitted"
    return (number(one.r_leave_study_out) if one.r_leave_study_out is not None else NOTHING, number(one.r_cv),
            p_value(one.p_permutation), estimate(one.r, one.r_low, one.r_high))


def weights_table(one: CombinedEffect, results: Results, labels: Labels) -> TextTable:
    """A row a member, the heaviest first."""
    digits, raw = weight_digits(one.weights), decimals_for(weight.weight_raw for weight in one.weights)
    rows = tuple((labels.trait(w.moderator), w.level, estimate(w.weight, w.weight_low, w.weight_high, digits),
                  percent(w.selected), number(w.weight_raw, raw))
                 for w in sorted(one.weights, key=lambda w: -abs(w.weight)))
    note = (f"Weights are changes of the difference between the arms, in {outcome_unit(results, one.outcome)}, for one "
            f"SD more within the set, with the range of 95{THIN}% of resamples; kept in: the share of resamples in "
            "which a member has weight.")
    return TextTable(f"Weights of set {one.set}, {labels.outcome(one.outcome)}",
                     ("Moderator", "A fact of the", "Weight", "Kept in", "For one unit"), rows, frozenset({2, 3, 4}),
                     note=note)


PRICE = "10.1038/s41380-022-01757-7"
PENALTIES = {"elastic_net": "an elastic net [@zou2005] (lasso share {share:g})", "ridge": "a ridge penalty",
             "lasso": "a lasso penalty", "none": "no penalty"}


def combined_methods(plan: Plan, protocol: Protocol | None) -> str:
    """How weights are found, and what is held out of what."""
    chosen = plan.combined
    price = "protocol" if protocol is not None and PRICE in protocol.citation else "price2022"
    penalty = PENALTIES[chosen.penalty].format(share=chosen.l1_ratio)
    tuned = "" if chosen.penalty == "none" else (
        f", its strength chosen by {chosen.folds}-fold cross-validation over patients, never over pairs, stratified by "
        "study and arm")
    tested = "" if not chosen.permutations else (
        f" In {chosen.permutations:,} permutations the recommended model without interactions was fitted, its "
        "residuals permuted within studies, study intercepts and effects drawn anew, and everything fitted again, the "
        "penalty included; p is the share of permutations whose correlation over pairs is no smaller.")
    resampled = "" if not plan.bootstrap.replicates else (
        f" Ranges of weights, limits of apparent r and of the crossing point come from {plan.bootstrap.replicates:,} "
        "bootstrap samples.")
    free = "" if not chosen.flexible else (
        " To see whether straight lines leave something aside, a random forest [@breiman2001] of modified outcomes "
        f"[@tian2014], {TREES} trees with at least one patient in {LEAF} in a leaf, was judged in the place of M* by "
        f"the same studies and the same folds (the first {REPEATS} repeats), with scikit-learn [@pedregosa2011].")
    return (f"Sets of moderators were combined into one, M* [@kraemer2013] [@wallace2013], as in [@{price}], among "
            "patients complete on the outcome and all members, each z-scored in the set. Over all pairs of an active "
            "and a control patient the difference of outcomes was regressed on the means of the moderators with "
            f"{penalty}{tuned}; weights were computed from moments within arms, which equals the fit to written-out "
            "pairs [@friedman2010]. What a set is worth was judged by Spearman's r among patients whom the weights had "
            "not seen, every step taken again without them: studies left out in turn, pooled by their pairs, and "
            f"{chosen.folds}-fold cross-validation repeated ten times.{tested}{free} A set with facts of a study was "
            f"also run without them.{resampled} Apparent r, and the interaction of M* in both mixed models, are fitted "
            "and judged on the same patients.")


def combined_limitations(results: Results) -> Iterator[str]:
    """What combined moderators cannot say."""
    fitted = [one for one in results.combined if one.lambda_ is not None]
    if not fitted:
        return
    if any(one.r is not None for one in fitted):
        yield (f"Apparent r of a combined moderator is fitted and judged on the same patients: {NO_TEST}. It is no "
               "test; judge by what was held out and by the permutations.")
    sets = {one.set for one in fitted if WITHOUT not in one.set}
    if len(sets) > 1:
        yield f"{len(sets)} sets of moderators were combined; the best of several looks better than it is."
    if any(held_out(one) is not None for one in fitted):
        yield "No combined moderator has been tried in a trial that was not part of these data."
