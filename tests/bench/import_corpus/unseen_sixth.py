"""Twenty-one files as testers from outside would make them: many of the dictionary's variables a file, other hands.

Half of them here, half in `unseen_sixth_abroad`. Read at first sight: 12,697 cells, 86.1 % right, 13.9 % asked, none
silently wrong. Later figures measure memory too.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.bench.import_corpus.ledger import Ledger, Rows, book, columns_as_rows, text
from tests.bench.import_corpus.trial import write_csv

WEEK = {"base": 0, "24h": 24, "7d": 168}
YES_NO, Y_N = {1: "Yes", 0: "No"}, {1: "Y", 0: "N"}
ONE_TWO = {1: 1, 0: 2}
SHARES = {"agoraphobia": .2, "eating_disorder": .12, "dysthymia": .2, "chronic_pain": .3, "adhd": .15, "specific_phobia": .2,
          "personality_disorder": .2, "failed_ect": .2, "family_history_alcohol": .35, "sud_lifetime": .3}
Cells = list[Any]


def ledger(study: str, arms: Any, plan: Mapping[str, float] = WEEK, **facts: Any) -> Ledger:
    """A ledger whose people have the rest of the dictionary too."""
    t = Ledger(study, arms, plan, **facts)
    for who in t.person:
        who |= {key: int(t.rng.random() < share) for key, share in SHARES.items()}
        who["any_anxiety"] = int(any(who[k] for k in ("gad", "panic", "social_anxiety", "agoraphobia", "specific_phobia")))
        who["n_medications"] = who["benzodiazepine"] + int(t.rng.integers(0, 4))
        who["any_medication"] = int(who["n_medications"] > 0)
        who["race"] = "Black" if who["race_black"] else "White" if who["race_white"] else "Asian"
    return t


def put(t: Ledger, key: str, codes: Mapping[Any, Any] | Callable[[Any], Any] | None = None, gap: float = 0,
        missing: Any = "") -> Cells:
    """Cells of a fact the file tells, a share of them missing."""
    gone = t.rng.random(t.n) < gap
    t.tells(but={key: [np.nan if lost else float(v) for lost, v in zip(gone, t.get(key), strict=True)]})
    return [missing if lost else cell for lost, cell in zip(gone, t.get(key, codes), strict=True)]


def arm(t: Ledger, codes: Mapping[str, Any]) -> Cells:
    return [codes[name] for name in t.names()]


def amazon(folder: Path) -> Ledger:
    """REDCap raw with its data dictionary: codes everywhere, checkboxes, a row an event."""
    t = ledger("amazon", [("1", "ketamine", .5), ("2", "control", None)], n=24, ids="{}", control_type="psychoactive")
    t.tells("race_black", "race_white")
    names = {"age": put(t, "age"), "sex": put(t, "female", {1: 2, 0: 1}), "hisp": put(t, "hispanic"),
             "marital": [2 if v else 1 for v in put(t, "married")], "edu_yrs": put(t, "education_years", gap=.1),
             "job": put(t, "employed", {1: 1, 0: 3}), "prev_sa": put(t, "suicide_attempt"),
             "num_fail": put(t, "failed_trials"), "ect_fail": put(t, "failed_ect"), "onset_age": put(t, "age_at_onset"),
             "cur_epi_mos": put(t, "episode_months", gap=.1), "fh_etoh": put(t, "family_history_alcohol"),
             **{f"race___{k}": [int(r == word) for r in t.get("race")]
                for k, word in ((1, "White"), (2, "Black"), (3, "Asian"))},
             **{f"anx_dx___{k}": put(t, key) for k, key in ((1, "gad"), (2, "panic"), (3, "social_anxiety"))}}
    rows: Rows = [["record_id", "redcap_event_name", "group", *names, "madrs_tot", "ratings_complete"]]
    for i in range(t.n):
        for k, (visit, event) in enumerate(zip(t.plan, ("base_arm_1", "24hr_arm_1", "day7_arm_1"), strict=True)):
            facts = [t.names()[i], *(cells[i] for cells in names.values())] if k == 0 else [""] * (1 + len(names))
            rows.append([t.id[i], event, *facts, t.total(visit)[i], 2])
    def radio(name: str, said: str, choices: str = "", kind: str = "radio") -> list[str]:
        return [name, "form", "", kind, said, choices]
    dictionary = [["Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
                   "Choices, Calculations, OR Slider Labels"],
                  radio("record_id", "Record ID", "", "text"), radio("group", "Group", "1, Ketamine 0.5 mg/kg | 2, Midazolam"),
                  radio("age", "Age", "", "text"), radio("sex", "Sex", "1, Male | 2, Female"),
                  radio("hisp", "Hispanic or Latino?", "1, Yes | 0, No", "yesno"),
                  radio("marital", "Marital status", "1, Never married | 2, Married/living as married | 3, Divorced"),
                  radio("edu_yrs", "Years of education", "", "text"),
                  radio("job", "Employment", "1, Full time | 2, Part time | 3, Unemployed | 4, Retired"),
                  radio("prev_sa", "Any previous suicide attempt", "", "yesno"),
                  radio("num_fail", "Number of failed antidepressants (lifetime, adequate)", "", "text"),
                  radio("ect_fail", "Has ECT failed?", "", "yesno"),
                  radio("onset_age", "Age at first depressive episode", "", "text"),
                  radio("cur_epi_mos", "Current episode, months", "", "text"),
                  radio("fh_etoh", "Alcohol problems in parent, sibling or child", "", "yesno"),
                  radio("race", "Race", "1, White | 2, Black or African American | 3, Asian", "checkbox"),
                  radio("anx_dx", "Anxiety diagnoses", "1, GAD | 2, Panic disorder | 3, Social anxiety", "checkbox"),
                  radio("madrs_tot", "MADRS total", "sum([m1],[m2])", "calc")]
    with (folder / "amazon_DataDictionary_2020-01-15.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(dictionary)
    write_csv(folder / "amazon_DATA_2020-01-15.csv", rows)
    t.facts["file"] = "amazon_DATA_2020-01-15.csv"
    return t


def danube(folder: Path) -> Ledger:
    """REDCap with labels: questions for headers, a row an event."""
    t = ledger("danube", [("Ketamine infusion", "ketamine", None), ("Placebo infusion", "control", None)],
               {"Screening": -240, "Infusion Day (pre-dose)": 0, "Infusion Day +4h": 4, "24 Hours Post": 24, "Day 7 Visit": 168},
               n=22, ids="DNB-{:03d}")
    facts = {"What is the participant's age?": put(t, "age"), "Sex": put(t, "female", {1: "Female", 0: "Male"}),
             "Is the participant Hispanic or Latino?": put(t, "hispanic", YES_NO),
             "Marital Status": put(t, "married", {1: "Married", 0: "Never Married"}),
             "Does the participant currently smoke cigarettes?": put(t, "smoker", YES_NO),
             "Number of lifetime depressive episodes": put(t, "n_episodes", gap=.1),
             "Has the participant ever attempted suicide?": put(t, "suicide_attempt", YES_NO),
             "Is the participant currently hospitalized?": put(t, "inpatient", YES_NO),
             "Current PTSD (MINI)": put(t, "ptsd", YES_NO), "Current GAD (MINI)": put(t, "gad", YES_NO),
             "Current Panic Disorder (MINI)": put(t, "panic", YES_NO), "OCD (MINI)": put(t, "ocd", YES_NO),
             "Agoraphobia (MINI)": put(t, "agoraphobia", YES_NO),
             "Lifetime Alcohol Use Disorder": put(t, "aud_lifetime", YES_NO),
             "Lifetime Substance Use Disorder": put(t, "sud_lifetime", YES_NO),
             "Taking any psychiatric medication?": put(t, "any_medication", YES_NO),
             "How many psychiatric medications?": put(t, "n_medications"),
             "Systolic BP (mmHg)": put(t, "systolic_bp"), "Diastolic BP (mmHg)": put(t, "diastolic_bp")}
    rows: Rows = [["Record ID", "Event Name", "Randomized to", *facts, "MADRS Total", "Complete?"]]
    for i in range(t.n):
        for k, visit in enumerate(t.plan):
            first = [t.names()[i], *(cells[i] for cells in facts.values())] if k == 0 else [""] * (1 + len(facts))
            rows.append([t.id[i], visit, *first, t.total(visit)[i], "Complete"])
    return text(t, folder, rows)


def rhine(folder: Path) -> Ledger:
    """SPSS: short names, every variable and value labeled, 999 and 9 declared missing."""
    t = ledger("rhine", [("1", "ketamine", .5), ("0", "control", None)], n=26, ids="{}", country="Netherlands")
    said: dict[str, tuple[str, str, dict[int, str]]] = {}
    yes = {0: "no", 1: "yes"}
    for name, key, label, words in (
            ("lft", "age", "Age in years", {}), ("gesl", "female", "Gender", {0: "male", 1: "female"}),
            ("bmi0", "bmi", "BMI at inclusion", {}), ("partner", "married", "Lives with partner / married", yes),
            ("opl", "education_years", "Total years of education", {}), ("werk", "employed", "Paid work", yes),
            ("mdd_cur", "mdd", "MINI A: major depressive episode, unipolar", yes), ("mini_p", "panic", "MINI: panic disorder", yes),
            ("mini_ag", "agoraphobia", "MINI: agoraphobia", yes), ("mini_sp", "social_anxiety", "MINI: social phobia", yes),
            ("mini_oc", "ocd", "MINI: obsessive compulsive disorder", yes), ("mini_pt", "ptsd", "MINI: posttraumatic stress disorder", yes),
            ("mini_ga", "gad", "MINI: generalized anxiety disorder", yes), ("mini_dy", "dysthymia", "MINI: dysthymic disorder", yes),
            ("scid2", "personality_disorder", "Any personality disorder (SCID-II)", yes), ("ect_nr", "failed_ect", "ECT non-response", yes),
            ("n_ad", "failed_trials", "Number of adequate antidepressant trials without response", {}),
            ("benzo", "benzodiazepine", "Uses benzodiazepines", yes), ("rr_sys", "systolic_bp", "Systolic blood pressure, pre-infusion", {}),
            ("rr_dia", "diastolic_bp", "Diastolic blood pressure, pre-infusion", {})):
        said[name] = (key, label, words)
    columns: dict[str, Cells] = {"ppn": [float(i) for i in t.id], "cond": [float(a) for a in t.names()]}
    columns |= {name: put(t, key, float, gap=.08, missing=999.0 if not words else 9.0)
                for name, (key, _, words) in said.items()}
    columns |= {f"madrs_{k}": [float(v) for v in t.total(visit, 999)] for k, visit in enumerate(t.plan)}
    labels = ["Participant number", "Randomised condition", *(label for _, label, _ in said.values()),
              "MADRS before infusion", "MADRS 1 day after infusion", "MADRS 1 week after infusion"]
    words = {"cond": {0: "placebo (saline)", 1: "ketamine 0.5 mg/kg"}} | {n: w for n, (_, _, w) in said.items() if w}
    pyreadstat.write_sav(pd.DataFrame(columns), str(folder / "rhine.sav"), column_labels=labels, variable_value_labels=words,
                         missing_ranges={n: [9.0 if n in words else 999.0] for n in columns if n not in ("ppn", "cond")})
    t.facts["file"] = "rhine.sav"
    return t


def volga(folder: Path) -> Ledger:
    """Stata, long: labeled visits, yes as 1 and no as 0 with labels, race as one labeled variable."""
    t = ledger("volga", [("1", "ketamine", None), ("2", "control", None)], {"b": 0, "4h": 4, "d1": 24, "d3": 72, "d7": 168},
               n=20, ids="{}", control_type="psychoactive")
    t.tells("race_black", "race_white")
    facts = {"pt_age": put(t, "age", float), "pt_sex": put(t, "female", {1: 1.0, 0: 2.0}),
             "race": [{"White": 1.0, "Black": 2.0, "Asian": 3.0}[r] for r in t.get("race")],
             "cigs": put(t, "smoker", float), "n_mde": put(t, "n_episodes", float), "atrisk": put(t, "suicide_attempt", float),
             "aud": put(t, "aud_lifetime", float), "sud": put(t, "sud_lifetime", float), "adhd_dx": put(t, "adhd", float),
             "ed_dx": put(t, "eating_disorder", float), "painchr": put(t, "chronic_pain", float)}
    frame = pd.DataFrame([{"subj": float(t.id[i]), "rx": float(t.names()[i]), **{n: c[i] for n, c in facts.items()},
                           "vis": float(k), "madrs10": t.total(visit, None)[i]}
                          for i in range(t.n) for k, visit in enumerate(t.plan)])
    frame["madrs10"] = frame["madrs10"].astype(float)
    yes = {0: "No", 1: "Yes"}
    pyreadstat.write_dta(frame, str(folder / "volga.dta"), column_labels=[
        "Subject number", "Treatment assigned", "Age at randomization (years)", "Sex", "Race", "Current cigarette smoker",
        "Number of major depressive episodes", "Prior suicide attempt", "Alcohol use disorder, lifetime",
        "Substance use disorder, lifetime", "ADHD", "Eating disorder", "Chronic pain condition", "Visit", "MADRS total score"],
        variable_value_labels={
            "rx": {1: "Ketamine", 2: "Midazolam"}, "pt_sex": {1: "Female", 2: "Male"},
            "race": {1: "White", 2: "Black or African American", 3: "Asian"}, "cigs": yes, "atrisk": yes, "aud": yes,
            "sud": yes, "adhd_dx": yes, "ed_dx": yes, "painchr": yes,
            "vis": {0: "Baseline", 1: "4 hours", 2: "1 day", 3: "3 days", 4: "7 days"}})
    t.facts["file"] = "volga.dta"
    return t


def thames(folder: Path) -> Ledger:
    """A statistician's analysis set in SAS transport: a row a patient and analysis visit, flags Y and N."""
    t = ledger("thames", [("KET", "ketamine", .5), ("PBO", "control", None)],
               {"Baseline": 0, "Day 1": 24, "Day 3": 72, "Day 7": 168}, n=20, ids="KX1-{:03d}", country="United Kingdom")
    t.tells("race_black", "race_white")
    facts = {"AGE": put(t, "age", float), "SEX": put(t, "female", {1: "F", 0: "M"}),
             "RACE": [{"Black": "BLACK OR AFRICAN AMERICAN"}.get(r, r.upper()) for r in t.get("race")],
             "ETHNIC": put(t, "hispanic", {1: "HISPANIC OR LATINO", 0: "NOT HISPANIC OR LATINO"}),
             "BMIBL": put(t, "bmi", float), "SYSBPBL": put(t, "systolic_bp", float), "DIABPBL": put(t, "diastolic_bp", float),
             "SMOKFL": put(t, "smoker", Y_N), "BZDFL": put(t, "benzodiazepine", Y_N), "INPATFL": put(t, "inpatient", Y_N),
             "ANXFL": put(t, "any_anxiety", Y_N), "NFAILAD": put(t, "failed_trials", float),
             "AGEONSET": put(t, "age_at_onset", float), "EPIDURM": put(t, "episode_months", float)}
    long_arm = {"KET": "Ketamine 0.5 mg/kg", "PBO": "Placebo"}
    rows = []
    for i in range(t.n):
        base = t.total("Baseline")[i]
        for k, (visit, hours) in enumerate(t.plan.items()):
            value = t.total(visit, None)[i]
            rows.append({"STUDYID": "KX1", "USUBJID": t.id[i], "TRT01P": long_arm[t.arm[i][0]], **{n: c[i] for n, c in facts.items()},
                         "PARAMCD": "MADRSTOT", "PARAM": "MADRS Total Score", "AVISIT": visit, "AVISITN": float(hours / 24),
                         "AVAL": value, "BASE": base, "CHG": None if value is None or k == 0 else value - base})
    frame = pd.DataFrame(rows)
    frame[["AVAL", "BASE", "CHG"]] = frame[["AVAL", "BASE", "CHG"]].astype(float)
    pyreadstat.write_xport(frame, str(folder / "thames.xpt"), table_name="ADMADRS", file_format_version=5, column_labels=[
        "Study Identifier", "Unique Subject Identifier", "Planned Treatment for Period 01", "Age", "Sex", "Race", "Ethnicity",
        "BMI at Baseline (kg/m2)", "Systolic BP at Baseline", "Diastolic BP at Baseline", "Current Smoker Flag",
        "Concomitant Benzodiazepine Flag", "Inpatient Flag", "Any Anxiety Disorder Flag", "Number of Failed Antidepressants",
        "Age at Onset of MDD", "Duration of Current Episode (Months)", "Parameter Code", "Parameter", "Analysis Visit",
        "Analysis Visit (N)", "Analysis Value", "Baseline Value", "Change from Baseline"])
    t.facts["file"] = "thames.xpt"
    return t


