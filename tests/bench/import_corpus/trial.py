"""One invented trial: who took part, what was measured when, the table a team would send, and the truth about it.

Nothing here knows the program that reads the files: truth follows from what was drawn, by the rules of the method.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SEED = 4711
UNJUDGED = "?"
"""Truth of a cell on which sane readers differ: whatever is given there is not counted."""
CONVERSION = Path(__file__).parents[3] / "resources" / "scales" / "leucht2018_hrsd17_to_madrs.csv"
ELIGIBLE = {"ketamine": 1.0, "control": 0.0}
YES_NO_SHARE = {
    "inpatient": 0.3, "any_anxiety": 0.5, "gad": 0.3, "social_anxiety": 0.2, "ocd": 0.15, "panic": 0.25,
    "agoraphobia": 0.2, "sud_lifetime": 0.3, "aud_lifetime": 0.3, "eating_disorder": 0.15, "dysthymia": 0.2,
    "chronic_pain": 0.3, "adhd": 0.2, "specific_phobia": 0.2, "personality_disorder": 0.2, "smoker": 0.3,
    "married": 0.4, "hispanic": 0.2, "employed": 0.5, "failed_ect": 0.2, "suicide_attempt": 0.3,
    "family_history_alcohol": 0.3, "benzodiazepine": 0.3, "female": 0.6,
}
"""Share of patients in whom a yes-or-no fact is true."""


@dataclass(frozen=True)
class Arm:
    """An arm as its file spells it, and what it is: ketamine, control, other_dose or other_drug."""

    text: Any
    kind: str
    dose: float | None = None


KETAMINE = "ketamine"
CONTROL = "control"


@dataclass(frozen=True)
class Truth:
    """What a file says about its patients. Empty cells of `may_ask` columns or patients are no shortcoming."""

    patients: pd.DataFrame
    may_ask: frozenset[str]
    patients_may_ask: frozenset[str]


@dataclass
class Trial:
    """A trial under construction: `put` a fact into the file and it becomes part of the truth."""

    study: str
    arms: Sequence[Arm]
    hours: Sequence[float] = (0, 24, 168)
    n: int = 24
    ids: str = "{}"
    scales: Sequence[str] = ("madrs",)
    facts: dict[str, Any] = field(default_factory=dict)
    diagnoses: Mapping[str, float] = field(default_factory=lambda: {"MDD": 1.0})
    missed: float = 0.05

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng([SEED, zlib.crc32(self.study.encode())])
        self.table: dict[str, list[Any]] = {}
        self.keys: dict[str, np.ndarray] = {}
        self.may_ask: set[str] = set()
        self.patients_may_ask: set[str] = set()
        self.knows_dose = True
        numbers = range(1, self.n + 1)
        self.patient = [self.ids.format(i) for i in numbers]
        self.arm = [self.arms[i] for i in self.rng.permutation(np.arange(self.n) % len(self.arms))]
        self.facts_of_patients = self._draw_patients()
        self.scores = {scale: self._draw_scores(scale) for scale in self.scales}

    def _draw_patients(self) -> dict[str, np.ndarray]:
        rng, n = self.rng, self.n
        age = rng.integers(19, 66, n).astype(float)
        height = rng.integers(152, 196, n).astype(float)
        weight = rng.integers(50, 115, n).astype(float)
        drawn: dict[str, np.ndarray] = {key: (rng.random(n) < p).astype(float) for key, p in YES_NO_SHARE.items()}
        diagnosis = rng.choice(list(self.diagnoses), n, p=list(self.diagnoses.values()))
        black = rng.random(n) < 0.25
        drawn |= {
            "age": age, "height": height, "weight": weight, "bmi": np.round(weight / (height / 100) ** 2, 1),
            "principal_diagnosis": diagnosis.astype(object), "race_black": black.astype(float),
            "mdd": (diagnosis == "MDD") | (diagnosis == "PTSD") & (rng.random(n) < 0.5),
            "bipolar": diagnosis == "bipolar", "ptsd": (diagnosis == "PTSD") | (rng.random(n) < 0.15),
            "race_white": (~black & (rng.random(n) < 0.8)).astype(float),
            "systolic_bp": rng.integers(100, 160, n).astype(float),
            "diastolic_bp": rng.integers(60, 98, n).astype(float),
            "education_years": rng.integers(8, 21, n).astype(float),
            "failed_trials": rng.integers(0, 9, n).astype(float), "n_episodes": rng.integers(1, 12, n).astype(float),
            "age_at_onset": np.round(age * rng.uniform(0.4, 0.9, n)),
            "episode_months": rng.integers(1, 120, n).astype(float),
        }
        drawn["n_medications"] = np.where(drawn["benzodiazepine"] == 1, 1, 0) + rng.integers(0, 4, n).astype(float)
        drawn["any_medication"] = (drawn["n_medications"] > 0).astype(float)
        for key in ("mdd", "bipolar", "ptsd"):
            drawn[key] = drawn[key].astype(float)
        return drawn

    def _draw_scores(self, scale: str) -> np.ndarray:
        """Whole scores, patients x visits; some follow-ups were missed, in all scales at once."""
        low, high = {"madrs": (22, 44), "hrsd17": (16, 30)}[scale]
        baseline = self.rng.integers(low, high, self.n)[:, None].astype(float)
        gain = np.array([0.5 if arm.kind == KETAMINE else 0.2 for arm in self.arm])[:, None]
        hours = np.array(self.hours, dtype=float)[None, :]
        share = np.clip(gain + self.rng.normal(0, 0.2, (self.n, len(self.hours))), -0.2, 0.95)
        jitter = self.rng.integers(-2, 3, (self.n, len(self.hours)))
        scores = np.where(hours <= 0, baseline + jitter, np.round(baseline * (1 - share)))
        if not hasattr(self, "_missed"):
            self._missed = (self.rng.random(scores.shape) < self.missed) & (hours > 0)
        return np.where(self._missed, np.nan, scores)

    # What goes into the file

    def fact(self, key: str) -> np.ndarray:
        return self.facts_of_patients[key]

    def add(self, column: str, cells: Sequence[Any]) -> None:
        """A column of no interest, or one whose truth is stated otherwise."""
        self.table[column] = list(cells)

    def put(self, column: str, key: str, codes: Mapping[Any, Any] | None = None, *, missing: Any = "",
            gap: float = 0.0, ask: bool = False) -> None:
        """A fact as a column: coded by `codes`, unknown for a share `gap`, `ask` where nobody could be sure."""
        values = self.fact(key).copy()
        values[self.rng.random(self.n) < gap] = np.nan if values.dtype != object else None
        self.table[column] = [missing if pd.isna(v) else codes[v] if codes else number(v) for v in values]
        self.know(key, values)
        if ask:
            self.may_ask.add(key)

    def know(self, key: str, values: np.ndarray) -> None:
        """Truth that `add`ed columns hold."""
        self.keys[key] = values

    def put_id(self, column: str = "ID") -> None:
        self.table[column] = list(self.patient)

    def put_arm(self, column: str, codes: Mapping[Any, Any] | None = None) -> None:
        self.table[column] = [codes[arm.text] if codes else arm.text for arm in self.arm]

    def wide(self, scale: str, columns: Mapping[float, str], missing: Any = "") -> None:
        """A column of scores for each visit, by hours."""
        for hour, column in columns.items():
            self.table[column] = self.cells(scale, hour, missing)

    def cells(self, scale: str, hour: float, missing: Any = "") -> list[Any]:
        return [number(v, missing) for v in self.scores[scale][:, list(self.hours).index(hour)]]

    def long(self, visit: str, labels: Mapping[float, Any], scores: Mapping[str, str], *, missing: Any = "",
             facts_once: bool = False, skip_missed: bool = False) -> None:
        """A row a patient and visit; `facts_once`: other columns are filled in the first row of a patient only."""
        rows: list[dict[str, Any]] = []
        for i in range(self.n):
            for order, (hour, label) in enumerate(labels.items()):
                taken = {column: self.cells(scale, hour, missing)[i] for column, scale in scores.items()}
                if skip_missed and all(v == missing for v in taken.values()):
                    continue
                first = next(iter(self.table))
                own = {c: v[i] if c == first or order == 0 or not facts_once else "" for c, v in self.table.items()}
                rows.append(own | {visit: label} | taken)
        self.table = {column: [row[column] for row in rows] for column in rows[0]}

    # The truth

    def truth(self) -> Truth:
        known = {key: list(values) for key, values in self.keys.items() if key not in ("weight", "height")}
        frame = pd.DataFrame({"study": self.study, "patient": self.patient} | known, dtype=object)
        for scale in self.scales:
            for name, values in self._by_window(scale).items():
                frame[name] = values
        if "madrs" not in self.scales:
            table = pd.read_csv(CONVERSION).set_index("hamd")["madrs_mid"]
            for time in ("baseline", "rapid", "post_rapid"):
                frame[f"madrs_{time}"] = frame[f"hrsd17_{time}"].astype(float).map(table)
        kinds = [arm.kind for arm in self.arm]
        frame["arm"] = [ELIGIBLE.get(kind, UNJUDGED) for kind in kinds]
        frame["dose_mg_kg"] = [arm.dose if arm.kind == KETAMINE and self.knows_dose else UNJUDGED for arm in self.arm]
        usable = frame["madrs_baseline"].astype(float).gt(0) & (
            frame["madrs_rapid"].notna() | frame["madrs_post_rapid"].notna())
        frame["included"] = [float(kind in ELIGIBLE and ok) for kind, ok in zip(kinds, usable, strict=True)]
        frame["baseline_severity"] = frame["madrs_baseline"]
        self._derive(frame)
        self._study_facts(frame)
        return Truth(frame, frozenset(self.may_ask), frozenset(self.patients_may_ask))

    def _by_window(self, scale: str) -> dict[str, list[float]]:
        hours = np.array(self.hours, dtype=float)
        found: dict[str, list[float]] = {f"{scale}_{t}": [] for t in ("baseline", "rapid", "post_rapid")}
        found |= {"rapid_hours": [], "post_rapid_days": []}
        for row in self.scores[scale]:
            known = ~np.isnan(row)
            before = np.flatnonzero(known & (hours <= 0))
            found[f"{scale}_baseline"].append(row[before[-1]] if len(before) else np.nan)
            for time, clock, target, low, high, unit in (("rapid", "rapid_hours", 24, 4, 72, 1),
                                                         ("post_rapid", "post_rapid_days", 168, 144, 336, 24)):
                inside = np.flatnonzero(known & (hours >= low) & (hours <= high))
                nearest = inside[np.argmin(np.abs(hours[inside] - target))] if len(inside) else None
                found[f"{scale}_{time}"].append(np.nan if nearest is None else row[nearest])
                found[clock].append(np.nan if nearest is None else hours[nearest] / unit)
        return found

    def _derive(self, frame: pd.DataFrame) -> None:
        """What follows from what the file says; on what only may follow, nobody is judged."""
        if "principal_diagnosis" in self.keys:
            principal = self.keys["principal_diagnosis"]
            for key, no in (("mdd", "bipolar"), ("bipolar", "MDD"), ("ptsd", None)):
                if key not in self.keys:
                    own = {"mdd": "MDD", "bipolar": "bipolar", "ptsd": "PTSD"}[key]
                    frame[key] = [1.0 if d == own else 0.0 if d == no else UNJUDGED for d in principal]
        elif {"mdd", "bipolar"} & set(self.keys):
            frame["principal_diagnosis"] = UNJUDGED
            for key in {"mdd", "bipolar", "ptsd"} - set(self.keys):
                frame[key] = UNJUDGED
        for key, source in (("any_medication", "n_medications"), ("any_medication", "benzodiazepine"),
                            ("benzodiazepine", "n_medications"), ("any_anxiety", "gad"), ("any_anxiety", "panic"),
                            ("n_medications", "any_medication"), ("benzodiazepine", "any_medication"),
                            ("race_white", "race_black"), ("sud_lifetime", "aud_lifetime"), ("trd_2plus", "trd_2plus")):
            if source in self.keys and key not in self.keys:
                frame[key] = UNJUDGED

    def _study_facts(self, frame: pd.DataFrame) -> None:
        facts = self.facts
        frame["crossover"] = float(facts["design"] == "crossover") if facts.get("design") else UNJUDGED
        control = facts.get("control_type")
        frame["psychoactive_placebo"] = float(control == "psychoactive") if control else UNJUDGED
        frame["us_site"] = float(facts["country"] in ("US", "USA", "United States")) if "country" in facts else UNJUDGED
        threshold = facts.get("trd_threshold", UNJUDGED)
        frame["trd_2plus"] = threshold if threshold == UNJUDGED else float(threshold != "unspecified" and threshold >= 2)


def number(value: Any, missing: Any = "") -> Any:
    """A cell as a person would type it: whole numbers without a point."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return missing
    if isinstance(value, (float, np.floating)):
        return int(value) if float(value).is_integer() else round(float(value), 2)
    return value


def write_csv(path: Path, rows: Sequence[Sequence[Any]], delimiter: str = ",", decimal: str = ".",
              encoding: str = "utf-8") -> None:
    """Rows as text, decimals as the country writes them."""
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        for row in rows:
            writer.writerow([str(cell).replace(".", decimal) if isinstance(cell, float) else cell for cell in row])


def rows_of(table: Mapping[str, Sequence[Any]]) -> list[list[Any]]:
    """Header and rows of a table of columns."""
    return [list(table), *(list(row) for row in zip(*table.values(), strict=True))]
