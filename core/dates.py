"""Days and times of day in cells. A text is read in one order of day and month, or not at all: nothing is guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core.sources import Cell, raw_text

DateOrder = Literal["dmy", "mdy"]
"""How a text such as 05/03/2018 is meant; texts with the year first or with the month's name do not need it."""

_MONTHS = {name: number for number, names in enumerate((
    "jan january januar janvier enero janeiro gennaio januari",
    "feb february februar fevrier febrero fevereiro febbraio",
    "mar march marz maerz mars marzo marco maart", "apr april avril abril aprile", "may mai mayo maio maggio mei maj",
    "jun june juni juin junio junho giugno", "jul july juli juillet julio julho luglio",
    "aug august aout agosto augustus", "sep sept september septembre septiembre setembro settembre",
    "oct okt october oktober octobre octubre outubro ottobre", "nov november novembre noviembre novembro",
    "dec dez december dezember decembre diciembre dezembro dicembre"), start=1) for name in names.split()}
_CLOCK = r"(?:[T ,:]+(?P<time>\d{1,2}[:.]\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[AP]\.?M\.?)?)\s*(?:h|Z)?)?"
_ISO = re.compile(rf"(?P<y>\d{{4}})[-./](?P<m>\d{{1,2}})[-./](?P<d>\d{{1,2}}){_CLOCK}", re.I)
_NUMBERS = re.compile(rf"(?P<a>\d{{1,2}})[-./](?P<b>\d{{1,2}})[-./](?P<y>\d{{4}}){_CLOCK}", re.I)
_DAY_FIRST = re.compile(rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-./ ]*(?P<m>[^\W\d_]+)\.?[-./ ,]*(?P<y>\d{{4}}){_CLOCK}",
                        re.I)
_MONTH_FIRST = re.compile(rf"(?P<m>[^\W\d_]+)\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_CLOCK}", re.I)
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(?:([ap])\.?m\.?)?\s*h?", re.I)


@dataclass(frozen=True)
class Moments:
    """A column as moments: `at` (n,) datetime64[s] with NaT, and whether each has a time of day."""

    at: np.ndarray = field(repr=False)
    has_time: np.ndarray = field(repr=False)

    @property
    def known(self) -> np.ndarray:
        """Cells that hold a day, boolean (n,)."""
        return ~np.isnat(self.at)


def date_order(cells: Iterable[Cell]) -> DateOrder | None:
    """The order of day and month in a column's texts; None where none of them, or contradicting ones, decide.

    Texts with dots are written by people who put the day first.
    """
    found: set[DateOrder] = set()
    open_texts = False
    for text in {cell.strip() for cell in cells if isinstance(cell, str)}:
        match = _NUMBERS.fullmatch(text)
        if match is None:
            continue
        first, second = int(match["a"]), int(match["b"])
        if first > 12 >= second or re.match(r"\d{1,2}\.\d{1,2}\.", text):
            found.add("dmy")
        elif second > 12 >= first:
            found.add("mdy")
        else:
            open_texts = True
    if len(found) == 1:
        return found.pop()
    return None if found or open_texts else "dmy"  # no such text at all: the order does not matter


def is_date(cell: Cell) -> bool:
    """Whether a cell holds a day, in whatever order."""
    if isinstance(cell, dt.date):
        return True
    text = raw_text(cell)
    return any(_moment(text, order) is not None for order in ("dmy", "mdy"))


def are_dates(cells: Sequence[Cell]) -> bool:
    """Whether every filled cell holds a day, and some do."""
    return _all_filled(cells, is_date)


def are_moments(cells: Sequence[Cell]) -> bool:
    """Whether every filled cell holds a day or a time of day, and some do."""
    return _all_filled(cells, lambda cell: is_date(cell) or isinstance(cell, dt.time) or (
        isinstance(cell, str) and ":" in cell and _TIME.fullmatch(cell.strip()) is not None))


def _all_filled(cells: Sequence[Cell], fits: Callable[[Cell], bool]) -> bool:
    """Whether all cells that hold something fit, and some do; each distinct cell is looked at once."""
    found = False
    for cell in dict.fromkeys(cells):
        if raw_text(cell):
            if not fits(cell):
                return False
            found = True
    return found


def read_moments(cells: Sequence[Cell], order: DateOrder, times: Sequence[Cell] | None = None) -> Moments:
    """Each cell as a moment; `times` are times of day from another column. A midnight is no time of day."""
    at = np.full(len(cells), np.datetime64("NaT"), dtype="datetime64[s]")
    has_time = np.zeros(len(cells), dtype=bool)
    read: dict[tuple[type, Cell, Cell], tuple[np.datetime64, bool]] = {}  # each distinct cell is read once
    for i, cell in enumerate(cells):
        beside = times[i] if times is not None else None
        kind = (cell.__class__, cell, beside)
        if kind not in read:
            read[kind] = _with_time(_moment_of(cell, order), _time_of(beside) if times is not None else None)
        at[i], has_time[i] = read[kind]
    return Moments(at, has_time)


def _with_time(moment: dt.datetime | None, clock: dt.time | None) -> tuple[np.datetime64, bool]:
    """A day with its time of day, and whether it has one."""
    if moment is None:
        return np.datetime64("NaT"), False
    if clock is not None:
        moment = dt.datetime.combine(moment.date(), clock)
    return np.datetime64(moment, "s"), clock is not None or moment.time() != dt.time()


def _moment_of(cell: Cell, order: DateOrder) -> dt.datetime | None:
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None, microsecond=0)
    if isinstance(cell, dt.date):
        return dt.datetime.combine(cell, dt.time())
    return _moment(raw_text(cell), order)


def _moment(text: str, order: DateOrder) -> dt.datetime | None:
    for pattern in (_ISO, _NUMBERS, _DAY_FIRST, _MONTH_FIRST):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        if pattern is _NUMBERS:
            day, month = (parts["a"], parts["b"]) if order == "dmy" else (parts["b"], parts["a"])
        else:
            day, month = parts["d"], parts["m"]
        number = int(month) if month.isdecimal() else _MONTHS.get(_plain(month))
        clock = _time_of(parts["time"]) if parts["time"] else dt.time()
        try:
            return dt.datetime.combine(dt.date(int(parts["y"]), number or 0, int(day)), clock or dt.time())
        except ValueError:
            return None
    return None


def _plain(name: str) -> str:
    return name.casefold().translate(str.maketrans("éèûüäç", "eeuuac"))


def _time_of(cell: Cell) -> dt.time | None:
    """A time of day: a time cell, a fraction of a day, or a text such as 9:30 or 2:15 PM."""
    if isinstance(cell, dt.datetime):
        return cell.time()
    if isinstance(cell, dt.time):
        return cell.replace(tzinfo=None, microsecond=0)
    if isinstance(cell, dt.timedelta) or (isinstance(cell, float) and 0 <= cell < 1):
        seconds = cell.total_seconds() if isinstance(cell, dt.timedelta) else cell * 86_400
        whole = dt.datetime(2000, 1, 1) + dt.timedelta(seconds=round(seconds))
        return whole.time() if 0 <= seconds < 86_400 else None
    match = _TIME.fullmatch(raw_text(cell))
    if match is None:
        return None
    hour, half = int(match[1]), (match[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return dt.time(hour, int(match[2]), int(match[3] or 0))
    except ValueError:
        return None
