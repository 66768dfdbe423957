"""Results in sight: figure, table and details are linked, and what is out of date says so and is not saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton

from core.overview_words import answers
from core.r_lines import main_effect_line
from core.results import Results
from core.session import Session
from core.steps import Step
from core.wording import effect_decimals, number
from gui import theme
from gui.jobs import JobRunner
from gui.pages.results import ResultsPage
from gui.pages.results_details import details_of, left_out
from gui.pages.results_figures import figures_of, session_labels
from gui.pages.results_rows import SECTIONS, Filter
from gui.pages.results_stale import out_of_date
from gui.widgets.figure_view import FigureView


@pytest.fixture(scope="module")
def done(analyzed: Session) -> Session:
    """The analyzed demo; figures of one outcome's sets are enough."""
    found = results(analyzed)
    return analyzed.with_results(replace(found, combined=tuple(one for one in found.combined if one.outcome == "rapid")))


@pytest.fixture
def page(qtbot, done: Session) -> Iterator[ResultsPage]:
    made = ResultsPage()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.session = done
    made.show()
    made.display(done)
    settle(made, qtbot)
    yield made
    for runner in runners(made):
        runner.close()


def runners(page: ResultsPage):
    return page.findChildren(JobRunner)


def settle(page: ResultsPage, qtbot) -> None:
    views = page.findChildren(FigureView)
    qtbot.waitUntil(lambda: not any(runner.is_busy for runner in runners(page))
                    and not any(view._timer.isActive() for view in views if view.isVisible()), timeout=20_000)


def go(page: ResultsPage, key: str) -> None:
    page.sections.setCurrentRow([section.key for section in SECTIONS].index(key))


def words(page: ResultsPage) -> str:
    return page.details.area.accessibleDescription()


def results(session: Session) -> Results:
    assert session.results is not None
    return session.results


def test_main_effects_stand_in_the_table(page: ResultsPage, done: Session) -> None:
    go(page, "main")
    assert page.table.records.records == results(done).main_effects
    text = {column.title: column.text for column in page.table.records.columns}
    for effect in results(done).main_effects:
        (estimate,) = (show(effect) for title, show in text.items() if title.startswith("Estimate"))
        assert estimate.startswith(number(effect.estimate, effect_decimals(effect)))
        assert text["n"](effect) == str(effect.n)


def test_choices_narrow_the_table(page: ResultsPage, done: Session) -> None:
    go(page, "main")
    page.outcome.setCurrentIndex(page.outcome.findData("post_rapid"))
    page.outcome.activated.emit(page.outcome.currentIndex())
    page.measure.setCurrentIndex(page.measure.findText("Response, odds ratio"))
    page.measure.activated.emit(page.measure.currentIndex())
    (row,) = page.table.records.records
    assert (row.outcome, row.measure) == ("post_rapid", "response")


def test_a_row_brings_its_figure_and_details(page: ResultsPage, done: Session, qtbot) -> None:
    go(page, "main")
    settle(page, qtbot)
    for effect, kind in ((results(done).main_effects[1], "forest_rapid"), (_first(done, "response"), "responders")):
        page.figure.setCurrentIndex(0)
        page.table.choose(SECTIONS[1].key_of(effect))
        page.figure.setCurrentIndex(0)
        page.figure.activated.emit(0)
        settle(page, qtbot)
        assert page.view.figure is not None
        assert page.view.figure.key.startswith(kind)
        assert f"{effect.n} patients in {effect.k} studies" in words(page)
        assert page.view._area.accessibleDescription() == page.view.figure.alt
        assert page.view._picture.image is not None


def _first(session: Session, measure: str):
    return next(effect for effect in results(session).main_effects if effect.measure == measure)


def test_a_section_begins_with_its_foremost_figure(page: ResultsPage) -> None:
    go(page, "diagnostics")
    assert page.view.figure is not None and page.view.figure.key == "participant_flow"
    go(page, "main")
    assert page.view.figure.key.startswith("forest_rapid")


