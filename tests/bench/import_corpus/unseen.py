"""Twenty-six files as other teams would send them, written before the reader knew their forms.

Read at first sight: see README. Later figures measure memory too.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Arm, Ledger, book, columns_as_rows, table, text

KET: Arm = ("Ketamine 0.5 mg/kg", "ketamine", 0.5)
SALINE: Arm = ("Saline", "control", None)
MIDA: Arm = ("Midazolam 0.045 mg/kg", "control", None)
USUAL = {"Baseline": 0, "24 h": 24, "Day 7": 168}
CROSSED = {"design": "crossover", "trd_threshold": 1}
MF = {1: "F", 0: "M"}
YN = {1: "Yes", 0: "No"}


def rowan_events(folder: Path) -> Ledger:
    """REDCap raw: events as rows, facts on the first, checkboxes, a data dictionary in a file of its own."""
    t = Ledger("rowan_events", [KET, SALINE], {"enrollment_arm_1": 0, "24h_postinfusion_arm_1": 24, "day_7_arm_1": 168},
               n=26, ids="{}")
    names = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "age", "sex",
             "race___1", "race___2", "race___3", "smoke", "alloc", "demographics_complete", "madrs_total", "madrs_complete"]
    rows: list[list[Any]] = [names]
    for i, who in enumerate(t.person):
        for visit in t.plan:
            first = visit.startswith("enroll")
            facts = [who["age"], who["female"] + 1, who["race_white"], who["race_black"],
                     int(not who["race_white"] and not who["race_black"]), who["smoker"],
                     1 if t.arm[i] is KET else 2, 2]
            score = t.items[visit][i]
            rows.append([t.id[i], visit, "", "", *(facts if first else [""] * len(facts)),
                         "" if score is None else sum(score), 2 if score else 0])
    dictionary = [["Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
                   "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number"],
                  ["record_id", "demographics", "", "text", "Record ID", "", "", ""],
                  ["age", "demographics", "", "text", "Age at enrollment", "", "years", "integer"],
                  ["sex", "demographics", "", "radio", "Sex", "1, Male | 2, Female", "", ""],
                  ["race", "demographics", "", "checkbox", "Race", "1, White | 2, Black or African American | 3, Other",
                   "", ""],
                  ["smoke", "demographics", "", "yesno", "Current smoker", "", "", ""],
                  ["alloc", "demographics", "", "radio", "Treatment allocation",
                   "1, Ketamine 0.5 mg/kg | 2, Saline placebo", "", ""],
                  ["madrs_total", "madrs", "", "calc", "MADRS total score", "sum([madrs_1])", "", ""]]
    with (folder / "rowan_events_DataDictionary_2019-05-02.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(dictionary)
    t.tells("age", "female", "race_white", "race_black", "smoker")
    return text(t, folder, rows)


def aspen_labels(folder: Path) -> Ledger:
    """REDCap with labels, repeating events, Checked and Unchecked."""
    t = Ledger("aspen_labels", [("Ketamine (0.5 mg/kg)", "ketamine", .5), ("Midazolam (0.045 mg/kg)", "control", None)],
               {"Baseline Visit": 0, "Day 1 Visit": 24, "Day 3 Visit": 72, "Day 7 Visit": 168}, n=28, ids="AK-{:03d}",
               control_type="psychoactive")
    check = {1: "Checked", 0: "Unchecked"}
    rows: list[list[Any]] = [["Study ID", "Event Name", "What is your age?", "Sex at birth", "Race (choice=White)",
                              "Race (choice=Black or African American)", "Comorbid diagnoses (choice=PTSD)",
                              "Comorbid diagnoses (choice=Panic disorder)", "Treatment Arm", "Complete?",
                              "MADRS Total Score", "MADRS Rater Initials", "Complete?"]]
    for i, who in enumerate(t.person):
        for visit in t.plan:
            facts = [who["age"], {1: "Female", 0: "Male"}[who["female"]], check[who["race_white"]],
                     check[who["race_black"]], check[who["ptsd"]], check[who["panic"]], t.names()[i], "Complete"]
            score = t.items[visit][i]
            rows.append([t.id[i], visit, *(facts if visit == "Baseline Visit" else [""] * 8),
                         "" if score is None else sum(score), "RK", "Complete" if score else "Incomplete"])
    t.tells("age", "female", "race_white", "race_black", "ptsd", "panic")
    return text(t, folder, rows)


def birch_arms(folder: Path) -> Ledger:
    """A sheet for each arm, the arm nowhere else."""
    t = Ledger("birch_arms", [("Ketamine", "ketamine", None), ("Placebo", "control", None)], USUAL, n=24, ids="B{:02d}")
    whole = columns_as_rows({"Patient": t.id, "Age": t.get("age"), "Sex": t.get("female", MF), "BMI": t.get("bmi"),
                             "MADRS baseline": t.total("Baseline"), "MADRS 24h": t.total("24 h"),
                             "MADRS day 7": t.total("Day 7")})
    t.tells("age", "female", "bmi")
    return book(t, folder, {name: [whole[0], *(row for row, arm in zip(whole[1:], t.arm, strict=True) if arm[0] == name)]
                            for name, _, _ in t.arms})


def cedar_visits(folder: Path) -> Ledger:
    """A sheet for each visit, who the patients are on the first."""
    t = Ledger("cedar_visits", [KET, SALINE], USUAL, n=22, ids="{:03d}", country="Canada")
    people = table(ID=t.id, Group=t.names(), Age=t.get("age"), Gender=t.get("female", {1: "Female", 0: "Male"}),
                   Smoker=t.get("smoker", YN), MADRS=t.total("Baseline"))
    t.tells("age", "female", "smoker")
    return book(t, folder, {"Baseline": people} | {
        visit: columns_as_rows({"ID": t.id, "MADRS": t.total(visit), "YMRS": t.get("n_episodes")})
        for visit in ("24 h", "Day 7")})


def dogwood_sites(folder: Path) -> Ledger:
    """A sheet for each site, the same columns."""
    t = Ledger("dogwood_sites", [KET, MIDA], {"BL": 0, "24H": 24, "D7": 168}, n=30, ids="DW{:02d}", country="Germany",
               control_type="psychoactive")
    whole = columns_as_rows({"SubjectID": t.id, "Treatment": t.names(), "Age": t.get("age"), "Sex": t.get("female", MF),
                             "Inpatient": t.get("inpatient", YN), "MADRS_BL": t.total("BL"),
                             "MADRS_24H": t.total("24H"), "MADRS_D7": t.total("D7")})
    t.tells("age", "female", "inpatient")
    return book(t, folder, {"Berlin": [whole[0], *whole[1:11]], "Mainz": [whole[0], *whole[11:21]],
                            "Bonn": [whole[0], *whole[21:]]})


def elder_parts(folder: Path) -> Ledger:
    """Demographics, randomization list, vitals, ratings and adverse events on sheets of their own."""
    t = Ledger("elder_parts", [("Ketamine", "ketamine", .5), ("Midazolam", "control", None)],
               {"Screening": -168, "Baseline": 0, "24 hours": 24, "7 days": 168}, n=24, ids="EL-{:02d}",
               control_type="psychoactive")
    ratings: list[list[Any]] = [["Subject ID", "Visit", "MADRS total", "Rater"]]
    ratings += [[t.id[i], visit, t.total(visit)[i], "AB"] for i in range(t.n) for visit in t.plan
                if t.items[visit][i] is not None]
    events = [["Subject ID", "Event", "Severity", "Related"],
              *[[t.id[i % t.n], ("Nausea", "Headache", "Dizziness")[i % 3], 1 + i % 3, "yes"] for i in range(60)]]
    order = t.rng.permutation(t.n)
    t.tells("age", "female", "employed", "systolic_bp", "diastolic_bp")
    return book(t, folder, {
        "Demographics": columns_as_rows({"Subject ID": t.id, "Age": t.get("age"), "Sex": t.get("female", MF),
                                         "Employed": t.get("employed", YN)}),
        "Randomization": [["Subject ID", "Treatment", "Dose (mg/kg)"],
                          *[[t.id[i], t.names()[i], .5 if t.arm[i][1] == "ketamine" else .045] for i in order]],
        "Vitals": columns_as_rows({"Subject ID": t.id, "SBP": t.get("systolic_bp"), "DBP": t.get("diastolic_bp")}),
        "Ratings": ratings, "Adverse events": events})


def fir_dates(folder: Path) -> Ledger:
    """Days of infusion and of each rating, no visit names."""
    t = Ledger("fir_dates", [KET, SALINE], {"a": -24, "b": 24, "c": 72, "d": 168}, n=24, ids="F{:02d}", country="Israel",
               jitter=8)
    t.on_days()
    rows: list[list[Any]] = [["Patient ID", "Treatment", "Age", "Sex", "Infusion date", "Rating date", "MADRS"]]
    for i, who in enumerate(t.person):
        rows += [[t.id[i], t.names()[i], who["age"], MF[who["female"]], who["infused"].date(), t.when(visit)[i].date(),
                  t.total(visit)[i]] for visit in t.plan if t.items[visit][i] is not None]
    t.tells("age", "female")
    return book(t, folder, {"Data": rows})


def ginkgo_clock(folder: Path) -> Ledger:
    """Start of infusion on one sheet, day and time of every rating on another."""
    t = Ledger("ginkgo_clock", [KET, MIDA], {"pre": -1, "4h": 4.5, "24h": 24, "7d": 168}, n=20, ids="G{:03d}", jitter=.5,
               control_type="psychoactive", country="Netherlands")
    ratings: list[list[Any]] = [["Subject", "Assessment date/time", "MADRS score"]]
    ratings += [[t.id[i], t.when(visit)[i], t.total(visit)[i]] for i in range(t.n) for visit in t.plan
                if t.items[visit][i] is not None]
    t.tells("age", "female", "bmi")
    return book(t, folder, {
        "Subjects": columns_as_rows({"Subject": t.id, "Arm": t.names(), "Age (years)": t.get("age"),
                                     "Sex": t.get("female", MF), "BMI": t.get("bmi"),
                                     "Infusion start": [who["infused"] for who in t.person]}), "MADRS": ratings})


def hazel_items(folder: Path) -> Ledger:
    """Ten items at each of three visits, no total anywhere."""
    t = Ledger("hazel_items", [KET, SALINE], {"bl": 0, "24h": 24, "d7": 168}, n=24, ids="{}")
    columns: dict[str, Any] = {"id": t.id, "arm": t.names(), "age": t.get("age"), "sex": t.get("female", MF)}
    for visit in t.plan:
        columns |= {f"madrs{k + 1}_{visit}": t.item(visit, k) for k in range(10)}
    t.tells("age", "female")
    return text(t, folder, columns_as_rows(columns))


def ivy_items(folder: Path) -> Ledger:
    """A row a visit, the items by their names."""
    t = Ledger("ivy_items", [KET, MIDA], {"Baseline": 0, "Day 1": 24, "Day 7": 168}, n=20, ids="IV{:02d}",
               control_type="psychoactive")
    names = ("Apparent sadness", "Reported sadness", "Inner tension", "Reduced sleep", "Reduced appetite",
             "Concentration difficulties", "Lassitude", "Inability to feel", "Pessimistic thoughts", "Suicidal thoughts")
    rows: list[list[Any]] = [["Participant", "Condition", "Age", "Sex", "Visit",
                              *(f"MADRS {k + 1} {name}" for k, name in enumerate(names))]]
    for i, who in enumerate(t.person):
        rows += [[t.id[i], t.names()[i], who["age"], MF[who["female"]], visit, *(t.items[visit][i] or [""] * 10)]
                 for visit in t.plan]
    t.tells("age", "female")
    return book(t, folder, {"MADRS items": rows})


def juniper_change(folder: Path) -> Ledger:
    """Baseline, and the change from it at each visit."""
    t = Ledger("juniper_change", [KET, SALINE], USUAL, n=24, ids="J{:02d}")
    base = t.total("Baseline")
    columns = {"ID": t.id, "Treatment": t.names(), "Age": t.get("age"), "Sex": t.get("female", MF), "MADRS baseline": base}
    for visit in ("24 h", "Day 7"):
        columns[f"MADRS change from baseline {visit}"] = [
            "" if score == "" else score - first for score, first in zip(t.total(visit), base, strict=True)]
    t.tells("age", "female")
    return text(t, folder, columns_as_rows(columns))


def katsura_codes(folder: Path) -> Ledger:
    """-99, 888 and 999 for what is missing, a laboratory value below the limit."""
    t = Ledger("katsura_codes", [KET, SALINE], USUAL, n=26, ids="K{:02d}", country="Japan", lost=.15)
    rng = t.rng
    ages, bmi = [float(v) for v in t.get("age")], [float(v) for v in t.get("bmi")]
    columns = {"ID": t.id, "Group": t.names(), "Age": t.get("age"), "Sex": t.get("female", MF), "BMI": t.get("bmi"),
               "CRP mg/L": ["<LOD" if rng.random() < .4 else round(float(rng.uniform(.3, 9)), 1) for _ in t.id]}
    for key, name, values, code in (("age", "Age", ages, 999), ("bmi", "BMI", bmi, -99)):
        for i in (3, 9, 14):
            columns[name][i], values[i] = code, np.nan
        t.tells(but={key: values})
    columns |= {f"MADRS {visit}": t.total(visit, 888 if visit == "24 h" else -99) for visit in t.plan}
    t.tells("female")
    return text(t, folder, columns_as_rows(columns))


def larch_inches(folder: Path) -> Ledger:
    """Height in inches and weight in pounds; body mass index is for the reader."""
    t = Ledger("larch_inches", [KET, MIDA], USUAL, n=24, ids="L{:02d}", control_type="psychoactive")
    inches, pounds = t.get("height", lambda v: round(v / 2.54)), t.get("weight", lambda v: round(v / .45359237))
    t.tells("age", "female")
    t.tells(but={"bmi": [p * .45359237 / (i * .0254) ** 2 for p, i in zip(pounds, inches, strict=True)]}, unsure=True)
    return text(t, folder, columns_as_rows({
        "Participant ID": t.id, "Arm": t.names(), "Age (y)": t.get("age"), "Gender": t.get("female", MF),
        "Height (in)": inches, "Weight (lbs)": pounds,
        **{f"MADRS_{visit.replace(' ', '')}": t.total(visit) for visit in t.plan}}))


def maple_milligrams(folder: Path) -> Ledger:
    """Milligrams infused and kilograms of weight, two doses of ketamine."""
    arms: list[Arm] = [("ketamine", "ketamine", .5), ("ketamine", "other_dose", .2), ("placebo", "control", None)]
    t = Ledger("maple_milligrams", arms, USUAL, n=30, ids="M{:02d}", country="Australia")
    weight = t.get("weight")
    mg = [0 if arm[2] is None else round(arm[2] * kg, 1) for arm, kg in zip(t.arm, weight, strict=True)]
    t.arm = [(arm[0], arm[1], round(dose / kg, 10) if dose else None)
             for arm, dose, kg in zip(t.arm, mg, weight, strict=True)]
    t.open |= {"arm", "dose_mg_kg", "included"}
    t.tells("age", "female")
    return text(t, folder, columns_as_rows({
        "id": t.id, "drug": t.names(), "age": t.get("age"), "sex": t.get("female", MF), "weight_kg": weight,
        "ketamine_mg": mg, "madrs_pre": t.total("Baseline"), "madrs_24h": t.total("24 h"), "madrs_7d": t.total("Day 7")}))


def nutmeg_births(folder: Path) -> Ledger:
    """Dates of birth and of consent instead of ages."""
    t = Ledger("nutmeg_births", [KET, SALINE], USUAL, n=24, ids="N{:02d}", country="France", trd_threshold="unspecified")
    t.tells("female", "married")
    t.tells("age", unsure=True)
    return book(t, folder, {"Patients": columns_as_rows({
        "Patient": t.id, "Bras": t.names(), "Date of birth": t.get("born"), "Sex": t.get("female", MF),
        "Infusion date": [who["infused"].date() for who in t.person], "Married": t.get("married", YN),
        "MADRS baseline": t.total("Baseline"), "MADRS H24": t.total("24 h"), "MADRS D7": t.total("Day 7")})})


def oak_key(folder: Path) -> Ledger:
    """Arms A and B, and a sheet that unblinds them."""
    t = Ledger("oak_key", [("A", "ketamine", .5), ("B", "control", None)], USUAL, n=24, ids="OA{:02d}")
    t.tells("age", "female", "inpatient")
    return book(t, folder, {"Dataset": columns_as_rows({
        "Subject": t.id, "Arm": t.names(), "Age": t.get("age"), "Sex": t.get("female", MF),
        "Setting": t.get("inpatient", {1: "inpatient", 0: "outpatient"}),
        **{f"MADRS {visit}": t.total(visit) for visit in t.plan}}),
        "Unblinding": [["Arm", "Treatment"], ["A", "Ketamine 0.5 mg/kg"], ["B", "Saline 0.9%"]]})


def pine_blind(folder: Path) -> Ledger:
    """X1 and X2, and no key: nobody can know."""
    t = Ledger("pine_blind", [("X1", "ketamine", .5), ("X2", "control", None)], USUAL, n=20, ids="P{:02d}")
    t.open |= {"arm", "dose_mg_kg", "included"}
    t.tells("age", "female")
    return text(t, folder, columns_as_rows({
        "Pat_ID": t.id, "Study drug": t.names(), "Age": t.get("age"), "Sex": t.get("female", MF),
        **{f"MADRS {visit}": t.total(visit) for visit in t.plan}}))


def quince_order(folder: Path) -> Ledger:
    """A crossover in rows of period and visit, the order of drugs as KET/MID."""
    t = Ledger("quince_order", [("KET/MID", "ketamine", None), ("MID/KET", "control", None)],
               {"baseline": 0, "24h": 24, "7d": 168}, n=18, ids="Q{:02d}", control_type="psychoactive", **CROSSED)
    rows: list[list[Any]] = [["subject", "sequence", "age", "sex", "period", "visit", "madrs"]]
    for i, who in enumerate(t.person):
        for period in (1, 2):
            rows += [[t.id[i], t.names()[i], who["age"], MF[who["female"]], period, visit,
                      t.total(visit)[i] if period == 1 else int(t.rng.integers(4, 45))] for visit in t.plan]
    t.tells("age", "female")
    return text(t, folder, rows)


def redwood_names(folder: Path) -> Ledger:
    """Visits under every kind of name."""
    t = Ledger("redwood_names", [KET, SALINE], {"V1 (Screening)": -168, "V2 (pre-dose)": 0, "V3 (T+4h)": 4,
                                                "V4 (24h)": 24, "V5 (D3)": 72, "V6 (1 wk)": 168}, n=22, ids="R-{:02d}")
    rows: list[list[Any]] = [["Subject No.", "Treatment", "Age", "Sex", "Visit", "MADRS"]]
    rows += [[t.id[i], t.names()[i], t.person[i]["age"], MF[t.person[i]["female"]], visit, t.total(visit)[i]]
             for i in range(t.n) for visit in t.plan]
    t.tells("age", "female")
    return text(t, folder, rows)


def sorbier(folder: Path) -> Ledger:
    """French: semicolons, decimal commas, days as day/month/year, rows by visit day."""
    t = Ledger("sorbier", [("Kétamine 0,5 mg/kg", "ketamine", .5), ("Placebo", "control", None)],
               {"J0": 0, "J1": 24, "J7": 168}, n=22, ids="{:03d}", country="France")
    rows: list[list[Any]] = [["N° patient", "Bras", "Âge", "Sexe", "IMC", "Visite", "Date", "MADRS total"]]
    rows += [[t.id[i], t.names()[i], who["age"], {1: "F", 0: "H"}[who["female"]], who["bmi"], visit,
              f"{t.when(visit)[i]:%d/%m/%Y}", t.total(visit)[i]] for i, who in enumerate(t.person) for visit in t.plan]
    t.tells("age", "female", "bmi")
    return text(t, folder, rows, delimiter=";", decimal=",", encoding="cp1252")


def tanne(folder: Path) -> Ledger:
    """SPSS in German, labels for names and codes, 99 and 999 declared missing."""
    t = Ledger("tanne", [("1", "ketamine", .5), ("2", "control", None)], {"t0": 0, "t1": 24, "t2": 168}, n=26, ids="{}",
               country="Austria", control_type="psychoactive", lost=.1)
    frame = pd.DataFrame({"pat": t.id, "grp": [float(a) for a in t.names()], "alt": t.get("age"),
                          "sex": t.get("female", {1: 2, 0: 1}), "rauch": t.get("smoker", {1: 1, 0: 2}),
                          "part": t.get("married", {1: 1, 0: 0})} | {
                              f"ma_{visit}": [float(v) for v in t.total(visit, 999)] for visit in t.plan})
    labels = ["Patientennummer", "Behandlungsgruppe", "Alter in Jahren", "Geschlecht", "Raucher", "Verheiratet",
              "MADRS Gesamtwert vor Infusion", "MADRS Gesamtwert 24 h nach Infusion", "MADRS Gesamtwert Tag 7"]
    pyreadstat.write_sav(frame, str(folder / "tanne.sav"), column_labels=labels, variable_value_labels={
        "grp": {1: "Ketamin 0,5 mg/kg", 2: "Midazolam"}, "sex": {1: "männlich", 2: "weiblich"},
        "rauch": {1: "ja", 2: "nein"}, "part": {0: "nein", 1: "ja"}},
        missing_ranges={f"ma_{visit}": [999.0] for visit in t.plan})
    t.facts["file"] = "tanne.sav"
    t.tells("age", "female", "smoker", "married")
    return t


def umbra_groups(folder: Path) -> Ledger:
    """Group names over the visits, units in brackets, a title above."""
    t = Ledger("umbra_groups", [KET, SALINE], USUAL, n=24, ids="U{:02d}", country="Italy")
    rows = [["KARMA trial, final data set"], [],
            ["", "", "", "", "Vital signs", "", "MADRS", "", ""],
            ["Patient code", "Arm", "Age (years)", "Sex (M/F)", "SBP (mmHg)", "DBP (mmHg)", "Baseline", "24 h", "Day 7"]]
    rows += [list(row) for row in zip(t.id, t.names(), t.get("age"), t.get("female", MF), t.get("systolic_bp"),
                                      t.get("diastolic_bp"), *(t.total(visit) for visit in t.plan), strict=True)]
    t.tells("age", "female", "systolic_bp", "diastolic_bp")
    return book(t, folder, {"Final": rows})


def vine_plain(folder: Path) -> Ledger:
    """A statistician's plain csv."""
    t = Ledger("vine_plain", [("ketamine", "ketamine", None), ("midazolam", "control", None)],
               {"base": 0, "24h": 24, "72h": 72, "d7": 168}, n=28, ids="{}", control_type="psychoactive")
    t.tells("age", "female", "bmi", "failed_trials", "hispanic", "suicide_attempt", "age_at_onset", "n_episodes")
    return text(t, folder, columns_as_rows({
        "subject_id": t.id, "treatment": t.names(), "age": t.get("age"), "female": t.get("female"), "bmi": t.get("bmi"),
        "n_failed_trials": t.get("failed_trials"), "hispanic": t.get("hispanic"),
        "suicide_attempt_hx": t.get("suicide_attempt"), "age_onset": t.get("age_at_onset"),
        "n_mdd_episodes": t.get("n_episodes"), **{f"madrs_{visit}": t.total(visit) for visit in t.plan}}))


