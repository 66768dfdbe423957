"""Studies with something the matter: crossovers, repeated infusions, doubles, typos, gaps, hidden rows, free text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.import_corpus.english import MIDAZOLAM, SEX, UK, US, YES, keta, placebo
from tests.bench.import_corpus.saving import save_csv, save_statistical, save_xlsx
from tests.bench.import_corpus.trial import KETAMINE, Trial

CROSSOVER = {"country": "US", "design": "crossover", "control_type": "inert", "trd_threshold": 1}


def _second_period(t: Trial, hour: float) -> list[Any]:
    """Scores of the second infusion: like the first visit's, and never to be taken."""
    return [int(v) for v in t.rng.integers(5, 45, t.n) + (hour > 0)]


def _other_arm(t: Trial) -> list[Any]:
    texts = [arm.text for arm in t.arms]
    return [texts[1 - texts.index(arm.text)] for arm in t.arm]


def period_rows(folder: Path) -> Trial:
    """A row a patient and period."""
    t = Trial("period_rows", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=20, facts=dict(CROSSOVER))
    t.put_id("Subject")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.add("Period", [1] * t.n)
    t.put_arm("Drug")
    t.wide("madrs", {0: "MADRS pre", 24: "MADRS 24h", 168: "MADRS 7d"})
    second = t.table | {"Period": [2] * t.n, "Drug": _other_arm(t)}
    second |= {f"MADRS {name}": _second_period(t, hour) for name, hour in (("pre", 0), ("24h", 24), ("7d", 168))}
    t.table = {column: [cell for pair in zip(t.table[column], second[column], strict=True) for cell in pair]
               for column in t.table}
    return save_csv(t, folder)


def period_blocks(folder: Path) -> Trial:
    """A block of columns for each period."""
    t = Trial("period_blocks", [keta("Ketamine 0.5 mg/kg"), placebo("Placebo")], n=20, facts=dict(CROSSOVER))
    t.put_id("ID")
    t.put("Age", "age")
    t.put("Gender", "female", {1: "Female", 0: "Male"})
    t.put_arm("Infusion 1 drug")
    t.wide("madrs", {0: "Infusion 1 MADRS baseline", 24: "Infusion 1 MADRS 24h", 168: "Infusion 1 MADRS day 7"})
    t.add("Infusion 2 drug", _other_arm(t))
    for name, hour in (("baseline", 0), ("24h", 24), ("day 7", 168)):
        t.add(f"Infusion 2 MADRS {name}", _second_period(t, hour))
    return save_xlsx(t, folder)


def period_visits(folder: Path) -> Trial:
    """A row a patient, period and visit; the second period starts anew with a baseline."""
    t = Trial("period_visits", [keta("KET 0.5 mg/kg"), placebo("SAL")], n=18, facts=dict(CROSSOVER), missed=0.0)
    t.put_id("pt")
    t.put("age", "age")
    t.put("sex", "female", SEX)
    t.add("session", [1] * t.n)
    t.put_arm("drug")
    labels = {0: "baseline", 24: "24h", 168: "7d"}
    own = t.table
    t.long("visit", labels, {"madrs": "madrs"})
    first, other = t.table, _other_arm(t)
    t.table = own | {"session": [2] * t.n, "drug": other}
    t.long("visit", labels, {"madrs": "madrs"})
    second = t.table | {"madrs": [int(v) for v in t.rng.integers(5, 45, 3 * t.n)]}
    t.table = {column: first[column] + second[column] for column in first}
    return save_csv(t, folder)


def sequence(folder: Path) -> Trial:
    """The order of drugs as one word a patient; a row a period."""
    t = Trial("sequence", [keta("ketamine-placebo"), placebo("placebo-ketamine")], n=18, facts=dict(CROSSOVER))
    t.may_ask |= {"arm", "dose_mg_kg", "included"}
    t.put_id("ID")
    t.put("age", "age")
    t.put("sex", "female", SEX)
    t.put_arm("sequence")
    for period in (1, 2):
        for name, hour in (("pre", 0), ("24h", 24), ("7d", 168)):
            cells = t.cells("madrs", hour) if period == 1 else _second_period(t, hour)
            t.add(f"P{period}_MADRS_{name}", cells)
    return save_csv(t, folder)


