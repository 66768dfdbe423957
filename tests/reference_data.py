"""Where the tests find R's stored results, and the shared trial data that are never copied into the project."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.resources import resource

SELF_TESTED = ("generated_linear", "generated_logistic")
REFERENCE = Path(__file__).parent / "reference"
SHARED = Path(os.environ.get("MODSCOPE_SHARED_DATA") or REFERENCE.parents[2] / "shared" / "data" / "ipd")


def output(name: str) -> dict[str, Any]:
    """What the R script of `tests/reference/<name>` wrote."""
    found: dict[str, Any] = json.loads((_folder(name) / "output.json").read_text(encoding="utf-8"))
    return found


def shared_rows(name: str) -> list[dict[str, str]]:
    """The rows of a shared trial file. Where the data are missing the test is skipped, and the suite ends by saying so."""
    path = SHARED / name
    if not path.exists():
        pytest.skip("NOT COMPARED with real trials: the shared data are missing (MODSCOPE_SHARED_DATA names their folder)")
    return _rows(path)


def generated_rows(name: str) -> list[dict[str, str]]:
    """The invented rows that R was given."""
    return _rows(_folder(name) / "data.csv")


def _folder(name: str) -> Path:
    """The data of the self-test stand in the program's resources, because the program uses them too."""
    return resource("selftest", name.removeprefix("generated_")) if name in SELF_TESTED else REFERENCE / name


def numbers(rows: list[dict[str, str]], column: str) -> np.ndarray:
    """A column as numbers (n,)."""
    return np.array([float(row[column]) for row in rows])


def codes(rows: list[dict[str, str]], column: str) -> np.ndarray:
    """A column as integer codes (n,), in the order of its sorted values."""
    return np.unique([row[column] for row in rows], return_inverse=True)[1]


def facial_feedback() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(y, treatment, study) of the 17-lab facial feedback experiment, the 1,894 included participants."""
    rows = [row for row in shared_rows("facial_feedback_17labs.csv") if row["included"] == "1"]
    return numbers(rows, "mean_rating_correct"), numbers(rows, "condition"), codes(rows, "lab")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
