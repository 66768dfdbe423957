"""Repeats the numbers of this folder with statsmodels and numpy, and sets theirs beside the program's.

In the folder that holds harmonized.csv, plan.json and tables/:   python reproduce.py
statsmodels has no Satterthwaite or Kenward-Roger degrees of freedom, no profile limits, and no logistic mixed model by
maximum likelihood: p and t intervals are those of its own estimate and error at the program's degrees of freedom, and
the rest is named at the end. `reproduce.R` repeats those too.
"""

import json
import sys
from pathlib import Path

import numpy as np
import scipy
import statsmodels
from reproduce_models import (
    Fit,
    duplicates,
    kept,
    number,
    numbers,
    pair_r,
    pair_weights,
    pool,
    read,
    standardized,
    texts,
)
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests

FOLDER = Path(__file__).resolve().parent
ALLOWED = 1e-4
FEWEST = 10  # patients in each arm that a level needs
WITHOUT = " without study-level"


# --- who is analyzed --------------------------------------------------------------------------------------------------


def primary_of(rows, outcome, is_further=False):
    """The outcome and its baseline, NaN where missing."""
    if outcome.get("value"):
        return numbers(rows, outcome["value"]), None
    baseline, followup = numbers(rows, outcome["baseline"]), numbers(rows, outcome["followup"])
    if is_further:
        return np.where(np.isnan(baseline), np.nan, followup), baseline
    baseline = np.where(baseline > 0, baseline, np.nan)
    return 100 * (baseline - followup) / baseline, baseline


def primary_set(rows, plan):
    columns = plan["columns"]
    arm, study = numbers(rows, columns["arm"]), texts(rows, columns["study"])
    who = kept(rows, plan["include"]) & ~np.isnan(arm) & (study != "")
    who &= ~np.isin(texts(rows, "excluded"), ["other_dose", "other_drug", "later_infusion", "duplicate", "other"])
    who &= ~duplicates(rows, columns["patient"], who)
    found = [primary_of(rows, outcome) for outcome in plan["outcomes"]]
    who &= ~np.logical_and.reduce([np.isnan(y) for y, _ in found])
    return [row for row, own in zip(rows, who, strict=True) if own]


plan = json.loads((FOLDER / "plan.json").read_text(encoding="utf-8"))
protocol = FOLDER / "protocol.json"
variables = {one["key"]: one for one in json.loads(protocol.read_text(encoding="utf-8"))["variables"]} \
    if protocol.is_file() else {}
data = primary_set(read(FOLDER / "harmonized.csv"), plan)
arm, study = numbers(data, plan["columns"]["arm"]), texts(data, plan["columns"]["study"])
tables = {path.stem: read(path) for path in sorted((FOLDER / "tables").glob("*.csv"))}
compared, failed = [], []


# --- side by side -----------------------------------------------------------------------------------------------------


def rows_where(table, **asked):
    return [row for row in tables.get(table, []) if all(row[name] == value for name, value in asked.items())]


def unit_of(name, row, ours):
    """What a difference counts in: standard errors for estimates and their limits, else the number's own size."""
    def of(column):
        return abs(number(row.get(column, "")))

    error = {"beta_raw": "se_raw", "estimate": "se", "beta": "se", "ci_low": "se", "ci_high": "se", "wald_low": "se",
             "wald_high": "se", "prediction_low": "se", "prediction_high": "se", "beta_recommended": "se_recommended",
             }.get(name, name.replace("_beta", "_se") if name.endswith("_beta") else "")
    if name.startswith("two_stage_") and name.endswith(("beta", "low", "high")):
        return max((of("two_stage_high") + of("two_stage_low")) / 4, 1e-8)
    if error and of(error) > 0:
        return of(error)
    if name in ("tau2", "slope_var", "sigma2"):
        total = of("sigma2")
        return (of("se") ** 2 if np.isnan(total) else total) + max(ours, 0)
    least = {"i2": 1, "two_stage_i2": 1, "two_stage_tau2": 1e-2, "r": 1, "r_within": 1, "r_parametric": 1,
             "r_pearson": 1, "weight": row.get("largest", 0), "weight_raw": row.get("largest_raw", 0)}.get(name, 1e-8)
    return max(abs(ours), least)


def compare(table, rows, found, label):
    """Numbers by the names of the table's columns beside those of the one row they are about."""
    if len(rows) != 1:
        raise ValueError(f"not in {table}.csv")
    for name, theirs in found.items():
        ours = number(rows[0].get(name, ""))
        if not np.isnan(ours) and theirs is not None:
            compared.append((table, id(rows[0]), label, name, float(theirs), ours,
                             abs(theirs - ours) / unit_of(name, rows[0], ours)))