def repeated(folder: Path) -> Trial:
    """Three infusions a patient, a row each: only the first counts."""
    t = Trial("repeated", [keta("Ketamine 0.5 mg/kg"), placebo("Midazolam 0.045 mg/kg")], n=18, hours=(0, 24),
              facts=dict(MIDAZOLAM))
    t.put_id("Patient")
    t.put_arm("Treatment")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.add("Infusion number", [1] * t.n)
    t.wide("madrs", {0: "MADRS pre-infusion", 24: "MADRS 24h post-infusion"})
    blocks = [t.table]
    for count in (2, 3):
        later = {"MADRS pre-infusion": _second_period(t, 0), "MADRS 24h post-infusion": _second_period(t, 24)}
        blocks.append(t.table | {"Infusion number": [count] * t.n} | later)
    t.table = {c: [block[c][i] for i in range(t.n) for block in blocks] for c in t.table}
    return save_csv(t, folder)


def doubles(folder: Path) -> Trial:
    """Leading zeros, three rows twice, dates, a Total row."""
    t = Trial("doubles", [keta("Ketamine 0.5 mg/kg"), placebo("Saline 0.9%")], n=24, ids="00{:03d}", facts=dict(US))
    t.put_id("Patient ID")
    t.add("Date of birth", [f"{1950 + i}-03-{i % 27 + 1:02d}" for i in range(t.n)])
    t.add("Infusion date", [f"2015-05-{i % 27 + 1:02d}" for i in range(t.n)])
    t.put_arm("Study arm")
    t.put("Sex", "female", SEX)
    t.put("Systolic BP (mmHg)", "systolic_bp")
    t.put("Diastolic BP (mmHg)", "diastolic_bp")
    t.add("Heart rate", [int(v) for v in t.rng.integers(55, 99, t.n)])
    t.know("age", np.array(["?"] * t.n, dtype=object))
    t.wide("madrs", {0: "MADRS_Baseline", 24: "MADRS_24h", 168: "MADRS_1wk"})
    for column, cells in t.table.items():
        t.table[column] = [*cells, cells[2], cells[7], cells[11], "Total" if column == "Patient ID" else ""]
    return save_csv(t, folder)


def hidden(folder: Path) -> Trial:
    """Two filtered rows are hidden; nobody knows whether they belong."""
    t = Trial("hidden", [keta("Ketamine 0.5 mg/kg"), placebo("Midazolam")], n=22, facts=dict(MIDAZOLAM))
    t.patients_may_ask |= {t.patient[4], t.patient[9]}
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {0: "MADRS BL", 24: "MADRS D1", 168: "MADRS D7"})
    return save_xlsx(t, folder, hidden_rows=(6, 11))


def ptsd_trial(folder: Path) -> Trial:
    """Post-traumatic stress: CAPS is the main score, MADRS beside it."""
    t = Trial("ptsd_trial", [keta("Ketamine 0.5 mg/kg"), placebo("Midazolam 0.045 mg/kg")], n=26,
              diagnoses={"PTSD": 1.0}, facts=dict(MIDAZOLAM) | {"trd_threshold": "unspecified"})
    t.put_id("Subject")
    t.put_arm("Treatment")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.put("Current MDD", "mdd", YES)
    t.put("Race (Black)", "race_black", YES)
    t.put("Hispanic", "hispanic", YES)
    t.put("Alcohol use disorder, lifetime", "aud_lifetime", YES)
    for name, hour in (("baseline", 0), ("24h", 24), ("day 7", 168)):
        t.add(f"CAPS {name}", [int(v) for v in t.rng.integers(20, 110, t.n)])
        t.add(f"IES-R {name}", [int(v) for v in t.rng.integers(10, 80, t.n)])
        t.wide("madrs", {hour: f"MADRS {name}"})
    return save_xlsx(t, folder)


def diagnoses_text(folder: Path) -> Trial:
    """Diagnoses as clinicians write them."""
    t = Trial("diagnoses_text", [keta("ketamine 0.5mg/kg"), placebo("saline")], n=30,
              diagnoses={"MDD": 0.6, "bipolar": 0.4}, facts=dict(UK))
    words = {"MDD": ["MDD, recurrent, severe", "Major depressive disorder, single episode", "MDD recurrent w/o psychosis"],
             "bipolar": ["Bipolar II disorder, current episode depressed", "BP-I, depressed", "Bipolar I"]}
    t.put_id("id")
    t.add("Primary diagnosis", [words[d][i % 3] for i, d in enumerate(t.fact("principal_diagnosis"))])
    t.know("principal_diagnosis", t.fact("principal_diagnosis"))
    t.put_arm("drug")
    t.put("age", "age")
    t.put("sex", "female", SEX)
    t.put("patient status", "inpatient", {1: "inpatient", 0: "outpatient"})
    t.add("Psychiatric history (free text)", ["anxiety in mother; no OCD" if i % 4 else "denies PTSD" for i in range(t.n)])
    t.wide("madrs", {0: "madrs baseline", 24: "madrs 24h", 168: "madrs 7d"})
    return save_csv(t, folder)


