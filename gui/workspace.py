"""The project on the table: its session, its history, its file, and the work that makes the next session.

Every change is saved as it is made. Undo goes back to the previous session; results of a run stay through it, and are
out of date or current as their inputs say, and so does the lock of the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from core.errors import Issue, UserError
from core.progress import Progress, silent
from core.steps import StepState
from gui.jobs import JobRunner

if TYPE_CHECKING:
    from core.project import Project
    from core.results import Results
    from core.session import Session

UNDO_DEPTH = 200


@dataclass(frozen=True)
class Opened:
    """A project that was opened or made."""

    session: Session
    project: Project | None


@dataclass(frozen=True)
class Standing:
    """What follows from a session: every step's state, and the issues."""

    steps: tuple[StepState, ...]
    issues: tuple[Issue, ...]


class Workspace(QObject):
    """Holds one project at a time, or none."""

    opened = Signal()
    """Another project is on the table (or none any more)."""
    changed = Signal()
    """The session is another."""
    settled = Signal()
    """What follows from the session is at hand."""
    working = Signal(str)
    """Work that will make the next session has begun; editing waits."""
    progressed = Signal(float, str)
    rested = Signal()
    """That work is over."""
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self.project: Project | None = None
        self.standing: Standing | None = None
        self._undo: list[tuple[Session, str]] = []
        self._redo: list[tuple[Session, str]] = []
        self._work = JobRunner(self)
        self._settling, self._asking = JobRunner(self), JobRunner(self)

    # --- what the person decides ------------------------------------------------------------------------------------

    def decide(self, session: Session, what: str, why: str = "") -> None:
        """The next session, by a change called `what`, and why where a reason was asked for."""
        if self.session is not None:
            self._undo = [*self._undo[1 - UNDO_DEPTH:], (self.session, what)]
        self._redo.clear()
        self._take(session, what, why)

    def keep_lock(self, locked: Session) -> None:
        """Keep the lock of a run that starts."""
        if self.session is not None:
            self._take(replace(self.session, plan_lock=locked.plan_lock), "Plan locked")

    def keep_results(self, results: Results) -> None:
        """Put what a run computed into the session as it is now."""
        if self.session is not None:
            self._take(self.session.with_results(results), "Run")
            self._ask_second_engine()

    def _ask_second_engine(self) -> None:
        """Have current results checked beside the person's work, where that is not done yet."""
        session = self.session
        if (session is None or session.results is None or session.results.is_second_engine_asked
                or not session.results_are_current):
            return
        job = self._asking.start(second_opinion_of, session)
        job.succeeded.connect(lambda results: self._has_asked(session, results))
        job.failed.connect(self.failed)

    def _has_asked(self, asked: Session, results: Results) -> None:
        if self.session is not None and self.session.results is asked.results:
            self._take(self.session.with_results(results), "Second engine asked")

    @property
    def undo_name(self) -> str:
        """The change that undo takes back; "" if there is none."""
        return self._undo[-1][1] if self._undo else ""

    @property
    def redo_name(self) -> str:
        """The change that redo makes again; "" if there is none."""
        return self._redo[-1][1] if self._redo else ""

    def undo(self) -> None:
        """Back to before the last change."""
        self._step(self._undo, self._redo, "Undo")

    def redo(self) -> None:
        """The change taken back last, again."""
        self._step(self._redo, self._undo, "Redo")

    def _step(self, source: list[tuple[Session, str]], target: list[tuple[Session, str]], word: str) -> None:
        if not source or self.session is None:
            return
        session, what = source.pop()
        target.append((self.session, what))
        kept = self.session
        self._take(replace(session, results=kept.results, plan_lock=kept.plan_lock), f"{word}: {what}")

    def _take(self, session: Session, what: str, why: str = "") -> None:
        self.session = session
        if self.project is not None:
            try:
                self.project.save(session, what, why)
            except UserError as fault:
                self.failed.emit(fault)
        self.changed.emit()
        self._settle()

    def _settle(self) -> None:
        if self.session is None:
            return
        job = self._settling.start(standing, self.session)
        job.succeeded.connect(self._has_settled)
        job.failed.connect(self.failed)

    def _has_settled(self, found: Standing) -> None:
        self.standing = found
        self.settled.emit()
        if not self._asking.is_busy:  # results of a project that was closed before they were checked
            self._ask_second_engine()

    # --- work that takes time ---------------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether work is under way that will make the next session."""
        return self._work.is_busy

    def decide_by(self, work: Callable[[Progress], Session], what: str) -> None:
        """Run `work` with progress; what it returns is decided."""
        def run(progress: Progress = silent) -> Session:
            session = work(progress)
            standing(session, progress)
            return session

        self._start(run, what).succeeded.connect(lambda session: self.decide(session, what))

    def open(self, path: Path) -> None:
        """Open a project file."""
        self._start(_open, f"Opening {path.stem}", path).succeeded.connect(self.put)

    def open_demo(self, path: Path) -> None:
        """Begin the demo afresh, in a project file at `path`."""
        self._let_go_of(path)
        self._start(_make_demo, "Preparing the demo", path).succeeded.connect(self.put)

    def create(self, path: Path, protocol: str, name: str, files: list[Path]) -> None:
        """Begin a project in a new file, with study files if there are any yet."""
        job = self._start(_create, f"Creating {name}", path, protocol, name, files)
        job.succeeded.connect(self.put)

    def stop(self) -> None:
        """Stop the work under way."""
        self._work.cancel()

    def close(self) -> None:
        """Stop everything and let go of the file."""
        for runner in (self._work, self._settling, self._asking):
            runner.close()
        if self.project is not None:
            self.project.close()
            self.project = None

    def _let_go_of(self, path: Path) -> None:
        """Close the project on the table if it is the one at `path`, which is about to be replaced."""
        if self.project is not None and self.project.path == path:
            self._settling.silence()
            self._asking.silence()
            self.project.close()
            self.project, self.session, self.standing = None, None, None
            self.opened.emit()

    def _start(self, function: Callable[..., Any], words: str, *args: Any) -> Any:
        job = self._work.start(function, *args)
        job.progressed.connect(self.progressed)
        job.failed.connect(self.failed)
        job.ended.connect(self.rested)
        self.working.emit(words)
        return job

    def put(self, found: Opened) -> None:
        """Put another project on the table; the one before is closed."""
        self._settling.silence()
        self._asking.silence()
        if self.project is not None:
            self.project.close()
        self.session, self.project = found.session, found.project
        self._undo.clear()
        self._redo.clear()
        self.standing = None
        self.opened.emit()
        self._settle()


