from __future__ import annotations

from core.mapping import ScoreSource, TimeSource
from core.registry import Registry, Study


def test_a_copy_has_the_fingerprint_of_its_own_content() -> None:
    study = Study(study="a", year=2001)
    before = study.fingerprint
    changed = study.model_copy(update={"year": 2002})
    assert changed.fingerprint == Study(study="a", year=2002).fingerprint != before
    assert changed.model_copy(update={"year": 2001}).fingerprint == before
    assert study.fingerprint == before


def test_a_copy_knows_its_own_studies() -> None:
    registry = Registry(studies=(Study(study="a"),))
    assert list(registry.by_id) == ["a"]
    assert list(registry.model_copy(update={"studies": (Study(study="b"),)}).by_id) == ["b"]


def test_scores_without_times_of_their_own_are_as_they_were() -> None:
    assert "time" not in ScoreSource(column="x", scale="madrs", hours=24).model_dump()
    timed = ScoreSource(column="x", scale="madrs", hours=24, time=TimeSource(column="t"))
    assert ScoreSource.model_validate(timed.model_dump()) == timed


def test_looking_at_a_document_does_not_change_what_it_equals() -> None:
    one, other = Study(study="a"), Study(study="a")
    assert one.fingerprint
    assert one == other
    assert "fingerprint" not in one.model_dump()
