"""The flexible learner beside M*: it finds what bends, finds nothing in nothing, and sees no one who is held out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.cohort import build_cohort
from core.models.moments import Array, Flags
from core.moderators import flexible, validation
from core.moderators.combined import combined_effects
from core.moderators.flexible import forests, judged, pooled
from core.moderators.members import Member, SetRows
from core.moderators.validation import fitted, held_out_folds
from core.plan import Bootstrap, Combined, Outcome, Plan, PlanSet
from core.tables import COMBINED

FOLDS = 5


@pytest.fixture(autouse=True)
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trees and one repeat, for speed; other processes hear nothing of it."""
    if request.node.get_closest_marker("slow"):
        return
    monkeypatch.setattr(flexible, "TREES", 8)
    for module in (flexible, validation):
        monkeypatch.setattr(module, "REPEATS", 1)


def rows_of(n: int, k: int = 4, truth: str = "none", seed: int = 1, share: float = 0.5) -> SetRows:
    """Patients of k studies, both members of whom tell what an outcome is on either arm."""
    draw = np.random.default_rng(seed)
    x, study, is_active = draw.normal(size=(n, 2)), np.sort(draw.integers(0, k, n)), draw.random(n) < share
    x = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    benefit = {"none": 0 * x[:, 0], "middle": 1.8 * (np.abs(x[:, 0]) < 0.7), "line": 0.6 * x[:, 0]}[truth]
    y = 3 * is_active + (is_active - 0.5) * benefit + 0.5 * x[:, 1] + draw.normal(size=k)[study] / 4 + draw.normal(size=n)
    return SetRows("o", "1", (Member("age", "patient", 1.0), Member("bmi", "patient", 1.0)), x, y, y, is_active, study,
                   tuple(f"s{code}" for code in range(k)), "these")


def found(rows: SetRows, folds: int = FOLDS) -> flexible.Flexible:
    return pooled(rows, folds, judged(rows, folds, 7, range(forests(rows, folds))))


def test_what_bends_is_found_where_straight_lines_find_nothing() -> None:
    several = [rows_of(300, truth="middle", seed=seed, share=share) for seed, share in ((1, 0.5), (2, 0.5), (3, 0.7))]
    free, straight = [found(rows) for rows in several], [fitted(rows, 0.5, FOLDS, 7) for rows in several]
    for name in ("r_studies", "r_folds"):
        bent, plain = (np.mean([getattr(one, name) for one in own]) for own in (free, straight))
        assert bent > plain + 0.15 and bent > 0.2


def test_without_moderation_it_finds_nothing_on_average() -> None:
    several = [found(rows_of(160, seed=seed)) for seed in range(8)]
    assert abs(np.mean([one.r_folds for one in several])) < 0.09
    assert abs(np.mean([one.r_studies for one in several])) < 0.09


