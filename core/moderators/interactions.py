"""What the mixed models say of one moderator and one outcome (METHODS sections 5 and 9): the interaction in the
published and the recommended model, the non-specific predictor, the slopes in each arm, within and across studies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.models.criterion import Structure
from core.models.estimate import Estimate
from core.models.linear_mixed import (
    PUBLISHED,
    RECOMMENDED,
    RESPONSE,
    TREATMENT,
    CiMethod,
    DfMethod,
    Fitted,
    JointTest,
    effect_of,
    fit,
    joint_test,
)
from core.models.moments import Array, NotFinite, Places, from_rows
from core.models.two_stage import PooledEstimate, pool
from core.moderators.values import Term

LEVEL = 0.95
STRUCTURES = {"published": PUBLISHED, "recommended": RECOMMENDED}


@dataclass(frozen=True)
class Rows:
    """The patients of one analysis, none missing: outcome, treatment (0/1), study and terms, each (n,) and (t, n)."""

    y: Array
    treatment: Array
    study: Places
    names: tuple[str, ...]
    terms: Array

    @classmethod
    def of(cls, y: Array, treatment: Array, study: Places, terms: Sequence[Term]) -> Rows:
        """The complete cases of an outcome with missing values and of terms."""
        values = np.array([term.values for term in terms])
        used = ~np.isnan(y) & ~np.isnan(values).any(axis=0)
        names = tuple(term.name for term in terms)
        return cls(y[used], treatment[used].astype(float), study[used], names, values[:, used])

    @property
    def are_between(self) -> bool:
        """Whether the terms only tell studies apart: within one all patients have the same."""
        first = np.unique(self.study, return_index=True, return_inverse=True)
        return bool((self.terms == self.terms[:, first[1][np.ravel(first[2])]]).all())

    def columns(self) -> dict[str, Array]:
        """Treatment, terms, their products and the response by name."""
        plain = dict(zip(self.names, self.terms, strict=True))
        products = {interaction(name): values * self.treatment for name, values in plain.items()}
        return {TREATMENT: self.treatment, **plain, **products, RESPONSE: self.y}


@dataclass(frozen=True)
class Interaction:
    """One model: per term the interaction and the term's slope at T = 0; the joint test of all where there are several;
    or the reason why there is none.
    """

    effects: tuple[Estimate | None, ...] = ()
    slopes: tuple[float, ...] = ()
    joint: JointTest | None = None
    fitted: Fitted | None = None
    reason: str = ""


def interaction(name: str) -> str:
    """The name of a term's product with treatment."""
    return f"{name} x {TREATMENT}"


def interactions(rows: Rows, model: str, df: DfMethod, ci: CiMethod) -> Interaction:
    """y = T + m + T m with the structure of a model (published, recommended)."""
    columns = rows.columns()
    products = [interaction(name) for name in rows.names]
    found = _fitted(columns, rows.study, [name for name in columns if name != RESPONSE], STRUCTURES[model],
                    with_limits=ci == "profile")
    if isinstance(found, str):
        return Interaction(reason=found)
    effects = tuple(effect_of(found, name, df=df, ci=ci, level=LEVEL) for name in products)
    slopes = tuple(float(found.record.beta[found.place(name)]) for name in rows.names)
    return Interaction(effects, slopes, joint_test(found, products, df) if len(products) > 1 else None, found)


def predictors(rows: Rows, df: DfMethod) -> tuple[Estimate | None, ...]:
    """The effect of each term whatever the treatment: y = T + m, random study intercept."""
    return _effects(rows.columns(), rows.study, [TREATMENT, *rows.names], rows.names, df)


def in_arm(rows: Rows, arm: int, df: DfMethod) -> tuple[Estimate | None, ...]:
    """The slope of each term within one arm: y = m, random study intercept."""
    own = rows.treatment == arm
    columns = {name: values[own] for name, values in rows.columns().items()}
    return _effects(columns, rows.study[own], rows.names, rows.names, df)


@dataclass(frozen=True)
class WithinAcross:
    """The interaction within studies, across their means, and what they differ by; None where it cannot be had."""

    within: Estimate | None = None
    across: Estimate | None = None
    difference: Estimate | None = None


def within_and_across(rows: Rows, df: DfMethod) -> WithinAcross:
    """y = T + mW + mA + T mW + T mA + u + v Tc + e of one term, mA the study's mean, mW the distance from it."""
    size = np.bincount(rows.study)
    mean = (np.bincount(rows.study, rows.terms[0]) / np.maximum(size, 1))[rows.study]
    columns = {TREATMENT: rows.treatment, "within": rows.terms[0] - mean, "across": mean,
               "T within": (rows.terms[0] - mean) * rows.treatment, "T across": mean * rows.treatment, RESPONSE: rows.y}
    found = _fitted(columns, rows.study, [name for name in columns if name != RESPONSE], RECOMMENDED)
    if isinstance(found, str):
        return WithinAcross()
    line = np.zeros(found.model.p)
    line[found.place("T within")], line[found.place("T across")] = 1.0, -1.0
    within, across, difference = (effect_of(found, one, df=df, ci="t", level=LEVEL)
                                  for one in ("T within", "T across", line))
    return WithinAcross(within, across, difference)


def two_stage_interaction(rows: Rows) -> PooledEstimate:
    """Each study's own interaction by least squares, pooled (REML, Hartung-Knapp). A study whose patients do not tell
    it is left out.
    """
    found = [one for code in np.unique(rows.study) if (one := study_interaction(rows, rows.study == code)) is not None]
    return pool([effect for effect, _ in found], [se for _, se in found])


def study_interaction(rows: Rows, own: np.ndarray) -> tuple[float, float] | None:
    """One study's interaction by least squares and its error; None where its patients do not tell it."""
    t, m, y = rows.treatment[own], rows.terms[0][own], rows.y[own]
    design = np.column_stack([np.ones(len(y)), t, m, t * m])
    freedom = len(y) - 4
    if freedom < 1 or np.linalg.matrix_rank(design) < 4:
        return None
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    variance = float(((y - design @ beta) ** 2).sum()) / freedom * inverse[3, 3]
    return (float(beta[3]), float(np.sqrt(variance))) if variance > 0 else None


def _effects(columns: dict[str, Array], study: Places, fixed: Sequence[str], wanted: Sequence[str],
             df: DfMethod) -> tuple[Estimate | None, ...]:
    found = _fitted(columns, study, fixed, PUBLISHED)
    if isinstance(found, str):
        return (None,) * len(wanted)
    return tuple(effect_of(found, name, df=df, ci="t", level=LEVEL) for name in wanted)


def _fitted(columns: dict[str, Array], study: Places, fixed: Sequence[str], structure: Structure,
            with_limits: bool = False) -> Fitted | str:
    chosen = {name: columns[name] for name in (*fixed, RESPONSE)}
    try:
        return fit(from_rows(chosen, study), RESPONSE, list(fixed), structure, with_limits=with_limits)
    except NotFinite as fault:
        return str(fault)
