"""Invented studies and results for the tests of figures and report: any number of studies, names of any length."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.agreement import agreement
from core.analysis import Pooled
from core.cohort import Cohort, build_cohort
from core.combined_results import CombinedEffect, CombinedWeight, Fifth, HeldOutStudy
from core.errors import Issue, Severity, Where
from core.plan import Columns, Moderator, Outcome, Plan, PlanSet
from core.results import (
    Availability,
    Conversion,
    MainEffect,
    ModeratorEffect,
    Provenance,
    Results,
    Sensitivity,
    StudyEffect,
    TwoStage,
)

LONG = "A randomized trial with an unusually long name, site {} of many"
PATIENT = "PATIENT-{}"

PLAN = Plan(
    schema=1, columns=Columns(), moderators=(Moderator(name="age"), Moderator(name="female", kind="binary")),
    outcomes=(Outcome(name="rapid", baseline="b", followup="f", remission=9),
              Outcome(name="post_rapid", baseline="b", followup="g", remission=9)),
    sets=(PlanSet(name="1", moderators=("age", "female")), PlanSet(name="nothing in it", moderators=("female",)),
          PlanSet(name="3", moderators=("unheard_of",))))


def frame(k: int = 6, per_study: int = 20, name: str = "study_{}", seed: int = 1) -> pd.DataFrame:
    """A pooled table: k studies, an effect of treatment, some missing values."""
    random = np.random.default_rng(seed)
    n = k * per_study
    arm = np.tile([1.0, 0.0], n)[:n]
    b = random.integers(22, 45, n).astype(float)
    f = np.clip(np.round(b * np.clip(random.normal(0.75 - 0.2 * arm, 0.3), 0, 1.4)), 0, 60)
    g = np.clip(np.round(b * np.clip(random.normal(0.80 - 0.15 * arm, 0.3), 0, 1.4)), 0, 60)
    g[random.random(n) < 0.1] = np.nan
    age = random.integers(18, 80, n).astype(float)
    age[:per_study] = np.nan
    return pd.DataFrame({"study": np.repeat([name.format(i) for i in range(1, k + 1)], per_study),
                         "patient": [PATIENT.format(i) for i in range(n)], "arm": arm, "b": b, "f": f, "g": g,
                         "age": age, "female": (random.random(n) < 0.5).astype(float)})


def main_effects() -> tuple[MainEffect, ...]:
    """All measures at two timepoints; a boundary fit, one without estimate, a disjoint number needed."""
    effects: list[MainEffect] = []
    for outcome, n in (("rapid", 120), ("post_rapid", 108)):
        size = {"n": n, "k": 6, "n_active": n // 2, "n_control": n // 2, "level": 0.95}
        for scale, unit in (("standardized", 1.0), ("raw", 32.0)):
            for model, wide in (("published", 1.0), ("recommended", 1.4)):
                effects.append(MainEffect(
                    outcome, "percent_improvement", scale, model, estimate=0.58 * unit, se=0.07 * unit * wide, df=100,  # type: ignore[arg-type]
                    ci_low=(0.58 - 0.14 * wide) * unit, ci_high=(0.58 + 0.14 * wide) * unit, p=0.0004, tau2=0.0,
                    sigma2=1.0, boundary="tau2" if model == "published" else "", engines_agree=True, **size))  # type: ignore[arg-type]
        effects.append(MainEffect(
            outcome, "response", "odds_ratio", "published", estimate=3.03, se=0.18, ci_low=2.14, ci_high=4.33, p=1e-9,
            tau2=0.1, marginal_or=2.75, risk_active=0.46, risk_control=0.24, ard=0.22, ard_low=0.167, ard_high=0.294,
            nnt=4.5, nnt_low=3.4, nnt_high=6.0, **size))  # type: ignore[arg-type]
        if outcome == "rapid":
            effects.append(MainEffect(
                outcome, "remission", "odds_ratio", "published", estimate=1.4, se=0.3, ci_low=0.8, ci_high=2.5, p=0.21,
                risk_active=0.2, risk_control=0.15, ard=0.05, ard_low=-0.03, ard_high=0.12, marginal_or=1.4,
                **size))  # type: ignore[arg-type]
        else:
            effects.append(MainEffect(outcome, "remission", "odds_ratio", "published",
                                      note="No patient had the event: not estimable.", **size))  # type: ignore[arg-type]
        effects.append(MainEffect(outcome, "ancova", "raw", "published", estimate=-6.0, se=0.7, df=100, ci_low=-7.3,
                                  ci_high=-4.6, p=0.02, sigma2=80.0, **size))  # type: ignore[arg-type]
    return tuple(effects)


def two_stage(names: tuple[str, ...]) -> TwoStage:
    """Studies with effects around 0.6; the second has an interval far wider than all others, the third no estimate."""
    random = np.random.default_rng(7)
    studies = []
    for index, name in enumerate(names):
        se = 9.0 if index == 1 else 0.2 + 0.1 * float(random.random())
        estimate = None if index == 2 else 0.6 + 0.3 * float(random.normal())
        studies.append(StudyEffect(name, 10, 10, estimate, se if estimate is not None else None,
                                   100 / len(names) if estimate is not None else None,
                                   "No patient in the control arm." if estimate is None else ""))
    return TwoStage("rapid", "percent_improvement", "standardized", tuple(studies), len(names), 0.62, 0.09, 0.43, 0.81,
                    0.45, 0.79, 0.0001, 0.05, 47.0, 29.9, -0.05, 1.29)


def conversion(names: tuple[str, ...]) -> tuple[Conversion, ...]:
    """Two studies whose patients have both scores, at two times."""
    random = np.random.default_rng(4)
    return tuple(agreement(name, time, native, native + random.normal(0.5, 1.5, len(native)))
                 for name in names[:2] for time in ("baseline", "rapid")
                 for native in [random.integers(8, 40, 20).astype(float)])


def sensitivity(names: tuple[str, ...]) -> tuple[Sensitivity, ...]:
    """The main effect, ANCOVA, one variant without estimate, and each study left out."""
    rows = [Sensitivity("rapid", "main", "as analyzed", 120, 6, 0.58, 0.07, 0.44, 0.72, 0.001),
            Sensitivity("rapid", "main", "ANCOVA", 120, 6, -6.0, 0.7, -7.3, -4.6, 0.001, "raw"),
            Sensitivity("rapid", "main", "converted scores excluded", 0, 0, None, None, None, None, None)]
    rows += [Sensitivity("rapid", "main", f"without {name}", 100, 5, 0.5 + 0.01 * i, 0.08, 0.34, 0.7, 0.01)
             for i, name in enumerate(names)]
    return tuple(rows)


def moderators() -> tuple[ModeratorEffect, ...]:
    """One tested in each tier, one a joint test with its contrast, one untested."""
    def row(name: str, kind: str, tier: str, **more: object) -> tuple[ModeratorEffect, ...]:
        return tuple(ModeratorEffect("rapid", name, "patient", kind, tier, model, **more)  # type: ignore[arg-type]
                     for model in ("published", "recommended"))

    tested = {"n": 100, "k": 6, "se": 0.2, "df": 90.0, "ci_low": -0.1, "ci_high": 0.7, "r_low": -0.05, "r_high": 0.3}
    return (*row("female", "binary", "1", beta=0.3, p=0.13, p_adjusted=0.26, family=2, r=0.12, **tested),
            *row("age", "continuous", "2", beta=0.3, p=0.01, q=0.01, family=1, r=0.12, **tested),
            *row("site", "categorical", "1", n=100, k=6, p=0.01, p_adjusted=0.02, family=2, statistic="F(2, 80.1) = 4.90"),
            *row("site:north", "categorical", "1", beta=0.3, p=0.02, r=0.12, **tested),
            *row("unheard_of", "binary", "none", note="Not tested: 0.0 % of the patients have it; Tier 2 begins at 40 %."))


def combined(names: tuple[str, ...], n: int, k: int) -> tuple[CombinedEffect, ...]:
    """A set with a crossing point and one study without r, one that the penalty empties, one that cannot be fitted."""
    null = tuple(float(r) for r in np.clip(np.random.default_rng(3).normal(0.05, 0.06, 99), 0, None))
    weights = (CombinedWeight("age", "patient", 4.2, 0.3, 0.98, 0.4, 8.1),
               CombinedWeight("female", "patient", 0.0, 0.0, 0.4, -2.0, 3.0))
    studies = tuple(HeldOutStudy(name, 10, 10, None if place == 1 else 0.3 - 0.1 * place % 5)
                    for place, name in enumerate(names[1:]))
    fifths = tuple(Fifth(part, 10, 10, 4.0 * part, 3.5 * part + 1.0, 6.0) for part in range(1, 6))
    size = {"n": n, "k": k, "penalty": "elastic_net", "l1_ratio": 0.5, "n_active": n // 2, "n_control": n // 2}
    return (
        CombinedEffect("rapid", "1", lambda_=2.0, r=0.21, r_low=0.08, r_high=0.33, beta=0.4, se=0.1,
                       beta_recommended=0.38, se_recommended=0.12, p_permutation=0.02, r_cv=0.11,
                       r_leave_study_out=0.09, crossing=-1.2, crossing_low=-1.9, crossing_high=None, share_above=0.88,
                       note="The range of the crossing point reaches beyond the data.", r_pearson=0.2, null_high=0.15,
                       above_effect=0.8, above_low=0.5, above_high=1.1, below_effect=-0.1, below_low=-0.9,
                       below_high=0.7, weights=weights, studies=studies, fifths=fifths, null=null, **size),  # type: ignore[arg-type]
        CombinedEffect("rapid", "nothing in it", lambda_=9.0, is_empty=True, p_permutation=1.0, r_cv=0.0,
                       r_leave_study_out=0.0, r_pearson=0.0, null_high=0.1, null=null,
                       note="No usable combination: the chosen penalty leaves no moderator in.",
                       weights=(CombinedWeight("female", "patient", 0.0, 0.0, 0.1, 0.0, 1.0),), **size),  # type: ignore[arg-type]
        CombinedEffect("rapid", "3", note="The set cannot be formed. unheard_of: it is no column of the data."))


def invented(k: int = 6, name: str = "study_{}") -> tuple[Results, Cohort, Pooled]:
    """Results, cohort and pooled table of k invented studies."""
    table = frame(k, name=name)
    cohort = build_cohort(table, PLAN, "invented.csv")
    names = cohort.study_names
    results = Results(
        plan=PLAN, inputs="0" * 64,
        provenance=Provenance("Modscope 0.0", {"python": "3.11", "numpy": "2"}, {"invented.csv": "a" * 64}, 1, "", True),
        flow=cohort.flow,
        availability=(Availability("age", "patient", "continuous", cohort.n - 20, 1 - 20 / cohort.n, k - 1, "2"),
                      Availability("female", "patient", "binary", cohort.n, 1.0, k, "1"),
                      Availability("unheard_of", "patient", "binary", 0, 0.0, 0, "none")),
        main_effects=main_effects(), two_stage=(two_stage(names),), conversion=conversion(names), sensitivity=sensitivity(names),
        moderators=moderators(), combined=combined(names, cohort.n - 20, k - 1),
        issues=(Issue(Severity.WARNING, "no_followup", f"Patient {PATIENT.format(3)} has no score.",
                      Where(file="invented.csv", study=names[0], patient=PATIENT.format(3))),))
    return results, cohort, Pooled(table, "Invented pool", synthetic=True, issues=results.issues)
