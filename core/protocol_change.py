"""A project's protocol changed: mappings and plan follow it; what persons decided stays where it still has a place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from core.errors import UserError
from core.mapping import Decision, StudyMapping
from core.plan import Board, Outcome, Plan, further_outcomes, protocol_plan
from core.preparation import PROGRAM
from core.progress import Progress, silent
from core.protocol import Protocol
from core.session import Session

Named = TypeVar("Named")


def with_protocol(session: Session, protocol: Protocol, progress: Progress = silent) -> Session:
    """The session under another protocol. Columns are looked at anew; what a person decided is kept.

    Raises UserError where the protocol names a conversion table that the project does not have.
    """
    for conversion in protocol.conversions:
        if conversion.table not in session.conversion_tables:
            raise UserError(f'The conversion table "{conversion.table}" is not in the project.',
                            remedy="Begin a project with that protocol's file and the table beside it.")
    tables = {one.table: session.conversion_tables[one.table] for one in protocol.conversions}
    after = replace(session, protocol=protocol, conversion_tables=tables,
                    chosen_plan=_plan_after(session.chosen_plan, session.protocol, protocol))
    known = list(session.mappings.items())
    for number, (study, mapping) in enumerate(known):
        progress(number / len(known), f"Looking at the columns of {session.registry.by_id[study].name} anew")
        after = after.with_mapping(_mapping_after(after, mapping, session.protocol))
    return after


def _mapping_after(after: Session, mapping: StudyMapping, before: Protocol) -> StudyMapping:
    """A study's rules under the protocol of `after`."""
    protocol = after.protocol
    anew: dict[str, Decision] = {}
    found = mapping
    if after.has_source(mapping.study):
        try:
            suggested = after.suggested(mapping.study)[0]
        except UserError:  # an unreadable file has said so before
            suggested = mapping
        anew = suggested.variables
        if mapping.structure_by == PROGRAM:
            found = suggested
    variables = {}
    for key in protocol.variables_by_key:
        own = mapping.variables.get(key)
        is_kept = own is not None and own.by != PROGRAM and _kind(before, key) == _kind(protocol, key)
        decision = own if is_kept else anew.get(key)
        if decision is not None:
            variables[key] = decision
    return found.model_copy(update={"variables": variables, **_known_structure(found, protocol)})


def _kind(protocol: Protocol, key: str) -> str:
    variable = protocol.variables_by_key.get(key)
    return variable.kind if variable is not None else ""


def _known_structure(mapping: StudyMapping, protocol: Protocol) -> dict[str, Any]:
    """Treatments and scores without those the protocol no longer knows: their texts are asked about again."""
    known = protocol.treatments_by_key
    treatments = tuple(
        source.model_copy(update={
            "values": {text: key for text, key in source.values.items() if key is None or key in known},
            "constant": source.constant if source.constant in known else None})
        for source in mapping.treatments)
    return {"treatments": treatments,
            "scores": tuple(score for score in mapping.scores if score.scale in protocol.scales_by_key)}


def _plan_after(plan: Plan | None, before: Protocol, after: Protocol) -> Plan | None:
    """A person's plan under another protocol: what it has of the old one comes from the new one, the rest is theirs."""
    old, new = protocol_plan(before), protocol_plan(after)
    if plan is None or plan == old:
        return None
    names = {one.name: one for one in new.moderators}
    moderators = tuple(one.model_copy(update={"kind": names[one.name].kind, "level": names[one.name].level})
                       for one in _followed(plan.moderators, old.moderators, new.moderators) if one.name in names)
    offered = {one.name for one in further_outcomes(after)}
    sets = tuple(one.model_copy(update={"moderators": tuple(name for name in one.moderators if name in names)})
                 for one in _followed(plan.sets, old.sets, new.sets))
    asked = _followed_names(plan.sensitivity.moderators, old.sensitivity.moderators, new.sensitivity.moderators)
    return plan.model_copy(update={
        "moderators": moderators, "sets": sets, "sensitivity": Board(moderators=asked),
        "outcomes": tuple(_of_scores(one, old, new) for one in _followed(plan.outcomes, old.outcomes, new.outcomes)),
        "further_outcomes": tuple(one for one in plan.further_outcomes if one.name in offered),
        "tiers": new.tiers if plan.tiers == old.tiers else plan.tiers}).consistent


def _of_scores(own: Outcome, old: Plan, new: Plan) -> Outcome:
    """A person's outcome of the new protocol's scores, where it was of the old one's."""
    was, now = (next((one for one in plan.outcomes if one.name == own.name), None) for plan in (old, new))
    if was is None or now is None or (own.baseline, own.followup) != (was.baseline, was.followup):
        return own
    return own.model_copy(update={"baseline": now.baseline, "followup": now.followup})


def _followed(own: tuple[Named, ...], old: tuple[Named, ...], new: tuple[Named, ...]) -> tuple[Named, ...]:
    """Named things of a plan: those that stand as the old protocol had them follow the new one, those it adds come in,
    those it has no longer go; what a person added, changed or took out stays so.
    """
    mine, was, now = ({one.name: one for one in part} for part in (own, old, new))  # type: ignore[attr-defined]
    kept = [now.get(name) if one == was.get(name) else one for name, one in mine.items()
            if name in now or name not in was]
    return (*(one for one in kept if one is not None),
            *(one for name, one in now.items() if name not in was and name not in mine))


def _followed_names(own: tuple[str, ...], old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    kept = [name for name in own if name in new or name not in old]
    return (*kept, *(name for name in new if name not in old and name not in own))
