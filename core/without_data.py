"""A project without patients' data: rules, plan, protocol and results, to be opened anywhere (DESIGN section 6).

It knows its files by their hashes. Once those very files are added, it is the project it was made from, and runs again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.errors import Issue, Severity, Where
from core.project import Project
from core.report.fixed_archive import STAMP
from core.session import Session


def write_without_data(path: Path, session: Session) -> None:
    """Write such a project; the same session gives the same bytes. What stands at the path is replaced."""
    path.unlink(missing_ok=True)
    Project.create(path, without_data(session), at=STAMP.isoformat()).close()


def without_data(session: Session) -> Session:
    """The session without files, without what results and issues say of one patient, and without the key that codes of
    patients come from. Rules keep the texts they recode: these are categories of a column, such as "male".
    """
    results = session.results
    if results is not None:
        results = replace(results, issues=_of_no_patient(results.issues),
                          conversion=tuple(replace(one, scores=()) for one in results.conversion))
    return replace(session, sources={}, results=results, import_issues=_of_no_patient(session.import_issues),
                   privacy=session.privacy.model_copy(update={"key": ""}),
                   awaited={**session.awaited, **{name: source.sha256 for name, source in session.sources.items()}})


def with_arrived(session: Session) -> tuple[Session, list[Issue]]:
    """The session where awaited files have been added; one that is not the file it was made from is an issue."""
    issues = [Issue(Severity.ERROR, "file_not_awaited",
                    "This is not the file that the project was made from: its content differs.", Where(file=name),
                    "Add that very file. Where its columns were replaced by codes or its dates shifted, only the "
                    "project it came from can do that.")
              for name, digest in session.awaited.items()
              if name in session.sources and session.sources[name].sha256 != digest]
    left = {name: digest for name, digest in session.awaited.items()
            if name not in session.sources or session.sources[name].sha256 != digest}
    return replace(session, awaited=left), issues


def _of_no_patient(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    return tuple(one for one in issues if one.where.row is None and one.where.patient is None)
