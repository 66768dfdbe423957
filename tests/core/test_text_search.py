"""Codes from free text: phrases, what denies or doubts them, what a list holds; with the words of a protocol."""

from __future__ import annotations

import time

import pytest

from core.mapping import TextPattern, TextSearch, TextWords
from core.protocol_files import load_protocol
from core.text_search import Searcher, check_phrases, items_of, read_phrase, take_apart

KETAMINE = load_protocol("ketamine")


def read(text: str, *any_of: str, **parts: object) -> str | None:
    """What a text becomes by one pattern; "?" for a question."""
    rule = TextSearch(columns=("x",), patterns=(TextPattern(code="1", any_of=any_of),), **{  # type: ignore[arg-type]
        "otherwise": "code", "code": "0", "negations": ("no", "denies", "no history of"),
        "negations_after": ("no", "ruled out"), "doubts": ("possible", "past"), **parts})
    outcome = Searcher(rule, {}).read((text,))
    return "?" if outcome.question else outcome.code


@pytest.mark.parametrize(("text", "phrase", "expected"), [
    ("GAD", "gad", "1"), ("Post-Traumatic  stress", "post traumatic stress", "1"), ("Benzodiazepine", "benzo*", "1"),
    ("benz", "benzo*", "0"), ("x-methylated", "*methyl*", "1"), ("F33.1 MDD", "f33*", "1"), ("F331", "f33.1", "0"),
    ("MDD. episode", "mdd episode", "0"), ("none", "=none", "1"), ("none but one", "=none", "0"),
    ("Störung", "storung", "1"), ("w/o PTSD", "w/o", "1"), ("gadolinium", "gad", "0")])
def test_phrases(text: str, phrase: str, expected: str) -> None:
    assert read(text, phrase) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("no PTSD", "0"), ("denies PTSD", "0"), ("no history of severe PTSD", "0"), ("PTSD: no", "0"), ("PTSD no, MDD", "0"),
    ("PTSD (ruled out)", "0"), ("PTSD no psychosis", "1"), ("no psychosis. PTSD", "1"), ("MDD; PTSD", "1"),
    ("no psychosis, PTSD", "?"), ("no GAD and PTSD", "?"), ("PTSD?", "?"), ("possible PTSD", "?"), ("PTSD (past)", "?"),
    ("past MDD; PTSD", "1"), ("no PTSD; PTSD in the past", "?"), ("no PTSD 2010; PTSD 2015", "1"), ("", None)])
def test_what_is_denied_or_doubted(text: str, expected: str | None) -> None:
    assert read(text, "ptsd") == expected


def test_the_first_pattern_goes_before_the_others_and_none_of_against_it() -> None:
    rule = TextSearch(columns=("x", "y"), patterns=(
        TextPattern(code="a", any_of=("lithium",), none_of=("orotate",)), TextPattern(code="b", any_of=("li*",))))
    search = Searcher(rule, {}).read
    assert search(("Lithium", "")).code == "a" and search(("", "Lithium orotate")).code == "b"
    assert search(("valproate", "")).question


def test_a_text_that_a_person_answered_goes_first() -> None:
    assert read("no PTSD, PTSD", "ptsd", answers={"no PTSD, PTSD": "7", "x": None}) == "7"
    assert read("x", "x", answers={"x": None}) is None


def of_variable(key: str, text: str) -> str | None:
    rule = KETAMINE.variables_by_key[key].from_text[0]
    search = TextSearch(columns=("x",), **{name: getattr(rule, name) for name in TextWords.model_fields})
    outcome = Searcher(search, KETAMINE.word_lists).read((text,))
    return "?" if outcome.question else outcome.code


@pytest.mark.parametrize(("text", "count", "benzodiazepine", "any_medication"), [
    ("none", "0", "0", "0"), ("Sertraline 50 mg/d, lorazepam 1 mg prn", "2", "1", "1"), ("Zoloft; Xanax", "2", "1", "1"),
    ("sertraline + lithium + quetiapine", "3", "0", "1"), ("lisinopril", "0", "0", "0"), ("xyzzy", "?", "?", "?"),
    ("bupropion XL 300mg\nlamotrigine 0,5 mg", "2", "0", "1"), ("sertraline 50 am; sertraline 100 pm", "1", "0", "1"),
    ("sertraline, lorazepam (discontinued)", "?", "?", "1"), ("clonazepam 0.5mg bid and sertraline", "2", "1", "1"),
    ("sertraline/lorazepam", "2", "1", "1"), ("No current medications", "0", "0", "0"), ("2 antidepressants", "?", "?", "1"),
    ("lorazepam PRN (not taken)", "?", "?", "?"), ("lithium 300 mg BID, Lamictal (lamotrigine) 100 mg / day", "2", "0", "1")])
def test_lists_of_drugs(text: str, count: str, benzodiazepine: str, any_medication: str) -> None:
    found = [of_variable(key, text) for key in ("n_medications", "benzodiazepine", "any_medication")]
    assert found == [count, benzodiazepine, any_medication]


@pytest.mark.parametrize(("text", "expected"), [
    ("MDD", "1000"), ("MDD, recurrent, severe; GAD", "1001"), ("Bipolar II, depressed", "0100"),
    ("PTSD; MDD; no psychotic features", "101?"), ("MDD. No history of bipolar disorder", "1000"),
    ("R/O PTSD, MDD", "10??"), ("MDD w/o psychosis, social phobia", "100?"), ("PTSD: no; MDD: yes", "100?"),
    ("MDD, family history of bipolar disorder", "1000"), ("MDD with GAD", "1001"), ("MDD with anxiety", "1???"), ("MDD; OCD", "100?"), ("MDD; hx PTSD", "10??"), ("GAD (past)", "000?")])
def test_diagnoses(text: str, expected: str) -> None:
    assert "".join(str(of_variable(key, text)) for key in ("mdd", "bipolar", "ptsd", "any_anxiety")) == expected


def test_items_of_a_list() -> None:
    assert items_of("a drug 25/50 mg; 2; b, c mg/d") == ["a drug 25 50 mg", "b", "c mg d"]


@pytest.mark.parametrize("phrase", ["", "=", "...", "a*b*c*d*e"])
def test_a_phrase_that_cannot_be_looked_for_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"no word|more than"):
        read_phrase(phrase)


def test_an_unknown_list_is_told() -> None:
    rule = TextSearch(columns=("x",), known=("@nowhere",))
    assert check_phrases(rule, {}) == 'the protocol has no word list "nowhere"'
    assert check_phrases(rule, {"nowhere": ("@nowhere", "a")}) == ""


def test_long_texts_do_not_hang() -> None:
    start = time.perf_counter()
    read("a" * 100_000 + " ab" * 5_000, "*a*b*", "no*")
    assert len(take_apart("x" * 10_000).words[0]) < 100 and time.perf_counter() - start < 1
