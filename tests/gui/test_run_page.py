"""A run from the page: its list, its progress, its stop, and that results come of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.results import Results
from core.session import Session
from gui.pages import run
from gui.pages.run import DONE, RUNNING, WAITING, RunPage, reached_stage, stages_of
from gui.widgets.progress_card import time_left


@pytest.fixture(scope="module")
def quick(demo: Session) -> Session:
    """The demo with a plan that is soon run."""
    few = demo.plan.bootstrap.model_copy(update={"replicates": 20})
    return demo.with_plan(demo.plan.model_copy(update={"bootstrap": few, "outcomes": demo.plan.outcomes[:1],
                                                    "moderators": demo.plan.moderators[:8], "sets": demo.plan.sets[:1],
                                                    "combined": demo.plan.combined.model_copy(
                                                        update={"permutations": 20})}))


@pytest.fixture
def page(qtbot, quick: Session) -> Iterator[RunPage]:
    made = RunPage()
    qtbot.addWidget(made)
    made.session = quick
    made.resize(900, 600)
    made.display(quick)
    made.show()
    qtbot.waitUntil(lambda: bool(made._stages), timeout=10_000)
    yield made
    for runner in (made.runner, made._counting):
        runner.close()


def test_a_run_gives_results_that_are_current(page: RunPage, quick: Session, qtbot) -> None:
    assert page.main_action is page.run_action
    assert {stage.state for stage in page._stages} == {WAITING}
    with qtbot.waitSignal(page.computed, timeout=60_000) as heard:
        page.run_action.trigger()
        assert not page.run_action.isEnabled()
        assert not page.progress_card.isHidden()
    results = heard.args[0]
    assert isinstance(results, Results)
    done = quick.with_results(results)
    assert done.results_are_current
    page.session = done
    page.display(done)
    qtbot.waitUntil(lambda: all(stage.state is DONE for stage in page._stages), timeout=10_000)
    assert page.main_action is None
    assert page.progress_card.isHidden()
    first = results.main_effects[0]
    assert page._stages[1].result.startswith(f"{first.estimate:.2f} (")


def test_a_stop_is_felt_and_keeps_nothing(page: RunPage, qtbot) -> None:
    with qtbot.assertNotEmitted(page.computed):
        page.run_action.trigger()
        qtbot.wait(150)
        page.progress_card.stop.click()
        assert not page.progress_card.stop.isEnabled()
        qtbot.waitUntil(lambda: not page.runner.is_busy, timeout=10_000)
    assert "Stopped" in page.foot(page.session)
    assert page.progress_card.isHidden()
    assert page.run_action.isEnabled()


def test_what_cannot_be_run_is_said_in_place(page: RunPage, quick: Session, qtbot) -> None:
    nobody = quick.plan.model_copy(update={"include": (_rule("study", "no such study"),)})
    page.session = quick.with_plan(nobody)
    page.run_action.trigger()
    qtbot.waitUntil(lambda: bool(page.message.text), timeout=10_000)
    assert "No patient has an eligible arm" in page.message.text
    assert page.run_action.isEnabled()


def _rule(column: str, value: str):
    from core.plan import Include

    return Include(column=column, equals=value)


def test_out_of_date_results_lead_to_running_again(page: RunPage, quick: Session, qtbot) -> None:
    with qtbot.waitSignal(page.computed, timeout=60_000) as heard:
        page.run_action.trigger()
    stale = quick.with_results(heard.args[0]).with_plan(quick.plan.model_copy(update={"seed": 1}))
    page.session = stale
    page.display(stale)
    assert page.main_action is page.run_action
    assert page.run_action.text() == "Run again"
    assert "out of date" in page.sentence(stale)


def test_progress_texts_mark_the_stages_in_order(quick: Session) -> None:
    stages = stages_of(quick)
    told = [stage.told for stage in stages]
    assert len(stages) == len(set(told))
    assert reached_stage(stages, -1, "Finding who is analyzed") == -1
    assert reached_stage(stages, -1, told[0]) == 0
    assert reached_stage(stages, 2, "Bootstrap 100 of 2000") == 2
    assert reached_stage(stages, 3, told[0]) == 3, "never back"
    assert reached_stage(stages, 3, f"{told[-1]}, as analyzed") == len(stages) - 1


def test_combined_moderators_are_a_stage(quick: Session) -> None:
    stages = stages_of(quick)
    reached = reached_stage(stages, 2, "Combined moderators: rapid, set 1")
    assert reached == len(stages) - 1
    assert stages[reached].words("Combined moderators: rapid, set 1") == "Every outcome: combined moderators, rapid, set 1"
    assert reached_stage(stages, reached, "Penalty 3 of 100") == reached


def test_the_second_outcome_is_not_mistaken_for_the_first(demo: Session) -> None:
    stages = stages_of(demo)
    reached = -1
    for stage in stages:
        reached = reached_stage(stages, reached, stage.told)
    assert reached == len(stages) - 1


def test_progress_shows_what_is_running(page: RunPage, monkeypatch: pytest.MonkeyPatch) -> None:
    third = page._stages[2]
    page._tell(0.3, third.told)
    assert [stage.state for stage in page._stages[:4]] == [DONE, DONE, RUNNING, WAITING]
    assert page._stages[2].what.split(",")[0].lower() in page.progress_card._text.text().lower()
    monkeypatch.setattr(type(page.runner), "is_busy", True)
    assert page.foot(page.session).startswith("2 of ")


@pytest.mark.parametrize(("elapsed", "fraction", "said"), [
    (0.5, 0.5, ""), (10, 0.01, ""), (10, 1.0, ""), (4, 0.5, "a few seconds left"), (30, 0.5, "about 30 seconds left"),
    (60, 0.2, "about 4 minutes left")])
def test_time_left(elapsed: float, fraction: float, said: str) -> None:
    assert time_left(elapsed, fraction) == said


def test_every_stage_has_a_result_after_the_run(demo: Session, quick: Session) -> None:
    from core.analysis import run_analysis
    from core.pooled import pooled_from_session

    done = quick.with_results(run_analysis(pooled_from_session(quick), quick.plan))
    for stage in stages_of(done):
        assert stage.result and stage.state is DONE, stage
    assert run.stages_of(quick)[0].result == ""


def test_estimates_are_in_sight_while_others_are_computed(page: RunPage, quick: Session, qtbot) -> None:
    heard: list[tuple[int, bool]] = []
    hear = page._hear

    def watched(rows: tuple[object, ...]) -> None:
        hear(rows)
        heard.append((len(page.arriving.records.records), page.arriving.isVisible()))

    page._hear = watched  # type: ignore[method-assign]
    with qtbot.waitSignal(page.computed, timeout=60_000) as computed:
        page.run_action.trigger()
    results = computed.args[0]
    tested = [row for row in results.moderators if row.model == "published" and row.tier != "none"]
    assert max(n for n, _ in heard) == len(tested)
    assert [n for n, _ in heard] == sorted(n for n, _ in heard)
    assert heard[-1][1], "the table is there while the run goes on"
    assert not page.arriving.isVisible(), "and gone when the results are"


def test_a_main_effect_fills_its_line(page: RunPage, quick: Session) -> None:
    from core.results import MainEffect

    effect = MainEffect("rapid", "percent_improvement", "standardized", "recommended", 700, 17, 380, 320, estimate=0.5,
                        ci_low=0.3, ci_high=0.7)
    page._hear((effect,))
    filled = [stage for stage in page._stages if stage.result]
    assert [(stage.model, stage.result) for stage in filled] == [("Recommended", "0.50 (0.30, 0.70)")]
