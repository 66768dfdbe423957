"""The battery's speed, and that of the effect size r beside R: `python3 dev.py bench moderators`.

Invented trials: 720 patients in 17 studies, 38 moderators, 2 timepoints. R does what a statistician would type, `outer` and
`cor(method = "spearman")`, on the same patients, moderators and timepoints in the same run; it is timed for a few resamples, and
its time for all is that for one times their number.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from core.analysis import Pooled, run_estimates
from core.cohort import Cohort, build_cohort
from core.moderators.battery import moderator_models, with_intervals
from core.moderators.intervals import limits_of_sizes
from core.plan import Plan
from core.results import ModeratorEffect
from core.workers import Workers

N, K, CORES, REPLICATES, QUICK = 720, 17, 2, 2000, 200
IN_R = 2
"""Resamples that R is timed for."""
R_SCRIPT = """
d <- read.csv(commandArgs(TRUE)[1]); meta <- readLines(commandArgs(TRUE)[2]); times <- as.integer(commandArgs(TRUE)[3])
outcomes <- strsplit(meta[1], " ")[[1]]; moderators <- strsplit(meta[2], " ")[[1]]
strata <- split(seq_len(nrow(d)), paste(d$study, d$arm))
r <- function(s, y, m) {
  a <- s[s$arm == 1, ]; b <- s[s$arm == 0, ]
  cor(as.vector(outer(a[[y]], b[[y]], "-")), as.vector(outer(a[[m]], b[[m]], "+") / 2), method = "spearman")
}
set.seed(1); started <- proc.time()[["elapsed"]]
for (i in seq_len(times)) {
  s <- d[unlist(lapply(strata, function(rows) rows[sample.int(length(rows), replace = TRUE)])), ]
  for (y in outcomes) for (m in moderators) r(s[!is.na(s[[y]]) & !is.na(s[[m]]), ], y, m)
}
cat((proc.time()[["elapsed"]] - started) / times)
"""


def trials() -> tuple[pd.DataFrame, Plan]:
    """A pooled table of invented trials, and the plan for all its moderators."""
    random = np.random.default_rng(1)
    study, arm = np.sort(random.integers(0, K, N)), random.integers(0, 2, N)
    baseline = random.integers(22, 46, N)
    frame = pd.DataFrame({"study": [f"S{code:02d}" for code in study], "patient": [f"{i:04d}" for i in range(N)], "arm": arm,
                          "baseline": baseline})
    for name, shift in (("rapid", 0.25), ("post_rapid", 0.15)):
        left = 0.75 - shift * arm + 0.1 * random.normal(size=K)[study] + 0.25 * random.normal(size=N)
        scores = np.round(baseline * np.clip(left, 0, 1.2))
        frame[name] = np.where(random.random(N) < 0.04, np.nan, scores)
    moderators: list[dict[str, str]] = []
    for i in range(38):
        kind, level, values = _moderator(i, study, random)
        moderators.append({"name": f"m{i:02d}", "kind": kind, "level": level})
        has = np.ones(N, bool) if i < 9 else np.isin(study, random.choice(K, random.integers(9, K + 1), replace=False))
        frame[f"m{i:02d}"] = pd.Series(values).where(has & ((random.random(N) > 0.03) | (i < 9)))
    plan = {"schema": 1, "moderators": moderators, "tiers": {"tier2": 0.05},
            "outcomes": [{"name": name, "baseline": "baseline", "followup": name} for name in ("rapid", "post_rapid")]}
    return frame, Plan.model_validate(plan)


def _moderator(i: int, study: np.ndarray, random: np.random.Generator) -> tuple[str, str, np.ndarray]:
    if i < 5:
        return "binary", "study", (random.random(K) < 0.4).astype(float)[study]
    if i == 5:
        return "categorical", "patient", random.choice(np.array(["a", "b", "c"], dtype=object), N)
    if i < 22:
        return "binary", "patient", (random.random(N) < 0.3).astype(float)
    if i < 32:
        return "continuous", "patient", random.integers(18, 66, N).astype(float)
    return "continuous", "patient", np.round(random.lognormal(3.3, 0.2, N), 1)


def main() -> None:
    """Ours with 2,000 and 200 replicates, the first row, R's, and the ratio."""
    frame, plan = trials()
    cohort = build_cohort(frame, plan)
    print(f"{N} patients, {K} studies, {len(plan.moderators)} moderators, {len(plan.outcomes)} timepoints, {CORES} cores")
    first_row(frame, plan)
    for replicates in (QUICK, REPLICATES):
        seconds, busy = battery(cohort, with_replicates(plan, replicates))
        print(f"the whole battery, {replicates:,} replicates: {seconds:.1f} s ({busy:.1f} s of processor time)", flush=True)
    with Workers(CORES, shares=True) as workers:
        limits_of_sizes(cohort, with_replicates(plan, 1), workers)
        started = time.perf_counter()
        limits_of_sizes(cohort, with_replicates(plan, REPLICATES), workers)
        ours = time.perf_counter() - started
    print(f"r over all {REPLICATES:,} replicates: {ours:.1f} s", flush=True)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(f"peak memory of a process: {peak:.0f} MB, of {CORES} at most {CORES * peak:.0f} MB")
    one = in_r(cohort, plan)
    if one is None:
        print("R is not here: ours alone.")
        return
    theirs = one * REPLICATES
    print(f"r in R: {one:.1f} s a resample (mean of {IN_R}), so {theirs / 60:.0f} minutes for all; R / ours {theirs / ours:.0f}")


