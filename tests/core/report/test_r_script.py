"""The R script: R reads its plan as Python wrote it, and its numbers agree with the program's."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from core.analysis import Pooled, run_analysis
from core.export import export_all
from core.plan import Bootstrap, Combined, Include, Model, Moderator, Outcome, Plan, PlanSet
from core.report.r_script import r_literal, r_string
from tests.core.invented_results import PLAN, frame

RSCRIPT = shutil.which("Rscript")
PACKAGES = ("lme4", "lmerTest", "metafor", "glmnet", "pbkrtest", "jsonlite")
LAST = re.compile(r"(\d+) numbers compared, (\d+) differ, (\d+) analyses failed in R; largest deviation (\S+) \((.*)\)\.")


def run_r(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    assert RSCRIPT is not None
    return subprocess.run([RSCRIPT, *arguments], cwd=folder, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("r")
    needed = " & ".join(f'nzchar(system.file(package = "{name}"))' for name in PACKAGES)
    if RSCRIPT is None or run_r("-e", f"quit(status = !({needed}))", folder=path).returncode:
        pytest.skip(f"NOT COMPARED with R: Rscript with {', '.join(PACKAGES)} is not installed.")
    return path


def varied(k: int, per_study: int) -> pd.DataFrame:
    """A pooled table with a categorical column, one with a logarithm, one of studies, and rows that are left out."""
    data, random = frame(k, per_study, name="study_{} é"), np.random.default_rng(5)
    data["site"] = np.array(["north", "South", "east"], dtype=object)[random.integers(0, 3, len(data))]
    data["dose"] = np.exp(random.normal(0, 1, len(data)))
    data["large"] = np.repeat(np.arange(k) % 2, per_study).astype(float)
    data.loc[3, "dose"], data.loc[4, "site"], data.loc[7, "arm"], data.loc[9, "b"] = 0.0, None, None, 0.0
    return data.iloc[[*range(len(data)), 3]].reset_index(drop=True)


MODERATORS = (Moderator(name="age"), Moderator(name="site", kind="categorical"), Moderator(name="dose", transform="log"),
              Moderator(name="large", kind="binary", level="study"))
SETS = (PlanSet(name="1", moderators=("age", "dose")), PlanSet(name="2", moderators=("large", "site", "female")))


def exported(folder: Path, plan: Plan, data: pd.DataFrame) -> Path:
    pooled = Pooled(data, "invented")
    export_all(folder, run_analysis(pooled, plan), pooled)
    return folder


def compared(folder: Path) -> tuple[str, tuple[int, int, int, float, str], int]:
    done = run_r("reproduce.R", folder=folder)
    last = LAST.search(done.stdout.splitlines()[-1] if done.stdout else "")
    assert last, done.stdout + done.stderr
    numbers, differ, failed, largest, where = last.groups()
    return done.stdout, (int(numbers), int(differ), int(failed), float(largest), where), done.returncode


def change_a_cell(path: Path, row: int, column: str, by: float) -> None:
    lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    place = lines[0].index(column)
    lines[row][place] = repr(float(lines[row][place]) + by)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def test_r_agrees_on_everything_but_a_number_that_was_changed(folder: Path) -> None:
    plan = PLAN.model_copy(update={
        "outcomes": (PLAN.outcomes[0].model_copy(update={"response": None, "remission": 18}),), "moderators": MODERATORS,
        "sets": SETS, "model": Model(quadrature=5), "bootstrap": Bootstrap(replicates=20),
        "combined": Combined(permutations=0, folds=2),
        "further_outcomes": (Outcome(name="later", baseline="b", followup="g", response=None),),
        "include": (Include.model_validate({"column": "site", "in": ["north", "South", "east"]}), Include(column="dose", min=0))})
    out = exported(folder / "all", plan, varied(5, 24))
    change_a_cell(out / "tables" / "moderators.csv", 1, "beta", 0.01)
    said, (numbers, differ, failed, largest, where), status = compared(out)
    assert (differ, failed, status, where) == (1, 0, 1, "rapid age published, beta") and largest > 1e-2 and numbers > 500
    off = [float(line.split()[-2]) for line in said.splitlines() if line.endswith(("yes   ", "NO    "))]
    assert len(off) == numbers and sum(deviation > 1e-4 for deviation in off) == 1
    for part in ("ancova raw recommended", "rapid remission", "two-stage pooled", "marginal_or", "later ancova", "q", "p_adjusted",
                 "rapid site:north recommended", "r_within", "two_stage_beta", "set 2 without study-level", "weight_raw",
                 "moderators.csv: r_low, r_high", "sensitivity.csv: the whole table"):
        assert part in said


@pytest.mark.slow
@pytest.mark.parametrize("penalty", ["ridge", "lasso", "none"])
def test_r_agrees_on_other_choices(folder: Path, penalty: Literal["ridge", "lasso", "none"]) -> None:
    plan = PLAN.model_copy(update={
        "outcomes": (*PLAN.outcomes, Outcome(name="score", value="f")), "moderators": MODERATORS, "sets": SETS,
        "model": Model(ci="t", df="kenward_roger", quadrature=1), "bootstrap": Bootstrap(replicates=20), "multiplicity": "holm",
        "family": "all_timepoints", "combined": Combined(penalty=penalty, permutations=0)})
    out = exported(folder / penalty, plan, varied(5, 24))
    _, (_, differ, failed, largest, _), status = compared(out)
    assert (differ, failed, status) == (0, 0, 0) and largest < 1e-4


NASTY: dict[str, Any] = {"text": 'a "quoted" \\ path\nnew line é 😀', "none": None, "flags": [True, False], "number": 0.1,
                         "count": 3, "in": [{"min": -1.5}], "empty": []}


def test_r_reads_the_literal_as_jsonlite_reads_the_file(folder: Path) -> None:
    (folder / "plan.json").write_text(json.dumps(NASTY), encoding="utf-8")
    (folder / "literal.R").write_text(
        f"ours <- {r_literal(NASTY)}\ntheirs <- jsonlite::read_json('plan.json')\n"
        "if (!isTRUE(all.equal(ours, theirs))) { print(all.equal(ours, theirs)); quit(status = 1) }\n", encoding="utf-8")
    done = run_r("literal.R", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_strings_cannot_leave_their_quotes() -> None:
    assert r_string('"); system("x") #') == '"\\"); system(\\"x\\") #"'
    assert r_string("é\n😀") == '"\\u00e9\\u000a\\U0001f600"'
    with pytest.raises(TypeError):
        r_literal(object())
