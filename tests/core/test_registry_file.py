"""The registry table as people write it, and the files that belong to its studies."""

from __future__ import annotations

import pytest

from core.errors import Severity, UserError
from core.registry import PublishedArm, PublishedScore, Registry, Study
from core.registry_file import country_code, match_files, read_registry
from core.sources import Cell, Grid, RawTable
from core.table_layout import find_table


def _table(*rows: tuple[Cell, ...]) -> RawTable:
    return find_table(Grid("studies.xlsx", "Studies", rows))


def _registry(*studies: Study) -> Registry:
    return Registry(studies=studies)


FULL = (
    ("study", "file", "sheet", "label", "year", "country", "design", "control", "control_type", "trd_threshold",
     "n_randomized", "notes", "rob_randomization", "rob_allocation", "rob_blinding_participants",
     "rob_blinding_assessors", "rob_missing_data", "our own column"),
    ("deakin", "deakin.xlsx", "Data", "Deakin 2018", 2018.0, "England", "parallel", "saline", "inert", "unspecified",
     37.0, "", "low", "some", "high", "unclear", "low", "kept"),
    ("feder", "feder.csv", None, "Feder", 2021.0, "U.S.A.", "cross-over", "midazolam", "active placebo", 2.0, 30.0,
     None, "Low risk", "Some concerns", "HIGH", "Unclear", "low", None),
)


def test_every_field_is_read() -> None:
    registry, issues = read_registry(_table(*FULL))
    assert not issues
    deakin, feder = registry.studies
    assert deakin == Study(
        study="deakin", file="deakin.xlsx", sheet="Data", label="Deakin 2018", year=2018, country="GB",
        design="parallel", control="saline", control_type="inert", trd_threshold="unspecified", n_randomized=37,
        risk_of_bias={"randomization": "low", "allocation": "some", "blinding_participants": "high",
                      "blinding_assessors": "unclear", "missing_data": "low"})
    assert (feder.country, feder.design, feder.control_type) == ("US", "crossover", "psychoactive")
    assert feder.trd_threshold == 2
    assert feder.risk_of_bias["randomization"] == "low"


def test_headers_are_met_without_regard_to_case_blanks_and_underscores() -> None:
    registry, issues = read_registry(_table(
        ("Study", "Control Type", "TRD threshold", "N randomised", "RoB allocation"),
        ("a", "waiting list", ">= 2", "40", "low"), ("b", "TAU", "0", "41", "high")))
    assert not issues
    assert [(s.control_type, s.trd_threshold, s.n_randomized) for s in registry.studies] == [
        ("waitlist", 2.0, 40), ("usual_care", 0.0, 41)]
    assert registry.studies[1].risk_of_bias == {"allocation": "high"}


def test_empty_cells_are_open_questions_without_an_issue() -> None:
    registry, issues = read_registry(_table(("study", "year", "country", "trd_threshold"), ("a", 2010, "US", 1),
                                            ("b", None, "n/a", None)))
    assert not issues
    assert registry.studies[1] == Study(study="b")


def test_a_bad_cell_is_told_with_its_place_and_its_row_is_kept() -> None:
    registry, issues = read_registry(_table(
        ("study", "label", "year", "country", "design", "control_type", "trd_threshold", "n_randomized",
         "rob_allocation"),
        ("a", "A", "20144", "Atlantis", "factorial", "sham", "many", 37.5, "medium-ish"),
        ("b", "B", 2014, "US", "parallel", "inert", 2, 37, "low")))
    assert registry.studies[0] == Study(study="a", label="A")
    assert {issue.code for issue in issues} == {f"{name}_unreadable" for name in (
        "year", "country", "design", "control_type", "trd_threshold", "n_randomized", "rob_allocation")}
    for issue in issues:
        assert (issue.where.file, issue.where.sheet, issue.where.row, issue.where.study) == (
            "studies.xlsx", "Studies", 2, "a")
        assert issue.where.column == issue.code.removesuffix("_unreadable")
        assert issue.remedy
    assert '"Atlantis"' in next(issue.text for issue in issues if issue.code == "country_unreadable")


def test_unnamed_and_doubled_studies_are_left_out_and_told() -> None:
    registry, issues = read_registry(_table(("study", "label", "year"), ("a", "first", 2001), (None, "who?", 2002),
                                            ("a", "second", 2003), ("b", "third", 2004)))
    assert [(study.study, study.label) for study in registry.studies] == [("a", "first"), ("b", "third")]
    assert [(issue.code, issue.where.row) for issue in issues] == [("study_unnamed", 3), ("study_twice", 4)]


def test_a_table_without_the_column_study_is_no_registry() -> None:
    with pytest.raises(UserError, match='no column "study"') as caught:
        read_registry(_table(("patient", "age"), ("S1", 30), ("S2", 31)))
    assert caught.value.where.file == "studies.xlsx"


def test_a_study_of_which_little_is_known_is_not_taken_for_a_footnote() -> None:
    header = ("study", "file", "year", "country", "design", "control")
    rows = [(name, f"{name}.xlsx", 2014, "US", "parallel", "saline") for name in ("ash", "oak", "fir", "yew")]
    registry, issues = read_registry(_table(header, *rows, ("elm", "e.csv")))
    assert registry.studies[-1] == Study(study="elm", file="e.csv")
    assert not issues


