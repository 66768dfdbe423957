"""What a study still lacks: what is open, what it cannot give, what nobody has said anything about.

For the person at the screen, who may see what the questions say of the data; what is sent to a team names places alone
(`missing_request`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import Issue, Severity, UserError
from core.harmonize import pool_studies
from core.harmonized import EXCLUDED, StudyData
from core.kit_columns import kit_columns
from core.kit_facts import KitFact, risk_of_bias_items, study_facts
from core.mapping import Unavailable
from core.registry import RISK_OF_BIAS, Study
from core.session import Session
from core.summaries import Summary, label_of, summarize


@dataclass(frozen=True)
class Had:
    """A column of the harmonized data: how many of the study's analyzed patients have it."""

    key: str
    label: str
    n: int
    total: int

    @property
    def share(self) -> float:
        """0 to 1; 0 without patients."""
        return self.n / self.total if self.total else 0.0


@dataclass(frozen=True)
class Missing:
    """What one study lacks. `questions` and `faults` are issues with their places in its file."""

    study: Study
    patients: int
    """Analyzed patients."""
    questions: tuple[Issue, ...] = ()
    question_rows: Mapping[tuple[str, str | None], tuple[int, ...]] = field(default_factory=dict, repr=False)
    """Code and column of a question -> the rows it is about, where it is about some."""
    faults: tuple[Issue, ...] = field(default=(), repr=False)
    """Values that could not be used, and patients who lack what analyses need."""
    cannot: tuple[tuple[str, str], ...] = ()
    """What cannot be had: label and reason."""
    never: tuple[str, ...] = ()
    """Labels of what no column holds and nobody has called unavailable."""
    shares: tuple[Had, ...] = ()
    """Scores and moderators of the file, the least complete first."""
    facts: tuple[KitFact, ...] = ()
    bias: tuple[KitFact, ...] = ()

    @property
    def incomplete(self) -> tuple[Had, ...]:
        """What some but not all patients have."""
        return tuple(one for one in self.shares if one.n < one.total)

    @property
    def is_nothing(self) -> bool:
        """Whether a team need not be asked anything."""
        return not (self.questions or self.faults or self.never or self.facts or self.bias or self.incomplete)


def missing_of(session: Session, study: str) -> Missing:
    """What a study lacks; without a readable file the facts alone."""
    facts = session.registry.by_id[study]
    asked = tuple(fact for fact in study_facts(session.protocol)
                  if fact.key not in ("study", "label", "notes") and getattr(facts, fact.key) in (None, ""))
    bias = tuple(item for name, item in zip(RISK_OF_BIAS, risk_of_bias_items(), strict=True)
                 if name not in facts.risk_of_bias)
    if study not in session.usable_studies:
        return Missing(facts, 0, facts=asked, bias=bias)
    try:
        data = session.study_data(study)
        questions = session.questions(study)
    except UserError as fault:
        return Missing(facts, 0, faults=(fault.as_issue("file_unreadable"),), facts=asked, bias=bias)
    found = session.memo.get(("missing", data.fingerprint), lambda: _summaries(session, study))
    decisions = session.mappings[study].variables
    cannot = {key: one.rule.reason for key, one in decisions.items() if isinstance(one.rule, Unavailable)}
    wanted = [key for key in _wanted(session) if key in found and key not in cannot]
    open_ = {issue.where.variable for issue in questions}
    had = [Had(key, label_of(session.protocol, key), found[key].n, found[key].n + found[key].missing) for key in wanted]
    primary = session.protocol.primary_scale
    return Missing(
        facts, int((data.patients[EXCLUDED] == "").sum()), questions, _question_rows(data),
        tuple(issue for issue in (*_told_at_import(session, study), *data.issues) if _is_fault(issue)),
        tuple((label_of(session.protocol, key), reason) for key, reason in cannot.items()),
        tuple(one.label for one in had if not one.n and one.key not in open_ and (
            one.key in session.protocol.variables_by_key or one.key.startswith(f"{primary}_"))),
        tuple(sorted((one for one in had if one.n), key=lambda one: one.share)), asked, bias)


def _wanted(session: Session) -> list[str]:
    """Columns a team can give: what the request kit asks for, but ids, arms and doses."""
    keys = {column.key for column in kit_columns(session.protocol)}
    return [key for key in (*session.protocol.score_keys, *session.protocol.variables_by_key) if key in keys]


def _summaries(session: Session, study: str) -> dict[str, Summary]:
    found = summarize(pool_studies([session.study_data(study)], session.protocol))
    return {key: one for (name, key), one in found.by_place.items() if name == study}


def _question_rows(data: StudyData) -> dict[tuple[str, str | None], tuple[int, ...]]:
    rows: dict[tuple[str, str | None], list[int]] = {}
    for issue in data.issues:
        if issue.severity is Severity.QUESTION and issue.where.row is not None:
            rows.setdefault((issue.code, issue.where.column), []).append(issue.where.row)
    return {place: tuple(found) for place, found in rows.items()}


def _told_at_import(session: Session, study: str) -> list[Issue]:
    return [issue for issue in session.import_issues if issue.where.study == study]


def _is_fault(issue: Issue) -> bool:
    is_lacking = issue.code in ("no_baseline", "no_followup", "no_treatment")
    return issue.where.row is not None and (issue.severity is Severity.ERROR or is_lacking)
