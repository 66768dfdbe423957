"""The projects opened lately, kept in a small file of the user's own."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from platformdirs import user_data_path, user_documents_path

from core.steps import Step

MOST = 12


@dataclass(frozen=True)
class RecentProject:
    """A project file, when it was last open, and how it stood: "17 studies, results current"."""

    path: str
    opened: str
    """ISO time."""
    state: str = ""
    step: str = ""
    """The step the person left it at."""

    @property
    def name(self) -> str:
        """The project's name: the file's."""
        return Path(self.path).stem

    @property
    def is_there(self) -> bool:
        """Whether the file still stands where it did."""
        return Path(self.path).is_file()

    def when(self, now: dt.datetime) -> str:
        """How long ago in words: "today 14:05", "yesterday", "3 Mar 2026"."""
        at = dt.datetime.fromisoformat(self.opened)
        days = (now.date() - at.date()).days
        if days <= 0:
            return f"today {at:%H:%M}"
        return "yesterday" if days == 1 else f"{at.day} {at:%b %Y}"


def data_folder() -> Path:
    """Where the program keeps what is the user's own: the demo's project, the list of recent ones.

    The environment's MODSCOPE_DATA names another folder, for a program carried on a stick, and for tests.
    """
    chosen = os.environ.get("MODSCOPE_DATA")
    return Path(chosen) if chosen else user_data_path("Modscope", appauthor=False)


def documents_folder() -> Path:
    """Where a new project goes unless the person says otherwise."""
    folder = user_documents_path()
    return folder if folder.is_dir() else Path.home()


def demo_path() -> Path:
    """The demo's project file."""
    return data_folder() / "Demo.modscope"


def _list_path() -> Path:
    return data_folder() / "recent.json"


def recent_projects() -> tuple[RecentProject, ...]:
    """Latest first; a list that cannot be read counts as empty."""
    try:
        rows = json.loads(_list_path().read_text(encoding="utf-8"))
        return tuple(RecentProject(**row) for row in rows)
    except (OSError, ValueError, TypeError):
        return ()


def step_left(path: Path) -> Step:
    """The step a project was left at; its studies if that is not known."""
    left = next((project.step for project in recent_projects() if project.path == str(path)), "")
    return Step(left) if left in list(Step) else Step.STUDIES


def remember(path: Path, state: str, step: Step | None = None) -> None:
    """Put a project on top of the list. Start and the issues (None) are no steps of its own: the one before stays.

    A list that cannot be written is no reason to stop.
    """
    left = step_left(path) if step in (None, Step.START) else step
    here = RecentProject(str(path), dt.datetime.now().isoformat(timespec="seconds"), state, left)
    rows = [here, *(project for project in recent_projects() if project.path != here.path)]
    _write(rows[:MOST])


def _write(rows: list[RecentProject]) -> None:
    with contextlib.suppress(OSError):
        _list_path().parent.mkdir(parents=True, exist_ok=True)
        _list_path().write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
