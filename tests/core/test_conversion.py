"""Conversion tables, and one origin for all of a patient's scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversion import (
    StoredTable,
    choose_origin,
    conversion_csv,
    convert,
    read_conversion_table,
)
from core.errors import UserError
from tests.core.harmonizing import CONVERSION_CSV, PROTOCOL, TABLES

ROUTE, TABLE = PROTOCOL.conversions[0], TABLES["leucht.csv"]


def test_low_high_midpoint_and_none() -> None:
    scores = np.array([[3.0, 40.0], [0.0, np.nan]])
    np.testing.assert_array_equal(convert(scores, TABLE, "low"), [[7, 44], [0, np.nan]])
    np.testing.assert_array_equal(convert(scores, TABLE, "high"), [[9, 46], [0, np.nan]])
    np.testing.assert_array_equal(convert(scores, TABLE, "midpoint"), [[8, 45], [0, np.nan]])
    assert np.isnan(convert(scores, TABLE, "none")).all()


@pytest.mark.parametrize("score", [41.0, 52.0, -1.0, 14.5, 1e9, -np.inf, np.inf])
def test_what_the_table_does_not_have_is_not_converted(score: float) -> None:
    assert np.isnan(convert(np.array([score]), TABLE, "midpoint")).all()


def test_fill_ins_are_known() -> None:
    assert TABLE.fills_in(np.array([0.0, 2.0, 3.0, np.nan, 60.0])).tolist() == [True, True, False, False, False]


def test_rows_in_any_order_and_a_byte_order_mark() -> None:
    lines = CONVERSION_CSV.strip().split("\n")
    shuffled = read_conversion_table("\ufeff" + "\r\n".join([lines[0], *reversed(lines[1:])]) + "\r\n\r\n", ROUTE)
    assert shuffled.fingerprint == TABLE.fingerprint


def test_stored_forms_come_back_equal() -> None:
    assert StoredTable.of(TABLE).table("x").fingerprint == TABLE.fingerprint
    assert read_conversion_table(conversion_csv(TABLE, ROUTE), ROUTE).fingerprint == TABLE.fingerprint


@pytest.mark.parametrize(("text", "said"), [
    ("hamd,low,high,note\n1,1,1,\n", 'no column "mid"'),
    ("hamd,low,high,mid\n", "no rows"),
    ("hamd,low,high,mid\n1,1,x,1\n", 'leucht.csv, row 2, column high: The conversion table has "x"'),
    ("hamd,low,high,mid\n1,1,1,1\n1,2,2,2\n", "the score 1 twice"),
    ("hamd,low,high,mid\n1,1\n", "where a number belongs"),
    ("hamd,low,high,mid\n1,1,inf,1\n", 'has "inf"'),
])
def test_a_wrong_table_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        read_conversion_table(text, ROUTE)
    assert said in str(caught.value)


def one_origin(native: list[float | None], converted: list[float | None]) -> tuple[list[float], int, int]:
    chosen = choose_origin(np.array([native], dtype=float).T, (np.array([converted], dtype=float).T,))
    return chosen.values[:, 0].tolist(), int(chosen.origin[0]), int(chosen.lost[0])


def test_native_unless_converting_gives_more_pairs() -> None:
    assert one_origin([30, 20, None], [31, 21, None]) == ([30, 20, pytest.approx(np.nan, nan_ok=True)], 0, 0)
    assert one_origin([30, 20, None], [31, 21, 11]) == ([31, 21, 11], 1, 0)
    assert one_origin([30, 20, 10], [31, 21, 11])[1:] == (0, 0)


def test_a_mixed_pair_is_never_formed_and_counts_as_lost() -> None:
    values, origin, lost = one_origin([30, None, None], [None, 21, 11])
    assert (values[0], origin, lost) == (30, 0, 2)
    values, origin, lost = one_origin([30, 20, None], [31, None, 11])
    assert (values[:2], origin, lost) == ([30, 20], 0, 1)


def test_without_native_scores_the_converted_ones_stand_also_unpaired() -> None:
    assert one_origin([None, None, None], [31, None, None])[1] == 1
    assert one_origin([None, None, None], [None, None, None])[1] == -1


SCORE = st.one_of(st.none(), st.integers(0, 60))


@given(st.lists(st.tuples(SCORE, SCORE, SCORE, SCORE, SCORE, SCORE), min_size=1, max_size=8))
def test_one_origin_against_a_plain_reading(patients: list[tuple[float | None, ...]]) -> None:
    scores = np.array(patients, dtype=float).T
    chosen = choose_origin(scores[:3], (scores[3:],))
    for i in range(len(patients)):
        native, converted = scores[:3, i], scores[3:, i]
        pairs = [sum(not np.isnan(column[0] + column[t]) for t in (1, 2)) for column in (native, converted)]
        takes_converted = pairs[1] > pairs[0] or (np.isnan(native).all() and not np.isnan(converted).all())
        np.testing.assert_array_equal(chosen.values[:, i], converted if takes_converted else native)
        possible = sum(not (np.isnan(native[0]) and np.isnan(converted[0]))
                       and not (np.isnan(native[t]) and np.isnan(converted[t])) for t in (1, 2))
        assert chosen.lost[i] == possible - pairs[int(takes_converted)]
