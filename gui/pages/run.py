"""Run: the analyses of the plan, one after the other, with progress and a stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from core.labels import Labels, in_sentence, labels_for
from core.plan_lock import unexplained
from core.progress import Progress, silent, subrange
from core.results import MainEffect, Measure, ModeratorEffect, ScaleName
from core.steps import State, Step
from core.wording import (
    MEASURES,
    MODELS,
    NOTHING,
    THIN,
    count,
    decimals_of,
    effect_decimals,
    estimate,
    number,
    p_value,
    unit,
)
from gui.jobs import JobRunner
from gui.pages.page import Page
from gui.pages.plan_outlook import Outlook, outlook
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.frame import label
from gui.widgets.marks import NONE, OF_STATE, Mark
from gui.widgets.progress_card import ProgressCard

if TYPE_CHECKING:
    from core.main_effects import Task
    from core.plan import Plan
    from core.protocol import Protocol
    from core.results import Results
    from core.session import Session

WAITING = Mark("circle-dashed", "waiting", "secondary")
RUNNING = Mark("hourglass", "running", "accent")
DONE = OF_STATE[State.DONE]
INTERACTIONS, MODERATORS, COMBINED = "Interactions", "Moderators", "Combined moderators"
BOARD = "Sensitivity"
"""How the progress texts of the sensitivity board begin, before the outcome."""


@dataclass(frozen=True)
class Stage:
    """A line of the table: one analysis. `told` is how its progress texts begin."""

    told: str
    outcome: str
    what: str
    model: str
    state: Mark = WAITING
    result: str = ""

    def words(self, text: str) -> str:
        """A progress text of this stage, with the stage's name before it."""
        rest = text.removeprefix(self.told).lstrip(":, ")
        name = f"{self.outcome}: {in_sentence(self.what)}"
        return f"{name}, {in_sentence(rest)}" if rest else f"{name}, {in_sentence(self.model)}"


COLUMNS = (
    Column("State", lambda row: row.state.word, mark=lambda row: row.state),
    Column("Outcome", lambda row: row.outcome),
    Column("Analysis", lambda row: row.what, stretch=True, least=150, hint=lambda row: row.what),
    Column("Model", lambda row: row.model),
    Column(f"Estimate (95{THIN}% CI)", lambda row: row.result, number=True),
)


def arriving_columns(labels: Callable[[], Labels]) -> tuple[Column, ...]:
    """Columns of moderators that are computed while others still are."""
    return (
        Column("Moderator", lambda row: labels().trait(row.moderator), stretch=True, least=130,
               hint=lambda row: labels().trait(row.moderator)),
        Column("Outcome", lambda row: labels().outcome(row.outcome)),
        Column(f"β* (95{THIN}% CI)", lambda row: estimate(row.beta, row.ci_low, row.ci_high)
               if row.beta is not None else row.statistic or NOTHING, number=True, order=lambda row: row.beta),
        Column("p", lambda row: p_value(row.p), number=True, order=lambda row: row.p, about="Before any correction"),
        Column("r", lambda row: number(row.r), number=True, order=lambda row: row.r, about="Its limits come last"),
        Column("n", lambda row: f"{row.n:,}" if row.n else "", number=True, order=lambda row: row.n, is_spare=True),
        Column("Note", lambda row: row.note, hint=lambda row: row.note, least=120, widest=300, is_spare=True),
    )