def test_a_kind_of_figure_stays_from_row_to_row(page: ResultsPage, done: Session) -> None:
    go(page, "main")
    page.table.choose(SECTIONS[1].key_of(results(done).main_effects[0]))
    page.figure.setCurrentIndex(page.figure.findText("Individual changes"))
    page.figure.activated.emit(page.figure.currentIndex())
    page.table.choose(SECTIONS[1].key_of(results(done).main_effects[-1]))
    assert page.view.figure is not None
    assert page.view.figure.key == f"individual_{results(done).main_effects[-1].outcome}"


@pytest.mark.parametrize("section", SECTIONS[1:], ids=lambda section: section.key)
def test_every_section_has_rows_figures_and_details(page: ResultsPage, done: Session, section, qtbot) -> None:
    go(page, section.key)
    settle(page, qtbot)
    assert page.table.records.records
    assert not page.view.isHidden()
    assert page.view.figure is not None
    for row in page.table.records.records:
        assert details_of(row, results(done), session_labels(done)).sentence


def show_sets(page: ResultsPage, qtbot, name: str = "1") -> None:
    go(page, "combined")
    page.table.choose(("rapid", name))
    settle(page, qtbot)


def offered(page: ResultsPage) -> list[str]:
    return [page.figure.itemText(place) for place in range(page.figure.count())]


def choose_figure(page: ResultsPage, words: str) -> None:
    page.figure.setCurrentIndex(page.figure.findText(words))
    page.figure.activated.emit(page.figure.currentIndex())


def test_a_set_brings_its_figures_weights_and_reading(page: ResultsPage, done: Session, qtbot) -> None:
    show_sets(page, qtbot)
    assert [one.set for one in page.table.records.records] == ["1", "1 without study-level", "2a",
                                                               "2a without study-level"]
    assert offered(page) == ["All sets", "Weights", "Patients along M*", "Calibration", "Studies left out",
                             "Weights, as a table"]
    assert page.view.figure is not None and page.view.figure.key == "combined_sets_rapid"
    one = page.table.current
    assert "held-out r = " in words(page) and "no test" in words(page) and "For research only." in words(page)
    text = {column.title: column.text(one) for column in page.table.records.columns}
    assert text["Held-out r"] == number(one.r_leave_study_out) and text["n"] == str(one.n)
    choose_figure(page, "Patients along M*")
    assert page.view.figure.key == "combined_patients_rapid_1"
    choose_figure(page, "Weights, as a table")
    assert page.view.isHidden() and not page.combined.weights.isHidden()
    assert {weight.moderator for weight in page.combined.weights.records.records} == {
        weight.moderator for weight in one.weights}
    page.table.choose(("rapid", "2a"))  # that set keeps no member: its weights are still told
    settle(page, qtbot)
    assert offered(page) == ["All sets", "Weights", "Weights, as a table"]
    assert "no usable combination" in words(page)
    go(page, "overview")
    assert page.combined.weights.isHidden() and not page.combined.figures


def test_sets_are_read_with_the_keyboard(page: ResultsPage, qtbot, qapp) -> None:
    page.activateWindow()
    page.sections.setFocus()
    while page.section.key != "combined":
        qtbot.keyClick(page.sections, Qt.Key.Key_Down)
    settle(page, qtbot)
    reached = set()
    for _ in range(12):
        qtbot.keyClick(qapp.focusWidget(), Qt.Key.Key_Tab)
        reached.add(qapp.focusWidget())
        if qapp.focusWidget() is page.figure:
            while page.figure.currentText() != "Weights, as a table":
                qtbot.keyClick(page.figure, Qt.Key.Key_Down)
    assert {page.outcome, page.figure, page.wide, page.save, page.combined.weights, page.table} <= reached
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.table.current.set == "1 without study-level"


def test_a_set_clicked_in_the_figure_is_chosen(page: ResultsPage, qtbot) -> None:
    show_sets(page, qtbot)
    page.view.picked.emit("2a")
    assert page.table.current.set == "2a"


def reaching(done: Session, **changes: object) -> Session:
    """The demo as if its first set reached the line, by what was held out."""
    found = results(done)
    held = {"r_leave_study_out": 0.36, "r_cv": 0.33, "p_permutation": 0.01, **changes}
    return done.with_results(replace(found, combined=(replace(found.combined[0], **held), *found.combined[1:])))  # type: ignore[arg-type]