@pytest.mark.parametrize(("text", "code"), [
    ("USA", "US"), ("U.S.", "US"), ("united states of america", "US"), ("UK", "GB"), ("England", "GB"), ("GB", "GB"),
    ("The Netherlands", "NL"), ("Holland", "NL"), ("Türkiye", "TR"), ("South Korea", "KR"), ("Deutschland", "DE"),
    ("Côte d'Ivoire", "CI"), ("bra", "BR"), ("ch", "CH"), (" New Zealand ", "NZ"), ("Taiwan", "TW"), ("Iran", "IR"),
    ("Atlantis", None), ("XX", None), ("US and Canada", None), ("", None)])
def test_countries_by_name_or_code(text: str, code: str | None) -> None:
    assert country_code(text) == code


def test_files_match_without_case_folder_or_extension() -> None:
    registry = _registry(Study(study="a", file="Trial A.XLSX"), Study(study="b", file="data\\b.csv"),
                         Study(study="c", file="trial_c"), Study(study="d"))
    found, issues = match_files(registry, ("trial a.xlsx", "b.csv", "trial_c.sav", "D.xlsx"))
    assert found == {"a": "trial a.xlsx", "b": "b.csv", "c": "trial_c.sav", "d": "D.xlsx"}
    assert not issues


def test_a_missing_file_and_a_file_in_no_row_are_told() -> None:
    found, issues = match_files(_registry(Study(study="a", file="a.csv")), ("other.csv",))
    assert found == {}
    assert [(issue.code, issue.severity) for issue in issues] == [
        ("file_missing", Severity.ERROR), ("file_not_in_registry", Severity.NOTE)]
    assert issues[0].where.study == "a"
    assert issues[1].where.file == "other.csv"


def test_without_a_registry_nothing_is_told() -> None:
    assert match_files(Registry(), ("a.csv", "b.csv")) == ({}, ())


def test_two_files_that_fit_one_study_are_a_question_of_the_whole_name() -> None:
    found, issues = match_files(_registry(Study(study="a", file="trial")), ("trial.csv", "trial.xlsx"))
    assert "a" not in found
    assert issues[0].code == "file_ambiguous"
    assert "trial.csv, trial.xlsx" in issues[0].text


def test_studies_may_share_a_workbook_on_different_sheets_only() -> None:
    shared = _registry(Study(study="a", file="both.xlsx", sheet="A"), Study(study="b", file="both.xlsx", sheet="B"))
    assert match_files(shared, ("both.xlsx",)) == ({"a": "both.xlsx", "b": "both.xlsx"}, ())
    doubled = _registry(Study(study="a", file="both.xlsx", sheet="A"), Study(study="b", file="both.xlsx", sheet="a"))
    (issue,) = match_files(doubled, ("both.xlsx",))[1]
    assert issue.code == "file_shared"
    assert "count twice" in issue.text


@pytest.mark.parametrize(("text", "threshold"), [
    ("2", 2), (">= 2", 2), ("≥2 failed trials", 2), ("at least two", 2), ("2+", 2), ("two or more failed antidepressant trials", 2),
    ("none", 0), ("none required", "unspecified"), ("> 1", None), ("1-2", None), ("some", None), ("2 weeks", None)])
def test_failed_trials_required_in_words(text: str, threshold: float | str | None) -> None:
    registry, _ = read_registry(_table(("Trial ID", "TRD criterion"), ("a", text), ("b", "2")))
    assert registry.by_id["a"].trd_threshold == threshold


def test_a_registry_without_studies_says_what_it_has() -> None:
    with pytest.raises(UserError, match='no column "study"; it has "Site", "file"') as caught:
        read_registry(_table(("Site", "file"), ("a", "b.csv"), ("c", "d.csv")))
    assert caught.value.where.row == 1


def test_published_figures_have_columns_of_their_own() -> None:
    registry, issues = read_registry(_table(
        ("study", "n_analyzed_active", "N randomised control", "madrs_baseline_mean_active", "madrs_baseline_sd_active",
         "hrsd17_rapid_mean_control", "mean_income"),
        ("a", "20", "21", "32.4", "5.1", "", "3"), ("b", "", "", "about 30", "", "", "")))
    one, other = registry.studies
    assert one.published == {
        "active": PublishedArm(n_analyzed=20, scores={"madrs_baseline": PublishedScore(mean=32.4, sd=5.1)}),
        "control": PublishedArm(n_randomized=21)}
    assert other.published == {}
    assert [(issue.code, issue.where.column) for issue in issues] == [
        ("madrs_baseline_mean_active_unreadable", "madrs_baseline_mean_active")]


def test_published_figures_do_not_make_results_old() -> None:
    study = Study(study="a")
    with_figures = study.with_published("active", PublishedArm(n_analyzed=3))
    assert with_figures != study and with_figures.fingerprint == study.fingerprint
    assert with_figures.with_published("active", PublishedArm()) == study
    assert study.fingerprint != Study(study="a", year=2000).fingerprint
