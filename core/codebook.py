"""Codebooks: a sheet beside the data that says what its columns and codes mean.

Read are sheets with a row a variable (name, description, codes as "0 = no; 1 = yes"), with a row a code, data
dictionaries as REDCap exports them, and plain lists of codes ("V1" - "Baseline"), which hold for parts of names too.
What the data's own file says of a column (value labels, names above it) stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import Issue, Severity, Where
from core.header_rows import is_blank
from core.plain_text import plain
from core.sources import Cell, Grid, RawColumn, RawTable, raw_text
from core.suggest.words import UNIT_WORDS
from core.told_codes import with_told_arms

_HEADER_ROWS = 10
_THING = r"variables?|variablen?|variabele?n?|variavel|variabile?|fields?|columns?|items?|spalten?|merkmale?|" \
         r"felde?r?|champs?|colonnes?|campos?|columnas?|colunas?|colonn[ae]|kolumn|kolonne|kolom|veld|zmienna|degisken"
_NAME = re.compile(rf"(?:{_THING}|nom|nombre|naam|nome|namn|navn)?[\s_/]*(?:de la |du |de |del |della |do )?"
                   rf"(?:{_THING})?[\s_]*(?:name|names|id|code)?", re.I)
_NAME_WORDS = re.compile(rf"{_THING}|name|naam|nom|namn|navn", re.I)
_CODES = re.compile(r"(?:value|response|answer|permitted|allowed|possible)?[\s_]*(?:codes?|codings?|code list|values?|"
                    r"levels?|choices?|options?|categor(?:y|ies)|value labels?|labels? of values|formats?|kodierung|"
                    r"codierung|auspragung(?:en)?|werte?|wertelabels?|codages?|modalites?|valeurs?|codigos?|"
                    r"codificacion|valores?|categorias?|codificacao|codifica|codici|valori|modalita|codering|waarden|"
                    r"koder?|kodning|varden|vaerdier|verdier|kody|wartosci|kodlar|"
                    r"degerler)|choices, calculations, or slider labels", re.I)
_LABEL = re.compile(r"(?:variable|field|value|code|column)?[\s_]*(?:labels?|descriptions?|meanings?|definitions?|"
                    r"texts?|explanations?|decodes?|"
                    r"questions?|bedeutung|beschreibung|bezeichnung|libelles?|intitule|signification|descripcion|"
                    r"etiqueta|significado|descricao|rotulo|descrizione|etichetta|significato|omschrijving|betekenis|"
                    r"beskrivning|beskrivelse|betydelse|opis|znaczenie|aciklama)", re.I)
_UNITS = frozenset(word for words in UNIT_WORDS.values() for word in words.split() if len(word) > 1) | {
    "années", "años", "cm", "kg", "in", "lb", "lbs"}
_STATEMENT = re.compile(r"(?<![\w.])([-−]?\w+)\s*=\s*")
_LISTED = re.compile(r"\s*([-−]?\d+|[A-Za-z])\s*(?:[,:.)\-–]|\s)\s*[\"']?(.+?)[\"']?\s*")
_SHORT_CODE = re.compile(r"[^\W_]{1,8}(?:[ \-_.][^\W_]{1,4})?")
_BOX = re.compile(r"(.+)___(_?\w+)")
"""A box to check, as REDCap names it: the question's name and the box's code."""
_TOLD = re.compile(r"(?:^|[;,(|/\n]\s*|\.\s+)([A-Za-z]{1,5}[ _-]?\d{1,2})\s*[:=]\s*([^;=:|\n]*?[^\W\d_][^;=:|\n]*?)"
                   r"(?=\s*(?:$|[;|\n)]|\.(?!\d)|[,/]\s*[A-Za-z]{1,5}[ _-]?\d{1,2}\s*[:=]))")
"""A code and its meaning in a sentence."""
_TAG = re.compile(r"<[^>]*>")
MOST_KEYS = 40
"""Pairs beyond which a sheet of two columns is data rather than a key."""
MOST_LINES = 60
"""Rows of a sheet of notes, beyond which it is data."""
_NEXT_CODE = re.compile(r"\s*(?:\||\n|;)\s*|\s*[,/]\s*(?=[-−]?\d+\s*[:.)\-–])")


@dataclass(frozen=True)
class Entry:
    """What a codebook says of one column: a description, and raw code -> meaning."""

    label: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)


def with_codebook(table: RawTable, grids: Sequence[Grid]) -> RawTable:
    """The table with labels and value labels from codebook sheets of its file, and a note that they were used."""
    for grid in grids:
        own = (grid.file, grid.sheet) == (table.file, table.sheet)
        lines = [table.title, table.notes] if own else _lines(grid)
        entries = {} if own else read_codebook(grid) or _entries_of(lines, table.columns)
        keys = _keys_told(lines) if own else read_keys(_beside(grid, entries) if entries else grid)
        columns = with_told_arms([_explained(_described(column, entries), keys) for column in table.columns], lines)
        n = sum(new is not old for new, old in zip(columns, table.columns, strict=True))
        if n:
            name = f'sheet "{grid.sheet}"' if grid.sheet else f'file "{grid.file}"'
            text = (f'The {name} says what {n} {"column means" if n == 1 else "columns mean"}; its '
                    "descriptions and codes were used.")
            note = Issue(Severity.NOTE, "codebook_used", text, Where(file=grid.file, sheet=grid.sheet),
                         "Check it if a code seems to be read wrongly.")
            table = replace(table, columns=columns, issues=(*table.issues, note))
    return table


def _beside(grid: Grid, entries: Mapping[str, Entry]) -> Grid:
    """A sheet of notes without the rows that speak of a column."""
    return replace(grid, rows=tuple(row for row in grid.rows if row and _key(raw_text(row[0])) not in entries))


def _lines(grid: Grid) -> list[str]:
    """The rows of a sheet of notes, cells behind each other with a colon between; [] of a sheet that is a table."""
    rows = [[raw_text(cell) for cell in row if not is_blank(cell)] for row in grid.rows[:MOST_LINES + 1]]
    rows = [row for row in rows if row]
    if len(grid.rows) > MOST_LINES or any(len(row) > 3 for row in rows):
        return []
    return [": ".join(row) for row in rows]


def _entries_of(lines: Sequence[str], columns: Sequence[RawColumn]) -> dict[str, Entry]:
    """What lines that begin with a column's name say of its codes: "Sex: 1 = male, 2 = female"."""
    names = {_key(column.name) for column in columns}
    told = [(_key(name), code_meanings(said.replace(", ", "; "))) for name, _, said in (
        line.partition(":") for line in lines)]
    return {name: Entry(codes=codes) for name, codes in told if name in names and len(codes) > 1}


