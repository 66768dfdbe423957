"""The sensitivity board of chosen moderators: its first rows are the table's, and each variant is what its name says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core.analysis import Pooled, run_analysis
from core.cohort import Cohort, build_cohort
from core.errors import UserError
from core.main_effects import LinearQuestion, fit_linear
from core.moderators.multiplicity import bonferroni
from core.plan import Board, Plan, protocol_plan, read_plan
from core.protocol import TierCuts
from core.protocol_files import load_protocol
from core.results import Results, Sensitivity
from core.sensitivity import WITHIN, BoardCost, board_costs
from tests.core.test_pooled import patients

N = 120


def table() -> pd.DataFrame:
    draw = np.random.default_rng(8)
    frame = patients(N).assign(age=draw.normal(50, 10, N).round(), female=draw.integers(0, 2, N),
                               setting=draw.choice(["in", "out", "day"], N), crossover=lambda t: (t.study == "S1").astype(int))
    frame["bmi"] = np.where(np.arange(N) < 6, np.nan, draw.normal(25, 4, N))  # 95 % have it
    return frame


PLAN = Plan.model_validate({
    "schema": 1, "outcomes": [{"name": "o", "baseline": "b", "followup": "f", "response": None}], "bootstrap": {"replicates": 0},
    "moderators": [{"name": "age"}, {"name": "female", "kind": "binary"}, {"name": "bmi"}, {"name": "setting", "kind": "categorical"}],
    "sensitivity": {"moderators": ["age", "setting"]}})


@pytest.fixture(scope="module")
def results() -> Results:
    return run_analysis(Pooled(table(), "pool"), PLAN)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return build_cohort(table(), PLAN)


def row(results: Results, target: str, variant: str) -> Sensitivity:
    (found,) = [one for one in results.sensitivity if (one.target, one.variant) == (target, variant)]
    return found


def test_the_board_asks_the_same_of_every_target(results: Results) -> None:
    targets = list(dict.fromkeys(one.target for one in results.sensitivity))
    levels = [one.moderator for one in results.moderators if one.moderator.startswith("setting:") and one.model == "published"]
    assert targets == ["main", "age", *levels]
    of_main = [one.variant for one in results.sensitivity if one.target == "main"]
    assert of_main == ["as analyzed", "random slope", "ANCOVA", "crossover trials excluded", "without S0", "without S1", "without S2",
                       WITHIN]
    cuts = ["Tier 1 from 100 % availability", "Tier 1 from 95 % availability", "Tier 1 from 90 % availability"]
    for target in targets[1:]:
        assert [one.variant for one in results.sensitivity if one.target == target] == [*of_main, *cuts]


def test_the_first_rows_are_those_of_the_table(results: Results) -> None:
    for own in results.moderators:
        if own.beta is not None and own.moderator.startswith(("age", "setting")):
            found = row(results, own.moderator, "as analyzed" if own.model == "published" else "random slope")
            assert (found.estimate, found.se, found.ci_low, found.p) == pytest.approx((own.beta, own.se, own.ci_low, own.p), rel=1e-9)
            assert (found.n, found.k) == (own.n, own.k)


def test_a_study_left_out_is_left_out(results: Results, cohort: Cohort) -> None:
    y = np.where(cohort.study == 1, np.nan, cohort.outcomes[0].standardized)
    age = cohort.frame["age"].to_numpy(dtype=float)
    by_hand = fit_linear(cohort, LinearQuestion(y, terms={"age": (age - age.mean()) / age.std(ddof=1)}), PLAN).estimate
    found = row(results, "age", "without S1")
    assert (found.estimate, found.k) == (pytest.approx(by_hand.estimate), 2)
    assert found.estimate == row(results, "age", "crossover trials excluded").estimate


def test_ancova_of_an_interaction_is_in_points(results: Results, cohort: Cohort) -> None:
    values = cohort.outcomes[0]
    age = cohort.frame["age"].to_numpy(dtype=float)
    by_hand = fit_linear(cohort, LinearQuestion(values.followup, baseline=values.baseline,  # type: ignore[arg-type]
                                                terms={"age": (age - age.mean()) / age.std(ddof=1)}), PLAN).estimate
    found = row(results, "age", "ANCOVA")
    assert (found.estimate, found.scale) == (pytest.approx(by_hand.estimate), "raw")


def test_pairs_of_the_same_study(results: Results, cohort: Cohort) -> None:
    y, differences = cohort.outcomes[0].standardized, []
    for code in range(3):
        active, control = (y[(cohort.study == code) & (cohort.treatment == arm)] for arm in (1, 0))
        differences.append(np.subtract.outer(active, control).ravel())
    found = row(results, "main", WITHIN)
    assert found.estimate == pytest.approx(np.concatenate(differences).mean())
    assert found.se is not None and found.estimate is not None
    assert found.p == pytest.approx(2 * norm.sf(abs(found.estimate) / found.se))
    of_age = row(results, "age", WITHIN)
    assert of_age.scale == "correlation"
    assert of_age.estimate == next(one.r_within for one in results.moderators if one.moderator == "age")


def test_other_cuts_change_the_family(results: Results) -> None:
    p = {one.moderator: one.p for one in results.moderators if one.model == "published" and ":" not in one.moderator}
    wide, narrow = row(results, "age", "Tier 1 from 95 % availability"), row(results, "age", "Tier 1 from 100 % availability")
    assert wide.p == pytest.approx(bonferroni([p["age"] or 1, p["female"] or 1, p["bmi"] or 1, p["setting"] or 1])[0])
    assert narrow.p == pytest.approx(bonferroni([p["age"] or 1, p["female"] or 1, p["setting"] or 1])[0])
    assert wide.note == "Tier 1: adjusted p in a family of 4."
    assert wide.estimate == row(results, "age", "as analyzed").estimate


def test_what_a_moderator_costs_the_board_is_what_a_run_puts_there(results: Results, cohort: Cohort) -> None:
    found = board_costs(cohort, PLAN.model_copy(update={"sensitivity": Board()}), None, {})
    for name, cost in {"main": found.main, **found.moderators}.items():
        rows = [one for one in results.sensitivity if one.target.split(":")[0] == name]
        if name in ("main", "age", "setting"):
            assert cost == BoardCost(len(rows), sum(one.engines_agree is True for one in rows))
    assert list(found.variants) == [one.variant for one in results.sensitivity if one.target == "main"]
    assert set(found.moderators) == {"age", "female", "bmi", "setting"} and found.moderators["bmi"] == found.moderators["age"]
    scarce = PLAN.model_copy(update={"tiers": TierCuts(tier1=0.99, tier2=0.96)})
    assert "bmi" not in board_costs(cohort, scarce, None, {}).moderators
    assert board_costs(cohort, scarce, None, {}).moderators["age"].rows == found.moderators["age"].rows - 2  # no cut below Tier 2


def test_the_second_engine_is_asked_of_every_fit(results: Results) -> None:
    for one in results.sensitivity:
        is_fit = one.variant != WITHIN and not one.variant.startswith("Tier 1")
        assert (one.engines_agree is True) == is_fit, one
        assert one.engines_note


def test_an_unknown_moderator_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match=r'names "agee", which is no moderator of the plan\. Did you mean "age"\?'):
        read_plan('{"schema": 1, "moderators": [{"name": "age"}], "sensitivity": {"moderators": ["agee"]}}', "plan.json")


def test_a_moderator_taken_out_of_the_plan_is_not_asked_about() -> None:
    asked = PLAN.model_copy(update={"sensitivity": Board(moderators=("age", "gone"))})
    assert asked.consistent.sensitivity.moderators == ("age",)


def test_the_protocol_names_what_is_asked_and_a_plan_by_itself_asks_nothing_more() -> None:
    assert protocol_plan(load_protocol("ketamine")).sensitivity.moderators == ("trd_2plus",)
    assert Plan(schema=1).model_dump()["sensitivity"] == {"moderators": ()}
    assert '"sensitivity"' in PLAN.pretty_json()