def standing(session: Session, progress: Progress = silent) -> Standing:
    """What follows from a session; what it derives is remembered by the session's memo."""
    if session.usable_studies:
        session.harmonized(progress)
    return Standing(session.steps(), session.issues())


def second_opinion_of(session: Session, progress: Progress = silent) -> Results:
    """A session's results with what the second engine says of them."""
    from core.analysis import second_opinion_apart
    from core.pooled import pooled_from_session

    assert session.results is not None
    return second_opinion_apart(session.results, pooled_from_session(session), progress)


def _open(path: Path, progress: Progress) -> Opened:
    from core.project import Project

    progress(0.0, f"Opening {path.stem}")
    project, session = Project.open(path)
    try:
        standing(session, progress)
    except BaseException:
        project.close()
        raise
    return Opened(session, project)


def _make_demo(path: Path, progress: Progress) -> Opened:
    from core.intake import demo_session
    from core.project import Project

    session = demo_session(progress)
    standing(session, progress)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return Opened(session, Project.create(path, session))


def _create(path: Path, protocol: str, name: str, files: list[Path], progress: Progress) -> Opened:
    from core.intake import load_files, new_session
    from core.project import Project

    session = new_session(protocol, name)
    if files:
        session = load_files(session, files, progress)
        standing(session, progress)
    return Opened(session, Project.create(path, session))
