"""How each variable of each study stands, as a mark and a word: what the Map page's board shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Issue, UserError
from core.mapping import Constant, Decision, Direct, Recode, StudyMapping, Unavailable, Undecided
from core.protocol import Protocol, Variable
from core.registry import Study
from core.summaries import Summaries, converted_studies, label_of, summarize
from core.variables import registry_value
from gui.widgets.marks import ASKS, FAULT, NONE, OK, Mark

if TYPE_CHECKING:
    from core.session import Session

LAYOUT, ARM = "layout", "arm"
"""The board's columns before the scores: how rows make up patients, and what they were given."""
SHAPES = {"wide": "wide", "long": "long", "period_rows": "periods", "period_blocks": "blocks"}
SHAPES_IN_WORDS = {"wide": "a row a patient", "long": "a row a patient and visit",
                   "period_rows": "a row a patient and period", "period_blocks": "a block of columns a period"}
ABOUT_ARMS = ("no_treatment_column", "unknown_treatment", "dose_unknown")
ABOUT_SCORES = ("no_score_column", "no_baseline_column")
NOT_HAD = Mark("prohibit", "not had", "secondary")
CONVERTED = Mark("swap", "converted", "good")
COMPLETE = 0.995
"""From this share on a cell says "ok" without a number."""


@dataclass(frozen=True)
class BoardCell:
    """One study and one column of the board."""

    mark: Mark | None
    text: str
    hint: str
    asks: bool = False


NOTHING = BoardCell(None, "", "")


@dataclass(frozen=True)
class BoardFacts:
    """What the board needs beside the mappings; None while the harmonized data are not at hand."""

    summaries: Summaries | None = None
    converted: Mapping[str, int] | None = None


def facts_of(session: Session) -> BoardFacts:
    """Counts from the harmonized data, which must be at hand or will be made; remembered by the session."""
    return session.memo.get(("board", session.data_fingerprint),
                            lambda: BoardFacts(summarize(session.harmonized()),
                                               converted_studies(session.harmonized())))


def facts_at_hand(session: Session) -> BoardFacts:
    """The same if it takes no work, else nothing."""
    if session.usable_studies and session.memo.has(("board", session.data_fingerprint)):
        return facts_of(session)
    return BoardFacts()


def board_keys(protocol: Protocol) -> tuple[str, ...]:
    """The board's columns: layout, arm, scores, the protocol's variables, then what further outcomes it has."""
    scores = (key for key in protocol.score_keys if key not in protocol.further_keys)
    return (LAYOUT, ARM, *scores, *(variable.key for variable in protocol.variables), *protocol.further_keys)


def board_title(protocol: Protocol, key: str) -> str:
    """What a column is called."""
    return "Layout" if key == LAYOUT else label_of(protocol, key)


def board_row(session: Session, study: Study, facts: BoardFacts) -> dict[str, BoardCell]:
    """All cells of a study by column."""
    protocol = session.protocol
    if study.study not in session.mappings or not session.has_source(study.study):
        why = BoardCell(None, "", f"{study.name} has no file that could be read. See the Studies page.")
        return dict.fromkeys(board_keys(protocol), why)
    mapping = session.mappings[study.study]
    questions = questions_of(session, study.study)
    row = {LAYOUT: _layout(mapping, questions), ARM: _arm(mapping, questions)}
    for key in protocol.score_keys:
        row[key] = _score(session, mapping, key, questions, facts)
    for variable in protocol.variables:
        own = [issue for issue in questions if issue.where.variable == variable.key]
        row[variable.key] = variable_cell(session, study, variable, own, facts)
    return row


def questions_of(session: Session, study: str) -> tuple[Issue, ...]:
    """Open questions of a study; none where its table cannot be found."""
    try:
        return session.questions(study)
    except UserError:
        return ()


def study_mark(session: Session, study: Study) -> tuple[Mark, str]:
    """A study as a whole."""
    if study.study not in session.mappings or not session.has_source(study.study):
        return FAULT, "no readable file"
    open_ = len(questions_of(session, study.study))
    return (ASKS, f"{open_} open") if open_ else (OK, "settled")


def _layout(mapping: StudyMapping, questions: tuple[Issue, ...]) -> BoardCell:
    own = [issue for issue in questions if issue.where.variable is None
           and issue.code not in (*ABOUT_ARMS, *ABOUT_SCORES)]
    word = SHAPES[mapping.shape.kind]
    if own:
        return _asking(own)
    return BoardCell(OK, word, f"The file has {SHAPES_IN_WORDS[mapping.shape.kind]}.")


