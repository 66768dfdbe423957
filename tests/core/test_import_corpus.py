"""The import corpus, read with no person at hand: what was reached must stay reached."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.bench.import_corpus import STUDIES, write_corpus
from tests.bench.import_corpus.comparison import ASKED, RIGHT, WRONG, Verdict, judge_corpus

READ_WHOLE = ("doses", "doubles", "german", "header_legend", "many_scales", "period_blocks", "period_visits", "repeated",
              "stata_long", "typos", "two_headers", "klinik", "numbered_visits", "one_row_a_visit", "sjukhus",
              "small_letters", "ziekenhuis")
"""Studies in which every cell that a sane reader would know is right."""
LEAST_RIGHT, MOST_WRONG = 0.98, 0.002
"""Shares of all cells: a little below what was measured, and what the program promises. Never to be lowered."""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    return judge_corpus(tmp_path_factory.mktemp("corpus"))[1]


def test_the_floor_holds(verdicts: list[Verdict]) -> None:
    counts = Counter(v.result for v in verdicts)
    judged = counts[RIGHT] + counts[ASKED] + counts[WRONG]
    assert judged > 24_000 and counts[RIGHT] >= LEAST_RIGHT * judged
    assert counts[WRONG] <= MOST_WRONG * judged, Counter((v.study, v.variable) for v in verdicts if v.result == WRONG)


@pytest.mark.parametrize(("batch", "least"), [
    ("unseen", 0.99), ("later", 0.99), ("last", 0.99), ("fresh", 0.97), ("more", 0.99), ("eleventh", 0.98),
    *(pytest.param(batch, 0.98, marks=pytest.mark.slow) for batch in ("sixth", "seventh", "eighth", "ninth", "tenth", "twelfth"))])
def test_what_was_once_unseen_stays_read(batch: str, least: float, tmp_path: Path) -> None:
    counts = Counter(v.result for v in judge_corpus(tmp_path, batch=batch)[1])
    judged = counts[RIGHT] + counts[ASKED] + counts[WRONG]
    assert judged > 3_000 and counts[RIGHT] >= least * judged
    assert counts[WRONG] == 0


@pytest.mark.parametrize("key", ["arm", "dose_mg_kg", "included", "madrs_baseline", "madrs_rapid", "madrs_post_rapid"])
def test_no_arm_and_no_score_is_silently_wrong(verdicts: list[Verdict], key: str) -> None:
    assert [v for v in verdicts if v.variable == key and v.result == WRONG] == []


@pytest.mark.parametrize("study", READ_WHOLE)
def test_whole_without_a_person(verdicts: list[Verdict], study: str) -> None:
    own = [v for v in verdicts if v.study == study]
    assert [v for v in own if v.result in (ASKED, WRONG)] == [] and sum(v.result == RIGHT for v in own) > 200


@pytest.mark.parametrize(("study", "variable"), [("by_days", "arm"), ("letters", "arm"), ("change_only", "madrs_rapid"),
                                                 ("first_day_is_one", "madrs_rapid")])
def test_what_cannot_be_known_is_asked(verdicts: list[Verdict], study: str, variable: str) -> None:
    counts = Counter(v.result for v in verdicts if (v.study, v.variable) == (study, variable))
    assert counts[RIGHT] < sum(counts.values())


def test_the_corpus_is_the_same_each_time(tmp_path: Path) -> None:
    names = ("german", "redcap_raw", "letters")
    written = []
    for run in ("a", "b"):
        (tmp_path / run).mkdir()
        write_corpus(tmp_path / run, names)
        written.append({path.name: path.read_bytes() for path in sorted((tmp_path / run).iterdir())})
    assert written[0] == written[1] and len(written[0]) == 4 and len(STUDIES) >= 60