def test_values_are_tried_with_the_keyboard(page: ResultsPage, done: Session, boxes, qtbot, qapp) -> None:
    session = reaching(done)
    page.session = session
    page.display(session)
    show_sets(page, qtbot)
    action = page.details.action
    assert action.isVisible() and action.text() == action.accessibleName() == "Try values..."
    assert "so values can be tried" in words(page)
    page.activateWindow()
    page.table.setFocus()
    for _ in range(12):
        qtbot.keyClick(qapp.focusWidget(), Qt.Key.Key_Tab)
        if qapp.focusWidget() is action:
            break
    assert qapp.focusWidget() is action
    marks: list[str] = []
    boxes.answer = lambda box: bool(marks.append(box.mark.text()))
    qtbot.keyClick(action, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(marks), timeout=20_000)
    assert marks == ["Research use only. Not for decisions about single patients.\nHeld-out r = 0.36 (studies left out in "
                     "turn), 0.33 cross-validated, permutation p = 0.010."]
    page.session = session.with_study(done.registry.studies[2].model_copy(update={"country": "FR"}))
    page.display(page.session)
    assert action.isVisible() and not action.isEnabled() and "Run again" in action.toolTip()
    go(page, "main")
    assert action.isHidden()


@pytest.mark.parametrize("changes", [{"r_leave_study_out": 0.29}, {"r_cv": 0.2}, {"p_permutation": 0.2}])
def test_below_the_line_no_values_are_tried(done: Session, changes) -> None:
    session = reaching(done, **changes, r=0.9)
    shown = details_of(results(session).combined[0], results(session), session_labels(session))
    assert not shown.action and "would need a held-out r of 0.3" in shown.facts[0].text


def test_sets_that_cannot_be_fitted_say_why(page: ResultsPage, done: Session, qtbot) -> None:
    bare = replace(results(done).combined[0], lambda_=None, r=None, r_cv=None, r_leave_study_out=None, weights=(),
                   studies=(), fifths=(), null=(), note="The set cannot be formed.")
    session = done.with_results(replace(results(done), combined=(bare,)))
    page.session = session
    page.display(session)
    settle(page, qtbot)
    show_sets(page, qtbot)
    assert page.view.figure is None and "table says why" in page.view._words.text()
    assert "The set cannot be formed." in words(page)
    none = done.with_results(replace(results(done), combined=()))
    page.session = none
    page._fill()
    assert page.table.current is None and "The plan has none" in page.view._words.text()


def test_sets_of_results_out_of_date_show_no_patients(page: ResultsPage, done: Session, qtbot) -> None:
    changed = done.with_study(done.registry.studies[2].model_copy(update={"country": "FR"}))
    page.session = changed
    page.display(changed)
    show_sets(page, qtbot)
    assert "Calibration" in offered(page)
    assert not [figure for figure in page.combined.figures if figure.startswith("combined_patients")]


def test_a_disagreement_is_red(done: Session, page: ResultsPage) -> None:
    red = replace(results(done).main_effects[0], engines_agree=False, engines_note="MixedLM found 0.9 instead of 0.6.")
    spoiled = done.with_results(replace(results(done), main_effects=(red, *results(done).main_effects[1:])))
    details = details_of(red, results(spoiled), session_labels(done))
    (fact,) = (fact for fact in details.facts if fact.name == "Second engine")
    assert fact.mark is not None
    assert (fact.mark.role, fact.mark.word) == ("bad", "disagrees")
    assert fact.text == red.engines_note
    assert page.foot(spoiled).startswith("1 estimates on which the two engines disagree")


def test_who_is_left_out_adds_up(done: Session) -> None:
    flow = results(done).flow
    primary = sum(row.n for row in flow if row.stage == "analyzed")
    assert left_out(primary - 4, results(done)).startswith(f"4 of the primary set of {primary} lack")
    assert left_out(primary, results(done)).startswith("nobody of the primary set")


