"""Items to be summed and changes to be put to their baseline: taken only where nothing else can be meant."""

from __future__ import annotations

import pytest

from core.mapping import ScoreSource
from core.sources import Cell
from tests.core.harmonizing import codes, harmonized, mapping, row_of, table
from tests.core.suggest_tables import GIVEN, IDS, N, cycle, numbers, suggest, wide


def items(pattern: str, count: int = 10, most: int = 6) -> dict[str, list[Cell]]:
    return {pattern.format(k): [(i + k) % (most + 1) for i in range(N)] for k in range(1, count + 1)}


@pytest.mark.parametrize(("pattern", "hours"), [("madrs{}_bl", 0), ("MADRS_24h_{}", 24), ("madrs{}d7", 168),
                                                ("MADRS item {} Day 7", 168), ("MADRS day 7 Q{}", 168)])
def test_ten_items_without_a_total_are_a_source(pattern: str, hours: float) -> None:
    found = wide(items(pattern)).mapping.scores
    assert [(one.scale, one.hours, len(one.items)) for one in found] == [("madrs", hours, 10)]
    assert found[0].items == tuple(pattern.format(k) for k in range(1, 11))


def test_summing_is_told() -> None:
    assert "score_from_parts" in {issue.code for issue in wide(items("madrs{}_bl")).issues}


def test_items_named_by_what_they_ask_in_a_long_file() -> None:
    found = suggest({"Subject": [f"A{i // 3}" for i in range(N)], "Drug": [GIVEN[i // 3] for i in range(N)],
                     "Visit": cycle("Baseline", "24 h", "Day 7"), **items("MADRS {} sadness")})
    assert [(one.hours, len(one.items)) for one in found.mapping.scores] == [(None, 10)]


@pytest.mark.parametrize("columns", [
    items("madrs{}_bl", count=9),  # one is missing
    items("madrs{}_bl", count=11),  # another version
    items("madrs{}_bl", most=9),  # no ratings of items
    items("MADRS visit 3 item {}"),  # when was visit 3?
    {**items("madrs{}_bl"), "madrs 4 bl": cycle(1, 2)},  # item 4 twice
])
def test_what_may_be_something_else_is_not_summed(columns: dict[str, list[Cell]]) -> None:
    assert not any(one.items for one in wide(columns).mapping.scores)


def test_a_total_goes_before_its_items() -> None:
    found = wide(items("madrs{}_bl") | {"madrs_total_bl": numbers(20, 40)})
    assert [(one.column, one.items) for one in found.mapping.scores] == [("madrs_total_bl", ())]


def change(name: str, *values: Cell) -> dict[str, list[Cell]]:
    return {"MADRS baseline": numbers(25, 40), name: cycle(*values)}


@pytest.mark.parametrize(("name", "values", "sign"), [
    ("MADRS change from baseline 24 h", (-12, -4, 2), 1), ("madrs_chg_24h", (-12, -4, 2), 1),
    ("MADRS improvement 24 h", (12, 4, -2), -1), ("MADRS reduction at 24 h", (12, 4, -2), -1)])
def test_a_change_whose_name_and_values_agree(name: str, values: tuple[Cell, ...], sign: int) -> None:
    found = wide(change(name, *values))
    source = next(one for one in found.mapping.scores if one.column == name)
    assert (source.hours, source.change_from, source.change_sign) == (24, "MADRS baseline", sign)
    assert "score_from_parts" in {issue.code for issue in found.issues}


@pytest.mark.parametrize(("name", "values"), [
    ("MADRS change from baseline 24 h", (12, 4, 8)),  # better or worse?
    ("MADRS improvement 24 h", (-12, -4, -2)), ("MADRS change 24 h", (-45, -60, -50))])
def test_a_change_of_unclear_sign_is_asked(name: str, values: tuple[Cell, ...]) -> None:
    found = wide(change(name, *values))
    assert name not in found.scores and found.questions_about(name) == ["structure_unsure"]


@pytest.mark.parametrize("name", ["MADRS percent change 24 h", "MADRS change", "MADRS change 24 h to day 7"])
def test_other_changes_are_left(name: str) -> None:
    assert name not in wide(change(name, -12, -4, 2)).scores


def test_a_change_without_a_baseline_is_left() -> None:
    assert wide({"MADRS change 24 h": cycle(-12, -4, 2)}).mapping.scores == ()


def test_a_change_beside_its_score_is_not_needed() -> None:
    found = wide(change("MADRS change 24 h", -12, -4, 2) | {"MADRS 24 h": numbers(10, 30)})
    assert set(found.scores) == {"MADRS baseline", "MADRS 24 h"}


ITEM_SCORES = (ScoreSource(column="b", scale="madrs", hours=0),
               ScoreSource(column="i1", scale="madrs", hours=24, items=("i1", "i2")))


def test_items_are_summed_where_all_are_there() -> None:
    raw = table("id drug b i1 i2", ("1", "K", 30, 5, 6), ("2", "S", 30, 5, None), ("3", "S", 30, None, None),
                ("4", "S", 30, 5, 9))
    data = harmonized(raw, mapping(scores=ITEM_SCORES))
    assert row_of(data, "1")["madrs_rapid"] == 11
    assert all(row_of(data, name)["madrs_rapid"] != row_of(data, name)["madrs_rapid"] for name in "234")
    assert [data.issues[i].where.row for i, code in enumerate(codes(data)) if code == "score_off_scale"] == [7]
    assert "items_missing" in codes(data)


@pytest.mark.parametrize(("sign", "later"), [(1, 18), (-1, 42)])
def test_a_change_is_added_to_the_baseline_by_its_sign(sign: int, later: float) -> None:
    change_source = ScoreSource(column="c", scale="madrs", hours=24, change_from="b", change_sign=sign)
    raw = table("id drug b c", ("1", "K", 30, -12), ("2", "S", None, -12))
    data = harmonized(raw, mapping(scores=(ITEM_SCORES[0], change_source)))
    assert row_of(data, "1")["madrs_rapid"] == later
    assert row_of(data, "2")["excluded"] == "no_baseline"


def test_ids_stay_ids() -> None:
    assert wide(items("madrs{}_bl")).mapping.shape.patient == "Patient ID" and len(IDS) == N


def test_the_item_named_as_the_whole_scale_is_its_last() -> None:
    found = wide(items("hamd{:02d}_bl", count=17, most=2)).mapping.scores
    assert [(one.scale, one.hours, len(one.items)) for one in found] == [("hrsd17", 0, 17)]


def test_a_baseline_of_small_numbers_alone_is_asked() -> None:
    found = wide({"HAMD17 bl": numbers(0, 2), "HAMD17 24h": numbers(8, 20)})
    assert "HAMD17 bl" not in found.scores and "too low" in found.mapping.structure_reason
