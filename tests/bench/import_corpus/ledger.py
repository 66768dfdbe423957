"""A trial as its own ledger: people, the clock of each visit, every item rated, and what a file tells of them.

A second way to invent trials, apart from `trial`: teams write rows as they like and say with `tells` what a reader can
know from them. The truth follows from the ledger by the rules of the method.
"""

from __future__ import annotations

import csv
import datetime as dt
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

from tests.bench.import_corpus.trial import CONVERSION, ELIGIBLE, UNJUDGED, Truth

SEED = 20_26
ITEMS = {"madrs": (6,) * 10, "hrsd17": (4, 4, 4, 2, 2, 2, 4, 4, 4, 4, 4, 2, 2, 2, 4, 2, 2)}
"""Largest rating of each item."""
FOLLOWS = {
    "principal_diagnosis": ("mdd", "bipolar", "ptsd"), "mdd": ("principal_diagnosis", "bipolar"),
    "bipolar": ("principal_diagnosis", "mdd"), "ptsd": ("principal_diagnosis", "any_anxiety"),
    "gad": ("any_anxiety",), "panic": ("any_anxiety",), "social_anxiety": ("any_anxiety",), "ocd": ("any_anxiety",),
    "benzodiazepine": ("any_medication", "n_medications"), "n_medications": ("any_medication", "benzodiazepine"),
    "race_black": ("race_white",), "aud_lifetime": ("sud_lifetime",)}
"""What may, but need not, be concluded from what a file tells: nobody is judged on it."""
Arm = tuple[str, str, float | None]
Rows = list[list[Any]]


