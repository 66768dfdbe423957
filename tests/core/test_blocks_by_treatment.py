"""Crossover files whose columns are named by drug: the sequence says which block was first."""

from __future__ import annotations

from typing import Any

import pytest

from core.harmonize import harmonize_study
from core.harmonized import StudyData
from core.protocol_files import load_conversion_tables
from core.registry import Study
from core.sources import Cell
from tests.core.suggest_tables import IDS, KETAMINE, Suggested, cycle, make_table, suggest

STUDY = Study(study="x", design="crossover")


def blocks(first: str = "KET", second: str = "PBO") -> dict[str, list[Cell]]:
    return {f"MADRS_{drug}_{when}": [base + shift + i % 3 for i in range(12)]
            for base, drug in ((30, first), (40, second)) for shift, when in ((0, "BL"), (-12, "24h"), (-6, "D7"))}


def read(columns: dict[str, list[Cell]]) -> tuple[Suggested, StudyData]:
    found = suggest({"ID": IDS, **columns}, STUDY)
    data = harmonize_study(make_table({"ID": IDS, **columns}), found.mapping, STUDY, KETAMINE,
                           load_conversion_tables(KETAMINE, None))
    return found, data


@pytest.mark.parametrize(("name", "texts"), [
    ("sequence", ("KP", "PK")), ("Order", ("K-P", "P-K")), ("Sequence", ("Ketamine / placebo", "Placebo / ketamine")),
    ("Treatment order", ("KET-PBO", "PBO-KET")), ("First drug", ("ketamine", "placebo"))])
def test_the_block_of_the_first_treatment_counts(name: str, texts: tuple[str, str]) -> None:
    found, data = read({name: cycle(*texts), **blocks()})
    assert "structure_unsure" not in found.questions and "no_treatment_column" not in found.questions
    patients = data.patients
    assert patients["arm"].tolist() == [1, 0] * 6 and (patients["excluded"] == "").all()
    expected: list[Any] = [(30 if i % 2 == 0 else 40) + i % 3 for i in range(12)]
    assert patients["madrs_baseline"].tolist() == expected
    assert patients["madrs_rapid"].tolist() == [value - 12 for value in expected]


@pytest.mark.parametrize("more", [{}, {"sequence": cycle("AB", "BA")}, {"Drug": cycle("ketamine", "placebo")}])
def test_without_a_known_order_nobody_is_analyzed(more: dict[str, list[Cell]]) -> None:
    found, data = read({**more, **blocks()})
    assert found.questions & {"structure_unsure", "no_treatment_column", "unknown_treatment"}
    assert (data.patients["excluded"] != "").all()


def test_one_drug_in_the_names_is_no_block() -> None:
    columns = {f"MADRS {when}": cells for when, cells in zip(
        ("baseline", "24h after ketamine", "day 7 after ketamine"), blocks().values(), strict=False)}
    found, data = read({"Drug": cycle("ketamine 0.5 mg/kg", "placebo"), **columns})
    assert all(source.treatment is None for source in found.mapping.scores)
    assert (data.patients["excluded"] == "").all()
