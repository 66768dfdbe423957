"""Six files more, written last.

Read at first sight: 3,421 cells, 93.0 % right, 6.4 % asked, 0.6 % silently wrong: the ids of one file were not known as
such. Later figures measure memory too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text
from tests.bench.import_corpus.unseen_sixth import Y_N, YES_NO, ledger, put

Cells = list[Any]


def basil(folder: Path) -> Ledger:
    """A trial office's locked export: prefixes, visits in the names, yes and no as words."""
    t = ledger("basil", [("Ketamine 0.5 mg/kg IV", "ketamine", .5), ("Placebo (0.9% saline)", "control", None)], n=22, ids="BAS-{:03d}", country="Denmark")
    return text(t, folder, columns_as_rows({
        "Trial ID": t.id, "Allocated treatment": t.names(), "Age at inclusion": put(t, "age"), "Biological sex": put(t, "female", {1: "Female", 0: "Male"}), "Cohabitation status": put(t, "married", {1: "Married/cohabiting", 0: "Living alone"}),
        "Occupational status": put(t, "employed", {1: "Employed", 0: "On sick leave"}), "Length of education (years)": put(t, "education_years"), "Daily smoker": put(t, "smoker", YES_NO), "Admitted at inclusion": put(t, "inpatient", YES_NO),
        "Age at illness debut": put(t, "age_at_onset"), "Number of depressive episodes incl. current": put(t, "n_episodes"), "Duration of current episode (months)": put(t, "episode_months"), "Number of failed antidepressants (adequate trials)": put(t, "failed_trials"),
        "ECT tried without response": put(t, "failed_ect", YES_NO), "Previous suicide attempts": put(t, "suicide_attempt", YES_NO), "Alcohol dependence in first-degree relatives": put(t, "family_history_alcohol", YES_NO), "Comorbid GAD": put(t, "gad", YES_NO),
        "Comorbid panic disorder": put(t, "panic", YES_NO), "Comorbid PTSD": put(t, "ptsd", YES_NO), "Benzodiazepine treatment": put(t, "benzodiazepine", YES_NO), "MADRS at baseline": t.total("base"), "MADRS at 24 h": t.total("24h"), "MADRS at 1 week": t.total("7d")}), delimiter=";")


def clove(folder: Path) -> Ledger:
    """SPSS of a student: short names, labels only here and there."""
    t = ledger("clove", [("1", "ketamine", None), ("2", "control", None)], n=22, ids="{}")
    fields: dict[str, tuple[str, str, dict[int, str]]] = {
        "age": ("age", "", {}), "sex": ("female", "", {1: "male", 2: "female"}), "marital": ("married", "marital status", {0: "not married", 1: "married or cohabiting"}), "employed": ("employed", "", {0: "no", 1: "yes"}), "educyears": ("education_years", "", {}),
        "smoker": ("smoker", "current smoker", {0: "no", 1: "yes"}), "sui_att": ("suicide_attempt", "lifetime suicide attempt", {0: "no", 1: "yes"}), "ageonset": ("age_at_onset", "", {}), "n_episodes": ("n_episodes", "", {}), "dur_epi": ("episode_months", "duration of current episode in months", {}),
        "failed_ad": ("failed_trials", "number of failed AD trials", {}), "gad": ("gad", "", {0: "absent", 1: "present"}), "ocd": ("ocd", "", {0: "absent", 1: "present"}), "ptsd": ("ptsd", "", {0: "absent", 1: "present"}), "bzd": ("benzodiazepine", "", {0: "no", 1: "yes"})}
    columns: dict[str, Cells] = {"code": [float(i) for i in t.id], "group": [float(a) for a in t.names()]}
    columns |= {name: put(t, key, {1: 2.0, 0: 1.0} if key == "female" else float, gap=.05, missing=np.nan) for name, (key, _, _) in fields.items()}
    columns |= {name: [np.nan if v is None else float(v) for v in t.total(visit, None)] for name, visit in (("madrs_pre", "base"), ("madrs_post24", "24h"), ("madrs_post7d", "7d"))}
    pyreadstat.write_sav(pd.DataFrame(columns), str(folder / "clove.sav"), variable_value_labels={"group": {1: "ketamine", 2: "saline"}} | {n: w for n, (_, _, w) in fields.items() if w},
                         column_labels=["", "", *(label for _, label, _ in fields.values()), "MADRS pre infusion", "MADRS 24 h post infusion", "MADRS 7 d post infusion"])
    t.facts["file"] = "clove.sav"
    return t


