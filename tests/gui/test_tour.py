from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from gui import tour
from gui.pages import PAGES
from gui.pages.results_shelf import MODERATOR_STATES


@pytest.mark.parametrize(("words", "said"), [
    (["--out", "x", "--lang", "xx"], 'no translation "xx"'),
    (["--out", "x", "--size", "big"], '"big" is not a size'),
    (["--out", "x", "--theme", "pink"], "pink"),
    ([], "--out"),
])
def test_a_wrong_call_is_refused_in_words(words: list[str], said: str, capsys, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        status = tour.main(words)
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [] or not (tmp_path / "x").exists()


def test_a_folder_that_cannot_be_made(capsys, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert tour.main(["--out", str(tmp_path / "file" / "pictures")]) == 2
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.skipif(not all(find_spec(name.split(":")[0]) for name in PAGES.values()), reason="pages are missing")
def test_the_tour_takes_its_pictures(tmp_path: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a plan with few moderators: those its pictures are about."""
    shown = {name for *_, name in MODERATOR_STATES}
    monkeypatch.setattr("core.plan.quick", lambda plan: plan.model_copy(update={
        "moderators": tuple(one for one in plan.moderators if one.name in shown | {"age", "mdd"}), "sets": plan.sets[:1]}))
    out = tmp_path / "pictures"
    assert tour.main(["--out", str(out), "--theme", "dark", "--size", "1100x720"]) == 0
    names = sorted(path.name for path in out.iterdir())
    assert [int(name[:2]) for name in names] == list(range(1, len(names) + 1))
    assert all(re.fullmatch(r"\d\d-[a-z0-9-]+\.png", name) for name in names)
    for step in PAGES:
        assert any(name[3:].startswith(step.value) for name in names), step
    assert {"dialog-crash", "dialog-new-project", "issues"} <= {name[3:-4] for name in names}
    first = QImage(str(out / names[0]))
    assert (first.width(), first.height()) == (1100, 720)
    assert os.environ["MODSCOPE_DATA"] == str(own_folder)
    assert not own_folder.exists()


def test_letters_are_letters(qapp) -> None:
    """Without a font every letter is the same box."""
    from gui.widgets.frame import label

    shapes = set()
    for letter in "ABCDEFG":
        made = label(letter)
        made.setFixedSize(20, 30)
        picture = made.grab().toImage()
        shapes.add(bytes(picture.constBits()))
    assert len(shapes) == 7
