"""Sixteen files of other hands again, written before anything was learned from the sixth batch.

Half of them here, half in `unseen_seventh_abroad`. Read before that: 8,717 cells, 72.9 % right. At first sight after
learning from the sixth alone: 88.2 % right, 11.5 % asked, 0.2 % silently wrong (ids that were not known as such).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text
from tests.bench.import_corpus.trial import UNJUDGED
from tests.bench.import_corpus.unseen_sixth import Y_N, YES_NO, ledger, put

Cells = list[Any]


def atlas(folder: Path) -> Ledger:
    """A data manager's workbook: eight capitals a name, codes told on a sheet of fields."""
    t = ledger("atlas", [("1", "ketamine", .5), ("0", "control", None)], n=24, ids="{:04d}")
    fields: list[tuple[str, str | None, str, str]] = [
        ("AGE", "age", "Age at consent", ""), ("GENDER", "female", "Gender identity", "0 = Man, 1 = Woman"),
        ("LATINX", "hispanic", "Hispanic/Latino ethnicity", "0 = No, 1 = Yes"), ("CIGNOW", "smoker", "Smokes now", "0 = No, 1 = Yes"),
        ("EDUC", "education_years", "Highest grade completed (years)", ""), ("WORKNOW", "employed", "Working for pay", "0 = No, 1 = Yes"),
        ("MARCOH", "married", "Married or cohabiting", "0 = No, 1 = Yes"), ("SAEVER", "suicide_attempt", "Ever attempted suicide", "0 = No, 1 = Yes"),
        ("MDEN", "n_episodes", "Number of MDEs, lifetime", ""), ("MDEMOS", "episode_months", "Months in current MDE", ""),
        ("MDEAGE", "age_at_onset", "Age at first MDE", ""), ("ATHFN", "failed_trials", "Adequate medication failures per ATHF", ""),
        ("DXGAD", "gad", "GAD current", "0 = No, 1 = Yes"), ("DXPANIC", "panic", "Panic disorder current", "0 = No, 1 = Yes"),
        ("DXSOC", "social_anxiety", "Social anxiety disorder current", "0 = No, 1 = Yes"),
        ("DXPTSD", "ptsd", "PTSD current", "0 = No, 1 = Yes"), ("DXAUD", "aud_lifetime", "Alcohol use disorder, lifetime", "0 = No, 1 = Yes"),
        ("MEDBZD", "benzodiazepine", "On a benzodiazepine", "0 = No, 1 = Yes"), ("MEDN", "n_medications", "Number of psychotropic medications", "")]
    columns: dict[str, Cells] = {"PTID": t.id, "TRT": [int(a) for a in t.names()]}
    columns |= {name: put(t, key, gap=.04, missing=-99) for name, key, _, _ in fields if key}
    columns |= {"MADRS0": t.total("base", -99), "MADRS24": t.total("24h", -99), "MADRSD7": t.total("7d", -99)}
    said: Rows = [["Field", "Description", "Values"], ["PTID", "Participant ID", ""], ["TRT", "Treatment", "0 = Saline, 1 = Ketamine 0.5 mg/kg"],
                  *([name, label, codes] for name, _, label, codes in fields), ["MADRS0", "MADRS total, pre-infusion", ""],
                  ["MADRS24", "MADRS total, 24 h post-infusion", ""], ["MADRSD7", "MADRS total, 7 d post-infusion", ""],
                  ["", "-99 = missing", ""]]
    return book(t, folder, {"DATA": columns_as_rows(columns), "FIELDS": said})


def etna(folder: Path) -> Ledger:
    """Hamilton items under a heading a visit, with totals."""
    t = ledger("etna", [("Ketamine 0.5 mg/kg", "ketamine", .5), ("Saline", "control", None)], n=20, ids="ET{:02d}", scale="hrsd17")
    facts: dict[str, Cells] = {"Patient": t.id, "Treatment": t.names(), "Age": put(t, "age"), "Gender": put(t, "female", {1: "F", 0: "M"}),
             "Years in education": put(t, "education_years"), "Partner?": put(t, "married", YES_NO), "In work?": put(t, "employed", YES_NO),
             "Family history alcoholism": put(t, "family_history_alcohol", YES_NO), "Duration current episode, weeks": [4 * v for v in t.get("episode_months")]}
    t.tells(but={"episode_months": [4 * v * 7 / 30.4375 for v in t.get("episode_months")]})
    heads, names, cells = ["" for _ in facts], list(facts), list(facts.values())
    for visit, said in (("base", "Baseline"), ("24h", "24 hours"), ("7d", "7 days")):
        heads += [f"HAM-D {said}", *[""] * 17]
        names += [*(f"Q{k + 1}" for k in range(17)), "Total"]
        cells += [*(t.item(visit, k) for k in range(17)), t.total(visit)]
    return book(t, folder, {"HAMD": [heads, names, *(list(row) for row in zip(*cells, strict=True))]})


