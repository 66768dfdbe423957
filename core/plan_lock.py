"""The plan, locked when the first run starts, and what was changed since: all that was not specified before.

A lock keeps the plan as it was, with its fingerprint, time and person. Later changes are allowed; each is a
`Difference` between the locked plan and the plan in force, with the reason that was given for it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.documents import Document
from core.labels import Labels
from core.person import person
from core.plan import Moderator, Outcome, Plan, PlanSet

THIN = "\N{NARROW NO-BREAK SPACE}"
SHORT = 12
"""Letters of a fingerprint that are shown to readers."""
NOT_IN, IN = "not in the plan", "in the plan"
ITEMS = {"outcomes": "outcome", "further_outcomes": "further outcome", "moderators": "moderator", "sets": "set"}
"""Lists whose items are known by their names, and what an item is called."""
BOARD = "moderators on the sensitivity board"
WORDS = {
    "columns": "columns", "tiers.tier1": "cut-off of Tier 1", "tiers.tier2": "cut-off of Tier 2",
    "include": "rows kept", "multiplicity": "adjustment for multiplicity", "family": "family of tests",
    "model.random_slope": "lead with the recommended model", "model.df": "degrees of freedom",
    "model.ci": "kind of interval", "model.quadrature": "quadrature nodes",
    "bootstrap.replicates": "bootstrap replicates", "bootstrap.unit": "what the bootstrap resamples",
    "combined.penalty": "penalty of the combined moderator", "combined.l1_ratio": "share of the lasso penalty",
    "combined.folds": "folds of the cross-validation", "combined.permutations": "permutations",
    "combined.flexible": "flexible learner beside M*",
    "sensitivity.moderators": BOARD, "splines.knots": "curve of the benefit",
    "conversion": "conversion of scores", "seed": "random seed", "response": "response, percent improvement",
    "remission": "remission, highest score", "followup": "follow-up", "tier": "tier", "transform": "transformation",
}
"""What a place of the plan is called; one that is not listed is called by its key."""
VALUES = {("tier", "auto"): "by availability", ("tier", "none"): "not tested", ("transform", "none"): "as measured",
          ("transform", "log"): "logarithm"}
ITEM_KEYS = {group: frozenset(model.model_fields) - {"name"} for group, model in
             (("outcomes", Outcome), ("further_outcomes", Outcome), ("moderators", Moderator), ("sets", PlanSet))}
"""Keys of the items of each list, by which a name with a point in it is told from a key."""
COLUMNS = ("study", "patient", "arm", "baseline", "followup", "value", "include", "moderators")
"""Keys whose texts are names of the data's own, told as they stand."""
REASONS = ("tier_reason",)
"""Keys that only say why; they decide no number."""


class PlanNote(Document):
    """Who decided on a place of the plan ("moderators.age.transform"), when and why; `value` is JSON of what."""

    place: str
    value: str
    by: str = ""
    at: str = ""
    why: str = ""


class PlanNotes(Document):
    """The decisions on a plan that are known with time and person, at most one a place and value."""

    notes: tuple[PlanNote, ...] = ()

    def of(self, place: str, value: str) -> PlanNote | None:
        """What is known of a decision."""
        return next((note for note in self.notes if (note.place, note.value) == (place, value)), None)

    def with_notes(self, told: Iterable[PlanNote]) -> PlanNotes:
        """More of them; a later one takes the place of an earlier one."""
        kept = {(note.place, note.value): note for note in (*self.notes, *told)}
        return self.model_copy(update={"notes": tuple(kept.values())})


    def explained(self, changes: Iterable[Difference], why: str) -> PlanNotes:
        """The same with a reason for changes made after the lock; when a change was chosen is kept."""
        told = []
        for change in changes:
            known = self.of(change.place, change.value)
            told.append(known.model_copy(update={"why": why}) if known else
                        PlanNote(place=change.place, value=change.value, by=person(), at=now(), why=why))
        return self.with_notes(told)


class PlanLock(Document):
    """The plan as it was when the first run started."""

    plan: Plan
    plan_fingerprint: str
    """SHA-256 (hex) of the plan, as that version of the program wrote it."""
    at: str
    """UTC, ISO 8601."""
    by: str
    results_seen: bool = False
    """Whether results of an earlier run, before there was a lock, had been seen."""

    @property
    def short(self) -> str:
        """The beginning of the fingerprint."""
        return self.plan_fingerprint[:SHORT]


@dataclass(frozen=True)
class Difference:
    """One place where two plans differ: its name in the plan's file, and what a reader is told."""

    place: str
    what: str
    old: str
    new: str
    value: str
    """JSON of the new value."""
    why: str = ""


def lock(plan: Plan, results_seen: bool = False, by: str | None = None, at: str | None = None) -> PlanLock:
    """Lock a plan here and now."""
    return PlanLock(plan=plan, plan_fingerprint=plan.fingerprint, at=at or now(), by=by or person(),
                    results_seen=results_seen)


def note(place: str, value: object, why: str = "", by: str | None = None, at: str | None = None) -> PlanNote:
    """A decision made here and now."""
    return PlanNote(place=place, value=_json(value), by=by or person(), at=at or now(), why=why)


