"""The rest of the batch `unseen_eighth`: teams abroad and questionnaires."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text
from tests.bench.import_corpus.unseen_sixth import ledger, put

Cells = list[Any]


def adriatic(folder: Path) -> Ledger:
    """Italian workbook with codes 0 and 1 told once."""
    t = ledger("adriatic", [("K", "ketamine", None), ("P", "control", None)], n=20, ids="{}", country="Italy")
    return book(t, folder, {"Foglio1": columns_as_rows({
        "Paziente": [int(i) for i in t.id], "Gruppo": t.names(), "Età": put(t, "age"), "Sesso": put(t, "female", {1: "F", 0: "M"}), "BMI": put(t, "bmi"),
        "Fumo": put(t, "smoker"), "Coniugato": put(t, "married"), "Lavora": put(t, "employed"), "Anni di scolarità": put(t, "education_years"),
        "Età di esordio": put(t, "age_at_onset"), "N. episodi": put(t, "n_episodes"), "Durata episodio attuale (mesi)": put(t, "episode_months"),
        "Tentati suicidi": put(t, "suicide_attempt"), "Disturbo di panico": put(t, "panic"), "DOC": put(t, "ocd"), "PTSD": put(t, "ptsd"),
        "Terapia con benzodiazepine": put(t, "benzodiazepine"), "N. farmaci": put(t, "n_medications"), "MADRS T0": t.total("base"), "MADRS 24h": t.total("24h"),
        "MADRS 7gg": t.total("7d")}), "Legenda": [["K = ketamina, P = placebo"], ["0 = no, 1 = sì"]]})


def aegean(folder: Path) -> Ledger:
    """Turkish, words for everything."""
    t = ledger("aegean", [("Ketamin", "ketamine", None), ("Plasebo", "control", None)], n=18, ids="{}", country="Turkey")
    var, evet = {1: "Var", 0: "Yok"}, {1: "Evet", 0: "Hayır"}
    return book(t, folder, {"Sayfa1": columns_as_rows({
        "Sıra": [int(i) for i in t.id], "Grup": t.names(), "Yaş": put(t, "age"), "Cinsiyet": put(t, "female", {1: "Kadın", 0: "Erkek"}),
        "Medeni durum": put(t, "married", {1: "Evli", 0: "Bekar"}), "Çalışıyor mu": put(t, "employed", evet), "Eğitim (yıl)": put(t, "education_years"),
        "Sigara kullanımı": put(t, "smoker", evet), "Hastalık başlangıç yaşı": put(t, "age_at_onset"), "Atak sayısı": put(t, "n_episodes"),
        "İntihar girişimi": put(t, "suicide_attempt", var), "Panik bozukluk": put(t, "panic", var), "VKİ": put(t, "bmi"),
        "MADRS (başlangıç)": t.total("base"), "MADRS (24 saat)": t.total("24h"), "MADRS (7 gün)": t.total("7d")})})


def baltic(folder: Path) -> Ledger:
    """Swedish SPSS, labels in Swedish."""
    t = ledger("baltic", [("1", "ketamine", .5), ("2", "control", None)], n=22, ids="{}", country="Sweden")
    ja = {0: "Nej", 1: "Ja"}
    fields: dict[str, tuple[str, str, dict[int, str]]] = {
        "alder": ("age", "Ålder vid inklusion", {}), "kon": ("female", "Kön", {0: "Man", 1: "Kvinna"}), "bmi": ("bmi", "BMI", {}),
        "gift": ("married", "Gift eller sambo", ja), "arbete": ("employed", "I arbete", ja), "utb": ("education_years", "Utbildning, antal år", {}),
        "rokare": ("smoker", "Röker för närvarande", ja), "sjhus": ("inpatient", "Inneliggande patient", ja), "debut": ("age_at_onset", "Ålder vid första episod", {}),
        "antep": ("n_episodes", "Antal depressiva episoder", {}), "epdur": ("episode_months", "Aktuell episod, månader", {}),
        "sforsok": ("suicide_attempt", "Tidigare suicidförsök", ja), "gad": ("gad", "Generaliserat ångestsyndrom", ja), "ocd": ("ocd", "Tvångssyndrom", ja),
        "adhd": ("adhd", "ADHD", ja), "bens": ("benzodiazepine", "Behandling med bensodiazepin", ja), "antlak": ("n_medications", "Antal psykofarmaka", {})}
    columns: dict[str, Cells] = {"lopnr": [float(i) for i in t.id], "grupp": [float(a) for a in t.names()]}
    columns |= {name: put(t, key, float, gap=.05, missing=np.nan) for name, (key, _, _) in fields.items()}
    columns |= {name: [np.nan if v is None else float(v) for v in t.total(visit, None)] for name, visit in (("madrs_0", "base"), ("madrs_1", "24h"), ("madrs_7", "7d"))}
    pyreadstat.write_sav(pd.DataFrame(columns), str(folder / "baltic.sav"), variable_value_labels={
        "grupp": {1: "Ketamin 0,5 mg/kg", 2: "Koksalt"}} | {n: w for n, (_, _, w) in fields.items() if w}, column_labels=[
        "Löpnummer", "Behandlingsgrupp", *(label for _, label, _ in fields.values()), "MADRS före infusion", "MADRS dag 1", "MADRS dag 7"])
    t.facts["file"] = "baltic.sav"
    return t


def celtic(folder: Path) -> Ledger:
    """Breton French, long, J-numbers as visits, 0 and 1 told in the names."""
    t = ledger("celtic", [("ketamine", "ketamine", None), ("midazolam", "control", None)], {"J0": 0, "J1": 24, "J3": 72, "J7": 168}, n=18, ids="BZH{:02d}", country="France",
               control_type="psychoactive")
    facts = {"age": put(t, "age"), "sexe": put(t, "female", {1: "F", 0: "M"}), "imc": put(t, "bmi"), "fumeur (0/1)": put(t, "smoker"), "en couple (0/1)": put(t, "married"),
             "emploi (0/1)": put(t, "employed"), "niveau d'études (années)": put(t, "education_years"), "antécédent TS (0/1)": put(t, "suicide_attempt"),
             "âge 1er épisode": put(t, "age_at_onset"), "nb épisodes": put(t, "n_episodes"), "nb échecs AD": put(t, "failed_trials"), "TAG (0/1)": put(t, "gad"),
             "benzodiazépine (0/1)": put(t, "benzodiazepine")}
    rows: Rows = [["patient", "traitement", *facts, "visite", "madrs"]]
    rows += [[t.id[i], t.names()[i], *(c[i] for c in facts.values()), visit, t.total(visit)[i]] for i in range(t.n) for visit in t.plan]
    return text(t, folder, rows, delimiter=";", decimal=",")


def ligurian(folder: Path) -> Ledger:
    """Chinese headers and words."""
    t = ledger("ligurian", [("氯胺酮组", "ketamine", None), ("对照组", "control", None)], n=20, ids="{}", country="China")
    yes = {1: "是", 0: "否"}
    return book(t, folder, {"Sheet1": columns_as_rows({
        "编号": [int(i) for i in t.id], "组别": t.names(), "性别": put(t, "female", {1: "女", 0: "男"}), "年龄": put(t, "age"), "受教育年限": put(t, "education_years"),
        "婚姻状况": put(t, "married", {1: "已婚", 0: "未婚"}), "BMI": put(t, "bmi"), "吸烟": put(t, "smoker", yes), "首次发病年龄": put(t, "age_at_onset"),
        "发作次数": put(t, "n_episodes"), "自杀未遂史": put(t, "suicide_attempt", yes), "MADRS基线": t.total("base"), "MADRS 24小时": t.total("24h"), "MADRS 7天": t.total("7d")})})


def pechora(folder: Path) -> Ledger:
    """A Dutch workbook with a column of each visit's date."""
    t = ledger("pechora", [("Esketamine-vrij: ketamine", "ketamine", None), ("Placebo", "control", None)], n=18, ids="NL{:02d}", country="Netherlands")
    ja = {1: "Ja", 0: "Nee"}
    return book(t, folder, {"Blad1": columns_as_rows({
        "Nummer": t.id, "Behandeling": ["Ketamine" if a[1] == "ketamine" else "Placebo" for a in t.arm], "Leeftijd": put(t, "age"), "Geslacht": put(t, "female", {1: "Vrouw", 0: "Man"}),
        "Roker": put(t, "smoker", ja), "Samenwonend/gehuwd": put(t, "married", ja), "Betaald werk": put(t, "employed", ja), "Opleiding (jaren)": put(t, "education_years"),
        "Leeftijd eerste episode": put(t, "age_at_onset"), "Aantal episodes": put(t, "n_episodes"), "Eerdere suïcidepoging": put(t, "suicide_attempt", ja),
        "Paniekstoornis": put(t, "panic", ja), "Sociale fobie": put(t, "social_anxiety", ja), "Datum infusie": [p["infused"].date() for p in t.person],
        "MADRS voor infusie": t.total("base"), "Datum meting 1 dag": [w.date() for w in t.when("24h")], "MADRS na 1 dag": t.total("24h"),
        "Datum meting 7 dagen": [w.date() for w in t.when("7d")], "MADRS na 7 dagen": t.total("7d")})})


