"""Moderators by rule: what each column, registry fact, copy or implication gives every patient of a study."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from core.cells import read_numbers, tell_missing, texts_of
from core.errors import Issue, Severity, Where
from core.findings import Findings
from core.formulas import computed, elapsed, product, searched
from core.harmonized import CellSource, ColumnOrigins
from core.mapping import (
    Computed,
    Constant,
    Decision,
    Direct,
    Elapsed,
    Formula,
    Product,
    Recode,
    StudyMapping,
    TextSearch,
    Unavailable,
    Undecided,
)
from core.progress import Progress, silent
from core.protocol import Condition, Implication, Protocol, RegistryFact, Variable
from core.records import Records
from core.registry import Study
from core.rule_columns import columns_of
from core.text_search import WordLists


@dataclass(frozen=True)
class Column:
    """One harmonized column: values (n,), float64 with NaN or (categories) object with None, and their origins."""

    values: np.ndarray = field(repr=False)
    origins: ColumnOrigins


def read_variables(mapping: StudyMapping, records: Records, study: Study, protocol: Protocol,
                   scores: dict[str, Column], findings: Findings, progress: Progress = silent) -> dict[str, Column]:
    """Every variable of the protocol, by key. `scores` are the columns that `same_as` may also name.

    Only settled decisions are used; an unsettled one leaves its column empty. A decision goes before the registry.
    """
    columns: dict[str, Column] = {}
    unknown_facts: dict[str, list[Variable]] = {}
    for index, variable in enumerate(protocol.variables):
        progress(index / len(protocol.variables), f"Harmonizing {study.name}: {variable.label}")
        decision = mapping.variables.get(variable.key)
        if decision is not None and decision.is_settled and not isinstance(decision.rule, Unavailable):
            columns[variable.key] = values_by_rule(variable, decision, records, protocol.word_lists, findings)
        elif variable.registry is not None:
            columns[variable.key] = _by_registry(variable, variable.registry, study, len(records.patients))
            if registry_value(variable, study) is None:
                unknown_facts.setdefault(variable.registry.fact, []).append(variable)
        else:
            columns[variable.key] = _empty(variable, len(records.patients))
    _ask_facts(unknown_facts, study, findings)
    _copy(protocol, columns, scores)
    for implication in protocol.implications:
        _imply(implication, protocol, columns, records, findings)
    return columns


def _empty(variable: Variable, n: int) -> Column:
    values = np.full(n, None, dtype=object) if variable.kind == "categorical" else np.full(n, np.nan)
    return Column(values, ColumnOrigins(np.zeros(n, dtype=int), np.full(n, -1)))


def _for_all(variable: Variable, value: str | float, source: CellSource, n: int) -> Column:
    """A column with one value for every patient."""
    values = np.full(n, value, dtype=object if variable.kind == "categorical" else float)
    return Column(values, ColumnOrigins(np.zeros(n, dtype=int), np.zeros(n, dtype=int), (source,)))


# --- rules ------------------------------------------------------------------------------------------------------------


def values_by_rule(variable: Variable, decision: Decision, records: Records, lists: WordLists,
                   findings: Findings) -> Column:
    """What a decision gives every patient; `lists` are the protocol's word lists."""
    rule, n = decision.rule, len(records.patients)
    source = CellSource(None, "", decision.by, decision.at)
    if isinstance(rule, Constant):
        value = _coded(variable, rule.value)
        if value is None:
            _tell_misfit(variable, rule.value, findings)
            return _empty(variable, n)
        source = replace(source, rule="one value for all patients", raw=rule.value)
        return _for_all(variable, value, source, n)
    if isinstance(rule, Unavailable | Undecided):
        return _empty(variable, n)
    if isinstance(rule, Computed):
        return _computed(variable, rule, source, records, lists, findings)
    column = findings.column(rule.column, variable.key)
    if column is None:
        return _empty(variable, n)
    if isinstance(rule, Recode):
        values = _recoded(variable, rule, records, findings)
    elif variable.kind == "categorical":
        texts = [None if text in rule.format.missing else text or None for text in texts_of(column, records)]
        values = np.array(texts, dtype=object)
    else:
        values = read_numbers(column, rule.format, records, findings, variable.key) * rule.factor + rule.offset
    values = _plausible(variable, values, column.name, records, findings)
    return _one_a_patient(variable, values, replace(source, column=column.name, rule=_rule_text(rule)), records,
                          findings)


