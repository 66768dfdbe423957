"""Study moments: what they hold, and that nothing is lost by keeping only them."""

from __future__ import annotations

import numpy as np
import pytest

from core.models.moments import from_rows


@pytest.fixture
def rows() -> tuple[dict[str, np.ndarray], np.ndarray]:
    rng = np.random.default_rng(3)
    study = np.array([4, 4, 4, 9, 9, 9, 9, 2, 2, 2])
    return {"treatment": rng.integers(0, 2, 10).astype(float), "y": 1e6 + rng.normal(size=10)}, study


def test_products_are_the_raw_cross_products(rows) -> None:
    columns, study = rows
    moments = from_rows(columns, study)
    assert moments.studies == (2, 4, 9)
    for place, code in enumerate(moments.studies):
        table = np.column_stack([np.ones(10), columns["treatment"], columns["y"]])[study == code]
        np.testing.assert_allclose(moments.products()[place], table.T @ table, rtol=1e-12)


def test_products_about_an_origin_keep_their_digits(rows) -> None:
    columns, study = rows
    moments = from_rows(columns, study)
    origin = moments.pooled_mean
    table = np.column_stack([np.ones(10), columns["treatment"] - origin[0], columns["y"] - origin[1]])
    np.testing.assert_allclose(moments.products(origin).sum(axis=0), table.T @ table, rtol=1e-9, atol=1e-8)
    centered = table[:, 1:]
    np.testing.assert_allclose(moments.pooled_scatter, centered.T @ centered, rtol=1e-9)


def test_a_weight_of_two_is_the_patient_twice(rows) -> None:
    columns, study = rows
    weights = np.array([1, 2, 1, 0, 3, 1, 1, 0, 0, 0])
    weighted = from_rows(columns, study, weights)
    repeated = from_rows({name: np.repeat(values, weights) for name, values in columns.items()},
                         np.repeat(study, weights))
    assert weighted.studies == repeated.studies == (4, 9)
    np.testing.assert_allclose(weighted.weight, repeated.weight)
    np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-15)
    np.testing.assert_allclose(weighted.scatter, repeated.scatter, atol=1e-8)


def test_leaving_a_study_out_equals_never_having_had_it(rows) -> None:
    columns, study = rows
    kept = study != 9
    direct = from_rows({name: values[kept] for name, values in columns.items()}, study[kept])
    dropped = from_rows(columns, study).without(9)
    assert dropped.studies == direct.studies
    np.testing.assert_array_equal(dropped.scatter, direct.scatter)
    again = from_rows(columns, study).reweighted([1, 1, 0])
    np.testing.assert_array_equal(again.mean, direct.mean)
    assert (dropped.k, dropped.n) == (2, 6)


def test_selecting_columns_orders_them(rows) -> None:
    columns, study = rows
    moments = from_rows(columns, study)
    turned = moments.select(["y", "treatment"])
    assert turned.columns == ("y", "treatment")
    np.testing.assert_array_equal(turned.scatter[:, 0, 1], moments.scatter[:, 1, 0])


def test_a_missing_value_is_refused(rows) -> None:
    columns, study = rows
    with pytest.raises(ValueError, match="missing"):
        from_rows(columns | {"y": np.full(10, np.nan)}, study)


def test_no_patients_are_no_studies() -> None:
    nobody = from_rows({"y": [], "treatment": []}, [])
    assert (nobody.n, nobody.k) == (0, 0)
