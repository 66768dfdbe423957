"""Twenty-five more files of other teams, written after the reader had learned from `unseen`, and before it met these.

Read at first sight: see README. Later figures measure memory too.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text

Cells = list[Any]


def _rows(t: Ledger, head: list[str], row: Any, *, lost: bool = True) -> Rows:
    """A row a patient and visit: `row(i, visit, score)`; visits without a score left out unless `lost`."""
    found: Rows = [head]
    for i in range(t.n):
        for visit in t.plan:
            rated = t.items[visit][i]
            if rated is not None or lost:
                found.append(row(i, visit, "" if rated is None else sum(rated)))
    return found


def arran(folder: Path) -> Ledger:
    """Analysis data sets as for a regulator: a row a patient, parameter and visit."""
    t = Ledger("arran", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Placebo", "control", None)],
               {"Baseline": 0, "Day 1": 24, "Day 7": 168}, n=20, ids="KX-101-{:03d}", country="United Kingdom")
    rows: Rows = [["STUDYID", "USUBJID", "TRT01P", "AGE", "SEX", "PARAMCD", "PARAM", "AVISIT", "AVISITN", "AVAL"]]
    for i, who in enumerate(t.person):
        for number, visit in enumerate(t.plan):
            head = ["KX-101", t.id[i], t.arm[i][0], who["age"], "F" if who["female"] else "M"]
            rows.append([*head, "MADRSTOT", "MADRS total score", visit, number, t.total(visit)[i]])
            rows.append([*head, "YMRSTOT", "YMRS total score", visit, number, int(t.rng.integers(0, 9))])
    t.tells("age", "female")
    return text(t, folder, rows)


def bute(folder: Path) -> Ledger:
    """A crossover in REDCap: the infusion in the event's name, drugs as columns of the first event."""
    t = Ledger("bute", [("Ketamine", "ketamine", None), ("Midazolam", "control", None)],
               {"baseline": 0, "24h": 24, "day7": 168}, n=18, ids="{}", design="crossover", control_type="psychoactive")
    rows: Rows = [["record_id", "redcap_event_name", "age", "gender", "drug", "madrs_score"]]
    for i, who in enumerate(t.person):
        for period in (1, 2):
            for visit in t.plan:
                drug = t.arm[i][0] if period == 1 else {"Ketamine": "Midazolam", "Midazolam": "Ketamine"}[t.arm[i][0]]
                first = period == 1 and visit == "baseline"
                rows.append([t.id[i], f"infusion_{period}_{visit}_arm_1", who["age"] if first else "",
                             ("Female" if who["female"] else "Male") if first else "", drug,
                             t.total(visit)[i] if period == 1 else int(t.rng.integers(4, 45))])
    t.tells("age", "female")
    return text(t, folder, rows)


def coll(folder: Path) -> Ledger:
    """A sheet an arm, rows of visits on each, a sheet of screen failures behind."""
    t = Ledger("coll", [("KET", "ketamine", None), ("PBO", "control", None)],
               {"Pre-infusion": 0, "4 h": 4, "24 h": 24, "1 week": 168}, n=22, ids="C{:03d}")
    head = ["Subject ID", "Age", "Sex", "Visit", "MADRS total"]
    whole = _rows(t, head, lambda i, visit, score: [t.id[i], t.person[i]["age"], "FM"[1 - t.person[i]["female"]], visit,
                                                    score])
    arm_of = dict(zip(t.id, t.arm, strict=True))
    t.tells("age", "female")
    return book(t, folder, {name: [head, *(row for row in whole[1:] if arm_of[row[0]][0] == name)]
                            for name, _, _ in t.arms} | {"Screen failures": [head, ["C900", 44, "F", "Pre-infusion", 12],
                                                                             ["C901", 31, "M", "Pre-infusion", 9],
                                                                             ["C902", 50, "M", "Pre-infusion", 11]]})


