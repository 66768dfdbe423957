"""The report's sections, one function each.

To add one: write a function from `Material` to blocks and add it to SECTIONS with a key and a title. A section
without blocks is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.agreement import COMPARISONS
from core.analysis import Pooled
from core.cohort import Cohort
from core.credibility_answers import forms_of
from core.figures.moderator_keys import figure_key
from core.figures.specification import FigureSpec, file_key
from core.labels import Labels
from core.moderator_words import cautions, moderator_sentence
from core.overview_words import answers
from core.protocol import Protocol
from core.report import text_tables
from core.report.blocks import Block, Bullets, FigureBlock, Paragraph
from core.report.combined_section import combined_blocks
from core.report.further_outcomes import further_effects, further_paragraph, further_table
from core.report.limitations import heterogeneity, limitations
from core.report.methods_text import methods_paragraphs
from core.report.plan_text import distributions_table, plan_limitations, plan_paragraph
from core.report.preparation import preparation_sentences, preparation_table
from core.results import MainEffect, Results, TwoStage
from core.wording import (
    boundary_sentence,
    conversion_sentence,
    count,
    decimals_of,
    effect_decimals,
    estimate,
    level,
    main_effect_sentence,
    number,
    target_words,
    two_stage_sentence,
)


@dataclass(frozen=True)
class Material:
    """What sections are written from."""

    results: Results
    cohort: Cohort
    figures: tuple[FigureSpec, ...]
    labels: Labels
    protocol: Protocol | None
    pooled: Pooled
    reproduced: str = ""
    """What came of it in R, in a sentence; empty where R was not asked."""

    def drawn(self, *prefixes: str) -> list[Block]:
        """Figures whose key starts so, with captions."""
        return [FigureBlock(figure, figure.title) for prefix in prefixes for figure in self.figures
                if figure.key.startswith(prefix)]


def summary(material: Material) -> list[Block]:
    """The answer in three sentences, as the window's overview has it."""
    return [Bullets(tuple(answer.text for answer in answers(material.results, material.labels)))]


def _effects_in_words(material: Material) -> list[Block]:
    """Each effect in a sentence, what it is in SD and by the recommended model, and how far studies differ."""
    results, labels = material.results, material.labels
    sentences: list[str] = []
    for values in material.cohort.outcomes:
        own = [effect for effect in results.main_effects if effect.outcome == values.outcome.name]
        for effect in own:
            if effect.model != "published" or effect.measure == "ancova":
                continue
            if effect.scale == "raw":
                sentences.append(main_effect_sentence(effect, labels) + _beside(effect, own))
            elif effect.scale == "odds_ratio":
                sentences.append(main_effect_sentence(effect, labels, with_basis=False))
    sentences += heterogeneity(results, labels)
    return [Paragraph(_reading(results)), Bullets(tuple(sentences))] if sentences else []


def _reading(results: Results) -> str:
    """How the numbers are written."""
    share = next((level(effect.level) for effect in results.main_effects), level(0.95))
    text = f"Estimates are followed by their {share} intervals in parentheses."
    if any(effect.scale == "odds_ratio" and effect.ard is not None for effect in results.main_effects):
        text += " NNTB and NNTH: number needed to treat for one more patient to benefit, or to be harmed."
    return text


def _beside(effect: MainEffect, own: list[MainEffect]) -> str:
    """The same in SD, what the recommended model gives, and what a variance at zero means."""
    def found(model: str, scale: str) -> str:
        other = next((e for e in own if (e.model, e.measure, e.scale) == (model, effect.measure, scale)
                      and e.estimate is not None), None)
        return "" if other is None else estimate(other.estimate, other.ci_low, other.ci_high, effect_decimals(other))

    published, recommended, in_units = (found("published", "standardized"), found("recommended", "standardized"),
                                        found("recommended", effect.scale))
    parts = [f"Standardized: {published} SD." if published else "",
             f"The recommended model gives {in_units}" + (f", standardized {recommended} SD." if recommended else ".")
             if in_units else "", boundary_sentence(effect)]
    text = " ".join(part for part in parts if part)
    return f" {text}" if text else ""


