"""Layouts as numbers: what stands where, what is cut and said so, what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.cohort import build_cohort
from core.figures import figures_for
from core.figures.axis import Axis, axis_over, tick_texts
from core.figures.effects_overview import overview_panels
from core.figures.funnel import funnels, study_points
from core.figures.funnel import lay_out as lay_out_funnel
from core.figures.individual_changes import ArmChanges
from core.figures.individual_changes import lay_out as lay_out_changes
from core.figures.interval_rows import Panel, Row, lay_out
from core.figures.participant_flow import flow_counts, flow_texts
from core.figures.responder_chart import responder_groups
from core.figures.specification import file_key
from core.figures.study_forest import study_panel
from core.figures.style import LIGHT
from core.figures.text_size import text_width, wrapped
from core.harmonized import FlowRow
from core.labels import Labels
from core.plan import Outcome
from tests.core.invented_results import PLAN, frame, invented

STYLE = LIGHT.fitted(7.0)
RESULTS, COHORT, _ = invented()
FOREST = study_panel(RESULTS.two_stage[0], RESULTS.main_effects[:2], Labels())


def placed(panel: Panel = FOREST) -> dict[str, object]:
    return {row.row.label: row for row in lay_out([panel], STYLE, 7.0).panels[0].rows}


def test_a_far_limit_is_cut_and_marked_and_no_study_disappears() -> None:
    rows = placed()
    wide, usual = rows["study_2"], rows["study_1"]
    assert wide.cut_low and wide.cut_high  # type: ignore[attr-defined]
    assert not usual.cut_low and not usual.cut_high  # type: ignore[attr-defined]
    assert set(rows) >= {f"study_{i}" for i in range(1, 7)}
    assert rows["study_3"].x is None and rows["study_3"].row.after[0] == "no estimate"  # type: ignore[attr-defined]


def test_pool_prediction_and_both_models_stand_below_the_studies() -> None:
    labels = [row.label for row in FOREST.rows]
    assert labels[6:] == ["Pool, Hartung-Knapp", "Pool, Wald", "Prediction, new study", "I² 47\N{NARROW NO-BREAK SPACE}%, τ² 0.050, Q 29.9",
                          "Published model", "Recommended model"]
    assert FOREST.rows[6].after == ("0.62 (0.43, 0.81)", "100\N{NARROW NO-BREAK SPACE}%")
    assert FOREST.rows[8].after == ("(−0.05, 1.29)",)


def test_a_pool_without_estimate_says_so() -> None:
    analysis = replace(RESULTS.two_stage[0], estimate=None, ci_low=None, ci_high=None, prediction_low=None, i2=None)
    rows = study_panel(analysis, (), Labels()).rows
    assert rows[-1].label == "Pool" and rows[-1].after == ("no estimate",)


def test_text_columns_leave_the_plot_free() -> None:
    layout = lay_out([FOREST], STYLE, 7.0)
    axis = layout.panels[0].axis
    for row in layout.panels[0].rows:
        if row.row.look != "heading":
            assert layout.label_x + text_width(row.label, STYLE, bold=row.row.bold) < layout.before[0]
        for x, text in zip(layout.after, row.row.after, strict=False):
            assert x - text_width(text, STYLE, STYLE.small) > axis.right


def test_many_rows_make_a_taller_figure() -> None:
    few, many = (lay_out([Panel(tuple(Row(str(i), 0.1, 0.0, 0.2) for i in range(n)), "x")], STYLE, 7.0).height
                 for n in (5, 40))
    assert many > few + 35 * 0.2


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.booleans())
@example(0.0, 1e-125, False)
def test_an_axis_holds_what_it_was_made_for(one: float, other: float, log: bool) -> None:
    values = [abs(v) + 1e-3 for v in (one, other)] if log else [one, other]
    axis = axis_over(values, 1.0, 5.0, log)
    assert all(axis.holds(value) and 1.0 <= axis.at(value) <= 5.0 for value in values)
    low, high = sorted(values)
    assert axis.at(low) <= axis.at(high)
    ticks = axis.ticks()
    assert len(set(tick_texts(ticks))) == len(ticks)


def test_ratio_ticks_hold_one() -> None:
    axis = Axis(0.2, 6.0, 0.0, 3.0, log=True)
    assert 1 in axis.ticks() and axis.at(1.0) == pytest.approx(3 * np.log(5) / np.log(30))


def test_overview_has_a_panel_a_unit_and_turns_the_sides_for_scores() -> None:
    panels = {panel.title: panel for panel in overview_panels(RESULTS.main_effects, Labels(active="A", control="B"))}
    assert list(panels) == ["Percent improvement, standardized", "Percent improvement",
                            "Follow-up score, adjusted for baseline", "Response and remission"]
    assert panels["Percent improvement"].higher == "favors a"
    assert panels["Follow-up score, adjusted for baseline"].lower == "favors a"
    odds = panels["Response and remission"]
    assert odds.log and odds.reference == 1.0 and odds.rows[-1].after == ("no estimate",)


def test_a_funnel_needs_ten_studies_and_tells_what_the_test_found() -> None:
    few, _, _ = invented(9)
    many, _, _ = invented(14)
    many = replace(many, two_stage=(replace(many.two_stage[0], egger_slope=0.8, egger_p=0.04),))
    assert funnels(few, Labels()) == ()
    spec = funnels(many, Labels())[0]
    assert spec.key == "funnel_rapid" and "Small studies have larger effects" in spec.alt
    assert len(spec.data.rows) == 13  # one study has no estimate


def test_a_funnel_holds_its_points_and_ends_at_the_limits_of_a_study() -> None:
    results, _, _ = invented(14)
    analysis = results.two_stage[0]
    points = study_points(analysis, Labels())
    layout = lay_out_funnel(analysis, points, Labels(), STYLE, 7.0, 4.0)
    for (x, y), point in zip(layout.points, points, strict=True):
        assert layout.axis.left <= x <= layout.axis.right and layout.errors.left < y < layout.errors.right
        assert layout.axis.holds(point.estimate)
    foot = layout.errors.high * 1.959963984540054
    assert layout.feet[1] == pytest.approx(layout.axis.at(analysis.estimate + foot))


def test_responders_are_counted_from_the_patients() -> None:
    group = responder_groups(RESULTS, COHORT, Labels())[0]
    values = COHORT.outcomes[0]
    active = values.has & (COHORT.treatment == 1)
    assert group.totals[0] == active.sum()
    assert group.events[0] == (values.primary[active] >= 50).sum()
    assert group.needed == "NNTB 4.5 (3.4 to 6.0)"


def test_a_difference_through_zero_gives_the_disjoint_pair() -> None:
    group = responder_groups(RESULTS, COHORT, Labels())[1]
    assert group.needed == "NNTB 20.0 (NNTB 8.3 to infinity to NNTH 33.3)"


def test_flow_counts_add_up_and_rows_are_not_patients() -> None:
    flow = (*RESULTS.flow, FlowRow("study_1", "excluded", 7, "rows", "later_infusion"))
    counts = flow_counts(flow, COHORT, Labels())
    assert counts.n_in_file - sum(counts.excluded.values()) == counts.n_analyzed
    assert "later infusion: 7 rows of known patients" in flow_texts(counts, Labels())[1]


def test_a_patient_far_outside_stays_as_an_arrow_at_the_edge() -> None:
    values = np.array([*np.linspace(0, 80, 60), -900.0])
    layout = lay_out_changes((ArmChanges("A", True, values),), 50.0, STYLE, 7.0)
    arm = layout.arms[0]
    assert arm.n_below == 1 and arm.n_above == 0
    assert len(arm.x) == len(values) and arm.x[-1] == layout.axis.left


def test_equal_values_are_drawn() -> None:
    layout = lay_out_changes((ArmChanges("A", True, np.full(5, 20.0)), ArmChanges("B", False, np.array([20.0]))), None,
                             STYLE, 7.0)
    assert [len(arm.x) for arm in layout.arms] == [5, 1] and layout.threshold_x is None


def test_what_was_not_asked_for_is_absent() -> None:
    plan = PLAN.model_copy(update={"outcomes": (Outcome(name="score", value="f"),), "moderators": ()})
    cohort = build_cohort(frame(), plan)
    bare = replace(RESULTS, plan=plan, main_effects=(), two_stage=(), sensitivity=(), availability=(), moderators=(),
                   conversion=())
    assert [spec.key for spec in figures_for(bare, cohort)] == ["participant_flow", "individual_score"]


def test_long_words_wrap_and_end_in_an_ellipsis() -> None:
    text = wrapped("a_very_long_study_name_without_blanks_in_it_at_all", 1.0, STYLE)
    assert text.count("\n") == 1 and "…" in text and text.endswith("all") and text_width(text, STYLE) <= 1.0
    assert wrapped("short", 1.0, STYLE) == "short"


def test_keys_are_file_names() -> None:
    assert file_key("forest", "Day 7/14: score?", "") == "forest_day_7_14_score"


def test_outcomes_that_differ_in_signs_alone_keep_their_own_files() -> None:
    plan = PLAN.model_copy(update={"outcomes": (Outcome(name="day 7", value="f"), Outcome(name="Day-7", value="g"))})
    keys = [spec.key for spec in figures_for(replace(RESULTS, plan=plan), build_cohort(frame(), plan))]
    assert len(set(keys)) == len(keys) and {"individual_day_7", "individual_day_7_2"} <= set(keys)


def test_a_name_is_never_read_as_a_formula() -> None:
    results, cohort, _ = invented(3, "$x_{}$ \\frac")
    for spec in figures_for(results, cohort):
        assert spec.rendered("svg")


def test_an_analysis_without_any_estimate_has_no_forest() -> None:
    empty = replace(RESULTS.two_stage[0], studies=RESULTS.two_stage[0].studies[2:3], estimate=None)
    keys = [spec.key for spec in figures_for(replace(RESULTS, two_stage=(empty,)), COHORT)]
    assert not [key for key in keys if key.startswith("forest")]


def test_an_arm_without_patients_is_said() -> None:
    table = frame(3)
    table["arm"] = 1.0
    cohort = build_cohort(table, PLAN)
    spec = next(spec for spec in figures_for(RESULTS, cohort) if spec.key == "responders")
    assert "no patients on control arm" in spec.alt
