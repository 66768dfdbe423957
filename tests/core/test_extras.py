"""What may be written beside an export: asked for by name, refused where it cannot be had, all of it as one archive."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from core.errors import UserError
from core.extras import DATA_FREE, EXTRAS, RULES, SLIDES, ZIP, Asked, write_more
from core.file_writer import FileWriter
from core.intake import load_files, new_session
from core.project import Project
from core.report.content import ReportContent
from core.report.fixed_archive import archive
from core.session import Session
from tests.core.invented_results import PLAN
from tests.small_studies import write_small_studies

CONTENT = ReportContent("Title", "Subtitle", "Notice", (), (), "Modscope 0.0")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("studies")
    write_small_studies(folder)
    return load_files(new_session(), [folder])


def test_all_are_written_and_packed_with_what_was_there(session: Session, tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        writer = FileWriter(tmp_path / name)
        writer.text("tables/flow.csv", "study\n")
        write_more(writer, Asked(frozenset({SLIDES, RULES, DATA_FREE, ZIP}), session), CONTENT)
        contents.append({path.name: path.read_bytes() for path in writer.written})
    assert contents[0] == contents[1]
    assert {EXTRAS[name].file for name in (SLIDES, RULES, DATA_FREE, ZIP)} < set(contents[0])
    packed = zipfile.ZipFile(tmp_path / "one" / "everything.zip")
    assert packed.testzip() is None
    assert packed.namelist() == ["figures.pptx", "harmonization_rules.xlsx", "tables/flow.csv", "without_data.modscope"]
    assert packed.read("tables/flow.csv") == b"study\n"
    rules = openpyxl.load_workbook(tmp_path / "one" / "harmonization_rules.xlsx")
    assert {"alpha", "beta", "gamma"} <= set(rules.sheetnames)
    project, found = Project.open(tmp_path / "one" / "without_data.modscope")
    project.close()
    assert not found.sources and found.mappings == session.mappings


def test_a_table_has_no_rules_to_write() -> None:
    for name in (RULES, DATA_FREE):
        with pytest.raises(UserError, match="a pooled table does not say how it was made"):
            Asked(frozenset({name})).prepared(PLAN)
    assert Asked(frozenset({SLIDES, ZIP})).prepared(PLAN) is None


def test_an_archive_is_the_same_for_the_same_files_in_any_order() -> None:
    files = [("b/ä.txt", b"2"), ("a.png", b"1")]
    assert archive(files) == archive(reversed(files))
    packed = zipfile.ZipFile(io.BytesIO(archive(files)))
    assert packed.namelist() == ["a.png", "b/ä.txt"] and packed.read("b/ä.txt") == b"2"


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.txt", "a/../../up.txt", "C:\\x", "a\\b", "C:x", ""])
def test_no_name_leads_out_of_an_archive(name: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        archive([(name, b"")])
