"""Arms in letters or numbers that sentences elsewhere explain, and codes told in titles, headers and notes."""

from __future__ import annotations

import pytest

from core.codebook import with_codebook
from core.sources import Cell, Grid, RawColumn
from core.suggest.names import keys_spelled
from core.told_codes import with_told_arms
from tests.core.suggest_tables import cycle, make_table


def told(name: str, cells: list[Cell], *lines: str) -> dict[str, str]:
    return dict(with_told_arms([RawColumn(name, 1, tuple(cells))], lines)[0].value_labels)


@pytest.mark.parametrize("lines", [
    ("Group A received ketamine 0.5 mg/kg and group B received saline.",),
    ("Patients in group A received ketamine 0.5 mg/kg.", "Patients in group B were given saline"),
    ("Treatment A: ketamine 0.5 mg/kg", "Treatment B: saline"), ("A = ketamine 0.5 mg/kg, B = saline",),
    ("arm A - ketamine 0.5 mg/kg; arm B - saline",),
])
def test_sentences_that_explain_arms(lines: tuple[str, ...]) -> None:
    assert told("Group", cycle("A", "B"), *lines) == {"A": "ketamine 0.5 mg/kg", "B": "saline"}


def test_letters_in_a_row_are_an_order() -> None:
    lines = ("Treatment A: ketamine", "Treatment B: saline", "AB = A first, BA = B first")
    assert told("Sequence", cycle("AB", "BA"), *lines) == {"AB": "ketamine / saline", "BA": "saline / ketamine"}


@pytest.mark.parametrize(("name", "cells", "lines"), [
    ("Group", cycle("A", "B"), ("Group A received ketamine.",)),
    ("Group", cycle("A", "B"), ("Group A received ketamine.", "Group B received saline.", "Group A received saline.")),
    ("Group", cycle("A", "B"), ("Group A: see below", "Group B: see below")),
    ("Rater", cycle("A", "B"), ("Group A: ketamine", "Group B: saline")),
    ("Group", cycle("1", "2"), ("Sex: 0 = male, 1 = female; 2 = not known",)),
    ("Group", cycle("ketamine", "saline"), ("Group A: ketamine", "Group B: saline")),
])
def test_what_is_not_told_of_all_codes_once_is_not_told(name: str, cells: list[Cell], lines: tuple[str, ...]) -> None:
    assert told(name, cells, *lines) == {}


@pytest.mark.parametrize(("text", "spelled"), [
    ("Gender (M:1, F:2)", "Gender (1=M, 2=F)"), ("Sex (1 male, 2 female)", "Sex (1=male, 2=female)"),
    ("Group (K: ketamine, P: placebo)", "Group (K=ketamine, P=placebo)"),
    ("Inpatient (1)/Outpatient (0)", "Inpatient/Outpatient (1=Inpatient, 0=Outpatient)"),
])
def test_keys_in_headers(text: str, spelled: str) -> None:
    assert keys_spelled(text) == spelled


@pytest.mark.parametrize("text", ["MADRS (day 1, day 7)", "MADRS (visit 1/visit 2)", "BP (120/80)", "MADRS (0-60)",
                                  "Age (years)", "MADRS (T1, T2)", "HAMD (17), MADRS (10)", "Dose (1 h, 2 h)"])
def test_brackets_that_are_no_keys(text: str) -> None:
    assert keys_spelled(text) == text


def test_notes_explain_names_and_codes() -> None:
    table = make_table({"Køn": cycle("1", "2"), "MADRS T0": cycle(30), "MADRS T1": cycle(20)},
                       title="Raw data. T0: before infusion; T1: 1 day after infusion")
    own = Grid("trial.csv", None, (("Køn", "MADRS T0", "MADRS T1"),))
    found = with_codebook(table, (own, Grid("trial.csv", "Koder", (("Køn", "1 = kvinde, 2 = mand"),))))
    assert dict(found.columns[0].value_labels) == {"1": "kvinde", "2": "mand"}
    assert [column.label for column in found.columns[1:]] == ["MADRS before infusion", "MADRS 1 day after infusion"]