def columbia(folder: Path) -> Ledger:
    """A data scientist's tidy csv: snake case, booleans, nearly the whole dictionary."""
    t = ledger("columbia", [("ketamine", "ketamine", None), ("saline", "control", None)], n=26, ids="P{:04d}")
    names = {"age_years": "age", "is_female": "female", "body_mass_index": "bmi", "current_smoker": "smoker",
             "is_inpatient": "inpatient", "has_mdd": "mdd", "has_bipolar": "bipolar", "has_ptsd": "ptsd", "has_gad": "gad",
             "has_social_anxiety": "social_anxiety", "has_ocd": "ocd", "has_panic": "panic", "has_agoraphobia": "agoraphobia",
             "has_any_anxiety": "any_anxiety", "lifetime_sud": "sud_lifetime", "lifetime_aud": "aud_lifetime",
             "has_eating_disorder": "eating_disorder", "has_dysthymia": "dysthymia", "has_chronic_pain": "chronic_pain",
             "has_adhd": "adhd", "has_specific_phobia": "specific_phobia", "has_personality_disorder": "personality_disorder",
             "sbp_baseline": "systolic_bp", "dbp_baseline": "diastolic_bp", "married_or_partnered": "married",
             "race_is_black": "race_black", "race_is_white": "race_white", "is_hispanic": "hispanic",
             "years_of_education": "education_years", "is_employed": "employed", "num_failed_trials": "failed_trials",
             "ect_failed": "failed_ect", "num_episodes": "n_episodes", "onset_age": "age_at_onset",
             "current_episode_months": "episode_months", "past_suicide_attempt": "suicide_attempt",
             "fhx_alcohol": "family_history_alcohol", "on_psych_meds": "any_medication", "num_psych_meds": "n_medications",
             "on_benzo": "benzodiazepine"}
    whole = {"age", "bmi", "systolic_bp", "diastolic_bp", "education_years", "failed_trials", "n_episodes", "age_at_onset",
             "episode_months", "n_medications"}
    columns = {"participant_id": t.id, "treatment_group": t.names()}
    columns |= {name: put(t, key, None if key in whole else {1: "True", 0: "False"}, gap=.05, missing="NA")
                for name, key in names.items()}
    columns |= {"madrs_total_baseline": t.total("base", "NA"), "madrs_total_24h": t.total("24h", "NA"),
                "madrs_total_day7": t.total("7d", "NA")}
    return text(t, folder, columns_as_rows(columns))


