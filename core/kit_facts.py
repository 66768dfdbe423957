"""What a data request asks about the study itself: the columns of the registry, one a row, and risk of bias."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Issue
from core.header_rows import is_blank
from core.kit_columns import ANSWER_HEADER
from core.protocol import Protocol
from core.registry import Study
from core.registry_file import read_registry
from core.resources import resource
from core.sources import Cell, Grid, Place, RawColumn, RawTable, raw_text

_HEADER_ROWS = 10


@dataclass(frozen=True)
class KitFact:
    """A question about the study; `choices` are all valid answers where there is a list."""

    key: str
    question: str
    how: str
    choices: tuple[str, ...] = ()
    is_required: bool = False


def study_facts(protocol: Protocol) -> tuple[KitFact, ...]:
    """Columns of the registry to be answered; those the protocol's variables follow from are required."""
    needed = {variable.registry.fact for variable in protocol.variables if variable.registry}
    thresholds = ("unspecified", "1", "2", "3", "4", "5")
    facts = (
        ("study", "Short id of the study", "Letters and digits, for example Smith2015.", ()),
        ("label", "Name of the study in tables and figures", "For example Smith et al. 2015.", ()),
        ("year", "Year of publication, or of the last patient if unpublished", "Four digits.", ()),
        ("country", "Country where patients were treated", "Choose from the list.", country_names()),
        ("design", "Design of the study", "Choose from the list.", ("parallel", "crossover")),
        ("control", "What the control arm was given", "In words, for example saline.", ()),
        ("control_type", "Kind of control", "inert: no effect a patient could notice; psychoactive: one that could be "
         "taken for the treatment's.", ("inert", "psychoactive", "waitlist", "usual_care")),
        ("trd_threshold", "How many failed treatment trials a patient had to have to enter",
         "unspecified: none was required.", thresholds),
        ("n_randomized", "How many patients were randomized", "A whole number.", ()),
        ("notes", "Anything we should know", "For example rescue medication, protocol changes.", ()))
    return tuple(KitFact(key, question, how, choices, key == "study" or key in needed)
                 for key, question, how, choices in facts)


def risk_of_bias_items() -> tuple[KitFact, ...]:
    """The five criteria, each to be judged."""
    asked = (
        ("randomization", "How the order of treatments was made",
         "low: by computer or a random table; high: by date, number or choice."),
        ("allocation", "Whether those who enrolled patients could foresee the next treatment",
         "low: central, pharmacy or sealed envelopes; high: an open list."),
        ("blinding_participants", "Whether patients and staff could know the treatment",
         "low: blind and a control that could be taken for the treatment; high: open."),
        ("blinding_assessors", "Whether raters could know the treatment",
         "low: raters did not see treatment or its effects; high: raters knew."),
        ("missing_data", "Whether patients without outcome could change the result",
         "low: few, alike in both arms, reasons known; high: many, or more in one arm."))
    judgments = ("low", "some", "high", "unclear")
    return tuple(KitFact(f"rob_{name}", question, how, judgments) for name, question, how in asked)


def country_names() -> tuple[str, ...]:
    """Countries by name, sorted."""
    table = json.loads(resource("countries.json").read_text(encoding="utf-8"))["countries"]
    return tuple(sorted(entry["names"][0] for entry in table.values()))


def read_facts(grids: Sequence[Grid]) -> tuple[Study | None, tuple[Issue, ...]]:
    """The study's record from a filled kit's sheets of facts, and what could not be read in it.

    None where the file has no such sheet. An unnamed study is called by its file, for the caller to name.
    """
    table = _answers(grids)
    if table is None:
        return None, ()
    registry, issues = read_registry(table)
    return registry.studies[0], issues


def _answers(grids: Sequence[Grid]) -> RawTable | None:
    """All answers as a registry of one row; each knows its own place."""
    found: dict[str, RawColumn] = {}
    for grid in grids:
        heads = [i for i, row in enumerate(grid.rows[:_HEADER_ROWS]) if _is_answer_header(row)]
        start = heads[0] + 1 if heads else len(grid.rows)
        for i, row in enumerate(grid.rows[start:], start=start):
            key = raw_text(row[0]) if row and not is_blank(row[0]) else ""
            answer = row[2] if len(row) > 2 and not is_blank(row[2]) else None
            if key and key not in found:
                place = Place(grid.sheet, grid.row_number(i))
                found[key] = RawColumn(key, 3, (answer,), places=(place,))
    if not found:
        return None
    named = found.get("study")
    if named is None or named.cells[0] is None:
        found["study"] = RawColumn("study", 3, (grids[0].file,), places=named.places if named else (None,))
    first = next(iter(found.values()))
    return RawTable(grids[0].file, first.places[0].sheet if first.places[0] else None, 1, tuple(found.values()), (1,))


def _is_answer_header(row: Sequence[Cell]) -> bool:
    """Whether a row is the head of a sheet of facts."""
    texts = [raw_text(cell).casefold() for cell in row[:len(ANSWER_HEADER)]]
    return texts == [name.casefold() for name in ANSWER_HEADER]


def with_answers(study: Study, answers: Study) -> Study:
    """What is known of a study, with a kit's answers to what is not."""
    own = ("study", "file", "sheet", "codebook", "risk_of_bias")
    update = {name: getattr(answers, name) for name in Study.model_fields
              if name not in own and getattr(study, name) in (None, "")}
    bias = {**answers.risk_of_bias, **study.risk_of_bias}
    return study.model_copy(update={**update, "risk_of_bias": bias})
