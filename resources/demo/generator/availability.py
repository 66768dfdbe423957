"""Which values are missing: so many that availability comes out as published where the files have enough."""

from __future__ import annotations

from resources.demo.generator.patients import Patient, stream
from resources.demo.generator.recipes import Recipe

AVAILABLE: dict[str, int] = {
    "age": 719, "bipolar": 716, "ptsd": 522, "any_anxiety": 521, "gad": 465, "social_anxiety": 418, "ocd": 417,
    "panic": 416, "agoraphobia": 416, "sud_lifetime": 309, "aud_lifetime": 290, "eating_disorder": 260,
    "dysthymia": 221, "chronic_pain": 218, "adhd": 199, "specific_phobia": 194, "personality_disorder": 183,
}
"""Patients of the primary set with the variable, as published (`age` is invented)."""

COMPLETE = {"female", "inpatient", "principal_diagnosis", "mdd"}
ONLY_IF_ABSENT = {"ptsd", "any_anxiety", "sud_lifetime"}
"""Not made missing where another value implies that they are present."""


def lose_values(patients: list[Patient], recipes: dict[str, Recipe]) -> None:
    """Empties values a study does not record, then some of those it does."""
    for patient in patients:
        _round_as_written(patient, recipes[patient.design.study])
        recorded = {*recipes[patient.design.study].variables, "race", "rater", "comment", "qids"} | INFERRED
        for key in list(patient.values):
            if key not in recorded:
                patient.values[key] = None
    keys = sorted({key for recipe in recipes.values() for key in recipe.variables} - COMPLETE)
    for key in keys:
        _lose(key, patients)


def _round_as_written(patient: Patient, recipe: Recipe) -> None:
    """A value kept in a coarser unit is known no more exactly than it was written."""
    for column in recipe.columns:
        if column.divisor != 1:
            written = round(patient.number_of(column.of) / column.divisor, 1)
            patient.values[column.of] = round(written * column.divisor, 6)


INFERRED = {"mdd", "bipolar"}
"""Follow from the principal diagnosis where a study does not record them."""


def _lose(key: str, patients: list[Patient]) -> None:
    random = stream("missing", key)
    if key in ("race_black", "race_white"):
        return
    primary = [patient for patient in patients if patient.is_primary and patient.values[key] is not None]
    wanted = AVAILABLE.get(key)
    lost = len(primary) - wanted if wanted else round(0.015 * len(primary))
    if lost < 0:
        raise ValueError(f"{key}: {len(primary)} patients have it, {wanted} are wanted")
    for patient in random.sample([patient for patient in primary if _may_lose(key, patient)], lost):
        patient.values[key] = None


def _may_lose(key: str, patient: Patient) -> bool:
    if key == "bipolar":
        return patient.values["mdd"] == 0 and patient.values["principal_diagnosis"] == "ptsd"
    if key in ONLY_IF_ABSENT:
        return patient.values[key] == 0
    return True
