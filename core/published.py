"""What the source publication reports beside a result of one's own (METHODS section 13): shown, never tuned to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.protocol import PublishedEffect
from core.results import MainEffect, ModeratorEffect, Results
from core.wording import estimate, number, p_value

TREATMENT = "treatment"
MODERATOR = ("published_beta", "published_low", "published_high", "published_p", "published_p_adjusted", "published_r",
             "published_source")
MAIN = ("published_estimate", "published_low", "published_high", "published_p", "published_source")
"""Columns of the tables."""


@dataclass(frozen=True)
class PublishedBeside:
    """The published estimate (SD), its limits, p and effect size r, where they are reported; `source` names it."""

    source: str
    beta: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    r: float | None = None

    def __str__(self) -> str:
        """For example "β* 0.47 (0.16, 0.77), p 0.003, adjusted 0.027, r 0.11 (Price 2022)"."""
        parts = [f"β* {estimate(self.beta, self.low, self.high)}" if self.beta is not None else "",
                 f"p {p_value(self.p)}" if self.p is not None else "",
                 f"adjusted {p_value(self.p_adjusted)}" if self.p_adjusted is not None else "",
                 f"r {number(self.r)}" if self.r is not None else ""]
        return f"{', '.join(part for part in parts if part)} ({self.source})"


def published_beside(results: Results, row: MainEffect | ModeratorEffect) -> PublishedBeside | None:
    """What is published of a row's outcome and moderator, or of the treatment; None where nothing is, and beside rows
    on another scale or of another model than the publication's.
    """
    if row.model != "published" or row.scale != "standardized":
        return None
    if isinstance(row, MainEffect):
        return _of(results.published, row.outcome, TREATMENT) if row.measure == "percent_improvement" else None
    return _of(results.published, row.outcome, row.moderator)


def _of(published: Iterable[PublishedEffect], outcome: str, term: str) -> PublishedBeside | None:
    own = {one.measure: one for one in published if (one.outcome, one.term) == (outcome, term)}
    beta, r = own.get("beta"), own.get("r")
    if beta is None and r is None:
        return None
    size = None if r is None else r.estimate
    if beta is None:
        return PublishedBeside(r.source if r is not None else "", r=size)
    return PublishedBeside(beta.source, beta.estimate, beta.low, beta.high, beta.p, beta.p_adjusted, size)


def published_cells(results: Results, row: MainEffect | ModeratorEffect) -> dict[str, float | str | None]:
    """The same as cells of a table, empty where nothing is published."""
    found = published_beside(results, row)
    if found is None:
        return {}
    return {"published_beta": found.beta, "published_estimate": found.beta, "published_low": found.low,
            "published_high": found.high, "published_p": found.p, "published_p_adjusted": found.p_adjusted,
            "published_r": found.r, "published_source": found.source}
