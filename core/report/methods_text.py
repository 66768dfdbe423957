"""The Methods section, written from what was really run; marks like [@vickers2001] become numbered citations."""

from __future__ import annotations

from core.cohort import Cohort
from core.labels import Labels, duration, in_sentence
from core.plan import Plan
from core.protocol import Protocol, Timepoint
from core.report.combined_section import combined_methods
from core.results import Results
from core.wording import THIN, count, level, patients_in_studies


def methods_paragraphs(results: Results, cohort: Cohort, protocol: Protocol | None, labels: Labels) -> tuple[str, ...]:
    """Who was analyzed, outcomes, one-stage models, response and remission, two-stage, moderators, combined
    moderators, sensitivity, software.
    """
    plan = results.plan
    paragraphs = [_patients(results, cohort, protocol, labels), _outcomes(cohort, protocol, labels), _linear(results)]
    if any(effect.scale == "odds_ratio" for effect in results.main_effects):
        paragraphs.append(_events(plan))
    if results.two_stage:
        paragraphs.append(_two_stage(results))
    if any(row.p is not None for row in results.moderators):
        paragraphs.append(_moderators(results))
    if any(one.lambda_ is not None for one in results.combined):
        paragraphs.append(combined_methods(results.plan, protocol))
    if results.sensitivity:
        named = [in_sentence(labels.moderator(name)) for name in plan.consistent.sensitivity.moderators]
        also = f", for the main effect and for the interaction with {', '.join(named)}" if named else ""
        paragraphs.append("In sensitivity analyses the published model was fitted again under other choices: "
                          f"leaving out one study at a time, and the variants listed with the results{also}.")
    paragraphs.append(_software(results))
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def _patients(results: Results, cohort: Cohort, protocol: Protocol | None, labels: Labels) -> str:
    n, k = cohort.n, len(set(cohort.study.tolist()))
    text = f"Individual data of {patients_in_studies(n, k)} were pooled.{_selection(results.plan)}"
    if protocol is None:
        return (f"{text} Patients with an arm and at least one usable outcome were analyzed; each analysis used those "
                "with complete data for it.")
    cited = " [@protocol]" if protocol.citation else ""
    treatments = "; ".join(protocol.treatments_by_key[key].label.lower() for key in protocol.control.treatments)
    dose = ""
    if protocol.active.dose_minimum is not None:
        dose = f" at {protocol.active.dose_minimum:g}{THIN}{protocol.dose.unit} or more"
    arms = f"{in_sentence(labels.active)}{dose}, and {in_sentence(labels.control)} ({treatments}) as one group"
    return (f"{text} The protocol \N{LEFT DOUBLE QUOTATION MARK}{protocol.title}\N{RIGHT DOUBLE QUOTATION MARK}{cited} "
            f"defined the arms: {arms}. Only the first treatment a patient received was used. Patients with an "
            "eligible arm and at least one usable outcome form the primary set; each analysis used the patients with "
            "complete data for it.")


def _selection(plan: Plan) -> str:
    """Which rows the plan keeps, empty if all."""
    rules = []
    for rule in plan.include:
        given = rule.model_dump(mode="json", by_alias=True, exclude_none=True)
        said = {"equals": "is", "in": "is one of", "min": "is at least", "max": "is at most"}
        limits = [f"{words} {_listed(given[key])}" for key, words in said.items() if key in given]
        rules.append(f"{rule.column} {' and '.join(limits)}")
    return f" Only rows in which {' and '.join(rules)} were kept." if rules else ""


def _listed(value: object) -> str:
    values = value if isinstance(value, list | tuple) else (value,)
    return ", ".join(f"{item:g}" if isinstance(item, int | float) else str(item) for item in values)


def _outcomes(cohort: Cohort, protocol: Protocol | None, labels: Labels) -> str:
    sentences = []
    if protocol is not None:
        windows = [_window(time) for time in protocol.timepoints
                   if time.key in {values.outcome.name for values in cohort.outcomes}]
        if windows:
            sentences.append(f"For each time window the {labels.score} score nearest its target was taken: "
                             f"{'; '.join(windows)}.")
    if any(values.baseline is not None for values in cohort.outcomes):
        sentences.append("Percent improvement was 100 (baseline \N{MINUS SIGN} follow-up) / baseline; it was "
                         "standardized (z-scores over all patients with the outcome, both arms together), and analyzed "
                         "in raw percentage points as well.")
    sentences += _event_definitions(cohort)
    sentences += _conversion(cohort, protocol)
    if any(values.outcome.value is not None for values in cohort.outcomes):
        names = ", ".join(in_sentence(labels.outcome(values.outcome.name)) for values in cohort.outcomes
                          if values.outcome.value is not None)
        sentences.append(f"Analyzed as given in the data, in raw and standardized units: {names}.")
    return " ".join(sentences)


def _window(time: Timepoint) -> str:
    before = ", before any second treatment" if time.before_second_treatment else ""
    return (f"{in_sentence(time.label)}, {duration(time.target_hours)} in the window from "
            f"{duration(time.from_hours)} to {duration(time.to_hours)}{before}")


def _event_definitions(cohort: Cohort) -> list[str]:
    sentences = []
    responses = {v.outcome.response for v in cohort.outcomes if v.response is not None}
    if responses:
        sentences.append("Response was an improvement of at least "
                         f"{' or '.join(f'{limit:g}{THIN}%' for limit in sorted(filter(None, responses)))}.")
    remissions = {v.outcome.remission for v in cohort.outcomes if v.remission is not None}
    if remissions:
        limits = " or ".join(f"{limit:g}" for limit in sorted(r for r in remissions if r is not None))
        sentences.append(f"Remission was a follow-up score of at most {limits}.")
    return sentences


