"""Moderators that cannot be tested, or hardly: a row with a reason, and the rest as if they were not there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis import Pooled, run_estimates
from core.cohort import build_cohort
from core.moderators.battery import moderator_models, with_intervals
from core.moderators.resampled import limits_of
from core.plan import Plan
from core.results import ModeratorEffect

N = 120
STUDY, ARM = np.repeat(np.arange(6), 20), np.tile([0, 1], 60)


def column(name: str) -> np.ndarray:
    draw = np.random.default_rng(3)
    real, coin = draw.normal(size=N), draw.integers(0, 2, N).astype(float)
    columns: dict[str, Any] = {
        "good": real, "missing": np.full(N, np.nan), "constant": np.full(N, 7.0), "all ones": np.ones(N),
        "one study": np.where(STUDY == 2, real, np.nan), "by study": np.array([1.0, 3, 4, 6, 7, 9])[STUDY],
        "yes or no by study": np.array([1.0, 0, 0, 0, 1, 0])[STUDY], "no yes in controls": np.where(ARM == 1, coin, 0.0),
        "the arm": ARM.astype(float), "ten, one arm": np.where(np.arange(N) % 12 == 0, real, np.nan),
        "ten": np.where(np.arange(N) < 10, real, np.nan), "ten of all": np.where(np.arange(N) % 11 == 0, real, np.nan),
        "five": np.where(np.arange(N) < 5, real, np.nan), "some negative": real - 0.5, "all negative": -1 - np.abs(real),
        "level without controls": np.where((ARM == 1) & (coin == 1), "b", "a"), "text": np.full(N, "x"),
        "other codes": coin + 1, "infinite": np.where(np.arange(N) == 3, np.inf, real), "one level": np.full(N, "a"),
        "two levels": np.where(coin == 1, "b", "a"),
    }
    found: np.ndarray = columns[name]
    return found


KINDS = {"all ones": "binary", "yes or no by study": "binary", "no yes in controls": "binary", "the arm": "binary",
         "other codes": "binary", "level without controls": "categorical", "one level": "categorical",
         "two levels": "categorical"}


def moderator(name: str) -> dict[str, Any]:
    return {"name": name, "kind": KINDS.get(name, "continuous"), "tier": 1, "transform": "log" if "negative" in name else "none"}


def table(*names: str) -> pd.DataFrame:
    y = np.random.default_rng(4).integers(0, 30, N) + 3.0 * ARM
    return pd.DataFrame({"study": [f"S{code}" for code in STUDY], "patient": np.arange(N), "arm": ARM, "y": y,
                         **{name: column(name) for name in names}})


def plan(*names: str, unit: str = "patient") -> Plan:
    return Plan.model_validate({"schema": 1, "outcomes": [{"name": "o", "value": "y"}], "moderators": [moderator(n) for n in names],
                                "bootstrap": {"replicates": 20, "unit": unit}})


def rows_of(*names: str, unit: str = "patient") -> dict[tuple[str, str], ModeratorEffect]:
    asked = plan(*names, unit=unit)
    cohort = build_cohort(table(*names), asked)
    rows = with_intervals(moderator_models(cohort, asked), cohort, asked)
    return {(row.moderator, row.model): row for row in rows}


NUMBERS = ("beta", "se", "df", "ci_low", "ci_high", "p", "p_adjusted", "r", "r_low", "r_high", "r_parametric", "r_within", "beta_raw")


REASONS = {
    "missing": "No patient has it.",
    "constant": "It is the same for every patient who has it.",
    "all ones": "all ones is the same for every patient.",
    "no yes in controls": "is determined by the other columns",
    "the arm": "is determined by the other columns",
    "ten, one arm": "No patient in the active arm.",
    "five": "5 patients are too few for a model of 5 parameters.",
    "all negative": "No value is above zero, so there is no logarithm.",
    "level without controls": "Fewer than two levels have 10 patients in each arm. Left out, with fewer than 10 patients in an arm: b.",
    "one level": "Fewer than two levels",
    "text": '"x" in column "text" is not a number.',
    "other codes": "It holds 2, but a binary moderator is 0 or 1.",
    "infinite": "is infinite or too large",
}


@pytest.fixture(scope="module")
def together() -> dict[tuple[str, str], ModeratorEffect]:
    return rows_of("good", *REASONS)


@pytest.mark.parametrize("name", REASONS)
def test_no_estimate_and_a_reason(together: dict[tuple[str, str], ModeratorEffect], name: str) -> None:
    for model in ("published", "recommended"):
        row = together[name, model]
        assert {getattr(row, number) for number in NUMBERS} == {None}
        assert REASONS[name] in row.note


def test_the_rest_runs_as_if_they_were_not_there(together: dict[tuple[str, str], ModeratorEffect]) -> None:
    alone = rows_of("good")
    for model in ("published", "recommended"):
        assert together["good", model] == alone["good", model], "a test that could not be made counts in no family"


def test_the_contrast_of_two_levels_is_a_test_of_its_family() -> None:
    rows = rows_of("good", "two levels")
    contrast, other = rows["two levels:b", "published"], rows["good", "published"]
    assert contrast.p is not None and (contrast.family, other.family) == (2, 2)
    assert contrast.p_adjusted == pytest.approx(min(1.0, 2 * contrast.p))


def test_a_moderator_of_one_study_is_fitted_by_least_squares() -> None:
    row = rows_of("one study")["one study", "published"]
    assert (row.n, row.k) == (20, 1)
    assert row.beta is not None and row.ci_low is not None and row.ci_low < row.beta
    assert "One study: fitted by ordinary least squares" in row.note
    assert row.within_beta is row.across_beta is None


@pytest.mark.parametrize("name", ["one study", "ten"])
def test_drawing_the_one_study_there_is_gives_no_interval(name: str) -> None:
    row = rows_of(name, unit="study")[name, "published"]
    assert row.r is not None
    assert row.r_low is row.r_high is None
    assert "drawing whole studies cannot tell" in row.note
    patients = rows_of(name)[name, "published"]
    assert patients.r_low is not None and patients.r_high is not None and patients.r_low < patients.r_high


@pytest.mark.parametrize(("failed", "said"), [(0, ""), (1, "1 bootstrap replicate has no r."),
                                               (3, "3 bootstrap replicates have no r, too many for an interval.")])
def test_too_many_resamples_without_r_leave_no_interval(failed: int, said: str) -> None:
    limits = limits_of(np.where(np.arange(20) < failed, np.nan, np.arange(20)), 0.95)
    assert (limits.failed, limits.note, limits.low is None) == (failed, said, failed == 3)


@pytest.mark.parametrize("name", ["by study", "yes or no by study"])
def test_what_varies_in_no_study_compares_trials_only(name: str) -> None:
    rows = rows_of(name)
    row = rows[name, "recommended"]
    assert "Between 6 studies only: trials are compared, not patients." in row.note
    assert row.within_beta is row.difference_beta is row.two_stage_beta is None
    assert row.across_beta == row.beta
    assert ("One side rests on 2 studies." in row.note) == ("yes or no" in name)


def test_ten_patients_of_several_studies_are_few_but_enough() -> None:
    row = rows_of("ten of all")["ten of all", "published"]
    assert row.n == 11
    assert row.beta is not None and row.se is not None and np.isfinite([row.beta, row.se, row.p or np.nan]).all()


def test_values_without_logarithm_are_counted_and_raise_an_issue() -> None:
    count = int((column("some negative") <= 0).sum())
    row = rows_of("some negative")["some negative", "published"]
    assert row.n == N - count
    assert f"{count} values of zero or less have no logarithm; those patients are left out." in row.note
    results = run_estimates(Pooled(table("some negative"), "pool"), plan("some negative"))
    (issue,) = [issue for issue in results.issues if issue.code == "no_logarithm"]
    assert issue.where.variable == "some negative"
    assert issue.text.startswith(f'{count} of the values of "some negative"')


def test_every_reason_is_an_issue_and_a_gap() -> None:
    results = run_estimates(Pooled(table("good", "constant"), "pool"), plan("good", "constant"))
    found = [issue for issue in results.issues if issue.code == "not_estimable"]
    assert [issue.where.variable for issue in found] == ["constant"]
    assert results.has_gaps
