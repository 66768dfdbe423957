"""Stage 2, which column is what: a study's rules as data.

Nothing here computes. A mapping says how to read the file (`Reading`), how its rows and columns are laid out in
patients, periods and visits, which columns hold treatments and scores, and by which rule each variable is had.
A variable without a decision is an open question.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from core.documents import Document
from core.expression import FormulaError, parse, quoted

DecimalMark = Literal[".", ","]


class Reading(Document):
    """How the table stands in the file. None means: as recognized."""

    sheet: str | None = None
    """The one sheet to read; None: the sheets that belong together."""
    sheets: tuple[str, ...] | None = None
    """Those to put together, by patient or one below the other."""
    id_columns: dict[str, str] = Field(default_factory=dict)
    """Sheet -> the column of patients' ids by which it is put to the others."""
    header_row: int | None = None
    """The file's own number of the row with the column names (the lowest, where there are two)."""
    header_rows: int | None = None
    last_row: int | None = None
    delimiter: str | None = None
    encoding: str | None = None


class NumberFormat(Document):
    """How text becomes a number. Cells that a workbook stores as numbers do not need it."""

    decimal: DecimalMark = "."
    missing: tuple[str, ...] = ()
    """Raw texts that stand for "missing" in this column (9999, -88, ND); empty cells always do."""


class Direct(Document):
    """The column's number, times `factor`, plus `offset` (a change of unit)."""

    kind: Literal["direct"] = "direct"
    column: str
    format: NumberFormat = NumberFormat()
    factor: float = 1.0
    offset: float = 0.0


class Recode(Document):
    """Each distinct raw text of the column becomes a code; None makes it missing; a text not listed is a question."""

    kind: Literal["recode"] = "recode"
    column: str
    codes: dict[str, str | None]


class Constant(Document):
    """One value for every patient of the study."""

    kind: Literal["constant"] = "constant"
    value: str


class Unavailable(Document):
    """The study does not have the variable: an answer, not an open question."""

    kind: Literal["unavailable"] = "unavailable"
    reason: str = ""


class Factor(Document):
    """A column's number, times `factor`, to a power."""

    column: str
    format: NumberFormat = NumberFormat()
    factor: float = 1.0
    power: int = 1


class Product(Document):
    """The product of several columns: weight in kg times height in m to the power -2."""

    kind: Literal["product"] = "product"
    factors: tuple[Factor, ...] = Field(min_length=2)

    @property
    def words(self) -> str:
        """The rule in words."""
        parts = [f'"{one.column}"' + (f" times {one.factor:g}" if one.factor != 1 else "") for one in self.factors]
        powers = [f", to the power {one.power}" if one.power != 1 else "" for one in self.factors]
        return "product of " + " and ".join(part + power for part, power in zip(parts, powers, strict=True))


    @property
    def expression(self) -> str:
        """The same as a formula."""
        parts = [quoted(one.column) + (f" * {one.factor!r}" if one.factor != 1 else "") for one in self.factors]
        return " * ".join(part if one.power == 1 else f"({part}) ^ {one.power}"
                          for part, one in zip(parts, self.factors, strict=True))


class Elapsed(Document):
    """Completed years, months, weeks or days from the day in one column to the day in another."""

    kind: Literal["elapsed"] = "elapsed"
    since: str
    until: str
    since_order: Literal["dmy", "mdy"] = "dmy"
    until_order: Literal["dmy", "mdy"] = "dmy"
    # left out where it is the default, so that mappings made before it was there keep their fingerprints
    unit: Literal["years", "months", "weeks", "days"] = Field(default="years", exclude_if=lambda unit: unit == "years")

    @property
    def words(self) -> str:
        """The rule in words."""
        return f'completed {self.unit} from "{self.since}" to "{self.until}"'


