"""The figures of a run by key, made on a job's thread, and how one goes into a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError, Where
from core.labels import Labels, labels_for
from core.progress import Progress, silent

if TYPE_CHECKING:
    from core.figures.specification import FigureSpec
    from core.session import Session

Figures = Mapping[str, "FigureSpec"]


def session_labels(session: Session) -> Labels:
    """Names for readers: the protocol's and the studies'."""
    return labels_for(session.protocol, {study.study: study.name for study in session.registry.studies})


def figures_of(session: Session, progress: Progress = silent) -> Figures:
    """Every figure of the session's results. Where data or plan have changed since, only those that the results alone
    can draw: a figure of patients would show others than the numbers beside it."""
    from core.cohort import build_cohort
    from core.figures import effects_overview, figures_for, funnels, sensitivity_forests, study_forests
    from core.pooled import pooled_from_session

    results, labels = session.results, session_labels(session)
    assert results is not None
    progress(0.0, "Preparing the figures")
    if session.results_are_current:
        cohort = build_cohort(pooled_from_session(session, progress).frame, results.plan, session.name)
        found = figures_for(results, cohort, labels)
    else:
        found = (*effects_overview(results, labels), *study_forests(results, labels),
                 *funnels(results, labels), *sensitivity_forests(results, labels))
    return {figure.key: figure for figure in found}


def save_figure(figure: FigureSpec, path: Path, progress: Progress = silent) -> Path:
    """Write a figure as its path's ending says: png, svg or pdf. Raises UserError if it cannot be written."""
    progress(0.0, f"Drawing {figure.title}")
    ending = path.suffix.lower()
    if ending not in (".png", ".svg", ".pdf"):
        raise UserError(f'Figures are written as PNG, SVG or PDF, not "{ending or path.name}".',
                        Where(file=path.name), "End the name with .png, .svg or .pdf.")
    try:
        if ending == ".pdf":
            drawn = figure.draw()
            drawn.savefig(path, format="pdf", facecolor=drawn.get_facecolor(), metadata={"CreationDate": None})
        else:
            figure.save(path)
    except OSError as fault:
        raise UserError(f"The figure cannot be written: {fault.strerror}.", Where(file=path.name),
                        "Close it in other programs, or choose another folder.") from None
    return path
