"""The report as a page of rich text to look at before it is written: the same words, tables and figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from core.progress import Progress, silent, subrange
from core.report.blocks import Block, Bullets, FigureBlock, Notice, Paragraph, TextTable
from gui.theme import DARK, LIGHT, Colors, points
from gui.widgets.figure_picture import picture_of

if TYPE_CHECKING:
    from core.analysis import Pooled
    from core.cohort import Cohort
    from core.figures.specification import FigureSpec
    from core.report.content import ReportContent
    from core.session import Session


BREAK = "\\g<0>\N{ZERO WIDTH SPACE}"


@dataclass(frozen=True)
class ReportMaterial:
    """What previews are made from; made once a run."""

    pooled: Pooled
    cohort: Cohort
    figures: tuple[FigureSpec, ...]


def report_material(session: Session, progress: Progress = silent) -> ReportMaterial:
    """Patients and figures of the session's results, which must be current."""
    from core.cohort import build_cohort
    from core.figures import figures_for
    from core.pooled import pooled_from_session

    assert session.results is not None
    progress(0.0, "Preparing the report")
    pooled = pooled_from_session(session, progress)
    cohort = build_cohort(pooled.frame, session.results.plan, pooled.name)
    figures = figures_for(session.results, cohort, pooled.labels, pooled.protocol, pooled.figure_choices,
                          pooled.judgments)
    return ReportMaterial(pooled, cohort, figures)


def pictures_of(figures: tuple[FigureSpec, ...], scheme: str, family: str, width: int, ratio: float,
                progress: Progress = silent) -> Mapping[str, QImage]:
    """Every figure, `width` pixels wide, by its key."""
    found = {}
    for index, figure in enumerate(figures):
        step = subrange(progress, index / len(figures), (index + 1) / len(figures))
        found[figure.key] = picture_of(figure, scheme, family, QSize(width, 1), ratio, progress=step).image
    return found


def content_of(session: Session, material: ReportMaterial, sections: frozenset[str]) -> ReportContent:
    """The report with the sections that are kept."""
    from core.report.content import report_content

    assert session.results is not None
    pooled = replace(material.pooled, credibility=session.credibility)  # answered since the material was made
    return report_content(session.results, material.cohort, material.figures, pooled, sections, pooled.labels)


def address(key: str) -> str:
    """What a figure is called in the page's text."""
    return f"figure:{key}"


def page_html(content: ReportContent, scheme: str, width: int) -> str:
    """The report in the part of HTML that Qt's rich text knows; figures stand under `address`."""
    colors = DARK if scheme == "dark" else LIGHT
    parts = [f"<h1>{escape(content.title)}</h1>", f'<p class="small">{escape(content.subtitle)}</p>',
             _notice(content.notice, colors)]
    for section in content.sections:
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += [_block(block, colors, width) for block in section.blocks]
    if content.references:
        rows = "".join(f"<p>{place}. {escape(text)}</p>" for place, text in enumerate(content.references, 1))
        parts.append(f"<h2>References</h2>{rows}")
    return f"<html><head><style>{_style(colors)}</style></head><body>{''.join(parts)}</body></html>"


def _style(colors: Colors) -> str:
    return (f"body {{ color: {colors.text}; }} p, li {{ margin-top: 4px; margin-bottom: 6px; }}"
            f"h1 {{ font-size: {points(16):g}pt; }} h2 {{ font-size: {points(13):g}pt; margin-top: 18px; }}"
            f".small, .caption {{ color: {colors.secondary}; font-size: {points(9.5):g}pt; }}"
            f"th {{ color: {colors.secondary}; font-weight: 600; }}")


def _block(block: Block, colors: Colors, width: int) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Bullets):
        return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</ul>"
    if isinstance(block, Notice):
        return _notice(block.text, colors)
    if isinstance(block, TextTable):
        return _table(block, colors)
    assert isinstance(block, FigureBlock)
    return (f'<p><img src="{address(block.figure.key)}" width="{width}" alt="{escape(block.figure.alt)}"></p>'
            f'<p class="caption">Figure {block.number}. {escape(block.caption)}</p>')


def _notice(text: str, colors: Colors) -> str:
    return (f'<table width="100%" cellpadding="8" cellspacing="0"><tr><td bgcolor="{colors.panel}">{escape(text)}'
            "</td></tr></table>")


LONG_WORD = re.compile(r"\w{20}(?=\w)")
"""Of a checksum: it may go on in the next line there."""
MANY = 8
"""More columns than these have smaller words."""


def _table(table: TextTable, colors: Colors) -> str:
    def cells(texts: tuple[str, ...], tag: str) -> str:
        size = f"font-size: {points(8 if len(table.columns) > MANY else 9.5):g}pt;"
        whole = " white-space: nowrap;" if tag == "td" else ""  # numbers stay whole, titles need not
        return "".join(f'<{tag} align="right" style="{size}{whole}">{escape(text)}</{tag}>'
                       if place in table.numeric else
                       f'<{tag} align="left" style="{size}">{escape(LONG_WORD.sub(BREAK, text))}</{tag}>'
                       for place, text in enumerate(texts))

    head = f'<tr bgcolor="{colors.panel}">{cells(table.columns, "th")}</tr>'
    rows = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in table.rows)
    note = f'<p class="caption">{escape(table.note)}</p>' if table.note else ""
    return (f'<p class="caption">Table {table.number}. {escape(table.caption)}</p>'
            f'<table cellpadding="3" cellspacing="0" width="100%">{head}{rows}</table>{note}')
