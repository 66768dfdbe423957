"""Document, web page and workbook: well formed, the same content, the same bytes, nothing executed."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from core.figures import figures_for
from core.report.blocks import Bullets, FigureBlock, Paragraph, TextTable
from core.report.content import ReportContent, report_content
from core.report.document import TEXT_WIDTH_CM, column_widths, write_document
from core.report.slides import write_slides
from core.report.web_page import web_page
from core.report.workbook import write_workbook
from core.tables import Table, result_tables
from tests.core.invented_results import invented

EVIL = '<script>alert("{}")</script> & =1+1'
VOID = {"meta", "img", "source", "br", "link", "input"}


@pytest.fixture(scope="module")
def content() -> ReportContent:
    results, cohort, pooled = invented(3, EVIL)
    return report_content(results, cohort, figures_for(results, cohort), pooled)


@pytest.fixture(scope="module")
def page(content: ReportContent) -> str:
    return web_page(content)


@pytest.fixture(scope="module")
def document(content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.docx"
    write_document(path, content)
    return path


class Page(HTMLParser):
    """Checks that tags close in order; collects text, tags and attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_is_well_formed_and_needs_nothing_from_outside(page: str) -> None:
    found = Page(page)
    assert not found.open
    names = {tag for tag, _ in found.tags}
    assert not names & {"script", "link", "iframe", "object", "form"}
    for _, attributes in found.tags:
        for name in ("src", "srcset", "href"):
            value = attributes.get(name) or "#"
            assert value.startswith(("#", "data:image/svg+xml;base64,"))
    assert not re.search(r"url\(|@import", page.split("</style>")[0])


def test_every_picture_has_alt_text_and_a_dark_form(page: str, content: ReportContent) -> None:
    found = Page(page)
    alts = [attributes["alt"] for tag, attributes in found.tags if tag == "img"]
    figures = [block.figure for section in content.sections for block in section.blocks
               if isinstance(block, FigureBlock)]
    assert alts == [figure.alt for figure in figures]
    assert sum(tag == "source" for tag, _ in found.tags) == len(figures)


def test_page_and_document_say_the_same(page: str, content: ReportContent, document: Path) -> None:
    on_page = re.sub(r"\s+", " ", " ".join(Page(page).text))
    written = Document(str(document))
    in_document = " ".join([*(p.text for p in written.paragraphs),
                            *(cell.text for table in written.tables for row in table.rows for cell in row.cells)])
    in_document = re.sub(r"\s+", " ", in_document)
    for section in content.sections:
        for block in section.blocks:
            texts: tuple[str, ...] = ()
            if isinstance(block, Paragraph):
                texts = (block.text,)
            elif isinstance(block, Bullets):
                texts = block.items
            elif isinstance(block, TextTable):
                texts = (f"Table {block.number}. {block.caption}", *(cell for row in block.rows for cell in row))
            elif isinstance(block, FigureBlock):
                texts = (f"Figure {block.number}. {block.caption}.",)
            for text in texts:
                plain = re.sub(r"\s+", " ", text)
                assert plain in on_page and plain in in_document


def test_the_document_has_real_headings_captions_and_alt_text(document: Path, content: ReportContent) -> None:
    written = Document(str(document))
    headings = [p.text for p in written.paragraphs if p.style.name == "Heading 1"]
    assert headings == [*(section.title for section in content.sections), "References"]
    captions = [p.text for p in written.paragraphs if p.style.name == "Caption"]
    assert sum(text.startswith("Table") for text in captions) == len(written.tables)
    assert len(written.inline_shapes) == sum(text.startswith("Figure") for text in captions)
    assert all(len(shape._inline.docPr.get("descr")) > 20 for shape in written.inline_shapes)
    width = written.sections[0].page_width - 2 * written.sections[0].left_margin
    assert all(shape.width <= width for shape in written.inline_shapes)


def test_columns_are_as_wide_as_their_words_and_fit_the_page() -> None:
    short = TextTable("Short", ("Study", "n"), (("A", "1"), ("Prairie Line US", "720")), frozenset({1}))
    name, n = column_widths(short, 8.5, TEXT_WIDTH_CM)
    assert 2.0 < name < 4.0 and 0.5 < n < 1.2
    long = TextTable("Long", ("Text", "Estimate"), ((" ".join(["word"] * 80), "0.47 (0.16, 0.77)"),), frozenset({1}))
    text, estimate = column_widths(long, 8.5, TEXT_WIDTH_CM)
    assert text + estimate == pytest.approx(TEXT_WIDTH_CM, abs=0.11) and text + estimate <= TEXT_WIDTH_CM
    assert estimate > 2.0, "a number is not broken while text can be"
    unbreakable = TextTable("Wide", tuple("abcdef"), (("x" * 60,) * 6,))
    assert sum(column_widths(unbreakable, 8.5, TEXT_WIDTH_CM)) == pytest.approx(TEXT_WIDTH_CM)


