"""What is loaded when, and what the words after the program's name lead to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import main
from gui.app import crash_hook, load_the_rest
from gui.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "sklearn", "pydantic", "openpyxl")


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | environment)


def test_the_window_shows_before_what_computes_is_loaded(tmp_path: Path) -> None:
    done = run("import sys\nfrom gui.app import make_application, theme, MainWindow\n"
               "app = make_application(['modscope'])\ntheme.set_up(app)\nwindow = MainWindow()\nwindow.show()\n"
               f"app.processEvents()\nassert window.isVisible()\nprint([n for n in {HEAVY} if n in sys.modules])",
               MODSCOPE_DATA=str(tmp_path))
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(("words", "opens"), [
    ([], True), (["--demo"], True), (["Pool.modscope"], True), (["tour", "--out", "x"], True),
    (["demo", "--out", "x"], False), (["--help"], False), (["analyze", "P.modscope", "--out", "x"], False)])
def test_which_words_open_the_window(words: list[str], opens: bool) -> None:
    assert main.opens_window(words) is opens


def test_two_projects_are_refused() -> None:
    done = subprocess.run([sys.executable, "main.py", "a.modscope", "b.modscope"], cwd=ROOT, capture_output=True,
                          text=True, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"})
    assert done.returncode == 2
    assert "b.modscope" in done.stderr


def test_a_long_session_does_not_use_up_a_constant() -> None:
    """Calls of Qt without a result give references to None away; without any left Python stops."""
    script = ("import gui\nfrom PySide6.QtCore import QObject\nthing = QObject()\n"
              "for _ in range(500_000):\n    thing.setObjectName('a')\nprint('whole')")
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("whole\n", 0), done.stderr[:300]


def test_the_rest_loads() -> None:
    reported: list[str] = []
    load_the_rest(lambda fraction, text: reported.append(text))
    assert "core.intake" in reported


def test_a_bug_that_reaches_the_top_is_owned_up_to(window: MainWindow, boxes, capsys) -> None:
    hook = crash_hook(window)
    fault = ZeroDivisionError("secret")
    hook(type(fault), fault, None)
    assert "secret" not in boxes.shown.pop().details.toPlainText()
    hook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert boxes.shown == []
    assert "ZeroDivisionError" in capsys.readouterr().err
