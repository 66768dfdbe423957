"""Twenty-two more files by other hands, written after the reader had learned from the batches before, and before it met these.

Read at first sight: 7,724 cells, 83.3 % right, 16.7 % asked, none silently wrong. Later figures measure memory too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text
from tests.bench.import_corpus.trial import UNJUDGED, write_csv

KET, SAL, MDZ = ("Ketamine", "ketamine", None), ("Saline", "control", None), ("Midazolam", "control", None)
WEEK = {"base": 0, "24h": 24, "7d": 168}
SEX = {1: "F", 0: "M"}
Cells = list[Any]


def _arm(t: Ledger, codes: dict[str, Any] | None = None) -> Cells:
    return [codes[name] if codes else name for name in t.names()]


def _some(t: Ledger, low: int, high: int) -> Cells:
    return [int(v) for v in t.rng.integers(low, high, t.n)]


def _like(t: Ledger, visit: str, low: int, high: int, missing: Any = "") -> Cells:
    """Another scale at a visit: rated when the first one was."""
    return [missing if items is None else int(t.rng.integers(low, high)) for items in t.items[visit]]


def _tell_hamilton(t: Ledger, hamilton: dict[str, Cells]) -> None:
    """What a second scale says, by time."""
    t.tells(but={f"hrsd17_{time}": [np.nan if v == "" else float(v) for v in hamilton[visit]]
                 for time, visit in (("baseline", "base"), ("rapid", "24h"), ("post_rapid", "7d"))})


def alder(folder: Path) -> Ledger:
    """A tired resident: nicknames of drugs, remarks instead of scores, an empty line, notes below."""
    t = Ledger("alder", [("ket", "ketamine", None), ("saline", "control", None)], WEEK, n=22, ids="{}")
    t.tells("age", "female")
    drugs = [str(t.rng.choice(["ket", "Ket ", "KET", "ketamine"] if name == "ket" else ["saline", "Saline", "NS", "sal"]))
             for name in t.names()]
    rows = columns_as_rows({
        "pt #": [int(i) for i in t.id], "tx": drugs, "age ": t.get("age"), "sex": t.get("female", {1: "f", 0: "m"}),
        "failed meds": [str(t.rng.choice(["2", "3+", "4", ">=2", "5"])) for _ in range(t.n)],
        "MADRS d0": t.total("base"), "d1": t.total("24h", "no show"), "d7": t.total("7d", "lost to f/u"),
        "comments": ["nausea" if k % 7 == 3 else "" for k in range(t.n)]})
    t.tells(but={"failed_trials": [UNJUDGED] * t.n})
    return book(t, folder, {"Sheet1": [*rows[:13], [], *rows[13:], [], ["n=22"], ["call Mike re pt 7!!"]]})


def birch(folder: Path) -> Ledger:
    """A contract organization: demographics, exposure and questionnaires as submission data, a row an item."""
    t = Ledger("birch", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Midazolam 0.045 mg/kg", "control", None)],
               {"SCREENING": -168} | WEEK, n=20, ids="BR-101-{:03d}", control_type="psychoactive")
    t.tells("age", "female", "race_black", "race_white")
    race = ["BLACK OR AFRICAN AMERICAN" if b else "WHITE" if w else "ASIAN"
            for b, w in zip(t.get("race_black"), t.get("race_white"), strict=True)]
    named = {"SCREENING": (1, "SCREENING"), "base": (2, "BASELINE"), "24h": (3, "24 HOURS"), "7d": (4, "DAY 8")}
    scores: Rows = [["STUDYID", "DOMAIN", "USUBJID", "QSSEQ", "QSTESTCD", "QSTEST", "QSCAT", "QSORRES", "QSSTRESN", "VISITNUM",
                     "VISIT"]]
    for i in range(t.n):
        for visit in t.plan:
            items = t.items[visit][i]
            for k, score in enumerate([*items, sum(items)] if items else [], start=1):
                scores.append(["BIRCH01", "QS", t.id[i], len(scores), f"MADRS{100 + k}",
                               "MADRS-Total Score" if k == 11 else f"MADRS-Item {k}", "MADRS", str(score), score,
                               *named[visit]])
    return book(t, folder, {
        "DM": columns_as_rows({"STUDYID": ["BIRCH01"] * t.n, "DOMAIN": ["DM"] * t.n, "USUBJID": t.id, "AGE": t.get("age"),
                               "AGEU": ["YEARS"] * t.n, "SEX": t.get("female", SEX), "RACE": race, "ARM": _arm(t),
                               "COUNTRY": ["USA"] * t.n}),
        "QS": scores})


def cedar(folder: Path) -> Ledger:
    """REDCap: events in rows, codes in the data dictionary beside."""
    t = Ledger("cedar", [("1", "ketamine", None), ("2", "control", None)], WEEK, n=22, ids="{}", control_type="psychoactive")
    t.tells("age", "female", "smoker", "employed", "failed_trials")
    event = {"base": "baseline_arm_1", "24h": "24_hours_arm_1", "7d": "day_7_arm_1"}
    rows: Rows = [["record_id", "redcap_event_name", "age_consent", "sex_birth", "alloc", "tobacco", "work_status", "atr_n",
                   "madrs_total", "cadss_total", "demographics_complete"]]
    for i, who in enumerate(t.person):
        for visit, name in event.items():
            first = [who["age"], who["female"] + 1, t.arm[i][0], who["smoker"], 1 - who["employed"], who["failed_trials"]]
            rows.append([t.id[i], name, *(first if visit == "base" else [""] * 6), t.total(visit)[i], 3,
                         2 if visit == "base" else ""])
    said = [["record_id", "demographics", "text", "Record ID", ""],
            ["age_consent", "demographics", "text", "Age at consent (years)", ""],
            ["sex_birth", "demographics", "radio", "Sex assigned at birth", "1, Male | 2, Female"],
            ["alloc", "randomization", "radio", "Randomized to", "1, Ketamine 0.5 mg/kg | 2, Midazolam 0.045 mg/kg"],
            ["tobacco", "demographics", "yesno", "Do you currently smoke tobacco?", "0, No | 1, Yes"],
            ["work_status", "demographics", "radio", "Employment", "0, Employed | 1, Not employed"],
            ["atr_n", "history", "text", "Number of adequate antidepressant trials failed", ""],
            ["madrs_total", "madrs", "calc", "MADRS total score", ""],
            ["cadss_total", "cadss", "calc", "CADSS total score", ""]]
    write_csv(folder / "cedar_DataDictionary_2021-03-01.csv", [
        ["Variable / Field Name", "Form Name", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels"], *said])
    return text(t, folder, rows)


def ginkgo(folder: Path) -> Ledger:
    """A crossover: a block of columns a period under a heading, the order AB or BA, the key on a sheet of notes."""
    t = Ledger("ginkgo", [("AB", "ketamine", None), ("BA", "control", None)], WEEK, n=18, ids="G{:02d}", design="crossover")
    t.tells("age", "female")
    rows: Rows = [["", "", "", "", "Period 1", "", "", "Period 2", "", ""],
                  ["Subject", "Sequence", "Age", "Sex", *["MADRS baseline", "MADRS 24 h", "MADRS 7 d"] * 2]]
    columns = [t.id, _arm(t), t.get("age"), t.get("female", SEX), *(t.total(v) for v in t.plan),
               *(_some(t, 4, 45) for _ in t.plan)]
    return book(t, folder, {"Data": rows + [list(row) for row in zip(*columns, strict=True)], "Notes": [
        ["Treatment A: ketamine 0.5 mg/kg i.v. over 40 min"], ["Treatment B: saline"],
        ["AB = ketamine first, then saline; BA = the other way round"]]})


def hazel(folder: Path) -> Ledger:
    """Six infusions, the ratings named after them, in one row."""
    t = Ledger("hazel", [KET, MDZ], {"pre": 0, "24h": 24}, n=18, ids="HZ{:02d}", control_type="psychoactive")
    t.tells("age", "female", "bmi")
    columns: dict[str, Cells] = {"Participant ID": t.id, "Arm": _arm(t), "Age (years)": t.get("age"),
                                 "Sex": t.get("female", SEX), "BMI": t.get("bmi")}
    for k in range(1, 7):
        columns |= {f"Infusion {k} MADRS pre": t.total("pre") if k == 1 else _some(t, 6, 40),
                    f"Infusion {k} MADRS 24h post": t.total("24h") if k == 1 else _some(t, 4, 30)}
    return book(t, folder, {"Data": columns_as_rows(columns)})


def ironwood(folder: Path) -> Ledger:
    """Every item beside the total, visit by visit."""
    t = Ledger("ironwood", [KET, SAL], WEEK, n=20, ids="IW-{:02d}")
    t.tells("age", "female")
    columns: dict[str, Cells] = {"subject_id": t.id, "group": _arm(t), "age": t.get("age"), "gender": t.get("female", SEX)}
    for visit, name in (("base", "v1"), ("24h", "v2"), ("7d", "v3")):
        columns |= {f"madrs{k}_{name}": t.item(visit, k - 1) for k in range(1, 11)} | {f"madrs_sum_{name}": t.total(visit)}
    return book(t, folder, {"ratings": columns_as_rows(columns), "visits": [
        ["visit", "timing"], ["v1", "Baseline (day of infusion, before)"], ["v2", "24 hours after infusion"],
        ["v3", "1 week after infusion"]]})


def juniper(folder: Path) -> Ledger:
    """Changes, percentages and response beside the scores."""
    t = Ledger("juniper", [KET, ("Placebo", "control", None)], WEEK, n=24, ids="{:03d}")
    t.tells("age", "female", "systolic_bp", "diastolic_bp")
    columns: dict[str, Cells] = {
        "ID": t.id, "Treatment": _arm(t), "Age": t.get("age"), "Sex": t.get("female", SEX), "SBP": t.get("systolic_bp"),
        "DBP": t.get("diastolic_bp"), "MADRS BL": t.total("base")}
    for visit, name in (("24h", "24h"), ("7d", "Day 7")):
        pairs = list(zip(t.total("base"), t.total(visit), strict=True))
        columns |= {f"MADRS {name}": t.total(visit), f"MADRS {name} change": ["" if b == "" else b - a for a, b in pairs],
                    f"MADRS {name} % improvement": ["" if b == "" else round(100 * (a - b) / a, 1) for a, b in pairs],
                    f"Responder {name}": ["" if b == "" else int(b <= a / 2) for a, b in pairs]}
    return text(t, folder, columns_as_rows(columns))


def katsura(folder: Path) -> Ledger:
    """Six scales side by side at four visits."""
    t = Ledger("katsura", [KET, MDZ], {"scr": -168} | WEEK, n=22, ids="KA{:03d}", control_type="psychoactive")
    t.tells("age", "female", "education_years")
    hamilton = {visit: _like(t, visit, 5, 30) for visit in t.plan}
    _tell_hamilton(t, hamilton)
    columns: dict[str, Cells] = {"Subject": t.id, "Arm": _arm(t), "Age": t.get("age"), "Gender": t.get("female", SEX),
                                 "Years of education": t.get("education_years")}
    for visit, name in (("scr", "Screening"), ("base", "Baseline"), ("24h", "Day 1"), ("7d", "Day 7")):
        columns |= {f"{name} MADRS": t.total(visit), f"{name} HAMD-17": hamilton[visit],
                    f"{name} QIDS-SR16": _like(t, visit, 2, 25), f"{name} BDI-II": _like(t, visit, 5, 50),
                    f"{name} CADSS": _like(t, visit, 0, 30), f"{name} YMRS": _like(t, visit, 0, 8)}
    return book(t, folder, {"All scales": columns_as_rows(columns)})


def larch(folder: Path) -> Ledger:
    """Laboratory and vital signs around the infusion among the columns."""
    t = Ledger("larch", [KET, SAL], WEEK, n=20, ids="L{:02d}", country="Canada")
    t.tells("age", "female", "systolic_bp", "diastolic_bp", "smoker")
    columns = {"PatientID": t.id, "Allocation": _arm(t), "Age": t.get("age"), "Sex": t.get("female", SEX),
               "Smoker (Y/N)": t.get("smoker", {1: "Y", 0: "N"}), "SBP pre (mmHg)": t.get("systolic_bp"),
               "DBP pre (mmHg)": t.get("diastolic_bp"), "HR pre": _some(t, 55, 95),
               "SBP 40 min": [v + 14 for v in t.get("systolic_bp")], "DBP 40 min": [v + 9 for v in t.get("diastolic_bp")],
               "HR 40 min": _some(t, 60, 110), "ALT (U/L)": _some(t, 10, 60), "TSH": [1.8] * t.n,
               "Glucose (mmol/L)": [5.1] * t.n, "MADRS pre": t.total("base"), "MADRS 24h": t.total("24h"),
               "MADRS 7d": t.total("7d")}
    return book(t, folder, {"data": columns_as_rows(columns)})


def maple(folder: Path) -> Ledger:
    """Baseline on one sheet, every follow-up on its own, patients in any order."""
    t = Ledger("maple", [KET, SAL], WEEK, n=20, ids="MP{:02d}", country="Australia")
    t.tells("age", "female", "inpatient", "benzodiazepine")
    sheets = {"Baseline": columns_as_rows({
        "ID": t.id, "Group": _arm(t), "Age": t.get("age"), "Sex": t.get("female", SEX),
        "Setting": t.get("inpatient", {1: "Inpatient", 0: "Outpatient"}),
        "Benzodiazepine use": t.get("benzodiazepine", {1: "Yes", 0: "No"}), "MADRS": t.total("base")})}
    for visit, name in (("24h", "24 hours"), ("7d", "Day 7")):
        order = [int(k) for k in t.rng.permutation(t.n)]
        sheets[name] = [["ID", "MADRS", "CGI-S"],
                        *([t.id[k], t.total(visit)[k], 3] for k in order if t.items[visit][k] is not None)]
    return book(t, folder, sheets)


def nutmeg(folder: Path) -> Ledger:
    """Letters for arms, told in a sentence elsewhere; sex 1 and 2 told nowhere."""
    t = Ledger("nutmeg", [("A", "control", None), ("B", "ketamine", .5)], WEEK, n=22, ids="{}", control_type="psychoactive")
    t.tells("age")
    t.tells("female", unsure=True)
    return book(t, folder, {"Main": columns_as_rows({
        "Pat": [int(i) for i in t.id], "Group": _arm(t), "Age": t.get("age"), "Sex": t.get("female", {1: 1, 0: 2}),
        "MADRS_0": t.total("base", 999), "MADRS_24h": t.total("24h", 999), "MADRS_7d": t.total("7d", 999)}), "Notes": [
            ["Unblinding, 12 March"], ["Patients in group A received midazolam 0.045 mg/kg."],
            ["Patients in group B received ketamine 0.5 mg/kg."], ["999 = not done"]]})


def pine(folder: Path) -> Ledger:
    """Milligrams and kilograms, birthdays, a tick a race."""
    t = Ledger("pine", [("Ketamine", "ketamine", None), ("Midazolam", "control", None)], WEEK, n=22, ids="PN-{:02d}",
               control_type="psychoactive", trd_threshold=1)
    milligrams = [round(p["weight"] * (.5 if a[1] == "ketamine" else .045), 1) for p, a in zip(t.person, t.arm, strict=True)]
    t.arm = [(name, kind, mg / p["weight"]) for (name, kind, _), mg, p in zip(t.arm, milligrams, t.person, strict=True)]
    t.tells("age", "female", "race_black", "race_white", "hispanic")
    ticks = {"Race: White": t.get("race_white"), "Race: Black or African American": t.get("race_black"),
             "Race: Asian": [int(not (p["race_white"] or p["race_black"])) for p in t.person]}
    return book(t, folder, {"Export": columns_as_rows({
        "Subject ID": t.id, "Drug": _arm(t), "Dose given (mg)": milligrams, "Weight (kg)": t.get("weight"),
        "Date of birth": t.get("born"), "Date of infusion": [p["infused"].date() for p in t.person],
        "Sex": t.get("female", {1: "Female", 0: "Male"}), **ticks,
        "Hispanic/Latino": t.get("hispanic", {1: "Yes", 0: "No"}), "MADRS pre": t.total("base"),
        "MADRS +24h": t.total("24h"), "MADRS +7d": t.total("7d")})})


def quince(folder: Path) -> Ledger:
    """Feet, inches and pounds; diagnoses in words; five ways to say missing."""
    t = Ledger("quince", [KET, SAL], WEEK, n=24, ids="Q-{:03d}")
    pounds, inches = [round(kg * 2.20462) for kg in t.get("weight")], [round(cm / 2.54) for cm in t.get("height")]
    words = [str(t.rng.choice(["Bipolar I disorder, depressed", "BP II"])) if who["bipolar"]
             else str(t.rng.choice(["MDD recurrent", "Major Depressive Disorder, single ep."])) for who in t.person]
    gaps = ["NA", "n/a", ".", "-", "missing"]
    educated = [gaps[i % 5] if i % 6 == 0 else p["education_years"] for i, p in enumerate(t.person)]
    t.tells("age", "female", "bipolar", "mdd", but={
        "bmi": [703.07 * p / q ** 2 for p, q in zip(pounds, inches, strict=True)],
        "education_years": [np.nan if isinstance(v, str) else float(v) for v in educated]})
    return text(t, folder, columns_as_rows({
        "Subject": t.id, "Randomized arm": _arm(t), "Age": t.get("age"), "Sex": t.get("female", SEX),
        "Height": [f"{q // 12}'{q % 12}\"" for q in inches], "Weight (lbs)": pounds, "Primary diagnosis": words,
        "Education (yrs)": educated, "MADRS_pre": t.total("base"), "MADRS_24h": t.total("24h", "NA"),
        "MADRS_1wk": t.total("7d", ".")}))


def rowan(folder: Path) -> Ledger:
    """A statistician's subject-level file: planned arm, baseline flags, SAS points for missing, a note below."""
    t = Ledger("rowan", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Placebo", "control", None)], WEEK, n=24, ids="01-{:03d}")
    t.tells("age", "female", "bmi", "inpatient")
    rows = columns_as_rows({
        "SUBJID": t.id, "SITEID": ["01"] * t.n, "TRT01P": _arm(t), "TRT01PN": _arm(t, {"Ketamine 0.5 mg/kg": 1, "Placebo": 0}),
        "AGE": t.get("age"), "AGEGR1": t.get("age", lambda a: "<45" if a < 45 else ">=45"), "SEX": t.get("female", SEX),
        "BMIBL": t.get("bmi"), "INPATFL": t.get("inpatient", {1: "Y", 0: "N"}), "ITTFL": ["Y"] * t.n,
        "MADRSBL": t.total("base"), "MADRS24H": t.total("24h", "."), "MADRSD7": t.total("7d", ".")})
    return text(t, folder, [*rows, [], ["Source: adsl.sas7bdat, program adsl.sas, run 14JUN2019"]])


def sorrel(folder: Path) -> Ledger:
    """A statistician's long file: parameters, values, baselines and changes, study days."""
    t = Ledger("sorrel", [KET, ("Midazolam", "control", None)], WEEK, n=20, ids="SO-{:04d}", control_type="psychoactive")
    t.tells("age", "female")
    hamilton = {visit: _like(t, visit, 5, 30) for visit in t.plan}
    _tell_hamilton(t, hamilton)
    named = {"base": ("Baseline", 0, 1), "24h": ("24 Hours", 1, 2), "7d": ("Day 7", 7, 8)}
    rows: Rows = [["USUBJID", "TRTP", "AGE", "SEX", "PARAMCD", "PARAM", "AVISIT", "AVISITN", "ADY", "AVAL", "BASE", "CHG",
                   "PCHG", "ABLFL"]]
    for i, who in enumerate(t.person):
        for code, label, scores in (("MADRSTOT", "MADRS Total Score", {v: t.total(v) for v in t.plan}),
                                    ("HAMDTOT", "HAM-D 17 Total Score", hamilton)):
            for visit, (name, number, day) in named.items():
                base, value = scores["base"][i], scores[visit][i]
                if value != "":
                    later = ["", "", "Y"] if visit == "base" else [value - base, round(100 * (value - base) / base, 2), ""]
                    rows.append([t.id[i], t.arm[i][0], who["age"], SEX[who["female"]], code, label, name, number, day, value,
                                 base, *later])
    return text(t, folder, rows)


def willow(folder: Path) -> Ledger:
    """Dates of every visit in rows, month first, an infusion date once, race as one word."""
    t = Ledger("willow", [KET, SAL], {"a": -24, "b": 24, "c": 168}, n=20, ids="{:03d}")
    t.on_days()
    day = "{:%m/%d/%Y}".format
    t.tells("age", "female")
    rows: Rows = [["Subject", "Arm", "DOB", "Sex", "Infusion Date", "Visit Date", "Weight (lb)", "MADRS Total"]]
    for i, who in enumerate(t.person):
        rows += [[t.id[i], t.arm[i][0], day(who["born"]), SEX[who["female"]], day(who["infused"]), day(t.when(v)[i]), 160,
                  t.total(v)[i]] for v in t.plan]
    return text(t, folder, rows)


STUDIES = (alder, birch, cedar, ginkgo, hazel, ironwood, juniper, katsura, larch, maple, nutmeg, pine, quince, rowan, sorrel,
           willow)