def _computed(variable: Variable, rule: Computed, source: CellSource, records: Records, lists: WordLists,
              findings: Findings) -> Column:
    """A variable computed from several columns; its cells come from the first of them and those beside it."""
    first, *beside = dict.fromkeys(columns_of(rule))
    if first not in findings.table.columns_by_name and not isinstance(rule, Formula | TextSearch):
        findings.column(first, variable.key)
        return _empty(variable, len(records.patients))
    values = _values(variable, rule, records, lists, findings)
    known = [name for name in (first, *beside) if name in findings.table.columns_by_name]
    if values is None or not known:
        return _empty(variable, len(records.patients))
    values = _plausible(variable, values, known[0], records, findings)
    source = replace(source, column=known[0], beside=tuple(known[1:]), rule=rule.words)
    return _one_a_patient(variable, values, source, records, findings)


def _values(variable: Variable, rule: Computed, records: Records, lists: WordLists,
            findings: Findings) -> np.ndarray | None:
    """What a rule gives each row that counts, (m,), as the variable's kind holds it; None if it cannot hold it."""
    if isinstance(rule, TextSearch):
        codes = searched(rule, records, lists, findings, variable.key)
        found = {code: None if code is None else _coded(variable, code) for code in dict.fromkeys(codes)}
        for code, value in found.items():
            if code is not None and value is None:
                _tell_misfit(variable, code, findings)
        return np.array([found[code] for code in codes], dtype=object if variable.kind == "categorical" else float)
    values = (product(rule, records, findings, variable.key) if isinstance(rule, Product) else
              elapsed(rule, records, findings, variable.key) if isinstance(rule, Elapsed) else
              computed(rule, records, findings, variable.key))
    if variable.kind == "categorical":
        return values if values.dtype == object else np.array(
            [None if value != value else f"{value:g}" for value in values.tolist()], dtype=object)
    if values.dtype == object:
        _tell_misfit(variable, "text", findings)
        return None
    return values


def _rule_text(rule: Direct | Recode) -> str:
    if isinstance(rule, Recode):
        return "recoded"
    steps = [f"times {rule.factor:g}"] * (rule.factor != 1) + [f"plus {rule.offset:g}"] * (rule.offset != 0)
    return ", ".join(["as it stands", *steps]) if steps else "as it stands"


def _recoded(variable: Variable, rule: Recode, records: Records, findings: Findings) -> np.ndarray:
    """Codes of the column's texts, (m,); a text not listed is a question and stays missing."""
    column = findings.table.columns_by_name[rule.column]
    texts = texts_of(column, records)
    value_of: dict[str, float | str | None] = {"": None}
    for text in dict.fromkeys(texts):
        code = rule.codes.get(text)
        value_of[text] = None if code is None else _coded(variable, code)
        if text and text not in rule.codes:
            n, at = texts.count(text), texts.index(text)
            findings.unuse((record for record, one in zip(records.rows, texts, strict=True) if one == text), "open")
            findings.add(Severity.QUESTION, "unknown_code",
                         f'What does "{text}" mean? {n} {"row has" if n == 1 else "rows have"} it; left empty.',
                         "Give it a meaning on the Map page, or call it missing.", record=int(records.rows[at]),
                         column=column.name, variable=variable.key)
        elif code is not None and value_of[text] is None:
            _tell_misfit(variable, code, findings)
    coded = np.array([bool(text) and text in rule.codes and rule.codes[text] is None for text in texts], dtype=bool)
    tell_missing(column, np.flatnonzero(coded), records, findings, variable.key)
    return np.array([value_of[text] for text in texts], dtype=object if variable.kind == "categorical" else float)


