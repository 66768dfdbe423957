"""The calculator of a combined moderator in words: the mark over it, what is asked, and the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.combined_results import CombinedEffect
from core.combined_words import RESEARCH, honest, is_offered
from core.labels import Labels, in_sentence
from core.moderators.calculator import Asked, Calculator, Foretold, Lacking, Value
from core.values import Kind, number_format_of, parse_number
from core.wording import MINUS, THIN, count, decimals_for, interval, number, percent

ONLY = "Research use only. Not for decisions about single patients."
MEANS = ("These are means over patients with such an M*; single patients differ far more than the interval says. It "
         "takes the weights as given, found in the very patients the model was fitted to: in others M* will tell less.")
OUT_OF_DATE = "The data or the plan have changed since the run. Run again to try values."


def mark(one: CombinedEffect) -> str:
    """What stands over every answer, two lines."""
    known = honest(one)
    return f"{ONLY}\n{known[:1].upper()}{known[1:]}."


def typed_number(text: str) -> float | str:
    """A number as somebody types it, or why it is none. A point is a decimal point; a comma must be plain."""
    form, why = number_format_of([text] if "," in text else ["0.5"])
    if form is None:
        return f"{why}; write it with a decimal point."
    found = parse_number(text.strip(), form)
    is_plain = found.kind is Kind.NUMBER and not found.unit
    return found.value if is_plain else f'"{text.strip()}" is not a number.'


def range_words(asked: Asked, labels: Labels) -> str:
    """What the patients had, beside a field."""
    if asked.kind != "number":
        return ""
    unit = labels.units.get(asked.name, "")
    return f"{_plain(asked.low)} to {_plain(asked.high)}{f' {unit}' if unit else ''} in the patients"


def options(asked: Asked, labels: Labels) -> tuple[tuple[str, Value], ...]:
    """What can be chosen, with the value it stands for; none for a number."""
    if asked.kind == "yes_no":
        no, yes = labels.sides(asked.name)
        return (no, 0.0), (yes, 1.0)
    return tuple((name, name) for name in asked.levels)


@dataclass(frozen=True)
class Answer:
    """What is said of values: the difference first, then the rest; `warnings` need a mark of their own."""

    first: str
    rest: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything in order."""
        return self.first, *self.warnings, *self.rest


def answer(own: Calculator, values: Mapping[str, Value], unit: str, labels: Labels,
           faults: Mapping[str, str] | None = None) -> Answer:
    """The answer to values, `unit` as a difference in the outcome is counted; `faults`: what was typed and is none."""
    faults = faults or {}
    found = own.foretold({name: value for name, value in values.items() if name not in faults})
    if isinstance(found, Lacking):
        missing = [name for name in found.missing if name not in faults]
        unusable = dict.fromkeys(found.unusable, "it must be above zero.")
        told = tuple(f"{labels.variable(name)}: {why}" for name, why in {**unusable, **faults}.items())
        if not missing:
            return Answer("No answer yet.", warnings=told)
        return Answer(f"No answer yet: M* needs a value of every member. Still missing: {_names(missing, labels)}.",
                      warnings=told)
    digits = 1 if unit.startswith("percentage") else decimals_for((found.active, found.control))
    arms = [in_sentence(name) for name in (labels.active, labels.control)]
    first = (f"Predicted difference, {arms[0]} minus {arms[1]}: {number(found.difference, digits)} "
             f"(95{THIN}% interval {interval(found.low, found.high, digits)[1:-1].replace(', ', ' to ')}) {unit}.")
    where = [labels.patients(active=active).removeprefix("patients ") for active in (True, False)]
    means = (f"Mean outcome at this M*: {number(found.active, digits)} {where[0]}, {number(found.control, digits)} "
             f"{where[1]}.")
    stands = (f"M* = {number(found.score)} SD: higher than in {percent(found.share_below)} of the "
              f"{count(own.n, 'patient')} analyzed.")
    return Answer(first, (means, stands, MEANS), tuple(_beyond(found, own, values, labels)))


def as_text(one: CombinedEffect, own: Calculator, values: Mapping[str, Value], said: Answer, labels: Labels) -> str:
    """Mark, values and answer, to be pasted elsewhere: never the answer without its mark."""
    told = [f"{labels.variable(asked.name)}: {_value(asked, values[asked.name], labels)}"
            for asked in own.asked if asked.name in values]
    return "\n".join((mark(one), f"Combined moderator, set {one.set}, {labels.outcome(one.outcome)}.", *told,
                      *said.lines))


def calculator_sentence(one: CombinedEffect, labels: Labels, in_report: bool = False) -> str:
    """Whether values of single patients can be tried, and where."""
    line = number(labels.useful_r, 1)
    if not is_offered(one, labels):
        return (f"{RESEARCH} No calculator for single patients is offered: that would need a held-out r of {line}, "
                "in studies and in patients left out, beyond chance.")
    if in_report:
        return (f"{RESEARCH} Held-out r reaches the line of {line}. This report holds no calculator for single "
                "patients; for research, values can be tried in Modscope under Results, Combined.")
    return (f"{RESEARCH} Held-out r reaches the line of {line}, so values can be tried, not for decisions about "
            "single patients.")


def _beyond(found: Foretold, own: Calculator, values: Mapping[str, Value], labels: Labels) -> Iterable[str]:
    for asked in own.asked:
        if asked.name in found.outside:
            yield (f"An extrapolation: {labels.variable(asked.name)} {_value(asked, values[asked.name], labels)} lies "
                   f"outside what the patients had, {_plain(asked.low)} to {_plain(asked.high)}.")
    if found.is_beyond:
        low, high = own.reach
        yield (f"An extrapolation: no patient had such an M*; theirs goes from {number(low)} to {number(high)} SD.")


def _value(asked: Asked, value: Value, labels: Labels) -> str:
    said = next((words for words, meant in options(asked, labels) if meant == value), None)
    return said if said is not None else value if isinstance(value, str) else _plain(value)


def _names(names: Iterable[str], labels: Labels) -> str:
    return ", ".join(in_sentence(labels.variable(name)) for name in names)


def _plain(value: float) -> str:
    """A value as measured, with up to six figures."""
    return f"{value:.6g}".replace("-", MINUS)
