"""What readers are shown instead of keys."""

from __future__ import annotations

import pytest

from core.labels import labels_for, without_common_remark


@pytest.mark.parametrize(("names", "shown"), [
    (["A (synthetic)", "B UK (synthetic)"], ["A", "B UK"]),
    (["A (synthetic)", "B"], ["A (synthetic)", "B"]),
    (["A (UK)", "B (US)"], ["A (UK)", "B (US)"]),
    (["A (pilot)"], ["A (pilot)"]),
    (["(synthetic)", "A (synthetic)"], ["(synthetic)", "A (synthetic)"]),
    ([], []),
])
def test_a_remark_that_all_names_share_tells_none_apart(names: list[str], shown: list[str]) -> None:
    keys = [str(index) for index in range(len(names))]
    assert list(without_common_remark(dict(zip(keys, names, strict=True))).values()) == shown


def test_studies_are_called_by_their_labels_without_the_shared_remark() -> None:
    labels = labels_for(None, {"a": "Alpha (demo)", "b": "Beta (demo)"})
    assert (labels.study("a"), labels.study("b"), labels.study("c")) == ("Alpha", "Beta", "c")
