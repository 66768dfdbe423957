"""Columns that could tell who a patient is, by their names and by what stands in them.

To add one: write a test `_Column -> str` that gives the words for what was seen, "" for nothing, and list it in
`KINDS` with its choices, the first of which is suggested. A column is told once, by the first test that sees something.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from core.dates import is_date
from core.errors import UserError
from core.mapping import Reading
from core.privacy.decisions import Action
from core.sources import Cell, Grid, RawColumn, raw_text
from core.table_layout import find_table

SAMPLE = 5_000
"""Rows of a sheet that are looked at for everything but ages."""
MOST = 0.6
"""Share of a column's distinct texts that must look alike for what it holds to be known."""
LONGEST_LIFE = 125
OLDEST = 89
"""Years beyond which an age alone can tell a person (HIPAA, 45 CFR 164.514)."""


@dataclass(frozen=True)
class Sign:
    """A column that was pointed out: `looks` is what it looks like, `choices` what may be done, the suggested first."""

    file: str
    sheet: str | None
    column: str
    position: int
    """Column number in the sheet, from 1."""
    kind: str
    looks: str
    choices: tuple[Action, ...]
    old_ages: tuple[str, ...] = field(default=(), repr=False)
    """The distinct texts of the ages over OLDEST."""

    @property
    def suggested(self) -> Action:
        """What the program would do."""
        return self.choices[0]


