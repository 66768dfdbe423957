"""Runs `reproduce.R` of a written folder where R is installed, and says what came of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError, Where
from core.extras import EXTRAS, R
from core.plan import Plan
from core.progress import Progress, silent
from core.wording import count

SCRIPT = "reproduce.R"
LAST = re.compile(r"Reproduced in R (?P<r>\S+) \((?P<packages>.*)\): (?P<numbers>\d+) numbers compared, "
                  r"(?P<differ>\d+) differ, (?P<failed>\d+) analyses failed in R; "
                  r"largest deviation (?P<largest>\S+) \((?P<where>.*)\)\.")
PLACES = ("/usr/local/bin/Rscript", "/opt/homebrew/bin/Rscript",
          "/Library/Frameworks/R.framework/Resources/bin/Rscript", "/usr/bin/Rscript")
"""Where R stands on systems whose windows do not see the shell's path."""
GET_R = "Install R from https://www.r-project.org, or write the report without running it in R."


@dataclass(frozen=True)
class Reproduced:
    """What R found: how many numbers were compared, differ by more than 1e-4, or could not be had from R; `largest` is
    the largest deviation, in standard errors for estimates and their limits, else relative.
    """

    version: str
    packages: str
    numbers: int
    differ: int
    failed: int
    largest: float
    where: str

    @property
    def sentence(self) -> str:
        """For the report."""
        text = (f"Reproduced in R {self.version} ({self.packages}) by the script beside this report: "
                f"{self.numbers:,} numbers were compared; largest deviation {self.largest:.1e} ({self.where}), in "
                "standard errors for estimates and their limits, else relative.")
        if self.differ:
            text += f" {count(self.differ, 'number')} {'differs' if self.differ == 1 else 'differ'} by more than 1e-4."
        if self.failed:
            text += f" {count(self.failed, 'analysis', 'analyses')} could not be repeated in R."
        return f"{text} {EXTRAS[R].file} has them all."


def find_rscript() -> Path | None:
    """The program that runs R scripts, on the path or where R is usually installed; None where there is none."""
    found = shutil.which("Rscript")
    if found:
        return Path(found)
    windows = [path for root in ("ProgramFiles", "ProgramW6432", "LOCALAPPDATA") if root in os.environ
               for path in sorted(Path(os.environ[root]).glob(  # an installation for one person stands in Programs
                   f"{'Programs/' * (root == 'LOCALAPPDATA')}R/R-*/bin/Rscript.exe"), reverse=True)]
    return next((path for path in (*windows, *map(Path, PLACES)) if path.is_file()), None)


def packages_of(plan: Plan) -> tuple[str, ...]:
    """What the script needs in R, as it asks for itself."""
    more = (*(("glmnet",) if plan.sets and plan.combined.penalty != "none" else ()),
            *(("pbkrtest",) if plan.model.df == "kenward_roger" else ()))
    return ("lme4", "lmerTest", "numDeriv", "metafor", *more)


def require_r(plan: Plan) -> Path:
    """The program that runs R scripts. Raises UserError where R, or a package that the script needs, is missing."""
    program = find_rscript()
    if program is None:
        raise UserError("R was not found on this machine.", remedy=GET_R)
    names = ", ".join(f'"{name}"' for name in packages_of(plan))
    asked = f"cat(Filter(function(name) !nzchar(system.file(package = name)), c({names})), sep = '\\n')"
    done = subprocess.run([program, "-e", asked], capture_output=True, text=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL, env=_environment(), creationflags=_flags())
    lacking = done.stdout.split()
    if done.returncode:
        raise UserError("R does not start.", remedy=GET_R)
    if lacking:
        listed = ", ".join(f'"{name}"' for name in lacking)
        raise UserError(f"R lacks {count(len(lacking), 'package')} that the script needs: {', '.join(lacking)}.",
                        remedy=f"In R, run install.packages(c({listed})), or write the report without running it in R.")
    return program


def run_r_script(folder: Path, program: Path, progress: Progress = silent) -> tuple[Reproduced, str]:
    """What R made of a written folder, and all it said. Canceling stops R. Raises UserError where the script did not
    come to its end.
    """
    output = folder / f".{EXTRAS[R].file}"
    try:
        with output.open("wb") as file:
            status = _followed([str(program), SCRIPT], folder, file.fileno(), progress)
        said = output.read_text(encoding="utf-8", errors="replace")
    finally:
        output.unlink(missing_ok=True)
    found = next((match for line in reversed(said.splitlines()) if (match := LAST.fullmatch(line.strip()))), None)
    if found is None:
        lines = [line for line in said.splitlines() if line.strip()]
        raise UserError(f"R stopped with status {status}: {' '.join(lines[-3:])[:300] or 'it said nothing'}.",
                        Where(file=SCRIPT), "Run the script in R to see more, or write the report without running it.")
    return Reproduced(found["r"], found["packages"], int(found["numbers"]), int(found["differ"]), int(found["failed"]),
                      float(found["largest"]), found["where"]), said


def _followed(command: Sequence[str], folder: Path, output: int, progress: Progress) -> int:
    """Runs a command to its end, or stops it with all it started when `progress` says so; its status."""
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                               start_new_session=sys.platform != "win32", env=_environment(), creationflags=_flags())
    try:
        while process.poll() is None:
            seconds = time.monotonic() - begun
            progress(min(0.95, seconds / 90), f"Running the script in R, {seconds:.0f} s")
            time.sleep(0.1)
    except BaseException:
        _stop(process)
        raise
    return process.returncode


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends R and the processes that it has started for itself."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":  # Rscript is only what started R there
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False,
                           creationflags=_flags())
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment() -> dict[str, str]:
    """Names of studies may hold any letter, so R must read UTF-8; one thread a process, for it starts several."""
    utf8 = {"linux": "C.UTF-8", "darwin": "en_US.UTF-8"}.get(sys.platform)
    return {**os.environ, "OMP_NUM_THREADS": "1", **({"LC_ALL": utf8} if utf8 else {})}


def _flags() -> int:
    """Without a black window on Windows."""
    return int(getattr(subprocess, "CREATE_NO_WINDOW", 0))
