"""The rest of the batch `unseen_fresh`: tables with dates, doses, ticks and notes, and languages not met before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text

WEEK = {"base": 0, "24h": 24, "7d": 168}
KET, SAL = ("Ketamine", "ketamine", None), ("Saline", "control", None)
SEX = {1: "Female", 0: "Male"}


def _arm(t: Ledger) -> list[Any]:
    return [arm[0] for arm in t.arm]


def redstart(folder: Path) -> Ledger:
    """Polish, tabs, UTF-16."""
    t = Ledger("redstart", [("Ketamina", "ketamine", None), ("Sól fizjologiczna", "control", None)], WEEK, n=20, ids="{}",
               country="Poland")
    t.tells("age", "female", "smoker")
    return text(t, folder, columns_as_rows({
        "Nr pacjenta": t.id, "Lek": _arm(t), "Wiek": t.get("age"), "Płeć": t.get("female", {1: "K", 0: "M"}),
        "Palenie": t.get("smoker", {1: "tak", 0: "nie"}), "MADRS przed": t.total("base"), "MADRS 24 godz": t.total("24h"),
        "MADRS 7 dni": t.total("7d")}), delimiter="\t", suffix=".txt", encoding="utf-16")


def siskin(folder: Path) -> Ledger:
    """The key of the codes stands below the table."""
    t = Ledger("siskin", [("1", "ketamine", None), ("2", "control", None)], WEEK, n=20, ids="S{:02d}")
    t.tells("age", "female")
    rows = columns_as_rows({
        "Patient": t.id, "Group": [int(a) for a in _arm(t)], "Age": t.get("age"), "Sex": t.get("female", {1: 1, 0: 0}),
        "MADRS_BL": t.total("base"), "MADRS_24": t.total("24h"), "MADRS_D7": t.total("7d")})
    return book(t, folder, {"Sheet1": [*rows, [], ["Group: 1 = ketamine, 2 = saline"], ["Sex: 0 = male, 1 = female"]]})


def tern(folder: Path) -> Ledger:
    """Three doses, in a column of their own."""
    arms = [("Ketamine 0.1", "other_dose", .1), ("Ketamine 0.5", "ketamine", .5), ("Ketamine 1.0", "ketamine", 1.0),
            ("Midazolam 0.045", "control", .045)]
    t = Ledger("tern", arms, {"D0": 0, "D1": 24, "D3": 72, "D7": 168}, n=28, ids="T{:03d}", control_type="psychoactive")
    t.tells("age", "female", "bmi")
    return book(t, folder, {"Export": columns_as_rows({
        "Subject ID": t.id, "Study drug": [a.split()[0] for a in _arm(t)], "Dose (mg/kg)": [arm[2] for arm in t.arm],
        "Age": t.get("age"), "Sex": t.get("female", SEX), "BMI (kg/m2)": t.get("bmi"),
        **{f"MADRS Total {v}": t.total(v, "NA") for v in t.plan}})})


def veery(folder: Path) -> Ledger:
    """Every visit with its scales, visits numbered T1 to T3 and explained on another sheet."""
    t = Ledger("veery", [KET, SAL], {"T1": 0, "T2": 24, "T3": 168}, n=20, ids="V{:02d}", country="Australia")
    t.tells("age", "female")
    columns: dict[str, list[Any]] = {"Code": t.id, "Condition": _arm(t), "Age": t.get("age"), "Sex": t.get("female", SEX)}
    for visit in t.plan:
        columns |= {f"{visit}_MADRS": t.total(visit), f"{visit}_CADSS": [int(v) for v in t.rng.integers(0, 30, t.n)],
                    f"{visit}_QIDS": [int(v) for v in t.rng.integers(2, 25, t.n)]}
    return book(t, folder, {"Scores": columns_as_rows(columns), "Notes": [
        ["T1 = baseline, before the infusion"], ["T2 = 24 hours after the infusion"], ["T3 = 7 days after the infusion"]]})


def wheatear(folder: Path) -> Ledger:
    """A date beside every rating, in one row."""
    t = Ledger("wheatear", [KET, ("Midazolam", "control", None)], {"1": -24, "2": 24, "3": 168}, n=20, ids="W{:02d}",
               control_type="psychoactive")
    t.on_days()
    t.tells("age", "female", "married")
    columns: dict[str, list[Any]] = {
        "Participant": t.id, "Group": _arm(t), "Age": t.get("age"), "Sex": t.get("female", SEX),
        "Married/partnered": t.get("married", {1: "Y", 0: "N"}), "Infusion date": [w["infused"].date() for w in t.person]}
    for k in t.plan:
        columns |= {f"MADRS {k} date": [at.date() for at in t.when(k)], f"MADRS {k} score": t.total(k)}
    return book(t, folder, {"Data": columns_as_rows(columns)})


def woodcock(folder: Path) -> Ledger:
    """Words for everything, ticks for diagnoses."""
    t = Ledger("woodcock", [("KET", "ketamine", None), ("PBO", "control", None)], WEEK, n=24, ids="WC{:02d}",
               trd_threshold=1)
    pick = t.rng.choice
    t.tells("age", "female", "smoker", "inpatient", "employed", "gad", "ptsd", "suicide_attempt")
    return text(t, folder, columns_as_rows({
        "SubjectID": t.id, "TxGroup": _arm(t), "AgeYrs": t.get("age"), "BirthSex": t.get("female", SEX),
        "SmokingStatus": t.get("smoker", lambda yes: "current" if yes else str(pick(["former", "never"]))),
        "Setting": t.get("inpatient", {1: "IP", 0: "OP"}),
        "Employment": t.get("employed", lambda yes: str(pick(["full-time", "part-time"] if yes else
                                                             ["unemployed", "retired", "disabled"]))),
        "Dx_GAD": t.get("gad", {1: "x", 0: ""}), "Dx_PTSD": t.get("ptsd", {1: "x", 0: ""}),
        "PriorSuicideAttempt": t.get("suicide_attempt", {1: "present", 0: "absent"}),
        "MADRS_Base": t.total("base"), "MADRS_24hr": t.total("24h"), "MADRS_1wk": t.total("7d")}))


def xeme(folder: Path) -> Ledger:
    """Chinese headers and words."""
    t = Ledger("xeme", [("氯胺酮", "ketamine", None), ("生理盐水", "control", None)], WEEK, n=20, ids="{:03d}", country="China")
    t.tells("age", "female")
    return book(t, folder, {"数据": columns_as_rows({
        "编号": t.id, "组别": _arm(t), "年龄": t.get("age"), "性别": t.get("female", {1: "女", 0: "男"}),
        "MADRS 基线": t.total("base"), "MADRS 24小时": t.total("24h"), "MADRS 7天": t.total("7d")})})


def zigolo(folder: Path) -> Ledger:
    """Italian, hours and days in brackets."""
    t = Ledger("zigolo", [("Ketamina", "ketamine", None), ("Soluzione fisiologica", "control", None)], WEEK, n=20,
               ids="Z{:02d}", country="Italy")
    t.tells("age", "female", "education_years", "suicide_attempt")
    rows: Rows = columns_as_rows({
        "ID paziente": t.id, "Trattamento": _arm(t), "Età": t.get("age"), "Genere": t.get("female", {1: "Donna", 0: "Uomo"}),
        "Scolarità (anni)": t.get("education_years"), "Tentativi di suicidio": t.get("suicide_attempt", {1: "sì", 0: "no"}),
        "MADRS T0 (basale)": t.total("base"), "MADRS T1 (24 ore)": t.total("24h"), "MADRS T2 (7 giorni)": t.total("7d")})
    return text(t, folder, rows, delimiter=";")


STUDIES = (redstart, siskin, tern, veery, wheatear, woodcock, xeme, zigolo)
