"""Saving the table that the Results page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.widgets.figure_saving import save_table

if TYPE_CHECKING:
    from gui.pages.results import ResultsPage


def save_shown_table(page: ResultsPage) -> None:
    """Ask where to, and write the table as it is shown."""
    from core.tables import Table

    columns = page.table.records.columns
    rows = tuple(tuple(column.text(record) for column in columns) for record in page.table.records.records)
    save_table(page, Table(page.section.key.replace("-", "_"), page.section.title,
                           tuple(column.title for column in columns), rows), page.message)
