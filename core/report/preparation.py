"""How the studies' files became one table, in the report: a paragraph, and a table with a row a study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.labels import Labels
from core.preparation import Preparation
from core.report.blocks import TextTable
from core.wording import count

NOBODY = "nobody yet"


def preparation_sentences(done: Sequence[Preparation]) -> list[str]:
    """The paragraph; none where the data came as one table already."""
    if not done:
        return []
    kinds: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for one in done:
        kinds.update(one.kinds)
        people.update(one.by_people)
    parts = [f"{n:,} {kind}" for kind, n in kinds.most_common()]
    by = [f"{sum(one.by_program for one in done):,} by the program's suggestion",
          *(f"{n:,} by {name}" for name, n in people.most_common())]
    waiting = sum(one.waiting for one in done)
    lacking = sum(one.unavailable for one in done)
    texts = [f"The files of {count(len(done), 'study', 'studies')} were put into one form by recorded rules, a rule a "
             f"variable and study: {'; '.join(parts) or 'none'}. {lacking:,} were recorded as not to be had. The rules "
             f"were settled {', '.join(by)}."]
    if waiting:
        was = "was" if waiting == 1 else "were"
        texts.append(f"{count(waiting, 'suggestion')} still waited for a person and {was} not used.")
    return [" ".join(texts)]


def preparation_table(done: Sequence[Preparation], labels: Labels) -> TextTable:
    """A row a study: variables had from its file, by kind, what it lacks, what is open, and who decided."""
    kinds = list(dict.fromkeys(kind for one in done for kind in one.kinds))
    rows = tuple((labels.study(one.study), f"{one.mapped:,}",
                  "; ".join(f"{one.kinds[kind]} {kind}" for kind in kinds if kind in one.kinds) or "none",
                  f"{one.unavailable:,}", f"{one.waiting:,}", _deciders(one)) for one in done)
    return TextTable("Rules by which each study's variables were had",
                     ("Study", "Had", "How", "Not to be had", "Open", "Decided by"), rows, frozenset({1, 3, 4}))


def _deciders(one: Preparation) -> str:
    program = [f"program {one.by_program}"] if one.by_program else []
    return ", ".join([*program, *(f"{name} {n}" for name, n in one.by_people.items())]) or NOBODY