def test_the_line_for_r(done: Session, page: ResultsPage, qapp) -> None:
    effect = _first(done, "ancova")
    go(page, "main")
    page.table.choose(SECTIONS[1].key_of(effect))
    line = page.details.findChildren(QLineEdit)[-1]
    assert line.text() == main_effect_line(effect, results(done).plan) and line.isReadOnly()
    copy = next(one for one in page.details.findChildren(QPushButton) if one.accessibleName() == "Copy the line for R")
    copy.click()
    assert qapp.clipboard().text() == line.text()


@pytest.mark.parametrize("section", ["main", "two-stage", "moderators", "sensitivity"])
def test_every_number_has_patients_a_second_engine_and_a_line(page: ResultsPage, done: Session, section: str) -> None:
    go(page, section)
    for row in page.table.records.records:
        found = details_of(row, results(done), session_labels(done))
        names = {fact.name for fact in found.facts}
        if found.r_line:
            assert {"Patients", "Second engine"} <= names, found.title
    assert sum(bool(details_of(row, results(done), session_labels(done)).r_line)
               for row in page.table.records.records) >= len(page.table.records.records) / 2


def test_out_of_date_says_why_and_is_not_saved(page: ResultsPage, done: Session, qtbot) -> None:
    study = done.registry.studies[2]
    changed = done.with_study(study.model_copy(update={"country": "FR"}))
    page.session = changed
    page.display(changed)
    assert page.message.text.endswith(f"the facts of {study.name} have changed since the run. Run again.")
    assert not page.save.isEnabled()
    assert not any(view.save_action.isEnabled() or view.copy_action.isEnabled() for view in page.findChildren(FigureView))
    assert page.main_action is page.again
    with qtbot.waitSignal(page.go_and_do) as heard:
        page.again.trigger()
    assert heard.args == [Step.RUN]
    page.session = done
    page.display(done)
    assert page.message.text == ""
    assert page.save.isEnabled()


def test_a_judgment_of_bias_is_drawn_anew(page: ResultsPage, done: Session, qtbot) -> None:
    study = done.registry.studies[0]
    page.session = done.with_study(study.model_copy(update={"risk_of_bias": {**study.risk_of_bias, "missing_data": "high"}}))
    assert page.session.results_are_current
    page.display(page.session)
    settle(page, qtbot)
    assert page._figures["risk_of_bias"].data.rows[0][-1] == "high"


def test_why_results_are_out_of_date(done: Session) -> None:
    seed = done.with_plan(done.plan.model_copy(update={"seed": 4}))
    assert "the plan has changed" in out_of_date(done, seed)
    assert "the plan has changed" in out_of_date(None, seed)
    study = done.registry.studies[0]
    gone = done.without_study(study.study)
    assert "data or mapping have changed" in out_of_date(None, gone)
    assert f"the mapping of {study.name}" in out_of_date(done, gone)


def test_out_of_date_results_show_no_figures_of_patients(done: Session) -> None:
    now = set(figures_of(done))
    stale = set(figures_of(done.with_study(done.registry.studies[0].model_copy(update={"country": "FR"}))))
    assert stale < now
    assert {"responders", "individual_rapid", "participant_flow"} <= now - stale


def test_the_overview_comes_first_and_leads_to_a_row(page: ResultsPage, done: Session, qtbot) -> None:
    assert page.section.key == "overview" and page.panes.isHidden() and page.overview.isVisible()
    assert page.overview.sentences["pooled"].accessibleDescription() == answers(results(done), session_labels(done))[0].text
    assert all(view.figure is not None and view.figure.mark for view in page.overview.views.values())
    page.overview.wanted.emit("moderators", "crossover")
    settle(page, qtbot)
    assert page.section.key == "moderators" and page.table.current.row.moderator == "crossover"
    assert page.panes.isVisible() and page.overview.isHidden()