def codes_of_yes(folder: Path) -> Trial:
    """Every way to say yes and no."""
    t = Trial("codes_of_yes", [keta("Ketamine 0.5 mg/kg"), placebo("Placebo")], n=40, facts=dict(US))
    t.put_id("ID")
    t.put_arm("Arm")
    t.put("Age", "age")
    t.put("Female", "female", {1: "TRUE", 0: "FALSE"})
    t.put("GAD", "gad", {1: "Y", 0: "N"})
    t.put("Social anxiety disorder", "social_anxiety", {1: "present", 0: "absent"})
    t.put("OCD", "ocd", {1: "+", 0: "-"})
    t.put("Panic disorder", "panic", {1: "1 - yes", 0: "0 - no"})
    t.put("Agoraphobia", "agoraphobia", {1: "x", 0: ""}, ask=True)
    t.put("Chronic pain", "chronic_pain", {1: 1, 0: 2}, ask=True)
    t.put("ADHD", "adhd", {1: "positive", 0: "negative"})
    t.put("Dysthymia", "dysthymia", {1: "yes", 0: "no"}, gap=0.1, missing="unknown")
    t.put("Eating disorder", "eating_disorder", {1: "Yes", 0: "No"}, gap=0.1, missing="N/A")
    t.put("Specific phobia", "specific_phobia", {1: 1, 0: 0}, gap=0.1, missing=9)
    t.put("Family history of alcoholism", "family_history_alcohol", {1: "yes", 0: "no"}, gap=0.1, missing="don't know")
    t.wide("madrs", {0: "MADRS 0h", 24: "MADRS 24h", 168: "MADRS 168h"}, missing=".")
    return save_csv(t, folder)


def medication(folder: Path) -> Trial:
    """Counts and classes of medicines; partner status, race and work as words."""
    t = Trial("medication", [keta("IV ketamine 0.5 mg/kg"), placebo("IV midazolam 0.045 mg/kg")], n=36,
              facts=dict(MIDAZOLAM))
    t.put_id("Study ID")
    t.put_arm("Randomized arm")
    t.put("Age (yrs)", "age")
    t.put("Sex", "female", {1: "woman", 0: "man"})
    t.put("Number of concomitant psychotropics", "n_medications")
    t.put("Benzodiazepine use", "benzodiazepine", YES)
    pick = t.rng.integers(0, 2, t.n)
    t.add("Marital status", [("married", "living with partner")[p] if m else ("single", "divorced")[p]
                             for p, m in zip(pick, t.fact("married"), strict=True)])
    t.know("married", t.fact("married"))
    t.add("Race", ["Black" if b else "White" if w else "Asian"
                   for b, w in zip(t.fact("race_black"), t.fact("race_white"), strict=True)])
    t.know("race_black", t.fact("race_black"))
    t.know("race_white", t.fact("race_white"))
    t.add("Employment", [("full-time", "part-time")[p] if e else ("unemployed", "disabled")[p]
                         for p, e in zip(pick, t.fact("employed"), strict=True)])
    t.know("employed", t.fact("employed"))
    t.may_ask |= {"employed"}
    t.put("Duration of current episode (years)", "episode_months",
          {m: round(m / 12, 4) for m in set(t.fact("episode_months"))})
    t.put("Years of education", "education_years")
    t.wide("madrs", {0: "MADRS_pre", 24: "MADRS_post_24h", 168: "MADRS_post_7d"})
    return save_csv(t, folder)


