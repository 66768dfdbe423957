"""The scripts that repeat an export's numbers: R and statsmodels agree with the program, and find what was changed."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from core.analysis import Pooled, run_analysis
from core.cohort import build_cohort
from core.export import write_numbers
from core.file_writer import FileWriter
from core.plan import Bootstrap, Combined, Include, Model, Moderator, Outcome, Plan, PlanSet
from core.report.r_run import require_r, run_r_script
from core.report.r_script import r_literal, r_string
from core.verify import verify_folder
from tests.core.invented_results import PLAN, frame

RSCRIPT = shutil.which("Rscript")
PACKAGES = ("lme4", "lmerTest", "metafor", "glmnet", "pbkrtest", "jsonlite")
IN_PYTHON = re.compile(r"(\d+) numbers compared, (\d+) differ, (\d+) analyses failed in Python; largest deviation (\S+) \((.*)\)\.")
CHANGED = "rapid age published, beta"

MODERATORS = (Moderator(name="age"), Moderator(name="site", kind="categorical"), Moderator(name="dose", transform="log"),
              Moderator(name="large", kind="binary", level="study"))
SETS = (PlanSet(name="1", moderators=("age", "dose")), PlanSet(name="2", moderators=("large", "site", "female")))
MIXED = PLAN.model_copy(update={
    "outcomes": (PLAN.outcomes[0].model_copy(update={"response": None, "remission": 18}),), "moderators": MODERATORS,
    "sets": SETS, "model": Model(quadrature=5), "bootstrap": Bootstrap(replicates=20),
    "combined": Combined(permutations=0, folds=2),
    "further_outcomes": (Outcome(name="later", baseline="b", followup="g", response=None),),
    "include": (Include.model_validate({"column": "site", "in": ["north", "South", "=east"]}), Include(column="dose", min=0))})
"""A categorical moderator, one with a logarithm, one of studies, a further outcome, two sets, rows left out."""


def run_r(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    assert RSCRIPT is not None
    return subprocess.run([RSCRIPT, *arguments], cwd=folder, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"})


@pytest.fixture(scope="module")
def with_r(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("r")
    needed = " & ".join(f'nzchar(system.file(package = "{name}"))' for name in PACKAGES)
    if RSCRIPT is None or run_r("-e", f"quit(status = !({needed}))", folder=path).returncode:
        pytest.skip(f"NOT COMPARED with R: Rscript with {', '.join(PACKAGES)} is not installed.")
    return path


def varied(k: int, per_study: int) -> pd.DataFrame:
    """A pooled table for MIXED, with names that a spreadsheet would take for formulas."""
    data, random = frame(k, per_study, name="=study_{} é"), np.random.default_rng(5)
    data["site"] = np.array(["north", "South", "=east"], dtype=object)[random.integers(0, 3, len(data))]
    data["dose"] = np.exp(random.normal(0, 1, len(data)))
    data["large"] = np.repeat(np.arange(k) % 2, per_study).astype(float)
    data.loc[3, "dose"], data.loc[4, "site"], data.loc[7, "arm"], data.loc[9, "b"] = 0.0, None, None, 0.0
    return data.iloc[[*range(len(data)), 3]].reset_index(drop=True)


def write(folder: Path, plan: Plan, data: pd.DataFrame) -> Path:
    pooled = Pooled(data, "invented")
    write_numbers(FileWriter(folder), run_analysis(pooled, plan), build_cohort(data, plan), pooled)
    return folder


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("written"), MIXED, varied(5, 24))


@pytest.fixture(scope="module")
def changed(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder with one number that is not the program's."""
    folder = tmp_path_factory.mktemp("changed") / "all"
    shutil.copytree(written, folder)
    path = folder / "tables" / "moderators.csv"
    lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    place = lines[0].index("beta")
    lines[1][place] = repr(float(lines[1][place]) + 0.01)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    return folder