def jura(folder: Path) -> Ledger:
    """Each score beside the date it was taken; birth dates; day first."""
    t = ledger("jura", [("Ketamine", "ketamine", None), ("Placebo", "control", None)], n=20, ids="J{:03d}", country="United Kingdom")
    t.on_days()
    t.tells("age")
    day = "%d/%m/%Y"
    visits = {}
    for visit, said in (("base", "Baseline"), ("24h", "Post 24h"), ("7d", "Post 7d")):
        visits |= {f"{said} date": ["" if s == "" else w.strftime(day) for w, s in zip(t.when(visit), t.total(visit), strict=True)],
                   f"{said} MADRS": t.total(visit)}
    return text(t, folder, columns_as_rows({
        "Participant": t.id, "Randomised to": t.names(), "Date of birth": [b.strftime(day) for b in t.get("born")],
        "Date of infusion": [p["infused"].strftime(day) for p in t.person], "Sex": put(t, "female", {1: "Female", 0: "Male"}),
        "Smoking status": [str(t.rng.choice(["Current smoker"] if v else ["Ex-smoker", "Never smoked"])) for v in put(t, "smoker")],
        "Employment status": [str(t.rng.choice(["Employed", "Self-employed"] if v else ["Unemployed", "Retired", "Student"])) for v in put(t, "employed")],
        "Relationship status": [str(t.rng.choice(["Married", "In a relationship"] if v else ["Single", "Separated"])) for v in put(t, "married")],
        "Previous suicide attempt": put(t, "suicide_attempt", YES_NO), "No. of failed antidepressants": put(t, "failed_trials"),
        "Age of onset of depression": put(t, "age_at_onset"), "Number of previous episodes of depression": put(t, "n_episodes"), **visits}))


def kenya(folder: Path) -> Ledger:
    """Stata, wide, terse labels, coded yes and no as 1 and 2."""
    t = ledger("kenya", [("1", "ketamine", .5), ("2", "control", None)], n=24, ids="{}", control_type="psychoactive")
    keys = {"age_y": ("age", "age, years"), "fem": ("female", "sex"), "bmi_c": ("bmi", "BMI, kg/m2"), "smoke": ("smoker", "current smoking"),
            "hosp": ("inpatient", "setting"), "dxgad": ("gad", "GAD"), "dxocd": ("ocd", "OCD"), "dxptsd": ("ptsd", "PTSD"), "dxpan": ("panic", "panic d/o"),
            "dxago": ("agoraphobia", "agoraphobia"), "dxsp": ("specific_phobia", "simple phobia"), "dxdys": ("dysthymia", "dysthymia/PDD"),
            "pers": ("personality_disorder", "personality d/o"), "sud": ("sud_lifetime", "SUD, lifetime"), "aud": ("aud_lifetime", "AUD, lifetime"),
            "eat": ("eating_disorder", "eating d/o"), "pain": ("chronic_pain", "chronic pain"), "ect": ("failed_ect", "failed ECT"),
            "sbp0": ("systolic_bp", "SBP, pre-dose"), "dbp0": ("diastolic_bp", "DBP, pre-dose"), "nmeds": ("n_medications", "no. psychotropics")}
    whole = {"age", "bmi", "systolic_bp", "diastolic_bp", "n_medications"}
    columns: dict[str, Cells] = {"pid": [float(i) for i in t.id], "arm": [float(a) for a in t.names()]}
    columns |= {name: put(t, key, float if key in whole else {1: 1.0, 0: 2.0}, gap=.05, missing=np.nan) for name, (key, _) in keys.items()}
    columns |= {name: [np.nan if v is None else float(v) for v in t.total(visit, None)]
                for name, visit in (("madrs_t0", "base"), ("madrs_t24", "24h"), ("madrs_t168", "7d"))}
    yes = {1: "yes", 2: "no"}
    words = {name: yes for name, (key, _) in keys.items() if key not in whole}
    words |= {"arm": {1: "ketamine 0.5mg/kg", 2: "midazolam"}, "fem": {1: "female", 2: "male"}, "hosp": {1: "inpatient", 2: "outpatient"}}
    pyreadstat.write_dta(pd.DataFrame(columns), str(folder / "kenya.dta"), variable_value_labels=words, column_labels=[
        "patient id", "arm", *(label for _, label in keys.values()), "MADRS total t=0h", "MADRS total t=24h", "MADRS total t=168h"])
    t.facts["file"] = "kenya.dta"
    return t