def nile(folder: Path) -> Ledger:
    """A clinician's workbook: a title, headings over groups of columns, feet and pounds, birth dates, a key sheet."""
    t = ledger("nile", [("A", "ketamine", .5), ("B", "control", None)], n=22, ids="N-{:02d}", country="Canada")
    inches = [round(p["height"] / 2.54) for p in t.person]
    pounds = [round(p["weight"] * 2.20462) for p in t.person]
    t.tells("age", but={"bmi": [w * .45359237 / (h * .0254) ** 2 for w, h in zip(pounds, inches, strict=True)]})
    columns = {"Subject": t.id, "Arm": t.names(), "DOB": t.get("born"), "Date of infusion": [p["infused"].date() for p in t.person],
               "Sex": put(t, "female", {1: "F", 0: "M"}), "Height (in)": inches, "Weight (lb)": pounds,
               "Smoker?": put(t, "smoker", Y_N), "Employed?": put(t, "employed", Y_N, gap=.1),
               "Dx": ["BD" if v else "MDD" for v in t.get("bipolar")], "# episodes": put(t, "n_episodes"),
               "Age at onset": put(t, "age_at_onset"), "Failed meds (n)": put(t, "failed_trials"),
               "Failed ECT": put(t, "failed_ect", Y_N), "SI attempt hx": put(t, "suicide_attempt", Y_N),
               "Pre": t.total("base"), "24 hr": t.total("24h"), "Day 7": t.total("7d")}
    t.tells("mdd", "bipolar", but={"principal_diagnosis": ["bipolar" if v else "MDD" for v in t.get("bipolar")]})
    heads = ["", "", "Demographics", *[""] * 6, "Clinical history", *[""] * 5, "MADRS", "", ""]
    return book(t, folder, {"Master": [["Ketamine RCT - master spreadsheet (deidentified)"], [], heads, *columns_as_rows(columns)],
                            "Key": [["Arm A = ketamine 0.5 mg/kg, Arm B = saline"], ["Y = yes, N = no"],
                                    ["MDD = major depressive disorder, BD = bipolar depression"]]})