def willow_hamilton(folder: Path) -> Ledger:
    """Hamilton scores in rows of visits, Stata."""
    t = Ledger("willow_hamilton", [("1", "ketamine", .5), ("0", "control", None)],
               {"1": 0, "2": 24, "3": 72, "4": 168}, n=24, ids="{}", scale="hrsd17", country="United Kingdom")
    rows = [[int(t.id[i]), float(t.names()[i]), who["age"], who["female"], who["inpatient"], int(visit),
             np.nan if t.items[visit][i] is None else sum(t.items[visit][i] or [])]
            for i, who in enumerate(t.person) for visit in t.plan]
    frame = pd.DataFrame(rows, columns=["patid", "treated", "age", "female", "inpatient", "visit", "hamd17"])
    pyreadstat.write_dta(frame, str(folder / "willow_hamilton.dta"), column_labels=[
        "Patient", "Treatment", "Age in years", "Female", "Inpatient", "Visit", "HAM-D 17 total"],
        variable_value_labels={"treated": {0: "saline", 1: "ketamine 0.5 mg/kg"}, "female": {0: "no", 1: "yes"},
                               "inpatient": {0: "no", 1: "yes"},
                               "visit": {1: "baseline", 2: "24h post infusion", 3: "72h post infusion", 4: "day 7"}})
    t.facts["file"] = "willow_hamilton.dta"
    t.tells("age", "female", "inpatient")
    return t