def attempt(label, run, *arguments):
    """One analysis; where it fails it is named, and the others go on."""
    try:
        return run(*arguments)
    except (ValueError, np.linalg.LinAlgError, KeyError) as fault:
        failed.append(f"{label}: {fault}")
        return None


def told(fit, term, row, prefix=""):
    """A coefficient with its error, and p and t limits at the degrees of freedom the program has."""
    estimate, se = fit.told(term)
    is_enlarged = plan["model"]["df"] == "kenward_roger" and fit.has_effects  # an error that statsmodels does not have
    if prefix:
        return {f"{prefix}_beta": estimate} | ({} if is_enlarged else {f"{prefix}_se": se})
    if is_enlarged:
        return {"estimate": estimate}
    df = number(row["df"])
    found = {"estimate": estimate, "se": se, "p": 2 * stats.t.sf(abs(estimate / se), df)}
    if plan["model"]["ci"] == "t" or not fit.has_effects:
        reach = stats.t.ppf(0.975, df) * se
        found |= {"ci_low": estimate - reach, "ci_high": estimate + reach}
    return found


# --- two stages -------------------------------------------------------------------------------------------------------


def two_stage(name, measure, scale, y):
    found = {}
    for one in sorted(set(study)):
        a, c = (y[(study == one) & ~np.isnan(y) & (arm == side)] for side in (1, 0))
        if min(len(a), len(c)) > 1 and (se := np.sqrt(a.var(ddof=1) / len(a) + c.var(ddof=1) / len(c))) > 0:
            found[one] = {"estimate": a.mean() - c.mean(), "se": se, "n_active": len(a), "n_control": len(c)}
    label, about = f"{name} {measure} {scale} two-stage", {"outcome": name, "measure": measure, "scale": scale}
    for one, own in found.items():
        named = "pooled (study)" if one == "pooled" else one
        compare("two_stage", rows_where("two_stage", study=named, **about), own, f"{label} {one}")
    if len(found) > 1:
        pooled = pool([own["estimate"] for own in found.values()], [own["se"] for own in found.values()])
        compare("two_stage", rows_where("two_stage", study="pooled", **about), pooled, f"{label} pooled")


# --- main effects -----------------------------------------------------------------------------------------------------


def linear(name, measure, scale, y, baseline=None):
    for model in ("published", "recommended"):
        rows = rows_where("main_effects", outcome=name, measure=measure, scale=scale, model=model)
        if not rows or not rows[0]["estimate"]:
            continue
        used = ~np.isnan(y)
        columns = {"T": arm[used]} | ({} if baseline is None else {"baseline": baseline[used]})
        fit = Fit(y[used], columns, study[used], model == "recommended")
        compare("main_effects", rows, told(fit, "T", rows[0]) | fit.variances() | {"n": used.sum()},
                f"{name} {measure} {scale} {model}")


def main_effects(outcome, is_further):
    name, (y, baseline) = outcome["name"], primary_of(data, outcome, is_further)
    if is_further:
        return linear(name, "value" if baseline is None else "ancova", "raw", y, baseline)
    measure = "value" if baseline is None else "percent_improvement"
    for scale, own in (("standardized", standardized(y)), ("raw", y)):
        linear(name, measure, scale, own)
        two_stage(name, measure, scale, own)
    if baseline is not None:
        linear(name, "ancova", "raw", np.where(np.isnan(y), np.nan, numbers(data, outcome["followup"])), baseline)
    return None


# --- moderators -------------------------------------------------------------------------------------------------------


def terms_of(about):
    """Name -> (values over the primary set, SD, what one of it is as measured)."""
    name = about["name"]
    if about["kind"] == "categorical":
        own = texts(data, name)
        levels = [one for one in sorted(set(own) - {""})
                  if min(((own == one) & (arm == side)).sum() for side in (0, 1)) >= FEWEST]
        reference = max(levels, key=lambda one: (own == one).sum()) if levels else ""
        found = {f"{name}:{one}": np.where(np.isin(own, levels), own == one, np.nan)
                 for one in levels if one != reference}
        return {key: (values, np.nanstd(values, ddof=1), 1.0) for key, values in found.items()}
    values = numbers(data, name)
    if about["kind"] == "binary":
        return {name: (values, np.nanstd(values, ddof=1), 1.0)}
    if about.get("transform") == "log":
        values = np.log(np.where(values > 0, values, np.nan))
    return {name: (standardized(values), 1.0, np.nanstd(values, ddof=1))}


def own_interactions(y, t, m, of):
    found = []
    for one in sorted(set(of)):
        own = of == one
        x = np.column_stack([np.ones(own.sum()), t[own], m[own], t[own] * m[own]])
        if len(x) > 4 and np.linalg.matrix_rank(x) == 4:
            fit = OLS(y[own], x).fit()
            found += [(fit.params[3], fit.bse[3])] if fit.bse[3] > 0 else []
    pooled = pool(*zip(*found, strict=True)) if len(found) > 1 else {}
    return {f"two_stage_{'beta' if key == 'estimate' else key.removeprefix('ci_')}": value
            for key, value in pooled.items() if key not in ("se", "p", "q", "wald_low", "wald_high")}


