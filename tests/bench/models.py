"""The engine's speed, beside R where R is: `python3 dev.py bench models`.

Both are timed in turn in one run on the same data, so a ratio holds where a time does not. R does what a statistician
would type: `lmer` and `summary` of lmerTest and `confint(parm = )`, or `glmer` and `confint(parm = )`.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.special import expit

from core.models.linear_mixed import PUBLISHED, RECOMMENDED, Structure, coefficient, estimate
from core.models.logistic_mixed import treatment_effect
from core.models.moments import rows_by_study
from core.models.refits import refit
from core.models.streams import stream

FIXED = ("treatment", "m", "Tm")
MODELS = {"published": PUBLISHED, "recommended": RECOMMENDED}
RUNS = 7
REPEATS = 20
"""Of ours in a run, so that both are timed for some tenths of a second."""
R_SCRIPT = """
suppressMessages({library(lme4); library(lmerTest)})
d <- read.csv(commandArgs(TRUE)[1]); d$Tc <- d$treatment - 0.5
quiet <- function(x) suppressWarnings(suppressMessages(x))
once <- function(name) quiet(switch(name,
  published = { f <- lmerTest::lmer(y ~ treatment + m + Tm + (1 | study), d); summary(f); confint(f, parm = "Tm", quiet = TRUE) },
  recommended = { f <- lmerTest::lmer(y ~ treatment + m + Tm + (1 | study) + (0 + Tc | study), d)
    summary(f); confint(f, parm = "Tm", quiet = TRUE) },
  laplace = { f <- glmer(event ~ treatment + (1 | study), d, family = binomial); summary(f); confint(f, parm = "treatment", quiet = TRUE) },
  nodes15 = { f <- glmer(event ~ treatment + (1 | study), d, family = binomial, nAGQ = 15); summary(f)
    confint(f, parm = "treatment", quiet = TRUE) }))
invisible(once("published")); invisible(once("laplace"))
input <- file("stdin"); open(input)
cat("ready\\n"); flush(stdout())
while (length(name <- readLines(input, 1)) == 1) {
  t <- proc.time()[["elapsed"]]; once(name); cat(proc.time()[["elapsed"]] - t, "\\n"); flush(stdout()) }
"""


def main() -> None:
    """One line a task: ours, R's, and their ratio."""
    columns, study, event = trials(720, 17)
    tasks: dict[str, Callable[[], object]] = {
        name: (lambda name=name: coefficient(columns, study, "Tm", random_slope=name == "recommended"))  # type: ignore[misc]
        for name in MODELS}
    for name, nodes in (("laplace", 1), ("nodes15", 15)):
        tasks[name] = lambda nodes=nodes: treatment_effect(  # type: ignore[misc]
            event, columns["treatment"], study, quadrature=nodes, replicates=0, stream=lambda i: stream(1, i))
    print("720 patients, 17 studies: one fit with its test and profile interval; medians of "
          f"{RUNS} runs in turn (seconds)")
    with Beside(columns | {"study": study, "event": event}) as r:
        for name, task in tasks.items():
            task()
            times = REPEATS if name in MODELS else 1
            pairs = [(clock(lambda: [task() for _ in range(times)]) / times, r.time(name))  # noqa: B023
                     for _ in range(RUNS)]
            ours = statistics.median(ours for ours, _ in pairs)
            line = f"  {name:14} ours {ours:8.4f}"
            if r.is_there:
                ratios = [theirs / own for own, theirs in pairs]
                line += (f"   R {statistics.median(theirs for _, theirs in pairs):8.3f}   R / ours "
                         f"{statistics.median(ratios):6.1f} ({min(ratios):.1f} to {max(ratios):.1f})")
            print(line)
        if not r.is_there:
            print("  R is not here (or lacks lme4 and lmerTest): ours alone.")
    bootstrap(columns, study)
    large()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def trials(n: int, k: int) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """(columns, study, event) of invented trials."""
    rng = np.random.default_rng(1)
    study, treatment, m = np.sort(rng.integers(0, k, n)), rng.integers(0, 2, n).astype(float), rng.normal(size=n)
    y = 0.5 * treatment + 0.2 * m + 0.1 * treatment * m + 0.5 * rng.normal(size=k)[study] + rng.normal(size=n)
    y += 0.3 * rng.normal(size=k)[study] * (treatment - 0.5)
    event = (rng.random(n) < expit(-0.6 + 0.8 * treatment + 0.6 * rng.normal(size=k)[study])).astype(float)
    return {"treatment": treatment, "m": m, "Tm": treatment * m, "y": y}, study, event


def bootstrap(columns: dict[str, np.ndarray], study: np.ndarray) -> None:
    """2,000 resamples of the patients within study and arm, refitted."""
    rng = np.random.default_rng(2)
    weights = np.zeros((2000, len(study)))
    for code in np.unique(study):
        for arm in (0, 1):
            places = np.flatnonzero((study == code) & (columns["treatment"] == arm))
            weights[:, places] = rng.multinomial(len(places), np.full(len(places), 1 / len(places)), size=2000)
    rows = rows_by_study(columns, study)
    for name, structure in MODELS.items():
        seconds = clock(lambda structure=structure: refit(rows.moments(weights), "y", FIXED, structure))
        print(f"2,000 bootstrap refits, {name}: {seconds:.2f} s")


def large() -> None:
    """100,000 patients in 200 studies."""
    columns, study, _ = trials(100_000, 200)
    print(f"100,000 patients in 200 studies: cross-products {clock(lambda: rows_by_study(columns, study).moments()):.3f} s")
    moments = rows_by_study(columns, study).moments()
    for name, structure in MODELS.items():
        def task(structure: Structure = structure) -> object:
            return estimate(moments, "y", FIXED, "Tm", structure)

        task()
        print(f"  a fit, {name}: {statistics.median(clock(task) for _ in range(RUNS)):.4f} s")


def clock(task: Callable[[], object]) -> float:
    """Seconds a task takes."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


class Beside:
    """A session of R that times tasks by name; `is_there` is False where R or its packages are not."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.columns = columns
        self.is_there = False

    def __enter__(self) -> Beside:
        self.folder = tempfile.TemporaryDirectory()
        if shutil.which("Rscript") is None:
            return self
        data, script = Path(self.folder.name) / "data.csv", Path(self.folder.name) / "script.R"
        np.savetxt(data, np.column_stack(list(self.columns.values())), delimiter=",", header=",".join(self.columns),
                   comments="")
        script.write_text(R_SCRIPT)
        self.process = subprocess.Popen(["Rscript", str(script), str(data)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.is_there = self.process.stdout.readline().strip() == "ready"
        return self

    def time(self, name: str) -> float:
        """Seconds R takes for a task; NaN where there is no R."""
        if not self.is_there:
            return float("nan")
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        if self.is_there:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait()
        self.folder.cleanup()


if __name__ == "__main__":
    main()