def test_every_page_of_the_document_has_its_number(document: Path) -> None:
    foot = Document(str(document)).sections[0].footer.paragraphs[0]
    assert "Synthetic" in foot.text and "PAGE" in foot._p.xml


def test_the_same_content_is_the_same_bytes(document: Path, content: ReportContent, tmp_path: Path, page: str) -> None:
    write_document(tmp_path / "again.docx", content)
    assert (tmp_path / "again.docx").read_bytes() == document.read_bytes()
    assert web_page(content) == page
    results, _, _ = invented(3)
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(tmp_path / name, result_tables(results), results)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_the_workbook_holds_numbers_as_numbers_and_no_formula(tmp_path: Path) -> None:
    results, _, _ = invented(3)
    bad = ("=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", "\x07bell", "x" * 40_000)
    table = Table("texts", "Texts", ("text", "number", "truth", "empty"),
                  tuple((text, 0.1 + 0.2, True, None) for text in bad))
    write_workbook(tmp_path / "tables.xlsx", (*result_tables(results), table), results)
    workbook = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert workbook.sheetnames == ["notes", *(t.name for t in result_tables(results)), "texts"]
    rows = list(workbook["texts"].iter_rows(min_row=2))
    for text, row in zip(bad, rows, strict=True):
        assert row[0].data_type == "s" and row[0].value == text.replace("\x07", "")[:32_767]
        assert row[1].value == pytest.approx(0.1 + 0.2, rel=1e-15)
        assert (row[2].value, row[3].value) == (True, None)
    assert rows[0][0].quotePrefix and not rows[4][0].quotePrefix
    effects = [cell.value for cell in workbook["main_effects"]["I"]]
    assert effects[0] == "estimate" and effects[1] == 0.58
    notes = {row[0].value: row[1].value for row in workbook["notes"].iter_rows(min_row=2)}
    assert notes["seed"] == 1 and "synthetic" in str(notes["data"])


def test_credibility_forms_are_exported_and_reported(tmp_path: Path) -> None:
    import csv

    from core.credibility import COLUMNS, Credibility, PersonsAnswer
    from core.export import export_all

    results, _, pooled = invented(3)
    of_age = tuple(row for row in results.moderators if row.moderator == "age")
    results = replace(results, moderators=of_age, combined=(), two_stage=(), sensitivity=())
    answer = PersonsAnswer(outcome="rapid", moderator="age", question="foreseen", answer="definitely_yes",
                           reason="Registered.", by="Ann")
    export_all(tmp_path, results, replace(pooled, credibility=Credibility().with_answer(answer)))
    with (tmp_path / "tables/iceman.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    (own,) = (row for row in rows if row["by"] == "Ann")
    assert (own["moderator"], own["answer"], own["reason"]) == ("age", "Yes", "Registered.")
    assert len([row for row in rows if row["moderator"] == "age"]) == 9
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Credibility of moderators" in page and "Schandelmaier" in page
    assert "iceman" in openpyxl.load_workbook(tmp_path / "tables.xlsx").sheetnames


def test_slides_show_the_figures_with_titles_to_edit(content: ReportContent, document: Path, tmp_path: Path) -> None:
    for name in ("a.pptx", "b.pptx"):
        write_slides(tmp_path / name, content)
    assert (tmp_path / "a.pptx").read_bytes() == (tmp_path / "b.pptx").read_bytes()
    deck = Presentation(str(tmp_path / "a.pptx"))
    assert round(deck.slide_width / deck.slide_height, 3) == round(16 / 9, 3)
    figures = [block for section in content.sections for block in section.blocks if isinstance(block, FigureBlock)]
    first, *others = deck.slides
    assert first.shapes.title.text == content.title and content.notice in first.placeholders[1].text
    assert [slide.shapes.title.text for slide in others] == [block.figure.title for block in figures]
    for slide, block in zip(others, figures, strict=True):
        (picture,) = (shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.PICTURE)
        assert picture.image.blob == block.figure.rendered("png")
        assert picture._element.nvPicPr.cNvPr.get("descr") == block.figure.alt
        notes = slide.notes_slide.notes_text_frame.text
        assert notes.startswith(f"Figure {block.number}.") and block.figure.alt in notes and content.notice in notes
        assert content.notice in [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width
            assert shape.top >= 0 and shape.top + shape.height <= deck.slide_height
        title = slide.shapes.title
        assert picture.top >= title.top + title.height
