"""The rules of the house, kept by machine: who may import whom, sizes, names, pins, licenses."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
CORE = sorted((ROOT / "core").rglob("*.py"))
GUI = sorted((ROOT / "gui").rglob("*.py"))
GENERATOR = sorted((ROOT / "resources").rglob("*.py"))
PROGRAM = [*CORE, *GUI, *GENERATOR, ROOT / "main.py", ROOT / "dev.py"]

QT = {"PySide6", "shiboken6", "qtpy", "qtawesome"}
COMPUTING = {"numpy", "scipy", "statsmodels", "sklearn", "patsy", "statistics"}
LONGEST_FILE, LONGEST_FUNCTION = 400, 40
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "base", "misc"}
NOT_OURS = {".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "__pycache__",
            "build", "dist", "out"}

# Licenses that let anyone ship the program under MIT; the LGPL is Qt's, which is linked and can be replaced.
ACCEPTED_LICENSES = {
    "0BSD", "Apache Software License", "Apache-2.0", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0",
    "LGPL-3.0-only", "MIT", "MIT License", "MIT-CMU", "PSF-2.0", "Python Software Foundation License", "Zlib",
}


def name(path: Path) -> str:
    """A path as a person writes it, from the root of the checkout."""
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    """The full names of the modules that are imported anywhere in a file, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_by(path: Path) -> set[str]:
    return set(imports(ast.parse(path.read_text(encoding="utf-8"))))


def packages(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


@pytest.mark.parametrize("path", CORE, ids=name)
def test_core_knows_neither_qt_nor_the_window(path: Path) -> None:
    assert not packages(imported_by(path)) & (QT | {"gui"})


@pytest.mark.parametrize("path", GUI, ids=name)
def test_the_window_computes_nothing(path: Path) -> None:
    assert not packages(imported_by(path)) & COMPUTING


@pytest.mark.parametrize("path", [*CORE, *GUI], ids=name)
def test_figures_are_drawn_without_pyplot(path: Path) -> None:
    assert not {module for module in imported_by(path) if module.startswith(("matplotlib.pyplot", "pylab"))}


def test_dev_needs_the_standard_library_only() -> None:
    assert packages(imported_by(ROOT / "dev.py")) <= set(sys.stdlib_module_names)


def test_commands_start_without_qt() -> None:
    run_and_find_no_qt("import runpy; sys.argv = ['main.py', '--help']",
                       "runpy.run_path('main.py', run_name='__main__')")


def test_no_module_of_core_brings_qt_along() -> None:
    stems = [name(path).removesuffix(".py").removesuffix("/__init__") for path in CORE]
    assert "core/cli" in stems
    run_and_find_no_qt(*(f"import {stem.replace('/', '.')}" for stem in stems))


def run_and_find_no_qt(*lines: str) -> None:
    """Run lines in a Python of their own, which may end well early, and look for Qt among what it loaded."""
    code = ["import sys", "try:", *(f"    {line}" for line in lines), "except SystemExit as end:",
            "    assert not end.code, end.code",
            f"loaded = {QT} & set(sys.modules)", "assert not loaded, loaded"]
    done = subprocess.run([sys.executable, "-c", "\n".join(code)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", PROGRAM, ids=name)
def test_sizes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert not {function: length for function, length in lengths.items() if length > LONGEST_FUNCTION}


def test_modules_are_named_for_what_they_are() -> None:
    assert not [name(path) for path in PROGRAM if set(path.stem.split("_")) & VAGUE_NAMES]


def test_no_path_of_a_developers_machine() -> None:
    places = [r"/home/\w+/", r"/Users/\w+/", r"[A-Z]:\\+Users\\"]
    if not ROOT.is_relative_to(tempfile.gettempdir()) and len(ROOT.parents) > 1:
        places.append(re.escape(f"{ROOT.parent.as_posix()}/"))
    found = re.compile(r"(?<![\w./*])(?:" + "|".join(places) + ")")
    assert not [f"{name(path)}, line {number}" for path, text in texts()
                for number, line in enumerate(text.splitlines(), 1) if found.search(line)]


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the checkout; git need not be there."""
    for path in sorted(ROOT.rglob("*")):
        if path.is_file() and not NOT_OURS & set(path.relative_to(ROOT).parts):
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def pins(file: str) -> dict[str, Requirement]:
    """The requirements of a file by canonical name, those for other systems left out."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]
    return {canonicalize_name(one.name): one for one in found if one.marker is None or one.marker.evaluate()}


RUN_TIME = pins("requirements.txt")
ALL_PINS = RUN_TIME | pins("requirements-dev.txt")


def accepts(license_text: str) -> bool:
    """Whether one choice of an SPDX expression (`A AND B OR C`) is made of accepted licenses alone."""
    return any(all(part.strip(" ()") in ACCEPTED_LICENSES for part in choice.split(" AND "))
               for choice in license_text.split(" OR "))


def license_of(package: str) -> str:
    """What a package declares: an expression, else its classifiers (all hold), else a text's first line."""
    about = metadata.metadata(package).json
    classifiers = [str(line) for line in about.get("classifier", [])]
    labels = [line.split(" :: ")[-1] for line in classifiers if line.startswith("License")]
    text = str(about.get("license", "none declared")).strip().splitlines()
    return str(about.get("license_expression", " AND ".join(labels) or text[0]))


@pytest.mark.parametrize("package", sorted(RUN_TIME))
def test_the_license_of_what_runs(package: str) -> None:
    assert accepts(license_of(package)), license_of(package)


def test_a_gpl_license_is_refused() -> None:
    assert not accepts("GPL-3.0-only")
    assert not accepts("MIT AND GPL-2.0-or-later")
    assert accepts("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only")


@pytest.mark.parametrize("package", sorted(ALL_PINS))
def test_pins(package: str) -> None:
    pin = ALL_PINS[package]
    assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), "not pinned exactly"
    assert metadata.version(package) in pin.specifier
    allowed = RUN_TIME if package in RUN_TIME else ALL_PINS
    needs = [Requirement(line) for line in metadata.requires(package) or []]
    here = [one for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
    assert {canonicalize_name(one.name) for one in here} <= set(allowed), "brings along what is not pinned"


def test_the_readme_says_what_ci_runs() -> None:
    command = "python3 dev.py test"
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1].endswith(command)
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:25]
    assert {command, "python3 dev.py demo"} <= {line.split("#")[0].strip() for line in first_screen}