def drummore(folder: Path) -> Ledger:
    """Who on one sheet, ratings on the next, the ids under two names and in two spellings."""
    t = Ledger("drummore", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Saline", "control", None)],
               {"BL": 0, "D1": 24, "D3": 72, "D7": 168}, n=24, ids="{:03d}", country="Ireland")
    t.tells("age", "female", "smoker", "married")
    people = columns_as_rows({"Patient ID": t.id, "Treatment group": [arm[0] for arm in t.arm], "Age at entry": t.get("age"),
                              "Gender": t.get("female", {1: "female", 0: "male"}),
                              "Smokes": t.get("smoker", {1: "yes", 0: "no"}),
                              "Married or cohabiting": t.get("married", {1: "yes", 0: "no"})})
    return book(t, folder, {"Baseline characteristics": people, "Outcome": _rows(
        t, ["Subject", "Timepoint", "MADRS", "CGI-S"], lambda i, visit, score: [i + 1, visit, score, 4])})


def eigg(folder: Path) -> Ledger:
    """German: day and time of day in two columns each, as text."""
    t = Ledger("eigg", [("Ketamin 0,5 mg/kg", "ketamine", .5), ("NaCl", "control", None)],
               {"a": -2, "b": 4, "c": 24, "d": 168}, n=20, ids="E{:02d}", jitter=.75, country="Germany")
    rows = _rows(t, ["Patient", "Gruppe", "Alter", "Geschlecht", "Infusion Datum", "Infusion Uhrzeit", "Visite Datum",
                     "Visite Uhrzeit", "MADRS Summe"], lambda i, visit, score: [
                         t.id[i], t.arm[i][0], t.person[i]["age"], "mw"[t.person[i]["female"]],
                         f"{t.person[i]['infused']:%d.%m.%Y}", f"{t.person[i]['infused']:%H:%M}",
                         f"{t.when(visit)[i]:%d.%m.%Y}", f"{t.when(visit)[i]:%H:%M}", score])
    t.tells("age", "female")
    return text(t, folder, rows, delimiter=";", decimal=",", encoding="cp1252")


def foula(folder: Path) -> Ledger:
    """American days with AM and PM."""
    t = Ledger("foula", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Midazolam", "control", None)],
               {"a": -1.5, "b": 24, "c": 72, "d": 168}, n=22, ids="F-{:02d}", jitter=1, control_type="psychoactive")
    spelled = "%m/%d/%Y %I:%M %p"
    rows = _rows(t, ["Subject ID", "Arm", "Age", "Sex", "Infusion Start", "MADRS Date/Time", "MADRS Total"],
                 lambda i, visit, score: [t.id[i], t.arm[i][0], t.person[i]["age"], "MF"[t.person[i]["female"]],
                                          f"{t.person[i]['infused']:{spelled}}", f"{t.when(visit)[i]:{spelled}}", score])
    t.tells("age", "female")
    return text(t, folder, rows)


def gigha(folder: Path) -> Ledger:
    """Seventeen Hamilton items a visit, no total."""
    t = Ledger("gigha", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Placebo", "control", None)],
               {"base": 0, "24h": 24, "7d": 168}, n=22, ids="{}", scale="hrsd17", country="Canada")
    columns: dict[str, Cells] = {"ID": t.id, "Treatment": [arm[0] for arm in t.arm], "Age": t.get("age"),
                                 "Sex": t.get("female", {1: "F", 0: "M"})}
    for visit in t.plan:
        columns |= {f"HAMD17_{visit}_{k + 1:02d}": t.item(visit, k) for k in range(17)}
    t.tells("age", "female")
    return text(t, folder, columns_as_rows(columns), delimiter="\t", suffix=".txt")


