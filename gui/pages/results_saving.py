"""Saving what the Results page shows: the figure, its numbers, the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import UserError
from gui import dialogs
from gui.pages.results_figures import save_figure, save_table

if TYPE_CHECKING:
    from core.tables import Table
    from gui.pages.results import ResultsPage

FIGURE_FILES = "PNG picture (*.png);;SVG drawing (*.svg);;PDF (*.pdf)"
TABLE_FILES = "CSV table (*.csv)"


def save_shown_figure(page: ResultsPage) -> None:
    """Ask where to, and write the figure in sight."""
    figure = page.view.figure
    target = dialogs.choose_target(page, "Save the figure", FIGURE_FILES, f"{figure.key}.png") if figure else None
    if target is None:
        return
    job = page.saving.start(save_figure, figure, target)
    job.succeeded.connect(lambda path: page.message.say(f"The figure is in {path}."))
    job.failed.connect(page.show_failure)


def save_numbers(page: ResultsPage) -> None:
    """Ask where to, and write the numbers behind the figure in sight."""
    if page.view.figure is not None:
        _save_csv(page, page.view.figure.data)


def save_shown_table(page: ResultsPage) -> None:
    """Ask where to, and write the table as it is shown."""
    from core.tables import Table

    columns = page.table.records.columns
    rows = tuple(tuple(column.text(record) for column in columns) for record in page.table.records.records)
    _save_csv(page, Table(page.section.key.replace("-", "_"), page.section.title,
                          tuple(column.title for column in columns), rows))


def _save_csv(page: ResultsPage, table: Table) -> None:
    target = dialogs.choose_target(page, "Save the numbers", TABLE_FILES, f"{table.name}.csv")
    if target is None:
        return
    try:
        save_table(table, target)
    except UserError as fault:
        page.message.show_fault(fault)
    else:
        page.message.say(f"The table is in {target}.")
