"""A combined moderator for a reader: the two arms' lines over M*, where they cross, how many patients stand on each
side, what the treatment does there, and whether foretold differences are the ones seen (METHODS section 10).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.models.linear_mixed import RESPONSE, TREATMENT, LinearEstimate, coefficient
from core.models.moments import Array, Flags, rows_by_study
from core.models.percentiles import percentile_limits
from core.models.refits import refit
from core.moderators.interactions import LEVEL, Rows, interaction, interactions
from core.moderators.members import SetRows

ENOUGH = 0.9
"""Of the resamples whose lines must cross for a range of the crossing point."""
SCORE = "M*"
PARTS = 5


@dataclass(frozen=True)
class Lines:
    """Both models over z-scored M*, and the published one's lines: outcome = intercept + slope M* in each arm (control,
    active); or the reason why there are none.
    """

    beta: float | None = None
    se: float | None = None
    beta_recommended: float | None = None
    se_recommended: float | None = None
    intercepts: tuple[float, float] | None = None
    slopes: tuple[float, float] | None = None
    reason: str = ""

    @property
    def crossing(self) -> float | None:
        """Where the lines cross, wherever that is; None for parallel ones."""
        if self.intercepts is None or self.slopes is None or self.slopes[0] == self.slopes[1]:
            return None
        return _crossing(self.intercepts[1] - self.intercepts[0], self.slopes[1] - self.slopes[0])

    def cells(self) -> dict[str, Any]:
        """As the columns of a record."""
        found: dict[str, Any] = {name: getattr(self, name)
                                 for name in ("beta", "se", "beta_recommended", "se_recommended")}
        if self.intercepts and self.slopes:
            for arm, intercept, slope in zip(("control", "active"), self.intercepts, self.slopes, strict=True):
                found |= {f"{arm}_intercept": intercept, f"{arm}_slope": slope}
        return found


def lines_over(rows: SetRows, score: Array) -> Lines:
    """The models of z-scored M* (n,)."""
    own = _rows(rows, score)
    models = [interactions(own, model, "satterthwaite", "t") for model in ("published", "recommended")]
    effects = [next(iter(model.effects), None) for model in models]
    value, se = ([None if effect is None else getattr(effect, name) for effect in effects] for name in ("value", "se"))
    published = models[0].fitted
    if published is None:
        return Lines(value[0], se[0], value[1], se[1], reason=models[0].reason)
    beta = [float(published.record.beta[published.place(name)])
            for name in (published.record.terms[0], TREATMENT, SCORE, interaction(SCORE))]
    return Lines(value[0], se[0], value[1], se[1], (beta[0], beta[0] + beta[1]), (beta[2], beta[2] + beta[3]))


def resampled_crossings(rows: SetRows, score: Array, drawn: Array, lines: Lines) -> Array:
    """Where the lines cross in resamples `drawn` (replicates, n); NaN where they are not fitted, or where M* works the
    other way round, so that the sides have changed places.
    """
    columns = _rows(rows, score).columns()
    fixed = [name for name in columns if name != RESPONSE]
    found = refit(rows_by_study(columns, rows.study).moments(drawn), RESPONSE, fixed)
    slope = found.of(interaction(SCORE))
    usable = found.is_fitted & (np.sign(slope) == np.sign(lines.slopes[1] - lines.slopes[0] if lines.slopes else 0))
    return np.where(usable, _crossing(found.of(TREATMENT), np.where(slope == 0, 1.0, slope)), np.nan)


@dataclass(frozen=True)
class Crossing:
    """Cells of the record, and what the reader is told."""

    cells: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def crossing(rows: SetRows, score: Array, lines: Lines, resamples: Array) -> Crossing:
    """The crossing point where it lies within the data, with its range, and the two sides."""
    point = lines.crossing
    low, high = float(score.min()), float(score.max())
    cells: dict[str, Any] = {"score_low": low, "score_high": high}
    if point is None or lines.slopes is None or lines.intercepts is None:
        return Crossing(cells, (lines.reason,) if lines.reason else ())
    above = score > point
    cells |= {"share_above": float(above.mean()), **_side("above", rows, above), **_side("below", rows, ~above)}
    if not low <= point <= high:
        middle = lines.intercepts[1] - lines.intercepts[0] + (lines.slopes[1] - lines.slopes[0]) * float(score.mean())
        worse = "control" if middle > 0 else "the active treatment"
        return Crossing(cells, (f"The lines cross outside the data: no group does better on {worse}.",))
    left, right, _ = percentile_limits(resamples, LEVEL, ENOUGH)
    notes = []
    if len(resamples) and left is None:
        notes.append("In too many resamples the lines do not cross, so the crossing point has no range.")
    cells |= {"crossing": point, "crossing_low": left if left is not None and left >= low else None,
              "crossing_high": right if right is not None and right <= high else None}
    if left is not None and right is not None and (left < low or right > high):
        notes.append("The range of the crossing point reaches beyond the data.")
    return Crossing(cells, tuple(notes))


def fifths(rows: SetRows, predicted: Array, moved: Array) -> tuple[dict[str, Any], ...]:
    """Patients in five groups of rising `moved` (n,), what the moderators make of the `predicted` difference (n,): that
    difference and the one seen. None where nothing moves it.
    """
    if not np.ptp(moved) > 0:
        return ()
    # ties stay together, so that no patient's group depends on the order of the table
    rank = np.searchsorted(np.sort(moved), moved, side="left")
    group = np.minimum(rank * PARTS // len(moved), PARTS - 1)
    found = []
    for part in range(PARTS):
        own = group == part
        if own.any():
            found.append({"fifth": part + 1, "predicted": float(predicted[own].mean()), **_seen(rows, own)})
    return tuple(found)


def _seen(rows: SetRows, own: Flags) -> dict[str, Any]:
    arms = [rows.y[own & arm] for arm in (rows.is_active, ~rows.is_active)]
    sizes = {"n_active": len(arms[0]), "n_control": len(arms[1])}
    if not all(sizes.values()):
        return {**sizes, "observed": None, "se": None}
    error = sum(one.var(ddof=1) / len(one) for one in arms) if min(sizes.values()) > 1 else 0.0
    return {**sizes, "observed": float(arms[0].mean() - arms[1].mean()),
            "se": float(np.sqrt(error)) if error > 0 else None}


def _side(name: str, rows: SetRows, own: Flags) -> dict[str, Any]:
    if not own.any():
        return {f"{name}_n": 0}
    columns = {TREATMENT: rows.is_active[own].astype(float), RESPONSE: rows.standardized[own]}
    found: LinearEstimate = coefficient(columns, rows.study[own], TREATMENT, random_slope=False, ci="t", level=LEVEL)
    return {f"{name}_n": int(own.sum()), f"{name}_effect": found.estimate, f"{name}_low": found.ci_low,
            f"{name}_high": found.ci_high}


def _rows(rows: SetRows, score: Array) -> Rows:
    return Rows(rows.standardized, rows.is_active.astype(float), rows.study, (SCORE,), score[None])


def _crossing(effect: Any, slope: Any) -> Any:
    """Where effect + slope M* is zero."""
    return -effect / slope
