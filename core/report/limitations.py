"""Limitations that follow from these data: each sentence is there because something in the results says so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.cohort import Cohort
from core.errors import Severity
from core.labels import Labels
from core.report.combined_section import combined_limitations
from core.results import Results
from core.wording import THIN, VARIANCES, count, number, percent

FEW_STUDIES = 10
HIGH_I2 = 50.0


def limitations(results: Results, cohort: Cohort, labels: Labels) -> tuple[str, ...]:
    """One sentence each, the gravest first."""
    return (*_data(results), *_patients(results, cohort, labels), *heterogeneity(results, labels),
            *combined_limitations(results), *_models(results, labels))


def _data(results: Results) -> Iterator[str]:
    if results.provenance.synthetic:
        yield "The data are synthetic: nothing here says anything about real patients."
    questions = sum(issue.severity is Severity.QUESTION for issue in results.issues)
    if questions:
        verb = "is" if questions == 1 else "are"
        yield (f"{count(questions, 'question')} about the meaning of the data {verb} still open; what they concern is "
               "treated as missing.")
    if results.plan.conversion != "none" and results.conversion:
        yield "Some scores were converted from another scale, which adds error; the sensitivity analyses show how much."


def _patients(results: Results, cohort: Cohort, labels: Labels) -> Iterator[str]:
    for values in cohort.outcomes:
        missing = cohort.n - int(values.has.sum())
        if missing:
            yield (f"{labels.outcome(values.outcome.name)}: {count(missing, 'patient')} of {cohort.n:,} "
                   f"({percent(missing / cohort.n)}) have no outcome and are left out (complete cases).")
    k = len(cohort.study_names)
    if k == 1:
        yield "There is one study only: nothing can be said about differences between studies."
    elif k < FEW_STUDIES:
        yield (f"{k} studies are few: variances between studies are estimated poorly, and funnel plots would mean "
               "little.")
    arms = [set(cohort.treatment[cohort.study == code].tolist()) for code in range(k)]
    one_armed = [labels.study(cohort.study_names[code]) for code in np.flatnonzero([len(arm) < 2 for arm in arms])]
    if one_armed:
        yield f"Without patients in both arms a study says nothing by itself about the effect: {', '.join(one_armed)}."
    crossover = results.sensitivity and any("crossover" in row.variant for row in results.sensitivity)
    if crossover:
        yield "Of crossover trials only the first period is used."


def heterogeneity(results: Results, labels: Labels) -> Iterator[str]:
    """A sentence for each outcome whose effects differ much between studies."""
    for analysis in results.two_stage:
        if analysis.scale == "standardized" and analysis.i2 is not None and analysis.i2 >= HIGH_I2:
            text = (f"{labels.outcome(analysis.outcome)}: effects differ between studies "
                    f"(I² {number(analysis.i2, 0)}{THIN}%)")
            if analysis.prediction_low is not None and analysis.prediction_low <= 0 <= (analysis.prediction_high or 0):
                text += "; in a new study the effect may well be absent or reversed (prediction interval)"
            yield f"{text}."


def _models(results: Results, labels: Labels) -> Iterator[str]:
    effects = results.main_effects
    if any(effect.measure == "percent_improvement" for effect in effects):
        yield ("Percent improvement depends on the baseline and is skewed; it is shown as published, with the score "
               "adjusted for baseline beside it.")
    if any(effect.scale == "odds_ratio" for effect in effects):
        yield "Response and remission cut a continuous score in two and lose information."
    names = sorted({name for effect in effects for name in effect.boundary.split()})
    if names:
        what = " and ".join(VARIANCES.get(name, name) for name in names)
        yield f"In some fits {what} is estimated at zero: a valid result, but such estimates are uncertain."
    missing = [effect for effect in effects if effect.estimate is None]
    if missing:
        yield f"{count(len(missing), 'analysis', 'analyses')} gave no estimate; the tables say why."
    disagreeing = sum(effect.engines_agree is False for effect in effects)
    if disagreeing:
        yield f"{count(disagreeing, 'estimate')} could not be confirmed by the second engine and must not be used."
    yield "Nothing here corrects for bias within the trials or for trials whose data were not available."