def tyrrhenian(folder: Path) -> Ledger:
    """Long, with the clock of each rating, ISO, odd codes for missing."""
    t = ledger("tyrrhenian", [("KET", "ketamine", None), ("MDZ", "control", None)], n=18, ids="{:03d}", jitter=2.0, control_type="psychoactive")
    facts = {"age": put(t, "age"), "sex": put(t, "female", {1: "F", 0: "M"}), "bmi": put(t, "bmi", gap=.1, missing=888), "marital_partnered": put(t, "married", gap=.1, missing=888),
             "employed_now": put(t, "employed", gap=.1, missing=888), "yrs_education": put(t, "education_years", gap=.1, missing=888),
             "prior_attempt": put(t, "suicide_attempt", gap=.1, missing=888), "mde_lifetime_n": put(t, "n_episodes", gap=.1, missing=888)}
    rows: Rows = [["pid", "study_drug", *facts, "infusion_start", "assessment_time", "madrs_total"]]
    rows += [[t.id[i], t.names()[i], *(c[i] for c in facts.values()), t.person[i]["infused"].strftime("%Y-%m-%d %H:%M"), t.when(visit)[i].strftime("%Y-%m-%d %H:%M"),
              t.total(visit, 888)[i]] for i in range(t.n) for visit in t.plan]
    return text(t, folder, rows)