def logan(folder: Path) -> Ledger:
    """A coordinator's sheet: feet and inches, `3+`, drugs by class, remarks."""
    t = ledger("logan", [("ketamine", "ketamine", None), ("midazolam", "control", None)], n=22, ids="L-{:02d}", country="Canada", control_type="psychoactive")
    inches = [round(p["height"] / 2.54) for p in t.person]
    pounds = [round(p["weight"] * 2.20462) for p in t.person]
    t.tells("race_white", "race_black", but={"bmi": [w * .45359237 / (h * .0254) ** 2 for w, h in zip(pounds, inches, strict=True)],
                "failed_trials": [v if v < 3 else UNJUDGED for v in t.get("failed_trials")]})
    t.open.add("failed_trials")
    return book(t, folder, {"Sheet1": [["Ketamine vs midazolam study, final dataset v3"], *columns_as_rows({
        "Study #": t.id, "Drug given": t.names(), "Age": put(t, "age"), "Sex": put(t, "female", {1: "F", 0: "M"}),
        "Height": [f"{q // 12}'{q % 12}\"" for q in inches], "Weight (lbs)": pounds,
        "Ethnicity": [{"White": "Caucasian", "Black": "Black/African-Canadian"}.get(r, r) for r in t.get("race")],
        "Failed antidepressant trials": [v if v < 3 else "3+" for v in t.get("failed_trials")], "Prior ECT failure": put(t, "failed_ect", Y_N),
        "Benzos": put(t, "benzodiazepine", Y_N), "Any psych meds": put(t, "any_medication", Y_N), "Alcohol use d/o (lifetime)": put(t, "aud_lifetime", Y_N),
        "Mom/dad/sib w/ alcohol use d/o": put(t, "family_history_alcohol", Y_N), "PTSD": put(t, "ptsd", Y_N),
        "BP sys": put(t, "systolic_bp"), "BP dia": put(t, "diastolic_bp"), "MADRS baseline": t.total("base"), "MADRS +24h": t.total("24h", "missed"),
        "MADRS +7d": t.total("7d", "missed"), "Notes": ["rescheduled once" if k % 6 == 1 else "" for k in range(t.n)]})]})


def pamir(folder: Path) -> Ledger:
    """A database's export: every name begins with its table."""
    t = ledger("pamir", [("KETAMINE", "ketamine", None), ("SALINE", "control", None)], n=24, ids="pm{:03d}")
    names = {"demo.age": ("age", None), "demo.sex": ("female", {1: "female", 0: "male"}), "demo.ethnicity_hispanic": ("hispanic", None),
             "demo.marital_status": ("married", {1: "married", 0: "never married"}), "demo.education_yrs": ("education_years", None),
             "demo.employment_status": ("employed", {1: "employed", 0: "not employed"}), "vitals.bmi": ("bmi", None),
             "vitals.systolic": ("systolic_bp", None), "vitals.diastolic": ("diastolic_bp", None), "hx.age_onset": ("age_at_onset", None),
             "hx.n_mde": ("n_episodes", None), "hx.suicide_attempts_any": ("suicide_attempt", None), "hx.current_mde_duration_months": ("episode_months", None),
             "hx.antidepressant_failures": ("failed_trials", None), "hx.fam_alcohol": ("family_history_alcohol", None),
             "mini.gad": ("gad", None), "mini.panic": ("panic", None), "mini.ocd": ("ocd", None), "mini.ptsd": ("ptsd", None),
             "mini.social_phobia": ("social_anxiety", None), "mini.agoraphobia": ("agoraphobia", None), "mini.any_anxiety": ("any_anxiety", None),
             "mini.alcohol_lifetime": ("aud_lifetime", None), "mini.substance_lifetime": ("sud_lifetime", None), "meds.benzo": ("benzodiazepine", None),
             "meds.count": ("n_medications", None), "habits.smoker": ("smoker", None)}
    columns: dict[str, Cells] = {"subject.id": t.id, "subject.arm": t.names()}
    columns |= {name: put(t, key, codes, gap=.05) for name, (key, codes) in names.items()}  # type: ignore[arg-type]
    columns |= {"madrs.baseline": t.total("base"), "madrs.hour24": t.total("24h"), "madrs.day7": t.total("7d")}
    return text(t, folder, columns_as_rows(columns))


