"""The distribution of one variable: bars add up, points are R's, nothing is cut off."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.cohort import build_cohort
from core.distributions import Distribution, distributions
from core.figures import DARK, LIGHT, distribution_figure
from core.figures.distribution_panels import bars_of, lay_out, panel_rows
from core.labels import Labels
from core.plan import Moderator
from tests.core.figures.test_every_figure import PRINT, SMALL, WINDOW, boxes, overlap
from tests.core.invented_results import PLAN, frame

DRAW = np.random.default_rng(4)
VALUES = {"counts": DRAW.poisson(3, 120) + 1.0, "skewed": np.exp(DRAW.normal(0, 1.2, 120)),
          "negative": DRAW.normal(-1e4, 3e3, 120), "constant": np.full(120, 3.0), "tiny": DRAW.normal(1e-4, 1e-6, 120)}
LABELS = Labels(variables={"counts": "A variable with a very long name, counted since the first visit of all"})


def found(name: str) -> Distribution:
    plan = PLAN.model_copy(update={"moderators": (Moderator(name=name),)})
    return distributions(build_cohort(frame().assign(**{name: VALUES[name]}), plan), plan)[0]


@pytest.mark.parametrize("size", [SMALL, PRINT, WINDOW, (3.4, 3.6)], ids=["small", "print", "window", "narrow"])
@pytest.mark.parametrize("name", VALUES)
def test_no_text_is_cut_off_or_lies_on_other_text(name: str, size: tuple[float, float]) -> None:
    figure = distribution_figure(found(name), LABELS).draw(DARK, size)
    width, height = figure.get_size_inches() * figure.dpi
    placed = boxes(figure)
    for text, box in placed:
        assert box[0] >= -1 and box[1] >= -1 and box[2] <= width + 1 and box[3] <= height + 1, f"{text!r} is cut off"
    for (text, box), (other, second) in itertools.combinations(placed, 2):
        assert not overlap(box, second), f"{text!r} lies on {other!r}"


@pytest.mark.parametrize("name", VALUES)
def test_every_value_is_in_a_bar(name: str) -> None:
    bars = bars_of(found(name).values)
    assert bars.counts.sum() == 120 and (np.diff(bars.edges) > 0).all() and len(bars.counts) <= 40


def test_whole_numbers_stand_in_the_middle_of_their_bars() -> None:
    edges = bars_of(found("counts").values).edges
    assert (edges % 1 == 0.5).all()


def test_words_and_numbers_come_with_the_figure() -> None:
    one = found("skewed")
    spec = distribution_figure(one, LABELS)
    assert "120 patients" in spec.alt and "logarithms" in spec.alt and one.reason in spec.alt
    assert spec.data.columns == ("value", "normal_quantile", "logarithm")
    assert [row[0] for row in spec.data.rows] == sorted(one.values.tolist())
    assert spec.data.rows[0][2] == pytest.approx(np.log(one.values[0]))
    assert distribution_figure(found("negative"), LABELS).data.rows[0][2] is None


def test_the_line_goes_through_the_quartiles() -> None:
    (row,) = panel_rows(found("negative"), "Negative")
    intercept, slope = row.line
    low, high = np.quantile(row.values, (0.25, 0.75))
    z = np.quantile(row.expected, (0.25, 0.75))
    assert intercept + slope * z == pytest.approx([low, high])
    layout = lay_out((row,), LIGHT.fitted(7.0), 7.0, 3.0)
    assert layout.rows[0].counts_up.ticks() == tuple(round(tick) for tick in layout.rows[0].counts_up.ticks())
