"""The style of figures is chosen in a panel; each change is one decision, and can be taken back."""

from __future__ import annotations

import pytest

from core.figure_choices import PAIRS, FigureChoices
from core.labels import Labels
from gui.pages.results_overview import OverviewPane
from gui.pages.results_style import OWN, Named, StylePanel
from tests.core.invented_results import invented

THINGS = (Named("arms", "active", "Active arm"), Named("arms", "control", "Control arm"), Named("studies", "s1", "Smith 2001"),
          Named("variables", "age", "Age"))


@pytest.fixture
def panel(qtbot) -> StylePanel:
    made = StylePanel()
    qtbot.addWidget(made)
    made.show()
    made.show_choices(FigureChoices(), THINGS, Labels())
    return made


def choose(panel: StylePanel, box, value: object, qtbot) -> tuple[FigureChoices, str]:
    with qtbot.waitSignal(panel.changed) as heard:
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    return tuple(heard.args)  # type: ignore[return-value]


@pytest.mark.parametrize(("name", "value"), [("font", "DejaVu Serif"), ("size", 12.0), ("points", 1.3), ("lines", 2.0),
                                             ("grid", "none"), ("order", "year")])
def test_each_choice_is_a_decision_with_a_name(panel: StylePanel, qtbot, name: str, value: object) -> None:
    choices, what = choose(panel, panel.fields[name], value, qtbot)
    assert choices == FigureChoices.model_validate({name: value}) and what.startswith("Figures: ")
    panel.show_choices(choices, THINGS, Labels())
    assert panel.fields[name].currentData() == value and panel.reset.isEnabled()


def test_what_is_shown_is_told_to_nobody(panel: StylePanel, qtbot) -> None:
    with qtbot.assertNotEmitted(panel.changed):
        panel.show_choices(FigureChoices(points=0.9, size=6.5), THINGS, Labels())
    assert panel.fields["points"].currentText() == "0.9 times" and panel.fields["size"].currentText() == "6.5 points"


def test_colors_are_a_pair_or_the_persons_own(panel: StylePanel, boxes, qtbot) -> None:
    choices, _ = choose(panel, panel.pair, "Blue and orange", qtbot)
    assert (choices.active, choices.control) == PAIRS["Blue and orange"]
    boxes.answer = lambda box: bool(box.setCurrentColor("#123456")) or True
    with qtbot.waitSignal(panel.changed) as heard:
        panel.colors["control"].click()
    own = heard.args[0]
    assert own.control == "#123456" and own.active == ""
    panel.show_choices(own, THINGS, Labels())
    assert panel.pair.currentData() == OWN
    boxes.answer = lambda box: False
    with qtbot.assertNotEmitted(panel.changed):
        panel.pair.activated.emit(panel.pair.currentIndex())
    assert panel.pair.currentData() == OWN


def test_names_are_given_and_taken_back(panel: StylePanel, qtbot) -> None:
    panel.kinds.setCurrentIndex(panel.kinds.findData("studies"))
    panel.kinds.activated.emit(1)
    (smith,) = panel.names.model_.records
    with qtbot.waitSignal(panel.changed) as heard:
        panel.names.edited.emit(smith, "Called", "Smith and others")
    named, what = heard.args
    assert named.studies == {"s1": "Smith and others"} and what == "Figures: name of Smith 2001"
    panel.show_choices(named, THINGS, Labels())
    with qtbot.waitSignal(panel.changed) as heard:
        panel.names.edited.emit(smith, "Called", "")
    assert heard.args[0].is_default
    with qtbot.waitSignal(panel.changed) as heard:
        panel.reset.click()
    assert heard.args[0] == FigureChoices()


def test_the_overview_says_the_three_sentences_and_leads_on(qtbot) -> None:
    pane = OverviewPane()
    qtbot.addWidget(pane)
    pane.resize(700, 500)
    pane.show()
    pane.show_answers(invented()[0], Labels())
    said = pane.sentences["effect"]
    assert said.accessibleDescription().startswith("Rapid: patients in the active arm had improved") and "<b>How" in said.text()
    with qtbot.waitSignal(pane.wanted) as heard:
        said.linkActivated.emit("main")
    assert heard.args == ["main", ""]
    pane.show_figures({})
    assert "no main effect" in pane.views["effect"]._words.text() and "nothing to draw" in pane.views["benefit"]._words.text()
    with qtbot.waitSignal(pane.wanted) as heard:
        pane.views["benefit"].picked.emit("age")
    assert heard.args == ["moderators", "age"]