def _arm(mapping: StudyMapping, questions: tuple[Issue, ...]) -> BoardCell:
    own = [issue for issue in questions if issue.code in ABOUT_ARMS]
    if own:
        return _asking(own)
    columns = [source.column or f"all {source.constant}" for source in mapping.treatments]
    return BoardCell(OK, OK.word, f"From {', '.join(columns)}.")


def _score(session: Session, mapping: StudyMapping, key: str, questions: tuple[Issue, ...],
           facts: BoardFacts) -> BoardCell:
    own = [issue for issue in questions if issue.code in ABOUT_SCORES]
    scales = [scale for scale in session.protocol.scales if key.startswith(f"{scale.key}_")]
    scale = max(scales, key=lambda one: len(one.key))  # one scale's key may begin another's
    if own and scale.key == session.protocol.primary_scale:
        return _asking(own)
    found = facts.summaries.of(mapping.study, key) if facts.summaries else None
    columns = [score.column for score in mapping.scores if score.scale == scale.key]
    from_columns = f"From {', '.join(columns)}." if columns else ""
    if found is None and not (scale.further and facts.summaries):
        return BoardCell(OK, OK.word, from_columns) if columns else BoardCell(NONE, NONE.word, "No such score.")
    if found is None or not found.n:  # of a further outcome that no study has there is no column
        return BoardCell(NONE, NONE.word, f"No patient has it. {from_columns}".strip())
    many = (facts.converted or {}).get(mapping.study, 0) if scale.key == session.protocol.primary_scale else 0
    counts = f"{found.n} of {found.n + found.missing} patients. {from_columns}"
    if 2 * many >= found.n:
        return BoardCell(CONVERTED, CONVERTED.word, f"Converted from another scale. {counts}")
    return BoardCell(OK, _share_word(found.share), counts)


def variable_cell(session: Session, study: Study, variable: Variable, questions: list[Issue],
                  facts: BoardFacts) -> BoardCell:
    """How one variable of a study stands; `questions` are its own."""
    decision = session.mappings[study.study].variables.get(variable.key)
    found = facts.summaries.of(study.study, variable.key) if facts.summaries else None
    if questions:
        return _asking(questions)
    if decision is not None and isinstance(decision.rule, Unavailable):
        return BoardCell(NOT_HAD, NOT_HAD.word, f"Cannot be had from this study. {decision.rule.reason}".strip())
    if decision is not None and isinstance(decision.rule, Undecided):
        return BoardCell(ASKS, ASKS.word, describe(decision), True)
    if decision is not None:
        return _had(found.share if found else None, describe(decision))
    if variable.registry is not None:
        return _from_registry(variable, study)
    if found is not None and found.n:
        return _had(found.share, "Follows from another variable.")
    return BoardCell(NONE, NONE.word, "No column for it was recognized. Choose one, or say that it cannot be had.")


def _had(share: float | None, hint: str) -> BoardCell:
    if share == 0:
        return BoardCell(Mark("warning", "empty", "warn"), "empty", f"{hint} No patient has a value.")
    return BoardCell(OK, OK.word if share is None else _share_word(share), hint)


def _from_registry(variable: Variable, study: Study) -> BoardCell:
    if registry_value(variable, study) is None:
        fact = variable.registry.fact if variable.registry else ""
        return BoardCell(ASKS, "fact open", f"The registry does not say {fact}. Fill it in on the Studies page.", True)
    return BoardCell(OK, OK.word, "Follows from the study's facts.")


def describe(decision: Decision) -> str:
    """A decision in words: "From Sex, by values. Name resembles Sex."."""
    rule = decision.rule
    text = (f'All patients: {rule.value}' if isinstance(rule, Constant) else
            f"From {rule.column}, by values" if isinstance(rule, Recode) else
            f"From {rule.column}, as a number" if isinstance(rule, Direct) else
            "Cannot be had" if isinstance(rule, Unavailable) else
            f"Not decided yet{': ' if rule.note else ''}{rule.note}" if isinstance(rule, Undecided) else
            f"{rule.words[:1].upper()}{rule.words[1:]}")
    reason = f" {decision.reason[:1].upper()}{decision.reason[1:]}." if decision.reason else ""
    who = "" if decision.by == "suggested" else f" By {decision.by}."
    return f"{text}.{reason}{who}"


def _share_word(share: float) -> str:
    return OK.word if share >= COMPLETE else f"{100 * share:.0f}\N{NARROW NO-BREAK SPACE}%"


def _asking(issues: list[Issue]) -> BoardCell:
    return BoardCell(ASKS, ASKS.word, "\n".join(issue.text for issue in issues), True)
