"""What is pointed out in a file, and what is not."""

from __future__ import annotations

import datetime as dt

import pytest

from core.mapping import Reading
from core.privacy.signs import Sign, find_signs
from core.sources import Cell, Grid
from tests.core.privacy.files import HEADER, patients


def signs(header: tuple[str, ...], *rows: tuple[Cell, ...]) -> dict[str, Sign]:
    grid = Grid("one.xlsx", "Data", (header, *rows))
    return {sign.column: sign for sign in find_signs([grid], lambda _: Reading())}


def column(name: str, *cells: Cell) -> str:
    """The kind of what one column looks like, beside ids and scores; "" for nothing."""
    rows = tuple((f"S{i:02d}", cell, 30 + i) for i, cell in enumerate(cells))
    found = signs(("id", name, "madrs"), *rows)
    assert not set(found) - {name}
    return found[name].kind if found else ""


def test_everything_in_the_invented_file() -> None:
    found = signs(HEADER, *patients())  # type: ignore[arg-type]
    assert {name: sign.kind for name, sign in found.items()} == {
        "Patient name": "name", "E-mail": "email", "Phone": "phone", "MRN": "record_number",
        "Date of birth": "birth_date", "Infusion date": "date", "Postcode": "address", "Comments": "free_text",
        "Age (years)": "old_age"}
    assert found["Patient name"].suggested == "drop" and found["Date of birth"].suggested == "shift"
    assert found["Patient name"].position == 2


@pytest.mark.parametrize(("name", "cells", "kind"), [
    ("Initials", ("AB", "CD", "EF"), "name"),
    ("Nachname", ("Müller", "Schmidt", "Weber"), "name"),
    ("who", ("Smith, John", "Doe, Jane", "Poe, Edgar", "Roe, Mary", "Low, Ann"), "name"),
    ("contact", ("a@b.org", "c@d.com", "e@f.net"), "email"),
    ("tel.", ("030 123456", "030 654321", "040 111222"), "phone"),
    ("x", ("(212) 555-0101", "(212) 555-0102", "+44 20 7946 0018"), "phone"),
    ("SSN", ("1", "2", "3"), "record_number"),
    ("x", ("123-45-6789", "223-45-6789", "323-45-6789"), "record_number"),
    ("Hospital No.", (991, 992, 993), "record_number"),
    ("Geburtsdatum", ("01.02.1960", "03.04.1971", "unknown"), "birth_date"),
    ("DOB", (dt.date(1960, 1, 2), dt.date(1971, 3, 4), None), "birth_date"),
    ("visit", ("2019-03-04 10:30", "2019-03-05 09:00", "2019-03-07 11:15"), "date"),
    ("zip", (10115, 10117, 10119), "address"),
    ("Wohnort", ("Ulm", "Hof", "Kiel"), "address"),
    ("remarks", ("seen by Mrs. Oberhuber at home", "", "none"), "free_text"),
    ("remarks", ("moved away on 03/04/2019 for good", "", "none"), "free_text"),
    ("Alter", (34, 90, 51), "old_age"),
])
def test_what_is_pointed_out(name: str, cells: tuple[Cell, ...], kind: str) -> None:
    assert column(name, *cells) == kind


@pytest.mark.parametrize(("name", "cells"), [
    ("Drug name", ("ketamine", "saline", "ketamine")),
    ("Site name", ("North", "South", "North")),
    ("Record ID", (1, 2, 3)),
    ("Patient number", ("PL-001", "PL-002", "PL-003")),
    ("Diagnosis", ("Major Depression", "Bipolar Disorder", "Major Depression")),
    ("Comments", ("None", "late for the second visit", "")),
    ("Year of birth", (1960, 1971, 1980)),
    ("change", ("-1.23456789012", "0.98765432101", "2.11111111113")),
    ("income", ("1 234 567 890", "2 345 678 901", "3 456 789 012")),
    ("Age at onset", (12, 91, 20)),
    ("age", (34, 89, 51)),
    ("age", (34, 999, 51)),
    ("dbp", (80, 95, 91)),
    ("Race", ("White", "Black", "Other")),
    ("id2", ("101-2034-1", "101-2035-1", "101-2036-1")),
    ("empty", (None, None, None)),
])
def test_what_is_not(name: str, cells: tuple[Cell, ...]) -> None:
    assert column(name, *cells) == ""


def test_an_old_age_far_down_a_long_sheet() -> None:
    rows = tuple((f"S{i}", 40, 30) for i in range(6000))
    assert set(signs(("id", "age", "madrs"), *rows)) == set()
    assert set(signs(("id", "age", "madrs"), *rows, ("S6000", 94, 20))) == {"age"}


def test_every_sheet_is_looked_at() -> None:
    grids = [Grid("one.xlsx", name, (("id", what, "madrs"), ("a", "x@y.org", 3), ("b", "z@y.org", 4)))
             for name, what in (("Data", "m"), ("Old", "n"))]
    assert [(sign.sheet, sign.column) for sign in find_signs(grids, lambda _: Reading())] == [
        ("Data", "m"), ("Old", "n")]

