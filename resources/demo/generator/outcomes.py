"""How the synthetic patients fare: integer scores with a known effect, known moderation and much noise.

Effects are in standard deviations of percent improvement and of the size METHODS section 13 quotes as published.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from resources.demo.generator.design import KETAMINE, LANICEMINE, STUDIES, UNTIMED
from resources.demo.generator.patients import Patient, stream, treatment_in
from resources.demo.generator.truth import hrsd17_from_madrs

SPREAD = 36.0
"""Percent improvement in one unit of the latent scale, before the scale's floor narrows it."""
CONTROL_MEAN = {"rapid": 26.5, "post_rapid": 27.0}
EFFECT = {"rapid": 0.62, "post_rapid": 0.40}
STUDY_SPREAD, SLOPE_SPREAD = 0.22, 0.10
"""Between studies, in both arms and in the effect; study-level moderators add their own spread to the second."""

MODERATION: dict[str, tuple[float, float]] = {
    # per unit of the moderator as `_moderators` gives it: on the rapid, on the post-rapid effect
    "crossover": (0.50, 0.15),
    "trd_2plus": (0.32, 0.48),
    "us_site": (0.08, 0.40),
    "systolic_bp": (0.08, 0.20),
    "bmi": (0.12, 0.06),
    "smoker": (0.20, 0.15),
    "inpatient": (0.12, 0.10),
    "age": (-0.06, -0.04),
    "female": (0.05, 0.05),
}


@dataclass(frozen=True)
class StudyEffects:
    """How a study's patients differ from the average study: in both arms, and in the treatment effect."""

    level: float
    slope: float


def rate(patients: list[Patient]) -> None:
    """Fills every patient's scores, dropouts and missed visits included."""
    effects = _study_effects()
    centers = _centers([patient for patient in patients if patient.is_primary])
    for patient in patients:
        random = stream("rate", patient.design.study, patient.number)
        _rate_patient(patient, effects[patient.design.study], centers, random)


def _study_effects() -> dict[str, StudyEffects]:
    random = stream("studies")
    levels = _standardized([random.gauss(0, 1) for _ in STUDIES])
    slopes = _standardized(_apart_from_design([random.gauss(0, 1) for _ in STUDIES]))
    return {design.study: StudyEffects(STUDY_SPREAD * level, SLOPE_SPREAD * slope)
            for design, level, slope in zip(STUDIES, levels, slopes, strict=True)}


def _apart_from_design(values: list[float]) -> list[float]:
    """Centered among crossover and among parallel trials, so that chance adds nothing to what design moderates."""
    centered = []
    for value, design in zip(values, STUDIES, strict=True):
        alike = [other.n for other in STUDIES if other.is_crossover == design.is_crossover]
        total = sum(v * other.n for v, other in zip(values, STUDIES, strict=True)
                    if other.is_crossover == design.is_crossover)
        centered.append(value - total / sum(alike))
    return centered


def _standardized(values: list[float]) -> list[float]:
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return [(value - mean) / spread for value in values]


def _moderators(patient: Patient) -> dict[str, float]:
    design = patient.design
    return {
        "crossover": float(design.is_crossover),
        "trd_2plus": float(design.requires_two_failed),
        "us_site": float(design.is_us),
        "systolic_bp": (patient.number_of("systolic_bp") - 123) / 14,
        "bmi": (patient.number_of("bmi") - 27.6) / 4.6,
        "smoker": patient.number_of("smoker"),
        "inpatient": patient.number_of("inpatient"),
        "age": (patient.number_of("age") - 44) / 12,
        "female": patient.number_of("female"),
    }


def _centers(patients: list[Patient]) -> dict[str, float]:
    rows = [_moderators(patient) for patient in patients]
    return {key: sum(row[key] for row in rows) / len(rows) for key in MODERATION}


def _potency(drug: str, dose: float | None) -> float:
    if drug == LANICEMINE:
        return 0.3
    if drug != KETAMINE:
        return 0.0
    return {0.1: 0.1, 0.2: 0.5}.get(dose or 0.5, 1.0)


