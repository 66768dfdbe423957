"""A number as one line of R: the text of the call, and, where R is, that it gives the number."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.analysis import Pooled, run_analysis
from core.export import csv_of_frame, csv_of_table
from core.plan import Board, Columns, Include, Moderator, Outcome, Plan
from core.r_lines import main_effect_line, moderator_line, patients, pool_line, sensitivity_line, study_line
from core.results import ModeratorEffect, Results
from core.tables import result_tables
from tests.core.invented_results import frame, invented

RESULTS = invented()[0]
BACK = "`odd name`"


def first(measure: str, scale: str, model: str = "published"):
    return next(one for one in RESULTS.main_effects if (one.measure, one.scale, one.model) == (measure, scale, model))


def test_the_primary_set_follows_the_plans_rules() -> None:
    plan = RESULTS.plan.model_copy(update={"include": (
        Include(column="odd name", equals="a\"b"), Include.model_validate({"column": "site", "in": [1, 2], "min": 0.5}))})
    assert patients(plan) == ('subset(read.csv("harmonized.csv", na.strings = "", check.names = FALSE), is.na(excluded) & '
                              f'{BACK} %in% "a\\"b" & site %in% c(1, 2) & site >= 0.5)')


def test_lines_of_main_effects() -> None:
    d = patients(RESULTS.plan)
    assert main_effect_line(first("percent_improvement", "standardized", "recommended"), RESULTS.plan) == (
        f"fixef(lmer(scale(I(100 * (1 - f / b))) ~ arm + (1 | study) + (0 + I(arm - 0.5) | study), {d}))[2]")
    assert main_effect_line(first("ancova", "raw"), RESULTS.plan) == f"fixef(lmer(f ~ arm + b + (1 | study), {d}))[2]"
    assert main_effect_line(first("remission", "odds_ratio"), RESULTS.plan) == (
        f"exp(fixef(glmer(I(f <= 9) ~ arm + (1 | study), {d}, binomial, nAGQ = 15))[2])")
    assert main_effect_line(replace(first("ancova", "raw"), k=1), RESULTS.plan) == f"coef(lm(f ~ arm + b, {d}))[2]"


def test_where_there_is_no_number_there_is_no_line() -> None:
    assert main_effect_line(replace(first("ancova", "raw"), estimate=None), RESULTS.plan) == ""
    assert moderator_line(ModeratorEffect("rapid", "age", "patient", "continuous", "2", "published"), RESULTS) == ""
    assert pool_line(replace(RESULTS.two_stage[0], estimate=None)) == ""
    assert sensitivity_line(replace(RESULTS.sensitivity[0], variant="converted scores, low"), RESULTS) == ""


def analyzed() -> tuple[Results, Pooled]:
    """A small pool with a moderator of each kind and a name that is no name in R."""
    table = frame(3, 60).rename(columns={"age": "odd name"})
    table["kind"] = np.random.default_rng(2).choice(["a", "b", "c"], len(table), p=[0.5, 0.3, 0.2])
    table["excluded"] = None
    plan = Plan(schema=1, columns=Columns(), outcomes=(Outcome(name="rapid", baseline="b", followup="f", remission=9),),
                moderators=(Moderator(name="odd name", transform="log"), Moderator(name="female", kind="binary"),
                            Moderator(name="kind", kind="categorical")),
                sensitivity=Board(moderators=("odd name",)))
    quick = plan.model_copy(update={"bootstrap": plan.bootstrap.model_copy(update={"replicates": 0}),
                                    "tiers": plan.tiers.model_copy(update={"tier2": 0.4})})
    pooled = Pooled(table, "invented.csv")
    return run_analysis(pooled, quick), pooled


def lines(results: Results) -> list[tuple[str, float]]:
    """Every line that there is, with the number it must give."""
    found = [(main_effect_line(one, results.plan), one.estimate) for one in results.main_effects]
    found += [(moderator_line(one, results), one.beta) for one in results.moderators]
    found += [(sensitivity_line(one, results), one.estimate) for one in results.sensitivity
              if one.variant in ("random slope", "ANCOVA", "without study_2")]
    for pool in results.two_stage:
        found += [(f"coef({pool_line(pool)})", pool.estimate), (f"{pool_line(pool, 'z')}$ci.lb", pool.wald_low)]
        found += [(f"-diff({study_line(pool, one, results.plan)}$estimate)", one.estimate) for one in pool.studies[:1]]
    return [(line, value) for line, value in found if line and value is not None]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not there")
def test_r_gives_the_numbers(tmp_path: Path) -> None:
    results, pooled = analyzed()
    (tmp_path / "tables").mkdir()
    (tmp_path / "harmonized.csv").write_text(csv_of_frame(pooled.frame), encoding="utf-8")
    for table in result_tables(results):
        (tmp_path / "tables" / f"{table.name}.csv").write_text(csv_of_table(table), encoding="utf-8")
    known = lines(results)
    assert {":" in line.split("[")[-1] for line, _ in known} == {True, False} and any("log(" in line for line, _ in known)
    script = "suppressMessages({library(lme4); library(metafor)})\n" + "\n".join(
        f"cat(format(unname({line}), digits = 12), '\\n')" for line, _ in known)
    (tmp_path / "lines.R").write_text(script, encoding="utf-8")
    done = subprocess.run(["Rscript", "lines.R"], cwd=tmp_path, capture_output=True, text=True, check=False)
    if "there is no package called" in done.stderr:
        pytest.skip("R lacks lme4 or metafor")
    assert done.returncode == 0, done.stderr
    given = [float(text) for text in done.stdout.split()]
    assert given == pytest.approx([value for _, value in known], rel=2e-4, abs=2e-5)
