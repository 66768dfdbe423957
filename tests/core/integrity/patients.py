"""Invented patients for the checks: clean ones, to be spoiled by each test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.harmonized import HarmonizedData, StudyData
from core.integrity import Material
from core.registry import Registry, Study
from tests.core.harmonizing import PROTOCOL


def clean_study(name: str = "S1", n: int = 80, seed: int = 1) -> pd.DataFrame:
    """Patients of a study in which nothing is wrong; arms in random blocks of four."""
    draw = np.random.default_rng(seed)
    arm = np.concatenate([draw.permutation([0.0, 0.0, 1.0, 1.0]) for _ in range(n // 4 + 1)])[:n]
    baseline = np.round(draw.normal(32, 5, n).clip(20, 55))
    rapid = np.round((baseline - 6 - 8 * arm + draw.normal(0, 7, n)).clip(0, 60))
    later = np.round((baseline - 5 - 4 * arm + draw.normal(0, 7, n)).clip(0, 60))
    frame = pd.DataFrame({
        "study": pd.Series([name] * n, dtype=object),
        "patient": pd.Series([f"{name}-{i:03d}" for i in range(n)], dtype=object), "arm": arm,
        "madrs_baseline": baseline, "madrs_rapid": rapid, "madrs_post_rapid": later,
        "hrsd17_baseline": np.round(baseline * 0.6 + draw.normal(0, 3, n)),
        "hrsd17_rapid": np.nan, "hrsd17_post_rapid": np.nan,
        "age": np.round(draw.normal(45, 12, n).clip(18, 80)), "female": draw.integers(0, 2, n).astype(float),
        "bipolar": (draw.random(n) < 0.2).astype(float), "mdd": (draw.random(n) < 0.8).astype(float)})
    frame["excluded"] = pd.Series([""] * n, dtype=object)
    frame["score_origin"] = pd.Series(["native"] * n, dtype=object)
    return frame


def material(*frames: pd.DataFrame, facts: Sequence[Study] = (), **parts: Mapping[str, object]) -> Material:
    """The studies' patients as the checks see them."""
    studies = tuple(StudyData(str(frame["study"].iloc[0]), frame, (), (), (), {}) for frame in frames)
    data = HarmonizedData(pd.concat(frames, ignore_index=True), studies, (), "")
    return Material(data, PROTOCOL, Registry(studies=tuple(facts)), **parts)  # type: ignore[arg-type]
