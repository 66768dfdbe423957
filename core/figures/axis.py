"""A horizontal axis: values to inches, its ticks, what lies outside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.ticker import MaxNLocator

from core.wording import MINUS

_RATIO_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Axis:
    """Values `low`..`high` on the stretch `left`..`right` (inches); logarithmic for ratios."""

    low: float
    high: float
    left: float
    right: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value stands, kept within the axis."""
        low, high, here = (math.log(v) if self.log else v for v in (self.low, self.high, max(value, 1e-12)
                                                                    if self.log else value))
        share = (here - low) / (high - low)
        return self.left + (self.right - self.left) * min(1.0, max(0.0, share))

    def holds(self, value: float) -> bool:
        """Whether a value is on the axis."""
        slack = 1e-9 * (self.high - self.low)
        return self.low - slack <= value <= self.high + slack

    def ticks(self) -> tuple[float, ...]:
        """Round values, as many as there is room for."""
        room = max(2, int((self.right - self.left) / 0.42))
        if self.log:
            return _thinned([tick for tick in _RATIO_TICKS if self.holds(tick)], room)
        found = MaxNLocator(nbins=min(room, 7), steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
        return tuple(float(tick) for tick in found if self.holds(tick))


def axis_over(values: Iterable[float], left: float, right: float, log: bool = False) -> Axis:
    """An axis that holds all the values with a little room on both sides."""
    kept = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    low, high = (min(kept), max(kept)) if kept else (0.5, 2.0) if log else (-1.0, 1.0)
    if log:
        room = max(0.05 * math.log(high / low), 0.1)
        return Axis(low * math.exp(-room), high * math.exp(room), left, right, True)
    room = 0.04 * (high - low) or 0.5 * max(abs(low), 1.0)
    return Axis(low - room, high + room, left, right)


def tick_texts(ticks: Iterable[float]) -> tuple[str, ...]:
    """Ticks as text, with a true minus and as few decimals as tell them apart."""
    kept = tuple(ticks)
    steps = [abs(later - one) for one, later in pairwise(kept)]
    is_ratio = any(0 < tick < 1 for tick in kept) and any(tick >= 10 for tick in kept)
    if is_ratio or not steps or min(steps) < 1e-6:
        return tuple(f"{tick:.6g}".replace("-", MINUS) for tick in kept)
    enough = 0.01 * min(steps)
    decimals = next((d for d in range(8) if all(abs(round(tick, d) - tick) <= enough for tick in kept)), 8)
    return tuple(f"{round(tick, decimals) + 0.0:.{decimals}f}".replace("-", MINUS) for tick in kept)


def _thinned(inside: list[float], room: int) -> tuple[float, ...]:
    """Every so many, 1 among them if it was."""
    step = max(1, math.ceil(len(inside) / room))
    return tuple(inside[inside.index(1) % step if 1 in inside else 0::step])