def _keys_told(texts: Sequence[str]) -> dict[str, str]:
    """Codes of letters and digits that sentences explain: "T0: before infusion; T1: 1 day after"."""
    found = [pair for text in texts for pair in _TOLD.findall(text)]
    folded = {code.casefold() for code, _ in found}
    return {code: meaning.strip() for code, meaning in found} if 1 < len(folded) == len(found) else {}


def read_codebook(grid: Grid) -> dict[str, Entry]:
    """What a sheet says of each column, by its name without case and signs; empty if the sheet is no codebook.

    A name that stands for two columns with differing entries is left out.
    """
    found = next(((i, roles) for i, row in enumerate(grid.rows[:_HEADER_ROWS]) if (roles := _roles(row))), None)
    if found is None:
        return {}
    start, roles = found
    read: dict[str, list[Entry]] = {}
    name, stood = "", ""
    for row in grid.rows[start + 1:]:
        name = _text(row, roles.name) or name
        key, entry = _key(name), _entry(row, roles)
        before = read[key][-1] if key in read and key == stood else None
        if before and (entry.codes or not _text(row, roles.name)) and entry.label in ("", before.label):
            read[key][-1] = Entry(before.label, {**before.codes, **entry.codes})
        else:
            read.setdefault(key, []).append(entry)
        stood = key
    return {key: entries[0] for key, entries in read.items() if key and all(one == entries[0] for one in entries)}


def read_keys(grid: Grid) -> dict[str, str]:
    """Short codes and their meanings, where a sheet is a list of such pairs: {"V1": "Baseline", "KET": "ketamine"}.

    Only codes with a letter in them: a bare number may be a code of any column. Empty for any other sheet.
    """
    rows = [_as_pair([raw_text(cell) for cell in row if not is_blank(cell)]) for row in grid.rows]
    pairs = [(row[0], row[1]) for row in rows if len(row) == 2]
    if not 2 <= len(pairs) <= MOST_KEYS or len(pairs) < sum(len(row) > 1 for row in rows):
        return {}
    short = [(code, meaning) for code, meaning in pairs
             if _SHORT_CODE.fullmatch(code) and re.search(r"[^\W\d_]", meaning)]
    codes = [code.casefold() for code, _ in short]
    if len(short) < max(2, len(pairs) - 1) or len(set(codes)) < len(codes):  # one pair may be the header
        return {}
    lettered = {code: meaning for code, meaning in short if re.search(r"[^\W\d_]", code)}
    return lettered if len(lettered) > 1 else {}


def _as_pair(row: list[str]) -> list[str]:
    """The row; code and meaning where one cell holds both ("T1 = baseline")."""
    told = re.fullmatch(r"\s*([^=:]+?)\s*[=:]\s*([^=]+?)\s*", row[0]) if len(row) == 1 else None
    return [told[1], told[2]] if told else row