def ganges(folder: Path) -> Ledger:
    """Two sheets: a row a patient, and a row a rating with its date and time; the infusion's start on the first."""
    t = ledger("ganges", [("KETAMINE", "ketamine", None), ("MIDAZOLAM", "control", None)], n=20, ids="{:03d}",
               control_type="psychoactive", jitter=1.5)
    columns = {"Patient ID": t.id, "Drug": t.names(), "Infusion start": [p["infused"] for p in t.person],
               "Age (yrs)": put(t, "age"), "Gender": put(t, "female", {1: "Woman", 0: "Man"}),
               "Race": ["African American" if r == "Black" else "Caucasian" if r == "White" else "Asian" for r in t.get("race")],
               "Marital status": [str(t.rng.choice(["Married", "Cohabiting"] if v else ["Single", "Divorced", "Widowed"]))
                                  for v in put(t, "married")],
               "Employment": [str(t.rng.choice(["Full-time", "Part-time"] if v else ["Unemployed", "Disability", "Retired"]))
                              for v in put(t, "employed")],
               "Psychotropics (n)": put(t, "n_medications"), "Benzo (1=yes)": put(t, "benzodiazepine"),
               "BP": [f"{p['systolic_bp']}/{p['diastolic_bp']}" for p in t.person]}
    t.tells("race_black", "race_white", "systolic_bp", "diastolic_bp")
    rows: Rows = [["Patient ID", "Assessment date/time", "Scale", "Total"]]
    rows += [[t.id[i], t.when(visit)[i], "MADRS", t.total(visit)[i]] for i in range(t.n) for visit in t.plan
             if t.items[visit][i] is not None]
    return book(t, folder, {"Patients": columns_as_rows(columns), "Assessments": rows})


