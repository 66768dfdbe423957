"""One set in studies that its weights have not seen: r in each study left out, and their pool."""

from __future__ import annotations

from core.combined_results import CombinedEffect, HeldOutStudy
from core.figures.combined_keys import figure_key, set_title
from core.figures.interval_figure import interval_figure
from core.figures.interval_rows import Panel, Row
from core.figures.specification import FigureSpec
from core.labels import Labels
from core.tables import Table
from core.wording import count, number


def combined_studies(one: CombinedEffect, labels: Labels) -> FigureSpec | None:
    """The figure of one set and outcome; None where no study was left out."""
    known = [study for study in one.studies if study.r is not None]
    if not known:
        return None
    title = f"{set_title(one.set, one.outcome, labels)}: r in each study left out"
    key = figure_key("studies", one.outcome, one.set)
    panel = _panel(one, known, labels)
    rows = tuple((labels.study(study.study), study.n_active, study.n_control, study.r) for study in one.studies)
    n_active, n_control = (sum(getattr(study, arm) for study in known) for arm in ("n_active", "n_control"))
    data = Table(key, title, ("study", "n_active", "n_control", "r"),
                 (*rows, ("pool", n_active, n_control, one.r_leave_study_out)))
    return interval_figure(key, title, _alt(title, one, known, labels), [panel], "combined", data)


def _panel(one: CombinedEffect, known: list[HeldOutStudy], labels: Labels) -> Panel:
    most = max(study.n_active * study.n_control for study in known)
    known = labels.in_order(known, lambda one: one.study, lambda one: one.r, lambda one: one.n_active + one.n_control)
    rows = [Row(labels.study(study.study), study.r, look="square", before=(f"{study.n_active} / {study.n_control}",),
                after=(number(study.r),), weight=study.n_active * study.n_control / most) for study in known]
    rows += [Row(labels.study(study.study), before=(f"{study.n_active} / {study.n_control}",), after=("one arm only",))
             for study in one.studies if study.r is None]
    rows.append(Row("Pool, by pairs of patients", one.r_leave_study_out, look="dot",
                    after=(number(one.r_leave_study_out),), bold=True, rule_above=True))
    if one.r_cv is not None:
        rows.append(Row("Cross-validated", one.r_cv, look="circle", after=(number(one.r_cv),)))
    return Panel(tuple(rows), "r in a study that the weights have not seen", lower="the wrong way round",
                 higher="as foretold", before=("n active\n/ control",), after=("r",))


def _alt(title: str, one: CombinedEffect, known: list[HeldOutStudy], labels: Labels) -> str:
    ends = sorted(known, key=lambda study: study.r or 0.0)
    wrong = sum((study.r or 0.0) < 0 for study in known)
    return (f"{title}: {count(len(known), 'study', 'studies')} from {number(ends[0].r)} "
            f"({labels.study(ends[0].study)}) to {number(ends[-1].r)} ({labels.study(ends[-1].study)}), {wrong} of "
            f"them below zero; pool {number(one.r_leave_study_out)}, cross-validated {number(one.r_cv)}.")
