"""A team's file comes in, a person corrects what was suggested, and the team sends it again with other column names."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.intake import load_files, new_session
from core.mapping import Formula, Recode, TextSearch
from core.session import Session
from core.steps import Step
from gui.main_window import MainWindow
from gui.pages.map import MapPage
from gui.pages.map_columns import READING
from gui.workspace import Opened
from tests.gui.pages.test_map_page import decision

LONG = 60_000
HEADER = "Subject,Drug,MADRS baseline,MADRS 24h,Sex,Year of birth,Infusion date,Concomitant medications"
DRUGS = ("sertraline; lorazepam", "none", "bupropion, xyzzy", "quetiapine + lithium")
ROWS = [f"S{i:02d},{('ketamine 0.5 mg/kg', 'saline')[i % 2]},{28 + i % 9},{12 + 3 * i % 17},{1 + i % 2},{1960 + 3 * i},"
        f'2018-0{1 + i % 9}-15,"{DRUGS[i % 4]}"' for i in range(12)]


@pytest.fixture
def loaded(tmp_path: Path) -> Session:
    text = "\n".join([HEADER, *ROWS])
    (tmp_path / "one.csv").write_text(text)
    (tmp_path / "two.csv").write_text(text.replace("S0", "T0").replace("S1", "T1"))
    return load_files(new_session(), [tmp_path])


def say(page: MapPage, raw: str, code: str) -> None:
    """Give a value of the variable in sight its code."""
    values = page.columns.decision.values
    row = next(one for one in values.model_.records if one.raw == raw)
    values.edited.emit(row, "Becomes", code)


def correct(page: MapPage) -> None:
    """What a person changes of what was suggested: sex, age, the number of drugs."""
    editor = page.columns.decision
    page.open("one", "female")
    say(page, "1", "1")
    say(page, "2", "0")
    page.open("one", "age")
    editor.text.field.setPlainText("year([Infusion date]) - year([Year of birth]) - 0.5")
    editor.text.hurry()
    editor.confirm.click()
    page.open("one", "n_medications")
    say(page, "bupropion, xyzzy", "2")


def test_corrections_outlive_a_file_sent_again(window: MainWindow, loaded: Session, boxes, tmp_path: Path, qtbot) -> None:
    with qtbot.waitSignal(window.workspace.settled, timeout=LONG):
        window.workspace.put(Opened(loaded, None))
    window.show_step(Step.MAP)
    page = window.page(Step.MAP)
    page.open("one", "female")
    correct(page)
    rules = {key: decision(page, key).rule for key in ("female", "age", "n_medications")}
    assert rules["female"] == Recode(column="Sex", codes={"1": "1", "2": "0"})
    assert isinstance(rules["age"], Formula) and isinstance(rules["n_medications"], TextSearch)
    before = window.workspace.session
    content = "\n".join([HEADER.replace("Sex", "Gender").replace("Year of birth", "YEAR_OF_BIRTH"), *ROWS[:-1]])
    boxes.files = [tmp_path / "one_final.csv"]
    boxes.files[0].write_text(content)
    page.open("one", READING)
    part = page.columns.part(READING)
    part.send.click()
    qtbot.waitUntil(lambda: not part.resent.isHidden(), timeout=LONG)
    part.resent.take.click()
    qtbot.waitUntil(lambda: "one_final.csv" in window.workspace.session.sources, timeout=LONG)
    after = window.workspace.session
    found = after.mappings["one"].variables
    assert found["female"].rule == Recode(column="Gender", codes={"1": "1", "2": "0"})
    assert "year([YEAR_OF_BIRTH])" in found["age"].rule.expression and found["n_medications"].rule == rules["n_medications"]
    assert after.study_data("one").patients["age"].tolist() == before.study_data("one").patients["age"].tolist()[:-1]
    assert after.mappings["two"].canonical_json() == before.mappings["two"].canonical_json()
    window.workspace.undo()
    assert window.workspace.session.sources.keys() == {"one.csv", "two.csv"}
    assert window.workspace.session.mappings["one"] == before.mappings["one"]
