"""Ordinary exports as twelve coordinators would send them, half of them English; nothing in them is meant as a trap.

Read at first sight: 84.2 % right, 15.8 % asked, none silently wrong (4,904 cells). Later figures measure memory too.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench.import_corpus.english import MIDAZOLAM, SEX, UK, US, YES, keta, placebo
from tests.bench.import_corpus.irregular import CROSSOVER
from tests.bench.import_corpus.saving import save_csv, save_statistical, save_xlsx
from tests.bench.import_corpus.trial import Trial, rows_of


def small_letters(folder: Path) -> Trial:
    """A student's spreadsheet: short lower-case names, 1 and 2 explained nowhere but for the group."""
    t = Trial("small_letters", [keta("ket"), placebo("sal")], n=26, facts=dict(US))
    t.knows_dose = False
    t.put_id("subj")
    t.put_arm("grp")
    t.put("age", "age")
    t.put("sex", "female", {1: "f", 0: "m"})
    t.put("edu_yrs", "education_years", gap=0.1)
    t.put("bmi", "bmi", gap=0.1)
    t.put("n_failed_meds", "failed_trials")
    t.wide("madrs", {0: "madrs_pre", 24: "madrs_1d", 168: "madrs_7d"})
    return save_csv(t, folder)


def consent_form(folder: Path) -> Trial:
    """Names as on the case report form, full words, units in brackets."""
    t = Trial("consent_form", [keta("Ketamine 0.5 mg/kg"), placebo("Midazolam 0.045 mg/kg")], n=30,
              hours=(-168, 0, 24, 72, 168), facts=dict(MIDAZOLAM), ids="S{:03d}")
    t.put_id("Subject ID")
    t.put("Age at consent", "age")
    t.put("Gender", "female", {1: "Female", 0: "Male"})
    t.put("BMI (kg/m²)", "bmi", gap=0.1)
    t.put("Prior ECT", "failed_ect", YES, ask=True)
    t.put("# failed meds", "failed_trials")
    t.put("Current smoker?", "smoker", YES)
    t.put("Lifetime suicide attempt", "suicide_attempt", YES)
    t.put("Age at first depressive episode", "age_at_onset")
    t.put_arm("Randomized to")
    t.wide("madrs", {-168: "MADRS Screening", 0: "MADRS Pre-infusion", 24: "MADRS +24 h", 72: "MADRS +72 h",
                     168: "MADRS +7 d"})
    return save_xlsx(t, folder)


def numbered_visits(folder: Path) -> Trial:
    """Scores named by visit number; a second sheet says when the visits were."""
    t = Trial("numbered_visits", [keta("KET"), placebo("PLA")], n=24, facts=dict(UK), ids="UK{:02d}")
    t.knows_dose = False
    t.put_id("Participant")
    t.put_arm("Allocation")
    t.put("Age (yrs)", "age")
    t.put("Sex", "female", SEX)
    t.put("In-patient at baseline", "inpatient", YES)
    t.wide("madrs", {0: "MADRS_V1", 24: "MADRS_V2", 168: "MADRS_V3"})
    return save_xlsx(t, folder, sheet="Dataset", sheets={"Visit schedule": [
        ["Visit", "Timing"], ["V1", "Baseline, before infusion"], ["V2", "24 hours after infusion"],
        ["V3", "7 days after infusion"]]})


def one_row_a_visit(folder: Path) -> Trial:
    """A row a visit, facts repeated on every row, blinded raters beside the scores."""
    t = Trial("one_row_a_visit", [keta("Ketamine (0.5 mg/kg over 40 min)"), placebo("Saline (placebo)")], n=22,
              hours=(0, 4, 24, 168, 336), facts=dict(US), ids="01-{:03d}")
    t.put_id("Subject Number")
    t.put_arm("Treatment Group")
    t.put("Age", "age")
    t.put("Sex at birth", "female", {1: "Female", 0: "Male"})
    t.put("Race: White", "race_white", YES)
    t.put("Marital status: married", "married", YES)
    t.add("Rater initials", ["JB"] * t.n)
    labels = {0: "Day 0 pre-dose", 4: "Day 0 + 4 hrs", 24: "Day 1", 168: "Day 7", 336: "Day 14"}
    t.long("Visit", labels, {"MADRS total": "madrs"}, skip_missed=True)
    return save_csv(t, folder)


def two_infusions(folder: Path) -> Trial:
    """A crossover as the statistician keeps it: A and B for the infusions, a row a patient."""
    t = Trial("two_infusions", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=18, facts=dict(CROSSOVER))
    order = ["Ketamine 0.5 mg/kg", "Saline"]
    t.put_id("PatientID")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.put_arm("Infusion 1 drug")
    t.add("Infusion 2 drug", [order[1 - order.index(arm.text)] for arm in t.arm])
    t.wide("madrs", {0: "Inf1 MADRS baseline", 24: "Inf1 MADRS 24h", 168: "Inf1 MADRS day 7"})
    for visit in ("baseline", "24h", "day 7"):
        t.add(f"Inf2 MADRS {visit}", [int(v) for v in t.rng.integers(8, 40, t.n)])
    return save_xlsx(t, folder)


def two_tables(folder: Path) -> Trial:
    """Patients on one sheet, ratings on the next, the same ids on both."""
    t = Trial("two_tables", [keta("Ketamine 0.5 mg/kg"), placebo("Placebo")], n=20, facts=dict(US), ids="P{:02d}")
    t.put_id("Patient ID")
    t.put_arm("Arm")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.put("SBP (mmHg)", "systolic_bp")
    t.put("DBP (mmHg)", "diastolic_bp")
    people = rows_of(t.table)
    t.table = {"Patient ID": list(t.patient)}
    t.long("Timepoint", {0: "Baseline", 24: "24 hours", 168: "7 days"}, {"MADRS": "madrs"})
    ratings = rows_of(t.table)
    t.table = {name: [row[i] for row in people[1:]] for i, name in enumerate(people[0])}
    return save_xlsx(t, folder, sheet="Demographics", sheets={"Ratings": ratings})


