"""What each patient's harmonized row should be, by METHODS sections 1 and 3, told from the simulation itself.

Written without the program's own import code, so that the two can be compared.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from resources.demo.generator.design import KETAMINE
from resources.demo.generator.patients import Patient, Value, is_control

LEUCHT = Path(__file__).resolve().parents[2] / "scales" / "leucht2018_hrsd17_to_madrs.csv"

TIMEPOINTS = {"rapid": (24, 4, 72), "post_rapid": (168, 144, 336)}
"""Target, first and last hour of each follow-up window."""

NO_VARIABLES = ("race", "rater", "comment", "qids")
"""What patients have that the protocol does not ask for."""


@lru_cache(maxsize=1)
def leucht() -> dict[int, float]:
    """HRSD-17 score -> MADRS midpoint."""
    with LEUCHT.open(encoding="utf-8", newline="") as lines:
        return {int(row["hamd"]): float(row["madrs_mid"]) for row in csv.DictReader(lines)}


def hrsd17_from_madrs(madrs: float, noise: float) -> int:
    """The HRSD-17 whose conversion is nearest to a MADRS score, moved by the rater's `noise`, within 0 to 40."""
    nearest = min(leucht(), key=lambda hrsd: (abs(leucht()[hrsd] - madrs), hrsd))
    if madrs < 2:
        nearest = round(madrs)
    return min(max(round(nearest + noise), 0), 40)


def truth_row(patient: Patient, patient_id: str) -> dict[str, Value]:
    """The harmonized row: empty where the study or the patient does not have a value."""
    drug = patient.allocation.drug
    eligible = patient.excluded not in ("other_dose", "other_drug")
    row: dict[str, Value] = {"study": patient.design.study, "patient": patient_id, "excluded": patient.excluded}
    row["arm"] = (0 if is_control(drug) else 1) if eligible else None
    row["dose_mg_kg"] = patient.allocation.dose if drug == KETAMINE else None
    hrsd = _at_timepoints(patient, "hrsd17")
    madrs = _one_origin(_at_timepoints(patient, "madrs"), hrsd)
    for time in ("baseline", *TIMEPOINTS):
        row[f"madrs_{time}"] = madrs[time][0]
        row[f"hrsd17_{time}"] = hrsd[time][0]
    row["rapid_hours"] = madrs["rapid"][1]
    days = madrs["post_rapid"][1]
    row["post_rapid_days"] = None if days is None else days / 24
    row |= {key: value for key, value in patient.values.items() if key not in NO_VARIABLES}
    return row | _study_facts(patient) | {"baseline_severity": row["madrs_baseline"]}


def _study_facts(patient: Patient) -> dict[str, Value]:
    design = patient.design
    return {"psychoactive_placebo": int(design.is_psychoactive), "crossover": int(design.is_crossover),
            "us_site": int(design.is_us), "trd_2plus": int(design.requires_two_failed)}


Chosen = dict[str, tuple[float | None, float | None]]
"""Time -> score and its hours after the first infusion."""


def _at_timepoints(patient: Patient, scale: str) -> Chosen:
    known = {hours: score for (name, period, hours), score in patient.scores.items()
             if name == scale and period == 1 and score is not None}
    chosen: Chosen = {"baseline": (known.get(0), 0 if 0 in known else None)}
    for time, (target, low, high) in TIMEPOINTS.items():
        inside = [hours for hours in known if low <= hours <= high]
        nearest = min(inside, key=lambda hours: (abs(hours - target), hours), default=None)
        chosen[time] = (None, None) if nearest is None else (known[nearest], nearest)
    return chosen


def _one_origin(native: Chosen, hrsd: Chosen) -> Chosen:
    """MADRS as rated, unless converting all of the patient's scores gives more baseline-and-follow-up pairs."""
    converted: Chosen = {time: (None if score is None else leucht()[int(score)], hours)
                         for time, (score, hours) in hrsd.items()}
    has_native = any(score is not None for score, _ in native.values())
    return native if has_native and _pairs(native) >= _pairs(converted) else converted


def _pairs(chosen: Chosen) -> int:
    if not chosen["baseline"][0]:
        return 0
    return sum(chosen[time][0] is not None for time in TIMEPOINTS)
