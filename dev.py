"""From a fresh machine to a running program. Python 3.11 or newer and nothing else:

    python3 dev.py run [PROJECT]              open the window
    python3 dev.py demo [--out DIR] [...]     analyze the bundled synthetic studies (DIR: out/demo)
    python3 dev.py test [--slow] [...]        lint, types and tests; further words go to pytest
    python3 dev.py lint                       lint and types alone
    python3 dev.py bench [NAME]               time one thing; without NAME, list what there is
    python3 dev.py build                      the program as one folder, dist/Modscope

On Windows and macOS type `python` for `python3`. Everything is installed into .venv beside this file, and
again only when the pinned requirements change. Delete .venv to start over.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)
THIS_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
TO_RUN, TO_DEVELOP = "requirements.txt", "requirements-dev.txt"

# Debian package -> the shared library it is needed for. Qt's wheels bring Qt and nothing below it.
TO_DRAW = {
    "libdbus-1-3": "libdbus-1.so.3",
    "libegl1": "libEGL.so.1",
    "libfontconfig1": "libfontconfig.so.1",
    "libfreetype6": "libfreetype.so.6",
    "libgl1": "libGL.so.1",
    "libglib2.0-0": "libglib-2.0.so.0",
    "libgssapi-krb5-2": "libgssapi_krb5.so.2",
    "libx11-6": "libX11.so.6",
    "libxkbcommon0": "libxkbcommon.so.0",
}
TO_SHOW = {
    "libwayland-cursor0": "libwayland-cursor.so.0",
    "libwayland-egl1": "libwayland-egl.so.1",
    "libx11-xcb1": "libX11-xcb.so.1",
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-image0": "libxcb-image.so.0",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-randr0": "libxcb-randr.so.0",
    "libxcb-render-util0": "libxcb-render-util.so.0",
    "libxcb-shape0": "libxcb-shape.so.0",
    "libxcb-sync1": "libxcb-sync.so.1",
    "libxcb-xfixes0": "libxcb-xfixes.so.0",
    "libxcb-xkb1": "libxcb-xkb.so.1",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
}
FONTS = {"fonts-dejavu-core": "a font"}
COMPILE_EACH_TIME = "PYTHONDONTWRITEBYTECODE"
"""Where it is set, each process of a run, and of a test that starts the program, reads all sources anew."""
TO_BUILD = {"binutils": "objdump", f"lib{THIS_PYTHON}": f"lib{THIS_PYTHON}.so.1.0"}


def run(words: Sequence[str]) -> None:
    """Open the window, on a project if one is named."""
    prepare(TO_RUN, TO_DRAW | TO_SHOW | FONTS)
    call(PYTHON, ROOT / "main.py", *words)


def demo(words: Sequence[str]) -> None:
    """The main job in one command, without a window and so without Qt's libraries."""
    prepare(TO_RUN)
    has_out = any(word.split("=")[0] == "--out" for word in words)
    out = [] if has_out else ["--out", str(ROOT / "out" / "demo")]
    call(PYTHON, ROOT / "main.py", "demo", *out, *words)


def test(words: Sequence[str]) -> None:
    """Lint, types, then the tests, offscreen on two workers; the first that fails ends it."""
    prepare(TO_DEVELOP, TO_DRAW | FONTS)
    lint([])
    chosen = [] if "--slow" in words else ["-m", "not slow"]
    call(PYTHON, "-m", "pytest", "-n", "2", "--dist", "worksteal", *chosen,
         *(word for word in words if word != "--slow"), cwd=ROOT, QT_QPA_PLATFORM="offscreen", OMP_NUM_THREADS="1")


def lint(words: Sequence[str]) -> None:
    """Lint and types."""
    prepare(TO_DEVELOP)
    call(PYTHON, "-m", "ruff", "check", *words, cwd=ROOT)
    call(PYTHON, "-m", "mypy", cwd=ROOT)


def bench(words: Sequence[str]) -> None:
    """Run tests/bench/NAME.py, or list the names."""
    names = sorted(path.stem for path in (ROOT / "tests" / "bench").glob("[!_]*.py"))
    if not words or words[0] not in names:
        stop(f"Benchmarks: {', '.join(names) or 'none yet'}.", status=2 if words else 0)
    prepare(TO_DEVELOP, TO_DRAW | FONTS)
    call(PYTHON, ROOT / "tests" / "bench" / f"{words[0]}.py", *words[1:],
         cwd=ROOT, PYTHONPATH=str(ROOT), QT_QPA_PLATFORM="offscreen", OMP_NUM_THREADS="1")  # as main.py has it


def build(words: Sequence[str]) -> None:
    """Freeze the program into dist/Modscope and let the frozen program check itself."""
    prepare(TO_DEVELOP, TO_DRAW | TO_SHOW | TO_BUILD)  # Qt's needs are packed as well
    call(PYTHON, "-m", "PyInstaller", "--noconfirm", *words, "build.spec", cwd=ROOT)
    call(ROOT / "dist" / "Modscope" / ("Modscope.exe" if os.name == "nt" else "Modscope"), "selftest")