def harris(folder: Path) -> Ledger:
    """Points of improvement since the baseline, weeks as Wk1."""
    t = Ledger("harris", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Saline", "control", None)],
               {"BL": 0, "24h": 24, "Wk1": 168}, n=24, ids="H{:02d}", trd_threshold="unspecified")
    base = t.total("BL")
    columns = {"Pt ID": t.id, "Tx": [arm[0] for arm in t.arm], "Age": t.get("age"), "Gender": t.get("female", {1: "F", 0: "M"}),
               "MADRS BL": base}
    columns |= {f"MADRS improvement {visit}": ["" if score == "" else first - score for score, first in
                                               zip(t.total(visit), base, strict=True)] for visit in ("24h", "Wk1")}
    t.tells("age", "female")
    return book(t, folder, {"Sheet1": columns_as_rows(columns)})


def iona(folder: Path) -> Ledger:
    """SPSS, rows of visits, -9 for missing, everything labeled."""
    t = Ledger("iona", [("1", "ketamine", .5), ("2", "control", None)], {"1": 0, "2": 24, "3": 72, "4": 168}, n=24,
               ids="{}", lost=.12, control_type="psychoactive")
    rows = [[float(t.id[i]), float(t.arm[i][0]), float(who["age"]), float(who["female"]), float(who["inpatient"]),
             float(who["failed_trials"]), float(visit), float(sum(t.items[visit][i] or [-9]))]
            for i, who in enumerate(t.person) for visit in t.plan]
    frame = pd.DataFrame(rows, columns=["id", "grp", "age", "gen", "setting", "nfail", "vis", "md_tot"])
    pyreadstat.write_sav(frame, str(folder / "iona.sav"), column_labels=[
        "Participant number", "Randomized group", "Age at baseline (years)", "Gender", "Treatment setting",
        "Number of failed antidepressant trials", "Visit", "MADRS total score"], variable_value_labels={
            "grp": {1: "Ketamine 0.5mg/kg", 2: "Midazolam 0.045mg/kg"}, "gen": {0: "Male", 1: "Female"},
            "setting": {0: "Outpatient", 1: "Inpatient"},
            "vis": {1: "Baseline (pre-infusion)", 2: "24 hours post-infusion", 3: "72 hours post-infusion",
                    4: "7 days post-infusion"}}, missing_ranges={"md_tot": [-9.0]})
    t.facts["file"] = "iona.sav"
    t.tells("age", "female", "inpatient", "failed_trials")
    return t


def jura(folder: Path) -> Ledger:
    """Feet and inches in one cell; a year of birth, which is no age."""
    t = Ledger("jura", [("Ketamine", "ketamine", None), ("Saline", "control", None)],
               {"Baseline": 0, "24 hrs": 24, "7 days": 168}, n=20, ids="JU{:02d}")
    t.tells("female")
    inches, pounds = t.get("height", lambda v: round(v / 2.54)), t.get("weight", lambda v: round(v * 2.2046))
    told = [p * .45359237 / (i * .0254) ** 2 for p, i in zip(pounds, inches, strict=True)]
    t.tells("age", unsure=True, but={"bmi": told})
    feet = [f"{v // 12}'{v % 12}\"" for v in inches]
    return text(t, folder, columns_as_rows({
        "Participant": t.id, "Group": [arm[0] for arm in t.arm], "Year of birth": t.get("born", lambda day: day.year),
        "Sex": t.get("female", {1: "F", 0: "M"}), "Height": feet, "Weight (lb)": pounds,
        **{f"MADRS {visit}": t.total(visit) for visit in t.plan}}))


def kerrera(folder: Path) -> Ledger:
    """Visits as a coordinator calls them, some of no interest."""
    t = Ledger("kerrera", [("Ketamine (0.5 mg/kg)", "ketamine", .5), ("Placebo (saline)", "control", None)],
               {"SCR": -336, "D0 Pre": 0, "D0 T+240": 4, "D+1": 24, "D+3": 72, "D+7": 168}, n=22, ids="KE{:02d}")
    rows = _rows(t, ["Subject", "Treatment arm", "Age", "Sex", "Visit", "MADRS"], lambda i, visit, score: [
        t.id[i], t.arm[i][0], t.person[i]["age"], "MF"[t.person[i]["female"]],
        visit if visit != "D0 T+240" else "D0 T+240min", score])
    rows += [[t.id[i], t.arm[i][0], t.person[i]["age"], "MF"[t.person[i]["female"]], "Unscheduled", ""] for i in (2, 5)]
    t.tells("age", "female")
    return book(t, folder, {"MADRS data": rows})


