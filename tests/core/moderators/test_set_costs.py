"""What a set costs, against counting patient by patient; what is refused, redundant and warned of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.cohort import Cohort, build_cohort
from core.labels import Labels
from core.moderators.members import set_rows
from core.moderators.set_costs import Material, SetCosts, set_costs, set_material, set_origin
from core.plan import Moderator, Outcome, Plan, PlanSet, protocol_plan
from core.plan_lock import differences
from core.protocol import Protocol
from core.protocol_files import load_protocol

N, K = 200, 5
NAMES = {"age": "continuous", "female": "binary", "male": "binary", "bmi": "continuous", "weight": "continuous",
         "total": "continuous", "site": "binary", "crossover": "binary", "diagnosis": "categorical",
         "empty": "continuous", "seldom": "binary"}
PLAN = Plan(schema=1, outcomes=(Outcome(name="rapid", value="y1"), Outcome(name="late", value="y2")),
            moderators=tuple(Moderator(name=name, kind=kind) for name, kind in NAMES.items()),  # type: ignore[arg-type]
            sets=(PlanSet(name="own", moderators=("age", "shoe")),))


def table() -> pd.DataFrame:
    draw = np.random.default_rng(4)
    study, place = np.sort(draw.integers(0, K, N)), np.arange(N)
    age, female, bmi = draw.normal(45, 10, N), draw.integers(0, 2, N).astype(float), draw.normal(27, 4, N)
    bmi[study > 2] = np.nan
    y2 = draw.normal(size=N)
    y2[place % 7 == 0] = np.nan
    age[place % 11 == 0] = np.nan
    return pd.DataFrame({
        "study": [f"s{code}" for code in study], "patient": [f"p{one}" for one in place], "arm": place % 2,
        "y1": draw.normal(size=N), "y2": y2, "age": age, "female": female, "male": 1 - female, "bmi": bmi,
        "weight": 3 * bmi + draw.normal(size=N), "total": age + 5 * female + draw.normal(size=N),
        "site": (study > 2).astype(float), "crossover": (study % 2).astype(float),
        "diagnosis": np.where(place % 3 == 0, None, np.array(["a", "b"])[draw.integers(0, 2, N)]),
        "empty": np.nan, "seldom": np.where(place < 6, place % 4 > 1, np.nan),
        "shoe": draw.normal(42, 3, N)})


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return load_protocol("ketamine")


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return build_cohort(table(), PLAN)


@pytest.fixture(scope="module")
def material(cohort: Cohort, protocol: Protocol) -> Material:
    return set_material(cohort, PLAN, protocol)


def counted(members: tuple[str, ...]) -> list[tuple[int, int]]:
    """Patients and studies for both outcomes, patient by patient."""
    found = []
    for outcome in ("y1", "y2"):
        studies = [row["study"] for _, row in table().iterrows()
                   if all(not pd.isna(row[name]) for name in (outcome, *members) if name != "crossover")]
        found.append((len(studies), len(set(studies))))
    return found


def left(found: object) -> list[tuple[int, int]]:
    return [(one.n, one.k) for one in found.left]  # type: ignore[attr-defined]


def candidate(found: SetCosts, name: str):  # type: ignore[no-untyped-def]
    return next(one for one in found.candidates if one.name == name)


@pytest.mark.parametrize("members", [(), ("age",), ("age", "bmi", "female"), ("diagnosis", "age"), ("crossover", "age")])
def test_counts_are_those_of_counting_patient_by_patient(material: Material, members: tuple[str, ...]) -> None:
    found = set_costs(material, members)
    assert left(found) == counted(members)
    assert [one.name for one in found.members] == list(members)
    assert {one.name for one in found.candidates} == {*NAMES, "shoe"} - set(members)
    for one in found.members:
        assert left(one) == counted(tuple(name for name in members if name != one.name)), one.name
    for one in found.candidates:
        assert left(one) == counted((*members, one.name)), one.name


def test_a_run_has_the_same_patients_and_says_the_same(cohort: Cohort, material: Material, protocol: Protocol) -> None:
    for members in (("age", "female", "male"), ("age", "total", "female"), ("bmi", "weight"), ("crossover", "age"),
                    ("age", "empty"), ("seldom", "bmi", "site"), ("diagnosis", "age")):
        found = set_costs(material, members)
        plain = replace(material, labels=Labels(variables={name: name for name in members}))
        said = set_costs(set_material(cohort, PLAN, protocol, plain.labels), members).warnings
        for outcome, name in enumerate(("rapid", "late")):
            rows = set_rows(cohort, PLAN, protocol, PlanSet(name="x", moderators=members), outcome)[0]
            if rows.n:
                assert left(found)[outcome] == (rows.n, rows.k)
            told = {words.removeprefix(f"{name.capitalize()}: ") for words in said}
            twin = "without its study-level"
            assert {words for words in (rows.reason, *rows.notes) if words and twin not in words} <= told


@pytest.mark.parametrize(("members", "name", "words"), [
    (("female", "age"), "male", "Male is left out: it says the same as Female."),
    (("bmi", "age"), "weight", "Bmi and Weight say nearly the same (correlation 0.9"),
    (("age", "female"), "total", "Nearly determined by the other members: Age (variance inflation"),
    (("age", "female"), "empty", "The set cannot be formed. Empty: No patient has it."),
    (("age", "female"), "seldom", "too few for 3 moderators"),
    (("site", "age"), "bmi", "Site is left out: it is the same for all patients."),
])
def test_a_candidate_says_what_it_would_do_to_the_set(material: Material, members: tuple[str, ...], name: str,
                                                      words: str) -> None:
    found = set_costs(material, members)
    one = candidate(found, name)
    assert words in " ".join(one.warnings) and not one.refused
    assert words not in " ".join(found.warnings), "the set itself has no such fault"
    assert words in " ".join(set_costs(material, (*members, name)).warnings)


def test_only_what_is_redundant_is_warned_of(material: Material) -> None:
    assert candidate(set_costs(material, ("age", "female")), "shoe").warnings == ()


def test_a_fact_of_a_studys_design_is_refused(material: Material, cohort: Cohort) -> None:
    words = "Crossover is left out: a fact of a study's design is never part of a combined moderator."
    found = set_costs(material, ("age",))
    assert [one.name for one in found.candidates if one.refused] == ["crossover"]
    assert candidate(found, "crossover").refused == words
    assert set_costs(material, ("age", "crossover")).warnings == (words,)
    without = set_costs(set_material(cohort, PLAN, None), ("age",))
    assert not candidate(without, "crossover").refused, "without a protocol nothing is known of designs"


def test_a_warning_for_one_outcome_names_it(material: Material) -> None:
    found = set_costs(material, ("age", "female", "bmi", "site", "diagnosis"))
    both = set_costs(material, ("site", "bmi")).warnings
    assert "Site is left out: it is the same for all patients." in both
    assert any(words.startswith("Late: ") for words in found.warnings)


def test_whose_set_it_is(protocol: Protocol) -> None:
    sets = {one.name: one for one in protocol_plan(protocol).sets}
    assert set_origin(sets["2d"], protocol) == "published" and set_origin(sets["2a"], protocol) == "assumed"
    assert set_origin(sets["2a"].model_copy(update={"moderators": ("age",)}), protocol) == "changed"
    assert set_origin(sets["2a"].model_copy(update={"name": "mine"}), protocol) == "own"
    assert set_origin(sets["1"], None) == "own"


def test_every_change_of_a_set_after_the_lock_is_a_difference() -> None:
    first = PLAN.sets[0]
    for sets, told in (
            ((), [("Set own", "in the plan", "not in the plan")]),
            ((first.model_copy(update={"moderators": ("age",)}),), [("Set own: moderators", "age, shoe", "age")]),
            ((first, PlanSet(name="v2.1", moderators=())), [("Set v2.1", "not in the plan", "in the plan")]),
            ((first.model_copy(update={"name": "new"}),), [("Set own", "in the plan", "not in the plan"),
                                                           ("Set new", "not in the plan", "in the plan")])):
        found = differences(PLAN, PLAN.model_copy(update={"sets": sets}))
        assert [(one.what, one.old, one.new) for one in found] == told