def now() -> str:
    """This moment, UTC, ISO 8601 to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def moment(at: str) -> str:
    """A moment for readers: "26 November 2026, 00:52 UTC"; what is no moment as it stands."""
    try:
        read = dt.datetime.fromisoformat(at).astimezone(dt.UTC)
    except ValueError:
        return at
    return f"{read.day} {read:%B %Y, %H:%M} UTC"


def differences(locked: Plan, plan: Plan, labels: Labels | None = None,
                notes: PlanNotes | None = None) -> tuple[Difference, ...]:
    """Every place where a plan is not the locked one, in the order of the plan, with the reasons that were given."""
    words, known = labels or Labels(), notes or PlanNotes()
    old, new = (one.model_dump(mode="json", by_alias=True) for one in (locked, plan))
    reasons = {f"moderators.{one.name}.tier": one.tier_reason for one in plan.moderators}
    found = []
    for place, before, after in _places("", old, new):
        value = _json(after)
        told = known.of(place, value)
        why = (told.why if told else "") or reasons.get(place, "")
        found.append(Difference(place, _what(place, words), _words(place, before, words), _words(place, after, words),
                                value, why))
    return tuple(found)


def unexplained(changes: Iterable[Difference]) -> tuple[Difference, ...]:
    """The changes for which nobody has given a reason."""
    return tuple(change for change in changes if not change.why)


def standing_sentence(locked: PlanLock | None, changes: tuple[Difference, ...]) -> str:
    """How a plan stands to its lock, in one sentence or two."""
    if locked is None:
        return "The plan is not locked yet; it is when the first run starts."
    seen = "after results of an earlier run had been seen" if locked.results_seen else "before results were seen"
    text = f"The plan was locked on {moment(locked.at)} by {locked.by}, {seen} (fingerprint {locked.short})."
    if not changes:
        return f"{text} It has not been changed since."
    return f"{text} {len(changes)} {'place has' if len(changes) == 1 else 'places have'} been changed since."


def standing_in_brief(locked: PlanLock | None, changes: tuple[Difference, ...], shown: int = 3) -> str:
    """The same for the head of a page, with the first few places by name; empty where nothing is locked."""
    if locked is None:
        return ""
    text = f"Plan locked on {moment(locked.at)}"
    if not changes:
        return f"{text}, not changed since."
    named = "; ".join(change.what for change in changes[:shown])
    more = f"; and {len(changes) - shown} more" if len(changes) > shown else ""
    return f"{text}. Changed since: {named}{more}."


def change_words(change: Difference) -> str:
    """A change for readers: what it was, what it is, and why."""
    why = change.why.strip().rstrip(".") or "no reason was given"
    return f"{change.what}: {change.old} became {change.new} ({why})"


# --- comparing ------------------------------------------------------------------------------------------------------


_GONE = object()


def _places(place: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Places that differ with both values; an item that is in one plan alone differs as a whole."""
    if old == new:
        return
    if place in ITEMS:
        # a list that is left out where empty is an empty one
        old, new = ({item["name"]: item for item in items} if items is not _GONE else {} for items in (old, new))
        if old == new:
            yield f"{place}.order", list(old), list(new)
            return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield place, old, new
        return
    for key in dict.fromkeys((*old, *new)):
        if key not in REASONS:
            yield from _places(f"{place}.{key}" if place else key, old.get(key, _GONE), new.get(key, _GONE))


def _what(place: str, labels: Labels) -> str:
    group, _, rest = place.partition(".")
    if rest == "order" and group in ITEMS:
        return f"Order of {_plain(group)}"
    if group not in ITEMS:
        words = WORDS.get(place) or WORDS.get(group) or _plain(place.replace(".", ", "))
        return words[:1].upper() + words[1:]
    front, _, last = rest.rpartition(".")
    name, key = (front, last) if front and last in ITEM_KEYS[group] else (rest, "")
    namers = {"outcomes": labels.outcome, "further_outcomes": labels.outcome, "moderators": labels.variable}
    called = namers.get(group, str)(name)
    head = f"{ITEMS[group].capitalize()} {called}"
    return f"{head}: {WORDS.get(key) or _plain(key)}" if key else head


def _words(place: str, value: Any, labels: Labels) -> str:
    """A value for readers."""
    group, _, _ = place.partition(".")
    key = place.rpartition(".")[2]
    if value is _GONE:
        return NOT_IN if group in ITEMS else "not set"
    if isinstance(value, dict):
        return IN if group in ITEMS else _json(value)
    if isinstance(value, list):
        told = [labels.variable(item) if WORDS.get(place) == BOARD else _words(key, item, labels) for item in value]
        return ", ".join(told) or "none"
    if key == "knots":
        return f"{value} knots" if value else "straight line only"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, int | float):
        shown = f"{100 * value if group == 'tiers' else value:.12g}"
        return f"{shown}{THIN}%" if group == "tiers" else f"Tier {shown}" if key == "tier" else shown
    text = str(value)
    return VALUES.get((key, text)) or (text if key in COLUMNS else _plain(text))


def _plain(text: str) -> str:
    return text.replace("_", " ")


def _json(value: object) -> str:
    return "null" if value is _GONE else json.dumps(value, sort_keys=True, ensure_ascii=False)
