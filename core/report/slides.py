"""The report's figures as PowerPoint slides, one each: titles and notes are text to edit, pictures are described."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.report.blocks import FigureBlock
from core.report.fixed_archive import STAMP, with_fixed_dates

if TYPE_CHECKING:
    from core.report.content import ReportContent

WIDE, HIGH = 13.333, 7.5
"""Inches: 16 to 9."""
EDGE, HEAD, FOOT = 0.5, 1.1, 0.55
"""Inches: left free at the sides, for the title, and below the picture."""
TITLE_ONLY, TITLE_SLIDE = 5, 0


def write_slides(path: Path, content: ReportContent) -> None:
    """Write the figures of a report; the same content gives the same bytes."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    _widen(deck, Inches(WIDE))
    deck.core_properties.title = content.title
    deck.core_properties.author = content.program
    deck.core_properties.created = deck.core_properties.modified = STAMP
    first = deck.slides.add_slide(deck.slide_layouts[TITLE_SLIDE])
    first.shapes.title.text = content.title
    first.placeholders[1].text = f"{content.subtitle}\n{content.notice}"
    for section in content.sections:
        for block in section.blocks:
            if isinstance(block, FigureBlock):
                _add(deck, block, content)
    buffer = io.BytesIO()
    deck.save(buffer)
    path.write_bytes(with_fixed_dates(buffer.getvalue()))


def _widen(deck: Any, width: int) -> None:
    """The template is 4 to 3: what stands in its masters and layouts is stretched to the width of the slides."""
    share = width / deck.slide_width
    deck.slide_width = width
    for place in (deck.slide_master, *deck.slide_layouts):
        for shape in place.shapes:
            if shape.element.xpath("./p:spPr/a:xfrm"):
                shape.left, shape.width = int(shape.left * share), int(shape.width * share)


def _add(deck: Any, block: FigureBlock, content: ReportContent) -> None:
    from pptx.util import Inches, Pt

    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    title = slide.shapes.title
    title.left, title.top = Inches(EDGE), Inches(0.2)
    title.width, title.height = Inches(WIDE - 2 * EDGE), Inches(HEAD - 0.25)
    title.text = block.figure.title
    title.text_frame.word_wrap = True
    for paragraph in title.text_frame.paragraphs:
        paragraph.font.size = Pt(26)
    picture = slide.shapes.add_picture(io.BytesIO(block.figure.rendered("png")), 0, 0)
    room = Inches(WIDE - 2 * EDGE), Inches(HIGH - HEAD - FOOT)
    share = min(room[0] / picture.width, room[1] / picture.height)
    picture.width, picture.height = int(picture.width * share), int(picture.height * share)
    picture.left = int((Inches(WIDE) - picture.width) / 2)
    picture.top = int(Inches(HEAD) + (room[1] - picture.height) / 2)
    described = picture._element.nvPicPr.cNvPr  # python-pptx has no name for a description
    described.set("descr", block.figure.alt)
    described.set("title", block.figure.title)
    foot = slide.shapes.add_textbox(Inches(EDGE), Inches(HIGH - FOOT + 0.08), room[0], Inches(FOOT - 0.16))
    foot.text_frame.text = content.notice
    foot.text_frame.paragraphs[0].font.size = Pt(11)
    slide.notes_slide.notes_text_frame.text = (f"Figure {block.number}. {block.caption}\n{block.figure.alt}\n"
                                               f"{content.notice}")
