"""The rest of the batch `unseen_ninth`: teams abroad."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text
from tests.bench.import_corpus.unseen_sixth import ledger, put

Cells = list[Any]


def jena(folder: Path) -> Ledger:
    """German workbook, ward words, numbers with a key on a sheet."""
    t = ledger("jena", [("1", "ketamine", None), ("2", "control", None)], n=20, ids="{}", country="Germany")
    columns = {"Pat-ID": [int(i) for i in t.id], "Studienarm": [int(a) for a in t.names()], "Alter bei Aufnahme": put(t, "age"), "Geschlecht": put(t, "female", {1: 2, 0: 1}),
               "Familienstand": [int(t.rng.choice([2] if v else [1, 3, 4])) for v in put(t, "married")], "Berufstätig": put(t, "employed"), "Schuljahre gesamt": put(t, "education_years"),
               "Nikotinkonsum aktuell": put(t, "smoker"), "Stationär": put(t, "inpatient"), "Anzahl bisheriger Episoden": put(t, "n_episodes"), "Alter bei Erkrankungsbeginn": put(t, "age_at_onset"),
               "Episodendauer (Monate)": put(t, "episode_months"), "Anzahl Therapieversager": put(t, "failed_trials"), "Suizidversuche (ja/nein)": put(t, "suicide_attempt"),
               "Alkohol in Familie": put(t, "family_history_alcohol"), "Benzodiazepin-Einnahme": put(t, "benzodiazepine"), "Anzahl Psychopharmaka": put(t, "n_medications"),
               "RR systolisch": put(t, "systolic_bp"), "RR diastolisch": put(t, "diastolic_bp"), "MADRS T0": t.total("base"), "MADRS T1": t.total("24h"), "MADRS T2": t.total("7d")}
    return book(t, folder, {"Daten": columns_as_rows(columns), "Legende": [
        ["Studienarm", "1 = Ketamin 0,5 mg/kg, 2 = NaCl"], ["Geschlecht", "1 = männlich, 2 = weiblich"], ["Familienstand", "1 = ledig, 2 = verheiratet, 3 = geschieden, 4 = verwitwet"],
        ["ja/nein", "0 = nein, 1 = ja"], ["T0", "vor Infusion"], ["T1", "24 h nach Infusion"], ["T2", "7 Tage nach Infusion"]]})


def krakow(folder: Path) -> Ledger:
    """Polish, long, semicolons."""
    t = ledger("krakow", [("Ketamina", "ketamine", None), ("Sól fizjologiczna", "control", None)], {"Przed wlewem": 0, "24 godziny po wlewie": 24, "7 dni po wlewie": 168}, n=18, ids="K{:02d}", country="Poland")
    tak = {1: "Tak", 0: "Nie"}
    facts = {"Wiek": put(t, "age"), "Płeć": put(t, "female", {1: "Kobieta", 0: "Mężczyzna"}), "Palacz": put(t, "smoker", tak), "Stan cywilny": put(t, "married", {1: "żonaty/zamężna", 0: "kawaler/panna"}),
             "Zatrudnienie": put(t, "employed", tak), "Lata nauki": put(t, "education_years"), "Wiek zachorowania": put(t, "age_at_onset"), "Liczba epizodów depresji": put(t, "n_episodes"),
             "Próby samobójcze": put(t, "suicide_attempt", tak), "Zaburzenia lękowe uogólnione": put(t, "gad", tak), "Zaburzenie paniczne": put(t, "panic", tak)}
    rows: Rows = [["Pacjent", "Leczenie", *facts, "Wizyta", "MADRS"]]
    rows += [[t.id[i], t.names()[i], *(c[i] for c in facts.values()), visit, t.total(visit)[i]] for i in range(t.n) for visit in t.plan]
    return text(t, folder, rows, delimiter=";", decimal=",")


def lisbon(folder: Path) -> Ledger:
    """Portuguese SPSS file, labels as questions."""
    t = ledger("lisbon", [("1", "ketamine", .5), ("2", "control", None)], n=20, ids="{}", country="Portugal")
    sim = {0: "Não", 1: "Sim"}
    fields: dict[str, tuple[str, str, dict[int, str]]] = {
        "idade": ("age", "Idade (anos)", {}), "sexo": ("female", "Sexo", {0: "Masculino", 1: "Feminino"}), "escol": ("education_years", "Escolaridade em anos", {}),
        "casado": ("married", "Casado(a) ou em união de facto", sim), "trab": ("employed", "Trabalha atualmente", sim), "fuma": ("smoker", "Fuma atualmente", sim),
        "idinic": ("age_at_onset", "Idade do primeiro episódio depressivo", {}), "nepis": ("n_episodes", "Número de episódios depressivos", {}),
        "durep": ("episode_months", "Duração do episódio atual (meses)", {}), "nfal": ("failed_trials", "Número de antidepressivos sem resposta", {}),
        "tent": ("suicide_attempt", "Tentativa de suicídio ao longo da vida", sim), "pag": ("gad", "Perturbação de ansiedade generalizada", sim), "poc": ("ocd", "Perturbação obsessivo-compulsiva", sim),
        "bzd": ("benzodiazepine", "Toma benzodiazepinas", sim), "npsi": ("n_medications", "Número de psicofármacos", {}), "tas": ("systolic_bp", "Tensão arterial sistólica", {}), "tad": ("diastolic_bp", "Tensão arterial diastólica", {})}
    columns: dict[str, Cells] = {"numero": [float(i) for i in t.id], "grupo": [float(a) for a in t.names()]}
    columns |= {name: put(t, key, float, gap=.05, missing=np.nan) for name, (key, _, _) in fields.items()}
    columns |= {name: [np.nan if v is None else float(v) for v in t.total(visit, None)] for name, visit in (("madrs_pre", "base"), ("madrs_24h", "24h"), ("madrs_7d", "7d"))}
    pyreadstat.write_sav(pd.DataFrame(columns), str(folder / "lisbon.sav"), variable_value_labels={"grupo": {1: "Cetamina 0,5 mg/kg", 2: "Soro fisiológico"}} | {n: w for n, (_, _, w) in fields.items() if w},
                         column_labels=["Número do participante", "Grupo de tratamento", *(label for _, label, _ in fields.values()), "MADRS antes da infusão", "MADRS às 24 horas", "MADRS aos 7 dias"])
    t.facts["file"] = "lisbon.sav"
    return t


def milan(folder: Path) -> Ledger:
    """Italian csv, dates of assessment, words."""
    t = ledger("milan", [("ketamina", "ketamine", None), ("midazolam", "control", None)], n=18, ids="MI{:02d}", country="Italy", control_type="psychoactive")
    si = {1: "Sì", 0: "No"}
    return text(t, folder, columns_as_rows({
        "ID paziente": t.id, "Farmaco": t.names(), "Età": put(t, "age"), "Genere": put(t, "female", {1: "Femmina", 0: "Maschio"}), "Titolo di studio (anni)": put(t, "education_years"),
        "Stato civile": [str(t.rng.choice(["Coniugato", "Convivente"] if v else ["Celibe", "Separato", "Vedovo"])) for v in put(t, "married")],
        "Occupazione": [str(t.rng.choice(["Occupato", "Lavoratore autonomo"] if v else ["Disoccupato", "Pensionato", "Casalinga"])) for v in put(t, "employed")],
        "Fumatore attuale": put(t, "smoker", si), "Paziente ricoverato": put(t, "inpatient", si), "Età al primo episodio": put(t, "age_at_onset"), "Numero episodi depressivi": put(t, "n_episodes"),
        "Durata episodio in corso (mesi)": put(t, "episode_months"), "N. antidepressivi falliti": put(t, "failed_trials"), "Pregressi tentativi di suicidio": put(t, "suicide_attempt", si),
        "Familiarità per alcolismo": put(t, "family_history_alcohol", si), "Fobia sociale": put(t, "social_anxiety", si), "Disturbo ossessivo-compulsivo": put(t, "ocd", si), "Uso di benzodiazepine": put(t, "benzodiazepine", si),
        "MADRS basale": t.total("base"), "MADRS a 24 ore": t.total("24h"), "MADRS a 7 giorni": t.total("7d")}), delimiter=";", decimal=",", encoding="cp1252")


def nagoya(folder: Path) -> Ledger:
    """Japanese headers and words."""
    t = ledger("nagoya", [("ケタミン", "ketamine", None), ("プラセボ", "control", None)], n=18, ids="{}", country="Japan")
    ari = {1: "あり", 0: "なし"}
    return book(t, folder, {"データ": columns_as_rows({
        "症例番号": [int(i) for i in t.id], "割付群": t.names(), "年齢": put(t, "age"), "性別": put(t, "female", {1: "女性", 0: "男性"}), "教育年数": put(t, "education_years"), "婚姻状況": put(t, "married", {1: "既婚", 0: "未婚"}),
        "就労": put(t, "employed", ari), "喫煙": put(t, "smoker", ari), "初発年齢": put(t, "age_at_onset"), "エピソード回数": put(t, "n_episodes"), "自殺企図歴": put(t, "suicide_attempt", ari), "ベンゾジアゼピン": put(t, "benzodiazepine", ari),
        "MADRS投与前": t.total("base"), "MADRS 24時間後": t.total("24h"), "MADRS 7日後": t.total("7d")})})


def oslo(folder: Path) -> Ledger:
    """Norwegian workbook."""
    t = ledger("oslo", [("Ketamin", "ketamine", None), ("Saltvann", "control", None)], n=18, ids="{}", country="Norway")
    ja = {1: "Ja", 0: "Nei"}
    return book(t, folder, {"Ark1": columns_as_rows({
        "Pasientnr": [int(i) for i in t.id], "Behandling": t.names(), "Alder": put(t, "age"), "Kjønn": put(t, "female", {1: "Kvinne", 0: "Mann"}), "Gift/samboer": put(t, "married", ja), "I arbeid": put(t, "employed", ja),
        "Utdanning (år)": put(t, "education_years"), "Røyker": put(t, "smoker", ja), "Innlagt": put(t, "inpatient", ja), "Alder ved første episode": put(t, "age_at_onset"), "Antall episoder": put(t, "n_episodes"),
        "Varighet av nåværende episode (mnd)": put(t, "episode_months"), "Tidligere selvmordsforsøk": put(t, "suicide_attempt", ja), "Generalisert angstlidelse": put(t, "gad", ja), "Panikklidelse": put(t, "panic", ja),
        "Benzodiazepiner": put(t, "benzodiazepine", ja), "MADRS før infusjon": t.total("base"), "MADRS etter 24 timer": t.total("24h"), "MADRS etter 7 dager": t.total("7d")})})


def prague(folder: Path) -> Ledger:
    """A Czech team in English with its own shorthand."""
    t = ledger("prague", [("KET", "ketamine", None), ("MDZ", "control", None)], n=18, ids="{}", country="Czech Republic", control_type="psychoactive")
    t.tells(but={"bmi": [p["weight"] / (p["height"] / 100) ** 2 for p in t.person]})
    return text(t, folder, columns_as_rows({
        "patient_no": t.id, "medication_arm": t.names(), "age_yrs": put(t, "age"), "gender_mf": put(t, "female", {1: "F", 0: "M"}), "weight_kg": t.get("weight"), "height_cm": t.get("height"),
        "family_status": put(t, "married", {1: "married", 0: "single"}), "employment_yes_no": put(t, "employed", {1: "yes", 0: "no"}), "edu_in_years": put(t, "education_years"),
        "first_manifestation_age": put(t, "age_at_onset"), "no_of_episodes": put(t, "n_episodes"), "actual_episode_months": put(t, "episode_months"), "hospitalised_now": put(t, "inpatient", {1: "yes", 0: "no"}),
        "suicidal_attempt_lifetime": put(t, "suicide_attempt", {1: "yes", 0: "no"}), "resistant_to_n_ADs": put(t, "failed_trials"), "madrs_pre": t.total("base"), "madrs_d1": t.total("24h"), "madrs_d7": t.total("7d")}),
        delimiter=";", decimal=",")


def quebec(folder: Path) -> Ledger:
    """French Canada, wide, 1 and 0, a legend in the title."""
    t = ledger("quebec", [("K", "ketamine", None), ("P", "control", None)], n=20, ids="QC-{:02d}", country="Canada")
    t.tells(but={"bmi": [p["weight"] / (p["height"] / 100) ** 2 for p in t.person]})
    return book(t, folder, {"Données": [["Étude kétamine - K = kétamine, P = placebo; 1 = oui, 0 = non"], [], *columns_as_rows({
        "Code": t.id, "Groupe": t.names(), "Âge": put(t, "age"), "Sexe (F/M)": put(t, "female", {1: "F", 0: "M"}), "Taille (cm)": t.get("height"), "Poids (kg)": t.get("weight"), "En couple": put(t, "married"),
        "En emploi": put(t, "employed"), "Scolarité (années)": put(t, "education_years"), "Fumeur": put(t, "smoker"), "Âge au premier épisode": put(t, "age_at_onset"), "Nombre d'épisodes": put(t, "n_episodes"),
        "Durée épisode actuel (mois)": put(t, "episode_months"), "Essais d'antidépresseurs échoués": put(t, "failed_trials"), "Tentative de suicide à vie": put(t, "suicide_attempt"),
        "Antécédents familiaux d'alcoolisme": put(t, "family_history_alcohol"), "TAG": put(t, "gad"), "Trouble panique": put(t, "panic"), "TSPT": put(t, "ptsd"), "Benzodiazépine": put(t, "benzodiazepine"),
        "MADRS pré": t.total("base"), "MADRS 24 h": t.total("24h"), "MADRS 7 jours": t.total("7d")})]})


STUDIES = (jena, krakow, lisbon, milan, nagoya, oslo, prague, quebec)