def cumin(folder: Path) -> Ledger:
    """Ratings at planned times in one sheet, people in another, ids with and without zeros."""
    t = ledger("cumin", [("Ketamine", "ketamine", None), ("Midazolam", "control", None)], {"Screening": -168, "Pre-infusion": 0, "+4 h": 4, "+24 h": 24, "+72 h": 72, "+7 d": 168}, n=18, ids="{}", control_type="psychoactive")
    people = {"Subject": [i.zfill(3) for i in t.id], "Randomization": t.names(), "Age": put(t, "age"), "Gender": put(t, "female", {1: "F", 0: "M"}), "BMI": put(t, "bmi"), "Education (yrs)": put(t, "education_years"), "Marital status": put(t, "married", {1: "Married", 0: "Divorced"}),
              "Employment": put(t, "employed", {1: "Employed", 0: "Unemployed"}), "Tobacco use": put(t, "smoker", Y_N), "Lifetime suicide attempts": put(t, "suicide_attempt", Y_N), "Age of MDD onset": put(t, "age_at_onset"), "Psychotropic meds (n)": put(t, "n_medications")}
    t.id = [i.zfill(3) for i in t.id]
    rows: Rows = [["Subject", "Time point", "MADRS total"]]
    rows += [[int(t.id[i]), visit, t.total(visit)[i]] for i in range(t.n) for visit in t.plan]
    return book(t, folder, {"Subjects": columns_as_rows(people), "MADRS": rows})


def dill(folder: Path) -> Ledger:
    """Swiss French, wide, capitals, the codes in the headers."""
    t = ledger("dill", [("K", "ketamine", None), ("P", "control", None)], n=20, ids="{}", country="Switzerland")
    return book(t, folder, {"Feuil1": columns_as_rows({
        "N°": [int(i) for i in t.id], "GROUPE (K = kétamine, P = placebo)": t.names(), "ÂGE": put(t, "age"), "SEXE (1 = femme, 0 = homme)": put(t, "female"), "EN COUPLE (1 = oui, 0 = non)": put(t, "married"), "ACTIVITÉ PROFESSIONNELLE (1 = oui, 0 = non)": put(t, "employed"),
        "ANNÉES DE FORMATION": put(t, "education_years"), "TABAC (1 = oui, 0 = non)": put(t, "smoker"), "ÂGE DE DÉBUT DE LA DÉPRESSION": put(t, "age_at_onset"), "NOMBRE D'ÉPISODES DÉPRESSIFS": put(t, "n_episodes"), "ÉPISODE ACTUEL (MOIS)": put(t, "episode_months"),
        "ÉCHECS THÉRAPEUTIQUES (N)": put(t, "failed_trials"), "TENTATIVE DE SUICIDE ANTÉRIEURE (1 = oui, 0 = non)": put(t, "suicide_attempt"), "MADRS AVANT": t.total("base"), "MADRS 24H": t.total("24h"), "MADRS J7": t.total("7d")})})


def fennel(folder: Path) -> Ledger:
    """A pooled file's own rows of one study, analyst's names, dummies."""
    t = ledger("fennel", [("1", "ketamine", None), ("0", "control", None)], n=24, ids="{}")
    names = {"age_c": "age", "male": "female", "caucasian": "race_white", "black": "race_black", "latino": "hispanic", "partnered": "married", "fulltime_or_parttime_work": "employed", "years_school": "education_years", "current_tobacco": "smoker", "prior_suicide_attempt": "suicide_attempt",
             "first_mde_age": "age_at_onset", "mde_total": "n_episodes", "mde_current_months": "episode_months", "ad_trials_failed": "failed_trials", "anx_any": "any_anxiety", "gad_dx": "gad", "panic_dx": "panic", "ptsd_dx": "ptsd", "alcohol_dx_lifetime": "aud_lifetime", "benzo_yn": "benzodiazepine",
             "psychmeds_n": "n_medications", "sbp_pre": "systolic_bp", "dbp_pre": "diastolic_bp"}
    columns: dict[str, Cells] = {"ptid": t.id, "tx_ketamine": t.names()}
    columns |= {name: put(t, key, {1: 0, 0: 1} if name == "male" else None) for name, key in names.items()}
    columns |= {"madrs_pre": t.total("base"), "madrs_1d": t.total("24h"), "madrs_7d": t.total("7d")}
    t.open.add("age")
    return text(t, folder, columns_as_rows(columns))


def ginger(folder: Path) -> Ledger:
    """Spanish, SPSS-like csv of labels, long by day."""
    t = ledger("ginger", [("Ketamina", "ketamine", None), ("Midazolam", "control", None)], {"Día 0": 0, "Día 1": 24, "Día 3": 72, "Día 7": 168}, n=16, ids="{}", country="Argentina", control_type="psychoactive")
    si = {1: "Si", 0: "No"}
    facts = {"Edad": put(t, "age"), "Género": put(t, "female", {1: "Mujer", 0: "Varón"}), "Nivel educativo (años)": put(t, "education_years"), "En pareja": put(t, "married", si), "Con empleo": put(t, "employed", si), "Tabaquismo actual": put(t, "smoker", si), "Internado": put(t, "inpatient", si),
             "Edad de comienzo": put(t, "age_at_onset"), "Cantidad de episodios": put(t, "n_episodes"), "Antecedente de intento de suicidio": put(t, "suicide_attempt", si), "Cantidad de antidepresivos sin respuesta": put(t, "failed_trials"), "TOC": put(t, "ocd", si), "TAG": put(t, "gad", si)}
    rows: Rows = [["Paciente N°", "Droga", *facts, "Evaluación", "MADRS"]]
    rows += [[t.id[i], t.names()[i], *(c[i] for c in facts.values()), visit, t.total(visit)[i]] for i in range(t.n) for visit in t.plan]
    return text(t, folder, rows, delimiter=";")


STUDIES = (basil, clove, cumin, dill, fennel, ginger)
