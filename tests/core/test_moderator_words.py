"""A moderator's sentence and cautions, of generated records: every kind and level, logged, with anything missing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.labels import Labels, labels_for
from core.moderator_words import cautions, left_out_sentence, moderator_sentence
from core.moderators.left_out import Lacking, LeftOut
from core.protocol_files import load_protocol
from core.results import ModeratorEffect

KETAMINE = labels_for(load_protocol("ketamine"))
numbers = st.one_of(st.none(), st.floats(-5, 5))
shares = st.one_of(st.none(), st.floats(0, 1))


def record(**changes: object) -> ModeratorEffect:
    start: dict[str, object] = {
        "outcome": "rapid", "moderator": "trd_2plus", "level": "study", "kind": "binary", "tier": "1",
        "model": "published", "n": 716, "k": 17, "beta": 0.47, "se": 0.15, "ci_low": 0.16, "ci_high": 0.77, "p": 0.003,
        "p_adjusted": 0.027, "family": 9, "r": 0.11, "r_low": 0.03, "r_high": 0.18}
    return ModeratorEffect(**(start | changes))  # type: ignore[arg-type]


def test_a_clinician_reads_a_study_level_moderator() -> None:
    assert moderator_sentence(record(), KETAMINE) == (
        "After 24 hours, the advantage of patients on ketamine over patients on placebo was 0.47 SD larger in studies "
        "with study required ≥ 2 failed antidepressant trials than in others, between 17 studies only "
        "(95\N{NARROW NO-BREAK SPACE}% interval 0.16 to 0.77 larger; p = 0.003).")


def test_what_a_one_means_is_said_where_the_label_does_not() -> None:
    text = moderator_sentence(record(moderator="female", level="patient", beta=-0.2, ci_low=-0.5, ci_high=0.1, p=0.2),
                              KETAMINE)
    assert "0.20 SD smaller in patients with sex (female) than in others" in text
    assert "0.50 smaller to 0.10 larger" in text and "only" not in text


def test_a_logarithm_is_named() -> None:
    own = record(moderator="episode_months", level="patient", kind="continuous")
    assert "for each SD more of the logarithm of length of current episode" in moderator_sentence(own, KETAMINE, True)
    assert "logarithm" not in moderator_sentence(own, KETAMINE)


def test_a_categorical_one_is_told_by_its_test_and_its_contrasts() -> None:
    joint = record(moderator="principal_diagnosis", level="patient", kind="categorical", beta=None, r=None,
                   statistic="F(2, 80.1) = 4.90", p=0.01)
    assert "differs between the levels of principal diagnosis: F(2, 80.1) = 4.90 (p = 0.010)" in moderator_sentence(
        joint, KETAMINE)
    contrast = record(moderator="principal_diagnosis:ptsd", level="patient", kind="categorical")
    assert "with principal diagnosis: ptsd than in those of the most frequent level" in moderator_sentence(
        contrast, KETAMINE)


def test_without_an_estimate_there_is_the_reason() -> None:
    assert moderator_sentence(record(beta=None, p=None, note="Not tested."), KETAMINE).endswith(
        "has no estimate. Not tested.")
    assert cautions(record(beta=None, p=None, note="Not tested.")) == ()


def test_a_value_that_may_be_worse_is_no_advantage() -> None:
    text = moderator_sentence(record(outcome="score", moderator="age", level="patient", kind="continuous"), Labels())
    assert text.startswith("Score: the difference between patients in the active arm and patients in the control arm "
                           "was 0.47 SD higher for each SD more of age")


def told(*changes: object, **more: object) -> str:
    return " ".join(cautions(record(**more)))


def test_cautions_where_they_are_due() -> None:
    assert "Between 17 studies only" in told()
    assert "One side rests on 2 studies." in told(note="Between 17 studies only: ... One side rests on 2 studies.")
    assert "does not survive correction for 9 tests: adjusted p = 0.086" in told(p_adjusted=0.086)
    assert "false discovery rate q = 0.200" in told(p_adjusted=None, q=0.2, tier="2")
    assert "not corrected" in told(p_adjusted=None)
    assert "r is 0.11" in told() and "usefulness" not in told(r=-0.3)
    assert "the variance between studies is estimated at zero" in told(boundary="tau2")
    assert "Within and across studies disagree (0.10 and −0.90, p = 0.020)" in told(
        level="patient", within_beta=0.1, across_beta=-0.9, difference_p=0.02)
    assert "disagree" not in told(level="patient", within_beta=0.1, across_beta=-0.9, difference_p=0.2)
    assert told(engines_agree=False).startswith("The two engines disagree")


def test_the_other_model_is_heard() -> None:
    other = replace(record(), model="recommended", p=0.09)
    assert any("recommended model, which lets the effect differ" in one for one in cautions(record(), other))
    assert not any("model" in one for one in cautions(record(), replace(other, p=0.01)))
    assert not any("correction" in one for one in cautions(record(p=0.4, p_adjusted=1.0), other))


@given(beta=numbers, low=numbers, high=numbers, p=shares, adjusted=shares, q=shares, r=numbers, within=numbers,
       across=numbers, difference=shares, level=st.sampled_from(["patient", "study"]),
       kind=st.sampled_from(["binary", "continuous", "categorical"]), k=st.integers(0, 40),
       name=st.sampled_from(["age", "a:b", "x_y", "female"]), is_log=st.booleans(), family=st.one_of(st.none(),
                                                                                                     st.integers(1, 50)))
def test_any_record_has_whole_sentences(beta, low, high, p, adjusted, q, r, within, across, difference, level, kind, k,
                                        name, is_log, family) -> None:
    if low is not None and high is not None:
        low, high = sorted((low, high))
    row = record(moderator=name, level=level, kind=kind, beta=beta, ci_low=low, ci_high=high, p=p, p_adjusted=adjusted,
                 q=q, r=r, within_beta=within, across_beta=across, difference_p=difference, k=k, family=family)
    for text in (moderator_sentence(row, KETAMINE, is_log), *cautions(row, replace(row, model="recommended"))):
        assert text.endswith((".", ".)")) and "None" not in text and "nan" not in text and "  " not in text


def test_who_was_left_out() -> None:
    left = LeftOut(720, 4, (Lacking("a", 20, 20), Lacking("b", 30, 3)))
    assert left_out_sentence(left, record(moderator="age"), Labels()) == (
        "Of 720 patients of the primary set 4 lack the outcome and 23 more lack age. 1 study without it: a. "
        "Some patients in 1 study: b (3 of 30).")
    assert left_out_sentence(LeftOut(720, 4, ()), record(), Labels()).endswith("nobody else is left out.")
