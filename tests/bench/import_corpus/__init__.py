"""Ketamine trials invented to be hard to import, with the truth about every cell; synthetic, no patient data.

`write_corpus` makes the files and their registry; `trial` draws patients and knows what is true; `english`, `abroad`,
`irregular`, `traps` and `ordinary` are the studies, a function each; `saving` writes files. `ledger` is a second way to
invent trials, for the batches
`unseen`, `unseen_later`, `unseen_last`, `unseen_fresh`, `unseen_more` and `unseen_sixth` to `unseen_twelfth`
(some with `..._abroad`). Fixed seeds: the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from tests.bench.import_corpus import (
    abroad,
    english,
    irregular,
    ordinary,
    traps,
    unseen,
    unseen_eighth,
    unseen_eighth_abroad,
    unseen_eleventh,
    unseen_fresh,
    unseen_fresh_abroad,
    unseen_last,
    unseen_later,
    unseen_more,
    unseen_more_abroad,
    unseen_ninth,
    unseen_ninth_abroad,
    unseen_seventh,
    unseen_seventh_abroad,
    unseen_sixth,
    unseen_sixth_abroad,
    unseen_tenth,
    unseen_twelfth,
)
from tests.bench.import_corpus.ledger import Ledger
from tests.bench.import_corpus.trial import UNJUDGED, Trial, Truth, write_csv

__all__ = ["BATCHES", "STUDIES", "UNJUDGED", "Truth", "write_corpus"]

STUDIES: dict[str, Callable[[Path], Trial]] = {
    build.__name__: build for build in (
        *english.STUDIES, *abroad.STUDIES, *irregular.STUDIES, *traps.STUDIES, *ordinary.STUDIES)
}
BATCHES: dict[str, dict[str, Callable[[Path], Trial | Ledger]]] = {
    "tuned": dict(STUDIES), "unseen": {build.__name__: build for build in unseen.STUDIES},
    "later": {build.__name__: build for build in unseen_later.STUDIES},
    "last": {build.__name__: build for build in unseen_last.STUDIES},
    "fresh": {build.__name__: build for build in (*unseen_fresh.STUDIES, *unseen_fresh_abroad.STUDIES)},
    "more": {build.__name__: build for build in (*unseen_more.STUDIES, *unseen_more_abroad.STUDIES)},
    "sixth": {build.__name__: build for build in (*unseen_sixth.STUDIES, *unseen_sixth_abroad.STUDIES)},
    "seventh": {build.__name__: build for build in (*unseen_seventh.STUDIES, *unseen_seventh_abroad.STUDIES)},
    "eighth": {build.__name__: build for build in (*unseen_eighth.STUDIES, *unseen_eighth_abroad.STUDIES)},
    "ninth": {build.__name__: build for build in (*unseen_ninth.STUDIES, *unseen_ninth_abroad.STUDIES)},
    "tenth": {build.__name__: build for build in unseen_tenth.STUDIES},
    "eleventh": {build.__name__: build for build in unseen_eleventh.STUDIES},
    "twelfth": {build.__name__: build for build in unseen_twelfth.STUDIES}}
"""Groups of studies that are judged apart: those the reader was tuned to, and those written before it knew them."""
FACTS = ("file", "country", "design", "control", "control_type", "trd_threshold")


def write_corpus(folder: Path, names: Collection[str] = (), batch: str = "tuned") -> dict[str, Truth]:
    """Write the named studies of a batch (default: all) and `studies.csv` into a folder; the truth by study."""
    trials = [build(folder) for name, build in BATCHES[batch].items() if not names or name in names]
    rows = [[trial.study, *(trial.facts.get(fact, "") for fact in FACTS)] for trial in trials]
    write_csv(folder / "studies.csv", [["study", *FACTS], *rows])
    return {trial.study: trial.truth() for trial in trials}
