"""Days and times of day: read in one order, or not at all."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from core.dates import are_dates, are_moments, date_order, read_moments
from core.sources import Cell


@pytest.mark.parametrize("cell", [
    dt.date(2018, 3, 5), dt.datetime(2018, 3, 5), "2018-03-05", "2018/3/5", "05.03.2018", "5/3/2018", "05-Mar-2018",
    "5 March 2018", "5. März 2018", "Mar 5, 2018", "March 5th, 2018", "05MAR2018"])
def test_one_day_in_many_spellings(cell: Cell) -> None:
    found = read_moments([cell], "dmy")
    assert found.at[0] == np.datetime64("2018-03-05") and not found.has_time[0] and are_dates([cell])


@pytest.mark.parametrize("cell", [dt.datetime(2018, 3, 5, 14, 30), "2018-03-05 14:30", "2018-03-05T14:30:00Z",
                                  "05/03/2018 2:30 PM", "05.03.2018 14:30 h", "05MAR2018:14:30:00"])
def test_one_moment_in_many_spellings(cell: Cell) -> None:
    found = read_moments([cell], "dmy")
    assert found.at[0] == np.datetime64("2018-03-05T14:30") and found.has_time[0]


@pytest.mark.parametrize(("cells", "expected"), [
    (["9:30", None, "14:05"], True), ([dt.time(9, 30)], True), (["2018-03-05", "9:30"], True), (["12.50", "23.33"], False),
    ([12.5], False), ([None, ""], False), (["9:30", "24"], False)])
def test_columns_of_moments(cells: list[Cell], expected: bool) -> None:
    assert are_moments(cells) is expected


@pytest.mark.parametrize("clock", [dt.time(14, 30), "14:30", "2:30 pm", dt.timedelta(hours=14.5), 14.5 / 24])
def test_times_of_day_in_a_column_of_their_own(clock: Cell) -> None:
    assert read_moments(["2018-03-05"], "dmy", [clock]).at[0] == np.datetime64("2018-03-05T14:30")


@pytest.mark.parametrize(("texts", "order"), [
    (["05/03/2018", "25/03/2018"], "dmy"), (["05/03/2018", "03/25/2018"], "mdy"), (["05.03.2018"], "dmy"),
    (["05/03/2018", "06/04/2018"], None), (["25/03/2018", "03/25/2018"], None), (["2018-03-05"], "dmy")])
def test_the_order_of_day_and_month_is_known_or_asked(texts: list[str], order: str | None) -> None:
    assert date_order(texts) == order


@pytest.mark.parametrize("cell", ["05/03/18", "2018", "31/02/2018", "5 foo 2018", "12:30", 43164, "V3", ""])
def test_what_is_no_day(cell: Cell) -> None:
    assert np.isnat(read_moments([cell], "dmy").at[0]) and not are_dates([cell])
