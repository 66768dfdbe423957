"""Figures of one moderator: what is drawn is what the model says, and small groups stay out of sight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.cohort import Cohort, build_cohort
from core.figures.benefit_curve import BenefitLine, benefit_curve, where_clear
from core.figures.moderator_figures import is_telling, moderator_figures
from core.figures.moderator_forest import moderator_forests
from core.figures.moderator_patients import moderator_patients
from core.figures.style import DARK, EXPORT
from core.labels import Labels, labels_for
from core.models.linear_mixed import effect_of
from core.moderators.interactions import Rows, interaction, interactions
from core.moderators.pictured import Pictured, pictured, within_studies
from core.moderators.values import moderator_values
from core.plan import Moderator, Plan
from core.protocol_files import load_protocol
from tests.core.invented_results import PLAN, frame, invented

MODERATORS = (Moderator(name="age"), Moderator(name="female", kind="binary"),
              Moderator(name="dose", transform="log"), Moderator(name="site", kind="categorical"),
              Moderator(name="design", kind="binary", level="study"))


def table() -> pd.DataFrame:
    found = frame(6, 40, seed=3)
    random = np.random.default_rng(5)
    found["dose"] = np.exp(random.normal(1.0, 0.6, len(found))).round(2)
    found["site"] = random.choice(["north", "south", "west"], len(found))
    found["design"] = (found["study"].str[-1].astype(int) % 2).astype(float)
    return found


PLANNED = PLAN.model_copy(update={"moderators": MODERATORS})
COHORT = build_cohort(table(), PLANNED)


def shown(name: str, cohort: Cohort = COHORT, plan: Plan = PLANNED) -> Pictured:
    found = pictured(cohort, plan, "rapid", name)
    assert not isinstance(found, str), found
    return found


@pytest.mark.parametrize("name", ["age", "dose"])
def test_lines_are_the_published_model(name: str) -> None:
    """The benefit at any place is the difference of the lines, its slope the interaction of the fit."""
    one = shown(name)
    assert one.active.value - one.control.value == pytest.approx(one.benefit.value)
    values = COHORT.outcomes[0]
    moderator = next(m for m in MODERATORS if m.name == name)
    terms = moderator_values(COHORT, moderator).terms
    fitted = interactions(Rows.of(values.primary, COHORT.treatment, COHORT.study, terms), "published", "satterthwaite",
                          "t").fitted
    assert fitted is not None
    effect = effect_of(fitted, interaction(name), ci="t")
    assert effect is not None
    at = np.log(one.benefit.at) if name == "dose" else one.benefit.at
    steps = np.diff(one.benefit.value) / np.diff(at / terms[0].unit)
    assert steps == pytest.approx(np.full(len(steps), effect.value))


def test_levels_are_the_means_of_the_model() -> None:
    one = shown("female")
    assert one.levels == ("0", "1") and len(one.active.value) == 2
    assert one.benefit.value == pytest.approx(one.active.value - one.control.value)
    three = shown("site:south")
    assert set(three.levels) == {"north", "south", "west"} and len(three.benefit.value) == 3
    assert len(set(three.place.tolist())) == 3


def test_points_stand_where_the_patients_are() -> None:
    one = shown("age")
    used = COHORT.frame["age"].notna().to_numpy() & COHORT.outcomes[0].has
    assert one.place.tolist() == COHORT.frame["age"].to_numpy()[used].tolist()
    assert one.value.tolist() == COHORT.outcomes[0].primary[used].tolist()
    assert one.treatment.tolist() == COHORT.treatment[used].tolist()


def test_points_of_small_groups_are_hidden_and_it_is_said() -> None:
    few = table()
    gone = few.index[(few["study"] == "study_2") & (few["arm"] == 0)][3:]
    cohort = build_cohort(few.drop(index=gone), PLANNED)
    one = shown("age", cohort)
    hidden = ~one.shown(5)
    assert hidden.sum() == 3
    assert set(one.study[hidden]) == {cohort.study_names.index("study_2")} and set(one.treatment[hidden]) == {0}
    spec = moderator_patients(one, None, Labels())
    assert "3 points are not drawn: groups of fewer than 5 patients" in spec.alt
    assert len(spec.spots(EXPORT, (7.0, 4.0))) == len(one.value) - 3
    assert len(moderator_patients(one, None, Labels(), 0).spots(EXPORT, (7.0, 4.0))) == len(one.value)


def test_a_level_of_few_patients_is_hidden_too() -> None:
    rare = table()
    rare["female"] = 0.0
    rare.loc[rare.index[[4, 6, 8, 9, 11, 13, 15, 17, 19, 21]], "female"] = 1.0
    one = shown("female", build_cohort(rare, PLANNED))
    women = one.place == 1
    assert (one.treatment[women] == 1).sum() < 5 <= (one.treatment[women] == 0).sum()
    assert not one.shown(5)[women & (one.treatment == 1)].any() and one.shown(5)[women & (one.treatment == 0)].all()


def test_the_table_of_a_figure_gives_no_patient_away() -> None:
    spec = moderator_patients(shown("age"), None, Labels())
    assert len(spec.data.rows) == 2 * len(shown("age").active.at)


def test_study_lines_pool_to_the_rows_number() -> None:
    from core.moderators.interactions import two_stage_interaction

    lines, pooled = within_studies(COHORT, PLANNED, "rapid", "female")
    values = COHORT.outcomes[0]
    rows = Rows.of(values.standardized, COHORT.treatment, COHORT.study, moderator_values(COHORT, MODERATORS[1]).terms)
    assert pooled == two_stage_interaction(rows)
    assert sum(line.weight or 0 for line in lines) == pytest.approx(100)
    assert sum(line.n_active + line.n_control for line in lines) == len(rows.y)
    between, none = within_studies(COHORT, PLANNED, "rapid", "design")
    assert none is None and {line.place for line in between} == {0.0, 1.0} and len(between) == 6
    assert within_studies(COHORT, PLANNED, "rapid", "site") == ((), None)


def test_what_cannot_be_shown_has_a_reason() -> None:
    assert isinstance(pictured(COHORT, PLANNED, "rapid", "nobody_knows"), str)
    constant = build_cohort(table().assign(age=40.0), PLANNED)
    assert "same for every patient" in str(pictured(constant, PLANNED, "rapid", "age"))


def test_every_kind_can_be_drawn_in_every_style() -> None:
    results = replace(invented(6)[0], plan=PLANNED)
    counts = {name: len(moderator_figures(results, COHORT, Labels(), "rapid", name))
              for name in ("age", "female", "dose", "site", "design")}
    assert counts == {"age": 3, "female": 3, "dose": 3, "site": 2, "design": 3}
    for name in counts:
        for spec in moderator_figures(results, COHORT, Labels(), "rapid", name):
            spec.draw(DARK, (5.5, 2.4))
            assert spec.data.rows and len(spec.alt) > 40


def test_a_second_curve_stands_beside_the_first() -> None:
    one = shown("age")
    spec = benefit_curve(one, Labels(), 5, (BenefitLine("Linear", one.benefit), BenefitLine("Curved", one.benefit)))
    words = [text.get_text() for text in spec.draw().findobj(lambda part: hasattr(part, "get_text"))]
    assert {"Linear", "Curved"} <= set(words)
    assert {row[0] for row in spec.data.rows} == {"Linear", "Curved"}


def test_where_the_limits_leave_out_zero() -> None:
    one = shown("age")
    above = replace(one.benefit, low=np.linspace(-5, 5, len(one.benefit.at)), high=np.full(len(one.benefit.at), 9.0))
    assert "favors active arm from" in where_clear(one, above, Labels())
    assert "throughout" in where_clear(one, replace(above, low=above.high - 1), Labels())
    assert "hold zero" in where_clear(one, replace(above, low=above.high - 99), Labels())


def test_the_forest_has_both_models_and_both_lines_of_r() -> None:
    results, _, _ = invented(6)
    (spec,) = moderator_forests(results, labels_for(load_protocol("ketamine")))
    record = {row["moderator"]: row for row in spec.data.records()}
    female = next(row for row in results.moderators if row.moderator == "female" and row.model == "recommended")
    assert record["Sex (female)"]["recommended_beta"] == female.beta and record["Sex (female)"]["r"] == female.r
    dashed = [line for line in spec.draw().axes[0].lines if line.get_linestyle() == "--"]
    assert len(dashed) == 2
    assert {spot.key for spot in spec.spots(EXPORT, (7.0, 3.0))} == {"female", "age", "site:north"}


def test_what_runs_far_ends_in_an_arrow() -> None:
    results, _, _ = invented(6)
    wild = replace(results, moderators=tuple(
        replace(row, ci_high=60.0) if row.moderator == "female" and row.beta is not None else row
        for row in results.moderators))
    (spec,) = moderator_forests(wild, Labels())
    assert any(line.get_marker() == ">" for line in spec.draw().axes[0].lines)


def test_only_what_tells_something_is_exported() -> None:
    results, _, _ = invented(6)
    assert {row.moderator for row in results.moderators if is_telling(row)} == {"age", "site"}


def test_a_spline_that_the_plan_asks_for_stands_beside_the_line() -> None:
    from core.moderators.benefit import benefit
    from core.plan import Splines

    plan = PLANNED.model_copy(update={"splines": Splines(knots=3)})
    curved = benefit(shown("age"), plan, "published")
    results = replace(invented(6)[0], plan=plan, benefits=(curved,))
    spec = next(spec for spec in moderator_figures(results, COHORT, Labels(), "rapid", "age") if "benefit" in spec.key)
    drawn: dict[str, list[object]] = {str(row[0]): [] for row in spec.data.rows}
    for row in spec.data.rows:
        drawn[str(row[0])].append(row[2])
    assert list(drawn) == ["Restricted cubic spline, 3 knots", "Linear interaction"]
    assert drawn["Restricted cubic spline, 3 knots"] == [point.difference for point in curved.points]
    assert spec.draw(DARK, (5.0, 2.4))
