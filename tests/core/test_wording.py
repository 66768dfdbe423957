"""Numbers and sentences as readers see them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels import Labels, duration, in_sentence, labels_for
from core.protocol_files import load_protocol
from core.results import MainEffect
from core.wording import (
    column,
    decimals_of,
    estimate,
    main_effect_sentence,
    number,
    number_needed,
    p_phrase,
    p_value,
    percent,
    span,
)


@pytest.mark.parametrize(("value", "text"), [(0.474, "0.47"), (-0.2, "−0.20"), (-0.001, "0.00"), (None, "–"),
                                             (math.nan, "–"), (math.inf, "–")])
def test_number(value: float | None, text: str) -> None:
    assert number(value) == text


def test_forms_of_the_window() -> None:
    assert estimate(0.47, 0.16, 0.77) == "0.47 (0.16, 0.77)"
    assert estimate(0.47, None, None) == "0.47"
    assert estimate(None, None, None) == "–"
    assert percent(0.456) == "46\N{NARROW NO-BREAK SPACE}%"
    assert [p_value(p) for p in (0.023, 0.0004, 0.9996, None)] == ["0.023", "< 0.001", "> 0.999", "–"]
    assert [p_phrase(p) for p in (0.023, 0.0004, None)] == ["p = 0.023", "p < 0.001", ""]


def test_one_column_has_the_same_decimals() -> None:
    assert column([12.3456, 1.2, None, -0.5]) == ("12.35", "1.20", "–", "−0.50")


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1))
def test_columns_line_up(values: list[float | None]) -> None:
    shown = [text for text in column(values) if text != "–"]
    assert len({len(text.partition(".")[2]) for text in shown}) <= 1
    assert all("-" not in text for text in shown)


@pytest.mark.parametrize(("ard", "low", "high", "text"), [
    (0.25, 0.2, 0.5, "NNTB 4.0 (2.0 to 5.0)"),
    (-0.25, -0.5, -0.2, "NNTH 4.0 (2.0 to 5.0)"),
    (0.1, -0.05, 0.2, "NNTB 10.0 (NNTB 5.0 to infinity to NNTH 20.0)"),
    (-0.1, -0.2, 0.05, "NNTH 10.0 (NNTB 20.0 to infinity to NNTH 5.0)"),
    (0.1, 0.0, 0.2, "NNTB 10.0 (NNTB 5.0 to infinity)"),
    (0.1, None, None, "NNTB 10.0"), (0.0, -0.1, 0.1, "no difference"), (None, None, None, "–")])
def test_number_needed_to_treat(ard: float | None, low: float | None, high: float | None, text: str) -> None:
    assert number_needed(ard, low, high) == text


@pytest.mark.parametrize(("low", "high", "text"), [
    (0.44, 0.72, "0.44 to 0.72 more"), (-0.72, -0.44, "0.44 to 0.72 less"), (-0.05, 0.25, "0.05 less to 0.25 more"),
    (None, None, "")])
def test_span(low: float | None, high: float | None, text: str) -> None:
    assert span(low, high, "more", "less") == text


def effect(**changes: object) -> MainEffect:
    start: dict[str, object] = {
        "outcome": "rapid", "measure": "percent_improvement", "scale": "standardized", "model": "published", "n": 716,
        "k": 17, "n_active": 385, "n_control": 331, "estimate": 0.58, "ci_low": 0.44, "ci_high": 0.72, "p": 0.0001}
    return MainEffect(**(start | changes))  # type: ignore[arg-type]


KETAMINE = labels_for(load_protocol("ketamine"))


def test_a_clinician_reads_the_main_effect() -> None:
    assert main_effect_sentence(effect(), KETAMINE) == (
        "After 24 hours, patients on ketamine had improved 0.58 SD more than patients on placebo, 95\N{NARROW NO-BREAK SPACE}% "
        "interval 0.44 to 0.72 more (p < 0.001, published model, 716 patients in 17 studies).")


def test_a_harmful_and_uncertain_effect_keeps_its_direction() -> None:
    text = main_effect_sentence(effect(estimate=-0.1, ci_low=-0.3, ci_high=0.1, p=0.3), KETAMINE)
    assert "0.10 SD less than" in text and "0.30 less to 0.10 more" in text


def test_ancova_lower_is_said_as_lower() -> None:
    text = main_effect_sentence(effect(measure="ancova", scale="raw", estimate=-6.0, se=0.7, ci_low=-7.3, ci_high=-4.6),
                                KETAMINE)
    assert "MADRS score of patients on ketamine was 6.0 points lower" in text and "4.6 to 7.3 lower" in text


def test_response_is_told_in_risks() -> None:
    text = main_effect_sentence(effect(
        measure="response", scale="odds_ratio", estimate=3.03, ci_low=2.14, ci_high=4.33, risk_active=0.46,
        risk_control=0.24, ard=0.22, ard_low=0.17, ard_high=0.29), KETAMINE)
    assert "46\N{NARROW NO-BREAK SPACE}% of patients on ketamine and 24\N{NARROW NO-BREAK SPACE}% of patients on placebo had responded" in text
    assert "22 (17, 29) percentage points" in text and "NNTB 4.5 (3.4 to 5.9)" in text


def test_no_estimate_gives_its_reason() -> None:
    assert main_effect_sentence(effect(estimate=None, note="No patients."), KETAMINE).endswith("no estimate. No patients.")


def test_without_a_protocol_the_keys_speak() -> None:
    text = main_effect_sentence(effect(outcome="some_score", measure="value", scale="raw", se=0.07), Labels())
    assert text.startswith("Some score: patients in the active arm scored 0.58 higher than patients in the control arm")


def test_decimals_follow_the_standard_errors() -> None:
    assert [decimals_of([effect(scale="raw", se=se)]) for se in (4.7, 0.2, 0.07, 0.007)] == [1, 2, 2, 3]
    assert decimals_of([effect(se=4.7)]) == 2


def test_durations_and_labels() -> None:
    assert [duration(h) for h in (4, 24, 72, 168, 2016, 4383)] == ["4 hours", "24 hours", "3 days", "7 days",
                                                                   "12 weeks", "6 months"]
    assert [in_sentence(word) for word in ("Ketamine", "CBT", "iv drip")] == ["ketamine", "CBT", "iv drip"]
