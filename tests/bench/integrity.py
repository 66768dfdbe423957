"""How often the integrity checks say something of studies in which nothing is wrong: `python3 dev.py bench integrity`.

Each project has seventeen studies of 20 to 100 patients: the demo's patients drawn anew with replacement within their
study, arms at random (half of the studies in blocks of two or four), scores whole, entry at a least score, missing
values as they are. Drawing with replacement makes copies of patients, so that the check of same patients gets invented
ones in its place.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from core.harmonized import HarmonizedData, StudyData
from core.intake import demo_session
from core.integrity import CHECKS, Material
from core.protocol import Protocol


def clean_project(data: HarmonizedData, protocol: Protocol, draw: np.random.Generator) -> HarmonizedData:
    """Seventeen studies like the demo's without any fault."""
    parts = [replace(part, patients=_clean(part, protocol, draw)) for part in data.studies]
    return HarmonizedData(pd.concat([part.patients for part in parts], ignore_index=True), tuple(parts), (), "")


def _clean(part: StudyData, protocol: Protocol, draw: np.random.Generator) -> pd.DataFrame:
    n = int(draw.integers(20, 100))
    frame = part.patients.iloc[draw.integers(0, len(part.patients), n)].reset_index(drop=True)
    frame["patient"] = pd.Series([f"{part.study}-{i}" for i in range(n)], dtype=object)
    for variable in protocol.variables:
        values = frame[variable.key]
        if variable.kind == "continuous" and values.notna().any():
            frame[variable.key] = (values + draw.normal(0, 0.5 * values.std(ddof=0) + 1e-9, n)).round()
    for key in protocol.score_keys:
        if frame[key].notna().any():
            frame[key] = (frame[key] + draw.normal(0, 3, n)).round().clip(0, 60)
    frame["arm"] = _allocated(n, draw)
    return frame


def _allocated(n: int, draw: np.random.Generator) -> np.ndarray:
    block = int(draw.choice([1, 1, 2, 4]))
    if block == 1:
        return draw.integers(0, 2, n).astype(float)
    blocks = [draw.permutation(np.repeat([0.0, 1.0], block // 2)) for _ in range(n // block + 1)]
    return np.concatenate(blocks)[:n]


def main(projects: int = 500) -> None:
    """Print the share of clean projects in which each check speaks."""
    session = demo_session()
    data, protocol = session.harmonized(), session.protocol
    draw = np.random.default_rng(20220)
    spoke: Counter[str] = Counter()
    anything = 0
    for _ in range(projects):
        material = Material(clean_project(data, protocol, draw), protocol)
        codes = {issue.code for check in CHECKS for issue in check(material)}
        spoke.update(codes)
        anything += bool(codes)
    for code, count in spoke.most_common():
        print(f"{code:30} {100 * count / projects:5.1f} % of {projects} clean projects")
    print(f"{'any of them':30} {100 * anything / projects:5.1f} %")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
