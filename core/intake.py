"""Files into a session: study files, folders and a registry come in, sure suggestions are taken, the rest is asked.

Whatever cannot be read becomes an issue; everything else goes on and nothing loaded before is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from core.companions import find_codebooks
from core.errors import Issue, Severity, UserError, Where, describe_bug
from core.first_rows import preview
from core.kit_columns import kit_header_row
from core.kit_facts import read_facts, with_answers
from core.progress import Cancelled, Progress, silent, subrange
from core.protocol import Protocol
from core.protocol_files import load_conversion_tables, load_protocol
from core.readers import EXTENSIONS, read_grids, reader_of
from core.registry import Registry, Study
from core.registry_file import MATCHING_CODES, match_files, read_registry
from core.resend import compare_file, told, with_resent
from core.resources import resource
from core.session import Session
from core.sources import SourceFile
from core.suggest.kit import is_kit, sent_again
from core.table_layout import choose_grid, find_table
from core.without_data import with_arrived

REGISTRY_STEMS = ("studies", "registry", "study_registry")
_HEAD = 4096
"""Bytes by which a file's kind is known."""


def new_session(protocol_id: str = "ketamine", name: str = "Untitled") -> Session:
    """An empty session under a protocol: the id of a bundled one, or the path of a file. Raises UserError."""
    protocol = load_protocol(protocol_id)
    folder = Path(protocol_id).parent if protocol_id.endswith(".json") else None
    return session_under(protocol, name, folder)


def session_under(protocol: Protocol, name: str, folder: Path | None = None) -> Session:
    """An empty session under a loaded protocol; its tables may stand in `folder`."""
    return Session(protocol=protocol, conversion_tables=load_conversion_tables(protocol, folder), name=name)


def demo_session(progress: Progress = silent) -> Session:
    """The bundled synthetic studies, loaded as a user's own would be."""
    session = replace(new_session("ketamine", "Demo (synthetic)"), synthetic=True)
    return load_files(session, [resource("demo")], progress)


def load_files(session: Session, paths: Sequence[Path], progress: Progress = silent,
               registry: Path | None = None) -> Session:
    """Take in files and folders. Faults become `import_issues`.

    A registry without its files lists its studies, each with its file missing. Raises UserError only where a path does
    not exist, or nothing at all could be taken in.
    """
    files, issues = _read_all(_expand(paths), subrange(progress, 0, 0.3))
    registry_file = read_file(registry) if registry else _find_registry(files)
    issues += _still_true(session, {*files, *([registry_file.name] if registry_file else [])})
    if registry_file is not None:
        files.pop(registry_file.name, None)
        session, found = _with_registry_file(session, registry_file)
        issues += found
    before = session
    for source in files.values():
        try:
            session = session.with_source(source)
        except UserError as fault:  # what was decided on its columns cannot be done with it: it does not come in
            issues.append(fault.as_issue("file_not_cut"))
    session, found = with_arrived(session)
    issues += found
    if not session.sources and not session.registry.studies:
        detail = f" {issues[0]}" if issues else ""
        raise UserError(f"No study file was found.{detail}", remedy="Give study files, or a folder that holds them.")
    session, found = _match(session, list(files))
    issues += found
    session, found = _with_kits(session, set(files))
    answered = {issue.where.file for issue in found if issue.code == "answers_taken"}
    issues = [issue for issue in issues if issue.where.file not in answered] + found
    session, found = _carried_over(before, session)
    issues += found
    session, found = _with_kits_again(session, set(files))
    issues += found
    return _suggest_all(session, issues, subrange(progress, 0.3, 1))


def _still_true(session: Session, taken_in: set[str]) -> list[Issue]:
    """Issues of earlier intakes that this one says nothing new about."""
    return [issue for issue in session.import_issues
            if issue.where.file not in taken_in and issue.code not in MATCHING_CODES]


