"""The decision on one variable of one study: suggestion with its reason, rule, and what each value becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.errors import UserError
from core.labels import in_sentence
from core.mapping import Computed, Constant, Decision, Direct, NumberFormat, Recode, Rule, Unavailable, Undecided
from core.protocol import Variable
from core.sources import RawColumn, RawTable
from gui.pages.map_cells import BoardCell, BoardFacts, describe, facts_at_hand, questions_of, variable_cell
from gui.pages.map_values import (
    BLANK,
    UNDECIDED,
    ValueRow,
    code_options,
    column_of,
    decided,
    fresh_rule,
    kind_of,
    plain_number,
    plain_recode,
    value_rows,
)
from gui.theme import GRID
from gui.widgets.choices import combo, form_of, line, offer, write
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import button, label, set_kind
from gui.widgets.marks import ASKS

if TYPE_CHECKING:
    from core.session import Session

KINDS = (("A column's number", "direct"), ("A column, value by value", "recode"),
         ("One value for all patients", "constant"), ("Cannot be had from this study", "unavailable"))
COMPUTED = "Computed from several columns"
DECIMALS = (("point, as in 1.5", "."), ("comma, as in 1,5", ","))
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
        self._is_constant_wanted = self._can_confirm = False
        self._taken_back: dict[tuple[str, str], Decision] = {}
        """Answers without a column that were reopened, by study and variable: shown until something else is said."""
        self.heading, self.about = label(kind="section", wrap=True), label(kind="secondary", wrap=True)
        self.state, self.shape = label(wrap=True), QLabel()
        self._make_fields()
        for row in range(self.form.rowCount()):
            self.form.setRowVisible(row, False)
        self.values = EditTable("What each value becomes", VALUE_COLUMNS)
        self.values.edited.connect(self._take_value)
        self.nothing = label(kind="secondary", wrap=True)
        self.confirm, self.reopen = button("Confirm", "primary", "check"), button("Reopen")
        self.confirm.clicked.connect(self._confirm)
        self.reopen.clicked.connect(self._reopen)
        self.reopen.setToolTip("Take the decision back, so that it asks again")
        self._lay_out()

    def _make_fields(self) -> None:
        self.kind = combo("Where the values come from", self._take_kind)
        self.column = combo("Column", self._take_column)
        self.decimal = combo("Decimal mark", self._take_format)
        self.missing = line("Missing codes", self._take_format, "for example 999; -88")
        self.missing.setToolTip('Texts that mean "missing" in this column, separated by semicolons')
        self.unit = combo("Unit in the file", self._take_unit)
        self.code, self.number = combo("Value", self._take_constant), line("Value", self._take_constant, "a number")
        self.reason = line("Reason", self._take_reason, "why (may stay empty)")
        self.form = form_of((("From", self.kind), ("Column", self.column), ("Decimal mark", self.decimal),
                             ("Missing codes", self.missing), ("Unit", self.unit), ("Value", self.code),
                             ("Value", self.number), ("Reason", self.reason)))

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
        column.addLayout(self.form)
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
        self._is_constant_wanted = self._is_constant_wanted and not is_other
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
        assert self._variable is not None
        rule = decision.rule if decision else None
        kind = "constant" if self._is_constant_wanted else kind_of(decision)
        computed = ((COMPUTED, kind),) if isinstance(rule, Computed | Undecided) else ()
        offer(self.kind, ((self._undecided(), ""), *computed, *KINDS), kind)
        names = list(self._table.columns_by_name) if self._table else []
        offer(self.column, ((name, name) for name in names), column_of(rule))
        form = rule.format if isinstance(rule, Direct) else NumberFormat()
        offer(self.decimal, DECIMALS, form.decimal)
        write(self.missing, "; ".join(form.missing))
        offer(self.unit, self._units(rule), self._unit_of(rule))
        constant = rule.value if isinstance(rule, Constant) else None
        offer(self.code, code_options(self._variable), constant)
        write(self.number, constant or "")
        write(self.reason, rule.reason if isinstance(rule, Unavailable) else "")
        self.confirm.setEnabled(self._can_confirm and not self._is_constant_wanted)
        is_number = kind == "direct" and self._variable.kind != "categorical"
        has_codes = bool(code_options(self._variable))
        for field, is_shown in ((self.kind, True), (self.column, kind in ("direct", "recode", "")),
                                (self.decimal, is_number),
                                (self.missing, kind == "direct"),
                                (self.unit, is_number and len(self._units(rule)) > 1),
                                (self.code, kind == "constant" and has_codes),
                                (self.number, kind == "constant" and not has_codes),
                                (self.reason, kind == "unavailable")):
            self.form.setRowVisible(field, is_shown)

    def _undecided(self) -> str:
        assert self._variable is not None
        if self._variable.registry is not None:
            return "The study's facts"
        return "Copy of the baseline score" if self._variable.same_as else "Not decided"

    def _units(self, rule: Rule | None) -> tuple[tuple[str, object], ...]:
        assert self._variable is not None
        own = ((self._variable.unit or "as it stands", (1.0, 0.0)),)
        others = tuple((f"{unit.unit} (times {unit.factor:g})", (unit.factor, unit.offset))
                       for unit in self._variable.units)
        found = self._unit_of(rule)
        known = {value for _, value in (*own, *others)}
        return (*own, *others) if found in known else (*own, *others, (f"times {found[0]:g} plus {found[1]:g}", found))

    def _unit_of(self, rule: Rule | None) -> tuple[float, float]:
        return (rule.factor, rule.offset) if isinstance(rule, Direct) else (1.0, 0.0)

    def _show_values(self, decision: Decision | None) -> None:
        assert self._variable is not None
        column, rule = self._raw(decision), decision.rule if decision else None
        if self._is_constant_wanted or column is None or rule is None:
            self.values.hide()
            self.nothing.setText(self._why_nothing(decision))
            self.nothing.show()
            return
        edits = {}
        if isinstance(rule, Recode):
            options = (("not decided", UNDECIDED), *code_options(self._variable), ("missing", None))
            edits = {BECOMES: Edit(lambda row: row.value, options)}
        self.values.show_records(value_rows(rule, column, self._variable), edits)
        self.values.show()
        self.nothing.setVisible(isinstance(rule, Recode))
        self.nothing.setText("Click a value, or press Enter on it, to say what it becomes.")

    def _why_nothing(self, decision: Decision | None) -> str:
        if self._is_constant_wanted:
            return "Say the value that every patient of this study gets."
        name = column_of(decision.rule) if decision else None
        if name:
            return f'The column "{name}" is not in the file. Choose another.'
        if decision is None:
            return "Choose a column to see its values and what they would become."
        return "Patients of this study stay without it." if kind_of(decision) == "unavailable" else ""

    def _raw(self, decision: Decision | None) -> RawColumn | None:
        name = column_of(decision.rule) if decision else None
        return self._table.columns_by_name.get(name) if self._table and name else None

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _decide(self, rule: Rule) -> None:
        self._is_constant_wanted = False
        self.edited.emit(decided(rule, self.decision))

    def _confirm(self) -> None:
        if self.proposed is not None:
            self.kind.setFocus()  # else the keyboard falls to Reopen, beside it
            self._decide(self.proposed.rule)

    def _reopen(self) -> None:
        if self.decision is not None and self._variable is not None and column_of(self.decision.rule) is None:
            self._taken_back[self._study, self._variable.key] = self.decision
        self.reopened.emit()

    def _take_kind(self) -> None:
        kind, column = self.kind.currentData(), self._raw(self.decision)
        if self._variable is None or (kind == kind_of(self.proposed) and not self._is_constant_wanted):
            return
        self._is_constant_wanted = False
        is_taken_back = self._taken_back.pop((self._study, self._variable.key), None) is not None
        if kind == "" and is_taken_back and self.decision is None and self._session is not None:
            self._show_all(self._session)
        elif kind == "":
            self.edited.emit(None)
        elif kind == "unavailable":
            self._decide(Unavailable())
        elif kind == "constant" or column is None:
            self._is_constant_wanted = kind == "constant"
            self._show_fields(self.decision if self._is_constant_wanted else None)
            self._show_values(None)
        else:
            self._decide(plain_number(self._variable, column) if kind == "direct" else plain_recode(column))

    def _take_column(self) -> None:
        self.choose_column(self.column.currentData())

    def choose_column(self, name: str) -> None:
        """Take the variable from a column, by the rule its values suggest."""
        if self._table is None or self._session is None or self._variable is None:
            return
        column = self._table.columns_by_name[name]
        if name == column_of(self.decision.rule if self.decision else None):
            return
        study = self._session.registry.by_id[self._study]
        self._decide(fresh_rule(self._variable, column, self._table, study, self._session.protocol))

    def _take_format(self) -> None:
        rule = self.decision.rule if self.decision else None
        if isinstance(rule, Direct):
            codes = tuple(dict.fromkeys(part.strip() for part in self.missing.text().split(";") if part.strip()))
            form = NumberFormat(decimal=self.decimal.currentData(), missing=codes)
            if form != rule.format:
                self._decide(rule.model_copy(update={"format": form}))

    def _take_unit(self) -> None:
        rule = self.decision.rule if self.decision else None
        if isinstance(rule, Direct) and self.unit.currentData() != self._unit_of(rule):
            factor, offset = self.unit.currentData()
            self._decide(rule.model_copy(update={"factor": factor, "offset": offset}))

    def _take_constant(self) -> None:
        assert self._variable is not None
        has_codes = bool(code_options(self._variable))
        value = str(self.code.currentData()) if has_codes else self.number.text().strip()
        if value:
            self._decide(Constant(value=value))

    def _take_reason(self) -> None:
        self._decide(Unavailable(reason=self.reason.text().strip()))

    def _take_value(self, row: ValueRow, _: str, value: object) -> None:
        rule = self.decision.rule if self.decision else None
        if isinstance(rule, Recode) and row.raw != BLANK:
            codes = {text: code for text, code in rule.codes.items() if text != row.raw}
            if value != UNDECIDED:
                codes[row.raw] = None if value is None else str(value)
            self._decide(rule.model_copy(update={"codes": codes}))


def about(variable: Variable) -> str:
    """What a variable means, in a line: unit, coding, plausible range."""
    low, high = variable.minimum, variable.maximum
    parts = [{"binary": "yes or no", "continuous": "number", "categorical": "category"}[variable.kind],
             variable.coding, f"in {variable.unit}" if variable.unit else "",
             f"from {low:g} to {high:g}" if low is not None and high is not None else "",
             "the same for the whole study" if variable.level == "study" else ""]
    return ", ".join(part for part in parts if part)
