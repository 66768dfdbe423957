"""The guide: one Markdown file a topic in `resources/help/`, linked with each other by their names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from core.plain_text import fold
from core.resources import resource

ORDER = ("first-project", "studies", "map", "check", "plan", "run", "results", "report", "protocol", "privacy",
         "glossary")
"""Topics in reading order; a step's topic bears the step's name."""
FIRST = ORDER[0]


@dataclass(frozen=True)
class Topic:
    """A page of the guide: its name, its title, and its text as Markdown."""

    name: str
    title: str
    text: str

    def speaks_of(self, wanted: str) -> bool:
        """Whether every word that is looked for begins a word of the topic."""
        words = fold(self.text.replace("*", " ").replace("[", " ")).split()
        return all(any(word.lstrip("(\"'").startswith(part) for word in words) for part in fold(wanted).split())


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic, in reading order."""
    return tuple(_read(name) for name in ORDER)


def topic_of(step: str) -> str:
    """The topic about a step; where there is none the first."""
    return step if step in ORDER else FIRST


def _read(name: str) -> Topic:
    text = resource("help", f"{name}.md").read_text(encoding="utf-8")
    return Topic(name, text.partition("\n")[0].removeprefix("# "), text)