def hudson(folder: Path) -> Ledger:
    """A resident's abbreviations."""
    t = ledger("hudson", [("K", "ketamine", None), ("S", "control", None)], n=22, ids="{}")
    columns = {"ID": [int(i) for i in t.id], "Rx (K=ketamine, S=saline)": t.names(), "Age": put(t, "age"),
               "M/F": put(t, "female", {1: "F", 0: "M"}), "Yrs edu": put(t, "education_years"), "Hx SA": put(t, "suicide_attempt", Y_N),
               "Dur. of current MDE (mo)": put(t, "episode_months"), "# prior MDEs": put(t, "n_episodes"), "AAO": put(t, "age_at_onset"),
               "# failed ADs": put(t, "failed_trials"), "FHx EtOH": put(t, "family_history_alcohol", Y_N),
               "Tob": put(t, "smoker", Y_N), "BZD": put(t, "benzodiazepine", Y_N), "Inpt": put(t, "inpatient", Y_N),
               "SAD": put(t, "social_anxiety", Y_N), "GAD": put(t, "gad", Y_N), "PD": put(t, "panic", Y_N), "OCD": put(t, "ocd", Y_N),
               "SBP": put(t, "systolic_bp"), "DBP": put(t, "diastolic_bp"),
               "MADRS BL": t.total("base"), "MADRS 24h": t.total("24h"), "MADRS D7": t.total("7d")}
    t.open |= {"n_episodes", "panic", "social_anxiety"}
    return book(t, folder, {"Sheet1": columns_as_rows(columns)})