def _explained(column: RawColumn, keys: Mapping[str, str]) -> RawColumn:
    """The column with a label for the one code in its name, and labels for cells that are all codes."""
    if not keys:
        return column
    folded = {code.casefold(): meaning for code, meaning in keys.items()}
    parts = re.split(r"([^\W_]+)", column.name)
    named = [i for i, part in enumerate(parts) if part.casefold() in folded and re.search(r"\d", part)]
    if len(named) == 1 and not column.label:
        parts[named[0]] = f" {folded[parts[named[0]].casefold()]} "
        column = replace(column, label=" ".join("".join(parts).replace("_", " ").split()))
    codes = {text: folded[text.casefold()] for text in column.counts if text.casefold() in folded}
    if not column.value_labels and len(codes) == len(column.counts) >= 2:
        column = replace(column, value_labels=codes)
    return column


def code_meanings(text: str) -> dict[str, str]:
    """Codes with their meanings in one text: "0 = no; 1 = yes", "1, Male | 2, Female", "1: low, 2: high"."""
    marks = list(_STATEMENT.finditer(text))
    if marks:
        ends = [*(mark.start() for mark in marks[1:]), len(text)]
        pairs = [(mark.group(1), re.split(r"[;|\n]", text[mark.end():end])[0])
                 for mark, end in zip(marks, ends, strict=True)]
    else:
        listed = [_LISTED.fullmatch(part) for part in _NEXT_CODE.split(text) if part.strip()]
        if len(listed) < 2 or None in listed:
            return {}
        pairs = [(part.group(1), part.group(2)) for part in listed if part]
    return {code.replace("−", "-"): meaning for code, raw in pairs if (meaning := raw.strip(" ,/;.\"'"))}


@dataclass(frozen=True)
class _Roles:
    """Which columns of a codebook hold names, descriptions of variables, codes, and meanings of single codes."""

    name: int
    label: int | None
    codes: int | None
    meaning: int | None


def _roles(row: Sequence[Cell]) -> _Roles | None:
    """The roles of a header's columns, None if the row is no codebook's header."""
    texts = [" ".join(re.sub(r"[()\[\].?]", " ", plain(raw_text(cell))).split()) for cell in row]
    names = [i for i, text in enumerate(texts) if _NAME_WORDS.search(text) and _NAME.fullmatch(text)]
    if not names:
        return None
    others = [i for i in range(len(texts)) if i != names[0] and texts[i]]
    codes = next((i for i in others if _CODES.fullmatch(texts[i])), None)
    labels = [i for i in others if i != codes and _LABEL.fullmatch(texts[i])]
    if codes is None and not labels:
        return None
    meaning = next((i for i in labels if codes is not None and i > codes), None)
    label = next((i for i in labels if i != meaning), None)
    return _Roles(names[0], label, codes, meaning)


def _entry(row: Sequence[Cell], roles: _Roles) -> Entry:
    code, meaning, label = (_text(row, at) for at in (roles.codes, roles.meaning, roles.label))
    if not code:
        return Entry(label or meaning)
    if not meaning and code.casefold() in _UNITS:  # a unit where others have codes
        return Entry(f"{label} ({code})")
    several = code_meanings(code)
    if several:
        return Entry(label or meaning, several)
    return Entry(label, {code: meaning} if meaning else {})


def _text(row: Sequence[Cell], at: int | None) -> str:
    if at is None or at >= len(row) or is_blank(row[at]):
        return ""
    text = raw_text(row[at])
    return " ".join(_TAG.sub(" ", text).split()) if _TAG.search(text) else text


def _key(name: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", name.casefold()).split())


def _box_entry(name: str, entries: Mapping[str, Entry]) -> Entry | None:
    """What a codebook says of one box of a question with several, which is named by its code: `race___2`."""
    box = _BOX.fullmatch(name)
    entry = entries.get(_key(box[1])) if box else None
    meaning = entry.codes.get(box[2].replace("_", "-")) if entry and box else None
    return Entry(f"{entry.label} (choice={meaning})") if entry and meaning else None


def share_named(entries: Mapping[str, Entry], columns: Sequence[RawColumn]) -> float:
    """The share of a codebook's entries that speak of a column of a table."""
    names = {_key(column.name) for column in columns}
    names |= {_key(box[1]) for column in columns if (box := _BOX.fullmatch(column.name))}
    return len(entries.keys() & names) / len(entries) if entries else 0.0


def _described(column: RawColumn, entries: Mapping[str, Entry]) -> RawColumn:
    """The column with what the codebook adds; itself if that is nothing."""
    own = column.name.removeprefix(f"{column.label} ") if column.label else column.name
    entry = next((entries[key] for name in (column.name, own) if (key := _key(name)) in entries), None)
    entry = entry or _box_entry(column.name, entries)
    if entry is None:
        return column
    label = column.label or ("" if _key(entry.label) == _key(column.name) else entry.label)
    labels = column.value_labels or dict(entry.codes)
    if (label, dict(labels)) == (column.label, dict(column.value_labels)):
        return column
    return replace(column, label=label, value_labels=labels)
