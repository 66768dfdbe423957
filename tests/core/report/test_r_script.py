"""The R script: R reads its plan as Python wrote it, and its numbers agree with the program's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.analysis import Pooled, run_analysis
from core.export import export_all
from core.plan import Bootstrap, Include, Model, Outcome, Plan
from core.report.r_script import r_literal, r_string
from tests.core.invented_results import PLAN, frame

RSCRIPT = shutil.which("Rscript")
PACKAGES = ("lme4", "lmerTest", "metafor", "pbkrtest", "jsonlite")

CONTINUOUS = PLAN.outcomes[0].model_copy(update={"response": None, "remission": None})
"""Without events, whose intervals are profiled whatever the plan says and are compared in another test."""


def run_r(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    assert RSCRIPT is not None
    return subprocess.run([RSCRIPT, *arguments], cwd=folder, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("r")
    needed = " & ".join(f'requireNamespace("{name}", quietly = TRUE)' for name in PACKAGES)
    if RSCRIPT is None or run_r("-e", f"quit(status = !({needed}))", folder=path).returncode:
        pytest.skip(f"NOT COMPARED with R: Rscript with {', '.join(PACKAGES)} is not installed.")
    return path


def exported(folder: Path, plan: Plan) -> Path:
    data = frame(5, 24, name="study_{} é")
    data["site"] = ["a", "b", "c", None] * 30
    data.loc[7, "arm"] = None
    data.loc[9, "b"] = 0.0
    data = data.iloc[[*range(len(data)), 3]].reset_index(drop=True)
    pooled = Pooled(data, "invented")
    export_all(folder, run_analysis(pooled, plan), pooled)
    return folder


def compare_in_r(folder: Path) -> str:
    done = run_r("reproduce.R", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 differ." in done.stdout
    return done.stdout


def test_r_agrees_on_the_set_the_models_and_the_pool(folder: Path) -> None:
    plan = PLAN.model_copy(update={
        "outcomes": (PLAN.outcomes[0].model_copy(update={"remission": 18}),), "bootstrap": Bootstrap(replicates=20), "moderators": (),
        "model": Model(ci="t", df="kenward_roger", quadrature=5),
        "include": (Include.model_validate({"column": "site", "in": ["a", "b", "c"]}), Include(column="age", min=18))})
    out = compare_in_r(exported(folder / "plan", plan))
    for part in ("ancova raw recommended", "rapid response", "rapid remission", "two-stage pooled", "marginal_or", "prediction_low"):
        assert part in out


def test_a_changed_number_is_found(folder: Path) -> None:
    plan = PLAN.model_copy(update={"outcomes": (Outcome(name="score", value="f"),), "moderators": (), "model": Model(ci="t")})
    out = exported(folder / "changed", plan)
    table = out / "tables" / "two_stage.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[6] = str(float(cells[6]) + 0.01)
    table.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]), encoding="utf-8")
    done = run_r("reproduce.R", folder=out)
    assert done.returncode == 1 and " 1 differ." in done.stdout


@pytest.mark.slow
def test_r_agrees_on_profile_intervals(folder: Path) -> None:
    plan = PLAN.model_copy(update={"outcomes": (CONTINUOUS,), "moderators": (), "model": Model(ci="profile")})
    compare_in_r(exported(folder / "profile", plan))


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