def orinoco(folder: Path) -> Ledger:
    """A contract house: tab-delimited capitals, points for missing, codes in a second file of formats."""
    t = ledger("orinoco", [("1", "ketamine", .5), ("2", "control", None)], n=24, ids="101-{:03d}", control_type="psychoactive")
    date = [p["infused"].date() for p in t.person]
    columns = {"SUBJID": t.id, "RANDCD": t.names(), "INFDT": [d.strftime("%d%b%Y").upper() for d in date], "AGEYR": put(t, "age"),
               "SEXCD": put(t, "female", {1: 2, 0: 1}), "HTCM": t.get("height"), "WTKG": t.get("weight"),
               "SYSBP": put(t, "systolic_bp", gap=.1, missing="."), "DIABP": put(t, "diastolic_bp", gap=.1, missing="."),
               "SMOKECUR": put(t, "smoker"), "ALCLIFE": put(t, "aud_lifetime"), "SUBLIFE": put(t, "sud_lifetime"),
               "PRIORADN": put(t, "failed_trials", gap=.1, missing="."), "SUICATT": put(t, "suicide_attempt"),
               "MSCURR": put(t, "married"), "MADRSBL": t.total("base", "."), "MADRSH24": t.total("24h", "."),
               "MADRSD7": t.total("7d", ".")}
    t.tells(but={"bmi": [p["weight"] / (p["height"] / 100) ** 2 for p in t.person]})
    said = [["Variable", "Label", "Codes"], ["SUBJID", "Subject identifier", ""],
            ["RANDCD", "Randomised treatment", "1=Ketamine 0.5 mg/kg; 2=Midazolam 0.045 mg/kg"], ["INFDT", "Date of infusion", ""],
            ["AGEYR", "Age in years", ""], ["SEXCD", "Sex", "1=Male; 2=Female"], ["HTCM", "Height (cm)", ""], ["WTKG", "Weight (kg)", ""],
            ["SYSBP", "Systolic blood pressure", ""], ["DIABP", "Diastolic blood pressure", ""],
            ["SMOKECUR", "Current smoker", "0=No; 1=Yes"], ["ALCLIFE", "Lifetime alcohol abuse or dependence", "0=No; 1=Yes"],
            ["SUBLIFE", "Lifetime substance abuse or dependence", "0=No; 1=Yes"], ["PRIORADN", "Number of failed antidepressant trials", ""],
            ["SUICATT", "History of suicide attempt", "0=No; 1=Yes"], ["MSCURR", "Currently married or living with partner", "0=No; 1=Yes"],
            ["MADRSBL", "MADRS total at baseline", ""], ["MADRSH24", "MADRS total at 24 hours", ""], ["MADRSD7", "MADRS total at day 7", ""]]
    write_csv(folder / "orinoco_codebook.csv", said)
    return text(t, folder, columns_as_rows(columns), delimiter="\t", suffix=".txt")