def beside(y, t, terms, term, of, row):
    """What both models' rows of a moderator have in common."""
    found = {}
    for prefix, own, columns in (("predictor", t >= 0, {"T": t}), ("active", t == 1, {}), ("control", t == 0, {})):
        if row[f"{prefix}_beta"]:
            fit = Fit(y[own], {key: x[own] for key, x in (columns | terms).items()}, of[own], False)
            found |= told(fit, term, row, prefix)
    if row["within_beta"]:
        m = terms[term]
        mean = np.array([m[of == one].mean() for one in of])
        fit = Fit(y, {"T": t, "w": m - mean, "a": mean, "Tw": t * (m - mean), "Ta": t * mean}, of, True)
        apart = np.array([(key == "Tw") - float(key == "Ta") for key in fit.names])
        found |= told(fit, "Tw", row, "within") | told(fit, "Ta", row, "across") | told(fit, apart, row, "difference")
    return found | (own_interactions(y, t, terms[term], of) if row["two_stage_beta"] else {})


def moderator(outcome, about):
    name, raw = outcome["name"], primary_of(data, outcome)[0]
    y, terms = standardized(raw), terms_of(about)
    used = ~np.isnan(y) & ~np.isnan(next(iter(terms.values()))[0]) if terms else np.zeros(len(y), dtype=bool)
    t, of, common = arm[used], study[used], {}
    columns = {key: values[used] for key, (values, _, _) in terms.items()}
    for key, (_, spread, unit) in terms.items():
        for model in ("published", "recommended"):
            rows = rows_where("moderators", outcome=name, moderator=key, model=model) or rows_where(
                "moderators", outcome=name, moderator=f"{key}.0", model=model)  # a level may be written 1 or 1.0
            if not rows or not rows[0]["beta"]:
                continue
            row = rows[0]
            products = {f"T x {other}": t * values for other, values in columns.items()}
            fit = Fit(y[used], {"T": t} | columns | products, of, model == "recommended")
            found = told(fit, f"T x {key}", row)
            beta, b2 = found.pop("estimate"), fit.beta[fit.names.index(key)] * spread
            b3 = beta * spread
            two = np.logical_and.reduce([t >= 0, *(values != 1 for other, values in columns.items() if other != key)])
            if key not in common:
                common[key] = beside(y[used], t, columns, key, of, row) | {
                    "r": pair_r(raw[used][two], columns[key][two], t[two] == 1),
                    "r_within": pair_r(raw[used][two], columns[key][two], t[two] == 1, of[two])}
            compare("moderators", rows, found | common[key] | {
                "n": len(t), "k": len(set(of)), "beta": beta, "beta_raw": beta * np.nanstd(raw, ddof=1) / unit,
                "r_parametric": (b3 / 2) / np.sqrt(fit.sigma2 + (b2 + b3 / 2) ** 2 + b3 ** 2 / 4)},
                f"{name} {key} {model}")


def adjusted():
    """p adjusted within a family, from the program's own p, which this script has compared."""
    tested = [row for row in tables.get("moderators", []) if row["p_adjusted"] or row["q"]]
    families = {}
    for row in tested:
        time = "" if plan["family"] == "all_timepoints" else row["outcome"]
        families.setdefault((time, row["model"], row["tier"]), []).append(row)
    for (_, model, tier), own in families.items():
        method = "fdr_bh" if tier == "2" else plan["multiplicity"]
        for row, value in zip(own, multipletests([number(row["p"]) for row in own], method=method)[1], strict=True):
            compare("moderators", [row], {"q" if tier == "2" else "p_adjusted": value, "family": len(own)},
                    f"{row['outcome']} {row['moderator']} {model} in its family")


# --- combined moderators ----------------------------------------------------------------------------------------------


def members_of(outcome, name):
    asked = {one["name"]: one["moderators"] for one in plan["sets"]}
    of_study = set()
    if name not in asked:
        name = name.removesuffix(WITHOUT)
        of_study = {row["moderator"].split(":")[0]
                    for row in rows_where("combined_weights", outcome=outcome, set=name, level="study")}
    known = {one["name"]: one for one in plan["moderators"]}
    return [known.get(one) or {"name": one, "kind": variables.get(one, {}).get("kind", "continuous")}
            for one in dict.fromkeys(asked[name])
            if one not in of_study and not variables.get(one, {}).get("design_only")]