def prepare(requirements: str, system: Mapping[str, str] | None = None) -> None:
    """See to what `system` names (a matter for Linux only), then to .venv holding `requirements`."""
    is_whole = has_pip()
    see_to_system(dict(system or {}) | ({} if is_whole else {f"{THIS_PYTHON}-venv": "ensurepip"}))
    stamp = VENV / f"{requirements}.sha256"
    if is_whole and stamp.exists() and stamp.read_text() == fingerprint(requirements):
        return
    if not is_whole:
        print(f"Making {VENV}", flush=True)
        venv.create(VENV, clear=True, with_pip=True, symlinks=os.name != "nt")
    print(f"Installing {requirements} (once; some minutes on a slow line)", flush=True)
    call(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:",
         "-r", ROOT / requirements)
    for name in {requirements, TO_RUN}:  # what develops also runs
        (VENV / f"{name}.sha256").write_text(fingerprint(name))


def has_pip() -> bool:
    """Whether .venv is whole; it no longer is once the system's Python was upgraded."""
    return PYTHON.exists() and succeeds(str(PYTHON), "-c", "import pip")


def fingerprint(requirements: str) -> str:
    """Changes with the Python in use and with every file that `requirements` draws from."""
    files = [TO_RUN] if requirements == TO_RUN else [TO_RUN, TO_DEVELOP]
    text = THIS_PYTHON + "".join((ROOT / name).read_text(encoding="utf-8") for name in files)
    return hashlib.sha256(text.encode()).hexdigest()


def see_to_system(needs: Mapping[str, str]) -> None:
    """Install the packages whose part is missing, or else say the one line that does, and stop."""
    if sys.platform != "linux":
        return
    missing = {package: part for package, part in needs.items() if not is_present(part)}
    if not missing:
        return
    print(f"Missing from this system: {', '.join(missing.values())}", flush=True)
    if shutil.which("apt-get") is None:
        stop("Install these with your distribution's package manager, then run this again.", status=2)
    is_root = os.geteuid() == 0
    if not is_root and not succeeds("sudo", "-n", "true"):
        line = f"sudo apt-get install {' '.join(missing)}"
        stop(f"Run this line, then the same command again:\n  {line}", status=2)
    apt = ["apt-get"] if is_root else ["sudo", "-n", "apt-get"]
    print(f"Installing {' '.join(missing)}", flush=True)
    call(*apt, "-qq", "update")
    call(*apt, "-qq", "-o", "Dpkg::Use-Pty=0", "install", "-y", "--no-install-recommends", *missing,
         DEBIAN_FRONTEND="noninteractive")
    if still := [part for part in missing.values() if not is_present(part)]:
        stop(f"Still missing after installing: {', '.join(still)}", status=2)


def is_present(part: str) -> bool:
    """Whether a library loads, a module or a program is found, or there is any font."""
    if ".so" in part:
        try:
            ctypes.CDLL(part)
        except OSError:
            return False
        return True
    if part == "a font":
        return any(Path("/usr/share/fonts").rglob("*.[ot]t[cf]"))
    importlib.invalidate_caches()
    return shutil.which(part) is not None or importlib.util.find_spec(part) is not None


def succeeds(*command: str) -> bool:
    """Whether a command is there and ends well; what it says is not shown."""
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True).returncode == 0


def call(*command: str | Path, cwd: Path | None = None, **environment: str) -> None:
    """Run a command; if it fails, end with its status."""
    known = {name: value for name, value in os.environ.items() if name != COMPILE_EACH_TIME}
    process = subprocess.Popen([str(word) for word in command], cwd=cwd, env=known | environment)
    while process.poll() is None:
        with suppress(KeyboardInterrupt):  # the command was interrupted as well: it ends in its own way
            process.wait()
    if process.returncode:
        raise SystemExit(process.returncode)


def stop(text: str, status: int) -> NoReturn:
    """Say why there is no going on."""
    print(text, file=sys.stderr if status else sys.stdout)
    raise SystemExit(status)


COMMANDS: dict[str, Callable[[Sequence[str]], None]] = {
    "run": run, "demo": demo, "test": test, "lint": lint, "bench": bench, "build": build,
}

if __name__ == "__main__":
    if sys.version_info < OLDEST:
        stop(f"Modscope needs Python 3.11 or newer; this is {sys.version.split()[0]}.", status=2)
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        stop(__doc__, status=0 if sys.argv[1:] in (["-h"], ["--help"]) else 2)
    try:
        COMMANDS[sys.argv[1]](sys.argv[2:])
    except KeyboardInterrupt:
        raise SystemExit(130) from None