class Ledger:
    """`arms`: (name, kind, dose); `plan`: visit -> hours after the infusion; `jitter`: hours a visit may be off."""

    def __init__(self, study: str, arms: Sequence[Arm], plan: Mapping[str, float], *, n: int = 24, ids: str = "{:02d}",
                 scale: str = "madrs", lost: float = 0.06, jitter: float = 0.0, **facts: Any) -> None:
        self.study, self.arms, self.plan, self.n, self.scale = study, arms, dict(plan), n, scale
        self.facts: dict[str, Any] = {"country": "US", "design": "parallel", "control_type": "inert",
                                      "trd_threshold": 2} | facts
        self.rng = np.random.default_rng([SEED, zlib.crc32(study.encode())])
        self.id = [ids.format(i + 1) for i in range(n)]
        self.arm = [arms[i] for i in self.rng.permutation(np.arange(n) % len(arms))]
        self.person = [self._person(i) for i in range(n)]
        self.hours = {visit: [self._actual(hours, jitter) for _ in range(n)] for visit, hours in plan.items()}
        self.items = {visit: [self._rating(i, hours, lost) for i in range(n)] for visit, hours in plan.items()}
        self.told: dict[str, list[Any]] = {}
        self.open: set[str] = set()
        self.open_patients: set[str] = set()

    def _person(self, i: int) -> dict[str, Any]:
        rng = self.rng
        infused = dt.datetime(2018, 3, 5, 9, 30) + dt.timedelta(days=int(rng.integers(0, 500)),
                                                                minutes=int(rng.integers(0, 19)) * 15)
        born = infused.date() - dt.timedelta(days=int(rng.integers(20 * 365, 66 * 365)))
        height, weight = int(rng.integers(152, 196)), int(rng.integers(50, 115))
        chance = rng.random(20)
        age = infused.year - born.year - ((infused.month, infused.day) < (born.month, born.day))
        return {
            "infused": infused, "born": born, "age": age, "height": height, "weight": weight,
            "bmi": round(weight / (height / 100) ** 2, 1), "female": int(chance[0] < .6), "smoker": int(chance[1] < .3),
            "inpatient": int(chance[2] < .3), "married": int(chance[3] < .45), "employed": int(chance[4] < .5),
            "hispanic": int(chance[5] < .2), "race_black": int(chance[6] < .25),
            "race_white": int(chance[6] >= .35), "suicide_attempt": int(chance[7] < .3), "gad": int(chance[8] < .3),
            "ptsd": int(chance[9] < .2), "panic": int(chance[10] < .25), "benzodiazepine": int(chance[11] < .3),
            "aud_lifetime": int(chance[12] < .25), "bipolar": int(chance[13] < .3), "mdd": int(chance[13] >= .3),
            "social_anxiety": int(chance[14] < .2), "ocd": int(chance[15] < .15),
            "systolic_bp": int(rng.integers(100, 160)), "diastolic_bp": int(rng.integers(60, 98)),
            "education_years": int(rng.integers(8, 21)), "failed_trials": int(rng.integers(0, 9)),
            "n_episodes": int(rng.integers(1, 12)), "episode_months": int(rng.integers(2, 90)),
            "age_at_onset": max(8, int(age * rng.uniform(.3, .9)))}

    def _actual(self, hours: float, jitter: float) -> float:
        """Minutes are whole quarters; a visit before the infusion stays before it."""
        off = round(float(self.rng.uniform(-jitter, jitter)) * 4) / 4
        return min(hours + off, -0.25) if jitter and hours <= 0 else hours + off

    def _rating(self, i: int, hours: float, lost: float) -> list[int] | None:
        most = np.array(ITEMS[self.scale])
        gain = 0.0 if hours <= 0 else float(np.clip(
            (0.5 if self.arm[i][1] == "ketamine" else 0.2) + self.rng.normal(0, .2), -.1, .9))
        severity = self.rng.uniform(.4, .8, len(most)) * (1 - gain)
        if hours > 0 and self.rng.random() < lost:
            return None
        return [int(v) for v in np.clip(np.round(most * severity), 0, most)]

    # What goes into the file

    def get(self, key: str, codes: Mapping[Any, Any] | Callable[[Any], Any] | None = None) -> list[Any]:
        """A fact of every patient, coded."""
        values = [person[key] for person in self.person]
        return values if codes is None else [codes(v) if callable(codes) else codes[v] for v in values]

    def tells(self, *keys: str, unsure: bool = False, but: Mapping[str, Sequence[Any]] | None = None) -> None:
        """A reader of the file can know these; `unsure`: or may ask. `but`: values as the file gives them."""
        for key in keys:
            self.told[key] = list(map(float, self.get(key)))
        self.told |= {key: list(values) for key, values in (but or {}).items()}
        if unsure:
            self.open |= set(keys) | set(but or {})

    def total(self, visit: str, missing: Any = "") -> list[Any]:
        return [missing if items is None else sum(items) for items in self.items[visit]]

    def item(self, visit: str, number: int, missing: Any = "") -> list[Any]:
        return [missing if items is None else items[number] for items in self.items[visit]]

    def names(self) -> list[str]:
        return [arm[0] for arm in self.arm]

    def when(self, visit: str) -> list[dt.datetime]:
        """Day and time of a visit."""
        return [person["infused"] + dt.timedelta(hours=hours)
                for person, hours in zip(self.person, self.hours[visit], strict=True)]

    def on_days(self) -> None:
        """The file knows days only: hours become whole days between the dates."""
        for visit in self.plan:
            self.hours[visit] = [24.0 * (at.date() - person["infused"].date()).days
                                 for at, person in zip(self.when(visit), self.person, strict=True)]

    # The truth

    def truth(self) -> Truth:
        frame = pd.DataFrame({"study": self.study, "patient": self.id} | self.told, dtype=object)
        found = [self._scores_of(i) for i in range(self.n)]
        for key in found[0]:
            frame[key] = [one[key] for one in found]
        if self.scale != "madrs":
            table = pd.read_csv(CONVERSION).set_index("hamd")["madrs_mid"]
            for time in ("baseline", "rapid", "post_rapid"):
                frame[f"madrs_{time}"] = frame[f"{self.scale}_{time}"].astype(float).map(table)
        frame["arm"] = [ELIGIBLE.get(kind, UNJUDGED) for _, kind, _ in self.arm]
        frame["dose_mg_kg"] = [dose if kind == "ketamine" and dose else UNJUDGED for _, kind, dose in self.arm]
        followed = frame["madrs_rapid"].notna() | frame["madrs_post_rapid"].notna()
        able = frame["madrs_baseline"].astype(float).gt(0) & followed
        frame["included"] = [float(arm[1] in ELIGIBLE and ok) for arm, ok in zip(self.arm, able, strict=True)]
        frame["baseline_severity"] = frame["madrs_baseline"]
        for key in self.told:
            for other in FOLLOWS.get(key, ()):
                if other not in self.told:
                    frame[other] = UNJUDGED
        frame["crossover"] = float(self.facts["design"] == "crossover")
        frame["psychoactive_placebo"] = float(self.facts["control_type"] == "psychoactive")
        frame["us_site"] = float(self.facts["country"] == "US")
        required = self.facts["trd_threshold"]
        frame["trd_2plus"] = float(required != "unspecified" and required >= 2)
        return Truth(frame, frozenset(self.open), frozenset(self.open_patients))

    def _scores_of(self, i: int) -> dict[str, float]:
        rated = [(self.hours[visit][i], float(sum(items[i]))) for visit, items in self.items.items()
                 if items[i] is not None]
        before = [(hours, score) for hours, score in rated if hours <= 0]
        found = {f"{self.scale}_baseline": max(before, key=lambda one: one[0])[1] if before else np.nan}
        for time, clock, target, low, high, unit in (("rapid", "rapid_hours", 24, 4, 72, 1),
                                                     ("post_rapid", "post_rapid_days", 168, 144, 336, 24)):
            inside = [one for one in rated if low <= one[0] <= high]
            nearest = min(inside, key=lambda one: (abs(one[0] - target), one[0]), default=(np.nan, np.nan))
            found |= {f"{self.scale}_{time}": nearest[1], clock: nearest[0] / unit}
        return found


def table(**columns: Sequence[Any]) -> Rows:
    """Header and rows; `__` in a name stands for a blank."""
    return columns_as_rows({name.replace("__", " "): cells for name, cells in columns.items()})


def columns_as_rows(columns: Mapping[str, Sequence[Any]]) -> Rows:
    """Header and rows of columns by name."""
    return [list(columns), *(list(row) for row in zip(*columns.values(), strict=True))]


def book(ledger: Ledger, folder: Path, sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> Ledger:
    """A workbook; empty text is no cell."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        page = workbook.create_sheet(name)
        for row in rows:
            page.append([None if cell == "" else cell for cell in row])
        page.sheet_state = "hidden" if name in hidden else "visible"
    ledger.facts["file"] = f"{ledger.study}.xlsx"
    workbook.save(folder / ledger.facts["file"])
    return ledger


def text(ledger: Ledger, folder: Path, rows: Rows, *, delimiter: str = ",", decimal: str = ".", suffix: str = ".csv",
         encoding: str = "utf-8") -> Ledger:
    """A delimited file, decimals as the country writes them."""
    ledger.facts["file"] = f"{ledger.study}{suffix}"
    with (folder / ledger.facts["file"]).open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(
            [str(cell).replace(".", decimal) if isinstance(cell, float) else cell for cell in row] for row in rows)
    return ledger
