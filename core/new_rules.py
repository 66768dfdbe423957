"""Rules to begin with when a person names columns: number formats as recognized, what always means missing."""

from __future__ import annotations

from core.dates import date_order
from core.documents import nearest
from core.errors import UserError, Where
from core.expression import Call, ColumnOf, Literal_, Node, parse
from core.mapping import Direct, Elapsed, Factor, Formula, NumberFormat, Product, Recode, TextSearch, TextWords
from core.protocol import Protocol, Variable
from core.sources import RawColumn, RawTable
from core.values import is_missing_word, missing_codes, number_format_of


def plain_number(variable: Variable, column: RawColumn) -> Direct:
    """The column's numbers as they stand."""
    return Direct(column=column.name, format=_format(column, variable.minimum, variable.maximum))


def plain_recode(column: RawColumn) -> Recode:
    """The column's texts, each still to be given its meaning, but for those that always mean missing."""
    return Recode(column=column.name, codes={text: None for text in column.counts if is_missing_word(text)})


def formula_rule(expression: str, table: RawTable, before: Formula | None = None) -> Formula:
    """A formula over a table's columns; formats as in `before`, else as recognized.

    Raises UserError (FormulaError with its position) if it cannot be read or names a column that is not there.
    """
    columns = parse(expression).columns
    if not columns:
        raise UserError("A formula names at least one column, such as [Age].", remedy="Name a column in brackets.")
    for name in columns:
        if name not in table.columns_by_name:
            near = nearest(name, list(table.columns_by_name))
            hint = f' Did you mean "{near}"?' if near else ""
            raise UserError(f'The file has no column "{name}".{hint}', Where(column=name), "Correct the column's name.")
    known = before.formats if before else {}
    return Formula(expression=expression, formats={
        name: known.get(name) or _format(table.columns_by_name[name], None, None) for name in columns})


def product_rule(formula: Formula) -> Product | None:
    """A formula such as `[Weight] * 0.45 * ([Height] * 0.01) ^ -2` as a product of columns; None if it is none."""
    factors = _factors(parse(formula.expression).root, formula.formats)
    return Product(factors=tuple(factors)) if factors and len(factors) > 1 else None


def _factors(node: Node, formats: dict[str, NumberFormat]) -> list[Factor] | None:
    """The columns that are multiplied, each with its factor and power; None where it is anything else."""
    if isinstance(node, ColumnOf):
        return [Factor(column=node.name, format=formats.get(node.name, NumberFormat()))]
    if not isinstance(node, Call) or node.name not in ("*", "^"):
        return None
    left, right = _factors(node.arguments[0], formats), node.arguments[1]
    if left is None:
        return None
    number = _number(right)
    if number is None:
        more = _factors(right, formats) if node.name == "*" else None
        return None if more is None else [*left, *more]
    if node.name == "*":
        return [*left[:-1], left[-1].model_copy(update={"factor": left[-1].factor * number})]
    is_plain = len(left) == 1 and left[0].power == 1 and number == int(number)
    return [left[0].model_copy(update={"power": int(number)})] if is_plain else None


def _number(node: Node) -> float | None:
    """A number as written, with its sign."""
    if isinstance(node, Literal_) and isinstance(node.value, float):
        return node.value
    inner = _number(node.arguments[0]) if isinstance(node, Call) and node.name == "negative" else None
    return None if inner is None else -inner


def elapsed_rule(since: RawColumn, until: RawColumn) -> Elapsed:
    """Completed years between two columns' days, in the order their texts tell."""
    return Elapsed(since=since.name, until=until.name, since_order=date_order(since.cells) or "dmy",
                   until_order=date_order(until.cells) or "dmy")


def search_rule(columns: tuple[str, ...], variable: Variable, protocol: Protocol) -> TextSearch:
    """The protocol's own text search for the variable over other columns; an empty one where it has none."""
    if variable.from_text:
        own = variable.from_text[0]
        return TextSearch(columns=columns, **{key: getattr(own, key) for key in TextWords.model_fields})
    context = next((one for other in protocol.variables for one in other.from_text), None)
    parts = ("negations", "negations_after", "doubts")
    return TextSearch(columns=columns, **{key: getattr(context, key) for key in parts} if context else {})


def _format(column: RawColumn, low: float | None, high: float | None) -> NumberFormat:
    form = number_format_of(column.cells)[0] or NumberFormat()
    codes = missing_codes(column, low, high, form.decimal)
    return form.model_copy(update={"missing": tuple(dict.fromkeys((*form.missing, *codes)))})

