"""Many decisions at once: what the program would suggest, or what one study's rule would do to other studies.

Each is first a list of proposals, to be looked at; taken together they are one step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.errors import UserError
from core.mapping import SURE, Decision, Direct, NumberFormat, Recode, Rule
from core.protocol import Variable
from core.session import Session
from core.sources import RawColumn, RawTable
from core.values import is_missing_word, missing_codes, number_format_of, parse_column

SHOWN = 4


@dataclass(frozen=True)
class Proposal:
    """A decision that could be taken for one variable of one study."""

    study: str
    variable: str
    decision: Decision = field(repr=False)
    column: str
    effect: str
    """What its values become: "F becomes 1 (12 rows), M becomes 0 (9 rows)"."""
    doubt: str = ""
    """Why a person should look at it first; "" if it is sure."""
    replaces: str = ""
    """Whose decision it would replace; "" if there is none."""

    @property
    def is_sure(self) -> bool:
        """Whether it may be taken without a look."""
        return not self.doubt and not self.replaces


def suggested_proposals(session: Session, study: str | None = None,
                        variable: str | None = None) -> tuple[Proposal, ...]:
    """Suggestions that are not in force, of all studies or one, of all variables or one; the sure ones first."""
    studies = [name for name in session.usable_studies if study in (None, name)]
    found = [one for name in studies for one in _suggested(session, name) if variable in (None, one.variable)]
    return tuple(sorted(found, key=lambda one: not one.is_sure))


def _suggested(session: Session, study: str) -> Iterator[Proposal]:
    try:
        table, suggestions = session.table(study), session.suggested(study)[0].variables
    except UserError:
        return
    for key, suggestion in suggestions.items():
        before = session.mappings[study].variables.get(key)
        if before is not None and before.is_settled:
            continue
        said = suggestion.reason.partition("; ")  # what it resembles stands before
        doubt = "" if suggestion.sureness >= SURE else said[2] or said[0] or "not sure"
        columns = ", ".join(columns_of(suggestion.rule))
        yield Proposal(study, key, suggestion, columns, effect(suggestion.rule, table), doubt)


def like_named_proposals(session: Session, study: str, variable: str) -> tuple[Proposal, ...]:
    """One study's rule for a variable on the columns of that name in other studies; the sure ones first.

    Only rules on one column's numbers or values can be carried over. What is decided so already is left out.
    """
    decision = session.mappings[study].variables.get(variable)
    if decision is None or not isinstance(decision.rule, Direct | Recode):
        return ()
    found = []
    for other in session.usable_studies:
        proposal = None if other == study else _carried(session, study, other, variable, decision.rule)
        if proposal is not None:
            found.append(proposal)
    return tuple(sorted(found, key=lambda one: not one.is_sure))


def _carried(session: Session, source: str, study: str, variable: str, rule: Direct | Recode) -> Proposal | None:
    try:
        table = session.table(study)
    except UserError:
        return None
    column = next((one for one in table.columns if _plain(one.name) == _plain(rule.column)), None)
    if column is None or not column.counts:
        return None
    before = session.mappings[study].variables.get(variable)
    meant = session.protocol.variables_by_key[variable]
    held = before if before is not None and before.is_settled else None
    if isinstance(rule, Recode):
        carried, doubt = _recoded(rule, column, held.rule if held else None)
    else:
        carried, doubt = _direct(rule, column, meant)
    if carried is None or (held is not None and held.rule == carried):
        return None
    decision = Decision(rule=carried, reason=f"the rule of {session.registry.by_id[source].name}")
    by = "" if held is None else "the program" if held.by == "suggested" else held.by
    return Proposal(study, variable, decision, column.name, effect(carried, table), doubt, by)


def _recoded(rule: Recode, column: RawColumn, held: Rule | None) -> tuple[Rule | None, str]:
    """The codes of the texts there are, compared without case; None if it knows none of them.

    What it does not know stays as the column's own rule (`held`) has it; without one it keeps asking.
    """
    folded = {text.casefold(): code for text, code in rule.codes.items()}
    codes = {text: folded[text.casefold()] for text in column.counts if text.casefold() in folded}
    if not any(codes.values()):
        return None, ""
    own = held.codes if isinstance(held, Recode) and held.column == column.name else {}
    codes |= {text: code for text, code in own.items() if text not in codes}
    codes |= {text: None for text in column.counts if text not in codes and is_missing_word(text)}
    unknown = [text for text in column.counts if text not in codes]
    return Recode(column=column.name, codes=codes), f"no rule for {_quoted(unknown)}" if unknown else ""


def _direct(rule: Direct, column: RawColumn, variable: Variable) -> tuple[Rule, str]:
    """The same change of unit; marks and missing codes are the column's own."""
    form, why = number_format_of(column.cells)
    if form is None:
        return rule.model_copy(update={"column": column.name}), f"its numbers can be read in two ways: {why}"
    low, high = ((None if limit is None else (limit - rule.offset) / rule.factor)
                 for limit in (variable.minimum, variable.maximum))
    missing = dict.fromkeys((*form.missing, *missing_codes(column, low, high, form.decimal)))
    own = NumberFormat(decimal=form.decimal, missing=tuple(missing))
    parsed = parse_column(column.cells, own)
    values = parsed.values[np.isfinite(parsed.values)] * rule.factor + rule.offset
    low, high = (-np.inf if variable.minimum is None else variable.minimum,
                 np.inf if variable.maximum is None else variable.maximum)
    off = int(((values < low) | (values > high)).sum())
    doubt = (f"{len(parsed.unreadable)} cells are no numbers" if len(parsed.unreadable) else
             f"{off} values are not plausible" if off else "" if len(values) else "it holds no numbers")
    return rule.model_copy(update={"column": column.name, "format": own}), doubt


def effect(rule: Rule, table: RawTable) -> str:
    """What a rule makes of a column's values, in a few words."""
    columns = [table.columns_by_name[name] for name in columns_of(rule) if name in table.columns_by_name]
    if isinstance(rule, Recode) and columns:
        parts = [f"{text} becomes {'missing' if rule.codes[text] is None else rule.codes[text]} "
                 f"({n} {'row' if n == 1 else 'rows'})" for text, n in columns[0].counts.items() if text in rule.codes]
        return ", ".join(parts[:SHOWN]) + (f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else "")
    if isinstance(rule, Direct) and columns:
        values = parse_column(columns[0].cells, rule.format).values * rule.factor + rule.offset
        values = values[np.isfinite(values)]
        return f"{len(values)} numbers, {values.min():g} to {values.max():g}" if len(values) else "no numbers"
    return getattr(rule, "words", "")


def columns_of(rule: Rule) -> tuple[str, ...]:
    """The columns a rule reads."""
    factors = tuple(one.column for one in getattr(rule, "factors", ()))
    own = tuple(getattr(rule, name, None) for name in ("column", "since", "until"))
    return factors + tuple(name for name in own if name)


def with_proposals(session: Session, proposals: Iterable[Proposal], by: str, at: str) -> Session:
    """The session with proposals taken by a person (`by`) at an ISO time."""
    for one in proposals:
        decision = one.decision.model_copy(update={"by": by, "at": at, "sureness": 1.0})
        session = session.with_decision(one.study, one.variable, decision)
    return session


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _quoted(texts: Sequence[str]) -> str:
    shown = ", ".join(f'"{text[:30]}"' for text in texts[:SHOWN])
    return shown + (f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else "")