def seine(folder: Path) -> Ledger:
    """What the chart says: drugs and diagnoses as lists of words."""
    t = ledger("seine", [("ketamine 0.5mg/kg IV", "ketamine", .5), ("normal saline", "control", None)], n=22, ids="S{:02d}")
    drugs, count, illnesses, anxious = [], [], [], []
    for who in t.person:
        taken = [str(d) for d in t.rng.choice(["sertraline 100mg", "lithium 900 mg", "bupropion XL 300mg", "quetiapine 50 mg qhs",
                                               "lamotrigine 200mg", "venlafaxine"], int(t.rng.integers(0, 4)), replace=False)]
        taken += [str(t.rng.choice(["clonazepam 0.5mg bid", "alprazolam 1mg prn", "Ativan 1 mg"]))] * who["benzodiazepine"]
        drugs.append(", ".join(taken) or "none")
        count.append(float(len(taken)))
        ill = ["Bipolar II disorder, current episode depressed" if who["bipolar"] else str(t.rng.choice(
            ["MDD, recurrent, severe", "Major depressive disorder, single episode", "MDD recurrent w/o psychotic features"]))]
        ill += ["generalized anxiety disorder"] * who["gad"] + ["panic disorder"] * who["panic"] + ["PTSD"] * who["ptsd"]
        illnesses.append("; ".join(ill))
        anxious.append(float(who["gad"] or who["panic"]))
    t.tells("mdd", "bipolar", "gad", "panic", "ptsd", "benzodiazepine", but={
        "n_medications": count, "any_medication": [float(c > 0) for c in count], "any_anxiety": ["?"] * t.n})
    for key in ("social_anxiety", "ocd", "agoraphobia", "sud_lifetime", "aud_lifetime", "eating_disorder", "dysthymia",
                "chronic_pain", "adhd", "specific_phobia", "personality_disorder", "principal_diagnosis"):
        t.told[key] = ["?"] * t.n
    return book(t, folder, {"chart review": columns_as_rows({
        "Study ID": t.id, "Infusion": t.names(), "Age": put(t, "age"), "Gender": put(t, "female", {1: "Female", 0: "Male"}),
        "DSM-5 diagnoses": illnesses, "Current psychiatric meds": drugs,
        "Prior suicide attempts (#)": [int(t.rng.integers(1, 4)) if v else 0 for v in put(t, "suicide_attempt")],
        "Smokes": put(t, "smoker", {1: "yes", 0: "no"}), "MADRS (baseline)": t.total("base"), "MADRS (1 day)": t.total("24h"),
        "MADRS (1 week)": t.total("7d")})})


STUDIES = (amazon, danube, rhine, volga, thames, columbia, nile, ganges, hudson, orinoco, seine)