def lismore(folder: Path) -> Ledger:
    """Portuguese, semicolons and commas, a title line."""
    t = Ledger("lismore", [("Cetamina 0,5 mg/kg", "ketamine", .5), ("Soro fisiológico", "control", None)],
               {"Basal": 0, "24 horas": 24, "7 dias": 168}, n=22, ids="{:02d}", country="Brazil")
    rows = [["Ensaio clínico - banco de dados final"], *columns_as_rows({
        "Código do paciente": t.id, "Grupo": [arm[0] for arm in t.arm], "Idade (anos)": t.get("age"),
        "Sexo": t.get("female", {1: "Feminino", 0: "Masculino"}), "IMC": t.get("bmi"),
        "Tabagismo": t.get("smoker", {1: "Sim", 0: "Não"}), **{f"MADRS {visit}": t.total(visit) for visit in t.plan}})]
    t.tells("age", "female", "bmi", "smoker")
    return text(t, folder, rows, delimiter=";", decimal=",")


def mull(folder: Path) -> Ledger:
    """Treatments behind codes of the pharmacy: a list of patients and codes, a list of codes and drugs."""
    t = Ledger("mull", [("Kit A", "ketamine", .5), ("Kit B", "control", None)], {"Baseline": 0, "24h": 24, "Day 7": 168},
               n=24, ids="M{:03d}")
    t.tells("age", "female", "employed")
    return book(t, folder, {
        "Clinical data": columns_as_rows({
            "Subject ID": t.id, "Age": t.get("age"), "Sex": t.get("female", {1: "F", 0: "M"}),
            "Employed": t.get("employed", {1: "Yes", 0: "No"}), **{f"MADRS {visit}": t.total(visit) for visit in t.plan}}),
        "Randomisation list": columns_as_rows({"Subject ID": t.id, "Kit": [arm[0] for arm in t.arm]}),
        "Kit codes": [["Kit", "Content"], ["Kit A", "Ketamine 0.5 mg/kg"], ["Kit B", "Placebo (NaCl 0.9%)"]]})


def noss(folder: Path) -> Ledger:
    """Three header rows: visits over scales, a legend above."""
    t = Ledger("noss", [("1", "ketamine", .5), ("2", "control", None)], {"Baseline": 0, "24 hours": 24, "7 days": 168}, n=22,
               ids="N{:02d}", control_type="psychoactive")
    other = [[int(v) for v in t.rng.integers(0, 20, t.n)] for _ in t.plan]
    rows: Rows = [["Group: 1 = ketamine 0.5 mg/kg, 2 = midazolam 0.045 mg/kg"], [],
                  ["", "", "", "", *(cell for visit in t.plan for cell in (visit, ""))],
                  ["Subject", "Group", "Age", "Sex", *(["MADRS", "BPRS"] * 3)]]
    rows += [[t.id[i], int(t.arm[i][0]), who["age"], "MF"[who["female"]], *(
        cell for visit, scores in zip(t.plan, other, strict=True) for cell in (t.total(visit)[i], scores[i]))]
        for i, who in enumerate(t.person)]
    t.tells("age", "female")
    return book(t, folder, {"Data": rows})


