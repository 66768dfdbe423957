from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from core.steps import Step
from gui import recent

NOW = dt.datetime(2026, 3, 14, 15, 0)


def test_nothing_yet() -> None:
    assert recent.recent_projects() == ()


def test_the_latest_stands_first_and_once(tmp_path: Path) -> None:
    for name in ("a", "b", "a"):
        recent.remember(tmp_path / name, f"state of {name}")
    assert [project.name for project in recent.recent_projects()] == ["a", "b"]
    assert not recent.recent_projects()[0].is_there
    (tmp_path / "a").touch()
    assert recent.recent_projects()[0].is_there


def test_the_list_is_bounded(tmp_path: Path) -> None:
    for number in range(recent.MOST + 3):
        recent.remember(tmp_path / str(number), "")
    assert len(recent.recent_projects()) == recent.MOST


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"path": 1}]'])
def test_a_damaged_list_counts_as_empty(own_folder: Path, text: str) -> None:
    own_folder.mkdir()
    (own_folder / "recent.json").write_text(text, encoding="utf-8")
    assert recent.recent_projects() == ()


@pytest.mark.parametrize(("opened", "words"), [
    ("2026-03-14T09:05:00", "today 09:05"), ("2026-03-13T23:59:00", "yesterday"),
    ("2025-12-01T10:00:00", "1 Dec 2025")])
def test_when(opened: str, words: str) -> None:
    assert recent.RecentProject("x", opened).when(NOW) == words


def test_a_project_knows_the_step_it_was_left_at(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert recent.step_left(path) is Step.STUDIES
    recent.remember(path, "", Step.CHECK)
    recent.remember(path, "", Step.START)
    recent.remember(path, "", None)
    assert recent.step_left(path) is Step.CHECK
    assert recent.step_left(tmp_path / "b") is Step.STUDIES