def typos(folder: Path) -> Trial:
    """Scores of 333, an age of 420, a BMI of 2.5: nothing to be taken, nothing to be mended."""
    t = Trial("typos", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=24, facts=dict(US))
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.put("BMI", "bmi")
    t.put("Systolic blood pressure", "systolic_bp")
    t.wide("madrs", {0: "MADRS baseline", 24: "MADRS 24h", 168: "MADRS 7d"})
    for column, key, row, cell in (("Age", "age", 3, 420), ("BMI", "bmi", 5, 2.5),
                                   ("Systolic blood pressure", "systolic_bp", 6, 12)):
        t.table[column][row] = cell
        t.keys[key][row] = np.nan
    for column, hour, row, cell in (("MADRS baseline", 0, 8, 333), ("MADRS 24h", 24, 9, 77), ("MADRS 7d", 168, 10, -5)):
        t.table[column][row] = cell
        t.scores["madrs"][row, t.hours.index(hour)] = np.nan
    return save_csv(t, folder)


def gaps(folder: Path) -> Trial:
    """Patients without baseline, without any follow-up, with neither; missing as 99, which is no score."""
    t = Trial("gaps", [keta("Ketamine 0.5 mg/kg"), placebo("Placebo saline")], n=28, hours=(0, 24, 72, 168, 240),
              facts=dict(US), missed=0.25)
    t.scores["madrs"][[2, 5], 0] = np.nan
    t.scores["madrs"][[5, 6, 7], 1:] = np.nan
    t.put_id("ID")
    t.put_arm("Treatment")
    t.put("Age", "age", gap=0.1, missing=99, ask=True)
    t.put("Sex", "female", SEX, gap=0.1, missing="?")
    t.wide("madrs", {0: "MADRS_D0", 24: "MADRS_D1", 72: "MADRS_D3", 168: "MADRS_D7", 240: "MADRS_D10"}, missing=99)
    return save_csv(t, folder)


def screening_only(folder: Path) -> Trial:
    """Some patients have a screening score and no baseline; the last before the infusion counts."""
    t = Trial("screening_only", [keta("Ketamine 0.5 mg/kg"), placebo("Midazolam")], n=24,
              hours=(-336, 0, 24, 168), facts=dict(MIDAZOLAM))
    t.scores["madrs"][[1, 4, 8], 1] = np.nan
    t.put_id("ID")
    t.put_arm("Arm")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {-336: "MADRS screening", 0: "MADRS baseline", 24: "MADRS day 1", 168: "MADRS day 7"})
    return save_xlsx(t, folder)


def two_sheets(folder: Path) -> Trial:
    """Who the patients are on one sheet, their scores on another."""
    t = Trial("two_sheets", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=24, facts=dict(US), ids="{:03d}")
    t.put_id("ID")
    t.put_arm("Arm")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    visits = {label: t.cells("madrs", hour, None) for hour, label in ((0, "Baseline"), (24, "24h"), (168, "Day 7"))}
    rows: list[list[Any]] = [["ID", "Visit", "MADRS"]]
    rows += [[patient, label, cells[i]] for i, patient in enumerate(t.patient) for label, cells in visits.items()]
    return save_xlsx(t, folder, sheet="Demographics", sheets={"MADRS": rows})


def spss(folder: Path) -> Trial:
    """SPSS with value labels and user-missing values."""
    t = Trial("spss", [keta(1), placebo(2)], n=30, facts=dict(MIDAZOLAM))
    t.put_id("subject")
    t.put_arm("trt")
    t.put("age", "age", gap=0.1, missing=999)
    t.put("sex", "female", {1: 2, 0: 1})
    t.put("married", "married", {1: 1, 0: 2})
    t.put("smoke", "smoker", {1: 1, 0: 2}, gap=0.1, missing=9)
    t.put("setting", "inpatient", {1: 1, 0: 2})
    t.wide("madrs", {0: "madrs0", 24: "madrs24h", 168: "madrs7d"}, missing=999)
    values = {"trt": {1.0: "Ketamine 0.5 mg/kg", 2.0: "Midazolam"}, "sex": {1.0: "Male", 2.0: "Female"},
              "married": {1.0: "Married", 2.0: "Not married"}, "smoke": {1.0: "Yes", 2.0: "No", 9.0: "Not asked"},
              "setting": {1.0: "Inpatient", 2.0: "Outpatient"}}
    labels = {"madrs0": "MADRS total, baseline", "madrs24h": "MADRS total, 24 h", "madrs7d": "MADRS total, day 7"}
    missing = {name: [999] for name in ("age", "madrs0", "madrs24h", "madrs7d")}
    return save_statistical(t, folder, ".sav", labels, values, missing)


