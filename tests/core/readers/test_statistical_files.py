"""Files of SPSS, Stata and SAS: labels, declared missing values, row numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from core.errors import UserError
from core.readers import read_grids
from core.sources import SourceFile
from core.table_layout import choose_grid, find_table

FRAME = pd.DataFrame({"id": ["S01", "S02", "S03"], "arm": [1.0, 2.0, None], "madrs": [31.0, -88.0, 12.5]})
LABELS = {"arm": {1.0: "ketamine", 2.0: "saline"}}


def _source(folder: Path, write: Any, name: str, **options: Any) -> SourceFile:
    path = folder / name
    write(FRAME, str(path), **options)
    return SourceFile(name, path.read_bytes())


def test_spss_labels_and_declared_missing_values_are_kept(tmp_path: Path) -> None:
    source = _source(tmp_path, pyreadstat.write_sav, "trial.sav", variable_value_labels=LABELS,
                     column_labels=["", "Treatment arm", "MADRS total"], missing_ranges={"madrs": [-88]})
    table = find_table(choose_grid(read_grids(source)))
    arm, madrs = table.columns_by_name["arm"], table.columns_by_name["madrs"]
    assert dict(arm.value_labels) == {"1": "ketamine", "2": "saline"}
    assert arm.label == "Treatment arm"
    assert arm.cells == (1.0, 2.0, None)
    assert madrs.cells == (31.0, None, 12.5)
    (told,) = [issue for issue in table.issues if issue.code == "declared_missing"]
    assert told.where.column == "madrs"
    assert "-88 (1 times)" in told.text


def test_records_are_counted_from_one_as_the_package_does(tmp_path: Path) -> None:
    table = find_table(choose_grid(read_grids(_source(tmp_path, pyreadstat.write_sav, "trial.sav"))))
    assert table.rows == (1, 2, 3)
    assert table.header_row == 0


@pytest.mark.parametrize(("name", "write"), [
    ("trial.dta", pyreadstat.write_dta), ("trial.xpt", pyreadstat.write_xport), ("trial.por", pyreadstat.write_por),
    ("trial.zsav", lambda frame, path: pyreadstat.write_sav(frame, path, compress=True))])
def test_every_format_is_known_by_its_bytes(tmp_path: Path, name: str, write: Any) -> None:
    source = SourceFile("renamed.txt", _source(tmp_path, write, name).content)
    table = find_table(choose_grid(read_grids(source)))
    assert [column.name.lower() for column in table.columns] == ["id", "arm", "madrs"]
    assert table.columns[2].cells == (31.0, -88.0, 12.5)
    assert table.columns[0].cells == ("S01", "S02", "S03")


def test_stata_value_labels_are_kept(tmp_path: Path) -> None:
    labels = {"arm": {1: "ketamine", 2: "saline"}}
    source = _source(tmp_path, pyreadstat.write_dta, "trial.dta", variable_value_labels=labels)
    assert dict(read_grids(source)[0].value_labels[1]) == {"1": "ketamine", "2": "saline"}


def test_a_cut_off_file_is_refused_in_words(tmp_path: Path) -> None:
    whole = _source(tmp_path, pyreadstat.write_sav, "trial.sav")
    with pytest.raises(UserError, match=r"trial\.sav: The file is damaged") as caught:
        read_grids(SourceFile("trial.sav", whole.content[:200]))
    assert caught.value.remedy
