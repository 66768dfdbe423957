"""Text files: delimiters, line ends, encodings, line numbers."""

from __future__ import annotations

import csv
import io
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.mapping import Reading
from core.progress import silent
from core.readers import delimited, read_grids
from core.readers.encoding import detect_encoding
from core.readers.plain_lines import read_plain_lines
from core.sources import Grid, SourceFile


def _read(content: bytes | str, reading: Reading = Reading()) -> Grid:  # noqa: B008 - frozen
    (grid,) = read_grids(SourceFile("trial.csv", content.encode() if isinstance(content, str) else content), reading)
    return grid


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows = (["id", "drug", "score"], ["1", "ketamine", "12"], ["2", "saline", "30"])
    lines = [delimiter.join(cells) for cells in rows]
    assert _read("\n".join(lines)).rows[1] == ("1", "ketamine", "12")


def test_decimal_commas_do_not_split_a_semicolon_file() -> None:
    rows = "\n".join(f"{i};{i},5;{i + 1},25" for i in range(50))
    assert _read(f"id;a;b\n{rows}").rows[1:3] == (("0", "0,5", "1,25"), ("1", "1,5", "2,25"))


def test_semicolons_in_text_do_not_split_a_comma_file() -> None:
    assert _read('id,note\n1,"first; second"\n2,one; two; three\n3,none').rows[2] == ("2", "one; two; three")


def test_a_chosen_delimiter_wins() -> None:
    assert _read("a;b,c\n1;2,3", Reading(delimiter=",")).rows[0] == ("a;b", "c")
    with pytest.raises(UserError, match="cannot separate"):
        _read("a,b", Reading(delimiter="ab"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(end: str) -> None:
    grid = _read(end.join(["a,b", "1,2", "", "3,4"]))
    assert [row for row in grid.rows if row] == [("a", "b"), ("1", "2"), ("3", "4")]
    assert grid.lines is not None
    assert grid.lines[-1] == 4


def test_rows_know_the_line_they_begin_on() -> None:
    grid = _read('id,note\n1,"two\nlines"\n2,one')
    assert grid.lines == (1, 2, 4)
    assert grid.row_number(2) == 4


def test_empty_cells_are_none_and_zeros_stay() -> None:
    assert _read("id,a,b\n007,,0").rows[1] == ("007", None, "0")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_letters_survive_every_usual_encoding(encoding: str) -> None:
    text = "patient,note\n1,Ängstlich und müde\n2,l’été\n3,café déjà vu – voilà\n"
    assert _read(text.encode(encoding)).rows[2] == ("2", "l’été")


def test_other_scripts_are_told_from_accents() -> None:
    assert detect_encoding("имя,город\nИван,Москва\nОльга,Казань\n".encode("cp1251"))[0] == "cp1251"
    assert detect_encoding("όνομα,ηλικία\nΕλένη,30\n".encode("iso8859-7"))[0] == "iso8859-7"


def test_the_first_special_letter_may_stand_far_down() -> None:
    content = ("id,note\n" + "1,plain\n" * 20_000 + "2,müde\n").encode()
    assert detect_encoding(content) == ("utf-8", True)


def test_a_guessed_encoding_is_told_and_a_chosen_one_is_used() -> None:
    content = "id,note\n1,müde\n".encode("cp1252")
    assert [issue.code for issue in _read(content).issues] == ["encoding_guessed"]
    chosen = _read(content, Reading(encoding="cp1252"))
    assert chosen.rows[1] == ("1", "müde")
    assert not chosen.issues
    with pytest.raises(UserError, match="byte 11 does not fit"):
        _read(content, Reading(encoding="utf-8"))
    with pytest.raises(UserError, match="no encoding"):
        _read(content, Reading(encoding="utf-99"))


def test_nul_bytes_are_left_out_and_told() -> None:
    grid = _read(b"a,b\n1,\x002\n")
    assert grid.rows[1] == ("1", "2")
    assert [issue.code for issue in grid.issues] == ["nul_bytes"]


def test_a_table_of_very_many_columns_is_refused_before_it_is_taken_apart() -> None:
    with pytest.raises(UserError, match="30,000 columns"):
        _read(("a," * 29_999 + "a\n") * 3)


def test_an_open_quotation_mark_is_told() -> None:
    grid = _read("id,note\n" + '1,"open\n' + "2,x\n" * 100)
    assert [(issue.code, issue.where.row) for issue in grid.issues] == [("quote_open", 2)] or len(grid.rows) == 2


@pytest.mark.parametrize(("content", "told"), [
    (b"%PDF-1.7 ...", "PDF"), (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
    (b"\n\n \n", "no columns"), (bytes(range(256)) * 40, "not a text file"), (b"\x1f\x8b\x08 ...", "gzip"),
    (b'<?xml version="1.0"?><Workbook/>', "XML")])
def test_what_is_no_table_is_refused_in_words(content: bytes, told: str) -> None:
    with pytest.raises(UserError) as caught:
        _read(content)
    assert told in str(caught.value)
    assert caught.value.remedy


CELLS = st.text(st.characters(codec="utf-8", exclude_characters='\0\r\n"\ufeff', exclude_categories=("Cs", "Cc")),
                max_size=8)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=2, max_size=6))
def test_quoted_cells_come_back_as_they_were(rows: list[list[str]]) -> None:
    text = "a,b,c\n" + "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    grid = _read(text, Reading(delimiter=",", encoding="utf-8"))
    assert [tuple(cell or None for cell in row) for row in rows] == list(grid.rows[1:])


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        grid = _read(content)
    except UserError as refused:
        assert refused.where.file == "trial.csv"
    else:
        assert grid.lines is not None
        assert len(grid.lines) == len(grid.rows)


PLAIN = "id,score,remark\n" + "".join(f"P{i},{i % 7}, {'' if i % 3 else 'ok'}\n" for i in range(50))


@pytest.mark.parametrize("text", [
    PLAIN, PLAIN.replace("\n", "\r\n"), PLAIN.rstrip("\n"), PLAIN.replace(",", ";"), PLAIN.replace("P7", "Pé\u2028\x0b7\x1a"), PLAIN.replace(",", "\t"),
    PLAIN.replace("P3,", "NA,").replace("P4,", "  ,").replace("P5,", "#5,").replace("P6,", "'6\\,")])
def test_plain_lines_give_the_same_cells(text: str) -> None:
    delimiter = next(sign for sign in ";\t," if sign in text)
    rows = read_plain_lines(text, delimiter, silent, least=0)
    assert rows == tuple(tuple(cell or None for cell in row)
                         for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))
    assert read_plain_lines(text, delimiter, silent) is None  # short: not worth it


