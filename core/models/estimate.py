"""One estimate as one record: the number, its error, its interval and its scale cannot come apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

Scale = Literal["difference", "log_odds", "odds_ratio", "variance"]
IntervalMethod = Literal["profile", "t", "wald"]
POSITIVE: tuple[Scale, ...] = ("odds_ratio", "variance")


class Cells(TypedDict):
    """An estimate as the columns of a table."""

    estimate: float | None
    se: float | None
    df: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None


@dataclass(frozen=True)
class Interval:
    """Limits with the level and the method they belong to."""

    low: float
    high: float
    level: float
    method: IntervalMethod

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval from {self.low} to {self.high}")


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error, df, p and interval, all of one scale.

    The standard error of an odds ratio is that of its logarithm, as everywhere in the field. Raises ValueError
    for limits of another scale: on the scale of odds ratios the limits of log odds never hold the value, since
    exp(x) > 2 x.
    """

    value: float
    scale: Scale
    se: float | None = None
    df: float | None = None
    p: float | None = None
    interval: Interval | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"an estimate of {self.value}")
        if self.scale in POSITIVE and (self.value < 0 or (self.interval is not None and self.interval.low < 0)):
            raise ValueError(f"below zero on the scale {self.scale}")
        if self.scale == "odds_ratio" and self.interval is not None and not (
                self.interval.low <= self.value <= self.interval.high):
            raise ValueError("the interval is not on the scale of odds ratios")

    def exponentiated(self) -> Estimate:
        """Log odds as an odds ratio: value and limits together, the standard error left on the log scale."""
        if self.scale != "log_odds":
            raise ValueError(f"no log odds but {self.scale}")
        limits = self.interval
        if limits is not None:
            limits = replace(limits, low=math.exp(limits.low), high=math.exp(limits.high))
        return replace(self, value=math.exp(self.value), scale="odds_ratio", interval=limits)

    def cells(self) -> Cells:
        """The columns of a table."""
        low, high = (None, None) if self.interval is None else (self.interval.low, self.interval.high)
        return Cells(estimate=self.value, se=self.se, df=self.df, ci_low=low, ci_high=high, p=self.p)

    def text(self, decimals: int = 2) -> str:
        """The value and, in brackets, its interval: `0.47 (0.16, 0.77)`."""
        shown = f"{self.value:.{decimals}f}"
        if self.interval is None:
            return shown
        return f"{shown} ({self.interval.low:.{decimals}f}, {self.interval.high:.{decimals}f})"


@dataclass(frozen=True)
class EffectEstimate:
    """What the analysis of one effect gives: the `effect` among n patients of k studies, or the `reason` why there
    is none. `n_active`, `n_control` are None where treatment is not in the model.
    """

    level: float
    n: int
    k: int
    n_active: int | None = None
    n_control: int | None = None
    effect: Estimate | None = None
    note: str = ""
    reason: str | None = None

    def cells(self) -> Cells:
        """The columns of a table, empty where there is no estimate."""
        if self.effect is None:
            return Cells(estimate=None, se=None, df=None, ci_low=None, ci_high=None, p=None)
        return self.effect.cells()

    @property
    def estimate(self) -> float | None:
        return self.cells()["estimate"]

    @property
    def se(self) -> float | None:
        return self.cells()["se"]

    @property
    def df(self) -> float | None:
        return self.cells()["df"]

    @property
    def p(self) -> float | None:
        return self.cells()["p"]

    @property
    def ci_low(self) -> float | None:
        return self.cells()["ci_low"]

    @property
    def ci_high(self) -> float | None:
        return self.cells()["ci_high"]
