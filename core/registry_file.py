"""The study registry from a table (CONTRACT section 2), and which file belongs to which study.

A cell that cannot be read becomes an issue and an open question; its row, and everything else in it, is kept.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from core.errors import Issue, Severity, UserError, Where
from core.mapping import NumberFormat
from core.registry import RISK_OF_BIAS, PublishedArm, PublishedScore, Registry, Study
from core.resources import resource
from core.sources import RawColumn, RawTable, raw_text
from core.values import Kind, is_missing_word, parse_number

_TEXT_FIELDS = ("file", "sheet", "label", "control", "notes")
_SYNONYMS = {"studyid": "study", "trial": "study", "trialid": "study", "studycode": "study", "id": "study",
             "sitecountry": "country", "countryofstudy": "country", "studycountry": "country",
             "yearofpublication": "year", "trialdesign": "design", "sheetname": "sheet", "tab": "sheet",
             "samplesize": "n_randomized", "numberrandomized": "n_randomized", "numberrandomised": "n_randomized",
             "minimumfailedtrials": "trd_threshold", "failedtrialsforentry": "trd_threshold",
             "failedtrialsrequiredforentry": "trd_threshold", "trdcriterion": "trd_threshold",
             "controltypes": "control_type", "typeofcontrol": "control_type", "typeofplacebo": "control_type",
             "filename": "file", "datafile": "file", "worksheet": "sheet",
             "name": "label", "studylabel": "label", "publicationyear": "year", "studydesign": "design",
             "comparator": "control", "controlgroup": "control", "placebotype": "control_type", "n": "n_randomized",
             "nrandomised": "n_randomized", "randomized": "n_randomized", "randomised": "n_randomized",
             "trdthreshold": "trd_threshold", "failedtrialsrequired": "trd_threshold", "comments": "notes",
             "note": "notes", "robrandomisation": "rob_randomization", "robblindingassessor": "rob_blinding_assessors",
             "robblindingparticipant": "rob_blinding_participants"}

_DESIGNS = {"parallel": "parallel", "parallelgroup": "parallel", "parallelgroups": "parallel", "rct": "parallel",
            "parallelarm": "parallel", "parallelrct": "parallel", "rctparallel": "parallel",
            "crossoverrct": "crossover", "rctcrossover": "crossover",
            "crossover": "crossover", "crossed": "crossover", "xover": "crossover"}
_CONTROL_TYPES = {
    "inert": "inert", "inertplacebo": "inert", "inactive": "inert", "inactiveplacebo": "inert", "saline": "inert",
    "psychoactive": "psychoactive", "psychoactiveplacebo": "psychoactive", "active": "psychoactive",
    "activeplacebo": "psychoactive", "activecontrol": "psychoactive", "midazolam": "psychoactive",
    "waitlist": "waitlist", "waitinglist": "waitlist", "wl": "waitlist", "usualcare": "usual_care",
    "treatmentasusual": "usual_care", "tau": "usual_care", "standardcare": "usual_care", "careasusual": "usual_care"}
_JUDGMENTS = {"low": "low", "lowrisk": "low", "some": "some", "someconcerns": "some", "someconcern": "some",
              "moderate": "some", "high": "high", "highrisk": "high", "serious": "high", "unclear": "unclear",
              "unclearrisk": "unclear", "noinformation": "unclear"}
_UNSPECIFIED = frozenset({"unspecified", "notspecified", "norequirement", "notrequired", "nonerequired"})

_AT_LEAST = re.compile(r"(?:>=|≥|at least|minimum|min\.?)?\s*(\d+|none|one|two|three|four|five)\s*(?:\+|or more)?\s*"
                       r"(?:(?:failed|adequate|prior|previous|antidepressant|treatment)s?\s*)*(?:trials?|failures?)?",
                       re.I)
"""How many failed trials were required: "2", ">= 2", "two or more failed trials"; not "> 1", which may be 2 or 1."""
_NUMBER_WORDS = ("none", "one", "two", "three", "four", "five")
_YEARS = (1900, 2100)
_PUBLISHED = re.compile(r"(?:n[ _](?P<count>randomi[sz]ed|analy[sz]ed)|(?P<score>\w+?)[ _](?P<what>mean|sd))"
                        r"[ _](?P<arm>active|control)", re.I)
"""Columns with published figures: `n_analyzed_active`, `madrs_baseline_mean_control`, `madrs_baseline_sd_control`."""


def read_registry(table: RawTable) -> tuple[Registry, tuple[Issue, ...]]:
    """The studies of a registry table in its order, and what could not be read in it.

    Unknown columns are ignored. A row without a study id, and the second row with the same id, are left out and told.
    Raises UserError where there is no column `study`.
    """
    columns = _known_columns(table)
    where = Where(file=table.file, sheet=table.sheet)
    if "study" not in columns:
        there = ", ".join(f'"{column.name}"' for column in table.columns[:8])
        raise UserError(f'The registry has no column "study"; it has {there or "none"}.',
                        replace(where, row=table.header_row or None),
                        "Name the column with the short study ids \"study\".")
    studies: dict[str, Study] = {}
    first_rows: dict[str, int] = {}
    issues: list[Issue] = []
    for i, row in enumerate(table.rows):
        cells = _Row(table, columns, i)
        name = cells.text("study")
        if not name:
            issues.append(cells.issue(Severity.ERROR, "study_unnamed", "The row names no study and was left out.",
                                      "Give it a short id, or delete the row.", "study"))
        elif name in studies:
            issues.append(cells.issue(Severity.ERROR, "study_twice", f'The study "{name}" stands in row '
                                      f"{first_rows[name]} already; this row was left out.",
                                      "Give one of them another id, or delete the row.", "study"))
        else:
            studies[name], first_rows[name] = _study(name, cells), row
            issues += cells.issues
    return Registry(studies=tuple(studies.values())), tuple(issues)


MATCHING_CODES = ("file_ambiguous", "file_missing", "file_unknown", "file_shared", "file_not_in_registry")
"""Codes of the issues `match_files` raises: each matching of all files makes the earlier ones obsolete."""


def match_files(registry: Registry, file_names: Sequence[str]) -> tuple[dict[str, str], tuple[Issue, ...]]:
    """The file of each study (study id -> file name as it is), and what does not fit.

    Names match without regard to case, folder or a missing or other extension. A file no study names is a study of
    its own for the caller to add; it is told in a note. Several studies may share a workbook on different sheets.
    """
    found: dict[str, str] = {}
    issues: list[Issue] = []
    for study in registry.studies:
        wanted = study.file or study.study
        names = _matching(wanted, file_names)
        if len(names) == 1:
            found[study.study] = names[0]
        elif names:
            issues.append(_registry_issue(study, "file_ambiguous", f'Several files fit "{wanted}": '
                                          f"{', '.join(names)}. None was taken.",
                                          "Write the whole file name with its extension in the registry."))
        elif study.file:
            issues.append(_registry_issue(study, "file_missing", f'The registry names the file "{study.file}", which '
                                          "is not there.", "Add the file, or correct its name in the registry."))
        else:
            issues.append(_registry_issue(study, "file_unknown", "The registry names no file for this study.",
                                          "Choose its file, or leave the study without data."))
    issues += _shared_files(registry, found)
    if registry.studies:
        issues += [Issue(Severity.NOTE, "file_not_in_registry", "No row of the registry names this file; it became a "
                         "study of its own, and its design facts are open.", Where(file=name),
                         "Add a row for it to the registry, or fill in its facts.")
                   for name in file_names if name not in found.values()]
    return found, tuple(issues)


def country_code(text: str) -> str | None:
    """ISO 3166 two-letter code of a country's name or code ("U.S.A.", "England"); None if unknown."""
    folded = _letters(text)
    return _countries().get(folded) or _countries().get(folded.removeprefix("the"))


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    data = json.loads(resource("countries.json").read_text(encoding="utf-8"))["countries"]
    spellings = {}
    for code, entry in data.items():
        for spelling in (*entry["names"], entry["alpha3"]):
            spellings[_letters(spelling)] = code
    return spellings | {_letters(code): code for code in data}


