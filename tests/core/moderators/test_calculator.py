"""What a combined moderator foretells for values: the published model's own prediction, and no answer where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from core.cohort import Cohort
from core.combined_results import CombinedEffect
from core.combined_words import held_out, is_offered
from core.labels import Labels
from core.moderators.calculator import Calculator, Foretold, Lacking, Value, calculator
from core.plan import Plan
from tests.strong_pool import strong_pool, strong_table

VALUES: dict[str, Value] = {"age": 52.0, "female": 0.0, "crp": 4.0, "diagnosis": "b", "referred": 0.0}


@pytest.fixture(scope="module")
def pool() -> tuple[Cohort, Plan, CombinedEffect]:
    return strong_pool()


@pytest.fixture(scope="module")
def made(pool: tuple[Cohort, Plan, CombinedEffect]) -> Calculator:
    return of(pool)


def of(pool: tuple[Cohort, Plan, CombinedEffect], **changes: object) -> Calculator:
    cohort, plan, one = pool
    found = calculator(cohort, plan, None, replace(one, **changes))  # type: ignore[arg-type]
    assert isinstance(found, Calculator)
    return found


def foretold(made: Calculator, **changes: Value) -> Foretold:
    found = made.foretold({**VALUES, **changes})
    assert isinstance(found, Foretold)
    return found


def by_hand(one: CombinedEffect) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """z-scored M* of the patients, the published model's coefficients by REML over dense matrices, their covariance, and
    M* of VALUES."""
    data = strong_table().dropna()
    weights = {weight.moderator: weight.weight_raw for weight in one.weights}
    columns = {"age": data["age"], "female": data["female"], "crp": np.log(data["crp"]), "referred": data["referred"],
               **{f"diagnosis:{level}": (data["diagnosis"] == level).astype(float) for level in "abc"}}
    raw = sum(weight * columns[name] for name, weight in weights.items())
    asked = {"age": 52.0, "female": 0.0, "crp": np.log(4.0), "referred": 0.0, "diagnosis:b": 1.0}
    mine = sum(weight * asked.get(name, 0.0) for name, weight in weights.items())
    m, at = (raw - raw.mean()) / raw.std(), float((mine - raw.mean()) / raw.std())
    t, y = data["arm"].to_numpy(float), data["y"].to_numpy()
    x = np.column_stack([np.ones(len(y)), t, m, t * m])
    same = (data["study"].to_numpy()[:, None] == data["study"].to_numpy()).astype(float)

    def fitted(ratio: float) -> tuple[float, np.ndarray, np.ndarray]:
        v = np.eye(len(y)) + ratio * same
        inverse = np.linalg.inv(v)
        information = x.T @ inverse @ x
        beta = np.linalg.solve(information, x.T @ inverse @ y)
        rest, freedom = y - x @ beta, len(y) - 4
        sigma2 = float(rest @ inverse @ rest) / freedom
        deviance = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + freedom * np.log(sigma2)
        return float(deviance), beta, sigma2 * np.linalg.inv(information)

    best = minimize_scalar(lambda ratio: fitted(ratio)[0], bounds=(0, 3), method="bounded", options={"xatol": 1e-8})
    _, beta, covariance = fitted(float(best.x))
    return m.to_numpy(), beta, covariance, at


def test_the_answer_is_the_published_models_own(pool: tuple[Cohort, Plan, CombinedEffect], made: Calculator) -> None:
    one = pool[2]
    assert (held_out(one) or 0) > 0.3 and is_offered(one, Labels())
    m, beta, covariance, at = by_hand(one)
    found = foretold(made)
    assert made.n == len(m) == one.n < len(strong_table())
    assert found.score == pytest.approx(at, abs=1e-9)
    assert found.share_below == pytest.approx((m < at).mean())
    assert found.difference == pytest.approx(beta[1] + beta[3] * at, abs=1e-4)
    assert found.active == pytest.approx(beta.sum() - beta[2:].sum() + beta[2:].sum() * at, abs=1e-4)
    assert found.control == pytest.approx(beta[0] + beta[2] * at, abs=1e-4)
    line = np.array([0, 1, 0, at])
    half, se = (found.high - found.low) / 2, float(np.sqrt(line @ covariance @ line))
    assert half / se == pytest.approx(1.97, abs=0.01)  # t of some 220 degrees of freedom
    assert found.outside == () and not found.is_beyond


def test_it_lies_on_the_lines_of_the_record(pool: tuple[Cohort, Plan, CombinedEffect], made: Calculator) -> None:
    one, found = pool[2], foretold(made)
    assert one.active_slope is not None and one.control_slope is not None
    assert one.active_intercept is not None and one.control_intercept is not None
    in_sd = one.active_intercept - one.control_intercept + (one.active_slope - one.control_slope) * found.score
    assert found.difference == pytest.approx(in_sd * strong_table()["y"].std())


def test_what_is_asked(made: Calculator) -> None:
    data, asked = strong_table().dropna(), {one.name: one for one in made.asked}
    assert {name: (one.kind, one.level) for name, one in asked.items()} == {
        "age": ("number", "patient"), "female": ("yes_no", "patient"), "crp": ("number", "patient"),
        "diagnosis": ("level", "patient"), "referred": ("yes_no", "study")}
    for name in ("age", "crp"):
        assert (asked[name].low, asked[name].high) == pytest.approx((data[name].min(), data[name].max()))
    assert sorted(asked["diagnosis"].levels) == ["a", "b", "c"]
    reference = strong_table()["diagnosis"].value_counts().index[0]
    assert asked["diagnosis"].levels[0] == reference


def test_a_patient_of_the_pool_stands_where_he_stood(made: Calculator) -> None:
    data = strong_table().dropna()
    names = [one.name for one in made.asked]
    scores = [foretold(made, **dict(zip(names, row, strict=True))).score
              for row in data[names].iloc[:5].itertuples(index=False)]
    for score in scores:
        assert np.abs(made.scored.score - score).min() < 1e-9
    assert made.reach[0] <= min(scores) <= max(scores) <= made.reach[1]


def test_an_extrapolation_is_told(made: Calculator) -> None:
    data = strong_table().dropna()
    assert foretold(made, age=float(data["age"].max())).outside == ()
    assert foretold(made, age=float(data["age"].max()) + 1).outside == ("age",)
    assert foretold(made, crp=0.01).outside == ("crp",)
    far = foretold(made, age=float(data["age"].max()), crp=float(data["crp"].max()), referred=1.0)
    assert far.outside == () and far.is_beyond and far.share_below == 1.0


def test_without_a_value_there_is_no_answer(made: Calculator) -> None:
    assert made.foretold({}) == Lacking(tuple(one.name for one in made.asked))
    assert made.foretold({name: value for name, value in VALUES.items() if name != "crp"}) == Lacking(("crp",))


@pytest.mark.parametrize(("name", "value"), [
    ("crp", 0.0), ("age", float("nan")), ("age", "old"), ("female", 0.5), ("diagnosis", "d"), ("diagnosis", 1.0)])
def test_a_value_that_is_none_gives_no_answer(made: Calculator, name: str, value: Value) -> None:
    assert made.foretold({**VALUES, name: value}) == Lacking(unusable=(name,))


def test_a_member_without_weight_is_not_asked(pool: tuple[Cohort, Plan, CombinedEffect]) -> None:
    weights = tuple(replace(weight, weight=0.0) if weight.moderator in ("female", "diagnosis:a") else weight
                    for weight in pool[2].weights)
    own = of(pool, weights=weights)
    assert own.without_weight == ("female",)
    assert [one.name for one in own.asked] == ["age", "crp", "diagnosis", "referred"]
    without = {name: value for name, value in VALUES.items() if name != "female"}
    assert own.foretold(without) == own.foretold({**without, "female": 1.0})


def test_of_other_patients_there_is_none(pool: tuple[Cohort, Plan, CombinedEffect]) -> None:
    cohort, plan, one = pool
    assert calculator(cohort, plan, None, replace(one, n=one.n - 1)) == "The patients are no longer those of the run."
    empty = replace(one, weights=tuple(replace(weight, weight=0.0) for weight in one.weights))
    assert calculator(cohort, plan, None, empty) == "M* is the same for all patients."
