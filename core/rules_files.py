"""Tables of rules as files: written whole or not at all, and taken into a project in one step."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from core.errors import UserError
from core.file_writer import FileWriter
from core.intake import read_file
from core.maelstrom import dataschema, processing_elements
from core.person import person
from core.project import Project
from core.rules_table import TakenRules, take_rules, write_rules
from core.session import Session


def write_rules_file(session: Session, path: Path) -> Path:
    """Write all rules as a workbook. Raises UserError if there are none or the file cannot be written."""
    path, content = path.with_suffix(".xlsx"), write_rules(session)
    FileWriter(path.parent).file(path.name, lambda target: target.write_bytes(content))
    return path


def write_maelstrom(session: Session, folder: Path) -> Path:
    """Write `DataSchema.xlsx` and `data_processing_elements.csv` into a folder."""
    writer, schema = FileWriter(folder), dataschema(session.protocol)
    writer.file("DataSchema.xlsx", lambda target: target.write_bytes(schema))
    writer.text("data_processing_elements.csv", processing_elements(session))
    return folder


def read_rules_file(session: Session, path: Path) -> TakenRules:
    """The rules of an edited workbook, by the person at this machine, now."""
    at = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    return take_rules(session, read_file(path), person(), at)


def take_into_project(project_path: Path, path: Path) -> list[str]:
    """Take an edited workbook into a project file and say what changed. Raises UserError with the first fault."""
    project, session = Project.open(project_path)
    try:
        taken = read_rules_file(session, path)
        if taken.issues:
            first, others = taken.issues[0], len(taken.issues) - 1
            more = f" {others} more {'fault follows' if others == 1 else 'faults follow'}." if others else ""
            raise UserError(first.text, first.where, f"{first.remedy} Nothing was changed.{more}")
        if taken.changes:
            project.save(taken.session, "Rules imported")
    finally:
        project.close()
    n = len(taken.changes)
    return [f"{n} {'rule' if n == 1 else 'rules'} changed.", *taken.changes]
