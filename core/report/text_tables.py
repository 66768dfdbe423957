"""The report's tables, every cell as a reader sees it: same decimals in a column, units in the heads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from core.agreement import COMPARISONS
from core.cohort import Cohort
from core.credibility import OVERALL, PROGRAM, QUESTIONS, SIGNS, Form
from core.errors import Issue, Severity
from core.labels import Labels, in_sentence
from core.protocol import Protocol
from core.published import published_beside
from core.report.blocks import TextTable
from core.results import MainEffect, Measure, ModeratorEffect, Results, ScaleName
from core.wording import (
    MEASURES,
    NOTHING,
    THIN,
    count,
    effect_decimals,
    estimate,
    level,
    number,
    number_needed,
    p_value,
    percent,
    points,
    unit,
)

SYNTHETIC_NOTE = "The data analyzed here are synthetic; agreement or not means nothing."
ISSUE_KINDS: dict[str, str] = {
    "no_followup": "No follow-up in any window", "no_baseline": "No usable baseline",
    "title_rows": "Lines above the table", "footer_rows": "Lines below the table",
    "error_cells": "Cells with a spreadsheet error", "variable_unsure": "Meaning of a column not sure",
    "unknown_visit": "Visit not known", "missing_codes": "Codes for missing values", "converted": "Converted scores",
    "sheets_left": "Sheets not used", "codebook_used": "Value labels from a codebook",
    "conversion_fill_in": "Conversion by a filled-in row", "encoding_guessed": "Text encoding guessed",
    "native_unused": "Native scores not used",
}
"""What readers are told instead of codes; a code not listed is written with blanks."""


def flow_table(results: Results, cohort: Cohort, labels: Labels) -> TextTable:
    """A row a study: patients in the file, left out, analyzed, by arm; a total."""
    rows = []
    totals = [0, 0, 0, 0, 0]
    for study in dict.fromkeys(row.study for row in results.flow):
        own = [row for row in results.flow if row.study == study and row.unit == "patients"]
        in_file, excluded, analyzed = (sum(row.n for row in own if row.stage == stage)
                                       for stage in ("in file", "excluded", "analyzed"))
        active = control = 0
        if study in cohort.study_names:
            arm = cohort.treatment[cohort.study == cohort.study_names.index(study)]
            active, control = int((arm == 1).sum()), int((arm == 0).sum())
        numbers = (in_file, excluded, analyzed, active, control)
        totals = [total + n for total, n in zip(totals, numbers, strict=True)]
        rows.append((labels.study(study), *(f"{n:,}" for n in numbers)))
    rows.append(("All", *(f"{n:,}" for n in totals)))
    return TextTable("Patients by study", ("Study", "In file", "Left out", "Analyzed", labels.active, labels.control),
                     tuple(rows), frozenset(range(1, 6)))


def availability_table(results: Results, labels: Labels) -> TextTable:
    """A row a moderator."""
    tiers = {"1": 0, "2": 1}
    ordered = sorted(results.availability, key=lambda a: (tiers.get(a.tier, 2), -a.share))
    rows = tuple((labels.variable(a.moderator), a.level, a.kind, f"{a.n:,}", percent(a.share, 1), str(a.k),
                  {"none": "not tested"}.get(a.tier, a.tier)) for a in ordered)
    return TextTable("Availability of moderators in the primary set",
                     ("Moderator", "Level", "Kind", "Patients", "Share", "Studies", "Tier"), rows, frozenset({3, 4, 5}))


def effects_table(results: Results, labels: Labels) -> TextTable | None:
    """Linear main effects, both models side by side."""
    found: dict[tuple[str, Measure, ScaleName], dict[str, MainEffect]] = {}
    for effect in results.main_effects:
        if effect.scale != "odds_ratio":
            found.setdefault((effect.outcome, effect.measure, effect.scale), {})[effect.model] = effect
    if not found:
        return None
    rows = []
    for (outcome, measure, scale), models in found.items():
        first = next(iter(models.values()))
        rows.append((labels.outcome(outcome), f"{MEASURES[measure]} ({unit(measure, scale)})", f"{first.n:,}",
                     str(first.k), *_model_cells(models.get("published")), *_model_cells(models.get("recommended"))))
    interval = f"{level(next(iter(results.main_effects)).level)}{THIN}CI"
    return TextTable("Main effects, both models",
                     ("Outcome", "Measure", "n", "k", f"Published ({interval})", "p", f"Recommended ({interval})",
                      "p"), tuple(rows), frozenset(range(2, 8)), note=_effects_note(results, labels))


def moderator_tables(results: Results, labels: Labels) -> list[tuple[TextTable, str]]:
    """A table an outcome, both models side by side, with the key of its outcome."""
    found = []
    for outcome in dict.fromkeys(row.outcome for row in results.moderators):
        own = [row for row in results.moderators if row.outcome == outcome and row.p is not None]
        pairs: dict[str, dict[str, ModeratorEffect]] = {}
        for row in sorted(own, key=lambda row: row.tier):
            pairs.setdefault(row.moderator, {})[row.model] = row
        rows = tuple((labels.moderator(name), first.tier, f"{first.n:,}", str(first.k),
                      *_moderator_cells(models.get("published")), *_moderator_cells(models.get("recommended")),
                      estimate(first.r, first.r_low, first.r_high))
                     for name, models in pairs.items() for first in (next(iter(models.values())),))
        heads = ("Moderator", "Tier", "n", "k", "β* published", "p", "Adjusted", "β* recommended", "p",
                 "Adjusted", "r")
        note = ("β*: change of the effect in SD for one SD more, or for yes against no, with its 95 % interval. "
                "Adjusted: p for the family of Tier 1, false discovery rate q in Tier 2. r: effect size over pairs.")
        if rows:
            found.append((TextTable(f"Moderators, {labels.outcome(outcome)}", heads, rows,
                                    frozenset(range(2, 11)), note=note), outcome))
    return found


def published_moderators(results: Results, labels: Labels) -> TextTable | None:
    """The source publication's moderators beside these, never tuned to."""
    rows = []
    for row in results.moderators:
        found = published_beside(results, row)
        if found is not None and row.beta is not None:
            rows.append((labels.outcome(row.outcome), labels.moderator(row.moderator),
                         estimate(found.beta, found.low, found.high), number(found.r),
                         estimate(row.beta, row.ci_low, row.ci_high), number(row.r), found.source))
    if not rows:
        return None
    note = SYNTHETIC_NOTE if results.provenance.synthetic else ""
    return TextTable("Published moderators beside these, published model",
                     ("Timepoint", "Moderator", "β* published", "r", "β* these data", "r", "Source"), tuple(rows),
                     frozenset({2, 3, 4, 5}), note=note)


