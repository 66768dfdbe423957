"""A study's file sent again: columns matched anew, what changed told, and the study's rules carried over.

Only that study changes. A column is the same if its name is, or its name but for case and signs; one that merely holds
the same values is suggested with the reason, and what reads it asks until a person agrees.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.errors import Issue, Severity, UserError, Where
from core.mapping import Reading, StudyMapping
from core.plain_text import fold
from core.registry import Registry
from core.rule_columns import columns_of, layout_columns, with_columns_renamed
from core.session import Session
from core.sources import RawColumn, RawTable, SourceFile, raw_text
from core.wording import count

SAME_SHARE = 0.8
"""Of the rows in both files: a column that agrees in fewer is another one."""
FEW_ROWS, MOST_COMPARED = 3, 2000
ASKS = 0.6
Key = tuple[str, ...]


@dataclass(frozen=True)
class RenamedColumn:
    """A column under its names before and now."""

    before: str
    after: str
    reason: str
    is_sure: bool


@dataclass(frozen=True)
class Resent:
    """What a file sent again changes. Rows are told apart by patient, visit and period."""

    study: str
    source: SourceFile = field(repr=False)
    reading: Reading = field(repr=False)
    renamed: tuple[RenamedColumn, ...]
    added: tuple[str, ...]
    gone: tuple[str, ...]
    rows_before: int
    rows_after: int
    rows_added: int
    rows_gone: int
    changed: Mapping[str, int]
    """Column of the new file -> cells that say something else, in rows that both files have; none where all agree."""

    @property
    def is_same(self) -> bool:
        """Whether nothing that is read differs."""
        return not (self.renamed or self.added or self.gone or self.rows_added or self.rows_gone or self.changed)

    @property
    def words(self) -> str:
        """The changes in a sentence."""
        names = ", ".join(f'"{one.before}" is now "{one.after}"' for one in self.renamed)
        parts = [names, *(f"{count(len(columns), 'column')} {what} ({', '.join(columns[:5])})" for columns, what in (
            (self.added, "added"), (self.gone, "gone")) if columns)]
        rows = ((self.rows_added, "added"), (self.rows_gone, "gone"))
        parts += [f"{count(n, 'row')} {what}" for n, what in rows if n]
        cells = sum(self.changed.values())
        parts += [f"{count(cells, 'value')} changed in {count(len(self.changed), 'column')}"] if cells else []
        return "; ".join(filter(None, parts)) or "nothing that is read changed"


def compare_file(session: Session, study: str, source: SourceFile, is_shared: bool = False) -> Resent:
    """What another file for a study would change. Raises UserError if it cannot be read.

    A file under the name of another study's is refused too, unless it `is_shared`: it takes that one's place as well.
    """
    users = [one.study for one in session.registry.studies if one.file == source.name and one.study != study]
    if users and not is_shared and session.sources.get(source.name, source).sha256 != source.sha256:
        raise UserError(f'The study "{users[0]}" has a file of this name.', Where(file=source.name, study=study),
                        "Rename the new file, or choose the study that it belongs to.")
    before = session.table(study)
    mapping = session.mappings[study]
    readings = [mapping.reading, Reading(sheet=session.registry.by_id[study].sheet)]
    trials = []
    for reading in readings if readings[0] != readings[1] else readings[:1]:
        try:
            trials.append((reading, _with_source(session, study, source, reading).table(study)))
        except UserError as fault:
            last = fault
    if not trials:
        raise last
    reading, after = max(trials, key=lambda trial: len(_by_name(before, trial[1])))
    return _compare(study, source, reading, before, after, mapping)


def with_resent(session: Session, resent: Resent, agreed: Collection[str] | None = None,
                before: Session | None = None) -> Session:
    """The session with the new file in the old one's place.

    `agreed` are the old names of renamed columns that a person agreed to; None: those that are sure. What reads another
    renamed column becomes a question. `before` is the session that still has the old file, where this one has not.
    """
    old = before or session
    taken = {one.before for one in resent.renamed if (one.is_sure if agreed is None else one.before in agreed)}
    names = {one.before: one.after for one in resent.renamed if one.before in taken}
    doubtful = {one.before: one for one in resent.renamed if one.before not in taken and not one.is_sure}
    mapping = with_columns_renamed(old.mappings[resent.study], names)
    if agreed is None:
        mapping = _asking(mapping, doubtful)
    moved = _with_source(session, resent.study, resent.source, resent.reading)
    mapping = mapping.model_copy(update={"file": resent.source.name, "reading": resent.reading})
    moved = moved.with_mapping(mapping)
    found = {key: one for key, one in moved.suggested(resent.study)[0].variables.items()
             if key not in mapping.variables and set(columns_of(one.rule)) & set(resent.added)}
    return moved.with_mapping(mapping.model_copy(update={"variables": mapping.variables | found})) if found else moved


def new_questions(before: Session, after: Session, resent: Resent) -> tuple[Issue, ...]:
    """Questions about the study that were not open before, whatever its columns are called now."""
    known = set()
    for issue in before.questions(resent.study):
        text = issue.text
        for one in resent.renamed:
            text = text.replace(f'"{one.before}"', f'"{one.after}"')
        known |= {(issue.code, issue.text), (issue.code, text)}
    return tuple(issue for issue in after.questions(resent.study) if (issue.code, issue.text) not in known)


def told(resent: Resent) -> Issue:
    """The changes as a note about the study's file."""
    return Issue(Severity.NOTE, "file_resent", f"The file was sent again: {resent.words}.",
                 Where(file=resent.source.name, study=resent.study),
                 "Look at the study on the Map page." if resent.renamed or resent.gone else "")


