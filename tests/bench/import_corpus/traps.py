"""Studies in which the obvious reading is the wrong one: near names, near drugs, ids that repeat, codes that look like counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.bench.import_corpus.english import MIDAZOLAM, SEX, UK, US, keta, placebo
from tests.bench.import_corpus.irregular import CROSSOVER
from tests.bench.import_corpus.saving import save_csv, save_xlsx
from tests.bench.import_corpus.trial import UNJUDGED, Arm, Trial

SCORES = ("madrs_baseline", "madrs_rapid", "madrs_post_rapid", "rapid_hours", "post_rapid_days", "included",
          "baseline_severity")


def nameless_periods(folder: Path) -> Trial:
    """A row a patient and period, ids under a name of the team's own: rows must not become patients."""
    t = Trial("nameless_periods", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=16, facts=dict(CROSSOVER))
    t.patients_may_ask |= set(t.patient)
    t.put_id("Kürzel")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.add("Period", [1] * t.n)
    t.put_arm("Drug")
    t.wide("madrs", {0: "MADRS pre", 24: "MADRS 24h", 168: "MADRS 7d"})
    texts = [arm.text for arm in t.arms]
    second = t.table | {"Period": [2] * t.n, "Drug": [texts[1 - texts.index(arm.text)] for arm in t.arm]}
    second |= {name: [int(v) for v in t.rng.integers(5, 45, t.n)] for name in t.table if name.startswith("MADRS")}
    t.table = {c: [cell for pair in zip(t.table[c], second[c], strict=True) for cell in pair] for c in t.table}
    return save_csv(t, folder)


def site_ids(folder: Path) -> Trial:
    """Ids that start again at each site: two patients are not one."""
    t = Trial("site_ids", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=24, facts=dict(US))
    t.patients_may_ask |= set(t.patient)
    t.add("Site", [1 + i // 12 for i in range(t.n)])
    t.add("Subject", [1 + i % 12 for i in range(t.n)])
    t.put_arm("Arm")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {0: "MADRS baseline", 24: "MADRS 24h", 168: "MADRS 7d"})
    return save_csv(t, folder)


def low_and_high(folder: Path) -> Trial:
    """Low-dose and high-dose ketamine, no number anywhere: low is not at least 0.5 mg/kg."""
    t = Trial("low_and_high", [Arm("Low-dose ketamine", "other_dose"), keta("High-dose ketamine"), placebo("Saline")],
              n=27, facts=dict(US))
    t.may_ask |= {"arm", "dose_mg_kg", "included"}
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {0: "MADRS baseline", 24: "MADRS 24h", 168: "MADRS 7d"})
    return save_csv(t, folder)


def odd_doses(folder: Path) -> Trial:
    """Doses without their leading zero, in micrograms, as milligrams: .25 is not 25."""
    arms = [Arm("ketamine .25 mg/kg", "other_dose"), keta("ketamine .5mg/kg"), keta("ketamine 500 mcg/kg"),
            Arm("Ketamine 0,1mg/kg", "other_dose"), placebo("placebo")]
    t = Trial("odd_doses", arms, n=35, facts=dict(UK))
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {0: "MADRS baseline", 24: "MADRS 24h", 168: "MADRS 7d"})
    return save_csv(t, folder)


def added_drugs(folder: Path) -> Trial:
    """Pills beside infusions: what stands first is not the infusion. Waiting is no placebo."""
    arms = [keta("Ketamine 0.5 mg/kg infusion"), placebo("Saline infusion"),
            Arm("Esketamine 0.4 mg/kg iv", "other_drug"), Arm("Ketamine 0.5 mg/kg i.m.", "other_drug"),
            Arm("Ketamine 0.2 mg/kg + propofol", "other_drug"), Arm("No treatment", "other_drug")]
    t = Trial("added_drugs", arms, n=36, facts=dict(UK))
    t.put_id("ID")
    t.put_arm("Intervention")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.wide("madrs", {0: "MADRS baseline", 24: "MADRS 24h", 168: "MADRS 7d"})
    return save_csv(t, folder)