@pytest.mark.parametrize("text", [
    PLAIN.replace("P7", '"P7"'), PLAIN.replace("P7,", "P7,,"), PLAIN.replace("P7,", "P7"), PLAIN + "\n", PLAIN.replace(",P", ",\tP").replace(", ok", ",\tok"),
    PLAIN.replace("P7,", "P7,,").replace("P8,", "P8"), PLAIN.replace("\nP7", "\rP7"), "a\nb\nc\n", ""])
def test_lines_that_are_not_plain_are_left_to_the_other_parser(text: str) -> None:
    assert read_plain_lines(text, ",", silent, least=0) is None


def test_a_long_file_reads_like_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SourceFile("long.csv", PLAIN.encode())
    short = read_grids(source)[0]
    monkeypatch.setattr("core.readers.delimited.read_plain_lines", partial(read_plain_lines, least=0))
    assert read_grids(source)[0] == short


def test_texts_are_kept_once_and_forgotten_when_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_MOST_KNOWN", 10)
    rows = 3 * delimited._ROWS_A_STEP
    text = '"id",arm\n' + "".join(f"P{i},ketamine\n" for i in range(rows))
    cells = read_grids(SourceFile("a.csv", text.encode()))[0].rows
    assert [row[0] for row in cells] == ["id", *(f"P{i}" for i in range(rows))]
    assert len({id(row[1]) for row in cells}) <= 5