class RunPage(Page):
    """Computes, and hands the results to the window."""

    title: ClassVar[str] = "Run"
    step: ClassVar[Step] = Step.RUN

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run_action = QAction("Run", self)
        self.run_action.triggered.connect(self.start)
        self.runner, self._counting = JobRunner(self), JobRunner(self)
        self._stages: tuple[Stage, ...] = ()
        self._reached = -1
        self._shown = ""
        self._stopped = False
        self._named: tuple[Protocol | None, Labels] | None = None
        self.progress_card = ProgressCard("Stop the run; results computed before stay as they are")
        self.progress_card.stop.clicked.connect(self._stop)
        self.table = DataTable("Analyses", COLUMNS, key=lambda row: (row.told, row.outcome, row.what, row.model),
                               sortable=False)
        self.first = self.table
        self.arriving = DataTable("Moderators that are computed", arriving_columns(self._labels),
                                  key=lambda row: (row.outcome, row.moderator), is_dense=True)
        self.arriving_words = label("", "secondary", wrap=True)
        self.body.addWidget(self.progress_card)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.arriving_words)
        self.body.addWidget(self.arriving, 1)
        self._arrive(())

    # --- showing ----------------------------------------------------------------------------------------------------

    def sentence(self, session: Session | None) -> str:
        """What is done here, and how it stands."""
        if session is None or session.results is None:
            return "Computes every estimate the plan asks for. The same plan, data and seed give the same numbers."
        if not session.results_are_current:
            return "The results are out of date: data or plan have changed since. Run again to bring them up to date."
        return "Every estimate the plan asks for is computed, from the data and plan as they are now."

    def foot(self, session: Session | None) -> str:
        """How many analyses are done."""
        if self.runner.is_busy:
            done = sum(stage.state is DONE for stage in self._stages)
            return f"{done} of {count(len(self._stages), 'analysis', 'analyses')} done"
        if self._stopped:
            return "Stopped. Nothing was kept of that run; the results before it stand as they were."
        return ""

    def display(self, session: Session | None) -> None:
        """List the analyses; while a run is under way, leave its list alone."""
        if session is None:
            return
        self.run_action.setText("Run" if session.results is None else "Run again")
        self.run_action.setEnabled(not self.runner.is_busy)
        self.main_action = None if session.results_are_current and not self.runner.is_busy else self.run_action
        if self.runner.is_busy or not session.has_harmonized_at_hand:
            return
        key = f"{session.inputs_fingerprint} {session.results_are_current}"
        if key != self._shown:
            job = self._counting.start(stages_of, session)
            job.succeeded.connect(lambda stages: self._show(stages, key))
            job.failed.connect(self.show_failure)

    def _show(self, stages: tuple[Stage, ...], key: str = "") -> None:
        self._stages, self._shown = stages, key
        self.table.show_records(stages)

    # --- running ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Run what the plan asks for on the data as they are now. The first run locks the plan; what was changed in it
        since needs a reason before the next."""
        if self.session is None or self.runner.is_busy:
            return
        if unexplained(self.session.plan_changes):
            self.go_and_do.emit(Step.PLAN)  # where the reasons are asked for
            return
        session = self.session.locked()
        if session is not self.session:
            self.locked.emit(session)
        self.message.clear()
        self._counting.silence()
        self._reached, self._shown, self._stopped = -1, "", False
        self._show(tuple(replace(stage, state=WAITING, result="") for stage in self._stages))
        self._arrive(())
        job = self.runner.start_telling(run_plan, session)
        job.found.connect(self._hear)
        job.progressed.connect(self._tell)
        job.succeeded.connect(self._finish)
        job.failed.connect(self._fail)
        job.canceled.connect(self._rest)
        job.ended.connect(self._has_ended)
        self.progress_card.begin()
        self.run_action.setEnabled(False)
        self.progress_card.stop.setFocus()
        self.foot_changed.emit()

    def _stop(self) -> None:
        self._stopped = True
        self.runner.cancel()
        self.progress_card.say("Stopping...")

    def _tell(self, fraction: float, text: str) -> None:
        reached = reached_stage(self._stages, self._reached, text)
        stage = self._stages[reached] if 0 <= reached < len(self._stages) else None
        self.progress_card.tell(fraction, text if stage is None else stage.words(text))
        if reached != self._reached:
            self._reached = reached
            self._show(tuple(replace(stage, state=DONE if i < reached else RUNNING if i == reached else WAITING)
                             for i, stage in enumerate(self._stages)))
            self.table.scrollTo(self.table.records.index(min(reached + 1, len(self._stages) - 1), 0))
            self.foot_changed.emit()

    def _hear(self, rows: tuple[object, ...]) -> None:
        """Estimates that are there before the rest: moderators get rows of their own, main effects their line."""
        new = [row for row in rows if isinstance(row, ModeratorEffect)
               and row.model == "published" and row.tier != "none"]
        if new:
            self._arrive(new)
        effects = [row for row in rows if isinstance(row, MainEffect)]
        if effects:
            self._show(tuple(_with_result(stage, effects, self._labels()) for stage in self._stages))

    def _labels(self) -> Labels:
        protocol = self.session.protocol if self.session is not None else None
        if self._named is None or self._named[0] is not protocol:  # a table asks for each of its cells
            self._named = protocol, labels_for(protocol)
        return self._named[1]

    def _arrive(self, rows: Sequence[ModeratorEffect]) -> None:
        """Moderators that were just computed, the newest in sight; with none, those before them go."""
        for part in (self.arriving, self.arriving_words):
            part.setVisible(bool(rows))
        if not rows:
            self.arriving.show_records(())
            return
        self.arriving.add_records(rows)
        shown = len(self.arriving.records.records)
        self.arriving_words.setText(f"{count(shown, 'result')} of moderators so far, published model; corrections "
                                    f"and the limits of r come last.")
        if not self.arriving.is_sorted:
            self.arriving.scrollToBottom()

    def _finish(self, results: Results) -> None:
        self._rest()
        self._stopped = False
        self.computed.emit(results)

    def _fail(self, fault: Exception) -> None:
        self._rest()
        self.show_failure(fault)

    def _rest(self) -> None:
        self.progress_card.hide()
        self._show(tuple(replace(stage, state=WAITING, result="") for stage in self._stages))
        self._arrive(())

    def _has_ended(self) -> None:
        self.display(self.session)
        self.foot_changed.emit()


def _with_result(stage: Stage, effects: Sequence[MainEffect], labels: Labels) -> Stage:
    """The stage with its estimate, if it is among these."""
    for effect in effects:
        if effect.estimate is not None and (stage.outcome, stage.what, stage.model) == (
                labels.outcome(effect.outcome), _what(effect.measure, effect.scale), MODELS[effect.model]):
            return replace(stage, result=_estimate(effect))
    return stage


def run_plan(session: Session, progress: Progress = silent,
             found: Callable[[tuple[object, ...]], None] = lambda rows: None) -> Results:
    """Pool what is harmonized and run the plan; on a job's thread. `found` hears rows that are done. The second engine
    is asked afterwards, beside the person's work (`gui.workspace`).
    """
    from core.analysis import run_estimates
    from core.pooled import pooled_from_session
    from core.workers import worth_starting

    pooled = pooled_from_session(session, subrange(progress, 0.0, 0.05))
    workers = worth_starting(session.plan.bootstrap.replicates)
    return run_estimates(pooled, session.plan, workers, subrange(progress, 0.05, 1.0), found)


def reached_stage(stages: Sequence[Stage], reached: int, text: str) -> int:
    """The stage a progress text speaks of, never an earlier one; texts of other things change nothing."""
    for index in range(max(reached, 0), len(stages)):
        told = stages[index].told
        if text == told or text.startswith((f"{told}, ", f"{told}: ")):
            return index
    return reached


def stages_of(session: Session, progress: Progress = silent) -> tuple[Stage, ...]:
    """Every analysis of the plan, with its estimate where the results are current."""
    labels = labels_for(session.protocol)
    results = session.results if session.results_are_current else None
    found: Outlook = outlook(session, progress)
    plan = session.plan
    stages = []
    if plan.moderators:
        tested = 0 if results is None else len({row.moderator for row in results.moderators if row.p is not None})
        stages.append(Stage(INTERACTIONS, "Every outcome", "Moderators, one by one", "Both models",
                            DONE if results else WAITING, count(tested, "moderator") if results else ""))
    stages += [_task_stage(task, plan, labels, results) for task in found.tasks]
    for outcome in plan.outcomes:
        rows = [] if results is None else [row for row in results.sensitivity if row.outcome == outcome.name]
        stages.append(Stage(f"{BOARD}: {outcome.name}", labels.outcome(outcome.name), "Sensitivity board",
                            MODELS["published"], DONE if results else WAITING,
                            count(len(rows), "variant") if results else ""))
    if plan.moderators:
        sizes = 0 if results is None else sum(row.r is not None and row.model == "published"
                                              for row in results.moderators)
        stages.append(Stage(MODERATORS, "Every outcome", "Moderators: limits of r, corrections", "Resamples",
                            DONE if results else WAITING, count(sizes, "effect size") if results else ""))
    if plan.sets:
        fitted = 0 if results is None else sum(row.lambda_ is not None for row in results.combined)
        stages.append(Stage(COMBINED, "Every outcome", "Combined moderators", "Held out, permuted",
                            DONE if results else WAITING, count(fitted, "combination") if results else ""))
    return tuple(stages)


def _task_stage(task: Task, plan: Plan, labels: Labels, results: Results | None) -> Stage:
    outcome = plan.every_outcome[task.outcome].name
    model = "Two-stage" if task.model == "two_stage" else MODELS[task.model]
    state, result = WAITING, ""
    if results is not None:
        state, result = _result_of(task, outcome, results)
    return Stage(str(task), labels.outcome(outcome), _what(task.measure, task.scale), model, state, result)


def _what(measure: Measure, scale: ScaleName) -> str:
    return f"{MEASURES[measure]}, {unit(measure, scale)}"


def _estimate(effect: MainEffect) -> str:
    return estimate(effect.estimate, effect.ci_low, effect.ci_high, effect_decimals(effect))


def _result_of(task: Task, outcome: str, results: Results) -> tuple[Mark, str]:
    what = (outcome, task.measure, task.scale)
    if task.model == "two_stage":
        for pool in results.two_stage:
            if (pool.outcome, pool.measure, pool.scale) == what and pool.estimate is not None:
                return DONE, estimate(pool.estimate, pool.ci_low, pool.ci_high, decimals_of([pool]))
    for effect in results.main_effects:
        if (effect.outcome, effect.measure, effect.scale) == what and effect.model == task.model:
            return (DONE, _estimate(effect)) if effect.estimate is not None else (NONE, "no estimate")
    return NONE, NOTHING
