"""The answer in three sentences: what is said, and what is not, when there is little to say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.labels import Labels
from core.overview_words import answers, leading_effects, rows_tested
from core.plan import Outcome
from core.results import MainEffect, ModeratorEffect, Results
from tests.core.invented_results import invented

RESULTS = invented()[0]
LABELS = Labels(active="Ketamine", control="Placebo", is_drug=True, outcomes={"rapid": "Rapid (24 h)", "post_rapid": "Day 7"},
                delays={"rapid": "24 hours", "post_rapid": "7 days"}, variables={"age": "Age", "female": "Sex"})


def said(results: Results = RESULTS, labels: Labels = LABELS) -> tuple[str, str, str]:
    found = answers(results, labels)
    assert [one.title for one in found] == ["What was pooled", "How large the effect is", "Who benefits"]
    for one in found:
        assert one.text.endswith(".") and ".." not in one.text and one.text[0].isupper() | one.text[0].isdigit()
    pooled, effect, benefit = (one.text.replace("\N{NARROW NO-BREAK SPACE}", " ") for one in found)
    return pooled, effect, benefit


def effects(**changes: object) -> Results:
    """The invented results with every main effect changed."""
    return replace(RESULTS, main_effects=tuple(replace(one, **changes) for one in RESULTS.main_effects))  # type: ignore[arg-type]


def only(*effects: MainEffect) -> Results:
    return replace(RESULTS, main_effects=effects)


def first(measure: str, scale: str = "raw", model: str = "published") -> MainEffect:
    return next(one for one in RESULTS.main_effects if (one.measure, one.scale, one.model) == (measure, scale, model))


def test_the_whole_answer() -> None:
    pooled, effect, benefit = said()
    assert pooled == ("120 patients in 6 studies were pooled (synthetic data, no real patients), comparing patients on "
                      "ketamine with patients on placebo.")
    assert effect.startswith("After 24 hours, patients on ketamine had improved 18.6 percentage points more than patients "
                             "on placebo, 95 % interval 14.1 to 23.0 more (p < 0.001), 46 % against 24 % had responded "
                             "(number needed to treat 4.5, 3.4 to 6.0), and 20 % against 15 % were in remission (number "
                             "needed to treat 20.0, but no difference is possible: 5 (−3, 12) percentage points); after 7 "
                             "days, 18.6 percentage points more, 95 % interval")
    assert effect.endswith("and how many more were in remission could not be estimated.")
    assert benefit.startswith("Of 3 moderators tested, 2 change the effect beyond chance after correction for the number of "
                              "tests: age (0.30 SD larger after 24 hours, 95 % interval 0.10 smaller to 0.70 larger; "
                              "q = 0.010), site (after 24 hours; adjusted p = 0.020)")
    assert "combined they tell more than chance who benefits, but too little to choose treatment by (set 1: held-out r = " in \
        benefit


def test_data_of_the_user_are_not_called_synthetic() -> None:
    own = replace(RESULTS, provenance=replace(RESULTS.provenance, synthetic=False))
    assert "synthetic" not in said(own)[0]


def test_one_study_is_not_pooled_and_nobody_is_said() -> None:
    rows = tuple(row for row in RESULTS.flow if row.stage == "analyzed")
    assert said(replace(RESULTS, flow=rows[:1]))[0].startswith("20 patients in 1 study were analyzed")
    assert said(replace(RESULTS, flow=()))[0].startswith("Nobody could be analyzed")


def test_one_timepoint_alone() -> None:
    effect = said(only(*(one for one in RESULTS.main_effects if one.outcome == "rapid")))[1]
    assert "7 days" not in effect and effect.count("After") == 1


def test_an_effect_against_the_drug() -> None:
    against = replace(first("percent_improvement"), estimate=-8.0, ci_low=-12.0, ci_high=-4.0)
    fewer = replace(first("response", "odds_ratio"), estimate=0.5, ci_low=0.3, ci_high=0.8, ard=-0.1, ard_low=-0.2, ard_high=-0.05)
    effect = said(only(against, fewer))[1]
    assert "had improved 8.0 percentage points less than patients on placebo, 95 % interval 4.0 to 12.0 less" in effect
    assert "(number needed to harm 10.0, 5.0 to 20.0)" in effect and "treat" not in effect


def test_no_difference_is_never_hidden() -> None:
    unsure = replace(first("percent_improvement"), ci_low=-2.0, ci_high=39.0)
    assert "(no difference is possible)" in said(only(unsure))[1]
    none = replace(first("response", "odds_ratio"), ard=0.0, ard_low=-0.1, ard_high=0.1)
    assert "(no difference, 0 (−10, 10) percentage points)" in said(only(first("percent_improvement"), none))[1]


def test_models_that_differ_are_told() -> None:
    other = replace(first("percent_improvement", model="recommended"), ci_low=-1.0, ci_high=38.0)
    assert "(the recommended model gives 18.6 (−1.0, 38.0), so no difference is possible)" in said(
        only(first("percent_improvement"), other))[1]
    spoiled = replace(first("percent_improvement"), engines_agree=False)
    assert "the two engines disagree: do not use it" in said(only(spoiled))[1]


def test_the_model_that_leads_is_the_plans() -> None:
    slope = RESULTS.plan.model_copy(update={"model": RESULTS.plan.model.model_copy(update={"random_slope": True})})
    led = replace(RESULTS, plan=slope)
    assert {one.model for one in leading_effects(led)} == {"recommended"} == {one.model for one in rows_tested(led)}
    assert "published" not in said(led)[1]


def test_a_model_that_did_not_converge() -> None:
    gone = {"estimate": None, "se": None, "ci_low": None, "ci_high": None, "p": None, "risk_active": None, "ard": None}
    effect = said(effects(**gone, note="No start led to a minimum."))[1]
    assert effect.startswith("After 24 hours, the main effect has no estimate: No start led to a minimum")
    assert "how many more had responded could not be estimated" in effect
    assert said(only())[1] == "The run has no main effect."


def test_a_ready_value_is_told_in_sd_and_in_arms_of_another_protocol() -> None:
    plan = RESULTS.plan.model_copy(update={"outcomes": (Outcome(name="score", value="x"),)})
    value = replace(first("percent_improvement", "standardized"), outcome="score", measure="value", estimate=-0.4, ci_low=-0.7,
                    ci_high=-0.1)
    effect = said(replace(only(value, replace(value, scale="raw", estimate=-9.0, ci_low=-10.0, ci_high=-8.0)), plan=plan),
                  Labels(active="CBT", control="Waitlist"))[1]
    assert effect == ("Score: patients in the CBT arm scored 0.40 SD lower than patients in the waitlist arm, 95 % interval "
                      "0.10 to 0.70 lower (p < 0.001).")


def test_a_protocol_of_psychotherapy() -> None:
    pooled, effect, _ = said(labels=Labels(active="CBT", control="Treatment as usual", delays={"rapid": "12 weeks"}))
    assert pooled.endswith("comparing patients in the CBT arm with patients in the treatment as usual arm.")
    assert effect.startswith("After 12 weeks, patients in the CBT arm had improved 18.6 percentage points more than patients "
                             "in the treatment as usual arm, ")


def moderated(**changes: object) -> Results:
    rows = tuple(replace(row, **changes) if row.p is not None else row for row in RESULTS.moderators)  # type: ignore[arg-type]
    return replace(RESULTS, moderators=rows, combined=())


@pytest.mark.parametrize(("results", "expected"), [
    (replace(RESULTS, moderators=(), combined=(), plan=RESULTS.plan.model_copy(update={"moderators": ()})),
     "Who benefits was not asked: the plan has no moderators."),
    (replace(RESULTS, moderators=(), combined=()),
     "No moderator could be tested, so the data do not say who benefits."),
    (moderated(p_adjusted=0.9, q=0.9),
     "None of 3 moderators tested changes the effect beyond chance after correction for the number of tests, which does not "
     "show that all benefit alike."),
    (moderated(p_adjusted=None, q=None),
     "3 moderators tested without correction for their number, so nothing is shown beyond chance.")])
def test_who_benefits_where_nothing_is_shown(results: Results, expected: str) -> None:
    assert said(results)[2] == expected


def test_many_that_survive_are_counted_and_what_weakens_them_is_told() -> None:
    rows = tuple(ModeratorEffect("rapid", f"m{i}", "study", "binary", "1", model, n=99, k=7, beta=-0.4, ci_low=-0.7, ci_high=-0.1,
                                 p=p, p_adjusted=0.01 * i, r=0.1) for i in range(1, 5)
                 for model, p in (("published", 0.001), ("recommended", 0.2)))
    benefit = said(replace(RESULTS, moderators=rows, combined=()))[2]
    assert benefit.startswith("Of 4 moderators tested, 4 change the effect") and benefit.count("smaller after 24 hours") == 3
    assert ", and 1 more, but the recommended model does not confirm any of them, and alone each stays below" in benefit
    assert "between 7 studies only" in benefit


@pytest.mark.parametrize(("changes", "expected"), [
    ({"p_permutation": 0.001, "r_leave_study_out": 0.4, "r_cv": 0.4}, "combined they help tell who benefits (set 1: "),
    ({"p_permutation": 0.4}, "combined they do not help choose treatment (best set 1: "),
    ({"p_permutation": None}, "without permutations nothing tells the best combination from chance (set 1: ")])
def test_combined_moderators(changes: dict[str, object], expected: str) -> None:
    one = replace(RESULTS.combined[0], **changes)  # type: ignore[arg-type]
    assert expected in said(replace(RESULTS, combined=(one,)))[2]


def test_sets_that_are_empty_or_not_formed() -> None:
    assert "no combination of moderators keeps any of them" in said(replace(RESULTS, combined=RESULTS.combined[1:2]))[2]
    assert "no combination of moderators could be formed" in said(replace(RESULTS, combined=RESULTS.combined[2:]))[2]