def _coded(variable: Variable, code: str) -> float | str | None:
    """A code as the column holds it; None if it does not fit the variable's kind."""
    if variable.kind == "categorical":
        return code or None
    try:
        number = float(code)
    except ValueError:
        return None
    fits = number in (0.0, 1.0) if variable.kind == "binary" else bool(np.isfinite(number))
    return number if fits else None


def _tell_misfit(variable: Variable, code: str, findings: Findings) -> None:
    kind = "0 or 1" if variable.kind == "binary" else "a number"
    findings.add(Severity.ERROR, "code_misfit", f'"{code}" is not {kind}, as {variable.label} must be; left empty.',
                 "Correct the rule on the Map page.", variable=variable.key)


def _plausible(variable: Variable, values: np.ndarray, column: str, records: Records,
               findings: Findings) -> np.ndarray:
    """Values outside the variable's range (for a binary one: neither 0 nor 1) become missing, with an issue each."""
    if variable.kind == "categorical":
        return values
    low = -np.inf if variable.minimum is None else variable.minimum
    high = np.inf if variable.maximum is None else variable.maximum
    wrong = (values < low) | (values > high)
    expected = f"from {low:g} to {high:g}" if np.isfinite([low, high]).all() else (
        f"at least {low:g}" if np.isfinite(low) else f"at most {high:g}")
    if variable.kind == "binary":
        wrong, expected = ~np.isnan(values) & (values != 0) & (values != 1), "0 or 1"
    off = np.flatnonzero(wrong)
    patients = records.names(off)
    findings.unuse_values(records.rows[off].tolist(), values[off].tolist())
    findings.add_each(
        Severity.ERROR, "implausible", records.rows[off].tolist(),
        lambda j: f"{variable.label} is {values[off[j]]:g}; expected is {expected}. The value is not used.",
        "Correct it in the file, or the column's rule on the Map page.", column=column, variable=variable.key,
        patients=patients)
    for at, patient in zip(off, patients, strict=True):
        findings.change(patient, variable.key, f"{values[at]:g} is not plausible and not used", int(records.rows[at]))
    return np.where(wrong, np.nan, values)


def _one_a_patient(variable: Variable, values: np.ndarray, source: CellSource, records: Records,
                   findings: Findings) -> Column:
    """From the rows' values (m,) each patient's: of the last row before the treatment that has one, else a later."""
    categorical = variable.kind == "categorical"
    present = np.array([value is not None for value in values], dtype=bool) if categorical else ~np.isnan(values)
    chosen = records.first_with(present)
    # a measurement may well change after the treatment, a diagnosis or sex should not
    lasting = present if variable.kind != "continuous" else present & ~(records.hours > 0)
    column = findings.table.columns_by_name[str(source.column)]
    records.tell_differing(values, chosen, lasting, column, variable.key, findings)
    has = chosen >= 0
    result = _empty(variable, len(records.patients)).values
    result[has] = values[chosen[has]]
    rows = np.full(len(has), -1)
    rows[has] = records.rows[chosen[has]]
    return Column(result, ColumnOrigins(findings.file_rows(rows), np.where(has, 0, -1), (source,)))


# --- registry ---------------------------------------------------------------------------------------------------------


def registry_value(variable: Variable, study: Study) -> str | float | None:
    """What the registry says of a study for a variable; None if the fact is not known."""
    fact = variable.registry
    value = None if fact is None else _fact(fact, study)
    if fact is None or value is None:
        return None
    if fact.equals:
        return float(str(value).casefold() in {text.casefold() for text in fact.equals})
    if fact.at_least is not None:
        return float(float(value) >= fact.at_least)
    return _coded(variable, str(value))


def _fact(fact: RegistryFact, study: Study) -> str | float | None:
    if fact.fact == "trd_threshold":
        return study.failed_trials_required
    value: str | float | None = getattr(study, fact.fact)
    return value


