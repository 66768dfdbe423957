"""Published and R's numbers beside ours: `python3 dev.py bench references`. Needs the shared trial data."""

from __future__ import annotations

from core.models import linear_mixed, logistic_mixed, two_stage
from core.models.streams import stream
from tests.reference_data import codes, facial_feedback, numbers, output, shared_rows


def main() -> None:
    """One line a quantity."""
    print(f"{'source':58} {'quantity':44} {'theirs':>12} {'ours':>12}")
    _facial_feedback()
    _calcium()
    _indomethacin()


def _line(source: str, quantity: str, theirs: float, ours: float | None) -> None:
    print(f"{source:58} {quantity:44} {theirs:12.6g} {ours if ours is None else format(ours, '12.6g')}")


def _facial_feedback() -> None:
    y, treatment, study = facial_feedback()
    stored = output("facial_feedback_17labs")
    differences = [d for d in two_stage.study_differences(y, treatment, study) if d.se is not None]
    pooled = two_stage.pool([d.estimate for d in differences], [d.se for d in differences])  # type: ignore[arg-type]
    source = "Wagenmakers et al. 2016, abstract (rounded)"
    for name, theirs, ours in (("two-stage difference", 0.03, pooled.estimate), ("Wald limit, low", -0.11, pooled.wald_low),
                               ("Wald limit, high", 0.16, pooled.wald_high)):
        _line(source, name, theirs, ours)
    for model in ("published", "recommended"):
        found = linear_mixed.treatment_effect(y, treatment, study, random_slope=model == "recommended")
        for name in ("estimate", "se", "df", "ci_low", "ci_high"):
            _line("the same data, lme4 and lmerTest", f"{model} model, {name}", stored[model][name], getattr(found, name))


def _calcium() -> None:
    rows = shared_rows("pseudoipd_calcium_9trials.csv")
    y, baseline = numbers(rows, "followup"), numbers(rows, "baseline")
    stored = output("calcium_9trials")
    for model in ("published", "recommended"):
        for label, covariate in ((model, None), (f"ancova_{model}", baseline)):
            found = linear_mixed.treatment_effect(y, numbers(rows, "group"), codes(rows, "study"), covariate,
                                                  random_slope=model == "recommended")
            _line("calcium, 9 trials (Papadimitropoulou), lme4", f"{label.replace('_', ' ')}, estimate",
                  stored[label]["estimate"], found.estimate)


def _indomethacin() -> None:
    rows = shared_rows("indo_rct_4sites.csv")
    event = [float(row["outcome"] == "1_yes") for row in rows]
    treatment = [float(row["rx"] == "1_indomethacin") for row in rows]
    stored = output("indomethacin_4sites")
    for key, nodes in (("laplace", 1), ("quadrature15", 15)):
        found = logistic_mixed.treatment_effect(event, treatment, codes(rows, "site"), quadrature=nodes, replicates=0,
                                                stream=lambda replicate: stream(0, replicate))
        _line("Elmunzer et al. 2012 data, glmer", f"log odds ratio, {nodes} node{'s' if nodes > 1 else ''}",
              stored[key]["log_or"], found.log_or)


if __name__ == "__main__":
    main()
