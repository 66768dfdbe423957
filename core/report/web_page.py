"""The report as one web page: no other file, no network, light and dark as the reader's system is."""

from __future__ import annotations

import base64

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.figures.specification import FigureSpec
from core.figures.style import DARK, EXPORT, recolored
from core.report.content import ReportContent
from core.resources import resource


def web_page(content: ReportContent) -> str:
    """The page as text; whatever stands in the data is escaped."""
    environment = Environment(loader=FileSystemLoader(resource("report")), autoescape=True, undefined=StrictUndefined,
                              keep_trailing_newline=True)
    template = environment.get_template("report.html.j2")
    return template.render(content=content, kind_of=lambda block: type(block).__name__, image=_image)


def _image(figure: FigureSpec, dark: bool) -> str:
    """The figure as an SVG in a data address; images, unlike inline SVG, keep their element ids to themselves."""
    svg = figure.rendered("svg")
    if dark:
        svg = recolored(svg.decode("utf-8"), EXPORT.chosen(figure.choices), DARK.chosen(figure.choices)).encode("utf-8")
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode('ascii')}"
