"""Three small invented studies with a registry, for tests of what comes after the files."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

REGISTRY = """study,file,label,year,country,design,control,control_type,trd_threshold,n_randomized
alpha,alpha.csv,Alpha,2015,US,parallel,saline,inert,2,24
beta,beta.csv,Beta,2016,United Kingdom,parallel,midazolam,psychoactive,unspecified,30
gamma,gamma.csv,Gamma,2018,USA,parallel,saline,inert,1,26
"""


def write_small_studies(folder: Path, sizes: tuple[int, int, int] = (24, 30, 26), seed: int = 1) -> None:
    """Write `alpha.csv`, `beta.csv`, `gamma.csv` and `studies.csv` into a folder."""
    draw = np.random.default_rng(seed)
    (folder / "studies.csv").write_text(REGISTRY, encoding="utf-8")
    for name, size, control in zip(("alpha", "beta", "gamma"), sizes, ("saline", "midazolam", "saline"), strict=True):
        rows = [_patient(f"{name[0].upper()}{number:03d}", control, draw) for number in range(1, size + 1)]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def _patient(patient: str, control: str, draw: np.random.Generator) -> dict[str, object]:
    active = int(patient[1:]) % 2 == 1
    baseline = int(draw.integers(26, 40))
    effect = 12 if active else 4
    day1 = int(np.clip(baseline - effect - draw.normal(4, 6), 0, 60))
    day7 = int(np.clip(baseline - effect / 2 - draw.normal(4, 6), 0, 60))
    return {"patient_id": patient, "treatment": "ketamine" if active else control,
            "dose_mg_kg": 0.5 if active else "", "MADRS baseline": baseline, "MADRS 24h": day1, "MADRS day 7": day7,
            "age": int(draw.integers(20, 64)), "sex": draw.choice(["F", "M"]), "bmi": round(float(draw.normal(27, 4)), 1)}
