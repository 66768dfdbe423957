"""The rest of the batch `unseen_more`: teams that do not write English, or write it as a second language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text

WEEK = {"base": 0, "24h": 24, "7d": 168}
Cells = list[Any]


def dogwood(folder: Path) -> Ledger:
    """A German clinic's SPSS file: items and sums, family status, 99 for missing."""
    t = Ledger("dogwood", [("1", "ketamine", .5), ("2", "control", None)], WEEK, n=22, ids="{}", country="Germany")
    t.tells("age", "female", "bmi", "married", "suicide_attempt")
    family = [float(t.rng.choice([2, 5] if yes else [1, 3, 4])) for yes in t.get("married")]
    columns: dict[str, Cells] = {
        "lfdnr": [float(i) for i in t.id], "arm": [float(a) for a in t.names()], "alter": t.get("age", float),
        "sex": t.get("female", {1: 1.0, 0: 0.0}), "bmi": t.get("bmi", float), "famst": family,
        "sv": t.get("suicide_attempt", float)}
    labels = ["Laufende Nummer", "Randomisierung", "Alter bei Einschluss", "Geschlecht", "Body-Mass-Index", "Familienstand",
              "Suizidversuch in der Vorgeschichte"]
    for visit, name, said in (("base", "t0", "vor Infusion"), ("24h", "t1", "24 h nach Infusion"),
                              ("7d", "t2", "7 Tage nach Infusion")):
        for k in range(10):
            columns[f"m{k + 1}_{name}"] = [float(v) for v in t.item(visit, k, 99)]
            labels.append(f"MADRS Item {k + 1} {said}")
        columns[f"msum_{name}"] = [float(v) for v in t.total(visit, 99)]
        labels.append(f"MADRS Summe {said}")
    scores = [c for c in columns if c.endswith(("_t0", "_t1", "_t2"))]
    pyreadstat.write_sav(pd.DataFrame(columns), str(folder / "dogwood.sav"), column_labels=labels, variable_value_labels={
        "arm": {1: "Ketamin i.v. 0,5 mg/kg", 2: "NaCl 0,9 %"}, "sex": {0: "männlich", 1: "weiblich"},
        "sv": {0: "nein", 1: "ja"},
        "famst": {1: "ledig", 2: "verheiratet", 3: "geschieden", 4: "verwitwet", 5: "in Partnerschaft"}},
        missing_ranges={c: [99] for c in scores})
    t.facts["file"] = "dogwood.sav"
    return t


def elm(folder: Path) -> Ledger:
    """A Japanese team in English: keys in the headers, body weight and height."""
    t = Ledger("elm", [("K", "ketamine", None), ("P", "control", None)], WEEK, n=20, ids="{}", country="Japan")
    t.tells("age", "female", "bmi", "episode_months", "inpatient",
            but={"bmi": [p["weight"] / (p["height"] / 100) ** 2 for p in t.person]})
    return book(t, folder, {"Sheet1": columns_as_rows({
        "No.": [int(i) for i in t.id], "Allocation (K: ketamine, P: placebo)": t.names(), "Age (y.o.)": t.get("age"),
        "Gender (M:1, F:2)": t.get("female", {1: 2, 0: 1}), "BH (cm)": t.get("height"), "BW (kg)": t.get("weight"),
        "Inpatient (1)/Outpatient (0)": t.get("inpatient"),
        "Duration of present episode (months)": t.get("episode_months"), "MADRS-pre": t.total("base"),
        "MADRS-1d": t.total("24h"), "MADRS-7d": t.total("7d")})})


def fir(folder: Path) -> Ledger:
    """Brazilian, a row a moment, decimal commas, schooling and marital state in words."""
    t = Ledger("fir", [("Cetamina 0,5 mg/kg", "ketamine", .5), ("Placebo (SF 0,9%)", "control", None)],
               {"Basal": 0, "24 horas": 24, "7 dias": 168}, n=20, ids="{:03d}", country="Brazil")
    t.tells("age", "female", "bmi", "education_years", "married", "suicide_attempt")
    state = [str(t.rng.choice(["Casado(a)", "União estável"] if yes else ["Solteiro(a)", "Divorciado(a)", "Viúvo(a)"]))
             for yes in t.get("married")]
    rows: Rows = [["Paciente", "Grupo", "Idade", "Sexo", "IMC (kg/m²)", "Escolaridade (anos)", "Estado civil",
                   "Tentativa de suicídio prévia", "Momento", "MADRS total"]]
    for i, who in enumerate(t.person):
        rows += [[t.id[i], t.arm[i][0], who["age"], "F" if who["female"] else "M", who["bmi"], who["education_years"],
                  state[i], "Sim" if who["suicide_attempt"] else "Não", visit, t.total(visit)[i]] for visit in t.plan]
    return text(t, folder, rows, delimiter=";", decimal=",", encoding="cp1252")


def teak(folder: Path) -> Ledger:
    """A Chinese team in English: keys in brackets, T0 to T2 told in the title."""
    t = Ledger("teak", [("1", "ketamine", None), ("0", "control", None)], WEEK, n=22, ids="{}", country="China")
    t.tells("age", "female", "education_years", "smoker")
    return book(t, folder, {"Sheet1": [
        ["Esketamine-free RCT, raw data. T0: before infusion; T1: 1 day after infusion; T2: 7 days after infusion"],
        *columns_as_rows({
            "serial number": [int(i) for i in t.id], "group (0=control, 1=ketamine)": [int(a) for a in t.names()],
            "gender (0=female, 1=male)": t.get("female", {1: 0, 0: 1}), "age": t.get("age"),
            "education (years)": t.get("education_years"), "smoking (0=no, 1=yes)": t.get("smoker"),
            "MADRS T0": t.total("base"), "MADRS T1": t.total("24h"), "MADRS T2": t.total("7d")})]})


def vine(folder: Path) -> Ledger:
    """Turkish."""
    t = Ledger("vine", [("Ketamin", "ketamine", None), ("Serum fizyolojik", "control", None)], WEEK, n=20, ids="{}",
               country="Turkey")
    t.tells("age", "female", "smoker")
    return text(t, folder, columns_as_rows({
        "Hasta No": t.id, "Grup": t.names(), "Yaş": t.get("age"), "Cinsiyet": t.get("female", {1: "Kadın", 0: "Erkek"}),
        "Sigara": t.get("smoker", {1: "Evet", 0: "Hayır"}), "MADRS başlangıç": t.total("base"),
        "MADRS 24. saat": t.total("24h"), "MADRS 7. gün": t.total("7d")}), delimiter=";")


def yew(folder: Path) -> Ledger:
    """Danish Stata-like csv: a row a visit, hours in words, sex by key on a second sheet."""
    t = Ledger("yew", [("1", "ketamine", None), ("2", "control", None)],
               {"Før infusion": 0, "24 timer efter": 24, "7 dage efter": 168}, n=20, ids="{}", country="Denmark")
    t.tells("age", "female", "employed")
    rows: Rows = [["Løbenr", "Gruppe", "Alder", "Køn", "I arbejde", "Besøg", "MADRS"]]
    for i, who in enumerate(t.person):
        rows += [[int(t.id[i]), int(t.arm[i][0]), who["age"], 2 - who["female"], "Ja" if who["employed"] else "Nej", visit,
                  t.total(visit)[i]] for visit in t.plan]
    return book(t, folder, {"Data": rows, "Koder": [
        ["Gruppe", "1 = ketamin, 2 = saltvand"], ["Køn", "1 = kvinde, 2 = mand"]]})


STUDIES = (dogwood, elm, fir, teak, vine, yew)
