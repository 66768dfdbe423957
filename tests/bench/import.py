"""How well study files are read with no person at hand: the import corpus against its truth.

    python3 dev.py bench import                  tables by study and by variable, totals
    python3 dev.py bench import NAME... [-v]     some studies; -v shows wrong cells and open questions
    python3 dev.py bench import --unseen         a batch written before the reader knew its forms; so --later, --last,
                                                 --fresh, --more, --sixth, --seventh, --eighth, --ninth,
                                                 --tenth, --eleventh, --twelfth
"""


from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from core.session import Session
from tests.bench.import_corpus import BATCHES
from tests.bench.import_corpus.comparison import ASKED, FREE, RIGHT, WRONG, Verdict, judge_corpus

GOAL_RIGHT, GOAL_WRONG = 0.95, 0.002
SHOWN = 12
"""Wrong or asked variables shown in detail for a study."""


def main(words: list[str]) -> None:
    """Judge and print."""
    names = [word for word in words if not word.startswith("-")]
    batch = next((word[2:] for word in words if word[2:] in BATCHES), "tuned")
    if unknown := set(names) - set(BATCHES[batch]):
        raise SystemExit(f"No such study: {', '.join(sorted(unknown))}. There are: {', '.join(BATCHES[batch])}.")
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        session, verdicts = judge_corpus(Path(folder), names, batch)
        seconds = time.perf_counter() - start
    if "-v" in words:
        _print_details(session, verdicts)
    _print_table("study", verdicts, [(v.study, v.result) for v in verdicts])
    _print_table("variable", verdicts, [(v.variable, v.result) for v in verdicts])
    _print_totals(verdicts, seconds)


def _print_table(title: str, verdicts: list[Verdict], pairs: Iterable[tuple[str, str]]) -> None:
    counts = Counter(pairs)
    names = dict.fromkeys(name for name, _ in counts)
    print(f"\n{title:24}{'right':>8}{'asked':>8}{'wrong':>8}{'free':>8}   right %")
    order = sorted(names, key=lambda name: (-counts[name, WRONG], -counts[name, ASKED], name))
    for name in order:
        right, asked, wrong, free = (counts[name, result] for result in (RIGHT, ASKED, WRONG, FREE))
        share = 100 * right / max(1, right + asked + wrong)
        print(f"{name:24}{right:8}{asked:8}{wrong:8}{free:8}{share:10.1f}")


def _print_totals(verdicts: list[Verdict], seconds: float) -> None:
    counts = Counter(v.result for v in verdicts)
    judged = counts[RIGHT] + counts[ASKED] + counts[WRONG]
    print(f"\n{judged} cells judged, {counts[FREE]} left empty where that is fine; {seconds:.1f} s")
    for result, goal in ((RIGHT, f"goal >= {GOAL_RIGHT:.0%}"), (ASKED, ""), (WRONG, f"goal <= {GOAL_WRONG:.1%}")):
        print(f"  {result:8}{counts[result]:8}{counts[result] / judged:10.2%}   {goal}")


def _print_details(session: Session, verdicts: list[Verdict]) -> None:
    for study in dict.fromkeys(v.study for v in verdicts):
        print(f"\n== {study}")
        for result in (WRONG, ASKED):
            found = [v for v in verdicts if v.study == study and v.result == result]
            for variable, n in Counter(v.variable for v in found).most_common(SHOWN):
                first = next(v for v in found if v.variable == variable)
                print(f"  {result:6} {n:4} {variable}: e.g. patient {first.patient}: {first.given} for {first.true}")
        if session.has_source(study):
            for issue in session.questions(study):
                print(f"  ? {issue}")


if __name__ == "__main__":
    main(sys.argv[1:])