def methods(material: Material) -> list[Block]:
    """What was done."""
    results, labels = material.results, material.labels
    texts = methods_paragraphs(results, material.cohort, material.protocol, labels)
    return [Paragraph(text) for text in (*texts, *preparation_sentences(material.pooled.preparations),
                                         plan_paragraph(results, material.pooled, labels))]


def flow(material: Material) -> list[Block]:
    """Who is analyzed and who is not."""
    files = material.pooled.preparations
    prepared = [preparation_table(files, material.labels)] if files else []
    return [*material.drawn("participant_flow"),
            text_tables.flow_table(material.results, material.cohort, material.labels), *prepared]


def availability(material: Material) -> list[Block]:
    """Which moderators the data hold."""
    if not material.results.availability:
        return []
    skewness = distributions_table(material.results, material.cohort, material.labels)
    return [text_tables.availability_table(material.results, material.labels), *material.drawn("availability"),
            *([skewness] if skewness else [])]


def main_effects(material: Material) -> list[Block]:
    """Both models side by side, responders, individual changes, the published figures."""
    results, labels = material.results, material.labels
    tables = (text_tables.effects_table(results, labels), text_tables.events_table(results, labels))
    published = text_tables.published_table(results, material.protocol, labels)
    return [*_effects_in_words(material), *material.drawn("main_effects"), *(table for table in tables if table),
            *material.drawn("responders"),
            *material.drawn("individual"), *([published] if published else [])]


def further_outcomes(material: Material) -> list[Block]:
    """Outcomes beside the primary one: who has them, and their effects where the plan asks for them."""
    results, labels = material.results, material.labels
    if not results.further_outcomes:
        return []
    effects = further_effects(results, labels)
    return [Paragraph(further_paragraph(results, labels)), *([Bullets(effects)] if effects else []),
            further_table(results.further_outcomes, labels)]


def two_stage(material: Material) -> list[Block]:
    """Studies' own effects, pooled."""
    found = material.results.two_stage
    if not found:
        return []
    texts = tuple(two_stage_sentence(analysis, material.labels) for analysis in found)
    drawn = material.drawn("forest")
    ends = _leading(found)
    leading = [block for block in drawn if isinstance(block, FigureBlock) and block.figure.key.endswith(ends)]
    more = [Paragraph("The same forests in the other unit are among the figures saved beside this report.")]
    return [Bullets(texts), *(leading or drawn), *(more if 0 < len(leading) < len(drawn) else []),
            *material.drawn("funnel")]


def _leading(found: tuple[TwoStage, ...]) -> tuple[str, ...]:
    """Ends of the keys of one forest an outcome: as given where it is analyzed as it stands, else standardized."""
    kinds = {"value_raw" if analysis.measure == "value" else f"{analysis.measure}_standardized" for analysis in found}
    return tuple(sorted(kinds))


def moderators(material: Material) -> list[Block]:
    """Each moderator by both models, with its effect size."""
    results, labels = material.results, material.labels
    tested = [row for row in results.moderators if row.p is not None]
    if not tested:
        return []
    leading = [row for row in tested if row.model == "published" and row.p_adjusted is not None]
    others = {(row.outcome, row.moderator): row for row in tested if row.model == "recommended"}
    logged = {one.name for one in results.plan.moderators if one.transform == "log"}
    telling = tuple(" ".join((moderator_sentence(row, labels, row.moderator in logged),
                              *cautions(row, others.get((row.outcome, row.moderator)))))
                    for row in leading if (row.p_adjusted or 1.0) < 0.05)
    said = Bullets(telling) if telling else Paragraph(
        "No moderator of Tier 1 has an adjusted p below 0.05 in the published model.")
    tables = text_tables.moderator_tables(results, labels)
    drawn = {figure.key: FigureBlock(figure, figure.title) for figure in material.figures}
    blocks: list[Block] = [said]
    for table, outcome in tables:
        keys = (file_key("moderators", outcome),
                *(figure_key("patients", outcome, row.moderator) for row in tested if row.outcome == outcome))
        blocks += [table, *(drawn[key] for key in dict.fromkeys(keys) if key in drawn)]
    published = text_tables.published_moderators(results, labels)
    return [*blocks, *([published] if published else [])]


