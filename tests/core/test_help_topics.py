"""The guide: a topic for every step, links that lead somewhere, a glossary in order."""

from __future__ import annotations

import re

import pytest

from core.help_topics import FIRST, ORDER, Topic, topic_of, topics
from core.resources import resource
from core.steps import Step


def test_every_file_is_a_topic_and_every_step_has_one() -> None:
    assert {path.stem for path in resource("help").glob("*.md")} == set(ORDER)
    assert [topic_of(step) for step in Step] == [FIRST, *(step.value for step in Step if step is not Step.START)]
    assert len({topic.title for topic in topics()}) == len(ORDER)


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.name)
def test_links_lead_to_topics(topic: Topic) -> None:
    links = re.findall(r"\]\(([^)]*)\)", topic.text)
    assert set(links) <= set(ORDER) - {topic.name}
    assert topic.text.startswith("# ") and topic.title and len(topic.text) > 500


def test_the_glossary_is_in_order_and_says_each_once() -> None:
    terms = re.findall(r"^\*\*(.+?)\.\*\*", next(topic.text for topic in topics() if topic.name == "glossary"), re.M)
    keys = [re.sub(r"[^a-z]", "", term.lower()) for term in terms]
    assert keys == sorted(set(keys)) and len(keys) > 25


@pytest.mark.parametrize(("wanted", "name", "is_there"), [
    ("interval", "glossary", True), ("GLOSS", "glossary", True), ("held out", "glossary", True),
    ("crossover", "map", True), ("crossover", "privacy", False), ("", "map", True)])
def test_topics_are_found_by_their_words(wanted: str, name: str, is_there: bool) -> None:
    topic = next(topic for topic in topics() if topic.name == name)
    assert topic.speaks_of(wanted) is is_there