def other_hamiltons(folder: Path) -> Trial:
    """HAMD-21, HAMD-24 and HAMD-6, no HRSD-17: nothing to convert."""
    t = Trial("other_hamiltons", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=22, scales=("hrsd17",),
              facts=dict(UK))
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    for name, hour in (("baseline", 0), ("24h", 24), ("day 7", 168)):
        true = t.cells("hrsd17", hour)
        t.add(f"HAMD-24 {name}", [v + 4 if v != "" else "" for v in true])
        t.add(f"HDRS21 {name}", [v + 2 if v != "" else "" for v in true])
        t.add(f"HAM-D6 {name}", [v // 3 if v != "" else "" for v in true])
    t.scores["hrsd17"][:] = np.nan
    return save_csv(t, folder)


def levels(folder: Path) -> Trial:
    """Levels that look like numbers of their own: education 1-6, marital 1-5, smoking 0-2."""
    t = Trial("levels", [keta("Ketamine 0.5 mg/kg"), placebo("Midazolam")], n=30, facts=dict(MIDAZOLAM))
    for key in ("education_years", "married", "smoker", "employed", "failed_trials", "episode_months", "n_episodes"):
        t.know(key, np.array([UNJUDGED if key == "failed_trials" else np.nan] * t.n, dtype=object))
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    for name, low, high in (("Education", 1, 6), ("Education level", 1, 6), ("Marital status", 1, 5), ("Smoking", 0, 2),
                            ("Employment status", 1, 4), ("Episode duration", 1, 5), ("Episodes", 0, 1)):
        t.add(name, [int(v) for v in t.rng.integers(low, high + 1, t.n)])
    t.add("Age of partner", [int(v) for v in t.rng.integers(20, 70, t.n)])
    t.add("Failed antidepressant trials", [("2", "3+", "4", ">5")[i % 4] for i in range(t.n)])
    t.wide("madrs", {0: "MADRS baseline", 24: "MADRS 24h", 168: "MADRS 7d"})
    return save_csv(t, folder)


def negations(folder: Path) -> Trial:
    """Diagnoses ruled out, families' diagnoses, past diagnoses: named, and not present."""
    t = Trial("negations", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=24, facts=dict(UK))
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    rng = t.rng
    for name in ("Family history of bipolar", "PTSD screen done", "Mother smoked", "Partner employed",
                 "No anxiety disorder (y/n)", "Panic attacks during infusion", "Benzodiazepine-free"):
        t.add(name, [("yes", "no")[int(v)] for v in rng.integers(0, 2, t.n)])
    t.add("BP", [f"{rng.integers(100, 150)}/{rng.integers(60, 95)}" for _ in range(t.n)])
    t.add("SBP max during infusion", [int(v) for v in rng.integers(120, 180, t.n)])
    for key in ("any_anxiety", "benzodiazepine", "systolic_bp", "diastolic_bp"):  # could be derived with thought
        t.know(key, np.array([UNJUDGED if key in ("systolic_bp", "diastolic_bp") else np.nan] * t.n, dtype=object))
    t.wide("madrs", {0: "MADRS baseline", 24: "MADRS 24h", 168: "MADRS 7d"})
    return save_csv(t, folder)


def imputed(folder: Path) -> Trial:
    """Scores carried forward, self-rated, reversed and by a second rater beside those observed."""
    t = Trial("imputed", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=24, facts=dict(UK), missed=0.15)
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    for name, hour in (("baseline", 0), ("24h", 24), ("7d", 168)):
        true = t.cells("madrs", hour)
        t.add(f"MADRS {name} LOCF", [v if v != "" else 30 for v in true])
        t.add(f"MADRS-S {name}", [v // 2 + 1 if v != "" else "" for v in true])
        t.add(f"MADRS {name} (rater 2)", [v + 1 if v != "" else "" for v in true])
        t.add(f"MADRS {name}", true)
    t.may_ask |= set(SCORES)
    return save_csv(t, folder)


def minus_days(folder: Path) -> Trial:
    """D-1, D0 pre, D+1, D+7: a dash that is a minus, a plus that is a plus."""
    t = Trial("minus_days", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=24, hours=(-24, 0, 24, 72, 168),
              facts=dict(UK))
    t.scores["madrs"][[3, 6], 1] = np.nan
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.long("Visit", {-24: "D-1", 0: "D0 pre", 24: "D+1", 72: "D+3", 168: "D+7"}, {"MADRS": "madrs"})
    return save_csv(t, folder)


def weeks(folder: Path) -> Trial:
    """Weeks as numbers, the header says so; week 0 is the baseline, and no visit is within three days."""
    t = Trial("weeks", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=24, hours=(0, 168, 336, 672), facts=dict(UK))
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.long("Week", {0: 0, 168: 1, 336: 2, 672: 4}, {"MADRS": "madrs"})
    return save_csv(t, folder)


def twice_visited(folder: Path) -> Trial:
    """Two scores of one visit that differ: neither may be taken in silence."""
    t = Trial("twice_visited", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=22, facts=dict(UK), missed=0.0)
    t.put_id("ID")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.long("Visit", {0: "Baseline", 24: "24h", 168: "Day 7"}, {"MADRS": "madrs"})
    for column, cells in t.table.items():
        t.table[column] = [*cells, cells[4] if column != "MADRS" else 59, cells[11] if column != "MADRS" else 58]
    t.patients_may_ask |= {t.patient[1], t.patient[3]}
    return save_csv(t, folder)


def mixed_ids(folder: Path) -> Trial:
    """One patient's id in two cases and with blanks around it."""
    t = Trial("mixed_ids", [keta("Ketamine 0.5 mg/kg"), placebo("Saline")], n=20, ids="P{:02d}", facts=dict(UK))
    t.put_id("Patient")
    t.put_arm("Group")
    t.put("Age", "age")
    t.put("Sex", "female", SEX)
    t.long("Visit", {0: "Baseline", 24: "24h", 168: "Day 7"}, {"MADRS": "madrs"})
    t.table["Patient"] = [f" {name} " if i % 3 == 1 else name for i, name in enumerate(t.table["Patient"])]
    return save_xlsx(t, folder)


STUDIES = (nameless_periods, site_ids, low_and_high, odd_doses, added_drugs, other_hamiltons, levels, negations, imputed,
           minus_days, weeks, twice_visited, mixed_ids)