def test_no_cell_could_run_and_the_folder_is_read_back_as_it_was(written: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (written / "harmonized.csv", *(written / "tables").glob("*.csv"))]
    cells = [cell for text in texts for row in csv.reader(text.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell] and "'=study_1 é" in cells and "site:=east" in cells
    assert verify_folder(written) == ()


def test_r_agrees_on_everything_but_the_number_that_was_changed(with_r: Path, changed: Path) -> None:
    found, said = run_r_script(changed, require_r(MIXED))
    assert (found.differ, found.failed, found.where) == (1, 0, CHANGED) and found.largest > 1e-2 and found.numbers > 500
    off = [float(line.split()[-2]) for line in said.splitlines() if line.endswith(("yes   ", "NO    "))]
    assert len(off) == found.numbers and sum(deviation > 1e-4 for deviation in off) == 1
    for part in ("ancova raw recommended", "rapid remission", "two-stage pooled", "marginal_or", "later ancova", "p_adjusted",
                 "rapid site:South recommended", "r_within", "two_stage_beta", "set 2 without study-level", "weight_raw",
                 "moderators.csv: r_low, r_high", "sensitivity.csv: the whole table"):
        assert part in said, part
    assert f"{found.numbers} numbers were compared" in found.sentence and "1 number differs by more than 1e-4" in found.sentence


def test_statsmodels_agrees_on_everything_but_the_number_that_was_changed(changed: Path) -> None:
    done = subprocess.run([sys.executable, "reproduce.py"], cwd=changed, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}, encoding="utf-8")
    last = IN_PYTHON.search(done.stdout.splitlines()[-1] if done.stdout else "")
    assert last, done.stdout + done.stderr
    numbers, differ, failed, largest, where = last.groups()
    assert (differ, failed, where, done.returncode) == ("1", "0", CHANGED, 1) and float(largest) > 1e-2 and int(numbers) > 300
    for part in ("ancova raw recommended", "two-stage pooled", "later ancova", "p_adjusted", "site:South recommended", "r_within",
                 "two_stage_beta", "set 2 without study-level", "weight_raw", "main_effects.csv: rapid, remission", "ci_high"):
        assert part in done.stdout, part


@pytest.mark.slow
@pytest.mark.parametrize("penalty", ["ridge", "lasso", "none"])
def test_r_agrees_on_other_choices(with_r: Path, penalty: Literal["ridge", "lasso", "none"]) -> None:
    plan = PLAN.model_copy(update={
        "outcomes": (*PLAN.outcomes, Outcome(name="score", value="f")), "moderators": MODERATORS, "sets": SETS,
        "model": Model(ci="t", df="kenward_roger", quadrature=1), "bootstrap": Bootstrap(replicates=20), "multiplicity": "holm",
        "family": "all_timepoints", "combined": Combined(penalty=penalty, permutations=0)})
    found, said = run_r_script(write(with_r / penalty, plan, varied(5, 24)), require_r(plan))
    assert (found.differ, found.failed) == (0, 0) and found.largest < 1e-4, said


NASTY: dict[str, Any] = {"text": 'a "quoted" \\ path\nnew line é 😀', "none": None, "flags": [True, False], "number": 0.1,
                         "count": 3, "in": [{"min": -1.5}], "empty": []}


def test_r_reads_the_literal_as_jsonlite_reads_the_file(with_r: Path) -> None:
    (with_r / "plan.json").write_text(json.dumps(NASTY), encoding="utf-8")
    (with_r / "literal.R").write_text(
        f"ours <- {r_literal(NASTY)}\ntheirs <- jsonlite::read_json('plan.json')\n"
        "if (!isTRUE(all.equal(ours, theirs))) { print(all.equal(ours, theirs)); quit(status = 1) }\n", encoding="utf-8")
    done = run_r("literal.R", folder=with_r)
    assert done.returncode == 0, done.stdout + done.stderr


def test_strings_cannot_leave_their_quotes() -> None:
    assert r_string('"); system("x") #') == '"\\"); system(\\"x\\") #"'
    assert r_string("é\n😀") == '"\\u00e9\\u000a\\U0001f600"'
    with pytest.raises(TypeError):
        r_literal(object())
