"""Periods that stand in the names of visits."""

from __future__ import annotations

import pytest

from core.mapping import PeriodSource, VisitSource
from core.sources import Cell
from tests.core.suggest_tables import Suggested, suggest


def crossed(*visits: str, name: str = "Visit") -> Suggested:
    rows = [(i, visit) for i in range(6) for visit in visits]
    columns: dict[str, list[Cell]] = {
        "Subject": [f"A{i}" for i, _ in rows], "Drug": [("Ketamine 0.5 mg/kg", "Saline")[i % 2] for i, _ in rows],
        name: [visit for _, visit in rows], "MADRS": [15 + (7 * k) % 26 for k in range(len(rows))]}
    return suggest(columns)


def read(found: Suggested) -> tuple[dict[str, int], dict[str, float | None]] | None:
    shape = found.mapping.shape
    if not isinstance(shape.period, PeriodSource) or not isinstance(shape.visit, VisitSource):
        return None
    assert shape.period.column == shape.visit.column
    return shape.period.values, shape.visit.values


@pytest.mark.parametrize("pattern", ["Infusion {} - {}", "Period {}: {}", "P{} {}", "{1} (infusion {0})"])
def test_periods_and_times_in_one_name(pattern: str) -> None:
    visits = {pattern.format(period, time): (period, hours) for period in (1, 2)
              for time, hours in (("baseline", 0), ("24h", 24), ("7d", 168))}
    assert read(crossed(*visits)) == ({text: period for text, (period, _) in visits.items()},
                                      {text: hours for text, (_, hours) in visits.items()})


def test_redcap_events() -> None:
    found = read(crossed("infusion_1_baseline_arm_1", "infusion_1_24h_arm_1", "infusion_2_baseline_arm_1",
                         "infusion_2_24h_arm_1", name="redcap_event_name"))
    assert found is not None and found[0]["infusion_2_24h_arm_1"] == 2 and found[1]["infusion_1_24h_arm_1"] == 24


def test_a_baseline_without_a_period_comes_before_the_first() -> None:
    found = read(crossed("Baseline", "Infusion 1 4h", "Infusion 1 24h", "Infusion 2 4h", "Infusion 2 24h"))
    assert found is not None and found[0]["Baseline"] == 1 and found[1]["Baseline"] == 0


def test_a_later_visit_without_a_period_is_asked() -> None:
    found = crossed("Infusion 1 baseline", "Infusion 1 24h", "Infusion 2 baseline", "Infusion 2 24h", "Day 7")
    assert "unknown_visit" in found.questions or "unknown_period" in found.questions
    values = read(found)
    assert values is not None and "Day 7" not in values[0] and "Day 7" not in values[1]


@pytest.mark.parametrize("visits", [
    ("Visit 1 baseline", "Visit 2 24h", "Visit 3 day 7"), ("Session 1 baseline", "Session 2 24h", "Session 3 day 7"),
    ("Infusion 1 baseline", "Infusion 1 24h", "Infusion 1 day 7"), ("Baseline", "24h", "Day 7"),
    ("Pre dose 1", "24 h after dose 1", "Pre dose 2")])
def test_numbers_that_are_no_two_periods(visits: tuple[str, ...]) -> None:
    assert read(crossed(*visits)) is None
