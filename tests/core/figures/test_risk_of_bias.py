"""The figure of risk of bias: what is judged is marked, counted and told; nothing is told by color alone."""

from __future__ import annotations

import itertools

import pytest

from core.figures import DARK, LIGHT
from core.figures.risk_of_bias import SIGNS, lay_out, risk_of_bias
from core.labels import Labels
from core.registry import RISK_OF_BIAS, Judgment
from core.wording import CRITERIA
from tests.core.figures.test_every_figure import PRINT, SMALL, assert_readable
from tests.core.invented_results import LONG

KINDS: tuple[Judgment, ...] = ("low", "some", "high", "unclear")


def judgments(k: int, name: str = "study_{}") -> dict[str, dict[str, Judgment]]:
    """Studies in turn; the last criterion of the first study is not judged."""
    found: dict[str, dict[str, Judgment]] = {
        name.format(i): {one: KINDS[(i + j) % 4] for j, one in enumerate(RISK_OF_BIAS)} for i in range(k)}
    del found[name.format(0)]["missing_data"]
    return found


def test_nothing_judged_makes_no_figure() -> None:
    assert risk_of_bias({}, Labels()) == () == risk_of_bias({"a": {}, "b": {}}, Labels())
    assert tuple(CRITERIA) == RISK_OF_BIAS


def test_bars_add_up_to_the_studies() -> None:
    layout = lay_out(judgments(6), Labels(), LIGHT.fitted(7), 7.0)
    for y in {bar.y for bar in layout.bars}:
        row = [bar for bar in layout.bars if bar.y == y]
        assert sum(bar.n for bar in row) == 6
        assert sum(bar.width for bar in row) == pytest.approx(layout.bars[0].width / layout.bars[0].n * 6)
        assert all(a.left + a.width == pytest.approx(b.left) for a, b in itertools.pairwise(row))
    assert layout.rows[0].judged == ("low", "some", "high", "unclear", None)


def test_signs_differ_in_more_than_color() -> None:
    assert len({(sign.shape, sign.sign) for sign in SIGNS.values()}) == len(SIGNS)
    spec = risk_of_bias(judgments(4), Labels(studies={"study_0": "Deakin"}))[0]
    assert spec.data.rows[0] == ("Deakin", "low", "some concerns", "high", "unclear", "not judged")
    assert "4 studies" in spec.alt and "randomization low in 1" in spec.alt


@pytest.mark.parametrize(("k", "name"), [(2, "study_{}"), (17, "study_{}"), (40, LONG)])
@pytest.mark.parametrize("size", [(3.6, 4.0), SMALL, PRINT])
def test_no_text_is_cut_off_or_lies_on_other_text(k: int, name: str, size: tuple[float, float]) -> None:
    assert_readable(risk_of_bias(judgments(k, name), Labels())[0].draw(DARK, size))
