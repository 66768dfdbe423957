"""What a source publication reports stands beside the rows it belongs to, and beside no others."""

from __future__ import annotations

from dataclasses import replace

from core.protocol import PublishedEffect
from core.protocol_files import load_protocol
from core.published import published_beside
from core.tables import result_tables
from tests.core.invented_results import invented

RESULTS, _, _ = invented(3)
KNOWN = replace(RESULTS, published=(
    PublishedEffect(outcome="rapid", term="age", estimate=0.23, low=0.04, high=0.42, p=0.019, source="Someone 2020"),
    PublishedEffect(outcome="rapid", term="age", measure="r", estimate=0.106, source="Someone 2020"),
    PublishedEffect(outcome="rapid", term="treatment", estimate=0.58, low=0.44, high=0.72, source="Someone 2020"),
    PublishedEffect(outcome="post_rapid", term="female", measure="r", estimate=0.05, source="Someone 2020")))


def rows(name: str) -> list[dict[str, object]]:
    return next(table for table in result_tables(KNOWN) if table.name == name).records()  # type: ignore[return-value]


def test_a_moderators_row_has_it_all_and_its_source() -> None:
    (row,) = (row for row in rows("moderators") if row["published_source"])
    assert (row["moderator"], row["outcome"], row["model"]) == ("age", "rapid", "published")
    assert (row["published_beta"], row["published_low"], row["published_high"], row["published_p"],
            row["published_r"]) == (0.23, 0.04, 0.42, 0.019, 0.106)


def test_only_the_standardized_improvement_has_the_published_main_effect() -> None:
    (row,) = (row for row in rows("main_effects") if row["published_source"])
    assert (row["outcome"], row["measure"], row["scale"], row["model"]) == (
        "rapid", "percent_improvement", "standardized", "published")
    assert row["published_estimate"] == 0.58


def test_words_name_the_source() -> None:
    age = next(row for row in KNOWN.moderators if row.moderator == "age" and row.model == "published")
    assert str(published_beside(KNOWN, age)) == "β* 0.23 (0.04, 0.42), p 0.019, r 0.11 (Someone 2020)"
    assert published_beside(RESULTS, age) is None


def test_the_protocol_says_where_its_numbers_come_from() -> None:
    protocol = load_protocol("ketamine")
    terms = {variable.key for variable in protocol.variables} | {"treatment", "response", "remission"}
    for effect in protocol.published:
        assert effect.source and (effect.term in terms or effect.term.startswith("set "))
