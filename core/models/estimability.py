"""Whether a linear model can be fitted, told before any fit, in a sentence for the reader."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.models.criterion import Structure
from core.models.moments import Array, StudyMoments

ROUNDING = 1e-13  # of a column's mean: how much a constant may seem to vary
NEGLIGIBLE = 1e-10  # of a column's variance: what is left of it after rounding; never less than the least eigenvalue


def why_not(moments: StudyMoments, response: str, fixed: Sequence[str], structure: Structure,
            treatment: str) -> str | None:
    """Why the model of one dataset cannot be fitted, in words; None where it can."""
    if moments.n == 0:
        return "No patients."
    chosen = moments.select([*fixed, response])
    return (_of_columns(chosen, response, treatment) or _of_size(chosen, fixed, structure)
            or _of_dependence(chosen, fixed, structure) or _of_variances(chosen, fixed, structure))


def _of_columns(chosen: StudyMoments, response: str, treatment: str) -> str | None:
    spread, mean = chosen.pooled_scatter.diagonal(), chosen.pooled_mean
    for j, name in enumerate(chosen.columns):
        if spread[j] > ROUNDING ** 2 * chosen.n * mean[j] ** 2:
            continue
        if name == response:
            return "The outcome is the same for every patient."
        if name == treatment:
            return f"No patient in the {'control' if mean[j] > 0.5 else 'active'} arm."
        return f"{name} is the same for every patient."
    return None


def _of_size(chosen: StudyMoments, fixed: Sequence[str], structure: Structure) -> str | None:
    parameters = len(fixed) + 2
    if chosen.k > 1:
        parameters += chosen.k - 1 if structure.stratified else 1
        parameters += (structure.slope is not None) + structure.correlated
    if chosen.n <= parameters:
        return f"{round(chosen.n)} patients are too few for a model of {parameters} parameters."
    return None


def _of_dependence(chosen: StudyMoments, fixed: Sequence[str], structure: Structure) -> str | None:
    within = chosen.scatter.sum(axis=0)
    is_stratified = structure.stratified and chosen.k > 1
    total = within if is_stratified else chosen.pooled_scatter
    size = np.sqrt(chosen.pooled_scatter.diagonal())
    scaled, unit = total / np.outer(size, size), np.diag(total) / size ** 2
    if np.linalg.eigvalsh(scaled[:len(fixed), :len(fixed)])[0] > NEGLIGIBLE:
        return None
    for j, name in enumerate(fixed):
        if is_stratified and unit[j] < NEGLIGIBLE:
            return f"{name} does not vary within studies, so its effect cannot be told from theirs."
        if unexplained(scaled, list(range(j)), j) < NEGLIGIBLE * (unit[j] if is_stratified else 1.0):
            return f"{name} is determined by the other columns, so its effect cannot be told from theirs."
    return None


def _of_variances(chosen: StudyMoments, fixed: Sequence[str], structure: Structure) -> str | None:
    if chosen.k > 1 and (chosen.weight <= 1).all():
        return "Every study has one patient, so the variance between studies cannot be told from that within."
    size = np.sqrt(chosen.pooled_scatter.diagonal())
    within = chosen.scatter.sum(axis=0) / np.outer(size, size)
    last = len(fixed)
    if np.linalg.eigvalsh(within)[0] < NEGLIGIBLE and unexplained(within, list(range(last)), last) < NEGLIGIBLE:
        return "Within studies the outcome does not vary beyond what the model explains."
    slope = structure.slope
    if chosen.k > 1 and slope is not None and not (chosen.scatter[:, chosen.index(slope.column)] > 0).any():
        return "No study has both arms, so treatment effects cannot be compared between studies."
    return None


def unexplained(scatter: Array, by: list[int], column: int) -> float:
    """What is left of a column's sum of squares after regression on others."""
    if not by:
        return float(scatter[column, column])
    coefficients = np.linalg.lstsq(scatter[np.ix_(by, by)], scatter[by, column], rcond=NEGLIGIBLE)[0]
    return float(scatter[column, column] - scatter[by, column] @ coefficients)
