"""Running the script in R: found or missing, heard to its end, stopped. A small program stands for R, which it is not."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from core.errors import UserError
from core.extras import reproduce
from core.file_writer import FileWriter
from core.progress import Cancelled
from core.report import r_run
from core.report.blocks import Paragraph
from core.report.content import report_content
from core.report.r_run import require_r, run_r_script
from tests.core.invented_results import PLAN, invented

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script of the shell stands for R")
LAST = ("Reproduced in R 4.9.9 (lme4 2.0): 1200 numbers compared, 0 differ, 1 analyses failed in R; "
        "largest deviation 3.0e-06 (rapid age published, p).")


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes a program that does what the lines of a shell script say, and puts it where R would be."""
    def make(lines: str) -> Path:
        path = tmp_path / "Rscript"
        path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setattr(r_run, "find_rscript", lambda: path)
        return path
    return make


def test_what_r_said_is_told_in_a_sentence(stand_in, tmp_path: Path) -> None:
    found, said = run_r_script(tmp_path, stand_in(f"echo hello; echo '{LAST}'; exit 1"))
    assert said == f"hello\n{LAST}\n"
    assert found.sentence == (
        "Reproduced in R 4.9.9 (lme4 2.0) by the script beside this report: 1,200 numbers were compared; largest deviation "
        "3.0e-06 (rapid age published, p), in standard errors for estimates and their limits, else relative. 1 analysis could "
        "not be repeated in R. reproduced_in_R.txt has them all.")


def test_a_script_that_does_not_end_is_told(stand_in, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="R stopped with status 7: Error: object not found"):
        run_r_script(tmp_path, stand_in("echo 'Error: object not found'; exit 7"))
    assert [path.name for path in tmp_path.iterdir()] == ["Rscript"]


def test_a_stop_ends_r_and_what_it_started(stand_in, tmp_path: Path) -> None:
    mark = tmp_path / "still there"

    def progress(fraction: float, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        run_r_script(tmp_path, stand_in(f"(sleep 0.4; touch '{mark}') & wait"), progress)
    time.sleep(0.6)
    assert not mark.exists()


def test_missing_r_and_missing_packages_are_told(stand_in, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in("echo glmnet; echo metafor")
    with pytest.raises(UserError, match="R lacks 2 packages that the script needs: glmnet, metafor") as fault:
        require_r(PLAN)
    assert 'install.packages(c("glmnet", "metafor"))' in fault.value.remedy
    monkeypatch.setattr(r_run, "find_rscript", lambda: None)
    with pytest.raises(UserError, match="R was not found"):
        require_r(PLAN)


def test_the_report_says_what_came_of_it(stand_in, tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    sentence = reproduce(writer, stand_in(f"echo '{LAST}'"))
    assert (tmp_path / "reproduced_in_R.txt").read_text(encoding="utf-8") == f"{LAST}\n"
    results, cohort, pooled = invented()
    content = report_content(results, cohort, (), pooled, frozenset({"software"}), reproduced=sentence)
    assert Paragraph(sentence) in content.sections[0].blocks
