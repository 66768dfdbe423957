"""Who the synthetic patients are: arms, diagnoses and correlated characteristics."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random

from resources.demo.generator.design import MIDAZOLAM, SALINE, SEED, STUDIES, Allocation, StudyDesign

Value = float | str | None

PUBLISHED_MDD = 627
"""Patients with current MDD in the primary set; those who fall short of the count are patients with PTSD."""
ANXIOUS_SHARE = 0.5
"""Of all patients; more in the trials that recorded anxiety, as two of them recruited PTSD."""


@dataclass
class Patient:
    """One synthetic patient. `scores` maps (scale, period, hours) to a score; hours 0 is the baseline."""

    design: StudyDesign
    number: int
    allocation: Allocation
    excluded: str = ""
    values: dict[str, Value] = field(default_factory=dict)
    """Protocol variable -> value; `race` besides."""
    traits: dict[str, float] = field(default_factory=dict)
    scores: dict[tuple[str, int, int], int | None] = field(default_factory=dict)

    @property
    def is_primary(self) -> bool:
        """Whether the patient belongs to the primary set."""
        return not self.excluded

    def number_of(self, key: str) -> float:
        """A characteristic that is a number for everyone."""
        value = self.values[key]
        assert isinstance(value, int | float), key
        return value


def stream(*names: object) -> Random:
    """A random stream of its own for each use, so that no study's change moves another study's patients."""
    return Random(":".join(str(name) for name in (SEED, *names)))


def recruit() -> list[Patient]:
    """All patients with their characteristics, study by study in the order of the design, none missing yet."""
    patients = [patient for design in STUDIES for patient in _recruit_study(design)]
    _settle_mdd(patients)
    _settle_anxiety(patients)
    return patients


def _recruit_study(design: StudyDesign) -> list[Patient]:
    random = stream("recruit", design.study)
    order = [allocation for allocation in design.allocations for _ in range(allocation.n)]
    random.shuffle(order)
    patients = [Patient(design, i + 1, allocation, allocation.exclusion) for i, allocation in enumerate(order)]
    eligible = [patient for patient in patients if patient.is_primary]
    leaving = random.sample(eligible, design.no_baseline + design.no_followup)
    for i, patient in enumerate(leaving):
        patient.excluded = "no_baseline" if i < design.no_baseline else "no_followup"
    _give_diagnoses(design, patients, random)
    for patient in patients:
        _describe(patient, random)
    return patients


def _give_diagnoses(design: StudyDesign, patients: list[Patient], random: Random) -> None:
    primary = [patient for patient in patients if patient.is_primary]
    random.shuffle(primary)
    others = [name for name, n in design.diagnoses for _ in range(n)]
    for patient in patients:
        patient.values["principal_diagnosis"] = "mdd"
    for patient, diagnosis in zip(primary, others, strict=False):
        patient.values["principal_diagnosis"] = diagnosis
    if len(others) == len(primary):  # a trial of one diagnosis recruits nobody else
        for patient in patients:
            patient.values["principal_diagnosis"] = others[0]


def _describe(patient: Patient, random: Random) -> None:
    for trait in ("metabolic", "anxious", "substance", "chronic", "status"):
        patient.traits[trait] = random.gauss(0, 1)
    patient.traits["chronic"] = 0.8 * patient.traits["chronic"] + 0.4 * patient.traits["anxious"]
    _body(patient, random)
    _person(patient, random)
    _illness(patient, random)
    _comorbidity(patient, random)
    _medication(patient, random)
    _clutter(patient, random)


def _flag(random: Random, share: float, shift: float = 0.0) -> int:
    """1 with about the probability `share`; `shift` moves its log odds."""
    log_odds = math.log(share / (1 - share)) + shift
    return int(random.random() < 1 / (1 + math.exp(-log_odds)))


def _clipped(value: float, low: float, high: float, digits: int = 0) -> float:
    rounded = round(min(max(value, low), high), digits)
    return rounded if digits else int(rounded)


def _body(patient: Patient, random: Random) -> None:
    values, traits = patient.values, patient.traits
    age = patient.design.mean_age + 12 * random.gauss(0, 1)
    values["age"] = _clipped(age, 19, 74)
    older = (patient.number_of("age") - 45) / 12
    weight = 0.2 * older + 0.65 * traits["metabolic"] + 0.7 * random.gauss(0, 1)
    values["bmi"] = _clipped(27.6 + 4.6 * weight, 17.2, 47, 1)
    pressure = 0.4 * older + 0.4 * weight + 0.8 * random.gauss(0, 1)
    values["systolic_bp"] = _clipped(123 + 13 * pressure, 92, 178)
    values["diastolic_bp"] = _clipped(76 + 8 * (0.65 * pressure + 0.75 * random.gauss(0, 1)), 54, 108)
    values["smoker"] = _flag(random, 0.22, 0.8 * traits["substance"] - 0.4 * traits["status"])


def _person(patient: Patient, random: Random) -> None:
    design, values, traits = patient.design, patient.values, patient.traits
    values["female"] = _flag(random, 0.47 if design.study == "feder_41" else 0.56)
    black, white = (0.15, 0.74) if design.is_us else (0.04, 0.88)
    if design.study.startswith("feder"):
        black, white = 0.35, 0.5
    draw = random.random()
    race = "black" if draw < black else "white" if draw < black + white else random.choice(("asian", "other"))
    values["race"] = race
    values["race_black"], values["race_white"] = int(race == "black"), int(race == "white")
    values["hispanic"] = _flag(random, 0.15)
    values["education_years"] = _clipped(14.6 + 2.4 * traits["status"] + random.gauss(0, 0.8), 7, 22)
    values["employed"] = _flag(random, 0.46, 0.8 * traits["status"] - 0.4 * traits["chronic"])
    values["married"] = _flag(random, 0.42, 0.03 * (patient.number_of("age") - 45) + 0.3 * traits["status"])
    share = design.inpatient_share
    values["inpatient"] = _flag(random, share, 0.3 * traits["chronic"]) if share else 0


def _illness(patient: Patient, random: Random) -> None:
    values, traits, age = patient.values, patient.traits, int(patient.number_of("age"))
    onset = 8 + random.gammavariate(2.2, 7.5)
    values["age_at_onset"] = int(min(onset, age - 1))
    years = age - patient.number_of("age_at_onset")
    episodes = math.exp(0.35 + 0.035 * years + 0.3 * traits["chronic"] + random.gauss(0, 0.5))
    values["n_episodes"] = _clipped(episodes, 1, 20)
    months = math.exp(2.9 + 0.4 * traits["chronic"] + random.gauss(0, 0.8))
    values["episode_months"] = _clipped(months, 1, min(240, 12 * years))
    beyond = random.gammavariate(1.6, 0.9) * math.exp(0.25 * traits["chronic"])
    values["failed_trials"] = (patient.design.trd_threshold or 0) + _clipped(beyond, 0, 9)
    many = patient.number_of("failed_trials") >= 4
    values["failed_ect"] = _flag(random, 0.25 if many else 0.05)
    values["suicide_attempt"] = _flag(random, 0.28, 0.5 * traits["chronic"] + 0.3 * traits["substance"])
    values["family_history_alcohol"] = _flag(random, 0.33, 0.6 * traits["substance"])


def _comorbidity(patient: Patient, random: Random) -> None:
    values, traits = patient.values, patient.traits
    diagnosis = values["principal_diagnosis"]
    values["bipolar"] = int(diagnosis == "bipolar")
    values["ptsd"] = 1 if diagnosis == "ptsd" else _flag(random, 0.08, 0.5 * traits["anxious"])
    values["mdd"] = int(diagnosis == "mdd")
    for key, share, trait in (("eating_disorder", 0.08, "anxious"), ("dysthymia", 0.2, "chronic"),
                              ("chronic_pain", 0.22, "chronic"), ("adhd", 0.1, "substance"),
                              ("personality_disorder", 0.16, "anxious")):
        values[key] = _flag(random, share, 0.4 * traits[trait])
    values["sud_lifetime"] = _flag(random, 0.36, 1.1 * traits["substance"])
    values["aud_lifetime"] = values["sud_lifetime"] and _flag(random, 0.72)


def _medication(patient: Patient, random: Random) -> None:
    values, traits = patient.values, patient.traits
    free_of_drugs = patient.design.study in ("murrough_us", "harbor_us", "stonebridge_us")
    share = 0.12 if free_of_drugs else 0.68
    values["any_medication"] = _flag(random, share, 0.3 * traits["chronic"])
    further = int(random.gammavariate(1.4, 0.9)) if values["any_medication"] else 0
    values["n_medications"] = 1 + min(further, 5) if values["any_medication"] else 0
    values["benzodiazepine"] = values["any_medication"] and _flag(random, 0.33, 0.6 * traits["anxious"])


def _clutter(patient: Patient, random: Random) -> None:
    """What files hold besides: a rater, remarks, a self-rating that no protocol asks for."""
    remarks = ("left early", "infusion paused for 5 min", "second cannula needed", "")
    patient.values["rater"] = random.choice(("A", "B", "C"))
    patient.values["comment"] = random.choice(remarks) if random.random() < 0.2 else ""
    patient.values["qids"] = random.randint(9, 24)


def _settle_mdd(patients: list[Patient]) -> None:
    """Most patients with PTSD have MDD as well, so many that the published count comes out."""
    primary = [patient for patient in patients if patient.is_primary]
    short = PUBLISHED_MDD - sum(patient.values["mdd"] == 1 for patient in primary)
    with_ptsd = [patient for patient in primary if patient.values["principal_diagnosis"] == "ptsd"]
    always = [patient for patient in with_ptsd if not patient.design.study.startswith("feder")]
    asked = sorted((p for p in with_ptsd if p not in always), key=lambda p: p.traits["chronic"], reverse=True)
    for patient in (always + asked)[:short]:
        patient.values["mdd"] = 1


def _settle_anxiety(patients: list[Patient]) -> None:
    """PTSD counts as an anxiety disorder; beside it the most anxious have one or more of the others."""
    by_trait = sorted(patients, key=lambda p: (p.values["ptsd"] == 1, p.traits["anxious"]), reverse=True)
    random = stream("anxiety")
    anxious = {id(patient) for patient in by_trait[:round(ANXIOUS_SHARE * len(patients))]}
    shares = (("gad", 0.5), ("social_anxiety", 0.38), ("ocd", 0.12), ("panic", 0.3), ("agoraphobia", 0.16),
              ("specific_phobia", 0.22))
    for patient in patients:
        has = id(patient) in anxious
        patient.values["any_anxiety"] = int(has)
        for key, share in shares:
            patient.values[key] = int(has and random.random() < share)
        if has and not patient.values["ptsd"] and not any(patient.values[key] for key, _ in shares):
            patient.values["gad"] = 1


def treatment_in(patient: Patient, period: int) -> str:
    """The drug given in period 1 or 2."""
    allocation = patient.allocation
    return allocation.drug if period == 1 else (allocation.second or "")


def is_control(drug: str) -> bool:
    """Whether the drug is a placebo."""
    return drug in (SALINE, MIDAZOLAM)
