"""A figure as a file of its own: journal widths, fonts inside, what is not readable is said."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.text import Text
from PIL import Image

from core.errors import UserError
from core.figures import figures_for
from core.figures.files import (
    FileForm,
    dots,
    drawn_for,
    file_content,
    is_crowded,
    measured,
    millimeters,
    write_figure,
)
from core.figures.glance import benefit_glance, effects_glance
from core.figures.style import EXPORT
from core.labels import Labels
from tests.core.invented_results import LONG, invented

RESULTS, COHORT, _ = invented()
FIGURES = {figure.key: figure for figure in figures_for(RESULTS, COHORT)}
FLOW = FIGURES["participant_flow"]
FOREST = FIGURES["forest_rapid_percent_improvement_standardized"]


@pytest.mark.parametrize(("key", "width"), [
    ("responders", 120.0), ("moderators_rapid", 85.0), ("participant_flow", 85.0), (FOREST.key, 85.0),
    ("combined_weights_rapid_1", 85.0), ("combined_sets_rapid", 85.0), ("moderator_benefit_rapid_age", 85.0)])
def test_figures_can_be_read_in_journal_widths(key: str, width: float) -> None:
    about = measured(drawn_for(FIGURES[key], FileForm("png", width)), FileForm("png", width))
    assert not about.is_crowded
    assert about.width == pytest.approx(width) and about.smallest >= 6


def test_a_figure_too_wide_for_a_column_says_so() -> None:
    assert is_crowded(drawn_for(FIGURES["responders"], FileForm("png", 85.0)))


def test_a_narrow_forest_of_moderators_leaves_r_to_its_numbers() -> None:
    forest = FIGURES["moderators_rapid"]
    wide, narrow = ({text.get_text() for text in drawn_for(forest, FileForm("png", width)).findobj(Text)} for width in (183.0, 85.0))
    assert "Effect size r" in wide and "Effect size r" not in narrow and "Change of the effect (SD)" in narrow
    assert len(forest.spots(EXPORT, (7.0, 2.0))) > len(forest.spots(EXPORT, (3.35, 2.0)))


def test_words_that_leave_the_sheet_are_crowded() -> None:
    drawn = drawn_for(FIGURES["participant_flow"], FileForm())
    drawn.text(0.98, 0.5, "words that go on and on")
    assert is_crowded(drawn)


@pytest.mark.parametrize("width", [85.0, 183.0])
def test_a_tiff_has_the_size_asked_for_without_transparency(width: float) -> None:
    with Image.open(io.BytesIO(file_content(FLOW, FileForm("tiff", width, 100)))) as picture:
        assert picture.format == "TIFF" and picture.mode == "RGB"
        assert picture.info["compression"] == "tiff_lzw" and picture.info["dpi"] == (100, 100)
        assert picture.width == pytest.approx(width / 25.4 * 100, abs=1)


def test_a_pdf_holds_its_fonts_and_its_words() -> None:
    content = file_content(FLOW, FileForm("pdf", 89.0))
    assert b"/Subtype /Type42" not in content and b"/FontFile2" in content and b"/Type3" not in content
    assert b"CreationDate" not in content and content == file_content(FLOW, FileForm("pdf", 89.0))
    streams = b"".join(_inflated(part) for part in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL))
    assert (b" Tf" in streams and b"TJ" in streams) or b"Tj" in streams


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return b""


def test_words_in_an_svg_stay_words() -> None:
    drawing = ElementTree.fromstring(file_content(FOREST, FileForm("svg", 120.0)))
    assert "study_1" in {text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert float(drawing.attrib["width"].removesuffix("pt")) == pytest.approx(120 / 25.4 * 72)


def test_long_names_in_a_narrow_figure_do_not_hide_the_plot() -> None:
    results, _, _ = invented(12, LONG)
    (spec,) = [one for one in figures_for(results, COHORT) if one.key == FOREST.key]
    assert not is_crowded(drawn_for(spec, FileForm("png", 85.0)))


def test_the_kind_is_that_of_the_name(tmp_path: Path) -> None:
    for ending, start in ((".tif", b"II*\x00"), (".PDF", b"%PDF")):
        assert write_figure(FLOW, tmp_path / f"a{ending}", FileForm(dpi=72)).read_bytes().startswith(start)
    with pytest.raises(UserError, match="PNG, TIFF, PDF or SVG"):
        write_figure(FLOW, tmp_path / "a.doc", FileForm())
    with pytest.raises(UserError, match="cannot be written"):
        write_figure(FLOW, tmp_path / "nowhere" / "a.png", FileForm(dpi=72))


@pytest.mark.parametrize(("text", "width"), [("120", 120.0), (" 12,5 cm", 125.0), ("4 in", 101.6), ("89 mm", 89.0), ("20", None),
                                             ("1000", None), ("wide", None), ("", None)])
def test_widths_that_a_person_writes(text: str, width: float | None) -> None:
    assert millimeters(text) == (None if width is None else pytest.approx(width))


def test_resolutions_that_a_person_writes() -> None:
    assert [dots(text) for text in ("300", "450 dpi", "20", "5000", "fine")] == [300, 450, None, None, None]


def test_the_two_figures_of_the_overview() -> None:
    effects = effects_glance(RESULTS, Labels())
    assert effects is not None and [row[0] for row in effects.data.rows] == ["Percent improvement"] * 2 + [
        "Response and remission"] * 4
    assert {row[1] for row in effects.data.rows} >= {"Rapid", "Response, rapid"}, "one model, so none is named"
    telling = benefit_glance(RESULTS, Labels())
    assert telling is not None and telling.title == "Moderators nearest to a difference, Rapid"
    assert [row[1] for row in telling.data.rows] == ["Age", "Female"]
    assert {spot.key for spot in telling.spots(EXPORT, (5.0, 1.0))} == {"age", "female"}


def test_the_overview_shows_sets_that_help_or_stand_alone() -> None:
    useful = replace(RESULTS.combined[0], p_permutation=0.001, r_leave_study_out=0.4, r_cv=0.4)
    for results in (replace(RESULTS, combined=(useful,)), replace(RESULTS, moderators=())):
        shown = benefit_glance(results, Labels())
        assert shown is not None and shown.key == "combined_sets_rapid"
    assert benefit_glance(replace(RESULTS, combined=(), moderators=()), Labels()) is None
    assert effects_glance(replace(RESULTS, main_effects=()), Labels()) is None
