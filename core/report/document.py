"""The report as a Word document, with real styles, headings and captions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from copy import deepcopy
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
HALF_PAGE_CM, LEAST_SCALE = 11.2, 0.8
WIDE, BODY, SMALL, CODE = 8, 8.5, 7.0, 6.5
"""Tables with more columns than WIDE are set in SMALL points."""
UNSPLIT = 12
"""Tables of so many rows at most stay on one page."""
NARROW = frozenset(" .,:;()[]ijlt|/'-\N{NARROW NO-BREAK SPACE}")
BOLD, INDENT_CM = 1.1, 0.25
CELL_MARGIN_CM, SPARE_CM, POINT_CM, TWIPS_PER_CM, RULE_COLOR = 0.09, 0.1, 0.03528, 567, "9AA4B2"
LONGEST_FOOT = 90


def write_document(path: Path, content: ReportContent) -> None:
    """Write the report as docx; the same content gives the same bytes."""
    document = Document()
    _set_up(document, content)
    _foot(document, content)
    document.add_paragraph(content.title, style="Title")
    document.add_paragraph(content.subtitle, style="Subtitle")
    _notice(document, content.notice)
    for section in content.sections:
        document.add_heading(section.title, level=1)
        for block in section.blocks:
            _add(document, block)
    if content.references:
        document.add_heading("References", level=1)
        for number, reference in enumerate(content.references, start=1):
            document.add_paragraph(f"{number}. {reference}", style="Normal")
    document.add_paragraph(f"Written by {content.program}.")
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
    """A caption, rules above and below the head and at the end, columns as wide as what stands in them."""
    _caption(document, f"Table {block.number}.", block.caption).paragraph_format.space_before = Pt(10)
    table = document.add_table(rows=1, cols=len(block.columns), style="Normal Table")
    points = SMALL if len(block.columns) > WIDE else BODY
    widths = column_widths(block, points, TEXT_WIDTH_CM)
    table.autofit = False
    _set_frame(table)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    _fill(table.rows[0], block.columns, block, widths, points, bold=True)
    _repeat_head(table.rows[0])
    for cells in block.rows[:1]:
        _fill(table.add_row(), cells, block, widths, points)
    _add_alike(table, block.rows[1:])
    for row in table.rows[:-1] if len(block.rows) <= UNSPLIT else table.rows[:2]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    note = document.add_paragraph()
    note.paragraph_format.space_before = Pt(3)
    note.add_run(block.note).font.size = Pt(BODY)


def column_widths(block: TextTable, points: float, room: float) -> tuple[float, ...]:
    """Centimeters: what each column needs unbroken. Where that is too much heads are broken, then text, then numbers,
    the widest first; words stay whole."""
    def needed(text: str, column: int) -> float:
        size, letters = (CODE, 0.62 * len(text)) if column in block.is_code else (points, sum(map(_letter, text)))
        bold = BOLD if text in block.columns or text in head_words else 1.0
        return bold * letters * size * POINT_CM + 2 * CELL_MARGIN_CM + SPARE_CM + _indent(block, column)

    head_words = {word for head in block.columns for word in head.split(" ")}
    cells = [[row[column] for row in block.rows] for column in range(len(block.columns))]
    words = [[word for text in (head, *texts) for word in text.split(" ")]
             for head, texts in zip(block.columns, cells, strict=True)]
    least, whole_cells, whole = (
        [max(needed(text, column) for text in texts) for column, texts in enumerate(wanted)]
        for wanted in (words, [own + texts for own, texts in zip(words, cells, strict=True)],
                       [[head, *texts] for head, texts in zip(block.columns, cells, strict=True)]))
    if sum(whole) <= room:
        return tuple(whole)
    is_text = [column not in block.numeric for column in range(len(block.columns))]
    return _shrunk(whole_cells, least, is_text, room)


def _shrunk(widths: list[float], least: list[float], first: list[bool], room: float,
            step: float = 0.1) -> tuple[float, ...]:
    """Widths that fit the room: taken from the `first` columns, then from all, the one with most to spare at a time."""
    for chosen in (first, [True] * len(first)):
        while sum(widths) > room:
            spare = [(wide - narrow) * give for wide, narrow, give in zip(widths, least, chosen, strict=True)]
            widest = max(spare)
            if widest <= 0:
                break
            widths[spare.index(widest)] -= min(widest, step)
    return tuple(width * min(1.0, room / sum(widths)) for width in widths)


def _indent(block: TextTable, column: int) -> float:
    """Centimeters that keep text away from the numbers set right before it."""
    return INDENT_CM if column - 1 in block.numeric and column not in block.numeric else 0.0


def _letter(letter: str) -> float:
    """Width in units of the font size, as in Arial."""
    return 0.3 if letter in NARROW else 0.7 if letter.isupper() or letter in "mw%" else 0.56


def _set_frame(table: Any) -> None:
    """Horizontal rules alone, narrow cell margins."""
    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side, weight in (("top", "8"), ("bottom", "8"), ("insideH", "2")):
        rule = OxmlElement(f"w:{side}")
        for key, value in (("w:val", "single"), ("w:sz", weight), ("w:space", "0"), ("w:color", RULE_COLOR)):
            rule.set(qn(key), value)
        borders.append(rule)
    properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(CELL_MARGIN_CM * TWIPS_PER_CM)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.append(margins)


def _fill(row: Any, texts: tuple[str, ...], block: TextTable, widths: tuple[float, ...], points: float,
          bold: bool = False) -> None:
    for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width = Cm(widths[column])
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(1)
        paragraph.paragraph_format.left_indent = Cm(_indent(block, column))
        if column in block.numeric:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(text)
        run.bold = bold
        run.font.size = Pt(points)
        if column in block.is_code and not bold:
            run.font.size, run.font.name = Pt(CODE), "Courier New"
    unbroken = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(unbroken)


def _add_alike(table: Any, rows: Sequence[tuple[str, ...]]) -> None:
    """Rows that look like the last: a copy with other words takes a tenth of the time of setting each cell."""
    last = table.rows[-1]._tr
    for cells in rows:
        row = deepcopy(last)
        for run, text in zip(row.iter(qn("w:r")), cells, strict=True):
            run.text = text
        table._tbl.append(row)


def _repeat_head(row: Any) -> None:
    head = OxmlElement("w:tblHeader")
    row._tr.get_or_add_trPr().append(head)


def _caption(document: Any, label: str, text: str) -> Any:
    paragraph = document.add_paragraph(style="Caption")
    paragraph.add_run(f"{label} ").bold = True
    paragraph.add_run(text).bold = False
    return paragraph


def _foot(document: Any, content: ReportContent) -> None:
    """Title, what kind of data, and the page's number at the foot of each page."""
    paragraph = document.sections[0].footer.paragraphs[0]
    notice = content.notice if len(content.notice) < LONGEST_FOOT else ""
    paragraph.add_run(" \N{MIDDLE DOT} ".join(part for part in (content.title, notice, "page ") if part))
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)
    for run in paragraph.runs:
        run.font.size = Pt(BODY)


def _figure(document: Any, block: FigureBlock) -> None:
    from docx.image.image import Image

    content = block.figure.rendered("png")
    image = Image.from_blob(content)
    ratio = image.px_height / image.px_width
    width = _figure_width(ratio)
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(io.BytesIO(content), width=Cm(width))
    shape._inline.docPr.set("descr", block.figure.alt)
    shape._inline.docPr.set("title", block.caption)
    caption = _caption(document, f"Figure {block.number}.", f"{block.caption}.")
    caption.paragraph_format.keep_with_next = False
    caption.paragraph_format.space_after = Pt(12)


def _figure_width(ratio: float) -> float:
    """Centimeters for a figure `ratio` times as high as wide: two on a page if hardly smaller for it."""
    two = HALF_PAGE_CM / ratio
    if two >= LEAST_SCALE * TEXT_WIDTH_CM:
        return min(TEXT_WIDTH_CM, two)
    return min(TEXT_WIDTH_CM, TEXT_HEIGHT_CM / ratio)
