"""What the publication says of each arm, against what the file gives: numbers of patients, means and spreads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.errors import Issue, Severity, Where
from core.harmonized import REGISTRY
from core.integrity.material import Material, StudyPatients
from core.registry import PublishedArm, PublishedArmName, PublishedScore

TOLERATED = 0.10
"""Standardized difference of means, or relative difference of standard deviations, that is not told."""
ARMS: dict[PublishedArmName, int] = {"active": 1, "control": 0}


@dataclass(frozen=True)
class Recomputed:
    """Number, mean and standard deviation of a score in one arm; NaN where there are no values."""

    n: int
    mean: float
    sd: float


def recomputed_score(part: StudyPatients, key: str, arm: int, analyzed_only: bool = False) -> Recomputed:
    """A score over the patients of an arm who have it: all of the file, or the analyzed ones."""
    values = part.values(key) if key in part.part.patients else np.full(len(part.arm), np.nan)
    use = (part.arm == arm) & ~np.isnan(values) & (part.is_analyzed | (not analyzed_only))
    kept = values[use]
    return Recomputed(len(kept), float(kept.mean()) if len(kept) else np.nan,
                      float(kept.std(ddof=1)) if len(kept) > 1 else np.nan)


def recomputed_counts(part: StudyPatients, arm: int) -> tuple[int, int]:
    """Patients of an arm in the file, and those of them who are analyzed."""
    in_arm = part.arm == arm
    return int(in_arm.sum()), int((in_arm & part.is_analyzed).sum())


@dataclass(frozen=True)
class Figure:
    """One figure of an arm: what was published and what the file gives; NaN and None where there is nothing."""

    key: str
    """`n_randomized`, `n_analyzed`, or a harmonized column."""
    what: Literal["n", "mean", "sd"]
    label: str
    published: float | None
    here: float
    differs: bool


def figures_of(material: Material, study: str, arm: PublishedArmName) -> tuple[Figure, ...]:
    """Every figure of a study's arm that can be typed in, beside what the file gives."""
    part = next(one for one in material.studies if one.study == study)
    told = material.facts(study).published.get(arm, PublishedArm())
    in_file, analyzed = recomputed_counts(part, ARMS[arm])
    found = [Figure("n_randomized", "n", "Randomized", told.n_randomized, in_file,
                    told.n_randomized not in (None, in_file)),
             Figure("n_analyzed", "n", "Analyzed", told.n_analyzed, analyzed,
                    told.n_analyzed not in (None, analyzed))]
    for key in material.protocol.score_keys:
        all_of_file = recomputed_score(part, key, ARMS[arm])
        score = told.scores.get(key, PublishedScore())
        if not all_of_file.n and key not in told.scores:
            continue
        here = recomputed_score(part, key, ARMS[arm], analyzed_only=True)
        mean, sd = _mean_distance(score, (all_of_file, here)), _sd_distance(score, (all_of_file, here))
        found += [Figure(key, "mean", f"Mean {material.label(key)}", score.mean, here.mean, mean > TOLERATED),
                  Figure(key, "sd", f"SD {material.label(key)}", score.sd, here.sd, sd > TOLERATED)]
    return tuple(found)


def _mean_distance(published: PublishedScore, found: Sequence[Recomputed]) -> float:
    """Standardized difference to the nearer of the recomputed means; 0 where there is nothing to compare."""
    if published.mean is None:
        return 0.0
    return min((abs(published.mean - one.mean) / sd for one in found if (sd := published.sd or one.sd) > 0),
               default=0.0)


def _sd_distance(published: PublishedScore, found: Sequence[Recomputed]) -> float:
    """Relative difference to the nearer of the recomputed standard deviations."""
    if not published.sd:
        return 0.0
    return min((abs(one.sd / published.sd - 1) for one in found if one.sd >= 0), default=0.0)


def check_published_figures(material: Material) -> tuple[Issue, ...]:
    """Figures of the publications that the data do not give again."""
    return tuple(issue for part in material.studies for issue in _of_study(material, part))


def _of_study(material: Material, part: StudyPatients) -> Iterator[Issue]:
    facts = material.facts(part.study)
    where = Where(REGISTRY, study=part.study)
    told = any(arm.n_randomized is not None for arm in facts.published.values())
    if facts.n_randomized is not None and not told and facts.n_randomized != len(part.arm):
        yield Issue(
            Severity.NOTE, "published_n",
            f"{facts.n_randomized} patients were randomized; the file has {len(part.arm)}.",
            where,
            "Ask the team for the missing patients: those who dropped out belong to the comparison." if
            facts.n_randomized > len(part.arm) else "Check the number on the Studies page, or ask the team.")
    for name, code in ARMS.items():
        if name in facts.published:
            label = (material.protocol.active if code else material.protocol.control).label
            yield from _counts(material, part, facts.published[name], code, label, where)
            for key, score in facts.published[name].scores.items():
                yield from _score(material, part, key, score, code, label)


def _counts(material: Material, part: StudyPatients, arm: PublishedArm, code: int, label: str,
            where: Where) -> Iterator[Issue]:
    in_file, analyzed = recomputed_counts(part, code)
    for published, here, what in ((arm.n_randomized, in_file, "randomized"), (arm.n_analyzed, analyzed, "analyzed")):
        if published is not None and published != here:
            there = f"the file has {here} in this arm" if what == "randomized" else f"{here} are analyzed here"
            yield Issue(
                Severity.WARNING, "published_n",
                f"{label}: the publication says that {published} patients were {what}; {there}.",
                where,
                "Ask the team who is missing or was added, and why.")


def _score(material: Material, part: StudyPatients, key: str, published: PublishedScore, code: int,
           label: str) -> Iterator[Issue]:
    """Told where it differs both among all patients of the file and among those analyzed."""
    found = [recomputed_score(part, key, code, only) for only in (False, True)]
    where = material.place(part.study, None, key)
    what = f"{material.label(key)} in {label}"
    ask = "Check the typed figure, the column on the Map page and the timepoint; else ask the team."
    if not found[0].n:
        yield Issue(Severity.NOTE, "published_not_comparable", f"{what} was published; the file has none of "
                             "its own to compare.", where, "")
        return
    distance = _mean_distance(published, found)
    if distance > TOLERATED:
        yield Issue(
            Severity.WARNING, "published_mean", f"{what}: the publication gives a mean of {published.mean:g}, the file "
            f"{found[1].mean:.1f} ({found[1].n} patients); they are {distance:.2f} standard deviations apart.",
            where,
            ask)
    if _sd_distance(published, found) > TOLERATED:
        yield Issue(
            Severity.WARNING, "published_sd", f"{what}: the publication gives a standard deviation of "
            f"{published.sd:g}, the file {found[1].sd:.1f} ({found[1].n} patients). A standard error or a range may "
            "have been taken for it.", where, ask)
