"""Whether a file holds several studies: then it is no study's file, whatever its other columns say."""

from __future__ import annotations

import re
from itertools import pairwise

from core.plain_text import fold
from core.sources import RawColumn, RawTable

MOST_STUDIES = 100
FEWEST_PATIENTS = 3
"""Patients that a study has at least, on the average."""
_STUDY = re.compile(r"(source |original )?(study|trial|studie|etude|estudio|estudo|studio)"
                    r"( ?(id|name|label|code|no|nr|number|key|acronym))?")
_PATIENT = re.compile(r"(patient|subject|participant|subj|pat|pt|case|person|proband|paciente|paziente)"
                      r"( ?(id|no|nr|number|code|key))?|id|pid|usubjid")


def study_column(table: RawTable) -> RawColumn | None:
    """The column that names each row's study, if it names several, each with patients of its own."""
    patients = [len(column.counts) for column in table.columns if _PATIENT.fullmatch(_words(column))]
    if not patients:
        return None  # "study id" may well be what the patients are called
    for column in table.columns:
        n = len(column.counts)
        is_filled = sum(column.counts.values()) == len(column.cells)
        if _STUDY.fullmatch(_words(column)) and is_filled and 2 <= n <= MOST_STUDIES and (
                n * FEWEST_PATIENTS <= max(patients) and _is_in_blocks(column)):
            return column
    return None


def _words(column: RawColumn) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column.name)
    return " ".join(re.split(r"[\W_]+", fold(name))).strip()


def _is_in_blocks(column: RawColumn) -> bool:
    """Whether equal texts stand together, as rows of a study do and treatments or answers do not."""
    changes = sum(a != b for a, b in pairwise(map(str, column.cells)))
    return changes <= 2 * len(column.counts)
