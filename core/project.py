"""The project file: one SQLite database that is the user's whole work (DESIGN section 6).

Sources are kept as compressed bytes with their hash, decisions as versioned JSON documents, and every change as a row
of an append-only audit table in which each row hashes the one before. A save is one transaction: a killed program
loses nothing that was saved. Nothing in the file is ever executed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.conversion import ConversionTable, StoredTable
from core.credibility import Credibility
from core.documents import Document, parse_document
from core.errors import Issue, UserError, Where
from core.figure_choices import FigureChoices
from core.mapping import StudyMapping
from core.person import person
from core.plan import Plan
from core.plan_lock import PlanLock, PlanNotes
from core.privacy.decisions import Privacy
from core.protocol import Protocol
from core.registry import Registry
from core.results import Results
from core.session import Session
from core.sources import SourceFile

FORMAT = 3
"""Number of the file format. Raise it with an upgrade step and an old file in `tests/data`."""

SCHEMA = """
CREATE TABLE project (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE source (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, original_sha256 TEXT NOT NULL,
                     size INTEGER NOT NULL, content BLOB NOT NULL);
CREATE TABLE document (kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, json TEXT NOT NULL,
                       PRIMARY KEY (kind, id));
CREATE TABLE audit (number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
                    kind TEXT NOT NULL, id TEXT NOT NULL, old TEXT, new TEXT, why TEXT NOT NULL, hash TEXT NOT NULL);
"""

_RESULTS = TypeAdapter(Results)
_ISSUES = TypeAdapter(tuple[Issue, ...])
_HASHES = TypeAdapter(dict[str, str])


class _Settings(Document):
    name: str
    synthetic: bool = False


class Project:
    """An open project file. One writer at a time; whoever opens it second reads."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: sqlite3.Connection | None) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._saved: dict[tuple[str, str], str] = {}

    @property
    def is_read_only(self) -> bool:
        """Whether another window holds the project for writing, or the folder cannot be written."""
        return self._lock is None

    @classmethod
    def create(cls, path: Path, session: Session, at: str = "") -> Project:
        """A new file holding a session, made now or `at` a time (ISO); an existing file of that name is not touched.
        Raises UserError.
        """
        if path.exists():
            raise UserError("A file of that name is already there.", Where(file=path.name), "Choose another name.")
        lock = _take_lock(path)
        if lock is None:
            raise UserError("The project cannot be written there.", Where(file=path.name),
                            "Choose a folder in which you may write.")
        try:
            connection = _connect(path)
            with connection:
                connection.executescript(SCHEMA)
                connection.execute("INSERT INTO project VALUES ('format', ?)", (str(FORMAT),))
        except sqlite3.Error as fault:
            raise _trouble(path, fault) from None
        project = cls(path, connection, lock)
        project.save(session, "Project created", at=at)
        return project

    @classmethod
    def open(cls, path: Path) -> tuple[Project, Session]:
        """Open an existing file. Raises UserError if it is missing, damaged, or of a newer program."""
        if not path.is_file():
            raise UserError("There is no such project file.", Where(file=path.name), "Check the name and the folder.")
        try:
            _check_format(path)
            lock = _take_lock(path)
            project = cls(path, _connect(path, read_only=lock is None), lock)
            try:
                session = project._load()
            except BaseException:
                project.close()
                raise
            project._saved = _documents(session)
            project._upgrade()
            return project, session
        except sqlite3.Error as fault:
            raise _trouble(path, fault) from None

    def save(self, session: Session, what: str, why: str = "", who: str | None = None, at: str = "") -> None:
        """Store what has changed since the last save, in one transaction. Raises UserError if it cannot be written."""
        if self.is_read_only:
            raise UserError("The project is open for reading only; another window may be writing it.",
                            Where(file=self.path.name), "Close the other window, or save under another name.")
        documents = _documents(session)
        try:
            with self._connection:
                cut = self._store_sources(session)
                quoting = _quoting(session, cut)
                for key in {**self._saved, **documents}:
                    old, new = self._saved.get(key), documents.get(key)
                    if old != new:
                        self._store_document(key, new)
                        old = _hashed(old) if key in quoting else _short(key, old)
                        self._append_audit(what, key, old, _short(key, new), why, who or person(), at)
                if cut:
                    self._take_texts_out(quoting, cut, who or person())
        except sqlite3.Error as fault:
            raise _trouble(self.path, fault) from None
        self._saved = documents

    def audit(self) -> list[dict[str, Any]]:
        """The trail, oldest first."""
        cursor = self._connection.execute("SELECT * FROM audit ORDER BY number")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def audit_is_intact(self) -> bool:
        """Whether every row of the trail still hashes from the one before."""
        previous = ""
        for row in self.audit():
            expected = _audit_hash(previous, {key: row[key] for key in row if key not in ("number", "hash")})
            if row["hash"] != expected:
                return False
            previous = expected
        return True

    def close(self) -> None:
        """Let go of the file; another window may then write it."""
        self._connection.close()
        if self._lock is not None:
            self._lock.close()
            with contextlib.suppress(OSError):
                _lock_path(self.path).unlink(missing_ok=True)

    def _upgrade(self) -> None:
        """Formats 1 and 2 lack what has defaults (published figures, privacy; a locked plan); only the number changes.

        An older program must not open the file any more, for it would not know a cut copy, nor follow a locked plan.
        """
        if not self.is_read_only:
            with self._connection:
                self._connection.execute("UPDATE project SET value = ?1 WHERE key = 'format' AND value <> ?1",
                                         (str(FORMAT),))

    # --- reading ----------------------------------------------------------------------------------------------------

    def _load(self) -> Session:
        documents = {(kind, name): text for kind, name, text in
                     self._connection.execute("SELECT kind, id, json FROM document")}
        protocol = self._document(Protocol, documents, "protocol")
        settings = self._document(_Settings, documents, "settings")
        session = Session(protocol=protocol, conversion_tables=self._conversion_tables(documents),
                          name=settings.name, synthetic=settings.synthetic,
                          registry=self._document(Registry, documents, "registry"), sources=dict(self._sources()))
        mappings = {name: parse_document(StudyMapping, text, f"mapping of {name}", self.path.name)
                    for (kind, name), text in documents.items() if kind == "mapping"}
        plan = self._document(Plan, documents, "plan") if ("plan", "") in documents else None
        if ("privacy", "") in documents:
            session = replace(session, privacy=self._document(Privacy, documents, "privacy"))
        if ("credibility", "") in documents:
            session = session.with_credibility(self._document(Credibility, documents, "credibility"))
        if ("figure_choices", "") in documents:
            session = session.with_figure_choices(self._document(FigureChoices, documents, "figure_choices"))
        if ("awaited", "") in documents:
            session = replace(session, awaited=self._awaited(documents["awaited", ""]))
        if ("plan_lock", "") in documents:
            session = replace(session, plan_lock=self._document(PlanLock, documents, "plan_lock"))
        if ("plan_notes", "") in documents:
            session = replace(session, plan_notes=self._document(PlanNotes, documents, "plan_notes"))
        try:
            issues = _ISSUES.validate_json(documents.get(("issues", ""), "[]"))
            stored = documents.get(("results", ""))
            results = _RESULTS.validate_json(stored) if stored else None
        except ValidationError:
            raise self._damaged() from None
        return replace(session, mappings=mappings, chosen_plan=plan, import_issues=issues, results=results)

    def _awaited(self, text: str) -> dict[str, str]:
        try:
            return _HASHES.validate_json(text)
        except ValidationError:
            raise self._damaged() from None

    def _conversion_tables(self, documents: dict[tuple[str, str], str]) -> dict[str, ConversionTable]:
        return {name: parse_document(StoredTable, text, "conversion table", self.path.name).table(name)
                for (kind, name), text in documents.items() if kind == "conversion"}

    def _document(self, model: type[Any], documents: dict[tuple[str, str], str], kind: str) -> Any:
        if (kind, "") not in documents:
            raise self._damaged()
        return parse_document(model, documents[kind, ""], kind, self.path.name)

    def _sources(self) -> Iterator[tuple[str, SourceFile]]:
        rows = self._connection.execute("SELECT name, sha256, original_sha256, content FROM source ORDER BY name")
        for name, sha256, original, content in rows:
            try:
                source = SourceFile(name, zlib.decompress(content), original if original != sha256 else None)
            except zlib.error:
                raise self._damaged() from None
            if source.sha256 != sha256:
                raise self._damaged()
            yield name, source

    def _damaged(self) -> UserError:
        return UserError("The project file is damaged.", Where(file=self.path.name), "Open a backup copy of it.")

    # --- writing ----------------------------------------------------------------------------------------------------

    def _store_sources(self, session: Session) -> list[str]:
        """Store what is new; the names of those files that have been cut since the last save."""
        stored = dict(self._connection.execute("SELECT name, sha256 FROM source"))
        for name in stored.keys() - session.sources.keys():
            self._connection.execute("DELETE FROM source WHERE name = ?", (name,))
        for name, source in session.sources.items():
            if stored.get(name) != source.sha256:
                self._connection.execute(
                    "INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?)",
                    (name, source.sha256, source.original_sha256, len(source.content),
                     zlib.compress(source.content, 6)))
        return [name for name, source in session.sources.items() if source.came_as and name in stored
                and stored[name] != source.sha256]

    def _take_texts_out(self, quoting: set[tuple[str, str]], files: list[str], who: str) -> None:
        """Rules and issues in the trail may quote cells that were dropped: their hashes take their place.

        The trail is hashed anew, and a row of it says so and keeps the last hash from before.
        """
        before = self.audit()
        previous = ""
        for row in before:
            if (row["kind"], row["id"]) in quoting:
                row |= {name: _hashed(row[name]) for name in ("old", "new")}
            previous = _audit_hash(previous, {key: row[key] for key in row if key not in ("number", "hash")})
            self._connection.execute("UPDATE audit SET old = ?, new = ?, hash = ? WHERE number = ?",
                                     (row["old"], row["new"], previous, row["number"]))
        self._append_audit("Texts of cut columns taken out of the trail", ("sources", ""), None, None,
                           f"Cut: {', '.join(files)}. Last hash before: {before[-1]['hash']}", who)

    def _store_document(self, key: tuple[str, str], text: str | None) -> None:
        if text is None:
            self._connection.execute("DELETE FROM document WHERE kind = ? AND id = ?", key)
            return
        self._connection.execute(
            "INSERT INTO document VALUES (?, ?, 1, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET version = version + 1, json = excluded.json", (*key, text))

    def _append_audit(self, what: str, key: tuple[str, str], old: str | None, new: str | None, why: str,
                      who: str, at: str = "") -> None:
        row = {"at": at or dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "who": who, "what": what,
               "kind": key[0], "id": key[1], "old": old, "new": new, "why": why}
        last = self._connection.execute("SELECT hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        self._connection.execute(
            "INSERT INTO audit (at, who, what, kind, id, old, new, why, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row.values(), _audit_hash(last[0] if last else "", row)))


def _documents(session: Session) -> dict[tuple[str, str], str]:
    """Everything of a session that is stored as JSON, by kind and id."""
    documents: dict[tuple[str, str], str] = {
        ("settings", ""): _Settings(name=session.name, synthetic=session.synthetic).canonical_json(),
        ("protocol", ""): session.protocol.canonical_json(),
        ("registry", ""): session.registry.canonical_json(),
        ("issues", ""): _ISSUES.dump_json(session.import_issues).decode(),
        ("privacy", ""): session.privacy.canonical_json(),
        ("sources", ""): json.dumps({name: source.sha256 for name, source in session.sources.items()}, sort_keys=True),
    }
    for name, table in session.conversion_tables.items():
        documents["conversion", name] = StoredTable.of(table).canonical_json()
    for name, mapping in session.mappings.items():
        documents["mapping", name] = mapping.canonical_json()
    if session.awaited:
        documents["awaited", ""] = json.dumps(dict(session.awaited), sort_keys=True)
    if session.credibility.answers:
        documents["credibility", ""] = session.credibility.canonical_json()
    if not session.figure_choices.is_default:
        documents["figure_choices", ""] = session.figure_choices.canonical_json()
    if session.chosen_plan is not None:
        documents["plan", ""] = session.chosen_plan.canonical_json()
    if session.plan_lock is not None:
        documents["plan_lock", ""] = session.plan_lock.canonical_json()
    if session.plan_notes.notes:
        documents["plan_notes", ""] = session.plan_notes.canonical_json()
    if session.results is not None:
        documents["results", ""] = results_json(session.results)
    return documents


def results_json(results: Results) -> str:
    """Results as JSON, every number in full precision."""
    return _RESULTS.dump_json(results, by_alias=True).decode()


def _short(key: tuple[str, str], text: str | None) -> str | None:
    """What the trail keeps of a document: decisions whole, results as their hash, privacy without its key."""
    if text is not None and key[0] == "privacy":
        return parse_document(Privacy, text, "privacy").without_key()
    return _hashed(text) if key[0] == "results" else text


def _hashed(text: str | None) -> str | None:
    if text is None or text.startswith("sha256:"):
        return text
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _quoting(session: Session, files: list[str]) -> set[tuple[str, str]]:
    """The documents that may quote cells of these files, by kind and id."""
    studies = {("mapping", study.study) for study in session.registry.studies if study.file in files}
    return studies | {("issues", "")} if files else set()


def _audit_hash(previous: str, row: dict[str, Any]) -> str:
    return hashlib.sha256((previous + json.dumps(row, sort_keys=True)).encode()).hexdigest()



def _connect(path: Path, read_only: bool = False) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    # the window saves from a job's thread as well; saves are never concurrent
    connection = sqlite3.connect(uri, uri=True, timeout=5, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA secure_delete = ON")  # what is taken out is not left on free pages
    return connection


def _check_format(path: Path) -> None:
    """Refuse what is not a project, or is one of a newer program, before anything is locked or written."""
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            raise UserError("This is not a Modscope project.", Where(file=path.name),
                            "Open a .modscope file, or add study files to a new project.")
    with contextlib.closing(_connect(path, read_only=True)) as connection:
        try:
            found = connection.execute("SELECT value FROM project WHERE key = 'format'").fetchone()
        except sqlite3.OperationalError:
            found = None
    if found is None:
        raise UserError("This is not a Modscope project.", Where(file=path.name), "Open a .modscope file.")
    if int(found[0]) > FORMAT:
        raise UserError("This project was written by a newer Modscope.", Where(file=path.name),
                        "Install the newest version to open it.")


def _lock_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _take_lock(path: Path) -> sqlite3.Connection | None:
    """Hold the project for writing; None if another process does, or the folder cannot be written.

    An exclusive SQLite transaction on a file beside the project: the system lets go of it when a process dies.
    """
    try:
        lock = sqlite3.connect(_lock_path(path), timeout=0, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            lock.close()
            return None
        return lock
    except sqlite3.Error:
        return None


def _trouble(path: Path, fault: sqlite3.Error) -> UserError:
    words = str(fault)
    if "malformed" in words or "not a database" in words:
        return UserError("The project file is damaged.", Where(file=path.name), "Open a backup copy of it.")
    return UserError(f"The project file cannot be used: {words}.", Where(file=path.name),
                     "Check that the disk has room and that you may write in its folder.")
