"""Changes of a study's layout as functions of its mapping: each returns the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.mapping import (
    DecimalMark,
    Direct,
    DoseSource,
    Formula,
    NumberFormat,
    PeriodSource,
    Product,
    Reading,
    Rule,
    ScoreSource,
    StudyMapping,
    TreatmentSource,
    VisitSource,
)
from core.person import person
from core.progress import Progress
from core.rule_columns import columns_of
from core.session import Session


def settled(mapping: StudyMapping) -> StudyMapping:
    """The layout confirmed by the person at the screen."""
    return mapping.model_copy(update={"structure_by": person()})


def changed(mapping: StudyMapping, **parts: Any) -> StudyMapping:
    """Parts of the layout changed by the person. What was doubtful about the rest stays a question."""
    update = parts | ({"structure_by": person()} if mapping.is_structure_sure else {})
    return mapping.model_copy(update=update)


def with_shape(mapping: StudyMapping, **parts: Any) -> StudyMapping:
    """Parts of the shape changed."""
    return changed(mapping, shape=mapping.shape.model_copy(update=parts))


def visit_source(before: VisitSource | None, column: str | None) -> VisitSource | None:
    """Visits from a column; what its texts mean is kept where it is the same column."""
    if column is None:
        return None
    return before if before is not None and before.column == column else VisitSource(column=column)


def period_source(before: PeriodSource | None, column: str | None) -> PeriodSource | None:
    """Periods from a column; as for visits."""
    if column is None:
        return None
    return before if before is not None and before.column == column else PeriodSource(column=column)


def with_visit(mapping: StudyMapping, text: str, hours: float | None, is_known: bool = True) -> StudyMapping:
    """When a visit was, in hours; None: of no interest. Not known: a question again."""
    visit = mapping.shape.visit
    if visit is None:
        return mapping
    return with_shape(mapping, visit=visit.model_copy(update={"values": _set(visit.values, text, hours, is_known)}))


def with_period(mapping: StudyMapping, text: str, number: int | None) -> StudyMapping:
    """Which period a text is; None: a question again."""
    period = mapping.shape.period
    if period is None:
        return mapping
    values = _set(period.values, text, number, number is not None)
    return with_shape(mapping, period=period.model_copy(update={"values": values}))


def with_treatment(mapping: StudyMapping, index: int, **parts: Any) -> StudyMapping:
    """One source of treatments changed, or the first one made."""
    sources = list(mapping.treatments) or [TreatmentSource()]
    sources[index] = sources[index].model_copy(update=parts)
    return changed(mapping, treatments=tuple(sources))


def with_treatment_text(mapping: StudyMapping, index: int, text: str, key: str | None,
                        is_known: bool = True) -> StudyMapping:
    """Which treatment a text is; None: none. Not known: a question again."""
    values = _set(mapping.treatments[index].values, text, key, is_known)
    return with_treatment(mapping, index, values=values)


def dose_index(mapping: StudyMapping, period: int | None) -> int | None:
    """Which source of doses serves a block of periods; None if there is none."""
    fits = [i for i, dose in enumerate(mapping.doses) if dose.period in (period, None)]
    return fits[0] if fits else None


def with_dose(mapping: StudyMapping, period: int | None, **parts: Any) -> StudyMapping:
    """The doses of a block of periods changed."""
    sources, index = list(mapping.doses), dose_index(mapping, period)
    if index is None:
        sources.append(DoseSource(period=period, **parts))
    else:
        sources[index] = sources[index].model_copy(update=parts)
    return changed(mapping, doses=tuple(sources))


def with_dose_text(mapping: StudyMapping, period: int | None, text: str, dose: float | None) -> StudyMapping:
    """The dose that a text of the treatment's column means; None: not known."""
    index = dose_index(mapping, period)
    before = mapping.doses[index].values if index is not None else {}
    return with_dose(mapping, period, values=_set(before, text, dose, dose is not None))


def with_score(mapping: StudyMapping, index: int, **parts: Any) -> StudyMapping:
    """One column of scores changed."""
    scores = list(mapping.scores)
    scores[index] = scores[index].model_copy(update=parts)
    return changed(mapping, scores=tuple(scores))


def with_new_score(mapping: StudyMapping, column: str, scale: str) -> StudyMapping:
    """One column of scores more; a long file's visits say when it was measured."""
    hours = None if mapping.shape.visit is not None else 0.0
    return changed(mapping, scores=(*mapping.scores, ScoreSource(column=column, scale=scale, hours=hours)))


def without_score(mapping: StudyMapping, index: int) -> StudyMapping:
    """One column of scores less."""
    return changed(mapping, scores=mapping.scores[:index] + mapping.scores[index + 1:])


def with_decimal(mapping: StudyMapping, mark: DecimalMark) -> StudyMapping:
    """The decimal mark of every column of numbers."""
    def marked(source: Any) -> Any:
        return source.model_copy(update={"format": source.format.model_copy(update={"decimal": mark})})

    def ruled(rule: Rule) -> Rule:
        if isinstance(rule, Formula):
            forms = {name: rule.formats.get(name, NumberFormat()) for name in rule.columns}
            return rule.model_copy(update={"formats": {
                name: form.model_copy(update={"decimal": mark}) for name, form in forms.items()}})
        if isinstance(rule, Product):
            return rule.model_copy(update={"factors": tuple(map(marked, rule.factors))})
        return marked(rule) if isinstance(rule, Direct) else rule

    variables = {key: decision.model_copy(update={"rule": ruled(decision.rule)})
                 for key, decision in mapping.variables.items()}
    return mapping.model_copy(update={"variables": variables, "scores": tuple(map(marked, mapping.scores)),
                                      "doses": tuple(map(marked, mapping.doses))})


def read_anew(session: Session, study: str, reading: Reading, progress: Progress) -> Session:
    """The study's file read in another way: columns suggested anew, a person's decisions kept where their column is.

    Raises UserError if no table can be found so.
    """
    progress(0.1, f"Reading {session.registry.by_id[study].name}")
    file = session.source_of(study).name
    before = session.mappings.get(study, StudyMapping(study=study, file=file))
    trial = session.with_mapping(before.model_copy(update={"reading": reading}))
    columns = trial.table(study).columns_by_name
    suggested = trial.suggested(study)[0].model_copy(update={"reading": reading})
    kept = {key: decision for key, decision in before.variables.items() if decision.by != "suggested"
            and set(columns_of(decision.rule)) <= set(columns)}
    return trial.with_mapping(suggested.model_copy(update={"variables": {**suggested.variables, **kept}}))


def reopened(session: Session, study: str, variable: str, progress: Progress) -> Session:
    """One variable asks again: with what the program would suggest, or its column as it was; else it has no rule."""
    progress(0.1, f"Reading columns of {session.registry.by_id[study].name}")
    suggestion = session.suggested(study)[0].variables.get(variable)
    for found in (suggestion, session.mappings[study].variables.get(variable)):
        if found is not None and columns_of(found.rule):
            asking = found.model_copy(update={"by": "suggested", "at": "", "sureness": 0.0})
            return session.with_decision(study, variable, asking)
    return session.with_decision(study, variable, None)


def _set(values: Mapping[str, Any], text: str, value: Any, is_known: bool) -> dict[str, Any]:
    """Values with one given anew in its place, or taken out."""
    found = {**values, text: value}
    if not is_known:
        del found[text]
    return found