def xylem_scales(folder: Path) -> Ledger:
    """A sheet for each scale, times as columns, patients on a third sheet."""
    t = Ledger("xylem_scales", [KET, MIDA], {"Baseline": 0, "24h": 24, "Day 7": 168}, n=22, ids="X{:02d}",
               control_type="psychoactive")
    madrs = columns_as_rows({"Patient ID": t.id, **{visit: t.total(visit) for visit in t.plan}})
    ymrs = columns_as_rows({"Patient ID": t.id, **{visit: [int(v) for v in t.rng.integers(0, 12, t.n)] for visit in t.plan}})
    t.tells("age", "female", "education_years")
    return book(t, folder, {"Patients": columns_as_rows({
        "Patient ID": t.id, "Treatment arm": t.names(), "Age": t.get("age"), "Sex": t.get("female", MF),
        "Years of education": t.get("education_years")}), "MADRS": madrs, "YMRS": ymrs})


def yew_months(folder: Path) -> Ledger:
    """Ages in months, visits as hours since the infusion that were really measured."""
    t = Ledger("yew_months", [KET, SALINE], {"pre": -2, "a": 24, "b": 70, "c": 168}, n=22, ids="Y{:02d}", jitter=1.5)
    rows: list[list[Any]] = [["ID", "Treatment", "Age (months)", "Sex", "Hours since infusion", "MADRS"]]
    months = [who["age"] * 12 + 3 for who in t.person]
    rows += [[t.id[i], t.names()[i], months[i], MF[t.person[i]["female"]], t.hours[visit][i], t.total(visit)[i]]
             for i in range(t.n) for visit in t.plan]
    t.tells("female")
    t.tells(but={"age": [m / 12 for m in months]})
    return text(t, folder, rows)


STUDIES = (rowan_events, aspen_labels, birch_arms, cedar_visits, dogwood_sites, elder_parts, fir_dates, ginkgo_clock,
           hazel_items, ivy_items, juniper_change, katsura_codes, larch_inches, maple_milligrams, nutmeg_births, oak_key,
           pine_blind, quince_order, redwood_names, sorbier, tanne, umbra_groups, vine_plain, willow_hamilton,
           xylem_scales, yew_months)