class Formula(Document):
    """A value computed from the row's columns in the language of `core.expression`."""

    kind: Literal["formula"] = "formula"
    expression: str
    formats: dict[str, NumberFormat] = Field(default_factory=dict)
    """Column -> how its texts become numbers; one not listed has a decimal point and no missing codes."""

    @field_validator("expression")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        try:
            has_column = bool(parse(text).columns)
        except FormulaError as fault:
            raise ValueError(fault.text) from None
        if not has_column:
            raise ValueError("a formula names at least one column, such as [Age]")
        return text

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names, in order."""
        return parse(self.expression).columns

    @property
    def words(self) -> str:
        """The rule in words."""
        return f"the formula {self.expression}"


class TextPattern(Document):
    """Words that stand for a code.

    A phrase may hold `*` for any letters within a word ("benzo*"), begin with `=` where it must be the whole text
    ("=none"), or be the name of one of the protocol's word lists ("@benzodiazepines").
    """

    code: str
    any_of: tuple[str, ...] = Field(min_length=1)
    none_of: tuple[str, ...] = ()


class TextWords(Document):
    """What to look for in free text: the first pattern that is found gives the code; what is denied is not found.

    Phrases are as in `TextPattern`. What may or may not be meant ("?", "possible") is a question, and so is, where
    `known` words are given, an item of the text that has none of them.
    """

    patterns: tuple[TextPattern, ...] = ()
    otherwise: Literal["ask", "missing", "code", "count"] = "ask"
    """What a text without any of them becomes: a question, missing, `code`, or the number of its items."""
    code: str = ""
    known: tuple[str, ...] = ()
    """Words that make an item of the text understood; they alone are counted."""
    ignored: tuple[str, ...] = ()
    """Words that make an item understood without being counted."""
    negations: tuple[str, ...] = ()
    """Words before a phrase that deny it ("no history of", "denies")."""
    negations_after: tuple[str, ...] = ()
    """Words right after a phrase that deny it ("ruled out")."""
    doubts: tuple[str, ...] = ()
    """Words beside a phrase that make it a question ("possible", "past")."""

    @property
    def phrases(self) -> tuple[str, ...]:
        """All phrases, of every part."""
        return (*self.known, *self.ignored, *self.negations, *self.negations_after, *self.doubts,
                *(phrase for one in self.patterns for phrase in (*one.any_of, *one.none_of)))


class TextSearch(TextWords):
    """Codes from what the free text of one or several columns names."""

    kind: Literal["text_search"] = "text_search"
    columns: tuple[str, ...] = Field(min_length=1)
    answers: dict[str, str | None] = Field(default_factory=dict)
    """Whole texts a person gave a code by hand (None: missing), several columns joined by " | "; they go first."""

    @property
    def words(self) -> str:
        """The rule in words."""
        named = " and ".join(f'"{name}"' for name in self.columns)
        codes = "; ".join(f"{one.code} for {', '.join(one.any_of[:3])}{' and others' * (len(one.any_of) > 3)}"
                          for one in self.patterns)
        rest = {"ask": "the rest asks", "missing": "the rest is missing", "code": f"the rest is {self.code}",
                "count": "else the number of items"}[self.otherwise]
        return f"text search in {named}: {codes + '; ' if codes else ''}{rest}"


class Undecided(Document):
    """Not decided yet: recorded, with a note, and still an open question."""

    kind: Literal["undecided"] = "undecided"
    note: str = ""


Rule = Annotated[Direct | Recode | Constant | Unavailable | Product | Elapsed | Formula | TextSearch | Undecided,
                 Field(discriminator="kind")]
Computed = Product | Elapsed | Formula | TextSearch
"""Rules that may read several columns; each says itself in `words`."""


class Decision(Document):
    """A rule with where it came from. `sureness` 0 to 1; below `SURE` a suggestion waits for a person."""

    rule: Rule
    sureness: float = 1.0
    reason: str = ""
    by: str = "suggested"
    """"suggested" for the program, else the person's name."""
    at: str = ""
    """ISO time of the decision."""

    @property
    def is_settled(self) -> bool:
        """Whether the harmonizer may use it: sure, or decided by a person."""
        return not isinstance(self.rule, Undecided) and (self.by != "suggested" or self.sureness >= SURE)


SURE = 0.8


class TreatmentSource(Document):
    """What a patient was given: a column's text, or the same for all (`constant`). One for each block of periods."""

    column: str | None = None
    constant: str | None = None
    period: int | None = None
    values: dict[str, str | None] = Field(default_factory=dict)
    """Raw text -> treatment key of the protocol; None: not a treatment (missing). A text not listed is a question."""


