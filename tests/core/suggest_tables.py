"""Small invented tables, as teams send them, and what the program makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import Issue, Severity
from core.mapping import Decision, StudyMapping
from core.protocol import Protocol
from core.protocol_files import load_protocol
from core.registry import Study
from core.sources import Cell, RawColumn, RawTable
from core.suggest import suggest_mapping

KETAMINE = load_protocol("ketamine")
N = 12


def cycle(*values: Cell) -> list[Cell]:
    """N cells that repeat the values."""
    return [values[i % len(values)] for i in range(N)]


def numbers(low: int, high: int) -> list[Cell]:
    """N whole numbers spread over a range."""
    return [low + (i * 7) % (high - low + 1) for i in range(N)]


IDS: list[Cell] = [f"S-{i:02d}" for i in range(N)]
GIVEN = cycle("Ketamine 0.5 mg/kg", "Midazolam")


def make_table(columns: Mapping[str, Sequence[Cell]], title: str = "", labels: Mapping[str, str] | None = None,
               value_labels: Mapping[str, Mapping[str, str]] | None = None) -> RawTable:
    """A table with a header in row 1."""
    raw = tuple(RawColumn(name, i + 1, tuple(cells), (labels or {}).get(name, ""), (value_labels or {}).get(name, {}))
                for i, (name, cells) in enumerate(columns.items()))
    return RawTable("trial.csv", None, 1, raw, tuple(range(2, len(raw[0].cells) + 2)), title)


@dataclass(frozen=True)
class Suggested:
    """A suggested mapping and its issues, for short assertions."""

    mapping: StudyMapping
    issues: tuple[Issue, ...]

    @property
    def scores(self) -> dict[str, tuple[str, float | None]]:
        return {source.column: (source.scale, source.hours) for source in self.mapping.scores}

    @property
    def sure(self) -> dict[str, Decision]:
        return {key: one for key, one in self.mapping.variables.items() if one.is_settled}

    def column_of(self, variable: str) -> str | None:
        return getattr(self.sure[variable].rule, "column", None) if variable in self.sure else None

    @property
    def questions(self) -> set[str]:
        return {issue.code for issue in self.issues if issue.severity is Severity.QUESTION}

    def questions_about(self, column: str) -> list[str]:
        return [issue.code for issue in self.issues
                if issue.severity is Severity.QUESTION and issue.where.column == column]


def suggest(columns: Mapping[str, Sequence[Cell]], study: Study | None = None, protocol: Protocol = KETAMINE,
            title: str = "", labels: Mapping[str, str] | None = None,
            value_labels: Mapping[str, Mapping[str, str]] | None = None) -> Suggested:
    """What is suggested for a table of exactly these columns."""
    table = make_table(columns, title, labels, value_labels)
    return Suggested(*suggest_mapping(table, study or Study(study="x"), protocol))


def wide(columns: Mapping[str, Sequence[Cell]], **more: object) -> Suggested:
    """What is suggested for a wide table with an id, a treatment, and these columns."""
    return suggest({"Patient ID": IDS, "Group": GIVEN, **columns}, **more)  # type: ignore[arg-type]


def scored(*names: str) -> dict[str, list[Cell]]:
    """Columns of differing plausible scores."""
    return {name: [12 + (i * (5 + 2 * k) + 3 * k) % 29 for i in range(N)] for k, name in enumerate(names)}


def long_table(visits: Sequence[Cell], visit: str = "Visit", score: str = "MADRS", patients: int = 6,
               periods: Sequence[Cell] = (), **columns: Cell) -> dict[str, list[Cell]]:
    """A row a patient and visit, for each period if there are any."""
    rows = [(i, period, when) for i in range(patients) for period in (periods or (None,)) for when in visits]
    table: dict[str, list[Cell]] = {"Subject": [f"A{i}" for i, _, _ in rows]}
    if periods:
        table["Period"] = [period for _, period, _ in rows]
    drugs = ("Ketamine 0.5 mg/kg", "Saline")
    table["Drug"] = [drugs[(i + (list(periods).index(p) if periods else 0)) % 2] for i, p, _ in rows]
    table[visit] = [when for _, _, when in rows]
    table[score] = [15 + (7 * k) % 26 for k in range(len(rows))]
    return table | {name: [value] * len(rows) for name, value in columns.items()}