def _by_registry(variable: Variable, fact: RegistryFact, study: Study, n: int) -> Column:
    value = registry_value(variable, study)
    if value is None:
        return _empty(variable, n)
    test = f"one of {', '.join(fact.equals)}" if fact.equals else f"at least {fact.at_least:g}" if (
        fact.at_least is not None) else "as it stands"
    source = CellSource(fact.fact, f"registry: {fact.fact} {test}", raw=str(getattr(study, fact.fact)),
                        in_registry=True)
    return _for_all(variable, value, source, n)


def _ask_facts(unknown: dict[str, list[Variable]], study: Study, findings: Findings) -> None:
    for fact, variables in unknown.items():
        labels = ", ".join(variable.label for variable in variables)
        findings.issues.append(Issue(
            Severity.QUESTION, "registry_fact_unknown",
            f"The registry does not say the {fact} of study {study.study}; left empty: {labels}.",
            Where(study=study.study, column=fact, variable=variables[0].key),
            f'Fill in "{fact}" on the Studies page.'))


# --- copies and implications ------------------------------------------------------------------------------------------


def _copy(protocol: Protocol, columns: dict[str, Column], scores: dict[str, Column]) -> None:
    for variable in protocol.variables:
        if variable.same_as is None:
            continue
        found = scores.get(variable.same_as) or columns.get(variable.same_as)
        if found is not None:
            columns[variable.key] = found


def _imply(rule: Implication, protocol: Protocol, columns: dict[str, Column], records: Records,
           findings: Findings) -> None:
    """Set `then` where `when` holds: where it is empty, or everywhere if the rule overrides."""
    when, then = columns[rule.when.variable], columns[rule.then.variable]
    target = protocol.variables_by_key[rule.then.variable]
    value = _coded(target, rule.then.equals)
    if value is None:
        return
    holds = _holds(rule.when, protocol, when)
    there = _present(target, then.values)
    same = there & (then.values == value)
    sets = holds & ~same if rule.override else holds & ~there
    if not sets.any():
        return
    _tell_overridden(rule, target, then.values, np.flatnonzero(sets & there), records, findings)
    values = then.values.copy()
    values[sets] = value
    columns[rule.then.variable] = Column(values, _implied_origins(rule, when.origins, then.origins, sets))


def _present(variable: Variable, values: np.ndarray) -> np.ndarray:
    if variable.kind == "categorical":
        return np.array([value is not None for value in values], dtype=bool)
    return ~np.isnan(values)


def _holds(condition: Condition, protocol: Protocol, column: Column) -> np.ndarray:
    code = _coded(protocol.variables_by_key[condition.variable], condition.equals)
    if code is None:
        return np.zeros(len(column.values), dtype=bool)
    return np.asarray(column.values == code, dtype=bool)


def _implied_origins(rule: Implication, when: ColumnOrigins, then: ColumnOrigins, sets: np.ndarray) -> ColumnOrigins:
    """Origins of `then`, with those of `when` where it was set."""
    text = f"implied by {rule.when.variable} = {rule.when.equals}"
    implied = tuple(replace(source, rule=f"{text} ({source.rule})") for source in when.sources)
    codes = np.where(when.codes >= 0, when.codes + len(then.sources), -1)
    return ColumnOrigins(np.where(sets, when.rows, then.rows), np.where(sets, codes, then.codes),
                         (*then.sources, *implied))


def _tell_overridden(rule: Implication, target: Variable, values: np.ndarray, who: np.ndarray, records: Records,
                     findings: Findings) -> None:
    text = (f"{target.label} set to {rule.then.equals}, because {rule.when.variable} is {rule.when.equals}")
    for index in who:
        findings.change(str(records.patients[index]), target.key, f"{text}; it was {values[index]}",
                        int(records.home[index]))
    if len(who):
        findings.add(Severity.NOTE, "overridden", f"{text}: {len(who)} {'patient' if len(who) == 1 else 'patients'}.",
                     "Check the rule if this is not meant.", record=int(records.home[who[0]]), variable=target.key)