class DoseSource(Document):
    """The dose in the protocol's unit: a column, or per raw text of the treatment column."""

    column: str | None = None
    period: int | None = None
    format: NumberFormat = NumberFormat()
    factor: float = 1.0
    values: dict[str, float | None] = Field(default_factory=dict)
    """Raw text of the treatment (or dose) column -> dose, where the dose stands in words ("ketamine 0.5 mg/kg")."""
    constant: float | None = None
    # left out where there is none, so that mappings made before it was there keep their fingerprints
    per: Factor | None = Field(default=None, exclude_if=lambda per: per is None)
    """What the column's number is divided by: the body weight, where doses are given in all."""


class PeriodSource(Document):
    """Which treatment period or infusion a row belongs to (1 = first)."""

    column: str
    values: dict[str, int] = Field(default_factory=dict)


class VisitSource(Document):
    """When a row of a long file was measured: hours after the treatment; 0 or less is before it (a baseline)."""

    column: str
    values: dict[str, float | None] = Field(default_factory=dict)
    """Raw text -> hours; None: not a visit of interest. A text not listed is a question."""


class ClockSource(Document):
    """When a row of a long file was measured, from days and times of day: of the row, and of the treatment.

    Used for rows whose visit does not say when.
    """

    column: str
    time_column: str | None = None
    """Times of day beside days; None: they stand in `column`, or nowhere, and whole days count."""
    order: Literal["dmy", "mdy"] = "dmy"
    """How texts such as 05/03/2018 are meant."""
    since: str
    since_time: str | None = None
    since_order: Literal["dmy", "mdy"] = "dmy"
    same_day: Literal["by_time", "before", "ask"] = "ask"
    """What rows of the day of treatment are: as their times say, before it, or not known."""


class TimeSource(Document):
    """When each score of a wide file was taken: a column of times after the treatment, `factor` hours a unit."""

    column: str
    factor: float = 1.0
    format: NumberFormat = NumberFormat()


class ScoreSource(Document):
    """A column of scores. Wide files give `hours` here, long files take them from the visit."""

    column: str
    scale: str
    hours: float | None = None
    time: TimeSource | None = Field(default=None, exclude_if=lambda time: time is None)
    """The patients' own times; where one is empty, `hours` holds. Left out of fingerprints that are older than it."""
    period: int | None = None
    treatment: str | None = None
    """Where blocks of columns are named by treatment: the key of the one before; for patients who had it first."""
    format: NumberFormat = NumberFormat()
    items: tuple[str, ...] = ()
    """Columns whose sum is the score, where all of them are filled; `column` is the first of them."""
    change_from: str | None = None
    """Where `column` holds a change: the column of the score before; `change_sign` times the change is added to it."""
    change_sign: Literal[1, -1] = 1
    where_column: str | None = None
    """Where rows hold several parameters: the column that names them; `where_text` is this score's."""
    where_text: str = ""


class Shape(Document):
    """Patients, periods and visits in the file."""

    kind: Literal["wide", "long", "period_rows", "period_blocks"] = "wide"
    """A row a patient; a row a patient and visit; a row a patient and period; a block of columns a period."""
    patient: str | None = None
    # left out where there is none, so that mappings made before it was there keep their fingerprints
    site: str | None = Field(default=None, exclude_if=lambda site: site is None)
    """Column of the sites, where each gave its patients ids of its own: "Boston / 12" is a patient then."""
    period: PeriodSource | None = None
    visit: VisitSource | None = None
    clock: ClockSource | None = None
    second_treatment_hours: float | None = None
    """When every patient got a second treatment after the first, where the study gave more than one."""


class StudyMapping(Document):
    """All decisions on one study's file."""

    study: str
    file: str
    reading: Reading = Reading()
    shape: Shape = Shape()
    treatments: tuple[TreatmentSource, ...] = ()
    doses: tuple[DoseSource, ...] = ()
    scores: tuple[ScoreSource, ...] = ()
    variables: dict[str, Decision] = Field(default_factory=dict)
    structure_by: str = "suggested"
    """Who settled shape, treatments and scores: "suggested", or a person's name."""
    structure_sureness: float = 1.0
    structure_reason: str = ""

    @property
    def is_structure_sure(self) -> bool:
        """Whether nothing about shape, treatments and scores waits for a person."""
        return self.structure_by != "suggested" or self.structure_sureness >= SURE

    def with_decision(self, variable: str, decision: Decision | None) -> StudyMapping:
        """The mapping with one variable decided anew; None reopens the question."""
        variables = {key: value for key, value in self.variables.items() if key != variable}
        if decision is not None:
            variables[variable] = decision
        return self.model_copy(update={"variables": variables})
