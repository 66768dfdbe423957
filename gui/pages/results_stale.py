"""How results stand, in words: what there is, and what has changed since they were computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.session import Session


WITHOUT_DATA = ("This project came without patients' data: these are the numbers of its last run. Add its files on the "
                "Studies page to draw figures and to run again.")


def in_brief(session: Session) -> str:
    """What was estimated, and how the plan it follows came about."""
    from core.plan_lock import standing_in_brief

    results = session.results
    assert results is not None
    gaps = sum(effect.estimate is None for effect in results.main_effects)
    missing = f" {gaps} of them have no estimate; each says why." if gaps else ""
    tested = len({row.moderator for row in results.moderators if row.p is not None})
    more = f" and {tested} moderators" if tested else ""
    standing = standing_in_brief(session.plan_lock, session.changes_to(results.plan))
    return (f"{len(results.main_effects)} main effects{more} with their figures, and what stands behind each number."
            f"{missing} {standing}").rstrip()


def out_of_date(before: Session | None, now: Session) -> str:
    """Why the results of a session are out of date; `before` is the session they were last seen current in."""
    if now.is_without_data:
        return WITHOUT_DATA
    return f"Out of date: {_sentence(_changes(before, now))} changed since the run. Run again."


def _changes(before: Session | None, now: Session) -> list[str]:
    assert now.results is not None
    found = ["the plan"] if now.results.plan.fingerprint != now.plan.fingerprint else []
    if before is None:
        return found or ["data or mapping"]
    names = {study.study: study.name for study in (*before.registry.studies, *now.registry.studies)}
    mappings = _differing({key: mapping.fingerprint for key, mapping in before.mappings.items()},
                          {key: mapping.fingerprint for key, mapping in now.mappings.items()})
    facts = _differing({study.study: study.fingerprint for study in before.registry.studies},
                       {study.study: study.fingerprint for study in now.registry.studies})
    files = _differing({name: source.sha256 for name, source in before.sources.items()},
                       {name: source.sha256 for name, source in now.sources.items()})
    found += ["the protocol"] if before.protocol.fingerprint != now.protocol.fingerprint else []
    found += [f"the mapping of {_some(names.get(key, key) for key in mappings)}"] if mappings else []
    found += [f"the facts of {_some(names.get(key, key) for key in facts)}"] if facts else []
    found += [f"the file {_some(files)}"] if files else []
    return found or ["data or mapping"]


def _differing(before: dict[str, str], now: dict[str, str]) -> list[str]:
    return [key for key in dict.fromkeys((*before, *now)) if before.get(key) != now.get(key)]


def _some(names: Iterable[str]) -> str:
    kept = list(names)
    return ", ".join(kept) if len(kept) < 4 else f"{', '.join(kept[:3])} and {len(kept) - 3} more"


def _sentence(parts: list[str]) -> str:
    one = ("the plan", "the protocol", "the mapping", "the file")
    has = "has" if len(parts) == 1 and parts[0].startswith(one) else "have"
    return f"{' and '.join(parts)} {has}"
