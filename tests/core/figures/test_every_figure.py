"""What holds for every figure: all text readable and inside, in any theme and size; numbers, words and bytes in order."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from functools import cache

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from core.figures import DARK, EXPORT, LIGHT, SYNTHETIC_MARK, FigureSpec, figures_for
from core.figures.style import ACTIVE, FigureStyle, recolored
from tests.core.invented_results import LONG, invented

SMALL, PRINT, WINDOW = (560 / 96, 420 / 96), (7.0, 2.0), (11.0, 7.0)


def specs(k: int, name: str = "study_{}") -> tuple[FigureSpec, ...]:
    results, cohort, _ = invented(k, name)
    return figures_for(results, cohort)


USUAL = (*specs(6), *(spec for spec in specs(14) if spec.key.startswith("funnel")))
KEYS = [spec.key for spec in USUAL]
SETS = {"usual": USUAL, "two studies": specs(2), "forty long names": specs(40, LONG)}


@cache
def drawn(spec: FigureSpec, style: FigureStyle = EXPORT) -> Figure:
    """The figure in its own size; nobody changes it."""
    return spec.draw(style)


def texts(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]


def boxes(figure: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = []
    for text in texts(figure):
        box = text.get_window_extent(renderer)
        found.append((text.get_text(), (box.x0, box.y0, box.x1, box.y1)))
    return found


def overlap(one: tuple[float, ...], other: tuple[float, ...], slack: float = 1.5) -> bool:
    return (min(one[2], other[2]) - max(one[0], other[0]) > slack and
            min(one[3], other[3]) - max(one[1], other[1]) > slack)


def test_the_usual_figures_are_there() -> None:
    assert KEYS == ["participant_flow", "availability", "main_effects", "forest_rapid_percent_improvement_standardized",
                    "responders", "individual_rapid", "individual_post_rapid", "moderators_rapid",
                    "moderator_patients_rapid_age", "moderator_benefit_rapid_age", "moderator_studies_rapid_age",
                    "combined_sets_rapid", "combined_weights_rapid_1", "combined_patients_rapid_1",
                    "combined_fifths_rapid_1", "combined_studies_rapid_1", "sensitivity_rapid", "agreement", "funnel_rapid"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("which", "size"), [  # many long names are tight where there is little room
    ("usual", SMALL), ("usual", PRINT), ("two studies", SMALL), ("two studies", WINDOW),
    ("forty long names", SMALL), ("forty long names", PRINT)])
def test_no_text_is_cut_off_or_lies_on_other_text(which: str, key: str, size: tuple[float, float]) -> None:
    spec = next((spec for spec in SETS[which] if spec.key == key), None)
    if spec is None:  # two studies make no funnel
        assert (which, key) == ("two studies", "funnel_rapid")
        return
    assert_readable(spec.draw(LIGHT, size))


def assert_readable(figure: Figure) -> None:
    """All text is on the sheet, and none on other text."""
    found = boxes(figure)
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in found:
        assert box[0] >= -1 and box[1] >= -1 and box[2] <= width + 1 and box[3] <= height + 1, f"{text!r} is cut off"
    for (text, box), (other, second) in itertools.combinations(found, 2):
        assert not overlap(box, second), f"{text!r} lies on {other!r}"


@pytest.mark.parametrize("spec", USUAL, ids=KEYS)
def test_width_is_kept_and_height_at_least_as_asked(spec: FigureSpec) -> None:
    width, height = spec.draw(DARK, WINDOW).get_size_inches()
    assert width == pytest.approx(WINDOW[0]) and height >= WINDOW[1] - 1e-9


@pytest.mark.parametrize("style", [DARK, EXPORT], ids=lambda style: style.theme)
@pytest.mark.parametrize("spec", USUAL, ids=KEYS)
def test_ground_and_text_have_the_themes_colors(spec: FigureSpec, style: FigureStyle) -> None:
    figure = drawn(spec, style)
    assert matplotlib.colors.to_hex(figure.get_facecolor()) == style.ground.lower()
    assert {matplotlib.colors.to_hex(text.get_color()) for text in texts(figure)} <= {
        style.text.lower(), style.secondary.lower()}


@pytest.mark.parametrize("spec", USUAL, ids=KEYS)
def test_same_bytes_each_time_and_nothing_global_changed(spec: FigureSpec) -> None:
    before = dict(matplotlib.rcParams)
    again = next(other for other in specs(14 if spec.key.startswith("funnel") else 6) if other.key == spec.key)
    for kind in ("svg", "png"):
        assert spec.rendered(kind) == again.rendered(kind)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("spec", USUAL, ids=KEYS)
def test_words_and_numbers_stand_beside_the_picture(spec: FigureSpec) -> None:
    assert len(spec.alt) > 30 and re.search(r"\d", spec.alt)
    assert spec.data.rows and all(len(row) == len(spec.data.columns) for row in spec.data.rows)


@pytest.mark.parametrize("spec", USUAL, ids=KEYS)
def test_no_patient_is_named(spec: FigureSpec) -> None:
    shown = " ".join([spec.alt, str(spec.data), *(text.get_text() for text in texts(drawn(spec)))])
    assert "PATIENT" not in shown


@pytest.mark.parametrize("spec", USUAL, ids=KEYS)
def test_a_drawing_can_be_recolored(spec: FigureSpec) -> None:
    dark = recolored(spec.rendered("svg").decode())
    assert DARK.ground.lower() in dark
    for part in ("ground", "text", "secondary", "line", "panel"):
        assert getattr(EXPORT, part).lower() not in dark


def test_figures_of_synthetic_data_say_so_themselves() -> None:
    results, cohort, _ = invented(3)
    own = replace(results, provenance=replace(results.provenance, synthetic=False))
    for figures, is_marked in ((figures_for(results, cohort), True), (figures_for(own, cohort), False)):
        for spec in figures:
            assert (SYNTHETIC_MARK in [text.get_text() for text in texts(spec.draw())]) is is_marked


def test_both_arms_keep_their_color_and_shape() -> None:
    spec = next(spec for spec in USUAL if spec.key == "individual_rapid")
    for style in (LIGHT, DARK):
        marks = {(line.get_marker(), line.get_color()) for line in spec.draw(style).axes[0].lines
                 if line.get_marker() in ("^", "o")}
        colors = {line.get_marker(): line.get_markeredgecolor() for line in spec.draw(style).axes[0].lines
                  if line.get_marker() in ("^", "o")}
        assert marks and colors == {"^": ACTIVE, "o": style.control}


def test_only_kinds_that_are_known() -> None:
    with pytest.raises(ValueError, match="png, tiff, svg, pdf"):
        USUAL[0].rendered("bmp")


def test_the_windows_font_is_used_if_it_is_known() -> None:
    assert LIGHT.with_font("DejaVu Serif").families[0] == "DejaVu Serif"
    assert LIGHT.with_font("No Such Font").families == ("DejaVu Sans",)