def _with_source(session: Session, study: str, source: SourceFile, reading: Reading) -> Session:
    """The session with a study's file replaced; a file that no study has any more leaves."""
    old = session.registry.by_id[study].file
    studies = tuple(one.model_copy(update={"file": source.name}) if one.study == study else one
                    for one in session.registry.studies)
    used = {name for one in studies for name in (one.file, one.codebook)}
    sources = {name: kept for name, kept in session.sources.items() if name != old or name in used}
    mapping = session.mappings[study].model_copy(update={"reading": reading, "file": source.name})
    moved = replace(session, registry=Registry(studies=studies), sources={**sources, source.name: source})
    return moved.with_mapping(mapping)


def _asking(mapping: StudyMapping, doubtful: Mapping[str, RenamedColumn]) -> StudyMapping:
    """Decisions that read a column that may have been renamed ask; a layout that does keeps its old name and asks."""
    names = {one.before: one.after for one in doubtful.values()}
    asked = with_columns_renamed(StudyMapping(study="", file="", variables=mapping.variables), names).variables
    variables = {}
    for key, decision in mapping.variables.items():
        own = next((doubtful[name] for name in columns_of(decision.rule) if name in doubtful), None)
        variables[key] = decision if own is None else asked[key].model_copy(update={
            "by": "suggested", "at": "", "sureness": ASKS, "reason": _why(own)})
    update: dict[str, object] = {"variables": variables}
    layout = [doubtful[name] for name in layout_columns(mapping) if name in doubtful]
    if layout:
        update |= {"structure_by": "suggested", "structure_sureness": min(mapping.structure_sureness, ASKS),
                   "structure_reason": "; ".join(filter(None, (mapping.structure_reason, *map(_why, layout))))}
    return mapping.model_copy(update=update)


def _why(one: RenamedColumn) -> str:
    return f'"{one.before}" may now be "{one.after}": {one.reason}'


# --- comparing --------------------------------------------------------------------------------------------------------


def _compare(study: str, source: SourceFile, reading: Reading, before: RawTable, after: RawTable,
             mapping: StudyMapping) -> Resent:
    matched = _by_name(before, after)
    shape = mapping.shape
    keys = [name for name in (shape.patient, shape.visit.column if shape.visit else None,
                              shape.period.column if shape.period else None) if name]
    found: dict[str, tuple[str, str]] = {}
    for name in keys:  # rows can be told apart only by columns that are in both
        if name not in matched and name in before.columns_by_name:
            found |= _by_texts(before.columns_by_name[name], after, {*matched.values()})
    known = matched | {old: new for old, (new, _) in found.items()}
    rows = _rows_in_both(before, after, [(name, known[name]) for name in keys if name in known])
    found |= _by_values(before, after, known, rows)
    known |= {old: new for old, (new, _) in found.items()}
    renamed = [RenamedColumn(old, new, "the same name but for case and signs", True)
               for old, new in matched.items() if old != new]
    renamed += [RenamedColumn(old, new, reason, False) for old, (new, reason) in found.items()]
    changed = {new: n for old, new in known.items() if (n := _differing(
        before.columns_by_name[old], after.columns_by_name[new], rows))}
    return Resent(
        study=study, source=source, reading=reading, renamed=tuple(renamed),
        added=tuple(name for name in after.columns_by_name if name not in known.values()),
        gone=tuple(name for name in before.columns_by_name if name not in known), rows_before=len(before.rows),
        rows_after=len(after.rows), rows_added=len(after.rows) - len(rows), rows_gone=len(before.rows) - len(rows),
        changed=changed)


