"""Files of statistical packages: SPSS (sav, zsav, por), Stata (dta) and SAS (sas7bdat, xpt).

Values stay as stored; variable and value labels go along. Values the file itself declares missing become empty, and
are told with their counts.
"""

from __future__ import annotations

import datetime as dt
import math
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from core.errors import Issue, Severity, UserError, Where
from core.progress import Progress
from core.sources import Cell, Grid, SourceFile, raw_text

_SAS7BDAT = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c")
_OLD_STATA_VERSIONS = frozenset({104, 105, 108, 110, 111, 112, 113, 114, 115})


def statistical_format(content: bytes) -> str | None:
    """The pyreadstat reader for these bytes (`sav`, `por`, `dta`, `sas7bdat`, `xport`), None for other files."""
    if content.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if b"SPSS PORT FILE" in content[:600]:
        return "por"
    if content.startswith(b"<stata_dta>") or _is_old_stata(content):
        return "dta"
    if content.startswith(_SAS7BDAT):
        return "sas7bdat"
    return "xport" if content.startswith(b"HEADER RECORD*******LIB") else None


def _is_old_stata(content: bytes) -> bool:
    """Version, byte order (1 or 2), file type 1, a zero: no text file begins so."""
    return (len(content) > 10 and content[0] in _OLD_STATA_VERSIONS and content[1] in (1, 2)
            and content[2] == 1 and content[3] == 0)


def is_statistical(content: bytes) -> bool:
    """Whether the bytes are a file of SPSS, Stata or SAS."""
    return statistical_format(content) is not None


def read_statistical(source: SourceFile, progress: Progress) -> tuple[Grid, ...]:
    """The one grid of the file; its first row holds the variable names.

    Raises UserError where the file is damaged or of a version that cannot be read.
    """
    where = Where(file=source.name)
    progress(0.0, f"Reading {source.name}")
    frame, meta, encoding = _load(source, where)
    names = list(frame)
    columns, issues = [], []
    for i, name in enumerate(names):
        progress(i / max(len(names), 1), f"Reading {source.name}")
        cells, missing = _cells(list(frame[name]), _declared_missing(meta, name))
        columns.append(cells)
        if missing:
            issues.append(_missing_issue(name, missing, where))
    if encoding:
        issues.append(Issue(Severity.NOTE, "encoding_guessed", f"The file does not say how its letters are encoded; "
                            f"{encoding} was assumed.", where))
    labels = {i: str(label) for i, label in enumerate(meta.column_labels) if label}
    value_labels = {i: {raw_text(_plain(code)): str(label) for code, label in meta.variable_value_labels[name].items()}
                    for i, name in enumerate(names) if name in meta.variable_value_labels}
    rows = (tuple(names), *zip(*columns, strict=True)) if names else ()
    return (Grid(source.name, None, rows, first_row=0, column_labels=labels, value_labels=value_labels,
                 issues=tuple(issues)),)


def _load(source: SourceFile, where: Where) -> tuple[dict[str, Any], Any, str | None]:
    """Columns by name, pyreadstat's metadata, and the encoding if it had to be assumed."""
    import pyreadstat

    kind = statistical_format(source.content)
    read = getattr(pyreadstat, f"read_{kind}")
    options: dict[str, Any] = {"output_format": "dict"}
    if kind in ("sav", "dta", "sas7bdat"):
        options["user_missing"] = True
    with tempfile.TemporaryDirectory(prefix="modscope") as folder:  # pyreadstat reads from paths only
        path = Path(folder) / f"source.{kind}"
        path.write_bytes(source.content)
        try:
            return *_quietly(read, path, options), None
        except UnicodeDecodeError:
            pass
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as fault:
            if "encod" not in str(fault).lower() and "convert" not in str(fault).lower():
                raise _unreadable(where, fault) from None
        except (ValueError, OSError, MemoryError) as fault:
            raise _unreadable(where, fault) from None
        try:
            return *_quietly(read, path, options | {"encoding": "cp1252"}), "cp1252"
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OSError) as fault:
            raise _unreadable(where, fault) from None


def _quietly(read: Any, path: Path, options: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame, meta = read(str(path), **options)
    return frame, meta


def _unreadable(where: Where, fault: BaseException) -> UserError:
    return UserError(f"The file is damaged or of a version that cannot be read ({fault}).", where,
                     "Open it in its own program and save it anew, or as CSV.")


def _declared_missing(meta: Any, name: str) -> list[tuple[Any, Any]]:
    """Ranges (low, high) of the values the file declares missing for a variable."""
    ranges = [(part["lo"], part["hi"]) for part in meta.missing_ranges.get(name, ())]
    return ranges + [(code, code) for code in meta.missing_user_values.get(name, ())]


def _cells(values: list[Any], declared: list[tuple[Any, Any]]) -> tuple[list[Cell], Counter[str]]:
    """Cells with empty, NaN and declared missing ones as None, and how often each declared value stood there."""
    cells: list[Cell] = []
    missing: Counter[str] = Counter()
    for value in values:
        cell = _plain(value)
        if cell is not None and any(_within(cell, low, high) for low, high in declared):
            missing[raw_text(cell)] += 1
            cell = None
        cells.append(cell)
    return cells, missing


def _within(value: Any, low: Any, high: Any) -> bool:
    try:
        return bool(low <= value <= high)
    except TypeError:
        return bool(value == low)


def _plain(value: Any) -> Cell:
    """A Python cell from a numpy or pandas scalar; NaN, NaT and "" are None."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (str, bool, int, float, dt.datetime, dt.date, dt.time, dt.timedelta)):
        return value
    return str(value)


def _missing_issue(name: str, missing: Counter[str], where: Where) -> Issue:
    counts = ", ".join(f"{value} ({n:,} times)" for value, n in missing.most_common(5))
    return Issue(Severity.NOTE, "declared_missing", f"The file declares these values missing, and they were read so: "
                 f"{counts}.", Where(file=where.file, column=name))
