"""The report as a Word document, with real styles, headings and captions."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from core.report.blocks import Block, Bullets, FigureBlock, Notice, Paragraph, TextTable
from core.report.content import ReportContent
from core.report.fixed_archive import STAMP, with_fixed_dates

FONT = "Arial"
PAGE_WIDTH, PAGE_HEIGHT, PAGE_MARGIN = Cm(21.0), Cm(29.7), Cm(2.0)
TEXT_WIDTH_CM, TEXT_HEIGHT_CM = 17.0, 22.5
WIDE = 8
"""Tables with more columns than this are set smaller."""


def write_document(path: Path, content: ReportContent) -> None:
    """Write the report as docx; the same content gives the same bytes."""
    document = Document()
    _set_up(document, content)
    document.add_paragraph(content.title, style="Title")
    document.add_paragraph(content.subtitle, style="Subtitle")
    _notice(document, content.notice)
    document.add_paragraph(f"Written by {content.program}.")
    for section in content.sections:
        document.add_heading(section.title, level=1)
        for block in section.blocks:
            _add(document, block)
    if content.references:
        document.add_heading("References", level=1)
        for number, reference in enumerate(content.references, start=1):
            document.add_paragraph(f"{number}. {reference}", style="Normal")
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(with_fixed_dates(buffer.getvalue()))


def _set_up(document: Any, content: ReportContent) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = PAGE_WIDTH, PAGE_HEIGHT
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = PAGE_MARGIN
    sizes = {"Normal": 10, "Title": 22, "Subtitle": 12, "Heading 1": 14, "Caption": 9, "List Bullet": 10}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        style.font.color.rgb = RGBColor(0x1B, 0x1F, 0x24)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    document.styles["Caption"].paragraph_format.keep_with_next = True
    document.styles["Subtitle"].font.italic = False
    about = document.core_properties
    about.title, about.subject, about.author = content.title, content.subtitle, content.program
    about.comments = content.notice
    about.last_modified_by, about.language = content.program, "en-US"
    about.created = about.modified = STAMP


def _add(document: Any, block: Block) -> None:
    if isinstance(block, Paragraph):
        document.add_paragraph(block.text)
    elif isinstance(block, Bullets):
        for item in block.items:
            document.add_paragraph(item, style="List Bullet")
    elif isinstance(block, Notice):
        _notice(document, block.text)
    elif isinstance(block, TextTable):
        _table(document, block)
    else:
        _figure(document, block)


def _notice(document: Any, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run(text).bold = True
    shade = OxmlElement("w:shd")
    for key, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", "FFF4D6")):
        shade.set(qn(key), value)
    paragraph._p.get_or_add_pPr().append(shade)


def _table(document: Any, block: TextTable) -> None:
    document.add_paragraph(f"Table {block.number}. {block.caption}", style="Caption")
    table = document.add_table(rows=1, cols=len(block.columns), style="Table Grid")
    size = Pt(7.5 if len(block.columns) > WIDE else 8.5)
    _fill(table.rows[0], block.columns, block.numeric, size, bold=True)
    _repeat_head(table.rows[0])
    for cells in block.rows:
        _fill(table.add_row(), cells, block.numeric, size)
    note = document.add_paragraph()
    note.paragraph_format.space_before = Pt(3)
    note.add_run(block.note).font.size = Pt(8.5)


def _fill(row: Any, texts: tuple[str, ...], numeric: frozenset[int], size: Any, bold: bool = False) -> None:
    for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(1)
        if column in numeric:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(text)
        run.font.size, run.bold = size, bold
    unbroken = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(unbroken)


def _repeat_head(row: Any) -> None:
    head = OxmlElement("w:tblHeader")
    row._tr.get_or_add_trPr().append(head)


def _figure(document: Any, block: FigureBlock) -> None:
    from docx.image.image import Image

    content = block.figure.rendered("png")
    image = Image.from_blob(content)
    ratio = image.px_height / image.px_width
    width = min(TEXT_WIDTH_CM, TEXT_HEIGHT_CM / ratio)
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(io.BytesIO(content), width=Cm(width))
    shape._inline.docPr.set("descr", block.figure.alt)
    shape._inline.docPr.set("title", block.caption)
    caption = document.add_paragraph(f"Figure {block.number}. {block.caption}.", style="Caption")
    caption.paragraph_format.keep_with_next = False
