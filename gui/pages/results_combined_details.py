"""What stands behind a set's row: the worked reading, what to keep in mind, what M* would mean for a reader."""

from __future__ import annotations

from core.calculator_words import calculator_sentence
from core.combined_results import CombinedEffect
from core.combined_words import (
    apparent,
    cautions,
    comparison,
    flexible,
    flexible_comparison,
    is_offered,
    reading,
)
from core.figures.combined_patients import crossing_words, side_words
from core.labels import Labels
from core.results import Results
from core.wording import estimate, number, patients_in_studies
from gui.pages.results_details import Details, Fact, left_out
from gui.pages.results_try_values import TRY

PENALTIES = {"elastic_net": "elastic net", "ridge": "ridge", "lasso": "lasso", "none": "no penalty"}


def combined_details(one: CombinedEffect, results: Results, labels: Labels) -> Details:
    """The details of a row."""
    is_there = one.lambda_ is not None and not one.is_empty
    facts = (
        Fact("Use", calculator_sentence(one, labels) if is_there else ""),
        Fact("Keep in mind", "\n".join(cautions(one, results.combined, labels))),
        Fact("Flexible learner", flexible(one)),
        Fact("Apparent", apparent(one)),
        Fact("Along M*", f"{crossing_words(one)} {side_words(one)}".strip() if is_there else ""),
        Fact("Interaction of M*, apparent", _interaction(one)),
        Fact("Members", ", ".join(labels.trait(weight.moderator) for weight in one.weights)),
        Fact("Patients", f"{patients_in_studies(one.n, one.k)}: {one.n_active} active, {one.n_control} control"
             if one.n else ""),
        Fact("Left out", left_out(one.n, results) if one.n else ""),
        Fact("In R", "reproduce.R, which is written with the report, finds the weights again." if is_there else ""),
        Fact("Penalty", _penalty(one)),
        Fact("All sets", " ".join(text for text in (comparison(results.combined, one.outcome, labels),
                                                    flexible_comparison(results.combined, one.outcome)) if text)))
    return Details(f"Set {one.set}, {labels.outcome(one.outcome)}", reading(one, labels),
                   tuple(fact for fact in facts if fact.text), action=TRY if is_offered(one, labels) else "")


def _interaction(one: CombinedEffect) -> str:
    if one.beta is None:
        return ""
    other = "" if one.beta_recommended is None else \
        f"; recommended {estimate(one.beta_recommended, None, None)} (SE {number(one.se_recommended)})"
    return f"β* {number(one.beta)} (SE {number(one.se)}) SD for one SD of M*, as published{other}"


def _penalty(one: CombinedEffect) -> str:
    if one.lambda_ is None:
        return ""
    mixed = f", {number(one.l1_ratio)} of it lasso" if one.penalty == "elastic_net" else ""
    return f"{PENALTIES.get(one.penalty, one.penalty)}{mixed}; strength {number(one.lambda_, 3)}, chosen by " \
           "cross-validation" if one.penalty != "none" else PENALTIES["none"]