def oronsay(folder: Path) -> Ledger:
    """A database's dump: NULL, TRUE and FALSE, ISO days, snake case."""
    t = Ledger("oronsay", [("ketamine_0.5mgkg", "ketamine", .5), ("saline", "control", None)],
               {"baseline": 0, "hour_24": 24, "day_7": 168}, n=26, ids="a{:04d}", lost=.15)
    t.tells("age", "female", "smoker", "hispanic", "suicide_attempt", "failed_trials")
    flag = {1: "TRUE", 0: "FALSE"}
    return text(t, folder, columns_as_rows({
        "participant_id": t.id, "created_at": [f"2021-04-{1 + i % 28:02d}T10:00:00Z" for i in range(t.n)],
        "treatment_arm": [arm[0] for arm in t.arm], "age_years": t.get("age"), "is_female": t.get("female", flag),
        "current_smoker": t.get("smoker", flag), "is_hispanic": t.get("hispanic", flag),
        "lifetime_suicide_attempt": t.get("suicide_attempt", flag), "failed_trials_count": t.get("failed_trials"),
        **{f"madrs_total_{visit}": t.total(visit, "NULL") for visit in t.plan}}))


def pabay(folder: Path) -> Ledger:
    """A sheet a visit with the vitals of that visit, facts on a sheet of their own."""
    t = Ledger("pabay", [("Ketamine", "ketamine", None), ("Midazolam", "control", None)],
               {"Baseline": 0, "Day 1": 24, "Day 7": 168}, n=20, ids="PB-{:02d}", control_type="psychoactive")
    t.tells("age", "female", "systolic_bp", "diastolic_bp")
    sheets = {"Participants": columns_as_rows({"Participant ID": t.id, "Arm": [arm[0] for arm in t.arm],
                                               "Age": t.get("age"), "Sex": t.get("female", {1: "F", 0: "M"})})}
    for visit in t.plan:
        shift = 0 if visit == "Baseline" else 7
        sheets[visit] = columns_as_rows({
            "Participant ID": t.id, "MADRS": t.total(visit), "SBP": t.get("systolic_bp", lambda v, s=shift: v - s),
            "DBP": t.get("diastolic_bp", lambda v, s=shift: v - s)})
    return book(t, folder, sheets)


def quey(folder: Path) -> Ledger:
    """Two sites on two sheets, each numbering its patients from 1: nobody can put them together in silence."""
    t = Ledger("quey", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Saline", "control", None)],
               {"Baseline": 0, "24 h": 24, "Day 7": 168}, n=24, ids="{}")
    t.open_patients |= set(t.id)
    t.tells("age", "female")
    whole = columns_as_rows({"Patient": [1 + i % 12 for i in range(t.n)], "Arm": [arm[0] for arm in t.arm],
                             "Age": t.get("age"), "Sex": t.get("female", {1: "F", 0: "M"}),
                             **{f"MADRS {visit}": t.total(visit) for visit in t.plan}})
    return book(t, folder, {"Leeds": whole[:13], "York": [whole[0], *whole[13:]]})


def rona(folder: Path) -> Ledger:
    """Dates of visits with numbered visits; the infusion's day on another sheet."""
    t = Ledger("rona", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Saline", "control", None)],
               {"V1": -72, "V2": 24, "V3": 72, "V4": 168}, n=22, ids="RO{:02d}", jitter=6, country="Australia")
    t.on_days()
    t.tells("age", "female")
    return book(t, folder, {
        "Enrolment": columns_as_rows({"Study no": t.id, "Randomised to": [arm[0] for arm in t.arm], "Age": t.get("age"),
                                      "Sex": t.get("female", {1: "F", 0: "M"}),
                                      "Date of infusion": [who["infused"].date() for who in t.person]}),
        "Ratings": _rows(t, ["Study no", "Visit", "Visit date", "MADRS"],
                         lambda i, visit, score: [t.id[i], visit, t.when(visit)[i].date(), score])})