def test_nobody_is_judged_by_a_forest_that_has_seen_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held out are whole studies, then the very folds of patients by which M* is judged; never pairs."""
    monkeypatch.setattr(flexible, "REPEATS", 2)
    rows, seen = rows_of(60, k=3), list[tuple[Array, Array]]()

    def learned(x: Array, y: Array, is_active: Flags, seed: int) -> object:
        def foretell(new: Array) -> Array:
            seen.append((x, new))
            return new[:, 0]
        return foretell

    monkeypatch.setattr(flexible, "_learned", learned)
    found(rows)
    masks = [rows.study == code for code in range(3)]
    masks += [held_out_folds(rows, FOLDS, 7, repeat)[0] == fold for repeat in range(2) for fold in range(FOLDS)]
    assert len(seen) == len(masks) == forests(rows, FOLDS)
    for (learned_from, judged_on), own in zip(seen, masks, strict=True):
        np.testing.assert_array_equal(judged_on, rows.x[own])
        np.testing.assert_array_equal(learned_from, rows.x[~own])


def test_m_star_in_its_place_is_judged_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """One scale for both: a learner that foretells what an unpenalized M* does has its r."""
    rows = rows_of(90, k=3, truth="line")

    def learned(x: Array, y: Array, is_active: Flags, seed: int) -> object:
        whole = SetRows("o", "1", rows.members, x, y, y, is_active, np.zeros(len(y), dtype=np.intp), ("s",), "others")
        weights = fitted(whole, None, FOLDS, seed).weights
        return lambda new: (new * weights).sum(axis=1)

    monkeypatch.setattr(flexible, "_learned", learned)
    for module in (flexible, validation):
        monkeypatch.setattr(module, "REPEATS", 2)
    free, straight = found(rows), fitted(rows, None, FOLDS, 7)
    assert free.r_studies == pytest.approx(straight.r_studies, abs=1e-9)
    assert free.r_folds == pytest.approx(straight.r_folds, abs=1e-9)


def test_few_studies_and_one_arm_are_no_failure() -> None:
    two = found(rows_of(80, k=2))
    assert two.r_studies is None and two.r_folds is not None
    rows = rows_of(90, k=3)
    arms = rows.study == 0  # one study has all active patients: outside it there is nothing to learn from
    one = SetRows("o", "1", rows.members, rows.x, rows.y, rows.y, arms, rows.study, rows.study_names, "these")
    apart = pooled(one, FOLDS, judged(one, FOLDS, 7, range(forests(one, FOLDS))))
    assert apart.r_studies is None and apart.r_folds is not None


# --- in the plan ----------------------------------------------------------------------------------------------------


def table(n: int = 120) -> pd.DataFrame:
    rows = rows_of(n, truth="middle")
    return pd.DataFrame({"study": [f"s{code}" for code in rows.study], "patient": [f"p{place:03}" for place in range(n)],
                         "arm": rows.is_active.astype(int), "y": rows.y, "age": rows.x[:, 0], "bmi": rows.x[:, 1]})


def plan_of(asked: bool) -> Plan:
    return Plan(schema=1, outcomes=(Outcome(name="o", value="y"),), bootstrap=Bootstrap(replicates=0),
                combined=Combined(folds=4, permutations=0, flexible=asked),
                sets=(PlanSet(name="1", moderators=("age", "bmi")), PlanSet(name="2", moderators=("age", "shoe_size"))))


def test_the_plan_asks_and_nothing_else_changes() -> None:
    cohort = build_cohort(table(), plan_of(True))
    (asked, none), (plain, _) = (combined_effects(cohort, plan_of(flag)) for flag in (True, False))
    assert asked.r_flexible_cv is not None and asked.r_flexible_leave_study_out is not None
    assert plain.r_flexible_cv is None and plain.r_flexible_leave_study_out is None
    assert none.r_flexible_cv is None and "shoe_size" in none.note
    freed = {"r_flexible_cv", "r_flexible_leave_study_out"}
    assert {key: value for key, value in vars(asked).items() if key not in freed} == \
        {key: value for key, value in vars(plain).items() if key not in freed}


@pytest.mark.slow
def test_two_workers_give_the_same() -> None:
    plan = plan_of(True)
    one, two = (combined_effects(build_cohort(table(), plan), plan, workers=count) for count in (1, 2))
    assert one == two and one[0].r_flexible_cv is not None


def test_a_plan_that_does_not_ask_is_as_it_was() -> None:
    assert "flexible" not in plan_of(False).model_dump()["combined"]
    assert plan_of(True).model_dump()["combined"]["flexible"] is True
    assert Plan.model_validate(plan_of(True).model_dump(by_alias=True)) == plan_of(True)


def test_it_does_not_matter_who_grows_which_forest() -> None:
    rows = rows_of(60, k=3)
    last, first = judged(rows, FOLDS, 7, range(5, 8)), judged(rows, FOLDS, 7, range(5))
    assert [*first, *last] == judged(rows, FOLDS, 7, range(8))


def test_the_table_has_it_last() -> None:
    assert COMBINED[-2:] == ("r_flexible_cv", "r_flexible_leave_study_out")