def _expand(paths: Iterable[Path]) -> list[Path]:
    """Files named, and the readable ones inside named folders, in order of name."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.is_file() and _is_study_file(p))
        elif path.is_file():
            found.append(path)
        else:
            raise UserError(f'There is no file or folder "{path.name}".', Where(file=path.name),
                            "Check the name and the folder.")
    return list(dict.fromkeys(found))


def _is_study_file(path: Path) -> bool:
    hidden = path.name.startswith(("~$", "."))
    return path.suffix.lower() in EXTENSIONS and not hidden


def read_file(path: Path) -> SourceFile:
    """A file's bytes. Raises UserError if it cannot be opened or is beyond measure."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            reader = reader_of(file.read(_HEAD))
        if size > reader.largest:
            raise UserError(f"The file has {_megabytes(size)}; a {reader.name.lower()} file can have "
                            f"{_megabytes(reader.largest)}.", Where(file=path.name),
                            "Save only the columns and rows that are needed, and add that file.")
        return SourceFile(path.name, path.read_bytes())
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise UserError(f"The file cannot be opened: {reason}.", Where(file=path.name),
                        "Close it in other programs, check that you may read it, and add it again.") from None


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:,.0f} MB"


def _read_all(paths: list[Path], progress: Progress) -> tuple[dict[str, SourceFile], list[Issue]]:
    files: dict[str, SourceFile] = {}
    issues: list[Issue] = []
    for index, path in enumerate(paths):
        progress(index / len(paths), f"Reading {path.name}")
        try:
            source = read_file(path)
        except UserError as fault:
            issues.append(fault.as_issue("file_unreadable"))
            continue
        if source.name in files and files[source.name].sha256 != source.sha256:
            issues.append(Issue(Severity.ERROR, "file_name_twice",
                                f'Two different files are named "{source.name}"; the second was left out.',
                                Where(file=source.name), "Rename one of them and add it again."))
            continue
        files[source.name] = source
    return files, issues


def _find_registry(files: dict[str, SourceFile]) -> SourceFile | None:
    for name, source in files.items():
        if Path(name).stem.lower() in REGISTRY_STEMS:
            return source
    return None


def _with_registry_file(session: Session, source: SourceFile) -> tuple[Session, list[Issue]]:
    """The session with the studies a registry file lists; studies known before stay."""
    try:
        grid = choose_grid(read_grids(source))
        found, issues = read_registry(find_table(grid))
    except UserError as fault:
        return session, [fault.as_issue("registry_unreadable")]
    registry = found
    for study in session.registry.studies:
        if study.study not in found.by_id:
            registry = registry.with_study(study)
    return session.with_registry(registry), list(issues)


def _match(session: Session, added: list[str]) -> tuple[Session, list[Issue]]:
    """Every file in a study: the registry's, or a new study of its own."""
    listed = session.registry
    files, _ = match_files(listed, tuple(session.sources))
    codebooks = find_codebooks(session.sources, {*files.values(), *(s.codebook for s in listed.studies if s.codebook)})
    aside = set(codebooks.values()) | {s.codebook for s in listed.studies}
    files, issues = match_files(listed, [name for name in session.sources if name not in aside])
    studies = [s.model_copy(update={"file": files.get(s.study, s.file)}) for s in listed.studies]
    taken = {study.file for study in studies}
    for name in added:
        if name not in taken | aside:
            studies.append(Study(study=_free_id(name, {s.study for s in studies}), file=name))
    studies = [s.model_copy(update={"codebook": codebooks.get(s.file or "", s.codebook)}) for s in studies]
    return session.with_registry(Registry(studies=tuple(studies))), list(issues)


def _with_kits(session: Session, added: set[str]) -> tuple[Session, list[Issue]]:
    """The session with what filled request kits say of their studies, where that is not known yet."""
    issues: list[Issue] = []
    for study in session.registry.studies:
        if study.file not in added or reader_of(session.sources[study.file].content).is_one_table:
            continue
        try:
            grids = session.grids(study.study)
        except UserError:
            continue  # told where its columns are read
        answers, found = read_facts(grids)
        if answers is None:
            continue
        if not any(map(kit_header_row, grids)) and answers.study in session.registry.by_id:
            known = session.registry.by_id[answers.study]
            issues += [Issue(Severity.NOTE, "answers_taken", f"The answers about {known.name} were taken.",
                             Where(file=study.file, study=known.study)), *(one.at(study=known.study) for one in found)]
            session = session.without_study(study.study).with_study(with_answers(known, answers))
            continue
        named, told = _named_by_kit(session, study, answers)
        issues += [issue.at(study=named.study) for issue in (*found, *told)]
        session = _renamed(session, study.study, with_answers(named, answers))
    return session, issues