def stata_long(folder: Path) -> Trial:
    """Stata, long, labeled visits."""
    t = Trial("stata_long", [keta(1), placebo(0)], n=24, facts=dict(UK), hours=(0, 24, 72, 168))
    t.put_id("id")
    t.put_arm("treat")
    t.put("age", "age")
    t.put("female", "female")
    t.put("bipolar", "bipolar")
    t.long("visit", {0: 1, 24: 2, 72: 3, 168: 4}, {"madrs": "madrs"})
    values = {"treat": {0: "saline", 1: "ketamine 0.5 mg/kg"}, "female": {0: "no", 1: "yes"},
              "visit": {1: "baseline", 2: "24 hours", 3: "72 hours", 4: "7 days"}, "bipolar": {0: "no", 1: "yes"}}
    return save_statistical(t, folder, ".dta", {"madrs": "MADRS total score"}, values)


def items_wide(folder: Path) -> Trial:
    """Ten items and a total at each visit; sums on a 0-60 scale beside item 10."""
    t = Trial("items_wide", [keta("Ketamine 0.5 mg/kg"), placebo("Placebo")], n=22, facts=dict(US))
    t.put_id("ID")
    t.put_arm("Tx")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    for name, hour in (("BL", 0), ("24H", 24), ("D7", 168)):
        total = t.cells("madrs", hour)
        for item in range(1, 11):
            t.add(f"MADRS{item}_{name}", [int(v) // 10 + (item <= int(v) % 10) if v != "" else "" for v in total])
        t.add(f"MADRS_total_{name}", total)
    return save_csv(t, folder)


def notes_below(folder: Path) -> Trial:
    """Notes and a legend under the data, a blank column, units in a second row."""
    t = Trial("notes_below", [keta("K"), placebo("M")], n=22, facts=dict(MIDAZOLAM))
    t.put_id("Pt")
    t.put_arm("Arm")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.add("", [""] * t.n)
    t.wide("madrs", {0: "MADRS T0", 24: "MADRS T24h", 168: "MADRS T7d"})
    return save_xlsx(t, folder, after=[[], ["K = ketamine 0.5 mg/kg; M = midazolam 0.045 mg/kg"],
                                       ["Data exported 12/03/2016"]])


def later_weeks(folder: Path) -> Trial:
    """Visits outside the windows: 2 h, 5 days, 4 weeks are nobody's rapid or post-rapid."""
    t = Trial("later_weeks", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=22,
              hours=(0, 2, 48, 120, 240, 672), facts=dict(US))
    t.put_id("ID")
    t.put_arm("Treatment group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {0: "MADRS Baseline", 2: "MADRS 2 hours", 48: "MADRS 2 days", 120: "MADRS 5 days",
                     240: "MADRS 10 days", 672: "MADRS 4 weeks"})
    return save_csv(t, folder)


def no_registry_facts(folder: Path) -> Trial:
    """The registry knows the file alone."""
    t = Trial("no_registry_facts", [keta("KETAMINE .5 MG/KG"), placebo("SALINE")], n=22)
    t.put_id("PatientNumber")
    t.put_arm("TreatmentGroup")
    t.put("AgeAtEntry", "age")
    t.put("Sex", "female", {1: "Fem", 0: "Masc"})
    t.wide("madrs", {0: "MADRSTotalBaseline", 24: "MADRSTotal24Hours", 168: "MADRSTotalDay7"})
    return save_csv(t, folder)


def arm_doses(folder: Path) -> Trial:
    """The dose in its own column, with unit in the cell; ketamine under several spellings."""
    t = Trial("arm_doses", [keta("Ketamine"), placebo("Midazolam")], n=24, facts=dict(MIDAZOLAM))
    t.put_id("ID")
    spelled = ["ketamine", "Ketamine", "KETAMINE ", "ket", "Ketamine HCl"]
    t.add("Drug", [spelled[i % 5] if a.kind == KETAMINE else ("midazolam", "Mdz", "MIDAZOLAM")[i % 3]
                   for i, a in enumerate(t.arm)])
    t.add("Dose", ["0.5 mg/kg" if a.kind == KETAMINE else "0.045 mg/kg" for a in t.arm])
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {0: "Baseline MADRS", 24: "24h MADRS", 168: "7d MADRS"})
    return save_csv(t, folder)


STUDIES = (period_rows, period_blocks, period_visits, sequence, repeated, doubles, hidden, ptsd_trial, diagnoses_text,
           codes_of_yes, medication, typos, gaps, screening_only, two_sheets, spss, stata_long, items_wide, notes_below,
           later_weeks, no_registry_facts, arm_doses)
