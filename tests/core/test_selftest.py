"""The program's own check: what it can write, said in a sentence."""

from __future__ import annotations

from io import BytesIO

import pytest

from core import selftest


@pytest.mark.parametrize("kind", selftest.WRITERS)
def test_what_a_report_is_made_of_can_be_written(kind: str) -> None:
    outcome = selftest._written(kind, selftest.WRITERS[kind])
    assert outcome.passed and kind in outcome.text


def test_a_file_that_is_missing_is_said() -> None:
    def without_template(file: BytesIO) -> None:
        raise FileNotFoundError(2, "No such file or directory", "default-footer.xml")

    outcome = selftest._written("Word report", without_template)
    assert not outcome.passed and "default-footer.xml" in outcome.text


def test_nothing_written_is_no_success() -> None:
    assert not selftest._written("figure", lambda file: None).passed