def test_a_style_is_decided_and_reaches_every_figure(page: ResultsPage, done: Session, qtbot) -> None:
    page.overview.style_wanted.emit()
    assert page.look.isVisible()
    size = page.look.fields["size"]
    with qtbot.waitSignal(page.decided) as heard:
        size.setCurrentIndex(size.findData(12.0))
        size.activated.emit(size.currentIndex())
    session, what = heard.args
    assert what == "Figures: size of letters" and session.results_are_current
    named = session.with_figure_choices(session.figure_choices.model_copy(update={"arms": {"active": "Esketamine"}}))
    before = page.overview.views["effect"].figure
    page.session = named
    page.display(named)
    settle(page, qtbot)
    shown = page.overview.views["effect"].figure
    assert shown is not before and shown.choices.size == 12
    assert "patients on esketamine" in page.overview.sentences["effect"].accessibleDescription()
    go(page, "combined")
    settle(page, qtbot)
    assert page.view.figure.choices.size == 12 and page.details.isHidden()
    assert all(figure.choices.size == 12 for figure in page.combined.figures.values())
    page.style_button.setChecked(False)
    assert not page.details.isHidden() and page.look.isHidden()


def test_tables_are_saved_as_they_are_shown(page: ResultsPage, boxes, tmp_path: Path) -> None:
    go(page, "main")
    boxes.files = [tmp_path / "table.csv"]
    page.save_table.trigger()
    lines = boxes.files[0].read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + len(page.table.records.records)
    page.view.numbers_action.trigger()
    assert boxes.files[0].read_text(encoding="utf-8").startswith("panel,row,estimate")
    boxes.files = [tmp_path / "nowhere" / "table.csv"]
    page.save_table.trigger()
    assert "cannot be written" in page.message.text


def test_the_figure_follows_the_scheme(page: ResultsPage, qapp, qtbot) -> None:
    go(page, "main")

    def ground() -> str:
        settle(page, qtbot)
        assert page.view._picture.image is not None
        return page.view._picture.image.pixelColor(0, 0).name().upper()

    assert ground() == theme.LIGHT.ground
    theme.set_up(qapp, "dark")
    assert ground() == theme.DARK.ground


def test_the_figure_alone(page: ResultsPage) -> None:
    go(page, "main")
    page.wide.setChecked(True)
    assert page.below.isHidden()
    page.wide.setChecked(False)
    assert not page.below.isHidden()


def test_filters_take_what_is_asked() -> None:
    assert Filter().takes("rapid", "response", "odds_ratio")
    assert not Filter("rapid").takes("post_rapid", "response", "odds_ratio")
    assert not Filter(None, ("ancova", "raw")).takes("rapid", "response", "odds_ratio")


# --- moderators -----------------------------------------------------------------------------------------------------


def moderators_page(page: ResultsPage, qtbot, name: str = "age") -> None:
    go(page, "moderators")
    page.pick(name)
    settle(page, qtbot)


def show(page: ResultsPage, words: str, qtbot) -> None:
    page.figure.setCurrentIndex(page.figure.findText(words))
    assert page.figure.currentText() == words
    page.figure.activated.emit(page.figure.currentIndex())
    settle(page, qtbot)


def test_a_moderator_brings_its_own_figures(page: ResultsPage, qtbot) -> None:
    moderators_page(page, qtbot)
    offered = [page.figure.itemText(place) for place in range(page.figure.count())]
    assert offered == ["All moderators", "Patients", "Benefit", "Within studies", "Availability", "Credibility (ICEMAN)"]
    for words, key in (("Patients", "moderator_patients_rapid_age"), ("Benefit", "moderator_benefit_rapid_age"),
                       ("Within studies", "moderator_studies_rapid_age")):
        show(page, words, qtbot)
        assert page.view.figure is not None and page.view.figure.key == key
        assert page.moderator.points.isVisible() == (words != "Within studies")
    show(page, "Patients", qtbot)
    page.pick("female")
    settle(page, qtbot)
    assert page.view.figure.key == "moderator_patients_rapid_female", "the kind stays from row to row"
    go(page, "main")
    settle(page, qtbot)
    assert not page.moderator.points.isVisible() and not page.moderator.tools.isVisible()


