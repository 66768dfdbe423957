from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import UserError
from core.intake import load_files, new_session
from core.progress import Progress
from core.project import Project
from core.sensitivity import MAIN, WITHIN
from core.session import Session
from gui.pages.run import run_plan
from gui.workspace import Opened, Workspace
from tests.small_studies import write_small_studies


@pytest.fixture
def space(qtbot):
    made = Workspace()
    yield made
    made.close()


@pytest.fixture
def demo_space(space: Workspace, demo: Session, qtbot) -> Workspace:
    with qtbot.waitSignal(space.settled):
        space.put(Opened(demo, None))
    return space


def renamed(session: Session, country: str) -> Session:
    study = session.registry.studies[0]
    return session.with_study(study.model_copy(update={"country": country}))


def country(space: Workspace) -> str | None:
    assert space.session is not None
    return space.session.registry.studies[0].country


def test_undo_and_redo(demo_space: Workspace) -> None:
    before = country(demo_space)
    demo_space.decide(renamed(demo_space.session, "FR"), "Country of A")
    demo_space.decide(renamed(demo_space.session, "DE"), "Country of A again")
    assert demo_space.undo_name == "Country of A again"
    demo_space.undo()
    assert country(demo_space) == "FR"
    assert demo_space.redo_name == "Country of A again"
    demo_space.undo()
    assert (country(demo_space), demo_space.undo_name) == (before, "")
    demo_space.undo()
    assert country(demo_space) == before
    demo_space.redo()
    demo_space.redo()
    assert (country(demo_space), demo_space.redo_name) == ("DE", "")


def test_a_decision_ends_redo(demo_space: Workspace) -> None:
    demo_space.decide(renamed(demo_space.session, "FR"), "one")
    demo_space.undo()
    demo_space.decide(renamed(demo_space.session, "DE"), "another")
    assert demo_space.redo_name == ""


def test_results_stay_through_undo_and_are_no_matter_of_it(demo_space: Workspace) -> None:
    results = SimpleNamespace(inputs="x", is_second_engine_asked=True)
    demo_space.decide(renamed(demo_space.session, "FR"), "one")
    demo_space.keep_results(results)
    assert demo_space.undo_name == "one"
    demo_space.undo()
    assert demo_space.session.results is results


def test_the_second_engine_is_asked_beside_the_work(space: Workspace, tmp_path: Path, qtbot) -> None:
    """Results come without its verdicts, which follow by themselves; also where the project was closed before."""
    write_small_studies(tmp_path)
    session = load_files(new_session("ketamine", "small"), [tmp_path])
    plan = session.plan.model_copy(update={"bootstrap": session.plan.bootstrap.model_copy(update={"replicates": 0})})
    session = session.with_plan(plan)
    estimates = run_plan(session)
    assert not estimates.is_second_engine_asked
    assert {effect.engines_agree for effect in estimates.main_effects} == {None}
    with qtbot.waitSignal(space.settled):
        space.put(Opened(session.with_results(estimates), None))
    qtbot.waitUntil(lambda: space.session.results.is_second_engine_asked, timeout=120_000)
    found = space.session.results
    assert all(effect.engines_agree for effect in found.main_effects if effect.scale != "odds_ratio")
    assert all(row.engines_agree for row in found.sensitivity if row.target == MAIN and row.variant != WITHIN)
    assert all(row.engines_agree or row.engines_note for row in found.sensitivity)
    assert [effect.estimate for effect in found.main_effects] == [effect.estimate for effect in estimates.main_effects]


def test_what_follows_is_worked_out_for_the_last_decision(demo_space: Workspace, qtbot) -> None:
    gone = demo_space.session.registry.studies[0].study
    with qtbot.waitSignal(demo_space.settled):
        demo_space.decide(renamed(demo_space.session, "FR"), "one")
        demo_space.decide(demo_space.session.without_study(gone), "Removal")
    assert demo_space.standing.steps == demo_space.session.steps()
    assert not [issue for issue in demo_space.standing.issues if issue.where.study == gone]


def test_every_change_is_saved(space: Workspace, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "Pool.modscope"
    with qtbot.waitSignal(space.settled):
        space.create(path, "ketamine", "Pool", [])
    source = tmp_path / "one.csv"
    source.write_text("id,arm,madrs_base,madrs_24h\n1,ketamine,30,10\n2,saline,31,30\n", encoding="utf-8")

    def work(progress: Progress) -> Session:
        from core.intake import load_files

        return load_files(space.session, [source], progress)

    with qtbot.waitSignal(space.changed):
        space.decide_by(work, "Adding one.csv")
    space.close()
    project, session = Project.open(path)
    assert list(session.sources) == ["one.csv"]
    assert "Adding one.csv" in {row["what"] for row in project.audit()}
    project.close()


def test_a_project_that_cannot_be_opened_leaves_the_one_on_the_table(demo_space: Workspace, qtbot,
                                                                     tmp_path: Path) -> None:
    before = demo_space.session
    with qtbot.waitSignal(demo_space.failed) as heard:
        demo_space.open(tmp_path / "none.modscope")
    assert isinstance(heard.args[0], UserError)
    assert demo_space.session is before


def test_the_demo_begins_afresh(space: Workspace, demo_at_hand: None, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "made" / "Demo.modscope"
    for _ in range(2):
        with qtbot.waitSignal(space.settled, timeout=120_000):
            space.open_demo(path)
        assert country(space) != "FR"
        space.decide(renamed(space.session, "FR"), "one")
    assert space.session.synthetic


def test_stopping_work_changes_nothing(space: Workspace, qtbot) -> None:
    session = new_session()
    space.put(Opened(session, None))

    def work(progress: Progress) -> Session:
        while True:
            progress(0.1, "working")

    with qtbot.waitSignal(space.rested):
        space.decide_by(work, "never")
        assert space.is_busy
        space.stop()
    assert space.session is session
    assert space.undo_name == ""
