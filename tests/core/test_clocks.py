"""Hours counted from days and times: only where the columns, the order of day and month and the day itself are plain."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from core.mapping import ClockSource, ScoreSource, Shape, VisitSource
from core.sources import Cell
from tests.core.harmonizing import codes, harmonized, mapping, row_of, table
from tests.core.suggest_tables import Suggested, suggest

START = dt.datetime(2018, 3, 12, 10, 0)


def dated(*days: float, given: str = "Infusion date", seen: str = "Rating date", as_text: str = "", timed: bool = False,
          patients: int = 6, **more: list[Cell]) -> dict[str, list[Cell]]:
    """A row a patient and day, counted from the treatment."""
    rows = [(i, START + dt.timedelta(days=i), day) for i in range(patients) for day in days]

    def cell(at: dt.datetime) -> Cell:
        return f"{at:{as_text}}" if as_text else at if timed else at.date()

    columns: dict[str, list[Cell]] = {
        "Subject": [f"A{i}" for i, _, _ in rows], "Drug": [("Ketamine 0.5 mg/kg", "Saline")[i % 2] for i, _, _ in rows],
        given: [cell(at) for _, at, _ in rows], seen: [cell(at + dt.timedelta(days=day)) for _, at, day in rows],
        "MADRS": [15 + (7 * k) % 26 for k in range(len(rows))]}
    return columns | more


def clock_of(columns: dict[str, list[Cell]]) -> ClockSource | None:
    return suggest(columns).mapping.shape.clock


def test_days_of_infusion_and_rating() -> None:
    found = suggest(dated(-1, 1, 7))
    assert found.mapping.is_structure_sure and found.mapping.scores[0].column == "MADRS"
    clock = found.mapping.shape.clock
    assert clock is not None and (clock.since, clock.column) == ("Infusion date", "Rating date")
    assert "hours_counted" in {issue.code for issue in found.issues}


@pytest.mark.parametrize("given", ["Date of infusion", "infusion_start", "Treatment date", "dose_date", "Date of first dose"])
def test_names_of_the_day_of_treatment(given: str) -> None:
    assert clock_of(dated(-1, 1, 7, given=given)) is not None


@pytest.mark.parametrize("given", ["Consent date", "Date of birth", "Randomization date", "Infusion 2 date", "End of infusion"])
def test_other_days_are_no_day_of_treatment(given: str) -> None:
    found = suggest(dated(-1, 1, 7, given=given))
    assert found.mapping.shape.clock is None and "structure_unsure" in found.questions


@pytest.mark.parametrize(("days", "same_day"), [((0, 1, 7), "before"), ((-7, 0, 1, 7), "ask"), ((-7, -1, 1, 7), "before")])
def test_the_day_itself_is_the_baseline_only_where_nothing_else_is(days: tuple[float, ...], same_day: str) -> None:
    clock = clock_of(dated(*days))
    assert clock is not None and clock.same_day == same_day


def test_times_of_day_settle_the_day_itself() -> None:
    clock = clock_of(dated(-7, -0.05, 0.2, 1, timed=True))
    assert clock is not None and clock.same_day == "by_time"


def test_the_order_of_day_and_month_may_be_open() -> None:
    assert clock_of(dated(-1, 1, 7, as_text="%d/%m/%Y")) is not None
    early = dated(-1, 1, 7, patients=2)
    early["Infusion date"] = ["02/03/2018"] * 6
    early["Rating date"] = ["01/03/2018", "03/03/2018", "09/03/2018"] * 2
    found = suggest(early)
    assert found.mapping.shape.clock is None and "day and the month" in found.mapping.structure_reason


@pytest.mark.parametrize("days", [(1, 7, 8), (-3, -2, -1), (-1, 1, 5000)])
def test_days_that_make_no_sense_are_asked(days: tuple[float, ...]) -> None:
    assert clock_of(dated(*days)) is None


def test_two_columns_that_may_be_the_day_are_asked() -> None:
    columns = dated(-1, 1, 7)
    columns["Visit date"] = [cell + dt.timedelta(days=1) for cell in columns["Rating date"]]  # type: ignore[operator]
    assert clock_of(columns) is None


def test_a_later_treatment_is_asked() -> None:
    columns = dated(-1, 1, 7)
    columns["Infusion 2 date"] = [cell + dt.timedelta(days=3) for cell in columns["Infusion date"]]  # type: ignore[operator]
    assert clock_of(columns) is None


def test_names_of_visits_go_before_the_clock() -> None:
    columns = dated(-1, 1, 7, Visit=["Baseline", "24 h", "Day 7"] * 6)
    assert clock_of(columns) is None
    numbered: Suggested = suggest(dated(-1, 1, 7, Visit=["Baseline", "V2", "V3"] * 6))
    assert numbered.mapping.shape.clock is not None and numbered.mapping.shape.visit is not None
    assert numbered.mapping.shape.visit.values == {"Baseline": 0.0}


def test_a_day_beside_its_time_of_day_and_a_scales_name() -> None:
    """Two ratings of one day are told apart by their times; "MADRS date" is a day and no score."""
    columns = dated(-0.05, 0.2, 1, seen="MADRS date", timed=True)
    for name in ("Infusion date", "MADRS date"):
        columns[name.replace("date", "time")] = [f"{cell:%H:%M}" for cell in columns[name]]  # type: ignore[str-format]
        columns[name] = [f"{cell:%d.%m.%Y}" for cell in columns[name]]  # type: ignore[str-format]
    clock = clock_of(columns)
    assert clock is not None and (clock.time_column, clock.since_time) == ("MADRS time", "Infusion time")
    assert clock.same_day == "by_time"


CLOCK = ClockSource(column="at", since="inf", same_day="ask")
ROWS = [("1", "K", dt.date(2018, 3, 5), dt.date(2018, 3, 4), 30), ("1", "K", None, dt.date(2018, 3, 5), 25),
        ("1", "K", None, dt.date(2018, 3, 6), 20), ("2", "S", dt.date(2018, 3, 5), dt.date(2018, 3, 5), 31),
        ("2", "S", dt.date(2018, 3, 5), dt.date(2018, 3, 12), 28), ("3", "S", None, dt.date(2018, 3, 6), 20)]


def counted(clock: ClockSource, *rows: tuple[Cell, ...], visit: VisitSource | None = None) -> Any:
    shape = Shape(kind="long", patient="id", clock=clock, visit=visit)
    return harmonized(table("id drug inf at madrs visit", *((*row, None)[:6] for row in rows)),
                      mapping(shape=shape, scores=(ScoreSource(column="madrs", scale="madrs"),)))


def test_whole_days_of_24_hours() -> None:
    data = counted(CLOCK.model_copy(update={"same_day": "before"}), *ROWS)
    one, two = row_of(data, "1"), row_of(data, "2")
    assert (one["madrs_baseline"], one["madrs_rapid"], one["rapid_hours"]) == (25, 20, 24)
    assert (two["madrs_baseline"], two["madrs_post_rapid"], two["post_rapid_days"]) == (31, 28, 7)
    assert "treatment_undated" in codes(data) and row_of(data, "3")["excluded"] == "no_baseline"


def test_the_day_itself_is_asked_and_holds_back_the_day_before() -> None:
    data = counted(CLOCK, *ROWS)
    assert np.isnan(row_of(data, "1")["madrs_baseline"]) and row_of(data, "1")["madrs_rapid"] == 20
    assert {"same_day_unclear", "held_back"} <= set(codes(data))


def test_hours_by_the_clock() -> None:
    at = dt.datetime(2018, 3, 5, 10)
    rows = [("1", "K", at, at + dt.timedelta(hours=h), 30 - h / 10) for h in (-1.5, 4.5, 23, 150)]
    row = row_of(counted(CLOCK, *rows), "1")
    assert (row["madrs_baseline"], row["rapid_hours"], row["post_rapid_days"]) == (30.15, 23, 6.25)


def test_contradicting_days_of_treatment_are_not_used() -> None:
    data = counted(CLOCK, ("1", "K", dt.date(2018, 3, 5), dt.date(2018, 3, 4), 30),
                   ("1", "K", dt.date(2018, 3, 6), dt.date(2018, 3, 7), 20))
    assert "treatment_undated" in codes(data) and np.isnan(row_of(data, "1")["madrs_baseline"])


def test_a_visits_name_goes_before_its_day() -> None:
    visit = VisitSource(column="visit", values={"pre": 0.0, "phone": None})
    data = counted(CLOCK, ("1", "K", dt.date(2018, 3, 5), dt.date(2018, 3, 5), 30, "pre"),
                   ("1", "K", None, dt.date(2018, 3, 6), 20, "V2"), ("1", "K", None, dt.date(2018, 3, 12), 5, "phone"),
                   visit=visit)
    row = row_of(data, "1")
    assert (row["madrs_baseline"], row["madrs_rapid"]) == (30, 20) and np.isnan(row["madrs_post_rapid"])


def test_a_text_that_is_no_day_is_told() -> None:
    data = counted(CLOCK, ("1", "K", "5 Mar 2018", "4 Mar 2018", 30), ("1", "K", "", "tomorrow", 20))
    assert [(i.code, i.where.row) for i in data.issues if i.code == "unreadable"] == [("unreadable", 5)]
