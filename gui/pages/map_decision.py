"""The decision on one variable of one study: suggestion with its reason, rule, and what each value becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.errors import UserError
from core.labels import in_sentence
from core.mapping import Decision, Direct, Formula, Product, Recode, Rule, TextSearch, Unavailable, Undecided
from core.new_rules import plain_number, plain_recode
from core.preview import Combinations, Preview, combinations, preview
from core.protocol import Variable
from core.rule_columns import columns_of
from core.sources import RawColumn, RawTable
from core.text_search import joined_text
from gui.pages.map_cells import BoardCell, BoardFacts, describe, facts_at_hand, questions_of, variable_cell
from gui.pages.map_rule_fields import RuleFields
from gui.pages.map_rule_text import RuleText
from gui.pages.map_values import (
    BLANK,
    UNDECIDED,
    ValueRow,
    code_options,
    column_of,
    decided,
    fresh_rule,
    kind_of,
    number_or_nothing,
    value_rows,
)
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import button, label, set_kind
from gui.widgets.marks import ASKS

if TYPE_CHECKING:
    from core.session import Session

WRITTEN = ("formula", "text_search")
CHOOSE = "Choose a column to see its values and what they would become."
TO_SAY = {"constant": "Say the value that every patient of this study gets.",
          "elapsed": "Choose the columns that hold the two days.", "direct": CHOOSE, "recode": CHOOSE,
          "formula": "Write the formula, columns in brackets. Ctrl+Enter takes it.",
          "text_search": "Choose the columns, and write the words that stand for a code. Ctrl+Enter takes them."}
"""What a person does next, by the kind that was chosen."""
BECOMES = "Becomes"
VALUE_COLUMNS = (
    Column("In the file", lambda row: row.raw, hint=lambda row: row.raw, stretch=True, least=96),
    Column(BECOMES, lambda row: row.becomes, mark=lambda row: row.mark, hint=lambda row: row.mark.word, widest=220,
           least=120),
    Column("Rows", lambda row: str(row.count), number=True),
)


class DecisionEditor(QWidget):
    """`edited` carries the decision the person took; None leaves the variable open."""

    edited = Signal(object)
    reopened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._study = ""
        self._variable: Variable | None = None
        self._table: RawTable | None = None
        self._wanted, self._can_confirm = "", False
        self._counted: Combinations | None = None
        self._taken_back: dict[tuple[str, str], Decision] = {}
        """Answers without a column that were reopened, by study and variable: shown until something else is said."""
        self.heading, self.about = label(kind="section", wrap=True), label(kind="secondary", wrap=True)
        self.state, self.shape = label(wrap=True), QLabel()
        self.fields, self.text = RuleFields(), RuleText()
        self.kind, self.column = self.fields.kind, self.fields.column
        self.fields.given.connect(self._decide)
        self.fields.kind_chosen.connect(self._take_kind)
        self.fields.column_chosen.connect(lambda: self.choose_column(self.column.currentData()))
        self.text.hide()
        self.text.changed.connect(self._show_draft)
        self.text.wanted.connect(self._confirm)
        self.values = EditTable("What each value becomes", VALUE_COLUMNS)
        self.values.edited.connect(self._take_value)
        self.values.setMinimumHeight(4 * self.values.verticalHeader().defaultSectionSize())
        self.nothing = label(kind="secondary", wrap=True)
        self.confirm, self.reopen = button("Confirm", "primary", "check"), button("Reopen")
        self.confirm.clicked.connect(self._confirm)
        self.reopen.clicked.connect(self._reopen)
        self.reopen.setToolTip("Take the decision back, so that it asks again")
        self._lay_out()

    def _lay_out(self) -> None:
        state = QHBoxLayout()
        state.setSpacing(GRID)
        state.addWidget(self.shape)
        state.addWidget(self.state, 1)
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self.confirm)
        foot.addWidget(self.reopen)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for part in (self.heading, self.about):
            column.addWidget(part)
        column.addLayout(state)
        column.addWidget(self.fields)
        column.addWidget(self.text)
        column.addWidget(self.nothing)
        column.addWidget(self.values, 1)
        column.addStretch(0)
        column.addLayout(foot)

    # --- showing ----------------------------------------------------------------------------------------------------

    @property
    def decision(self) -> Decision | None:
        """The decision as it stands."""
        if self._session is None or self._variable is None:
            return None
        return self._session.mappings[self._study].variables.get(self._variable.key)

    @property
    def proposed(self) -> Decision | None:
        """What can be confirmed or changed: the decision, else the answer that was taken back."""
        key = self._variable.key if self._variable else ""
        return self.decision or self._taken_back.get((self._study, key))

    def show_variable(self, session: Session, study: str, variable: Variable) -> None:
        """Show a variable of a study that has a mapping."""
        is_other = (study, variable.key) != (self._study, self._variable.key if self._variable else "")
        self._session, self._study, self._variable = session, study, variable
        self._wanted = "" if is_other else self._wanted
        try:
            self._table = session.table(study)
        except UserError:
            self._table = None
        self.heading.setText(variable.label)
        self.about.setText(about(variable))
        self._show_all(session)

    def _show_all(self, session: Session) -> None:
        self._show_state(facts_at_hand(session))
        self._show_fields(self.proposed)
        self._show_values(self.proposed)

    def _show_state(self, facts: BoardFacts) -> None:
        assert self._session is not None and self._variable is not None
        own = [issue for issue in questions_of(self._session, self._study)
               if issue.where.variable == self._variable.key]
        cell = variable_cell(self._session, self._session.registry.by_id[self._study], self._variable, own, facts)
        decision, before = self.decision, self.proposed
        if decision is None and before is not None:
            was = describe(before).partition(".")[0]
            cell = BoardCell(ASKS, ASKS.word, f"Taken back: {in_sentence(was)}. Confirm it, or say it anew.")
        self.shape.setPixmap(cell.mark.icon().pixmap(16, 16) if cell.mark else self.shape.pixmap())
        who = f" Decided by {decision.by}, {decision.at[:16].replace('T', ' ')}." if decision and decision.at else ""
        hint = cell.hint.split(" By ")[0] if who else cell.hint
        self.state.setText(f"{hint}{who}")
        self._can_confirm = before is not None and (decision is None or decision.by == "suggested")
        asks = before is not None and (decision is None or not decision.is_settled)
        set_kind(self.confirm, "primary" if asks else "", "check")
        self.reopen.setEnabled(decision is not None and decision.is_settled)

    def _show_fields(self, decision: Decision | None) -> None:
        assert self._variable is not None and self._session is not None
        rule, kind = decision.rule if decision else None, self._wanted or kind_of(decision)
        is_made = kind == kind_of(decision)
        self.fields.show_rule(kind, rule if is_made else None, self._variable, self._table, self._undecided())
        self.confirm.setText(" Confirm")
        self.confirm.setEnabled(self._can_confirm and is_made and kind != "undecided")
        self.text.setVisible(kind in WRITTEN)
        if kind in WRITTEN:
            begun = rule if is_made or (kind == "formula" and isinstance(rule, Product)) else None
            self.text.show_rule((self._study, self._variable.key), kind, begun, self._variable, self._table,
                                self._session.protocol)
            self._show_draft()

    def _undecided(self) -> str:
        assert self._variable is not None
        if self._variable.registry is not None:
            return "The study's facts"
        return "Copy of the baseline score" if self._variable.same_as else "No rule"

    def _show_draft(self) -> None:
        """What the rule being written would do; it can be taken if it can be read and is another one."""
        if self.text.isHidden():
            return
        is_new = self.text.rule is not None and (self.decision is None or self.decision.rule != self.text.rule)
        self.confirm.setText(" Use this rule" if is_new else " Confirm")
        self.confirm.setEnabled(is_new or (self._can_confirm and self.text.rule is not None))
        set_kind(self.confirm, "primary" if self.confirm.isEnabled() else "", "check")
        self._show_values(self.proposed)

    @property
    def _rule(self) -> Rule | None:
        """The rule whose effect is shown: the one being written, else the decision's."""
        if not self.text.isHidden():
            return self.text.rule
        return None if self._wanted or self.proposed is None else self.proposed.rule

    def _show_values(self, decision: Decision | None) -> None:
        assert self._variable is not None and self._session is not None
        rule, found = self._rule, Preview(())
        if rule is not None and self._table is not None:
            found = preview(rule, self._variable, self._table, self._session.protocol.word_lists,
                            self._counted_for(rule))
        is_shown = bool(found.rows) and not found.problem
        self.values.setVisible(is_shown)
        self.nothing.setVisible(not is_shown or isinstance(rule, Recode))
        self.nothing.setText("Click a value, or press Enter on it, to say what it becomes." if is_shown else
                             found.problem or self._why_nothing(decision))
        if is_shown and rule is not None:
            self.values.show_records(value_rows(found, rule, self._variable), self._edits(rule))

    def _counted_for(self, rule: Rule) -> Combinations | None:
        """The distinct values of the rule's columns, kept while a person writes on."""
        columns, before = columns_of(rule), self._counted
        if self._table is not None and columns and set(columns) <= set(self._table.columns_by_name) and (
                before is None or before.table is not self._table or before.columns != columns):
            self._counted = combinations(self._table, columns)
        return self._counted

    def _edits(self, rule: Rule) -> dict[str, Edit]:
        """How a value can be changed in place."""
        assert self._variable is not None
        if not isinstance(rule, Recode | TextSearch):
            return {}
        options = code_options(self._variable)
        as_is = "as the words say" if isinstance(rule, TextSearch) else "not decided"
        if not options:
            return {BECOMES: Edit(lambda row: row.value, read=number_or_nothing, start=lambda row: "",
                                  hint=f"a number; nothing: {as_is}")}
        return {BECOMES: Edit(lambda row: row.value, ((as_is, UNDECIDED), *options, ("missing", None)))}

    def _why_nothing(self, decision: Decision | None) -> str:
        kind = self._wanted or kind_of(decision)
        if self._wanted or kind in WRITTEN:
            return "" if self.text.fault and kind in WRITTEN else TO_SAY.get(kind, "")
        if kind == "undecided":
            return "This stays an open question. A note says why."
        name = column_of(decision.rule) if decision else None
        if name:
            return f'The column "{name}" is not in the file. Choose another.'
        if decision is None:
            return CHOOSE
        return "Patients of this study stay without it." if kind == "unavailable" else ""

    def _raw(self, decision: Decision | None) -> RawColumn | None:
        name = column_of(decision.rule) if decision else None
        return self._table.columns_by_name.get(name) if self._table and name else None

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _decide(self, rule: Rule) -> None:
        self._wanted = ""
        self.text.field.document().setModified(False)
        self.edited.emit(decided(rule, self.decision))

    def _confirm(self) -> None:
        self.text.hurry()
        rule = self.text.rule if not self.text.isHidden() else self.proposed.rule if self.proposed else None
        if rule is not None and self.confirm.isEnabled():
            self.kind.setFocus()  # else the keyboard falls to Reopen, beside it
            self._decide(rule)

    def _reopen(self) -> None:
        if self.decision is not None and self._variable is not None and column_of(self.decision.rule) is None:
            self._taken_back[self._study, self._variable.key] = self.decision
        self.reopened.emit()

    def _take_kind(self) -> None:
        kind, column = self.kind.currentData(), self._raw(self.decision)
        if self._variable is None or (kind == kind_of(self.proposed) and not self._wanted):
            return
        self._wanted = ""
        self.text.field.document().setModified(False)
        is_taken_back = self._taken_back.pop((self._study, self._variable.key), None) is not None
        if kind == kind_of(self.decision) or (kind == "" and is_taken_back and self.decision is None):
            self._show_all(self._session) if self._session else None
        elif kind == "":
            self.edited.emit(None)
        elif kind in ("unavailable", "undecided"):
            self._decide(Unavailable() if kind == "unavailable" else Undecided())
        elif kind in ("direct", "recode") and column is not None:
            self._decide(plain_number(self._variable, column) if kind == "direct" else plain_recode(column))
        else:
            self._want(kind, column)

    def _want(self, kind: str, column: RawColumn | None) -> None:
        """A kind whose parts are still to be said, beginning with the column there was."""
        self._wanted = kind
        self._show_fields(self.decision)
        rule = self.decision.rule if self.decision else None
        if kind in WRITTEN and column is not None and not isinstance(rule, Product | Formula | TextSearch):
            self.text.with_columns((column.name,))
        self._show_values(self.decision)

    def choose_column(self, name: str) -> None:
        """Take the variable from a column, by the rule its values suggest."""
        if self._table is None or self._session is None or self._variable is None:
            return
        column = self._table.columns_by_name[name]
        rule = self.decision.rule if self.decision else None
        if isinstance(rule, Direct | Recode) and name == rule.column and not self._wanted:
            return
        if self._wanted in ("direct", "recode"):
            self._decide(plain_number(self._variable, column) if self._wanted == "direct" else plain_recode(column))
            return
        study = self._session.registry.by_id[self._study]
        self._decide(fresh_rule(self._variable, column, self._table, study, self._session.protocol))

    def _take_value(self, row: ValueRow, _: str, value: object) -> None:
        rule = self._rule
        if not isinstance(rule, Recode | TextSearch) or row.raw == BLANK:
            return
        own, key = (rule.codes, row.raw) if isinstance(rule, Recode) else (rule.answers, joined_text(row.texts))
        codes = {text: code for text, code in own.items() if text != key}
        if value != UNDECIDED:
            codes[key] = None if value is None else str(value)
        self._decide(rule.model_copy(update={"codes" if isinstance(rule, Recode) else "answers": codes}))


def about(variable: Variable) -> str:
    """What a variable means, in a line: unit, coding, plausible range."""
    low, high = variable.minimum, variable.maximum
    parts = [{"binary": "yes or no", "continuous": "number", "categorical": "category"}[variable.kind],
             variable.coding, f"in {variable.unit}" if variable.unit else "",
             f"from {low:g} to {high:g}" if low is not None and high is not None else "",
             "the same for the whole study" if variable.level == "study" else ""]
    return ", ".join(part for part in parts if part)
