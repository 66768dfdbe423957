"""The demo all the way: seventeen files in, main effects out, against lme4, lmerTest and metafor on the same patients.

R's script is tests/reference/demo/script.R; it starts from the generator's truth, so that reading, mapping and
harmonizing are compared as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.analysis import run_analysis
from core.intake import demo_session
from core.pooled import pooled_from_session
from core.results import MainEffect, ModeratorEffect, Results
from tests.reference_data import output

REFERENCE = output("demo")["outcomes"]


@pytest.fixture(scope="module")
def results() -> Results:
    session = demo_session()
    plan = session.plan.model_copy(update={"bootstrap": session.plan.bootstrap.model_copy(update={"replicates": 30}),
                                           "combined": session.plan.combined.model_copy(update={"permutations": 19}),
                                           "sets": session.plan.sets[:1]})
    return run_analysis(pooled_from_session(session), plan)


def find(results: Results, outcome: str, measure: str, scale: str, model: str) -> MainEffect:
    found = [effect for effect in results.main_effects
             if (effect.outcome, effect.measure, effect.scale, effect.model) == (outcome, measure, scale, model)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("model", ["published", "recommended"])
@pytest.mark.parametrize(("key", "measure", "scale"), [("standardized", "percent_improvement", "standardized"),
                                                       ("raw", "percent_improvement", "raw"), ("ancova", "ancova", "raw")])
@pytest.mark.parametrize("outcome", ["rapid", "post_rapid"])
def test_linear_effects_match_lme4(results: Results, outcome: str, key: str, measure: str, scale: str, model: str) -> None:
    ours, theirs = find(results, outcome, measure, scale, model), REFERENCE[outcome][key][model]
    assert (ours.n, ours.k) == (theirs["n"], theirs["k"])
    assert ours.estimate == pytest.approx(theirs["estimate"], rel=1e-6)
    assert ours.se == pytest.approx(theirs["se"], rel=2e-6)
    assert ours.df == pytest.approx(theirs["df"], rel=1e-3)
    assert ours.p == pytest.approx(theirs["p"], rel=1e-3)
    assert ours.ci_low == pytest.approx(theirs["ci_low"], rel=1e-4)
    assert ours.ci_high == pytest.approx(theirs["ci_high"], rel=1e-4)
    assert ours.tau2 == pytest.approx(theirs["tau2"], rel=1e-4)
    assert ours.slope_var == (pytest.approx(theirs["slope_var"], rel=1e-4) if model == "recommended" else None)
    assert ours.engines_agree is True


@pytest.mark.parametrize("measure", ["response", "remission"])
@pytest.mark.parametrize("outcome", ["rapid", "post_rapid"])
def test_response_and_remission_match_glmer(results: Results, outcome: str, measure: str) -> None:
    from math import log

    ours, theirs = find(results, outcome, measure, "odds_ratio", "published"), REFERENCE[outcome][measure]
    assert ours.n == theirs["n"] and ours.estimate is not None and ours.ci_low is not None and ours.ci_high is not None
    assert log(ours.estimate) == pytest.approx(theirs["log_or"], rel=1e-5)
    assert ours.se == pytest.approx(theirs["se"], rel=1e-5)
    assert log(ours.ci_low) == pytest.approx(theirs["ci_low"], rel=1e-4)
    assert log(ours.ci_high) == pytest.approx(theirs["ci_high"], rel=1e-4)
    assert ours.ard is not None and ours.risk_active is not None and ours.risk_control is not None
    assert ours.ard == pytest.approx(ours.risk_active - ours.risk_control)
    assert ours.ard_low is not None and ours.ard_high is not None and ours.ard_low < ours.ard < ours.ard_high
    assert ours.nnt == pytest.approx(1 / ours.ard)


@pytest.mark.parametrize("outcome", ["rapid", "post_rapid"])
def test_two_stage_matches_metafor(results: Results, outcome: str) -> None:
    ours = next(t for t in results.two_stage if t.outcome == outcome and t.scale == "standardized")
    theirs: dict[str, Any] = REFERENCE[outcome]["two_stage"]
    for name in ("estimate", "ci_low", "ci_high", "tau2", "i2", "q"):
        assert getattr(ours, name) == pytest.approx(theirs[name], rel=1e-5), name
    assert sum(study.weight or 0 for study in ours.studies) == pytest.approx(100)


def test_everyone_is_accounted_for(results: Results) -> None:
    totals = {stage: sum(row.n for row in results.flow if row.stage == stage and row.unit == "patients")
              for stage in ("in file", "excluded", "analyzed")}
    assert totals == {"in file": 809, "excluded": 89, "analyzed": 720}


def test_the_board_holds_every_variant(results: Results) -> None:
    variants = {row.variant for row in results.sensitivity if row.outcome == "rapid"}
    assert {"as analyzed", "random slope", "ANCOVA", "converted scores excluded", "converted scores, low",
            "converted scores, high", "percent improvement on HRSD-17 itself", "crossover trials excluded"} <= variants
    assert sum(variant.startswith("without ") for variant in variants) == 17
    main = find(results, "rapid", "percent_improvement", "standardized", "published")
    assert next(r for r in results.sensitivity if r.variant == "as analyzed").estimate == main.estimate


def test_results_carry_their_notice(results: Results) -> None:
    assert results.provenance.synthetic and results.provenance.seed == results.plan.seed


# --- moderators -----------------------------------------------------------------------------------------------------

MODERATORS = output("demo_moderators")["outcomes"]


def row_of(results: Results, outcome: str, moderator: str, model: str) -> ModeratorEffect:
    found = [row for row in results.moderators if (row.outcome, row.moderator, row.model) == (outcome, moderator, model)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("moderator", MODERATORS["rapid"])
@pytest.mark.parametrize("outcome", ["rapid", "post_rapid"])
def test_moderators_match_lmertest(results: Results, outcome: str, moderator: str) -> None:
    theirs = MODERATORS[outcome][moderator]
    for model in ("published", "recommended"):
        ours = row_of(results, outcome, moderator, model)
        assert ours.n == theirs["n"]
        compare(ours, "", theirs[model])
        assert ours.ci_low is not None and ours.beta is not None and ours.ci_low < ours.beta < (ours.ci_high or 0)
        assert ours.engines_agree is True, ours.engines_note
    for part in ("predictor", "active", "control", "within", "across"):
        if part in theirs:
            compare(ours, f"{part}_", theirs[part])
    if "two_stage" in theirs:
        for name, value in theirs["two_stage"].items():
            assert getattr(ours, f"two_stage_{name}") == pytest.approx(value, rel=1e-5, abs=1e-7), name


def compare(row: ModeratorEffect, prefix: str, theirs: dict[str, float]) -> None:
    """A slope, its error, df (of the interaction alone) and p."""
    assert getattr(row, f"{prefix}beta") == pytest.approx(theirs["estimate"], abs=1e-5 * theirs["se"])
    assert getattr(row, f"{prefix}se") == pytest.approx(theirs["se"], rel=1e-5)
    assert getattr(row, f"{prefix}p") == pytest.approx(theirs["p"], rel=1e-3)
    if not prefix:
        assert row.df == pytest.approx(theirs["df"], rel=1e-3)


@pytest.mark.parametrize("moderator", MODERATORS["rapid"])
@pytest.mark.parametrize("outcome", ["rapid", "post_rapid"])
def test_effect_sizes_match_all_pairs_written_out(results: Results, outcome: str, moderator: str) -> None:
    ours, theirs = row_of(results, outcome, moderator, "published"), MODERATORS[outcome][moderator]
    assert ours.r == pytest.approx(theirs["r"], abs=1e-12)
    assert ours.r_within == pytest.approx(theirs["r_within"], abs=1e-12)
    assert ours.r_low is not None and ours.r_high is not None and ours.r_low < ours.r_high and ours.r_failed == 0


def test_families_count_the_tests_of_a_tier(results: Results) -> None:
    for outcome in ("rapid", "post_rapid"):
        for model in ("published", "recommended"):
            own = [row for row in results.moderators if (row.outcome, row.model) == (outcome, model)]
            first = [row for row in own if row.tier == "1" and ":" not in row.moderator and row.p is not None]
            assert {row.family for row in first} == {len(first)}
            assert all(row.p_adjusted == pytest.approx(min(1.0, (row.p or 0) * len(first))) for row in first)
            second = sorted((row for row in own if row.tier == "2" and row.p is not None), key=lambda row: row.p or 0)
            assert all(row.q is not None and row.p_adjusted is None for row in second)
            assert [row.q for row in second] == sorted(row.q or 0 for row in second)
            assert all(row.p_adjusted is None and row.q is None for row in own if ":" in row.moderator)


# --- combined moderators --------------------------------------------------------------------------------------------


def test_combined_moderators_are_complete(results: Results) -> None:
    theirs = output("combined_weights")["demo_set_1"]
    assert [(row.outcome, row.set) for row in results.combined] == [
        (outcome, name) for outcome in ("rapid", "post_rapid") for name in ("1", "1 without study-level")]
    late = results.combined[2]
    assert late.n == theirs["n"] and late.lambda_ is not None
    # R's path on the same patients' pairs: the penalty chosen is one of its hundred
    steps = np.log(late.lambda_ / theirs["elastic_net"]["lambda"][0]) / np.log(1e-4) * 99
    assert steps == pytest.approx(round(steps), abs=1e-6)
    for row in results.combined:
        assert row.p_permutation is not None and row.r_cv is not None and row.r_leave_study_out is not None
        assert len(row.null) == 19 and len(row.studies) == row.k and len(row.weights) in (4, 6)
        assert row.is_empty == (row.r is None) == all(one.weight == 0 for one in row.weights)