def credibility_tables(forms: Sequence[Form], labels: Labels) -> list[TextTable]:
    """A table an outcome: a row a moderator, a sign a question, the rating in words."""
    short = [question.short for question in QUESTIONS]
    note = (f"{SIGNS['definitely_no']} lowers credibility; {SIGNS['probably_no']} may lower it, or is unclear; + may "
            "raise it; ++ raises it; n/a does not apply. Answered by: " +
            ", ".join(dict.fromkeys(line.by or PROGRAM for form in forms for line in form.lines)) + ".")
    return [TextTable(f"Credibility of moderators, {labels.outcome(outcome)}", ("Moderator", *short), tuple(
        (labels.moderator(form.moderator),
         *(line.said if line.question is OVERALL else SIGNS[line.answer] for line in form.lines))
        for form in forms if form.outcome == outcome), note=note)
        for outcome in dict.fromkeys(form.outcome for form in forms)]


def _moderator_cells(row: ModeratorEffect | None) -> tuple[str, str, str]:
    if row is None:
        return NOTHING, NOTHING, NOTHING
    text = row.statistic if row.beta is None else estimate(row.beta, row.ci_low, row.ci_high)
    return text, p_value(row.p), p_value(row.q if row.tier == "2" else row.p_adjusted)


def _model_cells(effect: MainEffect | None) -> tuple[str, str]:
    if effect is None:
        return NOTHING, NOTHING
    if effect.estimate is None:
        return "no estimate", NOTHING
    text = estimate(effect.estimate, effect.ci_low, effect.ci_high, effect_decimals(effect))
    return text + (" \N{DAGGER}" if effect.boundary else ""), p_value(effect.p)


def _effects_note(results: Results, labels: Labels) -> str:
    parts = [f"Differences are {in_sentence(labels.active)} minus {in_sentence(labels.control)}."]
    if any(effect.measure == "ancova" for effect in results.main_effects):
        parts.append("For the score adjusted for baseline less is better.")
    if any(effect.boundary for effect in results.main_effects):
        parts.append("\N{DAGGER} A variance is estimated at zero, a valid result, not a failure.")
    notes = dict.fromkeys(effect.note for effect in results.main_effects if effect.estimate is None and effect.note)
    return " ".join([*parts, *notes])


