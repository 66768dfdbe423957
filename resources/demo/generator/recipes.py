"""How each of the seventeen teams writes its file: layout, names, codes, missing values, and what else it leaves there.

A study has the variables its columns hold, and no others.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from resources.demo.generator.design import UNTIMED
from resources.demo.generator.names import (
    BITS,
    DIAGNOSES_SHORT,
    GERMAN,
    LETTERS,
    LOWER,
    ONE_TWO,
    WORDS,
    Codes,
    Column,
    Habit,
    Style,
    sex,
)

Layout = Literal["wide", "long", "period_rows", "period_blocks"]
NOTICE = "SYNTHETIC DEMONSTRATION DATA, NOT FROM PATIENTS"


@dataclass(frozen=True)
class Recipe:
    """One study's file. `treatments` are keyed `drug` or, where doses differ, `drug dose`."""

    study: str
    layout: Layout
    patient_id: str
    """Format of the identifier, given the patient's number."""
    treatments: dict[str, str | int]
    columns: tuple[Column, ...]
    visits: dict[int, str | int] = field(default_factory=dict)
    missing: str = ""
    sheet: str = "Data"
    title_rows: tuple[str, ...] = ()
    codebook: bool = False
    notice_sheet: bool = False
    """Whether a sheet with the notice stands before the data."""
    blank_rows: int = 0
    total_row: bool = False
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables of the protocol that the file holds."""
        of = [column.of for column in self.columns]
        if "race" in of:
            of += ["race_black", "race_white"]
        return tuple(key for key in of if key not in NOT_VARIABLES)


NOT_VARIABLES = {"patient", "treatment", "dose", "period", "visit", "madrs", "hrsd17", "race", "rater", "comment",
                 "qids"}


def _scores(scale: str, headers: dict[int, str], group: str = "", period: int | None = None) -> tuple[Column, ...]:
    return tuple(Column(header, scale, hours=hours, group=group, period=period) for hours, header in headers.items())


_WORDS_SEX = sex("Sex", "Female", "Male")
_LETTER_SEX = sex("Sex", "F", "M")


def _deakin() -> Recipe:
    style = Style(Habit.WORDS, WORDS, _LETTER_SEX)
    return Recipe(
        "deakin_uk", "wide", "UK{:03d}", {"ketamine": "Ketamine", "saline": "Saline"},
        (Column("Subject ID", "patient"), Column("Treatment", "treatment"), Column("Ketamine dose (mg/kg)", "dose"),
         *style.columns("age female inpatient principal_diagnosis race_black race_white employed"),
         *_scores("madrs", {0: "MADRS baseline", 4: "MADRS 4 h", 24: "MADRS 24 h", 72: "MADRS 72 h",
                           168: "MADRS day 7"}),
         *style.columns("n_episodes age_at_onset episode_months systolic_bp diastolic_bp ptsd any_anxiety gad"),
         *style.columns("social_anxiety ocd panic agoraphobia any_medication n_medications benzodiazepine"),
         Column("Comments", "comment")),
        title_rows=("Ketamine and saline in depression, parallel groups", NOTICE, ""), codebook=True, blank_rows=6)


def _feder_30() -> Recipe:
    style = Style(Habit.SHORT, BITS, sex("female", 1, 0), DIAGNOSES_SHORT)
    return Recipe(
        "feder_30", "long", "{:d}", {"ketamine": "ketamine 0.5 mg/kg", "midazolam": "midazolam"},
        (Column("subject_id", "patient"), Column("treatment", "treatment"), Column("visit", "visit"),
         Column("madrs_total", "madrs"),
         *style.columns("age female inpatient principal_diagnosis mdd bipolar ptsd any_anxiety gad social_anxiety"),
         *style.columns("ocd panic agoraphobia chronic_pain bmi smoker systolic_bp diastolic_bp married race"),
         *style.columns("hispanic any_medication")),
        visits={0: "Baseline", 24: "24 h", 168: "Day 7", 336: "Day 14"}, missing="NA")


def _feder_41() -> Recipe:
    style = Style(Habit.WORDS, LETTERS, _WORDS_SEX, DIAGNOSES_SHORT)
    return Recipe(
        "feder_41", "period_rows", "P-{:02d}", {"ketamine": "Ketamine 0.5 mg/kg", "midazolam": "Midazolam"},
        (Column("Patient", "patient"), Column("Period", "period"), Column("Drug", "treatment"),
         *_scores("madrs", {0: "MADRS pre-infusion", 24: "MADRS 24 h", 48: "MADRS 48 h", 72: "MADRS 72 h",
                           168: "MADRS 7 days"}),
         *style.columns("age female inpatient principal_diagnosis mdd bipolar ptsd any_anxiety gad social_anxiety"),
         *style.columns("ocd panic agoraphobia sud_lifetime aud_lifetime eating_disorder chronic_pain married"),
         *style.columns("race hispanic education_years suicide_attempt family_history_alcohol any_medication"),
         *style.columns("benzodiazepine"),
         Column("QIDS-SR before infusion", "qids")),
        title_rows=(NOTICE,), missing="ND")


def _grunebaum() -> Recipe:
    employed = Column("EMPLOYED", "employed", {1: 1, 0: 2}, meaning="In paid work")
    style = Style(Habit.CAPITALS, BITS, sex("SEX (1=male, 2=female)", 2, 1), DIAGNOSES_SHORT, {"employed": employed})
    covariates = style.columns(
        "age female inpatient principal_diagnosis ptsd any_anxiety gad social_anxiety ocd panic agoraphobia "
        "specific_phobia sud_lifetime aud_lifetime eating_disorder dysthymia adhd smoker married race hispanic "
        "education_years employed failed_trials n_episodes age_at_onset episode_months suicide_attempt any_medication "
        "n_medications benzodiazepine")
    grouped = tuple(replace(column, group="Baseline characteristics") for column in covariates)
    return Recipe(
        "grunebaum_us", "wide", "{:d}", {"ketamine": "Ketamine 0.5 mg/kg", "midazolam": "Midazolam"},
        (Column("ID", "patient", group="Patient"), Column("ARM", "treatment", group="Patient"),
         *_scores("hrsd17", {0: "Baseline", 24: "24 h", 168: "Day 7"}, group="HRSD-17"), *grouped),
        title_rows=(NOTICE, ""), codebook=True, missing="999")


def _murrough() -> Recipe:
    style = Style(Habit.SHORT, BITS, sex("sex (1=male, 2=female)", 2, 1), DIAGNOSES_SHORT)
    return Recipe(
        "murrough_us", "wide", "{:d}", {"ketamine": 1, "midazolam": 2},
        (Column("subjid", "patient"), Column("treatment (1=ketamine 0.5 mg/kg, 2=midazolam)", "treatment"),
         *style.columns("age female inpatient principal_diagnosis race_black race_white hispanic married"),
         *style.columns("education_years employed bmi smoker systolic_bp diastolic_bp failed_trials failed_ect"),
         *style.columns("n_episodes age_at_onset episode_months suicide_attempt family_history_alcohol ptsd"),
         *style.columns("any_anxiety gad social_anxiety ocd panic agoraphobia specific_phobia sud_lifetime"),
         *style.columns("aud_lifetime eating_disorder dysthymia adhd personality_disorder"), *_scores("madrs", {
             -168: "madrs_screening", 0: "madrs_baseline", 24: "madrs_24h", 48: "madrs_48h", 72: "madrs_72h",
             168: "madrs_day7"})),
        missing="-99")


def _lakeside() -> Recipe:
    style = Style(Habit.WORDS, LOWER, _WORDS_SEX)

    def block(period: int) -> tuple[Column, ...]:
        name = f"Period {period}"
        headers = {0: "MADRS baseline", 4: "MADRS 240 min", 24: "MADRS 24 h", 72: "MADRS day 3", 168: "MADRS day 7"}
        return (Column(f"{name} drug", "treatment", period=period),
                *_scores("madrs", {hours: f"{name} {text}" for hours, text in headers.items()}, period=period))

    return Recipe(
        "lakeside_us", "period_blocks", "LS-{:d}", {"ketamine": "Ketamine 0.5 mg/kg", "saline": "Saline"},
        (Column("Patient code", "patient"), *style.columns("age female inpatient principal_diagnosis"),
         *block(1), *block(2),
         *style.columns("ptsd any_anxiety gad social_anxiety ocd panic agoraphobia sud_lifetime aud_lifetime"),
         *style.columns("eating_disorder dysthymia adhd bmi smoker married race education_years failed_trials"),
         *style.columns("failed_ect n_episodes age_at_onset suicide_attempt family_history_alcohol any_medication"),
         *style.columns("n_medications benzodiazepine")),
        sheet="Crossover", notice_sheet=True, missing=".")


def _harbor() -> Recipe:
    style = Style(Habit.SHORT, LOWER, sex("sex", "female", "male"))
    return Recipe(
        "harbor_us", "long", "HH{:02d}", {"ketamine": "ketamine", "saline": "placebo (saline)"},
        (Column("id", "patient"), Column("period", "period"), Column("drug", "treatment"),
         Column("ketamine_mg_per_kg", "dose"), Column("hours_since_infusion", "visit"), Column("madrs", "madrs"),
         Column("hamd17", "hrsd17"),
         *style.columns("age female inpatient principal_diagnosis ptsd any_anxiety gad social_anxiety ocd panic"),
         *style.columns("agoraphobia specific_phobia sud_lifetime aud_lifetime bmi smoker systolic_bp"),
         *style.columns("diastolic_bp married race employed failed_trials family_history_alcohol")),
        visits={0: 0, 4: 4, 24: 24, 72: 72, 168: 168})


def _serra() -> Recipe:
    unitless = Column("Duration of current episode", "episode_months")
    style = Style(Habit.WORDS, WORDS, _LETTER_SEX, exceptions={"episode_months": unitless})
    return Recipe(
        "serra_br", "period_rows", "SC{:02d}", {"ketamine": "Ketamine", "saline": "Saline"},
        (Column("Participant", "patient"), Column("Period", "period"), Column("Treatment", "treatment"),
         Column("Ketamine dose (mg/kg)", "dose"),
         *_scores("madrs", {0: "MADRS baseline", 4: "MADRS 4 h", 24: "MADRS 24 h", 72: "MADRS 72 h",
                           168: "MADRS day 7"}),
         *style.columns("age female inpatient principal_diagnosis married education_years age_at_onset"),
         *style.columns("episode_months"),
         Column("Rater", "rater")),
        delimiter=";", encoding="cp1252", decimal=",", title_rows=("Serra Clara (dados sintéticos) - " + NOTICE,),
        blank_rows=3)


def _riviere() -> Recipe:
    style = Style(Habit.WORDS, WORDS, _WORDS_SEX)

    def block(period: int) -> tuple[Column, ...]:
        group = f"Period {period}"
        return (Column("Drug", "treatment", period=period, group=group),
                *_scores("madrs", {0: "MADRS baseline", 24: "MADRS 24 h", 168: "MADRS day 7"}, group, period),
                *_scores("hrsd17", {0: "HDRS-17 baseline", 24: "HDRS-17 24 h", 168: "HDRS-17 day 7"}, group, period))

    covariates = style.columns(
        "age female inpatient principal_diagnosis ptsd any_anxiety gad sud_lifetime aud_lifetime personality_disorder "
        "systolic_bp diastolic_bp married race employed failed_trials failed_ect n_episodes suicide_attempt "
        "any_medication n_medications benzodiazepine")
    grouped = tuple(replace(column, group="Patient") for column in covariates)
    return Recipe(
        "riviere_ca", "period_blocks", "BR-{:03d}", {"ketamine": "Ketamine 0.5 mg/kg", "midazolam": "Midazolam"},
        (Column("Patient ID", "patient", group="Patient"), *grouped, *block(1), *block(2)),
        title_rows=(NOTICE,), blank_rows=4)


def _bundara() -> Recipe:
    style = Style(Habit.WORDS, LETTERS, _LETTER_SEX)
    return Recipe(
        "bundara_au", "long", "{:d}", {"ketamine": "Ketamine 0.5 mg/kg", "midazolam": "Midazolam"},
        (Column("Record ID", "patient"), Column("Treatment period", "period"), Column("Study drug", "treatment"),
         Column("Visit", "visit"), Column("MADRS total score", "madrs"),
         *style.columns("age female inpatient principal_diagnosis bipolar ptsd any_anxiety failed_trials"),
         *style.columns("failed_ect age_at_onset episode_months any_medication n_medications benzodiazepine")),
        visits={-168: "Screening", 0: "Baseline", 4: "4 hours", 24: "24 hours", 72: "Day 3", 168: "Day 7",
                UNTIMED: "Extra visit"},
        notice_sheet=True, codebook=True, sheet="Export")


def _rheinau() -> Recipe:
    style = Style(Habit.WORDS, GERMAN, sex("Sex (m=male, w=female)", "w", "m"))
    return Recipe(
        "rheinau_ch", "period_rows", "RH{:02d}", {"ketamine": "Ketamine 0.5 mg/kg", "saline": "NaCl"},
        (Column("Patient no.", "patient"), Column("Period", "period"), Column("Infusion", "treatment"),
         *_scores("madrs", {0: "MADRS before infusion", 24: "MADRS 24 h", 168: "MADRS 7 d"}),
         *style.columns("age female inpatient principal_diagnosis bmi smoker education_years episode_months"),
         *style.columns("any_medication")),
        delimiter=";", encoding="cp1252", decimal=",",
        title_rows=("Klinik Rheinau (erfunden), Zürichsee; " + NOTICE, ""),
        missing="n/a")


def _elm() -> Recipe:
    unlabeled: Codes = {1: 1, 0: 2}
    style = Style(Habit.CAPITALS, BITS, sex("SEX", "F", "M"), DIAGNOSES_SHORT,
                  {"married": Column("MARRIED", "married", unlabeled)})
    return Recipe(
        "elm_us", "period_rows", "EH{:d}", {"ketamine": "KETAMINE", "midazolam": "MIDAZOLAM"},
        (Column("SUBJECT", "patient"), Column("PERIOD", "period"), Column("DRUG", "treatment"),
         Column("DOSE_MG_KG", "dose"),
         *_scores("madrs", {0: "MADRS_BASELINE", 4: "MADRS_4H", 24: "MADRS_24H", 72: "MADRS_72H"}),
         *style.columns("age female inpatient principal_diagnosis ptsd any_anxiety eating_disorder dysthymia"),
         *style.columns("personality_disorder bmi smoker married race n_episodes family_history_alcohol")),
        title_rows=(NOTICE,), missing="#NULL!")


def _prairie() -> Recipe:
    style = Style(Habit.WORDS, LOWER, _WORDS_SEX)
    treatments: dict[str, str | int] = {f"ketamine {dose}": f"Ketamine {dose} mg/kg" for dose in (0.1, 0.2, 0.5, 1.0)}
    return Recipe(
        "prairie_us", "wide", "PL-{:03d}", treatments | {"midazolam": "Midazolam (active placebo)"},
        (Column("Patient number", "patient"), Column("Arm", "treatment"),
         *_scores("hrsd17", {0: "HAM-D17 baseline", 24: "HAM-D17 24 h", 72: "HAM-D17 day 3", 168: "HAM-D17 day 7",
                             336: "HAM-D17 day 14"}),
         *style.columns("age female inpatient principal_diagnosis ptsd any_anxiety gad social_anxiety ocd panic"),
         *style.columns("agoraphobia chronic_pain bmi systolic_bp diastolic_bp married race hispanic"),
         *style.columns("failed_trials n_episodes age_at_onset episode_months suicide_attempt")),
        title_rows=("Dose ranging study", NOTICE, "Export of the locked database", ""), missing="ND")


def _formosa() -> Recipe:
    style = Style(Habit.CAPITALS, ONE_TWO, sex("SEX (1=male, 2=female)", 2, 1), DIAGNOSES_SHORT)
    treatments: dict[str, str | int] = {"ketamine 0.5": "Ketamine 0.5 mg/kg", "ketamine 0.2": "Ketamine 0.2 mg/kg",
                                        "saline": "Normal saline"}
    return Recipe(
        "formosa_tw", "wide", "T{:03d}", treatments,
        (Column("CASE_NO", "patient"), Column("GROUP", "treatment"),
         *style.columns("age female inpatient principal_diagnosis"),
         *_scores("hrsd17", {0: "HAMD17_BASELINE", 4: "HAMD17_240MIN", 24: "HAMD17_24H", 72: "HAMD17_D3",
                             168: "HAMD17_D7", 336: "HAMD17_D14"}),
         *style.columns("failed_trials failed_ect n_episodes age_at_onset suicide_attempt any_medication"),
         *style.columns("n_medications benzodiazepine")),
        missing="999")


def _stonebridge() -> Recipe:
    years = Column("Length of current episode (years)", "episode_months", divisor=12)
    style = Style(Habit.WORDS, WORDS, _LETTER_SEX, exceptions={"episode_months": years})
    return Recipe(
        "stonebridge_us", "wide", "SB{:d}",
        {"ketamine": "Ketamine 0.5 mg/kg", "saline": "Saline placebo", "lanicemine": "Lanicemine"},
        (Column("Subject", "patient"), Column("Treatment group", "treatment"),
         *_scores("madrs", {0: "MADRS total, baseline", 4: "MADRS total, 4 h", 24: "MADRS total, 24 h",
                            168: "MADRS total, day 7"}),
         *style.columns("age female inpatient principal_diagnosis chronic_pain systolic_bp diastolic_bp race"),
         *style.columns("hispanic failed_trials episode_months")),
        title_rows=(NOTICE, ""), missing="-99", total_row=True)


def _lindental() -> Recipe:
    style = Style(Habit.WORDS, GERMAN, sex("Sex", "female", "male"))
    return Recipe(
        "lindental_de", "long", "{:d}", {"ketamine": "Ketamine 0,5 mg/kg", "midazolam": "Midazolam"},
        (Column("Pat-ID", "patient"), Column("Study medication", "treatment"), Column("Visit", "visit"),
         Column("MADRS", "madrs"), Column("HAMD-17", "hrsd17"),
         *style.columns("age female inpatient principal_diagnosis personality_disorder married employed"),
         *style.columns("failed_trials failed_ect any_medication n_medications benzodiazepine")),
        visits={0: "Baseline", 4: "4 h", 24: "24 h", 168: "Day 7", 336: "Day 14"},
        delimiter=";", encoding="cp1252", decimal=",", title_rows=("Universität Lindental (erfunden); " + NOTICE,))


def _duinzicht() -> Recipe:
    married = Column("Married or partnered", "married", {1: 1, 0: 2}, meaning="Lives with a partner")
    style = Style(Habit.WORDS, BITS, _WORDS_SEX, DIAGNOSES_SHORT, {"married": married})
    covariates = style.columns(
        "age female inpatient principal_diagnosis mdd bipolar ptsd any_anxiety gad social_anxiety ocd panic "
        "agoraphobia chronic_pain bmi smoker married education_years employed n_episodes any_medication n_medications")
    grouped = tuple(replace(column, group="Baseline") for column in covariates)
    return Recipe(
        "duinzicht_nl", "wide", "NL-{:02d}", {"ketamine": "Ketamine", "midazolam": "Midazolam"},
        (Column("Participant ID", "patient", group="Participant"),
         Column("Allocation", "treatment", group="Participant"),
         Column("Ketamine dose (mg/kg)", "dose", group="Participant"),
         *_scores("madrs", {0: "Baseline", 24: "24 h", 168: "Day 7"}, group="MADRS"),
         *_scores("hrsd17", {0: "Baseline", 24: "24 h", 168: "Day 7"}, group="HDRS-17"), *grouped),
        title_rows=(NOTICE,), codebook=True, blank_rows=8, missing="999")


RECIPES: tuple[Recipe, ...] = (
    _deakin(), _feder_30(), _feder_41(), _grunebaum(), _murrough(), _lakeside(), _harbor(), _serra(), _riviere(),
    _bundara(), _rheinau(), _elm(), _prairie(), _formosa(), _stonebridge(), _lindental(), _duinzicht())
