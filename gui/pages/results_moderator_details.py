"""What stands behind a moderator's row: the sentence, what to keep in mind, the other model, who is left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.labels import Labels, in_sentence
from core.moderator_words import ONE_SIDE, cautions, left_out_sentence, moderator_sentence
from core.published import published_beside
from core.r_lines import moderator_line
from core.results import ModeratorEffect, Results
from core.wording import MODELS, count, estimate, number, p_phrase, p_value, patients_in_studies
from gui.pages.results_details import Details, Fact, left_out
from gui.pages.results_marks import engine_mark
from gui.pages.results_moderators import ModeratorLine, adjusted

if TYPE_CHECKING:
    from core.moderators.left_out import LeftOut

SAID_ELSEWHERE = re.compile(rf"Between \d+ stud(?:y|ies) only: [^.]*\.|{ONE_SIDE.pattern}")
"""Sentences of a note that the cautions say in full."""


def moderator_details(line: ModeratorLine, results: Results, labels: Labels, left: LeftOut | None) -> Details:
    """The details of a row; `left`: who is left out, where that is known."""
    row, other = line.row, line.other
    is_log = any(one.transform == "log" for one in results.plan.moderators if one.name == row.moderator)
    before = published_beside(results, row) or (published_beside(results, other) if other is not None else None)
    whole = left_out(row.n, results) if row.n else ""
    facts = (
        Fact("Keep in mind", "\n".join(cautions(row, other))),
        Fact(MODELS[other.model] if other is not None else "", _short(other)),
        Fact("In the paper", str(before) if before is not None else ""),
        Fact("Patients", patients_in_studies(row.n, row.k) if row.n else ""),
        Fact("Left out", left_out_sentence(left, row, labels) if left is not None else whole),
        *_parts(row, labels),
        Fact("Second engine", row.engines_note, engine_mark(row) if row.beta is not None else None),
        *_curve(row, results),
        Fact("Tests in the family", str(row.family) if row.family else ""),
        Fact("Note", SAID_ELSEWHERE.sub("", row.note).strip() if row.beta is not None or row.statistic else ""))
    return Details(f"{labels.trait(row.moderator)}, {labels.outcome(row.outcome)}",
                   moderator_sentence(row, labels, is_log), tuple(fact for fact in facts if fact.text),
                   moderator_line(row, results))


def _short(row: ModeratorEffect | None) -> str:
    if row is None or row.p is None:
        return ""
    said = row.statistic if row.beta is None else f"β* {estimate(row.beta, row.ci_low, row.ci_high)}"
    value, name = adjusted(row), "q" if row.tier == "2" else "adjusted"
    return f"{said}, {p_phrase(row.p)}" + ("" if value is None else f", {name} {p_value(value)}")


def _curve(row: ModeratorEffect, results: Results) -> tuple[Fact, ...]:
    """What the spline of the same model says, where the plan asks for one."""
    key = (row.outcome, row.moderator, row.model)
    found = next((one for one in results.benefits if (one.outcome, one.moderator, one.model) == key), None)
    if found is None:
        return ()
    said = found.note
    if found.bend_p is not None and found.spline_p is not None:
        said = (f"Restricted cubic spline, {len(found.knots)} knots: bend F({found.bend_df1}, {found.bend_df2:.1f}) = "
                f"{found.bend_f:.2f}, {p_phrase(found.bend_p)}; any change of the benefit {p_phrase(found.spline_p)}")
    return (Fact("Not held to a straight line", said),
            Fact("Curve, second engine", found.engines_note, engine_mark(found)))


def _parts(row: ModeratorEffect, labels: Labels) -> tuple[Fact, ...]:
    def slope(name: str) -> str:
        value, p = getattr(row, f"{name}_beta"), getattr(row, f"{name}_p")
        return "" if value is None else f"{number(value)} ({p_phrase(p)})"

    parts = [f"{words} {slope(name)}" for name, words in
             (("within", "within studies"), ("across", "across studies"), ("difference", "difference")) if slope(name)]
    pooled = estimate(row.two_stage_beta, row.two_stage_low, row.two_stage_high)
    return (
        Fact("Effect size r", "" if row.r is None else f"{estimate(row.r, row.r_low, row.r_high)}; parametric "
             f"{number(row.r_parametric)}; pairs of one study {number(row.r_within)}"),
        Fact("Slope in each arm", f"{in_sentence(labels.active)} {slope('active')}, "
                                  f"{in_sentence(labels.control)} {slope('control')}" if slope("active") else ""),
        Fact("Whatever the treatment", slope("predictor")),
        Fact("Within and across studies", "; ".join(parts)),
        Fact("Each study's own, pooled", f"{pooled}, {count(row.two_stage_k, 'study', 'studies')}"
             if row.two_stage_beta is not None and row.two_stage_k else ""),
        Fact("Unstandardized", f"{number(row.beta_raw, 3)} (SE {number(row.se_raw, 3)}) units of the outcome for one "
             f"unit more" if row.beta_raw is not None else ""))