def klinik(folder: Path) -> Trial:
    """A German ward's table."""
    t = Trial("klinik", [keta("Ketamin 0,5 mg/kg KG"), placebo("Placebo (NaCl 0,9%)")], n=24, facts={**UK, "country": "Germany"})
    t.put_id("Pat.-Nr.")
    t.put_arm("Therapiearm")
    t.put("Alter bei Einschluss", "age")
    t.put("Geschlecht", "female", {1: "weiblich", 0: "männlich"})
    t.put("Raucher", "smoker", {1: "ja", 0: "nein"})
    t.put("Stationär", "inpatient", {1: "ja", 0: "nein"})
    t.put("BMI", "bmi")
    t.wide("madrs", {0: "MADRS vor Infusion", 24: "MADRS nach 24 Std.", 168: "MADRS nach 7 Tagen"})
    return save_csv(t, folder, ";", ",", "cp1252")


def hopital(folder: Path) -> Trial:
    """A French hospital's table, scores by day."""
    t = Trial("hopital", [keta("Kétamine 0,5 mg/kg"), placebo("Sérum physiologique")], n=24,
              facts={**UK, "country": "France"}, ids="FR-{:02d}")
    t.put_id("N° patient")
    t.put_arm("Bras")
    t.put("Âge (ans)", "age")
    t.put("Sexe", "female", {1: "F", 0: "H"})
    t.put("Tabac", "smoker", {1: "oui", 0: "non"})
    t.put("IMC", "bmi")
    t.wide("madrs", {0: "MADRS J0", 24: "MADRS J1", 168: "MADRS J7"})
    return save_csv(t, folder, ";", ",")


def hospital(folder: Path) -> Trial:
    """A Spanish hospital's workbook."""
    t = Trial("hospital", [keta("Ketamina 0,5 mg/kg"), placebo("Suero fisiológico")], n=24,
              facts={**UK, "country": "Spain"})
    t.put_id("Código paciente")
    t.put_arm("Grupo de tratamiento")
    t.put("Edad", "age")
    t.put("Sexo", "female", {1: "Mujer", 0: "Hombre"})
    t.put("Fumador", "smoker", {1: "Sí", 0: "No"})
    t.put("Trabaja", "employed", {1: "Sí", 0: "No"}, ask=True)
    t.wide("madrs", {0: "MADRS basal", 24: "MADRS 24 horas", 168: "MADRS 7 días"})
    return save_xlsx(t, folder)


def ziekenhuis(folder: Path) -> Trial:
    """A Dutch table in SPSS with labels."""
    t = Trial("ziekenhuis", [keta(1), placebo(2)], n=24, facts={**MIDAZOLAM, "country": "Netherlands"})
    t.put_id("ppnr")
    t.put_arm("conditie")
    t.put("leeftijd", "age")
    t.put("geslacht", "female", {1: 2, 0: 1})
    t.put("roken", "smoker", {1: 1, 0: 0})
    t.wide("madrs", {0: "madrs_t0", 24: "madrs_t1", 168: "madrs_t2"})
    labels = {"ppnr": "Proefpersoonnummer", "conditie": "Conditie", "leeftijd": "Leeftijd (jaren)",
              "geslacht": "Geslacht", "roken": "Rookt momenteel", "madrs_t0": "MADRS totaalscore voor infusie",
              "madrs_t1": "MADRS totaalscore 24 uur na infusie", "madrs_t2": "MADRS totaalscore 7 dagen na infusie"}
    return save_statistical(t, folder, ".sav", labels, {
        "conditie": {1.0: "ketamine 0,5 mg/kg", 2.0: "midazolam"}, "geslacht": {1.0: "man", 2.0: "vrouw"},
        "roken": {0.0: "nee", 1.0: "ja"}})


def ospedale(folder: Path) -> Trial:
    """An Italian table, HAMD."""
    t = Trial("ospedale", [keta("Ketamina 0,5 mg/kg"), placebo("Placebo")], n=24, scales=("hrsd17",),
              facts={**UK, "country": "Italy"})
    t.put_id("ID paziente")
    t.put_arm("Gruppo")
    t.put("Età", "age")
    t.put("Genere", "female", {1: "F", 0: "M"})
    t.put("Fumatore", "smoker", {1: "sì", 0: "no"})
    t.put("Tentativi di suicidio", "suicide_attempt", {1: "sì", 0: "no"})
    t.wide("hrsd17", {0: "HAMD-17 basale", 24: "HAMD-17 24 ore", 168: "HAMD-17 7 giorni"})
    return save_csv(t, folder, ";", ",")


def sjukhus(folder: Path) -> Trial:
    """A Swedish long file."""
    t = Trial("sjukhus", [keta("Ketamin 0,5 mg/kg"), placebo("Koksalt")], n=20, facts={**UK, "country": "Sweden"})
    t.put_id("Patient")
    t.put_arm("Behandling")
    t.put("Ålder", "age")
    t.put("Kön", "female", {1: "Kvinna", 0: "Man"})
    t.put("Rökare", "smoker", {1: "Ja", 0: "Nej"})
    t.long("Besök", {0: "Före infusion", 24: "24 timmar", 168: "7 dagar"}, {"MADRS summa": "madrs"})
    return save_csv(t, folder, ";", ",")


STUDIES = (small_letters, consent_form, numbered_visits, one_row_a_visit, two_infusions, two_tables, klinik, hopital,
           hospital, ziekenhuis, ospedale, sjukhus)
