"""How a trial's table becomes a file: delimited text, a workbook as people lay it out, SPSS, Stata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.trial import Trial, rows_of, write_csv


def save_csv(trial: Trial, folder: Path, delimiter: str = ",", decimal: str = ".", encoding: str = "utf-8",
             before: Sequence[Sequence[Any]] = (), suffix: str = ".csv") -> Trial:
    """One delimited file, with rows before the header if given."""
    path = folder / f"{trial.study}{suffix}"
    write_csv(path, [*before, *rows_of(trial.table)], delimiter, decimal, encoding)
    trial.facts.setdefault("file", path.name)
    return trial


def save_xlsx(trial: Trial, folder: Path, before: Sequence[Sequence[Any]] = (), after: Sequence[Sequence[Any]] = (),
              sheets: Mapping[str, Sequence[Sequence[Any]]] | None = None, sheet: str = "Data",
              hidden_rows: Sequence[int] = (), merged: Sequence[str] = ()) -> Trial:
    """A workbook: rows before the header, the table, rows after it, other sheets behind. Empty text is no cell."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in [*before, *rows_of(trial.table), *after]:
        page.append([None if cell == "" else cell for cell in row])
    for row_number in hidden_rows:
        page.row_dimensions[row_number].hidden = True
    for cells in merged:
        page.merge_cells(cells)
    for name, rows in (sheets or {}).items():
        other = book.create_sheet(name)
        for row in rows:
            other.append(list(row))
    path = folder / f"{trial.study}.xlsx"
    book.save(path)
    trial.facts.setdefault("file", path.name)
    return trial


def save_statistical(trial: Trial, folder: Path, suffix: str, column_labels: Mapping[str, str],
                     value_labels: Mapping[str, Mapping[Any, str]],
                     missing: Mapping[str, Sequence[Any]] | None = None) -> Trial:
    """SPSS (`.sav`) or Stata (`.dta`) with labels; `missing` are SPSS user-missing values."""
    frame = pd.DataFrame({name: [None if cell == "" else cell for cell in cells]
                          for name, cells in trial.table.items()})
    for name in frame:
        if frame[name].map(lambda cell: cell is None or isinstance(cell, (int, float))).all():
            frame[name] = frame[name].astype(float)
    path = folder / f"{trial.study}{suffix}"
    labels = [column_labels.get(str(name), "") for name in frame]
    values = {name: dict(codes) for name, codes in value_labels.items()}
    if suffix == ".sav":
        pyreadstat.write_sav(frame, str(path), column_labels=labels, variable_value_labels=values,
                             missing_ranges={name: list(codes) for name, codes in (missing or {}).items()})
    else:
        pyreadstat.write_dta(frame, str(path), column_labels=labels, variable_value_labels=values)
    trial.facts.setdefault("file", path.name)
    return trial
