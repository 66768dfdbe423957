"""Columns of a pooled table: include rules on texts and numbers, arms, and faults at the file's own row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError, Where
from core.plan import Include
from core.pooled_columns import FILE_ROWS, arm_codes, kept_rows, numeric_column, row_at

PLACE = Where(file="pool.xlsx", sheet="Data")


def kept(cells: list[object], **rule: object) -> list[int]:
    include = Include.model_validate({"column": "c", **rule})
    return np.flatnonzero(kept_rows(pd.DataFrame({"c": cells}), (include,), PLACE)).tolist()


@pytest.mark.parametrize(("cells", "rule", "rows"), [
    (["1", "1.0", "01", "2", None], {"equals": 1}, [0, 1, 2]),
    ([1.0, 2.0, np.nan], {"equals": "1"}, [0]),
    (["inf", "nan", "x"], {"equals": "nan"}, [1]),
    (["m", "f", " m ", None, ""], {"in": ["m", "x"]}, [0, 2]),
    (["TRUE", "false", "True", None], {"equals": True}, [0, 2]),
    (["TRUE", "false", None], {"in": [False]}, [1]),
    ([1.0, 0.0, np.nan], {"equals": True}, [0]),
    ([1.0, 2.0, 3.0, np.nan], {"min": 2}, [1, 2]),
    (["1", "2", "", "3"], {"min": 2, "max": 2.5}, [1]),
    ([18.0, 30.0, 65.0], {"in": [18, 65], "min": 20}, [2]),
])
def test_rows_kept(cells: list[object], rule: dict[str, object], rows: list[int]) -> None:
    assert kept(cells, **rule) == rows


def test_a_limit_on_texts_is_refused_at_the_row() -> None:
    with pytest.raises(UserError, match=r'pool.xlsx, sheet Data, row 3, column c: "old" in column "c" is not a number'):
        kept([30, "old"], min=18)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e150, "inf"])
def test_what_is_too_large_is_refused_before_it_is_computed_with(value: object) -> None:
    with pytest.raises(UserError, match=r"row 2, column c.*infinite or too large"):
        numeric_column(pd.DataFrame({"c": [value, 1.0]}), "c", PLACE)


def test_rows_are_those_of_the_file() -> None:
    table = pd.DataFrame({"arm": ["1", "placebo"]}, index=pd.Index([5, 9], name=FILE_ROWS))
    assert row_at(table, 1, PLACE).row == 9
    with pytest.raises(UserError, match=r'sheet Data, row 9, column arm: The arm is "placebo"; it must be 1 \(active\)'):
        arm_codes(table, "arm", PLACE)


@pytest.mark.parametrize("cells", [[True, False], ["TRUE", "FALSE"]])
def test_true_and_false_are_no_arms(cells: list[object]) -> None:
    with pytest.raises(UserError, match="must be 1"):
        arm_codes(pd.DataFrame({"arm": cells}), "arm", PLACE)
