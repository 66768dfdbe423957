"""Sixteen more files, written after the reader had learned from `unseen` and `unseen_later`, and before it met these.

Read at first sight: see README. Later figures measure memory too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text

KET, SAL = ("Ketamine 0.5 mg/kg", "ketamine", .5), ("Saline", "control", None)
SEX = {1: "Female", 0: "Male"}


def _who(t: Ledger, id_name: str, arm_name: str, **more: list[Any]) -> dict[str, list[Any]]:
    t.tells("age", "female")
    return {id_name: t.id, arm_name: [arm[0] for arm in t.arm], "Age": t.get("age"), "Sex": t.get("female", SEX), **more}


def _visits(t: Ledger, head: list[str], row: Any) -> Rows:
    return [head, *(row(i, visit, t.total(visit)[i]) for i in range(t.n) for visit in t.plan)]


def agate(folder: Path) -> Ledger:
    """Numbered visits, and a schedule that says on which day each was."""
    t = Ledger("agate", [KET, SAL], {"V1": -168, "V2": 0, "V3": 24, "V4": 168}, n=24, ids="AG{:02d}", country="Canada")
    return book(t, folder, {"Data": columns_as_rows(_who(t, "Subject", "Arm", **{
        f"MADRS_{visit}": t.total(visit) for visit in t.plan})), "Schedule": [
            ["Visit", "When"], ["V1", "Screening"], ["V2", "Before infusion"], ["V3", "24 h after infusion"],
            ["V4", "7 days after infusion"]]})


def beryl(folder: Path) -> Ledger:
    """Demographics, and ratings with every item beside the total."""
    t = Ledger("beryl", [KET, ("Midazolam", "control", None)], {"Baseline": 0, "24 Hours": 24, "7 Days": 168}, n=22,
               ids="{:04d}", control_type="psychoactive")
    return book(t, folder, {"Demog": columns_as_rows(_who(t, "SubjID", "TreatmentArm")), "MADRS": _visits(
        t, ["SubjID", "VisitName", *(f"Item{k}" for k in range(1, 11)), "Total"],
        lambda i, visit, score: [i + 1, visit, *(t.items[visit][i] or [""] * 10), score])})


def coral(folder: Path) -> Ledger:
    """REDCap: the rating as a repeating instrument with a time to choose."""
    t = Ledger("coral", [KET, SAL], {"Pre-infusion": 0, "24 hours post": 24, "7 days post": 168}, n=20, ids="{}")
    rows: Rows = [["Record ID", "Repeat Instrument", "Repeat Instance", "Age (years)", "Sex", "Treatment group", "Time point",
                   "MADRS Total"]]
    for i, who in enumerate(t.person):
        rows.append([t.id[i], "", "", who["age"], SEX[who["female"]], t.arm[i][0], "", ""])
        rows += [[t.id[i], "MADRS", k, "", "", "", visit, t.total(visit)[i]] for k, visit in enumerate(t.plan, start=1)]
    t.tells("age", "female")
    return text(t, folder, rows)


def diorite(folder: Path) -> Ledger:
    """Norwegian, semicolons."""
    t = Ledger("diorite", [("Ketamin 0,5 mg/kg", "ketamine", .5), ("Saltvann", "control", None)],
               {"Baseline": 0, "24 timer": 24, "7 dager": 168}, n=20, ids="{}", country="Norway")
    t.tells("age", "female", "smoker")
    return text(t, folder, columns_as_rows({
        "Pasientnummer": t.id, "Gruppe": [arm[0] for arm in t.arm], "Alder": t.get("age"),
        "Kjønn": t.get("female", {1: "Kvinne", 0: "Mann"}), "Røyker": t.get("smoker", {1: "Ja", 0: "Nei"}),
        **{f"MADRS {visit}": t.total(visit) for visit in t.plan}}), delimiter=";", decimal=",", encoding="cp1252")


def epidote(folder: Path) -> Ledger:
    """SAS transport, names of eight letters, labels."""
    t = Ledger("epidote", [("KETAMINE", "ketamine", None), ("MIDAZOLAM", "control", None)], {"0": 0, "1D": 24, "7D": 168}, n=24,
               ids="{}", control_type="psychoactive")
    frame = pd.DataFrame({"SUBJID": t.id, "TRTGRP": [arm[0] for arm in t.arm], "AGE": t.get("age"),
                          "SEX": t.get("female", {1: "F", 0: "M"}), "BMI": t.get("bmi"), **{
                              f"MADRS{v}": [np.nan if s == "" else float(s) for s in t.total(v)] for v in t.plan}})
    pyreadstat.write_xport(frame, str(folder / "epidote.xpt"), column_labels=[
        "Subject identifier", "Treatment group", "Age (years)", "Sex", "Body mass index", "MADRS total baseline",
        "MADRS total 1 day", "MADRS total 7 days"])
    t.facts["file"] = "epidote.xpt"
    t.tells("age", "female", "bmi")
    return t


def flint(folder: Path) -> Ledger:
    """A sheet a site, rows of visits on each, a title above each table."""
    t = Ledger("flint", [KET, SAL], {"Baseline": 0, "Day 1": 24, "Day 7": 168}, n=24, ids="FL{:03d}")
    head = ["Patient ID", "Group", "Age", "Sex", "Visit", "MADRS"]
    rows = _visits(t, head, lambda i, visit, score: [t.id[i], t.arm[i][0], t.person[i]["age"], SEX[t.person[i]["female"]],
                                                     visit, score])[1:]
    t.tells("age", "female")
    return book(t, folder, {"Boston": [["Site 1: Boston"], [], head, *rows[:36]],
                            "Houston": [["Site 2: Houston"], [], head, *rows[36:]]})


def garnet(folder: Path) -> Ledger:
    """Vitals at every visit on a sheet of their own."""
    t = Ledger("garnet", [KET, ("Midazolam", "control", None)], {"Baseline": 0, "24h": 24, "Day 7": 168}, n=20, ids="G-{}",
               control_type="psychoactive")
    who = columns_as_rows(_who(t, "ID", "Treatment"))
    t.tells("systolic_bp", unsure=True)
    vitals = _visits(t, ["ID", "Visit", "SBP", "HR"], lambda i, visit, score: [
        t.id[i], visit, t.person[i]["systolic_bp"] + (0 if visit == "Baseline" else 9), 70])
    return book(t, folder, {"Subjects": who, "Vitals": vitals, "Scales": _visits(
        t, ["ID", "Visit", "MADRS", "BDI"], lambda i, visit, score: [t.id[i], visit, score, 20])})


def halite(folder: Path) -> Ledger:
    """A crossover, wide, the order of the drugs as one word."""
    t = Ledger("halite", [("KET-SAL", "ketamine", None), ("SAL-KET", "control", None)], {"pre": 0, "24h": 24, "7d": 168}, n=18,
               ids="H{:02d}", design="crossover", trd_threshold=1)
    t.tells("age", "female")
    columns = {"Subject": t.id, "Sequence": [arm[0] for arm in t.arm], "Age": t.get("age"), "Sex": t.get("female", SEX)}
    for period in (1, 2):
        columns |= {f"MADRS_P{period}_{visit}": t.total(visit) if period == 1 else [
            int(v) for v in t.rng.integers(4, 45, t.n)] for visit in t.plan}
    return text(t, folder, columns_as_rows(columns))


def iolite(folder: Path) -> Ledger:
    """Days only, the baseline on the day of the infusion."""
    t = Ledger("iolite", [KET, SAL], {"A": -0.5, "B": 24, "C": 70, "D": 168}, n=22, ids="I{:02d}", country="Denmark")
    t.on_days()
    rows = _visits(t, ["Participant ID", "Allocation", "Age", "Sex", "Treatment date", "Assessment date", "MADRS total score"],
                   lambda i, visit, score: [t.id[i], t.arm[i][0], t.person[i]["age"], SEX[t.person[i]["female"]],
                                            t.person[i]["infused"].date(), t.when(visit)[i].date(), score])
    t.tells("age", "female")
    return book(t, folder, {"Ratings": rows})


def jasper(folder: Path) -> Ledger:
    """Codes said in the headers, ND for not done."""
    t = Ledger("jasper", [("1", "ketamine", .5), ("2", "control", None)], {"BL": 0, "24h": 24, "D7": 168}, n=24, ids="{}", lost=.12)
    t.tells("age", "female", "smoker", "failed_trials")
    return text(t, folder, columns_as_rows({
        "Subject #": t.id, "Group (1=ketamine 0.5 mg/kg, 2=saline)": [arm[0] for arm in t.arm], "Age": t.get("age"),
        "Sex (1=male, 2=female)": t.get("female", {1: 2, 0: 1}), "Smoker (0=no, 1=yes)": t.get("smoker"),
        "No. of failed antidepressant trials": t.get("failed_trials"),
        **{f"MADRS {visit}": t.total(visit, "ND") for visit in t.plan}}))


def kyanite(folder: Path) -> Ledger:
    """Days since the infusion as numbers, one before it."""
    t = Ledger("kyanite", [KET, SAL], {"a": -24, "b": 24, "c": 72, "d": 168}, n=20, ids="KY{:02d}", country="Belgium")
    rows = _visits(t, ["patient_id", "treatment", "age", "sex", "days_since_infusion", "madrs"],
                   lambda i, visit, score: [t.id[i], t.arm[i][0], t.person[i]["age"], SEX[t.person[i]["female"]],
                                            int(t.plan[visit] / 24), score])
    t.tells("age", "female")
    return text(t, folder, rows)


def lazuli(folder: Path) -> Ledger:
    """German: master data and course on two sheets."""
    t = Ledger("lazuli", [("Ketamin", "ketamine", None), ("Midazolam", "control", None)],
               {"Baseline": 0, "24 Stunden": 24, "Tag 7": 168}, n=20, ids="L{:02d}", country="Germany",
               control_type="psychoactive")
    t.tells("age", "female", "inpatient")
    return book(t, folder, {"Stammdaten": columns_as_rows({
        "Pat-Nr": t.id, "Studienarm": [arm[0] for arm in t.arm], "Alter": t.get("age"),
        "Geschlecht": t.get("female", {1: "w", 0: "m"}), "Stationär": t.get("inpatient", {1: "ja", 0: "nein"})}),
        "Verlauf": _visits(t, ["Pat-Nr", "Zeitpunkt", "MADRS-Summe"], lambda i, visit, score: [t.id[i], visit, score])})


def marble(folder: Path) -> Ledger:
    """Names in the third row, units below them, an empty first column."""
    t = Ledger("marble", [KET, SAL], {"Baseline": 0, "24 h": 24, "7 d": 168}, n=22, ids="MA{:02d}")
    t.tells("age", "female", "bmi", "episode_months")
    rows: Rows = [["", "Ketamine study, locked 2020"], [], ["", "Patient", "Arm", "Age", "Sex", "BMI", "Current episode duration",
                                                            "MADRS baseline", "MADRS 24 h", "MADRS 7 d"],
                  ["", "", "", "(years)", "", "(kg/m2)", "(months)", "(points)", "(points)", "(points)"]]
    rows += [["", t.id[i], t.arm[i][0], who["age"], SEX[who["female"]], who["bmi"], who["episode_months"],
              *(t.total(visit)[i] for visit in t.plan)] for i, who in enumerate(t.person)]
    return book(t, folder, {"Table": rows})


def nacre(folder: Path) -> Ledger:
    """Short names, the scale in the title alone."""
    t = Ledger("nacre", [("ket", "ketamine", None), ("plc", "control", None)], {"d0": 0, "d1": 24, "d7": 168}, n=20, ids="{}")
    rows = [["MADRS scores by day"], *columns_as_rows({
        "pt": t.id, "drug": [arm[0] for arm in t.arm], "age": t.get("age"), "sex": t.get("female", {1: "F", 0: "M"}),
        **{visit: t.total(visit) for visit in t.plan}})]
    t.tells("age", "female")
    return text(t, folder, rows)


def onyx(folder: Path) -> Ledger:
    """Hamilton scores, visits as T0, T24 and T168 with the unit in a note below."""
    t = Ledger("onyx", [KET, ("Placebo", "control", None)], {"T0": 0, "T24": 24, "T168": 168}, n=22, ids="O{:02d}",
               scale="hrsd17", country="Switzerland")
    rows = columns_as_rows(_who(t, "Code", "Group", **{f"HDRS-17 {visit}h": t.total(visit) for visit in t.plan}))
    return text(t, folder, rows, delimiter=";")


def pyrite(folder: Path) -> Ledger:
    """A sheet a period of a crossover, the drug on each."""
    t = Ledger("pyrite", [("Ketamine", "ketamine", None), ("Midazolam", "control", None)],
               {"Baseline": 0, "24h": 24, "7d": 168}, n=18, ids="P{:02d}", design="crossover", control_type="psychoactive")
    t.tells("age", "female")
    other = {"Ketamine": "Midazolam", "Midazolam": "Ketamine"}
    sheets = {"Participants": columns_as_rows({"ID": t.id, "Age": t.get("age"), "Sex": t.get("female", SEX)})}
    for period in (1, 2):
        sheets[f"Infusion {period}"] = columns_as_rows({
            "ID": t.id, "Drug": [arm[0] if period == 1 else other[arm[0]] for arm in t.arm],
            **{f"MADRS {v}": t.total(v) if period == 1 else [int(s) for s in t.rng.integers(4, 45, t.n)] for v in t.plan}})
    return book(t, folder, sheets)


STUDIES = (agate, beryl, coral, diorite, epidote, flint, garnet, halite, iolite, jasper, kyanite, lazuli, marble, nacre, onyx,
           pyrite)