def weddell(folder: Path) -> Ledger:
    """A survey tool's export: question numbers, and the questions in the row below."""
    t = ledger("weddell", [("Ketamine", "ketamine", None), ("Placebo", "control", None)], n=20, ids="W{:02d}")
    yes = {1: "Yes", 0: "No"}
    asked: dict[str, Cells] = {
        "Participant ID": t.id, "Which treatment was given?": t.names(), "How old are you?": put(t, "age"), "What is your sex?": put(t, "female", {1: "Female", 0: "Male"}),
        "Are you Hispanic or Latino?": put(t, "hispanic", yes), "Are you married or living with a partner?": put(t, "married", yes), "Are you currently employed?": put(t, "employed", yes),
        "How many years of education have you completed?": put(t, "education_years"), "Do you currently smoke?": put(t, "smoker", yes),
        "How many depressive episodes have you had in your life?": put(t, "n_episodes"), "How old were you when you first became depressed?": put(t, "age_at_onset"),
        "Have you ever attempted suicide?": put(t, "suicide_attempt", yes), "How many psychiatric medications do you take?": put(t, "n_medications"),
        "MADRS total - baseline": t.total("base"), "MADRS total - 24 hours": t.total("24h"), "MADRS total - day 7": t.total("7d")}
    rows = columns_as_rows(asked)
    return text(t, folder, [[f"Q{k + 1}" for k in range(len(asked))], *rows])


STUDIES = (adriatic, aegean, baltic, celtic, ligurian, pechora, tyrrhenian, weddell)
