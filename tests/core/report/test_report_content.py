"""One content for document and web page: what it says, what it leaves out, how it counts and cites."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.cohort import Cohort
from core.figures import figures_for
from core.labels import Labels, labels_for
from core.overview_words import answers
from core.plan import Board, Include, Splines
from core.protocol_files import load_protocol
from core.report.blocks import Bullets, FigureBlock, Paragraph, Section, TextTable
from core.report.citations import known_references, number_citations
from core.report.content import ReportContent, report_content
from core.report.limitations import limitations
from core.report.methods_text import methods_paragraphs
from core.report.sections import SECTIONS
from core.results import Benefit
from tests.core.invented_results import invented

RESULTS, COHORT, POOLED = invented()
FIGURES = figures_for(RESULTS, COHORT)


def content(**changes: object) -> ReportContent:
    return report_content(RESULTS, COHORT, FIGURES, POOLED, **changes)  # type: ignore[arg-type]


def words(report: ReportContent) -> str:
    parts: list[str] = []
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph):
                parts.append(block.text)
            elif isinstance(block, Bullets):
                parts += block.items
            elif isinstance(block, TextTable):
                parts += [block.caption, block.note, *(cell for row in block.rows for cell in row)]
            elif isinstance(block, FigureBlock):
                parts += [block.caption, block.figure.alt]
    return "\n".join(parts)


def test_every_section_with_something_to_say_is_there_in_order() -> None:
    keys = [section.key for section in content().sections]
    assert keys == [key for key, _, _ in SECTIONS if key not in ("further_outcomes", "risk_of_bias")], "nothing of these"


def test_sections_can_be_switched_off_and_numbers_close_up() -> None:
    report = content(sections=frozenset({"main_effects", "software"}))
    assert [section.key for section in report.sections] == ["main_effects", "software"]
    tables = [block.number for section in report.sections for block in section.blocks if isinstance(block, TextTable)]
    assert tables == list(range(1, len(tables) + 1))
    assert report.references == ()


def test_citations_are_numbered_as_first_met() -> None:
    report = content()
    assert report.references and len(set(report.references)) == len(report.references)
    text = words(report)
    assert "[@" not in text
    places = [text.index(f"[{number}]") for number in range(1, len(report.references) + 1)]
    assert places == sorted(places)


def test_an_unknown_citation_is_an_error() -> None:
    with pytest.raises(KeyError):
        number_citations((Section("a", "A", (Paragraph("See [@nobody1900]."),)),), {})


def test_two_marks_in_one_bracket() -> None:
    done = number_citations((Section("a", "A", (Paragraph("A [@vickers2001]. B [@altman1998, @vickers2001]."),)),), {})
    assert done.sections[0].blocks[0] == Paragraph("A [1]. B [2, 1].")
    assert done.references == (known_references()["vickers2001"], known_references()["altman1998"])


def test_both_models_stand_side_by_side() -> None:
    tables = [block for section in content().sections if section.key == "main_effects" for block in section.blocks
              if isinstance(block, TextTable)]
    row = tables[0].rows[0]
    assert row[4:] == ("0.58 (0.44, 0.72) †", "< 0.001", "0.58 (0.38, 0.78)", "< 0.001")
    assert "zero" in tables[0].note
    assert "NNTB 20.0 (NNTB 8.3 to infinity to NNTH 33.3)" in tables[1].rows[1]
    assert "no estimate" in tables[1].rows[-1]


def test_synthetic_data_are_called_so_and_own_data_are_not() -> None:
    assert "Synthetic" in content().notice
    own = replace(RESULTS, provenance=replace(RESULTS.provenance, synthetic=False))
    report = report_content(own, COHORT, FIGURES, POOLED)
    assert "supplied by the user" in report.notice and "ynthetic" not in words(report)


def test_the_summary_is_the_answer_in_three_sentences() -> None:
    (summary,) = content().sections[0].blocks
    assert isinstance(summary, Bullets)
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in summary.items] == [
        answer.text for answer in answers(RESULTS, Labels())]


def effects_in_words() -> tuple[Paragraph, Bullets]:
    section = next(section for section in content().sections if section.key == "main_effects")
    reading, findings = section.blocks[:2]
    assert isinstance(reading, Paragraph) and isinstance(findings, Bullets)
    return reading, findings


def test_effects_are_told_in_points_first_and_how_to_read_them() -> None:
    reading, findings = effects_in_words()
    assert "95\N{NARROW NO-BREAK SPACE}% intervals in parentheses" in reading.text and "NNTB" in reading.text
    assert "18.6 percentage points more" in findings.items[0].split("Standardized: 0.58 (0.44, 0.72) SD.")[0]
    assert "published model" in findings.items[0] and "published model" not in findings.items[1], "said once"


def test_p_values_stay_on_a_line() -> None:
    assert "(p\N{NO-BREAK SPACE}<\N{NO-BREAK SPACE}0.001" in effects_in_words()[1].items[0]


def test_rows_kept_by_the_plan_are_told() -> None:
    rules = (Include(column="included", equals=1), Include.model_validate({"column": "site", "in": ["a", "b"], "min": 0.5}))
    plan = RESULTS.plan.model_copy(update={"include": rules})
    text = methods_paragraphs(replace(RESULTS, plan=plan), COHORT, None, Labels())[0]
    assert "Only rows in which included is 1 and site is one of a, b and is at least 0.5 were kept." in text
    assert "Only rows" not in methods_paragraphs(RESULTS, COHORT, None, Labels())[0]


def test_no_patient_is_named() -> None:
    assert "PATIENT" not in words(content())


def test_methods_say_what_was_run_and_nothing_else() -> None:
    plan = RESULTS.plan.model_copy(update={"model": RESULTS.plan.model.model_copy(
        update={"df": "kenward_roger", "ci": "t", "quadrature": 1})})
    text = " ".join(methods_paragraphs(replace(RESULTS, plan=plan), COHORT, None, Labels()))
    assert "Kenward and Roger" in text and "t intervals" in text and "Laplace" in text
    assert "Satterthwaite" not in text and "converted" not in text
    assert "2,000 bootstrap" in text and "at least 50" in text and "at most 9" in text
    without = replace(RESULTS, two_stage=(), main_effects=tuple(e for e in RESULTS.main_effects
                                                                if e.scale != "odds_ratio"))
    text = " ".join(methods_paragraphs(without, COHORT, None, Labels()))
    assert "Hartung" not in text and "logistic" not in text


def test_methods_of_moderators_follow_the_plan() -> None:
    text = " ".join(methods_paragraphs(RESULTS, COHORT, None, Labels()))
    assert "Bonferroni's method" in text and "at a timepoint" in text and "patients within study and arm, pairs" in text
    assert "splines" not in text and "interaction with age" not in text
    plan = RESULTS.plan.model_copy(update={
        "multiplicity": "holm", "family": "all_timepoints", "sensitivity": Board(moderators=("age",)), "splines": Splines(knots=4),
        "bootstrap": RESULTS.plan.bootstrap.model_copy(update={"unit": "study"})})
    curve = Benefit("rapid", "age", "published", 100, 5, (20.0, 40.0, 50.0, 60.0))
    text = " ".join(methods_paragraphs(replace(RESULTS, plan=plan, benefits=(curve,)), COHORT, None, Labels()))
    assert "Holm's method" in text and "over all timepoints" in text and "bootstrap samples of whole studies" in text
    assert "restricted cubic splines with 4 knots" in text and "for the interaction with age" in text
    without = replace(RESULTS, moderators=(), combined=())
    assert "moderator" not in " ".join(methods_paragraphs(without, COHORT, None, Labels()))


def test_methods_of_a_protocol_name_arms_and_windows() -> None:
    protocol = load_protocol("ketamine")
    text = " ".join(methods_paragraphs(RESULTS, COHORT, protocol, labels_for(protocol)))
    assert "ketamine at 0.5\N{NARROW NO-BREAK SPACE}mg/kg or more" in text and "midazolam" in text
    assert "24 hours in the window from 4 hours to 3 days, before any second treatment" in text


def test_limitations_follow_from_the_data() -> None:
    text = " ".join(limitations(RESULTS, COHORT, Labels()))
    assert "synthetic" in text and "6 studies are few" in text and "estimated at zero" in text
    assert "have no outcome" in text and "gave no estimate" in text
    many, cohort, _ = invented(12)
    clean = replace(many, provenance=replace(many.provenance, synthetic=False),
                    main_effects=tuple(replace(e, boundary="") for e in many.main_effects if e.estimate is not None))
    text = " ".join(limitations(clean, cohort, Labels()))
    assert "synthetic" not in text and "few" not in text and "zero" not in text and "no estimate" not in text


def test_a_study_with_one_arm_is_named() -> None:
    one_armed = replace_treatment(COHORT, 0)
    assert any("study_1" in sentence for sentence in limitations(RESULTS, one_armed, Labels()))


def replace_treatment(cohort: Cohort, study: int) -> Cohort:
    treatment = cohort.treatment.copy()
    treatment[cohort.study == study] = 1
    return replace(cohort, treatment=treatment)


def test_issues_are_counted_by_kind() -> None:
    table = next(block for section in content().sections if section.key == "issues" for block in section.blocks
                 if isinstance(block, TextTable))
    assert table.rows == (("Warning", "No follow-up in any window", "1", "study_1"),)


def test_combined_moderators_are_told_by_what_was_held_out() -> None:
    section = next(section for section in content().sections if section.key == "combined")
    text = words(ReportContent("", "", "", (section,), (), "")).replace("\N{NO-BREAK SPACE}", " ")
    assert text.index("held out first") < text.index("Apparent r = 0.21")
    assert "held-out r = 0.09" in text and "permutation p = 0.020" in text and "For research only." in text
    tables = [block for block in section.blocks if isinstance(block, TextTable)]
    assert tables[0].rows[0][3:] == ("0.09", "0.11", "0.020", "0.21 (0.08, 0.33)")
    assert [row[-1] for row in tables[0].rows[1:]] == ["no usable combination", "not fitted"]
    assert "unheard_of: it is no column" in tables[0].note and "1: age, female" in tables[0].note
    assert tables[1].rows[0] == ("Age", "patient", "4.2 (0.4, 8.1)", "98\N{NARROW NO-BREAK SPACE}%", "0.300")
    keys = [block.figure.key for block in section.blocks if isinstance(block, FigureBlock)]
    assert keys == ["combined_sets_rapid", "combined_weights_rapid_1", "combined_patients_rapid_1",
                    "combined_fifths_rapid_1", "combined_studies_rapid_1"]


def test_a_flexible_learner_is_told_of_where_the_plan_asks_for_it() -> None:
    from core.report.combined_section import combined_blocks

    plan = RESULTS.plan.model_copy(update={"combined": RESULTS.plan.combined.model_copy(update={"flexible": True})})
    first, *others = RESULTS.combined
    asked = replace(RESULTS, plan=plan, combined=(replace(first, r_flexible_cv=0.12, r_flexible_leave_study_out=0.08), *others))
    told = [words(ReportContent("", "", "", (Section("combined", "", tuple(combined_blocks(one, Labels(), ()))),), (), ""))
            for one in (RESULTS, asked)]
    assert "lexible" not in told[0] and "more in all that was held out) in none of 1 combination" in told[1]
    assert "finds no more than M*: held-out r = 0.08 against 0.09" in told[1].replace("\N{NO-BREAK SPACE}", " ")
    methods = [" ".join(methods_paragraphs(one, COHORT, None, Labels())) for one in (RESULTS, asked)]
    assert "random forest" not in methods[0] and "random forest [@breiman2001]" in methods[1]


def test_a_set_that_holds_the_first_is_told_by_what_it_adds() -> None:
    from core.report.combined_section import sets_table

    first = RESULTS.combined[0]
    more = replace(first, set="2", weights=(*first.weights, replace(first.weights[0], moderator="bmi")))
    assert "2: set 1 and bmi." in sets_table((first, more), "rapid", Labels()).note


def test_methods_and_limits_of_combined_moderators_follow_the_run() -> None:
    text = " ".join(methods_paragraphs(RESULTS, COHORT, None, Labels()))
    assert "elastic net" in text and "never over pairs" in text and "[@price2022]" in text
    cited = methods_paragraphs(RESULTS, COHORT, load_protocol("ketamine"), Labels())
    assert not any("[@price2022]" in paragraph for paragraph in cited), "the protocol's own source is cited once"
    plain = replace(RESULTS, plan=RESULTS.plan.model_copy(update={
        "combined": RESULTS.plan.combined.model_copy(update={"penalty": "none", "permutations": 0})}))
    without = " ".join(methods_paragraphs(plain, COHORT, None, Labels()))
    assert "no penalty" in without and "permuted" not in without
    told = " ".join(limitations(RESULTS, COHORT, Labels()))
    assert "It is no test" in told and "2 sets of moderators were combined" in told
    assert "combined" not in " ".join(limitations(replace(RESULTS, combined=()), COHORT, Labels()))
