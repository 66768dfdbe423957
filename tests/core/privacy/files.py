"""A study's file with everything in it that could tell who a patient is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl

FIRST = ("Adalbert", "Brunhilde", "Cunigunde", "Dagobert", "Ermintrude", "Fridolin", "Gottlieb", "Hildegard")
LAST = ("Zwingmann", "Quastenflosser", "Oberhuber", "Pfefferkorn", "Lindwurm", "Katzenellenbogen")
HEADER = ("Subject", "Patient name", "E-mail", "Phone", "MRN", "Date of birth", "Infusion date", "Postcode", "Comments",
          "Drug", "Sex", "Age (years)", "BMI", "MADRS baseline", "MADRS 24 h", "MADRS day 7")


def patients(n: int = 24, seed: int = 1) -> list[tuple[object, ...]]:
    """Rows under HEADER; dates are cells, not texts."""
    draw = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    for i in range(n):
        first, last = FIRST[i % len(FIRST)], LAST[i % len(LAST)]
        base, active = int(draw.integers(26, 42)), bool(draw.integers(0, 2))
        age = 93 if i == 5 else int(draw.integers(20, 70))
        infusion = dt.datetime(2018, 1, 1) + dt.timedelta(int(draw.integers(0, 300)))
        rows.append((
            f"S{i + 1:02d}", f"{last}, {first}", f"{first.lower()}.{i}@klinik-example.org", f"+49 171 55{i:02d} 43{i:02d}7",
            7_340_000 + 37 * i, infusion - dt.timedelta(int(365.25 * age) + 40), infusion, f"D{10115 + i}",
            f"Called Dr. {last} about the flat" if i % 3 == 0 else "none", "ketamine" if active else "saline",
            "FM"[i % 2], age, round(float(draw.normal(27, 4)), 1), base, max(base - 6 - 9 * active - int(draw.integers(0, 9)), 0),
            max(base - 5 - 5 * active - int(draw.integers(0, 9)), 0)))
    return rows


def write_workbook(path: Path, rows: list[tuple[object, ...]] | None = None, title: str = "") -> None:
    """The file as a workbook, its header in row 1, or in row 3 under a title."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Data"
    if title:
        sheet.append([title])
        sheet.append([])
    sheet.append(list(HEADER))
    for row in rows or patients():
        sheet.append(list(row))
    book.save(path)
