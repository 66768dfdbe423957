"""Studies as English-speaking teams send them: REDCap exports, workbooks, codes, visits by name, hour and day."""

from __future__ import annotations

from pathlib import Path

from tests.bench.import_corpus.saving import save_csv, save_xlsx
from tests.bench.import_corpus.trial import CONTROL, KETAMINE, Arm, Trial

US = {"country": "US", "design": "parallel", "control_type": "inert", "trd_threshold": 2}
MIDAZOLAM = {"country": "USA", "design": "parallel", "control_type": "psychoactive", "trd_threshold": 3}
UK = {"country": "United Kingdom", "design": "parallel", "control_type": "inert", "trd_threshold": "unspecified"}
YES = {1: "Yes", 0: "No"}
SEX = {1: "F", 0: "M"}


def keta(text: object = "Ketamine 0.5 mg/kg") -> Arm:
    return Arm(text, KETAMINE, 0.5)


def placebo(text: object = "Placebo") -> Arm:
    return Arm(text, CONTROL)


def redcap_raw(folder: Path) -> Trial:
    """Raw REDCap: events as rows, facts on the first, unlabeled codes, checkboxes, items before their total."""
    t = Trial("redcap_raw", [keta("1"), placebo("2")], n=30, facts=dict(US))
    t.put_id("record_id")
    t.may_ask |= {"arm", "female", "included", "dose_mg_kg"}
    t.put("age", "age")
    t.put("sex", "female", {1: "2", 0: "1"})
    t.put_arm("randomization")
    t.put("bmi", "bmi", gap=0.1)
    t.put("dx_anx___1", "gad", {1: "1", 0: "0"}, ask=True)
    t.put("dx_anx___2", "panic", {1: "1", 0: "0"}, ask=True)
    t.put("prior_suicide_attempt", "suicide_attempt", {1: "1", 0: "0"})
    events = {0: "baseline_arm_1", 24: "24_hours_arm_1", 168: "day_7_arm_1"}
    t.long("redcap_event_name", events, {"madrs_total": "madrs"}, facts_once=True)
    total = t.table.pop("madrs_total")
    for item in range(1, 11):
        t.add(f"madrs_{item}", [min(6, int(v) // 10 + (item <= int(v) % 10)) if v != "" else "" for v in total])
    t.add("madrs_total", total)
    t.add("madrs_complete", ["2" for _ in total])
    return save_csv(t, folder)


def redcap_labels(folder: Path) -> Trial:
    """REDCap with labels: `Diagnosis (choice=...)`, Checked and Unchecked."""
    t = Trial("redcap_labels", [keta("Ketamine (0.5 mg/kg IV)"), placebo("Midazolam (0.045 mg/kg IV)")], n=28,
              hours=(-168, 0, 4, 24, 72, 168), facts=dict(MIDAZOLAM), ids="KET-{:03d}")
    check = {1: "Checked", 0: "Unchecked"}
    t.put_id("Record ID")
    t.put("Age at consent (years)", "age")
    t.put("Sex assigned at birth", "female", {1: "Female", 0: "Male"})
    t.put_arm("Treatment assignment")
    t.put("Comorbid diagnosis (choice=Generalized anxiety disorder)", "gad", check)
    t.put("Comorbid diagnosis (choice=Panic disorder)", "panic", check)
    t.put("Comorbid diagnosis (choice=PTSD)", "ptsd", check)
    t.put("Race (choice=Black or African American)", "race_black", check)
    t.put("Race (choice=White)", "race_white", check)
    t.put("Currently employed?", "employed", YES, gap=0.1)
    labels = {-168: "Screening", 0: "Baseline", 4: "4 hours post-infusion", 24: "24 hours post-infusion",
              72: "Day 3", 168: "Day 7"}
    t.long("Event Name", labels, {"MADRS Total Score": "madrs"}, facts_once=True)
    return save_csv(t, folder)


def short_names(folder: Path) -> Trial:
    """Eight capitals a name, -9 for missing, sex as unlabeled codes."""
    t = Trial("short_names", [keta("KET 0.5"), placebo("MDZ")], n=30, facts=dict(MIDAZOLAM), ids="{:04d}")
    t.put_id("SUBJID")
    t.put("AGE", "age", gap=0.1, missing=-9)
    t.put("SEX", "female", {1: 2, 0: 1}, ask=True)
    t.put_arm("TRTGRP")
    t.put("BMI", "bmi", gap=0.1, missing=-9)
    t.put("SBP", "systolic_bp", gap=0.1, missing=-9)
    t.put("DBP", "diastolic_bp", gap=0.1, missing=-9)
    t.put("EDUCYRS", "education_years", gap=0.1, missing=-9)
    t.put("NFAILED", "failed_trials", gap=0.1, missing=-9)
    t.put("ECTFAIL", "failed_ect", {1: 1, 0: 0})
    t.wide("madrs", {0: "MADRSBL", 24: "MADRS24H", 168: "MADRSD7"}, missing=-9)
    return save_csv(t, folder)


def titled(folder: Path) -> Trial:
    """Three title rows, a footer with means and a total."""
    t = Trial("titled", [keta("Ketamine"), placebo("Saline")], n=26, facts=dict(US), hours=(0, 4, 24, 72, 168))
    t.put_id("Patient No.")
    t.put_arm("Group")
    t.put("Age, y", "age")
    t.put("Gender", "female", {1: "female", 0: "male"})
    t.put("Age of onset", "age_at_onset")
    t.put("No. of previous episodes", "n_episodes")
    t.put("Current episode (months)", "episode_months")
    t.wide("madrs", {0: "MADRS baseline", 4: "MADRS 4h", 24: "MADRS 24h", 72: "MADRS 72h", 168: "MADRS Day 7"})
    mean = ["Mean", "", round(float(t.fact("age").mean()), 1)]
    return save_xlsx(t, folder, before=[["Ketamine in depression: individual patient data"],
                                        ["Ketamine hydrochloride 0.5 mg/kg over 40 min, single infusion"], []],
                     after=[[], mean, ["Total", 26]])


def two_headers(folder: Path) -> Trial:
    """Timepoints above, scales below; merged cells."""
    t = Trial("two_headers", [keta("Ketamine 0.5mg/kg"), placebo("NaCl 0.9%")], n=24, scales=("madrs", "hrsd17"),
              facts=dict(UK))
    t.put_id("ID")
    t.put_arm("Arm")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    for label, hour in (("Baseline", 0), ("24 h", 24), ("Day 7", 168)):
        t.wide("madrs", {hour: f"MADRS|{label}"})
        t.wide("hrsd17", {hour: f"HAM-D 17|{label}"})
    names = list(t.table)
    upper = ["", "", "", "", "Baseline", "", "24 h", "", "Day 7", ""]
    rows = list(zip(*t.table.values(), strict=True))
    t.table = {str(i): [row[i] for row in rows] for i in range(len(names))}
    lower = [name.split("|")[0] for name in names]
    return _replace_header(t, folder, [upper, lower], ["E1:F1", "G1:H1", "I1:J1"])


def _replace_header(t: Trial, folder: Path, header: list[list[str]], merged: list[str]) -> Trial:
    """Two header rows in place of one: the rows of the table under both."""
    rows = [list(row) for row in zip(*t.table.values(), strict=True)]
    t.table = {}
    return save_xlsx(t, folder, before=[*header, *rows], merged=merged)


def visit_names(folder: Path) -> Trial:
    """`Visit 2 (24h)` and others; the arm in a codebook behind."""
    t = Trial("visit_names", [keta("Arm A"), placebo("Arm B")], n=24, hours=(-240, 0, 24, 72, 168, 336),
              facts=dict(US), ids="P{:02d}")
    t.put_id("Participant")
    t.put_arm("Randomised to")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.put("Smoker", "smoker", {1: "Y", 0: "N"}, gap=0.1, missing="n.d.")
    t.long("Visit", {-240: "Screening", 0: "Baseline", 24: "Visit 2 (24h)", 72: "Visit 3 (72h)",
                     168: "Visit 4 (1 week)", 336: "Visit 5 (2 weeks)"}, {"MADRS": "madrs"})
    return save_xlsx(t, folder, sheets={"Codebook": [
        ["Variable", "Code", "Meaning"], ["Randomised to", "Arm A", "Ketamine 0.5 mg/kg i.v."],
        ["Randomised to", "Arm B", "Saline (0.9% NaCl)"], ["Smoker", "Y", "current smoker"]]})


def by_hours(folder: Path) -> Trial:
    """Hours after the infusion, negative before it; missed visits have no row."""
    t = Trial("by_hours", [keta("Ketamine"), placebo("Placebo (saline)")], n=24, hours=(-24, -1, 2, 4, 24, 48, 168),
              facts=dict(US))
    t.put_id("subj")
    t.put_arm("drug")
    t.put("age", "age")
    t.put("female", "female")
    t.add("dose (mg/kg)", [0.5 if arm.kind == KETAMINE else 0 for arm in t.arm])
    t.long("hours_post_infusion", {h: h for h in t.hours}, {"madrs": "madrs"}, skip_missed=True)
    return save_csv(t, folder)


def by_days(folder: Path) -> Trial:
    """Days in a column; arms `Active` and `Active placebo (midazolam)`."""
    t = Trial("by_days", [keta("Active"), placebo("Active placebo (midazolam 0.045 mg/kg)")], n=24,
              hours=(0, 24, 72, 168), facts=dict(MIDAZOLAM))
    t.may_ask |= {"arm", "included", "dose_mg_kg"}
    t.put_id("id")
    t.put_arm("allocation")
    t.put("age", "age")
    t.put("male", "female", {1: 0, 0: 1})
    t.long("day", {0: 0, 24: 1, 72: 3, 168: 7}, {"madrs_total": "madrs"})
    return save_csv(t, folder, delimiter="\t", suffix=".tsv")


def plus_days(folder: Path) -> Trial:
    """`+1d` in the header, change and percent beside the scores."""
    t = Trial("plus_days", [keta("KET 0.5 mg/kg"), placebo("MDZ 0.045 mg/kg")], n=26, hours=(0, 4, 24, 72, 168),
              facts=dict(MIDAZOLAM))
    t.put_id("Subject ID")
    t.put_arm("Treatment arm")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {0: "MADRS pre", 4: "MADRS +4h", 24: "MADRS +1d", 72: "MADRS +3d", 168: "MADRS +7d"})
    pre = t.cells("madrs", 0)
    for name, hour in (("+1d", 24), ("+7d", 168)):
        pairs = list(zip(pre, t.cells("madrs", hour), strict=True))
        t.add(f"MADRS change {name}", [b - a if b != "" else "" for a, b in pairs])
        t.add(f"MADRS % change {name}", [round(100 * (b - a) / a, 1) if b != "" else "" for a, b in pairs])
        t.add(f"Response {name}", [int(2 * b <= a) if b != "" else "" for a, b in pairs])
    return save_xlsx(t, folder)


def change_only(folder: Path) -> Trial:
    """A baseline and changes from it: never to be taken for scores."""
    t = Trial("change_only", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=24, facts=dict(US))
    t.may_ask |= {"madrs_rapid", "madrs_post_rapid", "rapid_hours", "post_rapid_days", "included"}
    t.put_id("id")
    t.put_arm("arm")
    t.put("age", "age")
    t.put("sex", "female", SEX)
    t.wide("madrs", {0: "madrs_bl"})
    pre = t.cells("madrs", 0)
    for name, hour in (("24h", 24), ("7d", 168)):
        pairs = zip(pre, t.cells("madrs", hour), strict=True)
        t.add(f"madrs_chg_{name}", [a - b if b != "" else "" for a, b in pairs])
    return save_csv(t, folder)


def many_scales(folder: Path) -> Trial:
    """HRSD-17 only, beside HAMD-21, QIDS, BDI, CGI and a VAS."""
    t = Trial("many_scales", [keta("ketamine 0.5 mg/kg"), placebo("placebo")], n=26, scales=("hrsd17",),
              hours=(0, 24, 168), facts=dict(US))
    t.put_id("pid")
    t.put_arm("treatment")
    t.put("age", "age")
    t.put("gender", "female", {1: "Female", 0: "Male"})
    for name, hour in (("bl", 0), ("24h", 24), ("d7", 168)):
        true = t.cells("hrsd17", hour)
        t.add(f"hamd21_{name}", [v + 2 if v != "" else "" for v in true])
        t.add(f"hamd17_{name}", true)
        t.add(f"qids_{name}", [v // 2 + 3 if v != "" else "" for v in true])
        t.add(f"bdi_{name}", [v + 9 if v != "" else "" for v in true])
        t.add(f"cgi_s_{name}", [1 + v // 6 if v != "" else "" for v in true])
    return save_csv(t, folder)


def hamd_unnamed(folder: Path) -> Trial:
    """`HDRS` without the number of items: 17 or 21? To be asked."""
    t = Trial("hamd_unnamed", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=22, scales=("hrsd17",), facts=dict(UK))
    t.may_ask |= {f"{scale}_{time}" for scale in ("hrsd17", "madrs") for time in ("baseline", "rapid", "post_rapid")}
    t.may_ask |= {"rapid_hours", "post_rapid_days", "included", "baseline_severity"}
    t.put_id("id")
    t.put_arm("group")
    t.put("age", "age")
    t.put("sex", "female", SEX)
    t.wide("hrsd17", {0: "HDRS baseline", 24: "HDRS day 1", 168: "HDRS day 7"})
    return save_csv(t, folder)


def minutes(folder: Path) -> Trial:
    """T240 is minutes; four hours count, two do not."""
    t = Trial("minutes", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=24, missed=0.15,
              hours=(0, 40 / 60, 2, 4, 24, 168), facts=dict(US))
    t.put_id("Code")
    t.put_arm("Condition")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {0: "MADRS_T0", 40 / 60: "MADRS_T40", 2: "MADRS_T120", 4: "MADRS_T240", 24: "MADRS_D1",
                     168: "MADRS_D7"})
    return save_csv(t, folder)


def first_day_is_one(folder: Path) -> Trial:
    """The infusion is on Day 1, so Day 2 is 24 h and Day 8 a week: hours must not be guessed wrong."""
    t = Trial("first_day_is_one", [keta("Ketamine 0.5 mg/kg"), placebo("Midazolam")], n=24, hours=(0, 4, 24, 168),
              facts=dict(MIDAZOLAM), missed=0.0)
    t.may_ask |= {"madrs_baseline", "madrs_rapid", "madrs_post_rapid", "rapid_hours", "post_rapid_days", "included",
                  "baseline_severity"}
    t.put_id("ID")
    t.put_arm("Treatment")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.long("Timepoint", {0: "Day 1 pre-infusion", 4: "Day 1 +240 min", 24: "Day 2", 168: "Day 8"}, {"MADRS": "madrs"})
    return save_csv(t, folder)


def letters(folder: Path) -> Trial:
    """K and S, no codebook, no dose: to be asked."""
    t = Trial("letters", [keta("K"), placebo("S")], n=22, facts={**UK, "control": "saline"})
    t.may_ask |= {"arm", "dose_mg_kg", "included"}
    t.put_id("no")
    t.put_arm("grp")
    t.put("age", "age")
    t.put("sex", "female", SEX)
    t.wide("madrs", {0: "madrs_0", 24: "madrs_24h", 168: "madrs_7d"})
    return save_csv(t, folder)


def doses(folder: Path) -> Trial:
    """Five arms by dose: 0.1 and 0.2 are other doses, 0.5 and 1.0 active."""
    arms = [Arm("Ketamine 0.1 mg/kg", "other_dose", 0.1), Arm("Ketamine 0.2 mg/kg", "other_dose", 0.2), keta(),
            Arm("Ketamine 1.0 mg/kg", KETAMINE, 1.0), placebo("Midazolam 0.045 mg/kg")]
    t = Trial("doses", arms, n=35, hours=(0, 24, 72, 168), facts=dict(MIDAZOLAM))
    t.put_id("Subject")
    t.put_arm("Arm")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.put("Weight (kg)", "weight")
    t.put("Height (cm)", "height")
    t.know("bmi", t.fact("weight") / (t.fact("height") / 100) ** 2)
    t.may_ask.add("bmi")
    t.wide("madrs", {0: "MADRS V1 (baseline)", 24: "MADRS V2 (24 h)", 72: "MADRS V3 (72 h)", 168: "MADRS V4 (7 d)"})
    return save_xlsx(t, folder)


def drugs(folder: Path) -> Trial:
    """Esketamine by nose, lanicemine, R-ketamine and thiopental beside ketamine and saline."""
    arms = [keta("Racemic ketamine 0.5 mg/kg i.v."), placebo("Normal saline"),
            Arm("Esketamine 84 mg intranasal", "other_drug"), Arm("Lanicemine 100 mg", "other_drug"),
            Arm("R-ketamine 0.5 mg/kg", "other_drug")]
    t = Trial("drugs", arms, n=40, facts=dict(US))
    t.put_id("Subject")
    t.put_arm("Study drug")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.put("Married/partnered", "married", YES)
    t.wide("madrs", {0: "MADRS Baseline", 24: "MADRS 24 hours", 168: "MADRS 7 days"})
    return save_csv(t, folder)


def header_legend(folder: Path) -> Trial:
    """Codes explained in the header itself."""
    t = Trial("header_legend", [keta(1), placebo(0)], n=24, facts=dict(MIDAZOLAM))
    t.put_id("Subject no.")
    t.put_arm("Group (1=ketamine 0.5 mg/kg, 0=midazolam)")
    t.put("Age (y)", "age")
    t.put("Sex (1=male, 2=female)", "female", {1: 2, 0: 1})
    t.put("Smoking (0=no, 1=yes)", "smoker")
    t.put("Employment (1=employed, 2=unemployed)", "employed", {1: 1, 0: 2})
    t.put("Setting (1=outpatient, 2=inpatient)", "inpatient", {1: 2, 0: 1})
    t.wide("madrs", {0: "MADRS (baseline)", 24: "MADRS (24h)", 168: "MADRS (1 week)"}, missing=999)
    return save_xlsx(t, folder)


STUDIES = (redcap_raw, redcap_labels, short_names, titled, two_headers, visit_names, by_hours, by_days, plus_days,
           change_only, many_scales, hamd_unnamed, minutes, first_day_is_one, letters, doses, drugs, header_legend)
