"""Combined moderators of a plan: both records of a set, what cannot be combined and why, lines and sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from core.analysis import Pooled, run_analysis
from core.cohort import Cohort, build_cohort
from core.combined_results import CombinedEffect
from core.moderators import combined
from core.moderators.combined import combined_effects
from core.moderators.crossing import Lines, crossing, fifths, lines_over, resampled_crossings
from core.moderators.effect_size import effect_size
from core.moderators.members import SetRows, set_rows
from core.plan import Bootstrap, Combined, Moderator, Outcome, Plan, PlanSet
from core.project import results_json
from core.protocol import Protocol
from core.protocol_files import load_protocol
from core.results import Results
from core.tables import result_tables

N, K = 240, 6
SETS = {
    "good": ("age", "female", "trd_2plus"),
    "nobody": ("age", "first_half", "second_half"),
    "one arm": ("age", "active_only", "female"),
    "twice": ("female", "age", "male", "female"),
    "absent": ("age", "shoe_size"),
    "few": ("age", "female", "rare"),
    "design": ("crossover", "age", "female"),
    "designs": ("crossover",),
    "levels": ("diagnosis", "age"),
}


def table(seed: int = 1) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    study, arm = np.sort(draw.integers(0, K, N)), draw.integers(0, 2, N)
    age, female = draw.normal(45, 10, N).round(), draw.integers(0, 2, N).astype(float)
    y = 20 + 10 * arm + 6 * draw.normal(size=K)[study] + 12 * draw.normal(size=N)
    y += 8 * (arm - 0.5) * ((age - 45) / 10 - female)
    place = np.arange(N)
    return pd.DataFrame({
        "study": [f"s{code}" for code in study], "patient": [f"p{one:03}" for one in place], "arm": arm, "y": y, "age": age,
        "female": female, "male": 1 - female, "trd_2plus": (study > 2).astype(float), "crossover": (study % 2).astype(float),
        "first_half": np.where(place < 120, draw.integers(0, 2, N), np.nan),
        "second_half": np.where(place >= 120, draw.integers(0, 2, N), np.nan),
        "active_only": np.where(arm == 1, draw.integers(0, 2, N), 0.0),
        "rare": np.where(place % 13 == 0, draw.normal(size=N), np.nan),
        "diagnosis": np.array(["a", "b", "c"])[draw.integers(0, 3, N)],
    })


def plan_of(*names: str, penalty: Any = "elastic_net", permutations: int = 19, replicates: int = 40) -> Plan:
    return Plan(schema=1, outcomes=(Outcome(name="o", value="y"),), bootstrap=Bootstrap(replicates=replicates),
                moderators=(Moderator(name="age"), Moderator(name="female", kind="binary"),
                            Moderator(name="diagnosis", kind="categorical")),
                combined=Combined(penalty=penalty, folds=4, permutations=permutations),
                sets=tuple(PlanSet(name=name, moderators=SETS[name]) for name in names))


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return load_protocol("ketamine")


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return build_cohort(table(), plan_of(*SETS))


@pytest.fixture(scope="module")
def found(cohort: Cohort, protocol: Protocol) -> dict[str, CombinedEffect]:
    return {one.set: one for one in combined_effects(cohort, plan_of(*SETS), protocol)}


def test_every_set_has_a_record_and_one_without_what_is_the_studys(found: dict[str, CombinedEffect]) -> None:
    assert list(found) == ["good", "good without study-level", *list(SETS)[1:]]
    assert [one.moderator for one in found["good"].weights] == ["age", "female", "trd_2plus"]
    assert [one.level for one in found["good"].weights] == ["patient", "patient", "study"]
    without = found["good without study-level"]
    assert [one.moderator for one in without.weights] == ["age", "female"]
    assert "without its study-level members: trd_2plus" in without.note


def test_a_set_that_helps_is_complete(found: dict[str, CombinedEffect]) -> None:
    one = found["good without study-level"]
    assert (one.n, one.k, one.penalty, one.l1_ratio) == (N, K, "elastic_net", 0.5)
    for name in ("lambda_", "r", "r_low", "r_high", "beta", "se", "beta_recommended", "se_recommended", "p_permutation", "r_cv",
                 "r_leave_study_out", "share_above", "r_pearson", "control_slope", "active_slope", "above_effect"):
        assert getattr(one, name) is not None, name
    assert one.r is not None and one.r_low is not None and one.r_high is not None and one.r_cv is not None
    assert one.r_low < one.r < one.r_high and one.r > one.r_cv > 0.1
    assert one.p_permutation == 1 / 20 and len(one.null) == 19
    assert [study.study for study in one.studies] == [f"s{code}" for code in range(K)]
    assert sum(study.n_active + study.n_control for study in one.studies) == N
    weights = {weight.moderator: weight for weight in one.weights}
    assert weights["age"].weight > 0 > weights["female"].weight
    for weight in one.weights:
        assert weight.selected == 1 and weight.weight_low is not None and weight.weight_high is not None
        assert weight.weight_low < weight.weight < weight.weight_high
    assert weights["age"].weight_raw == pytest.approx(weights["age"].weight / table()["age"].std())
    assert [part.fifth for part in one.fifths] == [1, 2, 3, 4, 5]
    assert one.fifths[0].predicted < one.fifths[-1].predicted and sum(p.n_active for p in one.fifths) == one.n_active


def test_r_is_that_of_the_scores(found: dict[str, CombinedEffect]) -> None:
    data, one = table(), found["good without study-level"]
    x = data[["age", "female"]]
    score = ((x - x.mean()) / x.std()) @ [weight.weight for weight in one.weights]
    assert one.r == pytest.approx(effect_size(data["y"].to_numpy(), score.to_numpy(), (data["arm"] == 1).to_numpy()), abs=1e-12)
    raw = x @ [weight.weight_raw for weight in one.weights]
    np.testing.assert_allclose(raw - raw.mean(), score, atol=1e-9)


@pytest.mark.parametrize(("name", "words"), [
    ("nobody", "No patient has the outcome and all moderators"),
    ("absent", "The set cannot be formed. shoe_size: The data have no such column."),
    ("few", "are too few for 3 moderators"),
    ("designs", "crossover is left out: a fact of a study's design is never part of a combined moderator."),
])
def test_what_cannot_be_combined_says_why(found: dict[str, CombinedEffect], name: str, words: str) -> None:
    assert found[name].lambda_ is None and found[name].weights == ()
    assert words in found[name].note


@pytest.mark.parametrize(("name", "members", "words"), [
    ("one arm", ["age", "female"], "active_only is left out: it is the same for all patients of the control arm."),
    ("twice", ["female", "age"], "male is left out: it says the same as female."),
    ("design", ["age", "female"], "crossover is left out"),
    ("levels", ["diagnosis:b", "diagnosis:c", "age"], ""),
])
def test_a_member_that_adds_nothing_is_left_out(found: dict[str, CombinedEffect], name: str, members: list[str],
                                                words: str) -> None:
    assert {one.moderator.replace(":a", ":b") for one in found[name].weights} >= set(members) - {"diagnosis:b", "diagnosis:c"}
    assert len(found[name].weights) == len(members)
    assert words in found[name].note


def test_two_studies_leave_none_to_hold_out(cohort: Cohort) -> None:
    data = table()
    few = build_cohort(data[data["study"].isin(["s2", "s3"])], plan_of("good"))
    one = combined_effects(few, plan_of("good"))[0]
    assert one.k == 2 and one.r_leave_study_out is None and one.r_cv is not None and one.p_permutation is not None
    assert "2 studies: too few to hold one out." in one.note


def test_dependent_members_are_named(cohort: Cohort, protocol: Protocol) -> None:
    data = table()
    data["nearly"] = data["age"] + np.random.default_rng(1).normal(size=N)
    data["sum"] = data["age"] + 3 * data["female"]
    plan = plan_of("good")
    near, dependent = (set_rows(build_cohort(data, plan), plan, protocol, PlanSet(name="x", moderators=names), 0)[0]
                       for names in (("age", "nearly", "female"), ("age", "female", "sum")))
    assert any("Nearly determined by the other members: age (variance inflation" in note for note in near.notes)
    assert any("determined by the others" in note for note in dependent.notes)


@pytest.mark.parametrize("penalty", ["ridge", "lasso", "none"])
def test_every_penalty_gives_a_record(cohort: Cohort, penalty: Any) -> None:
    one = combined_effects(cohort, plan_of("good", penalty=penalty, permutations=9, replicates=20))[1]
    assert one.r is not None and one.r_cv is not None and one.r_cv > 0.1 and one.penalty == penalty
    assert one.l1_ratio == {"ridge": 0.0, "lasso": 1.0, "none": None}[penalty]
    assert one.lambda_ == 0 if penalty == "none" else one.lambda_ is not None and one.lambda_ > 0


def test_nothing_depends_on_the_order_of_the_table(cohort: Cohort, found: dict[str, CombinedEffect]) -> None:
    shuffled = table().sample(frac=1, random_state=3)
    plan = plan_of("good")
    again = combined_effects(build_cohort(shuffled, plan), plan)[0]
    for name in ("lambda_", "r", "r_low", "r_high", "beta", "r_cv", "r_leave_study_out", "p_permutation", "crossing"):
        assert getattr(again, name) == pytest.approx(getattr(found["good"], name), rel=1e-6), name
    assert [one.study for one in again.studies] == [one.study for one in found["good"].studies]


def test_without_replicates_and_permutations_there_are_no_limits_and_no_p(cohort: Cohort) -> None:
    one = combined_effects(cohort, plan_of("good", permutations=0, replicates=0))[0]
    assert one.r is not None and one.r_low is None and one.p_permutation is None and one.weights[0].selected is None
    assert "No permutations in the plan" in one.note


def test_an_empty_model_is_a_result(cohort: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    original = combined.fitted
    monkeypatch.setattr(combined, "fitted", lambda *args: replace(own := original(*args), weights=np.zeros_like(own.weights)))
    one = combined_effects(cohort, plan_of("good"))[0]
    assert one.is_empty and one.note.startswith("No usable combination")
    assert one.r is None and one.beta is None and one.crossing is None and one.lambda_ is not None
    assert one.p_permutation is not None and one.r_cv is not None


@pytest.mark.slow
def test_two_workers_give_the_same(cohort: Cohort, protocol: Protocol, found: dict[str, CombinedEffect]) -> None:
    assert {one.set: one for one in combined_effects(cohort, plan_of(*SETS), protocol, workers=2)} == found


# --- lines ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(cohort: Cohort) -> SetRows:
    return set_rows(cohort, plan_of("good"), None, PlanSet(name="x", moderators=("age", "female")), 0)[0]


def test_lines_cross_where_the_arms_do_equally_well(own: SetRows) -> None:
    score = own.x[:, 0]
    lines = lines_over(own, score)
    assert lines.intercepts is not None and lines.slopes is not None and lines.crossing is not None
    at = [intercept + slope * lines.crossing for intercept, slope in zip(lines.intercepts, lines.slopes, strict=True)]
    assert at[0] == pytest.approx(at[1]) and lines.slopes[1] - lines.slopes[0] == pytest.approx(lines.beta)
    drawn = np.random.default_rng(1).multinomial(N, np.full(N, 1 / N), size=60).astype(float)
    resamples = resampled_crossings(own, score, drawn, lines)
    found = crossing(own, score, lines, resamples).cells
    assert found["above_n"] + found["below_n"] == N and found["share_above"] == found["above_n"] / N
    if found["crossing"] is not None and found["crossing_low"] is not None:
        assert found["crossing_low"] <= found["crossing"]


@pytest.mark.parametrize(("intercepts", "words", "share"), [
    ((0.0, 9.0), "no group does better on control", 1.0), ((9.0, 0.0), "no group does better on the active treatment", 0.0)])
def test_lines_that_cross_outside_the_data(own: SetRows, intercepts: tuple[float, float], words: str, share: float) -> None:
    lines = Lines(1.0, 1.0, 1.0, 1.0, intercepts, (0.0, 0.5))
    found = crossing(own, own.x[:, 0], lines, np.zeros(0))
    assert "crossing" not in found.cells and found.cells["share_above"] == share
    assert words in found.notes[0]


def test_a_range_beyond_the_data_has_no_limit(own: SetRows) -> None:
    lines = Lines(1.0, 1.0, 1.0, 1.0, (0.0, 0.2), (0.0, 0.5))
    found = crossing(own, own.x[:, 0], lines, np.linspace(-30, 0, 200))
    assert found.cells["crossing"] == pytest.approx(-0.4) and found.cells["crossing_low"] is None
    assert found.cells["crossing_high"] is not None and "beyond the data" in found.notes[0]
    unsure = crossing(own, own.x[:, 0], lines, np.full(200, np.nan))
    assert unsure.cells["crossing_low"] is None and "do not cross" in unsure.notes[0]


def test_fifths_are_of_rising_benefit_with_ties_together(own: SetRows) -> None:
    moved = own.x[:, 1]
    parts = fifths(own, 5 + moved, moved)
    assert len(parts) == 2 and parts[0]["predicted"] < parts[1]["predicted"]
    for part, side in zip(parts, np.unique(moved), strict=True):
        mask = moved == side
        expected = own.y[mask & own.is_active].mean() - own.y[mask & ~own.is_active].mean()
        assert part["observed"] == pytest.approx(expected) and part["se"] > 0
    assert fifths(own, np.full(N, 3.0), np.zeros(N)) == ()


# --- in a run -------------------------------------------------------------------------------------------------------


def test_a_run_has_them_in_its_tables_and_keeps_them() -> None:
    plan = plan_of("good", "absent", permutations=9, replicates=10)
    results = run_analysis(Pooled(table(), "invented"), plan.model_copy(update={"moderators": ()}))
    tables = {one.name: one.records() for one in result_tables(results)}
    assert [row["set"] for row in tables["combined"]] == ["good", "good without study-level", "absent"]
    first = tables["combined"][0]
    assert first["lambda"] == results.combined[0].lambda_ and first["n"] == N and first["p_permutation"] is not None
    assert [row["moderator"] for row in tables["combined_weights"] if row["set"] == "good"] == list(SETS["good"])
    assert len(tables["combined_studies"]) == 2 * K and len(tables["combined_fifths"]) == 2 * 5
    assert TypeAdapter(Results).validate_json(results_json(results)).combined == results.combined
    told = [issue.text for issue in results.issues if "shoe_size" in issue.text]
    assert told and results.has_gaps
