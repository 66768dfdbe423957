"""Places of a project by the names people know: what issues speak of, and what the search box finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from core.errors import Where
from core.steps import State, Step, StepState

if TYPE_CHECKING:
    from core.session import Session

TITLES = {step: step.value.capitalize() for step in Step}
"""What the steps are called."""
Place = Step | tuple[Step, Where]


def names_of(session: Session) -> dict[str, str]:
    """What studies, variables, scores and scales are called, by their keys."""
    from core.summaries import label_of

    protocol = session.protocol
    return {**{scale.key: scale.label for scale in protocol.scales},
            **{key: label_of(protocol, key) for key in protocol.score_keys},
            **{variable.key: variable.label for variable in protocol.variables},
            **{study.study: study.name for study in session.registry.studies}}


def stage_of(session: Session, steps: Iterable[StepState]) -> str:
    """How far a project is, in a line: "17 studies, Map is open"."""
    from core.wording import count

    current = next((state for state in steps if state.state in (State.OPEN, State.OUT_OF_DATE)), None)
    stage = "complete" if current is None else f"{TITLES[current.step]} is {current.state.value}"
    return f"{count(len(session.registry.studies), 'study', 'studies')}, {stage}"


def places_of(session: Session, steps: Iterable[Step]) -> Iterator[tuple[str, Place]]:
    """Steps in reach, studies and variables: the words to find each by, and the place."""
    for step in steps:
        yield f"{TITLES[step]}   step", step
    for study in session.registry.studies:
        yield f"{study.name}   study", (Step.STUDIES, Where(study=study.study))
    for variable in session.protocol.variables:
        yield f"{variable.label}   {variable.key}", (Step.MAP, Where(variable=variable.key))
