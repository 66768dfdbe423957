"""What an export holds beside its files where a person asks for it: slides, a run of the script in R, the rules of
every study, the project without patients' data, and everything as one archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.file_writer import FileWriter
from core.progress import Progress, silent

if TYPE_CHECKING:
    from core.plan import Plan
    from core.report.content import ReportContent
    from core.session import Session

SLIDES, R, RULES, DATA_FREE, ZIP = "slides", "r", "rules", "data-free", "zip"


@dataclass(frozen=True)
class Extra:
    """One of them: the file it becomes, what a window calls it, and a word on it."""

    file: str
    title: str
    about: str
    needs_project: bool = False
    """Whether it is about how studies' files became one table."""


EXTRAS: Mapping[str, Extra] = {
    SLIDES: Extra("figures.pptx", "Slides", "the report's figures, titles to edit"),
    R: Extra("reproduced_in_R.txt", "Run the script in R", "and say in the report what came of it"),
    RULES: Extra("harmonization_rules.xlsx", "Rules of every study", "a supplement", needs_project=True),
    DATA_FREE: Extra("without_data.modscope", "Project without patient data", "runs once the files are added",
                     needs_project=True),
    ZIP: Extra("everything.zip", "All as one archive", "with patients' rows"),
}
"""By the name a command knows them by, in the order they are written."""


@dataclass(frozen=True)
class Asked:
    """Names of extras that are wanted, the project they are written from, where there is one, and what figures are
    written as beside PNG and SVG (`core.export.MORE_KINDS`).
    """

    names: frozenset[str] = frozenset()
    session: Session | None = field(default=None, repr=False)
    kinds: tuple[str, ...] = ()

    def prepared(self, plan: Plan) -> Path | None:
        """The program that runs R scripts, where R is asked. Raises UserError for what cannot be had, before anything
        is written.
        """
        for name in self.names:
            if EXTRAS[name].needs_project and self.session is None:
                raise UserError(f"{EXTRAS[name].title}: a pooled table does not say how it was made.",
                                remedy="Ask for it of a project.")
        if R not in self.names:
            return None
        from core.report.r_run import require_r

        return require_r(plan)


NOTHING_MORE = Asked()
ABOUT = "; ".join(f"{name}: {extra.title.lower()}, {extra.about}" for name, extra in EXTRAS.items())
"""What a command says of them."""


def reproduce(writer: FileWriter, program: Path, progress: Progress = silent) -> str:
    """Run the script in R on what is written, keep what it said, and tell it in a sentence."""
    from core.report.r_run import run_r_script

    found, said = run_r_script(writer.folder, program, progress)
    writer.text(EXTRAS[R].file, said)
    return found.sentence


def write_more(writer: FileWriter, asked: Asked, content: ReportContent, progress: Progress = silent) -> None:
    """The extras that are made of the others or of the project; the archive last, for it holds them all."""
    from core.report.fixed_archive import archive
    from core.report.slides import write_slides
    from core.rules_table import write_rules
    from core.without_data import write_without_data

    made = {SLIDES: lambda path: write_slides(path, content),
            RULES: lambda path: path.write_bytes(write_rules(_project(asked))),
            DATA_FREE: lambda path: write_without_data(path, _project(asked)),
            ZIP: lambda path: path.write_bytes(archive(_named(writer)))}
    for place, (name, write) in enumerate(made.items()):
        if name in asked.names:
            progress(place / len(made), f"Writing {EXTRAS[name].file}")
            writer.file(EXTRAS[name].file, write)


def _project(asked: Asked) -> Session:
    assert asked.session is not None
    return asked.session


def _named(writer: FileWriter) -> Iterable[tuple[str, bytes]]:
    """What was written by now, under its name in the folder."""
    for path in writer.written:
        yield path.relative_to(writer.folder).as_posix(), path.read_bytes()