def combined(material: Material) -> list[Block]:
    """Sets of moderators combined into one."""
    return combined_blocks(material.results, material.labels, material.figures)


def credibility(material: Material) -> list[Block]:
    """The credibility forms of what the data suggest."""
    forms = forms_of(material.results, material.cohort, material.pooled.credibility)
    if not forms:
        return []
    return [Paragraph("For each moderator with p of 0.1 or less in either model, the questions of the instrument for "
                      "the credibility of effect modification (ICEMAN) [@schandelmaier2020] are answered, in our "
                      "words; what no person has answered is answered by the program from the results. Reasons "
                      "stand in tables/iceman.csv."),
            *text_tables.credibility_tables(forms, material.labels)]


def sensitivity(material: Material) -> list[Block]:
    """How far other choices move the main effect, and the interactions that were chosen."""
    rows = [row for row in material.results.sensitivity if row.estimate is not None and row.scale == "standardized"]
    if not material.results.sensitivity:
        return []
    blocks: list[Block] = []
    for outcome, target in dict.fromkeys((row.outcome, row.target) for row in rows):
        own = [row for row in rows if (row.outcome, row.target) == (outcome, target)]
        ends = sorted(row.estimate for row in own if row.estimate is not None)
        digits = decimals_of(own)
        blocks.append(Paragraph(
            f"{material.labels.outcome(outcome)}: over {count(len(own), 'variant')} the standardized "
            f"{target_words(own[0], material.labels)} lies between {number(ends[0], digits)} and "
            f"{number(ends[-1], digits)}."))
    return [*blocks, *material.drawn("sensitivity")]


def conversion(material: Material) -> list[Block]:
    """Agreement of converted scores."""
    if not material.results.conversion:
        return []
    compared = tuple(conversion_sentence(row, material.labels) for row in material.results.conversion
                     if row.study in COMPARISONS and row.bias is not None)
    table = text_tables.conversion_table(material.results, material.labels)
    return [*([table] if table else []), *([Bullets(compared)] if compared else []), *material.drawn("agreement")]


def issues(material: Material) -> list[Block]:
    """What was found wrong, open or noteworthy in the data."""
    if not material.results.issues:
        return [Paragraph("No issues were found in the data.")]
    return [text_tables.issues_table(material.results.issues, material.labels)]


def limits(material: Material) -> list[Block]:
    """What these data cannot say."""
    results, labels = material.results, material.labels
    return [Bullets((*plan_limitations(results, material.pooled, labels),
                     *limitations(results, material.cohort, labels)))]


def software(material: Material) -> list[Block]:
    """What it takes to get the same numbers again."""
    made = material.results.provenance
    libraries = ", ".join(f"{name} {version}" for name, version in made.libraries.items())
    table = text_tables.sources_table(material.results)
    fingerprint = f" Fingerprint of data and decisions: {material.results.inputs}." if material.results.inputs else ""
    return [Paragraph(f"{made.program} ({libraries}). Seed {made.seed}.{fingerprint}"),
            *([Paragraph(material.reproduced)] if material.reproduced else []), *([table] if table else [])]


SECTIONS: tuple[tuple[str, str, Callable[[Material], list[Block]]], ...] = (
    ("summary", "Summary", summary),
    ("methods", "Methods", methods),
    ("flow", "Participants", flow),
    ("availability", "Availability of moderators", availability),
    ("main_effects", "Main effects", main_effects),
    ("further_outcomes", "Further outcomes", further_outcomes),
    ("two_stage", "Two-stage analysis", two_stage),
    ("moderators", "Moderators", moderators),
    ("credibility", "Credibility of moderators", credibility),
    ("combined", "Combined moderators", combined),
    ("sensitivity", "Sensitivity analyses", sensitivity),
    ("conversion", "Converted scores", conversion),
    ("issues", "Issues in the data", issues),
    ("limitations", "Limitations", limits),
    ("software", "Software", software),
)
"""Key, title and author of each section, in order."""
