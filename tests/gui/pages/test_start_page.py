from __future__ import annotations

from pathlib import Path

from core.session import Session
from gui import recent
from gui.pages.start import StartPage
from gui.widgets.choice_button import ChoiceButton


def rows(page: StartPage) -> list[ChoiceButton]:
    return [button for button in page.findChildren(ChoiceButton)
            if button not in (page.demo, page.new, page.open) and not button.isHidden()]


def test_recent_projects_are_listed_with_their_state(qtbot, tmp_path: Path) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    page.display(None)
    assert rows(page) == []
    there = tmp_path / "Pool.modscope"
    there.touch()
    recent.remember(tmp_path / "Gone.modscope", "3 studies")
    recent.remember(there, "17 studies, Map open")
    page.display(None)
    first, second = rows(page)
    assert (first.accessibleName(), first.isEnabled()) == ("Pool", True)
    assert "17 studies, Map open" in first.accessibleDescription()
    assert (second.accessibleName(), second.isEnabled()) == ("Gone", False)
    with qtbot.waitSignal(page.recent_wanted) as heard:
        first.click()
    assert heard.args == [there]


def test_the_sentence_says_what_is_open(qtbot, demo: Session) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    assert "stay on this computer" in page.sentence(None)
    assert demo.name in page.sentence(demo)
