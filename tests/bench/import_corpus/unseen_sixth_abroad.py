"""The rest of the batch `unseen_sixth`: teams abroad, crossovers, repeated infusions, items, other scales."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text
from tests.bench.import_corpus.unseen_sixth import ONE_TWO, Y_N, YES_NO, arm, ledger, put

ITEM_NAMES = ("apparent sadness", "reported sadness", "inner tension", "reduced sleep", "reduced appetite", "concentration",
              "lassitude", "inability to feel", "pessimistic thoughts", "suicidal thoughts")
Cells = list[Any]


def loire(folder: Path) -> Ledger:
    """French: semicolons, decimal commas, `oui` and `non`, J0 to J7."""
    t = ledger("loire", [("Kétamine", "ketamine", None), ("Placebo", "control", None)], n=22, ids="{:03d}", country="France")
    oui = {1: "Oui", 0: "Non"}
    return text(t, folder, columns_as_rows({
        "N° patient": t.id, "Bras de traitement": t.names(), "Âge (années)": put(t, "age"),
        "Sexe": put(t, "female", {1: "F", 0: "H"}), "IMC": put(t, "bmi", gap=.1, missing="ND"), "Tabagisme actif": put(t, "smoker", oui),
        "Statut marital": put(t, "married", {1: "Marié(e)", 0: "Célibataire"}),
        "Activité professionnelle": put(t, "employed", oui), "Années d'études": put(t, "education_years"),
        "Hospitalisé": put(t, "inpatient", oui), "Nombre d'épisodes dépressifs": put(t, "n_episodes"),
        "Âge de début": put(t, "age_at_onset"), "Durée de l'épisode actuel (mois)": put(t, "episode_months"),
        "Nb d'échecs d'antidépresseurs": put(t, "failed_trials"), "Échec d'ECT": put(t, "failed_ect", oui),
        "ATCD de tentative de suicide": put(t, "suicide_attempt", oui), "Trouble panique": put(t, "panic", oui),
        "Anxiété généralisée": put(t, "gad", oui), "Phobie sociale": put(t, "social_anxiety", oui), "TOC": put(t, "ocd", oui),
        "Benzodiazépines": put(t, "benzodiazepine", oui), "PAS": put(t, "systolic_bp"), "PAD": put(t, "diastolic_bp"),
        "MADRS J0": t.total("base", "ND"), "MADRS J1": t.total("24h", "ND"), "MADRS J7": t.total("7d", "ND")}),
        delimiter=";", decimal=",", encoding="cp1252")


def ebro(folder: Path) -> Ledger:
    """Spanish workbook with numbers and a sheet that tells them."""
    t = ledger("ebro", [("1", "ketamine", None), ("2", "control", None)], n=22, ids="{}", country="Spain")
    columns = {"Nº": [int(i) for i in t.id], "Grupo": [int(a) for a in t.names()], "Edad": put(t, "age"),
               "Sexo": put(t, "female", {1: 2, 0: 1}), "Peso (kg)": t.get("weight"), "Talla (cm)": t.get("height"),
               "Estado civil": [int(t.rng.choice([2, 5] if v else [1, 3, 4])) for v in put(t, "married")],
               "Situación laboral": [int(t.rng.choice([1] if v else [2, 3])) for v in put(t, "employed")],
               "Años de escolaridad": put(t, "education_years"), "Tabaco": put(t, "smoker"),
               "Intentos de suicidio previos": put(t, "suicide_attempt"), "Edad de inicio": put(t, "age_at_onset"),
               "Nº episodios": put(t, "n_episodes"), "Trastorno de pánico": put(t, "panic"), "TAG": put(t, "gad"), "TEPT": put(t, "ptsd"),
               "Antecedentes familiares de alcoholismo": put(t, "family_history_alcohol"), "Nº psicofármacos": put(t, "n_medications"),
               "Toma benzodiacepinas": put(t, "benzodiazepine"), "TA sistólica": put(t, "systolic_bp"),
               "MADRS basal": t.total("base"), "MADRS 24h": t.total("24h"), "MADRS día 7": t.total("7d")}
    t.tells(but={"bmi": [p["weight"] / (p["height"] / 100) ** 2 for p in t.person]})
    return book(t, folder, {"Datos": columns_as_rows(columns), "Códigos": [
        ["Variable", "Códigos"], ["Grupo", "1 = ketamina 0,5 mg/kg; 2 = suero salino"], ["Sexo", "1 = hombre; 2 = mujer"],
        ["Estado civil", "1 = soltero; 2 = casado; 3 = divorciado; 4 = viudo; 5 = pareja de hecho"],
        ["Situación laboral", "1 = activo; 2 = en paro; 3 = jubilado"], ["Resto", "0 = no; 1 = sí"]]})


def tiber(folder: Path) -> Ledger:
    """Italian, a row a visit, dates for visits."""
    t = ledger("tiber", [("Ketamina", "ketamine", None), ("Soluzione fisiologica", "control", None)], n=20, ids="T{:02d}", country="Italy")
    t.on_days()
    si = {1: "sì", 0: "no"}
    facts = {"Età": put(t, "age"), "Sesso": put(t, "female", {1: "F", 0: "M"}), "Fumatore": put(t, "smoker", si),
             "Stato civile": put(t, "married", {1: "coniugato/a", 0: "celibe/nubile"}), "Occupato": put(t, "employed", si),
             "Ricoverato": put(t, "inpatient", si), "Tentati suicidi in anamnesi": put(t, "suicide_attempt", si),
             "Diagnosi": ["Disturbo bipolare" if v else "Depressione maggiore" for v in t.get("bipolar")],
             "PA sistolica": put(t, "systolic_bp"), "PA diastolica": put(t, "diastolic_bp")}
    t.tells("mdd", "bipolar", but={"principal_diagnosis": ["bipolar" if v else "MDD" for v in t.get("bipolar")]})
    rows: Rows = [["Codice paziente", "Trattamento", *facts, "Data infusione", "Data valutazione", "Punteggio MADRS"]]
    rows += [[t.id[i], t.names()[i], *(c[i] for c in facts.values()), t.person[i]["infused"].strftime("%d/%m/%Y"),
              t.when(visit)[i].strftime("%d/%m/%Y"), t.total(visit)[i]] for i in range(t.n) for visit in t.plan]
    return text(t, folder, rows, delimiter=";", decimal=",")


def tagus(folder: Path) -> Ledger:
    """Portuguese-speaking, Hamilton scores, yes and no in words."""
    t = ledger("tagus", [("cetamina", "ketamine", None), ("midazolam", "control", None)], n=20, ids="{}", scale="hrsd17",
               country="Brazil", control_type="psychoactive")
    sim = {1: "sim", 0: "não"}
    return book(t, folder, {"Planilha1": columns_as_rows({
        "ID": [int(i) for i in t.id], "Medicação": t.names(), "idade": put(t, "age"),
        "sexo": put(t, "female", {1: "feminino", 0: "masculino"}),
        "anos de estudo": put(t, "education_years"), "tabagista": put(t, "smoker", sim), "internado": put(t, "inpatient", sim),
        "TAG": put(t, "gad", sim), "TOC": put(t, "ocd", sim), "fobia social": put(t, "social_anxiety", sim),
        "história familiar de alcoolismo": put(t, "family_history_alcohol", sim),
        "número de episódios": put(t, "n_episodes"), "tentativa de suicídio": put(t, "suicide_attempt", sim),
        "HAM-D17 pré": t.total("base"), "HAM-D17 24h": t.total("24h"), "HAM-D17 7 dias": t.total("7d")})})


def elbe(folder: Path) -> Ledger:
    """German csv: decimal commas, abbreviations of a ward."""
    t = ledger("elbe", [("Verum", "ketamine", None), ("Placebo", "control", None)],
               {"vor": 0, "T1": 24, "T3": 72, "T7": 168}, n=20, ids="E-{:02d}", country="Germany")
    ja = {1: "ja", 0: "nein"}
    weeks = [4 * v for v in t.get("episode_months")]
    t.tells(but={"episode_months": [w * 7 / 30.4375 for w in weeks]})
    return text(t, folder, columns_as_rows({
        "Pat.-Nr.": t.id, "Behandlung": [{"Verum": "Ketamin", "Placebo": "Placebo"}[a] for a in t.names()],
        "Alter (J.)": put(t, "age"), "Geschlecht": put(t, "female", {1: "w", 0: "m"}), "BMI (kg/m²)": put(t, "bmi"),
        "Raucher": put(t, "smoker", ja), "stationär": put(t, "inpatient", ja), "verheiratet/Partnerschaft": put(t, "married", ja),
        "berufstätig": put(t, "employed", ja), "Ausbildungsjahre": put(t, "education_years"), "Anzahl Episoden": put(t, "n_episodes"),
        "Ersterkrankungsalter": put(t, "age_at_onset"), "Dauer der Episode (Wochen)": weeks,
        "SV in Anamnese": put(t, "suicide_attempt", ja), "Zwangsstörung": put(t, "ocd", ja), "Panikstörung": put(t, "panic", ja),
        "Benzodiazepine": put(t, "benzodiazepine", ja), "RR syst.": put(t, "systolic_bp"), "RR diast.": put(t, "diastolic_bp"),
        "MADRS vor Inf.": t.total("vor"), "MADRS Tag 1": t.total("T1"), "MADRS Tag 3": t.total("T3"), "MADRS Tag 7": t.total("T7")}),
        delimiter=";", decimal=",", encoding="cp1252")


def mekong(folder: Path) -> Ledger:
    """Items by name at each visit, no totals, allocation in words."""
    t = ledger("mekong", [("ketamine", "ketamine", None), ("placebo", "control", None)], n=20, ids="MK{:03d}", country="Australia")
    columns: dict[str, Cells] = {"participant": t.id, "allocation": t.names(), "age": put(t, "age"),
                                 "sex": put(t, "female", {1: "female", 0: "male"}), "partnered": put(t, "married", YES_NO),
                                 "in paid work": put(t, "employed", YES_NO), "BMI": put(t, "bmi"),
                                 "age first depressed": put(t, "age_at_onset"), "lifetime suicide attempt": put(t, "suicide_attempt", YES_NO)}
    for visit, said in (("base", "baseline"), ("24h", "24h"), ("7d", "1wk")):
        columns |= {f"{said} {k + 1}. {name}": t.item(visit, k) for k, name in enumerate(ITEM_NAMES)}
    return book(t, folder, {"MADRS items": columns_as_rows(columns)})


def congo(folder: Path) -> Ledger:
    """A crossover, a row a patient, a block of columns an infusion."""
    t = ledger("congo", [("Ketamine", "ketamine", None), ("Saline", "control", None)], n=18, ids="{:02d}", design="crossover", trd_threshold=1)
    later = {n: [int(v) for v in t.rng.integers(low, high, t.n)] for n, low, high in (("b", 22, 40), ("1", 6, 38), ("7", 8, 40))}
    other = ["Saline" if a == "Ketamine" else "Ketamine" for a in t.names()]
    t.tells("race_black", "race_white")
    return text(t, folder, columns_as_rows({
        "Subject ID": t.id, "Age": put(t, "age"), "Sex": put(t, "female", {1: "Female", 0: "Male"}), "Race": t.get("race"),
        "Inpatient": put(t, "inpatient", YES_NO), "Lifetime AUD": put(t, "aud_lifetime", YES_NO),
        "First-degree relative with AUD": put(t, "family_history_alcohol", YES_NO), "Any anxiety disorder": put(t, "any_anxiety", YES_NO),
        "Infusion 1 drug": t.names(), "Infusion 1 MADRS pre": t.total("base"), "Infusion 1 MADRS 24h": t.total("24h"),
        "Infusion 1 MADRS 7d": t.total("7d"), "Infusion 2 drug": other, "Infusion 2 MADRS pre": later["b"],
        "Infusion 2 MADRS 24h": later["1"], "Infusion 2 MADRS 7d": later["7"]}))


def yukon(folder: Path) -> Ledger:
    """A crossover, a row a rating: phase, drug of the phase, minutes after the start."""
    plan = {"-60": -1, "40": 2 / 3, "80": 4 / 3, "230": 23 / 6, "1440": 24, "4320": 72, "10080": 168}
    t = ledger("yukon", [("KET", "ketamine", None), ("PLA", "control", None)], plan, n=16, ids="{}", design="crossover", trd_threshold=1)
    rows: Rows = [["PtNo", "Phase", "Drug", "Minutes", "MADRS", "Age", "Female", "BD_dx", "AgeFirstEpisode", "NumEpisodes", "PTSD"]]
    facts = [put(t, key) for key in ("age", "female", "bipolar", "age_at_onset", "n_episodes", "ptsd")]
    for i in range(t.n):
        for phase in (1, 2):
            drug = t.names()[i] if phase == 1 else ("PLA" if t.names()[i] == "KET" else "KET")
            rows += [[t.id[i], phase, drug, minutes, t.total(minutes)[i] if phase == 1 else int(t.rng.integers(8, 40)),
                      *(cells[i] for cells in facts)] for minutes in plan]
    return text(t, folder, rows)


def jordan(folder: Path) -> Ledger:
    """Three arms, Hamilton items summed, SPSS with labels: a dose too low is left out."""
    t = ledger("jordan", [("1", "ketamine", .5), ("2", "other_dose", .1), ("3", "control", None)], n=27, ids="{}", scale="hrsd17",
               control_type="psychoactive")
    columns: dict[str, Cells] = {"id": [float(i) for i in t.id], "arm3": [float(a) for a in t.names()]}
    labels, words = ["ID", "Treatment arm"], {"arm3": {1: "Ketamine 0.5 mg/kg", 2: "Ketamine 0.1 mg/kg", 3: "Midazolam 0.045 mg/kg"}}
    for name, key, label in (("age", "age", "Age"), ("fem", "female", "Female sex"), ("mar", "married", "Married or partnered"),
                             ("work", "employed", "Currently employed"), ("hosp", "inpatient", "Inpatient at randomization"),
                             ("yrsed", "education_years", "Years of schooling completed"), ("smk", "smoker", "Current tobacco use"),
                             ("epi", "episode_months", "Duration of current MDE (months)"),
                             ("att", "suicide_attempt", "Lifetime suicide attempt"), ("adt", "failed_trials", "Failed AD trials (MGH-ATRQ)")):
        columns[name] = put(t, key, float)
        labels.append(label)
        if key in ("female", "married", "employed", "inpatient", "smoker", "suicide_attempt"):
            words[name] = {0: "No", 1: "Yes"}
    for visit, name, said in (("base", "hd_0", "baseline"), ("24h", "hd_1", "24 hours"), ("7d", "hd_7", "day 7")):
        columns[name] = [float(v) if v is not None else np.nan for v in t.total(visit, None)]
        labels.append(f"HAMD-17 total, {said}")
    pyreadstat.write_sav(pd.DataFrame(columns), str(folder / "jordan.sav"), column_labels=labels, variable_value_labels=words)
    t.facts["file"] = "jordan.sav"
    return t


def tigris(folder: Path) -> Ledger:
    """Three infusions a week, the score before each and a day after the first; only the first counts."""
    t = ledger("tigris", [("Active", "ketamine", None), ("Control", "control", None)],
               {"base": 0, "24h": 24, "d3": 48, "d7": 168}, n=20, ids="TG{:02d}", country="Sweden", control_type="psychoactive")
    return book(t, folder, {"Data": columns_as_rows({
        "Screening no": t.id, "Group": arm(t, {"Active": "Ketamine", "Control": "Midazolam"}), "Age": put(t, "age"),
        "Sex (1=F, 2=M)": put(t, "female", ONE_TWO), "Married/cohabiting": put(t, "married", Y_N), "Working": put(t, "employed", Y_N),
        "Any current psychotropic": put(t, "any_medication", Y_N), "Benzodiazepine use": put(t, "benzodiazepine", Y_N),
        "Personality disorder": put(t, "personality_disorder", Y_N), "ADHD": put(t, "adhd", Y_N), "Chronic pain": put(t, "chronic_pain", Y_N),
        "Eating disorder": put(t, "eating_disorder", Y_N), "Specific phobia": put(t, "specific_phobia", Y_N),
        "Dysthymia": put(t, "dysthymia", Y_N), "MADRS D0 (pre inf 1)": t.total("base"), "MADRS D1": t.total("24h"),
        "MADRS D2 (pre inf 2)": t.total("d3"), "MADRS D7": t.total("d7")})})


STUDIES = (loire, ebro, tiber, tagus, elbe, mekong, congo, yukon, jordan, tigris)