def _with_kits_again(session: Session, added: set[str]) -> tuple[Session, list[Issue]]:
    """The session with kits of known studies that were sent again read anew; what a person decided stays."""
    issues: list[Issue] = []
    for study in session.registry.studies:
        before = session.mappings.get(study.study)
        if study.file not in added or before is None:
            continue
        try:
            if is_kit(session.table(study.study)):
                anew, found = session.suggested(study.study)
                session = session.with_mapping(sent_again(before, anew))
                issues += [issue for issue in found if issue.severity is not Severity.QUESTION]
        except UserError as fault:
            issues.append(fault.as_issue("file_unreadable").at(study=study.study))
    return session, issues


def _named_by_kit(session: Session, study: Study, answers: Study) -> tuple[Study, list[Issue]]:
    """The study under the id its kit gives, if so far it has only that of its file."""
    wanted = re.sub(r"[^\w.-]+", "_", answers.study).strip("_")
    others = {one.study for one in session.registry.studies} - {study.study}
    has_own = study.study != _free_id(study.file or "", others) or study.study in session.mappings
    if has_own or not wanted or answers.study == study.file:
        return study, []
    if wanted in others:
        return study, [Issue(Severity.WARNING, "kit_id_taken", f'The kit calls its study "{wanted}", as another is '
                             f'called already; it became "{study.study}".', Where(file=study.file),
                             "If it is the same study sent twice, remove one of the two.")]
    return study.model_copy(update={"study": wanted}), []


def _renamed(session: Session, before: str, study: Study) -> Session:
    studies = tuple(study if one.study == before else one for one in session.registry.studies)
    return session.with_registry(Registry(studies=studies))


def _carried_over(before: Session, session: Session) -> tuple[Session, list[Issue]]:
    """The rules of studies whose file was sent again, with its columns matched anew; what changed, as notes."""
    issues = []
    for study in (one.study for one in session.registry.studies if one.study in before.mappings):
        if not before.has_source(study) or not session.has_source(study):
            continue
        source = session.source_of(study)
        if before.source_of(study).sha256 == source.sha256:
            continue
        try:
            resent = compare_file(before, study, source, is_shared=True)
        except UserError as fault:
            issues.append(fault.as_issue("file_unreadable").at(study=study))
            continue
        session = with_resent(session, resent, before=before)
        issues.append(told(resent))
    return session, issues


def _free_id(file_name: str, taken: set[str]) -> str:
    """A short study id from a file name, distinct from those in use."""
    stem = re.sub(r"\W+", "_", Path(file_name).stem).strip("_") or "study"
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    return name


def _bug(session: Session, study: str, fault: Exception) -> Issue:
    if isinstance(fault, Cancelled):
        raise fault
    return Issue(Severity.ERROR, "program_failed",
                 f"The program failed on this file; this is a bug. {describe_bug(fault)}",
                 Where(file=session.registry.by_id[study].file, study=study),
                 "The other studies are not affected. Please report this line to the makers of Modscope.")


def _suggest_all(session: Session, issues: list[Issue], progress: Progress) -> Session:
    """Suggested mappings for studies that have none yet."""
    studies = [s.study for s in session.registry.studies if session.has_source(s.study)]
    for index, study in enumerate(studies):
        name = session.registry.by_id[study].name
        begins = None if study in session.mappings else preview(session.source_of(study))
        progress(index / len(studies), f"Reading {name}: {begins.words}" if begins else f"Reading columns of {name}")
        if study in session.mappings:
            continue
        try:
            mapping, found = session.suggested(study)
        except UserError as fault:
            issues.append(fault.as_issue("file_unreadable").at(study=study))
            continue
        except Exception as fault:  # a bug of ours on one file is not to cost the person the other sixteen
            issues.append(_bug(session, study, fault))
            continue
        session = session.with_mapping(mapping)
        issues += [issue.at(study=study) for issue in (*session.table(study).issues, *found)
                   if issue.severity is not Severity.QUESTION]
    progress(1.0, "Files are in")
    return replace(session, import_issues=tuple(dict.fromkeys(issues)))
