"""An invented pool in which treatment works far better for some patients, so that a combined moderator holds up where it
was held out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.cohort import Cohort, build_cohort
from core.combined_results import CombinedEffect
from core.moderators.combined import combined_effects
from core.plan import Bootstrap, Combined, Moderator, Outcome, Plan, PlanSet

N, K = 240, 6
MEMBERS = ("age", "female", "crp", "diagnosis", "referred")


def strong_table() -> pd.DataFrame:
    draw = np.random.default_rng(7)
    study, arm = np.sort(draw.integers(0, K, N)), draw.integers(0, 2, N)
    age, female = draw.normal(45, 10, N).round(), draw.integers(0, 2, N).astype(float)
    crp, diagnosis = np.exp(draw.normal(1, 0.8, N)).round(2), np.array(["a", "b", "c"])[draw.integers(0, 3, N)]
    referred = (study > 2).astype(float)
    gain = (age - 45) / 10 - 1.5 * female + (np.log(crp) - 1) + 1.5 * (diagnosis == "b") + referred
    y = 20 + 8 * arm + 3 * draw.normal(size=K)[study] + 12 * (arm - 0.5) * gain + 6 * draw.normal(size=N)
    return pd.DataFrame({
        "study": [f"s{code}" for code in study], "patient": [f"p{one:03}" for one in range(N)], "arm": arm,
        "y": y.round(2), "age": np.where(np.arange(N) % 20 == 0, np.nan, age), "female": female, "crp": crp,
        "diagnosis": diagnosis, "referred": referred})


def strong_plan() -> Plan:
    return Plan(schema=1, outcomes=(Outcome(name="o", value="y"),), bootstrap=Bootstrap(replicates=0),
                moderators=(Moderator(name="age"), Moderator(name="female", kind="binary"),
                            Moderator(name="crp", transform="log"), Moderator(name="diagnosis", kind="categorical"),
                            Moderator(name="referred", kind="binary", level="study")),
                combined=Combined(folds=3, permutations=39), sets=(PlanSet(name="s", moderators=MEMBERS),))


def strong_pool() -> tuple[Cohort, Plan, CombinedEffect]:
    """Patients, plan and the record of the set with all members."""
    plan: Any = strong_plan()
    cohort = build_cohort(strong_table(), plan)
    return cohort, plan, combined_effects(cohort, plan)[0]
