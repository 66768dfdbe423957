"""How figures look is a decision of the project: it reaches every figure, survives reopening, and changes no number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from core.documents import parse_document
from core.errors import UserError
from core.export import export_all
from core.extras import Asked
from core.figure_choices import PAIRS, FigureChoices
from core.figures import DARK, EXPORT, figures_for
from core.figures.style import visible
from core.intake import new_session
from core.labels import labels_for
from core.plan import Outcome
from core.project import Project
from tests.core.invented_results import invented

RESULTS, COHORT, POOLED = invented()
CHOICES = FigureChoices(font="DejaVu Serif", size=12, active="#0072B2", control="#E69F00", points=2, lines=2, grid="all",
                        order="effect", arms={"active": "Esketamine"}, studies={"study_1": "First of all"},
                        variables={"age": "Years of life"})


def figure(key: str, choices: FigureChoices | None = None, style=EXPORT) -> Figure:
    labels = labels_for(None, {}, {}, choices)
    return next(one for one in figures_for(RESULTS, COHORT, labels, None, choices) if one.key == key).draw(style)


def words(drawn: Figure) -> list[str]:
    return [text.get_text() for axes in drawn.axes for text in axes.texts]


def colors(drawn: Figure) -> set[str]:
    return {to_hex(line.get_markerfacecolor()) for axes in drawn.axes for line in axes.lines if line.get_marker() != "None"}


def test_what_is_chosen_reaches_the_drawing() -> None:
    plain, chosen = figure("forest_rapid_percent_improvement_standardized"), figure(
        "forest_rapid_percent_improvement_standardized", CHOICES)
    assert "First of all" in words(chosen) and "study_1" in words(plain)
    assert any("Esketamine".lower() in text.lower() for text in words(chosen))
    sizes = [max(text.get_fontsize() for text in one.axes[0].texts) for one in (plain, chosen)]
    assert sizes[1] == pytest.approx(sizes[0] * 12 / 9)
    assert {text.get_fontfamily()[0] for text in chosen.axes[0].texts} == {"DejaVu Serif"}
    widths = [max(line.get_linewidth() for line in one.axes[0].lines) for one in (plain, chosen)]
    assert widths[1] == pytest.approx(2 * widths[0])
    ruled = figure("forest_rapid_percent_improvement_standardized", FigureChoices(grid="all"))
    assert len(ruled.axes[0].lines) > len(plain.axes[0].lines), "lines at the ticks"
    assert any("Years of life" in text for text in words(figure("moderators_rapid", CHOICES)))


def test_arms_have_their_colors_in_every_ground() -> None:
    for style in (EXPORT, DARK):
        assert {"#0072b2", "#e69f00"} <= colors(figure("moderator_patients_rapid_age", CHOICES, style))
    assert visible("#000000", "#16181D") != "#000000" and visible("#000000", "#FFFFFF") == "#000000"


def test_the_usual_choice_changes_nothing() -> None:
    assert words(figure("responders")) == words(figure("responders", FigureChoices()))
    assert FigureChoices().is_default and not CHOICES.is_default and PAIRS["Vermilion and black"] == ("", "")


def test_a_font_that_is_not_here_gives_way() -> None:
    drawn = figure("responders", FigureChoices(font="No Such Font"))
    assert "No Such Font" not in drawn.axes[0].texts[0].get_fontfamily()


@pytest.mark.parametrize(("order", "expected"), [
    ("given", ["study_1", "study_2", "study_3"]), ("name", ["study_3", "study_2", "study_1"]),
    ("year", ["study_2", "study_1", "study_3"]), ("effect", ["study_1", "study_2", "study_3"]),
    ("size", ["study_2", "study_1", "study_3"])])
def test_studies_stand_in_the_order_chosen(order: str, expected: list[str]) -> None:
    labels = labels_for(None, {"study_1": "C", "study_2": "b", "study_3": "A"}, {"study_1": 2010, "study_2": 2001},
                        FigureChoices(order=order))  # type: ignore[arg-type]
    size, effect = {"study_1": 20, "study_2": 30, "study_3": 9}, {"study_1": 0.9, "study_2": 0.1, "study_3": None}
    assert labels.in_order(expected[::1] if order == "given" else sorted(expected), lambda one: one, effect.get,
                           lambda one: size[one]) == expected


def test_choices_are_refused_by_name() -> None:
    with pytest.raises(UserError, match="active"):
        parse_document(FigureChoices, '{"active": "blue"}', "style")
    with pytest.raises(UserError, match="size"):
        parse_document(FigureChoices, '{"size": 99}', "style")


def test_they_are_kept_in_the_project_and_are_no_part_of_what_results_depend_on(tmp_path: Path) -> None:
    session = new_session("ketamine", "p")
    styled = session.with_figure_choices(CHOICES)
    assert styled.inputs_fingerprint == session.inputs_fingerprint
    project = Project.create(tmp_path / "p.modscope", session)
    project.save(styled, "Figures: size of letters")
    project.close()
    again, opened = Project.open(tmp_path / "p.modscope")
    assert opened.figure_choices == CHOICES
    assert (again.audit()[-1]["what"], again.audit()[-1]["kind"]) == ("Figures: size of letters", "figure_choices")
    again.save(opened.with_figure_choices(FigureChoices()), "Figures: style reset")
    again.close()
    last, plain = Project.open(tmp_path / "p.modscope")
    last.close()
    assert plain.figure_choices.is_default


def test_an_export_is_drawn_in_them_keeps_them_and_writes_more_kinds(tmp_path: Path) -> None:
    styled = replace(POOLED, figure_choices=CHOICES)
    plan = RESULTS.plan.model_copy(update={"outcomes": (Outcome(name="score", value="f"),), "moderators": (), "sets": ()})
    few = replace(RESULTS, plan=plan, main_effects=(), combined=(), moderators=(), conversion=(), sensitivity=(), two_stage=(),
                  availability=())
    export_all(tmp_path, few, styled, sections=frozenset({"summary"}), asked=Asked(kinds=("pdf", "tiff")))
    kept = (tmp_path / "figure_style.json").read_text(encoding="utf-8")
    assert parse_document(FigureChoices, kept, "style") == CHOICES
    assert "figure_style.json" in (tmp_path / "results.json").read_text(encoding="utf-8"), "its hash is kept"
    assert "#0072b2" in (tmp_path / "figures" / "individual_score.svg").read_text(encoding="utf-8")
    assert "patients in the esketamine" in (tmp_path / "report.html").read_text(encoding="utf-8")
    for path in (tmp_path / "figures").glob("*.png"):
        assert path.with_suffix(".pdf").is_file() and path.with_suffix(".tiff").is_file()