@dataclass(frozen=True)
class _Column:
    raw: RawColumn
    old_ages: tuple[str, ...] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of name and label, folded: "DateOfBirth" is date, of, birth."""
        return frozenset(_words(f"{self.raw.name} {self.raw.label}"))

    @cached_property
    def name(self) -> str:
        """Name and label as words between blanks."""
        return f" {' '.join(_words(self.raw.name))}  {' '.join(_words(self.raw.label))} "

    @cached_property
    def cells(self) -> list[Cell]:
        """Distinct cells that hold something."""
        return [cell for cell in dict.fromkeys(self.raw.cells) if raw_text(cell)]

    @cached_property
    def texts(self) -> list[str]:
        """Distinct texts."""
        return [raw_text(cell) for cell in self.cells]

    def share(self, pattern: re.Pattern[str]) -> float:
        """Share of the distinct texts that match throughout."""
        return sum(bool(pattern.fullmatch(text)) for text in self.texts) / max(len(self.texts), 1)


def _words(text: str) -> list[str]:
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    plain = unicodedata.normalize("NFKD", parts.replace("ß", "ss"))
    kept = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    return re.findall(r"[^\W\d_]+", kept)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAMES = _set("name names surname surnames firstname lastname forename fullname patientname initials vorname nachname "
              "nom prenom nombre apellido apellidos naam voornaam achternaam cognome nome sobrenome namn navn imie "
              "nazwisko")
_OTHER_NAMES = _set("drug study trial site visit event arm treatment group center centre scale variable instrument "
                    "form medication medicine diagnosis sponsor brand generic file sheet project product compound test "
                    "task period condition disease item field code label therapy dose intervention hospital clinic "
                    "rater country city lab experiment school stimulus version")
_PHONES = _set("phone telephone tel mobile cellphone fax telefon telefono telefone telefoon handy cellular")
_RECORDS = re.compile(
    r" (mrn|ssn|nhs( number| no| nr)?|bsn|nin|chart (number|no|nr|id)|(medical|hospital|clinical|health|patient) "
    r"(record|file|chart|card)( number| no| nr| id)?|hospital (number|no|nr|id)|unit record( number)?"
    r"|social security( number| no)?"
    r"|insurance (number|no|id)|passport( number| no)?|national (id|identity|insurance)( number| no)?"
    r"|case record number|krankenaktennummer|versichertennummer|sozialversicherungsnummer|numero de dossier"
    r"|dossiernummer|personnummer|cpf|codice fiscale|nhc|record number|license (number|no)|licence (number|no)) ")
_ADDRESSES = _set("address addresses street postcode postcodes postal zip zipcode plz postleitzahl adresse anschrift "
                  "wohnort strasse straat woonplaats direccion domicilio indirizzo endereco town village suburb city")
_BIRTH = _set("birth dob birthdate birthday born geburt geburtsdatum geburtstag gebdat naissance nacimiento geboorte "
              "geboortedatum nascita nascimento fodelsedatum ddn")
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?=(?:\D*\d){9,15}\D*$)[+(]?\d[\d\s().\-/]*[\s().\-/][\d\s().\-/]*\d|\+\d{9,15}")
_AMOUNT = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:[ .,'’]\d{3})+)(?:[.,]\d+)?")
_SOCIAL = re.compile(r"\d{3}-\d{2}-\d{4}")
_PERSON = re.compile(r"[A-Z][^\W\d_]+(?:[-' ][A-Z][^\W\d_]+)?,? [A-Z][^\W\d_'’-]+(?: [A-Z]\.?)?")
_BRITISH = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}")
_TITLED = re.compile(r"\b(?:Mrs?|Ms|Miss|Dr|Prof|Herr|Frau|Mme|Sr|Sra)\.? [A-Z][^\W\d_]+")
_DAY_INSIDE = re.compile(r"\b(?:\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})\b")
_AGE = _set("age alter leeftijd edad eta idade alder wiek")
_OTHER_AGES = _set("onset first start diagnosis episode group band category since duration months")


def _email(column: _Column) -> str:
    return "e-mail addresses" if any(map(_EMAIL.search, column.texts)) and column.share(_EMAIL) >= 0.2 else ""


def _record_number(column: _Column) -> str:
    named = _RECORDS.search(column.name) is not None
    return "record numbers" if column.texts and (named or column.share(_SOCIAL) >= MOST) else ""


def _phone(column: _Column) -> str:
    if column.words & _PHONES and any(re.search(r"\d{3}", text) for text in column.texts):
        return "telephone numbers"
    if column.share(_PHONE) - column.share(_AMOUNT) >= MOST and not any(map(is_date, column.cells[:20])):
        return "telephone numbers"
    return ""


def _birth_date(column: _Column) -> str:
    return "dates of birth" if column.words & _BIRTH and _dated(column) >= 0.5 else ""


def _date(column: _Column) -> str:
    return "full dates" if _dated(column) >= MOST else ""


def _dated(column: _Column) -> float:
    return sum(map(is_date, column.cells)) / max(len(column.cells), 1)


def _address(column: _Column) -> str:
    named = bool(column.words & _ADDRESSES) and not column.words & {"email", "mail", "ip", "web"}
    return "addresses or postcodes" if column.texts and (named or column.share(_BRITISH) >= MOST) else ""


def _name(column: _Column) -> str:
    wordy = sum(not re.search(r"\d", text) for text in column.texts) >= 0.5 * len(column.texts) > 0
    named = bool(column.words & _NAMES) and not column.words & _OTHER_NAMES
    several = len(column.texts) >= max(5, 0.8 * sum(map(bool, map(raw_text, column.raw.cells))))
    return "patients' names" if wordy and (named or (several and column.share(_PERSON) >= 0.8)) else ""


def _free_text(column: _Column) -> str:
    long = [text for text in column.texts if len(text.split()) >= 3]
    marks = (("a name", _TITLED), ("a date", _DAY_INSIDE), ("an e-mail address", _EMAIL), ("a number", _SOCIAL))
    seen = [words for words, pattern in marks if any(map(pattern.search, long))]
    return f"free text with {' and '.join(seen)} in it" if seen else ""


def _old_age(column: _Column) -> str:
    return f"ages over {OLDEST}" if column.old_ages else ""


DATES: tuple[Action, ...] = ("shift", "year", "drop", "keep")
KINDS: tuple[tuple[str, Callable[[_Column], str], tuple[Action, ...]], ...] = (
    ("email", _email, ("drop", "hash", "keep")),
    ("birth_date", _birth_date, DATES),
    ("date", _date, DATES),
    ("record_number", _record_number, ("drop", "hash", "keep")),
    ("address", _address, ("drop", "hash", "keep")),
    ("phone", _phone, ("drop", "hash", "keep")),
    ("name", _name, ("drop", "hash", "keep")),
    ("free_text", _free_text, ("drop", "keep")),
    ("old_age", _old_age, ("cap", "drop", "keep")),
)


def find_signs(grids: Sequence[Grid], readings: Callable[[Grid], Reading]) -> tuple[Sign, ...]:
    """Columns of all sheets that could tell who a patient is; `readings` says how each sheet is to be read."""
    return tuple(sign for grid in grids for sign in _in_sheet(grid, readings(grid)))


def _in_sheet(grid: Grid, reading: Reading) -> list[Sign]:
    try:
        table = find_table(beginning(grid), reading)
    except UserError:
        return []
    found = []
    for raw in table.columns:
        index = raw.position - grid.first_column
        if index in grid.dropped or not any(raw.cells):
            continue
        column = _Column(raw, _old_ages(grid, raw, index))
        for kind, looks, choices in KINDS:
            words = looks(column)
            if words:
                found.append(Sign(grid.file, grid.sheet, raw.name, raw.position, kind, words, choices,
                                  column.old_ages if kind == "old_age" else ()))
                break
    return found


def beginning(grid: Grid) -> Grid:
    """The sheet's first rows: enough to know what its columns hold."""
    if len(grid.rows) <= SAMPLE or grid.layout is not None:
        return grid
    return replace(grid, rows=grid.rows[:SAMPLE], lines=grid.lines[:SAMPLE] if grid.lines else None, issues=())


def _old_ages(grid: Grid, raw: RawColumn, index: int) -> tuple[str, ...]:
    """The distinct ages over OLDEST in a column of ages, in all of its rows."""
    words = set(_words(raw.name)) | set(_words(raw.label))
    if not words & _AGE or words & _OTHER_AGES:
        return ()
    return tuple(sorted({raw_text(row[index]) for row in grid.rows if index < len(row) and is_old(row[index])}))


def is_old(cell: Cell) -> bool:
    """Whether a cell is an age that few reach, and not a code such as 999."""
    age = age_of(cell)
    return age is not None and OLDEST < age <= LONGEST_LIFE


def age_of(cell: Cell) -> float | None:
    """A cell as a number of years; None for what is none."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        return float(cell)
    match = re.fullmatch(r"(\d{1,3})(?:[.,]\d+)?", raw_text(cell))
    return float(match[1]) if match else None