def _rate_patient(patient: Patient, study: StudyEffects, centers: dict[str, float], random: Random) -> None:
    severity = patient.design.mean_madrs + 4.2 * random.gauss(0, 1) + 0.8 * patient.traits["chronic"]
    baseline = round(min(max(severity, 22 if severity < 26 else 25), 46))
    periods = 2 if patient.design.is_crossover and random.random() > 0.08 else 1
    for period in range(1, periods + 1):
        start = baseline if period == 1 else max(18, round(baseline * random.uniform(0.8, 1.02)))
        curve = _curve(patient, period, study, centers, random)
        _write_scores(patient, period, start, curve, random)
    if patient.design.study == "bundara_au" and random.random() < 0.2:
        patient.scores["madrs", 1, UNTIMED] = max(baseline - random.randint(0, 12), 0)
    _drop_out(patient, random)


def _curve(patient: Patient, period: int, study: StudyEffects, centers: dict[str, float],
           random: Random) -> dict[int, float]:
    """Percent improvement at each visit of a period."""
    dose = patient.allocation.dose if treatment_in(patient, period) == patient.allocation.drug else None
    potency = _potency(treatment_in(patient, period), dose)
    moderators = _moderators(patient)
    first = _skewed(random)
    noise = {"rapid": first, "post_rapid": 0.62 * first + math.sqrt(1 - 0.62**2) * _skewed(random)}
    prognosis = -0.10 * patient.traits["chronic"] - 0.06 * patient.traits["anxious"]
    reached = {}
    for i, phase in enumerate(("rapid", "post_rapid")):
        moderation = sum(MODERATION[key][i] * (moderators[key] - centers[key]) for key in MODERATION)
        effect = potency * (EFFECT[phase] + study.slope + moderation)
        reached[phase] = CONTROL_MEAN[phase] + SPREAD * (study.level + prognosis + effect + 0.95 * noise[phase])
    return {hours: _between(hours, reached, random) for hours in patient.design.follow_up_hours}


def _skewed(random: Random) -> float:
    """Mean 0, SD 1, a long upper tail: few improve greatly, most a little."""
    return (random.gammavariate(5, 1) - 5) / math.sqrt(5)


def _between(hours: int, reached: dict[str, float], random: Random) -> float:
    rapid, later = reached["rapid"], reached["post_rapid"]
    if hours == 24:
        return rapid
    if hours == 168:
        return later
    share = {4: 0.8, 48: 0.8, 72: 0.55, 336: 0.0}[hours]
    mean = rapid * share if hours == 4 else share * rapid + (1 - share) * later
    return mean * (0.85 if hours == 336 else 1.0) + random.gauss(0, 8)


def _write_scores(patient: Patient, period: int, start: int, curve: dict[int, float], random: Random) -> None:
    latent = {0: float(start)} | {hours: _score(start, percent) for hours, percent in curve.items()}
    for hours, madrs in latent.items():
        for scale in patient.design.scales:
            if scale == "madrs":
                score = round(madrs)
            elif hours == 4 and "madrs" in patient.design.scales:
                continue  # where both are used, the shorter interview alone is repeated after four hours
            else:
                score = hrsd17_from_madrs(madrs, random.gauss(0, 1.0 if hours == 0 else 1.3))
            patient.scores[scale, period, hours] = score
    if "madrs" in patient.design.scales:
        patient.scores["madrs", period, -168] = max(start + random.randint(-2, 4), 20)


def _score(start: int, percent: float) -> float:
    return min(max(start * (1 - _within_bounds(percent) / 100), 0.0), 60.0)


def _within_bounds(percent: float) -> float:
    """Bends the tails, so that few end at exactly nothing and few get much worse: 100 and -35 are never passed."""
    if percent > 65:
        return 100 - 35 * math.exp(-(percent - 65) / 35)
    if percent < -5:
        return -35 + 30 * math.exp((percent + 5) / 30)
    return percent


def _drop_out(patient: Patient, random: Random) -> None:
    design = patient.design
    first = design.follow_up_hours
    if patient.excluded == "no_baseline":
        _erase(patient, (0, -168))
        return
    if patient.excluded == "no_followup":
        _erase(patient, first)
        return
    missed = [hours for hours in first if random.random() < (0.02 if hours <= 24 else 0.045)]
    if 24 in missed and 168 not in first:
        missed.remove(24)
    if 24 in missed and 168 in missed:
        missed.remove(168)
    _erase(patient, tuple(missed))
    if len(design.scales) == 2 and random.random() < 0.04:  # the rater filled in the other scale only
        patient.scores["madrs", 1, 24] = patient.scores["madrs", 1, 168] = None


def _erase(patient: Patient, hours: tuple[int, ...]) -> None:
    for scale, period, hour in patient.scores:
        if period == 1 and hour in hours:
            patient.scores[scale, period, hour] = None