def rila(folder: Path) -> Ledger:
    """A crossover by sequence, the key in a sheet of notes, periods in the names of columns."""
    t = ledger("rila", [("1", "ketamine", None), ("2", "control", None)], n=18, ids="R{:02d}", design="crossover", trd_threshold=1)
    later = {n: [int(v) for v in t.rng.integers(low, high, t.n)] for n, low, high in (("b", 22, 40), ("1", 6, 38), ("7", 8, 40))}
    columns = {"Subj": t.id, "Sequence": [int(a) for a in t.names()], "Age": put(t, "age"), "Sex": put(t, "female", {1: "F", 0: "M"}),
               "Bipolar type": [{1: "BD-II", 0: "none"}[v] for v in t.get("bipolar")], "Current inpatient": put(t, "inpatient", Y_N),
               "Lifetime no. of episodes": put(t, "n_episodes"), "Onset age": put(t, "age_at_onset"), "Alc dependence lifetime": put(t, "aud_lifetime", Y_N),
               "Anxiety disorder, any": put(t, "any_anxiety", Y_N), "P1 MADRS 0": t.total("base"), "P1 MADRS 24h": t.total("24h"), "P1 MADRS D7": t.total("7d"),
               "P2 MADRS 0": later["b"], "P2 MADRS 24h": later["1"], "P2 MADRS D7": later["7"]}
    t.tells("bipolar", but={"mdd": [UNJUDGED] * t.n, "principal_diagnosis": [UNJUDGED] * t.n}, unsure=True)
    return book(t, folder, {"Scores": columns_as_rows(columns), "Notes": [
        ["Sequence 1: ketamine then saline"], ["Sequence 2: saline then ketamine"], ["P1 = first infusion, P2 = second infusion (2 weeks later)"]]})


def ural(folder: Path) -> Ledger:
    """A row a rating: hours in words, comorbid disorders as a list."""
    t = ledger("ural", [("Ketamine HCl 0.5 mg/kg", "ketamine", .5), ("Normal saline", "control", None)],
               {"Pre-dose": 0, "Hour 4": 4, "Hour 24": 24, "Hour 72": 72, "Day 7": 168, "Day 14": 336}, n=18, ids="U{:02d}")
    listed = []
    for who in t.person:
        ill = ["GAD"] * who["gad"] + ["panic disorder"] * who["panic"] + ["PTSD"] * who["ptsd"] + ["OCD"] * who["ocd"]
        listed.append("; ".join(ill) or "none")
    t.tells("gad", "panic", "ptsd", "ocd", but={key: [UNJUDGED] * t.n for key in (
        "any_anxiety", "social_anxiety", "agoraphobia", "sud_lifetime", "aud_lifetime", "eating_disorder", "dysthymia", "chronic_pain",
        "adhd", "specific_phobia", "personality_disorder")})
    facts = {"Age": put(t, "age"), "Sex": put(t, "female", {1: "Female", 0: "Male"}), "Psychiatric comorbidities": listed,
             "Current Tobacco User": put(t, "smoker", YES_NO), "Married/Partnered": put(t, "married", YES_NO), "Employed": put(t, "employed", YES_NO),
             "Age at First Episode": put(t, "age_at_onset"), "Concomitant Psychotropics": put(t, "n_medications")}
    rows: Rows = [["Subject", "Treatment Arm", *facts, "Timepoint", "MADRS Total Score"]]
    rows += [[t.id[i], t.names()[i], *(c[i] for c in facts.values()), visit, t.total(visit)[i]] for i in range(t.n) for visit in t.plan]
    return text(t, folder, rows)


STUDIES = (atlas, etna, jura, kenya, logan, pamir, rila, ural)