def combined(row):
    outcome = next(one for one in plan["outcomes"] if one["name"] == row["outcome"])
    raw = primary_of(data, outcome)[0]
    terms = {key: value for about in members_of(row["outcome"], row["set"]) for key, value in terms_of(about).items()}
    used = ~np.isnan(raw) & np.logical_and.reduce([~np.isnan(values) for values, _, _ in terms.values()])
    rows = rows_where("combined_weights", outcome=row["outcome"], set=row["set"])
    names = [one["moderator"] if one["moderator"] in terms else one["moderator"].removesuffix(".0") for one in rows]
    table = np.column_stack([terms[name][0][used] for name in names])
    units = np.array([terms[name][2] for name in names])
    spread, active = table.std(axis=0, ddof=1), arm[used] == 1
    x = (table - table.mean(axis=0)) / spread
    w, r_pearson = pair_weights(x, raw[used], active, row["penalty"], number(row["lambda"]), number(row["l1_ratio"]))
    label = f"{row['outcome']} set {row['set']}"
    for one, name, weight, unit in zip(rows, names, w, spread * units, strict=True):
        one["largest"], one["largest_raw"] = (max(abs(number(other[key])) for other in rows) or 1e-8
                                              for key in ("weight", "weight_raw"))
        compare("combined_weights", [one], {"weight": weight, "weight_raw": weight / unit}, f"{label} {name}")
    found = {"n": used.sum(), "k": len(set(study[used])), "r_pearson": r_pearson}
    if row["r"] and w.any():
        score = x @ w
        score, y, t = (score - score.mean()) / score.std(ddof=1), standardized(raw)[used], arm[used]
        fits = [Fit(y, {"T": t, "m": score, "Tm": t * score}, study[used], slope) for slope in (False, True)]
        own = [fit.told("Tm") for fit in fits]
        found |= {"r": pair_r(raw[used], score, active), "beta": own[0][0], "se": own[0][1],
                  "beta_recommended": own[1][0], "se_recommended": own[1][1]}
    compare("combined", [row], found, label)


# --- what came of it --------------------------------------------------------------------------------------------------


def left_out():
    """What of the tables was not compared, found by looking: columns of numbers, and rows with an estimate."""
    lines = []
    for table, estimate in (("main_effects", "estimate"), ("two_stage", "estimate"), ("moderators", "p"),
                            ("combined", "lambda"), ("combined_weights", "weight")):
        rows, done = tables.get(table, []), {one[3] for one in compared if one[0] == table}
        filled = {name for row in rows for name, cell in row.items()
                  if not isinstance(cell, float) and not np.isnan(number(cell))}
        names = sorted(filled - done - {"set", "study", "outcome", "moderator", "tier", "level", "l1_ratio", "lambda"})
        names = [name for name in names if not name.startswith("published")]
        lines += [f"{table}.csv: {', '.join(names)}"] if names else []
        seen = {one[1] for one in compared if one[0] == table}
        lines += [f"{table}.csv: {', '.join(list(row.values())[:4])}"
                  for row in rows if row[estimate] and id(row) not in seen]
    asked = {one[0] for one in compared}
    return [*lines, *(f"{name}.csv: the whole table" for name, rows in tables.items() if rows and name not in asked),
            *failed]


def say(line):
    sys.stdout.write(f"{line}\n")


def main():
    say(f"{len(data)} patients in {len(set(study))} studies are analyzed")
    for which in ("outcomes", "further_outcomes"):
        for outcome in plan[which]:
            attempt(outcome["name"], main_effects, outcome, which == "further_outcomes")
    for outcome in plan["outcomes"]:
        for about in plan["moderators"]:
            attempt(f"{outcome['name']}, {about['name']}", moderator, outcome, about)
    attempt("adjusted p", adjusted)
    for row in tables.get("combined", []):
        if row["lambda"]:
            attempt(f"{row['outcome']}, set {row['set']}", combined, row)
    for table, _, label, name, theirs, ours, off in compared:
        agrees = "yes" if off <= ALLOWED else "NO"
        say(f"{table:17}{label:70}{name:26}{theirs:16.8g}{ours:16.8g}  {off:.1e}  {agrees}")
    say("\nNot repeated here (bootstrap, permutations and folds are drawn with the program's own random numbers;\n"
        "statsmodels has no Satterthwaite df, profile limits, logistic mixed model, nor joint F test with such df):")
    say("".join(f"  {line}\n" for line in left_out()))
    worst = max(compared, key=lambda one: one[-1])
    differ = sum(not one[-1] <= ALLOWED for one in compared)
    versions = f"statsmodels {statsmodels.__version__}, numpy {np.__version__}, scipy {scipy.__version__}"
    say(f"Reproduced in Python {sys.version.split()[0]} ({versions}): {len(compared)} numbers compared, "
        f"{differ} differ, {len(failed)} analyses failed in Python; "
        f"largest deviation {worst[-1]:.1e} ({worst[2]}, {worst[3]}).")
    return int(differ > 0 or bool(failed))


if __name__ == "__main__":
    sys.exit(main())