def _letters(text: str) -> str:
    """Letters and digits only, lower case, accents removed: how headers, words and names are compared."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return re.sub(r"[\W_]+", "", "".join(char for char in plain if not unicodedata.combining(char))).casefold()


def _known_columns(table: RawTable) -> dict[str, RawColumn]:
    """Columns by the field they fill; the first of several is taken, a field's own name before a synonym."""
    fields = ("study", "year", "country", "design", "control_type", "trd_threshold", "n_randomized", *_TEXT_FIELDS,
              *(f"rob_{name}" for name in RISK_OF_BIAS))
    own = {_letters(name): name for name in fields}
    found: dict[str, RawColumn] = {}
    for names in (own, _SYNONYMS):
        for column in table.columns:
            name = names.get(_letters(column.name))
            if name and name not in found:
                found[name] = column
    return found


class _Row:
    """One row of the registry, read field by field; what cannot be read is collected in `issues`."""

    def __init__(self, table: RawTable, columns: dict[str, RawColumn], index: int) -> None:
        self._table, self._columns, self._index = table, columns, index
        self.issues: list[Issue] = []

    @property
    def others(self) -> list[str]:
        """Names of the columns that fill no field of the record by themselves."""
        known = {column.name for column in self._columns.values()}
        return [column.name for column in self._table.columns if column.name not in known]

    def text(self, name: str) -> str:
        column = self._columns.get(name) or self._table.columns_by_name.get(name)
        return " ".join(raw_text(column.cells[self._index]).split()) if column else ""

    def issue(self, severity: Severity, code: str, text: str, remedy: str, name: str) -> Issue:
        column = self._columns[name].name if name in self._columns else name
        sheet, row = self._table.place(self._index, column)
        where = Where(self._table.file, sheet, row, column, self.text("study") or None)
        return Issue(severity, code, text, where, remedy)

    def read(self, name: str, convert: Callable[[str], Any], expected: str) -> Any:
        """The field converted; None where it is empty, means missing, or cannot be read (then an issue says so)."""
        text = self.text(name)
        if not text or is_missing_word(text):
            return None
        value = convert(text)
        if value is None:
            self.issues.append(self.issue(Severity.ERROR, f"{_slug(name)}_unreadable",
                                          f'"{text}" is not {expected}; it is left open.',
                                          f"Write {expected}, or leave the cell empty.", name))
        return value