def staffa(folder: Path) -> Ledger:
    """Plain and wide, with what follows from the scores beside them."""
    t = Ledger("staffa", [("Ketamine", "ketamine", None), ("Placebo", "control", None)],
               {"Baseline": 0, "24h": 24, "7d": 168}, n=26, ids="S{:02d}", scale="madrs")
    base = t.total("Baseline")
    columns: dict[str, Cells] = {"Subject": t.id, "Drug": [arm[0] for arm in t.arm], "Age": t.get("age"),
                                 "Sex": t.get("female", {1: "F", 0: "M"}), "Race": [
                                     "White" if who["race_white"] else "Black" if who["race_black"] else "Asian"
                                     for who in t.person], "MADRS Baseline": base}
    for visit in ("24h", "7d"):
        later = t.total(visit)
        share = ["" if v == "" else round(100 * (b - v) / b, 1) for v, b in zip(later, base, strict=True)]
        columns |= {f"MADRS {visit}": later, f"% change MADRS {visit}": share,
                    f"Responder {visit}": ["" if s == "" else int(s >= 50) for s in share]}
    columns |= {"QIDS Baseline": [int(v) for v in t.rng.integers(12, 24, t.n)]}
    t.tells("age", "female", "race_white", "race_black")
    for who in t.person:
        who["race_black"] = int(who["race_black"] and not who["race_white"])
    t.tells("race_black")
    return text(t, folder, columns_as_rows(columns))


def texa(folder: Path) -> Ledger:
    """Stata, wide, labels, an extended missing value."""
    t = Ledger("texa", [("0", "ketamine", .5), ("1", "control", None)], {"b": 0, "24": 24, "168": 168}, n=24, ids="{}",
               country="Netherlands", control_type="psychoactive")
    frame = pd.DataFrame({"ppn": [int(v) for v in t.id], "arm": [int(arm[0]) for arm in t.arm], "age": t.get("age"),
                          "sex": t.get("female"), "edu": t.get("education_years"), **{
                              f"madrs_{visit}": [np.nan if v == "" else v for v in t.total(visit)] for visit in t.plan}})
    pyreadstat.write_dta(frame, str(folder / "texa.dta"), column_labels=[
        "Participant number", "Study arm", "Age", "Sex", "Years of education", "MADRS baseline", "MADRS 24 hours",
        "MADRS 168 hours"], variable_value_labels={"arm": {0: "Ketamine 0.5 mg/kg", 1: "Midazolam"},
                                                   "sex": {0: "male", 1: "female"}})
    t.facts["file"] = "texa.dta"
    t.tells("age", "female", "education_years")
    return t


def ulva(folder: Path) -> Ledger:
    """Spanish workbook: patients, treatment and scales on three sheets."""
    t = Ledger("ulva", [("Ketamina 0,5 mg/kg", "ketamine", .5), ("Suero salino", "control", None)],
               {"Basal": 0, "24 horas": 24, "7 días": 168}, n=20, ids="{:03d}", country="Spain")
    t.tells("age", "female", "inpatient")
    return book(t, folder, {
        "Pacientes": columns_as_rows({"Paciente": t.id, "Edad": t.get("age"), "Sexo": t.get("female", {1: "M", 0: "H"}),
                                      "Ingresado": t.get("inpatient", {1: "Sí", 0: "No"})}),
        "Tratamiento": columns_as_rows({"Paciente": t.id, "Tratamiento": [arm[0] for arm in t.arm]}),
        "Escalas": _rows(t, ["Paciente", "Visita", "MADRS"], lambda i, visit, score: [t.id[i], visit, score])})


def vaila(folder: Path) -> Ledger:
    """Patients under headings of their arms, the arm nowhere else."""
    t = Ledger("vaila", [("Ketamine", "ketamine", None), ("Placebo", "control", None)],
               {"Baseline": 0, "24h": 24, "Day 7": 168}, n=20, ids="VA{:02d}")
    whole = columns_as_rows({"ID": t.id, "Age": t.get("age"), "Sex": t.get("female", {1: "F", 0: "M"}),
                             **{f"MADRS {visit}": t.total(visit) for visit in t.plan}})
    rows = [whole[0]]
    for name, _, _ in t.arms:
        rows += [[f"{name} group"], *(row for row, arm in zip(whole[1:], t.arm, strict=True) if arm[0] == name)]
    t.open |= {"arm", "dose_mg_kg", "included"}
    t.tells("age", "female")
    return book(t, folder, {"Data": rows})


