"""Every cell of the harmonized table against the truth: right, asked (empty), silently wrong, or free to be empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.intake import load_files, new_session
from core.session import Session
from tests.bench.import_corpus import UNJUDGED, Truth, write_corpus

RIGHT, ASKED, WRONG, FREE = "right", "asked", "wrong", "free"
TOLERANCE = {"bmi": 0.06, "episode_months": 0.06}
"""Where the file rounds what is derived from it."""
NOT_COMPARED = {"study", "patient", "excluded", "score_origin"}


@dataclass(frozen=True)
class Verdict:
    """One cell that is counted."""

    study: str
    patient: str
    variable: str
    true: Any
    given: Any
    result: str


def judge_corpus(folder: Path, names: Collection[str] = (), batch: str = "tuned") -> tuple[Session, list[Verdict]]:
    """Write a batch (or the named studies of it) into a folder, load it without a person, judge every cell."""
    truths = write_corpus(folder, names, batch)
    session = load_files(new_session(), [folder])
    return session, judge(truths, session.harmonized().patients)


def judge(truths: Mapping[str, Truth], harmonized: pd.DataFrame) -> list[Verdict]:
    """Verdicts on all studies; a study that is not there has all its cells empty."""
    given = harmonized.assign(included=(harmonized["excluded"] == "").astype(float))
    verdicts: list[Verdict] = []
    for study, truth in truths.items():
        own = given[given["study"] == study]
        verdicts += [*_judge_names(study, truth, own), *_judge_study(study, truth, _in_order(truth, own))]
    return verdicts


def _judge_names(study: str, truth: Truth, given: pd.DataFrame) -> list[Verdict]:
    """Patients must keep the names their file gives them."""
    found = set() if _lost_names(truth, given) else set(given["patient"].astype(str))
    return [Verdict(study, name, "patient", name, None, RIGHT if name in found else WRONG if len(given) else ASKED)
            for name in truth.patients["patient"] if name not in truth.patients_may_ask]


def _lost_names(truth: Truth, given: pd.DataFrame) -> bool:
    """Whether there are as many patients as there should be, under other names."""
    return len(given) == len(truth.patients) and set(given["patient"]) != set(truth.patients["patient"])


def _in_order(truth: Truth, given: pd.DataFrame) -> pd.DataFrame:
    """Patients who lost their names but not their order: the names are wrong, the other cells need not be."""
    return given.assign(patient=list(truth.patients["patient"])) if _lost_names(truth, given) else given


def _judge_study(study: str, truth: Truth, given: pd.DataFrame) -> list[Verdict]:
    verdicts = []
    columns = [c for c in dict.fromkeys([*truth.patients.columns, *given.columns]) if c not in NOT_COMPARED]
    ours = {str(row["patient"]): row for row in given.to_dict("records")}
    for true in truth.patients.to_dict("records"):
        patient = str(true["patient"])
        row = ours.pop(patient, {})
        for column in columns:
            may_ask = column in truth.may_ask or patient in truth.patients_may_ask
            value = row.get(column)
            if column == "included" and true["included"] == 1 and value == 0 and _was_asked(row, true):
                value = None
            if result := _verdict(column, true.get(column), value, may_ask):
                verdicts.append(Verdict(study, patient, column, true.get(column), value, result))
    verdicts += [Verdict(study, patient, column, None, row[column], WRONG) for patient, row in ours.items()
                 for column in columns if not _empty(row.get(column))]
    return verdicts


def _was_asked(row: Mapping[str, Any], true: Mapping[str, Any]) -> bool:
    """Left out because arm or scores are still questions: no claim about the patient."""
    needed = ("arm", "madrs_baseline", "madrs_rapid", "madrs_post_rapid")
    return any(_empty(row.get(key)) and not _empty(true[key]) for key in needed)


def _verdict(column: str, true: Any, given: Any, may_ask: bool) -> str:
    """How a cell counts; "" where there is nothing to count."""
    if (isinstance(true, str) and true == UNJUDGED) or (_empty(true) and _empty(given)):
        return ""
    if _empty(given):
        return FREE if may_ask else ASKED
    return RIGHT if not _empty(true) and _same(column, true, given) else WRONG


def _same(column: str, true: Any, given: Any) -> bool:
    if isinstance(given, str):
        return given.casefold() == str(true).casefold()
    return abs(float(true) - float(given)) <= TOLERANCE.get(column, 1e-6)


def _empty(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