def _by_name(before: RawTable, after: RawTable) -> dict[str, str]:
    """Columns with the same name, then with the same letters and digits where that tells one column."""
    found = {name: name for name in before.columns_by_name if name in after.columns_by_name}
    left = _by_letters(name for name in after.columns_by_name if name not in found)
    own = _by_letters(name for name in before.columns_by_name if name not in found)
    return found | {names[0]: left[letters][0] for letters, names in own.items()
                    if len(names) == 1 and len(left.get(letters, ())) == 1}


def _by_letters(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(re.sub(r"[\W_]+", "", fold(name)) or name, []).append(name)
    return found


def _by_texts(column: RawColumn, after: RawTable, taken: Collection[str]) -> dict[str, tuple[str, str]]:
    """The column with the same texts, whatever the rows."""
    own = set(column.counts)
    shares = {other.name: len(own & set(other.counts)) / max(len(own), 1)
              for other in after.columns if other.name not in taken}
    best = max(shares, key=lambda name: shares[name], default="")
    if not best or shares[best] < SAME_SHARE:
        return {}
    return {column.name: (best, f"it holds {100 * shares[best]:.0f} % of the same texts")}


def _rows_in_both(before: RawTable, after: RawTable, keys: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """Pairs of rows of one patient, visit and period; without such columns rows in their order."""
    if not keys:
        n = min(len(before.rows), len(after.rows))
        return list(zip(range(n), range(n), strict=True))
    places = {key: i for i, key in enumerate(_keys(after, [new for _, new in keys]))}
    return [(i, places[key]) for i, key in enumerate(_keys(before, [old for old, _ in keys])) if key in places]


def _keys(table: RawTable, columns: list[str]) -> list[Key]:
    """What tells each row apart; rows that nothing does are numbered."""
    seen: dict[Key, int] = {}
    found = []
    for texts in zip(*(map(raw_text, table.columns_by_name[name].cells) for name in columns), strict=True):
        seen[texts] = seen.get(texts, 0) + 1
        found.append((*texts, str(seen[texts])))
    return found


def _by_values(before: RawTable, after: RawTable, known: Mapping[str, str],
               rows: list[tuple[int, int]]) -> dict[str, tuple[str, str]]:
    """Columns of other names that agree in the rows of both files, the best first; each column once."""
    if len(rows) < FEW_ROWS:
        return {}
    rows = rows[::max(1, len(rows) // MOST_COMPARED)]
    taken, scored = set(known.values()), []
    for place, column in enumerate(before.columns):
        if column.name in known or len(column.counts) < 2:
            continue
        for other_place, other in enumerate(after.columns):
            share = _agreement(column, other, rows) if other.name not in taken else 0.0
            if share >= SAME_SHARE:
                scored.append((share, -abs(place - other_place), column.name, other.name))
    found: dict[str, tuple[str, str]] = {}
    for share, _, old, new in sorted(scored, key=lambda one: one[:2], reverse=True):
        if old not in found and new not in taken:
            taken.add(new)
            found[old] = (new, f"{100 * share:.0f} % of {len(rows)} rows hold the same values")
    return found


def _agreement(column: RawColumn, other: RawColumn, rows: list[tuple[int, int]]) -> float:
    pairs = [(raw_text(column.cells[i]), raw_text(other.cells[j])) for i, j in rows]
    filled = [(a, b) for a, b in pairs if a or b]
    return sum(a == b for a, b in filled) / len(filled) if filled else 0.0


def _differing(column: RawColumn, other: RawColumn, rows: list[tuple[int, int]]) -> int:
    pairs = ((column.cells[i], other.cells[j]) for i, j in rows)
    return sum(a != b and raw_text(a) != raw_text(b) for a, b in pairs)
