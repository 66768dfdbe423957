"""A long file's beginning is shown before all of it is read, and a file beyond measure is refused unread."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from core.first_rows import preview
from core.intake import load_files, new_session, read_file
from core.readers import READERS
from core.sources import SourceFile

ROW = "P{:07d},{},0.5,31,12,14,34,F,27.1\n"
TEXT = "id,treatment,dose_mg_kg,MADRS baseline,MADRS 24h,MADRS day 7,age,sex,bmi\n" + "".join(
    ROW.format(i, ("ketamine", "saline")[i % 2]) for i in range(20_000))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_beginning_of_a_long_text_file(encoding: str) -> None:
    found = preview(SourceFile("long.csv", TEXT.encode(encoding)), least=1000)
    assert found is not None
    assert [column.name for column in found.table.columns][:2] == ["id", "treatment"]
    assert found.table.columns[0].cells[:2] == ("P0000000", "P0000001")
    assert abs(found.rows - 20_000) < 600
    assert found.words == "9 columns (id, treatment, dose_mg_kg, ...), about 20,000 rows"


def test_short_files_and_workbooks_have_none() -> None:
    assert preview(SourceFile("short.csv", TEXT.encode())) is None
    assert preview(SourceFile("a.xlsx", b"PK" + bytes(2000)), least=1000) is None
    assert preview(SourceFile("a.csv", bytes(2000)), least=1000) is None


def test_it_is_told_before_the_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.intake.preview", lambda source: preview(source, 1000))
    (tmp_path / "long.csv").write_text(TEXT[:20_000], encoding="utf-8")
    told: list[str] = []
    load_files(new_session(), [tmp_path / "long.csv"], lambda fraction, text: told.append(text))
    assert any(text.startswith("Reading long: 9 columns (id, treatment") for text in told)


def test_a_text_file_beyond_measure_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(TEXT.encode()[:10_000])
        file.truncate(READERS[-1].largest + 1)  # takes no room on the disk
    with pytest.raises(UserError, match=r"huge\.csv: The file has 500 MB; a text file can have 500 MB\."):
        read_file(path)
