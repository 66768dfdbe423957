from __future__ import annotations

from core.mapping import (
    Constant,
    Decision,
    Direct,
    Elapsed,
    Factor,
    Product,
    Recode,
    Rule,
    ScoreSource,
    TimeSource,
    Unavailable,
)
from core.registry import Registry, Study
from tests.core.harmonizing import mapping, protocol


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


def test_documents_that_do_not_use_what_came_later_keep_their_fingerprints() -> None:
    rules: dict[str, Rule] = {
        "age": Direct(column="x"), "female": Recode(column="y", codes={"F": "1"}), "a": Constant(value="1"),
        "b": Unavailable(), "c": Product(factors=(Factor(column="x"), Factor(column="y", power=-2))),
        "d": Elapsed(since="x", until="y")}
    decided = mapping(variables={key: Decision(rule=rule) for key, rule in rules.items()})
    assert decided.fingerprint == "1c830b2714c7d559c8caf3832739196208c8517cb968340980da4594d7319508"
    assert protocol().fingerprint == "a86a7018a37f52bfc1f5f36116d162904494b24ecc53edd567bb2b7061fc19b3"
