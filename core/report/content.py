"""The report before it has a form: title, notice, numbered sections, references. Document and web page say the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.analysis import Pooled
from core.cohort import Cohort
from core.figures.specification import FigureSpec
from core.labels import Labels, labels_for
from core.protocol import Protocol
from core.report.blocks import Block, FigureBlock, Section, TextTable
from core.report.citations import number_citations, with_text
from core.report.sections import SECTIONS, Material
from core.results import Results

SYNTHETIC = "Synthetic demonstration data: no patient data, no finding about any treatment."
OWN_DATA = ("Made from data supplied by the user. The figures show individual values without identifiers; "
            "check that sharing them is allowed.")


@dataclass(frozen=True)
class ReportContent:
    """All the words, tables and figures of a report, ready for any format."""

    title: str
    subtitle: str
    notice: str
    sections: tuple[Section, ...]
    references: tuple[str, ...]
    program: str


def report_content(results: Results, cohort: Cohort, figures: tuple[FigureSpec, ...], pooled: Pooled,
                   sections: frozenset[str] | None = None, labels: Labels | None = None,
                   reproduced: str = "") -> ReportContent:
    """The report of a run. `sections` are the keys to keep (`sections.SECTIONS`), by default all; `reproduced` says
    what came of it in R.
    """
    protocol = pooled.protocol
    material = Material(results, cohort, figures, labels or labels_for(protocol), protocol, pooled, reproduced)
    written = tuple(Section(key, title, tuple(write(material))) for key, title, write in SECTIONS
                    if sections is None or key in sections)
    numbered = number_citations(tuple(section for section in written if section.blocks), _references(protocol))
    return ReportContent(
        title=pooled.name,
        subtitle=results.provenance.protocol or "Pooled analysis of individual patient data",
        notice=SYNTHETIC if results.provenance.synthetic else OWN_DATA,
        sections=_number_blocks(tuple(_kept_on_a_line(section) for section in numbered.sections)),
        references=numbered.references,
        program=results.provenance.program,
    )


def _references(protocol: Protocol | None) -> Mapping[str, str]:
    """The protocol's own: its source publication and its conversion tables."""
    if protocol is None:
        return {}
    own = {f"conversion{index}": route.citation for index, route in enumerate(protocol.conversions)}
    return {"protocol": protocol.citation, **own}


def _kept_on_a_line(section: Section) -> Section:
    """A p-value is not parted from its sign at the end of a line."""
    def joined(text: str) -> str:
        return re.sub(r"\bp ([<>=]) (?=\d)", "p\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", text)

    return replace(section, blocks=tuple(with_text(block, joined) for block in section.blocks))


def _number_blocks(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Tables and figures counted through the report."""
    counts = {TextTable: 0, FigureBlock: 0}

    def numbered(block: Block) -> Block:
        if isinstance(block, TextTable | FigureBlock):
            counts[type(block)] += 1
            return replace(block, number=counts[type(block)])
        return block

    return tuple(replace(section, blocks=tuple(numbered(block) for block in section.blocks)) for section in sections)
