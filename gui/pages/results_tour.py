"""The states of the Results page that the tour takes pictures of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from gui.pages.page import TourState
from gui.pages.results_combined import SET_STATES, leading
from gui.pages.results_rows import SECTIONS
from gui.pages.results_shelf import MODERATOR_STATES

if TYPE_CHECKING:
    from gui.pages.results import ResultsPage


def states(page: ResultsPage) -> Sequence[TourState]:
    """Each section; what there is of a moderator and of a set; response; a forest alone, larger, with its style."""
    sections: list[TourState] = [("" if not place else section.key, partial(_section, page, section.key))
                                 for place, section in enumerate(SECTIONS)]
    shelf = [(f"moderators-{name}", partial(_moderator, page, *what)) for name, *what in MODERATOR_STATES]
    sets = [(f"combined-{name}", partial(_set, page, words)) for name, words in SET_STATES]
    return (*sections, *shelf, *sets, ("responders", partial(_response, page)), ("figure-only", partial(_forest, page)),
            ("figure-larger", partial(_larger, page)), ("style", partial(_style, page)),
            ("overview-style", partial(_section, page, "overview", True)))


def _section(page: ResultsPage, key: str, has_style: bool = False) -> None:
    page.wide.setChecked(False)
    page.style_button.setChecked(has_style)
    page.view.zoom_back()
    page.go_to(key)


def _moderator(page: ResultsPage, kind: str, moderator: str) -> None:
    _section(page, "moderators")
    page.pick(moderator)
    page.moderator.offer_first(kind)


def _set(page: ResultsPage, words: str) -> None:
    _section(page, "combined")
    best = leading(page.session.results if page.session else None, page.outcome.currentData())
    if best is not None:
        page.table.choose(page.section.key_of(best))
    page.choose_figure(words)


def _response(page: ResultsPage) -> None:
    _section(page, "main")
    for row in page.table.records.records:
        if row.measure == "response":
            page.table.choose(page.section.key_of(row))
            return


def _forest(page: ResultsPage) -> None:
    _section(page, "two-stage")
    page.wide.setChecked(True)


def _larger(page: ResultsPage) -> None:
    _forest(page)
    for _ in range(2):
        page.view.zoom_in()


def _style(page: ResultsPage) -> None:
    _forest(page)
    page.style_button.setChecked(True)