def wyre(folder: Path) -> Ledger:
    """Minutes and hours since the infusion as numbers, with their unit beside them."""
    t = Ledger("wyre", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Saline", "control", None)],
               {"a": -0.5, "b": 4, "c": 24, "d": 168}, n=20, ids="W{:02d}")
    rows = _rows(t, ["ID", "Group", "Age", "Sex", "Time post infusion (h)", "MADRS score"], lambda i, visit, score: [
        t.id[i], t.arm[i][0], t.person[i]["age"], "MF"[t.person[i]["female"]], t.plan[visit], score])
    t.tells("age", "female")
    return text(t, folder, rows)


def yell(folder: Path) -> Ledger:
    """Height in metres and weight in kilograms under Dutch names, decimal commas, the date of birth as text."""
    t = Ledger("yell", [("Ketamine 0,5 mg/kg", "ketamine", .5), ("Placebo", "control", None)],
               {"Baseline": 0, "24 uur": 24, "7 dagen": 168}, n=20, ids="Y{:02d}", country="Netherlands")
    metres = [v / 100 for v in t.get("height")]
    t.tells("female")
    t.tells(but={"bmi": [kg / m ** 2 for kg, m in zip(t.get("weight"), metres, strict=True)]}, unsure=True)
    t.tells("age", unsure=True)
    return text(t, folder, columns_as_rows({
        "Deelnemer": t.id, "Behandeling": [arm[0] for arm in t.arm],
        "Geboortedatum": t.get("born", lambda day: f"{day:%d-%m-%Y}"), "Geslacht": t.get("female", {1: "V", 0: "M"}),
        "Lengte (m)": metres, "Gewicht (kg)": [float(v) for v in t.get("weight")],
        "Datum infusie": [f"{who['infused']:%d-%m-%Y}" for who in t.person],
        **{f"MADRS {visit}": t.total(visit) for visit in t.plan}}), delimiter=";", decimal=",")


def zetland(folder: Path) -> Ledger:
    """Three scales in rows of visits, a second rater, comments; the days at the end."""
    t = Ledger("zetland", [("active", "ketamine", .5), ("placebo", "control", None)],
               {"Baseline": 0, "24 h": 24, "48 h": 48, "Day 7": 168}, n=22, ids="ZE-{:02d}")
    arms = {"active": "Ketamine 0.5 mg/kg", "placebo": "Placebo"}
    start = dt.date(2019, 5, 6)
    rows = _rows(t, ["Patient No", "Allocation", "Age (yrs)", "M/F", "Timepoint", "HAM-A", "MADRS", "BDI-II", "Comments",
                     "Date entered"], lambda i, visit, score: [
                         t.id[i], arms[t.arm[i][0]], t.person[i]["age"], "MF"[t.person[i]["female"]], visit,
                         int(t.rng.integers(5, 30)), score, int(t.rng.integers(8, 50)),
                         "slept badly" if i % 7 == 3 else "", start + dt.timedelta(days=i)])
    anxiety = [row[5] for row in rows[1:]]
    t.tells("age", "female", but={"hama_baseline": anxiety[::4], "hama_rapid": anxiety[1::4],
                                  "hama_post_rapid": anxiety[3::4]})
    return book(t, folder, {"Long": rows})


STUDIES = (arran, bute, coll, drummore, eigg, foula, gigha, harris, iona, jura, kerrera, lismore, mull, noss, oronsay, pabay,
           quey, rona, staffa, texa, ulva, vaila, wyre, yell, zetland)
