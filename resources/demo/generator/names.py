"""How teams name and code the same variable: three habits of naming columns, several of writing yes and no."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from resources.demo.generator.patients import Value


class Habit(IntEnum):
    """A team's way of naming columns."""

    WORDS = 0
    SHORT = 1
    CAPITALS = 2


HEADERS: dict[str, tuple[str, str, str]] = {
    "age": ("Age (years)", "age", "AGE"),
    "female": ("Sex", "sex", "GENDER"),
    "inpatient": ("Inpatient", "inpatient", "INPATIENT"),
    "principal_diagnosis": ("Primary diagnosis", "principal_diagnosis", "DIAGNOSIS"),
    "mdd": ("Current major depressive disorder", "mdd_current", "MDD_CURRENT"),
    "bipolar": ("Bipolar disorder", "bipolar", "BIPOLAR"),
    "ptsd": ("PTSD", "ptsd", "PTSD"),
    "any_anxiety": ("Any anxiety disorder", "any_anxiety", "ANY_ANXIETY"),
    "gad": ("Generalized anxiety disorder", "gad", "GAD"),
    "social_anxiety": ("Social anxiety disorder", "social_anxiety", "SOCIAL_PHOBIA"),
    "ocd": ("Obsessive-compulsive disorder", "ocd", "OCD"),
    "panic": ("Panic disorder", "panic_disorder", "PANIC"),
    "agoraphobia": ("Agoraphobia", "agoraphobia", "AGORAPHOBIA"),
    "sud_lifetime": ("Substance use disorder, lifetime", "sud_lifetime", "SUD_LIFETIME"),
    "aud_lifetime": ("Alcohol use disorder, lifetime", "aud_lifetime", "AUD_LIFETIME"),
    "eating_disorder": ("Eating disorder", "eating_disorder", "EATING_DISORDER"),
    "dysthymia": ("Dysthymia", "dysthymia", "DYSTHYMIA"),
    "chronic_pain": ("Chronic pain", "chronic_pain", "CHRONIC_PAIN"),
    "adhd": ("ADHD", "adhd", "ADHD"),
    "specific_phobia": ("Specific phobia", "specific_phobia", "SPECIFIC_PHOBIA"),
    "personality_disorder": ("Personality disorder", "personality_disorder", "PERSONALITY_DISORDER"),
    "bmi": ("BMI (kg/m2)", "bmi", "BMI"),
    "smoker": ("Current smoker", "smoker", "SMOKER"),
    "systolic_bp": ("Systolic blood pressure (mmHg)", "sbp", "SYSTOLIC_BP"),
    "diastolic_bp": ("Diastolic blood pressure (mmHg)", "dbp", "DIASTOLIC_BP"),
    "married": ("Married or partnered", "married", "MARRIED"),
    "race": ("Race", "race", "RACE"),
    "race_black": ("Black race", "race_black", "RACE_BLACK"),
    "race_white": ("White race", "race_white", "RACE_WHITE"),
    "hispanic": ("Hispanic ethnicity", "hispanic", "HISPANIC"),
    "education_years": ("Education (years)", "education_years", "EDUCATION_YEARS"),
    "employed": ("Employed", "employed", "EMPLOYED"),
    "failed_trials": ("Failed antidepressant trials", "n_failed_trials", "FAILED_TRIALS"),
    "failed_ect": ("Failed ECT", "failed_ect", "FAILED_ECT"),
    "n_episodes": ("Number of depressive episodes", "n_episodes", "N_EPISODES"),
    "age_at_onset": ("Age at first episode", "age_at_onset", "AGE_ONSET"),
    "episode_months": ("Length of current episode (months)", "episode_months", "EPISODE_MONTHS"),
    "suicide_attempt": ("Suicide attempt, lifetime", "suicide_attempt", "SUICIDE_ATTEMPT"),
    "family_history_alcohol": ("Family history of alcohol use disorder", "fh_alcohol", "FAMILY_HISTORY_ALCOHOL"),
    "any_medication": ("Any psychiatric medication", "any_medication", "ANY_MEDICATION"),
    "n_medications": ("Number of psychiatric medications", "n_medications", "N_MEDICATIONS"),
    "benzodiazepine": ("Benzodiazepine", "benzodiazepine", "BENZODIAZEPINE"),
}

NUMBERS = {"age", "bmi", "systolic_bp", "diastolic_bp", "education_years", "failed_trials", "n_episodes",
           "age_at_onset", "episode_months", "n_medications"}

DIAGNOSES: dict[Value, str] = {"mdd": "Major depressive disorder", "bipolar": "Bipolar disorder",
                               "ptsd": "Posttraumatic stress disorder", "other": "Other"}
DIAGNOSES_SHORT: dict[Value, str] = {"mdd": "MDD", "bipolar": "Bipolar", "ptsd": "PTSD", "other": "Other"}
RACES: dict[Value, str] = {"black": "Black", "white": "White", "asian": "Asian", "other": "Other"}

Codes = dict[Value, str | int]


@dataclass(frozen=True)
class YesNo:
    """How a team writes yes and no; `note` follows a column's name where the codes do not speak for themselves."""

    yes: str | int
    no: str | int
    note: str = ""

    @property
    def codes(self) -> Codes:
        """Value -> what stands in the file."""
        return {1: self.yes, 0: self.no}


WORDS = YesNo("Yes", "No")
LOWER = YesNo("yes", "no")
LETTERS = YesNo("Y", "N")
BITS = YesNo(1, 0)
ONE_TWO = YesNo(1, 2, " (1=yes, 2=no)")
GERMAN = YesNo("J", "N", " (J/N)")


@dataclass(frozen=True)
class Column:
    """A column of a study file.

    `of` is a variable, or `patient`, `treatment`, `dose`, `period`, `visit`, `madrs`, `hrsd17`. Scores and treatments
    that stand beside one another for several visits or periods give `hours` and `period`.
    """

    header: str
    of: str
    codes: Codes | None = None
    hours: int | None = None
    period: int | None = None
    group: str = ""
    """Text of the first of two header rows, over all neighbors that share it."""
    divisor: float = 1.0
    meaning: str = ""
    """What a codebook says of the column, where its name does not."""


@dataclass(frozen=True)
class Style:
    """A team's habits: names of columns, yes and no, sex, and exceptions by variable."""

    habit: Habit
    yes_no: YesNo
    sex: Column
    diagnoses: dict[Value, str] = field(default_factory=lambda: DIAGNOSES)
    exceptions: dict[str, Column] = field(default_factory=dict)

    def column(self, key: str) -> Column:
        """The column this team has for a variable."""
        if key in self.exceptions:
            return self.exceptions[key]
        if key == "female":
            return self.sex
        header = HEADERS[key][self.habit]
        if key in NUMBERS:
            return Column(header, key)
        if key == "principal_diagnosis":
            return Column(header, key, dict(self.diagnoses))
        if key == "race":
            return Column(header, key, dict(RACES))
        return Column(header + self.yes_no.note, key, self.yes_no.codes)

    def columns(self, keys: str) -> tuple[Column, ...]:
        """Columns for blank-separated variables."""
        return tuple(self.column(key) for key in keys.split())


def sex(header: str, female: str | int, male: str | int) -> Column:
    """A column of sex with its two codes."""
    return Column(header, "female", {1: female, 0: male})
