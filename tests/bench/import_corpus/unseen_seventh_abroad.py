"""The rest of the batch `unseen_seventh`: teams abroad, some writing English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text
from tests.bench.import_corpus.trial import UNJUDGED
from tests.bench.import_corpus.unseen_sixth import ledger, put

Cells = list[Any]


def alps(folder: Path) -> Ledger:
    """A Swiss clinic: a sheet a visit, the first with the facts."""
    t = ledger("alps", [("Ketamin 0.5 mg/kg", "ketamine", .5), ("NaCl", "control", None)], n=20, ids="CH{:02d}", country="Switzerland")
    ja = {1: "ja", 0: "nein"}
    first = {"Code": t.id, "Gruppe": t.names(), "Alter": put(t, "age"), "Geschlecht": put(t, "female", {1: "weiblich", 0: "männlich"}),
             "Grösse (cm)": t.get("height"), "Gewicht (kg)": t.get("weight"), "Nikotin": put(t, "smoker", ja),
             "Zivilstand": put(t, "married", {1: "verheiratet", 0: "ledig"}), "Erwerbstätig": put(t, "employed", ja),
             "Suizidversuche": put(t, "suicide_attempt", ja), "Anzahl depressive Episoden": put(t, "n_episodes"),
             "Alter bei Erstmanifestation": put(t, "age_at_onset"), "Anzahl erfolgloser Antidepressiva": put(t, "failed_trials"),
             "GAS": put(t, "gad", ja), "PTBS": put(t, "ptsd", ja), "ADHS": put(t, "adhd", ja)}
    t.tells(but={"bmi": [p["weight"] / (p["height"] / 100) ** 2 for p in t.person]})
    t.open.add("gad")
    return book(t, folder, {"Patienten": columns_as_rows(first)} | {
        sheet: [["Code", "MADRS"], *([t.id[i], t.total(visit)[i]] for i in range(t.n))]
        for sheet, visit in (("Baseline", "base"), ("24 Stunden", "24h"), ("Tag 7", "7d"))})


def andes(folder: Path) -> Ledger:
    """Chilean, a row a visit, comma decimals."""
    t = ledger("andes", [("Ketamina", "ketamine", None), ("Suero fisiológico", "control", None)],
               {"Basal": 0, "24 horas": 24, "Día 3": 72, "Día 7": 168}, n=18, ids="{:03d}", country="Chile")
    si = {1: "Sí", 0: "No"}
    facts = {"Edad (años)": put(t, "age"), "Sexo": put(t, "female", {1: "Femenino", 0: "Masculino"}), "IMC": put(t, "bmi"),
             "Fumador": put(t, "smoker", si), "Casado o en pareja": put(t, "married", si), "Trabaja": put(t, "employed", si),
             "Escolaridad (años)": put(t, "education_years"), "Hospitalizado": put(t, "inpatient", si), "Intento de suicidio previo": put(t, "suicide_attempt", si),
             "Nº de episodios depresivos": put(t, "n_episodes"), "Edad al primer episodio": put(t, "age_at_onset"),
             "Fracasos terapéuticos (n)": put(t, "failed_trials"), "Trastorno de ansiedad generalizada": put(t, "gad", si),
             "Uso de benzodiazepinas": put(t, "benzodiazepine", si), "PAS (mmHg)": put(t, "systolic_bp"), "PAD (mmHg)": put(t, "diastolic_bp")}
    rows: Rows = [["Paciente", "Tratamiento", *facts, "Visita", "Puntaje MADRS"]]
    rows += [[t.id[i], t.names()[i], *(c[i] for c in facts.values()), visit, t.total(visit)[i]] for i in range(t.n) for visit in t.plan]
    return text(t, folder, rows, delimiter=";", decimal=",", encoding="cp1252")


def fuji(folder: Path) -> Ledger:
    """A Japanese team in English, the key in each header, doses of equivalents."""
    t = ledger("fuji", [("1", "ketamine", None), ("0", "control", None)], n=20, ids="{}", country="Japan")
    dose = [round(float(t.rng.uniform(1, 15)), 1) if v else 0 for v in t.get("benzodiazepine")]
    t.tells("benzodiazepine", unsure=True)
    return book(t, folder, {"Sheet1": columns_as_rows({
        "Case No.": [int(i) for i in t.id], "Ketamine=1, placebo=0": [int(a) for a in t.names()], "Age": put(t, "age"),
        "Sex (male=0, female=1)": put(t, "female"), "Education (y)": put(t, "education_years"), "Marriage (0=single, 1=married)": put(t, "married"),
        "Job (0: none, 1: yes)": put(t, "employed"), "Onset age (y)": put(t, "age_at_onset"), "Number of depressive episodes": put(t, "n_episodes"),
        "Duration of the current episode (M)": put(t, "episode_months"), "Number of antidepressants failed": put(t, "failed_trials"),
        "History of suicide attempt (0=no, 1=yes)": put(t, "suicide_attempt"), "Diazepam equivalent (mg/day)": dose,
        "MADRS (baseline)": t.total("base"), "MADRS (24 h)": t.total("24h"), "MADRS (1 w)": t.total("7d")})})


def harz(folder: Path) -> Ledger:
    """German SPSS: names of numbers, labels in German sentences."""
    t = ledger("harz", [("1", "ketamine", None), ("2", "control", None)], n=22, ids="{}", country="Germany", control_type="psychoactive")
    ja = {0: "nein", 1: "ja"}
    fields: dict[str, tuple[str, str, dict[int, str]]] = {
        "v03": ("age", "Alter in Jahren", {}), "v04": ("female", "Geschlecht", {0: "männlich", 1: "weiblich"}),
        "v05": ("education_years", "Schul- und Ausbildungsjahre", {}), "v06": ("married", "Lebt in fester Partnerschaft oder Ehe", ja),
        "v07": ("employed", "Erwerbstätig", ja), "v08": ("smoker", "Raucht aktuell", ja), "v09": ("inpatient", "Stationäre Behandlung", ja),
        "v10": ("age_at_onset", "Alter bei erster depressiver Episode", {}), "v11": ("n_episodes", "Anzahl depressiver Episoden", {}),
        "v12": ("episode_months", "Dauer der aktuellen Episode in Monaten", {}), "v13": ("failed_trials", "Anzahl nicht ansprechender Antidepressiva", {}),
        "v14": ("suicide_attempt", "Suizidversuch jemals", ja), "v15": ("family_history_alcohol", "Alkoholabhängigkeit bei Verwandten 1. Grades", ja),
        "v16": ("panic", "Panikstörung", ja), "v17": ("social_anxiety", "Soziale Phobie", ja), "v18": ("gad", "Generalisierte Angststörung", ja),
        "v19": ("any_medication", "Psychopharmaka (mindestens eines)", ja), "v20": ("benzodiazepine", "Benzodiazepine", ja),
        "v21": ("systolic_bp", "Blutdruck systolisch (mmHg)", {}), "v22": ("diastolic_bp", "Blutdruck diastolisch (mmHg)", {})}
    columns: dict[str, Cells] = {"v01": [float(i) for i in t.id], "v02": [float(a) for a in t.names()]}
    columns |= {name: put(t, key, float, gap=.05, missing=np.nan) for name, (key, _, _) in fields.items()}
    columns |= {name: [np.nan if v is None else float(v) for v in t.total(visit, None)] for name, visit in (("v30", "base"), ("v31", "24h"), ("v32", "7d"))}
    pyreadstat.write_sav(pd.DataFrame(columns), str(folder / "harz.sav"), variable_value_labels={
        "v02": {1: "Ketamin", 2: "Midazolam"}} | {n: w for n, (_, _, w) in fields.items() if w}, column_labels=[
        "Patientennummer", "Behandlungsgruppe", *(label for _, label, _ in fields.values()), "MADRS-Summenwert Baseline",
        "MADRS-Summenwert nach 24 Stunden", "MADRS-Summenwert nach 7 Tagen"])
    t.facts["file"] = "harz.sav"
    return t


def olympus(folder: Path) -> Ledger:
    """A Greek team in English: words for codes, time points T0 to T2 told above."""
    t = ledger("olympus", [("Ketamine", "ketamine", None), ("Placebo", "control", None)], n=18, ids="{}", country="Greece")
    return book(t, folder, {"Φύλλο1": [
        ["T0 = before infusion, T1 = 24 hours after, T2 = one week after"], *columns_as_rows({
            "A/A": [int(i) for i in t.id], "Group": t.names(), "Age": put(t, "age"), "Gender": put(t, "female", {1: "Female", 0: "Male"}),
            "Family status": put(t, "married", {1: "Married", 0: "Unmarried"}), "Occupation": put(t, "employed", {1: "Employed", 0: "Unemployed"}),
            "Schooling years": put(t, "education_years"), "Smoking": put(t, "smoker", {1: "Yes", 0: "No"}),
            "Age of disease onset": put(t, "age_at_onset"), "Number of hospital admissions": [int(v) for v in t.rng.integers(0, 6, t.n)],
            "Suicidal attempts in the past": put(t, "suicide_attempt", {1: "Yes", 0: "No"}), "BMI": put(t, "bmi"),
            "MADRS T0": t.total("base"), "MADRS T1": t.total("24h"), "MADRS T2": t.total("7d")})]})


def tatra(folder: Path) -> Ledger:
    """Polish."""
    t = ledger("tatra", [("ketamina", "ketamine", None), ("placebo", "control", None)], n=20, ids="{}", country="Poland")
    tak = {1: "tak", 0: "nie"}
    return text(t, folder, columns_as_rows({
        "Nr pacjenta": t.id, "Grupa": t.names(), "Wiek": put(t, "age"), "Płeć": put(t, "female", {1: "K", 0: "M"}), "BMI": put(t, "bmi"),
        "Palenie tytoniu": put(t, "smoker", tak), "W związku": put(t, "married", tak), "Pracuje zawodowo": put(t, "employed", tak),
        "Lata edukacji": put(t, "education_years"), "Liczba epizodów": put(t, "n_episodes"), "Próba samobójcza w wywiadzie": put(t, "suicide_attempt", tak),
        "Wiek zachorowania": put(t, "age_at_onset"), "MADRS przed wlewem": t.total("base"), "MADRS po 24 h": t.total("24h"), "MADRS po 7 dniach": t.total("7d")}),
        delimiter=";", decimal=",")


def vosges(folder: Path) -> Ledger:
    """French workbook: numbers, and a sheet of codes."""
    t = ledger("vosges", [("1", "ketamine", None), ("2", "control", None)], n=20, ids="{}", country="France", control_type="psychoactive")
    columns = {"NUM": [int(i) for i in t.id], "BRAS": [int(a) for a in t.names()], "AGE": put(t, "age"), "SEXE": put(t, "female", {1: 2, 0: 1}),
               "TAILLE": t.get("height"), "POIDS": t.get("weight"), "SITFAM": [int(t.rng.choice([2, 3] if v else [1, 4])) for v in put(t, "married")],
               "EMPLOI": put(t, "employed"), "TABAC": put(t, "smoker"), "HOSPIT": put(t, "inpatient"), "TS": put(t, "suicide_attempt"),
               "NBEPIS": put(t, "n_episodes"), "AGEDEB": put(t, "age_at_onset"), "DUREPIS": put(t, "episode_months"), "NBECHEC": put(t, "failed_trials"),
               "BZD": put(t, "benzodiazepine"), "MADRS_J0": t.total("base"), "MADRS_J1": t.total("24h"), "MADRS_J7": t.total("7d")}
    t.tells(but={"bmi": [p["weight"] / (p["height"] / 100) ** 2 for p in t.person]})
    return book(t, folder, {"Base": columns_as_rows(columns), "Codage": [
        ["Variable", "Libellé", "Modalités"], ["NUM", "Numéro du patient", ""], ["BRAS", "Bras de randomisation", "1 : kétamine ; 2 : midazolam"],
        ["AGE", "Âge à l'inclusion", "années"], ["SEXE", "Sexe", "1 : homme ; 2 : femme"], ["TAILLE", "Taille", "cm"], ["POIDS", "Poids", "kg"],
        ["SITFAM", "Situation familiale", "1 : célibataire ; 2 : marié ; 3 : concubinage ; 4 : divorcé"], ["EMPLOI", "Exerce un emploi", "0 : non ; 1 : oui"],
        ["TABAC", "Fumeur actuel", "0 : non ; 1 : oui"], ["HOSPIT", "Patient hospitalisé", "0 : non ; 1 : oui"],
        ["TS", "Antécédent de tentative de suicide", "0 : non ; 1 : oui"], ["NBEPIS", "Nombre d'épisodes dépressifs", ""],
        ["AGEDEB", "Âge au premier épisode", "années"], ["DUREPIS", "Durée de l'épisode actuel", "mois"],
        ["NBECHEC", "Nombre d'échecs thérapeutiques", ""], ["BZD", "Traitement par benzodiazépine", "0 : non ; 1 : oui"],
        ["MADRS_J0", "MADRS avant perfusion", ""], ["MADRS_J1", "MADRS à 24 h", ""], ["MADRS_J7", "MADRS à J7", ""]]})


def zagros(folder: Path) -> Ledger:
    """English as a second language, drugs in words, the course of illness."""
    t = ledger("zagros", [("Ketamine", "ketamine", None), ("Control", "control", None)], {"base": 0, "24h": 24, "3d": 72, "7d": 168}, n=20, ids="{}",
               country="Iran")
    drugs, count = [], []
    for who in t.person:
        taken = [str(d) for d in t.rng.choice(["fluoxetine", "citalopram", "lithium", "olanzapine", "nortriptyline"], int(t.rng.integers(0, 3)), replace=False)]
        taken += ["clonazepam"] * who["benzodiazepine"]
        drugs.append(" + ".join(taken) or "nothing")
        count.append(float(len(taken)))
    t.tells("benzodiazepine", but={"n_medications": count, "any_medication": [float(c > 0) for c in count],
                                    "employed": [UNJUDGED] * t.n})
    return book(t, folder, {"final": columns_as_rows({
        "no": [int(i) for i in t.id], "intervention": t.names(), "patient age": put(t, "age"), "gender": put(t, "female", {1: "female", 0: "male"}),
        "marital state": put(t, "married", {1: "married", 0: "single"}), "occupation": [str(t.rng.choice(["teacher", "clerk", "driver"] if v else ["unemployed", "retired"]))
                                                                                  for v in t.get("employed")],
        "cigarette": put(t, "smoker", {1: "yes", 0: "no"}), "age of first depression": put(t, "age_at_onset"),
        "history of suicide attempt": put(t, "suicide_attempt", {1: "yes", 0: "no"}), "drugs in use": drugs,
        "MADRS before": t.total("base"), "MADRS after 1 day": t.total("24h"), "MADRS after 3 days": t.total("3d"), "MADRS after 1 week": t.total("7d")})})


STUDIES = (alps, andes, fuji, harz, olympus, tatra, vosges, zagros)
