"""The same values under different ids: a patient who stands twice, in one study or in two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from core.errors import Issue, Severity
from core.integrity.material import Material

EXPECTED = 0.001
"""Pairs of patients alike by chance, in all pairs compared, above which likeness says nothing. Far below FALSE_ALARMS,
for values of one patient go together and are less surprising than their product."""
AMOUNTS = 3
"""Columns of amounts (not yes and no) in which two patients must agree."""
TOLD = 10
"""Pairs told one by one."""


def check_same_patients(material: Material) -> tuple[Issue, ...]:
    """Pairs of patients under different ids that agree in every value both have."""
    keys = _keys(material)
    codes = _codes(material.data.patients, keys)
    is_amount = np.array([material.studies[0].is_continuous(key) for key in keys], dtype=bool)
    studies = material.data.patients["study"].to_numpy(dtype=object)
    rows = {part.study: np.flatnonzero(studies == part.study) for part in material.studies}
    filled = {study: (codes[at] >= 0).any(axis=0) for study, at in rows.items()}
    agree = _chance_of_agreeing(codes)
    pairs: list[tuple[int, int, int, float]] = []
    total = len(studies) * (len(studies) - 1) / 2
    for one, other in [*((s, s) for s in rows), *combinations(rows, 2)]:
        columns = np.flatnonzero(filled[one] & filled[other])
        for i, j in _equal(codes[:, columns], rows[one], rows[other]):
            shared = columns[codes[i, columns] >= 0]
            expected = total * float(np.prod(agree[shared]))
            if is_amount[shared].sum() >= AMOUNTS and expected < EXPECTED:
                pairs.append((i, j, len(shared), expected))
    return tuple(_told(material, pairs))


def _keys(material: Material) -> list[str]:
    """Columns with the patients' own values."""
    protocol = material.protocol
    variables = [v.key for v in protocol.variables if v.level == "patient" and v.same_as is None]
    return [key for key in (*protocol.score_keys, *variables) if key in material.data.patients]


def _codes(patients: pd.DataFrame, keys: Sequence[str]) -> np.ndarray:
    """Each column's values as numbers from 0, -1 where missing; (n, columns)."""
    return np.column_stack([pd.factorize(patients[key])[0] for key in keys]).astype(np.int64)


def _chance_of_agreeing(codes: np.ndarray) -> np.ndarray:
    """For each column the chance that two patients who have it agree, (columns,)."""
    chances = np.ones(codes.shape[1])
    for column in range(codes.shape[1]):
        counts = np.bincount(codes[codes[:, column] >= 0, column])
        n = counts.sum()
        if n > 1:
            chances[column] = (counts * (counts - 1)).sum() / (n * (n - 1))
    return np.maximum(chances, 1e-4)


def _equal(codes: np.ndarray, rows: np.ndarray, others: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pairs of rows, one of each part, with the same codes throughout."""
    if not codes.shape[1]:
        return
    lines = np.ascontiguousarray(codes).view(np.dtype((np.void, codes.dtype.itemsize * codes.shape[1]))).ravel()
    if rows is others:
        counts = Counter(line.tobytes() for line in lines[rows])
        if len(counts) == len(rows):
            return
    first: dict[bytes, int] = {}
    for i in rows.tolist():
        before = first.setdefault(lines[i].tobytes(), i)
        if rows is others and before != i:
            yield before, i
    for j in [] if rows is others else others.tolist():
        at = first.get(lines[j].tobytes())
        if at is not None:
            yield at, j


def _told(material: Material, pairs: Sequence[tuple[int, int, int, float]]) -> Iterator[Issue]:
    patients = material.data.patients
    names = patients[["study", "patient"]].to_numpy(dtype=object)
    for i, j, count, expected in pairs[:TOLD]:
        (study, one), (other_study, other) = names[i], names[j]
        where = material.place(other_study, other, "patient" if material.tables else None)
        place = material.place(study, one)
        row = f" (row {place.row})" if place.row else ""
        across = study != other_study
        of = f" of study {material.facts(study).name}" if across else ""
        chance = "less than one in a million" if expected < 1e-6 else f"about {expected:.1g}"
        yield Issue(
            Severity.WARNING, "same_patient_across" if across else "same_patient",
            f"Patient {other} has the same {count} values as patient {one}{row}{of}. Among all pairs of patients, "
            f"{chance} such pairs would be expected by chance.",
            where,
            "Ask the team whether it is one person; if so, keep one of the two rows in the file.")
    if len(pairs) > TOLD:
        yield Issue(Severity.WARNING, "same_patient",
                    f"{len(pairs) - TOLD} more pairs of patients have the same values.",
                    material.place(str(names[pairs[TOLD][1]][0])), "Ask the teams whether rows were copied.")