def _conversion(cohort: Cohort, protocol: Protocol | None) -> list[str]:
    if protocol is None or "score_origin" not in cohort.frame:
        return []
    n = int((cohort.frame["score_origin"] == "converted").sum())
    if not n:
        return []
    routes = ", ".join(f"{protocol.scales_by_key[c.source].label} to {protocol.scales_by_key[c.target].label}"
                       + (f" [@conversion{i}]" if c.citation else "") for i, c in enumerate(protocol.conversions))
    return [f"Scores of {count(n, 'patient')} were converted by a published table ({routes})."]


def _linear(results: Results) -> str:
    plan = results.plan
    df = {"satterthwaite": "Satterthwaite's degrees of freedom [@kuznetsova2017]",
          "kenward_roger": "Kenward and Roger's degrees of freedom [@kenward1997]"}[plan.model.df]
    ci = {"profile": "profile-likelihood intervals", "t": "t intervals"}[plan.model.ci]
    if all(effect.k < 2 for effect in results.main_effects):
        return ("With one study there is nothing to pool: continuous outcomes were analyzed by ordinary least squares "
                f"with {level(0.95)} t intervals.")
    text = ("Continuous outcomes were analyzed in one stage by linear mixed models of treatment with a random "
            "intercept for study (published model), and, recommended, with an independent random slope for treatment "
            "as well, so that the effect may differ between studies [@legha2018]. Models were fitted by restricted "
            f"maximum likelihood, tested with {df}, and given {level(0.95)} {ci}.")
    if any(effect.measure == "ancova" for effect in results.main_effects):
        text += (" Because percent change has low power and is skewed [@vickers2001], the follow-up score adjusted for "
                 "baseline (ANCOVA, one common slope) is shown beside it.")
    return text


def _events(plan: Plan) -> str:
    nodes = plan.model.quadrature
    how = f"adaptive Gauss-Hermite quadrature with {nodes} nodes" if nodes > 1 else "Laplace's approximation"
    drawn = f"{plan.bootstrap.replicates:,} bootstrap samples of patients within study and arm"
    interval = f"its interval comes from {drawn}" if plan.bootstrap.replicates else "no bootstrap was asked for"
    return ("Response and remission were analyzed by logistic mixed models with a random intercept for study, fitted "
            f"by {how} [@pinheiro1995]; odds ratios hold within a study and have profile-likelihood intervals. Risks "
            "were standardized over the analyzed patients, each set to both arms, integrating over studies; their "
            f"difference gives the number needed to treat, and {interval}. Where that interval contains no "
            "difference, the number needed to treat is given as two limits through infinity [@altman1998].")


def _two_stage(results: Results) -> str:
    return ("In two stages, each study's mean difference with Welch's standard error was pooled by random effects. The "
            "variance between studies was estimated by restricted maximum likelihood [@viechtbauer2005], the interval "
            "by the method of Hartung and Knapp [@hartung2001], with the Wald interval beside it; I² [@higgins2002] "
            "and a prediction interval with k \N{MINUS SIGN} 2 degrees of freedom [@higgins2009] show how much studies "
            "differ.")


def _moderators(results: Results) -> str:
    plan, drawn = results.plan, {"patient": "patients within study and arm", "study": "whole studies"}
    one, two = (f"{100 * cut:g}{THIN}%" for cut in (plan.tiers.tier1, plan.tiers.tier2))
    adjusted = {"bonferroni": "Bonferroni's", "holm": "Holm's"}[plan.multiplicity]
    over = "over all timepoints" if plan.family == "all_timepoints" else "at a timepoint"
    text = ("Each moderator was tested by its interaction with treatment in both models; continuous ones were "
            f"z-scored. p of moderators that at least {one} of the patients have (Tier 1) was adjusted by {adjusted} "
            f"method for the number of these {over}; moderators that at least {two} have (Tier 2) are given raw p "
            "and the false discovery rate q [@benjamini1995]. The effect size r is Spearman's correlation, over all "
            "pairs of an active and a control patient, of the difference of their outcomes with the mean of their "
            "moderators [@kraemer2013]")
    if plan.bootstrap.replicates:
        text += (f"; its percentile interval comes from {plan.bootstrap.replicates:,} bootstrap samples of "
                 f"{drawn[plan.bootstrap.unit]}, pairs formed after it")
    text += (". Interactions with patients' characteristics were split into those within and across studies, and each "
             "study's own were pooled [@riley2020].")
    if results.benefits:
        text += (f" The benefit over continuous moderators was also estimated by restricted cubic splines with "
                 f"{plan.splines.knots} knots at the recommended quantiles [@harrell2015].")
    return text


def _software(results: Results) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in results.provenance.libraries.items())
    text = f"Analyses were run with {results.provenance.program} ({libraries}); seed {results.provenance.seed}."
    if any(effect.engines_agree is not None for effect in results.main_effects):
        text += " Each linear model was fitted again by statsmodels [@seabold2010], and the two fits were compared."
    what, others = ("main effects and moderators", "") if results.moderators else ("main effects", "")
    if results.combined:
        what, others = f"{what.replace(' and', ',')} and combined moderators", ", glmnet [@friedman2010]"
    return (f"{text} An R script that repeats {what} with lme4 [@bates2015], lmerTest [@kuznetsova2017]{others} and "
            "metafor [@viechtbauer2010] comes with this report.")
