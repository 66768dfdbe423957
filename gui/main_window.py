"""The window: rail, head, page, foot. It shows what the workspace holds and takes people where they want to go."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from core.errors import Issue, UserError
from core.steps import Step, StepState
from gui import dialogs, recent
from gui.beside import Beside
from gui.jobs import JobRunner
from gui.menus import Menus
from gui.pages import PAGES
from gui.pages.page import Page, step_of
from gui.places import TITLES, Place, names_of, places_of, stage_of
from gui.theme import GRID
from gui.warming import Warmer
from gui.widgets.frame import BusyLine, Foot, Head, TopBar, hairline, set_kind
from gui.widgets.issue_list import IssueList
from gui.widgets.marks import OF_SEVERITY
from gui.widgets.message_line import MessageLine
from gui.widgets.rail import Rail, locked_steps
from gui.widgets.search_box import SearchBox
from gui.workspace import Workspace

if TYPE_CHECKING:
    from gui.pages.start import StartPage

NO_PROJECT = "Open a project first, or try the demo."


class MainWindow(QMainWindow):
    """One project, eight steps."""

    def __init__(self) -> None:
        super().__init__()
        self.workspace = Workspace(self)
        self.beside = Beside(self, self.workspace, lambda: self.step)
        self.pages: dict[Step, Page] = {}
        self.step: Step | None = Step.START
        """The step in sight; None for the list of issues."""
        self._steps = {state.step: state for state in locked_steps(NO_PROJECT)}
        self._arriving: Step | None = None
        """Where a project that was opened is to begin, once it is known what is in reach."""
        self._left_at, self._begins_blank = Step.STUDIES, False
        self._before_issues = Step.START
        self._before_work: QWidget | None = None
        self.menus = Menus(self)
        self.undo, self.redo, self.back, self.onward = (
            self.menus.undo, self.menus.redo, self.menus.back, self.menus.onward)
        self._build()
        self._connect()
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self._take_steps(tuple(self._steps.values()))
        self._say_project()
        self._show_session()
        self.show_step(Step.START)

    # --- building ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.rail, self.head, self.foot = Rail(TITLES), Head(self.undo, self.redo), Foot(self.back, self.onward)
        self.search, self.busy, self.message = SearchBox(), BusyLine(), MessageLine()
        self.top = TopBar(self.search)
        self.issue_list, self.stack = IssueList(), QStackedWidget()
        self.stack.addWidget(self.issue_list)
        content = QVBoxLayout()
        content.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 12)
        content.setSpacing(12)
        for part in (self.head, hairline(), self.busy, self.message):
            content.addWidget(part)
        content.addWidget(self.stack, 1)
        content.addWidget(hairline())
        content.addWidget(self.foot)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        edge = QFrame()
        edge.setProperty("kind", "line")
        edge.setFixedWidth(1)
        middle.addWidget(self.rail)
        middle.addWidget(edge)
        middle.addLayout(content, 1)
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.top)
        whole.addWidget(hairline())
        whole.addLayout(middle, 1)
        center = QWidget()
        center.setLayout(whole)
        self.setCentralWidget(center)

    def _connect(self) -> None:
        self.rail.step_chosen.connect(self.show_step)
        self.rail.issues_chosen.connect(self.show_issues)
        self.search.found.connect(self._go_to)
        self.top.protocol.clicked.connect(self.beside.edit_protocol)
        self.top.help.clicked.connect(self.beside.show_help)
        self.issue_list.chosen.connect(self.show_place)
        space = self.workspace
        space.opened.connect(self._show_project)
        space.changed.connect(self._show_session)
        space.settled.connect(self._show_standing)
        space.working.connect(self._show_work)
        space.progressed.connect(self.busy.tell)
        space.rested.connect(self._show_rest)
        space.failed.connect(self.show_failure)
        self._warmer = Warmer(self, self._ready, lambda: space.is_busy)
        self.busy.stop_wanted.connect(space.stop)

    def page(self, step: Step) -> Page:
        """The page of a step, made when first asked for."""
        if step not in self.pages:
            module, name = PAGES[step].split(":")
            page: Page = getattr(importlib.import_module(module), name)()
            page.decided.connect(self.workspace.decide)
            page.decided_because.connect(self.workspace.decide)
            page.locked.connect(self.workspace.keep_lock)
            page.deciding.connect(self.workspace.decide_by)
            page.computed.connect(self.workspace.keep_results)
            page.go.connect(self.show_step)
            page.go_and_do.connect(self._do_at)
            page.issue_chosen.connect(self.show_place)
            page.foot_changed.connect(self._show_foot)
            page.session = self.workspace.session
            if step is Step.START:
                self._connect_start(page)  # type: ignore[arg-type]
            self.pages[step] = page
            self.stack.addWidget(page)
        return self.pages[step]

    def _connect_start(self, start: StartPage) -> None:
        start.demo_wanted.connect(self.open_demo)
        start.new_wanted.connect(lambda: self.new_project([]))
        start.open_wanted.connect(self.ask_for_project)
        start.recent_wanted.connect(self.open_project)

    # --- projects ---------------------------------------------------------------------------------------------------

    def open_project(self, path: Path) -> None:
        """Open a project file where the person left it; the one that is open already is shown again."""
        project = self.workspace.project
        self._left_at = recent.step_left(path)
        if project is not None and project.path == path:
            self.show_step(self._left_at)
        else:
            self.workspace.open(path)

    def open_demo(self) -> None:
        """Begin the demo afresh."""
        self._left_at = Step.STUDIES
        self.workspace.open_demo(recent.demo_path())

    def new_project(self, files: list[Path]) -> None:
        """Ask for a name and begin a project, with study files if there are any."""
        from core.protocol_files import BLANK, protocol_titles

        wish = dialogs.new_project(self, protocol_titles(), recent.documents_folder())
        if wish is not None:
            self._left_at, self._begins_blank = Step.STUDIES, wish.protocol == BLANK
            self.workspace.create(wish.path, wish.protocol, wish.name, files)

    def ask_for_project(self) -> None:
        """Have the person pick a project file, and open it."""
        found = dialogs.choose_files(self, "Open a project", f"Modscope projects (*{dialogs.SUFFIX})", several=False)
        if found:
            self.open_project(found[0])

    def take_files(self, paths: list[Path]) -> None:
        """Files dropped on the window: a project is opened, anything else goes into the project."""
        projects = [path for path in paths if path.suffix == dialogs.SUFFIX]
        if projects:
            self.open_project(projects[0])
        elif self.workspace.session is None:
            self.new_project(paths)
        else:
            self.show_step(Step.STUDIES)
            self.page(Step.STUDIES).take_files(paths)

    # --- showing ----------------------------------------------------------------------------------------------------

    def show_step(self, step: Step) -> None:
        """Bring a step into sight, if it is in reach."""
        if not self._steps[step].is_in_reach:
            return
        self.step = step
        self._remember()
        page = self.page(step)
        self.stack.setCurrentWidget(page)
        self.rail.mark_current(step)
        self._show_page()
        if page.first is not None:
            page.first.setFocus()

    def show_issues(self) -> None:
        """Bring the list of all issues into sight."""
        self._before_issues = self.step or self._before_issues
        self.step = None
        self.stack.setCurrentWidget(self.issue_list)
        self.rail.mark_current(None)
        self._show_page()
        self.issue_list.table.setFocus()

    def show_place(self, issue: Issue) -> None:
        """Take the person to the place of an issue."""
        if self.workspace.session is None:
            return
        step = step_of(issue, self.workspace.session)
        self.show_step(step)
        if self.step is step:
            self.page(step).focus_issue(issue)

    def _go_to(self, target: Place) -> None:
        step, where = target if isinstance(target, tuple) else (target, None)
        self.show_step(step)
        if where is not None and self.step is step:
            self.page(step).focus_place(where)

    def _do_at(self, step: Step) -> None:
        self.show_step(step)
        action = self.page(step).main_action
        if self.step is step and action is not None:
            action.trigger()

    def move_by(self, by: int) -> None:
        """So many steps on, of those in reach; from the issues back to the page before."""
        steps = self.reachable
        if self.step is None:
            self.show_step(self._before_issues)
            return
        index = steps.index(self.step) + by
        if 0 <= index < len(steps):
            self.show_step(steps[index])

    @property
    def reachable(self) -> list[Step]:
        """Steps that can be opened now."""
        return [step for step, state in self._steps.items() if state.is_in_reach]

    def _show_page(self) -> None:
        session = self.workspace.session
        if self.step is None:
            self.head.say("Issues", "Everything that needs a look or an answer. Open one to go to its place.")
        else:
            page = self.page(self.step)
            page.display(session)
            self.head.say(page.title, page.sentence(session))
        self._show_foot()

    def _show_foot(self) -> None:
        if self.step is None:
            self.foot.say(self.issue_list.summary, None)
            self.back.setEnabled(True)
            self.onward.setEnabled(False)
            return
        page = self.page(self.step)
        reachable = self.reachable
        self.back.setEnabled(reachable[0] is not self.step)
        self.onward.setEnabled(reachable[-1] is not self.step)
        self.foot.say(page.foot(self.workspace.session), page.main_action)

    def _show_project(self) -> None:
        """Another project, or none, is on the table."""
        self.message.clear()
        self._say_project()
        self._show_session()
        if self.workspace.session is None:
            self._take_steps(locked_steps(NO_PROJECT))
            self.show_step(Step.START)
        else:
            self._arriving = self._left_at
            if self._begins_blank:  # once the window stands still
                self._begins_blank = False
                QTimer.singleShot(0, self.beside.edit_protocol)

    def _say_project(self) -> None:
        session, project = self.workspace.session, self.workspace.project
        name = session.name if session else ""
        self.setWindowTitle(" - ".join(filter(None, (name, "Modscope"))))
        tags = ["synthetic, no patient data"] if session is not None and session.synthetic else []
        if project is not None and project.is_read_only:
            tags.append("read-only: open in another window")
        self.top.say(name, ", ".join(tags))

    def _show_session(self) -> None:
        for page in self.pages.values():
            page.session = self.workspace.session
        self.head.name_changes(self.workspace.undo_name, self.workspace.redo_name)
        self._show_page()

    def _show_standing(self) -> None:
        standing = self.workspace.standing
        if standing is None:
            return
        self._take_steps(standing.steps)
        session = self.workspace.session
        self.issue_list.show_issues(standing.issues, names_of(session) if session else {})
        gravest = standing.issues[0].severity if standing.issues else None
        self.rail.show_issues(len(standing.issues), OF_SEVERITY[gravest] if gravest else None)
        self.search.offer(places_of(session, self.reachable) if session else ())
        if self._arriving is not None:
            first, self._arriving = self._arriving, None
            self.show_step(first if self._steps[first].is_in_reach else Step.STUDIES)
        elif self.step is not None and not self._steps[self.step].is_in_reach:
            self.show_step(Step.STUDIES)
        else:
            self._show_page()
        self._remember()
        self._warmer.begin()

    def _ready(self, step: Step) -> list[Callable[[], object]]:
        """What makes a page ready for its first visit: made, filled, laid out and painted once where nobody sees it."""
        if step in self.pages or self.workspace.session is None:
            return []
        return [lambda: self.page(step).resize(self.stack.size()),
                lambda: self.page(step).display(self.workspace.session),
                lambda: self.page(step).grab()]

    def _take_steps(self, steps: tuple[StepState, ...]) -> None:
        self._steps = {state.step: state for state in steps}
        self.rail.show_steps(steps)
        self.menus.enable()

    def _remember(self) -> None:
        space = self.workspace
        if space.project is not None and space.session is not None and space.standing is not None:
            recent.remember(space.project.path, stage_of(space.session, space.standing.steps), self.step)

    def _show_work(self, words: str) -> None:
        self.message.clear()
        self.busy.begin(words)
        found = self.focusWidget()
        self._before_work = found if found is not None and self.stack.isAncestorOf(found) else None
        self.stack.setEnabled(False)  # takes the keyboard away from a page's parts

    def _show_rest(self) -> None:
        self.busy.end()
        self.stack.setEnabled(True)
        if self._before_work is not None:
            self._before_work.setFocus()
            self._before_work = None

    def show_failure(self, fault: Exception) -> None:
        """A user's fault in words below the head, a bug in the crash dialog."""
        if isinstance(fault, UserError):
            self.message.show_fault(fault)
        else:
            dialogs.show_crash(self, fault)

    # --- what the system sends --------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if any(url.isLocalFile() for url in event.mimeData().urls()) and not self.workspace.is_busy:
            event.acceptProposedAction()
            set_kind(self.stack, "drop")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The files went elsewhere."""
        set_kind(self.stack, "")

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the files."""
        set_kind(self.stack, "")
        event.acceptProposedAction()
        self.take_files([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def focusNextPrevChild(self, onward: bool) -> bool:
        """Tab goes from the page to the foot, then to the rail."""
        self.foot.stand_last()
        return super().focusNextPrevChild(onward)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Everything is saved already; stop what runs and let go of the file."""
        self._warmer.end()
        for runner in self.findChildren(JobRunner):
            runner.close()
        self.workspace.close()
        super().closeEvent(event)