def test_the_filter_narrows_the_table(page: ResultsPage, qtbot) -> None:
    moderators_page(page, qtbot)
    tools = page.moderator.tools

    def names() -> set[tuple[str, str]]:
        return {(line.row.moderator, line.row.model) for line in page.table.records.records}

    everything = names()
    assert {model for _, model in everything} == {"published"}
    tools.model.setCurrentIndex(tools.model.findData(None))
    tools.model.activated.emit(0)
    assert len(names()) == 2 * len(everything)
    tools.level.setCurrentIndex(tools.level.findData("study"))
    tools.level.activated.emit(0)
    assert {name for name, _ in names()} == {"psychoactive_placebo", "crossover"} & {name for name, _ in everything} | {
        name for name, _ in names() if "us_site" in name or "trd" in name}
    tools.level.setCurrentIndex(0)
    tools.level.activated.emit(0)
    tools.text.setText("AGE")
    assert "age" in {name for name, _ in names()} and "crossover" not in {name for name, _ in names()}
    tools.text.clear()


def test_who_is_left_out_and_what_to_keep_in_mind(page: ResultsPage, qtbot) -> None:
    moderators_page(page, qtbot, "crossover")
    assert "Of 720 patients of the primary set" in words(page)
    assert "Between 17 studies only" in words(page)
    assert "In the paper: β* 0.52 (0.23, 0.81), p < 0.001, r 0.13 (Price 2022)" in words(page)
    assert "Recommended: β*" in words(page)


def test_the_credibility_form_is_answered_and_given_back(page: ResultsPage, done: Session, qtbot) -> None:
    moderators_page(page, qtbot, "crossover")
    show(page, "Credibility (ICEMAN)", qtbot)
    form = page.moderator.form
    assert form.isVisible() and not page.view.isVisible()
    lines = {line.question.key: line for line in form.table.model_.records}
    assert lines["within"].answer == "definitely_no"
    with qtbot.waitSignal(page.decided) as heard:
        form.table.edited.emit(lines["foreseen"], "Answer", "definitely_yes")
    session, what = heard.args
    assert what.startswith("Credibility of Crossover design")
    page.session = session
    page.display(session)
    settle(page, qtbot)
    assert form.isVisible(), "the form stays in sight"
    (line,) = (line for line in form.table.model_.records if line.question.key == "foreseen")
    assert (line.said, line.reason) == ("Yes", "") and line.by != "Modscope"
    with qtbot.waitSignal(page.decided) as heard:
        form.table.edited.emit(line, "Answer", "back")
    assert heard.args[0].credibility == done.credibility
    show(page, "All moderators", qtbot)
    assert not form.isVisible() and page.view.isVisible()


def test_pointing_at_a_patient_names_study_and_value_alone(page: ResultsPage, done: Session, qtbot) -> None:
    moderators_page(page, qtbot)
    show(page, "Patients", qtbot)
    picture = page.view._picture
    assert len(picture._spots) > 600
    labels = session_labels(done)
    for spot in picture._spots[::40]:
        found = picture.spot_at(QPointF(spot.x * 96, spot.y * 96))
        assert found is not None
        study, age, improvement = found.text.split("\n")
        assert study.rpartition(", ")[0] in labels.studies.values()
        assert age.startswith("Age: ") and improvement.startswith("Rapid (24 h): ")
    assert picture.spot_at(QPointF(-50, -50)) is None


def test_a_click_in_the_forest_goes_to_the_row(page: ResultsPage, qtbot) -> None:
    moderators_page(page, qtbot)
    show(page, "All moderators", qtbot)
    spot = next(spot for spot in page.view._picture._spots if spot.key == "female")
    qtbot.mouseClick(page.view._picture, Qt.MouseButton.LeftButton,
                     pos=QPointF(spot.x * 96, spot.y * 96).toPoint())
    assert page.table.current.row.moderator == "female"


def test_small_groups_are_hidden_by_choice(page: ResultsPage, qtbot) -> None:
    moderators_page(page, qtbot)
    show(page, "Patients", qtbot)
    before = len(page.view._picture._spots)
    page.moderator.points.setCurrentIndex(page.moderator.points.findData(10))
    page.moderator.points.activated.emit(0)
    settle(page, qtbot)
    assert len(page.view._picture._spots) <= before
    assert page.view.figure.key == "moderator_patients_rapid_age"
