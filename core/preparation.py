"""How each study's data were made ready, counted for the report: rules by kind, what could not be had, who decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.mapping import Decision, StudyMapping, Unavailable
from core.protocol import Protocol

if TYPE_CHECKING:
    from core.session import Session

KINDS = {"direct": "taken as they stand or with another unit", "recode": "codes given their meaning",
         "product": "computed", "formula": "computed", "elapsed": "computed", "text_search": "told from free text",
         "constant": "the same for all patients"}
"""Kinds of rules as the report calls them; those that read the same are counted together."""
PROGRAM = "suggested"


@dataclass(frozen=True)
class Preparation:
    """One study: variables had from its file by kind of rule, those it does not have, those still open, and by whom."""

    study: str
    kinds: dict[str, int]
    unavailable: int
    waiting: int
    by_program: int
    by_people: dict[str, int]

    @property
    def mapped(self) -> int:
        """Variables that are had from the file."""
        return sum(self.kinds.values())


def preparations(session: Session) -> tuple[Preparation, ...]:
    """Every study that has rules, in the order of the registry."""
    return tuple(_of_study(session.mappings[study.study], session.protocol) for study in session.registry.studies
                 if study.study in session.mappings)


def _of_study(mapping: StudyMapping, protocol: Protocol) -> Preparation:
    wanted = [v.key for v in protocol.variables if v.registry is None and v.same_as is None]
    decisions = [mapping.variables[key] for key in wanted if key in mapping.variables]
    settled = [one for one in decisions if one.is_settled]
    had = [one for one in settled if not isinstance(one.rule, Unavailable)]
    people = Counter(one.by for one in settled if not _is_by_program(one))
    return Preparation(
        mapping.study, dict(Counter(KINDS[one.rule.kind] for one in had)),
        unavailable=len(settled) - len(had), waiting=len(decisions) - len(settled),
        by_program=sum(map(_is_by_program, settled)), by_people=dict(sorted(people.items())))


def _is_by_program(decision: Decision) -> bool:
    return decision.by == PROGRAM
