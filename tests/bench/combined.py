"""The demo's combined moderators with the plan's own replicates and permutations, on two cores, and glmnet on all pairs beside it
where R is: `python3 dev.py bench combined`.

glmnet is timed on one path over the pairs of each set and on one fit at a single penalty; what a run in R would take is counted from
the number of each, and said to be.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from core.cohort import build_cohort
from core.intake import demo_session
from core.moderators.combined import combined_effects
from core.moderators.members import SetRows, set_rows
from core.moderators.validation import REPEATS
from core.plan import Bootstrap, Combined, Plan
from core.pooled import pooled_from_session

WORKERS = 2
R_SCRIPT = """
suppressMessages(library(glmnet))
d <- read.csv(commandArgs(TRUE)[1]); x <- setdiff(names(d), c("y", "arm")); a <- d[d$arm == 1, ]; b <- d[d$arm == 0, ]
i <- rep(seq_len(nrow(a)), nrow(b)); j <- rep(seq_len(nrow(b)), each = nrow(a))
A <- as.matrix(a[i, x] + b[j, x]) / 2; D <- a$y[i] - b$y[j]
f <- glmnet(A, D, alpha = 0.5, lambda.min.ratio = 1e-4)
path <- system.time(for (r in 1:3) glmnet(A, D, alpha = 0.5, lambda.min.ratio = 1e-4))[["elapsed"]] / 3
one <- system.time(for (r in 1:3) glmnet(A, D, alpha = 0.5, lambda = f$lambda[50]))[["elapsed"]] / 3
cat(path, one, "\\n")
"""


def main() -> None:
    """Seconds and memory of ours; seconds R's paths alone would take."""
    session = demo_session()
    pooled, plan = pooled_from_session(session), session.plan
    plan = plan.model_copy(update={"bootstrap": Bootstrap(), "combined": Combined()})
    cohort = build_cohort(pooled.frame, plan, pooled.place)
    start, before = time.perf_counter(), time.process_time()
    found = combined_effects(cohort, plan, pooled.protocol, WORKERS)
    seconds = time.perf_counter() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    memory, processor = max(one.ru_maxrss for one in used) / 1024, sum(one.ru_utime + one.ru_stime for one in used) - before
    planned = [one for one in found if one.set in {group.name for group in plan.sets}]
    print(f"{len(planned)} models and {len(found) - len(planned)} of them without study-level members, {WORKERS} processes: "
          f"{seconds:.0f} s ({processor:.0f} s of processors), at most {memory:.0f} MB in a process")
    rows = [one for outcome in range(len(cohort.outcomes)) for group in plan.sets
            for one in set_rows(cohort, plan, pooled.protocol, group, outcome) if not one.reason]
    _beside(rows, plan)


def _beside(sets: list[SetRows], plan: Plan) -> None:
    if shutil.which("Rscript") is None:
        print("R is not here, so glmnet is not timed.")
        return
    hours, folds = 0.0, plan.combined.folds
    for rows in sets:
        timed = _glmnet(rows)
        if timed is None:
            print("glmnet is not here, so it is not timed.")
            return
        path, one = timed
        samples = 1 + plan.combined.permutations + REPEATS * folds + rows.k
        hours += (samples * (1 + folds) * path + plan.bootstrap.replicates * one) / 3600
    print(f"glmnet on all pairs: {hours:.1f} hours on one core for the weights of the same {len(sets)} models (not run: counted from one "
          "path and one fit of each; forming the pairs, r and its ranks not counted)")


def _glmnet(rows: SetRows) -> tuple[float, float] | None:
    """Seconds of a path and of a fit at one penalty."""
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder) / "data.csv", Path(folder) / "script.R"
        names = [f"x{place}" for place in range(rows.x.shape[1])]
        np.savetxt(data, np.column_stack([rows.x, rows.y, rows.is_active]), delimiter=",", header=",".join([*names, "y", "arm"]), comments="")
        script.write_text(R_SCRIPT)
        done = subprocess.run(["Rscript", str(script), str(data)], capture_output=True, text=True)
    if done.returncode:
        return None
    path, one = done.stdout.split()
    return float(path), float(one)


if __name__ == "__main__":
    main()
