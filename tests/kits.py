"""Request kits filled by invented teams: what they wrote, and what the harmonized table must then hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl

from core.kit_columns import NOT_COLLECTED, KitColumn, key_of, kit_columns
from core.protocol import Protocol
from core.request_kit import BIAS, DATA, FACTS, write_kit

ANSWERS = {"study": "Smith2015", "label": "Smith 2015", "year": 2015, "country": "Germany", "design": "parallel",
           "control": "as usual", "control_type": "inert", "trd_threshold": "unspecified", "n_randomized": 24,
           "rob_randomization": "low", "rob_allocation": "some", "rob_blinding_participants": "high",
           "rob_blinding_assessors": "unclear", "rob_missing_data": "low"}


@dataclass
class Filled:
    """What is written, by key a list of cells, and what is meant, NaN and None for missing."""

    protocol: Protocol
    written: dict[str, list[Any]] = field(default_factory=dict)
    meant: dict[str, list[Any]] = field(default_factory=dict)

    def write(self, path: Path, answers: Mapping[str, Any] = ANSWERS) -> None:
        """Into a fresh kit."""
        write_kit(path, self.protocol)
        workbook = openpyxl.load_workbook(path)
        data = workbook[DATA]
        for at, cell in enumerate(data[1], start=1):
            for row, value in enumerate(self.written.get(key_of(cell.value) or "", ()), start=2):
                data.cell(row, at, value)
        for sheet in (workbook[FACTS], workbook[BIAS]):
            for row in range(2, sheet.max_row + 1):
                sheet.cell(row, 3, answers.get(sheet.cell(row, 1).value))
        workbook.save(path)


def filled_kit(protocol: Protocol, seed: int = 1, n: int = 24, prefix: str = "P") -> Filled:
    """Patients of a seeded generator; every fifth value of what is not required is left empty."""
    draw = np.random.default_rng(seed)
    made = Filled(protocol)
    arms = (protocol.control.treatments[0], protocol.active.treatments[0])
    for column in kit_columns(protocol):
        cells = [_cell(column, draw) for _ in range(n)]
        if column.key == "patient":
            cells = [(f"{prefix}{i:03d}",) * 2 for i in range(n)]
        elif column.key == "treatment":
            cells = [(protocol.treatments_by_key[arms[i % 2]].label, float(i % 2)) for i in range(n)]
        elif column.key == protocol.dose.key:
            cells = [(0.5, 0.5) if i % 2 else (None, np.nan) for i in range(n)]
        made.written[column.key] = [cell[0] for cell in cells]
        made.meant["arm" if column.key == "treatment" else column.key] = [cell[1] for cell in cells]
    return made


def without(filled: Filled, key: str) -> None:
    """The team does not have a column, and says so as the kit asks."""
    n = len(filled.written[key])
    filled.written[key] = [NOT_COLLECTED, *[None] * (n - 1)]
    filled.meant[key] = [np.nan] * n


def _cell(column: KitColumn, draw: np.random.Generator) -> tuple[Any, Any]:
    is_text = bool(column.codes) and not column.codes[0][0].isdigit()
    if not column.is_required and draw.random() < 0.2:
        is_time = column.definition.startswith("From the start")
        return None, None if is_text else float(column.example) if is_time else np.nan
    if column.codes:
        code = column.codes[int(draw.integers(len(column.codes)))][0]
        return (code, code) if is_text else (int(code), float(code))
    low = 1 if not column.minimum else int(np.ceil(column.minimum))
    value = int(draw.integers(low, int(min(column.maximum or 40, 40 if low < 40 else low + 60)) + 1))
    return value, float(value)
