"""What to call arms, timepoints, studies and variables before a reader: from the protocol, else the keys themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.figure_choices import FigureChoices, StudyOrder
from core.protocol import USEFUL_R, Protocol, Variable

T = TypeVar("T")
PLAIN_TRAITS = ("present", "yes", "required")
REMARK = re.compile(r"(?P<name>.*\S)\s*(?P<remark>\([^()]*\))")


@dataclass(frozen=True)
class Labels:
    """Names for readers. What is not known is called by its key, underscores as blanks."""

    active: str = "Active arm"
    control: str = "Control arm"
    is_drug: bool = False
    """Whether patients are "on" the active treatment, else "in" an arm."""
    score: str = "score"
    outcomes: Mapping[str, str] = field(default_factory=dict)
    delays: Mapping[str, str] = field(default_factory=dict)
    """Outcome -> "24 hours"."""
    scores: Mapping[str, str] = field(default_factory=dict)
    """Outcome -> its score, where that is not `score`."""
    studies: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    """Variable -> "years"."""
    traits: Mapping[str, str] = field(default_factory=dict)
    """Binary variable -> what its 1 means: "female"."""
    useful_r: float = USEFUL_R
    """The effect size from which a moderator is called clinically useful."""
    years: Mapping[str, int] = field(default_factory=dict)
    """Of the studies."""
    order: StudyOrder = "given"
    """In which studies are told."""

    def outcome(self, key: str) -> str:
        """For example "Rapid (24 h)"."""
        return self.outcomes.get(key) or _plain(key)

    def score_of(self, outcome: str) -> str:
        """The score that an outcome is of: "HAM-A"."""
        return self.scores.get(outcome, self.score if outcome in self.outcomes or not self.outcomes else "score")

    def study(self, key: str) -> str:
        """A study's label, else its short id."""
        return self.studies.get(key) or key

    def variable(self, key: str) -> str:
        """A variable's label."""
        return self.variables.get(key) or _plain(key)

    def moderator(self, key: str) -> str:
        """A moderator's label; of a contrast, "name:level", with the level."""
        name, _, level = key.partition(":")
        return f"{self.variable(name)}: {level}" if level else self.variable(name)

    def trait(self, key: str) -> str:
        """A moderator's label with what its 1 means, where the label does not say it: "Sex (female)"."""
        label, word = self.moderator(key), self.traits.get(key, "")
        return label if not word or word.lower() in label.lower() else f"{label} ({word})"

    def sides(self, key: str) -> tuple[str, str]:
        """What to call 0 and 1 of a binary variable: "not female", "female"; "no", "yes"."""
        word = self.traits.get(key)
        return (f"not {word}", word) if word else ("no", "yes")

    def measured(self, key: str) -> str:
        """A variable's label with its unit: "Age (years)"."""
        unit = self.units.get(key)
        return f"{self.variable(key)} ({unit})" if unit else self.variable(key)

    def in_order(self, records: Iterable[T], study: Callable[[T], str], effect: Callable[[T], float | None],
                 size: Callable[[T], int]) -> list[T]:
        """Records of studies in the order chosen; what has no year or effect comes last."""
        kept = list(records)
        if self.order == "given":
            return kept

        def place(one: T) -> tuple[float, str]:
            name = self.study(study(one)).casefold()
            if self.order == "year":
                return self.years.get(study(one), 9999), name
            if self.order == "effect":
                found = effect(one)
                return (float("inf") if found is None else -found), name
            return (-size(one) if self.order == "size" else 0), name

        return sorted(kept, key=place)

    def patients(self, active: bool) -> str:
        """The patients of an arm within a sentence: "patients on ketamine"."""
        arm = in_sentence(self.active if active else self.control)
        if self.is_drug:
            return f"patients on {arm}"
        return f"patients in the {arm}" if arm.endswith("arm") else f"patients in the {arm} arm"


def labels_for(protocol: Protocol | None, studies: Mapping[str, str] | None = None,
               years: Mapping[str, int] | None = None, choices: FigureChoices | None = None) -> Labels:
    """A protocol's labels; without a protocol, the keys themselves. `studies`: id -> label; `years` of studies; names
    and order that a person chose go before all.
    """
    chosen = choices or FigureChoices()
    found = _labels_of(protocol, without_common_remark(studies or {}))
    return replace(found, active=chosen.arms.get("active") or found.active,
                   control=chosen.arms.get("control") or found.control,
                   variables={**found.variables, **chosen.variables}, studies={**found.studies, **chosen.studies},
                   years=years or {}, order=chosen.order)


def _labels_of(protocol: Protocol | None, named: Mapping[str, str]) -> Labels:
    if protocol is None:
        return Labels(studies=named)
    further = [(f"{scale.key}_{time.key}", scale, time) for scale in protocol.further_scales
               for time in protocol.timepoints]
    return Labels(
        active=protocol.active.label,
        control=protocol.control.label,
        is_drug=protocol.active.dose_minimum is not None or protocol.active.dose_maximum is not None,
        score=protocol.scales_by_key[protocol.primary_scale].label,
        outcomes={"baseline": "Baseline", **{time.key: time.label for time in protocol.timepoints},
                  **{key: f"{scale.label}, {in_sentence(time.label)}" for key, scale, time in further}},
        delays={**{time.key: duration(time.target_hours) for time in protocol.timepoints},
                **{key: duration(time.target_hours) for key, _, time in further}},
        scores={key: scale.label for key, scale, _ in further},
        studies=named,
        variables={**score_labels(protocol), **{variable.key: variable.label for variable in protocol.variables}},
        units={variable.key: variable.unit for variable in protocol.variables if variable.unit},
        traits={variable.key: word for variable in protocol.variables if (word := _trait(variable))},
        useful_r=protocol.useful_r,
    )


def _trait(variable: Variable) -> str:
    """What the 1 of a binary variable means ("1 = female"), unless it only says that there is what the label names."""
    word = variable.coding.partition("1 = ")[2].strip() if variable.kind == "binary" else ""
    return "" if word in PLAIN_TRAITS else word


def score_labels(protocol: Protocol) -> dict[str, str]:
    """Labels of the columns of scores by key: "MADRS baseline", "MADRS rapid (24 h)"."""
    times = (("baseline", "baseline"), *((time.key, in_sentence(time.label)) for time in protocol.timepoints))
    return {f"{scale.key}_{key}": f"{scale.label} {words}" for scale in protocol.scales for key, words in times}


def without_common_remark(names: Mapping[str, str]) -> Mapping[str, str]:
    """Names without the remark in parentheses that all of them end with: it tells none from another."""
    remarks = {REMARK.sub(r"\g<remark>", name) if REMARK.fullmatch(name) else "" for name in names.values()}
    if len(names) < 2 or len(remarks) > 1 or "" in remarks:
        return names
    return {key: REMARK.sub(r"\g<name>", name) for key, name in names.items()}


def in_sentence(label: str) -> str:
    """A label inside a sentence: "Ketamine" becomes "ketamine", "CBT" stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def duration(hours: float) -> str:
    """A delay as people say it: "24 hours", "7 days", "12 weeks"."""
    days = hours / 24
    if hours < 48:
        return f"{hours:g} hours"
    if days < 21:
        return f"{days:.3g} days"
    return f"{days / 7:.2g} weeks" if days < 150 else f"{days / 30.4375:.2g} months"


def _plain(key: str) -> str:
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:] if key.islower() else words
