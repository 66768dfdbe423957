"""The whole battery against lme4, lmerTest, metafor, `outer` and `cor`, on two invented pools that share nothing with the demo.

moderators_tied: six studies, scores of whole numbers, a logarithm, a level too rare. moderators_sparse: twenty-five studies, some
of a few patients, moderators that whole studies lack, no variance between studies at one time.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from core.cohort import build_cohort
from core.moderators.battery import moderator_models, with_intervals
from core.moderators.values import moderator_values
from core.plan import Plan
from core.results import ModeratorEffect
from tests.reference_data import REFERENCE, output


def of(name: str, kind: str = "continuous", level: str = "patient", transform: str = "none") -> dict[str, str]:
    return {"name": name, "kind": kind, "level": level, "transform": transform}


PLANS: dict[str, dict[str, Any]] = {
    "moderators_tied": {
        "outcomes": [{"name": "score", "value": "score"}, {"name": "late", "value": "late_score"}],
        "moderators": [of("visits"), of("crp", transform="log"), of("diagnosis", "categorical"), of("female", "binary"),
                       of("rare", "binary"), of("private", "binary", "study"), of("year", level="study")]},
    "moderators_sparse": {
        "outcomes": [{"name": time, "baseline": "base", "followup": time} for time in ("early", "late")],
        "moderators": [of("age"), of("weight"), of("employed", "binary"), of("setting", "categorical"), of("sleep"),
                       of("married", "binary"), of("washout", "binary", "study"), of("sessions", level="study")]},
}
R = {name: output(name) for name in PLANS}
CASES = [(name, outcome, moderator) for name, found in R.items() for outcome, own in found["outcomes"].items()
         for moderator in own["moderators"]]
MODELS = ("published", "recommended")


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str, str, str], ModeratorEffect]:
    found = {}
    for name, content in PLANS.items():
        plan = Plan.model_validate({"schema": 1, "bootstrap": {"replicates": 20}, **content})
        cohort = build_cohort(pd.read_csv(REFERENCE / name / "data.csv", dtype={"patient": str}), plan)
        for row in with_intervals(moderator_models(cohort, plan), cohort, plan):
            found[name, row.outcome, row.moderator, row.model] = row
    return found


def compare(row: ModeratorEffect, prefix: str, theirs: dict[str, Any]) -> None:
    """A slope with its error and p."""
    assert getattr(row, f"{prefix}beta") == pytest.approx(theirs["estimate"], abs=1e-5 * theirs["se"])
    assert getattr(row, f"{prefix}se") == pytest.approx(theirs["se"], rel=1e-5)
    assert getattr(row, f"{prefix}p") == pytest.approx(theirs["p"], rel=1e-3)


@pytest.mark.parametrize(("name", "outcome", "moderator"), CASES)
def test_all_that_r_can_tell(rows: dict[tuple[str, str, str, str], ModeratorEffect], name: str, outcome: str, moderator: str) -> None:
    theirs = R[name]["outcomes"][outcome]["moderators"][moderator]
    for term in theirs["terms"]:
        for model in MODELS:
            row = rows[name, outcome, f"{moderator}:{term['name']}" if term["name"] else moderator, model]
            assert (row.n, row.k, row.tier) == (theirs["n"], theirs["k"], R[name]["tier"][moderator])
            own = term[model]
            compare(row, "", own)
            assert row.df == pytest.approx(own["df"], rel=1e-3)
            for limit in ("ci_low", "ci_high"):
                assert getattr(row, limit) == pytest.approx(own[limit], abs=1e-5 * own["se"]), limit
            assert row.beta_raw == pytest.approx(own["beta_raw"], abs=1e-5 * own["se_raw"])
            assert row.se_raw == pytest.approx(own["se_raw"], rel=1e-5)
            assert row.r_parametric == pytest.approx(own["r_parametric"], abs=1e-6)
            assert row.boundary == " ".join(own["boundary"])
            for part in ("predictor", "active", "control"):
                compare(row, f"{part}_", term[part])
            assert row.r == pytest.approx(term["r"], abs=1e-12)
            assert row.r_within == pytest.approx(term["r_within"], abs=1e-12)
            compare_between(row, theirs, model)


def compare_between(row: ModeratorEffect, theirs: dict[str, Any], model: str) -> None:
    """Within and across studies, and the two stages; a moderator of the study has its model's slope across them."""
    for part in ("within", "across", "difference"):
        if part in theirs:
            compare(row, f"{part}_", theirs[part])
        elif part != "across":
            assert getattr(row, f"{part}_beta") is None
    if row.level == "study" and model == "recommended":
        assert row.across_beta == row.beta
    for column, value in theirs.get("two_stage", {}).items():
        assert getattr(row, f"two_stage_{column}") == pytest.approx(value, rel=2e-5, abs=1e-6), column


@pytest.mark.parametrize(("name", "moderator"), [("moderators_tied", "diagnosis"), ("moderators_sparse", "setting")])
def test_levels_are_tested_together(rows: dict[tuple[str, str, str, str], ModeratorEffect], name: str, moderator: str) -> None:
    for outcome, own in R[name]["outcomes"].items():
        for model in MODELS:
            row, joint = rows[name, outcome, moderator, model], own["moderators"][moderator]["joint"][model]
            assert row.p == pytest.approx(joint["p"], rel=1e-3)
            assert row.df == pytest.approx(joint["df2"], rel=1e-3)
            assert row.statistic == f"F({joint['df1']}, {joint['df2']:.1f}) = {joint['f']:.2f}"
            assert row.beta is row.r is None


def test_the_reference_is_the_most_frequent_level_and_a_rare_one_is_left_out() -> None:
    plan = Plan.model_validate({"schema": 1, **PLANS["moderators_tied"]})
    cohort = build_cohort(pd.read_csv(REFERENCE / "moderators_tied" / "data.csv"), plan)
    values = moderator_values(cohort, plan.moderators[2])
    theirs = R["moderators_tied"]["outcomes"]["score"]["moderators"]["diagnosis"]
    assert values.reference == theirs["reference"]
    assert values.note == "Left out, with fewer than 10 patients in an arm: other."


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("name", "outcome"), sorted({case[:2] for case in CASES}))
def test_adjustment_is_p_adjust_of_each_tier(rows: dict[tuple[str, str, str, str], ModeratorEffect], name: str, outcome: str,
                                             model: str) -> None:
    theirs, tiers = R[name]["outcomes"][outcome]["adjusted"][model], R[name]["tier"]
    for moderator, value in theirs.items():
        row = rows[name, outcome, moderator, model]
        ours, other = (row.p_adjusted, row.q) if row.tier == "1" else (row.q, row.p_adjusted)
        assert ours == pytest.approx(value, rel=1e-3)
        assert other is None
        assert row.family == sum(tier == row.tier for tier in tiers.values())


def test_every_moderator_of_the_table_is_compared(rows: dict[tuple[str, str, str, str], ModeratorEffect]) -> None:
    tested = {(name, outcome, moderator.split(":")[0]) for (name, outcome, moderator, _), row in rows.items() if row.p is not None}
    assert tested == set(CASES)
    below = {moderator for (_, _, moderator, _), row in rows.items() if row.tier == "none"}
    assert below == {"married"}, "one is below the second tier"