def _slug(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_").lower()


def _study(name: str, cells: _Row) -> Study:
    bias = {criterion: cells.read(f"rob_{criterion}", _one_of(_JUDGMENTS), "low, some, high or unclear")
            for criterion in RISK_OF_BIAS}
    texts = {field: cells.text(field) for field in _TEXT_FIELDS}
    return Study(
        study=name, file=texts["file"] or None, sheet=texts["sheet"] or None, label=texts["label"],
        control=texts["control"], notes=texts["notes"],
        year=cells.read("year", _year, "a year"),
        country=cells.read("country", country_code, "a country's name or ISO code"),
        design=cells.read("design", _one_of(_DESIGNS), "parallel or crossover"),
        control_type=cells.read("control_type", _one_of(_CONTROL_TYPES),
                                "inert, psychoactive, waitlist or usual_care"),
        trd_threshold=cells.read("trd_threshold", _threshold, 'a number or "unspecified"'),
        n_randomized=cells.read("n_randomized", _count, "a whole number of patients"),
        risk_of_bias={criterion: judgment for criterion, judgment in bias.items() if judgment},
        published=_published(cells))


def _published(cells: _Row) -> dict[str, PublishedArm]:
    """Published figures by arm, from the columns that name them."""
    found: dict[str, dict[str, Any]] = {}
    for name in cells.others:
        match = _PUBLISHED.fullmatch(" ".join(name.split()))
        if match is None:
            continue
        arm = found.setdefault(match["arm"].lower(), {"scores": {}})
        if match["count"]:
            key = "n_analyzed" if match["count"].lower().startswith("a") else "n_randomized"
            arm[key] = cells.read(name, _count, "a whole number of patients")
        else:
            value = cells.read(name, _number if match["what"].lower() == "mean" else _not_negative, "a number")
            score = match["score"].lower().replace(" ", "_")
            arm["scores"].setdefault(score, {})[match["what"].lower()] = value
    arms: dict[str, PublishedArm] = {}
    for name, told in found.items():
        scores = {key: PublishedScore(**parts) for key, parts in told.pop("scores").items()}
        given = {key: score for key, score in scores.items() if score != PublishedScore()}
        arms[name] = PublishedArm(**told, scores=given)
    return {name: figures for name, figures in arms.items() if not figures.is_empty}


def _one_of(words: dict[str, str]) -> Callable[[str], str | None]:
    return lambda text: words.get(_letters(text))


def _number(text: str) -> float | None:
    number = parse_number(text, NumberFormat())
    return number.value if number.kind is Kind.NUMBER and not number.unit else None


def _year(text: str) -> int | None:
    number = _number(text[:4]) if re.fullmatch(r"\d{4}(-\d\d-\d\d)?", text) else None
    return int(number) if number is not None and _YEARS[0] <= number <= _YEARS[1] else None


def _count(text: str) -> int | None:
    number = _number(text)
    return int(number) if number is not None and number >= 0 and number.is_integer() else None


def _not_negative(text: str) -> float | None:
    number = _number(text)
    return number if number is not None and number >= 0 else None


def _threshold(text: str) -> float | str | None:
    if _letters(text) in _UNSPECIFIED:
        return "unspecified"
    said = _AT_LEAST.fullmatch(" ".join(text.split()))
    word = said.group(1).casefold() if said else ""
    number = float(_NUMBER_WORDS.index(word)) if word in _NUMBER_WORDS else _number(word or text)
    return number if number is not None and number >= 0 else None


def _matching(wanted: str, file_names: Sequence[str]) -> list[str]:
    """The files a registry's name may mean: the exact name alone, else equal without case, else without extension."""
    name = PurePosixPath(wanted.replace("\\", "/")).name
    if name in file_names:
        return [name]
    folded = _folded(name)
    same = [file for file in file_names if _folded(file) == folded]
    return same or [file for file in file_names if _stem(file) in (_stem(name), folded)]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _stem(name: str) -> str:
    stem, dot, extension = _folded(name).rpartition(".")
    return stem if dot and re.fullmatch(r"[a-z0-9]{1,8}", extension) else _folded(name)


def _registry_issue(study: Study, code: str, text: str, remedy: str) -> Issue:
    return Issue(Severity.ERROR, code, text, Where(file=study.file, study=study.study), remedy)


def _shared_files(registry: Registry, found: dict[str, str]) -> list[Issue]:
    """Studies with the same file need different sheets, or the same patients would count twice."""
    owners: dict[tuple[str, str], str] = {}
    issues = []
    for study in registry.studies:
        if study.study not in found:
            continue
        key = (found[study.study], (study.sheet or "").casefold())
        if key in owners:
            issues.append(Issue(Severity.ERROR, "file_shared", f'"{owners[key]}" and "{study.study}" name the same '
                                "file and sheet; the same patients would count twice.",
                                Where(file=key[0], sheet=study.sheet, study=study.study),
                                "Name a sheet for each of them, or remove one of the two."))
        owners.setdefault(key, study.study)
    return issues