def with_replicates(plan: Plan, replicates: int) -> Plan:
    drawn = plan.bootstrap.model_copy(update={"replicates": replicates})
    return plan.model_copy(update={"bootstrap": drawn, "sets": ()})  # one by one; combined ones have a bench of their own


def battery(cohort: Cohort, plan: Plan) -> tuple[float, float]:
    """Seconds from nothing, processes not yet started, to all rows of moderators.csv; and of all processors together,
    which says more where others use them too.
    """
    started, busy = time.perf_counter(), processor_seconds()
    with Workers(CORES, shares=True) as workers:
        with_intervals(moderator_models(cohort, plan, workers), cohort, plan, workers)
        seconds = time.perf_counter() - started
    return seconds, processor_seconds() - busy


def processor_seconds() -> float:
    """Of this process and those of its that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def first_row(frame: pd.DataFrame, plan: Plan) -> None:
    """Time from Run to the first rows of the table; the run is then stopped."""
    started = time.perf_counter()

    def heard(rows: object) -> None:
        assert isinstance(rows, tuple)
        assert isinstance(rows[0], ModeratorEffect)
        print(f"first row of the table: {time.perf_counter() - started:.2f} s after Run", flush=True)
        raise StopIteration

    try:
        with Workers(CORES, shares=True) as workers:
            run_estimates(Pooled(frame, "invented"), plan, workers, on_rows=heard)
    except StopIteration:
        return


def in_r(cohort: Cohort, plan: Plan) -> float | None:
    """Seconds R takes for one resample of every moderator and outcome; the categorical one by its first level."""
    if shutil.which("Rscript") is None:
        return None
    names = [moderator.name for moderator in plan.moderators]
    table = cohort.frame[names].copy()
    for moderator in plan.moderators:
        if moderator.kind == "categorical":
            texts = table[moderator.name]
            table[moderator.name] = (texts == "a").astype(float).where(texts.notna())
    outcomes = {values.outcome.name: values.primary for values in cohort.outcomes}
    table = table.assign(study=cohort.study, arm=cohort.treatment, **outcomes)
    with tempfile.TemporaryDirectory() as folder:
        data, meta, script = (Path(folder) / name for name in ("data.csv", "names.txt", "script.R"))
        table.to_csv(data, index=False)
        meta.write_text(f"{' '.join(outcomes)}\n{' '.join(names)}\n")
        script.write_text(R_SCRIPT)
        done = subprocess.run(["Rscript", script, data, meta, str(IN_R)], capture_output=True, text=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