def events_table(results: Results, labels: Labels) -> TextTable | None:
    """Response and remission: risks, difference, number needed to treat, odds ratios."""
    effects = [effect for effect in results.main_effects if effect.scale == "odds_ratio"]
    if not effects:
        return None
    rows = tuple((labels.outcome(e.outcome), MEASURES[e.measure], f"{e.n:,}", str(e.k), percent(e.risk_active),
                  percent(e.risk_control), points(e.ard, e.ard_low, e.ard_high),
                  number_needed(e.ard, e.ard_low, e.ard_high),
                  "no estimate" if e.estimate is None else estimate(e.estimate, e.ci_low, e.ci_high), p_value(e.p),
                  number(e.marginal_or)) for e in effects)
    interval = f"{level(effects[0].level)}{THIN}CI"
    return TextTable("Response and remission",
                     ("Outcome", "Measure", "n", "k", labels.active, labels.control,
                      f"Difference, % points ({interval})", f"NNT ({interval})", f"Odds ratio ({interval})",
                      "p", "Marginal OR"), rows, frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10}),
                     note="Risks are standardized by the model, not the observed shares. The odds ratio holds within a "
                          "study, the marginal one over all. "
                          "NNTB, NNTH: number needed to treat to benefit, to harm one more patient.")


def published_table(results: Results, protocol: Protocol | None, labels: Labels) -> TextTable | None:
    """The source publication's main effects beside these, never tuned to."""
    published = [p for p in protocol.published if p.term == "treatment" and p.measure == "beta"] if protocol else []
    rows = []
    for effect in published:
        ours = next((e for e in results.main_effects if e.outcome == effect.outcome and e.model == "published"
                     and e.scale == "standardized" and e.estimate is not None), None)
        if ours:
            rows.append((labels.outcome(effect.outcome), estimate(effect.estimate, effect.low, effect.high),
                         estimate(ours.estimate, ours.ci_low, ours.ci_high), effect.source))
    if not rows:
        return None
    is_synthetic = results.provenance.synthetic
    note = SYNTHETIC_NOTE if is_synthetic else ""
    return TextTable("Published main effects (SD) beside these", ("Timepoint", "Published", "These data", "Source"),
                     tuple(rows), frozenset({1, 2}), note=note)


def conversion_table(results: Results, labels: Labels) -> TextTable | None:
    """Agreement of converted and native scores in the same patients."""
    rows = tuple((labels.study(c.study), labels.outcome(c.timepoint), str(c.n), number(c.bias, 1), number(c.rmse, 1),
                  NOTHING if c.limit_low is None else f"{number(c.limit_low, 1)} to {number(c.limit_high, 1)}")
                 for c in results.conversion if c.study not in COMPARISONS)
    if not rows:
        return None
    return TextTable("Converted against native scores, where patients have both",
                     ("Study", "Timepoint", "n", "Bias", "RMSE", "Limits of agreement"),
                     rows, frozenset({2, 3, 4, 5}),
                     note="Differences are converted minus native, in points. RMSE: root mean squared difference.")


def issues_table(issues: Iterable[Issue], labels: Labels) -> TextTable:
    """Issues counted by kind; their texts stay out of the report, they may name patients."""
    kinds: Counter[tuple[Severity, str]] = Counter()
    studies: dict[tuple[Severity, str], dict[str, None]] = {}
    for issue in issues:
        kind = (issue.severity, issue.code)
        kinds[kind] += 1
        if issue.where.study:
            studies.setdefault(kind, {})[labels.study(issue.where.study)] = None
    ordered = sorted(kinds.items(), key=lambda item: (item[0][0].rank, -item[1], item[0][1]))
    rows = tuple((kind[0].value.capitalize(), ISSUE_KINDS.get(kind[1], kind[1].replace("_", " ").capitalize()), str(n),
                  _several(studies.get(kind, {}))) for kind, n in ordered)
    return TextTable("Issues found in the data, by kind", ("Severity", "Kind", "Number", "Studies"), rows,
                     frozenset({2}), note="Each issue with its place stands in issues.csv.")


def _several(names: Iterable[str], most: int = 2) -> str:
    kept = list(names)
    return (", ".join(kept) if len(kept) <= most else count(len(kept), "study", "studies")) or NOTHING


def sources_table(results: Results) -> TextTable | None:
    """Files and their SHA-256."""
    rows = tuple(results.provenance.sources.items())
    if not rows:
        return None
    return TextTable("Files analyzed", ("File", "SHA-256"), rows, is_code=frozenset({1}))
