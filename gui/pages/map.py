"""Map: which column of each study is what, on a board of all studies and column by column."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QStackedWidget, QWidget

from core.bulk import Proposal, like_named_proposals, with_proposals
from core.errors import Issue, Where
from core.expression import quoted
from core.mapping import Decision, StudyMapping
from core.steps import Step
from gui.jobs import JobRunner
from gui.pages.map_board import Board
from gui.pages.map_bulk import BulkView
from gui.pages.map_cells import LAYOUT, facts_at_hand, facts_of
from gui.pages.map_columns import READING, SCORES, TREATMENTS, VISITS, ColumnView
from gui.pages.map_edits import reopened
from gui.pages.map_reading import ReadingPart
from gui.pages.map_resend import resent_example
from gui.pages.map_rules_menu import RulesMenu
from gui.pages.map_values import decided
from gui.pages.page import Page, TourState
from gui.widgets.frame import label

if TYPE_CHECKING:
    from core.progress import Progress
    from core.session import Session


class MapPage(Page):
    """The board, and the column view of one study."""

    title: ClassVar[str] = "Map"
    step: ClassVar[Step] = Step.MAP

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.next_action = QAction("Next question", self)
        self.next_action.setShortcut(QKeySequence("Ctrl+J"))
        self.next_action.setToolTip("To the next open question (Ctrl+J)")
        self.next_action.triggered.connect(self.next_question)
        self.addAction(self.next_action)  # for its keys
        self._asked: Issue | None = None
        self._runner = JobRunner(self)
        self.board = Board()
        self.rules = RulesMenu()
        self.rules.decided.connect(self.decided)
        self.rules.said.connect(self.message.say)
        self.rules.failed.connect(self.show_failure)
        self.board.tools.insertWidget(2, self.rules)
        self._nothing = label("Studies by variables will stand here once there is a study with a readable file. Add "
                              "files on the Studies page.", "secondary", wrap=True)
        self.views = QStackedWidget()
        for view in (self.board, self._nothing):
            self.views.addWidget(view)
        self.body.addWidget(self.views, 1)
        self.first = self.board.table
        self.board.opened.connect(self.open)
        self.board.accepted.connect(self._accept)
        self.board.suggestions_wanted.connect(self.show_suggestions)
        self.board.rule_wanted.connect(self.show_rule)

    @cached_property
    def columns(self) -> ColumnView:
        """The column view, made when it is first needed."""
        made = ColumnView()
        made.back.connect(self.show_board)
        made.mapping_edited.connect(self._take_mapping)
        made.decision_edited.connect(self._take_decision)
        made.reopened.connect(self._reopen)
        made.deciding.connect(self.deciding)
        self.views.addWidget(made)
        return made

    @cached_property
    def bulk(self) -> BulkView:
        """Many decisions at once, made when it is first needed."""
        made = BulkView()
        made.back.connect(self.show_board)
        made.taken.connect(self._take_many)
        made.failed.connect(self.show_failure)
        self.views.addWidget(made)
        return made

    # --- showing ----------------------------------------------------------------------------------------------------

    def sentence(self, session: Session | None) -> str:
        """How much is settled."""
        if session is None or not session.registry.studies:
            return "Tell each study's columns apart."
        cells, asks = self.board.cells.counts
        rest = f"{asks} need you" if asks else "none needs you"
        return f"Tell each study's columns apart. {cells - asks} of {cells} cells are settled, {rest}."

    def foot(self, session: Session | None) -> str:
        """How many questions are open."""
        questions = session.open_questions() if session else ()
        if not questions:
            return "No open question." if session and session.usable_studies else ""
        studies = len({issue.where.study for issue in questions})
        return (f"{len(questions)} open {'question' if len(questions) == 1 else 'questions'} in {studies} "
                f"{'study' if studies == 1 else 'studies'}")

    def display(self, session: Session | None) -> None:
        """Fill the view in sight; counts follow when they are at hand."""
        if session is None:
            return
        self.rules.session = session
        self.main_action = self.next_action if session.open_questions() else None
        if not session.registry.studies:
            self.views.setCurrentWidget(self._nothing)
            return
        if self.views.currentWidget() is self._nothing:
            self.views.setCurrentWidget(self.board)
        self.board.show_session(session)
        if self._is_in_columns:
            self.columns.show_session(session)
        if session.usable_studies and session.has_harmonized_at_hand and facts_at_hand(session).summaries is None:
            job = self._runner.start(_count, session)
            job.succeeded.connect(self._show_counted)
            job.failed.connect(self.show_failure)

    @property
    def _is_in_columns(self) -> bool:
        return isinstance(self.views.currentWidget(), ColumnView)

    def _show_counted(self, session: Session) -> None:
        if self.session is session:
            self.display(session)
            self.foot_changed.emit()

    def show_board(self) -> None:
        """All studies, with the keyboard where the column view was."""
        if self._is_in_columns:
            self.board.choose(self.columns.study, self.columns.board_key)
        self.views.setCurrentWidget(self.board)
        self.first = self.board.table
        self.board.table.setFocus()

    def open(self, study: str, place: str) -> None:
        """The column view on a study and a variable or part of its layout."""
        if self.session is None:
            return
        self._show_columns()
        self.columns.open(study, place)
        (self.columns.variables if place in self.session.protocol.variables_by_key else self.columns.parts).setFocus()

    def _show_columns(self) -> None:
        self.views.setCurrentWidget(self.columns)
        self.first = self.columns.variables
        self.columns.session = self.session

    def show_suggestions(self, study: str, place: str) -> None:
        """Suggestions to be taken together."""
        if self.session is not None:
            self._show_bulk()
            self.bulk.show_suggestions(self.session, study, place)

    def show_rule(self, study: str, place: str) -> None:
        """One study's rule for a variable, to be applied to others."""
        session = self.session
        if session is None:
            return
        decision = session.mappings[study].variables.get(place) if study in session.mappings else None
        if decision is None or not decision.is_settled:
            self.message.say("This cell has no rule that could be applied elsewhere. Choose a settled variable.")
            return
        self._show_bulk()
        self.bulk.show_rule(session, study, place)

    def _show_bulk(self) -> None:
        self.message.clear()
        self.views.setCurrentWidget(self.bulk)
        self.first = self.bulk.lines

    def next_question(self) -> None:
        """To the open question after the one shown last."""
        questions = self.session.open_questions() if self.session else ()
        if not questions:
            return
        at = questions.index(self._asked) + 1 if self._asked in questions else 0
        self._asked = questions[at % len(questions)]
        self.focus_issue(self._asked)

    def focus_issue(self, issue: Issue) -> None:
        """Open the place where a question is answered."""
        if self.session is None or issue.where.study not in self.session.registry.by_id:
            self.focus_place(issue.where)
            return
        self._show_columns()
        self.columns.open_issue(issue)
        self.columns.take_keyboard()

    def focus_place(self, where: Where) -> None:
        """A variable on the board, or a place of one study."""
        if self.session is None or not self.session.registry.studies:
            return
        if where.study is None:
            study = self.session.registry.studies[0].study
            self.views.setCurrentWidget(self.board)
            self.board.choose(study, where.variable or LAYOUT)
            self.board.table.setFocus()
        elif where.column and not where.variable:
            self._show_columns()
            self.columns.open_column(where.study, where.column)
        else:
            self.open(where.study, where.variable or LAYOUT)

    def tour_states(self) -> Sequence[TourState]:
        """The board, a question, and every part of a layout."""
        study = next(iter(self.session.usable_studies), "") if self.session else ""
        long = next((name for name, mapping in self.session.mappings.items() if mapping.shape.visit),
                    study) if self.session else ""
        return (("", self.show_board), ("suggestions", lambda: self.show_suggestions(study, "female")),
                ("rule", lambda: self.show_rule(*self._rule_for_others(study))), ("question", self.next_question),
                ("variable", lambda: self.open(study, "female")), ("treatment", lambda: self.open(study, TREATMENTS)),
                ("visits", lambda: self.open(long, VISITS)), ("scores", lambda: self.open(study, SCORES)),
                ("formula", lambda: self._begin(study, "bmi", "formula")),
                ("words", lambda: self._begin(study, "ptsd", "text_search")),
                ("table", lambda: self.open(study, READING)), ("new-file", self._send_again),
                ("rows", lambda: self.open(long, LAYOUT)))

    def _begin(self, study: str, variable: str, kind: str) -> None:
        """A rule that is being written."""
        self.open(study, variable)
        editor = self.columns.decision
        editor.kind.setCurrentIndex(editor.kind.findData(kind))
        editor.kind.activated.emit(editor.kind.currentIndex())
        columns = self.session.table(study).columns if self.session else ()
        if kind == "formula":
            editor.text.field.setPlainText(f"if(is_missing({quoted(columns[0].name)}), missing, round(")
            editor.text.hurry()
        else:
            told = (one.name for one in columns if any("MDD" in text for text in one.counts))
            editor.text.with_columns((next(told, columns[-1].name),))

    def _send_again(self) -> None:
        """A file sent again, with columns renamed and rows gone."""
        again = resent_example(self.session) if self.session else None
        if self.session is not None and again is not None:
            self.open(again.study, READING)
            part = self.columns.part(READING)
            if isinstance(part, ReadingPart):
                part.show_compared(self.session, again)

    def _rule_for_others(self, study: str) -> tuple[str, str]:
        """A cell whose rule would do something in another study, for the tour."""
        session = self.session
        found = ((name, key) for name, mapping in session.mappings.items() for key in mapping.variables
                 if like_named_proposals(session, name, key)) if session else iter(())
        return next(found, (study, "age"))

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _take_decision(self, study: str, variable: str, decision: Decision | None) -> None:
        if self.session is not None:
            label_ = self.session.protocol.variables_by_key[variable].label
            name = self.session.registry.by_id[study].name
            self.decided.emit(self.session.with_decision(study, variable, decision), f"{label_} of {name}")

    def _accept(self, study: str, place: str) -> None:
        """What is suggested in a cell of the board is right."""
        if self.session is None or study not in self.session.mappings:
            return
        decision = self.session.mappings[study].variables.get(place)
        if decision is None or decision.is_settled:
            self.message.say("Nothing waits here to be accepted. N goes to the next question, Enter opens it."
                             if place in self.session.protocol.variables_by_key else
                             "Layout, arms and scores are confirmed in their own place: Enter opens it.")
            return
        self.message.clear()
        self._take_decision(study, place, decided(decision.rule, decision))

    def _take_many(self, proposals: list[Proposal], what: str) -> None:
        if self.session is not None:
            self.show_board()
            stamp = decided(proposals[0].decision.rule)
            self.decided.emit(with_proposals(self.session, proposals, stamp.by, stamp.at), what)

    def _reopen(self, study: str, variable: str) -> None:
        if self.session is not None:
            label_ = self.session.protocol.variables_by_key[variable].label
            name = self.session.registry.by_id[study].name
            self.deciding.emit(partial(reopened, self.session, study, variable), f"Question of {label_} of {name}")

    def _take_mapping(self, mapping: StudyMapping, what: str) -> None:
        if self.session is not None:
            name = self.session.registry.by_id[mapping.study].name
            self.decided.emit(self.session.with_mapping(mapping), f"{what} of {name}")


def _count(session: Session, progress: Progress) -> Session:
    """Make what the board counts, and remember it; runs on a job's thread."""
    progress(0.0, "Counting patients")
    facts_of(session)
    return session
