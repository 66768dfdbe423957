"""The fields of a rule: its kind, its columns, and what a person can say of each kind."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.mapping import Constant, Direct, Elapsed, NumberFormat, Product, Recode, Rule, Unavailable, Undecided
from core.new_rules import elapsed_rule
from core.protocol import Variable
from core.sources import RawTable
from gui.pages.map_values import UNDECIDED, code_options, number_or_nothing
from gui.widgets.choices import combo, form_of, line, offer, write

KINDS = (("A column's number", "direct"), ("A column, value by value", "recode"), ("A formula of columns", "formula"),
         ("Words in free text", "text_search"), ("The time between two days", "elapsed"),
         ("One value for all patients", "constant"), ("Cannot be had from this study", "unavailable"),
         ("Not decided yet", "undecided"))
PRODUCT = "A product of columns"
DECIMALS = (("point, as in 1.5", "."), ("comma, as in 1,5", ","))
UNITS = tuple((unit, unit) for unit in ("years", "months", "weeks", "days"))
ORDERS = (("day before month", "dmy"), ("month before day", "mdy"))


class RuleFields(QWidget):
    """`given` carries the rule that a person's change makes; `kind_chosen` and `column_chosen` tell the choice."""

    given = Signal(object)
    kind_chosen = Signal()
    column_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rule: Rule | None = None
        self._kind = ""
        self._variable: Variable | None = None
        self._table: RawTable | None = None
        self.kind = combo("Where the values come from", self.kind_chosen.emit)
        self.column = combo("Column", self.column_chosen.emit)
        self.decimal = combo("Decimal mark", self._take_format)
        self.missing = line("Missing codes", self._take_format, "for example 999; -88")
        self.missing.setToolTip('Texts that mean "missing" in this column, separated by semicolons')
        self.unit, self.factor = combo("Unit in the file", self._take_unit), line("Times", self._take_factor, "1")
        self.since, self.until = combo("From the day in", self._take_days), combo("To the day in", self._take_days)
        self.since_order = combo("How the first day is written", self._take_days)
        self.until_order = combo("How the second day is written", self._take_days)
        self.span = combo("Counted in", self._take_days)
        self.code, self.number = combo("Value", self._take_constant), line("Value", self._take_constant, "a number")
        self.reason = line("Note", self._take_reason, "why (may stay empty)")
        self.form = form_of((
            ("From", self.kind), ("Column", self.column), ("Decimal mark", self.decimal),
            ("Missing codes", self.missing), ("Unit", self.unit), ("Times", self.factor), ("First day", self.since),
            ("written", self.since_order), ("Second day", self.until), ("written", self.until_order),
            ("Counted in", self.span), ("Value", self.code), ("Value", self.number), ("Note", self.reason)))
        for row in range(self.form.rowCount()):
            self.form.setRowVisible(row, False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.form)

    def show_rule(self, kind: str, rule: Rule | None, variable: Variable, table: RawTable | None, none: str) -> None:
        """Show a rule, or a kind of which no rule is made yet; `none` says what no rule means."""
        self._rule, self._kind, self._variable, self._table = rule, kind, variable, table
        product = ((PRODUCT, "product"),) if isinstance(rule, Product) else ()
        offer(self.kind, ((none, ""), *product, *KINDS), kind)
        names = [(name, name) for name in table.columns_by_name] if table else []
        offer(self.column, names, rule.column if isinstance(rule, Direct | Recode) else None)
        self._show_number(rule)
        self._show_days(rule if isinstance(rule, Elapsed) else None, names)
        constant = rule.value if isinstance(rule, Constant) else None
        offer(self.code, code_options(variable), constant)
        write(self.number, constant or "")
        write(self.reason, rule.reason if isinstance(rule, Unavailable) else
              rule.note if isinstance(rule, Undecided) else "")
        self._show_rows()

    def _show_rows(self) -> None:
        assert self._variable is not None
        kind, rule = self._kind, self._rule
        is_number = kind == "direct" and isinstance(rule, Direct) and self._variable.kind != "categorical"
        has_codes, has_days = bool(code_options(self._variable)), kind == "elapsed"
        for field, is_shown in (
                (self.kind, True), (self.column, kind in ("direct", "recode", "")), (self.decimal, is_number),
                (self.missing, kind == "direct" and isinstance(rule, Direct)),
                (self.unit, is_number and len(self._units(rule)) > 1), (self.factor, is_number),
                (self.since, has_days), (self.since_order, has_days and isinstance(rule, Elapsed)),
                (self.until, has_days), (self.until_order, has_days and isinstance(rule, Elapsed)),
                (self.span, has_days), (self.code, kind == "constant" and has_codes),
                (self.number, kind == "constant" and not has_codes),
                (self.reason, kind in ("unavailable", "undecided"))):
            self.form.setRowVisible(field, is_shown)

    def _show_number(self, rule: Rule | None) -> None:
        form = rule.format if isinstance(rule, Direct) else NumberFormat()
        offer(self.decimal, DECIMALS, form.decimal)
        write(self.missing, "; ".join(form.missing))
        offer(self.unit, self._units(rule), _unit_of(rule))
        write(self.factor, f"{_unit_of(rule)[0]:.10g}")

    def _show_days(self, rule: Elapsed | None, names: Sequence[tuple[str, object]]) -> None:
        if rule is None and self._kind == "elapsed" and self.since.count() == len(names):
            return  # the person is choosing them
        offer(self.since, names, rule.since if rule else None)
        offer(self.until, names, rule.until if rule else None)
        offer(self.since_order, ORDERS, rule.since_order if rule else None)
        offer(self.until_order, ORDERS, rule.until_order if rule else None)
        offer(self.span, UNITS, rule.unit if rule else "years")

    def _units(self, rule: Rule | None) -> tuple[tuple[str, object], ...]:
        assert self._variable is not None
        own = ((self._variable.unit or "as it stands", (1.0, 0.0)),)
        others = tuple((f"{unit.unit} (times {unit.factor:g})", (unit.factor, unit.offset))
                       for unit in self._variable.units)
        found = _unit_of(rule)
        known = {value for _, value in (*own, *others)}
        return (*own, *others) if found in known else (*own, *others, (f"times {found[0]:g} plus {found[1]:g}", found))

    # --- what the person says ---------------------------------------------------------------------------------------

    def _give(self, rule: Rule) -> None:
        if rule != self._rule:
            self.given.emit(rule)

    def _take_format(self) -> None:
        if isinstance(self._rule, Direct):
            codes = tuple(dict.fromkeys(part.strip() for part in self.missing.text().split(";") if part.strip()))
            form = NumberFormat(decimal=self.decimal.currentData(), missing=codes)
            self._give(self._rule.model_copy(update={"format": form}))

    def _take_unit(self) -> None:
        if isinstance(self._rule, Direct):
            factor, offset = self.unit.currentData()
            self._give(self._rule.model_copy(update={"factor": factor, "offset": offset}))

    def _take_factor(self) -> None:
        try:
            factor = number_or_nothing(self.factor.text())
        except ValueError:
            factor = UNDECIDED
        if isinstance(self._rule, Direct) and factor != UNDECIDED and float(factor):
            self._give(self._rule.model_copy(update={"factor": float(factor)}))
        else:
            self.factor.setText(f"{_unit_of(self._rule)[0]:.10g}")

    def _take_days(self) -> None:
        """Time between two days, once both columns are chosen."""
        known = self._table.columns_by_name if self._table else {}
        since, until = (known.get(box.currentData() or "") for box in (self.since, self.until))
        if since is None or until is None:
            return
        rule = elapsed_rule(since, until).model_copy(update={"unit": self.span.currentData()})
        before = self._rule
        if isinstance(before, Elapsed) and (before.since, before.until) == (rule.since, rule.until):
            rule = rule.model_copy(update={"since_order": self.since_order.currentData(),
                                           "until_order": self.until_order.currentData()})
        self._give(rule)

    def _take_constant(self) -> None:
        assert self._variable is not None
        value = str(self.code.currentData()) if code_options(self._variable) else self.number.text().strip()
        if value:
            self._give(Constant(value=value))

    def _take_reason(self) -> None:
        said = self.reason.text().strip()
        self._give(Undecided(note=said) if self._kind == "undecided" else Unavailable(reason=said))


def _unit_of(rule: Rule | None) -> tuple[float, float]:
    return (rule.factor, rule.offset) if isinstance(rule, Direct) else (1.0, 0.0)
